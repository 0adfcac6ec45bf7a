"""The table of events: any number of rows, of which only those near the window are ever read."""

from __future__ import annotations

from typing import ClassVar

from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from workbench.casefile.events.scan import UNDATED
from workbench.errors import WorkbenchError
from workbench.model.case import StoredEvent
from workbench.model.references import EventId
from workbench.tui.messages import CursorMoved, EventOpened, ReadFailed
from workbench.tui.reading.background import BackgroundReader
from workbench.tui.recent import Recent
from workbench.tui.timeline import Timeline
from workbench.tui.widgets.row_painter import RowPainter
from workbench.tui.zones import UTC, Zone

PAGE = 128
"""Rows read at a time: two pages cover the tallest screen, and one is read in a few milliseconds."""

PAGES_KEPT = 128
"""Pages kept in memory: 16,384 rows, some tens of megabytes."""


class EventTable(ScrollView, can_focus=True):
    """A window on a ``Timeline``. Drawing never reads: a row that is not there yet is shown as a placeholder."""

    BINDING_GROUP_TITLE = "Timeline"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First event", show=False),
        Binding("end", "last", "Last event", show=False),
        Binding("enter", "open", "Detail"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "event-table--cursor",
        "event-table--heading",
        "event-table--empty",
        "event-table--muted",
        "event-table--strong",
        "event-table--plain",
        "event-table--warning",
        "event-table--error",
        "event-table--person",
        "event-table--notable",
    }
    DEFAULT_CSS = """
    EventTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        & > .event-table--heading { color: $text-muted; text-style: underline; }
        & > .event-table--cursor { background: $primary 35%; text-style: bold; }
        & > .event-table--empty { color: $text-muted; }
        & > .event-table--muted { color: $text-muted; }
        & > .event-table--strong { text-style: bold; }
        & > .event-table--plain { color: $foreground; }
        & > .event-table--warning { color: $text-warning; }
        & > .event-table--error { color: $text-error; }
        & > .event-table--person { color: $text-accent; }
        & > .event-table--notable { color: $text-primary; }
        &:ansi > .event-table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    cursor: var[int] = var(0, init=False)
    """Row under the cursor."""

    zone: var[Zone] = var(UTC, init=False)
    """Zone in which times are shown."""

    def __init__(self, reader: BackgroundReader, *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__(id=id)
        self._reader = reader
        self._timeline = Timeline()
        self._pages: Recent[int, list[StoredEvent | None]] = Recent(PAGES_KEPT)
        self._loading = False
        self._failed = False
        self._generation = 0
        self._following_end = False
        self._painter = RowPainter(self, self.is_marked)
        self.marked: set[int] = set()
        self.empty_text = ""

    # Marks

    def toggle_mark(self) -> None:
        """Mark the event under the cursor, or take its mark away, and go on to the next."""
        if not len(self._timeline):
            return
        self.marked.symmetric_difference_update({self._timeline.ids[self.cursor]})
        self._painter.forget_rows(self.cursor, 1)
        self.refresh_lines(self.cursor + 1)
        self.action_move(1)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self.marked.clear()
        self._painter.forget()
        self.refresh()

    def is_marked(self, row: int) -> bool:
        """Whether the event of a row is marked."""
        return row < len(self._timeline) and self._timeline.ids[row] in self.marked

    def read_again(self) -> None:
        """Read the events on show anew: something was said of them."""
        self._generation += 1
        self._pages.clear()
        self._painter.forget()
        self.refresh()
        self._load()

    # What is shown

    @property
    def timeline(self) -> Timeline:
        """The rows on show."""
        return self._timeline

    def show(self, timeline: Timeline, row: int = 0) -> None:
        """Show other rows and put the cursor on one of them."""
        self._timeline = timeline
        self._generation += 1
        self._pages.clear()
        self._failed = False
        self._following_end = False
        self._painter.forget()
        self._resize_content()
        self.set_reactive(EventTable.cursor, max(0, min(row, len(timeline) - 1)))
        self._reveal_cursor(centre=True)
        self.refresh()
        self._announce()
        self._load()

    def grown(self) -> None:
        """Take notice that the timeline has more rows than before."""
        self._resize_content()
        if self._following_end:
            self.cursor = len(self._timeline) - 1
        self._load()
        if len(self._timeline) <= self.size.height + self.scroll_offset.y:
            self.refresh()

    def event_at(self, row: int) -> StoredEvent | None:
        """Return the event of a row if it has been read."""
        page = self._pages.get(row // PAGE)
        place = row % PAGE
        return page[place] if page is not None and place < len(page) else None

    @property
    def current(self) -> StoredEvent | None:
        """The event under the cursor, if it has been read."""
        return self.event_at(self.cursor) if len(self._timeline) else None

    @property
    def current_time(self) -> int | None:
        """Time of the row under the cursor, microseconds UTC."""
        if self.cursor >= len(self._timeline):
            return None
        micros = self._timeline.times[self.cursor]
        return None if micros == UNDATED else micros

    # Moving

    def go_to_row(self, row: int) -> None:
        """Put the cursor on a row and bring it to the middle of the window if it was outside."""
        self._following_end = False
        row = max(0, min(row, len(self._timeline) - 1))
        outside = not self.scroll_offset.y <= row < self.scroll_offset.y + self._visible_rows
        self.cursor = row
        if outside:
            self._reveal_cursor(centre=True)

    def go_to_time(self, micros: int) -> None:
        """Put the cursor on the first event at or after an instant, or on the last dated event before it."""
        row = self._timeline.row_at(micros)
        self.go_to_row(min(row, max(0, self._timeline.dated - 1)))

    def action_move(self, rows_down: int) -> None:
        """Move the cursor by rows."""
        self._following_end = False
        self.cursor = self.cursor + rows_down

    def action_page(self, pages_down: int) -> None:
        """Move the cursor and the window by whole windows."""
        self._following_end = False
        distance = pages_down * max(1, self._visible_rows - 1)
        self.scroll_to(y=self.scroll_offset.y + distance, animate=False)
        self.cursor = self.cursor + distance

    def action_first(self) -> None:
        """Go to the first row."""
        self.go_to_row(0)

    def action_last(self) -> None:
        """Go to the last row, and stay with the last row as long as more arrive."""
        self.go_to_row(len(self._timeline) - 1)
        self._following_end = not self._timeline.complete

    def action_open(self) -> None:
        """Ask for the details of the event under the cursor."""
        if len(self._timeline):
            self.post_message(EventOpened())

    def validate_cursor(self, row: int) -> int:
        """Keep the cursor inside the rows."""
        return max(0, min(row, len(self._timeline) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        """Redraw the two rows concerned, keep the cursor in the window, and tell the screen."""
        for row in (before, after):
            self.refresh_lines(row + 1)
        self._reveal_cursor()
        self._announce()

    def watch_zone(self, zone: Zone) -> None:
        """Redraw with times of the other zone."""
        self._painter.set_zone(zone)
        self.refresh()

    def _reveal_cursor(self, *, centre: bool = False) -> None:
        top, height = self.scroll_offset.y, self._visible_rows
        if centre:
            self.scroll_to(y=self.cursor - height // 2, animate=False)
        elif self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def _announce(self) -> None:
        self.post_message(CursorMoved(self.cursor, self.current_time, self.current))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row; a second click opens the details."""
        row = self.scroll_offset.y + event.y - 1
        if event.y >= 1 and row < len(self._timeline):
            self._following_end = False
            self.cursor = row
            if event.chain == 2:
                self.action_open()

    def text_select_all(self) -> None:
        """Do nothing: a double click opens the details, and "all" may be millions of rows."""

    # Reading pages

    @property
    def _visible_rows(self) -> int:
        return max(1, self.size.height - 1)

    def _wanted_page(self) -> int | None:
        """Return the page most in need of reading: those on show first, then what one key away would show."""
        count = len(self._timeline)
        if not count:
            return None
        top, height = self.scroll_offset.y, self._visible_rows
        spans = [(top, top + height), (top + height, top + 2 * height), (top - height, top), (0, height)]
        if self._timeline.complete:
            spans.append((count - height, count))
        for low, high in spans:
            if high <= 0 or low >= count:
                continue
            for page in range(max(0, low) // PAGE, (min(high, count) - 1) // PAGE + 1):
                held = self._pages.get(page)
                if held is None or len(held) < min(PAGE, count - page * PAGE):
                    return page
        return None

    def _load(self) -> None:
        if not self._loading and self.is_mounted:
            self._loading = True
            self._load_pages()

    @work(group="pages")
    async def _load_pages(self) -> None:
        try:
            while not self._failed and (page := self._wanted_page()) is not None:
                generation = self._generation
                ids = self._timeline.ids[page * PAGE : (page + 1) * PAGE]
                found = await self._reader.run(lambda source, ids=ids: source.events(ids))  # type: ignore[misc]
                if generation == self._generation:
                    # An event that a rebuild has taken away meanwhile leaves its row empty; no other row moves.
                    by_id = {stored.id: stored for stored in found}
                    self._accept(page, [by_id.get(EventId(event_id)) for event_id in ids])
        except WorkbenchError as error:
            self._failed = True
            self.post_message(ReadFailed(error))
        finally:
            self._loading = False

    def _accept(self, page: int, stored: list[StoredEvent | None]) -> None:
        self._pages.put(page, stored)
        first = page * PAGE
        self._painter.forget_rows(first, len(stored))
        digits = max((one.event.time.precision.digits for one in stored if one is not None), default=0)
        if self._painter.make_room(digits):
            self.refresh()
        else:
            self.refresh_lines(first + 1, len(stored))
        if first <= self.cursor < first + len(stored):
            self._announce()

    # Drawing

    def _resize_content(self) -> None:
        # The heading takes the first line of the window, so there is one line more than there are rows.
        self.virtual_size = Size(self.size.width, len(self._timeline) + 1)

    def on_mount(self) -> None:
        """Start reading what was asked for before there was a window."""
        self._load()

    def on_resize(self) -> None:
        """Share out the new width; read what the new height shows."""
        self._painter.resize(self.size.width)
        self._resize_content()
        self._reveal_cursor()
        self._load()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read the rows that came into the window."""
        super().watch_scroll_y(old_value, new_value)
        self._failed = False
        self._load()

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._painter.forget_styles()

    def selection_updated(self, selection: Selection | None) -> None:
        """Redraw with other text selected."""
        self._painter.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window: the heading, or a row."""
        if y == 0:
            return self._painter.heading()
        row = self.scroll_offset.y + y - 1
        if row < len(self._timeline):
            return self._painter.row(row, self.event_at(row), under_cursor=row == self.cursor)
        if y == 2 and not len(self._timeline) and self.empty_text:
            return self._painter.note(self.empty_text)
        return self._painter.blank()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text. Rows that are no longer in memory are named, not left out silently."""
        first = selection.start.y if selection.start is not None else self.scroll_offset.y
        last = selection.end.y if selection.end is not None else self.scroll_offset.y + self._visible_rows - 1
        lines = []
        for row in range(max(0, first), min(last, len(self._timeline) - 1) + 1):
            stored = self.event_at(row)
            if stored is None:
                lines.append(f"[row {row + 1} is not loaded]")
                continue
            text = self._painter.text(stored)
            start, end = selection.get_span(row) or (0, 0)
            lines.append(text[start : len(text) if end == -1 else end].rstrip())
        return "\n".join(lines), "\n"
