"""An application over a fake case, and waiting for what its threads bring about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from tests.tui.fake_case import FakeCases
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.widgets.event_table import EventTable
from workbench.tui.widgets.filter_box import FilterInput


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that another thread brings about."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "never came about"
        await asyncio.sleep(0.01)


class Bench:
    """An opened case screen with short names for its parts."""

    def __init__(self, pilot: Pilot[int], cases: FakeCases) -> None:
        self.pilot = pilot
        self.cases = cases

    @property
    def screen(self) -> CaseScreen:
        screen = self.pilot.app.screen_stack[1]
        assert isinstance(screen, CaseScreen)
        return screen

    @property
    def table(self) -> EventTable:
        return self.screen.query_one(EventTable)

    async def settled(self) -> None:
        """Wait until everything that was begun is read and drawn."""
        await until(lambda: self.screen.reading.every.complete and self.screen.reading.passing.complete)
        await until(lambda: self.screen.reading.summary is not None)
        if getattr(self.cases, "found", None) is not None:
            await until(lambda: self.screen.case.checked == self.cases.found)
        await until(lambda: not len(self.table.timeline) or self.table.current is not None)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def filter(self, text: str) -> None:
        await self.press("slash")
        self.screen.query_one(FilterInput).value = text
        await self.press("enter")
        await self.filtered()

    async def filtered(self) -> None:
        """Wait until a filter that was entered has been understood and applied."""
        running = ("understand", "filter")
        await until(lambda: all(w.is_finished for w in self.pilot.app.workers if w.group in running))
        await self.settled()

    def row_text(self, row: int) -> str:
        """The text of a row as it is drawn; the row must be in the window."""
        return self.table.render_line(row - self.table.scroll_offset.y + 1).text


@asynccontextmanager
async def opened(cases: FakeCases, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Bench]:
    app = WorkbenchApp(cases, Path("/cases/acme.case"))
    async with app.run_test(size=size) as pilot:
        await until(lambda: len(app.screen_stack) > 1 and bool(app.screen_stack[1].query(EventTable)))
        bench = Bench(pilot, cases)
        if not cases.delay:
            await bench.settled()
        yield bench
