"""Instants as integers: microseconds since 1970-01-01T00:00:00Z, and a clock that tests can set.

The whole program keeps time as ``int`` microseconds UTC; text appears only at the edges.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Protocol

SECOND = 1_000_000
"""Microseconds in a second."""

DAY = 86_400 * SECOND
"""Microseconds in a day."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Clock(Protocol):
    """Something that tells the present instant."""

    def now(self) -> int:
        """Return the present instant in microseconds UTC."""
        ...


class SystemClock:
    """The clock of the machine. Its offset from true time is unknown: a note can record a comparison."""

    def now(self) -> int:
        """Return the machine's present instant in microseconds UTC."""
        return to_micros(dt.datetime.now(dt.UTC))


class FixedClock:
    """A clock that stands still, for tests and reproducible demonstrations."""

    def __init__(self, micros: int) -> None:
        self.micros = micros

    def now(self) -> int:
        """Return the instant the clock was set to."""
        return self.micros


def to_micros(moment: dt.datetime) -> int:
    """Convert an aware datetime to integer microseconds UTC, exactly.

    Raises:
        TypeError: If ``moment`` has no zone: a zone-less time is never guessed.
    """
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(micros: int) -> dt.datetime:
    """Convert microseconds UTC to an aware datetime.

    Raises:
        OverflowError: If the instant lies outside the years 1 to 9999.
    """
    return _EPOCH + dt.timedelta(microseconds=micros)


def rfc3339(micros: int, digits: int = 0) -> str:
    """Write an instant as RFC 3339 UTC with ``digits`` (0 to 6) fractional digits, truncating.

    Written out by hand because every event passes here when it is stored, to see whether its time text can be dropped.

    Raises:
        OverflowError: If the instant lies outside the years 1 to 9999.

    >>> rfc3339(1_688_989_338_000_000)
    '2023-07-10T11:42:18Z'
    """
    days, rest = divmod(micros, DAY)
    seconds, fraction = divmod(rest, SECOND)
    text = f"{_date(days)}T{_MINUTES[seconds // 60]}{_SECONDS[seconds % 60]}"
    return f"{text}.{fraction:06}"[: 20 + digits] + "Z" if digits else text + "Z"


_MINUTES = tuple(f"{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02}" for second in range(60))


@functools.lru_cache(maxsize=4096)
def _date(days: int) -> str:
    return (_EPOCH + dt.timedelta(days=days)).date().isoformat()
