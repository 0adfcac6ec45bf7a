"""A session against what had been done before it, or two sessions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.changes import baseline_document, pair_document
from workbench.tui.lines.document import BLANK, line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ComparePlace, LeftBehindPlace, TimelinePlace
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.linked_document import LinkedDocument

if TYPE_CHECKING:
    from workbench.casework.compare_sessions import AgainstBaseline, TwoSessions
    from workbench.changes.baseline import Against


class CompareScreen(Section):
    """What is new in a session; what two sessions have in common and what not."""

    BINDING_GROUP_TITLE = "Comparison"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "turn_baseline", "Identity, role or everybody", id="compare.baseline"),
        Binding("f", "show_in_timeline", "Timeline", id="compare.timeline"),
        Binding("L", "show_left_behind", "Left behind", id="compare.left"),
    ]

    _document = getters.query_one(LinkedDocument)

    def __init__(self, case: OpenCase, place: ComparePlace) -> None:
        super().__init__(case)
        self._place = place
        self._against: Against | None = None
        self.found: AgainstBaseline | TwoSessions | None = None

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, "Comparison")
        yield LinkedDocument([BLANK, line((" comparing …", "muted"))])
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to read."""
        self._document.focus()
        self._read()

    def on_unmount(self) -> None:
        """Give up what is still being read."""
        self.case.changes.give_up()

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        place = self._place
        try:
            if place.other is not None:
                self.found = await self.case.changes.pair(place.session, place.other)
            else:
                self.found = await self.case.changes.baseline(place.session, self._against)
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self.zone_changed()

    def zone_changed(self) -> None:
        """Write all times anew."""
        from workbench.casework.compare_sessions import AgainstBaseline

        if isinstance(self.found, AgainstBaseline):
            self._document.show(baseline_document(self.found, self.zone))
        elif self.found is not None:
            self._document.show(pair_document(self.found, glyphs()))

    # Keys

    def action_turn_baseline(self) -> None:
        """Compare with what the session's role did before, its identity, or everybody: the next of them."""
        from workbench.casework.compare_sessions import AgainstBaseline, baselines

        if isinstance(self.found, AgainstBaseline):
            choices = baselines(self.found.session)
            self._against = choices[(choices.index(self.found.against) + 1) % len(choices)]
            self._document.show([BLANK, line((" comparing …", "muted"))])
            self._read()

    def action_show_in_timeline(self) -> None:
        """Show the events of the session in the timeline."""
        self.case.navigation.go(TimelinePlace(f"session:{self._place.session}"))

    def action_show_left_behind(self) -> None:
        """Show what the session left behind."""
        self.case.navigation.go(LeftBehindPlace(self._place.session))
