from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.search.query import And, Or, Pattern, Term, conjunction, disjunction

# Few letters, so that pieces are found often and overlap; some whose case folding changes their length.
LETTERS = st.text("abAßẞſİ\n", max_size=6)


@given(st.lists(LETTERS, min_size=1, max_size=4), st.text("abABsSßi\n", max_size=12))
@example(["aba", "aba"], "aba")
@example(["", "ab", "ab", ""], "abab")
@example(["STRASSE"], "straße")
def test_matches_agrees_with_a_regular_expression(pieces: list[str], text: str) -> None:
    expression = ".*".join(re.escape(piece.casefold()) for piece in pieces)
    assert Pattern.of(pieces).matches(text) == bool(re.fullmatch(expression, text.casefold(), re.DOTALL))


@given(st.lists(LETTERS, min_size=2, max_size=6), st.data())
def test_whatever_stands_in_for_the_wildcards_matches(pieces: list[str], data: st.DataObject) -> None:
    text = pieces[0] + "".join(data.draw(st.text(max_size=5)) + piece for piece in pieces[1:])
    assert Pattern.of(pieces).matches(text)
    assert Pattern.of(pieces).matches(text.swapcase().casefold())


def test_a_pattern_has_one_spelling() -> None:
    assert Pattern.of(["a", "", "", "b"]) == Pattern(("a", "b"))
    assert Pattern.of(["", "", ""]) == Pattern(("", ""))
    for parts in ((), ("a", "", "b")):
        with pytest.raises(ValueError, match="not the parts"):
            Pattern(parts)


def test_literal_and_any() -> None:
    assert Pattern(("a",)).literal == "a"
    assert Pattern(("a", "")).literal is None
    assert Pattern(("", "")).is_any
    assert not Pattern(("",)).is_any


def test_joining_keeps_no_nest_of_the_same_kind() -> None:
    a, b, c = (Term(None, Pattern((letter,))) for letter in "abc")
    assert conjunction([conjunction([a, b]), c]) == And((a, b, c))
    assert disjunction([a, disjunction([b, c])]) == Or((a, b, c))
    assert conjunction([a]) == a
    assert disjunction([And((a, b)), c]) == Or((And((a, b)), c))
    with pytest.raises(ValueError, match="nothing"):
        conjunction([])
    with pytest.raises(ValueError, match="nothing"):
        disjunction([])
