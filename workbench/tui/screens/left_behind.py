"""What acts left behind: credentials, trusts, grants, persistence, logging switched off, and whether anything undid it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from workbench.model.change import Fate
from workbench.tui import messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.changes import exposure_lines, looked_for_lines
from workbench.tui.lines.document import BLANK, Line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import ChangePlace, LeftBehindPlace, TimelinePlace
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.tables.resources import ExposureRows
from workbench.tui.words import keeps, read_words

if TYPE_CHECKING:
    from workbench.casework.left_behind import LeftBehind

FIELDS = {
    "undone": ("yes", "no", "inactive", "untold"),
    "kind": ("credential", "trust", "grant", "persistence", "logging", "network", "shared"),
}
"""Fields of the filter line with their choices."""


class LeftBehindScreen(DerivedSection):
    """Everything that was left behind, by a session or by all; what nothing undid comes first."""

    PLACE = "Left behind"
    HINT = "words in resource or text; undone:no  undone:inactive  kind:trust  -word"
    BINDING_GROUP_TITLE = "Left behind"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="left.timeline"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    def __init__(self, case: OpenCase, place: LeftBehindPlace) -> None:
        super().__init__(case)
        self._session = place.session
        self.found: list[LeftBehind] = []
        self._listed: list[LeftBehind] = []

    async def read(self) -> None:
        """Read what was left behind."""
        found = await self.case.changes.left_behind(self._session)
        self.found = sorted(found.listed, key=lambda one: _ORDER[_undone(one)])
        self.lay_out()

    def lay_out(self) -> None:
        """Show what passes the words."""
        cursor = self._table.cursor
        words = read_words(self.words, FIELDS)
        self._listed = [
            one
            for one in self.found
            if keeps(words, _values(one), lambda one=one: _texts(one))  # type: ignore[misc]
        ]
        self._table.empty_text = (
            "Nothing passes the filter. Esc clears it."
            if self.words
            else "No change that leaves something behind is in the evidence."
        )
        self._table.show(ExposureRows(self._listed, self.zone), cursor)
        states = [_undone(one) for one in self._listed]
        untold, inactive = states.count("untold"), states.count("inactive")
        by = f" by {self._session}" if self._session else ""
        self._search.show_state(
            f"{len(self._listed):,} left behind{by}: {states.count('no'):,} not undone"
            + (f", {inactive:,} inactive" if inactive else "")
            + (f", {untold:,} not to be told" if untold else "")
        )

    @property
    def left(self) -> LeftBehind | None:
        """What stands under the cursor."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of what stands under the cursor."""
        one = self.left
        if one is None:
            return "", looked_for_lines()
        lines = exposure_lines(one, self.zone, glyphs())
        return f"{one.exposure.event} {one.exposure.what}", [*lines, BLANK, *looked_for_lines()]

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        one = self.left
        if one is not None:
            self.case.navigation.go(ChangePlace(one.exposure.event))

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, FIELDS)

    def action_show_in_timeline(self) -> None:
        """Show the event that left it behind in the timeline."""
        one = self.left
        if one is not None:
            self.case.navigation.go(TimelinePlace(event=one.exposure.event))


_ORDER = {"no": 0, "inactive": 1, "untold": 2, "yes": 3}


def _undone(one: LeftBehind) -> str:
    fate = one.exposure.fate
    return {Fate.STANDING: "no", Fate.INACTIVE: "inactive", Fate.UNDONE: "yes"}.get(fate, "untold")


def _values(one: LeftBehind) -> dict[str, str]:
    return {"undone": _undone(one), "kind": one.exposure.kind.value}


def _texts(one: LeftBehind) -> str:
    return "\n".join((one.exposure.title, one.exposure.what, one.session or "")).casefold()
