"""Claims as tests make them: complete by default, so that a test takes away what it is about."""

from __future__ import annotations

from typing import Any

import msgspec

from workbench.claims.binding import Binding, bound
from workbench.claims.past import Past
from workbench.model.claim import (
    Alternative,
    Choice,
    Citation,
    CitationKind,
    Grade,
    Kept,
    Level,
    MachineView,
    Origin,
    Review,
    Scope,
    Tag,
)
from workbench.model.finding import Finding
from workbench.model.session import Strength

KEY = "AKIAEXAMPLE000000001"
ARN = "arn:aws:iam::111122223333:user/ann"
RECORD = "a" * 64 + ":10+20"
OTHER = "b" * 64 + ":0+5"


def event(ref: str = RECORD, **more: Any) -> Citation:
    return Citation(kind=CitationKind.EVENT, ref=ref, source="aws.cloudtrail", **more)


def link(strength: Strength, ref: str = "L-000000000001", **more: Any) -> Citation:
    return Citation(
        kind=CitationKind.LINK,
        ref=ref,
        strength=strength,
        rule="aws-key 1",
        source="aws.cloudtrail",
        **({"seen": "x"} | more),
    )


def document(ref: str = "d" * 64 + ":0+9", shows: str | None = None) -> Citation:
    return Citation(kind=CitationKind.DOCUMENT, ref=ref, source="HR", says="roster.txt", shows=shows)


def past(body: Any, *reviews: Review, shared: set[int] | None = None, **more: Any) -> Past:
    """What was said before of all events of a tag, or of some."""
    events = set(range(body.scope.events)) if shared is None else shared
    return Past(kept(body, *reviews, **more), frozenset(events))


def keyed(events: int = 1, **more: Any) -> Binding:
    """Events that carry a key and belong to a session of which nobody knows how it began."""
    given: dict[str, Any] = {
        "events": events,
        "credential": KEY,
        "kind": "aws access key",
        "identity": ARN,
        "session": "S-000000000001",
        "membership": Strength.PROVEN,
    }
    return Binding(**(given | more))


def opened(events: int = 1, **more: Any) -> Binding:
    """Events of a session whose issue is proven."""
    return keyed(events, **({"opening": Strength.PROVEN, "chain": Strength.PROVEN} | more))


def bare(events: int = 1) -> Binding:
    return Binding(events=events, identity=ARN)


def tag(bindings: list[Binding] | None = None, **more: Any) -> Tag:
    bindings = [keyed()] if bindings is None else bindings
    level = more.get("level", Level.CREDENTIAL)
    scope = Scope(
        choice=more.pop("choice", Choice.LISTED),
        text="",
        events=sum(each.events for each in bindings),
        bound=bound(bindings, level),
        places={},
        credentials=(KEY,),
        sources=("aws.cloudtrail",),
    )
    given: dict[str, Any] = {
        "grade": Grade.ATTRIBUTED,
        "subject": ARN,
        "level": level,
        "reason": "The record carries the key that only Ann's laptop held.",
        "scope": scope,
        "machine": MachineView(level=None),
        "cites": (event(),),
    }
    return Tag(**(given | more))


def kept(body: Any, *reviews: Review, author: str = "Ann", **more: Any) -> Kept[Any]:
    origin = Origin(
        id="T-000000000001", version=1, entry="e" * 64, seq=2, time="2026-01-01T00:00:00Z", author=author
    )
    return Kept(origin=msgspec.structs.replace(origin, **more), body=body, reviews=reviews)


def review(reviewer: str = "Bob", **more: Any) -> Review:
    return Review(**({"reviewer": reviewer, "time": "2026-01-02T00:00:00Z", "approves": True} | more))


def finding(**more: Any) -> Finding:
    from workbench.model.claim import Confidence, Likelihood
    from workbench.model.finding import Effect, Period

    given: dict[str, Any] = {
        "subject": ARN,
        "verb": "read_secret",
        "objects": ("prod/db",),
        "effect": Effect.ACCESS_OBSERVED,
        "period": Period("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        "cites": (event(),),
        "likelihood": Likelihood.LIKELY,
        "confidence": Confidence.MODERATE,
    }
    return Finding(**(given | more))


def excluding() -> Alternative:
    return Alternative("Her deputy used it: the badge log excludes that", (OTHER,))
