from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.glyphs import ASCII, UNICODE, Glyphs
from workbench.tui.tables.lanes import Lane, lane_text
from workbench.tui.time_axis import View

S = 1_000_000


@st.composite
def lanes(draw: st.DrawFn) -> Lane:
    start = draw(st.integers(-50, 150)) * S
    end = start + draw(st.integers(0, 100)) * S
    busy = []
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(start, end))
        busy.append((first, draw(st.integers(first, end))))
    return Lane(start, end, draw(st.booleans()), busy)


@given(lanes(), st.integers(1, 60), st.sampled_from([S, 2 * S, 5 * S]), st.sampled_from([UNICODE, ASCII]))
def test_a_lane_shows_who_was_there_in_each_column(
    lane: Lane, columns: int, bucket: int, marks: Glyphs
) -> None:
    view = View(0, bucket, columns)
    text = lane_text(lane, view, marks)
    assert len(text) == columns
    first, last = view.column_of(lane.start), view.column_of(lane.end)
    outside = last < 0 or first >= columns
    for column, glyph in enumerate(text):
        here = sum(1 for one, other in lane.busy if view.column_of(one) <= column <= view.column_of(other))
        if outside:
            assert glyph in (" ", marks.lane[6])
        elif here:
            assert glyph == marks.lane[2 if here == 1 else 3]
        elif not first <= column <= last:
            assert glyph == " " or (glyph == marks.lane[5] and column == last + 1 and not lane.ended)
        else:
            assert glyph in marks.lane[:2] + marks.lane[4]


@pytest.mark.parametrize(("start", "edge"), [(-90, 0), (900, -1)])
def test_a_session_outside_of_the_stretch_says_on_which_side(start: int, edge: int) -> None:
    text = lane_text(Lane(start * S, (start + 5) * S, True, ()), View(0, S, 20), UNICODE)
    assert text[edge] == "·"
    assert text.count(" ") == 19


def test_two_clients_at_a_time_stand_out() -> None:
    lane = Lane(0, 9 * S, True, [(0, 5 * S), (4 * S, 7 * S)])
    assert lane_text(lane, View(0, S, 12), UNICODE) == "▄▄▄▄██▄▄─┤  "
    assert lane_text(lane, View(0, S, 12), ASCII) == "====##==-]  "
