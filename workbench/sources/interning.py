"""Bounded memories that compute a value once and keep equal values one object.

Later stages then recognise a value by identity, and logs that repeat themselves cost little.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, TypeVarTuple, cast

Key = TypeVar("Key", bound="str | bytes | tuple[Any, ...]")
Values = TypeVarTuple("Values")
Result = TypeVar("Result")
Value = TypeVar("Value", bound=Hashable)

ENTRIES = 8192
"""Entries of a memory. A day of one busy account has a few thousand distinct values of each part."""

LONGEST = 512
"""Length of the longest key that is remembered, of several texts together: hostile logs cannot fill memory with it."""


def _weight(key: object) -> int:
    """Return the characters or bytes that a key keeps in memory; of several values, those of all."""
    if isinstance(key, tuple):
        return sum(map(_weight, key))
    return len(key) if isinstance(key, str | bytes) else 1


class Remembered(dict[Key, Result], Generic[Key, Result]):
    """A pure function of one text (or one tuple) whose results are looked up like those of a dictionary.

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
        if _weight(key) <= self._longest:
            if len(self) >= self._entries:
                self.clear()
            self[key] = value
        return value


def remembered(
    entries: int = ENTRIES, *, longest: int = LONGEST
) -> Callable[[Callable[[*Values], Result]], Callable[[*Values], Result]]:
    """Have the results of a pure function of several values remembered; it is then called by position only.

    Args:
        entries: Results that are kept.
        longest: Characters and bytes of the longest arguments together whose result is kept.
    """

    def remembering(compute: Callable[[*Values], Result]) -> Callable[[*Values], Result]:
        results: Remembered[tuple[*Values], Result] = Remembered(
            lambda values: compute(*values), entries=entries, longest=longest
        )

        @functools.wraps(compute)
        def call(*values: *Values) -> Result:
            return results[values]

        return call

    return remembering


@functools.lru_cache(maxsize=2 * ENTRIES)
def _first(value: Hashable) -> Hashable:
    return value


def interned(value: Value, *texts: str | None) -> Value:
    """Return the first object seen that equals ``value``; a new one once the old has left the memory.

    Args:
        value: Any value of the model.
        texts: Its texts; where they are long together the value is not remembered.
    """
    if sum(map(len, filter(None, texts))) > LONGEST:
        return value
    return cast(Value, _first(value))
