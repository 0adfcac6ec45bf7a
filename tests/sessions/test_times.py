"""Instants inside keys."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from workbench.clock import to_micros
from workbench.sessions.times import micros_of

moments = st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2100, 1, 1), timezones=st.timezones())


@given(moments)
def test_any_zone_gives_the_same_instant(moment: dt.datetime) -> None:
    if (moment.utcoffset() or dt.timedelta()).microseconds or (
        moment.utcoffset() or dt.timedelta()
    ).seconds % 60:
        return  # RFC 3339 writes whole minutes
    assert micros_of(moment.isoformat()) == to_micros(moment.astimezone(dt.UTC))


@given(st.text(max_size=30))
def test_no_text_is_too_odd(text: str) -> None:
    found = micros_of(text)
    assert found is None or isinstance(found, int)


def test_a_time_without_zone_is_no_instant() -> None:
    assert micros_of("2023-11-14T22:13:20") is None
    assert micros_of("2023-11-14T22:13:20Z") == 1_700_000_000_000_000
