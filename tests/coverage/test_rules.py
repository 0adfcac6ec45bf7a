"""Gap rules over facts made by hand: what each must find, and what it must leave alone."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.clock import DAY, SECOND
from workbench.coverage.derive import gaps_of
from workbench.coverage.facts import (
    SLOT,
    ActCount,
    ContentFacts,
    Control,
    Facts,
    Mark,
    NamedApplication,
    NamedOwner,
    Stream,
)
from workbench.coverage.owners import Owner, World
from workbench.coverage.rules.logging_off import logging_off
from workbench.coverage.rules.withheld import NO_RESPONSE_TOLD
from workbench.model.digest import Validation
from workbench.model.gap import BREAKS, Certainty, Gap, GapKind, StreamKey
from workbench.model.session import Skew

T0 = 1_780_000_000 * SECOND // SLOT
ACCOUNT = "111122223333"
MINUTE = 60 * SECOND


def stream(slots: dict[int, int], **key: Any) -> Stream:
    made = StreamKey(
        key.get("source", "aws.cloudtrail"),
        key.get("account", ACCOUNT),
        key.get("region", "us-east-1"),
        None,
        key.get("category", "Management"),
    )
    low, high = min(slots), max(slots)
    return Stream(made, slots, low * SLOT, high * SLOT + SLOT - 1, 0, key.get("unaddressed", 0))


def steady(length: int = 200, without: range = range(0), **key: Any) -> Stream:
    return stream({T0 + slot: 5 for slot in range(length) if slot not in without}, **key)


def facts(*streams: Stream, **more: Any) -> Facts:
    empty: dict[str, Any] = {
        name: []
        for name in ("acts", "marks", "controls", "accounts", "applications", "contents", "births", "skews")
    }
    return Facts(streams=list(streams), validation=Validation(), **(empty | more))


def control(
    action: str,
    slot: int,
    *,
    narrows: bool | None = None,
    succeeded: bool | None = True,
    target: str = "main",
) -> Control:
    return Control(
        event=slot + 1,
        source="aws.cloudtrail",
        account=ACCOUNT,
        region="us-east-1",
        service="cloudtrail",
        action=action,
        tampers=action in ("StopLogging", "DeleteTrail", "PutEventSelectors"),
        time=(T0 + slot) * SLOT,
        succeeded=succeeded,
        target=target,
        narrows=narrows,
    )


def rules(found: list[Gap]) -> dict[str, Gap]:
    return {gap.rule: gap for gap in found}


# Logging switched off


def test_a_stopped_trail_is_off_until_it_is_started() -> None:
    found = facts(
        steady(without=range(50, 80)), controls=[control("StopLogging", 50), control("StartLogging", 79)]
    )
    (gap,) = logging_off(found)
    assert (gap.start, gap.end) == ((T0 + 50) * SLOT, (T0 + 79) * SLOT)
    assert gap.certainty is Certainty.SHOWN
    assert gap.kind is GapKind.LOGGING_OFF


def test_the_name_and_the_arn_of_a_trail_are_one_trail() -> None:
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
    controls = [control("PutEventSelectors", 50, narrows=True), control("StopLogging", 52, target=arn)]
    controls += [control("StartLogging", 70, target=arn), control("PutEventSelectors", 75, narrows=False)]
    (gap,) = logging_off(facts(steady(without=range(51, 76)), controls=controls))
    assert (gap.start, gap.sure_start) == ((T0 + 50) * SLOT, (T0 + 52) * SLOT)
    assert (gap.sure_end, gap.end) == ((T0 + 70) * SLOT, (T0 + 75) * SLOT)


def test_a_trail_that_nothing_restores_is_open() -> None:
    (gap,) = logging_off(facts(steady(60), controls=[control("DeleteTrail", 60)]))
    assert gap.end is None


def test_what_did_not_succeed_switched_nothing_off() -> None:
    assert list(logging_off(facts(steady(), controls=[control("StopLogging", 50, succeeded=False)]))) == []


def test_records_that_go_on_lower_the_certainty() -> None:
    stopped = [control("StopLogging", 50), control("StartLogging", 79)]
    (gap,) = logging_off(facts(steady(), controls=stopped))
    assert gap.certainty is Certainty.LIKELY
    (young,) = logging_off(facts(steady(), controls=[control("CreateTrail", 40), *stopped]))
    assert young.certainty is Certainty.POSSIBLE


# Silence


def test_silence_against_a_steady_rhythm_is_possible_and_no_more() -> None:
    gap = rules(gaps_of(facts(steady(without=range(60, 80)))))["silence"]
    assert gap.certainty is Certainty.POSSIBLE
    assert gap.start is not None
    assert gap.end is not None
    assert (T0 + 59) * SLOT <= gap.start <= (T0 + 60) * SLOT
    assert gap.end == (T0 + 80) * SLOT


def test_a_silence_that_is_explained_is_told_once() -> None:
    found = facts(
        steady(without=range(60, 80)), controls=[control("StopLogging", 60), control("StartLogging", 80)]
    )
    assert "silence" not in rules(gaps_of(found))


def test_nights_are_no_silence() -> None:
    slots = {T0 + day * 288 + slot: 3 for day in range(6) for slot in range(100)}
    assert "silence" not in rules(gaps_of(facts(stream(slots))))


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60), st.integers(1, 20))
def test_few_records_have_no_rhythm(slots: list[int], events: int) -> None:
    few = {T0 + slot: 1 for slot in slots[:40]}
    assert "silence" not in rules(gaps_of(facts(stream(few))))


@given(st.integers(0, 2**32))
def test_chance_arrivals_are_hardly_ever_silent(seed: int) -> None:
    """Records that come by chance at a steady rate pause now and then; the rule must not take that for a hole."""
    chance = random.Random(seed)
    time, slots = 0.0, dict[int, int]()
    for _ in range(400):
        time += chance.expovariate(1 / 4)
        slots[T0 + int(time)] = slots.get(T0 + int(time), 0) + 1
    assert sum(gap.rule == "silence" for gap in gaps_of(facts(stream(slots)))) <= 1


# Parts that are absent


def test_one_region_and_no_data_events() -> None:
    found = rules(gaps_of(facts(steady())))
    assert found["one-region"].scope.beside == ("us-east-1",)
    assert found["data-events-absent"].scope.accounts == (ACCOUNT,)
    more = facts(steady(), steady(region="eu-west-1"), steady(category="Data"))
    assert rules(gaps_of(more)).keys() & {"one-region", "data-events-absent"} == set()


def test_categories_of_sign_ins() -> None:
    entra = {"source": "entra.signin", "account": None, "region": None}
    found = rules(gaps_of(facts(steady(category="SignInLogs", **entra))))
    assert set(found["sign-in-category-absent"].scope.categories) == {
        "NonInteractiveUserSignInLogs",
        "ServicePrincipalSignInLogs",
        "ManagedIdentitySignInLogs",
    }
    graph = facts(steady(source="graph.activity", account=None, region=None, category=None))
    assert rules(gaps_of(graph))["sign-in-category-absent"].kind is GapKind.MISSING_SOURCE


def test_git_events() -> None:
    github = steady(source="github.audit", account="acme", region=None, category=None)
    acts = [ActCount("github.audit", "acme", None, "github", "repo.create", "create", 5)]
    assert "git-events-absent" in rules(gaps_of(facts(github, acts=acts)))
    acts.append(ActCount("github.audit", "acme", None, "github", "git.push", "update", 5))
    assert "git-events-absent" not in rules(gaps_of(facts(github, acts=acts)))


def owned(world: World, name: str, how: str, events: int = 1) -> NamedOwner:
    return NamedOwner(
        owner=Owner(world, name), how=how, event=5, time=T0 * SLOT, events=events, act="PutBucketPolicy"
    )


def test_a_tenant_without_a_log_is_told_as_surely_as_records_show_it() -> None:
    tenant, other = "5d1c0000-0000-4000-8000-000000000001", "5d1c0000-0000-4000-8000-000000000002"
    microsoft = "72f988bf-86f1-41af-91ab-2d7cd011db47"
    named = [
        owned(World.ENTRA, tenant, "token", 9),
        owned(World.ENTRA, other, "resource"),
        owned(World.ENTRA, microsoft, "caller"),
        owned(World.CLUSTER, "c1", "resource", 5),
        owned(World.CLUSTER, "c2", "resource"),
    ]
    found = {
        gap.scope.subject: gap for gap in gaps_of(facts(accounts=named)) if gap.rule == "tenant-without-log"
    }
    assert {subject: gap.certainty.value for subject, gap in found.items()} == {
        tenant: "shown", other: "likely", "c1": "likely", "c2": "likely",
    }  # fmt: skip
    assert (found[tenant].source, found["c1"].source) == ("entra.signin", "k8s.audit")
    nameless = gaps_of(facts(accounts=named, nameless=frozenset({World.ENTRA, World.CLUSTER})))
    told = {gap.scope.subject: gap.certainty.value for gap in nameless if gap.rule == "tenant-without-log"}
    assert told == {other: "possible", "c2": "possible"}


def test_accounts_and_applications_without_a_log() -> None:
    named = [
        owned(World.AWS, "999988887777", "policy"),
        owned(World.AWS, "127311923021", "policy"),
        owned(World.AWS, "193672423079", "grantee"),
    ]
    apps = [
        NamedApplication(source="okta.system", name=name, event=7, first=T0, last=T0, events=3)
        for name in ("Payroll", "AWS Account Federation")
    ]
    apps.append(NamedApplication(source="graph.activity", name="app-1", event=8, first=T0, last=T0, events=3))
    found = gaps_of(facts(steady(), accounts=named, applications=apps))
    assert [gap.scope.subject for gap in found if gap.rule == "principal-without-sign-in"] == ["app-1"]
    assert {gap.scope.subject for gap in found if gap.rule == "account-without-log"} == {
        "193672423079",
        "999988887777",
    }
    assert [gap.scope.subject for gap in found if gap.rule == "application-without-log"] == ["Payroll"]


# Exports


@pytest.mark.parametrize(
    ("records", "certainty"), [(1_000, "possible"), (5_000, "likely"), (50_000, "likely"), (4_999, None)]
)
def test_an_export_that_stops_at_a_limit(records: int, certainty: str | None) -> None:
    content = ContentFacts(name="audit.csv", sha256="ab", records=records, sources=("m365.ual",))
    gap = rules(gaps_of(facts(contents=[content]))).get("row-limit")
    assert (gap and gap.certainty.value) == certainty


def test_files_that_a_service_delivers_are_no_exports_and_pages_are_one() -> None:
    trail = f"{ACCOUNT}_CloudTrail_us-east-1_20260304T0000Z_AbCdEfGhIjKlMnOp.json.gz"
    contents = [ContentFacts(name=trail, sha256="ab", records=5_000, sources=("aws.cloudtrail",))]
    contents += [
        ContentFacts(name=f"page-{number}.json", sha256=str(number), records=1_000, sources=("okta.system",))
        for number in range(9)
    ]
    (gap,) = [gap for gap in gaps_of(facts(contents=contents)) if gap.rule == "row-limit"]
    assert gap.scope.text == "9 files"


@pytest.mark.parametrize(("days", "found"), [(90, True), (30, False), (200, False)])
def test_a_log_as_long_as_its_provider_keeps_it(days: int, found: bool) -> None:
    okta = stream(
        {T0: 3, T0 + days * DAY // SLOT - 1: 3},
        source="okta.system",
        account=None,
        region=None,
        category=None,
    )
    assert ("retention-edge" in rules(gaps_of(facts(okta)))) is found


# Clocks, values, addresses


def test_clocks_that_differ_and_times_that_are_missing() -> None:
    skew = Skew(
        source="a.log", other="b.log", low=5 * SECOND, high=9 * SECOND, copies=2, pairs=1, evidence=(3,)
    )
    undated = steady()
    undated.undated = 4
    found = rules(gaps_of(facts(undated, skews=[skew])))
    assert "b.log is ahead of that of a.log by 5 s" in found["clocks-differ"].detected
    assert "4 records" in found["no-time"].detected
    same = msgspec.structs.replace(skew, low=-SECOND, high=SECOND)
    assert "clocks-differ" not in rules(gaps_of(facts(steady(), skews=[same])))


def mark(
    text: str, *, source: str = "aws.cloudtrail", warning: bool = False, subject: str | None = None
) -> Mark:
    return Mark(
        source=source,
        account=ACCOUNT,
        region=None,
        service="ssm",
        action="SendCommand",
        text=text,
        warning=warning,
        subject=subject,
        events=3,
        first=T0 * SLOT,
        last=(T0 + 9) * SLOT,
        evidence=(1, 2, 3),
    )


def test_what_records_say_of_themselves() -> None:
    marks = [
        mark("requestParameters.parameters: HIDDEN_DUE_TO_SECURITY_REASONS"),
        mark(
            "the access key id encodes another account than the identity's: it may have been rewritten",
            warning=True,
        ),
        mark("OperationProperties.IsThrottled: True", source="m365.ual", subject="a@example.org"),
        mark(NO_RESPONSE_TOLD, source="vault.audit"),
    ]
    found = rules(gaps_of(facts(steady(), marks=marks)))
    assert found["value-withheld"].kind is GapKind.REDACTED
    assert found["account-rewritten"].kind is GapKind.ALTERED
    assert found["log-throttled"].end == (T0 + 9) * SLOT + DAY
    assert found["request-without-response"].source == "vault.audit"


def test_a_part_without_any_address() -> None:
    github = steady(source="github.audit", account="acme", region=None, category=None, unaddressed=1000)
    assert rules(gaps_of(facts(github)))["no-address"].scope.subject == "acme"
    github.unaddressed = 999
    assert "no-address" not in rules(gaps_of(facts(github)))


# All of them


def test_every_kind_says_what_it_can_break() -> None:
    assert BREAKS.keys() == set(GapKind)
    assert all(BREAKS.values())


def test_the_order_of_facts_does_not_matter() -> None:
    streams = [
        steady(),
        steady(region="eu-west-1"),
        steady(source="okta.system", account=None, region=None, category=None),
    ]
    marks = [
        mark("a.b: HIDDEN"),
        mark("c.d: HIDDEN"),
        mark("OperationProperties.IsThrottled: True", source="m365.ual"),
    ]
    expected = gaps_of(facts(*streams, marks=marks))
    for seed in range(5):
        chance = random.Random(seed)
        mixed = facts(*chance.sample(streams, 3), marks=chance.sample(marks, 3))
        assert gaps_of(mixed) == expected
    assert len({gap.id for gap in expected}) == len(expected)
