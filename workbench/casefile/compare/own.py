"""Tables that only repeat what others of the same case file hold, so that it is found quickly: held against those others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.casefile.changes.state import (
    CHANGES_VERSION,
    last_snapshot,
    read_changes_state,
    shown_snapshots,
)
from workbench.casefile.compare.columns import OF_EVENT
from workbench.casefile.compare.numbers import rows_of
from workbench.casefile.compare.tables import Difference
from workbench.casefile.derived.state import (
    DERIVED_VERSION,
    digests_held,
    last_event,
    read_state,
    shown_events,
)
from workbench.casefile.events.batch import NativeIds
from workbench.casefile.events.native_keys import native_keys
from workbench.casefile.page_check import begun_again, giving_way

_READ = 5_000
"""Events of one read: some milliseconds."""

_ZONED = ("evidence_id", *(column for column, kind in OF_EVENT.items() if isinstance(kind, str)))
"""Columns of which it is noted in which runs of events a value occurs."""

_SETS = {"resource_set": "resource_id", "key_set": "credential_id"}


def check_own(
    connection: sqlite3.Connection, path: Path, told: Callable[[int, int], None]
) -> Iterator[Difference]:
    """Yield what such tables hold otherwise than what they repeat.

    Args:
        connection: To the case file.
        path: The case file.
        told: Told how many events were looked at, of how many; may raise to give up.
    """
    yield from _references(connection, path)
    yield from _sets(connection)
    yield from _zones(connection, told)
    yield from _states(connection)


def _references(connection: sqlite3.Connection, path: Path) -> Iterator[Difference]:
    """Yield the tables with rows that refer to rows which are not there."""
    tables = [
        row[0]
        for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    ]
    for table in tables:

        def check(table: str = table) -> dict[str, int]:
            found: dict[str, int] = {}
            with giving_way(connection, path):
                for _, _, parent, _ in connection.execute(f'PRAGMA foreign_key_check("{table}")'):
                    found[parent] = found.get(parent, 0) + 1
            return found

        for parent, count in begun_again(path, check).items():
            what = f"{count:,} rows refer to rows of {parent} that are not there"
            yield Difference("derived-reference", f"table {table}", what)


def _sets(connection: sqlite3.Connection) -> Iterator[Difference]:
    for name, column in _SETS.items():
        # Both are summed up: what is in both cancels out, whatever the order.
        total = 0
        for number, members in rows_of(connection, name):
            for member in set(members.split(" ")):
                total += hash((number, int(member))) if member.isdecimal() and len(member) < 19 else 1
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name}_member)")]
        place = columns.index(column)
        for row in rows_of(connection, f"{name}_member"):
            total -= hash((row[1 - place], row[place]))
        if total:
            what = "by them searches find other events than those that say so"
            yield Difference("derived-index", f"members of each {name}", what)


def _zones(connection: sqlite3.Connection, told: Callable[[int, int], None]) -> Iterator[Difference]:
    (total,) = connection.execute("SELECT count(*) FROM event").fetchone()
    done, before = 0, 0
    keys = _NativeKeys(connection)
    columns = ", ".join(("id", "evidence_id", "native_id", "time", *_ZONED))
    for zone, first, last, first_time, last_time in connection.execute(
        "SELECT id, first_event, last_event, first_time, last_time FROM zone ORDER BY first_event"
    ).fetchall():
        low = max(first, before + 1)
        held: dict[str, set[int]] = {}
        for name, value in connection.execute(
            "SELECT column_name, value FROM zone_value WHERE zone_id = ?", (zone,)
        ):
            held.setdefault(name, set()).add(value)
        lacking = first <= before
        while True:
            rows = connection.execute(
                f"SELECT {columns} FROM event WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
                (low, last, _READ),
            ).fetchall()
            if not rows:
                break
            low, done = rows[-1][0] + 1, done + len(rows)
            numbers, contents, native_ids, times, *values = zip(*rows, strict=True)
            keys.look(numbers, contents, native_ids)
            dated = [time for time in times if time is not None]
            lacking |= bool(dated) and not _within(first_time, last_time, min(dated), max(dated))
            for name, own in zip(_ZONED, values, strict=True):
                lacking |= not {each for each in own if each is not None} <= held.get(name, set())
            told(done, total)
        before = max(before, last)
        if lacking:
            what = "it says less than its events do, or lies over another run: a search would overlook or repeat events"
            yield Difference("derived-index", f"what occurs in events {first} to {last}", what)
    if done != total:
        what = f"{abs(total - done):,} events are in none or in two: a search would overlook or repeat them"
        yield Difference("derived-index", "runs of events", what)
    if keys.wrong:
        what = f"{keys.wrong:,} events are not found by the ids of their sources"
        yield Difference("derived-index", "index of ids", what)


def _within(low: int | None, high: int | None, first: int, last: int) -> bool:
    return low is not None and high is not None and low <= first and last <= high


class _NativeKeys:
    """Looks whether events are found by the ids that their sources gave them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.wrong = 0

    def look(self, numbers: tuple[int, ...], contents: tuple[int, ...], native_ids: tuple[Any, ...]) -> None:
        """Look at some events."""
        own = [
            (key, number, content)
            for key, number, content in zip(
                native_keys(NativeIds.of(native_ids)), numbers, contents, strict=True
            )
            if key is not None
        ]
        listed = json.dumps([key for key, _, _ in own])
        within = "SELECT t.* FROM json_each(?) k CROSS JOIN {} t ON t.key = k.value"
        first: dict[int, int] = dict(self._connection.execute(within.format("native_key"), (listed,)))
        later = [each for each in own if first.get(each[0]) != each[1]]
        if not later:
            return
        listed = json.dumps([key for key, _, _ in later])
        shared = set(self._connection.execute(within.format("shared_native_key"), (listed,)))
        known = {pair[:2] for pair in shared}
        self.wrong += sum(each not in shared or (each[0], first.get(each[0])) not in known for each in later)


def _states(connection: sqlite3.Connection) -> Iterator[Difference]:
    """Yield what is wrong with how far the derived layer is said to have come, where it is said to be up to date."""
    state, changes = read_state(connection), read_changes_state(connection)
    if (
        state is not None
        and (state.complete, state.version, state.through) == (True, DERIVED_VERSION, last_event(connection))
        and (state.shown, state.digests)
        != (shown_events(connection, state.through), digests_held(connection))
    ):
        what = "it is said to follow from other events than there are: run `workbench derive --anew`"
        yield Difference("derived-state", "sessions and links", what)
    if (
        changes is not None
        and (changes.complete, changes.version, changes.others)
        == (True, CHANGES_VERSION, last_snapshot(connection))
        and changes.snapshots != shown_snapshots(connection, changes.others)
    ):
        what = "they are said to follow from other snapshots than there are: run `workbench derive --anew`"
        yield Difference("derived-state", "changes", what)
    for (key,) in connection.execute(
        "SELECT key FROM derived_state WHERE key NOT IN ('state', 'changes', 'skews')"
    ):
        yield Difference("derived-state", f"what is kept as {key}", "no workbench writes it")
