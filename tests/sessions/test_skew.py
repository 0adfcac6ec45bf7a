"""What two logs say of each other's clocks: bounds to be shown, never a time changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import AWS, NOON, Story, Who, temporary, user
from workbench.clock import SECOND
from workbench.model.event import Identity

ASKS = Who(user("ops"))
CLUSTER = Who(Identity("kubernetes-admin", "kubernetes-admin"), source="k8s.audit")

delays = st.lists(st.integers(-120, 600), min_size=1, max_size=5)


def story_of(delays: list[int]) -> Story:
    """Keys that one log shows issued and another used."""
    story = Story()
    for number, delay in enumerate(delays):
        issued = number * 3600 * SECOND
        story.issues(ASKS, temporary(str(number)), issued)
        story.does(CLUSTER.with_key(temporary(str(number))), at=issued + delay * SECOND)
    return story


@given(delays)
def test_issue_and_use_bound_from_one_side_only(delays: list[int]) -> None:
    (skew,) = [each for each in story_of(delays).outcome().derived.skews if each.source == AWS]
    assert skew.other == "k8s.audit"
    assert skew.low is None
    assert skew.high == min(delays) * SECOND
    assert skew.copies == 0


@given(delays)
def test_no_time_is_ever_shifted(delays: list[int]) -> None:
    story = story_of(delays)
    outcome = story.outcome()
    assert {done.time for done in outcome.by_row.values()} == {done.time for done in story.events}
    for number, delay in enumerate(delays):
        done = story.events[2 * number + 1]
        session = outcome.session(done)
        assert session.start == min(NOON + number * 3600 * SECOND, done.time or 0)
        (link,) = outcome.into(done)
        assert link.delta == delay * SECOND


def test_one_log_says_nothing_of_its_own_clock() -> None:
    story = Story()
    story.issues(ASKS, temporary("1"))
    story.does(ASKS.with_key(temporary("1")), at=SECOND)
    assert story.outcome().derived.skews == []
