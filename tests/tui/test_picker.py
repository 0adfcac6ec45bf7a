from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from tests.tui.bench import until
from tests.tui.fake_case import FakeCases, FakeListing
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.picker import PathInput, PickerScreen


@asynccontextmanager
async def picker(
    cases: FakeCases, folder: Path, size: tuple[int, int] = (120, 30)
) -> AsyncIterator[tuple[Pilot[int], PickerScreen]]:
    app = WorkbenchApp(cases, folder)
    async with app.run_test(size=size) as pilot:
        await until(lambda: isinstance(app.screen, PickerScreen))
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, PickerScreen)
        yield pilot, screen


def some_cases(tmp_path: Path) -> FakeCases:
    cases = FakeCases(2_900)
    cases.listings = [
        FakeListing(tmp_path / "acme.case", cases.summary(), None),
        FakeListing(
            tmp_path / "bro\x1b[31mken.case", None, "bro\x1bken.case is not a case file: choose another"
        ),
        FakeListing(tmp_path / "[bold]markup[/].case", cases.summary("[red]Title[/nothing]"), None),
    ]
    return cases


async def test_cases_are_listed_and_enter_opens_one(tmp_path: Path) -> None:
    async with picker(some_cases(tmp_path), tmp_path) as (pilot, screen):
        table = screen.query_one(DataTable)
        await until(lambda: table.row_count == 3)
        first = [str(cell) for cell in table.get_row_at(0)]
        assert first == ["acme.case", "ACME 2023-07", "2,900", "2023-07-10", "1", "4.2 MB"]
        assert str(table.get_row_at(2)[1]) == "[red]Title[/nothing]"
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        await pilot.press("q")
        await until(lambda: pilot.app.screen is screen)


async def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    async with picker(some_cases(tmp_path), tmp_path) as (pilot, screen):
        await until(lambda: screen.query_one(DataTable).row_count == 3)
        await pilot.press("down")
        await pilot.pause()
        assert screen.message == "bro␛ken.case is not a case file: choose another"
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.screen is screen
        await pilot.press("down")
        await pilot.pause()
        assert screen.message == ""


async def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    async with picker(FakeCases(0), tmp_path) as (_, screen):
        await until(lambda: "Press n for a new case" in screen.message)


async def test_paths_open_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "other cases"
    folder.mkdir()
    async with picker(some_cases(tmp_path), tmp_path) as (pilot, screen):
        await pilot.press("slash")
        screen.query_one(PathInput).value = f"'{folder}'"
        await pilot.press("enter")
        await until(lambda: screen.folder == folder)
        await pilot.press("slash")
        screen.query_one(PathInput).value = str(tmp_path / "missing.case")
        await pilot.press("enter")
        await until(lambda: "does not exist" in screen.message)
        screen.query_one(PathInput).value = str(tmp_path / "acme.case")
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))


async def test_a_new_case_is_asked_for_made_and_opened(tmp_path: Path) -> None:
    cases = FakeCases(0)
    async with picker(cases, tmp_path) as (pilot, _):
        await pilot.press("n")
        await until(lambda: isinstance(pilot.app.screen, FormScreen))
        form = pilot.app.screen
        assert isinstance(form, FormScreen)
        await pilot.press(*"ACME", "enter")
        assert pilot.app.screen is form
        form.query_one("#examiner", Input).value = "R. Doe"
        await pilot.pause()
        assert str(tmp_path / "acme.case") in form.verdict
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, CaseScreen))
        assert cases.created == [(tmp_path / "acme.case", "ACME", "R. Doe")]


async def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken.case").touch()
    cases = FakeCases(0)
    async with picker(cases, tmp_path) as (pilot, _):
        await pilot.press("n")
        await until(lambda: isinstance(pilot.app.screen, FormScreen))
        form = pilot.app.screen
        assert isinstance(form, FormScreen)
        for name, value in (("title", "T"), ("examiner", "E"), ("name", "taken")):
            form.query_one(f"#{name}", Input).value = value
        await pilot.press("enter")
        assert "exists already" in form.verdict
        assert cases.created == []
