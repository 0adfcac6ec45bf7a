"""The time and the place of a record: parts that need no knowledge of the operation."""

from __future__ import annotations

from workbench.clock import SECOND
from workbench.model.event import EventTime, Place
from workbench.sources.aws_cloudtrail import warnings
from workbench.sources.interning import Remembered
from workbench.sources.times import read_time

_FIRST = 1_383_264_000 * SECOND
"""1 November 2013: AWS announced CloudTrail on 13 November 2013."""

_LAST = 4_102_444_800 * SECOND
"""1 January 2100."""

Moment = tuple[EventTime, tuple[str, ...]]
"""A time and what is odd about it."""


def read_moment(raw: object, basis: str, *, assumed_by: str = "") -> Moment:
    """Read a record's time. CloudTrail writes UTC, so a time that lost its zone in an export is UTC.

    Args:
        raw: The value as decoded.
        basis: The field it came from.
        assumed_by: Whose exports drop the zone, if known.
    """
    time = read_time(raw, basis, zone_assumed=True, assumed_by=assumed_by)
    if time.micros is None:
        return time, (warnings.BAD_TIME,)
    if time.micros < _FIRST:
        return time, (warnings.EARLY_TIME,)
    if time.micros >= _LAST:
        return time, (warnings.LATE_TIME,)
    return time, ()


NATIVE_MOMENTS: Remembered[str, Moment] = Remembered(lambda raw: read_moment(raw, "eventTime"))
"""``eventTime`` as AWS writes it, ``YYYY-MM-DDThh:mm:ssZ``, remembered: events share their second with
others."""


PLACES: Remembered[tuple[str | None, str | None], Place] = Remembered(
    lambda key: Place(key[0] or None, key[1] or None)
)
"""The account that received a record and its region, remembered."""
