"""The case files of a folder, each with what a person needs to choose one, or why it cannot be opened."""

from __future__ import annotations

from pathlib import Path

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.errors import WorkbenchError
from workbench.model.case import CaseSummary

SUFFIX = ".case"
"""Case files are called ``NAME.case``."""


class CaseListing(msgspec.Struct, frozen=True):
    """One case file of a folder.

    Attributes:
        path: Where it is.
        summary: What it holds; ``None`` if it cannot be opened.
        problem: Why it cannot be opened; ``None`` if it can.
    """

    path: Path
    summary: CaseSummary | None
    problem: str | None


def cases_in(folder: Path) -> list[CaseListing]:
    """List the case files of a folder by name; a folder that does not exist has none."""
    if not folder.is_dir():
        return []
    return [listing(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def listing(path: Path) -> CaseListing:
    """Look at one case file."""
    try:
        with CaseReader.open(path) as reader:
            return CaseListing(path, reader.summary(), None)
    except WorkbenchError as error:
        return CaseListing(path, None, str(error))
