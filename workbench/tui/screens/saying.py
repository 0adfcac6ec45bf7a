"""What can be said of the events of the timeline: tags, findings, notes."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, work
from textual.binding import Binding, BindingType

from workbench.tui.case_reading import CaseReading
from workbench.tui.places import HistoryPlace
from workbench.tui.screens import forms
from workbench.tui.screens.section import Section
from workbench.tui.widgets.event_table import EventTable


class SayingSection(Section):
    """A section with the table of events: keys to tag them, to mark several for one tag, to state a finding."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "tag('attributed')", "Tag", key_display="a i u x", id="tag.attributed"),
        Binding("i", "tag('inferred')", "Inferred", show=False, id="tag.inferred"),
        Binding("u", "tag('unproven')", "Unproven", show=False, id="tag.unproven"),
        Binding("x", "tag('excluded')", "Excluded", show=False, id="tag.excluded"),
        Binding("space", "mark", "Mark", show=False, id="event.mark"),
        Binding("h", "show_history", "History of tags", show=False, id="claim.history"),
        Binding("F", "state_finding", "Finding", show=False, id="findings.new"),
    ]

    reading: CaseReading
    _table = getters.query_one(EventTable)

    def note_about(self) -> tuple[str, ...]:
        """Return the reference of the event under the cursor."""
        stored = self._table.current
        return () if stored is None else (str(stored.ref),)

    def action_mark(self) -> None:
        """Mark the event under the cursor for a tag, or unmark it, and go on to the next."""
        self._table.toggle_mark()

    @work
    async def action_tag(self, grade: str) -> None:
        """Tag the event under the cursor or the marked events; the dialog offers its session and the filter's result, too."""
        from workbench.model.claim import Grade
        from workbench.tui.screens.tagging import Cover, TagScreen

        stored = self._table.current
        if stored is None:
            return
        claims, marked = self.case.claims, sorted(self._table.marked)
        number, session, text = stored.id, stored.session, self.reading.text
        covers = [Cover("the event under the cursor", lambda: claims.choose([number]))]
        if marked:
            covers.insert(0, Cover(f"the {len(marked):,} marked", lambda: claims.choose(marked)))
        if session is not None:
            covers.append(Cover(f"session {session}", lambda: claims.choose_session(session)))
        if self.reading.query is not None and self.reading.passing.complete:
            count = len(self.reading.passing)
            covers.append(Cover(f"all {count:,} that pass the filter", lambda: claims.choose_filter(text)))
        draft = f"tag {' '.join(map(str, marked or [number]))}"
        name = await self.app.push_screen_wait(TagScreen(self.case, Grade(grade), covers, draft))
        if name is not None:
            self._table.clear_marks()
            self._table.read_again()
            self.notify(f"tag {name} is in the journal", markup=False, timeout=4)

    def action_show_history(self) -> None:
        """Show the history of the newest tag on the event under the cursor."""
        stored = self._table.current
        if stored is not None and stored.tags:
            self.case.navigation.go(HistoryPlace(stored.tags[-1].id))
        else:
            self.notify("nobody has tagged this event: a i u x tag it", markup=False)

    @work
    async def action_state_finding(self) -> None:
        """State a finding that cites the event under the cursor."""
        from workbench.tui.screens.stating import state_finding

        stored = self._table.current
        if stored is not None:
            await state_finding(self, forms.finding_values(stored), f"finding {stored.id}")
