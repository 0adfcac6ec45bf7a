from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Event, IdentityKind, OutcomeStatus, ResourceRole, Verb
from workbench.sources.ocsf import OcsfReader
from workbench.sources.protocol import Context

READER = OcsfReader()
CONTEXT = Context()
ROLE = "arn:aws:sts::111122223333:assumed-role/Admin/ana"
CREATE_USER: dict[str, Any] = {
    "class_uid": 3001,
    "class_name": "Account Change",
    "category_uid": 3,
    "activity_id": 1,
    "activity_name": "Create",
    "type_uid": 300101,
    "time": 1688989338250,
    "status": "Success",
    "status_id": 1,
    "actor": {
        "user": {
            "type": "AssumedRole",
            "uid": ROLE,
            "uid_alt": "AROAEXAMPLEEXAMPLE123:ana",
            "credential_uid": "ASIAEXAMPLEEXAMPLE12",
        },
        "session": {"issuer": "arn:aws:iam::111122223333:role/Admin", "created_time": 1688986800000},
    },
    "api": {"operation": "CreateUser", "service": {"name": "iam.amazonaws.com"}, "request": {"uid": "req-1"}},
    "cloud": {"provider": "AWS", "region": "eu-west-1", "account": {"uid": "111122223333"}},
    "http_request": {"user_agent": "aws-cli/2.0"},
    "src_endpoint": {"ip": "192.0.2.7"},
    "user": {"name": "eve", "uid": "AIDAEXAMPLEEXAMPLE123"},
    "metadata": {"uid": "evt-1", "version": "1.1.0", "product": {"name": "CloudTrail", "vendor_name": "AWS"}},
    "unmapped": {"readOnly": "false"},
}


def read(document: dict[str, Any]) -> Event:
    assert READER.recognises(document)
    event = READER.read(document, CONTEXT).event
    assert event is not None
    return event


def test_a_whole_cloudtrail_event() -> None:
    event = read(CREATE_USER)
    assert (event.time.micros, event.time.basis) == (1688989338_250_000, "time, epoch milliseconds")
    assert (event.act.service, event.act.action, event.act.category) == (
        "iam",
        "CreateUser",
        "Account Change",
    )
    assert event.identity is not None
    assert event.identity.canonical == "arn:aws:iam::111122223333:role/Admin"
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == (
        "aws temporary key",
        "ASIAEXAMPLEEXAMPLE12",
    )
    assert event.address is not None
    assert event.address.ip == "192.0.2.7"
    assert event.user_agent is not None
    assert event.user_agent.client == "aws-cli"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert (event.place.account, event.place.region) == ("111122223333", "eu-west-1")
    assert (event.native_id, event.request_id) == ("evt-1", "req-1")
    assert [(each.type, each.name, each.role) for each in event.resources] == [
        ("ocsf:user", "AIDAEXAMPLEEXAMPLE123", ResourceRole.TARGET)
    ]


def test_a_console_session_is_named_as_in_cloudtrail() -> None:
    user = "arn:aws:iam::111122223333:user/ana"
    actor = {
        "user": {"type": "IAMUser", "uid": user, "credential_uid": "ASIAEXAMPLEEXAMPLE12"},
        "session": {"created_time": 1688986800000},
    }
    event = read({**CREATE_USER, "actor": actor})
    assert event.particulars is not None
    assert [(each.type, each.native_id) for each in event.particulars.used] == [
        ("aws sign-in session", f"{user} 2023-07-10T11:00:00Z")
    ]


def test_the_verb_of_cloudtrail_is_decided_as_for_cloudtrail() -> None:
    secret = {
        **CREATE_USER, "class_uid": 6003, "activity_id": 2,
        "api": {"operation": "GetSecretValue", "service": {"name": "secretsmanager.amazonaws.com"}},
    }  # fmt: skip
    assert read(secret).act.verb is Verb.READ_SECRET
    tampering = {
        **secret,
        "api": {"operation": "StopLogging", "service": {"name": "cloudtrail.amazonaws.com"}},
    }
    assert read(tampering).act.tampers_logging


def test_issued_keys_where_the_translation_kept_them() -> None:
    nested = {
        **CREATE_USER,
        "api": {
            **CREATE_USER["api"],
            "response": {"data": {"accessKey": {"accessKeyId": "AKIAEXAMPLEEXAMPLE12"}}},
        },
    }
    as_text = {
        **CREATE_USER,
        "api": {
            **CREATE_USER["api"],
            "response": {"data": json.dumps({"accessKey": {"accessKeyId": "AKIAEXAMPLEEXAMPLE12"}})},
        },
    }
    flat = {**CREATE_USER, "unmapped": {"responseElements.accessKey.accessKeyId": "AKIAEXAMPLEEXAMPLE12"}}
    for document in (nested, as_text, flat):
        event = read(document)
        assert event.particulars is not None
        assert [each.credential.native_id for each in event.particulars.issued] == ["AKIAEXAMPLEEXAMPLE12"]


def test_activities_of_other_producers() -> None:
    plain: dict[str, Any] = {"metadata": {"product": {"name": "Vault"}}, "time": 1688989338250}

    def verb(number: int, activity: int) -> Verb:
        return read({**plain, "class_uid": number, "activity_id": activity}).act.verb

    assert verb(3002, 1) is Verb.AUTHENTICATE
    assert verb(3005, 1) is Verb.DELEGATE
    assert verb(6003, 4) is Verb.DELETE
    assert verb(6003, 99) is Verb.UNCLASSIFIED
    assert verb(4001, 6) is Verb.OTHER
    assert verb(9999, 1) is Verb.UNCLASSIFIED


def test_kinds() -> None:
    sign_in: dict[str, Any] = {
        "class_uid": 3002, "activity_id": 1, "metadata": {"product": {"name": "Directory"}}, "time": 1688989338250,
        "status_id": 1, "logon_type_id": 2, "user": {"name": "ana", "uid": "S-1-5-21-1"}, "session": {"uid": "sess-1"},
    }  # fmt: skip
    event = read(sign_in)
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == ("directory session", "sess-1")
    assert read({**sign_in, "logon_type_id": 5}).kind.kind is IdentityKind.UNDECIDED
    assert read({**sign_in, "status_id": 2}).kind.kind is IdentityKind.UNDECIDED
    service = {**sign_in, "logon_type_id": 3, "user": {"name": "svc", "type_id": 4}}
    assert read(service).kind.kind is IdentityKind.NONHUMAN
    pod = {**CREATE_USER, "actor": {"user": {"name": "system:serviceaccount:pay:runner"}}}
    assert read(pod).kind.kind is IdentityKind.NONHUMAN


def test_outcomes() -> None:
    def status(**fields: Any) -> OutcomeStatus:
        document = {key: value for key, value in CREATE_USER.items() if not key.startswith("status")}
        return read({**document, **fields}).outcome.status

    assert status(status="Failure") is OutcomeStatus.FAILED
    assert status(status_id=2, status_code="AccessDenied") is OutcomeStatus.DENIED
    assert status(status_id=2, status_detail="NoSuchEntity") is OutcomeStatus.NOT_FOUND
    assert status() is OutcomeStatus.UNKNOWN
    assert status(http_response={"code": 403}) is OutcomeStatus.DENIED


def test_before_and_after_objects() -> None:
    event = read(
        {
            "class_uid": 3004, "activity_id": 3, "metadata": {"product": {"name": "X"}}, "time": 1688989338250,
            "entity": {"name": "p", "data": {"open": False}}, "entity_result": {"name": "p", "data": {"open": True}},
        }
    )  # fmt: skip
    assert event.particulars is not None
    change = event.particulars.changes[0]
    assert (change.field, change.before, change.after) == (
        "entity", '{"data":{"open":false},"name":"p"}', '{"data":{"open":true},"name":"p"}',
    )  # fmt: skip


def test_flattened_columns_give_the_same_event() -> None:
    flat: dict[str, Any] = {}
    for key, value in CREATE_USER.items():
        flat[key.upper()] = json.dumps(value) if isinstance(value, dict) else str(value)
    assert read(flat) == read(CREATE_USER)


def test_other_documents_are_left_alone() -> None:
    assert READER.recognises({"class_uid": "abc", "metadata": {}}) == ""
    assert READER.recognises({"class_uid": 1}) == ""
    assert READER.recognises({}) == ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from([*sorted(CREATE_USER), "resources", "privileges", "entity_result"]), anything)
def test_nothing_raises(key: str, value: object) -> None:
    document = {**CREATE_USER, key: value}
    if READER.recognises(document):
        assert READER.read(document, CONTEXT).event is not None
