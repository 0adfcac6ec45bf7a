"""The dictionary tables of a case file: each distinct value once, found again by its number.

One writer works on a case file at a time, so a cache in front of a table can be trusted for as long as its
transaction stands; a rollback empties it. For the same reason new values get their numbers here and are written many at a time:
a statement for each of them took a twentieth of the time of writing.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from workbench.casefile.events.batch import DICTIONARIES, Values

_PRELOAD = 200_000
"""Tables up to this many rows are held whole: a miss in the cache then needs no look-up in the file."""

_CACHE = 400_000
"""Entries after which a cache is emptied, so that memory stays bounded whatever the logs hold."""

_FOLDED = {"credential": "native_id", "address": "raw", "user_agent": "raw", "resource": "name"}
"""Columns whose index ignores case; a look-up names that order so that the index serves it."""

_RESOURCE_COLUMNS = ("type", "name", "role", "account")


class DictionaryTable:
    """One dictionary table, written through a cache."""

    def __init__(self, connection: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
        self._connection = connection
        names = ", ".join(f'"{column}"' for column in columns)
        folded = _FOLDED.get(table)
        terms = [f"{folded} = ? COLLATE NOCASE"] if folded else []
        self._folded = columns.index(folded) if folded else None
        terms += [f'"{column}" IS ?' for column in columns]
        self._find = f"SELECT id FROM {table} WHERE {' AND '.join(terms)}"
        self._insert = f"INSERT INTO {table} (id, {names}) VALUES (?{', ?' * len(columns)})"
        self._last_number = f"SELECT ifnull(max(id), 0) FROM {table}"
        self._load = f"SELECT {names}, id FROM {table} LIMIT {_PRELOAD + 1}"
        self._cache: dict[Values, int] = {}
        self._complete = False
        self._new: list[tuple[Any, ...]] = []
        self._last = 0
        self.forget()

    def forget(self) -> None:
        """Empty the cache; used after a rollback."""
        self._new = []
        (self._last,) = self._connection.execute(self._last_number).fetchone()
        rows = self._connection.execute(self._load).fetchall()
        self._complete = len(rows) <= _PRELOAD
        self._cache = {row[:-1]: row[-1] for row in rows} if self._complete else {}

    def number(self, values: Values) -> int:
        """Return the row number of a value, adding it if it is new."""
        return self.find_or_add(values)[0]

    def find_or_add(self, values: Values) -> tuple[int, bool]:
        """Return the row number of a value, and whether it was added just now."""
        found = self._cache.get(values)
        if found is not None:
            return found, False
        if len(self._cache) >= _CACHE:
            self.write()  # what is not in the cache is looked for in the table
            self._cache.clear()
            self._complete = False
        if not self._complete:
            key = values if self._folded is None else (values[self._folded], *values)
            row = self._connection.execute(self._find, key).fetchone()
            if row is not None:
                self._cache[values] = row[0]
                return row[0], False
        self._last += 1
        self._new.append((self._last, *values))
        self._cache[values] = self._last
        return self._last, True

    def write(self) -> None:
        """Write the values that were added."""
        if self._new:
            self._connection.executemany(self._insert, self._new)
            self._new = []


class Dictionaries:
    """All dictionary tables of a case file. What refers to a number is written after :meth:`write`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = {
            name: DictionaryTable(connection, name, columns) for name, columns in DICTIONARIES.items()
        }
        self._resources = DictionaryTable(connection, "resource", _RESOURCE_COLUMNS)
        self._members = {
            "resource_set": (
                self._resources,
                "INSERT OR IGNORE INTO resource_set_member (set_id, resource_id) VALUES (?, ?)",
            ),
            "key_set": (
                self._tables["credential"],
                "INSERT OR IGNORE INTO key_set_member (set_id, credential_id) VALUES (?, ?)",
            ),
        }
        self._new_members: dict[str, list[tuple[int, int]]] = {name: [] for name in self._members}

    def forget(self) -> None:
        """Empty all caches; used after a rollback."""
        for table in (*self._tables.values(), self._resources):
            table.forget()
        for pairs in self._new_members.values():
            pairs.clear()

    def write(self) -> None:
        """Write the values that got their numbers since the last time."""
        for table in (*self._tables.values(), self._resources):
            table.write()
        for name, pairs in self._new_members.items():
            _, insert = self._members[name]
            self._connection.executemany(insert, pairs)
            pairs.clear()

    def numbers(self, name: str, values: list[Values]) -> list[int | None]:
        """Return row numbers for the codes of a batch: index 0 stands for "none".

        Args:
            name: Dictionary.
            values: The batch's distinct values, in the order of their codes.
        """
        if name in self._members:
            return [None, *(self._set(name, members) for (members,) in values)]
        table = self._tables[name]
        return [None, *map(table.number, values)]

    def number(self, name: str, values: Values) -> int:
        """Return the row number of one value."""
        return self._tables[name].number(values)

    def _set(self, name: str, members: tuple[Any, ...]) -> int:
        """Return the number of a set: its members' numbers, in their order, as a text."""
        of, _ = self._members[name]
        numbers = [of.number(member) for member in members]
        number, is_new = self._tables[name].find_or_add((" ".join(map(str, numbers)),))
        if is_new:
            self._new_members[name] += [(number, member) for member in numbers]
        return number
