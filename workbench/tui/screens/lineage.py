"""The lineage of a session or event: back to the first credential use and forward to every effect."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import BLANK, line
from workbench.tui.lines.lineage import lineage_lines
from workbench.tui.lines.links import Naming
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ContentPlace, EventPlace, LineagePlace, SessionsPlace, TimelinePlace
from workbench.tui.reading.derived import LineageFound
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.linked_document import LinkedDocument


class LineageScreen(Section):
    """Every edge with its rule, what it joins, the records it cites, and what else would fit."""

    BINDING_GROUP_TITLE = "Lineage"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="lineage.timeline"),
        Binding("s", "show_session", "Session", id="lineage.session"),
        Binding("c", "show_content", "Contents", id="lineage.content"),
        Binding("l", "go_on", "Lineage from here", id="lineage.on"),
    ]

    _document = getters.query_one(LinkedDocument)

    def __init__(self, case: OpenCase, place: LineagePlace) -> None:
        super().__init__(case)
        self._place = place
        self.found: LineageFound | None = None

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, "Lineage")
        yield LinkedDocument([BLANK, line((" following the links …", "muted"))])
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        self._document.focus()
        self._read()

    def on_unmount(self) -> None:
        """Give up what is still being followed."""
        self.case.derived.give_up()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        derived, place = self.case.derived, self._place
        try:
            _, current = await derived.state()
            if place.event is not None:
                self.found = await derived.lineage_of_event(place.event)
            elif place.session is not None:
                self.found = await derived.lineage_of_session(place.session)
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        if not current:
            self.tell_problem(
                WorkbenchError(
                    "these links are not up to date: evidence was added since they were derived",
                    f"run: workbench derive {self.case.named}",
                )
            )
        self.zone_changed()

    def zone_changed(self) -> None:
        """Write all times anew."""
        if self.found is None:
            self._document.show([BLANK, line((" This event is no longer in the case.", "warning"))])
            return
        naming = Naming(self.found.named, self.zone, glyphs())
        self._document.show(lineage_lines(self.found, naming))

    @property
    def _session(self) -> str | None:
        """The session under the cursor, else the one whose lineage this is."""
        target = self._document.target
        if isinstance(target, SessionsPlace) and target.session is not None:
            return target.session
        if self.found is None or self.found.lineage.start not in self.found.named.sessions:
            return None
        return self.found.lineage.start

    def action_show_in_timeline(self) -> None:
        """Show the event under the cursor in the timeline, or the events of the session."""
        target, session = self._document.target, self._session
        if isinstance(target, EventPlace):
            self.case.navigation.go(TimelinePlace(event=target.event))
        elif session is not None:
            self.case.navigation.go(TimelinePlace(f"session:{session}"))

    def action_show_session(self) -> None:
        """Show the session in the tree of sessions."""
        if self._session is not None:
            self.case.navigation.go(SessionsPlace(self._session))

    def action_show_content(self) -> None:
        """Show what the session did."""
        if self._session is not None:
            self.case.navigation.go(ContentPlace(self._session))

    def action_go_on(self) -> None:
        """Show the lineage of what stands under the cursor."""
        target = self._document.target
        if isinstance(target, EventPlace):
            self.case.navigation.go(LineagePlace(event=target.event))
        elif self._session is not None:
            self.case.navigation.go(LineagePlace(session=self._session))
