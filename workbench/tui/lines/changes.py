"""Changes, the life of a resource, what was left behind and sessions compared, as lines. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from workbench.casework.change_json import masked
from workbench.casework.change_text import (
    AS_IT_WAS,
    STEP_UNTOLD,
    aspects_words,
    before_words,
    coverage_words,
    doubt_words,
    gap_words,
    is_as_it_was,
    nothing_stated,
    silent_event_words,
    state_lines,
    whose_words,
)
from workbench.changes.difference import Line as Difference
from workbench.changes.difference import difference
from workbench.changes.exposure import LOOKED_FOR, NOT_JUDGED
from workbench.model.change import Basis, Change, Exposure, Silence
from workbench.text import visible
from workbench.tui.glyphs import Glyphs
from workbench.tui.lines.document import BLANK, Line, Span, heading, line, wrapped
from workbench.tui.lines.event import field
from workbench.tui.places import ChangesPlace, CoveragePlace, EventPlace, LeftBehindPlace, SessionsPlace
from workbench.tui.reading.changes import EventChanges, ResourceFound
from workbench.tui.tables.events import OUTCOME_WORDS, short_name
from workbench.tui.zones import Zone

if TYPE_CHECKING:
    from workbench.casework.change_json import Cited
    from workbench.casework.compare_sessions import AgainstBaseline, TwoSessions
    from workbench.casework.left_behind import LeftBehind
    from workbench.casework.resource_history import Step
    from workbench.model.case import StoredEvent

SIDE_BY_SIDE = 120
"""Width from which the two sides of a change stand beside each other."""

SIGNS = {"+": ("+", "added"), "-": ("−", "removed"), "~": ("~", "warning"), " ": (" ", "muted")}
_STYLES = {"+": "success", "-": "error", "~": "warning", " ": "muted"}

STEPS = 400
"""Steps of a history that are shown; it says how many there are."""


def event_change_lines(found: EventChanges, zone: Zone, marks: Glyphs, width: int) -> list[Line]:
    """Return what an event changed: what it was, then each change with its two sides."""
    stored = found.stored
    made = [*_head(stored, zone, marks), BLANK]
    resource = None
    for change in found.changes:
        if change.resource != resource:
            resource = change.resource
            made.append(
                line(
                    " ",
                    (visible(change.title), "title"),
                    (f"  {visible(change.resource.kind)}", "muted"),
                    indent=3,
                    target=ChangesPlace(change.resource.id),
                )
            )
        made += change_lines(change, found.cited, width, between=False)
        made.append(BLANK)
    told: set[str] = set()
    for change in found.changes:
        what = visible(change.field) if change.field else "the resource itself"
        listed = list(between_lines(change, found.cited, told))
        if listed:
            made += [heading(f" between the state before and this change of {what}"), *listed, BLANK]
    if not found.changes:
        said = nothing_stated(stored)
        made.append(line((f" {said[0].upper()}{said[1:]}.", "warning"), indent=1))
    for left in found.left:
        made += _left_lines(left, zone)
    return made


def _head(stored: StoredEvent, zone: Zone, marks: Glyphs) -> Iterator[Line]:
    event = stored.event
    outcome = event.outcome.status
    kind = event.kind.kind
    yield line(
        " ",
        (f"{visible(event.act.service)} {visible(event.act.action)}", "title"),
        (f"   {marks.outcome[outcome]} {OUTCOME_WORDS[outcome]}", "strong"),
        indent=3,
        target=EventPlace(stored.id),
    )
    when = "no time" if event.time.micros is None else f"{zone.text(event.time.micros)} {zone.name}"
    who = visible(event.identity.name) if event.identity else "no identity named"
    yield field(
        "time", when, (f"   {marks.tied} order inside this second is unknown" if stored.tied else "", "muted")
    )
    yield field("identity", f"{marks.identity[kind]} {who}", (f"   {kind.value}", "muted"))
    if stored.session is not None:
        yield field("session", stored.session, target=SessionsPlace(stored.session))
    yield field(
        "record", stored.ref.short, ("   Enter shows the raw record", "muted"), target=EventPlace(stored.id)
    )


def between_lines(change: Change, cited: Cited, told: set[str]) -> Iterator[Line]:
    """Yield what lies between the state before a change and the change: gaps, and acts that do not say what they changed.

    Args:
        change: The change.
        cited: What it cites.
        told: Ids of gaps that were told in words already: of these only the ids are. Those told now are added.
    """
    gaps = cited.gaps_between(change) or ()
    for gap in gaps:
        if gap.id not in told:
            yield field("between", (gap_words(gap), "warning"), target=CoveragePlace(gap.id))
    again = [gap.id for gap in gaps if gap.id in told]
    if again:
        yield field("between", (f"told above: {', '.join(again)}", "warning"))
    told |= {gap.id for gap in gaps}
    yield from _silence_lines("between", cited.silent_between(change))


def change_lines(
    change: Change, cited: Cited, width: int, *, between: bool = True, told: set[str] | None = None
) -> Iterator[Line]:
    """Yield one change: the field, how well the state before is known, the difference; what lies between comes last.

    Args:
        change: The change.
        cited: What it cites.
        width: Cells there are.
        between: Whether to name what lies between; that there is something is said in any case.
        told: Ids of gaps that were told already, see :func:`between_lines`.
    """
    change = masked(change)
    what = visible(change.field) if change.field else "the resource itself"
    done = change.operation.value
    if change.attempted:
        done = f"ATTEMPT to {done}: nothing was changed"
    yield line(" ", (what, "strong"), (f"   {done}", "warning" if change.attempted else "muted"), indent=3)
    target = (
        EventPlace(change.before_event)
        if change.before_event is not None and change.before_event > 0
        else None
    )
    known = change.before_basis is not Basis.UNKNOWN
    yield field(
        "before",
        (before_words(change, cited), "plain" if known else "warning"),
        ("   after logged" if change.after_basis is Basis.LOGGED else "   after unknown", "muted"),
        target=target,
    )
    lines = difference(change)
    yield from side_by_side(lines, width) if width >= SIDE_BY_SIDE else unified(lines)
    if is_as_it_was(change, lines):
        yield line((f"   {AS_IT_WAS}", "muted"))
    for caveat in change.caveats:
        yield field("caveat", (visible(caveat), "warning"))
    if between:
        yield from between_lines(change, cited, set() if told is None else told)


def _silence_lines(name: str, silence: Silence | None) -> Iterator[Line]:
    """Yield the first of the acts that do not say what they changed, each leading to its event."""
    if silence is None or not silence.events:
        return
    for each in silence.first:
        yield field(
            name,
            (f"? {silent_event_words(each)}: does not say what it changed", "warning"),
            target=EventPlace(each.event),
        )
    if silence.events > len(silence.first):
        yield field(name, (f"? and {silence.events - len(silence.first):,} more such acts", "warning"))


def unified(lines: Sequence[Difference]) -> Iterator[Line]:
    """Yield a difference one line below the other; what changed shows both its sides."""
    for one in lines:
        path = f"{visible(one.path)}  " if one.path else ""
        if one.sign == "~" and one.before is not None and one.after is not None:
            yield _signed("-", path, one.before)
            yield _signed("+", path, one.after)
        else:
            yield _signed(one.sign, path, one.after if one.before is None else one.before)


def _signed(sign: str, path: str, text: str | None) -> Line:
    mark, _ = SIGNS[sign]
    style = _STYLES[sign]
    return line((f"   {mark} ", style), (path, "label"), (visible(text or ""), style), indent=5)


def side_by_side(lines: Sequence[Difference], width: int) -> Iterator[Line]:
    """Yield a difference with what stood before on the left and what stands now on the right."""
    half = (width - 12) // 2
    if lines:
        yield line((f"   {'before':<{half + 3}}   after", "label"))
    for one in lines:
        left = _half(one, one.before, half, "-" if one.sign in "-~" else " ")
        right = _half(one, one.after, half, "+" if one.sign in "+~" else " ")
        for number in range(max(len(left), len(right))):
            spans = left[number] if number < len(left) else ()
            used = sum(cell_len(span.text) for span in spans)
            rest = right[number] if number < len(right) else ()
            yield line("   ", *spans, " " * (half - used + 2), ("│ ", "muted"), *rest)


def _half(one: Difference, text: str | None, width: int, sign: str) -> list[tuple[Span, ...]]:
    if text is None:
        unknown = one.sign == "~"
        return [(Span("?  not known", "warning"),)] if unknown else []
    mark, _ = SIGNS[sign]
    path = f"{visible(one.path)}  " if one.path else ""
    whole = line((f"{mark} ", _STYLES[sign]), (path, "label"), (visible(text), _STYLES[sign]), indent=2)
    return list(wrapped([whole], width))


def history_lines(found: ResourceFound, zone: Zone, marks: Glyphs, width: int) -> list[Line]:
    """Return the life of a resource: what is known of it at its end, then every step, the latest first."""
    history = found.history
    key = history.resource.key
    at = history.as_of
    until = "at the end of the evidence" if at is None else f"as of {zone.text(at)} {zone.name}"
    made = [
        line(
            " ", (visible(history.resource.title), "title"), (f"  {history.resource.id}", "muted"), indent=3
        ),
        field("kind", visible(key.kind) or marks.dash),
        field("account", visible(key.account) or marks.dash),
        BLANK,
        heading(f" {until}, as far as it is known"),
    ]
    for text in state_lines(history.states, found.cited):
        doubtful = text.lstrip().startswith(("? ", "DOUBTFUL"))
        made.append(line(" ", (text, "warning" if doubtful else "plain"), indent=5))
    made += [BLANK, heading(f" what happened to it{'' if at is None else ' until then'}, the latest first")]
    steps, told = list(reversed(history.steps)), set[str]()
    for step in steps[:STEPS]:
        made.append(_step(step, zone, marks))
        if step.silent:
            made.append(line("   ", (f"? {STEP_UNTOLD}", "warning"), indent=5))
        for change in step.changes:
            made += change_lines(change, found.cited, min(width, SIDE_BY_SIDE - 1), told=told)
    if len(steps) > STEPS:
        rest = len(steps) - STEPS
        made.append(line((f" and {rest:,} earlier steps: workbench resource … shows all", "warning")))
    return made


def _step(step: Step, zone: Zone, marks: Glyphs) -> Line:
    when = "no time" if step.time is None else zone.text(step.time)
    if step.event is None:
        return line(f" {when}  ", ("snapshot", "strong"), indent=3)
    event = step.event.event
    who = visible(event.identity.name) if event.identity else marks.dash
    tied = f" {marks.tied}" if step.event.tied else "  "
    until = "" if step.until is None else f" until {zone.text(step.until)}"
    return line(
        f" {when}{tied} {marks.outcome[event.outcome.status]} ",
        (f"{visible(event.act.service)} {visible(event.act.action)}", "strong" if step.changes else "muted"),
        (f"   × {step.events:,}{until}" if step.events > 1 else "", "plain"),
        (f"   {marks.identity[event.kind.kind]} {who}   {step.event.session or 'no session'}", "muted"),
        (f" {marks.link[step.strength]} {step.strength.value}" if step.strength else "", "muted"),
        indent=5,
        target=EventPlace(step.event.id),
    )


def exposure_lines(left: LeftBehind, zone: Zone, marks: Glyphs) -> list[Line]:
    """Return everything about one exposure."""
    each = left.exposure
    made = [line(" ", (visible(each.what), "title"), indent=3), field("kind", each.kind.value)]
    # A credential that no resource of the case holds has no life of its own to show.
    target = None if each.resource.family == "credential" else ChangesPlace(each.resource.id)
    made.append(field("resource", visible(each.title), target=target))
    when = "no time" if each.time is None else f"{zone.text(each.time)} {zone.name}"
    made.append(field("made", when, ("   Enter shows the event", "muted"), target=EventPlace(each.event)))
    if left.session is not None:
        made.append(field("session", left.session, target=SessionsPlace(left.session)))
    made.append(field("rule", visible(each.rule)))
    if each.untold:
        made.append(field("undone", ("cannot be told: the record does not name what it made", "warning")))
    elif each.undone_by is None:
        made.append(field("undone", (_fate_words(each, "nothing in the evidence undid it"), "warning")))
        if left.silent is not None:
            made.append(field("doubt", (doubt_words(left.silent), "warning")))
            made += _silence_lines("since", left.silent)
        made += [
            field("denied", (f"a deny stands against it: {visible(one)}", "plain")) for one in each.against
        ]
    else:
        at = "at no known time" if each.undone_at is None else f"{zone.text(each.undone_at)} {zone.name}"
        made.append(
            field("undone", f"{visible(each.undone_how or '')}, {at}", target=EventPlace(each.undone_by))
        )
    return made


def _fate_words(each: Exposure, standing: str) -> str:
    """Return what is known of what nothing undid for sure."""
    if each.perhaps or each.gone or each.inactive:
        return visible(each.remark or "")
    return standing if each.remark is None else f"{standing}: {visible(each.remark)}"


def looked_for_lines() -> list[Line]:
    """Return what the rules know to look for: what is of no such kind is not in the list."""
    return [field("looked for", (f"{LOOKED_FOR}; {NOT_JUDGED}", "muted"))]


def _left_lines(left: LeftBehind, zone: Zone) -> Iterator[Line]:
    each = left.exposure
    if each.untold:
        words, style = "whether anything undid this cannot be told", "warning"
    elif each.undone_by is None:
        still = "still in force at the end of the evidence: nothing in it undid this"
        words, style = _fate_words(each, still), "warning"
    else:
        at = "" if each.undone_at is None else f" {zone.text(each.undone_at)}"
        words, style = f"undone{at}: {visible(each.undone_how or '')}", "muted"
    yield line(
        " ", (f"left behind: {visible(each.what)}", "strong"), indent=3, target=LeftBehindPlace(left.session)
    )
    target = EventPlace(each.undone_by) if each.undone_by is not None else None
    yield line("   ", (words, style), indent=5, target=target)
    if left.silent is not None:
        yield line("   ", (f"? {doubt_words(left.silent)}", "warning"), indent=5)


def baseline_document(found: AgainstBaseline, zone: Zone) -> list[Line]:
    """Return what is new in a session, and what its baseline is worth."""
    made = [
        line(
            " ",
            (found.session.id, "title"),
            (f"  against what {whose_words(found)} did before", "strong"),
            indent=3,
        ),
        field("baseline", f"{found.events:,} events"),
        field("covered", (visible(coverage_words(found)), "warning" if found.coverage.missing else "plain")),
        BLANK,
    ]
    for aspect in dict.fromkeys(each.aspect for each in found.novelties):
        listed = [each for each in found.novelties if each.aspect == aspect]
        made.append(heading(f" new {aspects_words(aspect)}: {len(listed):,}"))
        made += [
            line(
                ("   + ", "success"),
                visible(each.value),
                (f"   {each.now.events:,} × from {zone.text(each.now.first)}", "muted"),
                indent=5,
            )
            for each in listed
        ]
    if not found.novelties:
        made.append(line((" Nothing that had not been done before.", "muted")))
    return made


def pair_document(found: TwoSessions, marks: Glyphs) -> list[Line]:
    """Return two sessions side by side: what both did, and what only one of them did."""
    made = [
        line(
            " ",
            (one.id, "title"),
            (f"  {short_name(one.identity.canonical) if one.identity else ''}", "muted"),
            target=SessionsPlace(one.id),
        )
        for one in (found.one, found.other)
    ]
    aspect = None
    for side in found.sides:
        if side.aspect != aspect:
            aspect = side.aspect
            made += [BLANK, heading(f" {aspect}   {'first':>10} {'second':>10}")]
        left = f"{side.one.events:,}" if side.one else marks.dash
        right = f"{side.other.events:,}" if side.other else marks.dash
        where = "both  " if side.one and side.other else "first " if side.one else "second"
        style = "plain" if side.one and side.other else "warning"
        made.append(line((f"   {where} {left:>8} {right:>10}  ", style), visible(side.value), indent=29))
    return made
