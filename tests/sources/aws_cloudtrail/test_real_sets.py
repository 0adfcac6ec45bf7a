"""The real sets: nothing is lost, both paths agree, and the counts are those found by independent means."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.sources.aws_cloudtrail.records import quick
from workbench.model.event import Event
from workbench.sources.aws_cloudtrail import CloudTrailReader, warnings
from workbench.sources.protocol import Context

READER = CloudTrailReader()

Pair = tuple[dict[str, Any], Event]


def events(records: list[dict[str, Any]]) -> list[Pair]:
    pairs = []
    for document in records:
        assert READER.recognises(document)
        reading = READER.read(document, Context())
        assert reading.event is not None, reading.reason
        pairs.append((document, reading.event))
    return pairs


def records_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text()
    if path.suffix == ".jsonl" or "\n{" in text[:100_000]:
        return [json.loads(line) for line in text.splitlines()]
    content = json.loads(text)
    if isinstance(content, dict):
        return list(content.get("Records", [content]))
    return list(content)


@pytest.fixture(scope="module")
def invictus(datasets: Path) -> list[Pair]:
    return events(
        [record for path in sorted((datasets / "invictus-aws").glob("*.json")) for record in records_of(path)]
    )


@pytest.fixture(scope="module")
def stratus(datasets: Path) -> list[Pair]:
    return events(
        [
            record
            for path in sorted((datasets / "stratus-red-team").glob("*.json"))
            for record in records_of(path)
        ]
    )


@pytest.fixture(scope="module")
def otrf(datasets: Path) -> list[Pair]:
    return events(
        [record for path in sorted((datasets / "otrf-aws").glob("*.json")) for record in records_of(path)]
    )


@pytest.fixture(scope="module")
def panther(datasets: Path) -> list[Pair]:
    return events(records_of(datasets / "panther-samples" / "AWS.CloudTrail.jsonl"))


def test_every_record_is_an_event(
    invictus: list[Pair], stratus: list[Pair], otrf: list[Pair], panther: list[Pair]
) -> None:
    assert [len(pairs) for pairs in (invictus, stratus, otrf, panther)] == [2_900, 310, 103, 243]


def test_both_paths_agree_on_every_record(
    invictus: list[Pair], stratus: list[Pair], otrf: list[Pair], panther: list[Pair]
) -> None:
    fast = Counter[str]()
    for name, pairs in (("invictus", invictus), ("stratus", stratus), ("otrf", otrf), ("panther", panther)):
        for document, event in pairs:
            short = quick(orjson.dumps(document))
            if short is not None:
                fast[name] += 1
                assert short == event
    # S3 deliveries take the hot path; a wrapper that swallowed eventTime cannot.
    assert (fast["invictus"], fast["stratus"], fast["otrf"]) == (2_900, 310, 0)


def test_invictus_outcomes_and_ids(invictus: list[Pair]) -> None:
    assert sum(event.outcome.code is not None for _, event in invictus) == 300
    assert Counter(event.outcome.status.value for _, event in invictus)["success"] == 2_600
    assert sum(event.outcome.status == "denied" for _, event in invictus) == 44 + 16
    assert sum(event.shared_id is not None for _, event in invictus) == 36
    assert sum(event.request_id is None for _, event in invictus) == 5
    assert len({event.native_id for _, event in invictus}) == 2_900
    assert all(event.time.precision == "s" and event.time.micros is not None for _, event in invictus)


def test_invictus_verbs(invictus: list[Pair]) -> None:
    by_action = {event.act.action: event.act.verb.value for _, event in invictus}
    assert (
        sum(
            event.act.action == "AssumeRole" and event.act.verb == "issue_credential" for _, event in invictus
        )
        == 49
    )
    assert (
        sum(event.act.action == "GetSecretValue" and event.act.verb == "read_secret" for _, event in invictus)
        == 60
    )
    assert {by_action[name] for name in ("Decrypt", "Encrypt", "GenerateDataKey")} == {"other"}
    assert Counter(event.act.action for _, event in invictus if event.act.tampers_logging) == {
        "StopLogging": 3,
        "DeleteTrail": 3,
        "PutEventSelectors": 2,
        "DeleteFlowLogs": 1,
        "DeleteLogGroup": 1,
    }
    unclassified = {event.act.action for _, event in invictus if event.act.verb == "unclassified"}
    assert unclassified == {"SharedSnapshotVolumeCreated", "LeaveOrganization"}


def test_invictus_kinds(invictus: list[Pair]) -> None:
    kinds = Counter(event.kind.kind.value for _, event in invictus)
    # 34 of type AWSService and every other record with invokedBy.
    assert kinds["service"] == sum("invokedBy" in record["userIdentity"] for record, _ in invictus) == 353
    # Sessions with MFA that no service used, and three sign-ins (one of them without MFA).
    with_mfa = sum(
        record["userIdentity"].get("sessionContext", {}).get("attributes", {}).get("mfaAuthenticated")
        == "true"
        and "invokedBy" not in record["userIdentity"]
        for record, _ in invictus
    )
    assert kinds["human"] == with_mfa + 3
    assert kinds["nonhuman"] == 23
    bare = [event.kind for record, event in invictus if "sessionContext" not in record["userIdentity"]]
    assert Counter(kind.reason for kind in bare if kind.kind == "undecided") == {
        "long-term access key: a person and a machine look the same": 2_147
    }


def test_invictus_stolen_credentials_are_two_keys_of_one_identity(invictus: list[Pair]) -> None:
    thief = [
        event for _, event in invictus if event.credential and event.credential.native_id.endswith("36DZQP7P")
    ]
    victim = [
        event for _, event in invictus if event.credential and event.credential.native_id.endswith("SHSEVYP5")
    ]
    assert {event.act.action for event in thief} == {"GetCallerIdentity", "DescribeInstances"}
    assert {event.address.ip for event in thief if event.address} == {"192.168.10.20"}
    assert len(victim) == 13
    assert thief[0].identity is victim[0].identity
    assert thief[0].kind.kind == "nonhuman"


def test_invictus_warnings(invictus: list[Pair]) -> None:
    found = Counter(warning for _, event in invictus for warning in event.warnings)
    assert set(found) == {warnings.KEY_ACCOUNT, warnings.REDACTED}
    hidden = sum(b"HIDDEN_DUE_TO_SECURITY_REASONS" in orjson.dumps(record) for record, _ in invictus)
    assert found[warnings.REDACTED] == hidden
    decodable = [
        event for _, event in invictus if event.credential and event.credential.native_id.startswith("ASIA")
    ]
    assert found[warnings.KEY_ACCOUNT] >= len(decodable)


def test_invictus_secrets_and_their_decryption_name_the_same_resource(invictus: list[Pair]) -> None:
    read = {
        r.name
        for _, e in invictus
        if e.act.action == "GetSecretValue"
        for r in e.resources
        if r.role == "secret"
    }
    decrypted = {
        r.name for _, e in invictus if e.act.action == "Decrypt" for r in e.resources if r.role == "secret"
    }
    assert len(read) == 20
    assert read <= decrypted


def test_every_resource_stands_in_its_record(
    invictus: list[Pair], stratus: list[Pair], otrf: list[Pair], panther: list[Pair]
) -> None:
    for document, event in (*invictus, *stratus, *otrf, *panther):
        text = json.dumps(document, ensure_ascii=False)
        for resource in event.resources:
            parts = resource.name.split("/", 1) if resource.type == "s3:object" else [resource.name]
            assert all(json.dumps(part, ensure_ascii=False)[1:-1] in text for part in parts)
        for value in (event.identity and event.identity.canonical, event.native_id, event.place.account):
            assert value is None or value in text


def test_resources_that_aws_lists_are_all_there(invictus: list[Pair]) -> None:
    for document, event in invictus:
        names = {resource.name for resource in event.resources}
        assert {entry["ARN"] for entry in document.get("resources") or []} <= names


def test_anonymised_addresses_are_not_repaired(stratus: list[Pair]) -> None:
    raw = [event.address for _, event in stratus if event.address and event.address.raw.startswith("0")]
    assert raw
    assert all(address.ip is None and address.kind == "unparsed" for address in raw)


def test_the_wrapper_time_says_so(otrf: list[Pair]) -> None:
    assert {event.time.basis for _, event in otrf} == {"@timestamp (wrapper)"}
    assert all(event.time.micros is not None for _, event in otrf)


def test_panther_rows_lack_no_time_they_hold(panther: list[Pair]) -> None:
    for document, event in panther:
        holds = any(key.lower() in ("eventtime", "p_event_time") for key in document)
        assert (event.time.micros is not None) == holds
        if "userIdentity" not in document and "useridentity" not in document:
            assert event.identity is None
