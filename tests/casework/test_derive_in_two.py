"""Deriving with a second process gives what deriving without one gives, to the last row of every table."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from workbench.casefile.coverage import facts as coverage_facts
from workbench.casefile.derived import facts, stretch, writer
from workbench.casefile.second_process import Answer, SecondProcess
from workbench.casework import derive as deriving
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"

Tables = dict[str, list[tuple[Any, ...]]]


def tables(case: Path) -> Tables:
    with sqlite3.connect(f"{case.as_uri()}?mode=ro", uri=True) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in writer._TABLES}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Tables, Tables]:
    """Two cases, of some files and of all with those derived, and what is derived of each without a second process."""
    folder = tmp_path_factory.mktemp("stages")
    files = sorted(path for path in SAMPLES.glob("*/evidence/**/*") if path.is_file())
    some, whole = folder / "some.case", folder / "whole.case"
    new_case(some, title="t", examiner="t")
    # Every other file, so that the rest adds to the same trails at the same times.
    add_evidence(some, files[::2], actor="t")
    shutil.copyfile(some, whole)
    derive(whole, actor="t")
    first = tables(whole)
    add_evidence(whole, files[1::2], actor="t")
    second = folder / "second.case"
    shutil.copyfile(whole, second)
    derive(second, actor="t")
    return some, whole, first, tables(second)


class Used:
    """Counts what came from a second process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stretches = self.notes = 0

        def stretch_of(told: bytes) -> stretch.Stretch:
            self.stretches += 1
            found = stretch.stretch_of(told)
            assert found.events
            return found

        def notes_of(told: bytes) -> Any:
            self.notes += 1
            return notes(told)

        notes = coverage_facts.notes_of
        monkeypatch.setattr(facts, "stretch_of", stretch_of)
        monkeypatch.setattr(coverage_facts, "notes_of", notes_of)
        monkeypatch.setattr(writer, "_LARGE", 1)
        monkeypatch.setattr(facts, "_STARTED_AFTER", 0)
        monkeypatch.setattr(deriving, "_PROCESSORS", 2)


def test_all_is_the_same(
    stages: tuple[Path, Path, Tables, Tables], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, whole, first, second = stages
    used = Used(monkeypatch)
    case = shutil.copyfile(some, tmp_path / "a.case")
    told: list[facts.Progress] = []
    assert derive(case, actor="t", progress=told.append) is not None
    assert (used.stretches, used.notes) == (1, 1)
    assert tables(case) == first
    assert [each.events for each in told] == sorted(each.events for each in told)
    assert told[-1].events == told[-1].total
    case = shutil.copyfile(whole, tmp_path / "b.case")
    derive(case, actor="t")
    assert (used.stretches, used.notes) == (2, 2)
    assert tables(case) == second


def test_so_it_is_where_the_second_process_ends_early(
    stages: tuple[Path, Path, Tables, Tables], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, _, first, _ = stages
    used = Used(monkeypatch)

    def end(self: SecondProcess, *_: object) -> Answer:
        answer = Answer()
        answer.end(None)
        return answer

    monkeypatch.setattr(SecondProcess, "ask", end)
    case = shutil.copyfile(some, tmp_path / "a.case")
    derive(case, actor="t")
    assert (used.stretches, used.notes) == (0, 0)
    assert tables(case) == first
