from __future__ import annotations

import dataclasses

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.fake_case import event_of
from workbench.model.event import EventTime, Precision, Resource
from workbench.text import visible
from workbench.tui.glyphs import ASCII, UNICODE
from workbench.tui.tables import events as rows
from workbench.tui.zones import UTC, named_zone

widths = st.integers(79, 240)
marks = st.sampled_from([UNICODE, ASCII])


@given(widths, st.integers(0, 6), st.integers(1, 300), marks, st.text(max_size=40))
def test_every_row_fills_its_width_and_holds_only_visible_text(
    width, digits, number, glyphs, hostile
) -> None:
    columns = rows.layout(width, digits)
    stored = event_of(number, 300, hostile=hostile)
    text = "".join(cell.text for cell in rows.cells(stored, columns, UTC, glyphs))
    assert visible(text) == text
    assert cell_len(text) <= width
    assert cell_len(rows.heading(columns, UTC, glyphs)) == width
    if glyphs is ASCII and not hostile:
        assert text.isascii()


@given(widths, st.integers(0, 6))
def test_headings_stand_over_their_columns(width: int, digits: int) -> None:
    columns = rows.layout(width, digits)
    heading = rows.heading(columns, UTC, UNICODE)
    made = rows.cells(event_of(3, 10), columns, UTC, UNICODE)
    places, place = {}, 0
    for cell in made:
        places.setdefault(cell.style, place)
        place += len(cell.text)
    assert heading.index("identity") == places["undecided"]
    assert heading.index("action") == places["service"]
    assert heading.index("resource") == places["resource"]


def test_narrow_rows_drop_the_address_first_and_wide_ones_show_more() -> None:
    assert rows.layout(80).address == 0
    assert rows.layout(120).address > 0
    assert rows.layout(120).verb == 0
    assert rows.layout(160).verb > 0
    resources = [rows.layout(width).resource for width in (80, 120, 160, 200)]
    assert resources == sorted(resources)


def test_what_a_row_says() -> None:
    columns = rows.layout(160)
    stored = event_of(6, 100)  # tampers with logging
    text = "".join(cell.text for cell in rows.cells(stored, columns, UTC, UNICODE))
    assert "2023-07-10 11:42:19 ≈ ·" in text
    assert "✂ cloudtrail StopLogging" in text
    stored = event_of(8, 100)
    text = "".join(cell.text for cell in rows.cells(stored, columns, named_zone("Europe/Berlin"), UNICODE))
    assert "13:42:20" in text
    assert "+2 " in text


def test_a_service_that_could_not_be_told_any_more_makes_room_for_the_action() -> None:
    stored = event_of(6, 100)
    narrow = "".join(cell.text for cell in rows.cells(stored, rows.layout(80), UTC, UNICODE))
    assert "✂ StopLogging " in narrow
    assert "clo" not in narrow
    act = msgspec.structs.replace(stored.event.act, service="iam", tampers_logging=False)
    short = msgspec.structs.replace(stored, event=msgspec.structs.replace(stored.event, act=act))
    assert "iam StopLogging" in "".join(
        cell.text for cell in rows.cells(short, rows.layout(80), UTC, UNICODE)
    )


@given(st.integers(72, 99))
def test_the_outcome_is_not_under_the_scroll_bar(width: int) -> None:
    made = rows.cells(event_of(3, 10), rows.layout(width), UTC, UNICODE)
    assert sum(cell_len(cell.text) for cell in made) <= width - 2


def test_names_are_cut_in_the_middle_and_arns_lose_their_common_part() -> None:
    assert rows.short_name("arn:aws:iam::111122223333:role/x") == "role/x"
    assert rows.short_name("arn:aws:s3:::bucket/key") == "bucket/key"
    assert rows.short_name("arn:aws:iam") == "arn:aws:iam"
    assert rows.short_name("i-0123") == "i-0123"
    assert rows.fit("stratus-red-team-role", 11, UNICODE) == "strat…-role"
    assert rows.fit("x" * 10_000_000, 9, UNICODE) == "xxxx…xxxx"


def test_an_event_without_time_says_so() -> None:
    stored = event_of(1, 5)
    event = msgspec.structs.replace(
        stored.event, time=EventTime(None, "yester\x1bday", Precision.UNKNOWN, "eventTime")
    )
    made = rows.cells(
        msgspec.structs.replace(stored, event=event, tied=False), rows.layout(120), UTC, UNICODE
    )
    assert "no time: " in "".join(cell.text for cell in made)
    assert any(cell.style == "undated" for cell in made)


def test_no_resource_and_no_identity_are_dashes() -> None:
    stored = event_of(37, 100)
    event = msgspec.structs.replace(stored.event, resources=(), address=None)
    made = rows.cells(msgspec.structs.replace(stored, event=event), rows.layout(120), UTC, UNICODE)
    assert sum(cell.text.strip() == "—" for cell in made) == 3
    assert dataclasses.asdict(made[0]) == {"text": " ", "style": ""}


def test_the_target_stands_for_the_resources() -> None:
    stored = event_of(1, 10)
    resources = (
        Resource(None, "grantee", msgspec.convert("grantee", rows.ResourceRole)),
        Resource(None, "aim"),
    )
    event = msgspec.structs.replace(stored.event, resources=resources)
    made = rows.cells(msgspec.structs.replace(stored, event=event), rows.layout(120), UTC, UNICODE)
    assert next(cell.text for cell in made if cell.style == "resource").strip() == "aim +1"
