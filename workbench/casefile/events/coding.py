"""Columns of parts to columns of numbers: what a part comes down to is worked out once, not once an event or a batch.

Readers hand out the same object for the same value, so the distinct parts of a column are found by the identities of its
objects, and what they come down to is remembered by identity too.
"""

from __future__ import annotations

import itertools
import operator
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.casefile.events.batch import Codes

_BYTE = 256

_KEPT = 16_384
"""Results that are remembered. A day of one busy account has a few thousand distinct values of each part."""

_MANY = 64
_RECURRING = 0.75
"""Of so many events and more, a column with more than this part of its values new is one whose values do not recur."""

_LONGEST = 512
"""Length of the longest text of a result that is remembered, and of the longest list."""


class Converted:
    """A pure function of a part of an event, whose results are remembered by the identity of the part.

    The memory holds the part as well, so that no other object can come to have its identity. It is emptied when full, and
    keeps nothing long: hostile logs cannot fill it.
    """

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        self._convert = convert
        self._known: dict[int, tuple[Any, Any]] = {}

    def by_identity(self, parts: Sequence[Any], identities: Sequence[int]) -> dict[int, Any]:
        """Return the results for the distinct parts of a column, in order of appearance; ``None`` for an empty part.

        Args:
            parts: The column.
            identities: ``id`` of each part.
        """
        known = self._known
        objects = dict(zip(identities, parts, strict=True))
        missing = len(objects.keys() - known.keys())
        if missing:
            return self._converted(objects, missing, len(parts))
        return {identity: known[identity][1] for identity in objects}

    def column(self, parts: Sequence[Any]) -> list[Any]:
        """Return the result for each part of a column."""
        identities = list(map(id, parts))
        return list(map(self.by_identity(parts, identities).__getitem__, identities))

    def _converted(self, objects: dict[int, Any], missing: int, events: int) -> dict[int, Any]:
        if len(self._known) + missing > _KEPT:
            self._known = {}
        known, convert = self._known, self._convert
        # What every event says otherwise never comes again: to remember it would only cost.
        keeping = events < _MANY or missing < events * _RECURRING
        found = {}
        for identity, part in objects.items():
            entry = known.get(identity)
            if entry is not None:
                found[identity] = entry[1]
                continue
            result = found[identity] = convert(part) if part else None
            if keeping and _is_short(result):
                known[identity] = (part, result)
        return found


def _is_short(result: Any) -> bool:
    if type(result) is tuple:
        for each in result:
            if type(each) is str:
                if len(each) > _LONGEST:
                    return False
            elif type(each) is tuple and not _is_short(each):
                return False
        return len(result) <= _LONGEST
    return type(result) is not str or len(result) <= _LONGEST


def coded(parts: Sequence[Any], values: Converted) -> tuple[Codes, list[Any]]:
    """Number the distinct values of a column from 1 in order of appearance; 0 stands for none.

    Args:
        parts: The column.
        values: What a part comes down to, ``None`` for no value.

    Returns:
        The numbers, none if all events have the same; and the values.
    """
    if parts and all(map(operator.is_, parts, itertools.repeat(parts[0]))):
        return b"", [value for value in values.column(parts[:1]) if value is not None]
    identities = list(map(id, parts))
    return numbered(identities, values.by_identity(parts, identities))


def numbered(identities: Sequence[int], values: Mapping[int, Any]) -> tuple[Codes, list[Any]]:
    """Number the distinct values of a column as :func:`coded` does.

    Args:
        identities: ``id`` of each part.
        values: What the parts come down to, by identity.
    """
    numbers: dict[Any, int] = {}
    by_identity = {
        identity: 0 if value is None else numbers.setdefault(value, len(numbers) + 1)
        for identity, value in values.items()
    }
    codes: Codes = b""
    if len(set(by_identity.values())) > 1:
        spread = map(by_identity.__getitem__, identities)
        codes = bytes(spread) if len(numbers) < _BYTE else array("I", spread)
    return codes, list(numbers)
