"""What records state is the same whether another process looked for it or this one, and whatever becomes of that process."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casework.command import ROOT
from tests.casework.test_changes import made, told
from workbench.casefile.case_writer import write_case
from workbench.casefile.changes import ahead as looking
from workbench.casefile.changes import looker
from workbench.casefile.changes.ahead import look_ahead, packed, unpacked
from workbench.casefile.changes.rows import Found
from workbench.casefile.derived import writer
from workbench.casefile.second_process import Answer, SecondProcess, second_process
from workbench.casework import derive as deriving
from workbench.casework.derive import derive
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


@pytest.mark.parametrize("answer", [0, 1_000, 1_000_000])
def test_another_process_finds_the_same(case: Path, answer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much one answer holds."""
    stretches, found = look(case)
    assert sum(map(len, found)) > 100
    monkeypatch.setattr(looking, "_ANSWER", answer)
    here = Here(case)
    assert list(look_ahead(here, stretches)) == found  # type: ignore[arg-type]
    assert (here.asked > 1) == (answer < 1_000_000)
    with second_process(case) as second:
        assert list(look_ahead(second, stretches)) == found
    assert not multiprocessing.active_children()


class Here:
    """Does at once, in this process, what a second one is asked; as often as it is told to."""

    def __init__(self, case: Path, often: int = 1_000_000) -> None:
        self._case = case
        self._often = often
        self.asked = 0

    def ask(self, function: Callable[..., bytes], *arguments: object) -> Answer:
        self.asked += 1
        answer = Answer()
        answer.end(function(lambda _: None, self._case, *arguments) if self.asked <= self._often else None)
        return answer


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything counts as much, and is handed over in small answers."""
    monkeypatch.setattr(looker, "_READ", 20)
    monkeypatch.setattr(looking, "_ANSWER", 1_000)
    monkeypatch.setattr(writer, "_LARGE", 1)
    monkeypatch.setattr(deriving, "_PROCESSORS", 2)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("often", [1_000_000, 1, 0])
def test_deriving_with_another_process_gives_the_same(
    case: Path, often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it does all, or ends after its first answer or before."""
    whole = told(case)
    served: list[int] = []

    def counted(_: SecondProcess, stretches: list[tuple[int, int]]) -> Iterator[list[Found]]:
        for each in look_ahead(Here(case, often), stretches):  # type: ignore[arg-type]
            served.append(len(each))
            yield each

    monkeypatch.setattr(deriving, "look_ahead", counted)
    made_anew = derive(case, actor="Tester", anew=True)
    assert made_anew is not None
    assert made_anew.changed["changes"][:3] == (0, 0, 0)
    assert bool(sum(served)) == bool(often)
    assert told(case) == whole


@pytest.mark.usefixtures("small")
def test_giving_up_ends_the_process(case: Path) -> None:
    started: list[bool] = []

    def give_up(_: object) -> None:
        started.append(bool(multiprocessing.active_children()))
        raise CancelledError("enough", "again")

    with pytest.raises(CancelledError):
        derive(case, actor="Tester", anew=True, progress=give_up)
    assert started == [True]
    assert not multiprocessing.active_children()
