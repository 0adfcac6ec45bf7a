"""Text as lines of styled spans, wrapped to a width: what details, help and lists are made of before drawing."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from workbench.tui.places import Place


class Span(NamedTuple):
    """A piece of a line: safe text and the name of its style (see ``DocumentView``)."""

    text: str
    style: str = "plain"


@dataclasses.dataclass(frozen=True)
class Line:
    """One logical line.

    Attributes:
        spans: Its pieces, left to right; their text has been through ``workbench.text``.
        indent: Cells by which the continuation of a wrapped line is set in.
        target: Where the line leads, if it can be followed.
    """

    spans: tuple[Span, ...] = ()
    indent: int = 0
    target: Place | None = None


BLANK = Line()


def line(*spans: Span | tuple[str, str] | str, indent: int = 0, target: Place | None = None) -> Line:
    """Make a line of spans, ``(text, style)`` pairs or plain texts."""
    return Line(tuple(Span(one) if isinstance(one, str) else Span(*one) for one in spans), indent, target)


def heading(text: str) -> Line:
    """Make the line that begins a group."""
    return line((text, "heading"))


def wrapped(lines: Iterable[Line], width: int) -> Iterator[tuple[Span, ...]]:
    """Break lines to a width, at spaces where there are any in reach, else anywhere.

    Log values are mostly one long word, so breaking inside a word is the rule rather than the exception; nothing is
    left out and nothing added but the indent.
    """
    width = max(8, width)
    for one in lines:
        if sum(cell_len(span.text) for span in one.spans) <= width:
            yield one.spans
        else:
            yield from _broken(one, width)


def _broken(one: Line, width: int) -> Iterator[tuple[Span, ...]]:
    indent = min(one.indent, width // 2)
    row: list[Span] = []
    used = 0
    for span in one.spans:
        rest = span.text
        while rest:
            room = width - used
            # Measuring only what could fit: the rest of a long value may be a quarter of a million characters.
            if len(rest) <= room and cell_len(rest) <= room:
                row.append(Span(rest, span.style))
                used += cell_len(rest)
                break
            piece = _piece(rest, room, (width - indent) * 2 // 5) if room > 0 else ""
            if piece:
                row.append(Span(piece, span.style))
                rest = rest[len(piece) :]
            yield tuple(row)
            row = [Span(" " * indent)] if indent else []
            used = indent
    if row:
        yield tuple(row)


def _piece(text: str, room: int, slack: int) -> str:
    """Return the longest start of a text that fits, up to its last space if that leaves at most ``slack`` cells free."""
    head = chop_cells(text[: room + 1], room)[0] if text else ""
    if cell_len(head) > room:
        return ""
    space = head.rfind(" ")
    return head[: space + 1] if space >= 0 and len(head) - space - 1 <= slack else head
