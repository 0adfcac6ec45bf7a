"""Times that cannot be relied on: clocks that differ, records without a time."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.coverage.facts import Facts, span
from workbench.coverage.making import Rule, count, make_gap
from workbench.model.gap import Certainty, Gap, GapKind, Scope

DIFFERENCE = Rule(
    "clocks-differ",
    1,
    "two logs record one act, or an issue and its use, at times that no order of events explains",
)
UNDATED = Rule("no-time", 1, "records without a time that can be read, or without a zone")


def clocks(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each two logs whose clocks differ, and for each log with records without an instant."""
    for skew in facts.skews:
        ahead = skew.low if skew.low is not None and skew.low > SECOND else None
        behind = -skew.high if skew.high is not None and skew.high < -SECOND else None
        if ahead is None and behind is None:
            continue
        amount = ahead if ahead is not None else behind or 0
        first, second = (skew.other, skew.source) if ahead is not None else (skew.source, skew.other)
        yield make_gap(
            DIFFERENCE,
            GapKind.CLOCK,
            skew.source,
            Scope(text=f"{skew.source} against {skew.other}", subject=skew.other),
            span([*facts.of(skew.source), *facts.of(skew.other)]) or (None, None),
            Certainty.SHOWN,
            detected=f"the clock of {first} is ahead of that of {second} by {amount / SECOND:g} s at least, by"
            f" {count(skew.copies + skew.pairs, 'pair')} of records",
            evidence=skew.evidence,
            effect=f"What came first, of acts in the two logs that lie closer together than {amount / SECOND:g}"
            f" s, can be neither shown nor"
            " ruled out.",
            request="Time synchronisation records of the hosts that write these logs.",
        )
    for source in sorted({each.key.source for each in facts.streams}):
        undated = sum(each.undated for each in facts.of(source))
        if undated:
            yield make_gap(
                UNDATED,
                GapKind.CLOCK,
                source,
                Scope(text=f"records of {source} without an instant", subject="undated"),
                (None, None),
                Certainty.SHOWN,
                detected=f"{count(undated, 'record')} without a time or without its zone",
                effect="When these acts happened, and before or after what, can be neither shown nor ruled out.",
                request="The zone of the machine that wrote them (then add them to a new case with --timezone),"
                " or the same records from"
                " elsewhere.",
            )
