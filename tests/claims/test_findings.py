"""The ladder of effects: what each level needs, which words it allows, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims.make import document, event, finding, kept, review
from workbench.claims.findings import (
    Witness,
    answers,
    lacks,
    refusals,
    sentence,
    supported,
    too_strong,
)
from workbench.model.claim import Citation, CitationKind, Confidence
from workbench.model.event import OutcomeStatus, Verb
from workbench.model.finding import Authority, Effect, Finding, Impact

GAP = Citation(kind=CitationKind.GAP, ref="G-000000000001")


def witness(verb: Verb = Verb.READ_SECRET, **more: object) -> Witness:
    seen = Witness(
        ref="r",
        source="aws.cloudtrail",
        action="GetSecretValue",
        verb=verb,
        outcome=OutcomeStatus.SUCCESS,
        objects=("arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db",),
    )
    return seen._replace(**more)  # type: ignore[arg-type]


def needs(found: Finding, *witnesses: Witness, gaps: list[str] | None = None) -> set[str]:
    return {each.rule for each in refusals(found, witnesses, gaps)}


def test_access_is_observed_by_a_success_on_the_named_object() -> None:
    assert needs(finding(), witness()) == set()
    assert needs(finding(), witness(outcome=OutcomeStatus.DENIED)) == {"E2"}
    assert needs(finding(), witness(outcome=OutcomeStatus.UNKNOWN)) == {"E2"}
    assert needs(finding(), witness(objects=("secret:prod/db-replica",))) == {"E2"}
    assert needs(finding()) == {"E2"}


def test_an_object_is_named_by_the_whole_of_it_or_behind_a_border() -> None:
    assert needs(finding(objects=("db",)), witness()) == set()
    assert needs(finding(objects=("b",)), witness()) == {"E2"}


@pytest.mark.parametrize("action", ["ListObjectsV2", "DescribeInstances", "list", "describe-x"])
def test_listing_is_no_reading(action: str) -> None:
    assert needs(finding(), witness(Verb.READ, action=action)) == {"E2"}
    attempted = finding(effect=Effect.ATTEMPTED)
    assert needs(attempted, witness(Verb.READ, action=action)) == set()


def test_a_kubernetes_list_returns_what_it_lists() -> None:
    assert needs(finding(), witness(Verb.READ, action="list secrets", source="k8s.audit")) == set()


def test_a_refused_request_is_an_attempt() -> None:
    (refused,) = refusals(finding(), [witness(outcome=OutcomeStatus.DENIED)])
    assert "E1" in refused.remedy
    assert "attempted" in refused.remedy


def test_an_effect_is_recorded_by_an_act_that_changes_or_by_bytes_told() -> None:
    found = finding(effect=Effect.EFFECT_RECORDED)
    assert needs(found, witness()) == {"E3"}
    assert needs(found, witness(Verb.UPDATE)) == set()
    assert needs(found, witness(Verb.UPDATE, outcome=OutcomeStatus.FAILED)) == {"E3"}
    assert needs(finding(effect=Effect.EFFECT_RECORDED, cites=(event(), document())), witness()) == set()


def test_no_log_alone_proves_impact() -> None:
    found = finding(effect=Effect.IMPACT_PROVEN, impact=Impact.DELETED)
    for verb in Verb:
        assert needs(found, witness(verb), witness(verb)) == {"E4"}
    assert needs(finding(effect=Effect.IMPACT_PROVEN, cites=(document(),))) == {"E4"}
    proven = finding(effect=Effect.IMPACT_PROVEN, impact=Impact.DELETED, cites=(document(),))
    assert needs(proven) == set()


def test_not_determinable_cites_the_gaps() -> None:
    found = finding(effect=Effect.NOT_DETERMINABLE)
    assert needs(found) == {"EN"}
    assert needs(finding(effect=Effect.NOT_DETERMINABLE, gaps=(GAP,), cites=())) == set()
    assert "G-000000000001" in sentence(finding(effect=Effect.NOT_DETERMINABLE, gaps=(GAP,)))


def test_an_empty_search_rules_nothing_out() -> None:
    found = finding(effect=Effect.RULED_OUT, coverage="CloudTrail data events of all buckets, logged all day")
    assert needs(found, gaps=None) == {"EX"}
    assert needs(found, gaps=["G-1"]) == {"EX"}
    assert needs(found, gaps=[]) == set()
    assert needs(finding(effect=Effect.RULED_OUT), gaps=[]) == {"EX"}


def test_nothing_cited_no_finding() -> None:
    assert "P1" in needs(finding(cites=()), witness())
    assert "P1" in needs(finding(objects=()), witness())


def test_access_and_impact_are_two_answers() -> None:
    assert answers(finding()) == ("observed", "not proven")
    assert answers(finding(effect=Effect.ATTEMPTED)) == ("attempted, not observed", "not proven")
    assert answers(finding(effect=Effect.EFFECT_RECORDED)) == ("observed", "not proven")
    proven = finding(effect=Effect.IMPACT_PROVEN, impact=Impact.ALTERED, cites=(document(),))
    assert answers(proven) == ("not observed", "proven")
    assert answers(finding(effect=Effect.NOT_DETERMINABLE)) == ("not determinable", "not determinable")


HIGHER = {
    Effect.EXPOSURE: ("attempted", "recorded", "was altered", "was deleted"),
    Effect.ATTEMPTED: ("recorded", "was altered", "was deleted"),
    Effect.ACCESS_OBSERVED: ("effect", "was altered", "was deleted", "disclosed"),
    Effect.EFFECT_RECORDED: ("was altered", "was deleted", "disclosed"),
    Effect.NOT_DETERMINABLE: ("recorded", "attempted", "was altered"),
    Effect.RULED_OUT: ("recorded", "attempted", "was altered"),
}


@given(
    st.sampled_from(list(HIGHER)),
    st.sampled_from([verb.value for verb in Verb]),
    st.sampled_from([None, *Impact]),
)
def test_no_sentence_says_more_than_its_level(effect: Effect, verb: str, impact: Impact | None) -> None:
    said = sentence(
        finding(
            effect=effect,
            verb=verb,
            impact=impact,
            gaps=(GAP,),
            coverage="all of it",
            subject="x",
            objects=("y",),
        )
    )
    for word in HIGHER[effect]:
        assert word not in said


@pytest.mark.parametrize(
    ("text", "effect", "strong"),
    [
        ("The data was exfiltrated.", Effect.ACCESS_OBSERVED, True),
        ("The data was exfiltrated.", Effect.IMPACT_PROVEN, False),
        ("The policy was changed.", Effect.ACCESS_OBSERVED, True),
        ("The policy was changed.", Effect.EFFECT_RECORDED, False),
        ("They viewed the secret.", Effect.ATTEMPTED, True),
        ("They viewed the secret.", Effect.ACCESS_OBSERVED, False),
        ("A request stands in the log.", Effect.EXPOSURE, False),
        ("Nothing was deleted.", Effect.NOT_DETERMINABLE, True),
    ],
)
def test_an_author_who_says_more_is_told(text: str, effect: Effect, strong: bool) -> None:
    assert (too_strong(text, effect) is not None) is strong
    told = {each.rule for each in lacks(kept(finding(text=text, effect=effect), review("Bob")))}
    assert (effect.value in told) is strong


def test_what_a_finding_lacks() -> None:
    assert lacks(kept(finding(), review("Bob"))) == []
    assert {each.rule for each in lacks(kept(finding()))} == {"P6"}
    assert {each.rule for each in lacks(kept(finding(likelihood=None, confidence=None), review("Bob")))} == {
        "B6"
    }
    judged = finding(authority=Authority.UNAUTHORISED)
    assert {each.rule for each in lacks(kept(judged, review("Bob")))} == {"authority"}
    based = finding(authority=Authority.UNAUTHORISED, basis=(document(),))
    assert lacks(kept(based, review("Bob"))) == []
    sure = finding(confidence=Confidence.HIGH)
    assert lacks(kept(sure, review("Bob"))) == []
    assert {each.rule for each in lacks(kept(sure, review("Bob")), gaps=1)} == {"B6"}


@given(
    st.lists(st.builds(witness, st.sampled_from(list(Verb)), outcome=st.sampled_from(list(OutcomeStatus))))
)
def test_what_is_supported_is_accepted(witnesses: list[Witness]) -> None:
    best = supported(finding(), witnesses)
    if best is not None:
        assert not needs(finding(effect=best), *witnesses)
        assert best is not Effect.IMPACT_PROVEN
