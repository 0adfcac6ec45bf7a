"""Copies of one act in several accounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import MINUTE, Done, Story, Who, lasting, temporary, user
from workbench.model.event import Identity, Issued, Resource, Verb
from workbench.model.session import EndKind, Strength

CALLER = Who(user("ops"), lasting("1"))
STRANGER = Who(Identity("111111111111", "111111111111", None, "111111111111"), account="222222222222")


def copies(other: Who = STRANGER, action: str = "AssumeRole", at: int = 0) -> Story:
    story = Story()
    story.does(other, action, at, verb=Verb.ISSUE_CREDENTIAL, service="sts", shared="s1")
    story.does(CALLER, "AssumeRole", verb=Verb.ISSUE_CREDENTIAL, service="sts", shared="s1")
    return story


@given(st.integers(0, 99))
def test_the_copy_that_names_a_key_leads_to_the_one_that_does_not(seed: int) -> None:
    outcome = copies().outcome(seed)
    (link,) = outcome.by_rule("shared-event")
    assert (link.strength, link.contradicted) == (Strength.PROVEN, False)
    assert outcome.by_row[link.source.event or 0].who == CALLER
    assert outcome.by_row[link.target.event or 0].who == STRANGER


SAME = copies()
SAME.events = [
    each._replace(
        request="R1",
        resources=(Resource("iam:role", "arn:aws:iam::222222222222:role/x"),),
        issued=(Issued(temporary("1")),),
    )
    for each in SAME.events
]
FOREIGN = STRANGER._replace(identity=Identity("AIDAOTHER0123456789AB", "AIDAOTHER", None, "333333333333"))


def of_same(**more: object) -> Story:
    story = Story()
    story.events = [SAME.events[0]._replace(**more), SAME.events[1]]
    return story


@pytest.mark.parametrize(
    "story",
    [
        of_same(request="R2"),
        of_same(resources=(Resource("iam:role", "arn:aws:iam::222222222222:role/y"),)),
        of_same(issued=(Issued(temporary("2")),)),
        of_same(who=FOREIGN),
    ],
    ids=["another request", "another role", "another key handed out", "a caller of another account"],
)
def test_two_acts_under_one_shared_id_are_not_proven_one(story: Story) -> None:
    (link,) = story.outcome().by_rule("shared-event")
    assert (link.strength, link.contradicted) == (Strength.INFERRED, True)


def test_copies_that_agree_in_all_are_one_act() -> None:
    (link,) = of_same().outcome().by_rule("shared-event")
    assert (link.strength, link.caveats) == (Strength.PROVEN, ())


def entered(*, copy: bool, shared: str | None = "s1") -> tuple[Story, Done]:
    """A role of one account is entered from another; the caller account's own record is there or not."""
    story = Story()
    issued = [Issued(temporary("1"))]
    story.does(STRANGER, "AssumeRole", service="sts", issues=issued, shared=shared)
    if copy:
        story.does(CALLER, "AssumeRole", service="sts", issues=issued, shared=shared)
    role = Identity("arn:aws:iam::222222222222:role/x", "x/s", None, "222222222222")
    return story, story.does(Who(role, temporary("1"), account="222222222222"), at=MINUTE)


def test_without_the_callers_record_the_chain_ends_in_a_hole_that_says_what_closes_it() -> None:
    story, used = entered(copy=False)
    outcome = story.outcome()
    (hole,) = outcome.by_rule("issuer-origin")
    assert hole.source.kind is EndKind.NOTHING
    assert hole.strength is Strength.UNPROVEN
    assert "account 111111111111 with the sharedEventID s1" in (hole.closes or "")
    assert outcome.session(used).chain is Strength.UNPROVEN


def test_with_the_callers_record_the_chain_goes_on_in_the_callers_session() -> None:
    story, used = entered(copy=True)
    outcome = story.outcome()
    assert outcome.by_rule("issuer-origin") == []
    assert outcome.session(used).parent == outcome.session(story.events[1]).id


def test_a_copy_that_contradicts_closes_no_hole() -> None:
    story, used = entered(copy=True)
    story.events[1] = story.events[1]._replace(issued=(Issued(temporary("2")),))
    outcome = story.outcome()
    assert len(outcome.by_rule("issuer-origin")) == 1
    assert outcome.session(used).chain is Strength.UNPROVEN


@pytest.mark.parametrize(
    "story",
    [copies(action="GetSecretValue"), copies(at=MINUTE), copies(STRANGER.with_key(lasting("2")))],
    ids=["another act", "another time", "another key"],
)
def test_copies_that_cannot_be_of_one_act_prove_nothing(story: Story) -> None:
    (link,) = story.outcome().by_rule("shared-event")
    assert (link.strength, link.contradicted) == (Strength.INFERRED, True)
    assert any(each.startswith("contradiction: ") for each in link.caveats)


def test_an_id_of_another_log_is_no_copy() -> None:
    story = Story()
    for source in ("aws.cloudtrail", "vault.audit"):
        story.does(CALLER._replace(source=source), "x", verb=Verb.ISSUE_CREDENTIAL, shared="s1")
    assert story.outcome().by_rule("shared-event") == []


def test_an_act_recorded_once_has_no_copy() -> None:
    story = Story()
    story.does(CALLER, "x", verb=Verb.ISSUE_CREDENTIAL, shared="s1")
    assert story.outcome().links
    assert story.outcome().by_rule("shared-event") == []
