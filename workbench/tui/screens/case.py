"""The screen of a case: events over time, the filter, the table, the details of one event."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path, PurePath
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from workbench.errors import QueryError, WorkbenchError
from workbench.search.query import Query
from workbench.tui import filters, messages
from workbench.tui.adding import add_command
from workbench.tui.checking import Outcome
from workbench.tui.open_case import OpenCase
from workbench.tui.pace import Pace
from workbench.tui.places import ChangePlace, LineagePlace, SessionsPlace, TimelinePlace
from workbench.tui.reading.sources import Cases
from workbench.tui.screens import forms
from workbench.tui.screens.case_view import CaseView
from workbench.tui.screens.checked import show_outcome
from workbench.tui.screens.evidence import EvidenceScreen
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.navigator import Navigator
from workbench.tui.screens.revealing import reveal
from workbench.tui.screens.saying import SayingSection
from workbench.tui.time_axis import range_query
from workbench.tui.widgets.adding_bar import AddingBar
from workbench.tui.widgets.case_header import CaseHeader, show_headers
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.event_table import EventTable
from workbench.tui.widgets.filter_box import FilterBox
from workbench.tui.widgets.histogram import Histogram
from workbench.tui.widgets.key_footer import KeyFooter

POLL = 1.0
"""Seconds between looks at whether another process has written to the case."""


class CaseScreen(SayingSection):
    """One case, read in the background and refreshed while evidence is being added to it."""

    CSS_PATH: ClassVar[str | list[str | PurePath]] = ["section.tcss", "case.tcss"]
    BINDING_GROUP_TITLE = "Case"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "edit_filter", "Filter", key_display="/", id="filter.edit"),
        Binding("g", "go_to_time", "Go to", id="time.go"),
        Binding("t", "focus_time", "Time bars", show=False, id="time.bars"),
        Binding("s", "show_session", "Session", id="event.session"),
        Binding("l", "show_lineage", "Lineage", id="event.lineage"),
        Binding("d", "show_change", "Diff", id="event.change"),
        Binding("e", "show_evidence", "Evidence", id="evidence.list"),
        Binding("A", "add_evidence", "Add evidence", show=False, id="evidence.add"),
        Binding("X", "stop_adding", "Stop adding", show=False, id="evidence.stop"),
        Binding("y", "copy_reference", "Copy reference", show=False, id="copy.reference"),
        Binding("r", "reveal", "Reveal secrets", show=False, id="record.reveal"),
    ]

    AUTO_FOCUS = "#events"  # a key that is pressed before all is laid out is no word for the filter

    _view: CaseView
    _histogram = getters.query_one(Histogram)
    _box = getters.query_one(FilterBox)
    _table = getters.query_one(EventTable)
    _detail = getters.query_one(EventDetail)
    _adding_bar = getters.query_one(AddingBar)

    def __init__(self, cases: Cases, path: Path, history: list[str] | None = None) -> None:
        super().__init__(OpenCase(cases, path))
        self.path = path
        self.reading = self.case.reading
        self._history = [] if history is None else history
        self._sums_pace = Pace()
        self._rows_pace = Pace(2 * POLL)

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, "Timeline")
        yield Histogram(id="histogram")
        yield FilterBox(self._history, id="filter")
        with Horizontal(id="body"):
            yield EventTable(self.reading.pages, id="events")
            yield EventDetail(self.reading.records, self.case.named, id="detail")
        yield AddingBar()
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        self.case.navigation = Navigator(self, self.show_place, self.case)
        self._view = CaseView(self.reading, self._histogram, self._box, self._table)
        self._table.show(self.reading.passing)
        self._table.focus()
        self._load_every()
        self._read_sums()
        self.set_interval(POLL, self._look_for_news)

    def on_unmount(self) -> None:
        """Stop what runs for this case."""
        self.case.close()

    # Reading

    @work(exclusive=True, group="sums")
    async def _read_sums(self) -> None:
        try:
            if not self.case.examiner:
                # On a large case the sums take a while; whose case it is shows at once.
                info = await self.reading.info()
                self.case.examiner, self.case.title = info.examiner, info.title
                show_headers(self.app, self.case)
            with self._sums_pace:
                summary = await self.reading.read_summary()
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self.case.journal = summary.journal
        show_headers(self.app, self.case)
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
            self.tell_problem(error)
            self.case.check(self._checked)
            return
        if self.reading.query is not None:
            self._load_passing(self.reading.text, self.reading.query)
        self._view.show_sums()
        # Not before: until the rows are there the disk is theirs.
        self.case.check(self._checked)

    def _checked(self, outcome: Outcome) -> None:
        if self.is_attached:
            show_outcome(self, outcome)

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
            self.tell_problem(error)
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
            self.tell_problem(error)

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

    def zone_changed(self) -> None:
        """Show all times in the other zone."""
        self._table.zone = self._histogram.zone = self._detail.zone = self.zone

    # Going to places

    def show_place(self, place: TimelinePlace) -> None:
        """Apply a filter, stand on an event, as the place asks for."""
        if place.event is not None:
            self._stand_on(place.event)
        elif place.query is not None:
            self._enter_filter(place.query)
            self._table.focus()

    @work(exclusive=True, group="stand")
    async def _stand_on(self, event: int) -> None:
        """Put the cursor on an event, out of the filter if that leaves it out."""
        try:
            stored = await self.case.derived.event(event)
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        if stored is None:
            return
        if not self._view.stand_on(stored):
            self.reading.clear_filter()
            self._view.take_filter("", again=False)
            self._view.show_passing(stay=False)
            self._view.stand_on(stored)
        self._table.focus()

    def action_show_session(self) -> None:
        """Show the session of the event under the cursor in the tree of sessions."""
        stored = self._table.current
        if stored is None:
            return
        if stored.session is None:
            self.notify("this event belongs to no session; 3 shows the sessions there are", markup=False)
            return
        self.case.navigation.go(SessionsPlace(stored.session))

    def action_show_lineage(self) -> None:
        """Show what led to the event under the cursor, and what came of it."""
        stored = self._table.current
        if stored is not None:
            self.case.navigation.go(LineagePlace(event=stored.id))

    def action_show_change(self) -> None:
        """Show what the event under the cursor changed, before and after."""
        stored = self._table.current
        if stored is not None:
            self.case.navigation.go(ChangePlace(stored.id))

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
        if self.close_problem():
            return
        if self.has_class("-detail"):
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

    def action_leave(self) -> None:
        """Close the details, else go back to where one came from, else close the case."""
        if self.has_class("-detail"):
            self._close_detail()
            return
        if not self.case.navigation.back():
            self._close_case()

    @work
    async def _close_case(self) -> None:
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
        await self.app.push_screen_wait(EvidenceScreen(self.case, self.reading.summary))

    @work
    async def action_reveal(self) -> None:
        """Show the secrets of the record in the details, after a confirmation that is journalled."""
        if self.has_class("-detail") and await reveal(self, self._detail):
            self._look_for_news()

    @work
    async def action_add_evidence(self) -> None:
        """Ask what to add, and add it."""
        if self._adding_bar.running:
            self.notify("evidence is being added already; X stops it", markup=False)
            return
        values = await self.app.push_screen_wait(FormScreen(forms.add_evidence(self.case.examiner)))
        if values is not None:
            self.case.examiner = values["examiner"]
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
            self.tell_problem(WorkbenchError(event.text))
        else:
            self.notify(event.text, markup=False)
