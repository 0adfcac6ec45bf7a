"""Tags, findings, notes and custody for people. All text passes through visible(), the responders' own too."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from workbench.casework.choosing import Chosen
from workbench.casework.claim_json import late
from workbench.casework.finding import FindingState
from workbench.casework.history import Version
from workbench.casework.session_text import ARROWS
from workbench.casework.tag import State
from workbench.claims.documents import name_of
from workbench.claims.wording import answers, sentence
from workbench.model.claim import Choice, Citation, Grade, Kept, MachineView, Origin, Review, Tag
from workbench.model.finding import Finding
from workbench.model.note import HandOver, Note
from workbench.text import cut_middle, visible

MARKS = {
    Grade.ATTRIBUTED: "●",
    Grade.INFERRED: "◐",
    Grade.UNPROVEN: "○",
    Grade.EXCLUDED: "✕",
}
"""How tags are drawn; the word always stands beside it."""

_WIDTH = 110

_SHOWN = 6
"""Citations and reasons that a list shows of one thing."""


def _wrapped(label: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        visible(text),
        _WIDTH,
        initial_indent=f"    {label:11} ",
        subsequent_indent=" " * 16,
        break_long_words=False,
        break_on_hyphens=False,
    )


def tag_lines(state: State) -> Iterator[str]:
    """Yield a tag: what it says, what it rests on, what it lacks."""
    tag, origin = state.kept.body, state.kept.origin
    events = "1 event" if tag.scope.events == 1 else f"{tag.scope.events:,} events"
    yield (
        f"{MARKS[tag.grade]} {tag.grade.value:10} {origin.id}  {visible(tag.subject)}, level {tag.level}, {events}"
        f"{_not_standing(origin)}"
    )
    yield from _conflict_lines(state.kept)
    if tag.override:
        yield from _wrapped("OVERRIDE", f"{tag.override} — against {'; '.join(tag.overrode)}")
    for label, text in tag_rows(tag):
        yield from _wrapped(label, text)
    yield from _wrapped("reason", tag.reason)
    for label, text in before_rows(tag):
        yield from _wrapped(label, text)
    if tag.scope.text:
        yield from _wrapped(f"by {tag.scope.choice}", tag.scope.text)
    yield from _citation_lines("cites", tag.cites, origin.author)
    yield from _citation_lines("against", tag.against, origin.author)
    for alternative in tag.alternatives:
        yield from _wrapped("instead", alternative.text)
    for assumption in tag.assumptions:
        yield from _wrapped("assuming", assumption)
    if tag.would_change:
        yield from _wrapped("would change", tag.would_change)
    if tag.closes:
        yield from _wrapped("settled", tag.closes)
    if tag.likelihood is not None:
        yield f"    likelihood  {tag.likelihood}"
    if tag.confidence is not None:
        yield f"    confidence  {tag.confidence}"
    if tag.reason_code is not None:
        yield f"    because     {tag.reason_code}"
    if tag.resolve:
        yield from _wrapped("to resolve", tag.resolve)
    for label, text in machine_rows(state):
        yield from _wrapped(label, text)
    yield from _stale_lines(state.stale)
    yield from _release_lines(state)
    yield from _origin_lines(origin, state.kept.reviews)


def tag_rows(tag: Tag) -> Iterator[tuple[str, str]]:
    """Yield what a tag took over from what was said before, and what its author typed, each with a label."""
    if tag.carried:
        yield "carried", f"the override was given for {tag.carried}"
    if tag.typed:
        yield "typed as", tag.typed
    if tag.answers:
        yield "answers", tag.answers


def said_to_show(citation: Citation, author: str) -> str:
    """Return what a document shows, as the word of whoever cites it."""
    return f"by the document {name_of(citation)}, which, {author} says, shows: {citation.shows}"


def before_rows(tag: Tag) -> Iterator[tuple[str, str]]:
    """Yield what had made the version before stale, each with a label."""
    label = "said again" if tag.reaffirms else "before"
    if tag.reaffirms and not tag.was_stale:
        yield label, "nothing had made the version before stale"
    for number, reason in enumerate(tag.was_stale[:_SHOWN]):
        yield "" if number else label, f"the version before was stale: {reason}"
    if len(tag.was_stale) > _SHOWN:
        yield "", f"and {len(tag.was_stale) - _SHOWN:,} more reasons (--json lists all)"


def machine_rows(state: State) -> Iterator[tuple[str, str]]:
    """Yield what the links supported when a tag was written, and where it differs what they support now, each with a label."""
    tag, origin = state.kept.body, state.kept.origin
    yield "the links", f"when it was written ({origin.place}): {machine_text(tag.machine)}"
    if state.now is not None and not state.now.same(tag.machine):
        yield "links now", machine_text(state.now)
    whole = "filter" if tag.scope.choice is Choice.FILTER else "session"
    if state.uncovered is None:
        yield (
            "not covered",
            f"what its {whole} has now cannot be told: it is no longer there, or has too many events",
        )
    elif state.uncovered:
        events = "1 more event" if state.uncovered == 1 else f"{state.uncovered:,} more events"
        yield "not covered", f"the {whole} has now {events} that this tag does not cover"


def machine_text(view: MachineView) -> str:
    """Return what the links support by themselves, in a sentence."""
    supported = "support no level by themselves" if view.level is None else f"support level {view.level}"
    said = f"{supported}: {view.why}"
    if view.beyond:
        said += f"; not further: {view.beyond}"
    odd = (*view.contradictions, *view.outside, *view.caveats)
    return f"{said}. {'; '.join(odd)}" if odd else f"{said}."


def chosen_lines(found: Chosen) -> Iterator[str]:
    """Yield what is known of events before they are tagged."""
    events = "1 event" if found.scope.events == 1 else f"{found.scope.events:,} events"
    yield f"{events} of {visible(found.subject) or 'several identities'}"
    yield from _wrapped("the links", machine_text(found.machine))
    yield from _citation_lines("to cite", found.proposals)


def _citation_lines(label: str, cites: Iterable[Citation], author: str = "") -> Iterator[str]:
    cites = list(cites)
    shown = cites[:_SHOWN] if len(cites) > _SHOWN + 1 else cites
    for number, each in enumerate(shown):
        how = "" if each.strength is None else f"{ARROWS[each.strength]} {each.strength} {each.rule or ''}  "
        graded = "" if each.grade is None else f"{MARKS[each.grade]} "
        head = f"    {'' if number else label:11} {each.kind} {visible(each.short)}"
        yield f"{head}  {how}{graded}{cut_middle(visible(each.says), 80)}"
    if len(shown) < len(cites):
        yield f"                and {len(cites) - len(shown):,} more (--json lists all)"
    for each in cites:
        if each.shows:
            yield from _wrapped("", said_to_show(each, author))


def _conflict_lines(kept: Kept[Any]) -> Iterator[str]:
    if kept.rivals:
        yield from _wrapped("CONFLICT", kept.conflict)


def _stale_lines(reasons: list[str]) -> Iterator[str]:
    for reason in reasons[:_SHOWN]:
        yield from _wrapped("STALE", reason)
    if len(reasons) > _SHOWN:
        yield f"    STALE       and {len(reasons) - _SHOWN:,} more reasons (--json lists all)"


def _release_lines(state: State | FindingState) -> Iterator[str]:
    for lack in state.lacks:
        yield from _wrapped("lacks", str(lack))
    for reason in state.blocked:
        yield from _wrapped("blocked", reason)
    if state.released:
        yield "    released    nothing lacks"


def _origin_lines(origin: Origin, reviews: Iterable[Review]) -> Iterator[str]:
    version = f", version {origin.version}" if origin.version > 1 else ""
    yield from _wrapped("written", f"{origin.time} by {origin.author}{version}, {origin.place}")
    for each in reviews:
        word = "signed" if each.approves else "OBJECTED TO"
        sampled = f", {each.sampled} events looked at, {each.errors} wrong" if each.sampled else ""
        yield from _wrapped(word, f"{each.time} by {each.reviewer}{sampled} {each.text}".rstrip())


def _not_standing(origin: Origin) -> str:
    if origin.retracted is not None:
        return f"  (taken back: {visible(origin.retracted)})"
    return "" if origin.stands else "  (superseded)"


def finding_lines(state: FindingState) -> Iterator[str]:
    """Yield a finding: its statement in the words of its level, the two answers, what it lacks."""
    finding, origin = state.kept.body, state.kept.origin
    said = answers(finding)
    yield f"{finding.effect.value}  {origin.id}{_not_standing(origin)}"
    yield from _conflict_lines(state.kept)
    if finding.override:
        yield from _wrapped("OVERRIDE", f"{finding.override} — against {'; '.join(finding.overrode)}")
    yield from _wrapped("statement", sentence(finding))
    yield f"    access      {said.access_observed}"
    yield f"    impact      {said.impact_proven}"
    basis = f": {finding.basis_text}" if finding.basis_text else ""
    yield from _wrapped("the act", f"{finding.authority}{basis}")
    yield from _citation_lines("basis", finding.basis, origin.author)
    yield from _citation_lines("cites", finding.cites, origin.author)
    yield from _citation_lines("gaps", finding.gaps)
    if finding.likelihood is not None:
        yield f"    likelihood  {finding.likelihood}"
    if finding.confidence is not None:
        yield f"    confidence  {finding.confidence}"
    if finding.text:
        yield from _wrapped(f"by {cut_middle(visible(origin.author), 8)}", f"“{finding.text}”")
    yield from _stale_lines(state.stale)
    yield from _release_lines(state)
    yield from _origin_lines(origin, state.kept.reviews)


def note_lines(kept: Kept[Note]) -> Iterator[str]:
    """Yield a note: when, by whom, about what, and the text as it was written."""
    note, origin = kept.body, kept.origin
    about = f"  about {note.refers_to}" if note.refers_to else ""
    lateness = late(kept)
    yield (
        f"{origin.id}  {origin.time}  {visible(origin.author)}{about}{f'  ({lateness})' if lateness else ''}"
        f"{_not_standing(origin)}"
    )
    yield from _conflict_lines(kept)
    for line in note.text.splitlines():
        yield f"    {visible(line)}".rstrip()
    yield from _citation_lines("on", note.on)
    if origin.version > 1 or origin.journal is not None:
        yield from _wrapped("written", f"version {origin.version}, {origin.place}")


def custody_lines(kept: Kept[HandOver]) -> Iterator[str]:
    """Yield a step of custody."""
    step, origin = kept.body, kept.origin
    yield (
        f"{origin.id}  {step.at}  {visible(step.what)}: {visible(step.giver)} → {visible(step.taker)}, {visible(step.how)}"
        f"{_not_standing(origin)}"
    )
    yield from _conflict_lines(kept)
    yield from _citation_lines("on", step.on)
    if step.text:
        yield from _wrapped("text", step.text)
    yield from _origin_lines(origin, ())


def stale_line(state: State | FindingState) -> str:
    """Return why a tag or finding is stale, in a line."""
    body = state.kept.body
    said = f"{body.grade} {body.subject}" if isinstance(body, Tag) else f"{body.effect.value} {body.subject}"
    return (
        f"stale: {state.kept.origin.id} ({visible(said)}): {visible(state.stale[0])}"
        f"{f' and {len(state.stale) - 1} more' if len(state.stale) > 1 else ''}"
    )


def body_word(body: Tag | Finding | Note | HandOver) -> str:
    """Return what something in the record is called."""
    return {Tag: "tag", Finding: "finding", Note: "note", HandOver: "step of custody"}[type(body)]


def version_lines(version: Version) -> Iterator[str]:
    """Yield a version of anything in the record."""
    if isinstance(version, State):
        yield from tag_lines(version)
    elif isinstance(version, FindingState):
        yield from finding_lines(version)
    elif isinstance(version.body, Note):
        yield from note_lines(version)
    else:
        yield from custody_lines(version)
