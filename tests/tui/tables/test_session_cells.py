from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.fake_derived import START, Derivation
from workbench.tui.glyphs import ASCII, UNICODE, Glyphs
from workbench.tui.tables.session_cells import cells, columns, day_width, heading, verb_counts
from workbench.tui.tables.session_forest import SessionForest
from workbench.tui.time_axis import fitting
from workbench.tui.zones import UTC, Zone, named_zone

HOSTILE = "\x1b[2J[bold]\u202e\n\t\x9b"


@given(st.integers(60, 260), st.sampled_from([0, 6, 11]), st.booleans(), st.sampled_from([UNICODE, ASCII]))
def test_rows_fill_their_width_and_hold_no_control(width: int, day: int, lanes: bool, marks: Glyphs) -> None:
    derivation = Derivation(HOSTILE)
    bodies = {one.id: one for one in derivation.sessions}
    shape = columns(width, day, lanes=lanes)
    view = fitting(START, START + 10**10, shape.lane) if shape.lane else None
    assert len("".join(cell.text for cell in heading(shape, UTC, marks, view))) == width
    for row in SessionForest(derivation.rows()).visible():
        for body in (None, bodies.get(row.key)):
            text = "".join(cell.text for cell in cells(row, body, shape, UTC, marks, view))
            assert text.isprintable()
            # One cell stays free for the scroll bar; a row may be shorter, never wider.
            assert cell_len(text.rstrip()) < width


@pytest.mark.parametrize("width", [80, 100, 120, 140, 160, 200, 240])
@pytest.mark.parametrize("lanes", [True, False])
def test_what_a_width_has_room_for(width: int, lanes: bool) -> None:
    shape = columns(width, 0, lanes=lanes)
    assert shape.name >= 24
    if lanes:
        assert shape.lane >= 16
    if width >= 120:
        assert shape.strength
        assert shape.method
        assert shape.clients == 9
    if width >= 120 and not lanes:
        assert shape.period
        assert shape.verbs >= 12
    assert shape.period, "when a session began is seen at every width"


def test_the_start_stands_beside_the_lanes_of_a_narrow_screen() -> None:
    derivation = Derivation()
    tree = {row.key: row for row in SessionForest(derivation.rows()).visible()}
    for day, start in ((0, "11:47:18"), (6, "07-10 11:47:18"), (11, "2023-07-10 11:47:18")):
        shape = columns(80, day, lanes=True)
        assert shape.lane >= 8
        made = cells(
            tree[derivation.role.id],
            derivation.role,
            shape,
            UTC,
            UNICODE,
            fitting(START, START + 10**10, shape.lane),
        )
        assert f"i {start}  " in "".join(cell.text for cell in made)


def test_own_and_forwarded_events_clients_and_marks_are_shown() -> None:
    derivation = Derivation()
    tree = {row.key: row for row in SessionForest(derivation.rows()).visible()}
    shape = columns(200, 0, lanes=False)

    def text(one: object) -> str:
        body = next(each for each in derivation.sessions if each is one)
        return "".join(cell.text for cell in cells(tree[body.id], body, shape, UTC, UNICODE, None))

    assert "12+3" in text(derivation.sign_in)
    assert "2 clients" in text(derivation.sign_in)
    assert "┄? ☻" in text(derivation.sign_in)
    assert "├ " in text(derivation.role) or "└ " in text(derivation.role)
    assert "━▶ ⚙" in text(derivation.role)
    assert "i 11:47:18 → 12:17:18 x" in text(derivation.role)
    assert "╌▷ ⚙" in text(derivation.work)
    assert "unproven" in text(derivation.key)


def test_verbs_that_matter_come_first() -> None:
    assert verb_counts(Derivation().role, UNICODE) == "delegate 2 · read 10"


@pytest.mark.parametrize(
    ("last", "zone", "expected"),
    [(3_600, UTC, 0), (86_400, UTC, 6), (400 * 86_400, UTC, 11), (3_600, named_zone("Asia/Tokyo"), 0)],
)
def test_no_more_of_the_date_than_tells_days_apart(last: int, zone: Zone, expected: int) -> None:
    assert day_width(START, START + last * 1_000_000, zone) == expected
    assert day_width(None, None, zone) == 0
