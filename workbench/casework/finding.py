"""Findings: structured statements with the level of effect that their evidence allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.absence import ask_absence
from workbench.casework.choosing import bindings_of
from workbench.casework.citing import cite_again, cite_all, gaps_of, present, showing, standing
from workbench.casework.moments import instant_of, said_time, written_time
from workbench.casework.tag import commit
from workbench.claims import findings, staleness
from workbench.claims.binding import Binding, names_of
from workbench.claims.verdict import Lack, override_given
from workbench.claims.witness import Witness
from workbench.clock import Clock
from workbench.coverage.negative import Absence
from workbench.errors import ClaimRefusedError, UnknownReferenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.case import StoredEvent
from workbench.model.claim import Citation, CitationKind, Confidence, Grade, Kept, Level, Likelihood, Tag
from workbench.model.event import Verb
from workbench.model.finding import Authority, Effect, Finding, Impact, Period
from workbench.model.references import parse_reference
from workbench.model.session import Strength

_LAST = re.compile(r"[/:]")


class FindingWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a responder wants to state; see :class:`workbench.model.finding.Finding` for the parts.

    What is not given, ``None`` or nothing, is taken from the version that this one takes the place of, but not its override.
    """

    subject: str | None = None
    verb: str | None = None
    objects: tuple[str, ...] = ()
    effect: Effect | None = None
    start: str | None = None
    end: str | None = None
    impact: Impact | None = None
    text: str | None = None
    cites: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    coverage: str | None = None
    authority: Authority | None = None
    basis: tuple[str, ...] = ()
    basis_text: str | None = None
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    override: str | None = None
    supersedes: str | None = None


class FindingState(NamedTuple):
    """How a committed finding stands now.

    Attributes:
        kept: The finding.
        stale: Why it is stale; nothing if it is not.
        lacks: What it lacks for its release.
    """

    kept: Kept[Finding]
    stale: list[str]
    lacks: list[Lack]

    @property
    def blocked(self) -> list[str]:
        """What keeps it from being released besides what it lacks: objections."""
        return [f"{each.reviewer} objects: {each.text}" for each in self.kept.reviews if not each.approves]

    @property
    def released(self) -> bool:
        """Whether it may leave the case unmarked."""
        return not self.lacks and not self.stale and not self.blocked and not self.kept.rivals


def commit_finding(case: Path, wish: FindingWish, *, actor: str, clock: Clock | None = None) -> Kept[Finding]:
    """Commit a finding; it is durable when this returns.

    Raises:
        ClaimRefusedError: If what it cites does not allow its level, and that is not overridden.
        UnknownReferenceError: If something that it names is not in the case.
        WorkbenchError: If a time cannot be read.
        CaseFileError: If the case cannot be written.
    """
    with CaseReader.open(case) as reader:
        before = None if wish.supersedes is None else standing(reader, wish.supersedes)
        if before is not None and not isinstance(before.body, Finding):
            raise UnknownReferenceError(f"{wish.supersedes} is no finding", "give the id of a finding, F-…")
        override = override_given(wish.override)
        finding = _finding(reader, wish, None if before is None else before.body)
        refused = findings.refusals(
            finding,
            witnesses(reader, finding.cites),
            _overlapping(reader, finding),
            list(_unproven(reader, finding)),
        )
    if refused:
        if override is None:
            raise ClaimRefusedError(
                "; ".join(f"{each.rule}: {each.what}" for each in refused), refused[0].remedy
            )
        finding = msgspec.structs.replace(finding, override=override, overrode=tuple(map(str, refused)))
    body: dict[str, Json] = {
        "supersedes": None if before is None else before.origin.entry,
        "finding": msgspec.to_builtins(finding),
    }
    place = commit(case, EntryKind.FINDING_COMMITTED, body, actor, clock)
    with CaseReader.open(case) as reader:
        return reader.claims.committed(place, "finding")


def _finding(reader: CaseReader, wish: FindingWish, before: Finding | None) -> Finding:
    """Return the finding that is wished for: what is not given is as in the version before."""
    old = before or Finding(subject="", verb="", objects=(), effect=Effect.EXPOSURE)
    effect = wish.effect or (before.effect if before else None)
    subject = (wish.subject or old.subject).strip()
    verb = (wish.verb or old.verb).strip()
    for name, value in (("effect", effect), ("subject", subject), ("verb", verb)):
        if not value:
            raise WorkbenchError(f"the {name} of the finding is missing", f"name it: --{name}")
    assert effect is not None

    def cited(given: Sequence[str], kept: Sequence[Citation]) -> tuple[Citation, ...]:
        shows = {each.ref: each.shows for each in kept}
        if not given:
            return tuple(cite_again(reader, each) for each in kept)
        return tuple(
            msgspec.structs.replace(each, shows=shows.get(each.ref)) for each in cite_all(reader, given)
        )

    def text(given: str | None, kept: str) -> str:
        return (kept if given is None else given).strip()

    return Finding(
        subject=subject,
        verb=verb,
        objects=tuple(each.strip() for each in wish.objects if each.strip()) or old.objects,
        effect=effect,
        period=_period(wish, old.period),
        # What only one level says does not go with a finding to another.
        impact=wish.impact or (old.impact if effect is old.effect else None),
        text=text(wish.text, old.text),
        cites=showing(reader, cited(wish.cites, old.cites), wish.shows),
        gaps=cited(wish.gaps, old.gaps),
        coverage=wish.coverage or (old.coverage if effect is old.effect else None),
        authority=wish.authority or old.authority,
        basis=cited(wish.basis, old.basis),
        basis_text=text(wish.basis_text, old.basis_text),
        likelihood=wish.likelihood or old.likelihood,
        confidence=wish.confidence or old.confidence,
    )


def _period(wish: FindingWish, old: Period) -> Period:
    start, start_said = written_time(wish.start), said_time(wish.start)
    end, end_said = written_time(wish.end, ends=True), said_time(wish.end)
    if wish.start is None:
        start, start_said = old.start, old.start_said
    if wish.end is None:
        end, end_said = old.end, old.end_said
    period = Period(start, end, start_said, end_said)
    if period.start and period.end and instant_of(period.start) > instant_of(period.end):
        raise WorkbenchError(
            f"{end_said or period.end} is before {start_said or period.start}", "put the earlier time first"
        )
    return period


def witnesses(reader: CaseReader, cites: Iterable[Citation]) -> list[Witness]:
    """Return what the cited events say of an effect; those under cited tags are cited with them."""
    events: dict[int, set[str]] = {}
    for each in cites:
        if each.kind is CitationKind.EVENT:
            events.setdefault(reader.find(parse_reference(each.ref)).id, set())
        elif each.kind is CitationKind.TAG:
            kept = standing(reader, each.ref)
            for event in reader.claims.events_of(kept.origin.entry):
                events.setdefault(event, set()).update(_attributed(kept.body))
    stored = reader.events(list(events))
    return [
        Witness(
            ref=str(one.ref),
            source=one.source,
            action=one.event.act.action,
            verb=one.event.act.verb,
            outcome=one.event.outcome.status,
            objects=tuple(resource.name for resource in one.event.resources),
            who=_who(one, binding),
            names=_names(one, binding),
            attributed=frozenset(events[one.id]),
            time=one.event.time.micros,
        )
        for one, binding in zip(stored, bindings_of(reader, stored), strict=True)
    ]


def _attributed(body: object) -> Iterator[str]:
    """Yield to whom a tag attributes its events where the records need not name them, unless that was against a rule."""
    if (
        isinstance(body, Tag)
        and body.grade is Grade.ATTRIBUTED
        and body.level.rank > Level.SESSION.rank
        and not body.override
    ):
        yield body.subject.casefold()


def _who(stored: StoredEvent, binding: Binding) -> str:
    identity = stored.event.identity
    if identity is None:
        return binding.credential or "nobody"
    return identity.name if identity.name == identity.canonical else f"{identity.name} ({identity.canonical})"


def _names(stored: StoredEvent, binding: Binding) -> frozenset[str]:
    """Return what the subject of an event may be called: as in a tag, and by the names that people read in the lists."""
    level = Level.SESSION if binding.membership is Strength.PROVEN else Level.CREDENTIAL
    called = set(names_of(binding, level))
    identity = stored.event.identity
    if identity is not None:
        called.add(identity.name.casefold())
        # Whoever assumes a role chooses the last part of its session's ARN: it names nobody.
        head, role, rest = identity.canonical.partition(":assumed-role/")
        called.add((rest.split("/")[0] if role else _LAST.split(head)[-1]).casefold())
    return frozenset(called - {""})


def _overlapping(reader: CaseReader, finding: Finding) -> list[str] | None:
    """Return the gaps in the period of a finding; ``None`` where no gaps were derived."""
    holes = gaps_of(reader)
    if holes is None:
        return None
    start, end = (
        None if each is None else instant_of(each) for each in (finding.period.start, finding.period.end)
    )
    return [
        hole.id
        for hole in holes
        if (hole.end is None or start is None or hole.end >= start)
        and (hole.start is None or end is None or hole.start <= end)
    ]


def _unproven(reader: CaseReader, finding: Finding) -> Iterator[str]:
    """Yield what may be said in place of a statement that something did not happen, of each object of which it is not proven."""
    if finding.effect is not Effect.RULED_OUT:
        return
    try:
        verb = Verb(finding.verb)
    except ValueError:
        yield f"nothing, for “{finding.verb}” is no verb that logs are asked for ({', '.join(each.value for each in Verb)})"
        return
    start, end = (
        None if each is None else instant_of(each) for each in (finding.period.start, finding.period.end)
    )
    for target in finding.objects:
        try:
            answer = ask_absence(reader, verb=verb, target=target, start=start, end=end)
        except WorkbenchError as error:
            yield f"nothing, for {error}"
            continue
        if answer.absence is not Absence.RULED_OUT or answer.gaps:
            yield answer.sentence


def stale_findings(reader: CaseReader) -> list[FindingState]:
    """Return the standing findings that cite what is no longer as it was."""
    return [state for state in finding_states(reader, reader.claims.findings()) if state.stale]


def finding_states(reader: CaseReader, kept: Sequence[Kept[Finding]]) -> list[FindingState]:
    """Return how findings stand now: the board."""
    found = []
    for each in kept:
        finding = each.body
        cited = (*finding.cites, *finding.gaps, *finding.basis)
        stale = list(staleness.changed(cited, present(reader, cited))) if each.origin.stands else []
        gaps = len(_overlapping(reader, finding) or ())
        found.append(FindingState(each, stale, findings.lacks(each, gaps=gaps)))
    return found
