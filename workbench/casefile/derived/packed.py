"""The columns in which the events of a trail agree, several in one number.

A million events are read one by one, and most of that time goes into handing each column over and telling trails apart by all of
them. Each column refers to a table of few rows, so that two numbers mostly hold all eight.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from workbench.casefile.derived.values import PARTS, Parts
from workbench.casefile.events.batch import EVENT_DICTIONARIES

_BITS = 63
"""Of a number of SQLite that is not negative."""


class _Field(NamedTuple):
    """Where a part stands: in which number, and in which bits of it. Zero stands for NULL: rows are numbered from one."""

    word: int
    shift: int
    mask: int


class PackedParts:
    """Reads the parts of a trail as few numbers, by how many rows they can refer to.

    Args:
        connection: Any.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._fields: list[_Field] = []
        words: list[list[str]] = [[]]
        used = 0
        for part in PARTS:
            (last,) = connection.execute(
                f"SELECT ifnull(max(id), 0) FROM {EVENT_DICTIONARIES[part]}"
            ).fetchone()
            bits = int(last).bit_length()
            if used + bits > _BITS:
                words.append([])
                used = 0
            self._fields.append(_Field(len(words) - 1, used, (1 << bits) - 1))
            words[-1].append(f"ifnull(e.{part}, 0) << {used}")
            used += bits
        self.columns = ", ".join(" | ".join(f"({part})" for part in word) for word in words)
        """These numbers of an event (alias ``e``), as SQL."""

    def parts(self, numbers: Sequence[int]) -> Parts:
        """Return the parts that numbers stand for."""
        return tuple([numbers[word] >> shift & mask or None for word, shift, mask in self._fields])
