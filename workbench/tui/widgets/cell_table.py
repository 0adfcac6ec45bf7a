"""A table drawn line by line: any number of rows, of which only those in the window are ever asked for."""

from __future__ import annotations

from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from workbench.tui.glyphs import glyphs
from workbench.tui.messages import RowMoved, RowOpened, RowTurned, WindowMoved
from workbench.tui.recent import Recent
from workbench.tui.tables.events import Cell
from workbench.tui.widgets.line_styles import ground, highlighted

STRIPS_KEPT = 512
"""Drawn rows kept: several windows of the tallest screen."""


class Rows(Protocol):
    """What a table shows. Asked while drawing, so nothing here may wait."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        ...

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row; the first is one blank cell, in which the cursor is marked."""
        ...


class NoRows:
    """An empty table."""

    def __len__(self) -> int:
        return 0

    def heading(self, width: int) -> list[Cell]:
        """Return no titles."""
        return []

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return nothing."""
        return []


class CellTable(ScrollView, can_focus=True):
    """A window on rows, with a cursor. Styles of cells are the component classes ``cell-table--NAME``."""

    BINDING_GROUP_TITLE = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First row", show=False),
        Binding("end", "last", "Last row", show=False),
        Binding("left", "turn(False)", "Fold", show=False),
        Binding("right", "turn(True)", "Unfold", show=False),
        Binding("space", "turn(None)", "Fold, unfold", show=False),
        Binding("enter", "open", "Open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell-table--cursor",
        "cell-table--heading",
        "cell-table--empty",
        "cell-table--muted",
        "cell-table--strong",
        "cell-table--plain",
        "cell-table--number",
        "cell-table--warning",
        "cell-table--error",
        "cell-table--success",
        "cell-table--person",
        "cell-table--notable",
    }
    DEFAULT_CSS = """
    CellTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        & > .cell-table--heading { color: $text-muted; text-style: underline; }
        & > .cell-table--cursor { background: $primary 35%; text-style: bold; }
        & > .cell-table--empty { color: $text-muted; }
        & > .cell-table--muted { color: $text-muted; }
        & > .cell-table--strong { text-style: bold; }
        & > .cell-table--plain { color: $foreground; }
        & > .cell-table--number { color: $foreground; }
        & > .cell-table--warning { color: $text-warning; }
        & > .cell-table--error { color: $text-error; }
        & > .cell-table--success { color: $text-success; }
        & > .cell-table--person { color: $text-accent; }
        & > .cell-table--notable { color: $text-primary; }
        &:ansi > .cell-table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """
    STYLES: ClassVar[dict[str, str]] = {
        "": "plain",
        "human": "person",
        "nonhuman": "notable",
        "service": "muted",
        "undecided": "muted",
        "strength-proven": "success",
        "strength-inferred": "notable",
        "strength-unproven": "warning",
        "strength-asserted": "person",
        "lane-human": "person",
        "lane-nonhuman": "notable",
        "lane-service": "muted",
        "lane-undecided": "plain",
        "outcome-success": "muted",
        "outcome-denied": "error",
        "outcome-failed": "error",
        "outcome-not_found": "warning",
        "outcome-unknown": "muted",
    }
    """The few colours that the many kinds of cell share."""

    cursor: var[int] = var(0, init=False)
    """Row under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__(id=id)
        self._rows: Rows = NoRows()
        self._strips: Recent[tuple[int, bool], Strip] = Recent(STRIPS_KEPT)
        self._styles: dict[str, Style] = {}
        self.empty_text = ""

    # What is shown

    @property
    def rows(self) -> Rows:
        """The rows on show."""
        return self._rows

    def show(self, rows: Rows, row: int = 0, *, line: int | None = None) -> None:
        """Show other rows.

        Args:
            rows: The rows.
            row: Where to put the cursor.
            line: Line of the window at which that row stands, so that nothing moves under the cursor; ``None`` leaves
                the window where it is as long as the row is in it.
        """
        self._rows = rows
        self._strips.clear()
        self._resize_content()
        self.set_reactive(CellTable.cursor, self.validate_cursor(row))
        if line is not None:
            self.scroll_to(y=self.cursor - line, animate=False, force=True)
        self._reveal_cursor()
        self.refresh()
        self._announce()

    def redraw(self) -> None:
        """Draw all rows anew: what they say has changed."""
        self._strips.clear()
        self.refresh()

    def redraw_rows(self, first: int, count: int) -> None:
        """Draw some rows anew."""
        for row in range(first, first + count):
            self._strips.discard((row, True))
            self._strips.discard((row, False))
        self.refresh_lines(first + 1, count)

    @property
    def window(self) -> tuple[int, int]:
        """First row in the window and the row behind the last."""
        top = self.scroll_offset.y
        return top, min(len(self._rows), top + self._visible_rows)

    @property
    def line(self) -> int:
        """Line of the window on which the cursor stands."""
        return self.cursor - self.scroll_offset.y

    # Moving

    def go_to_row(self, row: int) -> None:
        """Put the cursor on a row, and bring it to the middle of the window if it was outside."""
        row = self.validate_cursor(row)
        first, last = self.window
        self.cursor = row
        if not first <= row < last:
            self.scroll_to(y=row - self._visible_rows // 2, animate=False)

    def action_move(self, rows_down: int) -> None:
        """Move the cursor by rows."""
        self.cursor = self.cursor + rows_down

    def action_page(self, pages_down: int) -> None:
        """Move the cursor and the window by whole windows."""
        distance = pages_down * max(1, self._visible_rows - 1)
        self.scroll_to(y=self.scroll_offset.y + distance, animate=False)
        self.cursor = self.cursor + distance

    def action_first(self) -> None:
        """Go to the first row."""
        self.go_to_row(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self.go_to_row(len(self._rows) - 1)

    def action_open(self) -> None:
        """Ask for what the row under the cursor stands for."""
        if len(self._rows):
            self.post_message(RowOpened(self, self.cursor))

    def action_turn(self, opened: bool | None) -> None:
        """Ask to show or hide what is under the row; ``None`` for the other of the two."""
        if len(self._rows):
            self.post_message(RowTurned(self, self.cursor, opened))

    def validate_cursor(self, row: int) -> int:
        """Keep the cursor inside the rows."""
        return max(0, min(row, len(self._rows) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Redraw the two rows concerned, keep the cursor in the window, and tell the screen."""
        for row in (before, after):
            self.refresh_lines(row + 1)
        self._reveal_cursor()
        self._announce()

    def _reveal_cursor(self) -> None:
        top, height = self.scroll_offset.y, self._visible_rows
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def _announce(self) -> None:
        self.post_message(RowMoved(self, self.cursor))
        self.post_message(WindowMoved(self))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row; a second click opens it."""
        row = self.scroll_offset.y + event.y - 1
        if event.y >= 1 and row < len(self._rows):
            self.cursor = row
            if event.chain == 2:
                self.action_open()

    def text_select_all(self) -> None:
        """Do nothing: a double click opens the row."""

    # Drawing

    @property
    def _visible_rows(self) -> int:
        return max(1, self.size.height - 1)

    def _resize_content(self) -> None:
        # The heading takes the first line of the window, so there is one line more than there are rows.
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)

    def on_resize(self) -> None:
        """Share out the new width; show what the new height has room for."""
        self._strips.clear()
        self._resize_content()
        self._reveal_cursor()
        self.post_message(WindowMoved(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell that other rows came into the window."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(WindowMoved(self))

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def selection_updated(self, selection: Selection | None) -> None:
        """Redraw with other text selected."""
        self._strips.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window: the heading, or a row."""
        width = self.size.width
        if y == 0:
            return self._strip(self._rows.heading(width), None)
        row = self.scroll_offset.y + y - 1
        if row < len(self._rows):
            return self._row(row)
        if y == 2 and not len(self._rows) and self.empty_text:
            text = f"  {self.empty_text}"
            return Strip([Segment(text, self._style("empty"))]).crop_extend(0, width, self.rich_style)
        return Strip.blank(width, self.rich_style)

    def _row(self, row: int) -> Strip:
        here = row == self.cursor
        strip = self._strips.get((row, here))
        if strip is None:
            made = self._rows.cells(row, self.size.width)
            if here and made:
                # A mark of its own: the row must be found without any colour.
                made = [Cell(glyphs().pointer, "notable"), *made[1:]]
            strip = self._strip(made, self._style("cursor") if here else None)
            selection = self.text_selection
            if selection is not None:
                style = self.screen.get_component_rich_style("screen--selection")
                strip = highlighted(strip, selection.get_span(row), style)
            strip = strip.apply_offsets(0, row)
            self._strips.put((row, here), strip)
        return strip

    def _strip(self, made: list[Cell], over: Style | None) -> Strip:
        def styled(kind: str) -> Style:
            style = self._style(self.STYLES.get(kind, kind))
            return style if over is None else style + over

        segments = [Segment(cell.text, styled(cell.style)) for cell in made]
        return Strip(segments).crop_extend(0, self.size.width, styled(""))

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            component = f"cell-table--{name}"
            style = ground(self, component) if name == "cursor" else self.get_component_rich_style(component)
            self._styles[name] = style
        return style

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text."""
        first = selection.start.y if selection.start is not None else self.window[0]
        last = selection.end.y if selection.end is not None else self.window[1] - 1
        lines = []
        for row in range(max(0, first), min(last, len(self._rows) - 1) + 1):
            text = "".join(cell.text for cell in self._rows.cells(row, self.size.width))
            start, end = selection.get_span(row) or (0, 0)
            lines.append(text[start : len(text) if end == -1 else end].rstrip())
        return "\n".join(lines), "\n"
