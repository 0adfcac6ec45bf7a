"""The coverage screen: the matrix with its glyphs, the drill down, gaps with their words, the letter."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from textual.widgets import Input

from tests.tui.bench import Bench, opened, until
from tests.tui.fake_case import FakeCases
from tests.tui.fake_derived import Derivation
from tests.tui.test_sessions_screen import document, drawn
from workbench.casework.coverage import Matrix
from workbench.clock import to_micros
from workbench.tui.places import Place, TimelinePlace
from workbench.tui.screens.coverage import CoverageScreen
from workbench.tui.screens.event import EventScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.tables.coverage import MatrixRows
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.zones import UTC


async def coverage(bench: Bench) -> CoverageScreen:
    await bench.press("5")
    await until(lambda: isinstance(bench.pilot.app.screen, CoverageScreen))
    screen = bench.pilot.app.screen
    assert isinstance(screen, CoverageScreen)
    await until(lambda: screen.found is not None)
    await bench.pilot.pause()
    return screen


def gaps_drawn(screen: CoverageScreen) -> list[str]:
    table = screen.query_one("#matches", CellTable)
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


async def detail(bench: Bench, screen: CoverageScreen, text: str) -> str:
    await until(lambda: text in document(screen))
    await bench.pilot.pause()
    return document(screen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_matrix_says_what_is_known_by_glyphs(size: tuple[int, int]) -> None:
    async with opened(FakeCases(300), size) as bench:
        screen = await coverage(bench)
        text = "\n".join(drawn(screen))
        for glyph in "█✓×?":
            assert glyph in text
        assert ("× off" in screen._search.state) is (size[0] >= 120)
        gaps = "\n".join(gaps_drawn(screen))
        assert "logging_off" in gaps
        assert "likely" in gaps


async def test_the_same_without_anything_beyond_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ASCII", "1")
    from workbench.tui.glyphs import glyphs

    glyphs.cache_clear()
    try:
        async with opened(FakeCases(300), (140, 40)) as bench:
            screen = await coverage(bench)
            assert all(line.isascii() for line in (*drawn(screen), *gaps_drawn(screen)))
    finally:
        glyphs.cache_clear()


async def test_a_cell_is_drilled_into_and_its_records_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(FakeCases(300), (160, 50)) as bench:
        screen = await coverage(bench)
        await bench.press("right", "right", "right")
        await detail(bench, screen, "proven complete")
        for _ in range(screen._columns):
            if "× off" in document(screen):
                break
            await bench.press("right")
            await bench.pilot.pause(0.08)
        text = await detail(bench, screen, "× off")
        assert "can be neither shown nor ruled out" in text
        gone: list[Place] = []
        monkeypatch.setattr(screen.case.navigation, "go", gone.append)
        await bench.press("enter")
        (place,) = gone
        assert isinstance(place, TimelinePlace)
        query = place.query or ""
        assert 'source:"aws.cloudtrail"' in query
        assert 'account:"111122223333"' in query
        assert "time:[" in query


async def test_a_gap_shows_effect_request_and_leads_to_its_records() -> None:
    async with opened(FakeCases(300), (160, 50)) as bench:
        screen = await coverage(bench)
        await bench.press("tab")
        text = await detail(bench, screen, "ask for")
        assert "can break" in text
        assert "rule logging-off 1" in text
        await bench.press("enter")
        await until(lambda: isinstance(bench.pilot.app.screen, EventScreen))
        await bench.press("q")
        await until(lambda: isinstance(bench.pilot.app.screen, CoverageScreen))


async def test_what_is_said_of_a_gap_is_journalled() -> None:
    cases = FakeCases(300)
    async with opened(cases, (160, 50)) as bench:
        screen = await coverage(bench)
        await bench.press("tab", "a")
        await until(lambda: isinstance(bench.pilot.app.screen, FormScreen))
        form = bench.pilot.app.screen
        form.query_one("#reason", Input).value = "the custodian confirms it"
        form.query_one("#examiner", Input).value = "R. Doe"
        await bench.press("enter")
        await until(lambda: bool(cases.derivation.said))
        assert cases.derivation.said[0].word.value == "accepted"
        await until(lambda: any("accepted" in row for row in gaps_drawn(screen)))


async def test_a_letter_about_chosen_gaps() -> None:
    async with opened(FakeCases(300), (160, 60)) as bench:
        screen = await coverage(bench)
        await bench.press("tab", "space", "down", "space", "l")
        text = await detail(bench, screen, "please send")
        assert "1. aws.cloudtrail: trail main" in text
        assert "2. aws.cloudtrail: data events" in text


async def test_words_narrow_logs_and_gaps() -> None:
    async with opened(FakeCases(300), (160, 50)) as bench:
        screen = await coverage(bench)
        screen.apply("kind:logging_off")
        await bench.pilot.pause()
        assert len(screen._listed) == 1
        screen.apply("okta")
        await bench.pilot.pause()
        assert [row.key.source for row in screen._rows] == ["okta.system"]


async def test_hostile_names_reach_no_terminal() -> None:
    cases = FakeCases(300)
    cases.derivation = Derivation("\x1b]52;c;AAAA\x07[bold]\u202e")
    async with opened(cases, (160, 50)) as bench:
        screen = await coverage(bench)
        await bench.press("tab")
        text = "\n".join([*drawn(screen), *gaps_drawn(screen), await detail(bench, screen, "ask for")])
        assert not any(character in text for character in "\x1b\x07\u202e")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_letter_from_the_matrix_at_once(size: tuple[int, int]) -> None:
    """The gaps that lie in the cell under the cursor are asked about; where none does, that of the list."""
    async with opened(FakeCases(300), size) as bench:
        screen = await coverage(bench)
        assert screen.found is not None
        off = next(cell for cell in screen.found.matrix.rows[0].cells if cell.gaps)
        screen.column = (off.start - screen.found.matrix.start) // screen.found.matrix.step
        await bench.press("l")
        text = await detail(bench, screen, "please send")
        assert "1. aws.cloudtrail: trail main" in text
        assert "2. aws" not in text
        assert screen.focused is screen._detail


def test_the_mark_of_the_axis_covers_no_digit() -> None:
    """Whatever column is looked at: its mark stands over it, and every time on the axis can be read whole."""
    for columns in (12, 20, 36, 37, 60, 130):
        for column in range(columns):
            matrix = Matrix([], 1_688_989_200_000_000, 3_600_000_000, columns)
            (head,) = MatrixRows([], matrix, column, UTC).heading(200)
            assert head.text.index("▼") == 55 + column
            axis = head.text.replace("▼", " ").split("records")[0].partition("(UTC)")[2]
            assert all(re.fullmatch(r"\d{4}-\d\d-\d\d|\d\d:\d\d", each) for each in axis.split())
            assert columns <= 20 or len(axis.split()) % 2 == 0


@pytest.mark.parametrize(("step", "words"), [(300 * 1_000_000, "▼11:42"), (86_400 * 1_000_000, "▼07-10")])
def test_few_columns_still_say_when(step: int, words: str) -> None:
    matrix = Matrix(
        start=to_micros(dt.datetime(2023, 7, 10, 11, 42, tzinfo=dt.UTC)), step=step, columns=12, rows=[]
    )
    heading = MatrixRows([], matrix, 0, UTC).heading(120)
    assert words in "".join(cell.text for cell in heading)
