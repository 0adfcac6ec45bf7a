"""The journal as somebody reads it: every entry with what it says in short, and how far the record bears itself out."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.report_text import details_text
from workbench.journal.check import check_record
from workbench.journal.clocks import Moment
from workbench.journal.merkle import leaf_hash
from workbench.journal.record import Record


class Entered(msgspec.Struct, frozen=True):
    """One entry.

    Attributes:
        seq: Its place.
        time: When it was written, microseconds UTC; ``None`` if it does not say so.
        actor: Who wrote it, as they named themselves.
        kind: What kind of act.
        says: Its details in short.
        body: All of its details.
        data: Its bytes.
        leaf: Its hash, hexadecimal.
    """

    seq: int
    time: int | None
    actor: str
    kind: str
    says: str
    body: dict[str, Any]
    data: bytes
    leaf: str


class Journal(msgspec.Struct, frozen=True):
    """A journal as read, checked against what the case file keeps beside it.

    Attributes:
        entries: Its entries, oldest first.
        record: What they add up to, with what is wrong with them.
    """

    entries: tuple[Entered, ...]
    record: Record


def read_journal(reader: CaseReader) -> Journal:
    """Read a journal and check it, as far as that can be done inside the file.

    Raises:
        CaseFileError: If it cannot be read.
    """
    data = list(reader.journal())
    record = check_record(data, stored=reader.stored_record())
    return Journal(tuple(_entered(seq, each) for seq, each in enumerate(data, 1)), record)


def _entered(seq: int, data: bytes) -> Entered:
    leaf = leaf_hash(data).hex()
    try:
        entry = json.loads(data)
        body, kind, actor = entry["body"], entry["kind"], entry["actor"]
        time = Moment.of_entry(entry).wall
        said = details_text(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Entered(seq, None, "", "unreadable", "these bytes are no entry", {}, data, leaf)
    return Entered(seq, time, str(actor), str(kind), said, body, data, leaf)
