"""Fictitious CloudTrail records for tests, and the dressings in which exports deliver them."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from workbench.evidence.pieces import Run
from workbench.model.event import Event
from workbench.sources.aws_cloudtrail import CloudTrailReader

Record = dict[str, Any]

USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLEEXAMPLE001",
    "arn": "arn:aws:iam::111122223333:user/dev/alice",
    "accountId": "111122223333",
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "alice",
}

ROLE = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLEEXAMPLE001:deploy-42",
    "arn": "arn:aws:sts::111122223333:assumed-role/Deploy/deploy-42",
    "accountId": "111122223333",
    "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAEXAMPLEEXAMPLE001",
            "arn": "arn:aws:iam::111122223333:role/ci/Deploy",
            "accountId": "111122223333",
            "userName": "Deploy",
        },
        "attributes": {"creationDate": "2024-05-01T09:00:00Z", "mfaAuthenticated": "false"},
    },
}


def record(**changes: Any) -> Record:
    """A complete native record; a change to ``None`` by the value ``...`` removes the field."""
    result: Record = {
        "eventVersion": "1.09",
        "userIdentity": copy.deepcopy(USER),
        "eventTime": "2024-05-01T10:00:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "Boto3/1.34 md/Botocore#1.34",
        "requestParameters": {"secretId": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"},
        "responseElements": None,
        "requestID": "0c9bbf8a-0000-4000-8000-000000000001",
        "eventID": "0c9bbf8a-0000-4000-8000-000000000002",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }
    for name, value in changes.items():
        if value is ...:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def struct_text(value: Any) -> str:
    """Write a value as Athena does. An independent oracle for the reader of such text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key.lower()}={struct_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(struct_text, value)) + "]"
    return "null" if value is None else str(value)


def flattened(value: Any, prefix: str) -> Record:
    """Write an object as columns."""
    if not isinstance(value, dict):
        return {prefix: value}
    columns: Record = {}
    for key, inner in value.items():
        columns |= flattened(inner, f"{prefix}.{key.lower()}")
    return columns


def quick(data: bytes) -> Event | None:
    """Read a record the short way; ``None`` if it is left to the slow path."""
    return together([data])[0]


def together(run: Sequence[bytes]) -> list[Event | None]:
    """Read records the short way, together; ``None`` for each that is left to the slow path."""
    starts = list(itertools.accumulate((len(each) + 1 for each in run[:-1]), initial=1))
    cut = Run(starts, list(map(len, run)), list(run), "Records[]")
    plain = CloudTrailReader().read_run(cut)
    assert CloudTrailReader().read_run(cut._replace(array=cut.as_array())) == plain
    events: list[Event | None] = [None] * len(run)
    for index, values in zip(plain.indexes, zip(*plain.columns, strict=True), strict=True):
        events[index] = Event(*values)
    return events


COMPACT, SPACED, TWICE, ESCAPED = range(4)


@st.composite
def written(draw: st.DrawFn, variants: Sequence[Record]) -> bytes:
    """One of some records, perhaps with one field changed, written in some way."""
    document = copy.deepcopy(draw(st.sampled_from(variants)))
    if draw(st.booleans()):
        document[draw(st.sampled_from(sorted(document)))] = draw(
            st.one_of(
                st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.just({}), st.just([1])
            )
        )
    way = draw(st.sampled_from([COMPACT, COMPACT, COMPACT, SPACED, TWICE, ESCAPED]))
    text = json.dumps(
        document, separators=(", ", ": ") if way == SPACED else (",", ":"), ensure_ascii=way == ESCAPED
    )
    if way == TWICE:
        text = f'{text[:-1]},"eventName":"Other"}}'
    return text.encode("utf-8", "surrogatepass")
