"""Calls that services made for somebody: folded into the one session whose calls fit, else left with all that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import HOUR, SERVICE, Done, Story, Who, lasting, temporary, user
from workbench.clock import SECOND
from workbench.model.event import Act, Address, AddressKind, Resource, Verb
from workbench.sessions.facts import Call
from workbench.sessions.rules.forwarded import causes, resource_key

OPS = Who(user("ops"), lasting("1"))
SERVED = Who(
    user("ops"),
    temporary("fas"),
    address=Address("secretsmanager.amazonaws.com", AddressKind.SERVICE),
    agent=None,
    kind=SERVICE,
)
SECRET = Resource("secretsmanager:secret", "prod/db")


def read(story: Story, at: int, who: Who = OPS) -> Done:
    return story.does(who, "GetSecretValue", at, verb=Verb.READ_SECRET, on=[SECRET])


@given(st.lists(st.integers(-5, 5), max_size=4), st.booleans())
def test_a_call_folds_only_where_all_that_fits_is_of_one_session(
    seconds: list[int], one_client: bool
) -> None:
    """Two clients of one key are two sessions: between them a call stays open."""
    story = Story()
    reads = [
        read(story, each * SECOND, OPS if one_client else OPS.at(f"203.0.113.{number}"))
        for number, each in enumerate(seconds)
    ]
    call = story.does(SERVED, "Decrypt", on=[SECRET])
    outcome = story.outcome()
    fitting = [done for done, each in zip(reads, seconds, strict=True) if abs(each) <= 2]
    homes = {outcome.session(done).id for done in fitting}
    (fold,) = outcome.derived.folds
    assert fold.session == (next(iter(homes)) if len(homes) == 1 else None)
    if fold.session is not None:
        session = outcome.sessions[fold.session]
        assert (session.forwarded, session.forwarded_open) == ((1, 0) if len(fitting) == 1 else (0, 1))
    else:
        assert outcome.session(call).method == "calls of a service"
    (facts,) = outcome.facts.forwarded
    assert {cause.event for cause in facts.causes} == {outcome.row[done.mark] for done in fitting}


@pytest.mark.parametrize(
    "caller",
    [Who(user("ops", "222222222222"), lasting("1")), Who(user("Ops"), lasting("1")), Who(None, lasting("1"))],
)
def test_a_call_is_never_folded_into_another_principals_session(caller: Who) -> None:
    story = Story()
    read(story, 0, caller)
    story.does(SERVED, "Decrypt", on=[SECRET])
    assert [each.session for each in story.outcome().derived.folds] == [None]


# What fits, as the case file asks for it ---------------------------------------------------------------------------------

calls = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.sampled_from([1, 2, 3]),
        st.sampled_from([0, 1, 2]),
        st.sampled_from(["GetSecretValue", "DescribeSecret", "PutSecretValue"]),
    ),
    max_size=8,
)
VERBS = {"GetSecretValue": Verb.READ_SECRET, "DescribeSecret": Verb.READ, "PutSecretValue": Verb.UPDATE}


@given(calls, st.sampled_from(["Decrypt", "GenerateDataKey", "CreateGrant"]), st.randoms())
def test_what_fits_is_the_principals_on_the_same_thing_within_two_seconds(
    found: list[tuple[int, int, int, str]], action: str, chance: st.DataObject
) -> None:
    keys = {0: (), 1: ("secret prod/db",), 2: ("secret prod/db", "secret prod/web")}
    principals = {1: "ann", 2: "bob", 3: None, 9: "ann"}
    callers = [
        Call(row, trail, second * SECOND, Act("secretsmanager", act, VERBS[act], ""), resources)
        for row, (second, trail, resources, act) in enumerate(found, 1)
    ]
    shuffled = list(callers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    forwarded = Call(99, 9, 4 * SECOND, Act("kms", action, Verb.OTHER, ""), 1)
    (outcome,) = causes([forwarded], shuffled, keys, principals)
    near = [
        one
        for one in callers
        if one.trail == 1 and one.resources and abs(one.time - forwarded.time) <= 2 * SECOND
    ]
    if action == "Decrypt":
        near = [one for one in near if one.act.verb in (Verb.READ, Verb.READ_SECRET)]
    elif action == "GenerateDataKey":
        near = [one for one in near if one.act.verb is Verb.UPDATE]
    if any(one.act.verb is Verb.READ_SECRET for one in near):
        near = [one for one in near if one.act.verb is Verb.READ_SECRET]
    assert [cause.event for cause in outcome.causes] == [one.event for one in near]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("prod/db", "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-a1B2c3", True),
        ("prod/db", "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db2-a1B2c3", False),
        ("prod/db", "prod/DB", False),
    ],
)
def test_a_secret_is_known_by_its_name_without_arn_and_suffix(one: str, other: str, same: bool) -> None:
    kind = "secretsmanager:secret"
    assert (resource_key(kind, one) == resource_key(kind, other)) is same


def test_a_secret_and_a_parameter_of_one_name_are_two_things_and_the_key_says_nothing() -> None:
    assert resource_key("secretsmanager:secret", "prod/db") != resource_key("ssm:parameter", "prod/db")
    assert resource_key("ssm:parameter", "/prod/db") == resource_key(
        "ssm:parameter", "arn:aws:ssm:us-east-1:1:parameter/prod/db"
    )
    assert resource_key("kms:key", "arn:aws:kms:us-east-1:1:key/1") is None


def test_calls_an_hour_later_are_of_nobody() -> None:
    story = Story()
    read(story, 0)
    call = story.does(SERVED, "Decrypt", HOUR, on=[SECRET])
    outcome = story.outcome()
    assert outcome.session(call).forwarded == 0
    assert any(
        link.target.id == outcome.session(call).id and link.closes for link in outcome.by_rule("origin")
    )
