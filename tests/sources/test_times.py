from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Precision
from workbench.sources.times import read_time

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def exact(moment: dt.datetime) -> int:
    gap = moment - EPOCH
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


@given(st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30)), st.integers(0, 9))
def test_a_written_time_reads_back_truncated_to_microseconds(moment: dt.datetime, digits: int) -> None:
    fraction = f"{moment.microsecond:06d}789"[:digits]
    text = moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M:%S")
    text += f".{fraction}Z" if digits else "Z"
    kept = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=dt.UTC)
    time = read_time(text, "eventTime")
    assert time.micros == exact(kept)
    assert (time.raw, time.basis) == (text, "eventTime")
    assert time.precision == {0: "s", 7: "100ns", 8: "ns", 9: "ns"}.get(digits, "ms" if digits < 4 else "us")


@given(
    st.datetimes(min_value=dt.datetime(2000, 1, 2), max_value=dt.datetime(2099, 1, 1)), st.integers(-840, 840)
)
def test_an_offset_is_applied(moment: dt.datetime, minutes: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    aware = moment.replace(microsecond=0, tzinfo=zone)
    assert read_time(aware.isoformat(), "time").micros == exact(aware)
    assert read_time(aware.isoformat().replace("T", " "), "time").micros == exact(aware)


@given(st.integers(946_684_800, 4_102_444_799), st.sampled_from([1, 1_000, 1_000_000, 1_000_000_000]))
def test_epoch_numbers_are_read_in_the_unit_that_fits(seconds: int, factor: int) -> None:
    for raw in (seconds * factor, str(seconds * factor)):
        time = read_time(raw, "timestamp (wrapper)")
        assert time.micros == seconds * 1_000_000
        assert time.basis.startswith("timestamp (wrapper), epoch ")


def test_a_fractional_epoch_keeps_its_digits() -> None:
    time = read_time(1_688_989_338.123, "time")
    assert (time.micros, time.precision) == (1_688_989_338_123_000, Precision.MILLISECOND)


@pytest.mark.parametrize(
    "raw",
    [
        "", "yesterday", "0000-01-01T00:00:00Z", "2023-13-01T00:00:00Z", "2023-02-30T00:00:00Z",
        "2023-07-10T11:42:60Z", "2023-07-10T24:00:00Z", "+292277026596-12-04T15:30:08Z", "2023-W28-1T11:42:18Z",
        "2023-07-10T114218,5Z", "２023-07-10T11:42:18Z", "2023-07-10T11:42:18+99:00", "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2023-07-10T11:42:18Z" * 10_000, "1e400", "NaN",
    ],
)  # fmt: skip
def test_what_is_no_time_keeps_its_text(raw: str) -> None:
    time = read_time(raw, "eventTime", zone_assumed=True)
    assert (time.micros, time.raw) == (None, raw)


def test_values_of_other_types_never_raise() -> None:
    for raw in (None, True, [], {}, float("nan"), float("inf"), 10**5000, -5, 292277026596000):
        assert read_time(raw, "eventTime").micros is None


@pytest.mark.parametrize(
    ("raw", "year"),
    [("0001-01-01T00:00:00Z", 1), ("1601-01-01T00:00:00Z", 1601), ("9999-12-31T23:59:59Z", 9999)],
)
def test_absurd_years_that_exist_are_exact(raw: str, year: int) -> None:
    micros = read_time(raw, "eventTime").micros
    assert micros is not None
    assert (EPOCH + dt.timedelta(microseconds=micros)).year == year


def test_a_time_without_zone_is_never_guessed() -> None:
    assert read_time("2023-07-10 11:42:18", "p_event_time").micros is None
    assumed = read_time("2023-07-10 11:42:18", "p_event_time", zone_assumed=True, assumed_by="Panther")
    assert assumed.micros == 1_688_989_338_000_000
    assert assumed.basis == "p_event_time, no zone: UTC assumed (Panther)"
    zoned = read_time("2023-07-10T11:42:18+00:00", "time", zone_assumed=True)
    assert zoned.basis == "time"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.none()))
def test_reading_never_raises(raw: object) -> None:
    read_time(raw, "x", zone_assumed=True)
