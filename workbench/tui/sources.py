"""What the screens need of a case file, as protocols: screens and their tests never depend on how a case is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workbench.model.case import CaseInfo, CaseSummary, StoredEvent
from workbench.model.references import RecordRef
from workbench.search.query import Query

if TYPE_CHECKING:
    from workbench.casefile.catalogue import CaseListing
    from workbench.casefile.reader import RawRecord
    from workbench.casefile.scan import KeyChunk


class CaseSource(Protocol):
    """One read-only connection to a case file, used by one thread; only ``interrupt`` may be called from others."""

    def info(self) -> CaseInfo:
        """Return what identifies the case."""
        ...

    def summary(self) -> CaseSummary:
        """Return the sums over all evidence."""
        ...

    def scan(self, query: Query | None = None, *, first: int = 200) -> Iterator[KeyChunk]:
        """Yield ids and times of the events that match, in timeline order."""
        ...

    def events(self, ids: Sequence[int]) -> Sequence[StoredEvent]:
        """Return full events in the given order."""
        ...

    def record(self, reference: RecordRef) -> RawRecord:
        """Return the record of an event, with secrets masked."""
        ...

    def data_version(self) -> int:
        """Return a number that changes when another process has committed."""
        ...

    def interrupt(self) -> None:
        """Stop the read that is running."""
        ...

    def close(self) -> None:
        """Give the connection up."""
        ...


class Cases(Protocol):
    """What screens ask of the rest of the program. The real one is ``app.StoredCases``; tests bring their own."""

    def open(self, path: Path) -> CaseSource:
        """Open a case for reading. Raises ``CaseFileError``."""
        ...

    def listed(self, folder: Path) -> Sequence[CaseListing]:
        """Return the cases of a folder, with an error line for those that cannot be opened."""
        ...

    def create(self, path: Path, *, title: str, examiner: str) -> CaseInfo:
        """Make a new, empty case file. Raises ``CaseFileError``."""
        ...

    def reveal(self, path: Path, ref: RecordRef, examiner: str) -> bytes:
        """Journal that ``examiner`` asked for it and return the record with its secrets."""
        ...
