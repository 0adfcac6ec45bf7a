"""Run the screens over a case whose every text is hostile."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tui.fake_case import FakeCases, FakeListing
from workbench.tui.app import WorkbenchApp

HOSTILE = (
    "\x1b]52;c;SE9TVElMRQ==\x07\x1b[31mHOSTILE\x1b[2J\x9b2J\x90q\x9c\x9d0;HOSTILE\x9c\u202egpj\u2066\u200b\r\n\t\x08\x7f"
    "[bold]markup[/bold][/]\ud800\ue000\U000e0041"
)


def main() -> None:
    cases = FakeCases(200, hostile=HOSTILE)
    folder = Path(sys.argv[1])
    cases.listings = [
        FakeListing(folder / f"a{HOSTILE.replace(chr(0xD800), '')}.case", cases.summary(HOSTILE), None),
        FakeListing(folder / "b.case", None, f"not a case{HOSTILE}"),
    ]
    sys.exit(WorkbenchApp(cases, folder).run())


if __name__ == "__main__":
    main()
