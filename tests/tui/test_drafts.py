"""Notes, tags and findings that were begun: kept on this machine, for their author alone, until they are committed."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.casework.command import workbench
from tests.casework.logs import record, trail, write
from tests.tui.bench import until
from workbench.casefile.reader import CaseReader
from workbench.tui.app import WorkbenchApp
from workbench.tui.drafts import KEEP, Draft, Drafts, state_folder
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.noting import NoteEditor, QuickNote, SafeTextArea
from workbench.tui.screens.stating import FindingForm
from workbench.tui.screens.tagging import TagScreen
from workbench.tui.widgets.choice_line import ChoiceLine
from workbench.tui.widgets.event_table import EventTable
from workbench.tui.widgets.line_input import LineInput


@pytest.fixture(autouse=True)
def _examiner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_EXAMINER", "R. Doe")


@asynccontextmanager
async def editing(case: Path) -> AsyncIterator[tuple[Pilot[int], NoteEditor]]:
    app = WorkbenchApp(None, case)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen))
        await pilot.press("N")
        await until(lambda: isinstance(app.screen, NoteEditor))
        await pilot.pause()
        editor = app.screen
        assert isinstance(editor, NoteEditor)
        yield pilot, editor


def files() -> list[Path]:
    return sorted(state_folder().glob("*.json")) if state_folder().exists() else []


def notes(case: Path) -> list[str]:
    with CaseReader.open(case) as reader:
        return [one.body.text for one in reader.claims.notes()]


async def test_text_survives_a_terminal_that_is_closed(case: Path) -> None:
    """Nothing is pressed after typing: the program just ends."""
    before = case.read_bytes()
    async with editing(case) as (_, editor):
        editor.query_one(SafeTextArea).text = "They called back. Naïve \U0001f600"
        editor.query_one("#refers_to", LineInput).value = "2026-05-12T09:00"
        await until(lambda: bool(files()))
        await until(lambda: b"09:00" in files()[0].read_bytes())
    assert case.read_bytes() == before
    (file,) = files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    async with editing(case) as (pilot, editor):
        assert editor.query_one(SafeTextArea).text == "They called back. Naïve \U0001f600"
        assert editor.query_one("#refers_to", LineInput).value == "2026-05-12T09:00"
        assert "a draft that was left" in str(editor.query_one("#state").render())
        await pilot.press("ctrl+s")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
    assert notes(case) == ["They called back. Naïve \U0001f600"]
    assert files() == []


async def test_an_emptied_draft_is_dropped(case: Path) -> None:
    async with editing(case) as (pilot, editor):
        editor.query_one(SafeTextArea).text = "Nothing much."
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        assert len(files()) == 1
        await pilot.press("N")
        await until(lambda: isinstance(pilot.app.screen, NoteEditor))
        await pilot.pause()
        pilot.app.screen.query_one(SafeTextArea).text = " "
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
    assert files() == []
    assert notes(case) == []


async def test_one_does_not_lose_a_draft_that_cannot_be_kept_without_being_told(
    case: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    async with editing(case) as (pilot, editor):
        editor.query_one(SafeTextArea).text = "They called back."
        await pilot.press("escape")
        await until(lambda: "CANNOT BE KEPT" in str(editor.query_one("#state").render()))
        assert pilot.app.screen is editor
        await pilot.pause(0.1)
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))


async def test_a_line_that_is_refused_is_kept(case: Path) -> None:
    """A quick note on what is not in the case: its text comes back in the editor."""
    app = WorkbenchApp(None, case)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen))
        home = app.screen
        assert isinstance(home, CaseScreen)
        await pilot.press("n")
        await until(lambda: app.screen is not home and bool(app.screen.query(LineInput)))
        app.screen.query_one("#on", LineInput).value = "T-000000000000"
        await pilot.press(*"Called them", "enter")
        await until(lambda: "kept as a draft" in home.problem)
        await pilot.press("escape", "N")
        await until(lambda: isinstance(app.screen, NoteEditor))
        await pilot.pause()
        assert app.screen.query_one(SafeTextArea).text == "Called them"
    assert notes(case) == []


async def test_a_line_survives_a_terminal_that_is_closed(case: Path) -> None:
    async def line(pilot: Pilot[int]) -> LineInput:
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await pilot.press("n")
        await until(lambda: isinstance(pilot.app.screen, QuickNote))
        await pilot.pause()
        return pilot.app.screen.query_one("#text", LineInput)

    async with WorkbenchApp(None, case).run_test(size=(100, 30)) as pilot:
        (await line(pilot)).value = "Called them"
        await until(lambda: bool(files()))
    async with WorkbenchApp(None, case).run_test(size=(100, 30)) as pilot:
        assert (await line(pilot)).value == "Called them"
        await pilot.press("enter")
        await until(lambda: notes(case) == ["Called them"])
        await until(lambda: files() == [])
        # Esc keeps it, and an emptied line is given up.
        (await line(pilot)).value = "Later"
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        again = await line(pilot)
        assert again.value == "Later"
        again.value = ""
        await pilot.press("escape")
        await until(lambda: files() == [])
        assert (await line(pilot)).value == ""


@pytest.fixture
def logged(case: Path, tmp_path: Path) -> Path:
    """A case with two events of two identities."""
    logs = write(tmp_path / "a.json", trail([record(1), record(14)]))
    assert workbench("add", case, logs).status == 0
    return case


def committed(case: Path) -> list[tuple[str, str]]:
    with CaseReader.open(case) as reader:
        return [(one.body.reason, one.body.level.value) for one in reader.claims.tags()]


async def tagging(pilot: Pilot[int], key: str = "i") -> TagScreen:
    await until(lambda: isinstance(pilot.app.screen, CaseScreen))
    await until(lambda: pilot.app.screen.query_one(EventTable).current is not None)
    await pilot.press(key)
    await until(lambda: isinstance(pilot.app.screen, TagScreen) and pilot.app.screen.found is not None)
    assert isinstance(pilot.app.screen, TagScreen)
    return pilot.app.screen


async def test_a_tag_survives_a_terminal_that_is_closed(logged: Path) -> None:
    before = logged.read_bytes()
    async with WorkbenchApp(None, logged).run_test(size=(100, 30)) as pilot:
        found = await tagging(pilot)
        await pilot.press(*"It was them")
        found.query_one("#level", ChoiceLine).chosen = 1
        found.query_one("#instead", LineInput).value = "A build server"
        found.query_one("#likelihood", ChoiceLine).chosen = 6
        await pilot.press("tab", "space")
        cited = found.proposed.cited
        await until(lambda: bool(files()) and b"very likely" in files()[0].read_bytes())
        await until(lambda: b"cites" in files()[0].read_bytes())
    assert logged.read_bytes() == before
    (file,) = files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with WorkbenchApp(None, logged).run_test(size=(100, 30)) as pilot:
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        table = pilot.app.screen.query_one(EventTable)
        await until(lambda: table.current is not None)
        first = table.current
        # Another event has a draft of its own.
        await pilot.press("down")
        await until(lambda: table.current is not None and table.current != first)
        other = await tagging(pilot)
        assert other.query_one("#reason", LineInput).value == ""
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await pilot.press("up")
        await until(lambda: table.current == first)
        found = await tagging(pilot)
        assert "a draft that was left" in str(found.query_one("#dialog").border_title)
        assert found.query_one("#reason", LineInput).value == "It was them"
        assert found.query_one("#instead", LineInput).value == "A build server"
        assert found.query_one("#level", ChoiceLine).word == "session"
        assert found.query_one("#likelihood", ChoiceLine).word == "very likely"
        assert found.proposed.cited == cited
        await pilot.press("tab", "space")
        await pilot.press("ctrl+s")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await until(lambda: committed(logged) == [("It was them", "session")])
        await until(lambda: files() == [])
        await pilot.pause(KEEP * 1.5)
    assert files() == []


async def test_an_emptied_draft_of_a_tag_is_dropped(logged: Path) -> None:
    async with WorkbenchApp(None, logged).run_test(size=(100, 30)) as pilot:
        await tagging(pilot)
        await pilot.press(*"It was", "escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        assert len(files()) == 1
        found = await tagging(pilot)
        found.query_one("#reason", LineInput).value = ""
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        assert files() == []
        found = await tagging(pilot)
        assert "a draft" not in str(found.query_one("#dialog").border_title)
    assert committed(logged) == []


async def test_a_finding_survives_a_terminal_that_is_closed_and_a_refusal(logged: Path) -> None:
    async def stating(pilot: Pilot[int]) -> FindingForm:
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await until(lambda: pilot.app.screen.query_one(EventTable).current is not None)
        await pilot.press("F")
        await until(lambda: isinstance(pilot.app.screen, FindingForm))
        await pilot.pause()
        assert isinstance(pilot.app.screen, FindingForm)
        return pilot.app.screen

    async with WorkbenchApp(None, logged).run_test(size=(100, 30)) as pilot:
        form = await stating(pilot)
        await pilot.press("escape")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        assert files() == []  # nothing was typed
        form = await stating(pilot)
        form.query_one("#text", LineInput).value = "They took it."
        await until(lambda: bool(files()))
    async with WorkbenchApp(None, logged).run_test(size=(100, 30)) as pilot:
        form = await stating(pilot)
        assert "a draft that was left" in str(form.query_one("#dialog").border_title)
        assert form.query_one("#text", LineInput).value == "They took it."
        effect = form.query_one("#effect", LineInput)
        right, effect.value = effect.value, "E4"
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen) and bool(pilot.app.screen.problem))
        assert len(files()) == 1
        await pilot.press("escape")
        form = await stating(pilot)
        assert form.query_one("#effect", LineInput).value == "E4"
        form.query_one("#effect", LineInput).value = right
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await until(lambda: files() == [])
        # Given up is given up.
        form = await stating(pilot)
        form.query_one("#text", LineInput).value = "They took it all."
        await until(lambda: bool(files()))
        await pilot.click("#cancel")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await until(lambda: files() == [])
    with CaseReader.open(logged) as reader:
        assert [one.body.text for one in reader.claims.findings()] == ["They took it."]


async def test_drafts_of_others_and_of_other_cases_are_theirs(tmp_path: Path) -> None:
    mine = Drafts("case", "R. Doe", tmp_path)
    await mine.keep("", Draft("a"))
    await mine.keep("N-1", Draft("b"))
    assert await mine.kept("") == Draft("a")
    assert await Drafts("case", "r. doe", tmp_path).kept("N-1") == Draft("b")
    assert await Drafts("case", "A. Else", tmp_path).kept("") is None
    assert await Drafts("other", "R. Doe", tmp_path).kept("") is None
    await mine.drop("")
    await mine.drop("")
    assert await mine.kept("") is None
    mine.path("N-1").write_bytes(b"{ torn")
    assert await mine.kept("N-1") is None
    assert len(list(tmp_path.iterdir())) == 1


def test_the_folder_is_that_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert state_folder() == Path("/state/incident-workbench/drafts")
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", ignored)
        assert state_folder() == Path.home() / ".local/state/incident-workbench/drafts"
