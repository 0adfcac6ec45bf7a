"""The ladder of effects: what each level needs, which words it allows, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims.make import ARN, KEY, document, event, finding, kept, review
from workbench.claims.findings import lacks, refusals, supported
from workbench.claims.witness import Witness
from workbench.claims.wording import answers, sentence, too_strong
from workbench.clock import SECOND
from workbench.model.claim import Citation, CitationKind, Confidence
from workbench.model.event import OutcomeStatus, Verb
from workbench.model.finding import Authority, Effect, Finding, Impact, Period

NOON = 1_767_268_800 * SECOND  # 2026-01-01T12:00:00Z

GAP = Citation(kind=CitationKind.GAP, ref="G-000000000001")


def witness(verb: Verb = Verb.READ_SECRET, **more: object) -> Witness:
    seen = Witness(
        ref="r",
        source="aws.cloudtrail",
        action="GetSecretValue",
        verb=verb,
        outcome=OutcomeStatus.SUCCESS,
        objects=("arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db",),
        who="ann",
        names=frozenset({ARN.casefold(), "ann", KEY.casefold()}),
        time=NOON,
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
    assert needs(finding(verb="read"), witness(Verb.READ, action=action)) == {"E2"}
    attempted = finding(effect=Effect.ATTEMPTED, verb="read")
    assert needs(attempted, witness(Verb.READ, action=action)) == set()


def test_a_kubernetes_list_returns_what_it_lists() -> None:
    listed = witness(Verb.READ, action="list secrets", source="k8s.audit")
    assert needs(finding(verb="list"), listed) == needs(finding(verb="read"), listed) == set()


def test_a_refused_request_is_an_attempt() -> None:
    (refused,) = refusals(finding(), [witness(outcome=OutcomeStatus.DENIED)])
    assert "E1" in refused.remedy
    assert "attempted" in refused.remedy


ACTS = [Effect.ATTEMPTED, Effect.ACCESS_OBSERVED, Effect.EFFECT_RECORDED, Effect.IMPACT_PROVEN]


@pytest.mark.parametrize("effect", ACTS)
def test_a_subject_whom_no_record_names_is_refused(effect: Effect) -> None:
    refused = refusals(finding(effect=effect, subject="m.okafor"), [witness()])
    assert refused[0].rule == "subject"
    assert "r names ann" in refused[0].what
    assert "document" in refused[0].remedy or "no log" in refused[0].remedy


@pytest.mark.parametrize("name", [ARN, ARN.upper(), "Ann", KEY])
def test_a_subject_is_called_by_any_name_of_the_record(name: str) -> None:
    assert needs(finding(subject=name), witness()) == set()


def test_a_tag_above_the_session_names_the_subject_of_its_events_only() -> None:
    found = finding(subject="Dana Silva")
    assert needs(found, witness(attributed=frozenset({"dana silva"}))) == set()
    elsewhere = witness(objects=("other",), attributed=frozenset({"dana silva"}))
    assert needs(found, witness(), elsewhere) == {"subject"}


@pytest.mark.parametrize("effect", ACTS)
def test_an_act_that_no_record_says_is_refused(effect: Effect) -> None:
    refused = {each.rule: each.what for each in refusals(finding(effect=effect, verb="delete"), [witness()])}
    assert "r is read_secret (GetSecretValue)" in refused["verb"]


@pytest.mark.parametrize("verb", ["read", "read secret", "READ_SECRET", "getsecretvalue"])
def test_an_act_is_named_by_the_model_or_by_the_log(verb: str) -> None:
    assert needs(finding(verb=verb), witness()) == set()


def test_to_read_is_not_to_read_a_secret() -> None:
    assert needs(finding(), witness(Verb.READ, action="GetObject")) == {"verb"}


@given(st.integers(-3, 3), st.one_of(st.none(), st.integers(-3, 3)), st.one_of(st.none(), st.integers(-3, 3)))
def test_records_outside_the_period_are_refused(at: int, start: int | None, end: int | None) -> None:
    def text(hours: int | None) -> str | None:
        return None if hours is None else f"2026-01-01T{12 + hours:02}:00:00Z"

    seen = witness(time=NOON + at * 3600 * SECOND)
    inside = (start is None or start <= at) and (end is None or at <= end)
    refused = refusals(finding(period=Period(text(start), text(end))), [seen])
    assert [each.rule for each in refused] == ([] if inside else ["period"])
    if not inside:
        assert f"{12 + at:02}:00:00Z" in refused[0].what


def test_a_record_without_a_time_lies_in_no_period() -> None:
    assert needs(finding(), witness(time=None)) == {"period"}
    assert needs(finding(period=Period()), witness(time=None)) == set()


def test_parts_of_several_records_make_no_act_together() -> None:
    """A success of another, a denied try of the subject, an act on another object: none of them is access."""
    other = witness(who="bob", names=frozenset({"bob"}))
    denied = witness(outcome=OutcomeStatus.DENIED)
    assert needs(finding(), other, denied) == {"E2"}
    assert needs(finding(), other, witness(objects=("x",))) == {"subject"}
    assert needs(finding(), witness(Verb.READ, action="GetX"), witness(who="b", names=frozenset({"b"}))) == {
        "verb"
    }


def test_each_of_several_objects_needs_its_record() -> None:
    (refused,) = refusals(finding(objects=("prod/db", "prod/mail")), [witness()])
    assert refused.rule == "E2"
    assert "(prod/mail)" in refused.what
    assert needs(finding(objects=("prod/db", "mail")), witness(), witness(objects=("prod/mail",))) == set()


def test_what_the_record_names_instead_of_the_object_is_said() -> None:
    (refused,) = refusals(finding(), [witness(objects=("secret:prod/db-hY3kLq",))])
    assert "no cited record names prod/db: they name secret:prod/db-hY3kLq" in refused.what


def test_what_is_exposed_unknown_or_ruled_out_is_nobodys_recorded_act() -> None:
    anyone: dict[str, Any] = {"subject": "anyone", "verb": "vanish", "gaps": (GAP,), "coverage": "all"}
    for effect in (Effect.EXPOSURE, Effect.NOT_DETERMINABLE, Effect.RULED_OUT):
        assert needs(finding(effect=effect, **anyone), witness(), gaps=[]) == set()


def test_an_effect_is_recorded_by_an_act_that_changes_the_object() -> None:
    assert needs(finding(effect=Effect.EFFECT_RECORDED), witness()) == {"E3"}
    found = finding(effect=Effect.EFFECT_RECORDED, verb="update")
    assert needs(found, witness(Verb.UPDATE)) == set()
    assert needs(found, witness(Verb.UPDATE, outcome=OutcomeStatus.FAILED)) == {"E3"}
    bytes_told = document(shows="It says that 4 MB of prod/db were returned.")
    assert needs(finding(effect=Effect.EFFECT_RECORDED, cites=(event(), bytes_told)), witness()) == {"E3"}
    elsewhere = witness(Verb.UPDATE, objects=("secret:prod/mail",))
    assert needs(found, witness(), elsewhere) == {"verb", "E3"}
    assert needs(found, elsewhere) == {"E3"}


def test_no_log_alone_proves_impact() -> None:
    for verb in Verb:
        found = finding(effect=Effect.IMPACT_PROVEN, impact=Impact.DELETED, verb=verb.value)
        assert needs(found, witness(verb), witness(verb)) == {"E4"}
    assert needs(finding(effect=Effect.IMPACT_PROVEN, cites=(document(),))) == {"E4"}


def impact(shows: str | None = None, said: Impact = Impact.DELETED, **more: Any) -> Finding:
    cites = (event(), document(shows=shows))
    return finding(
        **({"effect": Effect.IMPACT_PROVEN, "impact": said, "verb": "delete", "cites": cites} | more)
    )


GONE = "The inventory of 2 January lacks prod/db."


def test_impact_takes_a_record_of_an_act_on_the_object_and_a_document_that_shows_it() -> None:
    deleted = witness(Verb.DELETE, action="DeleteSecret")
    assert needs(impact(GONE), deleted) == set()
    # The document alone, another object's record, a refusal, a list in which it stands.
    assert needs(impact(GONE)) == {"E4"}
    assert needs(impact(GONE), witness(Verb.DELETE, objects=("secret:prod/mail",))) == {"E4"}
    assert needs(impact(GONE), witness(Verb.DELETE, outcome=OutcomeStatus.DENIED)) == {"E4"}
    assert needs(impact(GONE, verb="read"), witness(Verb.READ, action="ListSecrets")) == {"E4"}
    # A document of which nobody says what it shows, or that shows something else.
    for shows in (None, "soup", "On Monday there is soup.", "The inventory lacks prod/db-replica2 now."):
        assert needs(impact(shows), deleted) == {"E4"}
    (refused,) = refusals(impact(None), [deleted])
    assert 'as "roster.txt: a sentence' in refused.what
    assert "E3" in refused.remedy


def test_each_of_several_objects_needs_its_record_and_its_document() -> None:
    both = {"objects": ("prod/db", "prod/mail")}
    deleted = witness(Verb.DELETE)
    mail = witness(Verb.DELETE, objects=("secret:prod/mail",))
    (refused,) = refusals(impact(GONE, **both), [deleted, mail])
    assert "(prod/mail)" in refused.what
    assert needs(impact("It lacks prod/db and prod/mail.", **both), deleted, mail) == set()
    assert needs(impact("It lacks prod/db and prod/mail.", **both), deleted) == {"E4"}


def test_an_impact_that_the_act_does_not_say_is_said_by_the_document() -> None:
    read = {"said": Impact.ALTERED, "verb": "read_secret"}
    assert needs(impact("A comparison of prod/db with known good.", **read), witness()) == {"E4"}
    found = impact("The comparison shows that prod/db was altered.", **read)
    assert needs(found, witness()) == set()
    said = sentence(found)
    assert said.startswith("According to roster.txt, which the responder says shows it, prod/db was altered")
    assert "(read secret), which by itself does not say so." in said
    assert "does not say so" not in sentence(impact(GONE))
    assert needs(impact("The paper printed prod/db.", said=Impact.DISCLOSED, verb="read"), witness()) == set()


def test_what_is_stated_by_override_says_so_wherever_it_is_read() -> None:
    against = ("E4: it needs a record", "subject: no record")
    found = impact(None, Impact.DISCLOSED, override="It was in the press.", overrode=against)
    assert sentence(found).startswith("By override, against E4, subject: prod/db was disclosed")
    assert "the act recorded" not in sentence(found)
    assert answers(found) == ("observed, by override", "proven, by override")
    nothing = impact(None, cites=(document(),), override="It was in the press.", overrode=against)
    assert answers(nothing) == ("not observed", "proven, by override")
    for effect in (Effect.ATTEMPTED, Effect.ACCESS_OBSERVED, Effect.EFFECT_RECORDED):
        forced = finding(effect=effect, override="Hurry.", overrode=(f"{effect.value}: it needs a record",))
        assert "by override" in answers(forced).access_observed
        assert sentence(forced).startswith(f"By override, against {effect.value}: ")


def test_exposure_is_not_shown_by_a_document_of_something_else() -> None:
    exposed = finding(effect=Effect.EXPOSURE, cites=(document(),))
    assert needs(exposed) == {"E0"}
    policy = document(shows="The policy of May let any user read prod/db.")
    assert needs(finding(effect=Effect.EXPOSURE, cites=(policy,))) == set()


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
    refused = refusals(found, [], [], ["No record of it was found. That it did not happen is not shown."])
    assert [each.rule for each in refused] == ["EX"]
    assert "That it did not happen is not shown" in refused[0].what


def test_nothing_cited_no_finding() -> None:
    assert "P1" in needs(finding(cites=()), witness())
    assert "P1" in needs(finding(objects=()), witness())


def test_access_and_impact_are_two_answers() -> None:
    assert answers(finding()) == ("observed", "not proven")
    assert answers(finding(effect=Effect.ATTEMPTED)) == ("attempted, not observed", "not proven")
    assert answers(finding(effect=Effect.EFFECT_RECORDED)) == ("observed", "not proven")
    assert answers(impact(GONE)) == ("observed", "proven, by roster.txt as its author reads it")
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
    cites = (event(), document(shows="It was prod/db, printed whole."))
    told = {each.rule for each in lacks(kept(finding(text=text, effect=effect, cites=cites), review("Bob")))}
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
    for verb in Verb:
        best = supported(finding(verb=verb.value), witnesses)
        assert best is not Effect.IMPACT_PROVEN
        if best is not None:
            assert not needs(finding(effect=best, verb=verb.value), *witnesses)
