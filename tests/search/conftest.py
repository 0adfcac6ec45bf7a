from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real logs, which stands beside the repository and is no part of it."""
    folder = Path(
        os.environ.get("WORKBENCH_DATASETS") or Path(__file__).parents[2].parent / "shared" / "datasets"
    )
    if not folder.is_dir():
        pytest.skip(f"no real logs at {folder}; set WORKBENCH_DATASETS to their folder")
    return folder
