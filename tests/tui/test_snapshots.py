"""How the screens look. One picture a state that people meet; everything else is asserted on state elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.bench import Bench, until
from tests.tui.fake_case import FakeCases, FakeListing
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.coverage import CoverageScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.lineage import LineageScreen
from workbench.tui.screens.picker import PickerScreen
from workbench.tui.screens.sessions import SessionsScreen

Compare = Callable[..., bool]


def case_app(cases: FakeCases, theme: str = "textual-dark") -> WorkbenchApp:
    app = WorkbenchApp(cases, Path("/cases/acme.case"))
    app.theme = theme
    return app


def walking(cases: FakeCases, *keys: str, filter_text: str = "") -> Callable[[Pilot[int]], object]:
    """Press keys once everything has been read, and wait again."""

    async def walk(pilot: Pilot[int]) -> None:
        await until(
            lambda: len(pilot.app.screen_stack) > 1 and isinstance(pilot.app.screen_stack[1], CaseScreen)
        )
        bench = Bench(pilot, cases)
        await bench.settled()
        if filter_text:
            await bench.filter(filter_text)
        for key in keys:
            await bench.press(key)
        await bench.settled()
        detail = bench.screen._detail
        if bench.screen.has_class("-detail"):
            await until(lambda: detail.record is not None)
        for one in pilot.app.screen.query(Input):
            one.cursor_blink = False
        await pilot.pause()

    return walk


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
def test_the_timeline(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The timeline at the sizes that people use."""
    cases = FakeCases(2_900)
    assert snap_compare(case_app(cases), terminal_size=size, run_before=walking(cases, "down", "down"))


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
def test_themes(snap_compare: Compare, theme: str) -> None:
    """A light terminal, and one with sixteen colours of its own."""
    cases = FakeCases(300)
    walk = walking(cases, "down", "enter", filter_text="outcome:denied")
    assert snap_compare(case_app(cases, theme), terminal_size=(140, 36), run_before=walk)


def test_plain(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours and no signs beyond ASCII."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("WORKBENCH_ASCII", "1")
    cases = FakeCases(300)
    walk = walking(cases, "t", "space", "right", "right", filter_text="verb:read*")
    assert snap_compare(case_app(cases), terminal_size=(100, 30), run_before=walk)


def test_detail_on_a_small_screen(snap_compare: Compare) -> None:
    """The details of an event where there is no room beside the table."""
    cases = FakeCases(300)
    walk = walking(cases, "enter", "pagedown", "pagedown")
    assert snap_compare(case_app(cases), terminal_size=(80, 24), run_before=walk)


def test_evidence(snap_compare: Compare) -> None:
    """The accounting of the evidence."""
    cases = FakeCases(300)
    assert snap_compare(case_app(cases), terminal_size=(100, 30), run_before=walking(cases, "e"))


def test_help(snap_compare: Compare) -> None:
    """Help over the timeline."""
    cases = FakeCases(300)
    walk = walking(cases, "question_mark")
    assert snap_compare(case_app(cases), terminal_size=(100, 40), run_before=walk)


def test_picker(snap_compare: Compare) -> None:
    """The list of cases, one of which cannot be opened, under the form for a new one."""
    cases = FakeCases(2_900)
    cases.listings = [
        FakeListing(Path("/cases/acme.case"), cases.summary(), None),
        FakeListing(Path("/cases/broken.case"), None, "broken.case is not a case file: choose another"),
    ]

    async def walk(pilot: Pilot[int]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, PickerScreen)
        await until(lambda: len(screen.listings) == 2)
        await pilot.press("n")
        await until(lambda: isinstance(pilot.app.screen, FormScreen))
        for one in pilot.app.screen.query(Input):
            one.cursor_blink = False
        await pilot.pause()

    assert snap_compare(WorkbenchApp(cases, Path("/")), terminal_size=(120, 30), run_before=walk)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_the_sessions(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The tree of sessions with its lanes, and with the details where there is room."""
    cases = FakeCases(300)

    async def walk(pilot: Pilot[int]) -> None:
        await walking(cases, "3")(pilot)  # type: ignore[misc]  # what walking returns is awaitable
        screen = pilot.app.screen
        assert isinstance(screen, SessionsScreen)
        await until(lambda: bool(screen._search.state) and not screen._missing() and not screen._loading)
        if screen.has_class("-detail"):
            await until(lambda: bool(screen._detail.document))
        await pilot.pause()

    assert snap_compare(case_app(cases), terminal_size=size, run_before=walk)


@pytest.mark.parametrize("size", [(80, 24), (140, 46)])
def test_the_coverage(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The matrix with its holes, and the gaps below it."""
    cases = FakeCases(300)

    async def walk(pilot: Pilot[int]) -> None:
        await walking(cases, "5")(pilot)  # type: ignore[misc]  # as above
        screen = pilot.app.screen
        assert isinstance(screen, CoverageScreen)
        await until(lambda: screen.found is not None)
        for _ in range(4):
            await pilot.press("right")
        await pilot.pause()
        await until(lambda: not screen.has_class("-detail") or screen._subject.endswith(f" {screen.column}"))
        await pilot.pause()

    assert snap_compare(case_app(cases), terminal_size=size, run_before=walk)


def test_a_lineage(snap_compare: Compare) -> None:
    """Back to the first credential use and forward to every effect."""
    cases = FakeCases(300)

    async def walk(pilot: Pilot[int]) -> None:
        await walking(cases, "down", "down", "l")(pilot)  # type: ignore[misc]  # as above
        screen = pilot.app.screen
        assert isinstance(screen, LineageScreen)
        await until(lambda: screen.found is not None)
        await pilot.pause()

    assert snap_compare(case_app(cases), terminal_size=(120, 40), run_before=walk)
