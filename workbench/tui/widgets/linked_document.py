"""A document some lines of which can be followed: the cursor goes from one such line to the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import Line, wrapped
from workbench.tui.messages import PlaceChosen
from workbench.tui.places import Place
from workbench.tui.widgets.document_view import DocumentView
from workbench.tui.widgets.line_styles import ground


class LinkedDocument(DocumentView):
    """Shows lines; those with a target are followed with Enter or a double click."""

    BINDING_GROUP_TITLE = "Document"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Previous link", show=False),
        Binding("down,j", "step(1)", "Next link", show=False),
        Binding("enter", "follow", "Open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"document--cursor"}
    DEFAULT_CSS = """
    LinkedDocument {
        & > .document--cursor { background: $primary 35%; text-style: bold; }
        &:ansi > .document--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    def __init__(self, lines: Iterable[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__(lines, id=id)
        self._first_rows: list[int] = []
        self._links: list[int] = []
        self._place = 0

    @property
    def target(self) -> Place | None:
        """Where the line under the cursor leads."""
        return self._document[self._links[self._place]].target if self._links else None

    def show(self, lines: Iterable[Line], *, keep_place: bool = False) -> None:
        """Show other lines; the cursor goes to the first that leads somewhere, unless ``keep_place``."""
        place = self._place
        super().show(lines, keep_place=keep_place)
        self._place = min(place, max(0, len(self._links) - 1)) if keep_place else 0

    def point_at(self, target: Place) -> None:
        """Put the cursor on the first line that leads to a place, if one does."""
        for place, number in enumerate(self._links):
            if self._document[number].target == target:
                self._move_to(place)
                return

    def _wrap(self) -> None:
        self._width = self.size.width
        self._rows, self._first_rows, self._links = [], [], []
        for number, one in enumerate(self._document):
            self._first_rows.append(len(self._rows))
            if one.target is not None:
                self._links.append(number)
            if self._width:
                self._rows += wrapped([one], self._width - 2)
        self.virtual_size = Size(self._width, len(self._rows))

    def action_step(self, steps: int) -> None:
        """Go to the next line that can be followed, or scroll on if there is none in the window."""
        place = self._place + steps
        top, height = self.scroll_offset.y, self.size.height
        if 0 <= place < len(self._links):
            # The cursor may have been left behind by scrolling: it goes on from what is on screen.
            rows = [self._first_rows[number] for number in self._links]
            if not top <= rows[self._place] < top + height:
                place = bisect_left(rows, top) if steps > 0 else bisect_right(rows, top + height - 1) - 1
            if 0 <= place < len(rows) and top - 1 <= rows[place] <= top + height:
                self._move_to(place)
                return
        self.scroll_relative(y=steps, animate=False)

    def _move_to(self, place: int) -> None:
        self._place = place
        number = self._links[place]
        first = self._first_rows[number]
        following = self._first_rows[number + 1 : number + 2]
        last = (following[0] if following else len(self._rows)) - 1
        top, height = self.scroll_offset.y, self.size.height
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif last >= top + height:
            self.scroll_to(y=min(first, last - height + 1), animate=False)
        self.refresh()

    def action_follow(self) -> None:
        """Go where the line under the cursor leads."""
        target = self.target
        if target is not None:
            self.post_message(PlaceChosen(target))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line; a second click follows it."""
        number = bisect_right(self._first_rows, self.scroll_offset.y + event.y) - 1
        if number in self._links:
            self._move_to(self._links.index(number))
            if event.chain == 2:
                self.action_follow()

    def text_select_all(self) -> None:
        """Do nothing: a double click follows the line."""

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window, marked if the cursor stands on it."""
        strip = super().render_line(y)
        row = self.scroll_offset.y + y
        if not self.has_focus or not self._links or row >= len(self._rows):
            return strip
        if bisect_right(self._first_rows, row) - 1 != self._links[self._place]:
            return strip
        over = ground(self, "document--cursor")
        strip = Strip(
            [Segment(part.text, part.style + over if part.style else over) for part in strip],
            strip.cell_length,
        )
        if row == self._first_rows[self._links[self._place]] and strip.text[:1] == " ":
            style = next((part.style for part in strip), None)
            strip = Strip.join([Strip([Segment(glyphs().pointer, style)]), strip.crop(1, strip.cell_length)])
        return strip.apply_offsets(0, row)
