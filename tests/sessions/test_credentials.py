"""What a case knows of each credential, and what is odd about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.sessions.stories import stories
from tests.sessions.world_maker import (
    HOUR,
    HUMAN,
    MINUTE,
    NOON,
    SERVICE,
    Story,
    Who,
    lasting,
    temporary,
    user,
)
from workbench.model.event import Address, AddressKind, Credential, Identity, Issued, Resource, Verb
from workbench.model.session import KnownCredential, Strength
from workbench.sessions.derive import derive
from workbench.sources.aws_cloudtrail.access_keys import account_of_key

OPS = Who(user("ops"))
FEW = settings(max_examples=40)
INVICTUS = "ASIATFQR7NSC36DZQP7P"
"""A key of the published set whose account ids were rewritten: it encodes 218007301253."""


def known(story: Story, key: Credential) -> KnownCredential:
    found = derive(story.facts()[0], account_of_key).credentials
    (one,) = [each for each in found if (each.type, each.native_id) == (key.type, key.native_id)]
    return one


@pytest.mark.parametrize(("account", "odd"), [("218007301253", False), ("123837392027", True)])
def test_an_account_that_differs_from_the_one_in_the_key_id_is_told(account: str, odd: bool) -> None:
    story = Story()
    key = Credential("aws temporary key", INVICTUS)
    story.does(Who(user("ops", account), key))
    one = known(story, key)
    assert one.account == "218007301253"
    assert any("218007301253" in each and account in each for each in one.warnings) is odd


def test_ids_of_other_kinds_encode_no_account() -> None:
    story = Story()
    key = Credential("github token id", INVICTUS)
    story.does(Who(user("ops"), key))
    assert (known(story, key).account, known(story, key).warnings) == (None, ())


def test_use_after_expiry_and_after_removal_is_told() -> None:
    story = Story()
    story.does(
        OPS.with_key(lasting("A")), "CreateAccessKey", issues=[Issued(lasting("1"), None, NOON + HOUR)]
    )
    story.does(OPS.with_key(lasting("1")), at=HOUR + 1)
    story.does(
        OPS.with_key(lasting("A")),
        "DeleteAccessKey",
        HOUR,
        verb=Verb.DELETE,
        on=[Resource("iam:access-key", "AKIA1")],
    )
    one = known(story, lasting("1"))
    assert one.warnings == ("used after it expired", "used after it was taken back")


def test_a_key_that_was_issued_and_never_used_is_listed_with_whom_it_was_made_for() -> None:
    story = Story()
    story.does(OPS.with_key(lasting("A")), "CreateAccessKey", issues=[Issued(lasting("1"), "svc-backup")])
    one = known(story, lasting("1"))
    assert (one.identity, one.events, one.first, one.last, one.issued_at) == (
        "svc-backup",
        0,
        None,
        None,
        NOON,
    )


def test_clients_are_counted_without_those_of_services() -> None:
    story = Story()
    who = OPS.with_key(temporary("1"))
    story.does(who)
    story.does(who.at("203.0.113.77", "python-requests"), at=MINUTE)
    story.does(
        who._replace(address=Address("kms.amazonaws.com", AddressKind.SERVICE), kind=SERVICE), at=MINUTE
    )
    one = known(story, temporary("1"))
    assert (one.clients, one.events) == (2, 3)


def test_several_identities_under_one_key_are_counted() -> None:
    story = Story()
    for name in ("ann", "bob", "ann"):
        story.does(Who(Identity(name, name), Credential("github token", "h1"), source="github.audit"))
    one = known(story, Credential("github token", "h1"))
    assert (one.identity, one.identities) == ("ann", 2)


@FEW
@given(stories())
def test_counts_are_those_of_the_story(story: Story) -> None:
    found = {(one.type, one.native_id): one for one in story.outcome().derived.credentials}
    keys = {key for done in story.events for key in done.presented}
    keys |= {one.credential for done in story.events if done.succeeded is not False for one in done.issued}
    shown = {key for key in keys if key.type not in ("jwt subject", "oauth client")}
    assert found.keys() == {(key.type, key.native_id) for key in shown}
    for key in shown:
        one = found[key.type, key.native_id]
        using = [done for done in story.events if key in done.presented]
        assert one.events == sum((done.who.key, *done.who.keys).count(key) for done in using)
        assert one.first == min((done.time for done in using if done.time is not None), default=None)
        assert one.last == max((done.time for done in using if done.time is not None), default=None)
        assert one.identities == len({done.who.identity.canonical for done in using if done.who.identity})


def test_a_console_session_names_its_sign_in_as_inferred_and_another_log_s_session_as_proven() -> None:
    sign_in = Credential("aws sign-in session", f"{user('ops').canonical} 2023-11-14T22:13:20Z")
    story = Story()
    story.does(OPS.with_key(temporary("1"), sign_in), at=MINUTE)
    alone = known(story, sign_in)
    assert (alone.opened_by, alone.opened_at, alone.opened_strength) == (None, None, None)
    login = story.does(OPS._replace(kind=HUMAN), "ConsoleLogin", verb=Verb.AUTHENTICATE)
    one = known(story, sign_in)
    assert story.events[(one.opened_by or 0) - 1] is login
    assert (one.issued_by, one.opened_at, one.opened_strength) == (None, NOON, Strength.INFERRED)
    story.does(OPS._replace(kind=HUMAN).at("203.0.113.9"), "ConsoleLogin", verb=Verb.AUTHENTICATE)
    assert known(story, sign_in).opened_by is None, "two fit equally well"
    entra = Credential("entra session", "102A")
    person = Who(Identity("00u1", "jdoe@corp.test"), entra, source="entra.signin", kind=HUMAN)
    story.does(person, "sign-in", verb=Verb.AUTHENTICATE)
    assert known(story, entra).opened_strength is Strength.PROVEN
