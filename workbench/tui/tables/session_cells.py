"""How a session becomes a row of the tree: which columns fit a width, and what stands in each. No drawing, no case file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rich.cells import set_cell_size

from workbench.model.event import IdentityKind
from workbench.model.session import Basis, Session, Strength
from workbench.tui.glyphs import Glyphs
from workbench.tui.tables.events import Cell, fit, short_name
from workbench.tui.tables.lanes import Lane, lane_of, lane_text
from workbench.tui.tables.session_forest import Fold, TreeRow
from workbench.tui.time_axis import View, ticks
from workbench.tui.zones import Zone

if TYPE_CHECKING:
    from workbench.casefile.derived.reader import SessionRow

START_MARKS = {
    Basis.ISSUED: "i",
    Basis.SIGNED_IN: "s",
    Basis.NATIVE: "n",
    Basis.FIRST_USE: "f",
}
"""Letters for what a start rests on; the details say it in words."""

END_MARKS = {
    Basis.EXPIRY: "x",
    Basis.ENDED: "e",
    Basis.REVOKED: "r",
    Basis.LAST_USE: "l",
    Basis.OPEN: "o",
}
"""Letters for what an end rests on."""

STRENGTH_WORDS = {
    Strength.PROVEN: "proven",
    Strength.INFERRED: "inferred",
    Strength.UNPROVEN: "unproven",
    Strength.ASSERTED: "asserted",
}

VERB_WORDS = {
    "read_secret": "secret",
    "issue_credential": "issue",
    "authenticate": "sign-in",
    "unclassified": "unclear",
}
"""Shorter words for verbs where many stand in one cell."""

_NOTABLE_VERBS = ("read_secret", "issue_credential", "delegate", "delete", "execute", "authenticate")


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns of a tree of a given width; a width of 0 leaves a column out.

    Attributes:
        width: Width of a row.
        name: The tree, the marks and the name.
        kind: The word for the kind.
        method: What makes the events one session.
        strength: The word for the strength.
        anchor: The key.
        day: Characters of the day in front of the time of day.
        period: Start and end.
        events: Own and forwarded events.
        clients: How many clients.
        verbs: Counts by verb.
        lane: Where the lane begins to its end.
    """

    width: int
    name: int
    kind: int = 0
    method: int = 0
    strength: int = 0
    anchor: int = 0
    day: int = 0
    period: int = 0
    events: int = 0
    clients: int = 0
    verbs: int = 0
    lane: int = 0


_LEAST_LANE = 8
"""Cells below which a lane shows nothing: then the start gives way."""


def columns(width: int, day: int, *, lanes: bool) -> Columns:
    """Share out a width.

    Args:
        width: Cells of a row.
        day: Characters of a date that tell the days of the case apart: 0, 6 (``07-10 ``) or 11.
        lanes: Whether the room that is left goes to the lanes or to words.
    """
    free = width - 2  # one cell for the pointer, one for the scroll bar
    events = 10 if width >= 100 else 7
    clients = 9 if width >= 120 else 3
    start = day + 8
    period = start + 3 + start + 4
    if width < 120:
        name = max(24, free * 40 // 100)
        free -= name + events + clients + 6
        # Only the start: the end stands in the details.
        period = start + 2
        if lanes:
            period = period if free - period - 2 >= _LEAST_LANE else 0
            lane = free - period - 2 if period else max(_LEAST_LANE, free)
            return Columns(width, name, day=day, period=period, events=events, clients=clients, lane=lane)
        method = max(0, min(28, free - period - 2))
        return Columns(
            width,
            name + free - period - method - (4 if method else 2),
            day=day,
            method=method,
            period=period,
            events=events,
            clients=clients,
        )
    name = min(56, max(34, free * 27 // 100))
    strength = 8
    method = 18 if width < 180 else 26
    if lanes and width < 150:
        # The lane says how long; the end itself stands in the details, and beside the words (``v``).
        period = start + 2
    if not lanes and free - name - method - period < 50:
        # The first word of the method is what matters here.
        method, name = 12, 30
    free -= name + strength + method + events + clients + 10
    if period > free - 2:
        period = start + 2 if period else 0
    free -= period + 2 if period else 0
    kind = 10 if free >= 60 else 0
    free -= kind + 2 if kind else 0
    if lanes and free < 70:
        return Columns(
            width, name, kind, method, strength, 0, day, period, events, clients, lane=max(0, free)
        )
    anchor = min(32, free // 4) if free >= 64 else 0
    free -= anchor + 2 if anchor else 0
    lane = free // 2 if lanes else 0
    verbs = free - lane - 2 if lane else free
    return Columns(
        width, name, kind, method, strength, anchor, day, period, events, clients, max(0, verbs), lane
    )


def heading(shape: Columns, zone: Zone, marks: Glyphs, view: View | None) -> list[Cell]:
    """Write the line of column titles; over the lanes stands the time."""
    short = shape.width < 120
    both = shape.period > shape.day + 10
    parts = [" ", fit("identity", shape.name, marks), "  "]
    for width, title in (
        (shape.kind, "kind"),
        (shape.method, "session"),
        (shape.strength, "attached"),
        (shape.anchor, "key"),
        (shape.period, f"start and end ({zone.name})" if both else f"start {zone.name}"),
    ):
        if width:
            parts += [fit(title, width, marks), "  "]
    parts += [fit("events".rjust(shape.events), shape.events, marks), "  "]
    parts += [fit("cl." if short else "clients", shape.clients, marks), "  "]
    if shape.verbs:
        parts += [fit("verbs", shape.verbs, marks), "  "]
    if shape.lane:
        parts.append(_axis(shape.lane, view, zone, marks))
    return [Cell(set_cell_size("".join(parts), shape.width), "heading")]


def _axis(width: int, view: View | None, zone: Zone, marks: Glyphs) -> str:
    if view is None:
        return " " * width
    line = [" "] * width
    for column, label in ticks(view, zone, 12):
        shown = (marks.tick + label)[: width - column]
        if len(shown) == len(label) + 1:
            line[column : column + len(shown)] = shown
    return "".join(line)


def cells(
    row: TreeRow, session: Session | None, shape: Columns, zone: Zone, marks: Glyphs, view: View | None
) -> list[Cell]:
    """Turn a row into its cells, left to right, margins included.

    Args:
        row: The row of the tree.
        session: All that is known of its session, ``None`` while it is not read and for folds.
        shape: The columns.
        zone: Zone on show.
        marks: Signs to use.
        view: The stretch of time that lanes show.
    """
    one: SessionRow | Fold | None = row.session or row.fold
    if one is None:
        return [Cell(" " * shape.width, "")]
    made = [Cell(" ", ""), *_name(row, one, shape, marks), Cell("  ", "")]
    strength = Strength(row.session.strength) if row.session else Strength.UNPROVEN
    if shape.kind:
        made.append(Cell(fit(one.kind, shape.kind, marks) + "  ", one.kind))
    if shape.method:
        method = (
            row.session.method
            if row.session
            else f"{len(row.fold.members):,} service calls"
            if row.fold
            else ""
        )
        made.append(Cell(fit(method, shape.method, marks) + "  ", "plain"))
    if shape.strength:
        word = STRENGTH_WORDS[strength] if row.session else ""
        made.append(Cell(fit(word, shape.strength, marks) + "  ", f"strength-{strength.value}"))
    if shape.anchor:
        anchor = (row.session.anchor if row.session else None) or marks.dash
        made.append(Cell(fit(anchor, shape.anchor, marks) + "  ", "muted"))
    if shape.period:
        made += _period(row, session, shape, zone, marks)
    made += _events(one, session, shape, marks)
    made += _clients(session, shape, marks)
    if shape.verbs:
        made.append(Cell(fit(verb_counts(session, marks), shape.verbs, marks) + "  ", "plain"))
    if shape.lane:
        made += _lane(row, session, shape.lane, view, marks)
    if row.context:
        made = [Cell(cell.text, "muted") for cell in made]
    return made


def _name(row: TreeRow, one: SessionRow | Fold, shape: Columns, marks: Glyphs) -> list[Cell]:
    rails = rails_text(row.rails, marks)
    deep = f"{row.depth} " if row.depth > len(row.rails) else ""
    fold = " " if row.opened is None else marks.unfolded if row.opened else marks.folded
    strength = Strength(row.session.strength) if row.session else Strength.UNPROVEN
    link = marks.link[strength] if row.session else "  "
    kind = IdentityKind(one.kind)
    front = [
        Cell(deep + rails, "muted"),
        Cell(fold, "muted"),
        Cell(link + " ", f"strength-{strength.value}"),
        Cell(marks.identity[kind] + " ", one.kind),
    ]
    room = max(4, shape.name - sum(len(cell.text) for cell in front))
    name = short_name(one.identity) if one.identity is not None else marks.dash
    front.append(Cell(fit(name, room, marks), "strong" if row.session else "plain"))
    return _cut(front, shape.name)


def rails_text(rails: str, marks: Glyphs) -> str:
    """Draw the levels of a tree, two cells each."""
    drawn = {
        "|": marks.rails[0] + " ",
        "+": marks.rails[1] + " ",
        "`": marks.rails[2] + " ",
        " ": "  ",
    }
    return "".join(drawn[one] for one in rails)


def _cut(made: list[Cell], width: int) -> list[Cell]:
    """Keep the cells within a width: a very deep row on a narrow screen."""
    kept: list[Cell] = []
    for cell in made:
        text = cell.text[:width] if len(cell.text) > width else cell.text
        kept.append(Cell(text, cell.style))
        width = max(0, width - len(text))
    return kept


def _period(row: TreeRow, session: Session | None, shape: Columns, zone: Zone, marks: Glyphs) -> list[Cell]:
    day = shape.day
    start_mark = START_MARKS.get(session.start_basis, " ") if session else " "
    end_mark = END_MARKS.get(session.end_basis, " ") if session else " "
    width = day + 8
    made = [Cell(start_mark + " ", "muted"), _instant(row.start, day, width, zone, marks)]
    if shape.period > width + 2:
        made += [
            Cell(f" {marks.to} ", "muted"),
            _instant(row.end, day, width, zone, marks),
            Cell(" " + end_mark, "muted"),
        ]
    return [*made, Cell("  ", "")]


def _instant(micros: int | None, day: int, width: int, zone: Zone, marks: Glyphs) -> Cell:
    if micros is None:
        return Cell(fit("no time", width, marks), "warning")
    return Cell(set_cell_size(zone.text(micros)[11 - day :], width), "plain")


def _events(one: SessionRow | Fold, session: Session | None, shape: Columns, marks: Glyphs) -> list[Cell]:
    own = f"{one.events:,}"
    more = f"+{session.forwarded:,}" if session is not None and session.forwarded else ""
    if len(own) + len(more) > shape.events:
        more = "+" if len(own) < shape.events and more else ""
    text = (own + more).rjust(shape.events)
    return [Cell(fit(text, shape.events, marks) + "  ", "number")]


def _clients(session: Session | None, shape: Columns, marks: Glyphs) -> list[Cell]:
    if session is None or (session.client_count < 2 and not session.versions):
        return [Cell(" " * (shape.clients + 2), "")]
    count = session.client_count
    addresses = len({one.address for one in session.clients})
    if count < 2:
        # One address and one name, yet perhaps two machines.
        number = max(one.number for one in session.versions)
        text = f"{number:,} vers." if shape.clients > 3 else f"{number}v" if number < 100 else "99+"
        return [Cell(fit(text, shape.clients, marks) + "  ", "warning")]
    text = f"{count:,} clients" if shape.clients > 3 else f"{count}c" if count < 100 else "99+"
    # Two agents at one address are often one person with two programs; two addresses are to be looked at.
    return [
        Cell(
            fit(text, shape.clients, marks) + "  ",
            "warning" if addresses > 1 or session.versions else "plain",
        )
    ]


def verb_counts(session: Session | None, marks: Glyphs) -> str:
    """Write the counts by verb: what hands on rights or takes secrets first, then the most frequent."""
    if session is None:
        return ""
    ordered = sorted(session.verbs.items(), key=lambda one: (one[0] not in _NOTABLE_VERBS, -one[1], one[0]))
    return f" {marks.separator} ".join(f"{VERB_WORDS.get(verb, verb)} {count:,}" for verb, count in ordered)


def _lane(row: TreeRow, session: Session | None, width: int, view: View | None, marks: Glyphs) -> list[Cell]:
    if view is None or view.columns != width or row.start is None or row.end is None:
        return [Cell(" " * width, "")]
    lane = lane_of(session) if session is not None else Lane(row.start, row.end, False, ())
    kind = row.session.kind if row.session else row.fold.kind if row.fold else ""
    style = "muted" if row.context else f"lane-{kind}"
    return [Cell(lane_text(lane, view, marks), style)]


def day_width(first: int | None, last: int | None, zone: Zone) -> int:
    """Return how many characters of a date must stand before a time of day to tell all days of a stretch apart."""
    if first is None or last is None:
        return 0
    one, other = zone.text(first), zone.text(last)
    return 0 if one[:10] == other[:10] else 6 if one[:4] == other[:4] else 11
