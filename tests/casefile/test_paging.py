"""Reading page by page ends, whatever a damaged file gives."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.paging import in_pages


@given(st.sets(st.integers(1, 1000)), st.integers(1, 7))
def test_every_row_once_and_in_order(numbers, step):
    rows = sorted(numbers)
    pages = list(in_pages(lambda last: [n for n in rows if n > last][:step], 0, lambda row: row))
    assert [row for page in pages for row in page] == rows


@given(st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4)))
def test_rows_that_lead_back_end(pages):
    """Whatever page lies behind whatever place: it goes forward only, and ends."""
    given_out = []
    with contextlib.suppress(sqlite3.DatabaseError):
        given_out.extend(page[-1] for page in in_pages(lambda last: pages.get(last, []), 0, lambda row: row))
    assert given_out == sorted(set(given_out))


def test_a_circle_is_told():
    with pytest.raises(sqlite3.DatabaseError, match="circle") as told:
        list(in_pages(lambda last: [1], 0, lambda row: row))
    assert told.value.sqlite_errorcode == sqlite3.SQLITE_CORRUPT
