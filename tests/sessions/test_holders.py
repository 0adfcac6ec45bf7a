"""Records of one key that name two principals contradict each other, and what only looks so does not."""

from __future__ import annotations

import pytest

from tests.sessions.world_maker import HOUR, MINUTE, Outcome, Story, Who, cited, lasting, temporary, user
from workbench.clock import SECOND
from workbench.model.event import Identity, Issued, Resource, Verb
from workbench.model.session import EndKind, Link, Relation, Strength

ACCOUNT = "111111111111"
OPS = Who(user("ops"), lasting("OPS"))
ALPHA = "arn:aws:sts::111111111111:assumed-role/alpha/s1"
ALPHA_ID, BETA_ID = "AROA1K7WQ3ZN5XV2TBJ8G", "AROA3R9YH6FM4CD8LEU5S"
BOB_ID, CAROL_ID = "AIDA1K7WQ3ZN5XV2TBJ8G", "AIDA3R9YH6FM4CD8LEU5S"


def role(
    name: str, session: str | None, unique: str | None = None, path: str = "", account: str = ACCOUNT
) -> Identity:
    label = f"{name}/{session}" if session else name
    return Identity(f"arn:aws:iam::{account}:role/{path}{name}", label, unique, account)


def person(name: str, unique: str | None) -> Identity:
    return Identity(f"arn:aws:iam::{ACCOUNT}:user/{name}", name, unique, ACCOUNT)


def link_of(outcome: Outcome) -> Link:
    (link,) = [
        each
        for each in outcome.by_rule("aws-key")
        if each.relation is Relation.ISSUED and each.target.kind is EndKind.SESSION
    ]
    return link


@pytest.mark.parametrize(
    ("to", "identity", "fits"),
    [
        (ALPHA, role("alpha", "s1"), True),
        (ALPHA, role("alpha", "s1", ALPHA_ID, "team/ci/"), True),
        (ALPHA, role("Alpha", "s1"), True),
        (ALPHA, Identity("arn:aws:sts::111111111111:assumed-role/alpha", "alpha/s1", None, ACCOUNT), True),
        (ALPHA, Identity(ALPHA_ID, f"{ALPHA_ID}/s1", ALPHA_ID, ACCOUNT), True),
        (
            ALPHA,
            Identity("kubernetes-admin", "kubernetes-admin", "aws-iam-authenticator:1:AROA1", None),
            True,
        ),
        (ALPHA, role("beta", "s9"), False),
        (ALPHA, role("alpha", "s9"), False),
        (ALPHA, role("alpha", "s1", account="999999999999"), False),
        (ALPHA, person("alpha", None), False),
        (None, role("beta", "s9"), True),
        (
            "arn:aws:sts::111111111111:federated-user/ann",
            Identity(
                "arn:aws:sts::111111111111:federated-user/ann", "ann", "111111111111:ann", "111111111111"
            ),
            True,
        ),
    ],
)
def test_a_temporary_key_is_presented_by_the_session_it_was_issued_for(
    to: str | None, identity: Identity, fits: bool
) -> None:
    story = Story()
    # The role may be of another account than its caller: it is the role's account that must agree.
    caller = Who(user("ops", "222222222222"), lasting("OPS"), account="222222222222")
    story.does(caller, "AssumeRole", issues=[Issued(temporary("1"), to)], service="sts")
    used = story.does(Who(identity, temporary("1")), at=SECOND)
    outcome = story.outcome()
    link = link_of(outcome)
    assert link.contradicted is not fits
    assert link.strength is (Strength.PROVEN if fits else Strength.INFERRED)
    assert outcome.session(used).strength is link.strength
    assert any(each.startswith("contradiction: issued to one") for each in link.caveats) is not fits
    assert temporary("1").native_id in link.fields[0]


@pytest.mark.parametrize(
    ("issued", "presented", "fits"),
    [
        (f"{ALPHA_ID}:s1", ALPHA_ID, True),
        (f"{ALPHA_ID}:s1", BETA_ID, False),
        (f"{ALPHA_ID}:s1", None, True),
        (None, BETA_ID, True),
        (f"{ALPHA_ID}:s9", ALPHA_ID, True),
        ("AROADELTAXXXXXXXXXXXX:s1", ALPHA_ID, False),
        ("AROAXXXXXXXXXXXXXXXXX:s1", ALPHA_ID, True),
        ("AROACKCEVSQ6C2EXAMPLE:s1", ALPHA_ID, True),
        ("111111111111:ann", ALPHA_ID, True),
    ],
)
def test_a_role_made_anew_under_its_old_name_is_another(
    issued: str | None, presented: str | None, fits: bool
) -> None:
    """The unique id tells, where both records hold one that says anything."""
    story = Story()
    story.does(OPS, "AssumeRole", issues=[Issued(temporary("1"), ALPHA, None, issued)], service="sts")
    story.does(Who(role("alpha", "s1", presented), temporary("1")), at=SECOND)
    link = link_of(story.outcome())
    assert link.contradicted is not fits
    assert link.strength is (Strength.PROVEN if fits else Strength.INFERRED)


@pytest.mark.parametrize(
    ("presents", "fits"),
    [
        (person("bob", BOB_ID), True),
        (person("BOB", None), True),
        (Identity("arn:aws:iam::111111111111:root", "root", ACCOUNT, ACCOUNT), True),
        (person("carol", CAROL_ID), False),
        (person("carol", None), False),
        (role("bob", None), False),
    ],
)
def test_an_access_key_is_presented_by_the_user_it_was_made_for(presents: Identity, fits: bool) -> None:
    story = Story()
    story.does(OPS, "CreateAccessKey", issues=[Issued(lasting("1"), "bob")], service="iam")
    story.does(Who(presents, lasting("1")), at=MINUTE)
    link = link_of(story.outcome())
    assert link.contradicted is not fits
    assert link.strength is (Strength.PROVEN if fits else Strength.INFERRED)


def test_a_user_who_was_renamed_keeps_his_id() -> None:
    story = Story()
    story.does(OPS, "CreateAccessKey", issues=[Issued(lasting("1"), "bob")], service="iam")
    story.does(Who(person("bob", BOB_ID), lasting("1")), at=MINUTE)
    late = story.does(Who(person("robert", BOB_ID), lasting("1")), at=2 * MINUTE)
    outcome = story.outcome()
    assert (link_of(outcome).strength, link_of(outcome).contradicted) == (Strength.PROVEN, False)
    assert outcome.session(late).membership is Strength.PROVEN


def test_a_session_of_one_key_names_all_who_present_it() -> None:
    story = Story()
    story.does(Who(person("bob", BOB_ID), lasting("1")), at=0)
    used = story.does(Who(person("carol", CAROL_ID), lasting("1")), at=MINUTE)
    session = story.outcome().session(used)
    assert session.membership is Strength.INFERRED
    assert any("contradiction" in each and "bob" in each and "carol" in each for each in session.caveats)


@pytest.mark.parametrize(("unique", "fits"), [(BOB_ID, True), (CAROL_ID, False)])
def test_a_session_token_is_the_callers_own(unique: str, fits: bool) -> None:
    story = Story()
    story.does(Who(person("bob", BOB_ID), lasting("1")), "GetSessionToken", issues=[temporary("1")])
    story.does(Who(person("bob", unique), temporary("1")), at=SECOND)
    assert link_of(story.outcome()).contradicted is not fits


@pytest.mark.parametrize(
    ("later", "anew", "contradicted"), [(MINUTE, False, False), (HOUR, False, True), (HOUR, True, False)]
)
def test_a_key_that_is_used_after_it_was_taken_back(later: int, anew: bool, contradicted: bool) -> None:
    """A minute later it may still have worked: IAM takes its time to tell all its servers."""
    story = Story()
    story.does(OPS, "CreateAccessKey", issues=[Issued(lasting("1"), "bob")], service="iam")
    gone = story.does(
        OPS,
        "DeleteAccessKey",
        MINUTE,
        verb=Verb.DELETE,
        service="iam",
        on=[Resource("iam:access-key", lasting("1").native_id)],
    )
    if anew:
        story.does(OPS, "CreateAccessKey", 2 * MINUTE, issues=[Issued(lasting("1"), "bob")], service="iam")
    used = story.does(Who(person("bob", BOB_ID), lasting("1")), at=MINUTE + later)
    outcome = story.outcome()
    links = [each for each in outcome.into(used) if each.rule == "aws-key"]
    assert [each.contradicted for each in links] == [contradicted]
    assert (gone in cited(links[0], outcome)) is contradicted
    if not anew:
        assert outcome.session(used).strength is (Strength.INFERRED if contradicted else Strength.PROVEN)
    said = [each for each in outcome.session(used).caveats if each.startswith("contradiction")]
    assert bool(said) is contradicted
