"""Deciding from its start what a content is: JSON of some layout, CSV, text or binary."""

from __future__ import annotations

import re

from workbench.evidence import csv_rows
from workbench.evidence.json_grammar import FIRST_KEY, TOP_SPACE_RUN
from workbench.evidence.json_lines import are_json_lines
from workbench.evidence.json_scan import Outcome, ValueScanner
from workbench.evidence.pieces import Shape, ShapeKind
from workbench.evidence.resync import ANY_OBJECT, survey_row

BINARY = "binary content, no reader"

BINARY_SAMPLE = 8192
"""Bytes of the start in which control characters are counted."""

BINARY_SHARE = 20
"""One control character in this many bytes makes a content binary: text has next to none."""

CANDIDATES = 256
"""Objects tried when content does not begin like JSON: a damaged first record has fewer inside it."""

_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1B})
_ARRAY_OF_OBJECTS = re.compile(rb'\[[ \t\n\r]*+\{[ \t\n\r]*+"')


def recognise(start: bytes, whole: bool, shape: Shape) -> None:
    """Set the kind of the shape, and for CSV its columns and delimiter.

    Args:
        start: The first bytes of the content as UTF-8, without byte order mark.
        whole: Whether that is all of it.
        shape: Filled in.
    """
    position = TOP_SPACE_RUN.match(start).end()  # type: ignore[union-attr]  # may be empty
    first = start[position : position + 1]
    if not first:
        # Nothing but white space so far; if text follows later, it is read line by line.
        shape.kind = ShapeKind.EMPTY if whole else ShapeKind.TEXT_LINES
    elif first not in (b"{", b"[") and _is_binary(start[:BINARY_SAMPLE]):
        shape.kind = ShapeKind.BINARY
    elif are_json_lines(start, whole):
        shape.kind = ShapeKind.JSON_LINES
    elif _begins_json(start, position, whole):
        shape.kind = ShapeKind.JSON_ARRAY if first == b"[" else ShapeKind.JSON_OBJECT
    elif (header := csv_rows.sniff(start, whole)) is not None:
        shape.kind = ShapeKind.CSV
        shape.columns, shape.delimiter = header
    elif _holds_rows(start, whole):
        shape.kind = ShapeKind.CONCATENATED_JSON
    else:
        shape.kind = ShapeKind.TEXT_LINES


def _is_binary(sample: bytes) -> bool:
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * BINARY_SHARE > len(sample)


def _begins_json(start: bytes, position: int, whole: bool) -> bool:
    """Whether content that begins with a bracket is JSON, maybe damaged; many text logs begin with ``[`` too."""
    if start[position] not in b"{[":
        return False
    if FIRST_KEY.match(start, position) or _ARRAY_OF_OBJECTS.match(start, position):
        return True
    return ValueScanner().advance(start, position, len(start), whole) is not Outcome.BAD


def _holds_rows(start: bytes, whole: bool) -> bool:
    """Whether a content that does not begin like JSON goes on as a row of JSON objects: its head is damaged or lost.

    Lines of text with an object each are no such row: the next object must follow after a comma, or the object
    must be spread over lines and stand between others of its kind.
    """
    position = 0
    for _ in range(CANDIDATES):
        match = ANY_OBJECT.search(start, position)
        if match is None:
            return False
        candidate = match.start()
        row = survey_row(start, candidate, len(start), whole)
        if not row.first:
            position = candidate + 1
            continue
        position = after = candidate + row.first
        lines = b"\n" in start[candidate:after] and start[:candidate].endswith(b"}\n")
        if row.found and (lines or start[after : after + 1] == b","):
            return True
    return False
