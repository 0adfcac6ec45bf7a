"""Identities: one only where their stable identifier is; likeness proposes and never merges."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sessions.world_maker import AWS, HOUR, HUMAN, MACHINE, NOON, SERVICE, Story, Who, user
from workbench.model.event import Identity, IdentityKind
from workbench.model.session import Match
from workbench.sessions.identities import LIKE, family_of, identity_id, matches, plain_name

NAMES = ("jdoe@corp.test", "j.doe@corp.test", "jdoe", "J-Doe", "svc-backup", "svc_backup2", "ops", "Jane Doe")
SOURCES = (AWS, "okta.system", "entra.signin", "m365.audit", "github.audit")

people = st.builds(
    Who,
    identity=st.builds(
        Identity, st.sampled_from(["id-1", "id-2", "id-3", *NAMES[:3]]), st.sampled_from(NAMES)
    ),
    source=st.sampled_from(SOURCES),
    kind=st.sampled_from([HUMAN, MACHINE, SERVICE]),
)
casts = st.lists(people, min_size=1, max_size=6)
FEW = settings(max_examples=40)


def story_of(cast: list[Who]) -> Story:
    story = Story()
    for hour, who in enumerate(cast):
        story.does(who, at=hour * HOUR)
    return story


@FEW
@given(casts)
def test_identities_are_as_many_as_stable_identifiers_whatever_their_names(cast: list[Who]) -> None:
    outcome = story_of(cast).outcome()
    expected = {(family_of(who.source), who.identity.canonical) for who in cast if who.identity}
    assert {one.id for one in outcome.derived.identities} == {identity_id(*each) for each in expected}
    assert sum(one.events for one in outcome.derived.identities) == len(cast)


@FEW
@given(casts)
def test_proposals_join_two_families_with_a_score_and_change_nothing_else(cast: list[Who]) -> None:
    outcome = story_of(cast).outcome()
    known = {one.id: one for one in outcome.derived.identities}
    for match in outcome.derived.matches:
        one, other = known[match.one], known[match.other]
        assert LIKE <= match.score <= 100
        assert match.one < match.other
        families = [{family_of(source) for source in each.sources} for each in (one, other)]
        assert not families[0] & families[1]
        assert match.names[0] in {one.canonical, *(alias.name for alias in one.aliases)}
        assert match.names[1] in {other.canonical, *(alias.name for alias in other.aliases)}
        assert IdentityKind.SERVICE not in (one.kind, other.kind)
        if match.score == 100:
            assert plain_name(match.names[0]) == plain_name(match.names[1])
    assert len({(match.one, match.other) for match in outcome.derived.matches}) == len(
        outcome.derived.matches
    )


@FEW
@given(casts, st.randoms())
def test_proposals_are_the_same_from_either_side_and_in_any_order(
    cast: list[Who], chance: st.DataObject
) -> None:
    identities = list(story_of(cast).outcome().derived.identities)
    expected = matches(list(identities))
    chance.shuffle(identities)  # type: ignore[attr-defined]
    assert matches(identities) == expected


def test_names_of_one_mail_address_are_told_as_such() -> None:
    found = _proposed("00u1", "jdoe@corp.test", "AIDA1", "jdoe@corp.test")
    assert [(match.score, match.reason) for match in found] == [
        (100, "the same e-mail address in two systems")
    ]


def test_all_names_alike_are_proposed_and_not_the_first_twenty() -> None:
    story = Story()
    for number in range(30):
        story.does(Who(user(f"continuous-deployment-{number:02}")))
    story.does(Who(Identity("00u1", "continuous-deployment-xx"), source="okta.system"))
    assert len(story.outcome().derived.matches) == 30


def _proposed(one: str, name: str, other: str, other_name: str) -> list[Match]:
    story = Story()
    story.does(Who(Identity(one, name), source="okta.system"))
    story.does(Who(Identity(other, other_name)))
    return story.outcome().derived.matches


def test_short_and_unlike_names_are_not_proposed() -> None:
    assert _proposed("1", "ops", "2", "ops") == []
    assert _proposed("1", "alice", "2", "robert") == []


def test_one_user_name_in_two_accounts_stays_two_identities() -> None:
    story = Story()
    story.does(Who(user("ops", "111111111111")))
    story.does(Who(user("ops", "222222222222")))
    outcome = story.outcome()
    assert len(outcome.derived.identities) == 2
    assert outcome.derived.matches == []
    assert {one.account for one in outcome.derived.identities} == {"111111111111", "222222222222"}


def test_names_have_the_time_in_which_they_were_seen() -> None:
    story = Story()
    for hour, name in enumerate(["ann", "ann", "ann.b"]):
        story.does(Who(Identity("00u1", name), source="okta.system"), at=hour * HOUR)
    (one,) = story.outcome().derived.identities
    assert [(each.name, each.first, each.last) for each in one.aliases] == [
        ("ann", NOON, NOON + HOUR),
        ("ann.b", NOON + 2 * HOUR, NOON + 2 * HOUR),
    ]


def test_what_services_do_in_a_persons_name_makes_nobody_a_service() -> None:
    story = Story()
    story.does(Who(user("ops"), kind=SERVICE))
    story.does(Who(user("ops"), kind=HUMAN))
    (one,) = story.outcome().derived.identities
    assert one.kind is IdentityKind.HUMAN
    assert {kind for kind, _, _ in one.reasons} == {"human", "service"}
