"""Times as logs write them, to integer microseconds UTC with the text and precision kept."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

from workbench.clock import SECOND, to_micros
from workbench.model.event import EventTime, Precision
from workbench.sources.interning import Remembered
from workbench.sources.protocol import Context

_TEXT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,40}))?\s?(Z|z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,40})?", re.ASCII)
_MOST_DIGITS = 20
ZONELESS = ", no zone"
"""What the basis of a time ends in that is no instant for want of a zone."""

AMBIGUOUS = ", an hour that "
"""What the basis of a time holds whose wall clock was set in that hour."""

_LONGEST = 64
"""Characters of the longest text that can be a time."""

_LARGEST_BITS = 4_096
"""Bits of the largest integer that is written out: Python refuses to print much larger ones."""

_USUAL = len("2006-01-02T15:04:05Z")
"""Length of the commonest form by far, which takes a shorter way."""

_SHAPE, _SPACED = "--T::", "-- ::"
"""What stands between the numbers of the usual form, and of that of most exports."""

_DIGITS = 40
"""More digits of a fraction than any clock has."""

_EARLIEST = 946_684_800
_LATEST = 4_102_444_800
"""Seconds of the years 2000 and 2100: a bare number is taken in the unit that puts it between them."""

_FIRST = to_micros(dt.datetime.min.replace(tzinfo=dt.UTC))
_LAST = to_micros(dt.datetime.max.replace(tzinfo=dt.UTC))

_UNITS = (
    (1, "seconds", Precision.SECOND),
    (1_000, "milliseconds", Precision.MILLISECOND),
    (1_000_000, "microseconds", Precision.MICROSECOND),
    (1_000_000_000, "nanoseconds", Precision.NANOSECOND),
)
_BY_DIGITS = (Precision.SECOND,) + 3 * (Precision.MILLISECOND,) + 3 * (Precision.MICROSECOND,)


def read_moment(raw: object, basis: str, context: Context, *, utc_by: str = "") -> EventTime:
    """Read a time as :func:`read_time` does, one without a zone by the source's rule or the responder's word.

    Args:
        raw: The value as decoded.
        basis: The field it came from; what had to be assumed is added to it.
        context: What is known beside the record: the zone that the responder gave.
        utc_by: Who documents that this field is UTC without saying so (``Microsoft``, ``Panther``). It goes before
            the responder's zone, which is meant for logs that no rule covers.
    """
    if utc_by:
        return read_time(raw, basis, zone_assumed=True, assumed_by=utc_by)
    time = read_time(raw, basis)
    if time.micros is not None or context.timezone is None or not time.basis.endswith(ZONELESS):
        return time
    local = read_time(raw, basis, zone_assumed=True)
    if local.micros is None:
        return time
    micros, how = to_utc(local.micros, context.timezone)
    if not _FIRST <= micros <= _LAST:
        return time
    return EventTime(micros, time.raw, time.precision, f"{basis}{ZONELESS}: {how}")


def to_utc(local: int, timezone: str) -> tuple[int, str]:
    """Turn a reading of a wall clock into UTC.

    Args:
        local: Microseconds, as if the clock showed UTC.
        timezone: IANA name of the clock's zone, as the responder gave it.

    Returns:
        Microseconds UTC, and how that was done. When clocks are set back an hour comes twice: the first is taken, and
        said so; the hour that is left out in spring is taken as if the clock had not been set.
    """
    zone = _zone(timezone)
    seconds, fraction = divmod(local, SECOND)
    wall = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)  # a wall clock
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    how = f"{timezone} (--timezone)"
    if first.utcoffset() != second.utcoffset():
        # Only an hour that exists comes back as itself from UTC.
        back = first.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) == wall
        how += AMBIGUOUS + ("came twice: the first" if back else "the clock left out")
    offset = first.utcoffset()
    assert offset is not None
    return (seconds - int(offset.total_seconds())) * SECOND + fraction, how


@functools.lru_cache(maxsize=32)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)


def read_time(raw: object, basis: str, *, zone_assumed: bool = False, assumed_by: str = "") -> EventTime:
    """Read a time.

    Understood are RFC 3339 and its usual neighbours (a space for the ``T``, any number of fractional digits,
    which are truncated to microseconds) and epoch numbers, whose unit is the one that puts them between the
    years 2000 and 2100. Anything else keeps its text and has no instant.

    Args:
        raw: The value as decoded.
        basis: The field it came from; what had to be assumed is added to it.
        zone_assumed: Whether a time without a zone is known to be UTC. If not, it has no instant.
        assumed_by: Whose habit the assumption rests on, for the basis.
    """
    if isinstance(raw, str):
        if len(raw) == _USUAL and raw[4:20:3] == "--T::Z":
            try:
                micros = to_micros(dt.datetime.fromisoformat(raw))
            except ValueError:
                return EventTime(None, raw, Precision.SECOND, basis)
            return EventTime(micros, raw, Precision.SECOND, basis)
        if len(raw) <= _LONGEST:
            if raw[4:19:3] == _SHAPE and raw[19:20] == "." and raw[-1] == "Z":
                instant = _usual(raw[:19], raw[20:-1])
                if instant is not None:
                    return EventTime(instant, raw, _precision(len(raw) - 21), basis)
            return _read_text(raw, basis, zone_assumed, assumed_by)
        return EventTime(None, raw, Precision.UNKNOWN, basis)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _read_number(raw, basis)
    return EventTime(None, None, Precision.UNKNOWN, basis)


def _whole(text: str) -> int | None:
    try:
        return to_micros(dt.datetime.fromisoformat(text + "Z"))
    except ValueError:
        return None


_WHOLE: Remembered[str, int | None] = Remembered(_whole)
"""Microseconds UTC of times in whole seconds, of which a busy hour has 3,600; ``None`` for what is no time."""


def _usual(text: str, fraction: str) -> int | None:
    """Return the microseconds of a time in the usual form, ``None`` if it is no such time.

    Args:
        text: As far as the seconds.
        fraction: The digits behind them.
    """
    if not (len(fraction) < _DIGITS and fraction.isdecimal() and fraction.isascii() and text.isascii()):
        return None
    whole = _WHOLE[text]
    return None if whole is None else whole + int(fraction[:6].ljust(6, "0"))


def _read_text(raw: str, basis: str, zone_assumed: bool, assumed_by: str) -> EventTime:
    text = raw.strip()
    if len(text) <= _MOST_DIGITS and text.isdecimal() and text.isascii():
        return _whole_epoch(int(text), raw, basis)
    if zone_assumed and text[4:19:3] == _SPACED and text[19:20] == ".":
        instant = _usual(text[:19], text[20:])
        if instant is not None:
            return EventTime(instant, raw, _precision(len(text) - 20), _assumed(basis, assumed_by))
    match = _TEXT.fullmatch(text)
    if match is None:
        if _NUMBER.fullmatch(text):
            return _epoch(Decimal(text), raw, basis)
        return EventTime(None, raw, Precision.UNKNOWN, basis)
    fraction, zone = match[7] or "", match[8]
    precision = _precision(len(fraction))
    if zone is None:
        if not zone_assumed:
            return EventTime(None, raw, precision, basis + ZONELESS)
        basis = _assumed(basis, assumed_by)
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.group(1, 2, 3, 4, 5, 6))
        moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=_offset(zone))
        micros = to_micros(moment) + int(fraction[:6].ljust(6, "0"))
    except (ValueError, OverflowError):
        return EventTime(None, raw, precision, basis)
    # An offset can push the ends of the calendar beyond it, where nothing can show them.
    return EventTime(micros if _FIRST <= micros <= _LAST else None, raw, precision, basis)


def _assumed(basis: str, by: str) -> str:
    return f"{basis}{ZONELESS}: UTC assumed ({by})" if by else f"{basis}{ZONELESS}: UTC assumed"


def _offset(zone: str | None) -> dt.timezone:
    if zone is None or zone[0] not in "+-":
        return dt.UTC
    digits = zone[1:].replace(":", "")
    size = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(size if zone[0] == "+" else -size)


def _precision(digits: int) -> Precision:
    if digits < len(_BY_DIGITS):
        return _BY_DIGITS[digits]
    return Precision.HUNDRED_NANOSECONDS if digits == 7 else Precision.NANOSECOND


def _read_number(raw: int | float, basis: str) -> EventTime:
    if isinstance(raw, int) and raw.bit_length() > _LARGEST_BITS:
        return EventTime(None, None, Precision.UNKNOWN, basis)
    text = repr(raw)
    if isinstance(raw, int):
        return _whole_epoch(raw, text, basis)
    if not math.isfinite(raw):
        return EventTime(None, text, Precision.UNKNOWN, basis)
    return _epoch(Decimal(text), text, basis)


def _whole_epoch(number: int, raw: str, basis: str) -> EventTime:
    for factor, unit, precision in _UNITS:
        if _EARLIEST * factor <= number < _LATEST * factor:
            return EventTime(number * SECOND // factor, raw, precision, f"{basis}, epoch {unit}")
    return EventTime(None, raw, Precision.UNKNOWN, basis)


def _epoch(number: Decimal, raw: str, basis: str) -> EventTime:
    for factor, unit, precision in _UNITS:
        if _EARLIEST * factor <= number < _LATEST * factor:
            exponent = number.as_tuple().exponent
            if unit == "seconds" and isinstance(exponent, int):
                precision = _precision(max(0, -exponent))
            return EventTime(int(number * SECOND / factor), raw, precision, f"{basis}, epoch {unit}")
    return EventTime(None, raw, Precision.UNKNOWN, basis)
