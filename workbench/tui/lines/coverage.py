"""Everything that is known of a cell of the coverage matrix, and of a gap, as lines. No widgets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.casework.coverage import Matrix
from workbench.casework.gap_text import row_label
from workbench.casework.gaps import GapDecision
from workbench.clock import rfc3339
from workbench.coverage.facts import writable
from workbench.model.digest import CheckedDigest, Validation
from workbench.model.gap import CoverageRow, Gap
from workbench.text import visible
from workbench.tui import filters
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import BLANK, Line, heading, line
from workbench.tui.lines.event import field
from workbench.tui.lines.links import Naming
from workbench.tui.places import CoveragePlace, EventPlace, TimelinePlace
from workbench.tui.tables.coverage import STYLES, cell_at, gap_period
from workbench.tui.zones import Zone


def cell_query(row: CoverageRow, start: int, end: int) -> str:
    """Return the filter that shows the records of a part of a log in a stretch of time."""
    key = row.key
    parts = [filters.condition("source", key.source)]
    for name, value in (("account", key.account), ("region", key.region), ("category", key.category)):
        if value is not None:
            parts.append(filters.condition(name, value))
    return filters.with_time_part(" ".join(parts), f"time:[{rfc3339(start, 6)} TO {rfc3339(end - 1, 6)}]")


def cell_lines(
    row: CoverageRow,
    matrix: Matrix,
    column: int,
    gaps: Sequence[Gap],
    validation: Validation,
    zone: Zone,
) -> list[Line]:
    """Return the details of one part of a log in one column: state, records, gaps, digests."""
    marks = glyphs()
    start = matrix.start + column * matrix.step
    start, end = writable(start), writable(start + matrix.step)
    cells = cell_at(row, matrix, column)
    made = [line(" ", (row_label(row), "title"), indent=3)]
    made.append(field("when", f"{zone.text(start)} {marks.to} {zone.text(end)} {zone.name}"))
    for cell in cells:
        records = f"   {cell.events:,} records" if cell.end - cell.start <= matrix.step else ""
        made.append(
            field(
                "state",
                (f"{marks.coverage[cell.state]} {cell.state.value}", STYLES[cell.state]),
                (records, "muted"),
            )
        )
    if row.label is None:
        made.append(field("records", "in the timeline", target=TimelinePlace(cell_query(row, start, end))))
        first = zone.text(row.first) if row.first is not None else "no time"
        last = zone.text(row.last) if row.last is not None else "no time"
        made.append(field("in all", f"{row.events:,} records, {first} {marks.to} {last}"))
    lying = dict.fromkeys(gap for cell in cells for gap in cell.gaps)
    made += [
        field(
            "gap",
            (f"{gap.id}  {gap.certainty.value}  ", "warning"),
            visible(gap.effect),
            target=CoveragePlace(gap.id),
        )
        for gap in gaps
        if gap.id in lying
    ]
    made += _digest_lines(row, start, end, validation)
    return made


def _digest_lines(row: CoverageRow, start: int, end: int, validation: Validation) -> list[Line]:
    if row.key.source != "aws.cloudtrail" or row.label is not None:
        return []
    near = [
        each
        for each in validation.digests
        if (each.account, each.region) == (row.key.account, row.key.region)
        and each.start is not None
        and each.end is not None
        and each.start < end
        and each.end > start
    ]
    return [field("" if number else "digest", *_digest(each)) for number, each in enumerate(near[:10])]


def _digest(one: CheckedDigest) -> tuple[str | tuple[str, str], ...]:
    proves = (
        ("proves its files complete", "strength-proven")
        if one.proves
        else ("does not prove its files complete", "warning")
    )
    said = f"   signature: {one.signature.value}, {one.intact} of {one.files} files intact"
    return (
        visible(one.path.rpartition("/")[2]),
        ("   ", ""),
        proves,
        (said + (", altered" if one.altered else ""), "muted"),
    )


def gap_lines(gap: Gap, decisions: Iterable[GapDecision], naming: Naming) -> list[Line]:
    """Return the details of a gap: what it prevents first, then how it was found, what to ask for."""
    zone = naming.zone
    made = [
        line(
            " ",
            (f"{visible(gap.source)}: {visible(gap.scope.text)}", "title"),
            (f"  {gap.kind.value}, {gap.certainty.value}", "strong"),
            (f"  {gap.id}", "muted"),
            indent=3,
        ),
        field("effect", (visible(gap.effect), "warning")),
        field("when", f"{gap_period(gap, zone)} {zone.name}"),
    ]
    if gap.sure_start is not None or gap.sure_end is not None:
        low = zone.text(gap.sure_start) if gap.sure_start is not None else "its start"
        high = zone.text(gap.sure_end) if gap.sure_end is not None else "its end"
        made.append(field("", (f"for certain {low} {naming.marks.to} {high}", "muted")))
    made.append(field("detected", visible(gap.detected), (f"   rule {gap.rule} {gap.version}", "muted")))
    made.append(field("ask for", visible(gap.request)))
    breaks = sorted(each.value for each in gap.breaks)
    made += [field("" if number else "can break", visible(text)) for number, text in enumerate(breaks)]
    made += [field("cites", *naming.event(event), target=EventPlace(event)) for event in gap.evidence]
    made += [field("cites", (visible(reference), "muted")) for reference in gap.records]
    said = [each for each in decisions if each.gap == gap.id]
    if said:
        made += [BLANK, heading("said of it")]
    for each in said:
        over = f", superseded by {each.superseded_by}" if each.superseded_by else ""
        made.append(
            field(
                each.word.value,
                visible(each.reason),
                (f"   {visible(each.actor)}, {each.time}, journal {each.seq}{over}", "muted"),
            )
        )
    return made
