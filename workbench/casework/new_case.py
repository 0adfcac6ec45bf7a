"""Making a case file."""

from __future__ import annotations

from pathlib import Path

from workbench.casefile.case_writer import create_case
from workbench.casefile.catalogue import SUFFIX
from workbench.casefile.reader import CaseReader
from workbench.clock import Clock
from workbench.errors import WorkbenchError
from workbench.model.case import CaseInfo
from workbench.text import printable


def new_case(path: Path, *, title: str, examiner: str, clock: Clock | None = None) -> CaseInfo:
    """Make a case file and write the first entry of its journal.

    Args:
        path: Where; ``.case`` is the usual suffix, and the picker looks for it.
        title: What the responders call the case.
        examiner: Who makes it.
        clock: Where the time of the entry comes from.

    Raises:
        CaseFileError: If the path exists or cannot be written.
        WorkbenchError: If the title or the examiner is empty.
    """
    if not title.strip():
        raise WorkbenchError("the case has no title", "give one with --title")
    if not examiner.strip():
        raise WorkbenchError("the case has no examiner", "give the name with --examiner")
    create_case(path, title=printable(title.strip()), examiner=examiner.strip(), clock=clock)
    with CaseReader.open(path) as reader:
        return reader.info()


def default_path(title: str, folder: Path) -> Path:
    """Return a path for a case of this title that is still free: its letters and digits, ``.case``."""
    stem = (
        "-".join("".join(letter if letter.isalnum() else " " for letter in title.casefold()).split())
        or "case"
    )
    path, number = folder / f"{stem}{SUFFIX}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{SUFFIX}"
    return path
