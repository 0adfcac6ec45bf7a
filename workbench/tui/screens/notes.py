"""The notes of a case: what responders wrote, when, and what about."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from workbench.model.claim import Kept
from workbench.model.note import Note
from workbench.tui import messages
from workbench.tui.lines.claims import version_lines
from workbench.tui.lines.document import Line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import HistoryPlace, NotesPlace
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.screens.noting import edit_note
from workbench.tui.tables.claims import NoteRows


class NotesScreen(DerivedSection):
    """The notes, the newest first, and the whole text of the one under the cursor."""

    PLACE = "Notes"
    HINT = "words that a note must hold, in its text, its author or what it is about"
    BINDING_GROUP_TITLE = "Notes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "correct", "Correct", id="notes.correct"),
        Binding("h", "show_history", "History", id="claim.history"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    def __init__(self, case: OpenCase, place: NotesPlace) -> None:
        super().__init__(case)
        self._place: NotesPlace | None = place
        self.found: list[Kept[Note]] = []
        self._listed: list[Kept[Note]] = []

    async def read(self) -> None:
        """Read all notes; the cursor stays on its own."""
        self.found = await self.case.claims.notes()
        self.lay_out()
        self.show_detail()

    def lay_out(self) -> None:
        """Show the notes that hold the words."""
        from workbench.casework.note import search_notes

        here, place = self.note, self._place
        wanted = here.origin.entry if here else ""
        if place is not None and place.note is not None:
            wanted = place.note
        if self.found:
            self._place = None
        self._listed = search_notes(self.found, self.words)[::-1]
        self._table.empty_text = (
            "No note holds these words. Esc clears them."
            if self.words
            else "No notes yet. n writes one of a line, N one on the whole screen."
        )
        row = next(
            (
                number
                for number, one in enumerate(self._listed)
                if wanted in (one.origin.id, one.origin.entry)
            ),
            0,
        )
        self._table.show(NoteRows(self._listed, self.zone), row)
        total = len(self.found)
        count = f"{len(self._listed):,} of {total:,}" if self.words else f"{total:,}"
        self._search.show_state(f"{count} {'note' if total == 1 else 'notes'}, the newest first")

    @property
    def note(self) -> Kept[Note] | None:
        """The note under the cursor."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    async def details(self) -> tuple[str, list[Line]]:
        """Return the whole note under the cursor."""
        note = self.note
        if note is None:
            return "", []
        return note.origin.entry, version_lines(note, self.zone, await self.case.claims.numbers([note]))

    def understand(self, words: str) -> None:
        """Take any words."""

    def note_about(self) -> tuple[str, ...]:
        """Return nothing: a note written here is about what its author says."""
        return ()

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        self.action_show_history()

    def action_show_history(self) -> None:
        """Show all versions of the note."""
        if self.note is not None:
            self.case.navigation.go(HistoryPlace((self.note.origin.id,)))

    @work
    async def action_correct(self) -> None:
        """Write a correction of the note under the cursor; both versions stay."""
        note = self.note
        if note is not None:
            await edit_note(self, corrected=note)
            self._read_anew()
