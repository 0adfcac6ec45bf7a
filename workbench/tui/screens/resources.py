"""The resources of a case, those that were changed first, and the life of the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.tui import filters, messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.changes import history_lines
from workbench.tui.lines.document import Line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ChangesPlace, LeftBehindPlace, TimelinePlace
from workbench.tui.reading.changes import MOST_OTHERS
from workbench.tui.screens import forms
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.screens.form import FormScreen
from workbench.tui.tables.resources import ResourceRows
from workbench.tui.words import Word, keeps, read_words

if TYPE_CHECKING:
    from workbench.casefile.changes.reader import ChangedResource


class ResourcesScreen(DerivedSection):
    """The resources, and the life of the one under the cursor.

    Without words those that were changed; words find all that events name. What fits none is looked for by likeness.
    """

    PLACE = "Changes"
    HINT = (
        "words in name, kind or account find every resource; what fits none is looked for by likeness;  -word"
    )
    BINDING_GROUP_TITLE = "Changes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="resources.timeline"),
        Binding("t", "ask_as_of", "As of", id="resources.as_of"),
        Binding("L", "show_left_behind", "Left behind", id="resources.left"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    def __init__(self, case: OpenCase, place: ChangesPlace) -> None:
        super().__init__(case)
        self._place: ChangesPlace | None = place
        self.found: list[ChangedResource] = []
        self._listed: list[ChangedResource] = []
        self.as_of: int | None = None

    async def read(self) -> None:
        """Read all resources; the cursor stays on its own."""
        self.found = await self.case.changes.resources()
        self.lay_out()

    def lay_out(self) -> None:
        """Show the resources that pass the words."""
        here = self.resource
        wanted = here.id if here is not None else None
        if self._place is not None and self.found:
            wanted = self._place.resource or wanted
            if self._place.resource is not None and self.words:
                self.case.words[self.PLACE] = ""
                self._search.set_text("")
            self._place = None
        words = read_words(self.words, {})
        self._listed = [one for one in self.found if keeps(words, {}, lambda one=one: _texts(one))]  # type: ignore[misc]
        self._show(wanted, "")
        if words:
            self._look_further(words, wanted)

    def _show(self, wanted: str | None, note: str) -> None:
        self._table.empty_text = (
            "No resource fits. Esc clears the filter."
            if self.words
            else "No changes have been derived yet. Press D to derive them."
            if not self.current
            else "No event of the case states what it changed. A in the timeline adds evidence."
        )
        row = next((number for number, one in enumerate(self._listed) if one.id == wanted), 0)
        self._table.show(ResourceRows(self._listed, self.zone), row)
        # The window has its height only once the details have theirs.
        self.call_after_refresh(self._table.go_to_row, row)
        total = len(self.found)
        changed = sum(one.changes > 0 for one in self._listed)
        count = f"{changed:,} of {total:,}" if self.words else f"{total:,}"
        self._search.show_state(f"{count} {'resource' if total == 1 else 'resources'} with changes{note}")

    @work(exclusive=True, group="further")
    async def _look_further(self, words: list[Word], wanted: str | None) -> None:
        """Add what no event changed; where nothing fits, show what is like it."""
        asked, listed = self.words, self._listed
        try:
            found = await self.case.changes.others([word.text for word in words if not word.negated])
            others = [one for one in found if keeps(words, {}, lambda one=one: _texts(one))]  # type: ignore[misc]
            alike = [] if listed or others else await self.case.changes.alike(asked)
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        if asked != self.words or listed is not self._listed:
            return
        here = self.resource
        if others:
            self._listed = [*listed, *others]
            more = " or more" if len(found) >= MOST_OTHERS else ""
            self._show(
                here.id if here is not None else wanted, f"; {len(others):,}{more} that no event changed"
            )
        elif alike:
            self._listed = alike
            unchanged = sum(not one.changes for one in alike)
            more = f"; {unchanged:,} unchanged" if unchanged else ""
            self._show(None, f", by likeness{more}")

    @property
    def resource(self) -> ChangedResource | None:
        """The resource under the cursor."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    async def details(self) -> tuple[str, list[Line]]:
        """Return the life of the resource under the cursor."""
        one = self.resource
        if one is None:
            return "", []
        found = await self.case.changes.history(one, self.as_of)
        return f"{one.id} {self.as_of}", history_lines(found, self.zone, glyphs(), self._detail.size.width)

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        if not self.has_class("-detail"):
            self.action_turn_detail()
        self._detail.focus()

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, {})

    def action_show_in_timeline(self) -> None:
        """Show the events that name the resource in the timeline."""
        one = self.resource
        if one is not None:
            self.case.navigation.go(TimelinePlace(filters.condition("resource", one.title)))

    @work
    async def action_ask_as_of(self) -> None:
        """Ask for an instant and show the state then."""
        one = self.resource
        current = None if one is None else one.last
        values = await self.app.push_screen_wait(FormScreen(forms.as_of(self.zone, current)))
        if values is not None:
            typed = values["time"].strip()
            self._turn_to(forms.read_time(typed, self.zone, current) if typed else None)

    def _turn_to(self, as_of: int | None) -> None:
        self.as_of = as_of
        self.add_class("-detail")
        self.show_detail()

    def action_retreat(self) -> None:
        """Close or clear one thing; the end of the evidence comes back before the filter is cleared."""
        if self.as_of is not None and self.focused is self._table and not self.has_class("-problem"):
            self._turn_to(None)
        else:
            super().action_retreat()

    def action_show_left_behind(self) -> None:
        """Show everything that was left behind."""
        self.case.navigation.go(LeftBehindPlace())


def _texts(one: ChangedResource) -> str:
    return "\n".join((one.title, one.key.name, one.key.kind, one.key.account, one.id)).casefold()
