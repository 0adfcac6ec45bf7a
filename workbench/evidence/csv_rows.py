"""Cuts CSV (RFC 4180) and its relatives with other delimiters into rows, byte for byte, and reads a row's values."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from workbench.evidence.flow_log_fields import is_header
from workbench.evidence.lines import end_line, reject_line
from workbench.evidence.pieces import OVERSIZED, Pieces, Record, Shape, ShapeKind, SplitLimits, Tally
from workbench.evidence.window import Window

PATH = "csv"

FEWEST_DELIMITERS = 3
"""Delimiters that a header needs: fewer are found in ordinary text."""

_NAME = re.compile(r"[^\W\d][\w@$#%.:/()\[\] -]{0,127}|[@$#][\w@$#%.:/()\[\] -]{0,127}")
_UNCLOSED = "a quoted field is not closed where a row of the header's width could end"


@lru_cache(maxsize=8)
def _row(delimiter: str) -> re.Pattern[bytes]:
    """Return what matches one row up to its line feed; it stops early where a quoted field is not closed."""
    d = re.escape(delimiter.encode())
    field = rb'(?:"(?:[^"]++|"")*+"[^' + d + rb"\n]*+|[^" + d + rb'"\n][^' + d + rb"\n]*+)?+"
    return re.compile(field + rb"(?:" + d + field + rb")*+")


@lru_cache(maxsize=8)
def _field(delimiter: str) -> re.Pattern[bytes]:
    d = re.escape(delimiter.encode())
    return re.compile(rb'(?:"((?:[^"]++|"")*+)"([^' + d + rb"]*+)|([^" + d + rb"]*+))(" + d + rb"|\Z)")


def fields(row: bytes, delimiter: str) -> list[bytes]:
    """Return the values of one row, quotes taken off. A quote inside an unquoted field is an ordinary character."""
    values = []
    position = 0
    pattern = _field(delimiter)
    while True:
        match = pattern.match(row, position)
        if match is None:
            # An opening quote that is never closed: the rest is one field as it stands.
            values.append(row[position:])
            return values
        quoted, trailing, plain, separator = match.groups()
        values.append(plain if quoted is None else quoted.replace(b'""', b'"') + trailing)
        if not separator:
            return values
        position = match.end()


def sniff(start: bytes, whole: bool) -> tuple[tuple[str, ...], str] | None:
    """Decide from the start of a content whether it is CSV with a header.

    Spaces separate fields only under a header of nothing but names of flow-log fields: any text has spaces.

    Returns:
        The column names, made unique, and the delimiter; ``None`` if the first row does not look like a header or
        the second is not complete or has another width.
    """
    line_end = start.find(b"\n")
    if line_end < 0:
        return None
    for delimiter in (",", "\t", ";", " "):
        fewest = FEWEST_DELIMITERS if delimiter != " " else 1
        if start.count(delimiter.encode(), 0, line_end) < fewest:
            continue
        header = _row(delimiter).match(start)
        if header is None or start[header.end() : header.end() + 1] != b"\n":
            continue
        names = [name.decode("utf-8", "backslashreplace") for name in _values(header[0], delimiter)]
        if delimiter == " " and not is_header(names):
            continue
        second = _row(delimiter).match(start, header.end() + 1)
        if second is None or not second[0].strip():
            continue
        if (
            second.end() == len(start)
            if not whole
            else start[second.end() : second.end() + 1] not in (b"\n", b"")
        ):
            continue
        if all(map(_NAME.fullmatch, names)) and len(_values(second[0], delimiter)) == len(names):
            return _unique(names), delimiter
    return None


def _values(row: bytes, delimiter: str) -> list[bytes]:
    return fields(row.removesuffix(b"\r"), delimiter)


def _unique(names: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(unique)


def row_values(data: bytes, shape: Shape) -> dict[str, str]:
    """Return the values of a row by column; undecodable bytes are written as ``\\xNN``.

    Values beyond the header's width are kept under ``#`` and their number; columns without a value are absent.
    """
    texts = [value.decode("utf-8", "backslashreplace") for value in fields(data, shape.delimiter)]
    values = dict(zip(shape.columns, texts, strict=False))
    for number in range(len(shape.columns), len(texts)):
        values[f"#{number + 1}"] = texts[number]
    return values


def read_rows(window: Window, limits: SplitLimits, tally: Tally, shape: Shape) -> Pieces:
    """Read the header as structure and each row as a record.

    A quoted field may hold line feeds. Where that leads to a row of another width than the header's, or to none at
    all, the quote was a stray one: its line is rejected and reading goes on with the next.

    Yields:
        Records and rejected ranges in order; a rejected range may come in several adjacent parts.
    """
    pattern = _row(shape.delimiter)
    delimiter = shape.delimiter.encode()
    width = len(shape.columns)
    header = True
    while True:
        end = pattern.match(window.buffer, window.position).end()  # type: ignore[union-attr]  # may be empty
        size = end - window.position
        closed = window.buffer[end : end + 1] == b"\n" or (window.ended and end == len(window.buffer))
        row = window.buffer[window.position : end].removesuffix(b"\r")
        if header and closed:
            tally.structure += size  # it was read whole when the shape was decided
            window.position += size
            header = False
        elif len(row) > limits.max_record or (not closed and window.available > limits.max_record + 1):
            yield from reject_line(window, tally, OVERSIZED)
        elif not closed and not window.ended:
            window.more()
            continue
        elif not closed or (b"\n" in row and len(fields(row, shape.delimiter)) != width):
            yield from reject_line(window, tally, _UNCLOSED)
        elif not row.strip(b" "):
            tally.structure += size
            window.position += size
        else:
            yield Record(window.offset, len(row), row, PATH)
            tally.records += len(row)
            tally.structure += size - len(row)
            window.position += size
            found = row.count(delimiter) + 1 if b'"' not in row else len(fields(row, shape.delimiter))
            if found != width:
                tally.warnings["row with another number of fields than the header"] += 1
        if not end_line(window, tally) and window.ended:
            return


def columns_as_text(shape: Shape) -> str | None:
    """Write down how the rows of a CSV content are read, so that a row can be read again without its header."""
    if shape.kind is not ShapeKind.CSV:
        return None
    return json.dumps({"columns": shape.columns, "delimiter": shape.delimiter}, ensure_ascii=False)


def shape_from_text(text: str) -> Shape:
    """Give back the shape that :func:`columns_as_text` wrote down."""
    kept = json.loads(text)
    return Shape(ShapeKind.CSV, columns=tuple(kept["columns"]), delimiter=kept["delimiter"])
