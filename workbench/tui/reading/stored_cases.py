"""The real cases behind the screens: case files on disk. Everything heavy is loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.model.case import CaseInfo
from workbench.model.references import RecordRef
from workbench.tui.reading.sources import CaseSource

if TYPE_CHECKING:
    from workbench.casefile.catalogue import CaseListing
    from workbench.casework.gaps import GapDecision, GapWord
    from workbench.casework.identities import Decision, Word
    from workbench.casework.record.look import Journal
    from workbench.tui.checking import Check
    from workbench.tui.reading.changes import ChangesSource


class StoredCases:
    """Implements ``sources.Cases`` over the case file layer."""

    def open(self, path: Path) -> CaseSource:
        """Open a case file for reading."""
        from workbench.casefile.reader import CaseReader

        return CaseReader.open(path)

    def check(self, path: Path) -> Check:
        """Return a check of the pages and the record of a case file."""
        from workbench.tui.checking import QuickCheck

        return QuickCheck(path)

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

    def changes(self, source: CaseSource) -> ChangesSource:
        """Return the changes of a case file."""
        from workbench.casefile.reader import CaseReader
        from workbench.tui.reading.stored_changes import StoredChanges

        if not isinstance(source, CaseReader):
            raise TypeError(source)
        return StoredChanges(source)

    def decisions(self, source: CaseSource) -> Sequence[Decision]:
        """Return what the journal holds of decisions about identities."""
        from workbench.casefile.reader import CaseReader
        from workbench.casework.identities import decisions

        return decisions(source) if isinstance(source, CaseReader) else ()

    def journal(self, source: CaseSource) -> Journal:
        """Read and check the journal."""
        from workbench.casefile.reader import CaseReader
        from workbench.casework.record.look import read_journal

        assert isinstance(source, CaseReader)
        return read_journal(source)

    def decide(
        self, path: Path, *, examiner: str, one: str, other: str, decision: Word, reason: str
    ) -> Decision:
        """Journal a decision about two identities."""
        from workbench.casework.identities import decide

        return decide(path, actor=examiner, one=one, other=other, decision=decision, reason=reason)

    def gap_decisions(self, source: CaseSource) -> Sequence[GapDecision]:
        """Return what the journal holds of words on gaps."""
        from workbench.casefile.reader import CaseReader
        from workbench.casework.gaps import gap_decisions

        return gap_decisions(source) if isinstance(source, CaseReader) else ()

    def decide_gap(self, path: Path, *, examiner: str, gap: str, word: GapWord, reason: str) -> GapDecision:
        """Journal a word on a gap."""
        from workbench.casework.gaps import decide_gap

        return decide_gap(path, actor=examiner, gap=gap, word=word, reason=reason)
