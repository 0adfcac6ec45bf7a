"""The guard over negative statements: never more than the records of each hour allow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.coverage.test_matrix import gap
from tests.coverage.test_rules import ACCOUNT, T0, steady
from workbench.coverage.facts import HOUR, SLOT, ActCount, Stream
from workbench.coverage.making import moment
from workbench.coverage.negative import Absence, Answer, may_state_absence
from workbench.coverage.recorders import Question, recorders
from workbench.model.digest import Complete, Validation
from workbench.model.event import Verb
from workbench.model.gap import Gap, GapKind

SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/db-AbCdEf"


def ask(
    *streams: Stream,
    gaps: tuple[Gap, ...] = (),
    complete: bool = False,
    target: str = SECRET,
    verb: Verb = Verb.READ_SECRET,
    found: int = 0,
    same_kind: int = 7,
    until: int = T0 + 100,
) -> Answer:
    start, end = T0 * SLOT, until * SLOT
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
        same_kind=lambda _: {start // HOUR: same_kind} if same_kind else {},
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


def test_hours_without_a_record_are_named_and_excepted() -> None:
    """A steady log of 100 stretches, asked about for one more hour than it holds, and with a hole of three hours in it."""
    stream = steady()
    first = (T0 * SLOT // HOUR + 2) * HOUR
    last = first + 3 * HOUR - 1
    stream.slots = {slot: n for slot, n in stream.slots.items() if not first <= slot * SLOT <= last}
    answer = ask(stream)
    assert answer.absence is Absence.QUALIFIED
    assert answer.partial
    assert answer.proofs[0].unshown == ((first, last),)
    assert f"{moment(first)} to {moment(last)}" in answer.sentence
    assert not ask(steady()).partial
    proven = ask(stream, complete=True)
    assert (proven.absence, proven.partial) == (Absence.RULED_OUT, False)


def test_data_events_are_shown_only_in_the_hours_that_hold_one() -> None:
    """Digests prove that files are all there, not that a trail was told to record data then."""
    stream = steady(category="Data")
    answer = ask(
        stream, target=f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t", verb=Verb.READ, complete=True
    )
    hours = range(T0 * SLOT // HOUR + 1, (T0 + 100) * SLOT // HOUR + 1)
    assert answer.absence is Absence.QUALIFIED
    assert answer.partial
    (data, _) = answer.proofs
    assert data.complete
    assert data.unshown == ((hours[0] * HOUR, (T0 + 100) * SLOT),)


@given(st.sets(st.integers(0, 99)), st.sampled_from([(0, 100), (13, 14), (5, 61)]))
def test_each_moment_of_the_period_is_shown_or_excepted(held: set[int], period: tuple[int, int]) -> None:
    stream = steady()
    stream.slots = {T0 + slot: 1 for slot in held}
    start, end = (T0 + period[0]) * SLOT, (T0 + period[1]) * SLOT
    question = Question(verb=Verb.READ_SECRET, object=SECRET, start=start, end=end)
    (proof,) = may_state_absence(
        question, streams=[stream], acts=[], gaps=[], validation=Validation(), same_kind=lambda _: {}
    ).proofs
    hours = {(T0 + slot) * SLOT // HOUR for slot in held if start // SLOT <= T0 + slot <= end // SLOT}
    for moment_of in range(start, end + 1, SLOT):
        assert any(low <= moment_of <= high for low, high in proof.unshown) != (moment_of // HOUR in hours)


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


def test_nothing_is_shown_before_a_log_begins_or_after_it_ends() -> None:
    """The hour in which the first record lies shows nothing of its part before that record, unless digests do."""
    minute = 60_000_000
    hour = T0 * SLOT // HOUR
    stream = steady()
    stream.slots = {hour * HOUR // SLOT + 8: 3, hour * HOUR // SLOT + 13: 2}
    stream.first, stream.last = hour * HOUR + 42 * minute + 18, (hour + 1) * HOUR + 7 * minute + 5
    start, end = (hour - 1) * HOUR, (hour + 2) * HOUR - 1
    question = Question(verb=Verb.READ_SECRET, object=SECRET, start=start, end=end)

    def unshown(validation: Validation) -> tuple[tuple[int, int], ...]:
        return (
            may_state_absence(
                question,
                streams=[stream],
                acts=[],
                gaps=[],
                validation=validation,
                same_kind=lambda _: {hour: 1},
            )
            .proofs[0]
            .unshown
        )

    assert unshown(Validation()) == (
        (start, hour * HOUR + 42 * minute - 1),
        ((hour + 1) * HOUR + 8 * minute, end),
    )
    proven = Complete(ACCOUNT, "us-east-1", start, (hour + 1) * HOUR)
    assert unshown(Validation(complete=(proven,))) == (((hour + 1) * HOUR + 8 * minute, end),)


def test_a_gap_of_another_log_or_of_other_acts_is_not_in_the_way() -> None:
    def hole(**scope: tuple[str, ...]) -> Gap:
        return gap(GapKind.LOGGING_OFF, T0 * SLOT, None, **scope)

    flows, groups = hole(logs=("aws.vpcflow",)), hole(logs=("aws.cloudwatch",))
    own, unknown = hole(actions=("GetSecretValue",)), hole(actions=("Unheard",))
    assert ask(steady(), gaps=(flows,)).gaps == ()
    assert ask(steady(), gaps=(groups,)).caveats == (groups,)
    assert ask(steady(), gaps=(own,)).gaps == (own,)
    assert ask(steady(), gaps=(unknown,)).gaps == (unknown,)
    assert ask(steady(), gaps=(own,), verb=Verb.DELETE).gaps == ()
