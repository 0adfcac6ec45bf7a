"""Events as columns: the form in which reading processes hand them to the one process that writes.

A batch carries its own small dictionaries: each identity, act or address of the batch once, and for every event the
number of its entry (0 means the record holds none). The writer then looks up each distinct value once a batch, not
once an event. Arrays of numbers also travel between processes at a tenth of the cost of objects.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from workbench.model.event import Particulars
from workbench.model.evidence import Disposition

Values = tuple[Any, ...]
"""The column values of one dictionary row, in the order of :data:`DICTIONARIES`."""

DICTIONARIES: dict[str, tuple[str, ...]] = {
    "time_note": ("precision", "basis"),
    "act": ("service", "action", "verb", "verb_rule", "tampers_logging", "category"),
    "identity": ("canonical", "name", "native_id", "account"),
    "kind_reason": ("kind", "reason"),
    "credential": ("type", "native_id"),
    "address": ("raw", "kind", "ip"),
    "user_agent": ("raw", "client"),
    "outcome": ("status", "code"),
    "place": ("account", "region", "tenant"),
    "resource_set": ("members",),
    "key_set": ("members",),
    "reading": ("source", "reader_version", "wrapper"),
    "warning_set": ("warnings",),
}
"""Dictionary tables and their value columns. ``resource_set`` and ``key_set`` carry what they are made of as their value."""

EVENT_DICTIONARIES: dict[str, str] = {
    "time_note_id": "time_note",
    "act_id": "act",
    "identity_id": "identity",
    "kind_id": "kind_reason",
    "credential_id": "credential",
    "address_id": "address",
    "user_agent_id": "user_agent",
    "outcome_id": "outcome",
    "place_id": "place",
    "resource_set_id": "resource_set",
    "key_set_id": "key_set",
    "reading_id": "reading",
    "warning_set_id": "warning_set",
}
"""The columns of an event that refer to dictionary tables."""

Codes: TypeAlias = "bytes | array[int]"
"""For each event 1 + the index of its value, 0 for none; one byte each where that is enough."""

NativeId = bytes | str | None
"""A native id as stored: 16 bytes for a lower-case UUID, 17 for 32 hexadecimal digits, else the text."""


def pack_native_id(text: str | None) -> NativeId:
    """Shorten a native id without loss; :func:`unpack_native_id` gives the same text back."""
    if text is None:
        return None
    size = len(text)
    try:
        if size == 36:
            packed = bytes.fromhex(text.replace("-", ""))
            if len(packed) == 16 and _dashed(packed.hex()) == text:
                return packed
        elif size == 32:
            packed = bytes.fromhex(text)
            if packed.hex() == text:
                return b"\x01" + packed
    except ValueError:
        pass
    return storable(text)


class NativeIds(msgspec.Struct, frozen=True):
    """Native ids of the events of a batch, as stored.

    Attributes:
        joined: All of them one after another, where all are stored in one of the two short forms: most logs write all ids in
            one form, and one string of bytes travels between processes at a tenth of the cost of thousands.
        size: Bytes of each in ``joined``; 0 if they stand in ``each``.
        each: Each by itself.
    """

    joined: bytes = b""
    size: int = 0
    each: list[NativeId] = msgspec.field(default_factory=list)

    @classmethod
    def of(cls, stored: Sequence[NativeId]) -> NativeIds:
        """Put together ids as they are stored."""
        sizes = {len(each) if type(each) is bytes else 0 for each in stored}
        if sizes == {16} or sizes == {17}:
            return cls(b"".join(stored), sizes.pop())  # type: ignore[arg-type]
        return cls(each=list(stored))

    @property
    def some_lacking(self) -> bool:
        """Whether an event has none."""
        return None in self.each


def pack_native_ids(texts: Sequence[str | None]) -> NativeIds:
    """Shorten the native ids of many events, as :func:`pack_native_id` does each."""
    return _packed_alike(texts) or NativeIds(
        each=[None if text is None else pack_native_id(text) for text in texts]
    )


_DASHES = (8, 13, 18, 23)
"""Where a UUID has its dashes."""

_MARK = "01"
"""The first byte of an id that was written without dashes, in hexadecimal digits."""


def _packed_alike(texts: Sequence[str | None]) -> NativeIds | None:
    """Shorten native ids that all have one of the two short forms; ``None`` if one has not."""
    try:
        lengths = set(map(len, texts))  # type: ignore[arg-type]
        if lengths == {36}:
            joined = "".join(texts)  # type: ignore[arg-type]
            if any(joined[place::36] != "-" * len(texts) for place in _DASHES):
                return None
            digits, size = joined.replace("-", ""), 16
        elif lengths == {32}:
            digits, size = _MARK + _MARK.join(texts), 17  # type: ignore[arg-type]
        else:
            return None
        packed = bytes.fromhex(digits)
    except (TypeError, ValueError):
        return None
    return NativeIds(packed, size) if packed.hex() == digits and len(packed) == size * len(texts) else None


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def unpack_native_id(stored: NativeId) -> str | None:
    """Give back the text that :func:`pack_native_id` shortened."""
    if not isinstance(stored, bytes):
        return stored
    digits = stored.hex()
    if len(stored) == 17:
        return digits[2:]
    return _dashed(digits)


class OtherRecord(msgspec.Struct, frozen=True):
    """A record that is no event, and why."""

    start: int
    length: int
    part: int
    disposition: Disposition
    source: str | None
    reason: str


class Block(msgspec.Struct, frozen=True):
    """A piece of a content, compressed."""

    start: int
    length: int
    data: bytes


class BatchColumns(msgspec.Struct):
    """The events of a batch, column by column; all columns have the same length.

    ``codes`` holds, for each dictionary, 1 + the index of the event's entry in ``values`` (0: none); no codes at all where
    every event has the same: the one entry of ``values``, or none if there is no entry. No ``time_raw`` stands for none of any
    event. ``particulars`` holds those of the
    events that say more there than the keys they use, with their index in the columns.
    """

    start: array[int]
    length: array[int]
    part: array[int]
    time: array[int] | list[int | None]
    time_raw: list[str | None]
    native_id: NativeIds
    request_id: NativeIds
    shared_id: NativeIds
    codes: dict[str, Codes]
    values: dict[str, list[Values]]
    particulars: list[tuple[int, Particulars]]

    def __len__(self) -> int:
        return len(self.start)

    @property
    def undated(self) -> int:
        """How many events have a time that gives no instant."""
        return self.time.count(None) if isinstance(self.time, list) else 0


class ContentBatch(msgspec.Struct):
    """Some consecutive part of one content: its bytes, its events, its other records, its rejected ranges."""

    blocks: list[Block]
    events: BatchColumns
    others: list[OtherRecord]
    rejected: list[tuple[int, int, str]]

    @property
    def size(self) -> int:
        """Bytes of content in the batch."""
        return sum(block.length for block in self.blocks)


_LONGEST = 16_000
"""Characters of a value that a dictionary keeps. A longer one ends in a mark; the record holds the whole."""


def storable(text: str) -> str:
    """Return a text as SQLite can keep it: lone surrogates escaped, absurd lengths cut with a visible mark."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… (cut; {len(text):,} characters in the record)"
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
