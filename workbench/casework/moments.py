"""Times that responders write: read as a query reads them, kept as RFC 3339."""

from __future__ import annotations

import datetime as dt
import re

from workbench.clock import SECOND, rfc3339, to_micros
from workbench.errors import WorkbenchError
from workbench.search.times import read_span

_ZONE = re.compile(r"(Z|[+-]\d{2}:\d{2})$")


def written_time(text: str | None, *, ends: bool = False) -> str | None:
    """Return a time that a person wrote as RFC 3339 UTC.

    Args:
        text: As they wrote it; it names a unit, such as a day or a minute.
        ends: Whether it ends a period, which then holds the whole unit, as ``[… TO 2026-03-05]`` does in a filter: what is
            returned is the last instant of the unit. Otherwise it is the first.

    Raises:
        WorkbenchError: If it cannot be read.
    """
    if text is None or not text.strip():
        return None
    try:
        start, after = read_span(text.strip())
    except ValueError as error:
        raise WorkbenchError(f"{text!r} is no time", str(error)) from None
    instant = after - 1 if ends else start
    return rfc3339(instant, 0 if instant % SECOND == 0 else 6)


def said_time(text: str | None) -> str | None:
    """Return a time that a person wrote and that can be read, as they wrote it, with the zone that it is taken in."""
    if text is None or not text.strip():
        return None
    said = text.strip().upper()
    return said if "T" not in said or _ZONE.search(said) else f"{said}Z"


def instant_of(text: str) -> int:
    """Return the instant of an RFC 3339 time that the workbench wrote, microseconds UTC."""
    return to_micros(dt.datetime.fromisoformat(text))
