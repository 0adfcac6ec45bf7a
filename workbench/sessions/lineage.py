"""From any session back to the first credential use and forward to every effect, edge by edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from workbench.model.session import EndKind, Link, Strength, weakest

MOST_HOPS = 2_000
"""Edges of one lineage that are followed; it says when there are more."""


class Hop(msgspec.Struct, frozen=True):
    """One edge of a lineage.

    Attributes:
        link: The edge.
        depth: How many edges lie between the start and this one.
        near: The session or event on the side of the start.
        far: The session or event that it leads to; empty for a hole.
        chain: The weakest strength from the start to here.
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
        back: Edges towards the first credential use, nearest first, each branch to its end before the next.
        forward: Edges towards effects, likewise.
        cut: Whether there are more edges than were followed.
    """

    start: str
    back: tuple[Hop, ...]
    forward: tuple[Hop, ...]
    cut: bool


def lineage(
    start: str,
    into: Callable[[str], Iterable[tuple[Link, str]]],
    out_of: Callable[[str], Iterable[tuple[Link, str]]],
) -> Lineage:
    """Follow the links from a session or event.

    Args:
        start: Id of a session, or of an event that belongs to none.
        into: Gives the links that lead to a session or event, each with where it comes from.
        out_of: Gives the links that lead from one, each with where it goes.
    """
    back, cut_back = _follow(start, into)
    forward, cut_forward = _follow(start, out_of)
    return Lineage(start, tuple(back), tuple(forward), cut_back or cut_forward)


def _follow(start: str, step: Callable[[str], Iterable[tuple[Link, str]]]) -> tuple[list[Hop], bool]:
    hops: list[Hop] = []
    seen = {start}
    stack: list[tuple[str, int, Strength]] = [(start, 0, Strength.PROVEN)]
    pending: list[tuple[Link, str, str, int, Strength]] = []

    def enter(node: str, depth: int, chain: Strength) -> None:
        found = [(link, node, far, depth, weakest((chain, link.strength))) for link, far in step(node)]
        pending.extend(reversed(found))

    enter(*stack.pop())
    while pending:
        if len(hops) >= MOST_HOPS:
            return hops, True
        link, near, far, depth, chain = pending.pop()
        hops.append(Hop(link, depth, near, far, chain))
        if far and far not in seen and link.source.kind is not EndKind.NOTHING:
            seen.add(far)
            enter(far, depth + 1, chain)
    return hops, False
