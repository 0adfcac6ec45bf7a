"""Following links back and forth: it ends, misses no edge within reach, and is as strong as the way."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from workbench.model.session import HOLE, End, EndKind, Link, Relation, Strength, weakest
from workbench.sessions.lineage import MOST_HOPS, Hop, lineage
from workbench.sessions.world import Rule, make_link

RULE = Rule("test", 1, "by the test")

edges = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(Strength)),
    max_size=25,
    unique_by=lambda edge: edge[:2],
)


def graph(
    found: list[tuple[int, int, Strength]],
) -> tuple[list[Link], Callable[..., object], Callable[..., object]]:
    links = [
        make_link(
            RULE, Relation.ISSUED, strength, End(EndKind.SESSION, str(one)), End(EndKind.SESSION, str(other))
        )
        for one, other, strength in found
    ]

    def into(node: str) -> list[tuple[Link, str]]:
        return [(link, link.source.id) for link in links if link.target.id == node]

    def out_of(node: str) -> list[tuple[Link, str]]:
        return [(link, link.target.id) for link in links if link.source.id == node]

    return links, into, out_of


def reached(found: list[tuple[int, int, Strength]], start: int) -> set[tuple[int, int]]:
    """All edges that lie on some way from the start, by repeated looking."""
    nodes = {start}
    while True:
        more = nodes | {other for one, other, _ in found if one in nodes}
        if more == nodes:
            return {(one, other) for one, other, _ in found if one in nodes}
        nodes = more


@given(edges)
def test_rings_end_and_every_edge_within_reach_is_shown_once(found: list[tuple[int, int, Strength]]) -> None:
    _, into, out_of = graph(found)
    outcome = lineage("0", into, out_of)  # type: ignore[arg-type]
    assert not outcome.cut
    forward = [(int(hop.near), int(hop.far)) for hop in outcome.forward]
    assert len(forward) == len(set(forward))
    assert set(forward) == reached(found, 0)
    back = [(int(hop.near), int(hop.far)) for hop in outcome.back]
    assert set(back) == reached([(other, one, strength) for one, other, strength in found], 0)


@given(edges)
def test_each_hop_is_as_strong_as_the_way_to_it(found: list[tuple[int, int, Strength]]) -> None:
    _, into, out_of = graph(found)
    outcome = lineage("0", into, out_of)  # type: ignore[arg-type]
    for hops in (outcome.back, outcome.forward):
        entered: dict[str, Hop] = {}
        for hop in hops:
            before = entered.get(hop.near)
            assert (before is None) == (hop.near == "0")
            assert hop.depth == (0 if before is None else before.depth + 1)
            way = Strength.PROVEN if before is None else before.chain
            assert hop.chain is weakest((way, hop.link.strength))
            if hop.far != "0":
                entered.setdefault(hop.far, hop)


def test_a_hole_is_shown_and_not_gone_through() -> None:
    hole = make_link(
        RULE, Relation.ISSUED, Strength.UNPROVEN, HOLE, End(EndKind.SESSION, "a"), closes="more logs"
    )
    beyond = make_link(
        RULE, Relation.ISSUED, Strength.PROVEN, End(EndKind.SESSION, "x"), End(EndKind.NOTHING, "")
    )
    found = lineage("a", lambda node: {"a": [(hole, "")], "": [(beyond, "x")]}.get(node, []), lambda _: [])
    assert [hop.link for hop in found.back] == [hole]


def test_too_many_edges_are_cut_and_it_says_so() -> None:
    many = [(0, number, Strength.PROVEN) for number in range(1, MOST_HOPS + 2)]
    _, into, out_of = graph(many)
    outcome = lineage("0", into, out_of)  # type: ignore[arg-type]
    assert outcome.cut
    assert len(outcome.forward) == MOST_HOPS
    assert not outcome.back
