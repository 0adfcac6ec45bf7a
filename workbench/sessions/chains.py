"""Chains: what each session hangs on, back to the first credential use; as strong as their weakest hop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from workbench.model.event import IdentityKind, KindReason
from workbench.model.session import EndKind, Link, Relation, Strength, weakest
from workbench.sessions.assemble import Draft
from workbench.sessions.keys import KeyClass, method_of
from workbench.sessions.world import World

_RANK = {Strength.PROVEN: 0, Strength.INFERRED: 1, Strength.ASSERTED: 2, Strength.UNPROVEN: 3}
_ORIGINS = frozenset({Relation.ISSUED, Relation.SIGNED_IN, Relation.CAUSED})


def incoming(links: Iterable[Link]) -> dict[str, list[Link]]:
    """Return the links that say where a session or an event came from, by the id of that session or event."""
    found: dict[str, list[Link]] = {}
    for link in links:
        if link.relation in _ORIGINS and link.target.kind in (EndKind.SESSION, EndKind.EVENT):
            found.setdefault(link.target.id, []).append(link)
    return found


def best(links: Iterable[Link]) -> Link | None:
    """Return the link that a session is shown to hang on: the strongest, of equals an issue before a cause."""
    return min(links, key=_rank, default=None)


def _rank(link: Link) -> tuple[int, bool, bool, bool, str]:
    return (
        _RANK[link.strength],
        link.contradicted,
        bool(link.rival_count),
        link.relation is Relation.CAUSED,
        link.id,
    )


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
        parent, strengths, rivals = _origin(world, link, into, trails_of)
        if (parent is None or parent is draft) and not rivals:
            # Nobody else's session issued its key, as far as this link shows: what else leads to another session?
            for other in sorted(
                (each for each in found if each is not link and not each.rival_count), key=_rank
            ):
                from_other, on_the_way, others = _origin(world, other, into, trails_of)
                if from_other is not None and from_other is not draft:
                    link, parent, strengths, rivals = other, from_other, on_the_way, others
                    break
        if rivals:
            parent = None
            draft.caveats.append(f"{rivals + 1:,} origins fit equally well: it hangs on none of them")
        draft.parent_link, draft.chain = link.id, weakest(strengths)
        draft.parent = None if parent is draft else parent
        # What is said of the way to the parent must hold for the whole way, an event in between included.
        draft.strength = link.strength if draft.parent is None else draft.chain
    for draft in drafts.values():
        _break_cycle(draft)
    done: set[str] = set()
    for draft in drafts.values():
        _chain(draft, done)
    for draft in drafts.values():
        _inherit(draft)


def _origin(
    world: World,
    link: Link,
    into: Mapping[str, Sequence[Link]],
    trails_of: Mapping[int, tuple[int, int | None]],
) -> tuple[Draft | None, list[Strength], int]:
    """Return the session that a link comes from, if any, the strengths on the way to it, and how many rivals it has."""
    parent = _source_session(world, link, trails_of)
    if parent is not None or link.source.kind is not EndKind.EVENT:
        return parent, [link.strength], link.rival_count
    # The event that issued it belongs to no session itself: what led to the event?
    before = best(into.get(link.source.id, ()))
    if before is None:
        return None, [link.strength], link.rival_count
    rivals = link.rival_count or before.rival_count
    return _source_session(world, before, trails_of), [link.strength, before.strength], rivals


def _source_session(
    world: World, link: Link, trails_of: Mapping[int, tuple[int, int | None]]
) -> Draft | None:
    if link.source.kind is EndKind.SESSION:
        return world.assembly.drafts.get(link.source.id)
    if link.source.event is None:
        return None
    place = trails_of.get(link.source.event)
    return None if place is None else world.assembly.at(*place)


def _break_cycle(draft: Draft) -> None:
    """Cut a ring of sessions that each seem to stem from the next: no order is shown, so none is stated."""
    seen = {draft.id}
    step = draft
    while step.parent is not None:
        if step.parent.id in seen:
            step.caveats.append("the links lead back to this session itself: its origin is open")
            step.parent = None
            step.chain = Strength.UNPROVEN
            return
        seen.add(step.parent.id)
        step = step.parent


def _inherit(draft: Draft) -> None:
    """Let an undecided session have the kind of the session in which its key provably was issued."""
    path = []
    step = draft
    while step.parent is not None and step.strength is Strength.PROVEN and step.inherited is None:
        # A key that outlives its session may be presented by anybody who was given it.
        lasting = step.anchor is None or method_of(step.anchor.type).key_class is not KeyClass.TOKEN
        if lasting or step.kind().kind is not IdentityKind.UNDECIDED:
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
    path = []
    step: Draft | None = draft
    while step is not None and step.id not in done:
        path.append(step)
        step = step.parent
    for each in reversed(path):
        if each.parent is not None and each.parent.parent_link is not None and each.parent.parent is not None:
            each.chain = weakest((each.chain, each.parent.chain))
        done.add(each.id)
