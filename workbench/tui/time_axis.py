"""Round buckets, ticks and ranges for a time axis. Pure arithmetic on microseconds UTC."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left

from workbench import clock
from workbench.tui.zones import Zone

_MS = 1_000
_S = clock.SECOND
_M = 60 * _S
_H = 60 * _M
_D = 24 * _H

BUCKETS = (
    *(n * _MS for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * _S for n in (1, 2, 5, 10, 15, 30)),
    *(n * _M for n in (1, 2, 5, 10, 15, 30)),
    *(n * _H for n in (1, 2, 3, 6, 12)),
    *(n * _D for n in (1, 2, 7, 14, 28, 56, 182, 364, 1820, 3640, 36400)),
)
"""Widths of a column that people can think in, in microseconds."""

_TICKS = (
    *(n * _MS for n in (10, 20, 50, 100, 200, 500)),
    *(n * _S for n in (1, 2, 5, 10, 15, 30)),
    *(n * _M for n in (1, 2, 5, 10, 15, 30)),
    *(n * _H for n in (1, 2, 3, 6, 12)),
    *(n * _D for n in (1, 2, 7, 14, 28, 91, 182, 364, 1820, 3640, 36400)),
)


@dataclasses.dataclass(frozen=True)
class View:
    """The stretch of time on show: ``columns`` buckets from ``start`` on.

    Attributes:
        start: First instant, a multiple of ``bucket``, microseconds UTC.
        bucket: Width of a column in microseconds.
        columns: Number of columns.
    """

    start: int
    bucket: int
    columns: int

    @property
    def end(self) -> int:
        """The instant behind the last column."""
        return self.start + self.bucket * self.columns

    def edges(self) -> list[int]:
        """Return the instants between columns, one more than there are columns."""
        return [self.start + self.bucket * column for column in range(self.columns + 1)]

    def column_of(self, micros: int) -> int:
        """Return the column of an instant; it may lie outside the view."""
        return (micros - self.start) // self.bucket

    def moved(self, columns: int) -> View:
        """Return the view shifted by whole columns."""
        return dataclasses.replace(self, start=self.start + columns * self.bucket)

    def zoomed(self, steps: int, about: int) -> View:
        """Return the view with a finer (positive) or coarser bucket, the column of ``about`` staying in its place."""
        place = max(0, min(BUCKETS.index(self.bucket) - steps, len(BUCKETS) - 1))
        bucket = BUCKETS[place]
        start = about - self.column_of(about) * bucket
        return View(start // bucket * bucket, bucket, self.columns)


def fitting(first: int, last: int, columns: int) -> View:
    """Return the finest view of ``columns`` columns that holds both instants, the range in its middle."""
    columns = max(1, columns)
    for bucket in BUCKETS:
        start = first // bucket * bucket
        used = (last - start) // bucket + 1
        if used <= columns:
            break
    # A single instant, or a few seconds, is shown with some time around it rather than at the left edge.
    return View(start - max(0, columns - used) // 2 * bucket, bucket, columns)


def span_text(micros: int) -> str:
    """Write a duration in its largest whole unit: ``30 s``, ``5 min``, ``2 d``."""
    for unit, name in ((_D, "d"), (_H, "h"), (_M, "min"), (_S, "s"), (_MS, "ms")):
        if micros >= unit and micros % unit == 0:
            return f"{micros // unit:,} {name}"
    return f"{micros:,} µs"


def ticks(view: View, zone: Zone, room: int) -> list[tuple[int, str]]:
    """Return the columns to label and their labels, in the zone on show, at least ``room`` columns apart."""
    interval = _TICKS[min(bisect_left(_TICKS, view.bucket * room), len(_TICKS) - 1)]
    marks = []
    before: int | None = None
    for column, edge in enumerate(view.edges()[:-1]):
        # Counting in wall-clock time keeps ticks on full local hours and days, also where clocks are set.
        local = edge + zone.offset(edge)
        current = local // interval
        if before is not None and current != before:
            marks.append((column, _label(current * interval, interval)))
        before = current
    return marks


def _label(local: int, interval: int) -> str:
    try:
        text = clock.rfc3339(local, 3)
    except OverflowError:
        return ""
    if interval >= 364 * _D:
        return text[:7]
    if interval >= _D or local % _D == 0:
        return text[:10]
    if interval >= _M:
        return text[11:16]
    return text[11:19] if interval >= _S else text[11:23]


def range_query(low: int, high: int) -> str:
    """Write ``[low, high)`` as the time part of a filter, in the coarsest unit that is exact.

    Both ends of the filter's range are inclusive with their whole unit, so the upper one is a unit earlier.
    """
    for unit, digits in ((_M, 16), (_S, 19)):
        if low % unit == 0 and high % unit == 0 and high > low:
            return f"time:[{clock.rfc3339(low)[:digits]} TO {clock.rfc3339(high - unit)[:digits]}]"
    return f"time:[{clock.rfc3339(low, 6)[:26]} TO {clock.rfc3339(max(low, high - 1), 6)[:26]}]"
