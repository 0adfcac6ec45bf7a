"""The keys of the events a query holds for, in the order of the timeline, in short reads.

No read statement stays open for more than a few milliseconds: a scan goes on by key, so the one writer is never kept
from committing. What is handed out are numbers only; full events are fetched by the page.

A query is answered in one of three ways. *Narrow*: its driver leads to few events, which are gathered and sorted.
*Merged*: its driver has few values with many events each; the values' own streams, each in the order of time, are
merged, so the first page comes at once wherever it lies. *Scanned*: all keys are walked in the order of time.
"""

from __future__ import annotations

import heapq
import itertools
import sqlite3
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from workbench.casefile.filter_sql import (
    NOTHING,
    SHOWN,
    Condition,
    Driver,
    FilterCompiler,
    mentions_disposition,
)
from workbench.search.query import Query

UNDATED = 2**63 - 1
"""Stands in for the time of events without one: they come last."""

_NARROW = 20_000
"""Events gathered and sorted in one go."""

_MERGED = 64
"""Values of a driver whose streams are merged."""

_STEP = 20_000
"""Keys of one read; about 10 ms."""

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
        self._arriving = [
            row[0]
            for row in connection.execute(
                "SELECT e.id FROM evidence e JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'arriving'"
            )
        ]

    def scan(self, query: Query | None, first: int) -> Iterator[KeyChunk]:
        """Yield the keys of all events that a query holds for.

        Args:
            query: The query, ``None`` for all events of the timeline.
            first: How many events the first chunk should hold, so that a first page shows at once.
        """
        compiler = FilterCompiler(self._connection)
        condition = compiler.compile(query) if query is not None else None
        if mentions_disposition(query):
            yield from self._checked(heapq.merge(self._keys(), self._keys(shown=False)), condition, first)
            return
        if condition is None and not self._arriving:
            yield from self._all(first)
            return
        if condition == NOTHING:
            yield KeyChunk(array("q"), array("q"), self._total, self._total)
            return
        driver = condition.driver if condition else None
        if condition is not None and driver is not None:
            found = compiler.count(driver, _NARROW + 1)
            if found <= _NARROW:
                yield self._gathered(driver, condition, found)
                return
            if len(driver.numbers) <= _MERGED:
                streams = [self._keys(driver.column, number, condition.times) for number in driver.numbers]
                yield from self._checked(heapq.merge(*streams), condition, first)
                return
        yield from self._checked(
            self._keys(times=condition.times if condition else (None, None)), condition, first
        )

    def _all(self, first: int) -> Iterator[KeyChunk]:
        scanned = 0
        for rows in self._reads(first=first):
            scanned += len(rows)
            yield KeyChunk(
                array("q", [row[1] for row in rows]),
                array("q", [row[0] for row in rows]),
                scanned,
                max(self._total, scanned),
            )

    def _gathered(self, driver: Driver, condition: Condition, found: int) -> KeyChunk:
        numbers = ", ".join(map(str, driver.numbers)) or "NULL"
        rows = self._connection.execute(
            f"SELECT ifnull(e.time, {UNDATED}), e.id FROM event e INDEXED BY event_by_{driver.column.removesuffix('_id')}"
            f" WHERE {SHOWN} AND e.{driver.column} IN ({numbers}) AND {condition.sql}{self._visible()}",
            condition.parameters,
        ).fetchall()
        rows.sort()
        return KeyChunk(
            array("q", [row[1] for row in rows]), array("q", [row[0] for row in rows]), found, found
        )

    def _checked(self, keys: Iterator[Key], condition: Condition | None, first: int) -> Iterator[KeyChunk]:
        """Walk keys in steps and keep those that fulfil the condition."""
        step, scanned = min(_STEP, max(first, 1) * 10), 0
        pending_ids, pending_times, shown_first = array("q"), array("q"), False
        while batch := list(itertools.islice(keys, step)):
            scanned += len(batch)
            kept = self._kept(batch, condition)
            for time, number in batch:
                if number in kept:
                    pending_times.append(time)
                    pending_ids.append(number)
            if shown_first or len(pending_ids) >= first or scanned >= _STEP:
                shown_first = True
                step = _STEP
                yield KeyChunk(pending_ids, pending_times, scanned, max(self._total, scanned))
                pending_ids, pending_times = array("q"), array("q")
        yield KeyChunk(pending_ids, pending_times, scanned, scanned)

    def _kept(self, batch: list[Key], condition: Condition | None) -> set[int]:
        numbers = str([number for _, number in batch])
        rows = self._connection.execute(
            "SELECT e.id FROM json_each(?) AS k CROSS JOIN event e ON e.id = k.value"
            f" WHERE {condition.sql if condition else '1'}{self._visible()}",
            (numbers, *(condition.parameters if condition else ())),
        )
        return {row[0] for row in rows}

    def _visible(self) -> str:
        """Return the condition that leaves out files that are still arriving."""
        if not self._arriving:
            return ""
        return f" AND e.evidence_id NOT IN ({', '.join(map(str, self._arriving))})"

    def _keys(
        self,
        column: str | None = None,
        number: int | None = None,
        times: tuple[int | None, int | None] = (None, None),
        *,
        shown: bool = True,
    ) -> Iterator[Key]:
        for rows in self._reads(column, number, times, shown=shown, first=200):
            yield from rows

    def _reads(
        self,
        column: str | None = None,
        number: int | None = None,
        times: tuple[int | None, int | None] = (None, None),
        *,
        shown: bool = True,
        first: int,
    ) -> Iterator[list[Key]]:
        """Read keys in the order of time, dated events first, each read a short statement of its own."""
        low, high = times
        disposition = SHOWN if shown else "e.disposition >= 2"
        if column is None:
            index, equal = ("event_by_time" if shown else "event_set_aside"), ""
        else:
            index, equal = f"event_by_{column.removesuffix('_id')}", f" AND e.{column} = {number}"
        before = "" if high is None else f" AND e.time < {high}"
        source = f"FROM event e INDEXED BY {index} WHERE {disposition}{equal}"
        dated = (
            f"SELECT e.time, e.id {source} AND (e.time, e.id) > (?, ?){before} ORDER BY e.time, e.id LIMIT ?"
        )
        position: Key = (-UNDATED if low is None else low - 1, UNDATED)
        step = first
        while rows := self._connection.execute(dated, (*position, step)).fetchall():
            yield rows
            position, step = rows[-1], _STEP
        if low is not None or high is not None:
            return
        undated = f"SELECT {UNDATED}, e.id {source} AND e.time IS NULL AND e.id > ? ORDER BY e.id LIMIT ?"
        last = 0
        while rows := self._connection.execute(undated, (last, _STEP)).fetchall():
            yield rows
            last = rows[-1][1]
