"""Which tags may be committed, and what a committed one still lacks (evidence, sections 1.4 and 1.5).

To commit takes a sentence and a citation (P1). *Attributed* is refused where no proven binding at its level stands behind it
(A1, A2); a claim that raises an earlier one brings something new (P2, P3), is no stronger than what it rests on (P4), and one
that covers many events is no stronger than the least bound of them (P5). All else that is missing blocks release, not work.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

import msgspec

from workbench.claims.binding import NAMED, Binding, names_of, support
from workbench.claims.documents import name_of, naming, remedy
from workbench.claims.past import Past, is_new, overridden, raising
from workbench.claims.reviews import lacks_of_review, second_signatures
from workbench.claims.verdict import SENTENCE, Lack, Refusal, is_sentence, override_given
from workbench.errors import ClaimRefusedError
from workbench.model.claim import (
    Choice,
    Citation,
    CitationKind,
    Confidence,
    Grade,
    Kept,
    Level,
    Tag,
)
from workbench.model.session import Strength

_PLAIN = re.compile(r"[\w.:/+=-]+", re.ASCII)
"""Keys that stand in a filter as they are."""

_RECORDS = frozenset(
    {CitationKind.EVENT, CitationKind.RECORD, CitationKind.DOCUMENT, CitationKind.LINK, CitationKind.SESSION}
)
"""What counts as a cited record. A link and a session cite the records they join."""


class Verdict(NamedTuple):
    """What the rules say of a tag.

    Attributes:
        refused: Why it cannot be committed without an override; nothing if it can.
        held: The earlier version whose override stays on it; ``None`` if none does.
    """

    refused: list[Refusal]
    held: Kept[Tag] | None = None


def judged(
    tag: Tag,
    bindings: Sequence[Binding],
    past: Sequence[Past] = (),
    direct: Container[str] | None = None,
) -> Verdict:
    """Say whether a tag can be committed, and which override stays on its face.

    Args:
        tag: The tag.
        bindings: What the records of its events bind them to.
        past: What was said before of the same acts, by whoever, the oldest first; of what it would supersede, too.
        direct: The cited events whose own records carry what binds the tag's events; ``None`` for all that are cited.
    """
    found = refusals(tag, bindings, past, direct)
    place = overridden(tag, past)
    if place is None or (not found and is_new(tag, past[: place + 1], direct)):
        return Verdict(found)
    held = past[place].kept
    return Verdict([each for each in found if str(each) not in held.body.overrode], held)


def accepted(tag: Tag, verdict: Verdict, override: str | None) -> Tag:
    """Return a tag as it may be committed: as it is, or with what was overridden on its face, now or in an earlier version.

    Raises:
        ClaimRefusedError: If a rule refuses it and no reason is given to override that, or a blank one.
    """
    given = override_given(override)
    held = verdict.held
    if verdict.refused and given is None:
        raise ClaimRefusedError(
            "; ".join(f"{each.rule}: {each.what}" for each in verdict.refused), verdict.refused[0].remedy
        )
    carried = None
    overrode = tuple(map(str, verdict.refused))
    if held is not None:
        origin = held.origin
        carried = (
            held.body.carried or f"{origin.id} version {origin.version} by {origin.author}, {origin.time}"
        )
        overrode = tuple(dict.fromkeys((*overrode, *held.body.overrode)))
    if verdict.refused:
        assert given is not None
        if held is not None:
            carried = f"{carried}: “{held.body.override}”"
        return msgspec.structs.replace(tag, override=given, overrode=overrode, carried=carried)
    if held is not None:
        return msgspec.structs.replace(tag, override=held.body.override, overrode=overrode, carried=carried)
    return tag


def refusals(
    tag: Tag,
    bindings: Sequence[Binding],
    past: Sequence[Past] = (),
    direct: Container[str] | None = None,
) -> list[Refusal]:
    """Return which rules a tag breaks, whatever was overridden before; for the arguments see :func:`judged`."""
    found = [*_p1(tag)]
    if tag.grade is Grade.ATTRIBUTED:
        found += [*_a1(tag, bindings), *_a2(tag, bindings), *_a6(tag, past)]
    elif tag.grade is Grade.EXCLUDED:
        found += _excluded(tag, bindings)
    found += _p4(tag)
    if not tag.reaffirms:
        found += raising(tag, past, direct)
    return found


def _p1(tag: Tag) -> Iterator[Refusal]:
    """Any tag: a reason of a sentence, and a cited record; an unproven one may cite a gap instead."""
    words = len(tag.reason.split())
    if words < SENTENCE:
        said = "no reason is given" if not words else f"the reason has {words} word{'s' if words > 1 else ''}"
        yield Refusal("P1", f"{said}; a sentence of at least {SENTENCE} words is needed", "say how you know")
    if tag.answers and not is_sentence(tag.answers):
        yield Refusal(
            "P5", f"an answer to errors is a sentence of at least {SENTENCE} words", "say what became of each"
        )
    cited = {each.kind for each in tag.cites}
    if cited & _RECORDS or (tag.grade is Grade.UNPROVEN and CitationKind.GAP in cited):
        return
    yield Refusal("P1", "no record is cited", "cite the record, link or document that it rests on")


def _a1(tag: Tag, bindings: Sequence[Binding]) -> Iterator[Refusal]:
    """Attributed: a direct record of every event carries the identifier that binds it at the level."""
    loose = tag.scope.events - tag.scope.bound
    if not loose:
        return
    own = min(tag.level, Level.SESSION, key=lambda each: each.rank)
    if tag.scope.bound:
        yield Refusal(
            "P5",
            f"{loose:,} of {tag.scope.events:,} events {'has' if loose == 1 else 'have'} no proven binding of"
            f" {'its' if loose == 1 else 'their'} own: a mixed selection{_loose(bindings, own)}",
            f"{_without(tag, bindings, own)}, or tag it inferred",
        )
        return
    if own is Level.CREDENTIAL:
        what = "no record carries a credential id that its issuer made once"
    elif not any(each.credential for each in bindings):
        what = "no record carries the key of a session"
    elif any(each.membership is Strength.PROVEN for each in bindings):
        what = "the record that opened the session, a sign-in or an issue, is not proven"
    else:
        what = "that the events belong to the session is not proven"
    at_credential = bindings and all(support(each, Level.CREDENTIAL) is Strength.PROVEN for each in bindings)
    remedy = "level credential would be accepted" if at_credential else "inferred would be accepted"
    yield Refusal("A1", what, remedy)


def _loose(bindings: Sequence[Binding], level: Level) -> str:
    """Name the events that no proven binding of their own ties to a level, and what they carry instead."""
    loose = [each for each in bindings if support(each, level) is not Strength.PROVEN]
    refs = [ref for each in loose for ref in each.first]
    if not refs:
        return ""
    keys = sorted({each.credential for each in loose if each.credential})
    more = sum(each.events for each in loose) - len(refs[:NAMED])
    said = f": {', '.join(refs[:NAMED])}{f' and {more:,} more' if more else ''}"
    return said + (f" (with {', '.join(keys[:NAMED])})" if keys else "")


def _without(tag: Tag, bindings: Sequence[Binding], level: Level) -> str:
    """Say how to leave out what no proven binding of its own ties to a level: where one key tells the others, by a filter."""
    keys: dict[bool, set[str | None]] = {True: set(), False: set()}
    for each in bindings:
        keys[support(each, level) is Strength.PROVEN].add(each.credential)
    chosen = ""
    if tag.scope.choice is Choice.SESSION and len(tag.scope.text.split()) == 1:
        chosen = f"session:{tag.scope.text}"
    elif tag.scope.choice is Choice.FILTER:
        chosen = f"({tag.scope.text})"
    key = next(iter(keys[True])) if len(keys[True]) == 1 else None
    if not chosen or key is None or key in keys[False] or _PLAIN.fullmatch(key) is None:
        return "leave out what is named here and tag the others"
    return f"leave out what is named here: the filter {chosen} credential:{key} has the {tag.scope.bound:,} others"


def _a2(tag: Tag, bindings: Sequence[Binding]) -> Iterator[Refusal]:
    """Attributed: the identifier is bound to the subject by a recorded fact; above the session by one that is no log."""
    if tag.scope.bound < tag.scope.events:
        return
    if tag.level.rank <= Level.SESSION.rank:
        strangers = [each for each in bindings if tag.subject.casefold() not in names_of(each, tag.level)]
        if strangers:
            named = next((each.identity for each in strangers if each.identity), None)
            known = f": the records name {named}" if named else ""
            yield Refusal(
                "A2",
                f"nothing recorded ties what the records carry to {tag.subject}{known}",
                "name the credential, the session or the identity that the records name, or tag it inferred",
            )
        return
    yield from _document(tag, f"“attributed” to a subject at the level of {tag.level}")


def _document(tag: Tag, what: str) -> Iterator[Refusal]:
    """Above the session: a record that is no log, of which its reader says that it names the subject."""
    if naming(tag.cites, tag.subject):
        return
    documents = [each for each in tag.cites if each.kind is CitationKind.DOCUMENT]
    if not documents:
        yield Refusal(
            "A2",
            f"{what} needs a record that is not a log",
            f"cite a document (add --kind document) and {remedy(tag.cites, tag.subject)}, or take level session or"
            " credential",
        )
        return
    yield Refusal(
        "A2",
        f"nothing ties what is cited, {', '.join(map(name_of, documents))}, to {tag.subject}",
        remedy(tag.cites, tag.subject),
    )


def _a6(tag: Tag, past: Sequence[Past]) -> Iterator[Refusal]:
    """A natural person is named only after a second person has signed what was said before, of every event."""
    signed: set[int] = set()
    for each in past:
        if each.kept.origin.stands and each.tag.level is Level.PERSON and second_signatures(each.kept):
            signed |= each.shared
    if tag.level is Level.PERSON and len(signed) < tag.scope.events:
        yield Refusal(
            "A6",
            "a natural person is not named without a second reviewer",
            "tag it inferred, have somebody else sign that, then raise it",
        )


def _excluded(tag: Tag, bindings: Sequence[Binding]) -> Iterator[Refusal]:
    """Excluded: the same bar; the records positively bind the events to somebody else."""
    if tag.scope.bound < tag.scope.events:
        yield Refusal(
            "A1",
            "not every event is bound to something else by a record of its own",
            "tag it unproven: that nothing shows a subject does not exclude it",
        )
    elif any(tag.subject.casefold() in names_of(each, tag.level) for each in bindings):
        yield Refusal(
            "A5",
            f"the records bind events to {tag.subject}",
            "excluded says that the subject did not do it; an act that was agreed is still attributed, and its finding is"
            " authorised (finding --act authorised)",
        )
    elif tag.level.rank > Level.SESSION.rank:
        yield from _document(tag, f"excluding at the level of {tag.level}")


def _p4(tag: Tag) -> Iterator[Refusal]:
    """The weakest link: a claim is no stronger than its premises, and no inference on inference is attributed."""
    if tag.grade not in (Grade.ATTRIBUTED, Grade.EXCLUDED):
        return
    for each in tag.cites:
        weak = each.grade in (Grade.INFERRED, Grade.UNPROVEN) or (
            each.kind in (CitationKind.LINK, CitationKind.SESSION) and each.strength is not Strength.PROVEN
        )
        if weak:
            how = each.grade or each.strength or "unproven"
            yield Refusal(
                "P4",
                f"it rests on {each.short}, which is {how}",
                "leave that citation out, or tag it inferred",
            )
            return


def lacks(kept: Kept[Tag]) -> list[Lack]:
    """Return what a committed tag lacks for its release."""
    tag = kept.body
    found: list[Lack] = []
    if tag.override:
        found.append(Lack("override", f"what was overridden: {'; '.join(tag.overrode)}"))
    if tag.grade in (Grade.ATTRIBUTED, Grade.EXCLUDED):
        found += _lacks_a(tag)
    elif tag.grade is Grade.INFERRED:
        found += _lacks_b(tag)
    else:
        if tag.reason_code is None:
            found.append(Lack("U1", "the reason code"))
        if not tag.resolve:
            found.append(Lack("U2", "what would resolve it"))
    return [*found, *lacks_of_review(kept)]


def _lacks_a(tag: Tag) -> Iterator[Lack]:
    for text in tag.machine.outside:
        yield Lack("A3", f"a time inside the credential's validity: {text}")
    if tag.gaps:
        yield Lack("A3", f"an interval without gaps that can break its binding: {', '.join(tag.gaps)}")
    if not any(each.excluded_by for each in tag.alternatives):
        yield Lack("A4", "a named alternative with the evidence that excludes it")
    speaking = (*(each.short for each in tag.against), *tag.machine.contradictions)
    if speaking:
        yield Lack("A5", f"an answer to what speaks against it: {'; '.join(speaking)}")


def _lacks_b(tag: Tag) -> Iterator[Lack]:
    premises = [each for each in tag.cites if each.kind in _RECORDS or each.kind is CitationKind.TAG]
    independent = {each.source for each in premises if each.source}
    if len(independent) < 2 and not any(each.rule for each in premises):
        yield Lack("B1", "two premises of independent sources, or one and a named rule")
    # B2, the written inference, is the reason without which nothing is committed (P1).
    if not tag.assumptions:
        yield Lack("B3", "its assumptions")
    if not tag.alternatives:
        yield Lack("B4", "an alternative")
    if not tag.would_change:
        yield Lack("B5", "what would falsify or raise it")
    if tag.likelihood is None or tag.confidence is None:
        yield Lack("B6", "likelihood and confidence")
    if tag.confidence is Confidence.HIGH and any(each.kind is CitationKind.GAP for each in tag.cites):
        yield Lack("B6", "a confidence that its gaps allow: high means few gaps (ICD 203)")


def cited(tag: Tag) -> tuple[Citation, ...]:
    """Return everything that a tag cites, for and against."""
    return (*tag.cites, *tag.against)
