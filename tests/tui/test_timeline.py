from __future__ import annotations

import itertools
from array import array

from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.events.scan import UNDATED, KeyChunk
from workbench.tui.timeline import Timeline

keys = st.lists(
    st.tuples(st.integers(0, 50) | st.just(UNDATED), st.integers(1, 99)), unique=True, max_size=60
).map(sorted)


def timeline(rows: list[tuple[int, int]], cut: int = 7) -> Timeline:
    made = Timeline()
    for start in range(0, len(rows), cut):
        part = rows[start : start + cut]
        made.extend(
            KeyChunk(
                array("q", [i for _, i in part]),
                array("q", [t for t, _ in part]),
                start + len(part),
                len(rows),
            )
        )
    return made


@given(keys)
def test_rows_are_found_by_time_and_by_event(rows: list[tuple[int, int]]) -> None:
    made = timeline(rows)
    assert len(made) == len(rows)
    dated = [row for row in rows if row[0] != UNDATED]
    assert made.dated == len(dated)
    assert made.span == ((dated[0][0], dated[-1][0]) if dated else None)
    for number, (micros, event_id) in enumerate(rows):
        assert made.row_of(micros, event_id) == number
    for micros in range(-1, 52):
        assert made.row_at(micros) == sum(t < micros for t, _ in rows)
        assert made.row_of(micros, 1000) is None


@given(keys, st.lists(st.integers(-5, 60), min_size=2, max_size=9).map(sorted))
def test_counts_agree_with_counting(rows: list[tuple[int, int]], edges: list[int]) -> None:
    expected = [sum(low <= t < high for t, _ in rows) for low, high in itertools.pairwise(edges)]
    assert timeline(rows).counts(edges) == expected
