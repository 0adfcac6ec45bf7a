"""The words that each level of effect allows (evidence, section 1.4).

A report may never print a higher word than the recorded level: the statement of a finding is made here of its fields, and its
author's own text stays beside it, marked as theirs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench.model.claim import CitationKind
from workbench.model.finding import LADDER, Effect, Finding, Impact


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


def sentence(finding: Finding) -> str:
    """Return the statement in the words that its level allows."""
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
        be = "were" if len(finding.objects) > 1 else "was"
        return f"{what} {be} {finding.impact or Impact.ALTERED}{period}; the act recorded is of {finding.subject} ({act})."
    if effect is Effect.NOT_DETERMINABLE:
        gaps = ", ".join(each.ref for each in finding.gaps) or "the reason is not given"
        return f"Whether any {act} of {what} by {finding.subject} happened{period} cannot be determined because of {gaps}."
    logged = (
        f"in the author's words, this was logged throughout: {finding.coverage}"
        if finding.coverage
        else "no coverage stated"
    )
    return f"No such effect ({act}) on {what} by {finding.subject}{period}; {logged}."


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
