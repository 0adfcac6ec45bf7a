"""Times as a query writes them. Each names a span: ``2023-07-10`` a day, ``2023-07-10T11:42`` a minute.

The forms are those of ISO 8601 / RFC 3339 in extended notation, cut off after any unit. Without an offset a
time is UTC.
"""

from __future__ import annotations

import datetime as dt
import re

from workbench.clock import SECOND, to_micros

_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_LAST_YEAR = 9999
_FIRST = to_micros(dt.datetime(1, 1, 1, tzinfo=dt.UTC))
_END = to_micros(dt.datetime(_LAST_YEAR, 12, 31, tzinfo=dt.UTC)) + _DAY

_TIME = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?)?)?"
)

FORMS = "2023, 2023-07, 2023-07-10, 2023-07-10T11:42, 2023-07-10T11:42:18.5Z or with an offset such as +02:00"
"""The forms a time can have, by example, for messages and help."""


def read_span(text: str) -> tuple[int, int]:
    """Read a time as the span of its last unit: ``(start, end)``, half-open, microseconds UTC.

    A fraction may have up to nine digits, as some logs write them; below a microsecond it is cut off, as the
    times of events are.

    Raises:
        ValueError: If the text has none of the forms, or names no instant of the years 1 to 9999 UTC. The
            message is one for the person who typed it.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"write {FORMS}")
    year, month, day, hour, minute, second = (
        int(match[unit] or least)
        for unit, least in (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
    )
    try:
        start = to_micros(dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC))
    except ValueError:
        raise ValueError("there is no such date or time of day") from None
    if match["fraction"]:
        digits = match["fraction"][:6]
        start += int(digits.ljust(6, "0"))
        end = start + 10 ** (6 - len(digits))
    elif match["second"]:
        end = start + SECOND
    elif match["minute"]:
        end = start + _MINUTE
    elif match["hour"]:
        end = start + _HOUR
    elif match["day"]:
        end = start + _DAY
    else:
        end = _next(year, month if match["month"] else 12)
    offset = _offset(match["zone"])
    if start - offset < _FIRST or end - offset > _END:
        raise ValueError("it lies outside the years 1 to 9999 UTC")
    return start - offset, end - offset


def _next(year: int, month: int) -> int:
    """Return the first instant after a month."""
    if (year, month) == (_LAST_YEAR, 12):
        return _END
    return to_micros(dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=dt.UTC))


def _offset(zone: str | None) -> int:
    """Return how far a zone is ahead of UTC, in microseconds."""
    if zone is None or zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError("an offset has at most 23 hours and 59 minutes")
    ahead = hours * _HOUR + minutes * _MINUTE
    return -ahead if zone[0] == "-" else ahead
