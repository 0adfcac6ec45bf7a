"""The look at a stretch of events: its trails, the events that rules look at one by one, the calls that services forwarded.

Events are read as rows of numbers, a million in some seconds. What a stretch holds adds up with what others hold, so that a
second process can look at one while this one looks at another.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from workbench.casefile import connection as connections
from workbench.casefile.coverage.counts import CoverageCounts, Wanted
from workbench.casefile.derived.packed import PackedParts
from workbench.casefile.derived.values import Parts, Values
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.second_process import Tell
from workbench.coverage.facts import Stream
from workbench.sessions.facts import may_revoke, watched
from workbench.sessions.takings import CREDENTIAL_WORDS
from workbench.sessions.trails import Run, runs_of

READ = 50_000
"""Rows of one read: under 50 ms, so that no reader keeps a writer waiting."""

_AT_ONCE = 5_000
"""Rows of one read of all there is: few enough to be still in the processor's cache when they are looked at."""


class Stretch(msgspec.Struct, array_like=True):
    """What the look at a stretch of events found.

    Attributes:
        events: How many events are shown of it.
        trails: The parts of each trail, in the order of their first events, with its runs.
        notables: Row numbers of events that rules look at one by one, with the place of their trail in the list.
        calls: Calls that services forwarded: row number, place of the trail, time, act and set of resources.
        streams: What each part of each log holds of it, with how often each act occurs.
        wanted: Events whose record is to be looked into.
    """

    events: int
    trails: list[tuple[Parts, list[Run]]]
    notables: list[tuple[int, int]]
    calls: list[tuple[int, int, int, int, int]]
    streams: list[tuple[Stream, dict[int, int]]]
    wanted: list[Wanted]


_DECODER = msgspec.msgpack.Decoder(Stretch)


class _Sightings:
    """The events of one trail while they are read."""

    __slots__ = ("dated", "forwarding", "parts", "place", "undated")

    def __init__(self, place: int, parts: Parts, *, forwarding: bool) -> None:
        self.dated = array("q")
        """Time, row number and act of each, one after the other."""
        self.undated: list[tuple[int, int]] = []
        self.place = place
        self.parts = parts
        self.forwarding = forwarding
        """Whether its events are calls that a service forwarded."""

    def runs(self, verb_of: Mapping[int, str]) -> list[Run]:
        dated = self.dated
        found = runs_of(
            sorted(zip(dated[0::3], dated[1::3], map(verb_of.__getitem__, dated[2::3]), strict=True))
        )
        if self.undated:
            verbs: dict[str, int] = {}
            for _, act in self.undated:
                verbs[verb_of[act]] = verbs.get(verb_of[act], 0) + 1
            numbers = [event for event, _ in self.undated]
            found.append(Run(None, None, len(numbers), min(numbers), max(numbers), verbs))
        return found


def look_at(
    connection: sqlite3.Connection, values: Values, after: int, through: int, tick: Callable[[int], None]
) -> Stretch:
    """Look at the events of a stretch.

    Args:
        connection: Any.
        values: What the numbers of the case stand for.
        after: The row number before its first.
        through: Its last row number.
        tick: Told now and then how many row numbers are behind; may raise to give up.
    """
    acts = values.acts
    notable_acts = frozenset(number for number, act in acts.items() if watched(act))
    revoking = frozenset(number for number, act in acts.items() if may_revoke(act))
    naming = _sets_of_credentials(connection)
    told = _issuing_or_shared(connection)
    packed = PackedParts(connection)
    seen: dict[tuple[int, ...], _Sightings] = {}
    events = 0
    notables: list[tuple[int, int]] = []
    calls: list[tuple[int, int, int, int, int]] = []
    for rows in _events(connection, packed.columns, after, through, tick):
        events += len(rows)
        for row in rows:
            event, time, act, resources = row[:4]
            place = row[4:]
            sightings = seen.get(place)
            if sightings is None:
                parts = packed.parts(place)
                sightings = seen[place] = _Sightings(len(seen), parts, forwarding=values.forwarded(parts))
            if time is None:
                sightings.undated.append((event, act))
            else:
                sightings.dated.extend((time, event, act))
                if sightings.forwarding:
                    calls.append((event, sightings.place, time, act, resources or 0))
            if act in notable_acts or event in told or (act in revoking and resources in naming):
                notables.append((event, sightings.place))
    verb_of = {number: act.verb.value for number, act in acts.items()}
    counts = CoverageCounts(connection, acts)
    trails = []
    for sightings in seen.values():
        trails.append((sightings.parts, sightings.runs(verb_of)))
        counts.add(sightings.parts, sightings)
    counts.settle()
    streams = [(stream, dict(counts.acts[key])) for key, stream in counts.streams.items()]
    return Stretch(events, trails, notables, calls, streams, counts.wanted)


def look_elsewhere(tell: Tell, case: Path, after: int, through: int) -> bytes:
    """Look at the events of a stretch in a second process; :func:`stretch_of` makes a stretch of what it returns."""
    connection = connections.open_for_reading(case)
    try:
        return msgspec.msgpack.encode(look_at(connection, Values(connection), after, through, tell))
    finally:
        connection.close()


def stretch_of(told: bytes) -> Stretch:
    """Return what a second process found."""
    return _DECODER.decode(told)


def _events(
    connection: sqlite3.Connection, columns: str, after: int, through: int, tick: Callable[[int], None]
) -> Iterator[list[tuple[Any, ...]]]:
    select = f"SELECT e.id, e.time, e.act_id, e.resource_set_id, {columns} FROM event e"
    arriving = arriving_evidence(connection)
    shown = "e.disposition < 2" + (
        f" AND e.evidence_id NOT IN ({', '.join(map(str, arriving))})" if arriving else ""
    )
    for low in range(after, through, _AT_ONCE):
        high = min(low + _AT_ONCE, through)
        yield connection.execute(f"{select} WHERE e.id > ? AND e.id <= ? AND {shown}", (low, high)).fetchall()
        tick(high - after)


def _sets_of_credentials(connection: sqlite3.Connection) -> frozenset[int]:
    """Return the sets of resources of which one is a credential by its type, whether it is known already or not."""
    like = " OR ".join(f"r.type LIKE '%{word}%'" for word in CREDENTIAL_WORDS)
    return frozenset(
        row[0]
        for row in connection.execute(
            f"SELECT DISTINCT m.set_id FROM resource r JOIN resource_set_member m ON m.resource_id = r.id WHERE {like}"
        )
    )


def _issuing_or_shared(connection: sqlite3.Connection) -> frozenset[int]:
    """Return the events that issue a credential, and those that hold an id that several shown records of one act hold."""
    issuing = connection.execute("SELECT DISTINCT event_id FROM issued_credential")
    shared = connection.execute(
        "SELECT id FROM event WHERE shared_id IN (SELECT e.shared_id FROM event e JOIN reading r ON r.id = e.reading_id"
        " WHERE e.shared_id IS NOT NULL AND e.disposition < 2 AND r.source = 'aws.cloudtrail'"
        " GROUP BY e.shared_id HAVING count(*) > 1)"
    )
    return frozenset(row[0] for rows in (issuing, shared) for row in rows)
