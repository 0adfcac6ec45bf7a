from __future__ import annotations

import pytest

from workbench.tui import pace
from workbench.tui.pace import Pace


class Clock:
    """Stands in for the module ``time``."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def test_work_takes_at_most_a_fifth_of_the_time(clock: Clock) -> None:
    work = Pace()
    worked, begun = 0.0, clock.now
    for _ in range(5_000):
        if work.due:
            with work:
                assert not work.due
                clock.now += 3.0
            worked += 3.0
        clock.now += 0.1
    assert 0.19 < worked / (clock.now - begun) < 0.21


def test_short_work_rests_as_long_as_asked_unless_it_is_hurried(clock: Clock) -> None:
    work = Pace(2.0)
    assert work.due
    with work:
        pass
    clock.now += 1.9
    assert not work.due
    clock.now += 0.2
    assert work.due
    with work:
        pass
    assert not work.due
    work.hurry()
    assert work.due


def test_work_that_fails_or_is_begun_again_before_its_end_rests_too(clock: Clock) -> None:
    work = Pace(1.0)
    with pytest.raises(KeyError), work:
        raise KeyError
    assert not work.due
    clock.now += 1.1
    with work:
        with work:
            pass
        clock.now += 60
        assert not work.due
