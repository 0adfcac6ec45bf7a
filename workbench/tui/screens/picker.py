"""Choosing a case: the case files of a folder, a line to open any other, a form for a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Static

from workbench.errors import WorkbenchError
from workbench.text import cut_middle, visible
from workbench.tui.glyphs import glyphs
from workbench.tui.reading.sources import Cases
from workbench.tui.screens import forms
from workbench.tui.screens.case import CaseScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.zones import UTC

if TYPE_CHECKING:
    from workbench.casefile.catalogue import CaseListing


class PathInput(LineInput):
    """The line for a path; Escape goes back to the table."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "screen.focus_table", "Leave")]


class PickerScreen(Screen[None]):
    """Lists the cases of a folder."""

    CSS_PATH = "picker.tcss"
    BINDING_GROUP_TITLE = "Cases"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_case", "New case", id="case.new"),
        Binding("slash,o", "focus_path", "Open a path", key_display="/", id="case.path"),
        Binding("f5", "look_again", "Look again", id="case.refresh"),
        Binding("q", "app.quit", "Quit", id="app.leave"),
    ]

    _table: getters.query_one[DataTable[Text]] = getters.query_one("#cases", DataTable)
    _path = getters.query_one(PathInput)
    _where = getters.query_one("#where", Static)
    _message = getters.query_one("#message", Static)

    def __init__(self, cases: Cases, folder: Path, history: list[str]) -> None:
        super().__init__()
        self._cases = cases
        self.folder = folder
        self.listings: Sequence[CaseListing] = ()
        self.message = ""
        self._history = history

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        with Horizontal(id="top"):
            yield Static("incident workbench", id="name", markup=False)
            yield Static("", id="where", markup=False)
        yield DataTable(id="cases", cursor_type="row", zebra_stripes=False, cell_padding=1)
        yield Static("", id="message", markup=False)
        with Horizontal(id="line"):
            yield Static(" open ", markup=False)
            yield PathInput(
                placeholder="type, paste or drop the path of a case file or a folder", compact=True
            )
        yield KeyFooter()

    def on_mount(self) -> None:
        """Look into the folder."""
        self._table.focus()
        self._look()

    def on_screen_resume(self) -> None:
        """Look again: the case that was open has changed."""
        if self.is_mounted:
            self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        self._where.update(Content(visible(str(self.folder))))
        try:
            self.listings = await asyncio.to_thread(self._cases.listed, self.folder)
        except (WorkbenchError, OSError) as error:
            self.listings = ()
            self._say(visible(str(error)), problem=True)
            return
        self._fill()

    def _fill(self) -> None:
        table = self._table
        row = table.cursor_row
        table.clear(columns=True)
        columns = _columns(self.size.width)
        for label, width in columns.items():
            table.add_column(
                Text(label, justify="right" if label in _NUMBERS else "left"), width=width, key=label
            )
        for listing in self.listings:
            cells = _cells(listing, columns)
            table.add_row(*(cells.get(label, Text("")) for label in columns))
        if self.listings:
            table.move_cursor(row=min(row, len(self.listings) - 1))
            self._say("")
        else:
            self._say(
                f"No case files in {visible(str(self.folder))}. Press n for a new case, or / to open one elsewhere."
                "  `workbench demo` shows a finished one."
            )

    def on_resize(self) -> None:
        """Share out the new width."""
        if self.listings:
            self._fill()

    def _say(self, text: str, *, problem: bool = False) -> None:
        self.message = text
        self._message.update(Content(text))
        self._message.set_class(problem, "-problem")

    @on(DataTable.RowHighlighted)
    def _highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Say in full why a file cannot be opened: its line has no room for that."""
        if event.cursor_row < len(self.listings):
            problem = self.listings[event.cursor_row].problem
            self._say(visible(problem or ""), problem=problem is not None)

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        if event.cursor_row < len(self.listings):
            listing = self.listings[event.cursor_row]
            if listing.problem is not None:
                self._say(visible(listing.problem), problem=True)
            else:
                self._open(listing.path)

    @on(PathInput.Submitted)
    def _path_entered(self, event: PathInput.Submitted) -> None:
        event.stop()
        # A path dropped onto a terminal often arrives in quotes or as a file URI without its scheme taken off.
        text = event.value.strip().strip("'\"").removeprefix("file://")
        if not text:
            return
        path = Path(text).expanduser()
        if path.is_dir():
            self.folder = path
            self._path.value = ""
            self._table.focus()
            self._look()
        else:
            self._open(path)

    @work(exclusive=True, group="open")
    async def _open(self, path: Path, logs: str = "", examiner: str = "") -> None:
        """Open a case; its screen comes only if the file can be opened, otherwise a line says why not."""
        try:
            await asyncio.to_thread(self._try, path)
        except (WorkbenchError, OSError) as error:
            self._say(visible(str(error)), problem=True)
            return
        self._say("")
        screen = CaseScreen(self._cases, path, self._history)
        await self.app.push_screen(screen)
        if logs:
            screen.add_evidence({"path": str(Path(logs).expanduser()), "examiner": examiner})

    def _try(self, path: Path) -> None:
        self._cases.open(path).close()

    def action_focus_path(self) -> None:
        """Type a path."""
        self._path.focus()

    def action_focus_table(self) -> None:
        """Go back to the list."""
        self._table.focus()

    def action_look_again(self) -> None:
        """Read the folder again."""
        self._look()

    @work
    async def action_new_case(self) -> None:
        """Ask for what a new case needs, make it, open it."""
        values = await self.app.push_screen_wait(FormScreen(forms.new_case(self.folder)))
        if values is None:
            return
        path = forms.case_path(self.folder, values)
        try:
            await asyncio.to_thread(self._create, path, values)
        except (WorkbenchError, OSError) as error:
            self._say(visible(str(error)), problem=True)
            return
        self._open(path, values["logs"], values["examiner"])

    def _create(self, path: Path, values: dict[str, str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._cases.create(path, title=values["title"], examiner=values["examiner"])


_NUMBERS = ("events", "files", "size")


def _columns(width: int) -> dict[str, int]:
    """Share out a width: title last, numbers of files and bytes only where there is room. Each column has margins."""
    columns = {"file": 16 if width < 110 else 24, "title": 0, "events": 13, "period (UTC)": 23}
    if width >= 100:
        columns |= {"files": 8, "size": 9}
    if width >= 130:
        columns["period (UTC)"] = 35
    used = sum(columns.values()) + 2 * len(columns) + 1
    columns["title"] = max(10, min(60, width - used))
    return columns


def _cells(listing: CaseListing, columns: dict[str, int]) -> dict[str, Text]:
    """Return the cells of one case; text of files never goes through markup."""
    from workbench.casework.report_text import size_text

    name = Text(cut_middle(visible(listing.path.name), columns["file"]), style="bold")
    if listing.summary is None:
        problem = f"! {visible(listing.problem or 'cannot be opened')}"
        return {"file": name, "title": Text(problem, no_wrap=True, overflow="ellipsis", style="italic")}
    accounting = listing.summary.accounting
    dash = glyphs().dash
    to = "–" if dash == "—" else "-"
    period = dash
    if accounting.first is not None and accounting.last is not None:
        length = 16 if columns["period (UTC)"] > 30 else 10
        first, last = UTC.text(accounting.first)[:length], UTC.text(accounting.last)[:length]
        period = first if first == last else f"{first} {to} {last}"
    return {
        "file": name,
        "title": Text(cut_middle(visible(listing.summary.info.title), columns["title"])),
        "events": Text(f"{accounting.events:,}", justify="right"),
        "files": Text(f"{accounting.files:,}", justify="right"),
        "period (UTC)": Text(period),
        "size": Text(size_text(listing.summary.file_size), justify="right"),
    }
