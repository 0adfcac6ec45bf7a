"""Commands on a machine and what its credentials did next: a cause that is inferred, from where they show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import MINUTE, Story, Who, lasting, temporary, user
from workbench.model.event import Identity, Resource, Verb
from workbench.model.session import Strength

HERE, MACHINE = "192.0.2.20", "198.51.100.16"
ROLE = Identity("arn:aws:iam::111111111111:role/web", "web/i-0abc")
INSTANCE = Resource("ec2:instance", "i-0abc")


def sends(story: Story, name: str, at: int, address: str = HERE, succeeded: bool | None = True) -> None:
    who = Who(user(name), lasting(name)).at(address)
    story.does(who, "SendCommand", at, verb=Verb.EXECUTE, service="ssm", on=[INSTANCE], succeeded=succeeded)


def thief(story: Story, address: str = HERE, identity: Identity = ROLE) -> None:
    story.does(Who(identity, temporary("1")).at(address))


@given(st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.integers(-20, 20)), max_size=4))
def test_a_command_before_is_inferred_and_other_senders_are_rivals(sent: list[tuple[str, int]]) -> None:
    story = Story()
    for name, minute in sent:
        sends(story, name, minute * MINUTE)
    thief(story)
    links = story.outcome().by_rule("remote-command")
    senders = {name for name, minute in sent if -15 <= minute <= 0}
    assert len(links) == bool(senders)
    for link in links:
        assert (link.strength, link.rival_count) == (Strength.INFERRED, len(senders) - 1)
        nearest = max(minute for name, minute in sent if -15 <= minute <= 0)
        assert link.delta == -nearest * MINUTE


@pytest.mark.parametrize(
    "story_of",
    [
        lambda story: (sends(story, "ann", 0, MACHINE), thief(story)),
        lambda story: (sends(story, "ann", 0, succeeded=False), thief(story)),
        lambda story: (sends(story, "ann", 0, succeeded=None), thief(story)),
        lambda story: (sends(story, "ann", 0), thief(story, MACHINE)),
        lambda story: (sends(story, "ann", 0), thief(story, HERE, Identity(ROLE.canonical, "web/i-0abcd"))),
        lambda story: (sends(story, "ann", 0), thief(story, HERE, Identity(ROLE.canonical, "i-0abc2"))),
    ],
    ids=[
        "sent from elsewhere",
        "failed",
        "not known to have worked",
        "used elsewhere",
        "longer id",
        "other name",
    ],
)
def test_decoys_cause_nothing(story_of: object) -> None:
    story = Story()
    story_of(story)  # type: ignore[operator]
    assert story.outcome().by_rule("remote-command") == []
