"""Draws the rows of the table of events, and remembers what it has drawn until colours, width or zone change."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from workbench.model.case import StoredEvent
from workbench.tui.glyphs import glyphs
from workbench.tui.recent import Recent
from workbench.tui.tables import events as rows
from workbench.tui.widgets.line_styles import ground, highlighted
from workbench.tui.zones import UTC, Zone

_STYLES = {
    "": "plain",
    "date": "muted",
    "time": "plain",
    "tied": "muted",
    "undated": "warning",
    "muted": "muted",
    "human": "person",
    "nonhuman": "notable",
    "service": "muted",
    "undecided": "muted",
    "identity": "plain",
    "action": "strong",
    "denied": "error",
    "tampers": "warning",
    "resource": "plain",
    "address": "muted",
    "outcome-success": "muted",
    "outcome-denied": "error",
    "outcome-failed": "error",
    "outcome-not_found": "warning",
    "outcome-unknown": "muted",
    "tag-attributed": "strong",
    "tag-inferred": "notable",
    "tag-unproven": "warning",
    "tag-excluded": "muted",
    "verb-read": "muted",
    "verb-read_secret": "warning",
    "verb-delegate": "warning",
    "verb-issue_credential": "warning",
    "verb-delete": "warning",
}
"""The few colours that the many kinds of cell share."""

STRIPS_KEPT = 512
"""Drawn rows kept: several windows of the tallest screen."""


class RowPainter:
    """Turns events into lines of one table: its width, its zone, its colours.

    Colours are the component classes ``event-table--NAME`` of the table's style sheet.
    """

    def __init__(self, table: Widget, marked: Callable[[int], bool] = lambda _: False) -> None:
        """Prepare to draw.

        Args:
            table: The table.
            marked: Whether a row is marked.
        """
        self._table = table
        self._marked = marked
        self._zone = UTC
        self._width = 0
        self._digits = 0
        self._layout = rows.layout(80)
        self._strips: Recent[tuple[int, bool], Strip] = Recent(STRIPS_KEPT)
        self._styles: dict[str, Style] = {}

    # What is drawn anew

    def resize(self, width: int) -> None:
        """Share out a new width."""
        self._width = width
        self._lay_out()

    def make_room(self, digits: int) -> bool:
        """Widen the time column if it has not room for so many fractional digits; return whether it was widened."""
        if digits <= self._digits:
            return False
        self._digits = digits
        self._lay_out()
        return True

    def set_zone(self, zone: Zone) -> None:
        """Write times in another zone."""
        self._zone = zone
        self.forget()

    def _lay_out(self) -> None:
        self._layout = rows.layout(max(40, self._width), self._digits)
        self.forget()

    def forget(self) -> None:
        """Draw all rows anew."""
        self._strips.clear()

    def forget_rows(self, first: int, count: int) -> None:
        """Draw some rows anew."""
        for row in range(first, first + count):
            self._strips.discard((row, True))
            self._strips.discard((row, False))

    def forget_styles(self) -> None:
        """Draw all rows anew in other colours."""
        self._styles.clear()
        self.forget()

    # Drawing

    def heading(self) -> Strip:
        """Draw the titles of the columns."""
        return self._note(rows.heading(self._layout, self._zone, glyphs()), "heading")

    def note(self, text: str) -> Strip:
        """Draw a line that says why there are no rows."""
        return self._note(f"  {text}", "empty")

    def blank(self) -> Strip:
        """Draw an empty line."""
        return Strip.blank(self._width, self._table.rich_style)

    def row(self, row: int, stored: StoredEvent | None, *, under_cursor: bool) -> Strip:
        """Draw a row; ``None`` as a placeholder for an event that has not been read yet."""
        strip = self._strips.get((row, under_cursor))
        if strip is None:
            strip = self._draw(row, stored, under_cursor=under_cursor)
            if stored is not None:
                self._strips.put((row, under_cursor), strip)
        return strip

    def text(self, stored: StoredEvent) -> str:
        """Return what stands in the row of an event."""
        return "".join(cell.text for cell in rows.cells(stored, self._layout, self._zone, glyphs()))

    def _note(self, text: str, style: str) -> Strip:
        return Strip([Segment(text, self._style(style))]).crop_extend(0, self._width, self._table.rich_style)

    def _draw(self, row: int, stored: StoredEvent | None, *, under_cursor: bool) -> Strip:
        over = self._style("cursor") if under_cursor else None
        if stored is None:
            segments = [Segment(" "), Segment(glyphs().cut * 3, self._cell_style("muted", over))]
        else:
            made = rows.cells(stored, self._layout, self._zone, glyphs())
            segments = [Segment(cell.text, self._cell_style(cell.style, over)) for cell in made]
        if self._marked(row):
            segments[0] = Segment(glyphs().bullet, self._cell_style("notable", over))
        if under_cursor:
            # A mark of its own: the row must be found without any colour.
            segments[0] = Segment(glyphs().pointer, self._cell_style("notable", over))
        strip = Strip(segments).crop_extend(0, self._width, self._cell_style("", over))
        selection = self._table.text_selection
        if selection is not None:
            style = self._table.screen.get_component_rich_style("screen--selection")
            strip = highlighted(strip, selection.get_span(row), style)
        return strip.apply_offsets(0, row)

    def _cell_style(self, kind: str, over: Style | None) -> Style:
        style = self._style(_STYLES.get(kind, "plain"))
        return style if over is None else style + over

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            component = f"event-table--{name}"
            table = self._table
            style = (
                ground(table, component) if name == "cursor" else table.get_component_rich_style(component)
            )
            self._styles[name] = style
        return style
