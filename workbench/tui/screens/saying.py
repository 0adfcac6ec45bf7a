"""What can be said of the events of the timeline: tags, findings, notes."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.model.case import StoredEvent
from workbench.tui.places import HistoryPlace
from workbench.tui.reading.case import CaseReading
from workbench.tui.screens import forms
from workbench.tui.screens.section import Section
from workbench.tui.widgets.event_table import EventTable

if TYPE_CHECKING:
    from workbench.casework.choosing import Chosen


@dataclasses.dataclass(frozen=True)
class Cover:
    """Events that a tag can be about.

    Attributes:
        words: What they are called.
        key: Tells them from others, for drafts.
        look: Looks at them.
    """

    words: str
    key: str
    look: Callable[[], Awaitable[Chosen]]


class TagsSection(Section):
    """A section from which events can be tagged: ``a`` ``i`` ``u`` ``x`` open the tag dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "tag('attributed')", "Tag", key_display="a i u x", id="tag.attributed"),
        Binding("i", "tag('inferred')", "Inferred", show=False, id="tag.inferred"),
        Binding("u", "tag('unproven')", "Unproven", show=False, id="tag.unproven"),
        Binding("x", "tag('excluded')", "Excluded", show=False, id="tag.excluded"),
    ]

    def covers(self) -> list[Cover]:
        """Return what a tag could be about now, the first choice first; nothing if there is nothing."""
        raise NotImplementedError

    def tagged(self) -> None:
        """Show that something was tagged."""

    @work
    async def action_tag(self, grade: str) -> None:
        """Open the tag dialog."""
        from workbench.model.claim import Grade
        from workbench.tui.drafts import FieldsKeeper
        from workbench.tui.screens.tagging import TagScreen

        covers = self.covers()
        if not covers:
            return
        try:
            drafts = await self.case.drafts()
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        key = f"tag {covers[0].key}"
        left = await drafts.kept_fields(key)
        dialog = TagScreen(self.case, Grade(grade), covers, FieldsKeeper(drafts, key, left), left)
        name = await self.app.push_screen_wait(dialog)
        if name is not None:
            self.tagged()
            self.notify(f"tag {name} is in the journal", markup=False, timeout=4)

    def cover_event(self, stored: StoredEvent) -> Cover:
        """Return the choice of one event."""
        claims, number = self.case.claims, stored.id
        return Cover("the event under the cursor", str(stored.ref), lambda: claims.choose([number]))

    def cover_session(self, session: str) -> Cover:
        """Return the choice of a session's own events."""
        return Cover(f"session {session}", session, lambda: self.case.claims.choose_session(session))


class SayingSection(TagsSection):
    """The section with the table of events: keys to mark several for one tag, to state a finding."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", show=False, id="event.mark"),
        Binding("h", "show_history", "History of tags", show=False, id="claim.history"),
        Binding("F", "state_finding", "Finding", show=False, id="findings.new"),
    ]

    reading: CaseReading
    _table = getters.query_one(EventTable)

    def note_about(self) -> tuple[str, ...]:
        """Return the reference of the event under the cursor."""
        stored = self._table.current
        return () if stored is None else (stored.ref.short,)

    def note_about_words(self) -> str:
        """Return time and act of the event under the cursor."""
        stored = self._table.current
        return "" if stored is None else forms.event_in_short(stored)

    def action_mark(self) -> None:
        """Mark the event under the cursor for a tag, or unmark it, and go on to the next."""
        self._table.toggle_mark()

    def covers(self) -> list[Cover]:
        """Return the marked events, the one under the cursor, its session, and what passes the filter."""
        stored = self._table.current
        if stored is None:
            return []
        claims, marked, text = self.case.claims, sorted(self._table.marked), self.reading.text
        found = [self.cover_event(stored)]
        if marked:
            # Row numbers are those of one file: another copy of the case may number its events otherwise.
            key = f"{self.case.path.absolute()} {' '.join(map(str, marked))}"
            found.insert(0, Cover(f"the {len(marked):,} marked", key, lambda: claims.choose(marked)))
        if stored.session is not None:
            found.append(self.cover_session(stored.session))
        if self.reading.query is not None and self.reading.passing.complete:
            count = f"all {len(self.reading.passing):,} that pass the filter"
            found.append(Cover(count, text, lambda: claims.choose_filter(text)))
        return found

    def tagged(self) -> None:
        """Show the tag at once, and begin a new selection."""
        self._table.clear_marks()
        self._table.read_again()

    def action_show_history(self) -> None:
        """Show the history of the tags on the event under the cursor, the newest first."""
        stored = self._table.current
        if stored is not None and stored.tags:
            self.case.navigation.go(HistoryPlace(tuple(tag.id for tag in reversed(stored.tags))))
        else:
            self.notify("nobody has tagged this event: a i u x tag it", markup=False)

    @work
    async def action_state_finding(self) -> None:
        """State a finding that cites the event under the cursor."""
        from workbench.tui.screens.stating import state_finding

        stored = self._table.current
        if stored is not None:
            await state_finding(self, forms.finding_values(stored), str(stored.ref))
