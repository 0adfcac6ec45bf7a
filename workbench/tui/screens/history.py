"""All versions of a tag, finding or note: who said it, when and why, and what took its place."""

from __future__ import annotations

from textual import getters, work
from textual.app import ComposeResult
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui.lines.claims import history_lines
from workbench.tui.lines.document import BLANK, Line, line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import HistoryPlace
from workbench.tui.screens.section import Section
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.linked_document import LinkedDocument


class HistoryScreen(Section):
    """The versions, the newest first."""

    BINDING_GROUP_TITLE = "History"

    _document = getters.query_one(LinkedDocument)

    def __init__(self, case: OpenCase, place: HistoryPlace) -> None:
        super().__init__(case)
        self._claims = place.claims

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self.case, f"History of {', '.join(self._claims)}")
        yield LinkedDocument(id="versions")
        yield Static("", id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Read the versions."""
        self._document.focus()
        self._read()

    def zone_changed(self) -> None:
        """Write all times anew."""
        self._read()

    def note_about(self) -> tuple[str, ...]:
        """Return the id of what is shown."""
        return self._claims

    @work(exclusive=True, group="read")
    async def _read(self) -> None:
        try:
            histories = [await self.case.claims.history(each) for each in self._claims]
            numbers = await self.case.claims.numbers([version for each in histories for version in each])
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        lines: list[Line] = []
        for name, versions in zip(self._claims, histories, strict=True):
            found = list(history_lines(versions, self.zone, numbers))
            lines += (
                [*found, BLANK] if found else [line((f" There is no {name} in the case.", "warning")), BLANK]
            )
        self._document.show(lines)
