"""Copies of one act in several accounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import MINUTE, Story, Who, lasting, user
from workbench.model.event import Identity, Verb
from workbench.model.session import Strength

CALLER = Who(user("ops"), lasting("1"))
STRANGER = Who(Identity("111111111111", "111111111111"), account="222222222222")


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
