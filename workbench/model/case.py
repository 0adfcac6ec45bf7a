"""The case: what it is called, whose it is, and the sums over all its evidence."""

from __future__ import annotations

import msgspec

from workbench.model.claim import EventTag
from workbench.model.event import Event
from workbench.model.evidence import ByteAccount, Disposition, EvidenceItem
from workbench.model.references import EventId, RecordRef


class CaseInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies a case.

    Attributes:
        case_id: Random identifier given at creation, 32 hexadecimal digits.
        title: What the responders call it.
        examiner: Who created it.
        created_at: When, microseconds UTC.
        schema_version: Version of the case file's schema.
    """

    case_id: str
    title: str
    examiner: str
    created_at: int
    schema_version: int


class Accounting(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of promise 1 over a case: every byte and every record, once.

    Attributes:
        files: Number of evidence files.
        bytes: Where the bytes of all contents went.
        records: Number of records.
        dispositions: Records of each disposition; they add up to ``records``.
        events: Events shown in the timeline (those of primary and conflict records).
        duplicate_events: Events of duplicate records, kept and not shown twice.
        rejected_ranges: Number of rejected byte ranges.
        replicas: Events that share a ``sharedEventID`` with another event of the case; they stay events.
        undated: Events without a readable time.
        first: Earliest event, microseconds UTC, ``None`` if no event has a time.
        last: Latest event, microseconds UTC.
    """

    files: int
    bytes: ByteAccount
    records: int
    dispositions: dict[Disposition, int]
    events: int
    duplicate_events: int
    rejected_ranges: int
    replicas: int
    undated: int
    first: int | None
    last: int | None

    @property
    def balances(self) -> bool:
        """Whether every byte and every record is accounted for."""
        return self.bytes.balances and self.records == sum(self.dispositions.values())


class JournalSize(msgspec.Struct, frozen=True, kw_only=True):
    """How long the journal is, and how much of it could still be rewritten unnoticed, as far as its entries say.

    Attributes:
        entries: Its entries.
        unanchored: How many of them no checkpoint outside covers.
        anchored_at: When the newest checkpoint left the machine, microseconds UTC; ``None`` if none did.
    """

    entries: int
    unanchored: int
    anchored_at: int | None = None


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Everything ``info`` prints.

    Attributes:
        info: What identifies the case.
        file_size: Bytes of the case file.
        accounting: The sums over all evidence.
        evidence: Every evidence file.
        journal: Its journal.
    """

    info: CaseInfo
    file_size: int
    accounting: Accounting
    evidence: tuple[EvidenceItem, ...]
    journal: JournalSize


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event together with its place in the case and its provenance.

    Attributes:
        id: Row number in this case file.
        ref: The citable reference.
        event: The event.
        source: The source (``aws.cloudtrail``).
        reader_version: Version of the reader that read it.
        wrapper: The path through wrappers to the record (``Records[]``, ``_source.event.original``).
        evidence_name: Name of the evidence file.
        disposition: ``primary``, ``conflict`` or ``duplicate``.
        twins: References of other events of the case with the same ``shared_id``.
        tied: Whether another event of the case has the same time at one-second precision: their order is unknown.
        session: Id of the session it belongs to or opened, as far as sessions were derived.
        tags: The standing tags that cover it, the oldest first.
    """

    id: EventId
    ref: RecordRef
    event: Event
    source: str
    reader_version: int
    wrapper: str
    evidence_name: str
    disposition: Disposition
    twins: tuple[RecordRef, ...] = ()
    tied: bool = False
    session: str | None = None
    tags: tuple[EventTag, ...] = ()
