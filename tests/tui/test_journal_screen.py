"""The journal screen over a real case file: what it shows of the trail, of anchors and of what is wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.adversarial.tampering import KEEPER, Forger
from tests.tui.bench import until
from workbench.casefile.case_writer import write_case
from workbench.casework.record import checkpoints
from workbench.journal.entry import EntryKind
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.journal import JournalScreen
from workbench.tui.widgets.case_header import CaseHeader


def say(case: Path, text: str) -> None:
    with write_case(case, "R. \u001b[31mDoe") as writer, writer.transaction():
        writer.act(EntryKind.CLOCK_COMPARED, {"with": text, "offset": "1 s"})


@asynccontextmanager
async def journal_of(
    case: Path, size: tuple[int, int] = (150, 45)
) -> AsyncIterator[tuple[Pilot[int], JournalScreen]]:
    app = WorkbenchApp(None, case)
    async with app.run_test(size=size) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen))
        await pilot.press("J")
        await until(lambda: isinstance(app.screen, JournalScreen) and app.screen.found is not None)
        screen = app.screen
        assert isinstance(screen, JournalScreen)
        await pilot.pause(0.2)
        yield pilot, screen


def text_of(screen: JournalScreen) -> str:
    return "\n".join("".join(span.text for span in one.spans) for one in screen._detail._document)


def shown(screen: JournalScreen) -> str:
    rows = screen._table.rows
    return "\n".join("".join(cell.text for cell in rows.cells(row, 148)) for row in range(len(rows)))


async def test_the_trail_and_what_is_unanchored(case: Path) -> None:
    say(case, "before")
    checkpoints.sign(case, KEEPER, actor="R. Doe")
    checkpoints.hand_out(case, to="counsel", how="on paper", actor="R. Doe")
    say(case, "after")
    async with journal_of(case) as (pilot, screen):
        assert "checkpoint.handed_out" in shown(screen)
        assert "\u001b" not in shown(screen)
        await until(lambda: "10 entries, 5 unanchored" in screen._header.text)
        state = str(screen._outdated.content)
        assert state.startswith("Unanchored: 5 entries")
        assert "it covers 5" in state
        assert screen.entry is not None
        assert screen.entry.seq == len(screen.found.entries)
        await until(lambda: "given to counsel" in text_of(screen))
        assert "it does not contradict itself" in text_of(screen)
        assert "no checkpoint that covers it" in text_of(screen)
        await pilot.press("home")
        await until(lambda: "by the checkpoint of 5 entries" in text_of(screen))
        screen.apply("is:unanchored after")
        assert len(screen._listed) == 1


async def test_what_is_wrong_shows_at_once(case: Path) -> None:
    say(case, "one")
    Forger(case, None).edit(2, lambda entry: entry.update(actor="Somebody else"))  # type: ignore[arg-type]
    async with journal_of(case) as (_, screen):
        assert "WRONG" in str(screen._outdated.content)
        await until(lambda: "not what was appended" in text_of(screen))


@pytest.mark.parametrize(
    ("key", "words", "sure"),
    [("V", "were not compared (", "record verified"), ("W", "nothing contradicts it", "all verified")],
)
async def test_verifying_from_the_screen(case: Path, key: str, words: str, sure: str) -> None:
    say(case, "one")
    async with journal_of(case) as (pilot, screen):
        await pilot.press(key)
        await until(lambda: bool(screen.told), 40)
        await until(lambda: words in text_of(screen))
        assert "This check cannot show:" in text_of(screen)
        assert words in str(screen._outdated.content)
        assert screen.problem == ""
        for each in pilot.app.screen_stack[1:]:
            assert each.query_one(CaseHeader).text.endswith(f" {sure}")
        assert screen.found is not None
        covered = len(screen.found.entries)
        say(case, "two")
        await until(lambda: f" {sure} to " in screen._header.text and f" {covered}" in screen._header.text)


async def test_what_a_check_said_stays_on_a_small_screen(case: Path) -> None:
    """The verdict stands in the state line and the details begin with it: no toast that is gone in seconds."""
    say(case, "one")
    Forger(case, None).edit(2, lambda entry: entry.update(actor="Somebody else"))  # type: ignore[arg-type]
    async with journal_of(case, size=(80, 24)) as (pilot, screen):
        await pilot.press("V")
        await until(lambda: bool(screen.told), 40)
        await until(lambda: "the check of" in text_of(screen).split("\n")[0])
        lines = text_of(screen).split("\n")
        assert "NOT AS IT WAS LEFT" in lines[1]
        assert lines[2].startswith(" WRONG  record: entry 2")
        assert any("This check cannot show:" in one for one in lines)
        assert "NOT AS IT WAS LEFT" in str(screen._outdated.content)
        assert screen._detail.region.height > 2
        await pilot.press("escape")
        await pilot.press("home")
        await until(lambda: "entry 1" in text_of(screen).split("\n")[0])
        assert "the check of" in text_of(screen)
        assert "NOT AS IT WAS LEFT" in str(screen._outdated.content)
