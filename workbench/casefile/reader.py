"""Reading a case file: one connection that cannot write, one thread, short statements."""

from __future__ import annotations

import json
import sqlite3
import types
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from workbench.casefile import summary as summaries
from workbench.casefile.changes.reader import ChangeReader
from workbench.casefile.claims.reader import ClaimReader
from workbench.casefile.connection import open_for_reading, storage_errors
from workbench.casefile.coverage.reader import CoverageReader
from workbench.casefile.derived.check import DerivedRows
from workbench.casefile.derived.reader import DerivedReader
from workbench.casefile.derived.state import DerivedState, read_state
from workbench.casefile.events.filter_sql import FilterCompiler
from workbench.casefile.events.habits import HabitReader
from workbench.casefile.events.named_resources import NamedResources
from workbench.casefile.events.rows import EventRows
from workbench.casefile.events.scan import KeyChunk, Scanner
from workbench.casefile.evidence.check import CheckedEvidence, check_evidence
from workbench.casefile.evidence.content import ContentStore
from workbench.casefile.evidence.recorded import check_recorded
from workbench.casefile.page_check import pages_damaged
from workbench.casefile.record_reader import journal_pages, merged_journals, stored_record
from workbench.errors import UnknownReferenceError
from workbench.evidence.encoding import to_utf8
from workbench.evidence.secrets import mask
from workbench.journal.check import Stored
from workbench.journal.record import Finding, Record
from workbench.model.case import CaseInfo, CaseSummary, StoredEvent
from workbench.model.evidence import EvidenceItem, RejectedRange
from workbench.model.references import EvidenceId, PartialRef, RecordRef
from workbench.search.query import Query
from workbench.search.render import render

if TYPE_CHECKING:
    from workbench.casefile.compare.case import CaseComparison


class RawRecord(msgspec.Struct, frozen=True):
    """The bytes of one record.

    Attributes:
        ref: Its reference.
        data: The bytes as they stand in the evidence.
        encoding: Their character encoding.
        masked: The same as UTF-8 with the values of secrets replaced by a visible mark.
        secrets: How many values were masked.
        evidence: The evidence file it stands in.
    """

    ref: RecordRef
    data: bytes
    encoding: str
    masked: bytes
    secrets: int
    evidence: EvidenceItem


class CaseReader:
    """Reads one case file; make one for each thread with :meth:`open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._contents = ContentStore(connection)
        self._events = EventRows(connection)
        self.derived = DerivedReader(connection)
        """Sessions, links, identities and credentials."""
        self.rows = DerivedRows(connection)
        """What of the derived layer is held against a rebuilt one."""
        self.claims = ClaimReader(connection)
        """Tags, findings, notes and custody."""
        self.habits = HabitReader(connection)
        """What events did, counted."""
        self.changes = ChangeReader(connection)
        """Changes and the resources they are about."""
        self.named = NamedResources(connection)
        """The resources that events name, changed or not."""
        self.coverage = CoverageReader(connection)
        """What each part of each log holds, and what the evidence cannot show."""

    @classmethod
    def open(cls, path: Path, needed: Collection[str] | None = None) -> CaseReader:
        """Open a case file.

        Args:
            path: The case file.
            needed: For the check of an altered file: the tables that will be read; the rest of its schema may be anything.

        Raises:
            CaseFileError: If it is missing, none, newer, or foreign.
        """
        return cls(path, open_for_reading(path, needed))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()

    def interrupt(self) -> None:
        """Stop the statement that is running; may be called from any thread."""
        self._connection.interrupt()

    def data_version(self) -> int:
        """Return a number that changes when another process has committed."""
        with storage_errors(self.path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def info(self) -> CaseInfo:
        """Return what identifies the case."""
        with storage_errors(self.path):
            return summaries.case_info(self._connection)

    def summary(self) -> CaseSummary:
        """Return the accounting over all evidence."""
        with storage_errors(self.path):
            return summaries.case_summary(self._connection, self.path)

    def event_count(self) -> int:
        """Return how many events the timeline shows."""
        with storage_errors(self.path):
            return summaries.event_count(self._connection)

    def scan(self, query: Query | None = None, *, first: int = 200) -> Iterator[KeyChunk]:
        """Yield the keys of the events a query holds for, in the order of the timeline.

        Args:
            query: The query, ``None`` for all.
            first: How many events the first chunk should hold.
        """
        with storage_errors(self.path):
            yield from Scanner(self._connection, summaries.event_count(self._connection)).scan(query, first)

    def nowhere(self, query: Query) -> list[str]:
        """Return the conditions of a query whose value occurs nowhere in the case, as one would type them."""
        with storage_errors(self.path):
            compiler = FilterCompiler(self._connection)
            compiler.compile(query)
        return [render(term) for term in compiler.nowhere]

    def events(self, ids: Sequence[int]) -> list[StoredEvent]:
        """Return full events in the given order; row numbers that no longer exist are left out."""
        with storage_errors(self.path):
            return self._events.fetch(ids)

    def find(self, reference: PartialRef) -> StoredEvent:
        """Return the event of a reference; the reference of a duplicate leads to its own event row.

        Raises:
            UnknownReferenceError: If it names no event, or evidence of more than one content.
        """
        with storage_errors(self.path):
            sha256, evidence_ids = self._content_of(reference)
            row = self._connection.execute(
                "SELECT e.id FROM json_each(?) k CROSS JOIN event e ON e.evidence_id = k.value AND e.start = ?"
                " AND e.part = ? ORDER BY e.disposition, e.id LIMIT 1",
                (json.dumps(evidence_ids), reference.offset, reference.part),
            ).fetchone()
            if row is not None:
                return self._events.fetch([row[0]])[0]
        raise UnknownReferenceError(
            f"no event of content {sha256[:12]} starts at byte {reference.offset:,}",
            "copy the reference from the timeline, or give OFFSET+LENGTH to read any bytes",
        )

    def record(self, reference: PartialRef | RecordRef) -> RawRecord:
        """Return the bytes a reference names.

        Without a length, the record, unread record or rejected range that starts at the offset is returned.

        Raises:
            UnknownReferenceError: If nothing starts there or the range lies outside the content.
            EvidenceError: If the case file is damaged.
        """
        if isinstance(reference, RecordRef):
            reference = PartialRef(*reference)
        with storage_errors(self.path):
            sha256, evidence_ids = self._content_of(reference)
            item = summaries.evidence_item(self._connection, evidence_ids[0])
            length = reference.length
            if length is None:
                length = self._length_at(evidence_ids[0], reference.offset)
            if length is None or reference.offset + length > item.size:
                raise UnknownReferenceError(
                    f"no record of {sha256[:12]} starts at byte {reference.offset:,} of {item.size:,}",
                    "give OFFSET+LENGTH to read any bytes of the content",
                )
            data = self._contents.read(evidence_ids[0], reference.offset, length)
            masked, secrets = mask(to_utf8(data, item.encoding))
            masked, secrets = self._masked_by_its_records(
                evidence_ids[0], item, reference.offset, length
            ) or (masked, secrets)
        return RawRecord(
            RecordRef(sha256, reference.offset, length, reference.part),
            data,
            item.encoding,
            masked,
            secrets,
            item,
        )

    def _masked_by_its_records(
        self, evidence_id: int, item: EvidenceItem, offset: int, length: int
    ) -> tuple[bytes, int] | None:
        """Return what to show of a range that begins or ends inside a record that holds secrets, ``None`` if it does not.

        A part of a record may lack the name by which a secret is known, so it is judged by the whole record.
        """
        start, end = offset, offset + length
        for place in (offset, offset + max(length, 1) - 1):
            found = self._record_around(evidence_id, place)
            if found is not None:
                start, end = min(start, found[0]), max(end, found[0] + found[1])
        if (start, end) == (offset, offset + length):
            return None
        whole = self._contents.read(evidence_id, start, end - start)
        _, secrets = mask(to_utf8(whole, item.encoding))
        if not secrets:
            return None
        mark = f"‹masked: a part of a record that holds {secrets} secrets; {start}+{end - start} shows the whole›"
        return mark.encode(), secrets

    def _record_around(self, evidence_id: int, place: int) -> tuple[int, int] | None:
        for table in ("event", "other_record", "rejected_range"):
            row = self._connection.execute(
                f"SELECT start, length FROM {table} WHERE evidence_id = ? AND start <= ? ORDER BY start DESC LIMIT 1",
                (evidence_id, place),
            ).fetchone()
            if row is not None and row[0] + row[1] > place:
                return int(row[0]), int(row[1])
        return None

    def evidence(self) -> list[EvidenceItem]:
        """Return all evidence, in the order it was added."""
        with storage_errors(self.path):
            return summaries.evidence_items(self._connection)

    def find_evidence(self, text: str) -> EvidenceItem:
        """Return the evidence that a person names by its name, the end of its name, or the start of a hash.

        Raises:
            UnknownReferenceError: If none or several fit.
        """
        items = self.evidence()
        digits = text.lower()
        found = (
            [item for item in items if text == item.name]
            or [item for item in items if digits == item.content_sha256]
            or [item for item in items if digits == item.delivered_sha256]
            or [item for item in items if item.name.endswith(text)]
            or [item for item in items if len(digits) >= 6 and item.content_sha256.startswith(digits)]
        )
        if len({item.content_sha256 for item in found}) != 1:
            raise UnknownReferenceError(
                f"{'no' if not found else len(found)} evidence files are called {text!r}",
                "give the whole name or the start of the content's SHA-256 as `info` shows them",
            )
        return found[0]

    def evidence_of(self, reference: PartialRef | RecordRef) -> EvidenceItem:
        """Return the evidence whose content a reference names.

        Raises:
            UnknownReferenceError: If it names none.
        """
        if isinstance(reference, RecordRef):
            reference = PartialRef(*reference)
        with storage_errors(self.path):
            _, evidence_ids = self._content_of(reference)
            return summaries.evidence_item(self._connection, evidence_ids[0])

    def content(self, evidence_id: EvidenceId) -> Iterator[bytes]:
        """Yield the content of an evidence file, piece by piece."""
        with storage_errors(self.path):
            yield from self._contents.chunks(evidence_id)

    def rejected(self, evidence_id: EvidenceId, limit: int = 1000) -> list[RejectedRange]:
        """Return the first rejected ranges of an evidence file."""
        with storage_errors(self.path):
            return summaries.rejected_ranges(self._connection, evidence_id, limit)

    def unread(self) -> Iterator[tuple[str, int, int, str, str]]:
        """Yield all that is no event and no known digest or snapshot, by place: content hash, offset, length, what, why."""
        with storage_errors(self.path):
            for item in summaries.evidence_items(self._connection):
                for start, length, what, why in self._connection.execute(
                    "SELECT start, length, 'rejected', reason FROM rejected_range WHERE evidence_id = ?1 UNION ALL"
                    " SELECT start, length, 'unrecognised', reason FROM other_record"
                    " WHERE evidence_id = ?1 AND disposition = 'unrecognised' ORDER BY 1",
                    (item.id,),
                ).fetchall():
                    yield item.content_sha256, start, length, what, why

    def journal(self) -> Iterator[bytes]:
        """Yield the canonical bytes of every journal entry, in order."""
        with storage_errors(self.path):
            for rows in journal_pages(self._connection):
                yield from (entry for _, entry in rows)

    def stored_record(self) -> Stored:
        """Return what is kept of the journal beside its entries, for the check of it."""
        with storage_errors(self.path):
            return stored_record(self._connection)

    def merged_journal(self, merged_at: int) -> list[bytes]:
        """Return the entries of the journal that an entry took over.

        Raises:
            UnknownReferenceError: If that entry took none over.
        """
        with storage_errors(self.path):
            entries = merged_journals(self._connection).get(merged_at)
        if entries is None:
            raise UnknownReferenceError(
                f"entry {merged_at} took no journal over", "`workbench journal` lists them"
            )
        return entries

    def check_evidence(self, record: Record, progress: Callable[[int, int], None]) -> CheckedEvidence:
        """Hash all evidence; see :func:`workbench.casefile.evidence.check.check_evidence`."""
        with storage_errors(self.path):
            return check_evidence(self._connection, record, progress)

    def compared_with(self, rebuilt: CaseReader) -> CaseComparison:
        """Return what compares this case with one that was made anew from its evidence; to be used by one thread."""
        from workbench.casefile.compare.case import CaseComparison

        with storage_errors(self.path):
            return CaseComparison(self._connection, rebuilt._connection, self.path)

    def check_recorded(self, record: Record) -> list[Finding]:
        """Compare what tables repeat of the journal with it; see :func:`workbench.casefile.evidence.recorded.check_recorded`."""
        with storage_errors(self.path):
            return list(check_recorded(self._connection, record))

    def check_pages(self, *, indexes: bool = False) -> list[str]:
        """Return what SQLite finds wrong with the pages of the file, nothing if they are in order; gives way to writers.

        Args:
            indexes: Whether every index is held against its table.
        """
        with storage_errors(self.path):
            return pages_damaged(self._connection, self.path, indexes=indexes)

    def derived_state(self) -> DerivedState | None:
        """Return how far sessions and links have been derived, and by which version."""
        with storage_errors(self.path):
            return read_state(self._connection)

    def _content_of(self, reference: PartialRef) -> tuple[str, list[int]]:
        rows = self._connection.execute(
            "SELECT e.content_sha256, e.id FROM evidence e JOIN delivered_file f ON f.id = e.file_id"
            " WHERE f.state = 'complete' AND e.content_sha256 >= ? AND e.content_sha256 < ? ORDER BY e.id",
            (reference.sha_prefix, reference.sha_prefix + "g"),
        ).fetchall()
        hashes = {row[0] for row in rows}
        if len(hashes) != 1:
            what = "no evidence" if not hashes else f"{len(hashes)} evidence files"
            raise UnknownReferenceError(
                f"the content hash of {what} starts with {reference.sha_prefix}",
                "give more digits, or check the case",
            )
        return hashes.pop(), [row[1] for row in rows]

    def _length_at(self, evidence_id: int, offset: int) -> int | None:
        for table in ("event", "other_record", "rejected_range"):
            row = self._connection.execute(
                f"SELECT length FROM {table} WHERE evidence_id = ? AND start = ?", (evidence_id, offset)
            ).fetchone()
            if row is not None:
                return int(row[0])
        return None
