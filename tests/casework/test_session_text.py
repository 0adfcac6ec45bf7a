"""What is said of sessions: of a long-lived key no more than its records show."""

from __future__ import annotations

from tests.sessions.world_maker import MINUTE, Story, Who, lasting, user
from workbench.casework.session_text import session_lines
from workbench.model.session import Strength


def test_overlapping_sessions_of_one_key_say_that_their_client_parted_them() -> None:
    """They share key and address and go on at one time: it is the agent that parts them, and no pause."""
    story = Story()
    ops = Who(user("ops"), lasting("1"))
    for at in range(0, 40, 5):
        story.does(ops.at("192.0.2.10", "stratus-red-team"), at=at * MINUTE)
        story.does(ops.at("192.0.2.10", "Terraform"), at=(at + 2) * MINUTE)
    sessions = story.outcome().derived.sessions
    assert len(sessions) == 2
    assert {one.membership for one in sessions} == {Strength.PROVEN}
    said = [line for line in session_lines(sessions, every=True) if "membership" in line]
    assert len(said) == 2
    for line in said:
        assert "membership proven by its key; parted by client and pauses (inferred)" in line
