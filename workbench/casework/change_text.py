"""Changes, histories, exposures and comparisons for people. All log text passes through visible()."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workbench.casefile.changes.reader import ChangedResource, SilentAct
from workbench.casework.change_json import Cited, masked, who
from workbench.casework.compare_sessions import AgainstBaseline, TwoSessions
from workbench.casework.resource_history import History, Step, changed_fields
from workbench.casework.session_json import instant
from workbench.changes.baseline import ATTEMPTED, Against
from workbench.changes.difference import Line, difference
from workbench.changes.policy import document_of, in_words, joined, read_policy
from workbench.changes.silent import is_silent
from workbench.changes.snapshots import date_basis
from workbench.changes.values import value_of
from workbench.clock import DAY, SECOND, rfc3339, span_text
from workbench.evidence.secrets import masked_value
from workbench.model.case import StoredEvent
from workbench.model.change import Basis, Change, KnownValue, Operation, Silence, SilentEvent
from workbench.model.event import OutcomeStatus
from workbench.model.gap import Gap
from workbench.text import cut_middle, visible

SIGNS = {"+": "+", "-": "−", "~": "~", " ": " "}
"""How the lines of a difference begin: added, removed, changed, as it was."""

UNTOLD = "may have changed this resource without saying what"
"""What is said of acts that change something and do not say what."""

STEP_UNTOLD = "does not say what it changed: what follows is known only as far as said again"
"""What is said of such an act in the life of a resource."""

_LINES = 40
_WIDE = 160
_WHOLE = 4_000
"""Characters of a value that are shown where it stands as a whole."""

_TIED = 4
"""Acts at one instant that are named; of more it is said how many there are."""


def change_lines(
    change: Change, cited: Cited, *, headed: bool = True, told: set[str] | None = None
) -> Iterator[str]:
    """Yield a change: what, on which resource, how well the state before is known, and the difference.

    Args:
        change: The change.
        cited: What it cites.
        headed: Whether to begin with the event and the resource.
        told: Ids of gaps that were told in words already: of these only the ids are. Those told now are added.
    """
    told = set() if told is None else told
    change = masked(change)
    stored = cited.events.get(change.event)
    if headed:
        yield head_line(change, stored)
    what = change.field or "the resource itself"
    done = "tried to " + change.operation.value if change.attempted else change.operation.value
    yield f"  {visible(what)}: {done}; before {before_words(change, cited)}"
    gaps = cited.gaps_between(change) or ()
    for gap in gaps:
        if gap.id not in told:
            yield f"    between: {gap_words(gap)}"
    again = [gap.id for gap in gaps if gap.id in told]
    if again:
        yield f"    between, told above: {', '.join(again)}"
    told |= {gap.id for gap in gaps}
    for words in silence_words(cited.silent_between(change)):
        yield f"    between: {words}"
    lines = difference(change)
    for line in lines[:_LINES]:
        yield "  " + line_text(line)
    if len(lines) > _LINES:
        yield f"    … {len(lines) - _LINES:,} lines more: --json shows all"
    if is_as_it_was(change, lines):
        yield f"    {AS_IT_WAS}"
    for caveat in change.caveats:
        yield f"    caveat: {visible(caveat)}"


AS_IT_WAS = "set to what it was: nothing changed but the writing, if that"


def is_as_it_was(change: Change, lines: Sequence[Line]) -> bool:
    """Whether a change left everything as it was, as far as both its sides are known."""
    known = change.after_basis is not Basis.UNKNOWN and change.before_basis is not Basis.UNKNOWN
    setting = change.operation in (Operation.SET, Operation.OBSERVE)
    return known and setting and all(each.sign == " " for each in lines)


def nothing_stated(stored: StoredEvent) -> str:
    """Return that an event states no change, and whether it may have made one all the same."""
    event = stored.event
    said = "the record of this event states no change"
    if is_silent(stored.source, event.act, event.outcome.status):
        return f"{said}; an act of this kind may have changed what it names"
    return said


def head_line(change: Change, stored: StoredEvent | None) -> str:
    """Return the line that says which event changed which resource."""
    when = instant(change.time) or "no time"
    if stored is None:
        return f"{when}  snapshot  {visible(change.resource.kind)} {visible(change.title)}"
    act = stored.event.act
    attempt = (
        f"  ATTEMPT, {stored.event.outcome.status.value}: nothing was changed" if change.attempted else ""
    )
    session = f"  {stored.session}" if stored.session else ""
    return (
        f"{when}  {visible(act.service)} {visible(act.action)}  {visible(change.resource.kind)} {visible(change.title)}"
        f"  by {visible(who(stored))}{session}  {stored.ref.short}{attempt}"
    )


def line_text(line: Line) -> str:
    """Return a line of a difference: sign, path, values."""
    path = f"{visible(line.path)}  " if line.path else ""
    if line.sign == "~":
        before = "?" if line.before is None else cut_text(line.before)
        after = "?" if line.after is None else cut_text(line.after)
        values = after if line.before is None else f"{before}  →  {after}"
    else:
        values = cut_text(line.before if line.after is None else line.after)
    return f"  {SIGNS[line.sign]} {path}{values}"


def cut_text(text: str | None) -> str:
    """Return log text for one line."""
    return "" if text is None else cut_middle(visible(text), _WIDE)


def before_words(change: Change, cited: Cited) -> str:
    """Return how the state before a change is known: what it follows from, how old that is, whether gaps lie between."""
    words = _basis_words(change, cited)
    if change.before_basis not in (Basis.RECONSTRUCTED, Basis.SNAPSHOT):
        return words
    gaps, silence = cited.gaps_between(change), cited.silent_between(change)
    if silence is not None and silence.events:
        words += f"; {acts_words(silence)} between {UNTOLD}"
    if gaps is None:
        return f"{words}; whether a gap lies between is not known"
    unrecorded = cited.unrecorded(change)
    if not gaps:
        return (
            f"{words}; no record of this account between" if unrecorded else f"{words}; no known gap between"
        )
    if unrecorded:
        words += "; no record of this account between"
    return f"{words}; {len(gaps):,} {'gap' if len(gaps) == 1 else 'gaps'} between could hide another change"


def acts_words(silence: Silence) -> str:
    """Return how many acts these are."""
    return f"{silence.events:,} {'act' if silence.events == 1 else 'acts'}"


def silence_words(silence: Silence | None) -> Iterator[str]:
    """Yield the first few of the acts that do not say what they changed, and how many more there are."""
    if silence is None or not silence.events:
        return
    for each in silence.first:
        yield silent_event_words(each)
    if silence.events > len(silence.first):
        yield f"and {silence.events - len(silence.first):,} more such acts"


def silent_event_words(each: SilentEvent) -> str:
    """Return an act that does not say what it changed in a few words."""
    outcome = "" if each.outcome is OutcomeStatus.SUCCESS else f" (outcome {each.outcome.value})"
    return (
        f"{visible(each.service)} {visible(each.action)}{outcome} {instant(each.time) or 'without a time'}"
        f" ({each.ref.short})"
    )


def doubt_words(silence: Silence, what: str = "it") -> str:
    """Return that what is known may no longer be so, by which acts."""
    first = silent_event_words(silence.first[0]) if silence.first else ""
    of_which = "" if silence.events == 1 else "the first "
    return f"DOUBTFUL: {acts_words(silence)} since may have changed {what} without saying what: {of_which}{first}"


def gap_words(gap: Gap) -> str:
    """Return a gap in a few words: which, how well it is shown, where."""
    return f"{gap.id} {gap.certainty}, {gap.kind}, {visible(gap.source)}: {visible(gap.scope.text)}"


def _basis_words(change: Change, cited: Cited) -> str:
    match change.before_basis:
        case Basis.UNKNOWN:
            return "unknown"
        case Basis.LOGGED:
            return "logged"
        case Basis.SNAPSHOT:
            ref, name = cited.snapshots.get(change.before_event or 0, (None, "a snapshot"))
            since, named = cited.known_since(change), "" if ref is None else f" {ref.short}"
            if since is None or change.time is None:
                return f"from snapshot {visible(name)}{named}"
            aged = f"{_age(change.time - since)} before{date_basis(change.caveats)}"
            return f"from snapshot {visible(name)}{named} of {instant(since)}, {aged}"
        case Basis.RECONSTRUCTED:
            stored = cited.events.get(change.before_event or 0)
            if stored is None:
                return "reconstructed"
            act, time = stored.event.act, stored.event.time.micros
            aged = "" if time is None or change.time is None else f", {_age(change.time - time)} before"
            return f"reconstructed from {visible(act.action)} {instant(time) or 'without a time'} ({stored.ref.short}{aged})"


def _age(micros: int) -> str:
    seconds = micros // SECOND
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def silent_lines(acts: Sequence[SilentAct]) -> Iterator[str]:
    """Yield how many events change something and do not say what, and how many attempts at that there are."""
    for attempted, said in (
        (False, "further events change something and their records do not say what"),
        (True, "denied or failed attempts of acts whose records do not say what (they changed nothing)"),
    ):
        chosen = [each for each in acts if each.attempted is attempted]
        if not chosen:
            continue
        total = sum(each.events for each in chosen)
        listed = ", ".join(
            f"{visible(each.service)} {visible(each.action)} {each.events:,}" for each in chosen[:6]
        )
        more = f" and {len(chosen) - 6} acts more" if len(chosen) > 6 else ""
        yield f"{total:,} {said}: {listed}{more}"


def attempt_line(stored: StoredEvent) -> str:
    """Return the line of an attempt whose record states no change."""
    event = stored.event
    named = ", ".join(visible(each.name) for each in event.resources[:3])
    session = f"  {stored.session}" if stored.session else ""
    return (
        f"{instant(event.time.micros) or 'no time'}  {visible(event.act.service)} {visible(event.act.action)}"
        f"  {cut_text(named) or 'names no resource'}  by {visible(who(stored))}{session}  {stored.ref.short}"
        f"  ATTEMPT, {event.outcome.status.value}: nothing was changed; the record does not say what was to be"
    )


def resource_line(resource: ChangedResource) -> str:
    """Return a resource in one line."""
    where = " ".join(filter(None, (resource.key.account, resource.key.region)))
    return (
        f"{resource.id}  {resource.changes:>6,} changes  {visible(resource.key.kind):<28}"
        f" {cut_middle(visible(resource.title), 90)}  {visible(where)}"
    )


def history_lines(history: History, cited: Cited) -> Iterator[str]:
    """Yield the life of a resource, and what is known of it at the end."""
    key = history.resource.key
    where = f" in account {visible(key.account)}" if key.account else ""
    yield f"{visible(history.resource.title)}  {visible(key.kind)}{where}  {history.resource.id}"
    told: set[str] = set()
    for step in history.steps:
        yield _step_line(step)
        if step.silent:
            yield f"  ? {STEP_UNTOLD}"
        for change in step.changes:
            yield from change_lines(change, cited, headed=False, told=told)
    until = f"as of {instant(history.as_of)}" if history.as_of is not None else "at the end of the evidence"
    yield f"state {until}, as far as it is known:"
    if history.created is not None and not history.states:
        yield f"  did not exist yet, as far as the evidence shows: {created_words(history.created)}"
    else:
        yield from state_lines(history.states, cited)


def created_words(step: Step) -> str:
    """Return when a resource was created, and by which event."""
    ref = "" if step.event is None else f" ({step.event.ref.short})"
    return f"created {instant(step.time) or 'at no known time'}{ref}"


def _step_line(step: Step) -> str:
    when = instant(step.time) or "no time"
    if step.event is None:
        return f"{when}  snapshot"
    act, outcome = step.event.event.act, step.event.event.outcome.status.value
    tied = " ≈" if step.event.tied else ""
    what = f"  {visible(changed_fields(step.changes))}" if step.changes else ""
    strength = f" ({step.strength.value})" if step.strength else ""
    many = "" if step.events == 1 else f"  × {step.events:,} until {instant(step.until) or 'no time'}"
    return (
        f"{when}{tied}  {visible(act.service)} {visible(act.action)} {outcome}{many}  by {visible(who(step.event))}"
        f"  {step.event.session or 'no session'}{strength}  {step.event.ref.short}{what}"
    )


def state_lines(states: Mapping[str, KnownValue], cited: Cited) -> Iterator[str]:
    """Yield what is known of each field."""
    for field, known in sorted(states.items()):
        if known.basis is Basis.UNKNOWN:
            value = "unknown"
            if known.tied:
                value += f": {tied_words(known, cited)}"
            if known.members:
                present = [visible(member) for member, there in sorted(known.members.items()) if there]
                absent = [visible(member) for member, there in sorted(known.members.items()) if not there]
                value += f"; among others {', '.join(present)}" if present else ""
                value += f"; not {', '.join(absent)}" if absent else ""
        else:
            shown = masked_value(field, known.value)
            value = "absent" if shown is None else _whole(shown)
        ref = cited.ref(known.event)
        if not field:
            value = {"true": "exists", "absent": "deleted"}.get(value, value)
            at = cited.events[known.event].event.time.micros if known.event in cited.events else None
            value += f" {instant(at)}" if value == "deleted" and at is not None else ""
        silence = known.silent
        seen = "snapshot " if known.basis is Basis.SNAPSHOT else ""
        dated = cited.dated_by.get(known.event or 0, "")
        by = f"  ({seen}{ref.short}{dated})" if ref is not None else ""
        name = f"{'? ' if silence else '  '}{visible(field) or 'the resource itself'}"
        grants = _grants(masked_value(field, known.value))
        yield f"{name}:{by}" if grants else f"{name}: {value}{by}"
        yield from (f"      {visible(each)}" for each in grants)
        if silence is not None:
            yield f"    {doubt_words(silence)}"
    if not states:
        yield "  nothing is known"


def _grants(value: str | None) -> list[str]:
    """Return a policy statement by statement, in words; nothing if a value is none."""
    if value is None or document_of(value_of(value)) is None:
        return []
    return [in_words(each) for each in joined(read_policy(value) or ())]


def _whole(value: str) -> str:
    """Return a value as a whole, but for the middle of one that is very long: its record holds that."""
    return cut_middle(visible(value), _WHOLE)


def tied_words(known: KnownValue, cited: Cited) -> str:
    """Return which acts at one instant leave a field unknown, because nobody can tell which came last."""
    named = [
        f"{visible(stored.event.act.action)} {stored.ref.short}"
        for stored in (cited.events.get(number) for number in known.tied[:_TIED])
        if stored is not None
    ]
    at = next((cited.events[each].event.time.micros for each in known.tied if each in cited.events), None)
    when = f"at {instant(at)} " if at is not None else ""
    more = f" and {len(known.tied) - len(named):,} more" if len(known.tied) > len(named) else ""
    return f"{len(known.tied):,} acts {when}leave it differently and which came last is not known: {', '.join(named)}{more}"


def coverage_words(found: AgainstBaseline) -> str:
    """Return how much a baseline is worth."""
    coverage = found.coverage
    if coverage.first is None:
        return "no record of its sources lies before this session: everything is new, and that says nothing"
    missing = len(coverage.missing)
    # Of a day or less no day can be missing: how much of it there is says what the baseline is worth.
    days = (
        f"{missing:,} {'day' if missing == 1 else 'days'} between without any"
        if missing
        else "no day between without any"
        if coverage.covered > 1
        else f"{span_text((coverage.last or 0) - coverage.first)} in all"
    )
    listed = ", ".join(rfc3339(day * DAY, 0)[:10] for day in coverage.missing[:6])
    return (
        f"new against records from {_minute(coverage.first)} to {_minute(coverage.last)} UTC, on {coverage.covered:,}"
        f" {'day' if coverage.covered == 1 else 'days'}, {days}"
        + (f" ({listed}{' …' if missing > 6 else ''})" if missing else "")
    )


def _minute(micros: int | None) -> str:
    return "" if micros is None else rfc3339(micros, 0)[:16].replace("T", " ")


def whose_words(found: AgainstBaseline) -> str:
    """Return in words whose acts a baseline is made of."""
    if found.against is Against.EVERYONE:
        return "everybody"
    if found.against is Against.ROLE:
        return f"all sessions of {visible(found.who)}"
    return visible(found.who)


def aspects_words(aspect: str) -> str:
    """Return what things of an aspect are called together; of attempts that they were not done."""
    words = "addresses" if aspect == "address" else f"{aspect}s"
    return f"{words} (denied or failed: tried, not done)" if aspect.startswith(ATTEMPTED) else words


def baseline_lines(found: AgainstBaseline) -> Iterator[str]:
    """Yield a session against its baseline."""
    yield f"{found.session.id} against what {whose_words(found)} did before: {found.events:,} events"
    if not found.events and found.coverage.first is not None:
        yield "  there is no act to hold it against: everything is new, which says little"
    yield f"  {coverage_words(found)}"
    for aspect in dict.fromkeys(each.aspect for each in found.novelties):
        listed = [each for each in found.novelties if each.aspect == aspect]
        yield f"  new {aspects_words(aspect)}: {len(listed):,}"
        for each in listed:
            yield f"    + {cut_text(each.value)}  {each.now.events:,} × from {instant(each.now.first)}"
    if not found.novelties:
        yield "  nothing that had not been done before"


def sides_lines(found: TwoSessions) -> Iterator[str]:
    """Yield two sessions side by side: in both, in one only."""
    yield f"{found.one.id} beside {found.other.id}"
    aspect = None
    for side in found.sides:
        if side.aspect != aspect:
            aspect = side.aspect
            yield f"  {aspects_words(aspect) if aspect.startswith(ATTEMPTED) else aspect}"
        sign = "=" if side.one and side.other else "<" if side.one else ">"
        one = f"{side.one.events:,}" if side.one else "·"
        other = f"{side.other.events:,}" if side.other else "·"
        yield f"    {sign} {one:>8} {other:>8}  {cut_text(side.value)}"
