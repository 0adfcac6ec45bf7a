"""From any session back to the first credential use and forward to every effect, edge by edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from workbench.model.session import EndKind, Link, Relation, Session, Strength, weakest

MOST_HOPS = 2_000
"""Edges of one lineage that are followed; it says when there are more."""

ORIGINS = frozenset({Relation.ISSUED, Relation.SIGNED_IN, Relation.CAUSED})
"""Relations of the links that say where a session or an event came from."""

_RANK = {Strength.PROVEN: 0, Strength.INFERRED: 1, Strength.ASSERTED: 2, Strength.UNPROVEN: 3}

Step = Callable[[str], Iterable[tuple[Link, str]]]


class Hop(msgspec.Struct, frozen=True):
    """One edge of a lineage.

    Attributes:
        link: The edge.
        depth: How many edges lie between the start and this one.
        near: The session or event on the side of the start.
        far: The session or event that it leads to; empty for a hole.
        chain: The weakest strength from the start to here: of the links, and of how well the events at their ends belong
            to the sessions that are crossed.
    """

    link: Link
    depth: int
    near: str
    far: str
    chain: Strength


class Lineage(msgspec.Struct, frozen=True):
    """What led to a session and what came of it.

    Attributes:
        start: The session or event it was asked for.
        back: Edges towards the first credential use, each branch to its end before the next: at each session first what it
            hangs on, so that its chain is read in one piece down to the hole at its end.
        forward: Edges towards effects, likewise.
        cut: Whether there are more edges than were followed.
    """

    start: str
    back: tuple[Hop, ...]
    forward: tuple[Hop, ...]
    cut: bool


def rank(link: Link) -> tuple[int, bool, bool, bool, str]:
    """Return what sorts origins by how well they hold: the strongest first, of equals an issue before a cause."""
    return (
        _RANK[link.strength],
        link.contradicted,
        bool(link.rival_count),
        link.relation is Relation.CAUSED,
        link.id,
    )


def lineage(
    start: str,
    into: Step,
    out_of: Step,
    session_of: Callable[[str], Session | None],
    tie: Strength = Strength.PROVEN,
) -> Lineage:
    """Follow the links from a session or event.

    Args:
        start: Id of a session, or of an event that belongs to none.
        into: Gives the links that lead to a session or event, each with where it comes from.
        out_of: Gives the links that lead from one, each with where it goes.
        session_of: Gives the session of an id, ``None`` for the id of anything else.
        tie: How well what was asked for hangs on the start, if it is an event of it (:func:`tie_of`).
    """
    back, cut_back = _follow(start, into, session_of, tie, back=True)
    forward, cut_forward = _follow(start, out_of, session_of, tie, back=False)
    return Lineage(start, tuple(back), tuple(forward), cut_back or cut_forward)


def tie_of(event: int, session: Session, cites: Iterable[Link]) -> tuple[str, Strength]:
    """Say how an event hangs on its session, and how well: made for it by a service, opening it, or one of its own.

    Args:
        event: Row number of the event.
        session: Its session.
        cites: The links that cite the event or end in it, those of forwarded calls among them.
    """
    for link in cites:
        if link.relation is Relation.FORWARDED and link.target.event == event:
            return "made for it", link.strength
    if session.opened_by == event:
        return "opened it", session.strength
    return "belongs to it", session.membership


def chain_of(session: Session, tie: Strength = Strength.PROVEN) -> Strength:
    """Return the strength of the whole chain from the first credential use, holes included, to a session or an event of it.

    Args:
        session: The session.
        tie: How well the event hangs on it (:func:`tie_of`).
    """
    return weakest((session.chain, tie))


def _follow(
    start: str, step: Step, session_of: Callable[[str], Session | None], tie: Strength, *, back: bool
) -> tuple[list[Hop], bool]:
    hops: list[Hop] = []
    seen = {start}
    known: dict[str, Session | None] = {}
    pending: list[tuple[Link, str, str, int, Strength]] = []

    def session(node: str) -> Session | None:
        if node not in known:
            known[node] = session_of(node) if node else None
        return known[node]

    def enter(node: str, depth: int, chain: Strength) -> None:
        found = []
        edges = _what_it_hangs_on_first(step(node), session(node)) if back else step(node)
        for link, far in edges:
            near_end, far_end = session(node), session(far)
            crossed = [*_crossing(link, near_end, far_end, far_end if not back else near_end)]
            if back and far_end is not None and far_end.parent_link is None and far_end.opened_by is not None:
                # The way back ends where the session was opened, which no further edge says.
                crossed.append(far_end.strength)
            found.append((link, node, far, depth, weakest((chain, link.strength, *crossed))))
        pending.extend(reversed(found))

    enter(start, 0, tie)
    while pending:
        if len(hops) >= MOST_HOPS:
            return hops, True
        link, near, far, depth, chain = pending.pop()
        hops.append(Hop(link, depth, near, far, chain))
        if far and far not in seen and link.source.kind is not EndKind.NOTHING:
            seen.add(far)
            enter(far, depth + 1, chain)
    return hops, False


def _what_it_hangs_on_first(
    edges: Iterable[tuple[Link, str]], session: Session | None
) -> list[tuple[Link, str]]:
    """Return the edges into a session or event, that on which its chain goes on before all others.

    A session that several edges lead to is followed once. Were it entered by another edge first, the chain would break off
    where it hangs, and the hole at its end would stand elsewhere.
    """
    hangs_on = session.parent_link if session is not None else None
    return sorted(
        edges,
        key=lambda edge: (edge[0].id != hangs_on, edge[0].relation not in ORIGINS, rank(edge[0])),
    )


def _crossing(
    link: Link, near: Session | None, far: Session | None, effect: Session | None
) -> Iterable[Strength]:
    """Yield what the sessions at the two ends of a link take from it.

    Args:
        link: The link.
        near: The session on the side of the start, if any.
        far: The session on the other side, if any.
        effect: Which of the two the link leads to.
    """
    # A link joins events; that these belong to the sessions they stand for may itself be inferred.
    for session in (near, far):
        if session is not None:
            yield session.membership
    # Of sessions that each seem to stem from the next nothing is stated, however good each link is.
    if effect is not None and effect.parent_link == link.id and effect.strength is Strength.UNPROVEN:
        yield Strength.UNPROVEN
