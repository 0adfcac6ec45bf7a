"""How an event becomes a row: which columns fit a width, and what stands in each. No drawing, no case file."""

from __future__ import annotations

import dataclasses

from rich.cells import set_cell_size

from workbench.model.case import StoredEvent
from workbench.model.claim import weakest_grade
from workbench.model.event import OutcomeStatus, Resource, ResourceRole
from workbench.text import cell_width, cut_middle, visible
from workbench.tui.glyphs import Glyphs
from workbench.tui.zones import Zone

LONGEST = 2_000
"""Characters of a field that are looked at for a row; the middle of a longer one could not be shown anyway."""

LEAST_SERVICE = 7
"""Cells of a service that is cut; where there are fewer it is left out. The details show it."""

OUTCOME_WORDS = {
    OutcomeStatus.SUCCESS: "success",
    OutcomeStatus.DENIED: "denied",
    OutcomeStatus.FAILED: "failed",
    OutcomeStatus.NOT_FOUND: "not found",
    OutcomeStatus.UNKNOWN: "unknown",
}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A piece of a row: text of exactly the width of its place, and the name of its style."""

    text: str
    style: str


@dataclasses.dataclass(frozen=True)
class Layout:
    """The columns of a table of a given width; a width of 0 leaves a column out.

    Attributes:
        width: Width of the whole row.
        digits: Fractional digits of the time column.
        time: Width of the time.
        tag: Width of the tag, the gap behind it included.
        identity: Width of the identity's name, behind its mark.
        verb: Width of the kind of act.
        action: Width of service and action.
        resource: Width of the resource.
        outcome: Width of the outcome: 1 for the mark alone.
        address: Width of the address.
    """

    width: int
    digits: int
    time: int
    tag: int
    identity: int
    verb: int
    action: int
    resource: int
    outcome: int
    address: int


def layout(width: int, digits: int = 0) -> Layout:
    """Share out a width: the narrower it is, the fewer columns; what is left goes to names, resources last.

    Args:
        width: Cells of a row.
        digits: Fractional digits of the time column, 0 to 6.
    """
    time = 19 + (digits + 1 if digits else 0)
    outcome = 11 if width >= 108 else 1
    address = 15 if width >= 100 else 0
    verb = 16 if width >= 150 else 0
    tag = 4 if width >= 100 else 2
    # Margins: one cell at the left edge, at the right one for the scroll bar and one that parts it from the outcome
    # (addresses are seldom as wide as their column); behind the time the mark of ties and a gap (3), before the name
    # its kind (2); two cells between columns.
    fixed = 1 + time + 3 + tag + 2 + 2 + 2 + 2 + outcome + (1 if address else 2)
    fixed += sum(column + 2 for column in (address, verb) if column)
    free = max(30, width - fixed)
    identity = min(30, max(10, free * 22 // 100))
    action = min(42, max(12, free * 45 // 100))
    resource = max(8, free - identity - action)
    if resource > 64 and address:
        # A wide screen has room for whole IPv6 addresses.
        extra = min(24, resource - 64)
        address, resource = address + extra, resource - extra
    return Layout(width, digits, time, tag, identity, verb, action, resource, outcome, address)


def heading(columns: Layout, zone: Zone, marks: Glyphs) -> str:
    """Write the line of column titles."""
    parts = [
        " ",
        fit(f"time ({zone.name})", columns.time + 3, marks),
        fit("tag" if columns.tag > 3 else "", columns.tag, marks),
        fit("identity", columns.identity + 4, marks),
    ]
    if columns.verb:
        parts.append(fit("verb", columns.verb + 2, marks))
    parts += [fit("action", columns.action + 2, marks), fit("resource", columns.resource + 2, marks)]
    parts.append(fit("outcome" if columns.outcome > 1 else "", columns.outcome, marks))
    if columns.address:
        parts.append("  " + fit("address", columns.address, marks))
    return set_cell_size("".join(parts), columns.width)


def cells(stored: StoredEvent, columns: Layout, zone: Zone, marks: Glyphs) -> list[Cell]:
    """Turn an event into the cells of its row, left to right, margins included."""
    event = stored.event
    outcome = event.outcome.status
    made = [
        Cell(" ", ""),
        *_time(stored, columns, zone, marks),
        _tag(stored, columns, marks),
        Cell(marks.identity[event.kind.kind] + " ", event.kind.kind.value),
    ]
    name = (
        fit(event.identity.name, columns.identity, marks)
        if event.identity
        else fit(marks.dash, columns.identity, marks)
    )
    made.append(Cell(name + "  ", "identity" if event.identity else "muted"))
    if columns.verb:
        made.append(
            Cell(fit(event.act.verb.value, columns.verb, marks) + "  ", f"verb-{event.act.verb.value}")
        )
    made += _action(stored, columns, marks)
    made.append(_resource(event.resources, columns, marks))
    word = (
        f"{marks.outcome[outcome]} {OUTCOME_WORDS[outcome]}"
        if columns.outcome > 1
        else marks.outcome[outcome]
    )
    made.append(Cell(fit(word, columns.outcome, marks), f"outcome-{outcome.value}"))
    if columns.address:
        address = event.address.raw if event.address else ""
        made.append(
            Cell("  " + fit(address or marks.dash, columns.address, marks), "address" if address else "muted")
        )
    return made


def _tag(stored: StoredEvent, columns: Layout, marks: Glyphs) -> Cell:
    grade = weakest_grade(tag.grade for tag in stored.tags)
    if grade is None:
        return Cell(marks.untagged.ljust(columns.tag), "muted")
    overridden = any(tag.override for tag in stored.tags)
    mark = marks.tag[grade] + (marks.flag if overridden and columns.tag > 3 else "")
    return Cell(set_cell_size(mark, columns.tag), f"tag-{grade.value}")


def _time(stored: StoredEvent, columns: Layout, zone: Zone, marks: Glyphs) -> list[Cell]:
    time = stored.event.time
    tie = Cell(f" {marks.tied}" if stored.tied else "  ", "tied")
    if time.micros is None:
        raw = f"no time: {time.raw}" if time.raw else "no time"
        return [Cell(fit(raw, columns.time, marks), "undated"), tie, Cell(" ", "")]
    text = zone.text(time.micros, min(columns.digits, time.precision.digits))
    shown = set_cell_size(text, columns.time)
    return [Cell(shown[:11], "date"), Cell(shown[11:], "time"), tie, Cell(" ", "")]


def _action(stored: StoredEvent, columns: Layout, marks: Glyphs) -> list[Cell]:
    act = stored.event.act
    room = columns.action
    made = []
    if act.tampers_logging:
        made.append(Cell(marks.tampers + " ", "tampers"))
        room -= 2
    service, action = _clean(act.service), _clean(act.action)
    # The action says more than the service, so the service gives way first; a few letters of it would say nothing.
    left = max(4, room - cell_width(action) - 1)
    if left < LEAST_SERVICE and cell_width(service) > left:
        service = ""
    service = _cut(service, min(left, room // 2), marks) + " " if service else ""
    made.append(Cell(service, "service"))
    style = (
        "tampers"
        if act.tampers_logging
        else "denied"
        if stored.event.outcome.status is OutcomeStatus.DENIED
        else "action"
    )
    made.append(Cell(fit(act.action, room - cell_width(service), marks) + "  ", style))
    return made


def _resource(resources: tuple[Resource, ...], columns: Layout, marks: Glyphs) -> Cell:
    if not resources:
        return Cell(fit(marks.dash, columns.resource, marks) + "  ", "muted")
    first = next((one for one in resources if one.role is ResourceRole.TARGET), resources[0])
    more = f" +{len(resources) - 1}" if len(resources) > 1 else ""
    room = columns.resource - len(more)
    text = fit(short_name(first.name), room, marks).rstrip() + more
    return Cell(set_cell_size(text, columns.resource) + "  ", "resource")


def short_name(name: str) -> str:
    """Leave out the part of an ARN that every resource of an account shares; the details show all of it."""
    parts = name.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[0] == "arn" and parts[5] else name


def _clean(text: str) -> str:
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + "…" + text[-LONGEST // 2 :]
    return visible(text)


def fit(text: str, width: int, marks: Glyphs) -> str:
    """Make untrusted text safe and exactly ``width`` cells wide, cut in the middle if it is too long."""
    return set_cell_size(_cut(_clean(text), width, marks), width) if width > 0 else ""


def _cut(text: str, width: int, marks: Glyphs) -> str:
    shown = cut_middle(text, width)
    return shown if shown == text or marks.cut == "…" else shown.replace("…", marks.cut)
