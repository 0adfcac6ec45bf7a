"""What the screens need of a case file, as protocols: screens and their tests never depend on how a case is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workbench.coverage.facts import Stream
from workbench.model.case import CaseInfo, CaseSummary, StoredEvent
from workbench.model.digest import Validation
from workbench.model.gap import Gap
from workbench.model.references import RecordRef
from workbench.model.session import KnownCredential, KnownIdentity, Link, Match, Session, Skew
from workbench.search.query import Query

if TYPE_CHECKING:
    from workbench.casefile.catalogue import CaseListing
    from workbench.casefile.derived.reader import SessionRow
    from workbench.casefile.events.scan import KeyChunk
    from workbench.casefile.reader import RawRecord
    from workbench.casework.gaps import GapDecision, GapWord
    from workbench.casework.identities import Decision, Word
    from workbench.casework.record.look import Journal
    from workbench.tui.checking import Check
    from workbench.tui.reading.changes import ChangesSource


class DerivedSource(Protocol):
    """The sessions, links, identities and credentials of a case, read by the thread of its source."""

    def current(self) -> bool:
        """Whether they were derived from all acknowledged evidence."""
        ...

    def session_rows(self) -> list[SessionRow]:
        """Return all sessions as lists show them, the earliest first."""
        ...

    def sessions(self, ids: Sequence[str] | None = None) -> Iterable[Session]:
        """Yield the sessions of these ids that exist."""
        ...

    def session_or_none(self, node: str) -> Session | None:
        """Return the session of an id, ``None`` if it is the id of anything else."""
        ...

    def sessions_of(self, events: Iterable[int]) -> dict[int, str]:
        """Return the session of each event that has one."""
        ...

    def edges_into(self, node: str) -> list[tuple[Link, str]]:
        """Return the links that lead to a session or event, each with where it comes from."""
        ...

    def edges_out_of(self, node: str) -> list[tuple[Link, str]]:
        """Return the links that lead from a session or event, each with where it goes."""
        ...

    def links_of_event(self, event: int) -> list[Link]:
        """Return the links that cite an event or end in it."""
        ...

    def forwarded(self, *, session: str | None = None, events: Sequence[int] | None = None) -> Iterable[Link]:
        """Yield the links of calls that services made for a session."""
        ...

    def refs(self, events: Iterable[int]) -> dict[int, RecordRef]:
        """Return the references of events, by row number."""
        ...

    def identities(self) -> list[KnownIdentity]:
        """Return all identities, those with most events first."""
        ...

    def matches(self) -> list[Match]:
        """Return which identities may be one, the likeliest first."""
        ...

    def credentials(self) -> Iterable[KnownCredential]:
        """Yield all credentials, those with most events first."""
        ...

    def skews(self) -> list[Skew]:
        """Return what logs say of each other's clocks."""
        ...


class CoverageSource(Protocol):
    """What each part of each log holds, and what the evidence cannot show, read by the thread of its source."""

    def streams(self) -> list[Stream]:
        """Return every part of every log."""
        ...

    def gaps(self) -> list[Gap]:
        """Return all gaps, the surest first."""
        ...

    def validation(self) -> Validation:
        """Return what the digest files on hand prove."""
        ...


class CaseSource(Protocol):
    """One read-only connection to a case file, used by one thread; only ``interrupt`` may be called from others."""

    @property
    def derived(self) -> DerivedSource:
        """What its events add up to."""
        ...

    @property
    def coverage(self) -> CoverageSource:
        """What its evidence covers."""
        ...

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

    def check(self, path: Path) -> Check:
        """Return a check of the pages and the record of a case file, not yet begun."""
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

    def changes(self, source: CaseSource) -> ChangesSource:
        """Return the changes of a case; called in the thread of the source."""
        ...

    def decisions(self, source: CaseSource) -> Sequence[Decision]:
        """Return what responders decided about identities, oldest first; called in the thread of the source."""
        ...

    def journal(self, source: CaseSource) -> Journal:
        """Return the journal, checked as far as the file alone allows; called in the thread of the source."""
        ...

    def decide(
        self, path: Path, *, examiner: str, one: str, other: str, decision: Word, reason: str
    ) -> Decision:
        """Journal that two identities are one, or are to be kept apart. Raises ``WorkbenchError``."""
        ...

    def gap_decisions(self, source: CaseSource) -> Sequence[GapDecision]:
        """Return what responders said of gaps, oldest first; called in the thread of the source."""
        ...

    def decide_gap(self, path: Path, *, examiner: str, gap: str, word: GapWord, reason: str) -> GapDecision:
        """Journal what somebody says of a gap. Raises ``WorkbenchError``."""
        ...
