"""The progress of evidence being added, in one line."""

from __future__ import annotations

from textual import getters, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ProgressBar, Static

from workbench.text import cut_middle, visible
from workbench.tui.adding import AddProcess, AddProgress
from workbench.tui.messages import AddingEnded


class AddingBar(Horizontal):
    """Shows how far an ``add`` has come; hidden when there is none."""

    DEFAULT_CSS = """
    AddingBar {
        height: 1;
        display: none;
        background: $surface;
        &.-running { display: block; }
        & Static { width: auto; padding: 0 1; }
        & .adding-bar--file { width: 1fr; color: $text-muted; }
        & ProgressBar { width: 36; }
        & Bar { width: 1fr; }
    }
    """

    _counts = getters.query_one(".adding-bar--counts", Static)
    _file = getters.query_one(".adding-bar--file", Static)
    _bar = getters.query_one(ProgressBar)

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        yield Static("", classes="adding-bar--counts", markup=False)
        yield ProgressBar(show_eta=True)
        yield Static("", classes="adding-bar--file", markup=False)

    def __init__(self) -> None:
        super().__init__()
        self._process: AddProcess | None = None

    @property
    def running(self) -> bool:
        """Whether evidence is being added."""
        return self._process is not None

    @work(exclusive=True, group="adding")
    async def run_command(self, command: list[str]) -> None:
        """Run the command that adds evidence, show its progress, and tell the screen how it ended."""
        process = self._process = AddProcess(command)
        self._bar.update(total=None, progress=0)
        self._counts.update(Content("adding evidence"))
        self._file.update(Content("x stops; what has been acknowledged stays"))
        self.add_class("-running")
        try:
            status, said = await process.run(self.told)
        except OSError as error:
            status, said = 2, [visible(str(error))]
        finally:
            self._process = None
            self.remove_class("-running")
        self.post_message(AddingEnded(status, said, process.cancelled))

    def cancel(self) -> None:
        """Stop; what was acknowledged stays."""
        if self._process is not None:
            self._process.cancel()

    def on_unmount(self) -> None:
        """Leave nothing running behind."""
        self.cancel()

    def told(self, progress: AddProgress) -> None:
        """Show progress."""
        self._bar.update(total=progress.bytes_total or None, progress=progress.bytes_done)
        self._counts.update(
            Content(
                f"adding: {progress.files_done:,} of {progress.files_total:,} files, {progress.events:,} events"
            )
        )
        self._file.update(Content(cut_middle(visible(progress.file), max(8, self._file.size.width - 2))))
