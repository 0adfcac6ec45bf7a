"""Times of a mapped log, by the format and zone that its mapping gives."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import msgspec

from workbench.clock import SECOND, to_datetime, to_micros
from workbench.model.event import EventTime, Precision
from workbench.sources.document import Document
from workbench.sources.linux.wall_clock import read_wall_time
from workbench.sources.mapping.form import AUTO, EPOCH_UNITS, RFC3164, Time
from workbench.sources.protocol import Context
from workbench.sources.times import read_moment, to_utc

_NUMBER = re.compile(r"-?\d{1,20}(?:\.(\d{1,20}))?", re.ASCII)
_FRACTION = re.compile(r"[.,](\d{1,6})(?!\d)", re.ASCII)
_LONGEST = 100
"""Characters of the longest text that can be a time."""

_UNIT_PRECISION = {
    "epoch seconds": Precision.SECOND,
    "epoch milliseconds": Precision.MILLISECOND,
    "epoch microseconds": Precision.MICROSECOND,
    "epoch nanoseconds": Precision.NANOSECOND,
}
_GIVEN = "(--timezone)"


class MappedTime:
    """Reads the time of a record as a mapping says."""

    def __init__(self, form: Time, by: str) -> None:
        self._paths = [form.path] if isinstance(form.path, str) else form.path
        self._format = form.format
        self._zone = form.zone
        self._by = by

    def read(self, fields: Document, context: Context) -> EventTime:
        """Return the time of a record; the mapping's zone goes before that of ``add --timezone``."""
        name = next((path for path in self._paths if fields.has(path)), self._paths[0])
        raw = fields.value(name)
        if self._zone is not None:
            context = msgspec.structs.replace(context, timezone=self._zone)
        time = self._read(raw, name, context)
        if self._zone is not None and time.basis.find(_GIVEN) >= 0:
            # The zone was not the command line's: the mapping gave it.
            time = msgspec.structs.replace(time, basis=time.basis.replace(_GIVEN, f"({self._by})"))
        return time

    def _read(self, raw: object, basis: str, context: Context) -> EventTime:
        if self._format == AUTO:
            return read_moment(raw, basis, context)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            raw = repr(raw) if not isinstance(raw, int) or abs(raw) < 10**20 else None
        if not isinstance(raw, str):
            return EventTime(None, None, Precision.UNKNOWN, basis)
        if len(raw) > _LONGEST:
            return EventTime(None, raw, Precision.UNKNOWN, basis)
        if self._format == RFC3164:
            return read_wall_time(raw, context)
        if self._format in EPOCH_UNITS:
            return _epoch(raw, basis, self._format)
        return _parsed(raw, basis, self._format, context)


def _epoch(raw: str, basis: str, unit: str) -> EventTime:
    match = _NUMBER.fullmatch(raw.strip())
    if match is None:
        return EventTime(None, raw, Precision.UNKNOWN, basis)
    micros = int(Decimal(match[0]) * SECOND / EPOCH_UNITS[unit])
    precision = _UNIT_PRECISION[unit]
    if unit == "epoch seconds":
        precision = _precision(len(match[1] or ""))
    return EventTime(_shown(micros), raw, precision, f"{basis}, {unit}")


def _parsed(raw: str, basis: str, form: str, context: Context) -> EventTime:
    precision = Precision.UNKNOWN
    if "%f" in form:
        fraction = _FRACTION.search(raw)
        precision = _precision(len(fraction[1])) if fraction else Precision.UNKNOWN
    elif "%S" in form or "%T" in form or "%X" in form or "%c" in form:
        precision = Precision.SECOND
    try:
        moment = dt.datetime.strptime(raw.strip(), form)  # the zone is dealt with below
    except (ValueError, OverflowError):
        return EventTime(None, raw, precision, basis)
    try:
        if moment.tzinfo is not None:
            return EventTime(_shown(to_micros(moment)), raw, precision, basis)
        if context.timezone is None:
            return EventTime(None, raw, precision, f"{basis}, no zone")
        micros, how = to_utc(to_micros(moment.replace(tzinfo=dt.UTC)), context.timezone)
    except (ValueError, OverflowError):
        return EventTime(None, raw, precision, basis)
    return EventTime(_shown(micros), raw, precision, f"{basis}, no zone: {how}")


def _precision(digits: int) -> Precision:
    if digits == 0:
        return Precision.SECOND
    if digits <= 3:
        return Precision.MILLISECOND
    return Precision.MICROSECOND if digits <= 6 else Precision.NANOSECOND


def _shown(micros: int) -> int | None:
    """Return an instant if a calendar can show it."""
    try:
        to_datetime(micros)
    except OverflowError:
        return None
    return micros
