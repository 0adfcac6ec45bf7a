from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event, IdentityKind, OutcomeStatus, Precision, ResourceRole, Verb
from workbench.sources.aws_s3access import BAD_QUOTES, CUT_SHORT, S3AccessReader
from workbench.sources.protocol import Context

READER = S3AccessReader()
OWNER = "7d1f" * 16

FIELDS = {
    "owner": OWNER,
    "bucket": "acme-invoices",
    "time": "[10/Jul/2023:11:42:18 +0000]",
    "ip": "192.0.2.44",
    "requester": "arn:aws:sts::111122223333:assumed-role/billing/nightly",
    "request": "4B1D2F0A9C3E5A77",
    "operation": "REST.GET.OBJECT",
    "key": "2023/07/july.pdf",
    "uri": '"GET /acme-invoices/2023/07/july.pdf HTTP/1.1"',
    "status": "200",
    "error": "-",
    "sent": "1024",
    "size": "1024",
    "total": "12",
    "turnaround": "11",
    "referer": '"-"',
    "agent": '"Boto3/1.26 md"',
    "version": "-",
    "host_id": "aG9zdGlk/Zm9y+dGVzdA==",
    "signature": "SigV4",
    "cipher": "ECDHE-RSA-AES128-GCM-SHA256",
    "auth": "AuthHeader",
    "host": "acme-invoices.s3.eu-central-1.amazonaws.com",
    "tls": "TLSv1.3",
    "point": "arn:aws:s3:eu-central-1:111122223333:accesspoint/reports",
    "acl": "Yes",
    "region": "eu-central-1",
}


LINE = " ".join(FIELDS.values())


def line(**changed: str) -> str:
    return " ".join((FIELDS | changed).values())


def read(text: str) -> Event:
    assert READER.recognises_line(text)
    event = READER.read_line(text, Context()).event
    assert event is not None
    return event


def test_a_line_field_by_field() -> None:
    event = read(line())
    assert (event.time.micros, event.time.raw, event.time.precision) == (
        1_688_989_338_000_000,
        "10/Jul/2023:11:42:18 +0000",
        Precision.SECOND,
    )
    assert (event.act.service, event.act.action, event.act.verb) == ("s3", "REST.GET.OBJECT", Verb.READ)
    assert event.identity is not None
    assert event.identity.canonical == "arn:aws:sts::111122223333:assumed-role/billing"
    assert event.identity.name == "billing/nightly"
    assert event.identity.account == "111122223333"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.credential is None
    assert event.address is not None
    assert event.address.ip == "192.0.2.44"
    assert event.user_agent is not None
    assert event.user_agent.raw == "Boto3/1.26 md"
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.SUCCESS, "200")
    assert [(thing.type, thing.name, thing.role) for thing in event.resources] == [
        ("s3:object", "acme-invoices/2023/07/july.pdf", ResourceRole.TARGET),
        ("s3:bucket", "acme-invoices", ResourceRole.TARGET),
        ("s3:accesspoint", FIELDS["point"], ResourceRole.TARGET),
    ]
    assert event.resources[2].account == "111122223333"
    assert event.place.region == "eu-central-1"
    assert (event.request_id, event.native_id) == ("4B1D2F0A9C3E5A77", None)
    assert event.warnings == ()


@pytest.mark.parametrize(
    "uri", ["GET /b/k?X-Amz-Credential={}%2F20230710%2Feu HTTP/1.1", "GET /k?AWSAccessKeyId={}&E=1"]
)
def test_a_presigned_request_shows_the_key_that_signed_it(uri: str) -> None:
    key = "AKIAIOSFODNN7EXAMPLE"
    text = line(uri=f'"{uri.format(key)}"', auth="QueryString")
    credential = read(text).credential
    assert credential is not None
    assert (credential.type, credential.native_id) == ("aws access key", key)
    # Without that kind of signature a caller can write any key id into the URI.
    assert read(line(uri=f'"{uri.format(key)}"')).credential is None


@pytest.mark.parametrize(
    ("requester", "kind", "canonical"),
    [
        ("-", IdentityKind.UNDECIDED, None),
        (OWNER, IdentityKind.UNDECIDED, OWNER),
        ("svc:delivery.logs.amazonaws.com", IdentityKind.SERVICE, "svc:delivery.logs.amazonaws.com"),
        ("AmazonS3", IdentityKind.SERVICE, "AmazonS3"),
        (
            "arn:aws:iam::111122223333:user/ops/ann",
            IdentityKind.UNDECIDED,
            "arn:aws:iam::111122223333:user/ops/ann",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/app/i-0a1b2c3d4e5f60718",
            IdentityKind.NONHUMAN,
            "arn:aws:sts::111122223333:assumed-role/app",
        ),
    ],
)
def test_who_asked(requester: str, kind: IdentityKind, canonical: str | None) -> None:
    event = read(line(requester=requester))
    assert event.kind.kind is kind
    assert (event.identity.canonical if event.identity else None) == canonical


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("REST.HEAD.BUCKET", Verb.READ),
        ("WEBSITE.GET.OBJECT", Verb.READ),
        ("REST.PUT.OBJECT", Verb.CREATE),
        ("REST.PUT.LIFECYCLE", Verb.UPDATE),
        ("REST.PUT.BUCKETPOLICY", Verb.DELEGATE),
        ("REST.DELETE.OBJECT", Verb.DELETE),
        ("BATCH.DELETE.OBJECT", Verb.DELETE),
        ("REST.POST.MULTI_OBJECT_DELETE", Verb.DELETE),
        ("S3.TRANSITION_SIA.OBJECT", Verb.UPDATE),
        ("S3.CREATE.DELETEMARKER", Verb.DELETE),
        ("S3.DELETE.UPLOAD", Verb.DELETE),
        ("REST.POST.SOMETHING_NEW", Verb.UNCLASSIFIED),
        ("SOAP.GET.OBJECT", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(operation: str, verb: Verb) -> None:
    act = read(line(operation=operation)).act
    assert act.verb is verb
    assert act.verb_rule


def test_the_reading_half_of_a_copy_names_its_source() -> None:
    event = read(line(operation="REST.COPY.OBJECT_GET"))
    assert event.act.verb is Verb.READ
    assert {thing.role for thing in event.resources} == {ResourceRole.SOURCE}


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        ("403", "AccessDenied", (OutcomeStatus.DENIED, "AccessDenied")),
        ("404", "NoSuchKey", (OutcomeStatus.NOT_FOUND, "NoSuchKey")),
        ("304", "-", (OutcomeStatus.SUCCESS, "304")),
        ("500", "InternalError", (OutcomeStatus.FAILED, "InternalError")),
        ("-", "-", (OutcomeStatus.UNKNOWN, None)),
    ],
)
def test_outcomes(status: str, error: str, expected: tuple[OutcomeStatus, str | None]) -> None:
    outcome = read(line(status=status, error=error)).outcome
    assert (outcome.status, outcome.code) == expected


def test_a_lifecycle_action_has_no_request() -> None:
    nothing = dict.fromkeys(
        ("status", "sent", "size", "total", "turnaround", "signature", "cipher", "auth", "host"), "-"
    )
    event = read(
        line(operation="S3.EXPIRE.OBJECT", requester="AmazonS3", ip="-", uri='"-"', agent='"-"', **nothing)
    )
    assert (event.address, event.user_agent, event.act.verb) == (None, None, Verb.DELETE)
    assert event.warnings == ()


def test_quotes_in_the_callers_words() -> None:
    # The agent ends at the line's last quote; with quotes in it nothing tells where the Referer ends.
    event = read(line(agent='"evil" 200 - "agent"'))
    assert event.warnings == (BAD_QUOTES,)
    assert event.user_agent is None
    assert event.place.region == "eu-central-1"
    event = read(line(uri='"GET /a"b" 200 - 1 2 HTTP/1.1"'))
    assert BAD_QUOTES in event.warnings


@pytest.mark.parametrize("kept", [8, 9, 12, 15, 17])
def test_a_line_that_ends_early_keeps_what_it_has(kept: int) -> None:
    event = read(" ".join([*list(FIELDS.values())[:kept], ""]))
    assert CUT_SHORT in event.warnings
    assert event.request_id == FIELDS["request"]
    assert event.time.micros is not None


def test_the_first_version_of_the_log_ends_with_the_version_id() -> None:
    assert read(" ".join(list(FIELDS.values())[:18])).warnings == ()


@pytest.mark.parametrize(
    "other",
    [
        '192.0.2.1 - - [10/Jul/2023:11:42:18 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"',
        "2 111122223333 eni-0a1b 192.0.2.1 192.0.2.2 1 2 6 1 40 1688989338 1688989398 ACCEPT OK",
        "",
        "x " * 5000,
    ],
)
def test_other_lines_are_left_alone(other: str) -> None:
    assert READER.recognises_line(other) == ""


ROW = {
    "bucket": "acme-invoices",
    "time": "2023-07-10 11:42:18.000000000",
    "remoteip": "192.0.2.44",
    "requester": FIELDS["requester"],
    "requestid": FIELDS["request"],
    "operation": "REST.GET.OBJECT",
    "key": FIELDS["key"],
    "requesturi": FIELDS["uri"].strip('"'),
    "httpstatus": 200,
    "useragent": "Boto3/1.26 md",
    "authenticationtype": "AuthHeader",
    "accesspointarn": FIELDS["point"],
}


def from_row(row: dict[str, object]) -> Event:
    inner = unwrap(row)[0].document
    assert READER.recognises(inner)
    event = READER.read(inner, Context()).event
    assert event is not None
    return event


def test_exports_say_the_same_as_the_line() -> None:
    native = read(line(region="-"))
    athena = {
        "bucket_name": ROW["bucket"],
        "requestdatetime": native.time.raw,
        "request_uri": ROW["requesturi"],
        "httpstatus": "200",
        "errorcode": "-",
        "authtype": "AuthHeader",
    } | {
        key: ROW[key]
        for key in ("remoteip", "requester", "requestid", "operation", "key", "useragent", "accesspointarn")
    }
    panther = from_row(dict(ROW))
    for event in (panther, from_row(athena), from_row({"_source": dict(ROW)})):
        assert event.time.micros == native.time.micros
        for name in (
            "act",
            "identity",
            "kind",
            "address",
            "user_agent",
            "outcome",
            "resources",
            "request_id",
            "place",
        ):
            assert getattr(event, name) == getattr(native, name), name


@given(
    st.text(max_size=300)
    | st.builds(lambda a, b: line()[:a] + b + line()[a:], st.integers(0, 600), st.text(max_size=9))
)
def test_no_line_raises(text: str) -> None:
    if READER.recognises_line(text):
        assert READER.read_line(text, Context()).event is not None


def test_samples(datasets: Path) -> None:
    lines = (datasets / "panther-samples" / "AWS.S3ServerAccess.jsonl").read_text().splitlines()
    events = [from_row(json.loads(each)) for each in lines]
    assert sum(event.time.micros is not None for event in events) == 4
    assert sum(event.identity is not None for event in events) == 3
    assert all(event.resources and event.address for event in events)
