from __future__ import annotations

import contextlib
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import clock
from workbench.tui.zones import UTC, UnknownZoneError, Zone, local_zone, named_zone

instants = st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC))


@given(
    instants, st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
)
def test_times_are_those_of_the_tz_database(moment: dt.datetime, name: str) -> None:
    """Oracle: the standard library's own reading of the zone."""
    zone = named_zone(name.lower())
    expected = moment.astimezone(ZoneInfo(name))
    micros = clock.to_micros(moment)
    assert zone.name == name
    assert zone.text(micros, 6) == expected.strftime("%Y-%m-%d %H:%M:%S.%f")
    assert zone.offset_text(micros).replace(":", "") == expected.strftime("%z")[:5]
    if expected.fold == 0 and expected.astimezone(dt.UTC) == moment:
        assert abs(zone.instant(expected.replace(tzinfo=None)) - micros) in (0, 3_600 * clock.SECOND)


@pytest.mark.parametrize(
    ("text", "name", "hours"),
    [("+02:00", "+02:00", 2), ("-3", "-03:00", -3), ("+0530", "+05:30", 5.5), ("-00:30", "-00:30", -0.5)],
)
def test_offsets_are_zones_too(text: str, name: str, hours: float) -> None:
    zone = named_zone(text)
    assert zone.name == name
    assert zone.offset(0) == hours * 3_600 * clock.SECOND
    assert zone.offset_text(0) == name


@pytest.mark.parametrize("text", ["", "utc", "Z", "+0", "-00:00", "etc/utc", "Zulu"])
def test_ways_to_say_utc(text: str) -> None:
    assert named_zone(text) is UTC


@given(
    st.text(max_size=30)
    | st.sampled_from(["../../etc/passwd", "+99:99", "-", "+1:2:3", "Europe/Berlin\x00", "+٢"])
)
def test_other_text_is_refused_with_a_remedy(text: str) -> None:
    with contextlib.suppress(UnknownZoneError):
        assert isinstance(named_zone(text), Zone)


def test_the_refusal_says_what_to_write() -> None:
    with pytest.raises(UnknownZoneError, match=r"Europe/Berlin"):
        named_zone("Middle/Earth")


@pytest.mark.parametrize("micros", [-(2**62), 2**62, 253_402_300_800_000_000])
def test_instants_outside_the_calendar_are_shown_somehow(micros: int) -> None:
    for zone in (UTC, named_zone("Europe/Berlin")):
        assert str(micros) in zone.text(micros)
        assert zone.offset(micros) == 0


def test_the_machine_has_a_zone() -> None:
    assert local_zone().name
