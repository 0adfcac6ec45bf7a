"""Back from a query's meaning to text that parses to the same query again."""

from __future__ import annotations

import re

from workbench.clock import SECOND, rfc3339
from workbench.search.query import And, Not, Or, Pattern, Query, Term, TimeRange

_PLAIN = re.compile(r'[^\s()\\*"]+')


def render(query: Query) -> str:
    """Write a query in the filter language: ``parse(render(query))`` gives an equal query.

    Raises:
        OverflowError: If a time range reaches outside the years 1 to 9999.
    """
    if isinstance(query, Term):
        if query.field is not None:
            return f"{query.field.name}:{_value(query.pattern)}"
        # A free word is always quoted: bare, it might read as a keyword or a field.
        return "*" if query.pattern.is_any else _quoted(query.pattern)
    if isinstance(query, TimeRange):
        return f"time:{_times(query)}"
    if isinstance(query, Not):
        return f"NOT {_operand(query.part)}"
    return (" AND " if isinstance(query, And) else " OR ").join(map(_operand, query.parts))


def _operand(part: Query) -> str:
    text = render(part)
    return f"({text})" if isinstance(part, And | Or) else text


def _value(pattern: Pattern) -> str:
    pieces = [part for part in pattern.parts if part]
    bare = all(map(_PLAIN.fullmatch, pieces)) and pattern.literal != ""
    return "*".join(pattern.parts) if bare else _quoted(pattern)


def _quoted(pattern: Pattern) -> str:
    if pattern.literal == "":
        return '""'
    # Only the outermost parts can be empty: there a wildcard stands at the very edge, with nothing to quote.
    return "*".join(
        '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' if part else "" for part in pattern.parts
    )


def _times(span: TimeRange) -> str:
    low = None if span.low is None else rfc3339(span.low, 6 if span.low % SECOND else 0)
    # The end is written as the last unit inside, not as the first instant outside: that may be the year
    # 10000.
    high = None
    if span.high is not None:
        high = rfc3339(span.high - 1, 6) if span.high % SECOND else rfc3339(span.high - SECOND)
    if low is None and high is None:
        return "*"
    if high is None:
        return f">={low}"
    return f"<={high}" if low is None else f"[{low} TO {high}]"
