from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from tests.sources.saas import NO_CONTEXT, broken, event_of, spellings
from workbench.clock import SECOND
from workbench.model.event import (
    Event,
    IdentityKind,
    OutcomeStatus,
    Particulars,
    Precision,
    ResourceRole,
    Verb,
)
from workbench.sources.vault_audit import VaultReader
from workbench.sources.vault_audit.paths import decide

READER = VaultReader()


def hashed(what: str) -> str:
    return "hmac-sha256:" + what.encode().hex().ljust(64, "0")


LOGIN: dict[str, Any] = {
    "time": "2024-05-01T10:00:00.123456789Z",
    "type": "response",
    "auth": {
        "client_token": hashed("token-1"),
        "accessor": hashed("accessor-1"),
        "display_name": "kubernetes-pay-runner",
        "policies": ["default", "pay"],
        "token_policies": ["default", "pay"],
        "metadata": {
            "role": "pay",
            "service_account_name": "runner",
            "service_account_namespace": "pay",
            "service_account_uid": "5e5e5e5e-0000-4000-8000-000000000001",
        },
        "entity_id": "e0e0e0e0-0000-4000-8000-000000000001",
        "token_type": "service",
        "token_ttl": 3600,
        "token_issue_time": "2024-05-01T10:00:00Z",
    },
    "request": {
        "id": "aaaaaaaa-0000-4000-8000-000000000001",
        "operation": "update",
        "mount_type": "kubernetes",
        "mount_point": "auth/kubernetes/",
        "namespace": {"id": "root"},
        "path": "auth/kubernetes/login",
        "data": {"jwt": hashed("jwt"), "role": hashed("pay")},
        "remote_address": "203.0.113.40",
        "remote_port": 40112,
    },
    "response": {
        "auth": {
            "client_token": hashed("token-1"),
            "accessor": hashed("accessor-1"),
            "display_name": "kubernetes-pay-runner",
            "entity_id": "e0e0e0e0-0000-4000-8000-000000000001",
            "token_ttl": 3600,
            "token_issue_time": "2024-05-01T10:00:00Z",
        },
        "mount_type": "kubernetes",
    },
}
READ: dict[str, Any] = {
    "time": "2024-05-01T10:01:00.5Z",
    "type": "response",
    "auth": {**LOGIN["auth"]},
    "request": {
        "id": "aaaaaaaa-0000-4000-8000-000000000002",
        "operation": "read",
        "mount_type": "kv",
        "mount_point": "secret/",
        "client_token": hashed("token-1"),
        "client_token_accessor": hashed("accessor-1"),
        "namespace": {"id": "root"},
        "path": "secret/data/pay/db",
        "remote_address": "203.0.113.40",
        "headers": {"user-agent": ["Go-http-client/2.0"]},
    },
    "response": {
        "mount_type": "kv",
        "data": {
            "data": {"password": hashed("pw"), "username": hashed("user"), "port": 5432},
            "metadata": {"version": 3, "destroyed": False},
        },
    },
}
DENIED: dict[str, Any] = {
    "time": "2024-05-01T10:02:00Z",
    "type": "request",
    "auth": {"token_type": "default"},
    "request": {
        "id": "aaaaaaaa-0000-4000-8000-000000000003",
        "operation": "read",
        "client_token": hashed("token-1"),
        "namespace": {"id": "root"},
        "path": "secret/data/hr/pay",
        "remote_address": "203.0.113.40",
    },
    "error": "1 error occurred:\n\t* permission denied\n\n",
}
KMIP: dict[str, Any] = {
    "time": "2024-05-01T10:03:00.000000001Z",
    "type": "kmip-response",
    "request": {
        "client_certificate_serial_number": "4242",
        "namespace": {"id": "root"},
        "remote_address": "203.0.113.40:36776",
        "data": {
            "kmip_request": {
                "tag": "RequestMessage",
                "value": [
                    {"tag": "RequestHeader", "value": []},
                    {"tag": "BatchItem", "value": [{"tag": "Operation", "type": "Enumeration", "value": "0x0000000a"}]},
                ],
            }
        },
    },
    "response": {"data": {"kmip_response": {}}},
}  # fmt: skip


def read(record: dict[str, Any], request: dict[str, Any] | None = None, **changed: Any) -> Event:
    record = {**copy.deepcopy(record), **changed}
    record["request"] = {**record["request"], **(request or {})}
    return event_of(READER, record)


def more(event: Event) -> Particulars:
    assert event.particulars is not None
    return event.particulars


def test_a_sign_in_hands_out_a_token_and_presents_none() -> None:
    event = read(LOGIN)
    assert event.time.precision is Precision.NANOSECOND
    assert event.act.verb is Verb.AUTHENTICATE
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.credential is None
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.identity is not None
    assert event.identity.canonical == LOGIN["auth"]["entity_id"]
    accessor, token = more(event).issued
    assert (accessor.credential.type, accessor.credential.native_id) == (
        "vault accessor",
        hashed("accessor-1"),
    )
    assert token.credential.type == "vault token hash"
    assert accessor.to == event.identity.canonical
    assert event.time.micros is not None
    assert accessor.expires == event.time.micros // SECOND * SECOND + 3600 * SECOND
    assert [(each.type, each.native_id) for each in more(event).used] == [
        ("jwt subject", "system:serviceaccount:pay:runner"),
        ("kubernetes service account uid", "5e5e5e5e-0000-4000-8000-000000000001"),
    ]


def test_the_token_of_the_sign_in_is_the_one_presented_later() -> None:
    issued = [each.credential for each in more(read(LOGIN)).issued]
    event = read(READ)
    assert event.credential == issued[0]
    assert issued[1] in more(event).used
    assert issued[1] in more(read(DENIED)).used
    assert read(DENIED).credential is None


def test_a_secret_that_was_read_names_its_fields() -> None:
    event = read(READ)
    assert event.act.verb is Verb.READ_SECRET
    assert [(each.name, each.role) for each in event.resources] == [
        ("secret/data/pay/db", ResourceRole.SECRET),
        ("secret/data/pay/db#password", ResourceRole.SECRET),
        ("secret/data/pay/db#username", ResourceRole.SECRET),
        ("secret/data/pay/db#port", ResourceRole.SECRET),
    ]
    assert more(event).withheld == ("response.data: HMAC of the values",)
    assert event.user_agent is not None
    assert "5432" not in repr(event)


def test_request_and_response_are_one_act() -> None:
    request = {key: value for key, value in READ.items() if key != "response"}
    first, last = read(request, type="request"), read(READ)
    assert first.shared_id == last.shared_id
    assert (more(first).stage, more(last).stage) == (0, 1)
    assert first.native_id != last.native_id
    assert first.outcome.status is OutcomeStatus.UNKNOWN
    assert read(READ, {"id": None}).shared_id is None


def test_a_secret_that_is_not_there_was_not_read() -> None:
    assert read(READ, response=None).outcome.status is OutcomeStatus.UNKNOWN


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("permission denied", OutcomeStatus.DENIED),
        ("2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", OutcomeStatus.DENIED),
        ("no handler for route 'x/y'", OutcomeStatus.NOT_FOUND),
        ("1 error occurred:\n\t* invalid request\n\n", OutcomeStatus.FAILED),
        ("", OutcomeStatus.SUCCESS),
    ],
)
def test_outcomes(error: str, status: OutcomeStatus) -> None:
    assert read(READ, error=error).outcome.status is status


def test_what_a_device_wrote_in_clear_is_not_repeated() -> None:
    record = copy.deepcopy(READ)
    record["request"].update(
        client_token="hvs.SECRETTOKEN", operation="update", data={"data": {"password": "hunter2"}}
    )
    record["auth"]["client_token"] = "hvs.SECRETTOKEN"
    text = repr(event_of(READER, record))
    assert "hvs.SECRETTOKEN" not in text
    assert "hunter2" not in text


def test_a_write_states_hashes() -> None:
    event = read(READ, {"operation": "update", "data": {"data": {"password": hashed("new"), "port": 1}}})
    (change,) = more(event).changes
    assert (change.field, change.before, change.after) == ("data/data/password", None, f'"{hashed("new")}"')


@pytest.mark.parametrize(
    ("operation", "path", "mount_type", "verb"),
    [
        ("read", "secret/data/a/metadata/b", "kv", Verb.READ_SECRET),
        ("read", "secret/metadata/a", "kv", Verb.READ),
        ("list", "secret/metadata/", "kv", Verb.READ),
        ("read", "secret/data/a", "", Verb.READ_SECRET),
        ("read", "old/a", "kv", Verb.READ_SECRET),
        ("delete", "secret/data/a", "kv", Verb.DELETE),
        ("update", "secret/destroy/a", "kv", Verb.DELETE),
        ("read", "cubbyhole/x", "", Verb.READ_SECRET),
        ("update", "pki/issue/web", "pki", Verb.ISSUE_CREDENTIAL),
        ("update", "pki/roles/web", "pki", Verb.DELEGATE),
        ("update", "ssh/sign/ops", "ssh", Verb.ISSUE_CREDENTIAL),
        ("read", "aws/creds/deploy", "aws", Verb.ISSUE_CREDENTIAL),
        ("update", "aws/sts/deploy", "aws", Verb.ISSUE_CREDENTIAL),
        ("read", "db/static-creds/app", "database", Verb.READ_SECRET),
        ("update", "aws/roles/deploy", "aws", Verb.DELEGATE),
        ("update", "transit/decrypt/k", "transit", Verb.READ_SECRET),
        ("update", "transit/encrypt/k", "transit", Verb.OTHER),
        ("update", "auth/token/create", "token", Verb.ISSUE_CREDENTIAL),
        ("update", "auth/token/lookup-self", "token", Verb.READ),
        ("update", "auth/token/revoke-self", "token", Verb.DELETE),
        ("update", "auth/approle/role/ci/secret-id", "approle", Verb.ISSUE_CREDENTIAL),
        ("update", "auth/approle/role/ci", "approle", Verb.DELEGATE),
        ("update", "auth/userpass/login/bob", "userpass", Verb.AUTHENTICATE),
        ("read", "auth/oidc/oidc/callback", "oidc", Verb.AUTHENTICATE),
        ("update", "auth/oidc/oidc/auth_url", "oidc", Verb.OTHER),
        ("update", "sys/policies/acl/x", "system", Verb.DELEGATE),
        ("delete", "sys/policies/acl/x", "system", Verb.DELETE),
        ("update", "identity/group", "identity", Verb.DELEGATE),
        ("update", "sys/capabilities-self", "system", Verb.READ),
        ("update", "sys/wrapping/unwrap", "system", Verb.READ_SECRET),
        ("read", "sys/storage/raft/snapshot", "system", Verb.READ_SECRET),
        ("update", "sys/leases/revoke", "system", Verb.DELETE),
        ("frobnicate", "secret/data/a", "kv", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(operation: str, path: str, mount_type: str, verb: Verb) -> None:
    assert decide(operation, path, mount_type, "").verb is verb


def test_a_mount_of_several_words() -> None:
    assert decide("read", "teams/a/metadata/x", "kv", "teams/a/").verb is Verb.READ
    assert decide("read", "teams/a/data/metadata/x", "kv", "teams/a/").verb is Verb.READ_SECRET
    assert decide("update", "teams/a/pki/issue/web", "pki", "").verb is Verb.ISSUE_CREDENTIAL


@pytest.mark.parametrize(
    ("operation", "path", "tampers"),
    [
        ("delete", "sys/audit/file", True),
        ("update", "sys/audit/file", True),
        ("read", "sys/audit", False),
        ("delete", "sys/config/auditing/request-headers/x", True),
        ("update", "sys/audit-hash/file", False),
    ],
)
def test_setting_what_is_audited(operation: str, path: str, tampers: bool) -> None:
    assert decide(operation, path, "system", "").tampers is tampers


@pytest.mark.parametrize(
    ("mount_type", "kind"),
    [("oidc", IdentityKind.HUMAN), ("userpass", IdentityKind.HUMAN), ("approle", IdentityKind.NONHUMAN)],
)
def test_the_auth_method_tells_only_at_the_sign_in(mount_type: str, kind: IdentityKind) -> None:
    record = copy.deepcopy(LOGIN)
    record["auth"].update(metadata={}, display_name=f"{mount_type}-bob")
    assert read(record, {"mount_type": mount_type, "path": f"auth/{mount_type}/login/bob"}).kind.kind is kind
    later = copy.deepcopy(READ)
    later["auth"].update(metadata={}, display_name=f"{mount_type}-bob")
    assert event_of(READER, later).kind.kind is IdentityKind.UNDECIDED


def test_wrapped_tokens_and_leases_are_issued() -> None:
    response = {
        "wrap_info": {"accessor": "acc-w", "wrapped_accessor": "acc-x", "token": hashed("w")},
        "secret": {"lease_id": "aws/creds/deploy/abcdef"},
    }
    event = read(
        READ, {"path": "aws/creds/deploy", "mount_type": "aws", "mount_point": "aws/"}, response=response
    )
    assert [(each.credential.type, each.credential.native_id) for each in more(event).issued] == [
        ("vault accessor", "acc-w"),
        ("vault accessor", "acc-x"),
        ("vault lease", "aws/creds/deploy/abcdef"),
    ]


def test_messages_of_kmip() -> None:
    event = event_of(READER, KMIP)
    assert (event.act.action, event.act.verb) == ("kmip Get", Verb.READ_SECRET)
    assert event.address is not None
    assert event.address.ip == "203.0.113.40"
    assert event.kind.kind is IdentityKind.NONHUMAN


@pytest.mark.parametrize(
    "document",
    [
        {"type": "request", "request": {"path": "x"}},
        {"type": "other", "request": {"path": "x", "operation": "read"}},
        {"request": {"path": "x", "operation": "read"}},
        {"type": "kmip-request", "request": {"path": "x", "operation": "read"}},
        {"type": ["request"], "request": {"path": "x", "operation": "read"}},
    ],
)
def test_what_is_no_entry(document: dict[str, Any]) -> None:
    assert not READER.recognises(document)


@pytest.mark.parametrize("record", [DENIED, KMIP])
def test_spellings_give_the_same_event(record: dict[str, Any]) -> None:
    expected = event_of(READER, record)
    for name, other in spellings(record):
        if name != "row of texts" or record is DENIED:
            assert event_of(READER, other) == expected, name


@pytest.mark.parametrize("record", [LOGIN, READ])
def test_nested_spellings_give_the_same_event(record: dict[str, Any]) -> None:
    expected = event_of(READER, record)
    for name, other in spellings(record):
        if name != "row of texts":
            assert event_of(READER, other) == expected, name


@given(broken(LOGIN) | broken(READ) | broken(DENIED) | broken(KMIP))
def test_broken_records_are_read(record: dict[str, Any]) -> None:
    if READER.recognises(record):
        assert READER.read(record, NO_CONTEXT).event is not None
