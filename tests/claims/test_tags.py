"""The rules for committing and releasing tags: one test or more a rule (P1–P6, the A and B lists)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims.make import (
    ARN,
    KEY,
    OTHER,
    bare,
    document,
    event,
    excluding,
    kept,
    keyed,
    link,
    opened,
    past,
    review,
    tag,
)
from workbench.claims.binding import Binding, bound, machine_view, support
from workbench.claims.past import Past
from workbench.claims.reviews import SAMPLE, handed_on, impossible
from workbench.claims.tags import lacks, refusals
from workbench.model.claim import (
    Alternative,
    Choice,
    Citation,
    CitationKind,
    Confidence,
    Grade,
    Level,
    Likelihood,
    ReasonCode,
    Tag,
)
from workbench.model.session import Strength


def rules(found: Tag, bindings: list[Binding] | None = None, *before: Past) -> set[str]:
    return {each.rule for each in refusals(found, bindings or [keyed()], before)}


def lacking(found: Tag, *reviews: object) -> set[str]:
    return {each.rule for each in lacks(kept(found, *reviews))}  # type: ignore[arg-type]


# Committing


def test_a_sentence_and_a_citation_are_enough() -> None:
    assert rules(tag()) == set()


@pytest.mark.parametrize("grade", list(Grade))
def test_p1_no_reason_no_tag(grade: Grade) -> None:
    for reason in ("", "   ", "because", "it was"):
        assert "P1" in rules(tag(grade=grade, reason=reason, subject=OTHER))


@pytest.mark.parametrize("grade", list(Grade))
def test_p1_nothing_cited_no_tag(grade: Grade) -> None:
    assert "P1" in rules(tag(grade=grade, cites=(), subject=OTHER))


def test_p1_only_an_unproven_tag_may_cite_a_gap_instead() -> None:
    gap = (Citation(kind=CitationKind.GAP, ref="G-000000000001"),)
    assert rules(tag(grade=Grade.UNPROVEN, cites=gap)) == set()
    assert "P1" in rules(tag(grade=Grade.INFERRED, cites=gap))
    assert "P1" in rules(tag(cites=gap))


def test_a1_without_a_key_in_the_record_nothing_is_attributed() -> None:
    assert "A1" in rules(tag([bare()]), [bare()])
    assert rules(tag([bare()], grade=Grade.INFERRED), [bare()]) == set()


def test_a1_a_session_whose_opening_is_not_shown_is_attributed_to_its_credential_only() -> None:
    (refused,) = refusals(tag(level=Level.SESSION), [keyed()])
    assert refused.rule == "A1"
    assert "credential would be accepted" in refused.remedy
    assert rules(tag([opened()], level=Level.SESSION), [opened()]) == set()


def test_a2_the_subject_is_one_that_the_records_name() -> None:
    for subject in (ARN, ARN.upper(), KEY):
        assert rules(tag(subject=subject)) == set()
    (refused,) = refusals(tag(subject="Robert"), [keyed()])
    assert refused.rule == "A2"
    assert ARN in refused.what


def test_a2_one_event_of_another_identity_is_enough_to_refuse() -> None:
    stranger = keyed(identity="arn:aws:iam::111122223333:user/eve", credential="AKIAEXAMPLE000000002")
    both = [keyed(40), stranger]
    assert "A2" in rules(tag(both), both)


@pytest.mark.parametrize("level", [Level.DEVICE, Level.ACCOUNT_HOLDER, Level.ORGANISATION])
def test_a2_above_the_session_something_that_is_no_log_is_cited(level: Level) -> None:
    logs_only = tag([opened()], level=level, subject="Ann Example")
    assert rules(logs_only, [opened()]) == {"A2"}
    for shows, refused in (
        (None, {"A2"}),
        ("Ann Example", {"A2"}),  # a name is no sentence
        ("It lists the laptop of Joann Examples.", {"A2"}),
        ("It lists the laptop of ann  EXAMPLE, by serial.", set()),
    ):
        tied = tag([opened()], level=level, subject="Ann Example", cites=(document(shows=shows),))
        assert rules(tied, [opened()]) == refused


def test_a6_a_natural_person_is_not_named_without_a_second_reviewer() -> None:
    roster = document(shows="The roster has Ann Example at that desk.")
    person = tag([opened()], level=Level.PERSON, subject="Ann Example", cites=(roster, event(OTHER)))
    before = tag([opened()], grade=Grade.INFERRED, level=Level.PERSON, subject="Ann Example")
    assert rules(person, [opened()]) == {"A6"}
    assert rules(person, [opened()], past(before)) == {"A6"}
    for same in ("Ann", "ANN", " ann ", "\uff21nn"):
        assert rules(person, [opened()], past(before, review(same))) == {"A6"}
    assert rules(person, [opened()], past(before, review("Bob", approves=False))) == {"A6"}
    assert rules(person, [opened()], past(before, review("Bob"))) == set()


def test_excluded_needs_records_that_bind_the_events_to_something_else() -> None:
    assert rules(tag(grade=Grade.EXCLUDED, subject="eve")) == set()
    assert rules(tag(grade=Grade.EXCLUDED)) == {"A5"}
    assert rules(tag([bare()], grade=Grade.EXCLUDED, subject="eve"), [bare()]) == {"A1"}
    assert rules(
        tag([opened()], grade=Grade.EXCLUDED, subject="Eve Example", level=Level.PERSON), [opened()]
    ) == {"A2"}


def test_p2_unproven_is_not_attributed_in_one_step_without_something_new() -> None:
    before = past(tag(grade=Grade.UNPROVEN))
    assert rules(tag(), None, before) == {"P2"}
    assert rules(tag(grade=Grade.INFERRED), None, before) == set()
    assert rules(tag(cites=(event(), event(OTHER))), None, before) == set()


def test_p3_rewording_raises_nothing() -> None:
    before = past(tag(grade=Grade.INFERRED))
    assert rules(tag(reason="In other words it was plainly her."), None, before) == {"P3"}
    assert rules(tag(cites=(event(), link(Strength.PROVEN))), None, before) == set()
    assert rules(tag(cites=(event(), link(Strength.INFERRED))), None, before) == {"P3", "P4"}


def test_p3_the_named_falsifier_can_be_settled_instead() -> None:
    settled = tag(closes="The badge log was read: she was in.")
    assert rules(settled, None, past(tag(grade=Grade.INFERRED))) == {"P3"}
    named = past(tag(grade=Grade.INFERRED, would_change="A badge record that has her elsewhere"))
    assert rules(settled, None, named) == set()
    assert rules(tag(), None, named) == {"P3"}
    assert rules(tag(closes="Settled."), None, named) == {"P3"}


def test_d3_demoting_needs_a_reason_and_nothing_else() -> None:
    strong = past(tag())
    for grade in (Grade.INFERRED, Grade.UNPROVEN):
        assert rules(tag(grade=grade), None, strong) == set()
        assert rules(tag(grade=grade, reason=""), None, strong) == {"P1"}


@pytest.mark.parametrize("grade", [Grade.INFERRED, Grade.UNPROVEN])
def test_p4_no_claim_is_stronger_than_its_premises(grade: Grade) -> None:
    premise = Citation(kind=CitationKind.TAG, ref="T-000000000002", grade=grade)
    assert rules(tag(cites=(event(), premise))) == {"P4"}
    assert rules(tag(grade=Grade.INFERRED, cites=(event(), premise))) == set()
    strong = Citation(kind=CitationKind.TAG, ref="T-000000000002", grade=Grade.ATTRIBUTED)
    assert rules(tag(cites=(event(), strong))) == set()


@pytest.mark.parametrize("strength", [Strength.INFERRED, Strength.ASSERTED, Strength.UNPROVEN])
def test_p4_a_link_that_is_not_proven_caps_what_rests_on_it(strength: Strength) -> None:
    assert rules(tag(cites=(event(), link(strength)))) == {"P4"}
    assert rules(tag(grade=Grade.INFERRED, cites=(event(), link(strength)))) == set()


def test_p5_many_events_are_attributed_if_each_is_bound_by_itself() -> None:
    each = [keyed(500), keyed(500, credential="AKIAEXAMPLE000000009", session="S-000000000009")]
    assert rules(tag(each, choice=Choice.FILTER), each) == set()


def test_p5_a_mixed_selection_is_at_most_inferred() -> None:
    mixed = [keyed(999), bare(1)]
    assert rules(tag(mixed), mixed) == {"P5"}
    assert rules(tag(mixed, grade=Grade.INFERRED), mixed) == set()


# Releasing


def test_what_is_attributed_lacks_an_alternative_and_a_second_signature() -> None:
    assert lacking(tag()) == {"A4", "A6"}
    assert lacking(tag(alternatives=(excluding(),)), review("Bob")) == set()


def test_a3_use_outside_the_validity_is_lacking() -> None:
    used_late = keyed(outside=("used after it expired",))
    found = tag([used_late], machine=machine_view([used_late]), alternatives=(excluding(),))
    assert lacking(found, review("Bob")) == {"A3"}


def test_a4_an_alternative_without_what_excludes_it_is_none() -> None:
    assert "A4" in lacking(tag(alternatives=(Alternative("Her deputy"),)), review("Bob"))


def test_a5_what_speaks_against_it_is_to_be_answered() -> None:
    found = tag(alternatives=(excluding(),), against=(event(OTHER),))
    assert lacking(found, review("Bob")) == {"A5"}


def test_p6_nobody_reviews_their_own_claim() -> None:
    found = tag(alternatives=(excluding(),))
    for same in ("Ann", "ANN"):
        assert lacking(found, review(same)) == {"A6"}
    assert lacking(found, review("Bob", approves=False)) == {"A6"}


def complete_inference() -> Tag:
    return tag(
        grade=Grade.INFERRED,
        cites=(event(), link(Strength.INFERRED)),
        assumptions=("Her laptop was not shared.",),
        alternatives=(Alternative("Her deputy"),),
        would_change="A sign-in record",
        likelihood=Likelihood.LIKELY,
        confidence=Confidence.MODERATE,
    )


def test_a_complete_inference_lacks_nothing() -> None:
    assert lacking(complete_inference(), review("Bob")) == set()
    assert lacking(complete_inference()) == {"P6"}


@pytest.mark.parametrize(
    ("rule", "without"),
    [
        ("B1", {"cites": (event(), event(OTHER))}),
        ("B3", {"assumptions": ()}),
        ("B4", {"alternatives": ()}),
        ("B5", {"would_change": None}),
        ("B6", {"likelihood": None}),
        ("B6", {"confidence": None}),
    ],
)
def test_each_item_of_the_b_list(rule: str, without: dict[str, object]) -> None:
    assert lacking(msgspec.structs.replace(complete_inference(), **without), review("Bob")) == {rule}


def test_b1_two_records_of_one_log_are_not_independent_a_document_is() -> None:
    two = msgspec.structs.replace(complete_inference(), cites=(event(), document()))
    assert lacking(two, review("Bob")) == set()


def test_b6_high_confidence_and_a_gap_do_not_go_together() -> None:
    gap = Citation(kind=CitationKind.GAP, ref="G-000000000001")
    sure = msgspec.structs.replace(
        complete_inference(), confidence=Confidence.HIGH, cites=(*complete_inference().cites, gap)
    )
    assert lacking(sure, review("Bob")) == {"B6"}


def test_unproven_says_why_and_what_would_resolve_it() -> None:
    assert lacking(tag(grade=Grade.UNPROVEN)) == {"U1", "U2"}
    said = tag(grade=Grade.UNPROVEN, reason_code=ReasonCode.NO_RECORD, resolve="The sign-in log")
    assert lacking(said) == set()


@pytest.mark.parametrize("choice", list(Choice))
def test_p5_a_tag_of_many_events_is_sampled_before_release(choice: Choice) -> None:
    many = [keyed(400)]
    found = tag(many, choice=choice, alternatives=(excluding(),))
    assert lacking(found, review("Bob")) == {"P5"}
    assert lacking(found, review("Bob", sampled=SAMPLE - 1)) == {"P5"}
    assert lacking(found, review("Bob", sampled=SAMPLE)) == set()
    few = tag([keyed(4)], choice=choice, alternatives=(excluding(),))
    assert lacking(few, review("Bob", sampled=4)) == set()
    assert lacking(tag(many, grade=Grade.UNPROVEN, choice=choice)) == {"U1", "U2"}


def test_p5_errors_that_a_reviewer_found_stand_until_they_are_answered() -> None:
    many = [keyed(400)]
    found = tag(many, alternatives=(excluding(),))
    wrong = review("Bob", sampled=SAMPLE, errors=4)
    assert lacking(found, wrong) == {"P5"}
    assert lacking(found, wrong, review("Bob", sampled=SAMPLE)) == {"P5"}
    handed = handed_on(found, [kept(found, wrong)])
    assert "Bob found 4 of 30 wrong" in handed[0]
    again = tag(many, alternatives=(excluding(),), found_wrong=handed)
    assert lacking(again, review("Bob", sampled=SAMPLE)) == {"P5"}
    assert handed_on(again, [kept(again)]) == handed
    answered = tag(many, answers="The four were duplicates and are left out now.")
    assert handed_on(answered, [kept(again)]) == ()
    assert handed_on(found, [kept(found, wrong), kept(answered)]) == ()
    assert handed_on(found, [kept(answered), kept(found, wrong)]) == handed
    assert "P5" in rules(tag(many, answers="No."), many)
    others = msgspec.structs.replace(
        found, scope=msgspec.structs.replace(found.scope, places={"a" * 64: "0+9"})
    )
    assert handed_on(others, [kept(found, wrong)]) == ()


@given(st.integers(1, 90), st.integers(-2, 100), st.integers(-2, 100))
def test_p5_nobody_looks_at_more_events_than_there_are(events: int, sampled: int, errors: int) -> None:
    possible = 0 <= errors <= sampled <= events
    assert (not list(impossible(events, sampled, errors))) is possible
    assert (not list(impossible(None, sampled, errors))) is (sampled == errors == 0)


def test_an_override_is_never_released() -> None:
    found = tag(alternatives=(excluding(),), override="The court asked for it.", overrode=("A1: …",))
    assert lacking(found, review("Bob")) == {"override"}


# The machine's own view

SHOWN = document(shows=f"It names {ARN} as the user.")
STRENGTHS = st.sampled_from(list(Strength))
BINDINGS = st.builds(
    Binding,
    events=st.integers(1, 5),
    credential=st.sampled_from([None, KEY, "AKIAEXAMPLE000000002"]),
    identity=st.sampled_from([None, ARN]),
    session=st.sampled_from([None, "S-000000000001", "S-000000000002"]),
    membership=STRENGTHS,
    opening=STRENGTHS,
    chain=STRENGTHS,
)


@given(st.lists(BINDINGS, min_size=1, max_size=6))
def test_the_machine_never_says_more_than_every_event_shows(bindings: list[Binding]) -> None:
    view = machine_view(bindings)
    assert view.level in (None, Level.CREDENTIAL, Level.SESSION)
    if view.level is not None:
        assert all(each.credential is not None for each in bindings)
    if view.level is Level.SESSION:
        assert all(each.membership is each.opening is Strength.PROVEN for each in bindings)
    assert view.why


@given(st.lists(BINDINGS, min_size=1, max_size=6), st.sampled_from(list(Level)), BINDINGS)
def test_one_more_event_never_makes_an_attribution_possible(
    bindings: list[Binding], level: Level, more: Binding
) -> None:
    """Whatever is refused of some events is refused of them and another."""
    found = tag(bindings, level=level, cites=(event(), SHOWN))
    wider = tag([*bindings, more], level=level, cites=(event(), SHOWN))
    refused = {"A1", "A2", "P5"} & rules(found, bindings)
    assert not refused or {"A1", "A2", "P5"} & rules(wider, [*bindings, more])


@given(BINDINGS)
def test_no_person_follows_from_logs(binding: Binding) -> None:
    for level in list(Level)[2:]:
        assert support(binding, level) is not Strength.PROVEN


@given(st.lists(BINDINGS, min_size=1, max_size=6), st.sampled_from(list(Level)))
def test_what_is_not_refused_is_bound_event_by_event(bindings: list[Binding], level: Level) -> None:
    found = tag(bindings, level=level, cites=(event(), SHOWN))
    if not refusals(found, bindings, [past(found, review("Bob"))]):
        assert bound(bindings, level) == sum(each.events for each in bindings)


def test_the_events_that_nothing_binds_are_named() -> None:
    loose = Binding(events=7, identity=ARN, first=("aaaaaaaa:1", "aaaaaaaa:2"))
    mixed = [keyed(), loose]
    (refused,) = refusals(tag(mixed), mixed)
    assert "7 of 8 events have" in refused.what
    assert "aaaaaaaa:1, aaaaaaaa:2 and 5 more" in refused.what
