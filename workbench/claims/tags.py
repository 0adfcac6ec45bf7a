"""Which tags may be committed, and what a committed one still lacks (evidence, sections 1.4 and 1.5).

To commit takes a sentence and a citation (P1). *Attributed* is refused where no proven binding at its level stands behind it
(A1, A2); a claim that raises an earlier one brings something new (P2, P3), is no stronger than what it rests on (P4), and one
that covers many events is no stronger than the least bound of them (P5). All else that is missing blocks release, not work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workbench.claims.binding import NAMED, Binding, names_of, support
from workbench.claims.verdict import Lack, Refusal
from workbench.model.claim import (
    Choice,
    Citation,
    CitationKind,
    Confidence,
    Grade,
    Kept,
    Level,
    Review,
    Tag,
    weaker,
)
from workbench.model.people import same_person
from workbench.model.session import Strength

SENTENCE = 3
"""Words that the reason of a tag has at least."""

_PLAIN = re.compile(r"[\w.:/+=-]+", re.ASCII)
"""Keys that stand in a filter as they are."""

SAMPLE = 30
"""Events of a filter's result that a reviewer looks at one by one (P5)."""

_RECORDS = frozenset(
    {CitationKind.EVENT, CitationKind.RECORD, CitationKind.DOCUMENT, CitationKind.LINK, CitationKind.SESSION}
)
"""What counts as a cited record. A link and a session cite the records they join."""


def refusals(tag: Tag, bindings: Sequence[Binding], previous: Kept[Tag] | None) -> list[Refusal]:
    """Return why a tag cannot be committed; nothing if it can.

    Args:
        tag: The tag.
        bindings: What the records of its events bind them to.
        previous: The standing version that it would supersede.
    """
    found = [*_p1(tag)]
    if tag.grade is Grade.ATTRIBUTED:
        found += [*_a1(tag, bindings), *_a2(tag, bindings), *_a6(tag, previous)]
    elif tag.grade is Grade.EXCLUDED:
        found += _excluded(tag, bindings)
    found += _p4(tag)
    if previous is not None and not tag.reaffirms:
        found += _p2_p3(tag, previous)
    return found


def _p1(tag: Tag) -> Iterator[Refusal]:
    """Any tag: a reason of a sentence, and a cited record; an unproven one may cite a gap instead."""
    words = len(tag.reason.split())
    if words < SENTENCE:
        said = "no reason is given" if not words else f"the reason has {words} word{'s' if words > 1 else ''}"
        yield Refusal("P1", f"{said}; a sentence of at least {SENTENCE} words is needed", "say how you know")
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
    if not any(each.kind is CitationKind.DOCUMENT for each in tag.cites):
        yield Refusal(
            "A2",
            f"“attributed” to a subject at the level of {tag.level} needs a record that is not a log",
            "cite a document (add --kind document), or take level session or credential",
        )


def _a6(tag: Tag, previous: Kept[Tag] | None) -> Iterator[Refusal]:
    """A natural person is named only after a second person has signed what was said before."""
    if tag.level is Level.PERSON and (previous is None or not second_signatures(previous)):
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
    elif tag.level.rank > Level.SESSION.rank and not any(
        each.kind is CitationKind.DOCUMENT for each in tag.cites
    ):
        yield Refusal(
            "A2", f"excluding at the level of {tag.level} needs a record that is not a log", "cite a document"
        )


def _p2_p3(tag: Tag, previous: Kept[Tag]) -> Iterator[Refusal]:
    """A claim is raised by something new, never by re-wording."""
    before = previous.body
    if not weaker(before.grade, tag.grade):
        return
    new = is_new(tag, before)
    if tag.grade in (Grade.ATTRIBUTED, Grade.EXCLUDED) and before.grade is Grade.UNPROVEN and not new:
        yield Refusal(
            "P2",
            f"it was unproven, and no direct record is cited that was not cited then: not {tag.grade} in one step",
            "cite what is new, or tag it inferred first",
        )
    elif before.grade is Grade.INFERRED and not new and not (tag.closes and before.would_change):
        yield Refusal(
            "P3",
            "it was inferred, and no direct record is cited that was not cited then: wording alone raises nothing",
            "cite what is new, or say how what could have falsified it was settled",
        )


def is_new(tag: Tag, before: Tag) -> bool:
    """Whether a tag cites a direct record, or a proven link, that an earlier version did not."""
    direct = {
        each.ref
        for each in tag.cites
        if each.kind in (CitationKind.EVENT, CitationKind.RECORD, CitationKind.DOCUMENT)
        or (each.kind is CitationKind.LINK and each.strength is Strength.PROVEN)
    }
    return bool(direct - {each.ref for each in (*before.cites, *before.against)})


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
    return [*found, *_lacks_review(kept)]


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


def _lacks_review(kept: Kept[Tag]) -> Iterator[Lack]:
    tag = kept.body
    if tag.scope.choice is Choice.FILTER:
        wanted = min(SAMPLE, tag.scope.events)
        if not any(each.sampled >= wanted and not each.errors for each in second_signatures(kept)):
            yield Lack("P5", f"a reviewer's look at {wanted} of its events without an error")
    if tag.grade is Grade.UNPROVEN:
        return  # D3: it is cheap to be humble
    if not second_signatures(kept):
        yield Lack("A6" if tag.grade is not Grade.INFERRED else "P6", "a second person's signature")


def second_signatures(kept: Kept[Tag]) -> list[Review]:
    """Return the approvals of people other than the author (P6): nobody reviews their own claim."""
    return [
        each for each in kept.reviews if each.approves and not same_person(each.reviewer, kept.origin.author)
    ]


def cited(tag: Tag) -> tuple[Citation, ...]:
    """Return everything that a tag cites, for and against."""
    return (*tag.cites, *tag.against)
