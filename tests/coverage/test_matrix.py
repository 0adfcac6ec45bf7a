"""The matrix: every record counted once, every stretch in one state, holes never hidden; and the guard over it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.coverage.test_rules import ACCOUNT, T0, steady, stream
from workbench.coverage.facts import HOUR, SLOT, ActCount, Stream
from workbench.coverage.matrix import matrix
from workbench.coverage.negative import Absence, Answer, Question, may_state_absence, recorders
from workbench.model.digest import Complete, Validation
from workbench.model.event import Verb
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


# The guard


def ask(
    *streams: Stream,
    gaps: tuple[Gap, ...] = (),
    complete: bool = False,
    target: str = SECRET,
    verb: Verb = Verb.READ_SECRET,
    found: int = 0,
    same_kind: int = 7,
) -> Answer:
    start, end = T0 * SLOT, (T0 + 100) * SLOT
    proven = (Complete(ACCOUNT, "us-east-1", start, end),) if complete else ()
    return may_state_absence(
        Question(verb=verb, object=target, start=start, end=end, found=found),
        streams=streams,
        acts=[
            ActCount(
                "aws.cloudtrail", ACCOUNT, "Management", "secretsmanager", "GetSecretValue", "read_secret", 7
            )
        ],
        gaps=gaps,
        validation=Validation(complete=proven),
        same_kind=lambda _: same_kind,
    )


def test_absence_is_ruled_out_only_by_complete_records_of_that_kind() -> None:
    assert ask(steady(), complete=True).absence is Absence.RULED_OUT
    assert ask(steady(), complete=False).absence is Absence.QUALIFIED
    assert ask(steady(), complete=True, same_kind=0).absence is Absence.QUALIFIED
    assert ask(complete=True).absence is Absence.NOT_STATABLE
    assert ask(steady(), complete=True, found=2).absence is Absence.NOT_STATABLE


def test_a_gap_in_the_way_qualifies_and_is_named() -> None:
    hole = gap(GapKind.LOGGING_OFF, (T0 + 3) * SLOT, (T0 + 9) * SLOT)
    answer = ask(steady(), complete=True, gaps=(hole,))
    assert answer.absence is Absence.QUALIFIED
    assert hole.id in answer.sentence
    assert "not shown" in answer.sentence


def test_a_gap_elsewhere_or_of_another_kind_is_not_in_the_way() -> None:
    later = gap(GapKind.LOGGING_OFF, (T0 + 150) * SLOT, None)
    other = gap(GapKind.MISSING_REGION, None, None, beside=("us-east-1",))
    data = gap(GapKind.NO_DATA_EVENTS, None, None, categories=("Data",))
    origin = gap(GapKind.MISSING_ISSUANCE, T0 * SLOT, T0 * SLOT)
    answer = ask(steady(), complete=True, gaps=(later, other, data, origin))
    assert answer.absence is Absence.RULED_OUT
    assert answer.caveats == (origin,)


def test_what_no_log_records_cannot_be_stated() -> None:
    objects = ask(steady(), target="arn:aws:s3:::bucket/key", verb=Verb.READ, same_kind=0)
    assert objects.absence is Absence.NOT_STATABLE
    assert objects.lacking
    reads = ask(steady(), target="microsoft.compute:virtualmachines", verb=Verb.READ)
    assert reads.absence is Absence.NOT_STATABLE
    assert "no log is known" in reads.sentence


@given(st.sampled_from(list(Verb)), st.text(max_size=40), st.booleans(), st.integers(0, 3), st.integers(0, 3))
def test_no_answer_states_more_than_it_may(
    verb: Verb, target: str, complete: bool, found: int, same_kind: int
) -> None:
    answer = ask(steady(), complete=complete, target=target, verb=verb, found=found, same_kind=same_kind)
    if answer.absence is Absence.RULED_OUT:
        assert complete
        assert same_kind
        assert not found
        assert not answer.gaps
        assert all(each.recorder.account for each in answer.proofs if each.complete)
    assert answer.sentence.endswith(".")
    assert "did not happen" not in answer.sentence or "not shown" in answer.sentence


def test_each_kind_of_object_has_its_log() -> None:
    for target, verb, source in (
        ("exchange:mailbox", Verb.READ, "m365.ual"),
        ("kubernetes:secrets", Verb.READ_SECRET, "k8s.audit"),
        ("entra:application", Verb.UPDATE, "entra.audit"),
        ("storage:gcs_bucket", Verb.READ, "gcp.audit"),
        (f"arn:aws:iam::{ACCOUNT}:role/x", Verb.UPDATE, "aws.cloudtrail"),
        ("arn:aws:s3:::b/k", Verb.READ, "aws.s3access"),
    ):
        question = Question(verb=verb, object=target, start=0, end=1)
        assert source in [each.source for each in recorders(question)]


def test_a_question_can_be_about_one_log() -> None:
    objects = Question(verb=Verb.READ, object="arn:aws:s3:::b/k", start=0, end=1, source="aws.s3access")
    assert [each.source for each in recorders(objects)] == ["aws.s3access"]
    other = Question(verb=Verb.READ, object="arn:aws:s3:::b/k", start=0, end=1, source="okta.system")
    assert recorders(other) == []
    unknown = Question(verb=Verb.READ, object="thing", start=0, end=1, source="teleport.audit")
    assert [(each.source, each.by_default) for each in recorders(unknown)] == [("teleport.audit", False)]
