from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.derived.reader import SessionRow
from workbench.errors import QueryError
from workbench.tui.session_words import SessionFilter
from workbench.tui.words import Word, read_words

FIELDS = {"kind": ("human", "nonhuman")}


def row(identity: str = "role/ci", kind: str = "human", strength: str = "proven") -> SessionRow:
    return SessionRow("S-1", None, 0, 0, 1, kind, strength, identity, "temporary key", "ASIAEXAMPLE")


def test_words_fields_and_negation() -> None:
    assert read_words("Foo -bar kind:HUM -kind:non arn:aws:x", FIELDS) == [
        Word(None, "foo", False),
        Word(None, "bar", True),
        Word("kind", "human", False),
        Word("kind", "nonhuman", True),
        Word(None, "arn:aws:x", False),
    ]


def test_a_choice_that_does_not_exist_is_pointed_at() -> None:
    with pytest.raises(QueryError) as told:
        read_words("a kind:robot", FIELDS)
    assert (told.value.position, told.value.length) == (2, 10)
    assert "human, nonhuman" in str(told.value)
    with pytest.raises(QueryError):
        read_words("kind:", FIELDS)


@given(st.text(), st.text())
def test_a_filter_of_a_part_of_the_name_keeps_it(before: str, after: str) -> None:
    word = "needle"
    assert SessionFilter(word, None)(row(f"{before}{word}{after}"))
    assert not SessionFilter(f"-{word}", None)(row(f"{before}{word}{after}"))


def test_a_session_is_found_by_the_name_that_lists_print() -> None:
    assumed = row("arn:aws:iam::555566667777:role/DeployAdmin")._replace(name="DeployAdmin/deploy")
    assert SessionFilter("deployadmin/deploy", None)(assumed)
    assert not SessionFilter("deployadmin/other", None)(assumed)


def test_all_conditions_must_hold() -> None:
    assert SessionFilter("ci kind:human strength:proven", None)(row())
    assert not SessionFilter("ci kind:human strength:inferred", None)(row())
    assert not SessionFilter("ci -kind:human", None)(row())
    assert not SessionFilter("", frozenset({"S-2"}))(row())
    assert not SessionFilter("", None)
    assert SessionFilter("", frozenset())
