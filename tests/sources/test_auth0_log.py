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
from workbench.sources.auth0_codes import (
    API_CODES,
    CODES,
    INTERACTIVE_CODES,
    NO_USER_CODES,
    api_verb,
    weakens_logging,
)
from workbench.sources.auth0_log import Auth0Reader
from workbench.sources.protocol import Context

READER = Auth0Reader()
LOG_ID = "90020310304050607089000000000000000001223372037000000001"

RECORD: dict[str, Any] = {
    "date": "2031-03-04T05:06:07.089Z",
    "type": "sapi",
    "description": "Update a client",
    "client_id": "dashboardclient0000000000000000",
    "client_name": "",
    "ip": "198.51.100.20",
    "user_agent": "Mozilla/5.0 (X11)",
    "user_id": "auth0|ada",
    "log_id": LOG_ID,
    "_id": LOG_ID,
    "tenant_name": "example-tenant",
    "details": {
        "request": {
            "method": "patch",
            "path": "/api/v2/clients/abc",
            "query": {},
            "channel": "https://manage.auth0.com/",
            "ip": "198.51.100.20",
            "body": {"callbacks": ["https://example.org/cb"], "name": "app"},
            "auth": {
                "strategy": "jwt",
                "user": {"user_id": "auth0|ada", "name": "Ada", "email": "ada@example.org"},
                "credentials": {"jti": "0123456789abcdef", "scopes": ["update:clients"]},
            },
        },
        "response": {"statusCode": 200, "body": {"client_id": "abc"}},
    },
}
LOGIN: dict[str, Any] = {
    "date": "2031-03-04T05:00:00.000Z",
    "type": "s",
    "client_id": "webapp",
    "client_name": "Shop",
    "ip": "198.51.100.20",
    "user_agent": "Firefox 140 / Linux",
    "user_id": "auth0|ada",
    "user_name": "ada@example.org",
    "log_id": LOG_ID,
    "details": {"session_id": "sess-1", "prompts": []},
}


def with_request(**values: Any) -> dict[str, Any]:
    record = copy.deepcopy(RECORD)
    record["details"]["request"].update(values)
    return record


def test_a_full_record() -> None:
    event = event_of(READER, RECORD)
    assert event.time.micros == 1930367167089000
    assert (event.act.action, event.act.verb, event.act.category) == ("Update a client", Verb.UPDATE, "sapi")
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("auth0|ada", "ada@example.org")
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.credential == Credential("auth0 management token", "0123456789abcdef")
    assert event.address is not None
    assert event.address.ip == "198.51.100.20"
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.SUCCESS, "200")
    assert event.place.account == "example-tenant"
    assert event.resources == (Resource("auth0:clients", "/api/v2/clients/abc"),)
    assert event.native_id == LOG_ID
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("callbacks", after='["https://example.org/cb"]'),
        StatedChange("name", after='"app"'),
    )
    assert event.warnings == ()


@pytest.mark.parametrize("record", [RECORD, LOGIN])
def test_spellings_give_the_same_event(record: dict[str, Any]) -> None:
    expected = event_of(READER, record)
    for how, spelt in spellings(record):
        event = event_of(READER, spelt)
        if how == "row of texts":  # a row holds texts: what was asked to change cannot be told apart
            assert event.resources == expected.resources
            assert (event.time, event.act, event.identity, event.kind) == (
                expected.time,
                expected.act,
                expected.identity,
                expected.kind,
            )
        else:
            assert event == expected, how


def test_a_log_stream_wraps_the_entry() -> None:
    assert event_of(READER, {"log_id": LOG_ID, "data": RECORD}) == event_of(READER, RECORD)
    (inner,) = unwrap(
        {"detail-type": "Auth0 log", "source": "aws.partner", "detail": {"log_id": LOG_ID, "data": RECORD}}
    )
    assert event_of(READER, inner.document) == event_of(READER, RECORD)


def test_a_sign_in_issues_its_session() -> None:
    event = event_of(READER, LOGIN)
    session = Credential("auth0 session", "sess-1")
    assert event.act.verb is Verb.AUTHENTICATE
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.credential is None
    assert event.particulars is not None
    assert event.particulars.used == (session,)
    assert event.particulars.issued == (Issued(session, "auth0|ada"),)
    assert event.resources == (Resource("auth0:client", "webapp"),)


@pytest.mark.parametrize("code", ["f", "fp", "fu", "limit_wc", "gd_auth_failed"])
def test_a_failed_sign_in_is_denied(code: str) -> None:
    event = event_of(READER, {**LOGIN, "type": code})
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.DENIED, code)
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.particulars is not None
    assert event.particulars.issued == ()


def test_a_client_signs_in_for_itself() -> None:
    record = {key: value for key, value in LOGIN.items() if not key.startswith("user_")} | {
        "type": "seccft",
        "audience": "https://api.example.org",
    }
    event = event_of(READER, record)
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("oauth client", "webapp")
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("webapp", "Shop")
    assert Resource("auth0:audience", "https://api.example.org") in event.resources


@pytest.mark.parametrize("user", [None, {}])
def test_an_api_call_without_user_is_a_clients(user: object) -> None:
    record = with_request(auth={"strategy": "jwt", "user": user, "credentials": {"jti": "j1"}})
    del record["user_id"]
    event = event_of(READER, record)
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.identity is not None
    assert event.identity.canonical == RECORD["client_id"]


def test_a_users_token_used_elsewhere_shows_no_person() -> None:
    assert event_of(READER, with_request(channel="api")).kind.kind is IdentityKind.UNDECIDED


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [
        ("get", "/api/v2/users", Verb.READ),
        ("post", "/api/v2/roles", Verb.CREATE),
        ("post", "/api/v2/users/auth0|x/roles", Verb.DELEGATE),
        ("post", "/api/v2/roles/rol_1/permissions", Verb.DELEGATE),
        ("post", "/api/v2/organizations/org_1/invitations", Verb.DELEGATE),
        ("post", "/api/v2/client-grants", Verb.DELEGATE),
        ("post", "/api/v2/clients/abc/rotate-secret", Verb.ISSUE_CREDENTIAL),
        ("delete", "/api/v2/users/auth0|x/roles", Verb.DELETE),
        ("PUT", "/api/v2/guardian/policies", Verb.UPDATE),
        (None, None, Verb.UNCLASSIFIED),
    ],
)
def test_verbs_of_api_calls(method: str | None, path: str | None, verb: Verb) -> None:
    assert api_verb(method, path, None)[0] is verb


def test_without_a_method_auth0s_words_decide() -> None:
    assert api_verb(None, None, "Delete tenant member") == (
        Verb.DELETE,
        "first word of the description: delete",
    )


def test_what_weakens_logging() -> None:
    assert weakens_logging("delete", "/api/v2/log-streams/lst_1")
    assert weakens_logging("PATCH", "/api/v2/log-streams/lst_1")
    assert not weakens_logging("post", "/api/v2/log-streams")
    assert not weakens_logging("delete", "/api/v2/clients/log")
    assert event_of(READER, with_request(method="delete", path="/api/v2/log-streams/l")).act.tampers_logging


def test_a_refused_call_says_so_and_changed_nothing() -> None:
    record = with_request()
    record["type"] = "fapi"
    record["details"]["response"]["statusCode"] = 403
    event = event_of(READER, record)
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.DENIED, "403")
    assert event.particulars is None or event.particulars.changes == ()


def test_an_invited_person_is_the_grantee() -> None:
    record = with_request(
        method="post",
        path="/api/v2/organizations/org_1/invitations",
        body={"invitee": {"email": "bob@example.org"}},
    )
    assert (
        Resource("auth0:user", "bob@example.org", ResourceRole.GRANTEE) in event_of(READER, record).resources
    )


def test_an_unknown_code_is_kept_with_its_name() -> None:
    event = event_of(READER, {**LOGIN, "type": "brand_new_code"})
    assert (event.act.action, event.act.verb) == ("brand_new_code", Verb.UNCLASSIFIED)
    assert event.outcome.status is OutcomeStatus.UNKNOWN


def test_tables_agree() -> None:
    assert CODES.keys() >= API_CODES | INTERACTIVE_CODES | NO_USER_CODES


def test_other_logs_are_not_claimed() -> None:
    assert not READER.recognises({"type": "s", "date": "2031-01-01"})
    assert not READER.recognises({"type": "login.succeeded", "data": {"id": 1}, "log_id": "5"})
    assert not READER.recognises({"data": [1, 2]})


@given(broken(RECORD) | broken({"log_id": LOG_ID, "data": LOGIN}))
def test_nothing_raises(record: dict[str, Any]) -> None:
    READER.recognises(record)
    assert READER.read(record, Context()).event is not None


@given(st.dictionaries(st.sampled_from([*RECORD, "data"]), JSON))
def test_nothing_raises_for_any_values(record: dict[str, Any]) -> None:
    READER.recognises(record)
    assert READER.read(record, Context()).event is not None


def test_published_samples(datasets: Path) -> None:
    records = sample(datasets, "Auth0.Events")
    events = [event_of(READER, record) for record in records]
    assert filled(events) == {
        "time": 29, "raw time": 29, "action": 29, "verb": 29, "identity": 29, "credential": 28, "used": 0,
        "issued": 0, "address": 29, "agent": 25, "outcome": 29, "resources": 29, "id": 28,
    }  # fmt: skip
