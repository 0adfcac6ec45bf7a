from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from workbench import clock
from workbench.search import parse
from workbench.search.query import TimeRange
from workbench.tui.time_axis import BUCKETS, View, fitting, range_query, span_text, ticks
from workbench.tui.zones import UTC, named_zone

instants = st.integers(clock.to_micros(clock.to_datetime(0).replace(year=1990)), 4 * 10**15)
HOUR = 3_600 * clock.SECOND


@given(instants, instants, st.integers(1, 300))
def test_a_fitting_view_holds_both_ends_and_begins_on_a_round_instant(
    one: int, other: int, columns: int
) -> None:
    first, last = sorted((one, other))
    view = fitting(first, last, columns)
    assert view.columns == columns
    assert view.start % view.bucket == 0
    assert view.start <= first
    if (last - first) // BUCKETS[-1] + 2 <= columns:
        assert last < view.end


@given(
    instants,
    st.sampled_from(BUCKETS),
    st.integers(1, 200),
    st.integers(0, 199),
    st.sampled_from([-2, -1, 1, 2]),
)
def test_zooming_keeps_the_place_pointed_at(
    start: int, bucket: int, columns: int, column: int, steps: int
) -> None:
    view = View(start // bucket * bucket, bucket, columns)
    column = min(column, columns - 1)
    about = view.start + column * bucket + bucket // 2
    zoomed = view.zoomed(steps, about)
    assert abs(zoomed.column_of(about) - column) <= 1
    assert zoomed.start % zoomed.bucket == 0


def test_zooming_stops_at_both_ends() -> None:
    view = View(0, BUCKETS[0], 10)
    assert view.zoomed(1, 0).bucket == BUCKETS[0]
    assert View(0, BUCKETS[-1], 10).zoomed(-1, 0).bucket == BUCKETS[-1]


@given(instants, st.integers(1, 10**13))
def test_the_filter_of_a_range_means_exactly_that_range(low: int, length: int) -> None:
    """Oracle: the filter language itself reads the text back to the same half-open range."""
    assert parse(range_query(low, low + length)) == TimeRange(low, low + length)


@given(instants, st.sampled_from(BUCKETS[9:]))
def test_the_filter_of_whole_buckets_too(start: int, bucket: int) -> None:
    low = start // bucket * bucket
    text = range_query(low, low + 3 * bucket)
    assert parse(text) == TimeRange(low, low + 3 * bucket)
    assert "." not in text


def test_ticks_stand_on_full_local_hours_and_do_not_touch() -> None:
    berlin = named_zone("europe/berlin")
    start = clock.to_micros(clock.to_datetime(0).replace(year=2023, month=3, day=25, hour=20))
    view = View(start, 15 * 60 * clock.SECOND, 120)  # through the change to summer time
    marks = ticks(view, berlin, 13)
    assert marks
    for column, label in marks:
        local = berlin.text(view.start + column * view.bucket)
        assert local[11:16] == label or local[:10] == label
        assert local.endswith(":00:00")
    columns = [column for column, _ in marks]
    assert all(after - before >= 8 for before, after in itertools.pairwise(columns))
    assert all(label for _, label in ticks(View(0, 1000, 100), UTC, 13))


def test_spans_are_written_in_their_largest_whole_unit() -> None:
    assert [
        span_text(n)
        for n in (1000, 30 * clock.SECOND, 300 * clock.SECOND, 2 * HOUR, 48 * HOUR, 90 * clock.SECOND)
    ] == [
        "1 ms",
        "30 s",
        "5 min",
        "2 h",
        "2 d",
        "90 s",
    ]
