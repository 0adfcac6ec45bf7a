"""Counting what each part of each log holds, while the look at every event goes on: no event is read for it again."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from workbench.coverage.facts import HOUR, SLOT, ActCount, Stream, controls_logging, names_accounts
from workbench.model.event import Act
from workbench.model.gap import StreamKey

_SLOTS = HOUR // SLOT
_ADDRESS, _PLACE, _READING = 4, 6, 7
"""Where these columns stand among the parts of a trail."""


_AT_ONCE = 500_000
"""Events that are counted at once: some twelve megabytes."""


class Sightings(Protocol):
    """The events of one trail as they are read."""

    dated: array[int]
    """Time, row number and act of each, one after the other."""
    undated: list[tuple[int, int]]


class _Pending:
    """Events of one place that are to be counted together."""

    __slots__ = ("dated", "undated")

    def __init__(self) -> None:
        self.dated = array("q")
        self.undated: list[tuple[int, int]] = []


class Wanted(NamedTuple):
    """An event whose record rules look into."""

    event: int
    act: int
    time: int | None


class CoverageCounts:
    """What each part of each log holds.

    Args:
        connection: Any.
        acts: The acts of the case by number.
    """

    def __init__(self, connection: sqlite3.Connection, acts: Mapping[int, Act]) -> None:
        self._connection = connection
        self._acts = acts
        self._sources = dict(connection.execute("SELECT id, source FROM reading").fetchall())
        self._places: dict[int, tuple[str | None, str | None, str | None]] = {
            row[0]: (row[1], row[2], row[3])
            for row in connection.execute("SELECT id, account, region, tenant FROM place")
        }
        self._wanted = frozenset(
            number for number, act in acts.items() if controls_logging(act) or names_accounts(act)
        )
        self.streams: dict[StreamKey, Stream] = {}
        self.acts: dict[StreamKey, Counter[int]] = {}
        self._pending: dict[tuple[int, int, bool], _Pending] = {}
        self._waiting = 0
        self.wanted: list[Wanted] = []
        """Events whose record is to be looked into, of those just read."""

    def load(self) -> None:
        """Take up what an earlier look has left in the case file."""
        keys: dict[int, StreamKey] = {}
        for number, *parts, first, last, undated, unaddressed in self._connection.execute(
            "SELECT id, source, account, region, tenant, category, first, last, undated, unaddressed FROM coverage_stream"
        ):
            key = keys[number] = StreamKey(*parts)
            self.streams[key] = Stream(key, {}, first, last, undated, unaddressed)
            self.acts[key] = Counter()
        for number, hour, slots in self._connection.execute(
            "SELECT stream_id, hour, slots FROM coverage_hour"
        ):
            own = self.streams[keys[number]].slots
            for place, events in enumerate(json.loads(slots)):
                if events:
                    own[hour * _SLOTS + place] = events
        for number, act, events in self._connection.execute(
            "SELECT stream_id, act_id, events FROM coverage_act"
        ):
            self.acts[keys[number]][act] = events

    def add(self, parts: Sequence[int | None], sightings: Sightings) -> None:
        """Take the events of a trail that were just read; they count from the next :meth:`settle` on."""
        key = (parts[_PLACE] or 0, parts[_READING] or 0, parts[_ADDRESS] is not None)
        own = self._pending.get(key)
        if own is None:
            own = self._pending[key] = _Pending()
        own.dated.extend(sightings.dated)
        own.undated += sightings.undated
        self._waiting += len(sightings.dated) // 3
        if self._waiting >= _AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Count the events taken since the last time."""
        for (place, reading, addressed), own in self._pending.items():
            self._count((self._sources[reading], *self._places[place]), addressed, own)
        self._pending.clear()
        self._waiting = 0

    def _count(
        self, place: tuple[str, str | None, str | None, str | None], addressed: bool, taken: Sightings
    ) -> None:
        dated, done = taken.dated[0::3], taken.dated[2::3]
        acts = Counter(done)
        by_category: dict[str | None, Sequence[int]] = {self._acts[act].category: dated for act in acts}
        if len(by_category) > 1:
            parted: dict[str | None, array[int]] = {category: array("q") for category in by_category}
            category_of = {act: parted[self._acts[act].category] for act in acts}
            for time, act in zip(dated, done, strict=True):
                category_of[act].append(time)
            by_category = dict(parted)
        for category, times in by_category.items():
            stream = self._stream(StreamKey(*place, category))
            slots = stream.slots
            for slot, events in Counter([time // SLOT for time in times]).items():
                slots[slot] = slots.get(slot, 0) + events
            low, high = min(times), max(times)
            stream.first = low if stream.first is None else min(stream.first, low)
            stream.last = high if stream.last is None else max(stream.last, high)
            stream.unaddressed += 0 if addressed else len(times)
        for act, events in acts.items():
            self.acts[StreamKey(*place, self._acts[act].category)][act] += events
        for _, act in taken.undated:
            stream = self._stream(StreamKey(*place, self._acts[act].category))
            stream.undated += 1
            stream.unaddressed += not addressed
            self.acts[stream.key][act] += 1
        if not self._wanted.isdisjoint(acts):
            self.wanted += [
                Wanted(event, act, time)
                for time, event, act in zip(dated, taken.dated[1::3], done, strict=True)
                if act in self._wanted
            ]

    def take(self, counted: Iterable[tuple[Stream, Mapping[int, int]]], wanted: Iterable[Wanted]) -> None:
        """Add what another look counted."""
        for other, acts in counted:
            stream = self._stream(other.key)
            for slot, events in other.slots.items():
                stream.slots[slot] = stream.slots.get(slot, 0) + events
            stream.first = min(
                (each for each in (stream.first, other.first) if each is not None), default=None
            )
            stream.last = max((each for each in (stream.last, other.last) if each is not None), default=None)
            stream.undated += other.undated
            stream.unaddressed += other.unaddressed
            self.acts[other.key].update(acts)
        self.wanted += wanted

    def act_counts(self) -> list[ActCount]:
        """Return how often what was recorded."""
        return [
            ActCount(key.source, key.account, key.category, act.service, act.action, act.verb.value, events)
            for key, counter in self.acts.items()
            for number, events in counter.items()
            if (act := self._acts[number])
        ]

    def rows(self) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[tuple[object, ...]]]:
        """Return the rows of streams, hours and acts to keep, the same for the same events whatever their order."""
        streams: list[tuple[object, ...]] = []
        hours: list[tuple[object, ...]] = []
        acts: list[tuple[object, ...]] = []
        for number, key in enumerate(
            sorted(self.streams, key=lambda key: tuple((part is not None, part or "") for part in key)), 1
        ):
            stream = self.streams[key]
            streams.append((number, *key, stream.first, stream.last, stream.undated, stream.unaddressed))
            hours += ((number, hour, json.dumps(slots)) for hour, slots in _by_hour(stream.slots).items())
            acts += ((number, act, events) for act, events in self.acts[key].items())
        return streams, hours, acts

    def _stream(self, key: StreamKey) -> Stream:
        stream = self.streams.get(key)
        if stream is None:
            stream = self.streams[key] = Stream(key, {})
            self.acts[key] = Counter()
        return stream


def _by_hour(slots: Mapping[int, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for slot in sorted(slots):
        found.setdefault(slot // _SLOTS, [0] * _SLOTS)[slot % _SLOTS] = slots[slot]
    return found


def slots_of(rows: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Return numbers of records by slot, from rows of hours."""
    return {
        hour * _SLOTS + place: events
        for hour, listed in rows
        for place, events in enumerate(json.loads(listed))
        if events
    }
