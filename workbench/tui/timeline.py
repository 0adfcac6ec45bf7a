"""The row index of a timeline: which event stands in which row, and how many fall into a stretch of time."""

from __future__ import annotations

import array
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from workbench.casefile.events.scan import UNDATED, KeyChunk


class Timeline:
    """Ids and times of the events of one view, in timeline order; it grows while a scan runs.

    Two arrays of eight bytes an event: ten million events take 160 MB. Everything that the table and the histogram
    need to know about an event's place is answered from here by bisection, without a query.

    Attributes:
        ids: Event ids in timeline order.
        times: Their times, microseconds UTC; ``UNDATED`` stands at the end.
        scanned: Events looked at so far.
        total: Events to be looked at.
        complete: Whether the scan has come to its end.
    """

    def __init__(self) -> None:
        self.ids: array.array[int] = array.array("q")
        self.times: array.array[int] = array.array("q")
        self.scanned = 0
        self.total = 0
        self.complete = False

    def __len__(self) -> int:
        return len(self.ids)

    def extend(self, chunk: KeyChunk) -> None:
        """Append the next run of rows."""
        self.ids.extend(chunk.ids)
        self.times.extend(chunk.times)
        self.scanned = chunk.scanned
        self.total = chunk.total

    @property
    def dated(self) -> int:
        """How many rows have a time; the rows behind them have none."""
        return bisect_left(self.times, UNDATED)

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last time, or ``None`` if no row has one."""
        dated = self.dated
        return (self.times[0], self.times[dated - 1]) if dated else None

    def row_at(self, micros: int) -> int:
        """Return the first row at or after an instant (the number of dated rows if all are earlier)."""
        return bisect_left(self.times, min(micros, UNDATED))

    def row_of(self, micros: int, event_id: int) -> int | None:
        """Return the row of an event, or ``None`` if this view does not hold it."""
        low, high = bisect_left(self.times, micros), bisect_right(self.times, micros)
        row = bisect_left(self.ids, event_id, low, high)
        return row if row < high and self.ids[row] == event_id else None

    def counts(self, edges: Sequence[int]) -> list[int]:
        """Count the events between each pair of consecutive edges: ``[edge, next edge)``."""
        places = [bisect_left(self.times, edge) for edge in edges]
        return [after - before for before, after in itertools.pairwise(places)]
