"""What all tests share: the real data sets where they are at hand, and ways to make cases."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from workbench.casework.new_case import new_case

ROOT = Path(__file__).resolve().parent.parent

# How long one example takes says more about what else the machine does than about the code; benchmarks time things.
# The same commit tries the same examples each time; `--hypothesis-profile search` tries new ones.
settings.register_profile("workbench", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("workbench")


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real logs, which are not part of the repository."""
    folder = Path(os.environ.get("WORKBENCH_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not folder.is_dir():
        pytest.skip("the real data sets are not here (set WORKBENCH_DATASETS)")
    return folder


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A new, empty case file."""
    path = tmp_path / "test.case"
    new_case(path, title="Test", examiner="Tester")
    return path
