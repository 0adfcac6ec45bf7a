"""What a query of the filter language means: a small tree of conditions on one event.

The tree says nothing about how the conditions are looked up; the case file turns it into statements of its
own, and ``Pattern.matches`` is the reference by which any such translation is judged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TypeAlias

from workbench.search.fields import Field


@dataclasses.dataclass(frozen=True, slots=True)
class Pattern:
    """A text to compare with, in which wildcards may stand.

    Attributes:
        parts: The literal pieces between wildcards, each wildcard standing for any run of characters, also
            none: ``a*b`` is ``('a', 'b')``, ``*a`` is ``('', 'a')``, ``*`` alone ``('', '')``. One part means
            no wildcard. Only the first and the last part may be empty when there are several, so each pattern
            has one spelling.
    """

    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.parts or not all(self.parts[1:-1]):
            raise ValueError(f"not the parts of a pattern: {self.parts!r}")

    @classmethod
    def of(cls, pieces: Iterable[str]) -> Pattern:
        """Build a pattern from pieces between wildcards, taking wildcards that touch as one."""
        first, *rest = pieces
        if not rest:
            return cls((first,))
        return cls((first, *filter(None, rest[:-1]), rest[-1]))

    @property
    def literal(self) -> str | None:
        """The text itself if no wildcard stands in it, else ``None``."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def is_any(self) -> bool:
        """Whether this is the lone wildcard: any value at all, as long as there is one."""
        return self.parts == ("", "")

    def matches(self, text: str) -> bool:
        """Tell whether the whole of ``text`` fits; case does not count (Unicode case folding)."""
        text = text.casefold()
        first, *rest = (part.casefold() for part in self.parts)
        if not rest:
            return text == first
        *middle, last = rest
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        position, end = len(first), len(text) - len(last)
        # Taking each piece at its leftmost place leaves the most room for the ones after it.
        for part in middle:
            found = text.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return True


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """One value is looked for.

    Attributes:
        field: The field whose whole value must fit the pattern; ``None`` for a free word, which may stand
            anywhere in any text of an event (as if its pattern had a wildcard at either end). Of a field with
            several values (resources) one that fits is enough. The lone wildcard asks that the field is
            present.
        pattern: What is looked for. Of a field with fixed choices, a pattern without wildcards is spelled
            exactly as the choice.
    """

    field: Field | None
    pattern: Pattern


@dataclasses.dataclass(frozen=True, slots=True)
class TimeRange:
    """The event's time lies in ``low <= time < high``. An event without a readable time lies in no range.

    Attributes:
        low: First instant inside, microseconds UTC; ``None`` for no bound.
        high: First instant after the range, microseconds UTC; ``None`` for no bound. With neither bound the
            condition is that the event has a readable time.
    """

    low: int | None
    high: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class And:
    """All of the parts hold. No part is itself an ``And``; there are at least two."""

    parts: tuple[Query, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts holds. No part is itself an ``Or``; there are at least two."""

    parts: tuple[Query, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; so an event without the field fits the negation of any term on it."""

    part: Query


Query: TypeAlias = Term | TimeRange | And | Or | Not


def conjunction(parts: Iterable[Query]) -> Query:
    """Join conditions that must all hold, without nesting an ``And`` in an ``And``.

    Raises:
        ValueError: If there are no parts.
    """
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    if not flat:
        raise ValueError("nothing to join")
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(parts: Iterable[Query]) -> Query:
    """Join conditions of which one must hold, without nesting an ``Or`` in an ``Or``.

    Raises:
        ValueError: If there are no parts.
    """
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Or) else (part,))
    if not flat:
        raise ValueError("nothing to join")
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
