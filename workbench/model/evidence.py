"""Evidence and its accounting: what was acquired, by whom, and where every byte and record of it went."""

from __future__ import annotations

import enum

import msgspec

from workbench.model.references import EvidenceId

AS_DELIVERED = "as delivered"
"""The ``container`` of a content that is a damaged container itself, kept whole."""


class Disposition(enum.StrEnum):
    """What became of a record. Every record has exactly one.

    Digests are the files in which CloudTrail lists its log files, and what these are checked by: public keys and signatures. A
    document is evidence that is no log, one record as a whole; withdrawn are the events of evidence that a responder excluded
    from the derived layer.
    """

    PRIMARY = "primary"
    CONTINUATION = "continuation"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNRECOGNISED = "unrecognised"
    DIGEST = "digest"
    SNAPSHOT = "snapshot"
    DOCUMENT = "document"
    WITHDRAWN = "withdrawn"


class Acquisition(msgspec.Struct, frozen=True):
    """How evidence came into the responders' hands; all of it is said by them, none of it is checked.

    Attributes:
        custodian: Who held the evidence before.
        acquired_at: When it was acquired, as the person wrote it (RFC 3339 preferred).
        acquired_by: Who acquired it.
        how: By which means (``aws s3 sync``, ``export from the console`` …).
        note: Anything else.
    """

    custodian: str | None = None
    acquired_at: str | None = None
    acquired_by: str | None = None
    how: str | None = None
    note: str | None = None


class ByteAccount(msgspec.Struct, frozen=True):
    """Where every byte of a content went. ``size == records + structure + rejected`` always holds.

    Attributes:
        size: Bytes of the content.
        records: Bytes that belong to records.
        structure: Bytes around records: brackets, separators, wrapper fields, headers.
        rejected: Bytes in ranges that could not be read, each with a reason.
    """

    size: int
    records: int
    structure: int
    rejected: int

    @property
    def balances(self) -> bool:
        """Whether the parts add up to the whole."""
        return self.size == self.records + self.structure + self.rejected


class RejectedRange(msgspec.Struct, frozen=True):
    """A byte range of a content that could not be read as records, and why."""

    offset: int
    length: int
    reason: str


class Unread(msgspec.Struct, frozen=True):
    """What could not be read for one and the same reason.

    Attributes:
        reason: Why.
        count: How many byte ranges or records.
        rejected: Whether they are rejected byte ranges; else unrecognised records.
        offset: Where the first of them begins.
        length: How many bytes the first of them has.
    """

    reason: str
    count: int
    rejected: bool
    offset: int
    length: int


class EvidenceItem(msgspec.Struct, frozen=True, kw_only=True):
    """One evidence file as acquired.

    Attributes:
        id: Row number in this case file.
        name: Path as delivered, relative to what was given to ``add``, with the member path of an archive after ``!``.
        delivered_sha256: SHA-256 of the delivered file (for a member of an archive: of the archive).
        delivered_size: Its size in bytes.
        content_sha256: SHA-256 of the decompressed content, the bytes that are kept.
        size: Size of the content in bytes.
        container: What the content was unpacked from: ``gzip``, ``zip``, ``tar+gzip`` …; empty if it was not packed.
        modified_at: Modification time of the delivered file or the archive member, microseconds UTC, if there is one.
        added_at: When it was acknowledged as complete, microseconds UTC.
        shape: What the content looked like: ``JSON object, array "Records"``, ``JSON lines``, ``CSV`` …
        encoding: Character encoding of the content (``utf-8``, ``utf-16-le`` …).
        acquisition: What the responders say about its acquisition.
        bytes: Where its bytes went.
        records: Number of records.
        dispositions: Number of records of each disposition.
        events: Number of events read from its primary, conflict and duplicate records.
        sources: Readers that took its records (``aws.cloudtrail 1``).
        rejected_ranges: Number of rejected ranges.
        unread: What could not be read, by reason.
        warnings: What was odd, one line each, with counts.
        withdrawn: Whether a responder excluded it from the derived layer.
    """

    id: EvidenceId
    name: str
    delivered_sha256: str
    delivered_size: int
    content_sha256: str
    size: int
    container: str
    modified_at: int | None
    added_at: int
    shape: str
    encoding: str
    acquisition: Acquisition
    bytes: ByteAccount
    records: int
    dispositions: dict[Disposition, int]
    events: int
    sources: tuple[str, ...]
    rejected_ranges: int
    unread: tuple[Unread, ...] = ()
    warnings: tuple[str, ...] = ()
    withdrawn: bool = False
