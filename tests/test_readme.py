"""What the README shows of the code is the code, and what it says to type works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.casework.demo import build_demo
from workbench.cli import main
from workbench.sources.registry import READERS

ROOT = Path(__file__).resolve().parent.parent
DEMO = "cases/demo.case"


def test_the_reader_in_the_readme_is_the_real_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)\n```", readme, re.DOTALL)
    assert shown in (ROOT / "workbench/sources/aws_bedrock.py").read_text(encoding="utf-8")


def test_the_readme_counts_the_sources() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    logs = [reader for reader in READERS if reader.source != "snapshot"]
    assert f"reads {len(logs)} kinds of logs" in readme


def test_what_the_readme_says_of_the_demo_case_works_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command that names the demo case, in their order; what one refers to must be in the case."""
    monkeypatch.setenv("WORKBENCH_EXAMINER", "R. Doe")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases").mkdir()
    build_demo(Path(DEMO))
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = [line for line in readme.splitlines() if line.startswith("workbench ") and DEMO in line]
    assert len(commands) > 12
    for command in commands:
        outcome = CliRunner().invoke(main, shlex.split(command, comments=True)[1:])
        assert outcome.exit_code == 0, (command, outcome.output, outcome.stderr)
        assert "no event" not in outcome.output.lower(), (command, outcome.output)
