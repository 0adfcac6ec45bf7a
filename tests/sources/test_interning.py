"""Memories of what was computed: equal answers, once each, and no more memory than was said, whatever a log holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.interning import LONGEST, Remembered, interned, remembered


def counted() -> tuple[list[object], Remembered]:
    asked: list[object] = []

    def compute(key: object) -> tuple[object]:
        asked.append(key)
        return (key,)

    return asked, Remembered(compute, entries=3)


@given(st.lists(st.text(max_size=LONGEST + 20) | st.binary(max_size=9)))
def test_the_answer_is_that_of_the_function_and_the_entries_are_bounded(keys):
    """What is remembered never changes what is answered, and never grows past its bound."""
    _, memory = counted()
    for key in keys:
        assert memory[key] == (key,)
        assert len(memory) <= 3


def test_a_short_key_is_computed_once():
    """That is the point of it."""
    asked, memory = counted()
    assert memory["a"] is memory["a"]
    assert asked == ["a"]


@pytest.mark.parametrize(
    "key",
    ["x" * (LONGEST + 1), b"x" * (LONGEST + 1), ("x" * LONGEST, "y"), ("a", ("x" * LONGEST,), None)],
    ids=["text", "bytes", "texts together", "nested"],
)
def test_a_long_key_is_computed_anew_and_not_kept(key):
    """A log of endless distinct long values fills no memory."""
    asked, memory = counted()
    assert memory[key] == memory[key] == (key,)
    assert asked == [key, key]
    assert not memory


def test_a_function_of_several_values_is_remembered_by_all_of_them():
    """Two calls are one only where every argument is equal."""
    asked = []

    @remembered(8)
    def joined(first: str, second: str | None) -> str:
        """Join."""
        asked.append((first, second))
        return f"{first}/{second}"

    assert [joined("a", "b"), joined("a", "b"), joined("a", None), joined("x" * 600, None)][:3] == [
        "a/b",
        "a/b",
        "a/None",
    ]
    joined("x" * 600, None)
    assert len(asked) == 4
    assert joined.__doc__ == "Join."


def test_equal_values_become_one_object_unless_they_are_long():
    """Later stages recognise a value by identity."""
    first, again = ("a", "b"), tuple("ab")
    assert interned(first, "a", "b") is interned(again, "a", "b")
    long = ("x" * 600,)
    assert interned(long, long[0]) is long
