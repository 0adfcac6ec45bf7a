"""Very many statements go through memory in waves; that changes nothing in what follows from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.casework.test_changes import ROOT, made, told
from workbench.casefile.changes import writer as change_writer
from workbench.casework.derive import derive


@pytest.mark.parametrize("wave", [1, 7, 60])
def test_waves_give_what_one_pass_gives(wave: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = made(tmp_path / "waves.case", ROOT / "sample_logs" / "quillbank" / "evidence")
    whole = told(case)
    assert whole
    monkeypatch.setattr(change_writer, "_WAVE", wave)
    monkeypatch.setattr(change_writer, "_WRITTEN", 3)
    monkeypatch.setattr(change_writer, "_CHAINED", 2)
    derive(case, actor="Tester", anew=True)
    assert told(case) == whole
