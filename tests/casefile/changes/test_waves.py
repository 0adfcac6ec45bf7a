"""What memory shall not hold is written before it is chained; that changes nothing in what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.casework.test_changes import ROOT, made, told
from workbench.casefile.changes import writer as change_writer
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive

SAMPLES = ROOT / "sample_logs"


def limit(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(change_writer, "_HELD", held)
    monkeypatch.setattr(change_writer, "_WRITTEN", 3)
    monkeypatch.setattr(change_writer, "_CHAINED", 5)
    monkeypatch.setattr(change_writer, "_READ", 4)


@pytest.mark.parametrize("held", [1, 7, 60])
@pytest.mark.parametrize("incident", ["quillbank", "tallowmere"])
def test_what_was_set_aside_gives_what_was_held(
    incident: str, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = made(tmp_path / "held.case", SAMPLES / incident / "evidence")
    whole = told(case)
    assert whole
    limit(monkeypatch, held)
    made_anew = derive(case, actor="Tester", anew=True)
    assert made_anew is not None
    assert made_anew.changed["changes"][:3] == (0, 0, 0)
    assert told(case) == whole


@pytest.mark.parametrize("held", [1, 7])
@pytest.mark.parametrize("later", ["entra", "azure", "m365"])
def test_an_addition_of_which_much_is_set_aside(
    later: str, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = SAMPLES / "quillbank" / "evidence"
    whole = told(made(tmp_path / "whole.case", evidence))
    case = made(tmp_path / "parts.case", *(each for each in evidence.iterdir() if each.name != later))
    before = told(case)
    limit(monkeypatch, held)
    add_evidence(case, [evidence / later], actor="Tester")
    added = derive(case, actor="Tester")
    assert added is not None
    assert told(case) == whole
    # What stood before and is told otherwise now was changed, and nothing that came in this pass.
    changes = added.changed["changes"]
    assert changes.new == whole.total() - before.total()
    assert changes.changed <= before.total()
