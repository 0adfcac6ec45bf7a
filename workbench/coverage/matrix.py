"""The coverage matrix: for each part of each log, hour by hour or in any step, what is known of it.

Parts that could be expected and are not on hand have rows too, unknown from end to end, with the gap that says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from workbench.coverage.facts import HOUR, REGIONAL, SLOT, Stream, span, writable
from workbench.model.digest import Validation
from workbench.model.gap import Cell, CellState, Certainty, CoverageRow, Gap, GapKind, StreamKey

_HOLES = {
    GapKind.LOGGING_OFF: CellState.OFF,
    GapKind.MISSING_FILE: CellState.HOLE,
    GapKind.SILENCE: CellState.HOLE,
    GapKind.THROTTLED: CellState.HOLE,
}
"""What a stretch is where a gap of these kinds lies in it."""

_ABSENT = frozenset(
    {
        GapKind.NO_DATA_EVENTS,
        GapKind.MISSING_REGION,
        GapKind.MISSING_CATEGORY,
        GapKind.MISSING_SOURCE,
        GapKind.UNSEEN_ACCOUNT,
    }
)
"""Kinds of gaps about a part of a log of which nothing is on hand."""


def matrix(
    streams: Sequence[Stream],
    gaps: Sequence[Gap],
    validation: Validation,
    period: tuple[int, int],
    step: int = HOUR,
) -> list[CoverageRow]:
    """Return what is known of each part of each log in a period. Neighbouring stretches in one state are one cell.

    Args:
        streams: Every part of every log.
        gaps: What the evidence cannot show.
        validation: What digests prove.
        period: From when to when, microseconds UTC.
        step: Microseconds of a stretch, at least :data:`SLOT`.
    """
    low, high = period[0] // step, period[1] // step
    groups: dict[tuple[str, str | None, str | None], list[Stream]] = {}
    for stream in streams:
        groups.setdefault(_group(stream.key), []).append(stream)
    rows = []
    for stream in streams:
        own = [gap for gap in gaps if gap.kind in _HOLES and concerns(gap, stream.key)]
        complete = [
            (each.start, each.end)
            for each in validation.complete
            if stream.key.source == "aws.cloudtrail"
            and (each.account, each.region) == (stream.key.account, stream.key.region)
        ]
        covered = span(groups[_group(stream.key)])
        cells = _cells(stream.slots, covered, own, complete, low, high, step)
        rows.append(CoverageRow(stream.key, None, stream.events, stream.first, stream.last, tuple(cells)))
    return [*rows, *_absent(gaps, period, step)]


def concerns(gap: Gap, key: StreamKey) -> bool:
    """Whether a gap is about a part of a log, or about some of it."""
    scope = gap.scope
    return (
        gap.source == key.source
        and (not scope.accounts or key.account in scope.accounts)
        and (not scope.regions or key.region in scope.regions)
        and (not scope.beside or key.region not in scope.beside)
        and (not scope.categories or key.category in scope.categories)
    )


def _group(key: StreamKey) -> tuple[str, str | None, str | None]:
    return key.source, key.account, key.region if key.source in REGIONAL else None


def _cells(
    slots: dict[int, int],
    covered: tuple[int, int] | None,
    gaps: Sequence[Gap],
    complete: Sequence[tuple[int, int]],
    low: int,
    high: int,
    step: int,
) -> Iterator[Cell]:
    """Yield the cells of a row: only stretches in which something changes are looked at one by one."""
    counts: dict[int, int] = {}
    for slot, events in slots.items():
        place = slot * SLOT // step
        if low <= place <= high:
            counts[place] = counts.get(place, 0) + events
    edges = {low, high + 1, *counts, *(place + 1 for place in counts)}
    ends = [each for pair in (*complete, *([covered] if covered else [])) for each in pair]
    ends += [each for gap in gaps for each in (gap.start, gap.end) if each is not None]
    for each in ends:
        edges |= {each // step, each // step + 1}
    inside = sorted(edge for edge in edges if low <= edge <= high + 1)
    pending: Cell | None = None
    for first, after in itertools.pairwise(inside):
        start, end = writable(first * step), writable(after * step)
        events = counts.get(first, 0)
        state, lying = _state(start, end, step, events, covered, gaps, complete)
        if pending is not None and (pending.state, pending.gaps) == (state, lying):
            pending = Cell(pending.start, end, state, pending.events + events, lying)
            continue
        if pending is not None:
            yield pending
        pending = Cell(start, end, state, events, lying)
    if pending is not None:
        yield pending


def _state(
    start: int,
    end: int,
    step: int,
    events: int,
    covered: tuple[int, int] | None,
    gaps: Iterable[Gap],
    complete: Iterable[tuple[int, int]],
) -> tuple[CellState, tuple[str, ...]]:
    lying = [gap for gap in gaps if gap.meets(start, end - 1)]
    ids = tuple(gap.id for gap in lying)
    for gap in sorted(lying, key=lambda gap: gap.kind is not GapKind.LOGGING_OFF):
        inside = min(gap.end if gap.end is not None else end, end) - max(gap.start or start, start)
        if not events or (gap.certainty is Certainty.SHOWN and inside * 2 >= step):
            return _HOLES[gap.kind], ids
    if not lying and any(low <= start and end <= high for low, high in complete):
        return CellState.COMPLETE, ids
    if events:
        return CellState.RECEIVED, ids
    if covered is not None and covered[0] < end and start <= covered[1]:
        return CellState.QUIET, ids
    return CellState.UNKNOWN, ids


def _absent(gaps: Iterable[Gap], period: tuple[int, int], step: int) -> Iterator[CoverageRow]:
    low, high = period[0] // step, period[1] // step
    for gap in gaps:
        if gap.kind not in _ABSENT:
            continue
        key = StreamKey(
            gap.source,
            gap.scope.accounts[0] if len(gap.scope.accounts) == 1 else None,
            None,
            None,
            gap.scope.categories[0] if len(gap.scope.categories) == 1 else None,
        )
        cell = Cell(writable(low * step), writable((high + 1) * step), CellState.UNKNOWN, 0, (gap.id,))
        yield CoverageRow(key, gap.scope.text, 0, None, None, (cell,))
