"""What a session hangs on: the weakest hop decides, rings and rivals are cut, a hole leaves all that follows unproven."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import (
    HOUR,
    HUMAN,
    MINUTE,
    UNDECIDED,
    Outcome,
    Story,
    Who,
    lasting,
    temporary,
    user,
)
from workbench.clock import SECOND
from workbench.model.event import Credential, Identity, IdentityKind, Verb
from workbench.model.session import Strength, weakest

OPS = Who(user("ops"))


def role(key: Credential, number: int) -> Who:
    return Who(Identity(f"arn:aws:iam::111111111111:role/r{number}", f"r{number}/x"), key)


@given(st.lists(st.sampled_from(["good", "late", "mask"]), min_size=1, max_size=6))
def test_a_chain_is_as_strong_as_its_weakest_hop(hops: list[str]) -> None:
    """A row of roles, each assumed with the key before; some hops contradicted by their expiry, some keys masked."""
    story = Story()
    signed_in = Credential("okta session", "1")
    who = OPS.with_key(signed_in)
    sessions = [story.does(who, "user.session.start", verb=Verb.AUTHENTICATE, issues=[signed_in])]
    for number, hop in enumerate(hops, 1):
        key = temporary(str(number))
        at = number * HOUR
        expires = None if hop != "late" else sessions[0].time
        story.issues(who, temporary("********") if hop == "mask" else key, at, expires)
        who = role(key, number)
        sessions.append(story.does(who, at=at + MINUTE))
    outcome = story.outcome()
    expected = Strength.PROVEN
    parent = None
    for number, (hop, done) in enumerate(zip(hops, sessions[1:], strict=True), 1):
        session = outcome.session(done)
        parent = outcome.session(sessions[number - 1])
        if hop == "mask":
            assert (session.parent, session.chain) == (None, Strength.UNPROVEN)
            expected = Strength.UNPROVEN  # of all that follows, too
            continue
        assert session.parent == parent.id
        if hop == "late":
            expected = weakest((expected, Strength.INFERRED))
        assert session.chain is expected


def test_a_member_by_inference_makes_the_hop_inferred() -> None:
    """That the key was issued by this event is proven; that the event is of this session rests on a name and an address."""
    story = Story()
    story.does(OPS)
    story.issues(OPS, temporary("1"), MINUTE)
    used = story.does(role(temporary("1"), 1), at=2 * MINUTE)
    session = story.outcome().session(used)
    assert session.parent is not None
    assert session.strength is Strength.INFERRED
    assert session.chain is Strength.UNPROVEN  # nothing tells where the session above comes from


def test_an_inferred_sign_in_before_a_session_weakens_all_that_follows() -> None:
    story = Story()
    sign_in = Credential("aws sign-in session", f"{user('ops').canonical} 2023-11-14T22:13:20Z")
    story.does(OPS._replace(kind=HUMAN), "ConsoleLogin", verb=Verb.AUTHENTICATE)
    console = story.does(OPS.with_key(temporary("1"), sign_in), at=MINUTE)
    story.issues(OPS.with_key(temporary("1"), sign_in), temporary("2"), 2 * MINUTE)
    first = role(temporary("2"), 1)
    story.issues(first, temporary("3"), 3 * MINUTE)
    last = story.does(role(temporary("3"), 2), at=4 * MINUTE)
    outcome = story.outcome()
    session = outcome.session(last)
    assert session.strength is Strength.PROVEN
    assert session.chain is Strength.INFERRED
    above = outcome.sessions[session.parent or ""]
    assert above.parent == outcome.session(console).id
    assert above.chain is Strength.INFERRED


def test_a_session_that_opened_by_inference_weakens_what_was_issued_in_it() -> None:
    """Two acts opened it: the session has no link that could say so, and yet all that follows rests on it."""
    story = Story()
    signed_in = Credential("okta session", "1")
    who = OPS.with_key(signed_in)
    for at in (0, 10 * HOUR):
        story.does(who, "user.session.start", at, verb=Verb.AUTHENTICATE, issues=[signed_in])
    asked = story.issues(who, temporary("1"), 11 * HOUR)
    used = story.does(role(temporary("1"), 1), at=12 * HOUR)
    outcome = story.outcome()
    assert outcome.session(asked).chain is Strength.INFERRED
    assert outcome.session(used).strength is Strength.PROVEN
    assert outcome.session(used).chain is Strength.INFERRED


def ring(size: int, seed: int | None = None) -> tuple[Outcome, list[str]]:
    """Each session's key is issued in the one before, the first one's in the last: all in one second."""
    story = Story()
    keys = [temporary(str(number)) for number in range(size)]
    done = [story.issues(role(key, number), keys[(number + 1) % size]) for number, key in enumerate(keys)]
    story.issues(role(keys[0], 0), temporary("tail"), SECOND)
    tail = story.does(role(temporary("tail"), 99), at=2 * SECOND)
    outcome = story.outcome(seed)
    return outcome, [outcome.session(each).id for each in (*done, tail)]


@given(st.integers(2, 6), st.integers(0, 99))
def test_a_ring_is_cut_whole_whatever_is_looked_at_first(size: int, seed: int) -> None:
    outcome, (*members, tail) = ring(size, seed)
    for each in members:
        session = outcome.sessions[each]
        assert (session.parent, session.chain, session.strength) == (
            None,
            Strength.UNPROVEN,
            Strength.UNPROVEN,
        )
        assert any("lead back" in caveat for caveat in session.caveats)
    assert outcome.sessions[tail].parent == members[0]
    assert outcome.sessions[tail].chain is Strength.UNPROVEN
    assert outcome.told() == ring(size)[0].told()


def test_a_session_whose_key_two_acts_handed_out_hangs_on_neither() -> None:
    story = Story()
    story.issues(OPS.with_key(lasting("1")), temporary("x"))
    story.issues(Who(user("other"), lasting("2")), temporary("x"), MINUTE)
    used = story.does(role(temporary("x"), 1), at=2 * MINUTE)
    outcome = story.outcome()
    session = outcome.session(used)
    assert session.parent is None
    assert session.strength is Strength.INFERRED
    (link,) = outcome.into(used)
    assert link.rival_count == 1
    assert "2 origins fit equally well: it hangs on none of them" in session.caveats


def test_rivals_before_the_event_that_issued_a_key_leave_it_open_too() -> None:
    """Two Okta sessions fit one AssumeRoleWithSAML, which belongs to no session itself."""
    story = Story()
    for number in (1, 2):
        jdoe = Who(
            Identity("00u1", "jdoe@corp.test"),
            Credential("okta session", f"102{number}"),
            source="okta.system",
        )
        story.does(jdoe, "user.authentication.sso", number * SECOND, verb=Verb.AUTHENTICATE)
    story.does(
        Who(Identity("jdoe", "jdoe"), kind=HUMAN),
        "AssumeRoleWithSAML",
        9 * SECOND,
        service="sts",
        issues=[temporary("1")],
    )
    used = story.does(role(temporary("1"), 1), at=MINUTE)
    session = story.outcome().session(used)
    assert session.parent is None
    assert any("fit equally well" in each for each in session.caveats)


@pytest.mark.parametrize(
    ("parent", "expected"), [(HUMAN, IdentityKind.HUMAN), (UNDECIDED, IdentityKind.UNDECIDED)]
)
def test_an_undecided_token_session_takes_the_kind_of_the_session_that_proved_to_issue_it(
    parent: object, expected: IdentityKind
) -> None:
    story = Story()
    signed_in = Who(user("ops"), Credential("okta session", "1"), kind=parent)  # type: ignore[arg-type]
    story.issues(signed_in, temporary("1"))
    story.issues(role(temporary("1"), 1), temporary("2"), MINUTE)
    used = story.does(role(temporary("2"), 2), at=2 * MINUTE)
    kind = story.outcome().session(used).kind
    assert kind.kind is expected
    assert ("(proven)" in kind.reason) == (expected is IdentityKind.HUMAN)


def test_nothing_is_taken_over_along_an_inferred_hop() -> None:
    story = Story()
    person = OPS._replace(kind=HUMAN)
    story.does(person)
    story.issues(person, temporary("1"), MINUTE)
    token = story.does(role(temporary("1"), 1), at=2 * MINUTE)
    story.issues(Who(user("ops"), Credential("okta session", "1"), kind=HUMAN), lasting("2"))
    key = story.does(OPS.with_key(lasting("2")), at=MINUTE)
    outcome = story.outcome()
    assert outcome.session(token).kind.kind is IdentityKind.UNDECIDED
    assert outcome.session(key).kind.kind is IdentityKind.UNDECIDED  # anybody may have been given it
