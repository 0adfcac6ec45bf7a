"""Write the pictures of the README: ``python tests/tui/make_screenshot.py [FOLDER]``.

The demo case is built anew in a temporary folder and opened without a terminal; the pictures are exports of the
application itself. The same sample logs give the same bytes.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from workbench.casework.demo import build_demo
from workbench.tui.app import WorkbenchApp
from workbench.tui.checking import Sureness
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.sessions import SessionsScreen
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.event_table import EventTable

SIZE = (140, 50)

FILTER = "address:203.0.113.* OR action:(AssumeRole* OR GetSecretValue OR workflows.created_workflow_run)"
"""What was done from the network that the attack went on from, and how roles and secrets were got before."""

MOMENT = "2026-05-12T10:05"
"""A token of a service account is asked for in this minute."""


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that a thread brings about."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def pictures(case: Path) -> dict[str, str]:
    """Open a case, filter it, go to the moment, open the details; then the session of that event. Returns SVG by name."""
    app = WorkbenchApp(None, case)
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen) and app.screen.query(EventTable))
        screen = app.screen
        assert isinstance(screen, CaseScreen)
        reading, table, detail = screen.reading, screen.query_one(EventTable), screen.query_one(EventDetail)
        await until(lambda: reading.every.complete and reading.summary)
        await until(lambda: screen.case.checked.sureness is Sureness.SOUND)
        screen.action_apply_filter(FILTER)
        await until(lambda: reading.text == FILTER and reading.passing.complete and table.current)
        await pilot.press("g")
        await until(lambda: isinstance(app.screen, FormScreen))
        await pilot.press(*MOMENT, "enter")
        await until(lambda: app.screen is screen and table.cursor)
        await pilot.press("enter")
        await until(lambda: detail.record)
        await pilot.pause()
        timeline = smaller(app.export_screenshot(title="workbench demo"))
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, SessionsScreen))
        sessions = app.screen
        assert isinstance(sessions, SessionsScreen)
        await until(lambda: sessions._search.state and not sessions._missing() and not sessions._loading)
        await until(lambda: sessions._detail.document)
        await pilot.pause()
        return {"screenshot": timeline, "sessions": smaller(app.export_screenshot(title="workbench demo"))}


def smaller(svg: str) -> str:
    """Leave out what a picture in a repository does without: half of its bytes, and fonts from elsewhere."""
    # A picture that fetches fonts from the network when it is looked at would tell that network who looks.
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<clipPath id=\"[^\"]*-line-\d+\">.*?</clipPath>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r" clip-path=\"url\(#[^\"]*-line-\d+\)\"", "", svg)
    svg = re.sub(r"terminal-\d+-", "t-", svg)
    # Runs of nothing but spaces draw nothing.
    svg = re.sub(r"<text [^>]*>(?:&#160;)*\s*</text>", "", svg)
    return svg.replace("&#160;", "\N{NO-BREAK SPACE}")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with tempfile.TemporaryDirectory() as temporary:
        case = Path(temporary) / "demo.case"
        build_demo(case)
        for name, svg in asyncio.run(pictures(case)).items():
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
