"""Whether the wall clock was set between two entries, as far as their readings show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.clock import SECOND, ClockReading, SystemClock
from workbench.journal.clocks import Moment, step_back, step_between

START = 1_700_000_000 * SECOND


def moment(wall: int, monotonic: int | None = None, boot: str | None = "b") -> Moment:
    return Moment.of(
        ClockReading(START + wall * SECOND, None if monotonic is None else monotonic * SECOND, boot, "+00:00")
    )


@pytest.mark.parametrize(
    ("later", "by", "shown_by"),
    [
        (moment(60, 60), None, ""),
        (moment(61, 60), None, ""),  # within what following a time server does
        (moment(-60, None), -60, "wall"),  # the time itself goes back
        (moment(3600, 7200), -3600, "monotonic"),  # later, but by less than has passed
        (moment(7200, 60), 7140, "monotonic"),  # set forward
        (moment(-60, 10, "another boot"), -60, "wall"),  # the machine was started anew: only the time is left
        (moment(3600, 7200, "another boot"), None, ""),
        (moment(86_400 * 30, 86_400 * 30 + 2000), None, ""),  # drift of a month
        (moment(-5, -5), -5, "wall"),  # a monotonic clock that went back is none
    ],
)
def test_steps(later, by, shown_by):
    step = step_between(moment(0, 0), later)
    if by is None:
        assert step is None
    else:
        assert step is not None
        assert (step.by, step.shown_by) == (by * SECOND, shown_by)
    back = step_back(moment(0, 0), later)
    assert (back is not None) == (by is not None and by < 0)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_a_time_that_goes_back_is_always_noticed(wall, monotonic):
    if wall < 0:
        assert step_back(moment(0, 0), moment(wall, monotonic)) is not None


def test_the_clock_of_this_machine_does_not_step():
    clock = SystemClock()
    before, after = Moment.of(clock.reading()), Moment.of(clock.reading())
    assert step_between(before, after) is None
    assert clock.reading().zone[0] in "+-"
    assert len(clock.reading().zone) == 6


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"time": "2023-11-14T22:13:20Z", "clock": {}},
        {"time": "2023-13-14T22:13:20.000000Z", "clock": {}},
        {"time": "2023-11-14T22:13:20.000000Z", "clock": {"monotonic": "1"}},
        {"time": "2023-11-14T22:13:20.000000Z", "clock": {"monotonic": True}},
        {"time": "2023-11-14T22:13:20.000000Z", "clock": {"boot": 1}},
    ],
)
def test_what_is_no_reading(entry):
    with pytest.raises(ValueError, match=r"."):
        Moment.of_entry(entry)
