"""How counts over time become the lines of a histogram: caption, bars, axis. No drawing, no case file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from workbench.tui.glyphs import Glyphs
from workbench.tui.time_axis import View, span_text, ticks
from workbench.tui.zones import Zone

LABEL_ROOM = 13
"""Columns between labels of the axis: the longest label is ``11:42:18.500``."""


@dataclasses.dataclass(frozen=True)
class Bars:
    """Counts of the columns on show: of all events, and of those that pass the filter."""

    every: list[int]
    passing: list[int]

    @property
    def tallest(self) -> int:
        """The largest count of a column."""
        return max(max(self.every, default=0), max(self.passing, default=0))


@dataclasses.dataclass(frozen=True)
class Piece:
    """A piece of a line: text, the name of its style, and the name of a style laid under it (may be empty)."""

    text: str
    style: str
    ground: str = ""


@dataclasses.dataclass(frozen=True)
class Picture:
    """All that a histogram shows at one moment.

    Attributes:
        view: The stretch of time on show.
        bars: Its counts.
        filtered: Whether a filter applies.
        undated: Events that pass and have no time.
        zone: Zone of the labels.
        here: Instant of the table's cursor.
        selected: The stretch of time ``[low, high)`` that the filter is narrowed to.
        column: Column under the cursor, ``None`` if nobody is at the bars.
        mark: Column where a selection was begun.
    """

    view: View
    bars: Bars
    filtered: bool
    undated: int
    zone: Zone
    here: int | None
    selected: tuple[int, int] | None
    column: int | None
    mark: int | None

    @property
    def pointed(self) -> tuple[int, int] | None:
        """First and last column of the selection being made, or the column under the cursor alone."""
        if self.column is None:
            return None
        other = self.column if self.mark is None else self.mark
        return min(self.column, other), max(self.column, other)


def caption(picture: Picture, width: int, marks: Glyphs) -> str:
    """Say what the bars show; the parts that fit, the most important first."""
    view, zone = picture.view, picture.zone
    first, last = zone.text(view.start), zone.text(view.end)
    short_last = last[11:] if last[:10] == first[:10] else last
    parts = [f"{first} – {short_last} {zone.name}", f"1 column = {span_text(view.bucket)}"]
    if picture.pointed:
        parts.append(_pointed_text(picture, *picture.pointed))
    if picture.undated:
        parts.append(f"{picture.undated:,} without time")
    parts.append(f"√ scale, tallest {picture.bars.tallest:,}")
    if picture.filtered:
        parts.append(f"{marks.shadow} left out by the filter")
    text = " " + parts[0]
    for part in parts[1:]:
        if len(text) + len(part) + 3 <= width:
            text += f" {marks.separator} {part}"
    return text if marks.dash == "—" else text.replace("–", "-").replace("√", "sqrt")


def _pointed_text(picture: Picture, first: int, last: int) -> str:
    view = picture.view
    first, last = max(0, first), min(last, view.columns - 1)
    count = sum(picture.bars.passing[first : last + 1])
    low = picture.zone.text(view.start + first * view.bucket)[11:]
    if first == last:
        return f"{low}: {count:,}"
    return f"{low} – {picture.zone.text(view.start + (last + 1) * view.bucket)[11:]}: {count:,}"


def axis(picture: Picture, width: int, marks: Glyphs) -> list[Piece]:
    """Write the labels, and the mark of the table's cursor; at an edge it says on which side the cursor is."""
    line = [" "] * width
    for column, label in ticks(picture.view, picture.zone, LABEL_ROOM):
        shown = (marks.tick + label)[: width - column]
        if len(shown) == len(label) + 1:
            line[column : column + len(shown)] = shown
    text = "".join(line)
    if picture.here is None:
        return [Piece(text, "axis")]
    place = picture.view.column_of(picture.here)
    if place < 0:
        return [Piece("<", "here"), Piece(text[1:], "axis")]
    if place >= width:
        return [Piece(text[:-1], "axis"), Piece(">", "here")]
    return [Piece(text[:place], "axis"), Piece(marks.cursor, "here"), Piece(text[place + 1 :], "axis")]


def bar_line(picture: Picture, height: int, level: int, marks: Glyphs) -> Iterator[Piece]:
    """Write one line of bars, column by column.

    Args:
        picture: What is shown.
        height: Lines of the tallest bar.
        level: Which of them, from 0 at the bottom.
        marks: Glyphs of bars.
    """
    bars = picture.bars
    scale = 8 * height / math.sqrt(bars.tallest) if bars.tallest else 0.0
    for column in range(picture.view.columns):
        filled = _eighths(bars.passing[column], scale) - 8 * level
        shadow = _eighths(bars.every[column], scale) - 8 * level
        if filled > 0:
            text, style = marks.bars[min(filled, 8)], "bar"
        elif shadow > 0:
            text, style = marks.shadow, "shadow"
        else:
            text, style = " ", "axis"
        yield Piece(text, style, _ground(picture, column))


def _ground(picture: Picture, column: int) -> str:
    view = picture.view
    if picture.mark is not None and picture.pointed:
        first, last = picture.pointed
        if first <= column <= last:
            return "selected"
    elif picture.selected is not None:
        low, high = picture.selected
        if view.start + column * view.bucket < high and view.start + (column + 1) * view.bucket > low:
            return "selected"
    return "column" if column == picture.column else ""


def _eighths(count: int, scale: float) -> int:
    """Height of a bar in eighths of a cell; one event is never invisible."""
    return max(1, math.floor(math.sqrt(count) * scale)) if count else 0
