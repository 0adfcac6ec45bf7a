"""What one event changed: each field before and after, how well "before" is known, what it left behind."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.changes import event_change_lines
from workbench.tui.lines.document import BLANK, line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ChangePlace, ChangesPlace, EventPlace, LineagePlace, TimelinePlace
from workbench.tui.reading.changes import EventChanges
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.linked_document import LinkedDocument


class ChangeScreen(Section):
    """The two sides of a change: beside each other on a wide screen, one below the other on a narrow one."""

    BINDING_GROUP_TITLE = "Change"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="change.timeline"),
        Binding("h", "show_history", "History of the resource", id="change.history"),
        Binding("e", "show_event", "Raw record", id="change.event"),
        Binding("l", "show_lineage", "Lineage", id="change.lineage"),
    ]

    _document = getters.query_one(LinkedDocument)

    def __init__(self, case: OpenCase, place: ChangePlace) -> None:
        super().__init__(case)
        self._event = place.event
        self._read_once = False
        self.found: EventChanges | None = None

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, "Change")
        yield LinkedDocument([BLANK, line((" reading …", "muted"))])
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        self._document.focus()
        self._read()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        try:
            _, current = await self.case.changes.state()
            self.found = await self.case.changes.of_event(self._event)
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self._read_once = True
        if not current:
            self.tell_problem(
                WorkbenchError(
                    "changes are not up to date: evidence was added since they were derived",
                    f"run: workbench derive {self.case.named}",
                )
            )
        self.zone_changed()

    def on_resize(self) -> None:
        """Put the two sides where there is room for them."""
        if self._read_once:
            self.zone_changed()

    def zone_changed(self) -> None:
        """Write everything anew."""
        if self.found is None:
            self._document.show([BLANK, line((" This event is no longer in the case.", "warning"))])
            return
        lines = event_change_lines(self.found, self.zone, glyphs(), self.size.width)
        self._document.show(lines, keep_place=True)

    # Keys

    def action_show_in_timeline(self) -> None:
        """Show the event among the others."""
        self.case.navigation.go(TimelinePlace(event=self._event))

    def action_show_event(self) -> None:
        """Show every field of the event with its raw record."""
        self.case.navigation.go(EventPlace(self._event))

    def action_show_lineage(self) -> None:
        """Show what led to the event, and what came of it."""
        self.case.navigation.go(LineagePlace(event=self._event))

    def action_show_history(self) -> None:
        """Show the life of the resource that was changed."""
        target = self._document.target
        if isinstance(target, ChangesPlace):
            self.case.navigation.go(target)
        elif self.found is not None and self.found.changes:
            self.case.navigation.go(ChangesPlace(self.found.changes[0].resource.id))
