"""What the rules see: the events worth a look, the sessions put together so far, and what was issued."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbench.clock import SECOND
from workbench.model.event import Credential, Issued
from workbench.model.session import (
    RIVALS_SHOWN,
    End,
    EndKind,
    Link,
    Relation,
    Strength,
    id_of,
)
from workbench.sessions.assemble import Assembly, Draft
from workbench.sessions.facts import Facts, Notable
from workbench.sessions.keys import KeyClass, method_of, names_nothing
from workbench.sessions.trails import Trail

NOT_CHECKED = "one of the two logs is read by a reader that no sample of that log has checked"


OPENING_TAKES = 300 * SECOND
"""Microseconds by which events of a session may lie before the one that opens it: a sign-in takes several steps."""


class Rule(NamedTuple):
    """A rule by which two things are linked.

    Attributes:
        name: Its name, as screens and reports print it.
        version: Raised with every change of what it says.
        why: What it rests on, in one line.
    """

    name: str
    version: int
    why: str


class World:
    """Everything that a rule may look at. Rules read it and yield links; only openers are noted in sessions."""

    def __init__(self, facts: Facts, assembly: Assembly) -> None:
        self.facts = facts
        self.assembly = assembly
        self.trails: dict[int, Trail] = {trail.number: trail for trail in facts.trails}
        self.revoked: dict[Credential, Notable] = {}
        """The first record that took each credential away for good."""
        self.used_after: set[Credential] = set()
        """Credentials that were used, and not refused, while they were no good."""
        self.issued: dict[Credential, list[tuple[Notable, Issued]]] = {}
        for notable in facts.notables:
            if notable.succeeded is False:
                continue
            for one in notable.issued:
                key = one.credential
                if method_of(key.type).key_class is not KeyClass.CONTEXT and not names_nothing(key.native_id):
                    self.issued.setdefault(key, []).append((notable, one))

    def home(self, notable: Notable) -> Draft | None:
        """Return the session that an event belongs to, ``None`` if it only opens one."""
        return self.assembly.at(notable.trail, notable.time)

    def opening(self, draft: Draft, notable: Notable) -> tuple[Strength, list[str]]:
        """Return how well an event of a session's own is shown to have opened it, and what is against that.

        Such an opening is no link, so that what allows a link to be proven is asked here.
        """
        against = []
        if notable.event in self.facts.altered:
            against.append(
                "contradiction: the record of its opening lies in a file that digests show to have been altered"
            )
        if notable.event in self.facts.disputed:
            against.append(f"contradiction: the record of its opening {self.facts.disputed[notable.event]}")
        first = draft.first
        if first is None or notable.time is None:
            against.append("nothing tells that no event of the session lies before the one that opened it")
        elif first < notable.time - OPENING_TAKES:
            against.append(
                f"it was in use {(notable.time - first) // SECOND:,} s before the event that is taken to have opened it"
            )
        # That a reader is unchecked is said with the session's membership.
        doubted = bool(against) or self.unverified(self.trails[notable.trail].source)
        return (Strength.INFERRED if doubted else Strength.PROVEN), against

    def undoubted(self, event: int) -> bool:
        """Whether an event is as its source wrote it, as far as the case shows: not altered, and in no second version."""
        return event not in self.facts.altered and event not in self.facts.disputed

    def unverified(self, *sources: str) -> bool:
        """Whether one of the logs is read by a reader that was never checked against a sample."""
        return not self.facts.unverified.isdisjoint(sources)


def event_end(notable: Notable) -> End:
    """Return an event as the end of a link."""
    return End(EndKind.EVENT, notable.mark, notable.event)


def session_end(draft: Draft) -> End:
    """Return a session as the end of a link."""
    return End(EndKind.SESSION, draft.id)


def make_link(
    rule: Rule,
    relation: Relation,
    strength: Strength,
    source: End,
    target: End,
    *,
    fields: tuple[str, ...] = (),
    evidence: Iterable[int] = (),
    delta: int | None = None,
    rivals: Iterable[End] = (),
    caveats: Iterable[str] = (),
    contradicted: bool = False,
    closes: str | None = None,
) -> Link:
    """Return a link with its id. What rivals or contradictions allow is kept here, so that no rule can forget it.

    A contradicted link is at most inferred; a link with rivals is never proven.
    """
    others = sorted(dict.fromkeys(rivals), key=lambda end: (end.kind, end.id))
    if strength is Strength.PROVEN and (others or contradicted):
        strength = Strength.INFERRED
    return Link(
        id=id_of("L", rule.name, relation, source.kind, source.id, target.kind, target.id),
        rule=rule.name,
        version=rule.version,
        relation=relation,
        strength=strength,
        source=source,
        target=target,
        fields=fields,
        evidence=tuple(dict.fromkeys(evidence)),
        delta=delta,
        rivals=tuple(others[:RIVALS_SHOWN]),
        rival_count=len(others),
        caveats=tuple(caveats),
        contradicted=contradicted,
        closes=closes,
    )
