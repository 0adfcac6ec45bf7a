"""The ladder of effects: what evidence each level needs (evidence, section 1.4). Who did it is another question (tags)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workbench.claims.documents import remedy, tells_of, tells_of_object
from workbench.claims.verdict import Lack, Refusal
from workbench.claims.witness import Witness, does, is_access, names, within
from workbench.claims.wording import by_documents, fits, sentence, too_strong, when
from workbench.clock import SECOND, rfc3339
from workbench.model.claim import Citation, CitationKind, Confidence, Kept, Review
from workbench.model.event import OutcomeStatus, Verb
from workbench.model.finding import LADDER, Authority, Effect, Finding
from workbench.model.people import same_person

MUTATING = frozenset(
    {Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL, Verb.EXECUTE}
)
"""Acts that leave something changed where they succeed."""

_OF_AN_ACT = frozenset(LADDER[1:])
"""Effects that say that the subject did something. What is exposed, unknown or ruled out is nobody's recorded act."""

_SHOWN = 4
"""Records and names that a refusal lists."""


def supported(finding: Finding, witnesses: Sequence[Witness]) -> Effect | None:
    """Return the highest rung that the cited evidence allows, ``None`` if not even the lowest."""
    wrong, acting = _disagreements(finding, witnesses)
    best = None
    for rung in LADDER:
        of_act = rung in _OF_AN_ACT
        if of_act and wrong:
            break
        if not list(_needs(finding, rung, acting if of_act else witnesses)):
            best = rung
    return best


def refusals(
    finding: Finding,
    witnesses: Sequence[Witness],
    overlapping: Sequence[str] | None = None,
    unproven: Sequence[str] = (),
) -> list[Refusal]:
    """Return why a finding cannot be committed at its level; nothing if it can.

    Args:
        finding: The finding.
        witnesses: What its cited events say.
        overlapping: Gaps that overlap its period; ``None`` where no gaps were derived.
        unproven: For what is ruled out: what the logs allow to be said of its objects instead.
    """
    found: list[Refusal] = []
    if not finding.objects or not finding.verb.strip():
        found.append(Refusal("P1", "it names no object or no act", "say what was done to what"))
    if not finding.cites and not finding.gaps:
        found.append(
            Refusal("P1", "nothing is cited", "cite the records, documents or gaps that it rests on")
        )
        return found
    if finding.effect in _OF_AN_ACT:
        wrong, acting = _disagreements(finding, witnesses)
        found += wrong
    else:
        acting = list(witnesses)
    best = supported(finding, witnesses)
    instead = "cite that, or say less"
    if finding.effect in LADDER and best is not None:
        instead = f"{best.value}, “{sentence(_at(finding, best))}”, would be accepted"
    elif finding.effect is Effect.RULED_OUT:
        instead = "state it as EN with the gaps" + (", or use the sentence as quoted" if unproven else "")
    needs = list(_needs(finding, finding.effect, acting))
    if finding.effect is Effect.RULED_OUT:
        needs += _ruled_out(overlapping)
        needs += [
            f"proof that no such act could go unrecorded; the logs allow this: “{said}”" for said in unproven
        ]
    return found + [Refusal(finding.effect.value, f"it needs {need}", instead) for need in needs]


def _at(finding: Finding, effect: Effect) -> Finding:
    """Return the same finding at a lower rung, for its words."""
    fields = {name: getattr(finding, name) for name in Finding.__struct_fields__}
    return Finding(**(fields | {"effect": effect, "impact": None}))


def _disagreements(finding: Finding, witnesses: Sequence[Witness]) -> tuple[list[Refusal], list[Witness]]:
    """Return in what the cited events say otherwise than a finding, and those that are left to carry it.

    One and the same event names the object, the subject and the act, at a time in the period: parts of several events make
    no act together.
    """
    found: list[Refusal] = []
    left = [each for each in witnesses if names(each, finding.objects)] or list(witnesses)
    theirs = [each for each in left if finding.subject.casefold() in each.names | each.attributed]
    if left and not theirs:
        said = _listed(f"{each.short} names {each.who}" for each in left)
        found.append(
            Refusal(
                "subject",
                f"no cited record of the object names {finding.subject}: {said}",
                "name whom the record names, or cite a tag that attributes the events to them by a record that is no log",
            )
        )
    left = theirs or left
    done = [each for each in left if does(each, finding.verb)]
    if left and not done:
        said = _listed(f"{each.short} is {each.verb} ({each.action})" for each in left)
        found.append(
            Refusal(
                "verb", f"no cited record says “{finding.verb}”: {said}", "say the act that the record says"
            )
        )
    left = done or left
    outside = [each for each in left if not within(each, finding)]
    if outside:
        said = _listed(f"{each.short} is of {_time(each.time)}" for each in outside)
        found.append(
            Refusal(
                "period",
                f"cited records do not lie{when(finding)}: {said}",
                "state the period of the records",
            )
        )
    return found, [each for each in left if each not in outside] or left


def _time(micros: int | None) -> str:
    if micros is None:
        return "no known time"
    return rfc3339(micros, 6 if micros % SECOND else 0)


def _listed(said: Iterable[str]) -> str:
    every = list(dict.fromkeys(said))
    more = f" and {len(every) - _SHOWN:,} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more


def _needs(finding: Finding, effect: Effect, witnesses: Sequence[Witness]) -> Iterator[str]:
    """Yield what a level needs and the cited evidence does not give: of acts, for each of the objects by itself."""
    if effect not in LADDER:
        if effect is Effect.NOT_DETERMINABLE and not finding.gaps:
            yield "the gaps because of which it cannot be determined"
        elif effect is Effect.RULED_OUT and not finding.coverage:
            yield "a statement of what was logged throughout the period, with the field known to be logged"
        return
    if effect is Effect.IMPACT_PROVEN and finding.impact is None:
        yield "what the impact was: altered, deleted, disclosed or unavailable"
    for wanted in finding.objects:
        naming = [each for each in witnesses if names(each, (wanted,))]
        which = f" ({wanted})" if len(finding.objects) > 1 else ""
        if effect is Effect.IMPACT_PROVEN:
            for need in _needs_of_impact(finding, wanted, naming):
                yield f"{need}{which}"
        for need in _needs_of(finding, effect, wanted, naming):
            if naming or not witnesses:
                yield f"{need}{which}"
            else:
                named = _listed(name for each in witnesses for name in each.objects) or "no object"
                yield f"{need}{which}; no cited record names {wanted}: they name {named}"


def _needs_of(finding: Finding, effect: Effect, wanted: str, naming: Sequence[Witness]) -> Iterator[str]:
    """Yield what a level needs of records and the events that name an object do not give."""
    succeeded = [each for each in naming if each.outcome is OutcomeStatus.SUCCESS]
    if effect is Effect.EXPOSURE:
        if not naming and not _shown(finding, wanted):
            yield (
                "a record that names the object, or a snapshot of policies or permissions of the period;"
                f" {remedy(finding.cites, wanted)}"
            )
    elif effect is Effect.ATTEMPTED:
        if not naming:
            yield "a record of a request that names the object"
    elif effect is Effect.EFFECT_RECORDED:
        if not any(each.verb in MUTATING for each in succeeded):
            yield "a record of a successful act that changes the object"
    elif not any(is_access(each) for each in succeeded):
        yield "a record of the system itself of a success on the named object; a list or describe call is no read"


def _shown(finding: Finding, wanted: str) -> list[Citation]:
    """Return the documents that are said to show something of an object."""
    return [
        each for each in finding.cites if each.kind is CitationKind.DOCUMENT and tells_of_object(each, wanted)
    ]


def _needs_of_impact(finding: Finding, wanted: str, naming: Sequence[Witness]) -> Iterator[str]:
    """Yield what a proven impact needs beside the record of an act: a document, and that it or the act is of that kind."""
    shown = _shown(finding, wanted)
    succeeded = [each for each in naming if each.outcome is OutcomeStatus.SUCCESS]
    if not shown:
        yield (
            "an effect record independent of the log (comparison with known good, inventory before and after, measured"
            f" outage, recovered copy): a document; {remedy(finding.cites, wanted)}"
        )
        return
    impact = finding.impact
    if impact is None or any(fits(impact, each.verb) for each in succeeded):
        return
    if not any(tells_of(each, impact.value) for each in shown):
        acts = _listed(f"{each.verb} ({each.action})" for each in succeeded) or "no act"
        yield f"a document that, as you say with --shows, says “{impact}”: what is recorded is {acts}"


def _ruled_out(overlapping: Sequence[str] | None) -> Iterator[str]:
    if overlapping is None:
        yield "gaps to have been derived: an empty search rules nothing out"
    elif overlapping:
        yield f"a period without gaps: {', '.join(overlapping)} lie in it"


def lacks(kept: Kept[Finding], *, gaps: int = 0) -> list[Lack]:
    """Return what a committed finding lacks for its release.

    Args:
        kept: The finding.
        gaps: How many gaps overlap its period.
    """
    finding = kept.body
    found: list[Lack] = []
    if finding.override:
        found.append(Lack("override", f"what was overridden: {'; '.join(finding.overrode)}"))
    if finding.effect is Effect.IMPACT_PROVEN and not by_documents(finding):
        found.append(Lack("E4", "what its document shows of the object, in its author's words"))
    if not finding.period.start and not finding.period.end:
        found.append(Lack("period", "a period"))
    if finding.likelihood is None:
        found.append(Lack("B6", "a likelihood"))
    if finding.confidence is None:
        found.append(Lack("B6", "a confidence"))
    if finding.confidence is Confidence.HIGH and (gaps or finding.gaps):
        found.append(Lack("B6", "a confidence that its gaps allow: high means few gaps (ICD 203)"))
    if finding.authority is not Authority.UNDETERMINED and not finding.basis:
        found.append(
            Lack("authority", f"a basis for “{finding.authority}”: a ticket, a statement or a change record")
        )
    strong = too_strong(finding.text, finding.effect)
    if strong is not None:
        found.append(
            Lack(
                finding.effect.value,
                f"the level for its author's word “{strong[0]}”, which needs {strong[1].value}",
            )
        )
    if not _signed(kept.reviews, kept.origin.author):
        found.append(Lack("P6", "a second person's signature"))
    return found


def _signed(reviews: Sequence[Review], author: str) -> bool:
    return any(each.approves and not same_person(each.reviewer, author) for each in reviews)
