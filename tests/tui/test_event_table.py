from __future__ import annotations

import asyncio

import pytest

from tests.tui.bench import opened, until
from tests.tui.fake_case import FakeCases, micros_of
from workbench.tui.widgets import event_table
from workbench.tui.widgets.event_table import PAGE
from workbench.tui.zones import named_zone

MILLION = 1_000_000


async def test_keys_move_the_cursor() -> None:
    async with opened(FakeCases(500)) as bench:
        table = bench.table
        await bench.press("down", "down", "up", "j")
        assert table.cursor == 2
        await bench.press("end")
        assert table.cursor == 499
        await bench.press("down")
        assert table.cursor == 499
        await bench.press("pageup")
        window = table.size.height - 1
        assert table.cursor == 499 - (window - 1)
        await bench.press("home")
        assert table.cursor == 0
        await bench.press("pagedown")
        assert table.cursor == window - 1
        assert table.scroll_offset.y <= table.cursor < table.scroll_offset.y + window


async def test_a_million_rows_are_reached_at_once_and_hardly_any_are_read() -> None:
    cases = FakeCases(MILLION)
    async with opened(cases) as bench:
        await bench.press("end")
        await bench.settled()
        assert bench.table.cursor == MILLION - 1
        assert "no time" in bench.row_text(MILLION - 1)
        current = bench.table.current
        assert current is not None
        assert current.id == MILLION
        assert sum(length for _, length in cases.fetched) <= 12 * PAGE
        bench.table.go_to_time(micros_of(600_000, MILLION) or 0)
        await bench.settled()
        current = bench.table.current
        assert current is not None
        assert current.event.time.micros == micros_of(600_000, MILLION)


async def test_rows_that_are_not_read_yet_are_placeholders_and_drawing_never_waits() -> None:
    cases = FakeCases(5_000)
    async with opened(cases) as bench:
        cases.page_delay = 0.5
        begun = asyncio.get_running_loop().time()
        bench.table.go_to_row(3_000)
        assert bench.row_text(3_000).strip("┃ ") == "…………"[:3]
        assert asyncio.get_running_loop().time() - begun < 0.4
        cases.page_delay = 0.0
        await bench.settled()
        assert "2023-07-10" in bench.row_text(3_000)


async def test_memory_for_rows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_table, "PAGES_KEPT", 6)
    async with opened(FakeCases(20_000), (100, 24)) as bench:
        for row in range(0, 20_000, 1_100):
            bench.table.go_to_row(row)
            await bench.settled()
        assert len(bench.table._pages) == 6


async def test_the_mouse_moves_the_cursor_and_opens_the_detail() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.pilot.click("#events", offset=(30, 6))
        assert bench.table.cursor == 5
        await bench.pilot.click("#events", offset=(30, 8), times=2)
        await bench.pilot.pause()
        assert bench.table.cursor == 7
        assert bench.screen.has_class("-detail")


async def test_the_wheel_scrolls_without_moving_the_cursor() -> None:
    async with opened(FakeCases(1_000)) as bench:
        bench.table.scroll_to(y=400, animate=False)
        await until(lambda: bench.table.event_at(400) is not None)
        assert bench.table.cursor == 0
        assert "2023" in bench.row_text(405)


async def test_selected_text_is_the_text_of_the_rows() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.pilot.mouse_down("#events", offset=(1, 2))
        await bench.pilot.hover("#events", offset=(20, 3))
        await bench.pilot.mouse_up("#events", offset=(20, 3))
        await bench.pilot.pause()
        selected = bench.screen.get_selected_text()
        assert selected is not None
        first, second = selected.splitlines()
        assert first.startswith("2023-07-10 11:42:18 ≈ ·")
        assert first.endswith("192.0.2.2")
        assert second == " 2023-07-10 11:42:18"


async def test_y_copies_the_full_reference() -> None:
    async with opened(FakeCases(100)) as bench:
        await bench.press("down", "y")
        current = bench.table.current
        assert current is not None
        assert bench.pilot.app.clipboard == str(current.ref)


async def test_end_stays_at_the_end_while_events_arrive() -> None:
    cases = FakeCases(100_000)
    cases.delay = 0.6
    async with opened(cases) as bench:
        await until(lambda: len(bench.table.timeline) >= 200)
        assert not bench.screen.reading.every.complete
        await bench.press("end")
        cases.delay = 0.0
        await bench.settled()
        assert bench.table.cursor == 99_999


async def test_the_zone_changes_what_is_shown_and_the_heading_says_which() -> None:
    async with opened(FakeCases(100)) as bench:
        assert "time (UTC)" in bench.table.render_line(0).text
        bench.screen.zone = named_zone("Asia/Tokyo")
        await bench.pilot.pause()
        assert "time (Asia/Tokyo)" in bench.table.render_line(0).text
        assert "20:42:18" in bench.row_text(0)


async def test_a_failing_read_is_a_line_and_not_a_crash() -> None:
    cases = FakeCases(5_000)
    async with opened(cases) as bench:
        cases.broken = True
        bench.table.go_to_row(4_000)
        await until(lambda: bench.screen.problem != "")
        assert bench.screen.problem == "the disk is on fire: put it out"
        cases.broken = False
        await bench.press("escape")
        assert not bench.screen.has_class("-problem")
        bench.table.go_to_row(2_000)
        await bench.settled()


async def test_an_empty_case_says_what_to_do_next() -> None:
    async with opened(FakeCases(0)) as bench:
        assert "Press A to add evidence" in bench.table.render_line(2).text
        await bench.press("enter", "end", "down", "y", "pagedown")
        assert not bench.screen.has_class("-detail")
