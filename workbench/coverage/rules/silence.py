"""Silence that does not fit a log's own rhythm. It never shows more than that something may be missing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from workbench.clock import SECOND
from workbench.coverage.facts import HOUR, SLOT, Facts, Stream, grouped
from workbench.coverage.making import Rule, make_gap, moment
from workbench.model.gap import Certainty, Gap, GapKind, Scope

SILENCE = Rule("silence", 1, "a log that never pauses for so long has no record for a while")

_FEWEST = 50
"""Records below which a log has no rhythm."""

_SHORTEST = 1800 * SECOND
"""Silences below half an hour are never told: delivery alone varies by minutes."""

_TIMES = 6
"""A silence must be so many times longer than nineteen of twenty of the log's own silences, and twice its next longest."""


def silences(facts: Facts, explained: Sequence[Gap]) -> Iterator[Gap]:
    """Yield a gap for each stretch without records that does not fit a log's rhythm.

    Args:
        facts: All facts.
        explained: Gaps found otherwise: a silence that one of them explains is not told again.
    """
    for (source, account, region), streams in grouped(facts.streams).items():
        if sum(each.events for each in streams) < _FEWEST:
            continue
        slots = sorted({slot for each in streams for slot in each.slots})
        for start, end in _unlike(slots):
            low, high = _edges(streams, start, end)
            if any(_explains(gap, source, account, low, high) for gap in explained):
                continue
            where = " ".join(part for part in (source, account, region) if part)
            yield make_gap(
                SILENCE,
                GapKind.SILENCE,
                source,
                Scope(
                    text=where,
                    accounts=(account,) if account else (),
                    regions=(region,) if region else (),
                    subject=f"{account or ''} {region or ''}".strip() or None,
                ),
                (low, high),
                Certainty.POSSIBLE,
                detected=f"no record between {moment(low)} and {moment(high)}, in a log that otherwise hardly"
                f" pauses; counted in stretches of"
                " five minutes",
                about=(low,),
                effect=f"Whether nothing happened in {where} or nothing was collected cannot be told: neither may be stated.",
                request="The files or pages of the export for that time, and from the custodian how the export was bounded.",
            )


def _unlike(slots: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the silences that are unlike the others: the last slot before and the first after."""
    pauses = sorted(
        ((after - before, before, after) for before, after in itertools.pairwise(slots)),
        reverse=True,
    )
    if len(pauses) < 10:
        return
    usual = pauses[len(pauses) // 20][0]
    hours = {slot * SLOT // HOUR % 24 for slot in slots}
    for position, (length, before, after) in enumerate(pauses):
        following = next((other[0] for other in pauses[position + 1 :] if other[0] < length), 1)
        if (length - 1) * SLOT < _SHORTEST or length < _TIMES * usual:
            return
        same = sum(other[0] * 2 > length for other in pauses)
        if same > 2:
            return  # it pauses like this again and again: nights, weekends
        silent = {
            (before * SLOT // HOUR + step) % 24 for step in range(1, min(24, (after - before) * SLOT // HOUR))
        }
        if length < 2 * following and silent and not silent & hours:
            continue
        yield before, after


def _edges(streams: Sequence[Stream], before: int, after: int) -> tuple[int, int]:
    """Return the edges of a silence: to the slot, or to the record where a stream begins or ends there."""
    low = [each.last for each in streams if each.last is not None and each.last // SLOT == before]
    high = [each.first for each in streams if each.first is not None and each.first // SLOT == after]
    return max(low, default=(before + 1) * SLOT), min(high, default=after * SLOT)


def _explains(gap: Gap, source: str, account: str | None, low: int, high: int) -> bool:
    if gap.source != source or gap.kind not in (GapKind.LOGGING_OFF, GapKind.MISSING_FILE):
        return False
    if gap.scope.accounts and account not in gap.scope.accounts:
        return False
    start, end = gap.start if gap.start is not None else low, gap.end if gap.end is not None else high
    return min(end, high) - max(start, low) >= (high - low) // 2
