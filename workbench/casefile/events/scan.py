"""The keys of the events a query holds for, in the order of the timeline, in short reads.

No read statement stays open for more than a few milliseconds: a scan goes on by key, so the one writer is never kept
from committing. What is handed out are numbers only; full events are fetched by the page.

All events come straight from the index over time. A query reads the zones in which it can hold at all, in the order of
their first event, and hands on what no later zone can precede.
"""

from __future__ import annotations

import bisect
import itertools
import sqlite3
import time
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from workbench.casefile.events.filter_sql import (
    EVERYTHING,
    SHOWN,
    Condition,
    FilterCompiler,
    mentions_disposition,
)
from workbench.casefile.events.zones import zone_spans
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.paging import in_pages
from workbench.search.query import Query

UNDATED = 2**63 - 1
"""Stands in for the time of events without one: they come last."""

_STEP = 20_000
"""Keys of one read; about 10 ms."""

_READ = 4_000
"""Events of a zone that one statement looks at: few enough even if every record has to be read."""

_SILENCE = 0.05
"""Seconds after which a scan says how far it has come, even if it found nothing."""

Key = tuple[int, int]
"""Time and row number of an event: its place in the timeline."""


class KeyChunk(NamedTuple):
    """Some next events of a scan.

    Attributes:
        ids: Row numbers of events, in the order of the timeline.
        times: Their times, microseconds UTC; :data:`UNDATED` where there is none.
        scanned: How many events were looked at so far.
        total: How many there are to look at.
    """

    ids: array[int]
    times: array[int]
    scanned: int
    total: int


class Scanner:
    """Scans the events of one case file through one connection."""

    def __init__(self, connection: sqlite3.Connection, total: int) -> None:
        self._connection = connection
        self._total = total
        # Row numbers only grow: what another process writes from here on is none of this scan's, and may never be
        # acknowledged.
        (self._last,) = connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        self._arriving = arriving_evidence(connection)

    def scan(self, query: Query | None, first: int) -> Iterator[KeyChunk]:
        """Yield the keys of all events that a query holds for.

        Args:
            query: The query, ``None`` for all events of the timeline.
            first: How many events the first chunk should hold, so that a first page shows at once.
        """
        if query is None and not self._arriving:
            yield from self._all(first)
            return
        condition = FilterCompiler(self._connection).compile(query) if query is not None else EVERYTHING
        shown = "1" if mentions_disposition(query) else SHOWN
        yield from self._zoned(condition, shown, first)

    def _all(self, first: int) -> Iterator[KeyChunk]:
        scanned = 0
        for rows in self._reads(first):
            scanned += len(rows)
            yield _chunk(rows, scanned, max(self._total, scanned))

    def _zoned(self, condition: Condition, shown: str, first: int) -> Iterator[KeyChunk]:
        low, high = condition.times
        zones = [
            zone
            for zone in zone_spans(self._connection, condition.zones)
            if (low is None or (zone.last_time is not None and zone.last_time >= low))
            and (high is None or (zone.first_time is not None and zone.first_time < high))
        ]
        zones.sort(
            key=lambda zone: (UNDATED if zone.first_time is None else zone.first_time, zone.first_event)
        )
        total = sum(zone.last_event - zone.first_event + 1 for zone in zones)
        where = condition.and_is(shown + self._visible())
        found: list[Key] = []
        scanned, wanted, told = 0, first, time.monotonic()
        for number, zone in enumerate(zones):
            for start in range(zone.first_event, zone.last_event + 1, _READ):
                found += self._connection.execute(
                    f"SELECT ifnull(e.time, {UNDATED}), e.id FROM event e WHERE e.id BETWEEN ? AND ? AND {where}",
                    (start, min(start + _READ - 1, zone.last_event), *condition.parameters),
                ).fetchall()
            scanned += zone.last_event - zone.first_event + 1
            silent = time.monotonic() - told < _SILENCE
            if silent and len(found) < wanted:
                continue
            following = zones[number + 1].first_time if number + 1 < len(zones) else None
            found.sort()
            ready = bisect.bisect_left(found, (UNDATED if following is None else following,))
            if silent and ready < wanted:
                continue
            yield _chunk(found[:ready], scanned, total)
            del found[:ready]
            told = time.monotonic()
            if ready >= wanted:
                wanted = _STEP
        yield _chunk(sorted(found), total, total)

    def _visible(self) -> str:
        """Return the condition that leaves out files that are still arriving."""
        if not self._arriving:
            return ""
        return f" AND e.evidence_id NOT IN ({', '.join(map(str, self._arriving))})"

    def _reads(self, first: int) -> Iterator[list[Key]]:
        """Read the keys of the timeline, dated events first, each read a short statement of its own."""
        source = f"FROM event e INDEXED BY event_by_time WHERE {SHOWN} AND e.id <= {self._last}"
        dated = f"SELECT e.time, e.id {source} AND (e.time, e.id) > (?, ?) ORDER BY e.time, e.id LIMIT ?"
        steps = itertools.chain((first,), itertools.repeat(_STEP))
        yield from in_pages(
            lambda position: self._connection.execute(dated, (*position, next(steps))).fetchall(),
            (-UNDATED, UNDATED),
            lambda row: row,
        )
        undated = f"SELECT {UNDATED}, e.id {source} AND e.time IS NULL AND e.id > ? ORDER BY e.id LIMIT ?"
        yield from in_pages(
            lambda last: self._connection.execute(undated, (last, _STEP)).fetchall(), 0, lambda row: row[1]
        )


def _chunk(rows: list[Key], scanned: int, total: int) -> KeyChunk:
    return KeyChunk(
        array("q", [row[1] for row in rows]), array("q", [row[0] for row in rows]), scanned, total
    )
