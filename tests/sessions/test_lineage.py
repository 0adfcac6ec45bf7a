"""Following links back and forth: it ends, misses no edge within reach, and is as strong as the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.sessions.stories import stories
from tests.sessions.world_maker import HOUR, HUMAN, MINUTE, Outcome, Story, Who, temporary, user
from workbench.model.event import Credential, Identity, Verb
from workbench.model.session import HOLE, End, EndKind, Link, Relation, Session, Strength, weakest
from workbench.sessions.lineage import MOST_HOPS, Hop, Lineage, chain_of, lineage, tie_of
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
    outcome = lineage("0", into, out_of, lambda _: None)  # type: ignore[arg-type]
    assert not outcome.cut
    forward = [(int(hop.near), int(hop.far)) for hop in outcome.forward]
    assert len(forward) == len(set(forward))
    assert set(forward) == reached(found, 0)
    back = [(int(hop.near), int(hop.far)) for hop in outcome.back]
    assert set(back) == reached([(other, one, strength) for one, other, strength in found], 0)


@given(edges)
def test_each_hop_is_as_strong_as_the_way_to_it(found: list[tuple[int, int, Strength]]) -> None:
    _, into, out_of = graph(found)
    outcome = lineage("0", into, out_of, lambda _: None)  # type: ignore[arg-type]
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
    found = lineage(
        "a", lambda node: {"a": [(hole, "")], "": [(beyond, "x")]}.get(node, []), lambda _: [], lambda _: None
    )
    assert [hop.link for hop in found.back] == [hole]


def test_too_many_edges_are_cut_and_it_says_so() -> None:
    many = [(0, number, Strength.PROVEN) for number in range(1, MOST_HOPS + 2)]
    _, into, out_of = graph(many)
    outcome = lineage("0", into, out_of, lambda _: None)  # type: ignore[arg-type]
    assert outcome.cut
    assert len(outcome.forward) == MOST_HOPS
    assert not outcome.back


ORDER = [Strength.PROVEN, Strength.INFERRED, Strength.ASSERTED, Strength.UNPROVEN]
OPS = Who(user("ops"))


def role(key: Credential, number: int) -> Who:
    return Who(Identity(f"arn:aws:iam::111111111111:role/r{number}", f"r{number}/x"), key)


def traced(
    outcome: Outcome, start: str, tie: Strength = Strength.PROVEN, *, backwards: bool = False
) -> Lineage:
    """The lineage as a case gives it, in this order of links or the other: an event stands for the session it belongs to."""

    def node(end: End) -> str:
        return outcome.derived.homes.get(end.event or 0, end.id)

    def edges(near: str, *, back: bool) -> list[tuple[Link, str]]:
        ends = [
            (link, *((link.target, link.source) if back else (link.source, link.target)))
            for link in (reversed(outcome.links) if backwards else outcome.links)
        ]
        return [(link, node(far)) for link, one, far in ends if node(one) == near != node(far)]

    return lineage(
        start,
        lambda near: edges(near, back=True),
        lambda near: edges(near, back=False),
        outcome.sessions.get,
        tie,
    )


def way_back(found: Lineage, outcome: Outcome) -> list[Hop]:
    """The hops from a session along what each session hangs on, to the hole at its end or back to where it was."""
    way: list[Hop] = []
    near = found.start
    passed = {near}
    while True:
        session = outcome.sessions.get(near)
        hops = [hop for hop in found.back if hop.near == near]
        if session is not None:
            hops = [hop for hop in hops if hop.link.id == session.parent_link]
        else:
            hops.sort(
                key=lambda hop: (ORDER.index(hop.link.strength), hop.link.contradicted, hop.link.rival_count)
            )
        if not hops:
            return way
        way.append(hops[0])
        near = hops[0].far
        if not near or near in passed:
            return way
        passed.add(near)


def test_what_hangs_on_a_hole_is_unproven_as_a_whole() -> None:
    """That the role was assumed with the key is proven; where the key comes from is a hole of the same chain."""
    story = Story()
    ops = Who(user("ops"), Credential("aws access key", "AKIA1"))
    story.issues(ops, temporary("1"))
    role = Identity("arn:aws:iam::111111111111:role/r", "r/x")
    used = story.does(Who(role, temporary("1")), at=MINUTE)
    outcome = story.outcome()
    session = outcome.session(used)
    back = traced(outcome, session.id).back
    assert [hop.link.strength for hop in back] == [Strength.PROVEN, Strength.UNPROVEN]
    assert session.strength is Strength.PROVEN
    assert chain_of(session) is back[-1].chain is Strength.UNPROVEN


@pytest.mark.parametrize("number", ["L-0", "L-~"])
@pytest.mark.parametrize("backwards", [False, True])
def test_what_a_session_hangs_on_is_followed_before_other_edges_to_the_same_session(
    backwards: bool, number: str
) -> None:
    """Two records of one act join the same two sessions, only inferred: the proven issue stands before the hole all the same.

    Whichever edge comes first, and whatever its id sorts behind.
    """
    story = Story()
    ops = Who(user("ops"), temporary("1"))
    key = Credential("aws access key", "AKIA1")
    story.issues(ops, key)
    story.does(ops, shared="one")
    used = story.does(ops.with_key(key), shared="one")
    outcome = story.outcome()
    session = outcome.session(used)
    links = [replace(link, id=number) if link.id == session.parent_link else link for link in outcome.links]
    session = outcome.sessions[session.id] = replace(session, parent_link=number)
    outcome.links[:] = links
    first, hole, other = traced(outcome, session.id, backwards=backwards).back
    assert first.link.id == session.parent_link
    assert (first.far, hole.near, hole.far) == (session.parent, session.parent, "")
    assert hole.chain is chain_of(session) is Strength.UNPROVEN
    assert other.link.relation is Relation.SAME_ACT


@settings(max_examples=150)
@given(stories(most=14))
def test_no_way_back_says_more_than_the_chain_of_its_session(story: Story) -> None:
    outcome = story.outcome()
    for one in outcome.derived.sessions:
        way = way_back(traced(outcome, one.id), outcome)
        if way:
            assert ORDER.index(way[-1].chain) >= ORDER.index(one.chain), (one, way)


@settings(max_examples=100)
@given(stories(most=14))
def test_no_hop_is_proven_over_an_inferred_membership(story: Story) -> None:
    outcome = story.outcome()
    for one in outcome.derived.sessions:
        found = traced(outcome, one.id)
        for hop in (*found.back, *found.forward):
            for node in (found.start, hop.near, hop.far):
                session = outcome.sessions.get(node)
                if session is not None and session.membership is not Strength.PROVEN:
                    assert hop.chain is not Strength.PROVEN, (hop, session)


def console() -> tuple[Outcome, Session, Session]:
    """A console session by inference, in which a key was issued; the session of that key, from which another was issued."""
    story = Story()
    sign_in = Credential("aws sign-in session", f"{user('ops').canonical} 2023-11-14T22:13:20Z")
    story.does(OPS._replace(kind=HUMAN), "ConsoleLogin", verb=Verb.AUTHENTICATE)
    pages = [OPS.with_key(temporary(f"page{number}"), sign_in) for number in range(3)]
    for number, page in enumerate(pages):
        story.does(page, at=number * MINUTE)
    story.issues(pages[1], temporary("first"), 10 * MINUTE)
    first = role(temporary("first"), 1)
    story.issues(first, temporary("second"), 20 * MINUTE)
    last = story.does(role(temporary("second"), 2), at=HOUR)
    outcome = story.outcome()
    opened = outcome.session(last)
    (above,) = (one for one in outcome.derived.sessions if one.anchor == sign_in)
    return outcome, above, opened


def test_what_an_inferred_member_issued_is_inferred_though_every_link_is_proven() -> None:
    outcome, sign_in, last = console()
    assert sign_in.membership is Strength.INFERRED
    back = traced(outcome, last.id).back
    assert [(hop.link.rule, hop.link.strength, hop.chain) for hop in back] == [
        ("aws-key", Strength.PROVEN, Strength.PROVEN),
        ("aws-key", Strength.PROVEN, Strength.INFERRED),
        ("aws-console", Strength.INFERRED, Strength.INFERRED),
    ]
    assert back[1].far == sign_in.id
    forward = traced(outcome, sign_in.id).forward
    assert [(hop.link.strength, hop.chain) for hop in forward] == [(Strength.PROVEN, Strength.INFERRED)] * 2


def test_what_hangs_loosely_on_its_session_has_no_better_lineage() -> None:
    outcome, _, last = console()
    found = traced(outcome, last.id, Strength.INFERRED)
    assert {hop.chain for hop in found.back} == {Strength.INFERRED}


def test_sessions_that_stem_from_each_other_prove_nothing() -> None:
    story = Story()
    keys = [temporary(str(number)) for number in range(3)]
    done = [story.issues(role(key, number), keys[(number + 1) % 3]) for number, key in enumerate(keys)]
    outcome = story.outcome()
    for each in done:
        found = traced(outcome, outcome.session(each).id)
        assert {hop.chain for hop in (*found.back, *found.forward)} == {Strength.UNPROVEN}


def test_how_an_event_hangs_on_its_session() -> None:
    _, sign_in, last = console()
    opener = last.opened_by
    assert opener is not None
    assert tie_of(opener, last, ()) == ("opened it", last.strength)
    assert tie_of(-1, sign_in, ()) == ("belongs to it", Strength.INFERRED)
    made = make_link(
        RULE, Relation.FORWARDED, Strength.INFERRED, End(EndKind.EVENT, "a", 1), End(EndKind.EVENT, "b", 2)
    )
    assert tie_of(2, last, (made,)) == ("made for it", Strength.INFERRED)
    assert tie_of(1, last, (made,)) == ("belongs to it", Strength.PROVEN)


@pytest.mark.parametrize("copy", [False, True])
def test_the_way_back_and_the_chain_agree_on_who_entered_another_account(copy: bool) -> None:
    """Without the caller's record a hole; with another act under its sharedEventID the hole all the same."""
    story = Story()
    caller = Identity("111111111111", "111111111111", None, "111111111111")
    key = [temporary("1")]
    story.does(Who(caller, account="222222222222"), "AssumeRole", service="sts", issues=key, shared="one")
    if copy:
        ops = Who(user("ops"), Credential("aws access key", "AKIA1"))
        story.does(ops, "AssumeRole", service="sts", issues=[temporary("2")], shared="one")
    role = Identity("arn:aws:iam::222222222222:role/r", "r/x", None, "222222222222")
    used = story.does(Who(role, temporary("1"), account="222222222222"), at=MINUTE)
    outcome = story.outcome()
    session = outcome.session(used)
    way = way_back(traced(outcome, session.id), outcome)
    assert way[-1].chain is chain_of(session) is Strength.UNPROVEN
