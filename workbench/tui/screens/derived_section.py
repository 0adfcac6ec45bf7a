"""A section that lists what was derived: it says when that is not up to date, and follows what others write to the case."""

from __future__ import annotations

import asyncio
import sys
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from workbench.errors import QueryError, WorkbenchError
from workbench.text import visible
from workbench.tui import messages
from workbench.tui.adding import AddProcess
from workbench.tui.lines.document import Line
from workbench.tui.open_case import OpenCase
from workbench.tui.pace import Pace
from workbench.tui.places import ChangePlace, EventPlace
from workbench.tui.screens import forms
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.linked_document import LinkedDocument
from workbench.tui.widgets.search_line import SearchLine

SETTLE = 0.06
"""Seconds that the cursor must rest on a row before its details are read."""

POLL = 1.0
"""Seconds between looks at whether another process has written to the case."""


class DerivedSection(Section):
    """A list with a filter line above it and details below or beside it.

    The list is read when the screen is shown, and again whenever the case has changed.
    """

    PLACE: ClassVar[str]
    """What the section is called."""

    HINT: ClassVar[str]
    """What can be typed into the filter line."""

    AUTO_FOCUS = "#list"  # a key that is pressed before all is laid out is no word for the filter

    DETAILS_FROM: ClassVar[int] = 20
    """Lines of a screen on which the details are shown by themselves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "edit_filter", "Filter", key_display="/", id="list.filter"),
        Binding("d", "turn_detail", "Details", id="list.detail"),
        Binding("D", "derive", "Derive anew", show=False, id="sessions.derive"),
    ]

    _outdated = getters.query_one("#outdated", Static)
    _search = getters.query_one(SearchLine)
    _table = getters.query_one("#list", CellTable)
    _detail = getters.query_one("#detail", LinkedDocument)

    def __init__(self, case: OpenCase) -> None:
        super().__init__(case)
        self.current = True
        self._version: int | None = None
        self._pace = Pace(POLL)
        self._deriving = False
        self._subject = ""

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, self.PLACE)
        yield Static("", id="outdated", markup=False)
        yield SearchLine(self.HINT, self.words)
        with Container(id="body"):
            with Vertical(id="lists"):
                yield CellTable(id="list")
                yield from self.more_lists()
            yield LinkedDocument(id="detail")
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def more_lists(self) -> ComposeResult:
        """Lay out what stands below the list."""
        yield from ()

    def on_mount(self) -> None:
        """Begin to read."""
        self._table.empty_text = "reading …"
        self._table.focus()
        self._read_anew()
        self.set_interval(POLL, self._look_for_news)

    def on_resize(self) -> None:
        """Show the details by themselves where there is room for them."""
        shown = self.case.details.get(self.PLACE, self.size.height >= self.DETAILS_FROM)
        self.set_class(shown, "-detail")

    # What a list must be able to do

    async def read(self) -> None:
        """Read the list and show it. Raises ``WorkbenchError``."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Show what was read, narrowed by the words of the filter line; the cursor stays on its row."""
        raise NotImplementedError

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the row under the cursor, and what they are of. Raises ``WorkbenchError``."""
        raise NotImplementedError

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if words of the filter line cannot be understood."""
        raise NotImplementedError

    # Reading

    @work(exclusive=True, group="read")
    async def _read_anew(self) -> None:
        try:
            with self._pace:
                # The version first: what is written while the list is read is then noticed as news, not missed.
                self._version, self.current = await self.case.derived.state()
                self._show_state()
                await self.read()
        except WorkbenchError as error:
            self.tell_problem(error)

    @work(exclusive=True, group="news")
    async def _look_for_news(self) -> None:
        try:
            if self._pace.due and self._version != await self.case.derived.version():
                self._read_anew()
        except WorkbenchError as error:
            self.tell_problem(error)

    def _show_state(self) -> None:
        self.set_class(not self.current, "-outdated")
        if not self.current:
            self._outdated.update(Content(self._outdated_text()))

    def _outdated_text(self) -> str:
        if self._deriving:
            return "Not up to date: sessions and links are being derived …"
        return (
            "Not up to date: evidence was added since this was derived, or it was never derived to its end. What follows is "
            f"the older state. Press D, or run: workbench derive {self.case.named}"
        )

    @work(exclusive=True, group="detail")
    async def show_detail(self) -> None:
        """Show the details of the row under the cursor once it rests there."""
        if not self.has_class("-detail"):
            return
        await asyncio.sleep(SETTLE)
        try:
            subject, lines = await self.details()
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self._detail.show(lines, keep_place=subject == self._subject)
        self._subject = subject

    @on(messages.RowMoved)
    def _row_moved(self) -> None:
        self.show_detail()

    # The filter line

    @property
    def words(self) -> str:
        """The filter line."""
        return self.case.words.get(self.PLACE, "")

    def apply(self, words: str) -> None:
        """Narrow the list by other words."""
        self.case.words[self.PLACE] = words
        self._search.set_text(words)
        self.lay_out()

    @on(messages.FilterSubmitted)
    def _filter_submitted(self, event: messages.FilterSubmitted) -> None:
        try:
            self.understand(event.text)
        except QueryError as error:
            self._search.show_state(visible(str(error)), refused=True)
            return
        self.apply(event.text)
        self._table.focus()

    @on(messages.FilterLeft)
    def _filter_left(self) -> None:
        self.lay_out()
        self._table.focus()

    # Keys

    def zone_changed(self) -> None:
        """Write all times anew."""
        self.lay_out()
        self.show_detail()

    def action_edit_filter(self) -> None:
        """Type words."""
        self._search.edit()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.action_move(rows)

    def action_turn_detail(self) -> None:
        """Show or hide the details; in them, where the cursor stands on an event, show its diff."""
        target = self._detail.target if self.focused is self._detail else None
        if isinstance(target, EventPlace):
            self.case.navigation.go(ChangePlace(target.event))
            return
        shown = self.case.details[self.PLACE] = not self.has_class("-detail")
        self.set_class(shown, "-detail")
        self.show_detail()

    def action_retreat(self) -> None:
        """Close or clear one thing: a problem, the details if they have the focus, the filter, the screen."""
        if self.close_problem():
            return
        if self.focused is not self._table:
            self._table.focus()
        elif self.words:
            self.apply("")
        else:
            self.action_leave()

    @work
    async def action_derive(self) -> None:
        """Derive sessions and links anew, in a process of its own."""
        if self._deriving:
            return
        values = await self.app.push_screen_wait(FormScreen(forms.derive(self.case.examiner)))
        if values is None:
            return
        self._deriving = True
        self._show_state()
        command = [sys.executable, "-m", "workbench", "derive", f"--examiner={values['examiner']}"]
        status, said = await AddProcess([*command, "--", str(self.case.path)]).run(lambda _: None)
        self._deriving = False
        if status:
            self.tell_problem(WorkbenchError("; ".join(said) or f"deriving ended with status {status}"))
        else:
            self.notify("; ".join(said) or "sessions and links are up to date", markup=False)
        self._read_anew()
