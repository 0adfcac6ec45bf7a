"""The matrix: every record counted once, every stretch in one state, holes never hidden; and the guard over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.coverage.test_rules import ACCOUNT, T0, steady, stream
from workbench.coverage.facts import HOUR, SLOT
from workbench.coverage.matrix import matrix
from workbench.model.digest import Complete, Validation
from workbench.model.gap import CellState, Certainty, Gap, GapKind, Scope

SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-AbCdEf"


def gap(
    kind: GapKind,
    start: int | None,
    end: int | None,
    certainty: Certainty = Certainty.SHOWN,
    **scope: tuple[str, ...],
) -> Gap:
    return Gap(
        id=f"G-{kind}-{start}",
        kind=kind,
        rule="test",
        version=1,
        source="aws.cloudtrail",
        scope=Scope(text="a test", accounts=(ACCOUNT,), **scope),  # type: ignore[arg-type]
        start=start,
        end=end,
        certainty=certainty,
        detected="x",
        effect="x.",
        request="x.",
    )


slots = st.dictionaries(st.integers(0, 600), st.integers(1, 9), min_size=1, max_size=80)
stretches = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 200)), max_size=4)


@given(slots, stretches, stretches, st.sampled_from([SLOT, 3 * SLOT, HOUR, 24 * HOUR]))
def test_every_record_is_counted_once_and_every_stretch_has_one_state(
    counts: dict[int, int], holes: list[tuple[int, int]], proven: list[tuple[int, int]], step: int
) -> None:
    own = stream({T0 + slot: events for slot, events in counts.items()})
    gaps = [gap(GapKind.LOGGING_OFF, (T0 + low) * SLOT, (T0 + low + length) * SLOT) for low, length in holes]
    complete = tuple(
        Complete(ACCOUNT, "us-east-1", (T0 + low) * SLOT, (T0 + low + length) * SLOT)
        for low, length in proven
    )
    period = (T0 * SLOT, (T0 + 601) * SLOT)
    row = matrix([own], gaps, Validation(complete=complete), period, step)[0]
    assert sum(cell.events for cell in row.cells) == own.events
    assert row.cells[0].start <= period[0]
    assert row.cells[-1].end > period[1]
    for before, after in zip(row.cells, row.cells[1:], strict=False):
        assert before.end == after.start
        assert (before.state, before.gaps) != (after.state, after.gaps)
    for cell in row.cells:
        if cell.state is CellState.COMPLETE:
            assert not any(each.meets(cell.start, cell.end - 1) for each in gaps)
            # Every instant of it lies in one of the proven stretches.
            for instant in range(cell.start, cell.end, step):
                assert any(each.start <= instant and instant + step <= each.end for each in complete)
        if cell.events == 0 and cell.gaps:
            assert cell.state is CellState.OFF


def test_a_possible_hole_does_not_hide_records() -> None:
    own = steady(24)
    certain = gap(GapKind.LOGGING_OFF, T0 * SLOT, (T0 + 24) * SLOT)
    unsure = gap(GapKind.LOGGING_OFF, T0 * SLOT, (T0 + 24) * SLOT, Certainty.POSSIBLE)
    period = (T0 * SLOT, (T0 + 23) * SLOT)
    assert matrix([own], [certain], Validation(), period, SLOT)[0].cells[0].state is CellState.OFF
    cell = matrix([own], [unsure], Validation(), period, SLOT)[0].cells[0]
    assert (cell.state, cell.gaps) == (CellState.RECEIVED, (unsure.id,))


def test_what_could_be_expected_has_a_row_of_its_own() -> None:
    absent = gap(GapKind.NO_DATA_EVENTS, None, None, categories=("Data",))
    rows = matrix([steady()], [absent], Validation(), (T0 * SLOT, (T0 + 10) * SLOT), SLOT)
    assert [row.label for row in rows] == [None, "a test"]
    assert {cell.state for cell in rows[1].cells} == {CellState.UNKNOWN}
