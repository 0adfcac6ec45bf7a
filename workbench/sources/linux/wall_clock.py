"""Times of RFC 3164 lines: a wall clock without zone and, as a rule, without year."""

from __future__ import annotations

import datetime as dt
import functools
import re
from zoneinfo import ZoneInfo

from workbench.clock import DAY, to_datetime, to_micros
from workbench.model.event import EventTime, Precision
from workbench.sources.interning import remembered
from workbench.sources.linux.header import Form, Header
from workbench.sources.protocol import Context
from workbench.sources.times import read_moment, to_utc

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_WALL = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?", re.ASCII)
_PRECISIONS = {
    0: Precision.SECOND,
    3: Precision.MILLISECOND,
    6: Precision.MICROSECOND,
    9: Precision.NANOSECOND,
}


def read_header_time(header: Header, context: Context) -> EventTime:
    """Read the time of a syslog line."""
    if header.form is Form.RFC3164:
        return _read(header.time, context.timezone, context.modified_at)
    return read_moment(header.time.replace(",", "."), header.form.value, context)


def read_wall_time(raw: str, context: Context) -> EventTime:
    """Read a time without zone, and mostly without year, of RFC 3164 section 4.1.2.

    The year is that of the file's own date, as its writer's clock showed it; a day that lies after that date belongs to
    the year before, for a log is not written ahead. One day is granted for clocks and zones that differ. Without a zone
    from the responder, or without year and date, there is no instant.

    Args:
        raw: The text (``Jul 10 11:42:18``).
        context: The responder's zone and the file's date.
    """
    return _read(raw, context.timezone, context.modified_at)


@remembered(4096)
def _read(raw: str, timezone: str | None, modified_at: int | None) -> EventTime:
    basis = Form.RFC3164.value
    match = _WALL.fullmatch(raw)
    if match is None or match[1] not in _MONTHS:
        return EventTime(None, raw, Precision.UNKNOWN, basis)
    fraction = match[7] or ""
    precision = next(unit for digits, unit in _PRECISIONS.items() if len(fraction) <= digits)
    month, day = _MONTHS[match[1]], int(match[2])
    if match[3] is not None:
        year = int(match[3])
    elif modified_at is None:
        return EventTime(None, raw, precision, f"{basis}, no year and no date of the file to take it from")
    else:
        found = _year_of(month, day, modified_at, timezone)
        if found is None:
            return EventTime(None, raw, precision, f"{basis}, no year and no usable date of the file")
        year = found
        basis = f"{basis}, no year: {year} from the file's date"
    if timezone is None:
        return EventTime(None, raw, precision, f"{basis}, no zone")
    try:
        wall = dt.datetime(year, month, day, int(match[4]), int(match[5]), int(match[6]), tzinfo=dt.UTC)
        micros, how = to_utc(to_micros(wall) + int(fraction[:6].ljust(6, "0")), timezone)
        to_datetime(micros)
    except (ValueError, OverflowError):
        return EventTime(None, raw, precision, basis)
    return EventTime(micros, raw, precision, f"{basis}, no zone: {how}")


@functools.lru_cache(maxsize=1024)
def _year_of(month: int, day: int, modified_at: int, timezone: str | None) -> int | None:
    """Return the latest year in which the day is no later than the day after the file's date."""
    try:
        shown = modified_at if timezone is None else _wall_of(modified_at, timezone)
        written = to_datetime(shown)
        latest = to_datetime(shown + DAY)
    except (OverflowError, ValueError):
        return None
    if latest.year > written.year or (month, day) <= (latest.month, latest.day):
        return written.year
    return written.year - 1


def _wall_of(micros: int, timezone: str) -> int:
    """Return what a clock in the zone shows at an instant, as if it showed UTC."""
    return to_micros(to_datetime(micros).astimezone(ZoneInfo(timezone)).replace(tzinfo=dt.UTC))
