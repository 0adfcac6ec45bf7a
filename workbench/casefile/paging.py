"""Reading a table page by page, each page a short statement of its own, so that nobody waits long for the lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Row = TypeVar("Row")


def in_pages(
    read: Callable[[Any], list[Row]], start: Any, place_of: Callable[[Row], Any]
) -> Iterator[list[Row]]:
    """Yield the pages of a table, in order, to its end.

    The pages of a damaged file can lead back to where they came from, and reading on would not end at all.

    Args:
        read: Reads the rows behind a place, some at a time, in order.
        start: The place before the first row.
        place_of: The place of a row.

    Raises:
        sqlite3.DatabaseError: If the rows go in a circle (``SQLITE_CORRUPT``).
    """
    last = start
    while rows := read(last):
        place = place_of(rows[-1])
        if not place > last:
            error = sqlite3.DatabaseError("its rows go in a circle")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        yield rows
        last = place
