from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.search import And, parse
from workbench.search.fields import FIELDS, FieldKind
from workbench.search.query import conjunction
from workbench.tui.filters import completion, time_part, with_time_part, without_time_part

PART = "time:[2023-07-10 TO 2023-07-11]"
OTHER = "time:[2024-01-01 TO 2024-01-02]"

queries = st.sampled_from(
    [
        "action:GetSecretValue",
        "a b",
        "a OR b",
        "a AND NOT b",
        "(a OR b)",
        "(a OR b) AND (c OR d)",
        '"quoted OR text"',
        "NOT (a OR b)",
        "identity:(x OR y)",
        r"a\(b OR c",
        "time:>=2023-07-01",
    ]
)


@given(queries)
def test_a_narrowed_filter_means_both(text: str) -> None:
    """Oracle: the tree of the narrowed text is the conjunction of the trees of its parts."""
    narrowed = with_time_part(text, PART)
    query, part = parse(text), parse(PART)
    assert query is not None
    assert part is not None
    assert parse(narrowed) == conjunction([query, part])
    assert parse(without_time_part(narrowed)) == query
    assert time_part(narrowed) == PART
    assert with_time_part(narrowed, OTHER) == with_time_part(text, OTHER)


@pytest.mark.parametrize(
    "text", ["NOT " + PART, "a OR " + PART, "a OR b " + PART, "-" + PART, "(a " + PART + ")"]
)
def test_a_range_that_is_part_of_an_alternative_is_left_alone(text: str) -> None:
    assert without_time_part(text) == text
    assert time_part(text) is None
    narrowed = parse(with_time_part(text, OTHER))
    assert isinstance(narrowed, And)
    assert narrowed.parts[-1] == parse(OTHER)


@pytest.mark.parametrize("text", [PART, " " + PART + " ", ""])
def test_nothing_is_left_of_a_range_alone(text: str) -> None:
    assert without_time_part(text) == ""
    assert with_time_part(text, OTHER) == OTHER


def test_field_names_and_choices_are_completed() -> None:
    assert completion("act") == "action:"
    assert completion("a b (-outco") == "a b (-outcome:"
    for field in FIELDS:
        assert completion(field.name[:-1] + field.name[-1]) is not None
        if field.kind is FieldKind.CHOICE:
            assert completion(f"{field.name}:{field.choices[0][:1]}") is not None
    assert completion("") is None
    assert completion("action:Get") is None
    assert completion("zzz") is None


@given(st.text(max_size=60))
def test_no_text_breaks_editing(text: str) -> None:
    completion(text)
    with_time_part(text, PART)
    time_part(text)
