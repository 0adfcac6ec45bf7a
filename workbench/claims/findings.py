"""The ladder of effects: what evidence each level needs, and which words it allows (evidence, section 1.4).

Who did it is another question (tags). A report may never print a higher word than the recorded level: the statement of a
finding is made here of its fields, and its author's own text stays beside it, marked as theirs.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workbench.claims.verdict import Lack, Refusal
from workbench.clock import SECOND, rfc3339, to_micros
from workbench.model.claim import Citation, CitationKind, Confidence, Kept, Review
from workbench.model.event import OutcomeStatus, Verb
from workbench.model.finding import Authority, Effect, Finding, Impact

MUTATING = frozenset(
    {Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL, Verb.EXECUTE}
)
"""Acts that leave something changed where they succeed."""

_LADDER = (
    Effect.EXPOSURE,
    Effect.ATTEMPTED,
    Effect.ACCESS_OBSERVED,
    Effect.EFFECT_RECORDED,
    Effect.IMPACT_PROVEN,
)

_OF_AN_ACT = frozenset(_LADDER[1:])
"""Effects that say that the subject did something. What is exposed, unknown or ruled out is nobody's recorded act."""

_SHOWN = 4
"""Records and names that a refusal lists."""

_LISTING = re.compile(r"(list|describe)(?![a-z])|(list|describe)(?=[A-Z])", re.IGNORECASE)


class Witness(NamedTuple):
    """What a cited event says of an effect.

    Attributes:
        ref: Its reference.
        source: Its log.
        action: The operation.
        verb: The kind of act.
        outcome: How it ended.
        objects: What it names as acted upon.
        who: Whose act it was, as the record names them best.
        names: All that its subject may be called: identity, names, credential, and the session it is proven to belong to.
        attributed: To whom cited tags attribute it above the session, which takes a record that is no log (A2).
        time: When, microseconds UTC; ``None`` if it has no time.
    """

    ref: str
    source: str
    action: str
    verb: Verb
    outcome: OutcomeStatus
    objects: tuple[str, ...]
    who: str
    names: frozenset[str]
    attributed: frozenset[str] = frozenset()
    time: int | None = None

    @property
    def short(self) -> str:
        """Its reference for people."""
        return Citation(kind=CitationKind.EVENT, ref=self.ref).short


class Answers(NamedTuple):
    """Two answers to two questions."""

    access_observed: str
    impact_proven: str


def answers(finding: Finding) -> Answers:
    """Say whether access was observed, and, apart from that, whether impact is proven."""
    effect = finding.effect
    if effect is Effect.NOT_DETERMINABLE:
        return Answers("not determinable", "not determinable")
    if effect is Effect.RULED_OUT:
        return Answers("none in the recorded period", "ruled out")
    access = {
        Effect.EXPOSURE: "not observed",
        Effect.ATTEMPTED: "attempted, not observed",
        Effect.ACCESS_OBSERVED: "observed",
        Effect.EFFECT_RECORDED: "observed",
        Effect.IMPACT_PROVEN: "observed"
        if any(each.kind is CitationKind.EVENT for each in finding.cites)
        else "not observed",
    }[effect]
    return Answers(access, "proven" if effect is Effect.IMPACT_PROVEN else "not proven")


def supported(finding: Finding, witnesses: Sequence[Witness]) -> Effect | None:
    """Return the highest rung that the cited evidence allows, ``None`` if not even the lowest."""
    wrong, acting = _disagreements(finding, witnesses)
    best = None
    for rung in _LADDER:
        of_act = rung in _OF_AN_ACT
        if of_act and wrong:
            break
        if not list(_needs(finding, rung, acting if of_act else witnesses)):
            best = rung
    return best


def refusals(
    finding: Finding, witnesses: Sequence[Witness], overlapping: Sequence[str] | None = None
) -> list[Refusal]:
    """Return why a finding cannot be committed at its level; nothing if it can.

    Args:
        finding: The finding.
        witnesses: What its cited events say.
        overlapping: Gaps that overlap its period; ``None`` where no gaps were derived.
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
    remedy = "cite that, or say less"
    if finding.effect in _LADDER and best is not None:
        remedy = f"{best.value}, “{sentence(_at(finding, best))}”, would be accepted"
    needs = list(_needs(finding, finding.effect, acting))
    if finding.effect is Effect.RULED_OUT:
        needs += _ruled_out(overlapping)
    return found + [Refusal(finding.effect.value, f"it needs {need}", remedy) for need in needs]


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
    left = [each for each in witnesses if _names(each, finding.objects)] or list(witnesses)
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
    done = [each for each in left if _does(each, finding.verb)]
    if left and not done:
        said = _listed(f"{each.short} is {each.verb} ({each.action})" for each in left)
        found.append(
            Refusal(
                "verb", f"no cited record says “{finding.verb}”: {said}", "say the act that the record says"
            )
        )
    left = done or left
    outside = [each for each in left if not _within(each, finding)]
    if outside:
        said = _listed(f"{each.short} is of {_time(each.time)}" for each in outside)
        found.append(
            Refusal(
                "period",
                f"cited records do not lie{_when(finding)}: {said}",
                "state the period of the records",
            )
        )
    return found, [each for each in left if each not in outside] or left


def _does(witness: Witness, verb: str) -> bool:
    """Whether a verb is the event's: of the model, or the operation itself. Who reads a secret reads."""
    said = verb.casefold().replace(" ", "_")
    action = witness.action.casefold()
    own = {witness.verb.value, action.replace(" ", "_")}
    if " " in action:  # "create clusterrolebindings": the log's own verb comes first
        own.add(action.split()[0])
    if witness.verb is Verb.READ_SECRET:
        own.add(Verb.READ.value)
    return said in own


def _within(witness: Witness, finding: Finding) -> bool:
    start, end = (
        None if each is None else to_micros(dt.datetime.fromisoformat(each))
        for each in (finding.period.start, finding.period.end)
    )
    if witness.time is None:
        return start is None and end is None
    return (start is None or start <= witness.time) and (end is None or witness.time <= end)


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
    if effect not in _LADDER or effect is Effect.IMPACT_PROVEN:
        yield from _needs_of(finding, effect, witnesses)
        return
    for wanted in finding.objects:
        naming = [each for each in witnesses if _names(each, (wanted,))]
        for need in _needs_of(finding, effect, naming):
            which = f" ({wanted})" if len(finding.objects) > 1 else ""
            if naming or not witnesses:
                yield f"{need}{which}"
            else:
                named = _listed(name for each in witnesses for name in each.objects) or "no object"
                yield f"{need}{which}; no cited record names {wanted}: they name {named}"


def _needs_of(finding: Finding, effect: Effect, naming: Sequence[Witness]) -> Iterator[str]:
    """Yield what a level needs and the events that name an object, and the documents, do not give."""
    documents = [each for each in finding.cites if each.kind is CitationKind.DOCUMENT]
    succeeded = [each for each in naming if each.outcome is OutcomeStatus.SUCCESS]
    if effect is Effect.EXPOSURE:
        if not documents and not naming:
            yield "a snapshot of policies or permissions of the period, or a record that names the object"
    elif effect is Effect.ATTEMPTED:
        if not naming:
            yield "a record of a request that names the object"
    elif effect is Effect.ACCESS_OBSERVED:
        if not any(_is_access(each) for each in succeeded):
            yield "a record of the system itself of a success on the named object; a list or describe call is no read"
    elif effect is Effect.EFFECT_RECORDED:
        if not any(each.verb in MUTATING for each in succeeded) and not (
            documents and any(_is_access(each) for each in succeeded)
        ):
            yield "a successful act that changes the object, or a document that gives the bytes or rows returned"
    elif effect is Effect.IMPACT_PROVEN:
        if not documents:
            yield (
                "an effect record independent of the log (comparison with known good, inventory before and after, measured"
                " outage, recovered copy): a document"
            )
        if finding.impact is None:
            yield "what the impact was: altered, deleted, disclosed or unavailable"
    elif effect is Effect.NOT_DETERMINABLE:
        if not finding.gaps:
            yield "the gaps because of which it cannot be determined"
    elif not finding.coverage:
        yield "a statement of what was logged throughout the period, with the field known to be logged"


def _ruled_out(overlapping: Sequence[str] | None) -> Iterator[str]:
    if overlapping is None:
        yield "gaps to have been derived: an empty search rules nothing out"
    elif overlapping:
        yield f"a period without gaps: {', '.join(overlapping)} lie in it"


def _names(witness: Witness, objects: Sequence[str]) -> bool:
    """Whether an event names one of the objects, by its whole name or what follows a border in it."""
    for wanted in objects:
        folded = wanted.casefold()
        for name in witness.objects:
            have = name.casefold()
            if have == folded or have.endswith((f"/{folded}", f":{folded}")):
                return True
    return False


def _is_access(witness: Witness) -> bool:
    """Whether a success is access to the object itself and not to a list in which it stands.

    A list of Kubernetes returns the objects whole: whoever may list secrets reads them
    (https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets).
    """
    if witness.verb is not Verb.READ or witness.source == "k8s.audit":
        return True
    return _LISTING.match(witness.action) is None


def sentence(finding: Finding) -> str:
    """Return the statement in the words that its level allows."""
    what = " and ".join(finding.objects)
    act = finding.verb.replace("_", " ")
    when = _when(finding)
    effect = finding.effect
    if effect is Effect.EXPOSURE:
        return f"{what} could have been reached by {finding.subject}{when}."
    if effect is Effect.ATTEMPTED:
        return f"{finding.subject} attempted to {act} {what}{when}."
    if effect is Effect.ACCESS_OBSERVED:
        return f"Access to {what} by {finding.subject} ({act}) was recorded{when}."
    if effect is Effect.EFFECT_RECORDED:
        return f"The log records an effect on {what} by {finding.subject} ({act}){when}."
    if effect is Effect.IMPACT_PROVEN:
        be = "were" if len(finding.objects) > 1 else "was"
        return f"{what} {be} {finding.impact or Impact.ALTERED}{when}; the act recorded is of {finding.subject} ({act})."
    if effect is Effect.NOT_DETERMINABLE:
        gaps = ", ".join(each.ref for each in finding.gaps) or "the reason is not given"
        return f"Whether {finding.subject} could {act} {what}{when} cannot be determined because of {gaps}."
    return f"No such effect ({act}) on {what} by {finding.subject}{when}: {finding.coverage or 'no coverage stated'}."


def _when(finding: Finding) -> str:
    start, end = finding.period.start, finding.period.end
    if start and end:
        return f" between {start} and {end}"
    if start:
        return f" from {start} on"
    return f" until {end}" if end else ""


_WORDS: tuple[tuple[Effect, re.Pattern[str]], ...] = (
    (
        Effect.IMPACT_PROVEN,
        re.compile(
            r"\b(exfiltrat\w*|stole\w*|leaked|disclosed|destroyed|tampered|compromised|unavailable|"
            r"(?:was|were|has been|have been) (?:altered|deleted|copied|taken))\b",
            re.IGNORECASE,
        ),
    ),
    (Effect.EFFECT_RECORDED, re.compile(r"\b(changed|modified|created|downloaded|bytes returned)\b", re.I)),
    (Effect.ACCESS_OBSERVED, re.compile(r"\b(accessed|viewed|opened)\b", re.IGNORECASE)),
)


def too_strong(text: str, effect: Effect) -> tuple[str, Effect] | None:
    """Return the first word of an author's text that says more than the level allows, and the level it would need."""
    rung = _LADDER.index(effect) if effect in _LADDER else -1
    for needed, words in _WORDS:
        if _LADDER.index(needed) > rung and (match := words.search(text)):
            return match[0], needed
    return None


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
    return any(each.approves and each.reviewer.casefold() != author.casefold() for each in reviews)
