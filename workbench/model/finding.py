"""Findings: statements on resources, each with the level of effect that its evidence allows."""

from __future__ import annotations

import enum

import msgspec

from workbench.model.claim import Citation, Confidence, Likelihood


class Effect(enum.StrEnum):
    """The ladder of effects. An answer to another question than who did it."""

    EXPOSURE = "E0"
    ATTEMPTED = "E1"
    ACCESS_OBSERVED = "E2"
    EFFECT_RECORDED = "E3"
    IMPACT_PROVEN = "E4"
    NOT_DETERMINABLE = "EN"
    RULED_OUT = "EX"


LADDER = (
    Effect.EXPOSURE,
    Effect.ATTEMPTED,
    Effect.ACCESS_OBSERVED,
    Effect.EFFECT_RECORDED,
    Effect.IMPACT_PROVEN,
)
"""The rungs, the lowest first."""


class Impact(enum.StrEnum):
    """What a proven impact was."""

    ALTERED = "altered"
    DELETED = "deleted"
    DISCLOSED = "disclosed"
    UNAVAILABLE = "unavailable"


class Authority(enum.StrEnum):
    """Whether an act was allowed, which no log of the act itself can say."""

    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    UNDETERMINED = "undetermined"


class Period(msgspec.Struct, frozen=True):
    """A stretch of time with its first and its last instant; both ends may be open.

    Attributes:
        start: The first instant, RFC 3339.
        end: The last instant, RFC 3339.
        start_said: The first one as its author wrote it, such as a day or a minute.
        end_said: The last one, the same.
    """

    start: str | None = None
    end: str | None = None
    start_said: str | None = None
    end_said: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A statement on a resource or the incident.

    Attributes:
        subject: Who or what is said to have acted.
        verb: What was done, in the words of the model or the author's.
        objects: The resources.
        effect: How far the evidence goes.
        period: When.
        impact: What the impact was, where one is proven.
        text: Free text of its author, marked as such wherever it is shown.
        cites: What it rests on: events, documents, tags.
        gaps: What keeps more from being said.
        coverage: For an effect that is ruled out: what was logged throughout, in the author's words.
        authority: Whether the act was allowed.
        basis: What that rests on: a ticket, a statement, a change record.
        basis_text: The same in words.
        likelihood: How likely the statement is.
        confidence: How good the basis of that is.
        override: Why it was committed against a rule.
        overrode: What was overridden.
    """

    subject: str
    verb: str
    objects: tuple[str, ...]
    effect: Effect
    period: Period = Period()
    impact: Impact | None = None
    text: str = ""
    cites: tuple[Citation, ...] = ()
    gaps: tuple[Citation, ...] = ()
    coverage: str | None = None
    authority: Authority = Authority.UNDETERMINED
    basis: tuple[Citation, ...] = ()
    basis_text: str = ""
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    override: str | None = None
    overrode: tuple[str, ...] = ()
