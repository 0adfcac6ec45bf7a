"""The application: which screen comes first, and what is the same on all of them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from workbench.tui.commands import WorkbenchCommands
from workbench.tui.reading.sources import Cases
from workbench.tui.reading.stored_cases import StoredCases
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.screens.picker import PickerScreen

CASES_FOLDER = Path("cases")
"""Where case files live by default, relative to where the workbench was started."""


class WorkbenchApp(App[int]):
    """The workbench on a terminal."""

    TITLE = "incident workbench"
    CSS_PATH = "app.tcss"
    COMMANDS = App.COMMANDS | {WorkbenchCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", id="app.help"),
    ]

    def __init__(self, cases: Cases | None = None, path: Path | None = None) -> None:
        """Prepare the application.

        Args:
            cases: Where cases come from; case files on disk if nothing else is given.
            path: A case file to open, a folder of cases to list, or ``None`` for the default folder.
        """
        super().__init__()
        self._cases: Cases = cases or StoredCases()
        self._path = path
        self.filter_history: list[str] = []

    def on_mount(self) -> None:
        """Show the first screen."""
        if self._path is None or self._path.is_dir():
            self.push_screen(PickerScreen(self._cases, self._path or CASES_FOLDER, self.filter_history))
        else:
            self.push_screen(CaseScreen(self._cases, self._path, self.filter_history))

    def action_help(self) -> None:
        """Show the help."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())


def run(path: Path | None) -> int:
    """Run the screens until the person leaves them.

    Args:
        path: A case file, a folder of cases, or ``None`` for the cases of the default folder.

    Returns:
        Exit status.

    Raises:
        CaseFileError: If ``path`` is a file that cannot be opened; nothing has been shown then.
    """
    cases = StoredCases()
    if path is not None and not path.is_dir():
        cases.open(path).close()
    status = WorkbenchApp(cases, path).run()
    return status or 0
