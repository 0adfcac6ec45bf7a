from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event, IdentityKind, OutcomeStatus, Verb
from workbench.sources.aws_bedrock import BedrockReader
from workbench.sources.protocol import Context

READER = BedrockReader()
MODEL = "arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.example-model-v1:0"
RECORD: dict[str, object] = {
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
    "timestamp": "2025-03-01T10:00:05Z",
    "accountId": "111122223333",
    "region": "eu-central-1",
    "requestId": "0e7d2f4a-5c1b-4a90-9f3d-2b6a1c8e7d55",
    "operation": "InvokeModelWithResponseStream",
    "modelId": MODEL,
    "identity": {"arn": "arn:aws:sts::111122223333:assumed-role/chat/worker-7"},
    "input": {"inputContentType": "application/json", "inputBodyJson": {"prompt": "SECRET QUESTION"}},
    "output": {"outputContentType": "application/json", "outputBodyJson": {"completion": "SECRET ANSWER"}},
}


def read(document: dict[str, object]) -> Event:
    inner = unwrap(document)[0].document
    assert READER.recognises(inner)
    event = READER.read(inner, Context()).event
    assert event is not None
    return event


def test_an_invocation_field_by_field() -> None:
    event = read(RECORD)
    assert event.time.micros == 1_740_823_205_000_000
    assert (event.act.service, event.act.action) == ("bedrock", "InvokeModelWithResponseStream")
    assert (event.act.verb, event.act.verb_rule) == (Verb.EXECUTE, "prefix InvokeModel")
    assert event.identity is not None
    assert event.identity.canonical == "arn:aws:sts::111122223333:assumed-role/chat"
    assert event.identity.name == "chat/worker-7"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert [(thing.type, thing.name, thing.account) for thing in event.resources] == [
        ("bedrock:inference-profile", MODEL, "111122223333")
    ]
    assert (event.place.account, event.place.region) == ("111122223333", "eu-central-1")
    assert event.request_id == RECORD["requestId"]
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.warnings == ()


def test_questions_and_answers_never_become_names() -> None:
    assert "SECRET" not in repr(read(RECORD))


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"errorCode": "AccessDeniedException", "output": {}}, OutcomeStatus.DENIED, "AccessDeniedException"),
        ({"errorCode": "ThrottlingException", "output": {}}, OutcomeStatus.FAILED, "ThrottlingException"),
        ({"output": {}}, OutcomeStatus.UNKNOWN, None),
        (
            {"output": {"outputBodyJson": {"stopReason": "guardrail_intervened"}}},
            OutcomeStatus.DENIED,
            "guardrail_intervened",
        ),
    ],
)
def test_outcomes(changed: dict[str, object], status: OutcomeStatus, code: str | None) -> None:
    outcome = read(RECORD | changed).outcome
    assert (outcome.status, outcome.code) == (status, code)


def test_bodies_elsewhere_are_named() -> None:
    event = read(RECORD | {"output": {"outputBodyS3Path": "s3://acme-logs/data/1_output.json.gz"}})
    assert event.particulars is not None
    assert event.particulars.withheld == (
        "output.outputBodyJson: written apart, to s3://acme-logs/data/1_output.json.gz",
    )
    assert event.outcome.status is OutcomeStatus.SUCCESS


def test_an_unknown_operation_is_not_guessed() -> None:
    assert read(RECORD | {"operation": "Frobnicate"}).act.verb is Verb.UNCLASSIFIED


def test_wrappers_and_spellings_say_the_same() -> None:
    lowered = {key.lower(): value for key, value in RECORD.items()}
    flattened = {**RECORD, "identity": None, "identity.arn": RECORD["identity"]["arn"]}  # type: ignore[index]
    message = {"id": "1", "timestamp": 1, "message": json.dumps(RECORD)}
    for other in (lowered, flattened, message, {"_source": RECORD}):
        assert read(dict(other)) == read(RECORD)


def test_samples(datasets: Path) -> None:
    lines = (datasets / "panther-samples" / "AWS.BedrockModelInvocation.jsonl").read_text().splitlines()
    for event in (read(json.loads(line)) for line in lines):
        assert event.time.micros is not None
        assert event.identity is not None
        assert event.resources
        assert event.outcome.status in (OutcomeStatus.SUCCESS, OutcomeStatus.DENIED)
