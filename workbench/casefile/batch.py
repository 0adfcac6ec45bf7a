"""Events as columns: the form in which reading processes hand them to the one process that writes.

A batch carries its own small dictionaries: each identity, act or address of the batch once, and for every event the
number of its entry (0 means the record holds none). The writer then looks up each distinct value once a batch, not
once an event. Arrays of numbers also travel between processes at a tenth of the cost of objects.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from workbench.clock import rfc3339
from workbench.model.event import Event, EventTime, Precision, Resource
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
    "place": ("account", "region"),
    "resource_set": ("members",),
    "reading": ("source", "reader_version", "wrapper"),
    "warning_set": ("warnings",),
}
"""Dictionary tables and their value columns. ``resource_set`` carries the resources themselves as its value."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_HEX32 = re.compile(r"[0-9a-f]{32}\Z")

NativeId = bytes | str | None
"""A native id as stored: 16 bytes for a lower-case UUID, 17 for 32 hexadecimal digits, else the text."""


def pack_native_id(text: str | None) -> NativeId:
    """Shorten a native id without loss; :func:`unpack_native_id` gives the same text back."""
    if text is None:
        return None
    if len(text) == 36 and _UUID.match(text):
        return bytes.fromhex(text.replace("-", ""))
    if len(text) == 32 and _HEX32.match(text):
        return b"\x01" + bytes.fromhex(text)
    return storable(text)


def unpack_native_id(stored: NativeId) -> str | None:
    """Give back the text that :func:`pack_native_id` shortened."""
    if not isinstance(stored, bytes):
        return stored
    digits = stored.hex()
    if len(stored) == 17:
        return digits[2:]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


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

    ``codes`` holds, for each dictionary, 1 + the index of the event's entry in ``values`` (0: none).
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
        self._events: list[Event] = []
        self._readings: list[Values] = []
        self._start, self._length, self._part = array("q"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self._events)

    def add(self, event: Event, start: int, length: int, part: int, reading: Values) -> None:
        """Add one event.

        Args:
            event: The event.
            start: First byte of its record in the content.
            length: Bytes of its record.
            part: Which event of the record.
            reading: ``(source, reader version, wrapper path)``.
        """
        self._events.append(event)
        self._start.append(start)
        self._length.append(length)
        self._part.append(part)
        self._readings.append(reading)

    def take(self) -> EventColumns:
        """Return what was collected and start anew."""
        events = self._events
        codes, values = {}, {}
        parts: dict[str, tuple[list[Any], Callable[[Any], Values]]] = {
            "time_note": ([event.time for event in events], _time_note),
            "act": ([event.act for event in events], msgspec.structs.astuple),
            "identity": ([event.identity for event in events], msgspec.structs.astuple),
            "kind_reason": ([event.kind for event in events], msgspec.structs.astuple),
            "credential": ([event.credential for event in events], msgspec.structs.astuple),
            "address": ([event.address for event in events], msgspec.structs.astuple),
            "user_agent": ([event.user_agent for event in events], msgspec.structs.astuple),
            "outcome": ([event.outcome for event in events], msgspec.structs.astuple),
            "place": ([event.place for event in events], msgspec.structs.astuple),
            "resource_set": ([event.resources or None for event in events], _resource_values),
            "reading": (self._readings, tuple),
            "warning_set": ([event.warnings or None for event in events], _warning_values),
        }
        for name, (column, value_of) in parts.items():
            codes[name], values[name] = _coded(column, value_of)
        times = {id(event.time): (event.time.micros, raw_time_to_keep(event.time)) for event in _distinct_times(events)}
        columns = EventColumns(
            start=self._start,
            length=self._length,
            part=self._part,
            time=[times[id(event.time)][0] for event in events],
            time_raw=[times[id(event.time)][1] for event in events],
            native_id=[pack_native_id(event.native_id) for event in events],
            request_id=[pack_native_id(event.request_id) for event in events],
            shared_id=[pack_native_id(event.shared_id) for event in events],
            codes=codes,
            values=values,
        )
        self.__init__()  # type: ignore[misc]
        return columns


def _coded(parts: list[Any], value_of: Callable[[Any], Values]) -> tuple[array[int], list[Values]]:
    """Number the distinct values of a column from 1 in order of appearance; 0 stands for ``None``."""
    ids = [id(part) for part in parts]
    by_value: dict[Values, int] = {}
    by_id: dict[int, int] = {}
    for identity, part in dict(zip(ids, parts, strict=True)).items():
        by_id[identity] = 0 if part is None else by_value.setdefault(_storable(value_of(part)), len(by_value) + 1)
    return array("I", [by_id[identity] for identity in ids]), list(by_value)


def _distinct_times(events: list[Event]) -> Iterable[Event]:
    return {id(event.time): event for event in events}.values()


def _time_note(time: EventTime) -> Values:
    return (time.precision, time.basis)


def _warning_values(warnings: tuple[str, ...]) -> Values:
    return ("\n".join(warnings),)


def _resource_values(resources: tuple[Resource, ...]) -> Values:
    return (tuple(_storable(msgspec.structs.astuple(resource)) for resource in resources),)
