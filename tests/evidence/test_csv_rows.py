from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import records, rejects, split
from workbench.evidence.csv_rows import _row, fields, row_values
from workbench.evidence.pieces import Shape, ShapeKind, SplitLimits

HEADER = b"eventid,eventtime,useridentity.arn,requestparameters\n"

cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=10) | st.sampled_from(
    ['{"a": "b,c"}', "line\nfeed", '"', '""', ",", "", " "]
)


def write(rows: list[list[str]], delimiter: str, end: str, quoting: int) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode()


@given(
    st.lists(st.lists(cells, min_size=4, max_size=4), min_size=1, max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.integers(1, 40),
    st.booleans(),
)
def test_rows_are_those_the_csv_module_wrote(
    rows: list[list[str]], delimiter: str, end: str, quoting: int, chunk: int, closed: bool
) -> None:
    header = ["a", "b", "b", "Account Name"]
    rows = [["first", "x", "", "1"], *rows]
    content = write([header, *rows], delimiter, end, quoting)
    if not closed:
        content = content.removesuffix(end.encode())
    pieces, splitter = split(content)
    shape = splitter.shape
    assert shape.kind is ShapeKind.CSV
    assert (shape.columns, shape.delimiter) == (("a", "b", "b#2", "Account Name"), delimiter)
    assert [list(row_values(piece.data, shape).values()) for piece in records(pieces)] == rows
    assert not rejects(pieces)
    assert {piece.path for piece in pieces} == {"csv"}
    again, _ = split(content, SplitLimits(window=1), chunk)
    assert again == pieces


@given(st.text(st.sampled_from('a",;\t b'), max_size=12))
def test_fields_are_those_the_csv_module_reads(row: str) -> None:
    whole = _row(",").match(row.encode())
    if row and whole is not None and whole.end() == len(row):  # all quotes are closed
        expected = next(csv.reader([row]))
        assert [field.decode() for field in fields(row.encode(), ",")] == expected


def test_a_stray_quote_costs_its_line_only() -> None:
    content = HEADER + b'1,t,a,b\n2,"t,a,b\n3,t,a,"x ""y"" z"\n4,t,a,b\n5,t,"a,b\n'
    pieces, _ = split(content)
    assert [piece.data[:1] for piece in records(pieces)] == [b"1", b"3", b"4"]
    assert [content[piece.offset : piece.offset + piece.length] for piece in rejects(pieces)] == [
        b'2,"t,a,b',
        b'5,t,"a,b',
    ]


def test_rows_of_another_width_stay_records_and_are_counted() -> None:
    pieces, splitter = split(HEADER + b"1,t,a,b\n2,t\n3,t,a,b,c\n\n")
    assert len(pieces) == 3
    assert splitter.warnings == {"row with another number of fields than the header": 2}
    assert row_values(pieces[1].data, splitter.shape) == {"eventid": "2", "eventtime": "t"}
    assert row_values(pieces[2].data, splitter.shape)["#5"] == "c"


@pytest.mark.parametrize("size", [49, 50, 51, 52])
@pytest.mark.parametrize("chunk", [None, 1, 7])
@pytest.mark.parametrize("quoted", [False, True])
def test_the_limit_on_rows_is_exact(size: int, chunk: int | None, quoted: bool) -> None:
    row = b"1,2,3," + (b'"' + b"x" * (size - 8) + b'"' if quoted else b"x" * (size - 6))
    pieces, _ = split(HEADER + b"1,2,3,4\n" + row + b"\n5,6,7,8", SplitLimits(max_record=50, window=1), chunk)
    assert [piece.length for piece in records(pieces)] == [7, 7] if size > 50 else [7, size, 7]
    assert [piece.length for piece in rejects(pieces)] == ([size] if size > 50 else [])


def test_a_field_of_a_megabyte_is_read_whole() -> None:
    shape = Shape(columns=("a", "b"), delimiter=",")
    assert row_values(b'1,"' + b"x" * 1_000_000 + b'"', shape)["b"] == "x" * 1_000_000
    assert row_values(b"1,\xff", shape)["b"] == "\\xff"
