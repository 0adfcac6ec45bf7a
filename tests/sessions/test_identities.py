"""Identities: one only where their stable identifier is; likeness proposes and never merges."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sessions.world_maker import AWS, HOUR, HUMAN, MACHINE, NOON, SERVICE, Story, Who, user
from workbench.clock import SECOND
from workbench.model.event import Identity, IdentityKind
from workbench.model.session import Match
from workbench.sessions.identities import LIKE, identity_id, matches, plain_name
from workbench.sessions.unique_ids import family_of

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


OLD, NEW = "AIDA2ZQ7KXN4VBT6MWPCD", "AIDA5HJ3RLY8GFS9TQXEU"
ROLE_ID = "AROA4TCP7ZMKW2VN9XHBQ"
ALICE = "arn:aws:iam::111111111111:user/alice"
UIDS = ("bd84c620-7992-4029-b9e6-f6838c1893b3", "38a4fb74-168f-45a4-ae4b-9ae59e8c4e10")


def alice(unique: str | None, name: str = ALICE) -> Who:
    return Who(Identity(name, "alice", unique, "111111111111"))


def test_a_user_made_anew_under_the_old_name_is_another_identity() -> None:
    story = story_of([alice(OLD), alice(OLD), alice(NEW)])
    old, new = story.outcome().derived.identities
    assert (old.unique_id, new.unique_id) == (OLD, NEW)
    assert (old.events, new.events) == (2, 1)
    assert (old.canonical, new.canonical) == (ALICE, ALICE)
    assert (old.namesakes, new.namesakes) == ((new.id,), (old.id,))
    assert (old.sessions, new.sessions) == (1, 1)
    assert [(alias.first, alias.last) for alias in new.aliases] == [(NOON + 2 * HOUR, NOON + 2 * HOUR)]


def test_records_without_a_unique_id_stay_with_a_name_that_one_bears_and_are_open_where_two_do() -> None:
    (one,) = story_of([alice(OLD), alice(None)]).outcome().derived.identities
    assert (one.events, one.unique_id, one.namesakes) == (2, OLD, ())
    assert one.id == identity_id("aws", ALICE)
    found = {
        each.unique_id: each
        for each in story_of([alice(OLD), alice(NEW), alice(None)]).outcome().derived.identities
    }
    assert found.keys() == {OLD, NEW, None}
    assert found[None].events == 1
    assert set(found[None].namesakes) == {found[OLD].id, found[NEW].id}


def test_an_id_alone_is_the_identity_whose_records_name_it() -> None:
    """Another account's record of a call gives the id of the role and not its name."""
    role = Who(Identity("arn:aws:iam::111111111111:role/ops/deploy", "deploy/x", ROLE_ID, "111111111111"))
    session = Who(
        Identity("arn:aws:sts::111111111111:assumed-role/deploy", "deploy/x", ROLE_ID, "111111111111")
    )
    bare = Who(Identity(ROLE_ID, f"{ROLE_ID}/x", ROLE_ID, "111111111111"), account="222222222222")
    (one,) = story_of([role, session, bare, bare]).outcome().derived.identities
    assert one.canonical == role.identity.canonical  # type: ignore[union-attr]
    assert {alias.name for alias in one.aliases} == {"deploy/x", f"{ROLE_ID}/x"}
    assert one.events == 4
    (alone,) = story_of([bare]).outcome().derived.identities
    assert alone.canonical == ROLE_ID


def test_one_id_under_several_names_joins_none_of_them() -> None:
    """A cleaned log may hold one made-up id everywhere, and a mask is no id at all."""
    bob = ALICE.replace("alice", "bob")
    bare = Who(Identity(OLD, OLD, OLD, "111111111111"))
    found = story_of([alice(OLD), alice(OLD, bob), bare]).outcome().derived.identities
    assert {one.canonical for one in found} == {ALICE, bob, OLD}
    masked = [alice("AIDAXXXXXXXXXXXXXXXXX"), alice("AIDA*****************"), alice("AIDACKCEVSQ6C2EXAMPLE")]
    (one,) = story_of(masked).outcome().derived.identities
    assert one.unique_id is None


def test_service_accounts_of_two_clusters_are_two_where_their_uids_say_so() -> None:
    name = "system:serviceaccount:pay:api"
    cast = [Who(Identity(name, name, uid), source="k8s.audit") for uid in (*UIDS, None)]
    found = story_of(cast).outcome().derived.identities
    assert {one.unique_id for one in found} == {*UIDS, None}
    assert len({one.id for one in found}) == 3


def test_a_login_or_principal_name_given_again_is_another_identity() -> None:
    """A GitHub login that was freed, and a Microsoft 365 user made anew under the old principal name."""
    for source, name, ids in (
        ("github.audit", "octo-dev", ("583231", "90210417")),
        ("m365.audit", "dev@corp.test", UIDS),
    ):
        cast = [Who(Identity(name, name, each), source=source) for each in (*ids, None)]
        story = Story()
        events = [story.does(each, at=place * SECOND) for place, each in enumerate(cast)]
        outcome = story.outcome()
        assert {one.unique_id for one in outcome.derived.identities} == {*ids, None}
        assert len({outcome.session(event).id for event in events}) == 3
        (one,) = story_of([cast[0], cast[2]]).outcome().derived.identities
        assert (one.unique_id, one.id) == (ids[0], identity_id(family_of(source), name))


def test_a_number_or_object_id_alone_is_not_the_name_that_another_record_gives_it() -> None:
    """Each GitHub server counts its accounts by itself, and records of Entra are known by the object id."""
    for source, name, unique in (
        ("github.audit", "octo-dev", "583231"),
        ("m365.audit", "dev@corp.test", UIDS[0]),
    ):
        named, bare = (
            Who(Identity(name, name, unique), source=source),
            Who(Identity(unique, unique, unique), source=source),
        )
        found = story_of([named, bare]).outcome().derived.identities
        assert {one.canonical for one in found} == {name, unique}
        assert not any(one.namesakes for one in found)


def test_no_session_is_of_two_who_bear_one_name() -> None:
    story = Story()
    first, second = story.does(alice(OLD)), story.does(alice(NEW), at=SECOND)
    outcome = story.outcome()
    assert outcome.session(first).id != outcome.session(second).id


owners = st.one_of(
    st.builds(
        Identity,
        st.sampled_from([ALICE, ALICE.replace("alice", "bob")]),
        st.sampled_from(["alice", "bob"]),
        st.sampled_from([OLD, NEW, ROLE_ID, None]),
        st.just("111111111111"),
    ),
    st.sampled_from([Identity(each, each, each, None) for each in (OLD, ROLE_ID)]),
)


@FEW
@given(st.lists(st.builds(Who, identity=owners), min_size=1, max_size=7), st.integers(0, 99))
def test_no_identity_holds_two_unique_ids_and_none_is_lost(cast: list[Who], seed: int) -> None:
    story = story_of(cast)
    outcome = story.outcome()
    found = outcome.derived.identities
    assert sum(one.events for one in found) == len(cast)
    assert len({one.id for one in found}) == len(found)
    for one in found:
        if one.canonical not in (
            OLD,
            ROLE_ID,
        ):  # else the record gives the id as its name, whatever else it says
            assert len({*one.native_ids} & {OLD, NEW, ROLE_ID}) <= 1
        known = {each.id: each for each in found}
        assert all(known[each].canonical == one.canonical for each in one.namesakes)
    assert outcome.told() == story.outcome(seed).told()
