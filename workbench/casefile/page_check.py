"""What SQLite finds wrong with the pages of a case file, looked for without keeping anybody from writing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LOOK = 0.005
"""Seconds between two looks at whether somebody wants to write."""

REST = 0.5
"""Seconds without a writer after which a read that gave way begins again: `add` commits one transaction after another."""

ABANDONED = 30.0
"""Seconds after which a rollback journal that nobody writes to is one that a killed process left behind."""


def pages_damaged(connection: sqlite3.Connection, path: Path, *, indexes: bool = False) -> list[str]:
    """Return what SQLite finds wrong with the pages of a case file, table by table.

    ``quick_check`` of some versions (3.40 among them) takes columns of tables without row numbers for one another where the key
    has them in another order, and finds NULLs that are not there; what it says of such a table is asked of the full check.

    Args:
        connection: To the case file; nothing else may run in it.
        path: The case file.
        indexes: Whether it is also looked whether every index holds what its table does, which takes several times as long.
    """
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    found: list[str] = []
    for (table,) in tables:

        def check(table: str = table) -> list[str]:
            with giving_way(connection, path):
                pragma = "integrity_check" if indexes else "quick_check"
                lines = [row[0] for row in connection.execute(f'PRAGMA {pragma}("{table}")')]
                if not indexes and any(line.startswith("NULL value in ") for line in lines):
                    lines = [row[0] for row in connection.execute(f'PRAGMA integrity_check("{table}")')]
            return lines

        try:
            found += [line for line in begun_again(path, check) if line != "ok"]
        except sqlite3.DatabaseError as error:
            # The row loop of the check stops at what the walk over the pages would have told.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            found.append(f"{table}: {error}")
    return found


def begun_again(path: Path, work: Callable[[], T]) -> T:
    """Do ``work``, again from its beginning whenever it was interrupted for a writer, once nobody writes any more."""
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < REST:
            time.sleep(LOOK)
            if _written(path):
                quiet_since = time.monotonic()


@contextlib.contextmanager
def giving_way(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Interrupt what runs in a connection as soon as somebody is about to commit.

    A statement that reads on keeps the writer from committing, for seconds on a large table. Where it cannot be cut into short
    ones, it gives way.
    """
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK):
            if _written(path):
                connection.interrupt()

    watcher = threading.Thread(target=watch, name="giving way", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _written(path: Path) -> bool:
    """Whether a transaction is under way: its rollback journal is there from its first change until it is committed."""
    real = Path(os.path.realpath(path))
    try:
        touched = real.with_name(f"{real.name}-journal").stat().st_mtime
    except OSError:
        return False
    return abs(time.time() - touched) < ABANDONED
