"""When a claim is stale (D1, D2): what changes it, and what does not."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.claims.make import KEY, RECORD, event, kept, keyed, link, review, tag
from workbench.claims.staleness import Hole, Present, demotion_duty, hash_of, meets, stale
from workbench.claims.tags import lacks
from workbench.model.claim import Citation, CitationKind, Grade, Level
from workbench.model.session import Strength

LINK = "L-000000000001"
SEEN = {
    RECORD: Present(seen="x"),
    LINK: Present(seen="x", strength=Strength.PROVEN, rule="aws-key 1"),
}
HOLE = Hole("G-1", 100, 200, Level.CREDENTIAL)


def claim(**more: object) -> object:
    return kept(tag(cites=(event(seen="x"), link(Strength.PROVEN)), **more))


def test_what_is_as_it_was_is_not_stale() -> None:
    assert stale(claim(), SEEN) == []  # type: ignore[arg-type]
    assert stale(claim(), {**SEEN, "L-new": Present(seen="y")}) == []  # type: ignore[arg-type]


def test_d1_a_link_that_changed_says_how() -> None:
    for now, said in (
        (Present("y", strength=Strength.INFERRED, rule="aws-key 1"), "was proven, is inferred now"),
        (
            Present("y", strength=Strength.PROVEN, rule="aws-key 2"),
            "was made by aws-key 1, is made by aws-key 2",
        ),
        (Present("y", strength=Strength.PROVEN, rule="aws-key 1"), "changed"),
    ):
        (reason,) = stale(claim(), {**SEEN, LINK: now})  # type: ignore[arg-type]
        assert said in reason


def test_d1_what_is_gone_is_said() -> None:
    (reason,) = stale(claim(), {RECORD: SEEN[RECORD]})  # type: ignore[arg-type]
    assert "no longer there" in reason


def test_d1_events_that_left_the_derived_layer() -> None:
    lost = msgspec.structs.replace(claim(), missing=1)  # type: ignore[type-var]
    (reason,) = stale(lost, SEEN)  # type: ignore[arg-type]
    assert "1 of its 1 events" in reason


def test_d1_a_premise_that_was_demoted() -> None:
    premise = Citation(kind=CitationKind.TAG, ref="T-9", grade=Grade.ATTRIBUTED, seen="x")
    dependant = kept(tag(cites=(event(seen="x"), premise)))
    assert stale(dependant, {**SEEN, "T-9": Present("y", grade=Grade.ATTRIBUTED)}) == []
    assert stale(dependant, {**SEEN, "T-9": Present("y", grade=Grade.INFERRED)})
    assert stale(dependant, {**SEEN, "T-9": Present(None)})


def test_a_gap_makes_stale_only_what_it_can_break() -> None:
    for hole, expected in (
        (HOLE, True),
        (HOLE._replace(breaks=None), False),
        (HOLE._replace(breaks=Level.SESSION), False),
        (HOLE._replace(sources=frozenset({"okta.system"})), False),
        (HOLE._replace(sources=frozenset({"aws.cloudtrail"})), True),
        (HOLE._replace(credentials=frozenset({"AKIAOTHER"})), False),
        (HOLE._replace(credentials=frozenset({KEY})), True),
        (HOLE._replace(start=None), True),
        (HOLE._replace(end=None), True),
    ):
        assert bool(stale(claim(), SEEN, [hole], (150, 160))) is expected  # type: ignore[arg-type]
    assert not stale(claim(), SEEN, [HOLE], (201, 300))  # type: ignore[arg-type]
    assert not stale(claim(), SEEN, [HOLE], (10, 99))  # type: ignore[arg-type]
    assert not stale(claim(grade=Grade.UNPROVEN), SEEN, [HOLE], (150, 160))  # type: ignore[arg-type]


def test_a_gap_that_was_there_at_the_commit_is_lacking_and_not_stale() -> None:
    seen = claim(gaps=("G-1",))
    assert stale(seen, SEEN, [HOLE], (150, 160)) == []  # type: ignore[arg-type]
    assert "A3" in {each.rule for each in lacks(seen)}  # type: ignore[arg-type]
    session = claim(level=Level.SESSION)
    assert stale(session, SEEN, [HOLE._replace(breaks=Level.SESSION)], (150, 160))  # type: ignore[arg-type]


def test_a_gap_that_the_author_cited_is_known_to_them() -> None:
    known = kept(tag(cites=(event(seen="x"), Citation(kind=CitationKind.GAP, ref="G-1"))))
    assert stale(known, {**SEEN, "G-1": Present(None)}, [HOLE], (150, 160)) == []


MOMENT = st.one_of(st.none(), st.integers(0, 20))


@given(MOMENT, MOMENT, MOMENT, MOMENT)
def test_intervals_meet_if_an_instant_is_in_both(
    a: int | None, b: int | None, c: int | None, d: int | None
) -> None:
    """Against an oracle that tries every instant; an open end reaches past all of them."""

    def holds(low: int | None, high: int | None, moment: int) -> bool:
        return (low is None or low <= moment) and (high is None or moment <= high)

    if (a is not None and b is not None and a > b) or (c is not None and d is not None and c > d):
        return
    hole = Hole("G", a, b, Level.CREDENTIAL)
    expected = any(holds(a, b, moment) and holds(c, d, moment) for moment in range(-1, 23))
    assert meets(hole, tag(), (c, d)) is expected


def test_d1_what_opens_the_duty_to_demote() -> None:
    assert demotion_duty([], (), (review("Bob"),)) == []
    assert len(demotion_duty(["x"], (event(),), (review("Bob", approves=False, text="no"),))) == 3


@given(st.dictionaries(st.text(), st.integers()))
def test_a_hash_does_not_depend_on_the_order_of_keys(value: dict[str, int]) -> None:
    assert hash_of(value) == hash_of(dict(reversed(value.items())))


def test_keyed_is_what_the_tests_think() -> None:
    assert keyed().credential == KEY


def test_a_gap_of_other_operations_does_not_meet_a_tag() -> None:
    claimed = tag()
    other = HOLE._replace(actions=frozenset({"ssm PutParameter"}))
    assert meets(other, claimed, (150, 160))
    scope = msgspec.structs.replace(claimed.scope, actions=("secretsmanager GetSecretValue",))
    assert not meets(other, msgspec.structs.replace(claimed, scope=scope), (150, 160))
    scope = msgspec.structs.replace(scope, actions=(*scope.actions, "ssm PutParameter"))
    assert meets(other, msgspec.structs.replace(claimed, scope=scope), (150, 160))
