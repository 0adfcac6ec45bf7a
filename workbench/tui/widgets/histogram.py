"""Events over time as bars: zoom, pan, point at an instant, select a stretch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.bars import Bars, Picture, Piece, axis, bar_line, caption
from workbench.tui.glyphs import glyphs
from workbench.tui.messages import RangeChosen, RangeCleared, TimeChosen
from workbench.tui.time_axis import View, fitting
from workbench.tui.timeline import Timeline
from workbench.tui.widgets.line_styles import ground
from workbench.tui.zones import UTC, Zone


class Histogram(Widget, can_focus=True):
    """Bars over time, drawn from the arrays of a ``Timeline`` alone.

    Events that the filter leaves out stand as a shadow behind those that pass. Heights follow the square root of
    the count, so that single events stay visible beside thousands; the caption says so.
    """

    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = "Time"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "column(-1)", "Earlier", show=False),
        Binding("right", "column(1)", "Later", show=False),
        Binding("shift+left,pageup", "pan(-1)", "Pan to earlier", show=False),
        Binding("shift+right,pagedown", "pan(1)", "Pan to later", show=False),
        Binding("home", "edge(-1)", "First events", show=False),
        Binding("end", "edge(1)", "Last events", show=False),
        Binding("plus,equals_sign,up", "zoom(1)", "Zoom in", show=False, key_display="+"),
        Binding("minus,down", "zoom(-1)", "Zoom out", show=False, key_display="-"),
        Binding("0", "fit", "All", show=False),
        Binding("space", "mark", "Select"),
        Binding("enter", "point", "Go there"),
        Binding("escape", "clear", "Reset", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "histogram--bar",
        "histogram--shadow",
        "histogram--caption",
        "histogram--axis",
        "histogram--here",
        "histogram--selected",
        "histogram--column",
    }
    DEFAULT_CSS = """
    Histogram {
        height: 5;
        background: $background;
        & > .histogram--bar { color: $primary; }
        & > .histogram--shadow { color: $foreground 35%; }
        & > .histogram--caption { color: $text-muted; }
        & > .histogram--axis { color: $text-muted; }
        & > .histogram--here { color: $accent; text-style: bold; }
        & > .histogram--selected { background: $accent 30%; }
        & > .histogram--column { background: $foreground 15%; }
        &:focus > .histogram--bar { color: $text-primary; }
        &:ansi > .histogram--shadow { color: ansi_bright_black; }
        &:ansi > .histogram--selected { background: $block-cursor-background; color: $block-cursor-foreground; }
        &:ansi > .histogram--column { background: $block-cursor-background; color: $block-cursor-foreground; }
        &:nocolor > .histogram--selected { text-style: reverse; }
        &:nocolor > .histogram--column { text-style: reverse; }
    }
    """

    zone: var[Zone] = var(UTC, init=False)
    """Zone of the labels."""

    here: var[int | None] = var(None, init=False)
    """Instant of the table's cursor, marked on the axis."""

    selected: var[tuple[int, int] | None] = var(None, init=False)
    """The stretch of time that the filter is narrowed to."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__(id=id)
        self._every = Timeline()
        self._passing = self._every
        self._domain: tuple[int, int] | None = None
        self._view: View | None = None
        self._fitted = True
        self._column: int | None = None
        self._mark: int | None = None
        self._dragging = False
        self._bars: Bars | None = None

    # What is shown

    @property
    def view(self) -> View | None:
        """The stretch of time on show, ``None`` if no event has a time."""
        return self._view

    @property
    def bars(self) -> Bars:
        """The counts on show."""
        if self._bars is None:
            edges = self._view.edges() if self._view else []
            every = self._every.counts(edges)
            self._bars = Bars(every, every if self._passing is self._every else self._passing.counts(edges))
        return self._bars

    def show(self, every: Timeline, passing: Timeline, domain: tuple[int, int] | None) -> None:
        """Show events.

        Args:
            every: All events of the case.
            passing: Those that pass the filter; the same object if there is none.
            domain: First and last time of the case, known before the scan is done.
        """
        self._every, self._passing = every, passing
        if domain != self._domain:
            self._domain = domain
            if self._fitted:
                self._fit()
        self.redraw()

    def redraw(self) -> None:
        """Count again: the timelines have grown."""
        self._bars = None
        self.refresh()

    def _fit(self) -> None:
        self._fitted = True
        if self._domain and self.size.width:
            self._view = fitting(*self._domain, self.size.width)
        elif not self._domain:
            self._view = None

    def _set_view(self, view: View) -> None:
        self._view = view
        self._fitted = False
        self.redraw()

    def on_resize(self) -> None:
        """Keep what is shown at the left edge, or show everything if everything was shown."""
        if self._fitted or self._view is None:
            self._fit()
        else:
            self._view = dataclasses.replace(self._view, columns=self.size.width)
        self.redraw()

    def watch_zone(self) -> None:
        """Redraw labels."""
        self.refresh()

    def watch_here(self) -> None:
        """Redraw the mark of the table's cursor."""
        self.refresh()

    def watch_selected(self) -> None:
        """Redraw the selection."""
        self.refresh()

    def on_focus(self) -> None:
        """Put the column cursor where the table's cursor is."""
        if self._view and self._column is None:
            column = self._view.column_of(self.here) if self.here is not None else self._view.columns // 2
            self._column = max(0, min(column, self._view.columns - 1))
        self.refresh()

    def on_blur(self) -> None:
        """Forget a selection that was begun and not finished."""
        self._mark = None
        self.refresh()

    # Keys

    def action_column(self, step: int) -> None:
        """Move the column cursor; at the edge the view moves."""
        if self._view is None:
            return
        column = (self._view.columns // 2 if self._column is None else self._column) + step
        if not 0 <= column < self._view.columns:
            self._set_view(self._view.moved(step))
            self._shift_mark(-step)
        self._column = max(0, min(column, self._view.columns - 1))
        self.refresh()

    def action_pan(self, direction: int) -> None:
        """Move the view by a quarter of its width."""
        if self._view:
            step = direction * max(1, self._view.columns // 4)
            self._set_view(self._view.moved(step))
            self._shift_mark(-step)

    def _shift_mark(self, columns: int) -> None:
        if self._mark is not None:
            self._mark += columns

    def action_edge(self, direction: int) -> None:
        """Bring the first or the last events into view."""
        if self._view and self._domain:
            last = self._view.columns - 1
            if direction < 0:
                start = self._domain[0] // self._view.bucket * self._view.bucket
                self._column = 0
            else:
                start = (self._domain[1] // self._view.bucket - last) * self._view.bucket
                self._column = last
            self._mark = None
            self._set_view(dataclasses.replace(self._view, start=start))

    def action_zoom(self, steps: int) -> None:
        """Zoom about the column cursor, else about the table's cursor, else about the middle."""
        if self._view is None:
            return
        column = self._column
        if column is None and self.here is not None:
            column = self._view.column_of(self.here)
        if column is None or not 0 <= column < self._view.columns:
            column = self._view.columns // 2
        self._zoom_at(steps, column)

    def _zoom_at(self, steps: int, column: int) -> None:
        if self._view:
            about = self._view.start + column * self._view.bucket + self._view.bucket // 2
            self._mark = None
            self._set_view(self._view.zoomed(steps, about))

    def action_fit(self) -> None:
        """Show all events again."""
        self._mark = None
        self._fit()
        self.redraw()

    def action_mark(self) -> None:
        """Begin a selection at the column cursor, or end it there."""
        if self._view is None or self._column is None:
            return
        if self._mark is None:
            self._mark = self._column
            self.refresh()
        else:
            self._choose(self._mark, self._column)

    def action_point(self) -> None:
        """Go to the column cursor in the table, or end a selection that was begun."""
        if self._view is None or self._column is None:
            return
        if self._mark is not None:
            self._choose(self._mark, self._column)
        else:
            self.post_message(TimeChosen(self._view.start + self._column * self._view.bucket))

    def action_clear(self) -> None:
        """Give up, in this order: a selection being made, the selection, the zoom."""
        if self._mark is not None:
            self._mark = None
            self.refresh()
        elif self.selected is not None:
            self.post_message(RangeCleared())
        elif not self._fitted:
            self.action_fit()
        else:
            raise SkipAction

    def _choose(self, one: int, other: int) -> None:
        if self._view:
            first, last = sorted((one, other))
            self._mark = None
            low = self._view.start + first * self._view.bucket
            self.post_message(RangeChosen(low, self._view.start + (last + 1) * self._view.bucket))

    # Mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a selection, or a click."""
        if self._view and event.button == 1:
            self._column = self._mark = max(0, min(event.x, self._view.columns - 1))
            self._dragging = True
            self.capture_mouse()
            self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the selection out."""
        if self._dragging and self._view:
            self._column = max(0, min(event.x, self._view.columns - 1))
            self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Take the selection; a mouse that has not moved points at an instant."""
        if not self._dragging:
            return
        self._dragging = False
        self.release_mouse()
        mark, self._mark = self._mark, None
        if self._view and mark is not None and self._column is not None:
            if mark == self._column:
                self.post_message(TimeChosen(self._view.start + mark * self._view.bucket))
            else:
                self._choose(mark, self._column)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in at the pointer."""
        self._zoom_at(1, event.x)
        event.stop()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out at the pointer."""
        self._zoom_at(-1, event.x)
        event.stop()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line: the caption, bars, or the axis."""
        width, height = self.size
        picture = self._picture()
        if picture is None:
            text = "  No event has a readable time." if self._every.complete and len(self._every) else ""
            segments = [Segment(text if y == 1 else "", self._style("caption"))]
        elif y == 0:
            segments = [Segment(set_cell_size(self.caption(width), width), self._style("caption"))]
        elif y == height - 1:
            segments = self._segments(axis(picture, width, glyphs()))
        else:
            segments = self._segments(bar_line(picture, height - 2, height - 2 - y, glyphs()))
        return Strip(segments).crop_extend(0, width, self.rich_style)

    def caption(self, width: int) -> str:
        """Say in one line what the bars show."""
        picture = self._picture()
        return "" if picture is None else caption(picture, width, glyphs())

    def _picture(self) -> Picture | None:
        if self._view is None:
            return None
        return Picture(
            view=self._view,
            bars=self.bars,
            filtered=self._passing is not self._every,
            undated=len(self._passing) - self._passing.dated,
            zone=self.zone,
            here=self.here,
            selected=self.selected,
            column=self._column if self.has_focus or self._dragging else None,
            mark=self._mark,
        )

    def _segments(self, pieces: Iterable[Piece]) -> list[Segment]:
        grounds = {name: ground(self, f"histogram--{name}") for name in ("selected", "column")}
        grounds[""] = Style.null()
        segments = (Segment(piece.text, self._style(piece.style) + grounds[piece.ground]) for piece in pieces)
        return list(Segment.simplify(segments))

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"histogram--{name}")
