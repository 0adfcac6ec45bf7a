"""Which events make one session, and where a session begins and ends."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import (
    HOUR,
    HUMAN,
    MACHINE,
    MINUTE,
    NOON,
    SERVICE,
    Story,
    Who,
    lasting,
    temporary,
    user,
)
from workbench.clock import SECOND
from workbench.model.event import Address, AddressKind, Credential, Identity, Issued, Resource, Verb
from workbench.model.session import Basis, Strength
from workbench.sessions.trails import IDLE

OPS = Who(user("ops"))
OKTA = Credential("okta session", "102abc")
SECRETS = Address("secretsmanager.amazonaws.com", AddressKind.SERVICE)

clients = st.tuples(
    st.sampled_from(["198.51.100.10", "203.0.113.77", None]), st.sampled_from(["Firefox", "curl", None])
)


@given(
    st.sampled_from(
        [OKTA, temporary("1"), Credential("entra token", "u1"), Credential("vault accessor", "hmac-sha256:a")]
    ),
    st.lists(st.tuples(clients, st.integers(0, 48 * 60)), min_size=1, max_size=12),
)
def test_a_native_session_is_never_cut_by_client_or_silence(
    key: Credential, sightings: list[tuple[tuple[str | None, str | None], int]]
) -> None:
    """A hijacked session shows as one session with two client groups."""
    story = Story()
    done = [story.does(OPS.with_key(key).at(*client), at=at * MINUTE) for client, at in sightings]
    outcome = story.outcome()
    assert len(outcome.sessions) == 1
    session = outcome.session(done[0])
    assert session.client_count == len({client for client, _ in sightings})
    assert {(each.address, each.agent) for each in session.clients} == {client for client, _ in sightings}
    assert sum(each.events for each in session.clients) == session.events == len(done)
    assert session.membership is Strength.PROVEN


@given(st.lists(st.tuples(clients, st.integers(0, 8 * 60)), min_size=1, max_size=12))
def test_a_long_lived_key_is_split_by_client_and_silence(
    sightings: list[tuple[tuple[str | None, str | None], int]],
) -> None:
    story = Story()
    done = [story.does(OPS.with_key(lasting("1")).at(*client), at=at * MINUTE) for client, at in sightings]
    outcome = story.outcome()
    expected = 0
    for client in {client for client, _ in sightings}:
        times = sorted(at * MINUTE for each, at in sightings if each == client)
        expected += 1 + sum(later - time > IDLE for time, later in itertools.pairwise(times))
    assert len(outcome.sessions) == expected
    assert all(one.client_count == 1 for one in outcome.sessions.values())
    assert sum(one.events for one in outcome.sessions.values()) == len(done)


def test_ids_stay_when_evidence_that_touches_nothing_is_added() -> None:
    story = Story()
    for minute in (0, 5, 200):
        story.does(OPS.with_key(lasting("1")), at=minute * MINUTE)
        story.does(OPS.with_key(temporary("1")), at=minute * MINUTE)
    before = story.outcome().told()
    story.does(Who(user("other"), temporary("2")), at=MINUTE)
    after = story.outcome().told()
    assert before["sessions"].items() <= after["sessions"].items()
    assert before["links"].items() <= after["links"].items()


def test_ids_of_native_sessions_stay_when_older_events_of_them_arrive() -> None:
    story = Story()
    done = story.does(OPS.with_key(temporary("1")), at=HOUR)
    before = story.outcome().session(done).id
    story.does(OPS.with_key(temporary("1")).at("203.0.113.9"), at=0)
    assert story.outcome().session(done).id == before


def test_keys_that_differ_in_one_letter_make_two_sessions() -> None:
    story = Story()
    ids = ["ASIA1", "asia1", "ASIA1 ", "ASIA10", "АSIA1"]
    done = [story.does(OPS.with_key(Credential("aws temporary key", each))) for each in ids]
    outcome = story.outcome()
    assert len({outcome.session(each).id for each in done}) == len(ids)


@pytest.mark.parametrize(
    "mask", ["HIDDEN_DUE_TO_SECURITY_REASONS", "ASIAXXXXXXXXXXXXXXXX", "ASIAIOSFODNN7EXAMPLE"]
)
def test_a_mask_over_many_keys_joins_nobody(mask: str) -> None:
    story = Story()
    key = Credential("aws temporary key", mask)
    issue = story.issues(OPS, key)
    one = story.does(Who(user("ann"), key).at("198.51.100.1"), at=MINUTE)
    other = story.does(Who(user("bob"), key).at("203.0.113.1"), at=MINUTE)
    outcome = story.outcome()
    assert outcome.session(one).id != outcome.session(other).id
    assert outcome.session(one).membership is Strength.INFERRED
    assert not any(link.strength is Strength.PROVEN for link in outcome.links)
    assert outcome.session(issue).id not in (outcome.session(one).id, outcome.session(other).id)
    assert outcome.derived.credentials == []


def test_one_name_in_two_accounts_is_two_sessions() -> None:
    story = Story()
    one = story.does(Who(user("ops", "111111111111")))
    other = story.does(Who(user("ops", "222222222222")))
    outcome = story.outcome()
    assert outcome.session(one).id != outcome.session(other).id


def test_one_console_sign_in_has_many_keys_and_is_inferred() -> None:
    story = Story()
    arn = user("ops").canonical
    sign_in = Credential("aws sign-in session", f"{arn} 2023-11-14T22:13:20Z")
    done = [
        story.does(OPS.with_key(temporary(str(number)), sign_in), at=number * HOUR) for number in range(5)
    ]
    outcome = story.outcome()
    session = outcome.session(done[0])
    assert (session.events, session.keys, session.membership) == (5, 5, Strength.INFERRED)


def test_a_temporary_key_whose_issue_is_known_leaves_the_console_session() -> None:
    story = Story()
    arn = user("ops").canonical
    sign_in = Credential("aws sign-in session", f"{arn} 2023-11-14T22:13:20Z")
    story.issues(OPS.with_key(lasting("1")), temporary("1"))
    own = story.does(OPS.with_key(temporary("1"), sign_in), at=MINUTE)
    console = story.does(OPS.with_key(temporary("2"), sign_in), at=MINUTE)
    outcome = story.outcome()
    assert outcome.session(own).anchor == temporary("1")
    assert outcome.session(console).anchor == sign_in


def test_trails_that_differ_only_in_the_region_do_not_hide_each_other() -> None:
    """Services issue keys in many regions in one second: each issue stays counted."""
    story = Story()
    service = Who(Identity("ec2.amazonaws.com", "ec2.amazonaws.com"), address=None, agent=None, kind=SERVICE)
    for number in range(6):
        where = service._replace(account=f"{number % 3:012}")
        story.issues(where, temporary(str(number)))
    outcome = story.outcome()
    assert sum(one.events for one in outcome.derived.sessions) == 6


def test_sign_ins_that_opened_nothing_are_not_hidden_by_other_acts_of_the_same_second() -> None:
    story = Story()
    story.does(OPS, "ConsoleLogin", verb=Verb.AUTHENTICATE, service="signin")
    story.does(OPS._replace(kind=HUMAN))
    outcome = story.outcome()
    assert sorted(one.events for one in outcome.derived.sessions) == [1, 1]


def test_a_forwarded_call_belongs_to_the_one_session_of_its_key() -> None:
    story = Story()
    own = story.does(OPS.with_key(temporary("1")))
    call = story.does(
        OPS.with_key(temporary("1"))._replace(address=SECRETS, agent=None, kind=SERVICE), "Decrypt", at=HOUR
    )
    outcome = story.outcome()
    assert outcome.session(call).id == outcome.session(own).id
    assert (outcome.session(own).events, outcome.session(own).forwarded) == (1, 1)


def test_a_forwarded_call_under_a_long_lived_key_is_counted_in_one_session_at_most() -> None:
    story = Story()
    who = OPS.with_key(lasting("1"))
    morning = story.does(who, on=[Resource("x:y", "one")])
    evening = story.does(who, at=5 * HOUR, on=[Resource("x:y", "two")])
    service = who._replace(address=SECRETS, agent=None, kind=SERVICE)
    call = story.does(service, "Decrypt", at=5 * HOUR, on=[Resource("x:y", "two")])
    stray = story.does(service, "Decrypt", at=9 * HOUR, on=[Resource("x:y", "three")])
    outcome = story.outcome()
    assert outcome.session(call).id == outcome.session(evening).id
    assert [outcome.session(each).forwarded for each in (morning, evening)] == [0, 1]
    assert outcome.session(stray).method == "calls of a service"


def test_numbers_that_two_servers_count_are_not_proven_to_be_one() -> None:
    story = Story()
    run = Credential("github workflow run", "555")
    bot = Who(Identity("bot", "bot"), run, source="github.audit", account="acme")
    one = story.does(bot)
    story.does(bot._replace(account="umbrella"), at=MINUTE)
    session = story.outcome().session(one)
    assert session.membership is Strength.INFERRED
    assert any("2 places" in each for each in session.caveats)


def test_a_number_without_a_server_that_two_principals_present_is_not_proven_to_be_one_key() -> None:
    story = Story()
    token = Credential("gitlab token", "42")
    ann = Who(Identity("ann", "ann"), token, source="gitlab.audit", account=None)
    done = story.does(ann)
    assert story.outcome().session(done).membership is Strength.PROVEN
    story.does(ann._replace(identity=Identity("bob", "bob")), at=SECOND)
    assert story.outcome().session(done).membership is Strength.INFERRED


@pytest.mark.parametrize("kind", ["kubernetes credential", "entra application key"])
def test_an_id_that_its_maker_chooses_and_two_present_is_not_proven_to_be_one_key(kind: str) -> None:
    """A cluster may trust an issuer of tokens that gives its own the id of another's."""
    story = Story()
    key = Credential(kind, "JTI=0a7b0a7b")
    runner = Who(Identity("system:serviceaccount:pay:runner", "runner"), key, source="k8s.audit")
    done = story.does(runner)
    assert story.outcome().session(done).membership is Strength.PROVEN
    story.does(runner._replace(identity=Identity("oidc:mallory", "mallory")), at=SECOND)
    session = story.outcome().session(done)
    assert session.membership is Strength.INFERRED
    assert session.caveats == (
        "contradiction: one key, presented by oidc:mallory, system:serviceaccount:pay:runner",
    )


def test_a_session_of_which_an_unchecked_reader_read_a_part_is_inferred() -> None:
    story = Story()
    done = story.does(Who(user("ops"), temporary("1")))
    story.does(Who(user("ops"), temporary("1"), source="acme"), at=SECOND)
    assert story.outcome().session(done).membership is Strength.PROVEN
    story.unverified.add("acme")
    session = story.outcome().session(done)
    assert session.membership is Strength.INFERRED
    assert session.caveats == ("read by a reader that no sample of its log has checked: acme",)


def test_start_and_end_say_what_they_rest_on() -> None:
    story = Story()
    story.issues(OPS.with_key(lasting("1")), temporary("1"), 0, NOON + HOUR)
    used = story.does(OPS.with_key(temporary("1")), at=MINUTE)
    unknown = story.does(OPS.with_key(temporary("2")), at=MINUTE)
    end = story.does(OPS.with_key(lasting("1")), at=30 * HOUR)
    outcome = story.outcome()
    session = outcome.session(used)
    assert (session.start, session.start_basis) == (NOON, Basis.ISSUED)
    assert (session.end, session.end_basis) == (NOON + HOUR, Basis.EXPIRY)
    session = outcome.session(unknown)
    assert (session.start, session.start_basis) == (NOON + MINUTE, Basis.FIRST_USE)
    assert (session.end, session.end_basis) == (NOON + MINUTE, Basis.LAST_USE)
    assert outcome.session(end).end_basis is Basis.OPEN


def test_a_key_that_outlives_the_case_leaves_its_session_open() -> None:
    story = Story()
    story.issues(OPS.with_key(lasting("1")), temporary("1"), 0, NOON + 12 * HOUR)
    used = story.does(OPS.with_key(temporary("1")), at=MINUTE)
    story.does(OPS.with_key(lasting("1")), at=4 * HOUR)
    session = story.outcome().session(used)
    assert (session.end, session.end_basis) == (NOON + MINUTE, Basis.OPEN)


def test_one_interactive_event_makes_a_session_human_and_the_reason_is_counted() -> None:
    story = Story()
    for minute in range(3):
        done = story.does(OPS.with_key(OKTA)._replace(kind=MACHINE), at=minute * MINUTE)
    story.does(OPS.with_key(OKTA)._replace(kind=HUMAN), at=HOUR)
    kind = story.outcome().session(done).kind
    assert kind.kind is HUMAN.kind
    assert kind.reason == f"{HUMAN.reason} (in 1 of 4 events)"


def test_events_without_a_time_belong_to_the_session_of_their_key() -> None:
    story = Story()
    dated = story.does(OPS.with_key(temporary("1")), at=SECOND)
    undated = story.does(OPS.with_key(temporary("1")), at=None)
    outcome = story.outcome()
    assert outcome.session(dated) == outcome.session(undated)
    assert outcome.session(dated).events == 2
    alone = Story()
    only = alone.does(OPS.with_key(temporary("1")), at=None, issues=[Issued(temporary("1"))])
    assert alone.outcome().session(only).start is None
