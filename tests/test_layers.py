"""The layout is kept by checks that run, not by promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TOP_LEVEL = {"pyproject.toml", "workbench", "cases", "tests", "sample_logs", "README.md", "LICENSE"}


def loaded_by(statement: str) -> set[str]:
    """Run a statement in a fresh interpreter and return the top-level modules it loaded."""
    code = f"import sys\n{statement}\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import workbench.cli",
        "import workbench.casework.add_evidence, workbench.casework.new_case, workbench.casework.reveal",
        "import workbench.casefile.reader",
    ],
)
def test_everything_but_the_screens_works_without_textual(statement):
    """Scripts on machines without a terminal library must run."""
    assert not loaded_by(statement) & {"textual", "rich"}


def test_opening_a_case_does_not_wait_for_the_schema_library():
    """sqlite-utils is for making and upgrading case files; reading one must start fast."""
    assert "sqlite_utils" not in loaded_by("import workbench.casefile.reader, workbench.tui.app")


def test_reading_a_case_does_not_wait_for_the_readers_of_logs():
    """Listing events needs no source reader; their modules took a third of a second."""
    code = "import sys, workbench.cli, workbench.casework.report_text, workbench.casework.as_json, workbench.casefile.reader"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}\nprint(*(name for name in sys.modules if name.startswith('workbench.sources.')))",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.split() == []


def test_the_top_level_of_the_repository_is_fixed():
    """A newcomer finds everything where the design says it is."""
    listed = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split("\n")
    found = {line.split("/")[0] for line in listed if line}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL
