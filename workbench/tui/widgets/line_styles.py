"""Styles for widgets that draw line by line: selected text, and backgrounds laid over other styles."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget


def highlighted(strip: Strip, span: tuple[int, int] | None, style: Style) -> Strip:
    """Return the strip with the characters of ``span`` (start, end; -1 for the end of the line) in ``style``."""
    if span is None:
        return strip
    start, end = cell_len(strip.text[: span[0]]), strip.cell_length
    if span[1] != -1:
        end = cell_len(strip.text[: span[1]])
    if start >= end:
        return strip
    selected = [
        Segment(segment.text, (segment.style or Style.null()) + style) for segment in strip.crop(start, end)
    ]
    return Strip([*strip.crop(0, start), *selected, *strip.crop(end)], strip.cell_length)


def ground(widget: Widget, component: str) -> Style:
    """Return a component's style to lay over text of any colour: its background, mixed with the widget's own.

    The sixteen colours of a terminal's own palette cannot be mixed; there the component's text colour comes along,
    so that the two fit each other.
    """
    full = widget.get_component_rich_style(component)
    color = full.color if widget.app.current_theme.ansi else None
    return Style(color=color, bgcolor=full.bgcolor, bold=full.bold or None, reverse=full.reverse or None)
