from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.google import samples
from tests.sources.microsoft import forms
from workbench.evidence.decode import loads
from workbench.evidence.wrappers import unwrap
from workbench.model.event import (
    Credential,
    Event,
    IdentityKind,
    OutcomeStatus,
    Resource,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources.google import WorkspaceReader
from workbench.sources.google.workspace_verbs import verb_of
from workbench.sources.protocol import Context

READER = WorkspaceReader()


def read(record: dict[str, Any]) -> Event:
    assert READER.recognises(record)
    event = READER.read(record, Context()).event
    assert event is not None
    return event


def test_a_full_activity() -> None:
    event = read(samples.activity(samples.CHANGE))
    assert event.time.micros == 1_714_791_721_123_000
    assert (event.act.service, event.act.action) == ("admin", "CHANGE_ORG_UNIT_SETTING")
    assert (event.act.verb, event.act.category) == (Verb.UPDATE, "USER_SETTINGS")
    assert event.identity is not None
    assert event.identity.canonical == event.identity.name == "ada@example.com"
    assert event.identity.native_id == "100000000000000000001"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.address is not None
    assert event.address.ip == "2001:db8::7"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == "C0example"
    assert event.resources == (Resource("workspace:user", "bob@example.com"),)
    assert event.particulars is not None
    assert event.particulars.changes == (StatedChange("2sv enforcement", '"on"', '"off"'),)


def test_each_event_of_an_activity_is_an_event() -> None:
    parts = unwrap(samples.TWO_EVENTS)
    assert [part.path for part in parts] == ["events[]", "events[]"]
    first, second = (read(part.document) for part in parts)
    assert first == read(samples.activity(samples.CHANGE))
    assert second == read(samples.activity(samples.GRANT))
    assert first.native_id != second.native_id
    assert second.act.verb is Verb.DELEGATE


@pytest.mark.parametrize("actor", [True, False])
def test_an_activity_is_taken_apart_in_any_wrapper(actor: bool) -> None:
    record = copy.deepcopy(samples.TWO_EVENTS)
    if not actor:
        del record["actor"]
    expected = [part.document for part in unwrap(record)]
    assert len(expected) == 2
    for wrapper in (
        {"_source": record},
        {"items": [record], "kind": "admin#reports#activities"},
        {"event": {"original": json.dumps(record)}},
    ):
        assert [part.document for part in unwrap(wrapper)] == expected
    as_text = record | {"events": json.dumps(record["events"]), "id": json.dumps(record["id"])}
    assert [read(part.document) for part in unwrap(as_text)] == [read(each) for each in expected]


def test_an_activity_with_one_event_stays_whole() -> None:
    record = samples.activity(samples.SHARE)
    assert unwrap(record)[0].document == record
    del record["actor"]
    assert unwrap(record)[0].document == record


def test_a_record_with_many_keys_is_not_multiplied() -> None:
    record = samples.TWO_EVENTS | {f"k{n}": n for n in range(100)}
    [part] = unwrap(record)
    event = read(part.document)
    assert event.warnings  # said, not dropped silently


def test_a_flat_row_says_the_same() -> None:
    assert read(samples.FLAT_ROW).time.basis.endswith("UTC assumed (Panther)")
    event, expected = read(samples.FLAT_ROW), read(samples.SHARED)
    for name in ("act", "identity", "kind", "address", "outcome", "place", "resources", "native_id"):
        assert getattr(event, name) == getattr(expected, name), name
    assert event.time.micros == expected.time.micros
    assert event.particulars is not None
    assert expected.particulars is not None
    assert set(event.particulars.changes) == set(expected.particulars.changes)


def test_spellings_and_wrappers_make_no_difference() -> None:
    for form in forms.wrapped(samples.activity(samples.GRANT)):
        if "records" not in form:
            assert forms.read(READER, form) == read(samples.activity(samples.GRANT))


def test_a_share_states_before_and_after() -> None:
    event = read(samples.SHARED)
    assert event.act.verb is Verb.DELEGATE
    assert event.resources == (
        Resource("drive:item", "1doc"),
        Resource("workspace:user", "eve@example.net", ResourceRole.GRANTEE),
    )
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("change_user_access/eve@example.net", '["none"]', '["can_view"]'),
        StatedChange("visibility", '"private"', '"shared_externally"'),
    )


def test_access_to_a_calendar_is_of_one_user() -> None:
    parameters = [
        {"name": "access_level", "value": "owner"},
        {"name": "api_kind", "value": "web"},
        {"name": "calendar_id", "value": "ada@example.com"},
        {"name": "grantee_email", "value": "eve@example.net"},
    ]
    given = {"type": "calendar_change", "name": "change_calendar_acls", "parameters": parameters}
    event = read(samples.activity(given, application="calendar"))
    assert event.act.verb is Verb.DELEGATE
    assert event.resources == (
        Resource("calendar:calendar", "ada@example.com"),
        Resource("workspace:user", "eve@example.net", ResourceRole.GRANTEE),
    )
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("access_level/eve@example.net", None, '"owner"', "ada@example.com"),
    )
    without = {**given, "parameters": parameters[:-1]}
    unnamed = read(samples.activity(without, application="calendar"))
    assert unnamed.particulars is None or unnamed.particulars.changes == ()  # whose access is not said


def test_a_token_is_granted_to_a_client() -> None:
    event = read(samples.activity(samples.AUTHORIZE, application="token"))
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    client = "1234.apps.googleusercontent.com"
    assert event.resources == (Resource("oauth:client", client, ResourceRole.GRANTEE),)
    assert event.particulars is not None
    assert event.particulars.used == (Credential("oauth client", client),)
    assert event.particulars.issued == ()  # the log names no token; many share the client


@pytest.mark.parametrize(
    ("actor", "event", "kind"),
    [
        ({}, samples.LOGIN, IdentityKind.HUMAN),
        (
            {},
            samples.LOGIN | {"parameters": [{"name": "login_type", "value": "exchange"}]},
            IdentityKind.UNDECIDED,
        ),
        ({"callerType": "KEY", "key": "k1"}, samples.LOGIN, IdentityKind.NONHUMAN),
        ({"email": "x@p.iam.gserviceaccount.com"}, samples.GRANT, IdentityKind.NONHUMAN),
        ({}, samples.GRANT, IdentityKind.UNDECIDED),
    ],
)
def test_who_is_behind_an_actor(actor: dict[str, Any], event: dict[str, Any], kind: IdentityKind) -> None:
    assert read(samples.activity(event, application="login", **actor)).kind.kind is kind


def test_an_application_that_takes_on_a_users_identity() -> None:
    info = {"oauthClientId": "77", "applicationName": "Sync", "impersonation": True}
    event = read(samples.activity(samples.SHARE, application="drive", applicationInfo=info))
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("77", "Sync")
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.particulars is not None
    assert event.particulars.on_behalf_of is not None
    assert event.particulars.on_behalf_of.canonical == "ada@example.com"


def test_outcomes() -> None:
    refused = {
        "type": "login",
        "name": "login_failure",
        "parameters": [{"name": "login_failure_type", "value": "bad"}],
    }
    event = read(samples.activity(refused, application="login"))
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.DENIED, "bad")
    delivered = {"type": "t", "name": "delivery"}
    assert read(samples.activity(delivered, application="gmail")).outcome.status is OutcomeStatus.UNKNOWN
    stated = samples.GRANT | {"status": {"eventStatus": "FAILED", "errorCode": "NO"}}
    assert read(samples.activity(stated)).outcome.status is OutcomeStatus.FAILED


@pytest.mark.parametrize(
    ("kind", "name", "verb"),
    [
        ("access", "download", Verb.READ),
        ("access", "trash", Verb.DELETE),
        ("acl_change", "change_document_visibility", Verb.DELEGATE),
        (None, "AUTHORIZE_API_CLIENT_ACCESS", Verb.DELEGATE),
        (None, "CREATE_USER", Verb.CREATE),
        (None, "SUSPEND_USER", Verb.UPDATE),
        ("account_warning", "suspicious_login", Verb.OTHER),
        (None, "logout", Verb.AUTHENTICATE),
        (None, "frobnicate", Verb.UNCLASSIFIED),
        (None, "", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(kind: str | None, name: str, verb: Verb) -> None:
    assert verb_of(kind, name)[0] is verb


def test_neighbours_are_left_to_their_readers() -> None:
    assert not READER.recognises({"id": "1", "kind": "Event", "events": []})
    assert not READER.recognises({"id": {"applicationName": 1}})
    assert not READER.recognises(samples.KEY_CREATED)


@given(
    st.dictionaries(
        st.sampled_from([*samples.activity(), "parameters", "name", "type"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('[{"name":"a"}]'),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["name", "value", "OLD_VALUE", "parameters"]), inner, max_size=3
                )
            ),
            max_leaves=8,
        ),
    )
)
def test_nothing_in_an_activity_raises(changed: dict[str, Any]) -> None:
    record = samples.activity(samples.CHANGE) | changed
    for part in unwrap(record):
        if READER.recognises(part.document):
            assert READER.read(part.document, Context()).event is not None


def test_the_published_samples(datasets: Path) -> None:
    events = []
    for line in (datasets / "panther-samples" / "GSuite.ActivityEvent.jsonl").read_bytes().splitlines():
        [part] = unwrap(loads(line)[0])
        events.append(read(part.document))
    assert len(events) == 50
    assert sum(event.time.micros is not None for event in events) == 26
    assert sum(event.identity is not None for event in events) == 44
    assert sum(event.act.verb is Verb.UNCLASSIFIED for event in events) == 1
