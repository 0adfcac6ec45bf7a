"""Tagging: a responder's claim on events becomes an entry of the journal, checked against the rules of evidence first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from workbench.casefile.case_writer import CaseWriter, write_case
from workbench.casefile.reader import CaseReader
from workbench.casework.choosing import Chosen, choose, chosen, prefilled, uncovered, view_of
from workbench.casework.citing import (
    cite,
    cite_again,
    cite_all,
    gaps_of,
    is_version,
    mentions,
    present,
    showing,
    standing,
)
from workbench.casework.colleagues import own_on_the_same
from workbench.casework.moments import instant_of
from workbench.casework.promotion import judged
from workbench.claims import staleness, tags
from workbench.claims.binding import NAMED, bound
from workbench.claims.reviews import impossible
from workbench.claims.verdict import Lack, Refusal, override_given
from workbench.clock import Clock
from workbench.errors import ClaimRefusedError, UnknownReferenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.claim import (
    Alternative,
    CitationKind,
    Confidence,
    Grade,
    Kept,
    Level,
    Likelihood,
    MachineView,
    ReasonCode,
    Tag,
)
from workbench.model.people import same_person


class TagWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a responder wants to say; see :class:`workbench.model.claim.Tag` for the parts.

    Attributes:
        references: References of events and ids of sessions.
        query: A filter instead.
        supersedes: Id of the tag that this one takes the place of; its events are covered unless others are named.
        cites: What is cited; ``None`` for what the links propose.
        shows: Of documents, which are cited by it: ``DOCUMENT: what it shows, and of whom``.
    """

    grade: Grade
    reason: str
    references: tuple[str, ...] = ()
    query: str | None = None
    subject: str | None = None
    level: Level = Level.CREDENTIAL
    cites: tuple[str, ...] | None = None
    shows: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    would_change: str | None = None
    closes: str | None = None
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    reason_code: ReasonCode | None = None
    resolve: str | None = None
    answers: str | None = None
    override: str | None = None
    supersedes: str | None = None


class State(NamedTuple):
    """How a committed tag stands now.

    Attributes:
        kept: The tag.
        stale: Why it is stale; nothing if it is not.
        duty: What opens the duty to demote it or to say it again.
        lacks: What it lacks for its release.
        now: What the links support of its events now; ``None`` where that was not asked, and of versions that do not stand.
        uncovered: How many events its sessions or its filter have now that it does not cover; ``None`` if that cannot be told.
    """

    kept: Kept[Tag]
    stale: list[str]
    duty: list[str]
    lacks: list[Lack]
    now: MachineView | None = None
    uncovered: int | None = 0

    @property
    def blocked(self) -> list[str]:
        """What keeps it from being released besides what it lacks: objections, and what is cited against it."""
        return [each for each in self.duty if each not in self.stale]

    @property
    def released(self) -> bool:
        """Whether it may leave the case unmarked: nothing lacks, it is not stale, and no other copy contradicts it."""
        return not self.lacks and not self.duty and not self.kept.rivals


def commit_tag(case: Path, wish: TagWish, *, actor: str, clock: Clock | None = None) -> Kept[Tag]:
    """Commit a tag; it is durable when this returns.

    Args:
        case: The case file.
        wish: What is to be said of which events.
        actor: Who says it.
        clock: Where the time of the entry comes from.

    Raises:
        ClaimRefusedError: If a rule refuses it and it is not overridden.
        UnknownReferenceError: If something that it names is not in the case.
        WorkbenchError: If there are no events, or too many.
        CaseFileError: If the case cannot be written.
    """
    with CaseReader.open(case) as reader:
        before = _superseded(reader, wish.supersedes)
        if wish.references or wish.query is not None or before is None:
            found = choose(reader, wish.references, wish.query)
        else:
            scope = before.body.scope
            found = chosen(reader, reader.claims.events_of(before.origin.entry), scope.choice, scope.text)
        return commit_chosen(reader, found, wish, actor=actor, clock=clock, before=before)


def commit_chosen(
    reader: CaseReader,
    found: Chosen,
    wish: TagWish,
    *,
    actor: str,
    clock: Clock | None = None,
    before: Kept[Tag] | None = None,
) -> Kept[Tag]:
    """Commit a tag on events that were looked at already, as the dialog does; else as :func:`commit_tag`."""
    override_given(wish.override)
    tag, before, verdict = _checked(reader, found, wish, before, actor)
    tag = tags.accepted(tag, verdict, wish.override)
    if before is not None:
        tag = msgspec.structs.replace(tag, was_stale=_stale_now(reader, before))
    body: dict[str, Json] = {
        "supersedes": None if before is None else before.origin.entry,
        "tag": msgspec.to_builtins(tag),
    }
    place = commit(reader.path, EntryKind.TAG_COMMITTED, body, actor, clock)
    return reader.claims.committed(place, "tag")


def looked_at(reader: CaseReader, found: Chosen, wish: TagWish, actor: str) -> tuple[Tag, list[Refusal]]:
    """Return the tag that a wish would become, but for what is overridden now, and why it would be refused.

    Raises:
        UnknownReferenceError: If something that it names is not in the case.
        WorkbenchError: If it is not said whose acts they are.
    """
    tag, _, verdict = _checked(reader, found, wish, _superseded(reader, wish.supersedes), actor)
    return tags.accepted(tag, verdict._replace(refused=[]), None), verdict.refused


def remarks(tag: Tag) -> Iterator[str]:
    """Yield what the author of a tag is told of it: what the program made of what they wrote, and what it brings along."""
    if tag.typed is not None:
        yield f"“{tag.typed}” is taken as {tag.subject} (level {Level.CREDENTIAL} only)"
    if tag.carried is not None:
        yield f"an override stays on it: “{tag.override}”, from {tag.carried}"
    for each in tag.found_wrong:
        yield f"not answered: {each}"


def _checked(
    reader: CaseReader, found: Chosen, wish: TagWish, before: Kept[Tag] | None, actor: str
) -> tuple[Tag, Kept[Tag] | None, tags.Verdict]:
    """Return the tag that is wished for, which one it supersedes, and what the rules say of it."""
    tag = _tag(reader, found, wish)
    if before is None:
        before = own_on_the_same(reader, found.events, tag, actor)
    if before is not None and before.body.grade is tag.grade:
        # Who else it could have been, and what it takes for granted, is not taken back by saying nothing of it.
        old = before.body
        tag = msgspec.structs.replace(
            tag,
            alternatives=tag.alternatives or old.alternatives,
            assumptions=tag.assumptions or old.assumptions,
            would_change=tag.would_change or old.would_change,
        )
    tag, verdict = judged(reader, found, tag, before)
    return tag, before, verdict


def _superseded(reader: CaseReader, name: str | None) -> Kept[Tag] | None:
    if name is None:
        return None
    before = standing(reader, name)
    if not isinstance(before.body, Tag):
        raise UnknownReferenceError(f"{name} is no tag", "give the id of a tag, T-…")
    return before


def _tag(reader: CaseReader, found: Chosen, wish: TagWish) -> Tag:
    cites = prefilled(found.proposals, wish.grade) if wish.cites is None else cite_all(reader, wish.cites)
    subject = (wish.subject or found.subject).strip()
    if not subject:
        raise WorkbenchError(
            f"the events are of several identities: whose acts do you say they are? They name {_named(found)}",
            "name the subject (`--subject`)",
        )
    cites = showing(reader, cites, wish.shows)
    known = _canonical(found, subject) if wish.level is Level.CREDENTIAL else subject
    tag = Tag(
        grade=wish.grade,
        subject=known,
        typed=subject if known != subject else None,
        level=wish.level,
        reason=wish.reason.strip(),
        scope=msgspec.structs.replace(found.scope, bound=bound(found.bindings, wish.level)),
        machine=found.machine,
        cites=cites,
        against=cite_all(reader, wish.against),
        alternatives=tuple(_alternative(reader, text) for text in wish.alternatives),
        assumptions=wish.assumptions,
        would_change=wish.would_change,
        closes=wish.closes,
        likelihood=wish.likelihood,
        confidence=wish.confidence,
        reason_code=wish.reason_code,
        resolve=wish.resolve,
        answers=(wish.answers or "").strip() or None,
    )
    return _seeing_gaps(reader, tag)


def _named(found: Chosen) -> str:
    """List whom events name, whoever is in most of them first."""
    count: Counter[str] = Counter()
    for each in found.bindings:
        count[each.identity or each.credential or "nobody"] += each.events
    said = ", ".join(f"{name} ({events:,})" for name, events in count.most_common(NAMED))
    return said + (f" and {len(count) - NAMED:,} more" if len(count) > NAMED else "")


def _seeing_gaps(reader: CaseReader, tag: Tag) -> Tag:
    """Return a tag with the gaps that can break its binding now."""
    gaps = staleness.meeting(tag, gaps_of(reader) or (), _interval(tag))
    return msgspec.structs.replace(tag, gaps=gaps)


def _canonical(found: Chosen, subject: str) -> str:
    """Return the canonical name of a subject that the records of all events know under the name given."""
    known = {
        each.identity
        for each in found.bindings
        if each.identity
        and subject.casefold() in {name.casefold() for name in each.names}
        and subject not in (each.credential, each.session)
        and not any(subject == key for key in found.scope.credentials)
    }
    return known.pop() if len(known) == 1 else subject


def _alternative(reader: CaseReader, text: str) -> Alternative:
    return Alternative(text.strip(), tuple(cite(reader, each).ref for each in mentions(text)))


def commit(
    case: Path,
    kind: EntryKind,
    body: dict[str, Json],
    actor: str,
    clock: Clock | None = None,
    *,
    settles: bool = True,
) -> int:
    """Append an entry that may supersede another, if that still stands; return its place in the journal.

    What takes the place of a version that a merged copy contradicts settles that: it names what it was in conflict with, and
    takes the place of all standing versions of that id. Unless ``settles`` is false, as it is for what says the same again.

    Raises:
        UnknownReferenceError: If somebody else superseded it meanwhile.
        CaseFileError: If the case cannot be written.
    """
    with write_case(case, actor, clock) as writer, writer.transaction():
        named = body.get("supersedes") or body.get("entry")
        if isinstance(named, str):
            _still_stands(writer, named)
            if kind is not EntryKind.CLAIM_REVIEWED:
                body |= writer.claims.settling(named, whole=settles)
        return writer.act(kind, body)


def _still_stands(writer: CaseWriter, entry: str) -> None:
    if not writer.claims.stands(entry):
        raise UnknownReferenceError("what this would supersede no longer stands", "look at its history first")


def reaffirm(case: Path, name: str, reason: str, *, actor: str, clock: Clock | None = None) -> Kept[Tag]:
    """Say a stale tag again, of what the records say now.

    Raises:
        ClaimRefusedError: If what the records say now no longer carries it.
        UnknownReferenceError: If there is no such tag.
    """
    with CaseReader.open(case) as reader:
        before = _superseded(reader, name)
        assert before is not None
        old = before.body
        scope = old.scope
        found = chosen(reader, reader.claims.events_of(before.origin.entry), scope.choice, scope.text)
        there = present(reader, tags.cited(old))
        cites = tuple(cite_again(reader, each) for each in old.cites if each.ref in there)
        if any(each.kind is CitationKind.LINK and each.ref not in there for each in old.cites):
            # A link is gone because others take its place: the events rest on those now.
            cited = {each.ref for each in cites}
            cites += tuple(
                each
                for each in prefilled(found.proposals, old.grade)
                if each.kind is CitationKind.LINK and each.ref not in cited
            )
        tag = msgspec.structs.replace(
            old,
            reason=reason.strip(),
            scope=msgspec.structs.replace(found.scope, bound=bound(found.bindings, old.level)),
            machine=found.machine,
            cites=cites,
            against=tuple(cite(reader, each.ref) for each in old.against if each.ref in there),
            reaffirms=True,
            was_stale=_stale_now(reader, before),
            override=None,
            overrode=(),
            carried=None,
            answers=None,
        )
        tag = _seeing_gaps(reader, tag)
        tag, verdict = judged(reader, found, tag, before)
        # What an earlier version was overridden for stays; what a rule says only now, nobody has overridden.
        tag = tags.accepted(tag, verdict, None)
    body: dict[str, Json] = {"supersedes": before.origin.entry, "tag": msgspec.to_builtins(tag)}
    place = commit(case, EntryKind.TAG_COMMITTED, body, actor, clock, settles=False)
    with CaseReader.open(case) as reader:
        return reader.claims.committed(place, "tag")


def _stale_now(reader: CaseReader, kept: Kept[Tag]) -> tuple[str, ...]:
    """Return why a tag is stale before another version takes its place: afterwards nobody could tell."""
    there = present(reader, tags.cited(kept.body))
    return tuple(staleness.stale(kept, there, gaps_of(reader) or (), _interval(kept.body)))


def review(
    case: Path,
    name: str,
    *,
    actor: str,
    approves: bool,
    text: str = "",
    sampled: int = 0,
    errors: int = 0,
    clock: Clock | None = None,
) -> None:
    """Sign a tag or finding as a second person, or object to it.

    Raises:
        ClaimRefusedError: If the author reviews their own claim, or the numbers cannot be.
        WorkbenchError: If an objection gives no reason.
        UnknownReferenceError: If there is no such tag or finding.
    """
    with CaseReader.open(case) as reader:
        kept = standing(reader, name)
    if same_person(actor, kept.origin.author):
        raise ClaimRefusedError("P6: nobody reviews their own claim", "somebody else does: --examiner NAME")
    events = kept.body.scope.events if isinstance(kept.body, Tag) else None
    for refusal in impossible(events, sampled, errors):
        raise ClaimRefusedError(f"{refusal.rule}: {refusal.what}", refusal.remedy)
    if not approves and not text.strip():
        raise WorkbenchError("an objection needs a reason", "say why, in a sentence")
    body: dict[str, Json] = {
        "id": kept.origin.id,
        "entry": kept.origin.entry,
        "approves": approves,
        "text": text.strip(),
        "sampled": sampled,
        "errors": errors,
    }
    commit(case, EntryKind.CLAIM_REVIEWED, body, actor, clock)


def retract(case: Path, name: str, reason: str, *, actor: str, clock: Clock | None = None) -> None:
    """Take a tag, finding or note back without another in its place; it stays readable.

    Raises:
        WorkbenchError: If there is no reason.
        UnknownReferenceError: If nothing of this id stands.
    """
    if not reason.strip():
        raise WorkbenchError("taking back needs a reason", "say why, in a sentence")
    with CaseReader.open(case) as reader:
        kept = standing(reader, name)
    body: dict[str, Json] = {"id": kept.origin.id, "entry": kept.origin.entry, "reason": reason.strip()}
    whole = not is_version(kept.origin, name)
    commit(case, EntryKind.CLAIM_RETRACTED, body, actor, clock, settles=whole)


def states(reader: CaseReader, kept: Iterable[Kept[Tag]]) -> list[State]:
    """Return how tags stand now: whether what they cite is still what it was, and what they lack."""
    holes = gaps_of(reader) or []
    found = []
    for each in kept:
        tag = each.body
        stale: list[str] = []
        if each.origin.stands:
            there = present(reader, tags.cited(tag))
            stale = staleness.stale(each, there, holes, _interval(tag))
        duty = staleness.demotion_duty(stale, tag.against, each.reviews) if each.origin.stands else []
        found.append(State(each, stale, duty, tags.lacks(each)))
    return found


def states_now(reader: CaseReader, kept: Iterable[Kept[Tag]]) -> list[State]:
    """Return how tags stand, with what the links support of their events now: every event is looked at for that."""
    found = []
    for state in states(reader, kept):
        origin = state.kept.origin
        if origin.stands:
            events = reader.claims.events_of(origin.entry)
            state = state._replace(
                now=view_of(reader, events), uncovered=uncovered(reader, state.kept.body.scope, events)
            )
        found.append(state)
    return found


def stale_tags(reader: CaseReader) -> list[State]:
    """Return the standing tags that cite what is no longer as it was."""
    return [state for state in states(reader, reader.claims.tags()) if state.stale]


def _interval(tag: Tag) -> staleness.Interval:
    start, end = tag.scope.start, tag.scope.end
    return (None if start is None else instant_of(start), None if end is None else instant_of(end))
