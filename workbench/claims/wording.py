"""The words that each level of effect allows (evidence, section 1.4).

A report may never print a higher word than the recorded level: the statement of a finding is made here of its fields, and its
author's own text stays beside it, marked as theirs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench.claims.documents import name_of
from workbench.model.claim import CitationKind
from workbench.model.event import Verb
from workbench.model.finding import LADDER, Effect, Finding, Impact


class Answers(NamedTuple):
    """Two answers to two questions."""

    access_observed: str
    impact_proven: str


_KINDS = {
    Impact.ALTERED: frozenset({Verb.UPDATE, Verb.CREATE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL}),
    Impact.DELETED: frozenset({Verb.DELETE}),
    Impact.DISCLOSED: frozenset({Verb.READ, Verb.READ_SECRET}),
    Impact.UNAVAILABLE: frozenset({Verb.DELETE}),
}
"""Acts that an impact is a consequence of. What other acts brought about is known from documents alone."""


def fits(impact: Impact, verb: str) -> bool:
    """Whether an act is of the kind that has an impact for its consequence."""
    return verb in _KINDS[impact]


def by_documents(finding: Finding) -> str:
    """Return the names of the documents of which the author says what they show; empty if there are none."""
    shown = [each for each in finding.cites if each.kind is CitationKind.DOCUMENT and each.shows]
    return " and ".join(map(name_of, shown))


def _records_an_act(finding: Finding) -> bool:
    return any(each.kind in (CitationKind.EVENT, CitationKind.TAG) for each in finding.cites)


def answers(finding: Finding) -> Answers:
    """Say whether access was observed, and, apart from that, whether impact is proven; what rests on an override says so."""
    effect = finding.effect
    how = ", by override" if finding.override else ""
    if effect is Effect.NOT_DETERMINABLE:
        return Answers(f"not determinable{how}", f"not determinable{how}")
    if effect is Effect.RULED_OUT:
        return Answers(f"none in the recorded period{how}", f"ruled out{how}")
    if effect is Effect.IMPACT_PROVEN:
        access = f"observed{how}" if _records_an_act(finding) else "not observed"
        documents = by_documents(finding) or "a document"
        return Answers(access, f"proven{how or f', by {documents} as its author reads it'}")
    access = {
        Effect.EXPOSURE: "not observed",
        Effect.ATTEMPTED: f"attempted{how}, not observed",
        Effect.ACCESS_OBSERVED: f"observed{how}",
        Effect.EFFECT_RECORDED: f"observed{how}",
    }[effect]
    return Answers(access, "not proven")


def sentence(finding: Finding) -> str:
    """Return the statement in the words that its level allows; what was stated against a rule begins with that."""
    if not finding.override:
        return _sentence(finding)
    rules = ", ".join(dict.fromkeys(each.partition(":")[0] for each in finding.overrode))
    return f"By override{f', against {rules}' if rules else ''}: {_sentence(finding)}"


def _sentence(finding: Finding) -> str:
    what = " and ".join(finding.objects)
    act = finding.verb.replace("_", " ")
    period = when(finding)
    effect = finding.effect
    if effect is Effect.EXPOSURE:
        return f"{what} could have been reached by {finding.subject}{period}."
    if effect is Effect.ATTEMPTED:
        return f"{finding.subject} attempted to {act} {what}{period}."
    if effect is Effect.ACCESS_OBSERVED:
        return f"Access to {what} by {finding.subject} ({act}) was recorded{period}."
    if effect is Effect.EFFECT_RECORDED:
        return f"The log records an effect on {what} by {finding.subject} ({act}){period}."
    if effect is Effect.IMPACT_PROVEN:
        return _impact(finding, what, act, period)
    if effect is Effect.NOT_DETERMINABLE:
        gaps = ", ".join(each.ref for each in finding.gaps) or "the reason is not given"
        return f"Whether any {act} of {what} by {finding.subject} happened{period} cannot be determined because of {gaps}."
    logged = (
        f"in the author's words, this was logged throughout: {finding.coverage}"
        if finding.coverage
        else "no coverage stated"
    )
    return f"No such effect ({act}) on {what} by {finding.subject}{period}; {logged}."


def _impact(finding: Finding, what: str, act: str, period: str) -> str:
    """State an impact as what it is: the word of a document, as its reader tells it, beside the act that a record says."""
    impact = finding.impact or Impact.ALTERED
    documents = by_documents(finding)
    by = f"According to {documents}, which the responder says shows it, " if documents else ""
    said = f"{by}{what} {'were' if len(finding.objects) > 1 else 'was'} {impact}{period}"
    if finding.override or not _records_an_act(finding):
        return f"{said}."
    alone = "" if fits(impact, act.replace(" ", "_")) else ", which by itself does not say so"
    return f"{said}; the act recorded is of {finding.subject} ({act}){alone}."


def when(finding: Finding) -> str:
    """Return the period of a finding as its statement ends."""
    period = finding.period
    start, end = period.start_said or period.start, period.end_said or period.end
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
    rung = LADDER.index(effect) if effect in LADDER else -1
    for needed, words in _WORDS:
        if LADDER.index(needed) > rung and (match := words.search(text)):
            return match[0], needed
    return None
