"""Credentials that records take away, through readers and case file: what is done with them afterwards proves nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.casework import logs
from tests.casework.test_derive import case_of, derived
from workbench.casefile.reader import CaseReader
from workbench.model.session import Session, Strength

KEY = "AKIA3SCKLQ7WZ5RDN2BT"
ADMIN_KEY = "AKIA3SCKLQ7WVH4XJ6PM"
HASH = "hmac-sha256:" + "12" * 32


def aws(
    number: int, minute: int, name: str, *, key: str = ADMIN_KEY, who: str = "alice", **more: Any
) -> logs.Record:
    identity = {
        "type": "IAMUser",
        "principalId": f"AIDA{who.upper():Q<17}",
        "arn": f"arn:aws:iam::111122223333:user/{who}",
        "accountId": "111122223333",
        "accessKeyId": key,
        "userName": who,
    }
    source = "iam.amazonaws.com" if key == ADMIN_KEY else "ec2.amazonaws.com"
    time = f"2026-05-10T{9 + minute // 60:02d}:{minute % 60:02d}:00Z"
    return logs.record(
        number,
        eventTime=time,
        eventName=name,
        userIdentity=identity,
        **{
            "eventSource": source,
            "requestParameters": None,
            "eventCategory": "Management",
            "managementEvent": True,
            **more,
        },
    )


def created(minute: int) -> logs.Record:
    answer = {"accessKey": {"userName": "neo", "accessKeyId": KEY, "status": "Active"}}
    return aws(1, minute, "CreateAccessKey", requestParameters={"userName": "neo"}, responseElements=answer)


def switched(number: int, minute: int, status: str, **more: Any) -> logs.Record:
    asked = {"userName": "neo", "accessKeyId": KEY, "status": status}
    return aws(number, minute, "UpdateAccessKey", requestParameters=asked, **more)


def used(number: int, minute: int, **more: Any) -> logs.Record:
    return aws(number, minute, "DescribeInstances", key=KEY, who="neo", **more)


def vault(minute: int, path: str, operation: str = "read", **data: Any) -> dict[str, Any]:
    request = {
        "id": f"r{minute}",
        "operation": operation,
        "path": path,
        "remote_address": "10.0.0.1",
        "client_token": HASH[:-1] + "9",
        "data": data,
    }
    auth = {"accessor": HASH, "client_token": HASH[:-1] + "9", "entity_id": "ent1", "display_name": "app"}
    time = f"2026-05-10T10:{minute:02d}:00.5Z"
    return {
        "time": time,
        "type": "response",
        "auth": auth,
        "request": request,
        "response": {"data": {"k": 1}},
    }


def okta(
    minute: int, kind: str, session: str, actor: str = "00u1", target: str | None = None
) -> dict[str, Any]:
    targets = [] if target is None else [{"id": target, "type": "User", "alternateId": f"{target}@x"}]
    return {
        "uuid": f"11110000-2222-3333-4444-{minute:012d}",
        "published": f"2026-05-10T10:{minute:02d}:00.123Z",
        "eventType": kind,
        "actor": {"id": actor, "type": "User", "alternateId": f"{actor}@x"},
        "client": {"ipAddress": "198.51.100.10", "userAgent": {"rawUserAgent": "Mozilla/5.0"}},
        "authenticationContext": {"externalSessionId": session},
        "outcome": {"result": "SUCCESS"},
        "target": targets,
        "transaction": {"type": "WEB", "id": f"t{minute}", "detail": {}},
    }


def gcp(minute: int, method: str, resource: str, who: str, **more: Any) -> dict[str, Any]:
    service = "iam.googleapis.com" if ".iam." in method else "storage.googleapis.com"
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": service,
        "methodName": method,
        "resourceName": resource,
        "authenticationInfo": {"principalEmail": who, **more},
        "requestMetadata": {"callerIp": "198.51.100.9", "callerSuppliedUserAgent": "gcloud"},
        "status": {},
    }
    return {
        "protoPayload": payload,
        "insertId": f"i{minute}",
        "resource": {"type": "service_account", "labels": {"project_id": "p1", "email_id": CI}},
        "timestamp": f"2026-05-10T10:{minute:02d}:00.123456789Z",
        "logName": "projects/p1/logs/cloudaudit.googleapis.com%2Factivity",
    }


CI = "ci@p1.iam.gserviceaccount.com"
GCP_KEY = f"projects/p1/serviceAccounts/{CI}/keys/69ab69ab69ab"
BY_KEY = {"serviceAccountKeyName": f"//iam.googleapis.com/{GCP_KEY}"}


def gcp_story(method: str, resource: str) -> list[dict[str, Any]]:
    return [
        gcp(0, "storage.objects.get", "projects/_/buckets/b/objects/o", CI, **BY_KEY),
        gcp(10, f"google.iam.admin.v1.{method}", resource, "dev@acme.example"),
        gcp(50, "storage.objects.get", "projects/_/buckets/b/objects/o", CI, **BY_KEY),
    ]


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in records)


STORIES = {
    "made inactive": (logs.trail([created(0), switched(2, 10, "Inactive"), used(3, 40)]), KEY),
    "made active later": (
        logs.trail([created(0), switched(2, 10, "Inactive"), used(3, 40), switched(4, 80, "Active")]),
        KEY,
    ),
    "user deleted": (
        logs.trail(
            [created(0), aws(2, 10, "DeleteUser", requestParameters={"userName": "neo"}), used(3, 40)]
        ),
        KEY,
    ),
    "gcp key deleted": (lines(gcp_story("DeleteServiceAccountKey", GCP_KEY)), "69ab69ab69ab"),
    "gcp account disabled": (
        lines(gcp_story("DisableServiceAccount", f"projects/p1/serviceAccounts/{CI}")),
        "69ab69ab69ab",
    ),
    "revoked by itself": (
        lines(
            [
                vault(0, "secret/data/a"),
                vault(5, "auth/token/revoke-self", "update"),
                vault(9, "secret/data/a"),
            ]
        ),
        HASH,
    ),
    "revoked by accessor": (
        lines(
            [
                vault(0, "secret/data/a"),
                vault(5, "auth/token/revoke-accessor", "update", accessor=HASH),
                vault(19, "secret/data/a"),
            ]
        ),
        HASH,
    ),
    "signed out": (
        lines(
            [
                okta(0, "user.session.start", "102A"),
                okta(5, "user.session.end", "102A"),
                okta(30, "user.account.update_password", "102A"),
            ]
        ),
        "102A",
    ),
    "suspended": (
        lines(
            [
                okta(0, "user.session.start", "102A"),
                okta(5, "user.lifecycle.suspend", "102B", "00u9", "00u1"),
                okta(30, "user.account.update_password", "102A"),
            ]
        ),
        "102A",
    ),
}


def session_by(case: Path, key: str) -> Session:
    with CaseReader.open(case) as reader:
        (found,) = [
            each for each in reader.derived.sessions() if each.anchor and each.anchor.native_id == key
        ]
        return found


def file_of(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", STORIES)
def test_a_key_used_after_it_was_taken_away_proves_nothing(name: str, tmp_path: Path) -> None:
    content, key = STORIES[name]
    session = session_by(case_of(tmp_path / "a.case", [[file_of(tmp_path, "a.json", content)]]), key)
    assert session.membership is Strength.INFERRED
    assert any(each.startswith("contradiction: its key was used") for each in session.caveats), (
        session.caveats
    )


@pytest.mark.parametrize(
    "records",
    [
        [created(0), switched(2, 10, "Inactive", errorCode="AccessDenied"), used(3, 40)],
        [created(0), switched(2, 10, "Inactive"), switched(3, 20, "Active"), used(4, 40)],
        [created(0), switched(2, 10, "Inactive"), used(3, 40, errorCode="InvalidAccessKeyId")],
    ],
    ids=["denied", "active again before", "the use refused"],
)
def test_a_key_that_was_good_or_refused_contradicts_nothing(
    records: list[logs.Record], tmp_path: Path
) -> None:
    path = file_of(tmp_path, "a.json", logs.trail(records))
    session = session_by(case_of(tmp_path / "a.case", [[path]]), KEY)
    assert session.membership is Strength.PROVEN
    assert not any(each.startswith("contradiction") for each in session.caveats)


def test_what_comes_later_brings_in_what_earlier_files_took_away_or_copied(tmp_path: Path) -> None:
    """Neither a removal of a key that nobody knew yet nor the first copy of an act is forgotten."""
    deleted = aws(2, 10, "DeleteAccessKey", requestParameters={"userName": "neo", "accessKeyId": KEY})
    copied = {
        "sharedEventID": "11110000-2222-3333-4444-000000000099",
        "eventName": "GetObject",
        "requestID": "R",
    }
    one, other = logs.record(5, **copied), logs.record(6, **copied)
    first = file_of(tmp_path, "1.json", logs.trail([deleted, one]))
    second = file_of(tmp_path, "2.json", logs.trail([created(0), used(3, 40), other]))
    expected = derived(case_of(tmp_path / "whole.case", [[first, second]]))
    assert any(link[0] == "shared-event" for link in expected["links"].values())
    assert derived(case_of(tmp_path / "grown.case", [[first], [second]])) == expected
    assert session_by(tmp_path / "grown.case", KEY).membership is Strength.INFERRED


@pytest.mark.parametrize(
    ("made", "against"), [("2026-05-10T09:00:01Z", False), ("2026-05-10T09:18:00Z", True)]
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_temporary_key_made_when_it_was_not_issued_is_not_proven(
    made: str, against: bool, wrapped: bool, tmp_path: Path
) -> None:
    key = "ASIA3SCKLQ7WJ2PVX6YD"
    answer = {
        "credentials": {"accessKeyId": key, "expiration": "May 10, 2026, 11:00:00 AM"},
        "assumedRoleUser": {
            "assumedRoleId": "AROAROLEQQQQQQQQQQQQQ:s",
            "arn": "arn:aws:sts::111122223333:assumed-role/role/s",
        },
    }
    issue = aws(1, 0, "AssumeRole", eventSource="sts.amazonaws.com", responseElements=answer)
    use = used(2, 20)
    use["userIdentity"] = {
        "type": "AssumedRole",
        "principalId": "AROAROLEQQQQQQQQQQQQQ:s",
        "arn": "arn:aws:sts::111122223333:assumed-role/role/s",
        "accountId": "111122223333",
        "accessKeyId": key,
        "sessionContext": {"attributes": {"creationDate": made}},
    }
    content = (
        lines([{"message": json.dumps(each)} for each in (issue, use)])
        if wrapped
        else logs.trail([issue, use])
    )
    case = case_of(tmp_path / "a.case", [[file_of(tmp_path, "a.json", content)]])
    session = session_by(case, key)
    with CaseReader.open(case) as reader:
        (link,) = [each for each in reader.derived.links() if each.target.id == session.id]
    assert link.contradicted is against
    assert link.strength is (Strength.INFERRED if against else Strength.PROVEN)
