"""Instants as integers: microseconds since 1970-01-01T00:00:00Z, and a clock that tests can set.

The whole program keeps time as ``int`` microseconds UTC; text appears only at the edges.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import time
from pathlib import Path
from typing import NamedTuple, Protocol

SECOND = 1_000_000
"""Microseconds in a second."""

DAY = 86_400 * SECOND
"""Microseconds in a day."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class ClockReading(NamedTuple):
    """All that a machine can say about the time at once.

    Attributes:
        wall: The present instant by the wall clock, microseconds UTC. People can set that clock.
        monotonic: Microseconds since the machine started, by a clock that nobody can set; ``None`` if there is none.
        boot: Names the start of the machine that ``monotonic`` counts from; readings compare only within one.
        zone: Offset of the machine's local time from UTC, as ``+02:00``.
    """

    wall: int
    monotonic: int | None
    boot: str | None
    zone: str


class Clock(Protocol):
    """Something that tells the present instant."""

    def now(self) -> int:
        """Return the present instant in microseconds UTC."""
        ...

    def reading(self) -> ClockReading:
        """Return the present instant with what else is known about it."""
        ...


class SystemClock:
    """The clock of the machine. Its offset from true time is unknown: a journal entry can record a comparison."""

    def now(self) -> int:
        """Return the machine's present instant in microseconds UTC."""
        return to_micros(dt.datetime.now(dt.UTC))

    def reading(self) -> ClockReading:
        """Return the machine's present instant with what else is known about it."""
        local = dt.datetime.now(dt.UTC).astimezone()
        # Linux has a clock that goes on while the machine sleeps, as the wall clock does.
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        offset = local.strftime("%z")
        return ClockReading(
            to_micros(local), time.clock_gettime_ns(clock) // 1000, _boot(), f"{offset[:3]}:{offset[3:5]}"
        )


class FixedClock:
    """A clock that stands still, for tests and reproducible demonstrations.

    Args:
        micros: The instant it shows.
        monotonic: Microseconds since the start of its machine; ``None`` for a machine without such a clock.
    """

    def __init__(self, micros: int, monotonic: int | None = None) -> None:
        self.micros = micros
        self.monotonic = monotonic

    def now(self) -> int:
        """Return the instant the clock was set to."""
        return self.micros

    def reading(self) -> ClockReading:
        """Return the instant the clock was set to; its machine started once."""
        return ClockReading(
            self.micros, self.monotonic, None if self.monotonic is None else "fixed", "+00:00"
        )


@functools.cache
def _boot() -> str | None:
    """Return the random id that Linux gives to every start of the machine."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return None


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


def stated_time(micros: int) -> str:
    """Write an instant that a file system or an archive states, which may lie outside the years that RFC 3339 has."""
    try:
        return rfc3339(micros, 6)
    except OverflowError:
        return f"{micros} us since 1970"


def span_text(micros: int) -> str:
    """Write a span of time in its two largest units: ``2 h 14 min``; one that is negative as nothing."""
    seconds = max(0, micros) // SECOND
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


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
