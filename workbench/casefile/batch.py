"""Events as columns: the form in which reading processes hand them to the one process that writes.

A batch carries its own small dictionaries: each identity, act or address of the batch once, and for every event the
number of its entry (0 means the record holds none). The writer then looks up each distinct value once a batch, not
once an event. Arrays of numbers also travel between processes at a tenth of the cost of objects.
"""

from __future__ import annotations

import functools
import operator
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.clock import rfc3339
from workbench.model.event import Credential, Event, EventTime, Particulars, Precision, Resource
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


def pack_native_ids(texts: Sequence[str | None]) -> list[NativeId]:
    """Shorten the native ids of many events, of which most logs write all in one form, as :func:`pack_native_id` does each."""
    present = [text for text in texts if text is not None]
    packed: Sequence[NativeId] | None = _packed_alike(present)
    if packed is None:
        return list(map(pack_native_id, texts))
    if len(present) == len(texts):
        return list(packed)
    following = iter(packed)
    return [None if text is None else next(following) for text in texts]


_DASHES = (8, 13, 18, 23)
"""Where a UUID has its dashes."""


def _packed_alike(texts: Sequence[str]) -> list[bytes] | None:
    """Shorten native ids that all have one of the two short forms; ``None`` if one has not."""
    joined = "".join(texts)
    digits, mark = joined, b"\x01"
    if set(map(len, texts)) == {36}:
        if any(joined[place::36] != "-" * len(texts) for place in _DASHES):
            return None
        digits, mark = joined.replace("-", ""), b""
    elif set(map(len, texts)) != {32}:
        return None
    try:
        packed = bytes.fromhex(digits)
    except ValueError:
        return None
    if packed.hex() != digits or len(packed) != 16 * len(texts):
        return None
    return [mark + packed[start : start + 16] for start in range(0, len(packed), 16)]


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


class EventColumns(msgspec.Struct):
    """The events of a batch, column by column; all columns have the same length.

    ``codes`` holds, for each dictionary, 1 + the index of the event's entry in ``values`` (0: none); no codes at all where
    every event has the same: the one entry of ``values``, or none if there is no entry. ``particulars`` holds those of the
    events that say more there than the keys they use, with their index in the columns.
    """

    start: array[int]
    length: array[int]
    part: array[int]
    time: list[int | None]
    time_raw: list[str | None]
    native_id: list[NativeId]
    request_id: list[NativeId]
    shared_id: list[NativeId]
    codes: dict[str, array[int]]
    values: dict[str, list[Values]]
    particulars: list[tuple[int, Particulars]]

    def __len__(self) -> int:
        return len(self.start)


class ContentBatch(msgspec.Struct):
    """Some consecutive part of one content: its bytes, its events, its other records, its rejected ranges."""

    blocks: list[Block]
    events: EventColumns
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


def _storable(values: Values) -> Values:
    return tuple([storable(value) if isinstance(value, str) else value for value in values])


_NOTHING = Particulars()
_WRITTEN = (Precision.SECOND, Precision.MILLISECOND, Precision.MICROSECOND)


def raw_time_to_keep(time: EventTime) -> str | None:
    """Return the record's time text, or ``None`` where writing the instant in its precision gives the same text."""
    raw = time.raw
    if raw is None:
        return None
    if (
        time.micros is not None
        and time.precision in _WRITTEN
        and rfc3339(time.micros, time.precision.digits) == raw
    ):
        return None
    return storable(raw)


class BatchBuilder:
    """Collects the events of a batch and turns them into columns.

    The columns are made all at once: readers hand out the same object for the same value, so that a column of thousands
    of events comes down to the identities of a few objects.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Event, int, int, int, Values]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, event: Event, start: int, length: int, part: int, reading: Values) -> None:
        """Add one event.

        Args:
            event: The event.
            start: First byte of its record in the content.
            length: Bytes of its record.
            part: Which event of the record.
            reading: ``(source, reader version, wrapper path)``.
        """
        self._rows.append((event, start, length, part, reading))

    def take(self) -> EventColumns:
        """Return what was collected and start anew."""
        rows, self._rows = self._rows, []
        events, starts, lengths, parts, readings = zip(*rows, strict=True) if rows else ((),) * 5
        taken = zip(*map(_parts_of, events), strict=True) if rows else ((),) * len(_PARTS)
        columns: dict[str, Sequence[Any]] = dict(zip(_PARTS, taken, strict=True))
        moments = columns["time"]
        distinct = _distinct(moments)
        columns["time_note"] = _spread(
            moments, {key: _note(each.precision, each.basis) for key, each in distinct.items()}
        )
        columns["reading"] = readings
        said = columns["particulars"]
        sayings = _distinct(said)
        columns["key_set"] = _spread(said, {key: each and each.used for key, each in sayings.items()})
        more = {key for key, each in sayings.items() if each and replace(each, used=()) != _NOTHING}
        codes, values = {}, {}
        for name, value_of in _CODED.items():
            codes[name], values[name] = _coded(columns[name], value_of)
        return EventColumns(
            start=array("q", starts),
            length=array("q", lengths),
            part=array("q", parts),
            time=_spread(moments, {key: each.micros for key, each in distinct.items()}),
            time_raw=_spread(moments, {key: raw_time_to_keep(each) for key, each in distinct.items()}),
            native_id=pack_native_ids(columns["native_id"]),
            request_id=pack_native_ids(columns["request_id"]),
            shared_id=pack_native_ids(columns["shared_id"]),
            codes=codes,
            values=values,
            particulars=[(index, each) for index, each in enumerate(said) if id(each) in more]
            if more
            else [],
        )


def _distinct(parts: Sequence[Any]) -> dict[int, Any]:
    return dict(zip(map(id, parts), parts, strict=True))


def _spread(parts: Sequence[Any], by_id: dict[int, Any]) -> list[Any]:
    return list(map(by_id.__getitem__, map(id, parts)))


def _coded(parts: Sequence[Any], value_of: Callable[[Any], Values]) -> tuple[array[int], list[Values]]:
    """Number the distinct values of a column from 1 in order of appearance; 0 stands for none. No numbers if all are the same."""
    by_value: dict[Values, int] = {}
    by_id: dict[int, int] = {}
    for identity, part in _distinct(parts).items():
        by_id[identity] = by_value.setdefault(_storable(value_of(part)), len(by_value) + 1) if part else 0
    codes = array("I")
    if len(set(by_id.values())) > 1:
        codes.extend(map(by_id.__getitem__, map(id, parts)))
    return codes, list(by_value)


@functools.lru_cache(maxsize=1024)
def _note(precision: Precision, basis: str) -> Values:
    return (precision, basis)


def _warning_values(warnings: tuple[str, ...]) -> Values:
    return ("\n".join(warnings),)


def _key_values(used: tuple[Credential, ...]) -> Values:
    return (tuple(_storable(msgspec.structs.astuple(each)) for each in dict.fromkeys(used)),)


def _resource_values(resources: tuple[Resource, ...]) -> Values:
    return (tuple(_storable(msgspec.structs.astuple(resource)) for resource in resources),)


_PARTS = {
    "time": "time",
    "act": "act",
    "identity": "identity",
    "kind_reason": "kind",
    "credential": "credential",
    "address": "address",
    "user_agent": "user_agent",
    "outcome": "outcome",
    "place": "place",
    "resource_set": "resources",
    "warning_set": "warnings",
    "native_id": "native_id",
    "request_id": "request_id",
    "shared_id": "shared_id",
    "particulars": "particulars",
}
"""Columns and the attributes of an event that they are made of."""

_parts_of = operator.attrgetter(*_PARTS.values())

_CODED: dict[str, Callable[[Any], Values]] = {
    **dict.fromkeys(DICTIONARIES, msgspec.structs.astuple),
    "time_note": tuple,
    "resource_set": _resource_values,
    "key_set": _key_values,
    "warning_set": _warning_values,
    "reading": tuple,
}
"""How the dictionary row of a part is made."""
