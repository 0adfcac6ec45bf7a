from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.saas import JSON, broken, event_of, filled, sample, spellings
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
from workbench.sources.okta_system import OktaReader
from workbench.sources.okta_verbs import OKTA_ACTS
from workbench.sources.protocol import Context

READER = OktaReader()

RECORD: dict[str, Any] = {
    "uuid": "7d0c1a52-0000-11ef-8000-aabbccddeeff",
    "published": "2031-03-04T05:06:07.089Z",
    "eventType": "group.user_membership.add",
    "version": "0",
    "severity": "INFO",
    "legacyEventType": "core.user_group_member.user_add",
    "displayMessage": "Add user to group membership",
    "actor": {
        "id": "00uadmin00000001",
        "type": "User",
        "alternateId": "ada@example.org",
        "displayName": "Ada Example",
        "detailEntry": None,
    },
    "client": {
        "ipAddress": "198.51.100.10",
        "userAgent": {"rawUserAgent": "Mozilla/5.0 (X11)", "os": "Linux", "browser": "FIREFOX"},
        "zone": "null",
        "device": "Computer",
    },
    "outcome": {"result": "SUCCESS", "reason": None},
    "target": [
        {"id": "00uvictim0000001", "type": "User", "alternateId": "bob@example.org", "displayName": "Bob"},
        {"id": "00gadmins0000001", "type": "UserGroup", "alternateId": "unknown", "displayName": "Admins"},
    ],
    "transaction": {"type": "WEB", "id": "reqAAA", "detail": {}},
    "debugContext": {"debugData": {"requestId": "reqAAA", "dtHash": "d1d1", "requestUri": "/api/v1/groups"}},
    "authenticationContext": {
        "authenticationStep": 0,
        "externalSessionId": "102AAA",
        "rootSessionId": "102ROOT",
    },
    "securityContext": {"isProxy": False},
    "request": {"ipChain": [{"ip": "198.51.100.10", "version": "V4"}]},
}
SESSION = Credential("okta session", "102AAA")


def changed(**values: Any) -> dict[str, Any]:
    record = copy.deepcopy(RECORD)
    for path, value in values.items():
        place = record
        *parents, last = path.split("__")
        for key in parents:
            place = place[key]
        place[last] = value
    return record


def test_a_full_record() -> None:
    event = event_of(READER, RECORD)
    assert event.time.micros == 1930367167089000
    assert event.time.basis == "published"
    assert (event.act.service, event.act.action, event.act.verb) == (
        "okta",
        "group.user_membership.add",
        Verb.DELEGATE,
    )
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("00uadmin00000001", "ada@example.org")
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.credential == SESSION
    assert event.address is not None
    assert event.address.ip == "198.51.100.10"
    assert event.user_agent is not None
    assert event.user_agent.client == "browser"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.outcome.code is None
    assert event.resources == (
        Resource("okta:user", "00uvictim0000001", ResourceRole.GRANTEE),
        Resource("okta:user name", "bob@example.org", ResourceRole.GRANTEE),
        Resource("okta:usergroup", "00gadmins0000001", ResourceRole.TARGET),
    )
    assert (event.native_id, event.request_id, event.warnings) == (RECORD["uuid"], "reqAAA", ())
    assert event.particulars is not None
    assert event.particulars.used == (Credential("okta root session", "102ROOT"),)
    assert event.particulars.device == "d1d1"
    assert event.particulars.correlation_id == "reqAAA"


@pytest.mark.parametrize(
    ("how", "spelt"), spellings(RECORD), ids=lambda value: value if isinstance(value, str) else ""
)
def test_spellings_give_the_same_event(how: str, spelt: dict[str, Any]) -> None:
    assert event_of(READER, spelt) == event_of(READER, RECORD), how


def test_the_admin_consoles_csv_numbers_its_targets() -> None:
    row = dict(spellings(RECORD))["row of texts"]
    del row["target"]
    for number, target in enumerate(RECORD["target"]):
        for key, name in (
            ("id", "id"),
            ("type", "type"),
            ("alternateId", "alternate_id"),
            ("displayName", "display_name"),
        ):
            row[f"target{number}.{name}"] = target[key]
    row["target2.id"] = row["target2.type"] = ""
    assert event_of(READER, row) == event_of(READER, RECORD)


def test_a_session_is_issued_where_it_starts() -> None:
    event = event_of(READER, changed(eventType="user.session.start"))
    assert event.credential is None
    assert event.particulars is not None
    assert SESSION in event.particulars.used
    assert event.particulars.issued == (Issued(SESSION, "00uadmin00000001"),)
    assert event.kind.kind is IdentityKind.HUMAN


def test_a_failed_sign_in_issues_nothing_and_shows_no_person() -> None:
    record = changed(
        eventType="user.session.start",
        outcome={"result": "FAILURE", "reason": "INVALID_CREDENTIALS"},
        actor={"id": "unknown", "type": "User", "alternateId": "eve@example.org", "displayName": "unknown"},
    )
    event = event_of(READER, record)
    assert event.outcome.status is OutcomeStatus.DENIED
    assert event.outcome.code == "INVALID_CREDENTIALS"
    assert event.identity is not None
    assert event.identity.canonical == "eve@example.org"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert not event.particulars or not event.particulars.issued


def test_a_token_acts_as_its_user() -> None:
    event = event_of(READER, changed(transaction__detail={"requestApiTokenId": "00Tx1"}))
    assert event.credential == Credential("okta api token", "00Tx1")
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.identity is not None
    assert event.identity.canonical == "00uadmin00000001"
    assert event.particulars is not None
    assert SESSION in event.particulars.used


def test_a_created_token_is_issued_under_the_id_that_its_uses_name() -> None:
    record = changed(eventType="system.api_token.create", target=[{"id": "00Tx1", "type": "Token"}])
    event = event_of(READER, record)
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("okta api token", "00Tx1"), "00uadmin00000001"),)
    denied = event_of(READER, {**record, "outcome": {"result": "DENY"}})
    assert denied.particulars is None or not denied.particulars.issued


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"actor__type": "SystemPrincipal"}, IdentityKind.SERVICE),
        ({"actor__type": "PublicClientApp"}, IdentityKind.NONHUMAN),
        ({"actor__type": "IP address"}, IdentityKind.UNDECIDED),
        ({"transaction__type": "JOB"}, IdentityKind.UNDECIDED),
        ({"authenticationContext__externalSessionId": "trsABC"}, IdentityKind.UNDECIDED),
        ({"authenticationContext__externalSessionId": "unknown"}, IdentityKind.UNDECIDED),
        ({"eventType": "policy.evaluate_sign_on", "outcome__result": "CHALLENGE"}, IdentityKind.UNDECIDED),
        ({"eventType": "user.account.lock", "outcome__result": "FAILURE"}, IdentityKind.UNDECIDED),
    ],
)
def test_who_is_a_person(values: dict[str, Any], kind: IdentityKind) -> None:
    assert event_of(READER, changed(**values)).kind.kind is kind


def test_text_null_is_no_address() -> None:
    assert event_of(READER, changed(client__ipAddress="null", request={})).address is None


def test_challenge_says_nothing_of_the_end() -> None:
    outcome = event_of(READER, changed(outcome={"result": "CHALLENGE"})).outcome
    assert (outcome.status, outcome.code) == (OutcomeStatus.UNKNOWN, "CHALLENGE")


def test_change_details_give_before_and_after() -> None:
    record = changed(eventType="policy.rule.update")
    record["target"] = [
        {
            "id": "0pr1",
            "type": "PolicyRule",
            "changeDetails": {"from": {"mfa": "always", "idle": None}, "to": {"mfa": "never", "ttl": 9}},
        }
    ]
    event = event_of(READER, record)
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("mfa", '"always"', '"never"', "0pr1"),
        StatedChange("idle", "null", None, "0pr1"),
        StatedChange("ttl", None, "9", "0pr1"),
    )
    failed = event_of(READER, {**record, "outcome": {"result": "FAILURE"}})
    assert failed.particulars is not None
    assert failed.particulars.changes == ()


def told(event_type: str, **values: Any) -> tuple[StatedChange, ...]:
    event = event_of(READER, changed(eventType=event_type, **values))
    return event.particulars.changes if event.particulars is not None else ()


@pytest.mark.parametrize(("word", "field"), [("grant", "privilegeGranted"), ("revoke", "privilegeRevoked")])
def test_roles_that_are_targets_are_told_by_their_names(word: str, field: str) -> None:
    roles = [
        {"id": "ra1", "type": "ROLE", "displayName": "Super Administrator"},
        {"id": "ra2", "type": "ROLE"},
    ]
    user = {"id": "00u1", "type": "User", "displayName": "eve"}
    expected = (StatedChange(field, after='["Super Administrator", "ra2"]'),)
    found = told(f"user.account.privilege.{word}", target=[user, *roles])
    assert [(each.field, json.loads(each.after or "")) for each in found] == [
        (each.field, json.loads(each.after or "")) for each in expected
    ]


def test_the_factor_is_told_by_debug_data_or_by_the_reason() -> None:
    named = (StatedChange("factor", after='"GOOGLE_OTP"'),)
    off = "user.mfa.factor.deactivate"
    assert told(off, debugContext={"debugData": {"factor": "GOOGLE_OTP"}}) == named
    assert told(off, outcome={"result": "SUCCESS", "reason": "User reset GOOGLE_OTP factor"}) == named
    assert told(off, outcome={"result": "SUCCESS", "reason": "something else"}) == ()


def test_granted_roles_and_support_behind_the_actor_are_told() -> None:
    record = changed(
        eventType="user.account.privilege.grant",
        debugContext={
            "debugData": {
                "privilegeGranted": "Super administrator",
                "originalPrincipal": {
                    "id": "00usupport",
                    "type": "User",
                    "alternateId": "support@example.net",
                },
            }
        },
    )
    event = event_of(READER, record)
    assert event.particulars is not None
    assert event.particulars.changes == (StatedChange("privilegeGranted", after='"Super administrator"'),)
    assert Resource("okta:principal", "00usupport", ResourceRole.SOURCE) in event.resources
    assert event.warnings


@pytest.mark.parametrize(
    ("event_type", "verb"),
    [
        ("user.lifecycle.create", Verb.CREATE),
        ("user.lifecycle.delete.completed", Verb.DELETE),
        ("user.account.reset_password", Verb.UPDATE),
        ("group.privilege.grant", Verb.DELEGATE),
        ("system.idp.lifecycle.create", Verb.DELEGATE),
        ("application.user_membership.remove", Verb.DELETE),
        ("application.user_membership.show_password", Verb.READ_SECRET),
        ("app.oauth2.client.read_client_secret", Verb.READ_SECRET),
        ("app.oauth2.as.token.grant.access_token", Verb.ISSUE_CREDENTIAL),
        ("user.authentication.sso", Verb.AUTHENTICATE),
        ("user.session.end", Verb.AUTHENTICATE),
        ("system.org.rate_limit.warning", Verb.OTHER),
        ("made.up.frobnicate", Verb.UNCLASSIFIED),
        ("", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(event_type: str, verb: Verb) -> None:
    assert OKTA_ACTS[event_type].verb is verb


@pytest.mark.parametrize(
    ("event_type", "tampers"),
    [
        ("system.log_stream.lifecycle.deactivate", True),
        ("event_hook.deleted", True),
        ("workflows.user.flow.execution_history.delete", True),
        ("system.log_stream.lifecycle.create", False),
        ("user.lifecycle.delete", False),
    ],
)
def test_what_weakens_logging(event_type: str, tampers: bool) -> None:
    assert OKTA_ACTS[event_type].tampers_logging is tampers


def test_a_time_without_zone_rests_on_somebodys_word() -> None:
    record = changed(published="2031-03-04 05:06:07.089")
    lost = event_of(READER, record)
    assert lost.time.micros == 1930367167089000
    assert lost.time.basis == "published, no zone: UTC assumed (Okta)"
    stored = event_of(READER, changed(published="2031-03-04 05:06:07.089000000"))
    assert (stored.time.micros, stored.time.basis) == (
        1930367167089000,
        "published, no zone: UTC assumed (Panther's form)",
    )
    row = event_of(READER, {**record, "p_log_type": "Okta.SystemLog"})
    assert row.time.micros == 1930367167089000
    assert "Panther" in row.time.basis


def test_very_many_targets_are_capped_and_said() -> None:
    record = changed(target=[{"id": f"00u{n}", "type": "User"} for n in range(2_000)])
    event = event_of(READER, record)
    assert len(event.resources) == 500
    assert any("500" in warning for warning in event.warnings)


def test_other_logs_are_not_claimed() -> None:
    assert not READER.recognises(
        {"eventType": "AwsApiCall", "eventName": "GetObject", "eventSource": "s3.amazonaws.com"}
    )
    assert not READER.recognises({"eventType": "some.thing"})
    assert not READER.recognises({"eventType": 5, "published": "x", "outcome": {"result": "SUCCESS"}})


@given(broken(RECORD))
def test_nothing_raises(record: dict[str, Any]) -> None:
    READER.recognises(record)
    assert READER.read(record, Context()).event is not None


@given(st.dictionaries(st.sampled_from([*RECORD, "target0.id", "debugcontext"]), JSON))
def test_nothing_raises_for_any_values(record: dict[str, Any]) -> None:
    READER.recognises(record)
    assert READER.read(record, Context()).event is not None


@given(st.text())
def test_any_event_type_has_a_verb_and_a_rule(event_type: str) -> None:
    assert OKTA_ACTS[event_type].rule


def test_published_samples(datasets: Path) -> None:
    events = [event_of(READER, record) for record in sample(datasets, "Okta.SystemLog")]
    assert filled(events) == {
        "time": 36, "raw time": 36, "action": 39, "verb": 39, "identity": 38, "credential": 21, "used": 14,
        "issued": 11, "address": 38, "agent": 36, "outcome": 28, "resources": 25, "id": 32,
    }  # fmt: skip
    assert json.dumps([event.native_id for event in events]).count("null") == 8
