"""Help: the keys, the marks, the filter language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from workbench.search import describe
from workbench.tui.document import BLANK, Line, heading, line
from workbench.tui.glyphs import Glyphs, glyphs
from workbench.tui.rows import OUTCOME_WORDS
from workbench.tui.widgets.document_view import DocumentView

KEYS = (
    ("timeline", (
        ("↑ ↓  PgUp PgDn  Home End", "move; End stays at the end while events are still being read"),
        ("Enter, double click", "details of the event;  [ ]  previous and next event there"),
        ("/", "filter;  Tab completes, ↑ ↓ earlier filters, Enter applies, Esc leaves"),
        ("Esc", "close the details, then clear the filter"),
        ("g", "go to a time"),
        ("y", "copy the full reference of the event;  drag selects text, ctrl+c copies it"),
        ("r", "in the details: reveal masked secrets (journalled)"),
    )),
    ("bars", (
        ("t, Tab", "go to the bars"),
        ("← →  Shift+← →", "move the column;  pan"),
        ("+ -  wheel  0", "zoom in and out;  all"),
        ("Space … Space, drag", "select a stretch of time: it becomes part of the filter"),
        ("Enter, click", "go to that time in the table"),
        ("Esc", "give up the selection, then the zoom"),
    )),
    ("case", (
        ("z  Z", "switch between UTC and another zone;  choose the other zone"),
        ("e  A  x", "evidence and its accounting;  add evidence;  stop adding"),
        ("ctrl+p", "every command by name, themes too"),
        ("?  q  ctrl+q", "this help;  back;  quit"),
    )),
)  # fmt: skip


class HelpScreen(ModalScreen[None]):
    """Shows the help over whatever was on screen."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark", "close", "Close")]

    def compose(self) -> ComposeResult:
        """Lay the help out."""
        with Vertical(id="help") as frame:
            frame.border_title = "Help"
            frame.border_subtitle = "Esc closes"
            yield DocumentView(help_lines(glyphs()))

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def help_lines(marks: Glyphs) -> Iterator[Line]:
    """Return the whole help."""
    for group, keys in KEYS:
        yield heading(f" {group}")
        for key, meaning in keys:
            yield line((f"  {key:<26}", "key"), meaning, indent=28)
        yield BLANK
    yield heading(" marks")
    yield line(
        "  identity   ", *(f"{sign} {kind.value}   " for kind, sign in marks.identity.items()), indent=13
    )
    yield line(
        "  outcome    ",
        *(f"{sign} {OUTCOME_WORDS[status]}   " for status, sign in marks.outcome.items()),
        indent=13,
    )
    yield line(f"  tag        {marks.untagged} untagged", indent=13)
    yield line(f"  time       {marks.tied} order inside this second is unknown", indent=13)
    yield line(f"  action     {marks.tampers} weakens or stops the recording of what happens", indent=13)
    yield line(f"  bars       {marks.shadow} events that the filter leaves out", indent=13)
    yield BLANK
    yield heading(" filter")
    for text in describe().splitlines():
        yield line(f"  {text}", indent=25)
