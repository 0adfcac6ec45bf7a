"""The screen of a case: events over time, the filter, the table, the details of one event."""

from __future__ import annotations

import asyncio
import shlex
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Footer, Static

from workbench.errors import QueryError, WorkbenchError
from workbench.search.query import Query
from workbench.text import visible
from workbench.tui import filters, messages
from workbench.tui.adding import add_command
from workbench.tui.case_reading import CaseReading
from workbench.tui.pace import Pace
from workbench.tui.screens import forms
from workbench.tui.screens.case_view import CaseView
from workbench.tui.screens.evidence import EvidenceScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.sources import Cases
from workbench.tui.time_axis import range_query
from workbench.tui.widgets.adding_bar import AddingBar
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.event_table import EventTable
from workbench.tui.widgets.filter_box import FilterBox
from workbench.tui.widgets.histogram import Histogram
from workbench.tui.zones import UTC, Zone, local_zone, named_zone

POLL = 1.0
"""Seconds between looks at whether another process has written to the case."""


class CaseScreen(Screen[None]):
    """One case, read in the background and refreshed while evidence is being added to it."""

    CSS_PATH = "case.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - declared so by textual
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-medium"), (36, "-high")]  # noqa: RUF012
    BINDING_GROUP_TITLE = "Case"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "edit_filter", "Filter", key_display="/", id="filter.edit"),
        Binding("g", "go_to_time", "Go to", id="time.go"),
        Binding("t", "focus_time", "Time bars", show=False, id="time.bars"),
        Binding("z", "switch_zone", "Zone", show=False, id="zone.switch"),
        Binding("Z", "choose_zone", "Other zone", show=False, id="zone.choose"),
        Binding("e", "show_evidence", "Evidence", id="evidence.list"),
        Binding("A", "add_evidence", "Add evidence", show=False, id="evidence.add"),
        Binding("x", "stop_adding", "Stop adding", show=False, id="evidence.stop"),
        Binding("y", "copy_reference", "Copy reference", show=False, id="copy.reference"),
        Binding("r", "reveal", "Reveal secrets", show=False, id="record.reveal"),
        Binding("escape", "retreat", "Close, clear", show=False, id="view.retreat"),
        Binding("q", "leave", "Back", id="view.leave"),
    ]

    zone: var[Zone] = var(UTC, init=False)
    """Zone in which times are shown."""

    _view: CaseView
    _header = getters.query_one(CaseHeader)
    _histogram = getters.query_one(Histogram)
    _box = getters.query_one(FilterBox)
    _table = getters.query_one(EventTable)
    _detail = getters.query_one(EventDetail)
    _adding_bar = getters.query_one(AddingBar)
    _problem = getters.query_one("#problem", Static)

    def __init__(self, cases: Cases, path: Path, history: list[str] | None = None) -> None:
        super().__init__()
        self.cases = cases
        self.path = path
        self.reading = CaseReading(lambda: cases.open(path))
        self.examiner = ""
        self.problem = ""
        self._history = [] if history is None else history
        self._other_zone: Zone | None = None
        self._sums_pace = Pace()
        self._rows_pace = Pace(2 * POLL)

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader("Timeline")
        yield Histogram(id="histogram")
        yield FilterBox(self._history, id="filter")
        with Horizontal(id="body"):
            yield EventTable(self.reading.pages, id="events")
            yield EventDetail(self.reading.records, shlex.quote(str(self.path)), id="detail")
        yield AddingBar()
        yield Static("", id="problem", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to read."""
        self._view = CaseView(self.reading, self._histogram, self._box, self._table)
        self._table.show(self.reading.passing)
        self._table.focus()
        self._load_every()
        self._read_sums()
        self.set_interval(POLL, self._look_for_news)

    def on_unmount(self) -> None:
        """Stop what runs for this case."""
        self.reading.close()

    # Reading

    @work(exclusive=True, group="sums")
    async def _read_sums(self) -> None:
        try:
            if not self.examiner:
                # On a large case the sums take a while; whose case it is shows at once.
                info = await self.reading.info()
                self.examiner = info.examiner
                self._header.show(title=info.title, examiner=info.examiner)
            with self._sums_pace:
                summary = await self.reading.read_summary()
        except WorkbenchError as error:
            self._tell_problem(error)
            return
        self._header.show(journal=summary.journal_entries)
        self._view.show_sums()
        await self.reading.warm_up()

    @work(exclusive=True, group="every")
    async def _load_every(self) -> None:
        self._view.show_sums()
        try:
            with self._rows_pace:
                async with aclosing(self.reading.load_every()) as steps:
                    async for timeline in steps:
                        self._view.show_step(timeline, stay=True)
        except WorkbenchError as error:
            self._tell_problem(error)
            return
        if self.reading.query is not None:
            self._load_passing(self.reading.text, self.reading.query)
        self._view.show_sums()

    @work(exclusive=True, group="understand")
    async def _enter_filter(self, text: str) -> None:
        """Take a filter as it was typed. One that cannot be understood leaves the running search alone."""
        try:
            query = await self.reading.understand(text)
        except QueryError as error:
            self._box.show_fault(error)
            self._box.edit()
            return
        self._load_passing(text, query)

    @work(exclusive=True, group="filter")
    async def _load_passing(self, text: str, query: Query | None) -> None:
        again = text == self.reading.text
        self._view.take_filter(text, again=again)
        if query is None:
            self.reading.clear_filter()
            self._view.show_passing(stay=True)
            return
        try:
            async with aclosing(self.reading.load_passing(text, query)) as steps:
                async for timeline in steps:
                    self._view.show_step(timeline, stay=again)
                    self._view.return_to_event(timeline)
        except WorkbenchError as error:
            self._tell_problem(error)
        self._view.show_sums()

    @work(exclusive=True, group="news")
    async def _look_for_news(self) -> None:
        """Show what has been written to the case meanwhile, by another process or from this screen."""
        try:
            if self._sums_pace.due and await self.reading.sums_outdated():
                self._read_sums()
            idle = self.reading.every.complete and self.reading.passing.complete
            if idle and self._rows_pace.due and await self.reading.rows_outdated():
                self._load_every()
        except WorkbenchError as error:
            self._tell_problem(error)

    # What widgets tell

    @on(messages.CursorMoved)
    def _cursor_moved(self, event: messages.CursorMoved) -> None:
        self._histogram.here = event.micros
        if self.has_class("-detail"):
            self._detail.show_event(event.event)

    @on(messages.EventOpened)
    def _event_opened(self) -> None:
        self.action_open_detail()

    @on(messages.FilterSubmitted)
    def _filter_submitted(self, event: messages.FilterSubmitted) -> None:
        self._enter_filter(event.text)
        self._table.focus()

    @on(messages.FilterLeft)
    def _filter_left(self) -> None:
        self._box.restore()
        self._table.focus()

    @on(messages.TimeChosen)
    def _time_chosen(self, event: messages.TimeChosen) -> None:
        self._table.go_to_time(event.micros)
        self._table.focus()

    @on(messages.RangeChosen)
    def _range_chosen(self, event: messages.RangeChosen) -> None:
        try:
            part = range_query(event.low, event.high)
        except OverflowError:
            return
        self._enter_filter(filters.with_time_part(self._box.applied, part))

    @on(messages.RangeCleared)
    def _range_cleared(self) -> None:
        self._enter_filter(filters.without_time_part(self._box.applied))

    @on(messages.ReadFailed)
    def _read_failed(self, event: messages.ReadFailed) -> None:
        self._tell_problem(event.error)

    def _tell_problem(self, error: WorkbenchError) -> None:
        self.problem = visible(str(error), keep_newlines=True)
        self._problem.update(Content(self.problem))
        self.add_class("-problem")

    def watch_zone(self, zone: Zone) -> None:
        """Show all times in the other zone."""
        self._table.zone = self._histogram.zone = self._detail.zone = zone
        self._header.show(zone=zone)

    # Keys

    def action_edit_filter(self) -> None:
        """Type a filter."""
        self._box.edit()

    def action_focus_time(self) -> None:
        """Go to the bars."""
        self._histogram.focus()

    def action_open_detail(self) -> None:
        """Show the details of the event under the cursor beside or instead of the table."""
        if not len(self._table.timeline):
            return
        if self.has_class("-detail"):
            self._detail.focus()
            return
        self.add_class("-detail")
        self._detail.show_event(self._table.current)
        if self.has_class("-narrow"):
            self._detail.focus()

    def action_step(self, rows: int) -> None:
        """Go to the next or the previous event without leaving the details."""
        self._table.action_move(rows)

    def action_retreat(self) -> None:
        """Close or clear one thing: a problem, the details, the filter."""
        if self.has_class("-problem"):
            self.remove_class("-problem")
            self.problem = ""
        elif self.has_class("-detail"):
            self._close_detail()
        elif self.reading.query is not None:
            self._enter_filter("")

    def action_clear_filter(self) -> None:
        """Show all events again."""
        self._enter_filter("")

    def action_apply_filter(self, text: str) -> None:
        """Apply a filter that the program offers."""
        self._enter_filter(text)

    def _close_detail(self) -> None:
        self.remove_class("-detail")
        self._table.focus()

    @work
    async def action_leave(self) -> None:
        """Close the details, else the case."""
        if self.has_class("-detail"):
            self._close_detail()
            return
        if (
            self._adding_bar.running
            and await self.app.push_screen_wait(FormScreen(forms.stop_adding())) is None
        ):
            return
        if len(self.app.screen_stack) > 2:
            self.dismiss(None)
        else:
            self.app.exit(0)

    @work
    async def action_go_to_time(self) -> None:
        """Ask for an instant and go there."""
        current = self._table.current_time
        form = forms.go_to_time(self._table.timeline, self.zone, current)
        values = await self.app.push_screen_wait(FormScreen(form))
        if values is not None:
            self._table.go_to_time(forms.read_time(values["time"], self.zone, current))
            self._table.focus()

    def action_switch_zone(self) -> None:
        """Change between UTC and the zone chosen last, at first the zone of this machine."""
        if self._other_zone is None:
            self._other_zone = local_zone()
        if self._other_zone is UTC:
            self.action_choose_zone()
        else:
            self.zone = self._other_zone if self.zone is UTC else UTC

    @work
    async def action_choose_zone(self) -> None:
        """Ask for a zone."""
        values = await self.app.push_screen_wait(FormScreen(forms.choose_zone(self.zone)))
        if values is not None:
            self.zone = named_zone(values["zone"])
            if self.zone is not UTC:
                self._other_zone = self.zone

    def action_copy_reference(self) -> None:
        """Put the full reference of the event on the clipboard."""
        stored = self._table.current
        if stored is not None:
            self.app.copy_to_clipboard(str(stored.ref))
            self.notify(f"copied {stored.ref}", markup=False, timeout=4)

    @work
    async def action_show_evidence(self) -> None:
        """List the evidence with its accounting."""
        if self.reading.summary is None:
            return
        await self.app.push_screen_wait(EvidenceScreen(self.reading.summary, self.zone))

    @work
    async def action_reveal(self) -> None:
        """Show the secrets of the record in the details, after a confirmation that is journalled."""
        stored, record = self._detail.event, self._detail.record
        if not self.has_class("-detail") or stored is None or record is None or not record.secrets:
            return
        values = await self.app.push_screen_wait(FormScreen(forms.reveal(record.secrets, self.examiner)))
        if values is None:
            return
        self.examiner = values["examiner"]
        try:
            data = await asyncio.to_thread(self.cases.reveal, self.path, stored.ref, self.examiner)
        except WorkbenchError as error:
            self._tell_problem(error)
            return
        await self._detail.show_revealed(stored, data)
        self._look_for_news()

    @work
    async def action_add_evidence(self) -> None:
        """Ask what to add, and add it."""
        if self._adding_bar.running:
            self.notify("evidence is being added already; x stops it", markup=False)
            return
        values = await self.app.push_screen_wait(FormScreen(forms.add_evidence(self.examiner)))
        if values is not None:
            self.examiner = values["examiner"]
            values["path"] = str(Path(values["path"]).expanduser())
            self.add_evidence(values)

    def action_stop_adding(self) -> None:
        """Stop adding evidence; what was acknowledged stays."""
        self._adding_bar.cancel()

    def add_evidence(self, values: dict[str, str]) -> None:
        """Add evidence; ``values`` are what the form of adding asks for."""
        self._adding_bar.run_command(add_command(self.path, values))

    @on(messages.AddingEnded)
    def _adding_ended(self, event: messages.AddingEnded) -> None:
        self._rows_pace.hurry()
        self._look_for_news()
        if event.incomplete:
            # Files that were not added, or only in part, must not be missed: they stay on screen until Esc.
            self._tell_problem(WorkbenchError(event.text))
        else:
            self.notify(event.text, markup=False)
