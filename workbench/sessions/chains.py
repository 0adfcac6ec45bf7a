"""Chains: what each session hangs on, back to the first credential use; as strong as their weakest hop or membership."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from workbench.model.event import IdentityKind, KindReason
from workbench.model.session import EndKind, Link, Relation, Strength, weakest
from workbench.sessions.assemble import Draft
from workbench.sessions.keys import KeyClass, method_of
from workbench.sessions.lineage import ORIGINS, rank
from workbench.sessions.world import World


def incoming(links: Iterable[Link]) -> dict[str, list[Link]]:
    """Return the links that say where a session or an event came from, by the id of that session or event.

    What led to another record of the same act led to the act; two records that contradict each other are not of one.
    """
    found: dict[str, list[Link]] = {}
    for link in links:
        copied = link.relation is Relation.SAME_ACT and not link.contradicted
        if (link.relation in ORIGINS or copied) and link.target.kind in (EndKind.SESSION, EndKind.EVENT):
            found.setdefault(link.target.id, []).append(link)
    return found


def best(links: Iterable[Link]) -> Link | None:
    """Return the link that a session is shown to hang on: the strongest, of equals an issue before a cause."""
    return min(links, key=rank, default=None)


def hang(
    world: World, into: Mapping[str, Sequence[Link]], trails_of: Mapping[int, tuple[int, int | None]]
) -> None:
    """Give every session its parent and the strength of its chain.

    Args:
        world: Everything.
        into: From :func:`incoming`.
        trails_of: Trail and time of events at the source ends of links, by row number.
    """
    drafts = world.assembly.drafts
    for draft in drafts.values():
        found = into.get(draft.id, ())
        link = best(found)
        if link is None:
            continue
        way = _origin(world, link, into, trails_of)
        if not way.rivals and (way.parent is None or way.parent is draft):
            # Nobody else's session issued its key, as far as this link shows: what else leads to another session?
            for other in sorted((each for each in found if each is not link), key=rank):
                another = _origin(world, other, into, trails_of)
                if not another.rivals and another.parent is not None and another.parent is not draft:
                    link, way = other, another
                    break
        parent = way.parent
        if way.rivals:
            parent = None
            draft.caveats.append(f"{way.rivals + 1:,} origins fit equally well: it hangs on none of them")
        draft.parent_link = link.id
        draft.parent = None if parent is draft else parent
        draft.chain = weakest((*way.strengths, way.membership))
        # What is said of the way to the parent must hold for the whole way, an event in between included.
        draft.strength = link.strength if draft.parent is None else draft.chain
    _cut_rings(drafts.values())
    for draft in drafts.values():
        # What led to one event of a session led to the others only as far as these belong together.
        draft.chain = weakest((draft.chain, draft.membership))
    done: set[str] = set()
    for draft in drafts.values():
        _chain(draft, done)
    for draft in drafts.values():
        _inherit(draft)


class _Way(NamedTuple):
    """How a link leads to the session that it comes from.

    Attributes:
        parent: The session, if any.
        strengths: Of the links on the way.
        rivals: How many other origins fit as well.
        membership: How well the event at the start of the way belongs to the session.
    """

    parent: Draft | None
    strengths: list[Strength]
    rivals: int
    membership: Strength = Strength.PROVEN


def _origin(
    world: World,
    link: Link,
    into: Mapping[str, Sequence[Link]],
    trails_of: Mapping[int, tuple[int, int | None]],
) -> _Way:
    parent = _source_session(world, link, trails_of)
    if link.source.kind is not EndKind.EVENT:
        return _Way(parent, [link.strength], link.rival_count)
    if parent is not None:
        # The event issued the key; that the event is of this session may itself be inferred.
        return _Way(parent, [link.strength], link.rival_count, parent.membership)
    # The event that issued it belongs to no session itself: what led to the event?
    before = best(into.get(link.source.id, ()))
    if before is None or link.rival_count:
        return _Way(None, [link.strength], link.rival_count)
    parent = _source_session(world, before, trails_of)
    by_event = parent is not None and before.source.kind is EndKind.EVENT
    membership = parent.membership if parent is not None and by_event else Strength.PROVEN
    return _Way(parent, [link.strength, before.strength], before.rival_count, membership)


def _source_session(
    world: World, link: Link, trails_of: Mapping[int, tuple[int, int | None]]
) -> Draft | None:
    if link.source.kind is EndKind.SESSION:
        return world.assembly.drafts.get(link.source.id)
    if link.source.event is None:
        return None
    place = trails_of.get(link.source.event)
    return None if place is None else world.assembly.at(*place)


def _cut_rings(drafts: Iterable[Draft]) -> None:
    """Cut rings of sessions that each seem to stem from the next: no order is shown, so none is stated of any of them."""
    seen: set[str] = set()
    for draft in drafts:
        path: dict[str, Draft] = {}
        step: Draft | None = draft
        while step is not None and step.id not in seen:
            seen.add(step.id)
            path[step.id] = step
            step = step.parent
        if step is None or step.id not in path:
            continue
        members = list(path.values())
        for each in members[list(path).index(step.id) :]:
            each.caveats.append("the links lead back to this session itself: its origin is open")
            each.parent = None
            each.strength = each.chain = Strength.UNPROVEN


def _inherit(draft: Draft) -> None:
    """Let an undecided session have the kind of the session in which its key provably was issued."""
    path = []
    step = draft
    while step.parent is not None and step.strength is Strength.PROVEN and step.inherited is None:
        # A key that outlives its session may be presented by anybody who was given it.
        lasting = step.anchor is None or method_of(step.anchor.type).key_class is not KeyClass.TOKEN
        # One that is presented from several addresses, or by two principals, may have been taken: nothing shows that its
        # holder stayed the same.
        apart = step.membership is not Strength.PROVEN or step.addresses > 1
        if lasting or apart or step.kind().kind is not IdentityKind.UNDECIDED:
            break
        path.append(step)
        step = step.parent
    for each in reversed(path):
        assert each.parent is not None
        above = each.parent.kind()
        if above.kind not in (IdentityKind.HUMAN, IdentityKind.NONHUMAN):
            return
        field = above.reason.rpartition(" (proven): ")[2]
        reason = f"its key was issued in session {each.parent.id} (proven): {field}"
        each.inherited = KindReason(above.kind, reason)


def _chain(draft: Draft, done: set[str]) -> None:
    """Weaken the chain of a session by those before it. A hole is a hop of its own: a chain that ends in one is unproven."""
    path = []
    step: Draft | None = draft
    while step is not None and step.id not in done:
        path.append(step)
        step = step.parent
    for each in reversed(path):
        above = each.parent
        # A session that an event of its own opened has no link, and its chain is as strong as that opening.
        if above is not None and (above.parent_link is not None or above.opened_by is not None):
            each.chain = weakest((each.chain, above.chain))
        done.add(each.id)
