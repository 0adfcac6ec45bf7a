"""Sessions over time, one lane a session: which glyph stands in which column. Pure arithmetic, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from workbench.model.session import Basis, Client, Session
from workbench.tui.glyphs import Glyphs
from workbench.tui.time_axis import View

_ENDED = (Basis.ENDED, Basis.EXPIRY, Basis.REVOKED)
"""Ends that say that the session could not go on; after the others it may have."""

_START, _QUIET, _ONE, _MORE, _END, _UNKNOWN, _OUTSIDE = range(7)
"""Places of the glyphs of a lane in ``Glyphs.lane``."""


class Lane(NamedTuple):
    """What a lane shows.

    Attributes:
        start: Microseconds UTC.
        end: Microseconds UTC.
        ended: Whether the end is known to be one.
        busy: Stretches in which a client was seen, first and last event of each.
    """

    start: int
    end: int
    ended: bool
    busy: Sequence[tuple[int, int]]


def lane_of(session: Session) -> Lane | None:
    """Return the lane of a session, ``None`` if it has no time."""
    if session.start is None or session.end is None:
        return None
    return Lane(session.start, session.end, session.end_basis in _ENDED, _seen(session.clients))


def _seen(clients: Sequence[Client]) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in clients if one.first is not None and one.last is not None]


def lane_text(lane: Lane | None, view: View, marks: Glyphs) -> str:
    """Draw a lane: as many characters as the view has columns.

    A column in which one client of the session was between its first and its last event is half full, one with several
    clients is full: a credential in two hands shows as a step. A client is drawn as present in all of that stretch; single
    events within it are not told apart.
    """
    glyph = marks.lane
    if lane is None or view.columns <= 0:
        return " " * view.columns
    first, last = view.column_of(lane.start), view.column_of(lane.end)
    cells = [" "] * view.columns
    if last < 0 or first >= view.columns:
        # It lies outside of what is shown: a mark at the edge says on which side.
        cells[0 if last < 0 else -1] = glyph[_OUTSIDE]
        return "".join(cells)
    for column in range(max(0, first), min(last, view.columns - 1) + 1):
        cells[column] = glyph[_QUIET]
    counts = _counts(lane, view)
    for column, clients in counts.items():
        cells[column] = glyph[_ONE] if clients == 1 else glyph[_MORE]
    if first >= 0 and first not in counts:
        cells[first] = glyph[_START]
    if last < view.columns and last not in counts and last > first:
        cells[last] = glyph[_END] if lane.ended else glyph[_QUIET]
    if not lane.ended and last + 1 < view.columns:
        cells[last + 1] = glyph[_UNKNOWN]
    return "".join(cells)


def _counts(lane: Lane, view: View) -> dict[int, int]:
    counts: dict[int, int] = {}
    for first, last in lane.busy:
        low, high = view.column_of(first), view.column_of(last)
        for column in range(max(0, low), min(high, view.columns - 1) + 1):
            counts[column] = counts.get(column, 0) + 1
    return counts
