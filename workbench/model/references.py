"""How a record is named: by the hash of the bytes it stands in and its place in them.

A reference never depends on the order in which files were added or on any row number, so a tag or a finding
that cites it keeps pointing at the same bytes in every rebuild and in every copy of the case.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NewType

from workbench.errors import UnknownReferenceError

EventId = NewType("EventId", int)
"""Row number of an event in one case file. Never cited, never exported: it changes with a rebuild."""

EvidenceId = NewType("EvidenceId", int)
"""Row number of an evidence file in one case file. Never cited, never exported."""

_FULL = re.compile(
    r"(?P<sha>[0-9a-f]{6,64}):(?P<offset>\d{1,18})(?:\+(?P<length>\d{1,18}))?(?:#(?P<part>\d{1,9}))?\Z"
)


class RecordRef(NamedTuple):
    """The full reference of one event: content hash, byte range of the record, index inside it.

    Attributes:
        content_sha256: 64 hexadecimal digits, SHA-256 of the decompressed content the record stands in.
        offset: First byte of the record in the content.
        length: Number of bytes of the record.
        part: Which event of the record, 0 unless the record holds several.
    """

    content_sha256: str
    offset: int
    length: int
    part: int = 0

    def __str__(self) -> str:
        tail = f"#{self.part}" if self.part else ""
        return f"{self.content_sha256}:{self.offset}+{self.length}{tail}"

    @property
    def short(self) -> str:
        """Return the form for screens: eight digits of the hash and the offset."""
        tail = f"#{self.part}" if self.part else ""
        return f"{self.content_sha256[:8]}:{self.offset}{tail}"


class PartialRef(NamedTuple):
    """A reference as a person types it: any leading part of the hash, the length optional."""

    sha_prefix: str
    offset: int
    length: int | None
    part: int


def parse_reference(text: str) -> PartialRef:
    """Read a full or short reference.

    Args:
        text: ``SHA:OFFSET``, ``SHA:OFFSET+LENGTH`` or either with ``#PART``; SHA is 6 to 64 hexadecimal digits.

    Raises:
        UnknownReferenceError: If the text has another form.
    """
    match = _FULL.match(text.strip().lower())
    if match is None:
        raise UnknownReferenceError(
            f"{text!r} is not a record reference",
            "give HASH:OFFSET as the timeline shows it, for example 5b1fe902:18204",
        )
    length = match["length"]
    return PartialRef(
        match["sha"], int(match["offset"]), int(length) if length else None, int(match["part"] or 0)
    )
