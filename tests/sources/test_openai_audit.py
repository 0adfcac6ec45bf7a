from __future__ import annotations

import copy
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
from workbench.sources.openai_audit import OpenAiReader
from workbench.sources.protocol import Context

READER = OpenAiReader()

RECORD: dict[str, Any] = {
    "object": "organization.audit_log",
    "id": "audit_log-0001",
    "type": "api_key.created",
    "effective_at": 1930367167,
    "project": {"id": "proj_01", "name": "Example"},
    "actor": {
        "type": "session",
        "session": {
            "user": {"id": "user-ada", "email": "ada@example.org"},
            "ip_address": "198.51.100.60",
            "user_agent": "Mozilla/5.0 (X11)",
        },
    },
    "api_key.created": {"id": "key_01", "data": {"scopes": ["api.model.request"]}},
}


def of(action: str, details: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    record = {key: value for key, value in copy.deepcopy(RECORD).items() if key != "api_key.created"}
    return record | {"type": action} | ({} if details is None else {action: details}) | values


def test_a_full_record() -> None:
    event = event_of(READER, RECORD)
    assert event.time.micros == 1930367167000000
    assert event.time.basis == "effective_at, epoch seconds"
    assert (event.act.action, event.act.verb) == ("api_key.created", Verb.ISSUE_CREDENTIAL)
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("user-ada", "ada@example.org")
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.address is not None
    assert event.address.ip == "198.51.100.60"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == "proj_01"
    assert event.resources == (Resource("openai:api_key", "key_01"),)
    assert event.native_id == "audit_log-0001"
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("openai api key", "key_01")),)
    assert event.particulars.changes == (StatedChange("scopes", after='["api.model.request"]'),)


def test_spellings_give_the_same_event() -> None:
    expected = event_of(READER, RECORD)
    for how, spelt in spellings(RECORD):
        if how != "row of texts":  # the API gives JSON alone
            assert event_of(READER, spelt) == expected, how
    underscored = {key.replace(".", "_"): value for key, value in RECORD.items()}
    assert event_of(READER, underscored) == expected
    (inner,) = unwrap({"object": "list", "data": [RECORD], "has_more": False})
    assert event_of(READER, inner.document) == expected


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        ({"type": "user", "user": {"id": "user-ada", "email": "ada@example.org"}}, "user-ada"),
        ({"type": "service_account", "service_account": {"id": "svc_acct_1"}}, "svc_acct_1"),
    ],
)
def test_a_key_acts_for_its_owner(key: dict[str, Any], identity: str) -> None:
    event = event_of(
        READER,
        of("project.created", {"id": "p"}, actor={"type": "api_key", "api_key": {"id": "key_09", **key}}),
    )
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("openai api key", "key_09")
    assert event.identity is not None
    assert event.identity.canonical == identity


def test_an_empty_key_beside_a_session_is_no_actor() -> None:
    actor = {**RECORD["actor"], "api_key": {}}
    assert event_of(READER, of("project.created", {"id": "p"}, actor=actor)).kind.kind is IdentityKind.HUMAN


def test_a_failed_sign_in() -> None:
    event = event_of(READER, of("login.failed", {"error_code": "invalid_credentials", "error_message": "no"}))
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.DENIED, "invalid_credentials")
    assert event.kind.kind is IdentityKind.UNDECIDED


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        ("api_key.updated", Verb.UPDATE),
        ("api_key.deleted", Verb.DELETE),
        ("certificate.created", Verb.ISSUE_CREDENTIAL),
        ("certificates.deactivated", Verb.UPDATE),
        ("checkpoint.permission.created", Verb.DELEGATE),
        ("external_key.registered", Verb.CREATE),
        ("group.created", Verb.CREATE),
        ("invite.accepted", Verb.DELEGATE),
        ("ip_allowlist.config.deactivated", Verb.UPDATE),
        ("logout.succeeded", Verb.AUTHENTICATE),
        ("project.archived", Verb.UPDATE),
        ("rate_limit.deleted", Verb.DELETE),
        ("role.assignment.created", Verb.DELEGATE),
        ("role.assignment.deleted", Verb.DELETE),
        ("scim.disabled", Verb.UPDATE),
        ("service_account.created", Verb.CREATE),
        ("service_account.updated", Verb.DELEGATE),
        ("user.added", Verb.DELEGATE),
        ("workload_identity_provider_mapping.created", Verb.DELEGATE),
        ("made.up", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(action: str, verb: Verb) -> None:
    assert event_of(READER, of(action, {"id": "x"})).act.verb is verb


def test_before_and_after() -> None:
    updated = event_of(READER, of("user.updated", {"id": "user-bob", "changes_requested": {"role": "owner"}}))
    assert updated.particulars is not None
    assert updated.particulars.changes == (StatedChange("role", after='"owner"'),)
    assert updated.resources == (Resource("openai:user", "user-bob", ResourceRole.GRANTEE),)
    deleted = event_of(READER, of("ip_allowlist.deleted", {"id": "ip_1", "allowed_ips": ["203.0.113.0/24"]}))
    assert deleted.particulars is not None
    assert deleted.particulars.changes == (StatedChange("allowed_ips", before='["203.0.113.0/24"]'),)


def test_a_role_goes_to_a_principal() -> None:
    details = {"id": "ra_1", "principal_id": "user-bob", "principal_type": "user", "resource_id": "proj_01"}
    event = event_of(READER, of("role.assignment.created", details))
    assert event.resources == (
        Resource("openai:role.assignment", "ra_1"),
        Resource("openai:principal", "user-bob", ResourceRole.GRANTEE),
        Resource("openai:resource", "proj_01"),
    )


def test_lists_of_things_are_resources() -> None:
    event = event_of(
        READER,
        of("certificates.activated", {"certificates": [{"id": "cert_1", "name": "a"}, {"id": "cert_2"}]}),
    )
    assert event.resources == (
        Resource("openai:certificate", "cert_1"),
        Resource("openai:certificate", "cert_2"),
    )


@pytest.mark.parametrize(("setting", "tampers"), [("disabled", True), ("enabled_for_all_projects", False)])
def test_switching_off_the_logging_of_calls(setting: str, tampers: bool) -> None:
    details = {"id": "org-1", "changes_requested": {"api_call_logging": setting}}
    assert event_of(READER, of("organization.updated", details)).act.tampers_logging is tampers


def test_other_logs_are_not_claimed() -> None:
    assert not READER.recognises({"object": "list", "data": []})
    assert not READER.recognises({"effective_at": 1, "actor": {"type": "user"}})


@given(broken(RECORD) | st.dictionaries(st.sampled_from([*RECORD]), JSON))
def test_nothing_raises(record: dict[str, Any]) -> None:
    READER.recognises(record)
    assert READER.read(record, Context()).event is not None


@given(st.text(), JSON)
def test_any_type_and_details_are_read(action: str, details: Any) -> None:
    event = event_of(READER, of(action or "x") | {action: details} | {"object": "organization.audit_log"})
    assert event.act.verb_rule


def test_published_samples(datasets: Path) -> None:
    events = [event_of(READER, record) for record in sample(datasets, "OpenAI.Audit")]
    assert filled(events) == {
        "time": 16, "raw time": 16, "action": 16, "verb": 16, "identity": 16, "credential": 1, "used": 0,
        "issued": 4, "address": 15, "agent": 15, "outcome": 16, "resources": 12, "id": 16,
    }  # fmt: skip
