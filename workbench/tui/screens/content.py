"""What one session did: by resource and verb, down to the single event."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.model.case import StoredEvent
from workbench.text import visible
from workbench.tui import filters, messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.links import counted, session_spans
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ContentPlace, EventPlace, LineagePlace, SessionsPlace, TimelinePlace
from workbench.tui.recent import Recent
from workbench.tui.screens.section import Section
from workbench.tui.tables.content import ContentRows
from workbench.tui.tables.session_content import NO_RESOURCE, ContentRow, Order, SessionContent
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.widgets.key_footer import KeyFooter

EVENTS_KEPT = 2_000
"""Events kept with all their fields."""

CHUNK = 128
"""Events read at a time for the window."""

STEP = 0.25
"""Seconds between two looks at a growing list."""


class ContentScreen(Section):
    """The resources of a session; each with its verbs, each of these with its events."""

    BINDING_GROUP_TITLE = "Contents of a session"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="content.timeline"),
        Binding("l", "show_lineage", "Lineage", id="content.lineage"),
        Binding("s", "show_session", "Session", id="content.session"),
        Binding("o", "turn_order", "Order", id="content.order"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]
    DEFAULT_CSS = """
    ContentScreen {
        & #about { height: 1; padding: 0 1; background: $surface; }
        & #state { height: 1; padding: 0 1; color: $text-muted; }
    }
    """

    _about = getters.query_one("#about", Static)
    _state = getters.query_one("#state", Static)
    _table = getters.query_one(CellTable)

    def __init__(self, case: OpenCase, place: ContentPlace) -> None:
        super().__init__(case)
        self._session = place.session
        self.content = SessionContent()
        self.complete = False
        self._share = 0
        self._order = Order.WEIGHT
        self._toggled: set[tuple[str, str, int]] = set()
        self._bodies: Recent[int, StoredEvent] = Recent(EVENTS_KEPT)
        self._tree = ContentRows(self.content, [], self._bodies, self.zone)
        self._loading = False

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, "Session")
        yield Static(visible(self._session), id="about", markup=False)
        yield Static("", id="state", markup=False)
        yield CellTable()
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        self._table.empty_text = "reading …"
        self._table.focus()
        self._name_session()
        self._read()

    def on_unmount(self) -> None:
        """Give up what is still being read."""
        self.case.derived.give_up()

    @work(group="about")
    async def _name_session(self) -> None:
        try:
            _, current = await self.case.derived.state()
            found = await self.case.derived.sessions([self._session])
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        if self._session in found:
            spans = session_spans(found[self._session], self.zone, glyphs())
            self._about.update(Content("".join(span.text for span in spans)))
        if not current:
            self.tell_problem(
                WorkbenchError(
                    "this session is not up to date: evidence was added since it was derived",
                    f"run: workbench derive {self.case.named}",
                )
            )

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        shown_at = 0.0
        try:
            async with aclosing(self.case.derived.content(self._session)) as steps:
                async for events, scanned, total in steps:
                    self.content.add(events)
                    self._share = 100 * scanned // total if total else 100
                    if time.monotonic() - shown_at >= STEP:
                        self._lay_out()
                        shown_at = time.monotonic()
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self.complete = True
        self._table.empty_text = "No events: the session is no longer in the case."
        self._lay_out()

    def _lay_out(self) -> None:
        """Show the rows anew; the cursor stays on its row."""
        row = self.row
        key = row.key if row is not None and self._table.cursor else None
        line = self._table.line
        tree = self.content.visible(self._order, self._toggled)
        self._tree = ContentRows(self.content, tree, self._bodies, self.zone)
        place = next((number for number, one in enumerate(tree) if one.key == key), None)
        self._table.show(self._tree, place or 0, line=None if place is None else line)
        many = f"{counted(self.content.events, 'event')}, {counted(self.content.resources, 'resource')}"
        progress = "" if self.complete else f" {glyphs().separator} reading {self._share} %"
        several = "an event stands under every resource that its record names"
        self._state.update(Content(f"{many}{progress}   {self._order.value}   {several}"))

    @property
    def row(self) -> ContentRow | None:
        """The row under the cursor."""
        tree, cursor = self._tree.tree, self._table.cursor
        return tree[cursor] if cursor < len(tree) else None

    @on(messages.WindowMoved)
    def _window_moved(self) -> None:
        if not self._loading:
            self._loading = True
            self._load_window()

    def _missing(self) -> list[int]:
        first, last = self._table.window
        rows = self._tree.tree[max(0, first - CHUNK // 2) : last + CHUNK // 2]
        wanted = [row.event for row in rows if row.event is not None]
        return [event for event in wanted if self._bodies.get(event) is None][:CHUNK]

    @work(group="window")
    async def _load_window(self) -> None:
        asked: set[int] = set()
        try:
            while missing := [one for one in self._missing() if one not in asked]:
                asked.update(missing)
                for stored in await self.case.derived.events(missing):
                    self._bodies.put(int(stored.id), stored)
                self._table.redraw()
        except WorkbenchError as error:
            self.tell_problem(error)
        finally:
            self._loading = False

    def zone_changed(self) -> None:
        """Write all times anew."""
        self._lay_out()
        self._name_session()

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        row = self.row
        if row is not None and row.event is not None:
            self.case.navigation.go(EventPlace(row.event))
        else:
            self._turn(None)

    @on(messages.RowTurned)
    def _row_turned(self, event: messages.RowTurned) -> None:
        self._turn(event.opened)

    def _turn(self, opened: bool | None) -> None:
        row = self.row
        if row is None or row.opened is None or opened == row.opened:
            return
        self._toggled.symmetric_difference_update({row.key})
        self._lay_out()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.action_move(rows)

    def action_turn_order(self) -> None:
        """Order resources by weight of the acts, by events, by name."""
        orders = (Order.WEIGHT, Order.EVENTS, Order.NAME)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self._lay_out()

    def action_show_in_timeline(self) -> None:
        """Show in the timeline what the row stands for."""
        row = self.row
        if row is not None and row.event is not None:
            self.case.navigation.go(TimelinePlace(event=row.event))
            return
        query = f"session:{self._session}"
        if row is not None and row.resource != NO_RESOURCE:
            query += " " + filters.condition("resource", row.resource)
        if row is not None and row.verb is not None:
            query += f" verb:{row.verb.value}"
        self.case.navigation.go(TimelinePlace(query))

    def action_show_lineage(self) -> None:
        """Show the lineage of the event under the cursor, or of the session."""
        row = self.row
        if row is not None and row.event is not None:
            self.case.navigation.go(LineagePlace(event=row.event))
        else:
            self.case.navigation.go(LineagePlace(session=self._session))

    def action_show_session(self) -> None:
        """Show the session in the tree of sessions."""
        self.case.navigation.go(SessionsPlace(self._session))
