"""Bounded memories that compute a value once and keep equal values one object.

Later stages then recognise a value by identity, and logs that repeat themselves cost little.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

Key = TypeVar("Key", bound="str | bytes")
Result = TypeVar("Result")
Value = TypeVar("Value", bound=Hashable)

ENTRIES = 8192
"""Entries of a memory. A day of one busy account has a few thousand distinct values of each part."""

LONGEST = 512
"""Length of the longest key that is remembered: hostile logs cannot fill memory with it."""


class Remembered(dict[Key, Result], Generic[Key, Result]):
    """A pure function of one text whose results are looked up like those of a dictionary.

    A dictionary with a missing-key hook is the fastest cache Python has. When full it is emptied: what recurs
    comes back at once.
    """

    def __init__(
        self, compute: Callable[[Key], Result], *, entries: int = ENTRIES, longest: int = LONGEST
    ) -> None:
        super().__init__()
        self._compute = compute
        self._entries = entries
        self._longest = longest

    def __missing__(self, key: Key) -> Result:
        value = self._compute(key)
        if len(key) <= self._longest:
            if len(self) >= self._entries:
                self.clear()
            self[key] = value
        return value


@functools.lru_cache(maxsize=2 * ENTRIES)
def _first(value: Hashable) -> Hashable:
    return value


def interned(value: Value, *texts: str | None) -> Value:
    """Return the first object seen that equals ``value``; a new one once the old has left the memory.

    Args:
        value: Any value of the model.
        texts: Its texts; where they are long together the value is not remembered.
    """
    if sum(len(text) for text in texts if text) > LONGEST:
        return value
    return cast(Value, _first(value))
