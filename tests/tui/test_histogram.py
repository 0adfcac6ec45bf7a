from __future__ import annotations

from tests.tui.bench import opened
from tests.tui.fake_case import START, FakeCases, micros_of
from workbench.tui.widgets.histogram import Histogram


def histogram(bench) -> Histogram:
    return bench.screen.query_one(Histogram)


async def test_all_dated_events_are_counted_and_the_caption_says_the_rest() -> None:
    async with opened(FakeCases(2_900), (160, 40)) as bench:
        bars = histogram(bench)
        assert sum(bars.bars.every) == 2_898
        caption = bars.caption(160)
        assert "2 without time" in caption
        assert "√ scale" in caption
        assert "UTC" in caption
        assert bars.view is not None
        assert bars.view.start <= START


async def test_one_event_is_visible_beside_thousands() -> None:
    async with opened(FakeCases(2_900)) as bench:
        bars = histogram(bench)
        bottom = bars.render_line(bars.size.height - 2).text
        for column, count in enumerate(bars.bars.every):
            assert (bottom[column] != " ") == (count > 0)


async def test_zoom_pan_and_fit() -> None:
    async with opened(FakeCases(2_900)) as bench:
        bars = histogram(bench)
        whole = bars.view
        assert whole is not None
        await bench.press("t", "plus", "plus")
        assert bars.view is not None
        assert bars.view.bucket < whole.bucket
        zoomed = bars.view
        await bench.press("shift+right")
        assert bars.view.start == zoomed.start + zoomed.columns // 4 * zoomed.bucket
        await bench.press("shift+left", "minus", "minus")
        assert bars.view.bucket == whole.bucket
        await bench.press("0")
        assert bars.view == whole
        await bench.press("plus", "escape")
        assert bars.view == whole
        await bench.press("end")
        last = micros_of(2_898, 2_900)
        assert last is not None
        assert bars.view.column_of(last) == bars.view.columns - 1


async def test_space_twice_narrows_the_table_to_the_range_and_escape_widens_it_again() -> None:
    async with opened(FakeCases(2_900)) as bench:
        bars = histogram(bench)
        await bench.press("t", "space", "right", "right")
        assert bars.view is not None
        first = bars.view.column_of(START)
        expected = sum(bars.bars.every[first : first + 3])
        await bench.press("space")
        await bench.filtered()
        await bench.settled()
        assert bench.screen.reading.text.startswith("time:[2023-07-10T11:4")
        assert len(bench.table.timeline) == expected
        assert bars.selected is not None
        assert sum(bars.bars.every) == 2_898
        assert sum(bars.bars.passing) == expected
        await bench.press("escape")
        await bench.filtered()
        await bench.settled()
        assert bench.screen.reading.text == ""
        assert len(bench.table.timeline) == 2_900


async def test_a_range_narrows_the_filter_that_is_there() -> None:
    async with opened(FakeCases(2_900)) as bench:
        await bench.filter("action:StopLogging OR action:Decrypt")
        await bench.press("t", "space", "right", "space")
        await bench.filtered()
        assert bench.screen.reading.text.startswith("(action:StopLogging OR action:Decrypt) time:[")


async def test_dragging_selects_and_clicking_goes_there() -> None:
    async with opened(FakeCases(2_900)) as bench:
        bars = histogram(bench)
        await bench.pilot.click("#histogram", offset=(60, 2))
        await bench.settled()
        current = bench.table.current_time
        assert current is not None
        assert bars.view is not None
        assert bars.view.column_of(current) >= 60
        await bench.pilot.mouse_down("#histogram", offset=(10, 2))
        await bench.pilot.hover("#histogram", offset=(20, 2))
        await bench.pilot.mouse_up("#histogram", offset=(20, 2))
        await bench.filtered()
        await bench.settled()
        assert bars.selected == (
            bars.view.start + 10 * bars.view.bucket,
            bars.view.start + 21 * bars.view.bucket,
        )


async def test_the_cursor_of_the_table_is_marked() -> None:
    async with opened(FakeCases(2_900)) as bench:
        bars = histogram(bench)
        assert bars.view is not None
        await bench.press("pagedown", "pagedown", "pagedown")
        assert bench.table.current_time is not None
        axis = bars.render_line(bars.size.height - 1).text
        assert axis.index("▲") == bars.view.column_of(bench.table.current_time)


async def test_without_times_there_are_no_bars() -> None:
    async with opened(FakeCases(0)) as bench:
        assert histogram(bench).view is None
        await bench.press("t", "plus", "right", "space", "enter", "0", "end", "shift+left")
        assert histogram(bench).view is None
