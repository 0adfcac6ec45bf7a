"""What records state is the same whether another process looked for it or this one, and whatever becomes of that process."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casework.command import ROOT
from tests.casework.test_changes import made, told
from workbench.casefile.case_writer import write_case
from workbench.casefile.changes.rows import Found
from workbench.casework import looking
from workbench.casework.derive import derive
from workbench.casework.looking import packed, unpacked
from workbench.errors import CancelledError
from workbench.model.change import Operation, ResourceKey, Shape, Statement
from workbench.model.event import OutcomeStatus

TEXT = st.text(max_size=8)
KEYS = st.builds(ResourceKey, TEXT, TEXT, TEXT, TEXT, TEXT)
STATEMENTS = st.builds(
    Statement,
    KEYS,
    TEXT,
    TEXT,
    st.sampled_from(Operation),
    st.sampled_from(Shape),
    st.none() | TEXT,
    st.none() | TEXT,
    st.booleans(),
    st.none() | TEXT,
)
TIMES = st.none() | st.integers(-(2**62), 2**62)


@given(
    st.lists(st.lists(STATEMENTS, min_size=1, max_size=3), min_size=1, max_size=4).flatmap(
        lambda some: st.lists(
            st.builds(
                Found,
                st.integers(1, 2**62),
                st.integers(0, 9),
                TIMES,
                st.booleans(),
                st.sampled_from(OutcomeStatus),
                TEXT,
                st.sampled_from(some),
            )
        )
    )
)
def test_what_was_found_arrives_as_it_was(found: list[Found]) -> None:
    assert unpacked(packed(iter(found))) == found


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(
        tmp_path_factory.mktemp("looking") / "both.case",
        ROOT / "sample_logs" / "tallowmere" / "evidence",
        ROOT / "sample_logs" / "quillbank" / "evidence",
    )


def look(case: Path) -> tuple[list[tuple[int, int]], list[list[Found]]]:
    """Return small stretches, and what this process finds in them."""
    with write_case(case, "Tester") as writer:
        begun = writer.change_pass(anew=True)
        assert begun is not None
        last = begun.stretches[-1][1]
        stretches = [(low, min(low + 19, last)) for low in range(1, last + 1, 20)]
        return stretches, [list(begun._looker.statements(*each)) for each in stretches]


def test_another_process_finds_the_same(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_ALONE", 0)
    stretches, found = look(case)
    assert sum(map(len, found)) > 100
    with looking.looking_ahead(case, stretches) as ahead:
        assert multiprocessing.active_children()
        assert list(ahead) == found
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("kept", [0, 1_000])
def test_what_is_found_waits_to_be_asked_for(case: Path, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_KEPT", kept)
    stretches, found = look(case)
    ours, theirs = Pipe()
    thread = threading.Thread(target=looking._serve, args=(theirs, case, stretches), daemon=True)
    thread.start()
    answers = looking._answers(ours)
    assert [next(answers) for _ in stretches] == found
    thread.join(10)
    assert not thread.is_alive()


def test_deriving_with_another_process_gives_the_same(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(case)
    served: list[int] = []

    def counted(connection: object, inner: object = looking._answers) -> Iterator[list[Found]]:
        for each in inner(connection):  # type: ignore[operator]
            served.append(len(each))
            yield each

    monkeypatch.setattr(looking, "_ALONE", 0)
    monkeypatch.setattr(looking, "_answers", counted)
    made_anew = derive(case, actor="Tester", anew=True)
    assert made_anew is not None
    assert made_anew.changed["changes"][:3] == (0, 0, 0)
    assert sum(served)
    assert told(case) == whole


def test_what_a_dead_process_did_not_find_is_found_here(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = told(case)

    def killed(connection: object, inner: object = looking._answers) -> Iterator[list[Found]]:
        for number, each in enumerate(inner(connection)):  # type: ignore[operator]
            yield each
            if number == 0:
                for process in multiprocessing.active_children():
                    process.kill()
                    process.join()

    from workbench.casefile.changes import looker

    monkeypatch.setattr(looker, "_READ", 20)
    monkeypatch.setattr(looking, "_ALONE", 0)
    monkeypatch.setattr(looking, "_answers", killed)
    made_anew = derive(case, actor="Tester", anew=True)
    assert made_anew is not None
    assert made_anew.changed["changes"][:3] == (0, 0, 0)
    assert told(case) == whole


def test_giving_up_ends_the_process(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_ALONE", 0)
    started: list[bool] = []

    def give_up(_: object) -> None:
        started.append(bool(multiprocessing.active_children()))
        raise CancelledError("enough", "again")

    with pytest.raises(CancelledError):
        derive(case, actor="Tester", anew=True, progress=give_up)
    assert started == [True]
    assert not multiprocessing.active_children()


def test_few_events_are_looked_at_here(case: Path) -> None:
    with looking.looking_ahead(case, [(1, looking._ALONE)]) as ahead:
        assert not multiprocessing.active_children()
        assert list(ahead) == []
