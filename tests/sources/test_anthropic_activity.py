from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.saas import JSON, broken, event_of, filled, sample, spellings
from workbench.evidence.wrappers import unwrap
from workbench.model.event import (
    Credential,
    IdentityKind,
    Issued,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources.anthropic_activity import AnthropicReader
from workbench.sources.protocol import Context

READER = AnthropicReader()

RECORD: dict[str, Any] = {
    "id": "activity_01TEST",
    "created_at": "2031-03-04T05:06:07Z",
    "organization_id": "org_01TEST",
    "organization_uuid": "00000000-0000-4000-8000-000000000001",
    "type": "role_assignment_granted",
    "actor": {
        "type": "user_actor",
        "email_address": "ada@example.org",
        "user_id": "user_01ADA",
        "ip_address": "198.51.100.40",
        "user_agent": "Mozilla/5.0 (X11)",
    },
    "target_id": "user_01BOB",
    "target_type": "user",
    "role": "admin",
    "resource_type": "workspace",
    "resource_id": "wrkspc_01",
}


def of(action: str, **values: Any) -> dict[str, Any]:
    kept = ("id", "created_at", "organization_id", "actor")
    return {key: RECORD[key] for key in kept} | {"type": action} | values


def test_a_full_record() -> None:
    event = event_of(READER, RECORD)
    assert event.time.micros == 1930367167000000
    assert (event.act.action, event.act.verb) == ("role_assignment_granted", Verb.DELEGATE)
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("user_01ADA", "ada@example.org")
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.credential is None
    assert event.address is not None
    assert event.address.ip == "198.51.100.40"
    assert event.user_agent is not None
    assert event.user_agent.client == "browser"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == "org_01TEST"
    assert set(event.resources) == {
        Resource("anthropic:target", "user_01BOB", ResourceRole.GRANTEE),
        Resource("anthropic:resource", "wrkspc_01"),
    }
    assert event.native_id == "activity_01TEST"
    assert event.particulars is not None
    assert event.particulars.changes == (StatedChange("role", after='"admin"'),)


def test_spellings_give_the_same_event() -> None:
    expected = event_of(READER, RECORD)
    for how, spelt in spellings(RECORD):
        event = event_of(READER, spelt)
        if how == "upper-cased top":  # the name of a changed field is the record's own
            assert (event.resources, event.act, event.identity) == (
                expected.resources,
                expected.act,
                expected.identity,
            )
        else:
            assert event == expected, how
    (inner,) = unwrap({"data": [RECORD], "has_more": False, "first_id": "a", "last_id": "b"})
    assert event_of(READER, inner.document) == expected


@pytest.mark.parametrize(
    ("actor", "kind", "credential"),
    [
        (
            {"type": "api_actor", "api_key_id": "apikey_01"},
            IdentityKind.NONHUMAN,
            Credential("anthropic api key", "apikey_01"),
        ),
        (
            {"type": "admin_api_key_actor", "admin_api_key_id": "adminkey_01"},
            IdentityKind.NONHUMAN,
            Credential("anthropic admin api key", "adminkey_01"),
        ),
        ({"type": "scim_directory_sync_actor", "directory_id": "dir_1"}, IdentityKind.NONHUMAN, None),
        ({"type": "anthropic_actor", "email_address": None}, IdentityKind.SERVICE, None),
        ({"type": "system_actor", "service": "cleanup"}, IdentityKind.SERVICE, None),
        (
            {"type": "unauthenticated_user_actor", "unauthenticated_email_address": "eve@example.org"},
            IdentityKind.UNDECIDED,
            None,
        ),
        ({"type": "brand_new_actor", "id": "x"}, IdentityKind.UNDECIDED, None),
    ],
)
def test_actors(actor: dict[str, Any], kind: IdentityKind, credential: Credential | None) -> None:
    event = event_of(READER, of("claude_chat_viewed", actor=actor))
    assert event.kind.kind is kind
    assert event.credential == credential
    assert event.identity is not None


def test_a_created_key_is_issued_under_the_id_that_its_uses_name() -> None:
    event = event_of(READER, of("api_key_created", api_key_id="apikey_01", scopes=["a"]))
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("anthropic api key", "apikey_01")),)


@pytest.mark.parametrize(
    ("action", "verb", "status"),
    [
        ("claude_chat_created", Verb.CREATE, OutcomeStatus.SUCCESS),
        ("claude_chat_access_failed", Verb.READ, OutcomeStatus.DENIED),
        ("claude_chat_deletion_failed", Verb.DELETE, OutcomeStatus.FAILED),
        ("claude_file_viewed", Verb.READ, OutcomeStatus.SUCCESS),
        ("sso_login_succeeded", Verb.AUTHENTICATE, OutcomeStatus.SUCCESS),
        ("sso_login_failed", Verb.AUTHENTICATE, OutcomeStatus.DENIED),
        ("sso_login_initiated", Verb.AUTHENTICATE, OutcomeStatus.UNKNOWN),
        ("org_data_export_started", Verb.READ, OutcomeStatus.UNKNOWN),
        ("service_key_created", Verb.ISSUE_CREDENTIAL, OutcomeStatus.SUCCESS),
        ("service_key_revoked", Verb.DELETE, OutcomeStatus.SUCCESS),
        ("primary_owner_transferred", Verb.DELEGATE, OutcomeStatus.SUCCESS),
        ("org_sso_toggled", Verb.UPDATE, OutcomeStatus.SUCCESS),
        ("something_quite_other", Verb.UNCLASSIFIED, OutcomeStatus.SUCCESS),
    ],
)
def test_verbs_and_ends(action: str, verb: Verb, status: OutcomeStatus) -> None:
    event = event_of(READER, of(action))
    assert (event.act.verb, event.outcome.status) == (verb, status)


def test_calls_of_the_compliance_api_have_a_status() -> None:
    record = of(
        "compliance_api_accessed",
        url="https://api.example.org/v1?after_id=x",
        status_code=403,
        request_id="req_1",
    )
    event = event_of(READER, record)
    assert (event.outcome.status, event.outcome.code, event.request_id) == (
        OutcomeStatus.DENIED,
        "403",
        "req_1",
    )
    assert event.resources == (Resource("anthropic:url", "https://api.example.org/v1"),)


def test_switching_the_feed_off_weakens_logging() -> None:
    action = "org_compliance_api_settings_updated"
    off = event_of(READER, of(action, compliance_api_enabled=True, compliance_api_logging_enabled=False))
    on = event_of(READER, of(action, compliance_api_enabled=True, compliance_api_logging_enabled=True))
    assert (off.act.tampers_logging, on.act.tampers_logging) == (True, False)


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ({"previous_role": "user", "current_role": "owner"}, StatedChange("role", '"user"', '"owner"')),
        ({"previous_mode": None, "new_mode": "jit"}, StatedChange("mode", "null", '"jit"')),
        ({"enabled": False}, StatedChange("enabled", after="false")),
        ({"updates": {"name": {"previous": "a", "current": "b"}}}, StatedChange("name", '"a"', '"b"')),
        ({"updates": {"name": "b"}}, StatedChange("name", after='"b"')),
        ({"updates": [{"field": "name", "new_value": "b"}]}, StatedChange("name", None, '"b"')),
    ],
)
def test_before_and_after(values: dict[str, Any], change: StatedChange) -> None:
    event = event_of(READER, of("platform_workspace_updated", **values))
    assert event.particulars is not None
    assert event.particulars.changes == (change,)


def test_many_members_are_capped_and_said() -> None:
    record = of("group_member_added", group_id="g1", member_ids=[f"user_{n}" for n in range(900)])
    event = event_of(READER, record)
    assert len(event.resources) == 500
    assert event.resources[1].role is ResourceRole.GRANTEE
    assert event.warnings


def test_other_logs_are_not_claimed() -> None:
    assert not READER.recognises({"created_at": "2031-01-01", "type": "x", "actor": {"type": "user"}})
    assert not READER.recognises({"created_at": "2031-01-01", "id": 5, "author_id": 1})


@given(
    broken(RECORD)
    | st.dictionaries(st.sampled_from([*RECORD, "updates", "previous_role", "member_ids"]), JSON)
)
def test_nothing_raises(record: dict[str, Any]) -> None:
    READER.recognises(record)
    assert READER.read(record, Context()).event is not None


@given(st.text())
def test_any_type_is_read(action: str) -> None:
    assert event_of(READER, of(action or "x")).act.verb_rule


def test_published_samples(datasets: Path) -> None:
    events = [event_of(READER, record) for record in sample(datasets, "Anthropic.Activity")]
    assert filled(events) == {
        "time": 14, "raw time": 14, "action": 14, "verb": 14, "identity": 14, "credential": 0, "used": 0,
        "issued": 0, "address": 14, "agent": 7, "outcome": 14, "resources": 1, "id": 14,
    }  # fmt: skip
