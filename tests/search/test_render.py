from __future__ import annotations

import pytest
from hypothesis import example, given, settings

from tests.search.strategies import FRAGMENTS, QUERIES
from workbench.errors import QueryError
from workbench.search import Not, Pattern, Query, Term, TimeRange, parse, render
from workbench.search.fields import find


@settings(max_examples=400, deadline=None)
@given(QUERIES)
@example(Term(find("user_agent"), Pattern(("", "Boto3 (x)", ""))))
@example(Term(None, Pattern(("AND",))))
@example(Not(Not(TimeRange(None, 253_402_300_800_000_000))))
def test_what_is_written_reads_back(query: Query) -> None:
    assert parse(render(query)) == query


@settings(max_examples=300, deadline=None)
@given(FRAGMENTS)
def test_writing_what_was_read_is_stable(text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    if query is not None:
        assert parse(render(query)) == query


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            "action:GetSecretValue verb:(read OR create)",
            "action:GetSecretValue AND (verb:read OR verb:create)",
        ),
        ("user:arn:aws:iam::*:user/x", "identity:arn:aws:iam::*:user/x"),
        ('ua:"a b"*', 'user_agent:"a b"*'),
        ("time:2023-07-10", "time:[2023-07-10T00:00:00Z TO 2023-07-10T23:59:59Z]"),
        ("time:<2023-07-10", "time:<=2023-07-09T23:59:59Z"),
        ("time:[2023-07-10T00:00:00.5 TO *]", "time:>=2023-07-10T00:00:00.500000Z"),
        ("* -x", '* AND NOT "x"'),
    ],
)
def test_spelling(text: str, written: str) -> None:
    query = parse(text)
    assert query is not None
    assert render(query) == written
