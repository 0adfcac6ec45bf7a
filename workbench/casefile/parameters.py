"""Values as SQLite is handed them quickest, for the few statements that write very many rows.

Python's ``sqlite3`` passes whole numbers, texts and ``bytearray`` on as they are; for anything else, ``None`` and ``bytes``
among it, it first looks for an adapter, in a dictionary and at the object (``need_adapt`` in CPython's
``Modules/_sqlite``). That took 0.3 to 0.4 µs a value, as long as three whole numbers take to be written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

NULL = float("nan")
"""What is handed over for NULL: SQLite has no NaN and stores NULL in its place (``sqlite3VdbeMemSetDouble`` in vdbemem.c)."""

_TOGETHER = 50
"""Rows of one statement: of narrow rows half the time goes into beginning and ending statements."""

Value = int | float | str | bytearray
"""What is passed on as it is."""


def pieces(joined: bytes, size: int) -> list[bytearray]:
    """Cut blobs of one size apart."""
    whole = bytearray(joined)
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def as_passed_on(values: Iterable[int | str | bytes | None]) -> list[Value]:
    """Put in their place what is passed on as it is."""
    return [
        NULL if value is None else bytearray(value) if isinstance(value, bytes) else value for value in values
    ]


def insert_narrow(connection: sqlite3.Connection, insert: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Write rows of few columns, many by a statement.

    Args:
        connection: The writer's.
        insert: The statement up to its values (``INSERT INTO trail``).
        rows: The rows.

    Returns:
        How many were written.
    """
    added, left = 0, rows
    for size in (_TOGETHER, 1):
        whole = len(left) - len(left) % size
        if whole:
            marks = f"({', '.join('?' * len(left[0]))})"
            added += connection.executemany(
                f"{insert} VALUES {', '.join([marks] * size)}",
                [tuple(chain.from_iterable(left[n : n + size])) for n in range(0, whole, size)],
            ).rowcount
        left = left[whole:]
    return added
