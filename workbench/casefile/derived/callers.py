"""Which calls can have caused those that services forwarded: read from the case zone by zone, here or in a second process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

import msgspec

from workbench.casefile import connection as connections
from workbench.casefile.derived.stretch import READ
from workbench.casefile.derived.values import OF_EVENT, Parts, Values
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.casefile.second_process import Tell
from workbench.sessions.facts import Call, Cause
from workbench.sessions.rules.forwarded import WINDOW, causes, resource_key

OpenCall = tuple[int, int, int, int, int]
"""A forwarded call: its row number, the number of its trail, its time, act and set of resources."""


class Open(msgspec.Struct, array_like=True):
    """Forwarded calls whose causes are to be found.

    Attributes:
        calls: These calls.
        trails: The parts of every trail of the case, with its number.
        forwarded: Row numbers of all forwarded calls: they are nobody's causes.
    """

    calls: list[OpenCall]
    trails: list[tuple[int, Parts]]
    forwarded: list[int]


Found = dict[int, tuple[Cause, ...]]
"""The calls that fit as the cause of a forwarded one, by row number; calls that nothing fits are left out."""

_OPEN = msgspec.msgpack.Decoder(Open)
_FOUND = msgspec.msgpack.Decoder(Found)


def find_causes(connection: sqlite3.Connection, values: Values, asked: Open) -> Found:
    """Match forwarded calls with those that can have caused them.

    Args:
        connection: Any.
        values: What the numbers of the case stand for.
        asked: The forwarded calls.
    """
    calls = [
        Call(event, trail, time, values.acts[act], sets) for event, trail, time, act, sets in asked.calls
    ]
    if not calls:
        return {}
    keys = values.keys_of({call.resources for call in calls})
    wanted = {key for each in keys.values() for key in each}
    sets = _sets_by_key(connection, wanted)
    spans = spans_of((time - WINDOW, time + WINDOW) for time in {call.time for call in calls})
    keys |= values.keys_of(sets)
    principals = {number: values.principal(parts[0]) for number, parts in asked.trails}
    whose = {principals[call.trail] for call in calls} - {None}
    trails = {parts: number for number, parts in asked.trails if principals[number] in whose}
    besides = {*asked.forwarded, *(call.event for call in calls)}
    callers = _callers(connection, values, sets, spans, trails, besides)
    return {each.call.event: each.causes for each in causes(calls, callers, keys, principals) if each.causes}


def find_elsewhere(_: Tell, case: Path, asked: bytes) -> bytes:
    """Do so in a second process; :func:`found_of` reads what it returns."""
    connection = connections.open_for_reading(case)
    try:
        return msgspec.msgpack.encode(find_causes(connection, Values(connection), _OPEN.decode(asked)))
    finally:
        connection.close()


def asked_of(asked: Open) -> bytes:
    """Return what a second process is asked."""
    return msgspec.msgpack.encode(asked)


def found_of(told: bytes) -> Found:
    """Return what a second process found."""
    return _FOUND.decode(told)


def spans_of(wanted: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of time joined where they meet, ascending."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(wanted):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _meets(spans: Sequence[tuple[int, int]], low: int, high: int) -> bool:
    return any(first <= high and last >= low for first, last in spans)


def _sets_by_key(connection: sqlite3.Connection, wanted: Set[str]) -> set[int]:
    """Return the sets of resources that hold one known by one of these keys."""
    found = [
        number
        for number, kind, name in connection.execute("SELECT id, type, name FROM resource")
        if resource_key(kind, name) in wanted
    ]
    return {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT m.set_id FROM json_each(?) k JOIN resource_set_member m ON m.resource_id = k.value",
            (json.dumps(found),),
        )
    }


def _callers(
    connection: sqlite3.Connection,
    values: Values,
    sets: Set[int],
    spans: Sequence[tuple[int, int]],
    trails: Mapping[Parts, int],
    besides: Set[int],
) -> Iterator[Call]:
    """Yield the events on these sets of resources in these spans of time and of these trails, read zone by zone."""
    if not sets or not spans:
        return
    listed = json.dumps(sorted(sets))
    zones = zones_holding(connection, "resource_set_id", sorted(sets))
    for zone in zone_spans(connection, zones):
        if zone.first_time is None or not _meets(spans, zone.first_time, zone.last_time or zone.first_time):
            continue
        for low in range(zone.first_event, zone.last_event + 1, READ):
            rows = connection.execute(
                f"SELECT e.id, e.time, e.act_id, e.resource_set_id, {OF_EVENT}"
                " FROM event e WHERE e.id BETWEEN ? AND ? AND e.disposition < 2 AND e.time IS NOT NULL"
                " AND e.resource_set_id IN (SELECT value FROM json_each(?))",
                (low, min(low + READ - 1, zone.last_event), listed),
            )
            for row in rows.fetchall():
                trail = trails.get(row[4:])
                if trail is not None and row[0] not in besides:
                    yield Call(row[0], trail, row[1], values.acts[row[2]], row[3])
