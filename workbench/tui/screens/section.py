"""What the screens of one case have in common: the header, the way to the other sections, the zone, problems."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from textual import getters, on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.text import visible
from workbench.tui import messages
from workbench.tui.open_case import OpenCase
from workbench.tui.places import (
    ChangesPlace,
    CoveragePlace,
    CredentialsPlace,
    FindingsPlace,
    IdentitiesPlace,
    JournalPlace,
    NotesPlace,
    Place,
    SessionsPlace,
    TimelinePlace,
)
from workbench.tui.screens import forms
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.late_work import LateWork
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.zones import UTC, Zone, local_zone, named_zone

_PLACES: dict[str, Place] = {
    "timeline": TimelinePlace(),
    "sessions": SessionsPlace(),
    "changes": ChangesPlace(),
    "coverage": CoveragePlace(),
    "findings": FindingsPlace(),
    "notes": NotesPlace(),
    "identities": IdentitiesPlace(),
    "credentials": CredentialsPlace(),
    "journal": JournalPlace(),
}


class Section(LateWork, Screen[None]):
    """A screen of an opened case. It has a ``CaseHeader`` and, with the id ``problem``, a line for what went wrong."""

    CSS_PATH: ClassVar[str | list[str | PurePath]] = "section.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (190, "-broad")]  # noqa: RUF012 - declared so by textual
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-medium"), (36, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("2", "section('timeline')", "Timeline", show=False, id="section.timeline"),
        Binding("3", "section('sessions')", "Sessions", show=False, id="section.sessions"),
        Binding("4", "section('changes')", "Changes", show=False, id="section.changes"),
        Binding("5", "section('coverage')", "Coverage", show=False, id="section.coverage"),
        Binding("6", "section('findings')", "Findings", show=False, id="section.findings"),
        Binding("7", "section('notes')", "Notes", show=False, id="section.notes"),
        Binding("8", "section('identities')", "Identities", show=False, id="section.identities"),
        Binding("9", "section('credentials')", "Credentials", show=False, id="section.credentials"),
        Binding("n", "quick_note", "Note", show=False, id="note.quick"),
        Binding("N", "edit_note", "Write a note", show=False, id="note.edit"),
        Binding("J", "section('journal')", "Journal", show=False, id="section.journal"),
        Binding("z", "switch_zone", "Zone", show=False, id="zone.switch"),
        Binding("Z", "choose_zone", "Other zone", show=False, id="zone.choose"),
        Binding("escape", "retreat", "Close, clear", show=False, id="view.retreat"),
        Binding("q", "leave", "Back", id="view.leave"),
    ]

    zone: var[Zone] = var(UTC, init=False)
    """Zone in which times are shown."""

    _header = getters.query_one(CaseHeader)
    _problem = getters.query_one("#problem", Static)

    def __init__(self, case: OpenCase) -> None:
        super().__init__()
        self.case = case
        self.problem = ""
        self.set_reactive(Section.zone, case.zone)

    def on_screen_resume(self) -> None:
        """Take over the zone that was chosen on another screen."""
        self.zone = self.case.zone

    def action_section(self, name: str) -> None:
        """Go to a section of the case."""
        self.case.navigation.jump(_PLACES[name])

    @on(messages.PlaceChosen)
    def _place_chosen(self, event: messages.PlaceChosen) -> None:
        event.stop()
        self.case.navigation.go(event.place)

    # Problems

    def tell_problem(self, error: WorkbenchError) -> None:
        """Show what went wrong until it is closed."""
        self.problem = visible(str(error), keep_newlines=True)
        self._problem.update(Content(self.problem))
        self.add_class("-problem")

    def close_problem(self) -> bool:
        """Close the problem on show; return whether there was one."""
        if not self.has_class("-problem"):
            return False
        self.remove_class("-problem")
        self.problem = ""
        return True

    @on(messages.ReadFailed)
    def _read_failed(self, event: messages.ReadFailed) -> None:
        self.tell_problem(event.error)

    # Leaving

    def action_retreat(self) -> None:
        """Close or clear one thing, at last the screen."""
        if not self.close_problem():
            self.action_leave()

    def action_leave(self) -> None:
        """Go back to where one came from."""
        self.case.navigation.back()

    # Notes

    def note_about(self) -> tuple[str, ...]:
        """Return references of what a note written here is about."""
        return ()

    def note_about_words(self) -> str:
        """Return what the first of these says, in a line; empty where its id is enough."""
        return ""

    @work
    async def action_quick_note(self) -> None:
        """Write a note of one line."""
        from workbench.tui.screens.noting import quick_note

        await quick_note(self)

    @work
    async def action_edit_note(self) -> None:
        """Write a note on the whole screen."""
        from workbench.tui.screens.noting import edit_note

        await edit_note(self)

    # Zones

    def watch_zone(self, zone: Zone) -> None:
        """Show all times in the other zone."""
        self.case.zone = zone
        if self.is_mounted:
            self._header.show()
            self.zone_changed()

    def zone_changed(self) -> None:
        """Write the times that are on show anew."""

    def action_switch_zone(self) -> None:
        """Change between UTC and the zone chosen last, at first the zone of this machine."""
        case = self.case
        if case.other_zone is None:
            case.other_zone = local_zone()
        if case.other_zone is UTC:
            self.action_choose_zone()
        else:
            self.zone = case.other_zone if self.zone is UTC else UTC

    @work
    async def action_choose_zone(self) -> None:
        """Ask for a zone."""
        values = await self.app.push_screen_wait(FormScreen(forms.choose_zone(self.zone)))
        if values is not None:
            self.zone = named_zone(values["zone"])
            if self.zone is not UTC:
                self.case.other_zone = self.zone
