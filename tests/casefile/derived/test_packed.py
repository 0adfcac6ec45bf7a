from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.derived.packed import PackedParts
from workbench.casefile.derived.values import PARTS, Parts

_LARGEST = (1 << 63) - 1
_TABLES = (
    "identity", "kind_reason", "credential", "key_set", "address", "user_agent", "place", "reading",
)  # fmt: skip


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[int], list[Parts]]:
    """Return the last row number of each table, and events that refer to rows of them."""
    sizes = st.one_of(st.just(0), st.integers(1, 9), st.integers(1, 1 << 40), st.integers(1, _LARGEST))
    last = draw(st.lists(sizes, min_size=len(PARTS), max_size=len(PARTS)))
    event = st.tuples(*(st.none() if each == 0 else st.none() | st.integers(1, each) for each in last))
    return last, draw(st.lists(event, min_size=1, max_size=6))


@given(_cases())
def test_what_was_packed_is_read_back(case: tuple[list[int], list[Parts]]) -> None:
    last, events = case
    connection = sqlite3.connect(":memory:")
    for table, number in zip(_TABLES, last, strict=True):
        connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
        connection.executemany(f"INSERT INTO {table} VALUES (?)", [(number,)] if number else [])
    connection.execute(f"CREATE TABLE event (id INTEGER PRIMARY KEY, {', '.join(PARTS)})")
    marks = ", ".join("?" * len(PARTS))
    connection.executemany(f"INSERT INTO event ({', '.join(PARTS)}) VALUES ({marks})", events)
    packed = PackedParts(connection)
    rows = connection.execute(f"SELECT {packed.columns} FROM event e ORDER BY e.id").fetchall()
    assert [packed.parts(row) for row in rows] == events
    connection.close()
