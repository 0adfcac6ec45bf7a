"""What every link keeps to, whatever rule made it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import Story, Who, temporary, user
from workbench.model.session import RIVALS_SHOWN, End, EndKind, Relation, Strength
from workbench.sessions.world import Rule, make_link

ends = st.builds(End, st.sampled_from(EndKind), st.text(max_size=3), st.none() | st.integers(1, 3))
rules = st.builds(Rule, st.sampled_from(["one", "two"]), st.integers(1, 2), st.just("why"))


@given(rules, st.sampled_from(Strength), ends, ends, st.lists(ends, max_size=40), st.booleans())
def test_a_link_with_rivals_or_against_which_something_stands_is_never_proven(
    rule: Rule, strength: Strength, source: End, target: End, rivals: list[End], contradicted: bool
) -> None:
    link = make_link(
        rule, Relation.ISSUED, strength, source, target, rivals=rivals, contradicted=contradicted
    )
    if rivals or contradicted:
        assert link.strength is not Strength.PROVEN
    else:
        assert link.strength is strength
    assert link.rival_count == len(set(rivals))
    assert len(link.rivals) == min(link.rival_count, RIVALS_SHOWN)


@given(
    rules, ends, ends, st.text(max_size=4), st.permutations([End(EndKind.SESSION, each) for each in "abc"])
)
def test_the_id_is_of_rule_relation_and_ends_alone(
    rule: Rule, source: End, target: End, field: str, rivals: list[End]
) -> None:
    link = make_link(rule, Relation.CAUSED, Strength.INFERRED, source, target, fields=(field,), rivals=rivals)
    plain = make_link(rule, Relation.CAUSED, Strength.UNPROVEN, source._replace(event=9), target)
    assert link.id == plain.id
    assert link.rivals == tuple(sorted(rivals))
    other = make_link(rule, Relation.ISSUED, Strength.INFERRED, source, target)
    assert other.id != link.id


@given(rules, ends, ends, st.permutations(range(6)))
def test_rivals_of_one_name_stay_in_the_order_in_which_they_are_named(
    rule: Rule, source: End, target: End, events: list[int]
) -> None:
    rivals = [End(EndKind.EVENT, "one id", event) for event in events]
    assert make_link(
        rule, Relation.CAUSED, Strength.INFERRED, source, target, rivals=[*rivals, *rivals]
    ).rivals == tuple(rivals)


@given(ends, ends)
def test_ends_that_run_together_are_told_apart(one: End, other: End) -> None:
    rule = Rule("one", 1, "why")
    there = make_link(rule, Relation.CAUSED, Strength.INFERRED, one, other)
    back = make_link(rule, Relation.CAUSED, Strength.INFERRED, other, one)
    assert (there.id == back.id) == (one[:2] == other[:2])


def test_a_refused_act_hands_nothing_out() -> None:
    story = Story()
    story.issues(Who(user("ops"), temporary("1")), temporary("2"), succeeded=False)
    story.does(Who(user("ops"), temporary("2")))
    assert [link.rule for link in story.outcome().links] == ["origin", "origin"]
