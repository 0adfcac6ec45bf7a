from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.text import visible
from workbench.tui.lines.document import Line, Span, wrapped

texts = st.text(max_size=80).map(visible) | st.text("ab 界é", max_size=80)
lines = st.lists(
    st.builds(
        Line,
        st.lists(st.builds(Span, texts, st.sampled_from(["plain", "key"])), max_size=4).map(tuple),
        st.integers(0, 20),
    ),
    max_size=5,
)


@given(lines, st.integers(8, 60))
def test_wrapping_keeps_every_character_and_its_style_and_the_width(document: list[Line], width: int) -> None:
    rows = list(wrapped(document, width))
    assert all(sum(cell_len(span.text) for span in row) <= width for row in rows)
    # Indents are the only text added: single spans of spaces at the start of a continued row.
    expected = [(c, span.style) for line in document for span in line.spans for c in span.text if c != " "]
    actual = [(c, span.style) for row in rows for span in row for c in span.text if c != " "]
    assert actual == expected
    assert len(rows) >= len(document)


def test_lines_break_at_spaces_where_they_can_and_continue_set_in() -> None:
    (first, second) = wrapped([Line((Span("label "), Span("some words that go on")), indent=6)], 20)
    assert "".join(span.text for span in first) == "label some words "
    assert "".join(span.text for span in second) == "      that go on"


def test_a_word_that_follows_a_long_value_goes_to_the_next_row_whole() -> None:
    value = Span("x" * 24)
    rows = list(wrapped([Line((value, Span("   client aws-cli", "muted")), indent=4)], 30))
    assert ["".join(span.text for span in row) for row in rows] == ["x" * 24 + "   ", "    client aws-cli"]


def test_a_word_that_no_row_can_hold_is_broken_where_the_row_ends() -> None:
    rows = list(wrapped([Line((Span("key "), Span("y" * 50)))], 30))
    assert ["".join(span.text for span in row) for row in rows] == ["key " + "y" * 26, "y" * 24]
