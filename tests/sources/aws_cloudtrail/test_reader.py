"""Both paths of the reader: they agree, they survive anything, and each dressing of a record gives the same event."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.aws_cloudtrail.records import (
    ROLE,
    Record,
    flattened,
    quick,
    record,
    struct_text,
    together,
    written,
)
from workbench.evidence.decode import loads_told
from workbench.model.event import AddressKind, Event, OutcomeStatus, Precision, Verb
from workbench.model.evidence import Disposition
from workbench.sources.aws_cloudtrail import CloudTrailReader, warnings
from workbench.sources.protocol import Context, Reading
from workbench.sources.registry import Readers

READER = CloudTrailReader()


def slow(document: Record) -> Event:
    reading = READER.read(document, Context())
    assert reading.event is not None, reading.reason
    return reading.event


def fast(document: Record) -> Event | None:
    return quick(orjson.dumps(document))


def test_a_whole_event() -> None:
    event = fast(record())
    assert event is not None
    assert (event.time.micros, event.time.raw, event.time.precision, event.time.basis) == (
        1_714_557_600_000_000,
        "2024-05-01T10:00:00Z",
        Precision.SECOND,
        "eventTime",
    )
    assert (event.act.service, event.act.action, event.act.verb) == (
        "secretsmanager",
        "GetSecretValue",
        Verb.READ_SECRET,
    )
    assert event.identity is not None
    assert event.identity.name == "alice"
    assert event.credential is not None
    assert event.credential.native_id == "AKIAIOSFODNN7EXAMPLE"
    assert event.address is not None
    assert event.address.ip == "203.0.113.7"
    assert event.user_agent is not None
    assert event.user_agent.client == "Boto3"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert (event.place.account, event.place.region) == ("111122223333", "eu-west-1")
    assert [resource.role for resource in event.resources] == ["secret"]
    assert event.native_id == "0c9bbf8a-0000-4000-8000-000000000002"
    assert event.request_id == "0c9bbf8a-0000-4000-8000-000000000001"
    assert event.shared_id is None
    assert event.warnings == ()


def test_equal_parts_are_one_object() -> None:
    first = fast(record())
    second = fast(record(eventID="other", userIdentity=record()["userIdentity"] | {"sessionContext": {}}))
    assert first is not None
    assert second is not None
    for part in (
        "act",
        "identity",
        "kind",
        "credential",
        "address",
        "user_agent",
        "outcome",
        "place",
        "resources",
    ):
        assert getattr(first, part) is getattr(second, part), part


VARIANTS: list[Record] = [
    record(),
    record(userIdentity=ROLE),
    record(errorCode="AccessDenied", errorMessage="no"),
    record(errorCode="", errorMessage=""),
    record(errorCode=None),
    record(errorMessage="Failed authentication"),
    record(readOnly=...),
    record(eventCategory=...),
    record(sessionCredentialFromConsole="true"),
    record(requestParameters=None),
    record(requestParameters={"name": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
    record(sourceIPAddress="AWS Internal", userAgent="AWS Internal"),
    record(sourceIPAddress="", userAgent="", requestID="", recipientAccountId=""),
    record(userAgent=..., sourceIPAddress=..., requestID=..., recipientAccountId=...),
    record(sharedEventID="s-1"),
    record(resources=[{"ARN": "arn:aws:s3:::b", "accountId": "111122223333", "type": "AWS::S3::Bucket"}]),
    record(
        eventSource="signin.amazonaws.com",
        eventName="ConsoleLogin",
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success"},
        requestParameters=None,
    ),
    record(
        eventSource="signin.amazonaws.com",
        eventName="ConsoleLogin",
        eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Failure"},
        errorMessage="Failed authentication",
    ),
    record(
        eventType="AwsServiceEvent",
        eventName="RotationFailed",
        userIdentity={"accountId": "1", "invokedBy": "secretsmanager.amazonaws.com"},
        additionalEventData={"SecretId": "db"},
        requestParameters=None,
    ),
    record(
        eventType="AwsServiceEvent",
        serviceEventDetails={"snapshotId": "snap-1"},
        eventSource="ec2.amazonaws.com",
    ),
    record(eventSource="ec2.amazonaws.com.cn", eventName="StopInstances", readOnly=False),
    record(eventTime="1999-01-01T00:00:00Z"),
    record(eventTime="2024-05-01T10:00:00.123Z"),
    record(eventTime="not a timeZ"),
    record(userIdentity={"type": "IAMUser", "accountId": 111122223333, "userName": ["x"]}),
]


@pytest.mark.parametrize("document", VARIANTS)
def test_both_paths_agree(document: Record) -> None:
    short = fast(document)
    assert short is not None
    assert short == slow(document)


@pytest.mark.parametrize(
    "document",
    [
        {key.lower(): value for key, value in record().items()},
        record(eventID=...),
        record(eventTime=...),
        record(eventVersion=...),
        record(userIdentity=None),
        record(userIdentity="alice"),
        record(eventName=7),
        record(readOnly="true"),
        record(eventSource="aws:s3"),
        record(eventTime="2024-05-01 10:00:00"),
        record(eventType="AwsVpceEvent", eventCategory="NetworkActivity"),
        record(addendum={"reason": "DELIVERY_DELAY"}),
        record(userAgent="x" * 40_000),
        record(requestParameters='{"secretId": "db"}'),
        record(responseElements=" "),
        record(resources="[]"),
    ],
)
def test_what_is_unusual_is_left_to_the_slow_path(document: Record) -> None:
    assert fast(document) is None


@pytest.mark.parametrize(
    "key", ["eventTime", "eventName", "userIdentity", "eventID", "eventSource", "errorCode"]
)
def test_a_repeated_key_is_left_to_the_slow_path(key: str) -> None:
    whole = json.dumps(record(errorCode="AccessDenied"))
    value = json.dumps(record(errorCode="Other")[key])
    assert quick(whole.encode()) is not None
    for twin in (f'{{"{key}":{value},' + whole[1:], whole[:-1] + f',"{key}":{value}}}'):
        assert quick(twin.encode()) is None
    escaped = f"\\u{ord(key[0]):04x}{key[1:]}"
    assert quick((whole[:-1] + f',"{escaped}":{value}}}').encode()) is None


def test_a_repeated_key_inside_a_part_is_left_to_the_slow_path() -> None:
    text = json.dumps(record())
    assert quick(text.replace('"type": "IAMUser"', '"type":"Root","type":"IAMUser"').encode()) is None
    assert quick(text.replace('"secretId"', '"secretId":"x","secretId"').encode()) is None


def dressed(document: Record) -> dict[str, Record]:
    """The same record as exports deliver it."""
    lowered = {key.lower(): value for key, value in document.items()}
    nested = ("useridentity", "requestparameters", "responseelements", "resources")
    as_json = {key: json.dumps(value) if key in nested else value for key, value in lowered.items()}
    as_struct = as_json | {"useridentity": struct_text(document["userIdentity"])}
    columns = {key: value for key, value in as_json.items() if key != "useridentity"}
    columns |= flattened(document["userIdentity"], "useridentity")
    strings = {
        key: str(value).lower() if isinstance(value, bool) else "" if value is None else value
        for key, value in as_struct.items()
    }
    return {
        "lower case": lowered,
        "upper case": {key.upper(): value for key, value in document.items()},
        "JSON in cells": as_json,
        "struct text": as_struct,
        "flattened": columns,
        "all text": strings,
        "Panther": lowered | {"p_log_type": "AWS.CloudTrail", "p_event_time": "2024-05-01 10:00:00.000"},
        "Elastic": document | {"@timestamp": "2024-05-01T10:00:00.000Z", "@version": "1"},
    }


@pytest.mark.parametrize("identity", [record()["userIdentity"], ROLE])
@pytest.mark.parametrize("dressing", list(dressed(record())))
def test_each_dressing_gives_the_same_event(dressing: str, identity: Record) -> None:
    document = record(userIdentity=identity, errorCode="AccessDenied")
    other = dressed(document)[dressing]
    assert READER.recognises(other)
    assert slow(other) == slow(document)


@pytest.mark.parametrize("dressing", list(dressed(record())))
def test_the_native_form_of_each_dressing_is_the_same(dressing: str) -> None:
    def leaves(value: Any, path: str = "") -> set[tuple[str, str]]:
        if isinstance(value, dict):
            return {leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}/{key.lower()}")}
        return set() if value is None else {(path, str(value).lower())}

    document = record(userIdentity=ROLE)
    native = READER.native(dressed(document)[dressing])
    extra = {leaf for leaf in leaves(native) if leaf[0][:3] in ("/p_", "/@t", "/@v")}
    assert leaves(native) - extra == leaves(document)


def test_times_of_wrappers() -> None:
    bare = record(eventTime=...)
    wrapped = slow(bare | {"@timestamp": "2024-05-01T10:00:00.000Z"}).time
    assert (wrapped.micros, wrapped.basis) == (1_714_557_600_000_000, "@timestamp (wrapper)")
    panther = slow(bare | {"p_event_time": "2024-05-01 10:00:00.000000000"}).time
    assert panther.basis == "p_event_time (wrapper), no zone: UTC assumed (Panther)"
    assert panther.micros == wrapped.micros
    splunk = slow(bare | {"time": 1_714_557_600}).time
    assert (splunk.micros, splunk.basis) == (1_714_557_600_000_000, "time (wrapper), epoch seconds")
    none = slow(bare)
    assert none.time.micros is None
    assert none.warnings == (warnings.NO_TIME,)


def test_absurd_times_are_kept_and_noted() -> None:
    for raw, warning in (
        ("0000-00-00T00:00:00Z", warnings.BAD_TIME),
        ("1601-01-01T00:00:00Z", warnings.EARLY_TIME),
        ("9999-12-31T23:59:59Z", warnings.LATE_TIME),
    ):
        event = slow(record(eventTime=raw))
        assert event.time.raw == raw
        assert event.warnings == (warning,)


def test_a_digest_is_no_event() -> None:
    reading = READER.read(
        {"digestStartTime": "2024-05-01T09:00:00Z", "logFiles": [], "awsAccountId": "1"}, Context()
    )
    assert (reading.event, reading.disposition) == (None, Disposition.DIGEST)
    assert READER.recognises({"digestStartTime": "x", "logFiles": []})


def test_an_insight_is_an_event_of_nobody_with_no_result() -> None:
    document = {
        "eventVersion": "1.08",
        "eventTime": "2024-05-01T10:00:00Z",
        "awsRegion": "eu-west-1",
        "eventID": "e",
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": "1",
        "sharedEventID": "s",
        "insightDetails": {
            "state": "Start",
            "eventSource": "ssm.amazonaws.com",
            "eventName": "UpdateInstanceInformation",
            "insightType": "ApiCallRateInsight",
        },
        "eventCategory": "Insight",
    }
    assert READER.recognises(document)
    event = slow(document)
    assert (event.act.service, event.act.action, event.act.category) == (
        "ssm",
        "ApiCallRateInsight",
        "Insight",
    )
    assert event.identity is None
    assert event.outcome.status is OutcomeStatus.UNKNOWN
    assert [resource.name for resource in event.resources] == ["UpdateInstanceInformation"]


def test_network_activity_names_its_endpoint() -> None:
    event = slow(
        record(
            eventType="AwsVpceEvent", eventCategory=..., vpcEndpointId="vpce-1", errorCode="VpceAccessDenied"
        )
    )
    assert event.act.category == "NetworkActivity"
    assert event.outcome.status is OutcomeStatus.DENIED
    assert ("ec2:vpc-endpoint", "vpce-1", "source") in [
        (item.type, item.name, item.role) for item in event.resources
    ]


def test_a_cut_down_record_shows_no_outcome() -> None:
    event = slow({"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue"})
    assert event.outcome.status is OutcomeStatus.UNKNOWN
    assert set(event.warnings) == {warnings.NO_TIME, warnings.NO_IDENTITY}


def test_stubs() -> None:
    assert READER.read({"foo": 1}, Context()).disposition is Disposition.UNRECOGNISED
    stub = {"p_log_type": "AWS.CloudTrail", "p_any_ip_addresses": ["192.0.2.1"]}
    assert READER.recognises(stub)
    event = slow(stub)
    assert event.act.verb is Verb.UNCLASSIFIED
    assert warnings.NO_NAME in event.warnings


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"eventName": "x"},
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "userIdentity": {},
        },
        {"eventSource": "aws:kinesis", "eventName": "aws:kinesis:record", "eventID": "1"},
        {"eventType": "user.session.start", "published": "2024-05-01T10:00:00Z"},
        {"p_log_type": "Okta.SystemLog"},
        {"eventSource": ["x"], "eventType": {"a": 1}},
        {"logFiles": []},
    ],
)
def test_other_logs_are_not_claimed(document: Record) -> None:
    assert not READER.recognises(document)
    assert "aws.cloudtrail" not in [claim.reader.source for claim in Readers().claims(document)]


def test_a_reading_is_an_event_or_says_why_not() -> None:
    with pytest.raises(ValueError, match="either"):
        Reading()


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = sorted(record(errorCode=1, errorMessage=1, resources=1, sharedEventID=1, insightDetails=1, addendum=1,
                      serviceEventDetails=1, additionalEventData=1, vpcEndpointId=1, sessionCredentialFromConsole=1))  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from([*NAMES, *map(str.lower, NAMES), "userIdentity.arn", "p_event_time"]), JSON
    )
)
def test_no_document_raises(document: Record) -> None:
    reading = READER.read(document, Context())
    assert (reading.event is None) != (reading.disposition is None)
    READER.recognises(document)
    READER.native(document)


@given(st.sampled_from(VARIANTS), st.sampled_from(NAMES), st.one_of(JSON, st.just(...)))
@settings(max_examples=400)
def test_both_paths_agree_whatever_a_field_holds(base: Record, name: str, value: Any) -> None:
    document = copy.deepcopy(base)
    if value is ...:
        document.pop(name, None)
    else:
        document[name] = value
    try:
        data = orjson.dumps(document)
    except (TypeError, ValueError):
        data = json.dumps(document).encode()
    short = quick(data)
    if short is not None:
        assert short == slow(json.loads(data))


ANY_TEXT = st.text(
    st.characters(exclude_categories=()), max_size=8
)  # lone surrogates, which only escapes can write, too


@given(
    st.sampled_from(VARIANTS),
    st.sampled_from(NAMES),
    ANY_TEXT
    | st.dictionaries(ANY_TEXT | st.sampled_from(["arn", "instanceId", "type"]), ANY_TEXT, max_size=3),
)
@settings(max_examples=400)
def test_both_paths_agree_on_what_is_escaped(base: Record, name: str, value: Any) -> None:
    data = json.dumps({**base, name: value}, separators=(",", ":")).encode()
    short = quick(data)
    if short is not None:
        assert short == slow(loads_told(data)[0])


@given(st.lists(written(VARIANTS), min_size=1, max_size=12))
@settings(max_examples=200)
def test_records_read_together_give_the_events_of_each_alone(run: list[bytes]) -> None:
    assert together(run) == [quick(data) for data in run]


@given(st.binary(max_size=200), st.integers(0, 900))
def test_no_bytes_raise(junk: bytes, at: int) -> None:
    quick(junk)
    whole = orjson.dumps(record())
    quick(whole[:at] + junk + whole[at:])
    quick(whole[:at])


def test_hostile_shapes_do_not_raise() -> None:
    whole = orjson.dumps(record(requestParameters=None))
    deep = b"[" * 15_000 + b"]" * 15_000
    for part in (deep, b"9" * 5_000, b'{"instanceId":' + b"9" * 5_000 + b"}", b'"\xff"', b"NaN"):
        quick(whole.replace(b'"requestParameters":null', b'"requestParameters":' + part))
    nested: Any = "x"
    for _ in range(5_000):
        nested = {"a": [nested]}
    assert slow(record(requestParameters=nested, responseElements=nested)).native_id
    assert slow(record(userAgent="x" * 10_000_000)).user_agent is not None
    event = slow(record(sourceIPAddress="\x1b[2J\u202e"))
    assert event.address is not None
    assert event.address.kind is AddressKind.UNPARSED


def test_events_survive_a_round_trip_through_msgspec() -> None:
    event = slow(record(userIdentity=ROLE))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event) == event
