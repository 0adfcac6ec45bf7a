"""What is handed to SQLite in another form is stored as what it stands for, in every kind of column."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.parameters import NULL, as_passed_on, insert_narrow, pieces

VALUES = st.none() | st.binary(max_size=20) | st.text(max_size=20) | st.integers(-(2**63), 2**63 - 1)


@given(st.lists(VALUES, max_size=20))
def test_values_are_stored_as_they_are(values: list[int | str | bytes | None]) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE held (value ANY) STRICT")
    connection.executemany("INSERT INTO held VALUES (?)", ((each,) for each in as_passed_on(values)))
    assert [row[0] for row in connection.execute("SELECT value FROM held ORDER BY rowid")] == values
    connection.close()


def test_no_value_is_null_in_every_kind_of_column() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE held (whole INTEGER, text TEXT, any ANY, blob BLOB, real REAL) STRICT")
    connection.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?)", (NULL,) * 5)
    assert connection.execute("SELECT * FROM held").fetchall() == [(None,) * 5]
    connection.close()


@given(st.integers(1, 20), st.lists(st.binary(min_size=1, max_size=1), max_size=30))
def test_blobs_are_cut_where_they_were_joined(size: int, firsts: list[bytes]) -> None:
    blobs = [first * size for first in firsts]
    assert pieces(b"".join(blobs), size) == blobs


@given(st.lists(st.tuples(st.integers(0, 300), st.none() | st.text(max_size=3)), max_size=130))
def test_narrow_rows_are_written_each_once_and_counted(rows: list[tuple[int, str | None]]) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE held (key INTEGER PRIMARY KEY, value TEXT) STRICT")
    written = dict(reversed(rows))  # of equal keys the first stays
    assert insert_narrow(connection, "INSERT OR IGNORE INTO held", rows) == len(written)
    assert dict(connection.execute("SELECT * FROM held")) == written
    connection.close()
