"""Links for a document: what each says, by which rule, what both records hold, what else would fit. No widgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from workbench.clock import DAY, SECOND
from workbench.model.session import End, EndKind, Link, Session, Strength
from workbench.text import cut_middle, visible
from workbench.tui.glyphs import Glyphs
from workbench.tui.lines.document import Line, Span, line
from workbench.tui.places import EventPlace, Place, SessionsPlace
from workbench.tui.reading.derived import Named
from workbench.tui.tables.events import LONGEST, OUTCOME_WORDS, short_name
from workbench.tui.tables.session_cells import STRENGTH_WORDS
from workbench.tui.zones import Zone

Spans = tuple[Span, ...]

_STRENGTH_STYLES = {
    Strength.PROVEN: "success",
    Strength.INFERRED: "number",
    Strength.UNPROVEN: "warning",
    Strength.ASSERTED: "key",
}


@dataclasses.dataclass(frozen=True)
class Naming:
    """How the things that links join are called on screen.

    Attributes:
        named: What was read of them.
        zone: Zone on show.
        marks: Signs to use.
    """

    named: Named
    zone: Zone
    marks: Glyphs

    def event(self, number: int) -> Spans:
        """Name an event by time, act, outcome and reference; by its reference alone if it was not read."""
        stored = self.named.events.get(number)
        ref = self.named.refs.get(number)
        short = ref.short if ref else "a record that is no longer in the case"
        if stored is None:
            return (Span(short, "muted"),)
        event = stored.event
        digits = event.time.precision.digits
        when = self.zone.text(event.time.micros, digits) if event.time.micros is not None else "no time"
        outcome = event.outcome.status
        act = clipped(f"{event.act.service} {event.act.action}", 90)
        return (
            Span(f"{when}  ", "muted"),
            Span(act, "strong"),
            Span(f"  {self.marks.outcome[outcome]} {OUTCOME_WORDS[outcome]}  ", f"outcome-{outcome.value}"),
            Span(short, "muted"),
        )

    def session(self, session: str) -> Spans:
        """Name a session by kind, identity, method and period."""
        one = self.named.sessions.get(session)
        if one is None:
            return (Span(session),)
        return session_spans(one, self.zone, self.marks)

    def node(self, node: str, end: End) -> Line:
        """Name what stands at the far side of a link: a session, else the end itself."""
        if node in self.named.sessions:
            return line(*self.session(node), target=SessionsPlace(node))
        if end.kind is EndKind.NOTHING:
            return line(("nothing in the evidence", "warning"))
        if end.event is not None:
            return line(*self.event(end.event), target=EventPlace(end.event))
        return line((f"{end.kind.value} ", "muted"), clipped(end.id or node, 120))


def session_spans(session: Session, zone: Zone, marks: Glyphs) -> Spans:
    """Name a session in a line."""
    identity = clipped(short_name(session.identity.canonical), 70) if session.identity else marks.dash
    start = zone.text(session.start) if session.start is not None else "no time"
    return (
        Span(f"{marks.identity[session.kind.kind]} {session.kind.kind.value} ", "muted"),
        Span(identity, "strong"),
        Span(
            f"  {visible(session.method)}  {start}  {counted(session.events, 'event')}  {session.id}", "muted"
        ),
    )


def strength_spans(strength: Strength, marks: Glyphs) -> Spans:
    """Write a strength as sign and word."""
    return (Span(f"{marks.link[strength]} {STRENGTH_WORDS[strength]}", _STRENGTH_STYLES[strength]),)


def counted(count: int, unit: str) -> str:
    """Write a number of things: ``1 event``, ``2,900 events``."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def clipped(text: str, width: int) -> str:
    """Make a text of a log visible and cut its middle out if it is long."""
    if len(text) > LONGEST:
        text = text[: LONGEST // 2] + text[-LONGEST // 2 :]
    return cut_middle(visible(text), width)


def delta_text(delta: int) -> str:
    """Write the time from a cause to its effect: ``6 s later``, ``at the same instant``, ``1.5 s earlier``."""
    if delta == 0:
        return "at the same instant"
    amount = abs(delta)
    if amount < 120 * SECOND:
        text = f"{amount / SECOND:,.3f}".rstrip("0").rstrip(".") + " s"
    elif amount < 2 * DAY:
        text = f"{amount // (60 * SECOND):,} min {amount // SECOND % 60} s"
    else:
        text = f"{amount // DAY:,} d"
    return f"{text} {'later' if delta > 0 else 'earlier'}"


def link_head(link: Link, naming: Naming) -> Spans:
    """Write what a link says: strength, relation, rule, and the time between."""
    hole = " hole" if EndKind.NOTHING in (link.source.kind, link.target.kind) else ""
    parts = [
        *strength_spans(link.strength, naming.marks),
        Span(f"{hole}  {link.relation.value}", "strong"),
        Span(f"  rule {visible(link.rule)} {link.version}", "muted"),
    ]
    if link.delta is not None:
        parts.append(Span(f"  {delta_text(link.delta)}", "muted"))
    return tuple(parts)


def link_lines(
    link: Link, naming: Naming, indent: int, *, cites: Sequence[int] | None = None
) -> Iterator[Line]:
    """Return everything by which a link can be checked, below its head.

    Args:
        link: The link.
        naming: Names for what it joins.
        indent: Cells in front.
        cites: Events to name as cited; those of the link if ``None``.
    """
    for number, field in enumerate(link.fields):
        yield _part(indent, "" if number else "joined", visible(field))
    for caveat in link.caveats:
        style = "error" if link.contradicted else "warning"
        sign = f"{naming.marks.flag} contradicted: " if link.contradicted else ""
        yield _part(indent, "but", (sign + visible(caveat), style))
    if link.rival_count:
        many = "1 rival fits" if link.rival_count == 1 else f"{link.rival_count:,} rivals fit"
        listed = f"; {len(link.rivals):,} listed" if len(link.rivals) < link.rival_count else ""
        yield _part(indent, "rivals", (f"{many} as well{listed}: which one it was is open", "warning"))
        for rival in link.rivals:
            yield _end(indent, rival, naming)
    if link.closes:
        yield _part(indent, "closes it", visible(link.closes))
    for number, event in enumerate(link.evidence if cites is None else cites):
        yield _part(indent, "" if number else "cites", *naming.event(event), target=EventPlace(event))


def _end(indent: int, end: End, naming: Naming) -> Line:
    if end.event is not None:
        return _part(indent, "", *naming.event(end.event), target=EventPlace(end.event))
    if end.kind is EndKind.SESSION:
        return _part(indent, "", *naming.session(end.id), target=SessionsPlace(end.id))
    return _part(indent, "", (f"{end.kind.value} ", "muted"), clipped(end.id, 120))


def _part(indent: int, label: str, *spans: Span | tuple[str, str] | str, target: Place | None = None) -> Line:
    return line((f"{' ' * indent}{label:<11}", "label"), *spans, indent=indent + 11, target=target)
