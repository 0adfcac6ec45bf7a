"""Zones: runs of events written together, each with the values that occur in it.

Logs come in files that cover minutes, so most values occur in few zones and a filter skips the others. A zone's note may
name values that later vanish from it (a file that was taken out again): it says where to look, never what is there.
"""

from __future__ import annotations

import bisect
import json
import sqlite3
from array import array
from collections.abc import Sequence
from typing import NamedTuple


class Zone:
    """The zone that a transaction writes; each transaction has its own."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._first: int | None = None
        self._next = 0
        self._values: dict[str, set[int]] = {}
        self._times: list[int] = []

    def reserve(self, count: int, times: array[int] | list[int | None]) -> int:
        """Return the first of ``count`` row numbers for events; numbers are never used again, even if rows go.

        Args:
            count: How many events follow.
            times: Their times.
        """
        if self._first is None:
            (used,) = self._connection.execute(
                "SELECT max(ifnull((SELECT max(last_event) FROM zone), 0), ifnull((SELECT max(id) FROM event), 0))"
            ).fetchone()
            self._first = self._next = used + 1
        dated = times if isinstance(times, array) else [time for time in times if time is not None]
        if dated:
            self._times += (min(dated), max(dated))
        first, self._next = self._next, self._next + count
        return first

    def note(self, column: str, values: Sequence[int | None]) -> None:
        """Note values that occur in a column of the events written."""
        self._values.setdefault(column, set()).update(value for value in values if value is not None)

    def close(self) -> None:
        """Write the zone down, if it has events, and begin the next."""
        if self._first is not None:
            zone_id = self._connection.execute(
                "INSERT INTO zone (first_event, last_event, first_time, last_time) VALUES (?, ?, ?, ?)",
                (self._first, self._next - 1, min(self._times, default=None), max(self._times, default=None)),
            ).lastrowid
            self._connection.executemany(
                "INSERT INTO zone_value (column_name, value, zone_id) VALUES (?, ?, ?)",
                [
                    (column, value, zone_id)
                    for column, values in self._values.items()
                    for value in sorted(values)
                ],
            )
        self.__init__(self._connection)  # type: ignore[misc]


class ZoneSpan(NamedTuple):
    """Where a zone lies.

    Attributes:
        first_time: Earliest time in it, microseconds UTC; ``None`` if no event of it has a time.
        last_time: Latest time in it.
        first_event: Its first row number.
        last_event: Its last row number.
    """

    first_time: int | None
    last_time: int | None
    first_event: int
    last_event: int


def zones_holding(connection: sqlite3.Connection, column: str, values: Sequence[int]) -> frozenset[int]:
    """Return the zones in which one of these values of a column occurs."""
    rows = connection.execute(
        "SELECT DISTINCT z.zone_id FROM json_each(?) AS v CROSS JOIN zone_value z ON z.column_name = ? AND z.value = v.value",
        (json.dumps(values), column),
    )
    return frozenset(row[0] for row in rows)


def zones_of_events(connection: sqlite3.Connection, numbers: Sequence[int]) -> frozenset[int]:
    """Return the zones in which events lie.

    Args:
        connection: Any.
        numbers: Row numbers of events, ascending.
    """
    found = set()
    for first, last, zone in connection.execute("SELECT first_event, last_event, id FROM zone"):
        place = bisect.bisect_left(numbers, first)
        if place < len(numbers) and numbers[place] <= last:
            found.add(zone)
    return frozenset(found)


def zone_spans(connection: sqlite3.Connection, zones: frozenset[int] | None) -> list[ZoneSpan]:
    """Return where zones lie, all of them if ``zones`` is ``None``."""
    rows = connection.execute(
        "SELECT first_time, last_time, first_event, last_event, id FROM zone"
    ).fetchall()
    return [ZoneSpan(*row[:4]) for row in rows if zones is None or row[4] in zones]
