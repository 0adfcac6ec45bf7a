"""Events to the columns of a batch."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.casefile.events.batch import DICTIONARIES, BatchColumns, Values, pack_native_ids, storable
from workbench.casefile.events.coding import Converted, coded, numbered
from workbench.clock import rfc3339
from workbench.model.event import Event, EventColumns, EventTime, Particulars, Precision, Resource


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
        self._columns: list[list[Any]] = [[] for _ in _COLLECTED]
        self._rows: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._columns[0]) + len(self._rows)

    def add(self, event: Event, start: int, length: int, part: int, reading: Values) -> None:
        """Add one event.

        Args:
            event: The event.
            start: First byte of its record in the content.
            length: Bytes of its record.
            part: Which event of the record.
            reading: ``(source, reader version, wrapper path)``.
        """
        self._rows.append((start, length, part, reading, *_fields_of(event)))

    def add_columns(
        self, columns: EventColumns, starts: Sequence[int], lengths: Sequence[int], reading: Values
    ) -> None:
        """Add the events of many records, one of each.

        Args:
            columns: The events.
            starts: First bytes of the records in the content.
            lengths: Bytes of the records.
            reading: As for :meth:`add`.
        """
        self._gather()
        count = len(starts)
        for column, values in zip(
            self._columns, (starts, lengths, [0] * count, [reading] * count, *columns), strict=True
        ):
            column += values

    def _gather(self) -> None:
        """Put the events that were added one by one into the columns."""
        if self._rows:
            for column, values in zip(self._columns, zip(*self._rows, strict=True), strict=True):
                column += values
            self._rows = []

    def take(self) -> BatchColumns:
        """Return what was collected and start anew."""
        self._gather()
        columns: dict[str, list[Any]] = dict(zip(_COLLECTED, self._columns, strict=True))
        self._columns = [[] for _ in _COLLECTED]
        said = columns["particulars"]
        more = _MORE.column(said)
        times = columns["time"]
        identities = list(map(id, times))
        notes, raw_times = {}, {}
        for identity, (note, raw) in _TIMES.by_identity(times, identities).items():
            notes[identity], raw_times[identity] = note, raw
        codes, values = {}, {}
        codes["time_note"], values["time_note"] = numbered(identities, notes)
        for name, value_of in _VALUES.items():
            codes[name], values[name] = coded(columns[_FIELDS.get(name, name)], value_of)
        return BatchColumns(
            start=array("q", columns["start"]),
            length=array("q", columns["length"]),
            part=array("q", columns["part"]),
            time=_as_array([time.micros for time in times]),
            time_raw=list(map(raw_times.__getitem__, identities)) if any(raw_times.values()) else [],
            native_id=pack_native_ids(columns["native_id"]),
            request_id=pack_native_ids(columns["request_id"]),
            shared_id=pack_native_ids(columns["shared_id"]),
            codes=codes,
            values=values,
            particulars=[(index, each) for index, each in enumerate(more) if each] if any(more) else [],
        )


def _as_array(times: list[int | None]) -> array[int] | list[int | None]:
    dated = [time for time in times if time is not None]
    return array("q", dated) if len(dated) == len(times) else times


def _part_values(part: msgspec.Struct) -> Values:
    return _storable(msgspec.structs.astuple(part))


def _time_values(time: EventTime) -> tuple[Values, str | None]:
    return _note(time.precision, time.basis), raw_time_to_keep(time)


@functools.lru_cache(maxsize=1024)
def _note(precision: Precision, basis: str) -> Values:
    return _storable((precision, basis))


def _warning_values(warnings: tuple[str, ...]) -> Values:
    return (storable("\n".join(warnings)),)


def _key_values(said: Particulars) -> Values | None:
    return (tuple(map(_part_values, dict.fromkeys(said.used))),) if said.used else None


def _resource_values(resources: tuple[Resource, ...]) -> Values:
    return (tuple(map(_part_values, resources)),)


_FIELDS = {
    "kind_reason": "kind",
    "resource_set": "resources",
    "key_set": "particulars",
    "warning_set": "warnings",
}
"""The field of an event that a dictionary is made of, where the two have different names."""

_COLLECTED = ("start", "length", "part", "reading", *Event.__struct_fields__)
_fields_of = msgspec.structs.astuple

_VALUES = {name: Converted(_part_values) for name in DICTIONARIES if name != "time_note"} | {
    "resource_set": Converted(_resource_values),
    "key_set": Converted(_key_values),
    "warning_set": Converted(_warning_values),
    "reading": Converted(_storable),
}
"""How the dictionary row of a part is made; ``None`` if the part says nothing of it."""

_TIMES = Converted(_time_values)
"""The dictionary row of a time, and its text where that has to be kept."""

_MORE = Converted(lambda said: said if replace(said, used=()) != _NOTHING else None)
"""Particulars that say more than the keys that were used."""
