"""A file while it is being read and written: where it stands in the case, and what was met in it."""

from __future__ import annotations

import msgspec

from workbench.casefile.events.batch import ContentBatch
from workbench.casework.ingest.candidates import Candidate
from workbench.casework.ingest.messages import ContentStarted
from workbench.model.evidence import Disposition


class ArrivingFile(msgspec.Struct):
    """A file while its messages come in.

    Attributes:
        candidate: Which file.
        file_id: Its row, once something of it is written.
        evidence_id: The row of the content that is being read.
        contents: Contents begun.
        hashes: SHA-256 of the contents that have ended, in their order.
        members: How each of them is called, and the one that is being read.
        records: Records of the contents that have ended.
        events: Events so far.
        undated: Events so far whose time gives no instant.
        rejected_ranges: Byte ranges that could not be read.
        unrecognised: Records that no reader knows.
        snapshots: Records that say how things stood.
        first_unread: The first of those, in words; empty if there is none.
    """

    candidate: Candidate
    file_id: int | None = None
    evidence_id: int | None = None
    contents: int = 0
    hashes: list[str] = msgspec.field(default_factory=list)
    members: list[ContentStarted] = msgspec.field(default_factory=list)
    records: int = 0
    events: int = 0
    undated: int = 0
    rejected_ranges: int = 0
    unrecognised: int = 0
    snapshots: int = 0
    first_unread: str = ""

    def count(self, batch: ContentBatch) -> None:
        """Count what a batch holds, and keep the first reason why something could not be read."""
        others = [other for other in batch.others if other.disposition is Disposition.UNRECOGNISED]
        self.events += len(batch.events)
        self.undated += batch.events.undated
        self.rejected_ranges += len(batch.rejected)
        self.unrecognised += len(others)
        self.snapshots += sum(other.disposition is Disposition.SNAPSHOT for other in batch.others)
        if not self.first_unread:
            places = [*batch.rejected, *((other.start, other.length, other.reason) for other in others)]
            if places:
                start, length, reason = min(places)
                self.first_unread = f"{reason} ({length:,} bytes at {start:,})"

    @property
    def unread_text(self) -> str:
        """What could not be read, in one line; empty if all of it could."""
        if not self.first_unread:
            return ""
        counts = ((self.rejected_ranges, "byte ranges rejected"), (self.unrecognised, "records unrecognised"))
        told = ", ".join(f"{count:,} {what}" for count, what in counts if count)
        first = ", first" if self.rejected_ranges + self.unrecognised > 1 else ""
        return f"{told}{first}: {self.first_unread}"
