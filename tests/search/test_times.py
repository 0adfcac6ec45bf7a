from __future__ import annotations

import calendar
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.search.times import read_span

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# A day away from either end, so that no offset leaves the years that datetime can hold.
MOMENTS = st.datetimes(dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29))
ZONES = st.integers(-1439, 1439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


def micros(moment: dt.datetime) -> int:
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


@given(
    MOMENTS,
    ZONES,
    st.sampled_from(["hours", "minutes", "seconds", "milliseconds", "microseconds"]),
    st.sampled_from("T t"),
)
def test_a_moment_is_the_span_of_its_last_unit(
    moment: dt.datetime, zone: dt.timezone, unit: str, joint: str
) -> None:
    text = moment.replace(tzinfo=zone).isoformat(timespec=unit)
    # The reader of the standard library judges what was written.
    start = micros(dt.datetime.fromisoformat(text))
    assert read_span(text.replace("T", joint)) == (
        start,
        start + dt.timedelta(**{unit: 1}) // dt.timedelta(microseconds=1),
    )


@given(MOMENTS)
def test_no_offset_means_utc(moment: dt.datetime) -> None:
    text = moment.isoformat(timespec="seconds")
    assert read_span(text) == read_span(text + "Z") == read_span(text + "z") == read_span(text + "+00:00")


@given(st.integers(1, 9999), st.integers(1, 12))
def test_months_and_years_have_the_length_of_the_calendar(year: int, month: int) -> None:
    day = 86_400_000_000
    start, end = read_span(f"{year:04}-{month:02}")
    assert start == micros(dt.datetime(year, month, 1, tzinfo=dt.UTC))
    assert end - start == calendar.monthrange(year, month)[1] * day
    first, after = read_span(f"{year:04}")
    assert (first, after) == (read_span(f"{year:04}-01")[0], read_span(f"{year:04}-12")[1])
    assert read_span(f"{year:04}-{month:02}-01") == (start, start + day)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2023-07-10T11:42:18.1234567Z", "2023-07-10T11:42:18.123456Z"),
        ("2023-07-10T11:42:18.123456789", "2023-07-10T11:42:18.123456"),
        ("2023-07-10T13:42+02:00", "2023-07-10T11:42"),
        ("2023-07-10T11-09:30", "2023-07-10T20:30"),
    ],
)
def test_same_start(text: str, same: str) -> None:
    assert read_span(text)[0] == read_span(same)[0]


def test_a_day_can_be_that_of_another_zone() -> None:
    assert read_span("2023-07-10+02:00") == (read_span("2023-07-09T22")[0], read_span("2023-07-10T21")[1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "23",
        "2023-7",
        "2023-02-29",
        "2023-13",
        "2023-00",
        "2023-01-00",
        "2023-01-32",
        "2023-07-10T",
        "2023-07-10T24",
        "2023-07-10T11:60",
        "2023-07-10T11:42:60",
        "2023-07-10T11:42:18.",
        "2023-07-10T11:42:18.1234567890",
        "0000",
        "2023-07-10T11:42+2:00",
        "2023-07-10T11:42+24:00",
        "2023-07-10T11:42+00:60",
        "2023Z",
        "2023-07Z",
        "20230710",
        "now",
        "0001-01-01T00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "٢٠٢٣",
        "2023-07-10T11:42:18Z\n",
        "-2023",
        "12023",
        "2023-07-10  11:42",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 2023|no such date|outside the years|an offset has"):
        read_span(text)


@given(st.text("0123456789-:TtZz+. ", max_size=30))
def test_nothing_but_value_errors(text: str) -> None:
    try:
        start, end = read_span(text)
    except ValueError:
        return
    assert start < end
