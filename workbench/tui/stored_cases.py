"""The real cases behind the screens: case files on disk. Everything heavy is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.model.case import CaseInfo
from workbench.model.references import RecordRef
from workbench.tui.sources import CaseSource

if TYPE_CHECKING:
    from workbench.casefile.catalogue import CaseListing


class StoredCases:
    """Implements ``sources.Cases`` over the case file layer."""

    def open(self, path: Path) -> CaseSource:
        """Open a case file for reading."""
        from workbench.casefile.reader import CaseReader

        return CaseReader.open(path)

    def listed(self, folder: Path) -> Sequence[CaseListing]:
        """Return the case files of a folder."""
        from workbench.casefile.catalogue import cases_in

        return cases_in(folder)

    def create(self, path: Path, *, title: str, examiner: str) -> CaseInfo:
        """Make a new case file."""
        from workbench.casework.new_case import new_case

        return new_case(path, title=title, examiner=examiner)

    def reveal(self, path: Path, ref: RecordRef, examiner: str) -> bytes:
        """Journal the act and return the record with its secrets."""
        from workbench.casework.reveal import reveal

        return reveal(path, ref, examiner)
