"""Numbers that mean the same in two case files, in place of row numbers, which do not."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from workbench.casefile.compare.columns import Kind
from workbench.casefile.events.batch import DICTIONARIES
from workbench.casefile.paging import in_pages

_READ = 2_000
"""Rows of one read: some milliseconds."""

_SETS = {"resource_set": "resource", "key_set": "credential"}
_RESOURCE = ("type", "name", "role", "account")

Canonical = Callable[[Any], Any]
"""Makes a value of a column into one that is the same in every case file."""


class Shared:
    """Numbers values as they come: equal values have one number in both files."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Any, ...], int] = {}

    def number(self, *values: Any) -> int:
        """Return the number of some values."""
        return self._numbers.setdefault(values, len(self._numbers) + 1)


class Side:
    """One of the two case files, its row numbers made comparable.

    Args:
        connection: To it.
        shared: What both sides number values by.
    """

    def __init__(self, connection: sqlite3.Connection, shared: Shared) -> None:
        self.connection = connection
        self._shared = shared
        self._dictionaries: dict[str, dict[int, int]] = {}
        for name, columns in {**DICTIONARIES, "resource": _RESOURCE}.items():
            if name not in _SETS:
                self._dictionaries[name] = self._numbered(name, columns)
        for name, of in _SETS.items():
            self._dictionaries[name] = {
                number: shared.number(name, *self._members(members, of))
                for number, members in rows_of(connection, name)
            }
        self.evidence: dict[int, int] = {
            number: shared.number("evidence", sha256)
            for number, sha256 in connection.execute(
                "SELECT e.id, e.content_sha256 FROM evidence e JOIN delivered_file f ON f.id = e.file_id"
                " WHERE f.state = 'complete'"
            )
        }
        self._events = _Places(
            *connection.execute("SELECT ifnull(max(id), 0), count(*) FROM event").fetchone()
        )
        self._records: dict[int, int] = {}
        self._trails: dict[int, int] = {}
        self._streams: dict[int, int] = {}

    def _numbered(self, name: str, columns: tuple[str, ...]) -> dict[int, int]:
        listed = ", ".join(f'"{column}"' for column in columns)

        def read(last: int) -> list[tuple[Any, ...]]:
            return self.connection.execute(
                f"SELECT id, {listed} FROM {name} WHERE id > ? ORDER BY id LIMIT {_READ}", (last,)
            ).fetchall()

        pages = in_pages(read, -(2**63), lambda row: row[0])
        return {row[0]: self._shared.number(name, *row[1:]) for rows in pages for row in rows}

    def _members(self, members: str, of: str) -> Iterator[Any]:
        known = self._dictionaries[of]
        for word in members.split(" "):
            yield known.get(int(word), word) if word.isdecimal() and len(word) < 19 else word

    def place_event(self, number: int, place: int) -> None:
        """Note at which place an event stands."""
        self._events[number] = place

    def place_record(self, number: int, place: int) -> None:
        """Note at which place a record stands that is no event."""
        self._records[number] = place

    def number_trails(self, parts: tuple[str, ...], kinds: tuple[str, ...]) -> None:
        """Number trails by what their events agree in."""
        converters = [self._dictionaries[kind] for kind in kinds]
        for number, *values in self.connection.execute(f"SELECT id, {', '.join(parts)} FROM trail"):
            self._trails[number] = self._trail(converters, values)

    def trail_of_event(
        self, parts: tuple[str, ...], kinds: tuple[str, ...]
    ) -> Callable[[int], tuple[Any, ...]]:
        """Return what tells the time and the trail of an event."""
        converters = [self._dictionaries[kind] for kind in kinds]
        sql = f"SELECT time, disposition < 2, {', '.join(parts)} FROM event WHERE id = ?"

        def told(number: int) -> tuple[Any, ...]:
            row = self.connection.execute(sql, (number,)).fetchone()
            return ("no event", number) if row is None else (row[0], row[1], self._trail(converters, row[2:]))

        return told

    def _trail(self, converters: list[dict[int, int]], values: Any) -> int:
        pairs = zip(converters, values, strict=True)
        return self._shared.number(
            "trail", *(None if each is None else of.get(each, each) for of, each in pairs)
        )

    def number_streams(self) -> None:
        """Number the parts of logs."""
        for number, *key in self.connection.execute(
            "SELECT id, source, account, region, tenant, category FROM coverage_stream"
        ):
            self._streams[number] = self._shared.number("stream", *key)

    def event(self, number: int | None) -> Any:
        """Return what stands for an event in both files."""
        if number is None:
            return None
        return self._events[number] or ("no such event", number)

    def record(self, number: int | None) -> Any:
        """Return what stands for an event, or for a record that is none and has a negative number."""
        if number is None or number >= 0:
            return self.event(number)
        return self._records.get(-number, ("no such record", number))

    def canonical(self, kind: Kind | str) -> Canonical:
        """Return what makes values of a kind of column comparable."""
        if kind is Kind.EVENT:
            return self.event
        if kind is Kind.RECORD:
            return self.record
        known = {Kind.EVIDENCE: self.evidence, Kind.TRAIL: self._trails, Kind.STREAM: self._streams}
        numbers = self._dictionaries[kind] if isinstance(kind, str) else known[kind]

        def told(value: Any) -> Any:
            return None if value is None else numbers.get(value, ("no such row", value))

        return told


class _Places:
    """The places of events by their row number; an array, but where somebody wrote absurdly large numbers."""

    def __init__(self, last: int, count: int) -> None:
        self._most = min(max(last, 0), 8 * count + 1_000_000)
        self._near = array("q", bytes(8 * (self._most + 1)))
        self._far: dict[int, int] = {}

    def __getitem__(self, number: int) -> int:
        return self._near[number] if 0 <= number <= self._most else self._far.get(number, 0)

    def __setitem__(self, number: int, place: int) -> None:
        if 0 <= number <= self._most:
            self._near[number] = place
        else:
            self._far[number] = place


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the names of the columns of a table."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def rows_of(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    """Yield all rows of a table, in short statements."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    key = [f'"{row[1]}"' for row in sorted(columns, key=lambda row: row[5]) if row[5]] or ["rowid"]
    listed, marks = ", ".join(key), ", ".join("?" * len(key))
    begun: list[Any] = []

    def read(last: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        where = f"WHERE ({listed}) > ({marks})" if begun else ""
        begun[:] = [True]
        return connection.execute(
            f"SELECT {listed}, * FROM {table} {where} ORDER BY {listed} LIMIT {_READ}", last if where else ()
        ).fetchall()

    for rows in in_pages(read, (), lambda row: row[: len(key)]):
        for row in rows:
            yield row[len(key) :]


def json_text(value: Any) -> str:
    """Return a JSON text that is the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
