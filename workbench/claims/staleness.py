"""When a claim goes stale, and what opens the duty to demote it (evidence, section 1.5, D1 and D2).

Stale is computed, never written: a claim is stale while something that it cites is not what it was, until its author or
somebody else says it again of what the records say now. New evidence alone makes nothing stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from workbench.model.claim import Citation, CitationKind, Grade, Kept, Level, Review, Tag, weaker
from workbench.model.session import Strength


class Present(NamedTuple):
    """What something cited is now.

    Attributes:
        seen: Hash of what it is, as :func:`hash_of` gives it.
        says: What it says, in a line.
        strength: Of a link.
        rule: Of a link.
        grade: Of a tag that stands.
    """

    seen: str | None
    says: str = ""
    strength: Strength | None = None
    rule: str | None = None
    grade: Grade | None = None


class Hole(NamedTuple):
    """What staleness needs to know of a gap.

    Attributes:
        id: Its id.
        start: Microseconds UTC; ``None`` if it has no beginning.
        end: Its end, or ``None``.
        breaks: The lowest level whose bindings it can break; those above rest on it, too. ``None`` if it breaks none.
        sources: The logs that it is of; ``None`` for all.
        credentials: Native ids of the credentials that it is about; ``None`` for all of its logs.
        contents: SHA-256 of the files whose records it is about, whatever time and key these give; ``None`` for all of its logs.
        actions: The operations whose records it is about, each as service and operation; ``None`` for all.
    """

    id: str
    start: int | None
    end: int | None
    breaks: Level | None
    sources: frozenset[str] | None = None
    credentials: frozenset[str] | None = None
    contents: frozenset[str] | None = None
    actions: frozenset[str] | None = None


Interval = tuple[int | None, int | None]
"""First and last event of a claim, microseconds UTC."""


def hash_of(*parts: object) -> str:
    """Return a short hash of what something is: its parts as JSON, with the keys of objects in order."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def changed(cites: Iterable[Citation], present: Mapping[str, Present]) -> Iterator[str]:
    """Yield what cited things no longer are.

    Args:
        cites: What is cited.
        present: What is there now of it, by reference; what is not there is gone.
    """
    for each in cites:
        now = present.get(each.ref)
        if now is None:
            yield f"{each.kind} {each.short} is no longer there"
        elif each.kind is CitationKind.TAG:
            if now.grade is None:
                yield f"tag {each.ref} was taken back"
            elif each.grade is not None and weaker(now.grade, each.grade):
                yield f"tag {each.ref} was {each.grade}, is {now.grade} now"
        elif each.seen is not None and now.seen != each.seen:
            yield _difference(each, now)


def _difference(cited: Citation, now: Present) -> str:
    name = f"{cited.kind} {cited.short}"
    if cited.strength is not now.strength:
        return f"{name} was {cited.strength}, is {now.strength} now"
    if cited.rule != now.rule:
        return f"{name} was made by {cited.rule}, is made by {now.rule} now"
    return f"{name} changed: “{cited.says}” was cited, “{now.says}” is there now"


def meets(hole: Hole, tag: Tag, interval: Interval) -> bool:
    """Whether a gap can break the binding of a tag: at its level, in its interval, about its credential.

    A tag whose events have no time is met by every gap of its logs: nothing says that they lie elsewhere.
    """
    if hole.breaks is None or hole.breaks.rank > tag.level.rank:
        return False
    if hole.contents is not None:
        return not hole.contents.isdisjoint(tag.scope.places)
    if hole.sources is not None and hole.sources.isdisjoint(tag.scope.sources):
        return False
    if hole.credentials is not None and hole.credentials.isdisjoint(tag.scope.credentials):
        return False
    if hole.actions is not None and tag.scope.actions and hole.actions.isdisjoint(tag.scope.actions):
        return False
    start, end = interval
    after = hole.start is not None and end is not None and hole.start > end
    before = hole.end is not None and start is not None and hole.end < start
    return not (after or before)


def meeting(tag: Tag, holes: Iterable[Hole], interval: Interval) -> tuple[str, ...]:
    """Return the gaps that can break the binding of a tag."""
    return tuple(hole.id for hole in holes if meets(hole, tag, interval))


def stale(
    kept: Kept[Tag],
    present: Mapping[str, Present],
    holes: Iterable[Hole] = (),
    interval: Interval = (None, None),
) -> list[str]:
    """Return why a standing tag is stale; nothing if it is not.

    Args:
        kept: The tag.
        present: What is there now of what it cites.
        holes: The gaps of the case. Those that its author could see, or cites, are nothing new.
        interval: First and last of its events.
    """
    tag = kept.body
    found = list(changed((*tag.cites, *tag.against), present))
    if kept.missing:
        found.append(
            f"{kept.missing:,} of its {tag.scope.events:,} events are no longer in the derived layer"
        )
    if tag.grade is Grade.UNPROVEN:
        return found
    known = {*tag.gaps, *(each.ref for each in tag.cites if each.kind is CitationKind.GAP)}
    found += [
        f"gap {hole.id} "
        + (
            "is about a file that its records lie in"
            if hole.contents
            else "meets its credential and its time"
        )
        + ", and can break its binding"
        for hole in holes
        if hole.id not in known and meets(hole, tag, interval)
    ]
    return found


def demotion_duty(
    reasons: Sequence[str], against: Sequence[Citation], reviews: Sequence[Review]
) -> list[str]:
    """Return what opens the duty to demote a claim or to say it again: any of what D1 lists.

    Args:
        reasons: Why it is stale: what it cites changed or vanished, a premise was demoted, a gap was added.
        against: What is cited as contradicting it.
        reviews: What reviewers said.
    """
    found = list(reasons)
    found += [f"{each.kind} {each.short} is cited against it" for each in against]
    found += [f"{each.reviewer} objects: {each.text}" for each in reviews if not each.approves]
    return found
