"""What is said of sessions: of a long-lived key no more than its records show."""

from __future__ import annotations

from pathlib import Path

from tests.casework.command import workbench
from tests.sessions.world_maker import MINUTE, Story, Who, lasting, user
from workbench.casework.demo import build_demo
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


def test_two_versions_of_one_client_are_told_of_sessions_and_credentials(tmp_path: Path) -> None:
    """The token of the demo case was taken: whoever took it uses another release of the same program."""
    case = tmp_path / "demo.case"
    build_demo(case)
    words = "1 client, 2 versions: git/2.39.5 (Apple Git-154), git/2.49.0"
    for command in ("sessions", "credentials"):
        assert words in workbench(command, case).out.decode()
        told = [one["client_versions"] for one in workbench(command, case, "--json").lines]
        versions = ["git/2.39.5 (Apple Git-154)", "git/2.49.0"]
        assert [{"client": "git", "versions": versions, "count": 2}] in told
