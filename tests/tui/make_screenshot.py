"""Write the picture of the README: ``python tests/tui/make_screenshot.py [OUT.svg]``.

The demo case is built anew in a temporary folder and opened without a terminal; the picture is the export of the
application itself, the same bytes on every machine.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from tests.tui.bench import Bench, until
from workbench.casework.demo import build_demo
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.case import CaseScreen
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.event_table import EventTable

SIZE = (140, 48)

FILTER = "address:203.0.113.*"
"""What was done from the network that the attack came from."""

MOMENT = "2026-03-04T11:42"
"""The trail is switched off in this minute."""


async def picture(case: Path) -> str:
    """Open a case, filter it, go to the moment, open the details, and return the picture as SVG."""
    app = WorkbenchApp(None, case)
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: isinstance(app.screen, CaseScreen) and bool(app.screen.query(EventTable)))
        bench = Bench(pilot, None)
        await bench.settled()
        await bench.filter(FILTER)
        await bench.press("g", *MOMENT, "enter")
        await until(lambda: app.screen is bench.screen)
        await bench.settled()
        await bench.press("enter")
        detail = bench.screen.query_one(EventDetail)
        await until(lambda: detail.record is not None)
        await pilot.pause()
        svg = app.export_screenshot(title="workbench demo")
    return smaller(svg)


def smaller(svg: str) -> str:
    """Leave out what a picture in a repository does without: two thirds of the bytes, and the fonts of others."""
    # A picture that fetches fonts from the network when it is looked at would tell that network who looks.
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<clipPath id=\"[^\"]*-line-\d+\">.*?</clipPath>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r" clip-path=\"url\(#[^\"]*-line-\d+\)\"", "", svg)
    svg = re.sub(r"terminal-\d+-", "t-", svg)
    # Runs of nothing but spaces draw nothing.
    svg = re.sub(r"<text [^>]*>(?:&#160;)*\s*</text>", "", svg)
    return svg.replace("&#160;", "\N{NO-BREAK SPACE}")


def main() -> None:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("screenshot.svg")
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "demo.case"
        build_demo(case)
        out.write_text(asyncio.run(picture(case)), encoding="utf-8")


if __name__ == "__main__":
    main()
