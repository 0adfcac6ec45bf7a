"""The details of one event that was cited somewhere."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui.lines.document import BLANK, line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ChangePlace, EventPlace, LineagePlace, SessionsPlace, TimelinePlace
from workbench.tui.screens import forms
from workbench.tui.screens.revealing import reveal
from workbench.tui.screens.saying import Cover, TagsSection
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.event_detail import EventDetail
from workbench.tui.widgets.key_footer import KeyFooter


class EventScreen(TagsSection):
    """Every field of an event, its provenance, its record."""

    BINDING_GROUP_TITLE = "Event"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "In the timeline", id="event.timeline"),
        Binding("s", "show_session", "Session", id="event.session"),
        Binding("l", "show_lineage", "Lineage", id="event.lineage"),
        Binding("d", "show_change", "Diff", id="event.change"),
        Binding("y", "copy_reference", "Copy reference", id="copy.reference"),
        Binding("r", "reveal", "Reveal secrets", show=False, id="record.reveal"),
    ]

    _detail = getters.query_one(EventDetail)

    def __init__(self, case: OpenCase, place: EventPlace) -> None:
        super().__init__(case)
        self._number = place.event

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, "Event")
        yield EventDetail(self.case.reading.records, self.case.named)
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        self._detail.focus()
        self._detail.zone = self.zone
        self._read()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        try:
            stored = await self.case.derived.event(self._number)
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        if stored is None:
            self._detail.show([BLANK, line((" This event is no longer in the case.", "warning"))])
        else:
            self._detail.show_event(stored)

    def zone_changed(self) -> None:
        """Write the time in the other zone."""
        self._detail.zone = self.zone

    def action_show_in_timeline(self) -> None:
        """Show the event among the others."""
        self.case.navigation.go(TimelinePlace(event=self._number))

    def covers(self) -> list[Cover]:
        """Return the event, and its session."""
        stored = self._detail.event
        if stored is None:
            return []
        session = [] if stored.session is None else [self.cover_session(stored.session)]
        return [self.cover_event(stored), *session]

    def tagged(self) -> None:
        """Show the tag."""
        self._read()

    def note_about(self) -> tuple[str, ...]:
        """Return the reference of the event."""
        stored = self._detail.event
        return () if stored is None else (stored.ref.short,)

    def note_about_words(self) -> str:
        """Return time and act of the event."""
        stored = self._detail.event
        return "" if stored is None else forms.event_in_short(stored)

    def action_show_session(self) -> None:
        """Show the session of the event."""
        stored = self._detail.event
        if stored is not None and stored.session is not None:
            self.case.navigation.go(SessionsPlace(stored.session))
        else:
            self.notify("this event belongs to no session", markup=False)

    def action_show_lineage(self) -> None:
        """Show what led to the event, and what came of it."""
        self.case.navigation.go(LineagePlace(event=self._number))

    def action_show_change(self) -> None:
        """Show what the event changed, before and after."""
        self.case.navigation.go(ChangePlace(self._number))

    def action_step(self, rows: int) -> None:
        """Stay: there are no other events here."""

    def action_copy_reference(self) -> None:
        """Put the full reference of the event on the clipboard."""
        stored = self._detail.event
        if stored is not None:
            self.app.copy_to_clipboard(str(stored.ref))
            self.notify(f"copied {stored.ref}", markup=False, timeout=4)

    @work
    async def action_reveal(self) -> None:
        """Show the secrets of the record, after a confirmation that is journalled."""
        await reveal(self, self._detail)
