"""Tags, findings and notes as lines of a document, with the things they cite to be followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.casework.claim_json import late
from workbench.casework.claim_text import before_rows, machine_rows, said_to_show, tag_rows
from workbench.casework.finding import FindingState
from workbench.casework.history import Version
from workbench.casework.moments import instant_of
from workbench.casework.tag import State
from workbench.claims.wording import answers, sentence
from workbench.model.claim import Citation, CitationKind, Kept, Origin, Review
from workbench.model.note import HandOver, Note
from workbench.text import visible
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import BLANK, Line, line
from workbench.tui.lines.event import field
from workbench.tui.places import EventPlace, HistoryPlace, LineagePlace, Place, SessionsPlace
from workbench.tui.zones import Zone

Numbers = Mapping[str, int]
"""Row numbers of cited events, by reference."""


def version_lines(version: Version, zone: Zone, numbers: Numbers) -> list[Line]:
    """Return everything about one version of a tag, finding, note or step of custody."""
    if isinstance(version, State):
        return list(_tag(version, zone, numbers))
    if isinstance(version, FindingState):
        return list(_finding(version, zone, numbers))
    if isinstance(version.body, Note):
        note = version.body
        about = f"   about {visible(note.refers_to)}" if note.refers_to else ""
        lateness = late(version)
        title = [
            line(" ", (version.origin.id, "title"), (about, "muted"), (f"   {lateness or ''}", "warning"))
        ]
        text = [line(f" {visible(each)}", indent=1) for each in note.text.split("\n")]
        return [
            *title,
            *_conflict(version),
            *_written(version.origin, (), zone),
            BLANK,
            *text,
            BLANK,
            *_cites("on", note.on, numbers),
        ]
    step = version.body
    assert isinstance(step, HandOver)
    said = f"{visible(step.giver)} {glyphs().to} {visible(step.taker)}, {visible(step.how)}, {step.at}"
    return [
        line(" ", (visible(step.what), "title")),
        field("handed", said),
        *_conflict(version),
        *_written(version.origin, (), zone),
    ]


def history_lines(versions: Iterable[Version], zone: Zone, numbers: Numbers) -> Iterator[Line]:
    """Yield all versions, the newest first: each with who, when and why."""
    found = list(versions)
    for number, version in enumerate(reversed(found)):
        origin = version.kept.origin if isinstance(version, (State, FindingState)) else version.origin
        if number:
            yield BLANK
        if origin.retracted is not None:
            state = f"taken back: {visible(origin.retracted)}"
        else:
            state = "stands" if origin.stands else "superseded"
        yield line((f" version {origin.version} of {origin.id}: {state}", "heading"))
        yield from version_lines(version, zone, numbers)


def _tag(state: State, zone: Zone, numbers: Numbers) -> Iterator[Line]:
    tag, marks = state.kept.body, glyphs()
    yield line(
        " ", (f"{marks.tag[tag.grade]} {tag.grade.value}", "title"), (f"   {state.kept.origin.id}", "muted")
    )
    yield from _conflict(state.kept)
    if tag.override:
        yield field("OVERRIDE", (visible(tag.override), "warning"))
        for each in tag.overrode:
            yield field("", (visible(each), "warning"))
    for label, said in tag_rows(tag):
        yield field(label, visible(said))
    yield field("subject", (visible(tag.subject), "strong"), (f"   level {tag.level}", "muted"))
    yield field("reason", visible(tag.reason))
    for label, said in before_rows(tag):
        yield field(label, (visible(said), "muted"))
    yield field(
        "events", f"{tag.scope.events:,}", (f"   {tag.scope.bound:,} bound by a record of their own", "muted")
    )
    if tag.scope.text:
        yield field("", (f"by {tag.scope.choice} {visible(tag.scope.text)}", "muted"))
    for label, view in machine_rows(state):
        yield field(label, (visible(view), "muted" if label == "the links" else "warning"))
    for reason in state.stale:
        yield field("STALE", (visible(reason), "warning"))
    yield from _release(state)
    yield from _cites("cites", tag.cites, numbers, state.kept.origin.author)
    yield from _cites("against", tag.against, numbers, state.kept.origin.author)
    for alternative in tag.alternatives:
        yield field("instead", visible(alternative.text))
    for assumption in tag.assumptions:
        yield field("assuming", visible(assumption))
    for label, text in (
        ("would change", tag.would_change),
        ("settled", tag.closes),
        ("to resolve", tag.resolve),
    ):
        if text:
            yield field(label, visible(text))
    if tag.likelihood is not None:
        yield field("likelihood", tag.likelihood.value)
    if tag.confidence is not None:
        yield field("confidence", tag.confidence.value)
    if tag.reason_code is not None:
        yield field("because", tag.reason_code.value)
    yield from _written(state.kept.origin, state.kept.reviews, zone)


def _finding(state: FindingState, zone: Zone, numbers: Numbers) -> Iterator[Line]:
    finding = state.kept.body
    said = answers(finding)
    yield line(" ", (f"{finding.effect.value}  {visible(sentence(finding))}", "title"), indent=5)
    yield from _conflict(state.kept)
    if finding.override:
        yield field("OVERRIDE", (visible(finding.override), "warning"))
        for each in finding.overrode:
            yield field("", (visible(each), "warning"))
    yield field("access", said.access_observed)
    yield field("impact", said.impact_proven)
    yield field("the act was", finding.authority.value, (f"   {visible(finding.basis_text)}", "muted"))
    for reason in state.stale:
        yield field("STALE", (visible(reason), "warning"))
    yield from _release(state)
    yield from _cites("basis", finding.basis, numbers, state.kept.origin.author)
    yield from _cites("cites", finding.cites, numbers, state.kept.origin.author)
    yield from _cites("gaps", finding.gaps, numbers)
    if finding.likelihood is not None:
        yield field("likelihood", finding.likelihood.value)
    if finding.confidence is not None:
        yield field("confidence", finding.confidence.value)
    if finding.text:
        yield field("author says", f"“{visible(finding.text)}”")
    yield from _written(state.kept.origin, state.kept.reviews, zone)


def _conflict(kept: Kept[Any]) -> Iterator[Line]:
    """Say with what a version is in conflict; each of the others can be followed."""
    for number, rival in enumerate(kept.rivals):
        yield field(
            "" if number else "CONFLICT",
            (f"in conflict with {visible(str(rival))}", "error"),
            target=None if rival.name is None else HistoryPlace((rival.name,)),
        )
    if kept.rivals:
        yield field("", ("settle it by superseding one, or by taking one back", "warning"))


def _release(state: State | FindingState) -> Iterator[Line]:
    for number, lack in enumerate(state.lacks):
        yield field("" if number else "lacks", (visible(str(lack)), "warning"))
    for number, reason in enumerate(state.blocked):
        yield field("" if number else "blocked", (visible(reason), "warning"))
    if state.released:
        yield field("released", ("nothing lacks", "strong"))


def _cites(label: str, cites: Iterable[Citation], numbers: Numbers, author: str = "") -> Iterator[Line]:
    marks = glyphs()
    for number, each in enumerate(cites):
        how = ""
        if each.strength is not None:
            how = f"{marks.link[each.strength]} {each.strength} {visible(each.rule or '')}  "
        yield field(
            "" if number else label,
            (how, "strong"),
            visible(each.says),
            (f"   {each.kind} {visible(each.short)}", "muted"),
            target=_place(each, numbers),
        )
        if each.shows:
            yield field("", (visible(said_to_show(each, author)), "muted"))


def _place(each: Citation, numbers: Numbers) -> Place | None:
    if each.kind is CitationKind.EVENT and each.ref in numbers:
        return EventPlace(numbers[each.ref])
    if each.kind is CitationKind.SESSION:
        return SessionsPlace(each.ref)
    if each.kind in (CitationKind.TAG, CitationKind.FINDING, CitationKind.NOTE):
        return HistoryPlace((each.ref,))
    if each.kind is CitationKind.LINK and each.ref in numbers:
        return LineagePlace(event=numbers[each.ref])
    return None


def _written(origin: Origin, reviews: Iterable[Review], zone: Zone) -> Iterator[Line]:
    version = f", version {origin.version}" if origin.version > 1 else ""
    when = f"{zone.text(instant_of(origin.time))} {zone.name}"
    yield field(
        "written",
        f"{when} by {visible(origin.author)}{version}",
        (f"   {visible(origin.place)}", "muted"),
    )
    for each in reviews:
        word = "signed" if each.approves else "OBJECTED TO"
        yield field(
            word,
            f"{zone.text(instant_of(each.time))} by {visible(each.reviewer)} {visible(each.text)}".rstrip(),
        )
