"""A case held against what was made anew from its evidence, from its contents to what follows from all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.casefile.compare.columns import OF_CASE
from workbench.casefile.compare.contents import Contents
from workbench.casefile.compare.numbers import Shared, Side
from workbench.casefile.compare.own import check_own
from workbench.casefile.compare.tables import Difference, held_tables

_OF_CHANGES = ("changed_resource", "change")


class CaseComparison:
    """Compares two case files.

    Args:
        stored: Connection to the case.
        rebuilt: Connection to what was made anew.
        path: The case.
    """

    def __init__(self, stored: sqlite3.Connection, rebuilt: sqlite3.Connection, path: Path) -> None:
        shared = Shared()
        self._connection = stored
        self._path = path
        self._sides = (Side(stored, shared), Side(rebuilt, shared))
        self.contents = Contents(*self._sides)
        """Compares contents: all of them come before what follows from them."""

    def of_case(self, *, changes: bool) -> Iterator[Difference]:
        """Yield how what follows from all contents differs.

        Args:
            changes: Whether changes are compared, too.
        """
        names = [name for name in OF_CASE if changes or name not in _OF_CHANGES]
        for _, table in held_tables(*self._sides, names):
            yield from table.differences()

    def underived(self) -> Iterator[Difference]:
        """Yield the tables of a case without events, nothing of which was ever derived, that hold something nevertheless."""
        for name, held in OF_CASE.items():
            (count,) = self._connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            if count:
                yield Difference(
                    held.code, f"table {name}", f"it has {count:,} rows, and nothing was derived"
                )

    def by_itself(self, told: Callable[[int, int], None]) -> Iterator[Difference]:
        """Yield what of the case contradicts other tables of it; see :func:`check_own`."""
        yield from check_own(self._connection, self._path, told)
