"""Sign-ins: a time, a name and no id. Never proven, whoever is alone."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import HOUR, HUMAN, MINUTE, NOON, Done, Story, Who, temporary, user
from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, IdentityKind, Issued, Verb
from workbench.model.session import Basis, EndKind, Session, Strength
from workbench.sessions.derive import derive

OPS = user("ops")
CREATED = "2023-11-14T22:13:20Z"


def login(story: Story, at: int = 0, who: Identity = OPS, succeeded: bool | None = True) -> Done:
    return story.does(
        Who(who, kind=HUMAN).at(f"203.0.113.{len(story.events)}"),
        "ConsoleLogin",
        at,
        verb=Verb.AUTHENTICATE,
        succeeded=succeeded,
    )


def console(story: Story, who: Identity = OPS) -> Done:
    return story.does(
        Who(who, temporary("1"), (Credential("aws sign-in session", f"{who.canonical} {CREATED}"),)),
        at=MINUTE,
    )


@given(st.integers(0, 4))
def test_a_login_in_that_second_is_inferred_and_its_rivals_are_listed(count: int) -> None:
    story = Story()
    for _ in range(count):
        login(story)
    used = console(story)
    outcome = story.outcome()
    links = outcome.by_rule("aws-console")
    session = outcome.session(used)
    assert len(links) == max(count, 1)
    assert all(link.rival_count == max(count - 1, 0) for link in links)
    assert {link.strength for link in links} == {Strength.INFERRED if count else Strength.UNPROVEN}
    assert (session.opened_by is not None) == (count == 1)
    assert session.start == NOON
    assert session.start_basis is (Basis.SIGNED_IN if count == 1 else Basis.NATIVE)


@pytest.mark.parametrize(
    "decoy",
    [
        lambda story: login(story, SECOND),
        lambda story: login(story, -1),
        lambda story: login(story, who=user("Ops")),
        lambda story: login(story, who=user("ops", "222222222222")),
        lambda story: login(story, succeeded=False),
        lambda story: login(story, succeeded=None),
    ],
    ids=["a second later", "before", "other case", "other account", "failed", "not known to have worked"],
)
def test_decoys_leave_the_hole(decoy: object) -> None:
    story = Story()
    decoy(story)  # type: ignore[operator]
    used = console(story)
    outcome = story.outcome()
    (link,) = outcome.by_rule("aws-console")
    assert (link.strength, link.source.kind) == (Strength.UNPROVEN, EndKind.NOTHING)
    assert link.closes
    assert outcome.session(used).start_basis is Basis.NATIVE


def test_the_session_of_a_role_at_the_console_hangs_on_its_issue_by_inference() -> None:
    story = Story()
    arn = "arn:aws:sts::111111111111:assumed-role/Admin/jdoe"
    story.does(
        Who(Identity("jdoe", "jdoe")),
        "AssumeRoleWithSAML",
        issues=[Issued(temporary("0"), arn)],
        service="sts",
    )
    role = Identity("arn:aws:iam::111111111111:role/Admin", "Admin/jdoe")
    used = story.does(
        Who(role, temporary("1"), (Credential("aws sign-in session", f"{arn} {CREATED}"),)), at=MINUTE
    )
    outcome = story.outcome()
    (link,) = outcome.by_rule("aws-role-session")
    assert link.strength is Strength.INFERRED
    assert outcome.session(used).start_basis is Basis.ISSUED


def test_a_creation_date_that_is_none_leaves_the_hole() -> None:
    story = Story()
    login(story)
    who = Who(OPS, temporary("1"), (Credential("aws sign-in session", f"{OPS.canonical} yesterday"),))
    story.does(who)
    (link,) = story.outcome().by_rule("aws-console")
    assert link.strength is Strength.UNPROVEN


def test_an_interactive_sign_in_of_a_native_session_opens_it_and_no_machine_does() -> None:
    story = Story()
    key = Credential("entra session", "sid-1")
    who = Who(Identity("ann", "ann"), key, source="entra.signin")
    story.does(who, "sign-in", verb=Verb.AUTHENTICATE)
    person = story.does(who._replace(kind=HUMAN), "sign-in", MINUTE, verb=Verb.AUTHENTICATE)
    story.does(who._replace(kind=HUMAN), "sign-in", HOUR, verb=Verb.AUTHENTICATE)
    outcome = story.outcome()
    session = outcome.session(person)
    assert session.opened_by == outcome.row[person.mark]
    assert (session.strength, session.kind.kind) == (Strength.PROVEN, IdentityKind.HUMAN)


def opened(kind: str, acts: list[tuple[str, int]], **more: str) -> tuple[Session, Story]:
    story = Story()
    who = Who(Identity("ann", "ann"), Credential(kind, "102"), source=kind.split()[0], kind=HUMAN)
    for action, at in acts:
        verb = Verb.READ if action == "reads" else Verb.AUTHENTICATE
        last = story.does(who, action, at, verb=verb)
    story.unverified |= set(more.values())
    return story.outcome().session(last), story


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("linux session", "USER_END"),
        ("linux session", "CRED_DISP"),
        ("okta session", "user.session.end"),
        ("okta session", "user.authentication.slo"),
        ("entra session", "UserLoggedOff"),
        ("openai session", "logout.succeeded"),
    ],
)
def test_what_ends_a_session_opened_none(kind: str, action: str) -> None:
    session, _ = opened(kind, [(action, 0)])
    assert (session.opened_by, session.strength, session.chain) == (
        None,
        Strength.UNPROVEN,
        Strength.UNPROVEN,
    )


@pytest.mark.parametrize(
    ("kind", "acts"),
    [
        # The records begin in the middle of the session: a second factor and an entry are no beginning.
        ("okta session", [("user.mfa.okta_verify", 0)]),
        ("okta session", [("user.authentication.sso", 0)]),
        ("linux session", [("USER_START", 0)]),
        ("entra session", [("reads", 0), ("sign-in", HOUR)]),
    ],
)
def test_a_sign_in_inside_a_session_is_not_proven_to_have_opened_it(
    kind: str, acts: list[tuple[str, int]]
) -> None:
    session, _ = opened(kind, acts)
    assert session.opened_by is not None
    assert (session.strength, session.chain) == (Strength.INFERRED, Strength.INFERRED)
    assert session.caveats


def test_an_opening_that_is_read_unchecked_or_was_altered_proves_nothing() -> None:
    session, story = opened("entra session", [("sign-in", 0)])
    assert session.strength is Strength.PROVEN
    facts, _ = story.facts()
    altered = msgspec.structs.replace(facts, altered=frozenset({1}))
    (again,) = derive(altered, lambda _: None).sessions
    unchecked, _ = opened("entra session", [("sign-in", 0)], unverified="entra")
    assert {again.strength, unchecked.strength} == {Strength.INFERRED}
    assert again.caveats
    assert unchecked.caveats


@given(st.lists(st.tuples(st.sampled_from(["1021", "1022"]), st.integers(-30, 90)), min_size=1, max_size=4))
def test_single_sign_on_joins_by_name_and_a_minute_and_lists_other_sessions(
    found: list[tuple[str, int]],
) -> None:
    """Several sign-ons of one session are no rivals of each other; those of two sessions are."""
    story = Story()
    for session, before in found:
        jdoe = Who(
            Identity("00u1", "jdoe@corp.test"), Credential("okta session", session), source="okta.system"
        )
        story.does(jdoe, "user.authentication.sso", -before * SECOND, verb=Verb.AUTHENTICATE)
    other = Who(Identity("00u2", "jdoe2@corp.test"), Credential("okta session", "1029"), source="okta.system")
    story.does(other, "user.authentication.sso", -SECOND, verb=Verb.AUTHENTICATE)
    story.does(Who(Identity("jdoe", "jdoe")), "AssumeRoleWithSAML", issues=[temporary("1")], service="sts")
    links = story.outcome().by_rule("sso")
    fitting = {session for session, before in found if 0 <= before <= 60}
    assert len(links) == len(fitting)
    assert all((link.strength, link.rival_count) == (Strength.INFERRED, len(fitting) - 1) for link in links)
