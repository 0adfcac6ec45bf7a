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
    Verb,
)
from workbench.sources.onepassword import AuditReader, ItemUsageReader, SignInReader
from workbench.sources.onepassword_codes import OBJECTS, audit_verb, usage_verb
from workbench.sources.protocol import Context, SourceReader

CLIENT = {
    "app_name": "1Password Browser Extension",
    "app_version": "20195",
    "ip_address": "198.51.100.30",
    "os_name": "Linux",
    "os_version": "6",
    "platform_name": "Firefox",
    "platform_version": "140",
}
SIGN_IN: dict[str, Any] = {
    "uuid": "SIGNIN1",
    "session_uuid": "SESSION1",
    "timestamp": "2031-03-04T05:06:07Z",
    "category": "success",
    "type": "mfa_ok",
    "country": "DE",
    "details": None,
    "target_user": {"uuid": "USER1", "name": "Ada", "email": "ada@example.org"},
    "client": CLIENT,
    "account_uuid": "ACCOUNT1",
}
USAGE: dict[str, Any] = {
    "uuid": "USAGE1",
    "timestamp": "2031-03-04T05:06:08.5Z",
    "used_version": 3,
    "vault_uuid": "VAULT1",
    "item_uuid": "ITEM1",
    "action": "reveal",
    "user": {"uuid": "USER1", "name": "Ada", "email": "ada@example.org"},
    "client": CLIENT,
}
AUDIT: dict[str, Any] = {
    "uuid": "AUDIT1",
    "timestamp": "2031-03-04T05:06:09Z",
    "actor_uuid": "USER1",
    "actor_details": {"uuid": "USER1", "name": "Ada", "email": "ada@example.org"},
    "actor_type": "user",
    "action": "join",
    "object_type": "gm",
    "object_uuid": "GROUP1",
    "aux_id": 7,
    "aux_uuid": "USER2",
    "aux_details": {"uuid": "USER2", "name": "Bob", "email": "bob@example.org"},
    "aux_info": "R",
    "session": {
        "uuid": "SESSION1",
        "login_time": "2031-03-04T05:06:07Z",
        "device_uuid": "DEVICE1",
        "ip": "198.51.100.30",
    },
}
SESSION = Credential("1password session", "SESSION1")
READERS: list[tuple[SourceReader, dict[str, Any]]] = [
    (SignInReader(), SIGN_IN),
    (ItemUsageReader(), USAGE),
    (AuditReader(), AUDIT),
]
by_reader = pytest.mark.parametrize(
    ("reader", "record"), READERS, ids=[reader.source for reader, _ in READERS]
)


def test_a_sign_in() -> None:
    event = event_of(SignInReader(), SIGN_IN)
    assert event.time.micros == 1930367167000000
    assert (event.act.verb, event.outcome.status, event.outcome.code) == (
        Verb.AUTHENTICATE,
        OutcomeStatus.SUCCESS,
        "mfa_ok",
    )
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("USER1", "ada@example.org")
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.address is not None
    assert event.address.ip == "198.51.100.30"
    assert event.user_agent is not None
    assert event.user_agent.raw == "1Password Browser Extension"
    assert (event.place.account, event.native_id) == ("ACCOUNT1", "SIGNIN1")
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(SESSION, "USER1"),)


@pytest.mark.parametrize(
    ("category", "status"),
    [
        ("firewall_reported_success", OutcomeStatus.SUCCESS),
        ("credentials_failed", OutcomeStatus.DENIED),
        ("mfa_failed", OutcomeStatus.DENIED),
        ("something_new", OutcomeStatus.UNKNOWN),
    ],
)
def test_how_a_sign_in_ended(category: str, status: OutcomeStatus) -> None:
    event = event_of(SignInReader(), {**SIGN_IN, "category": category, "type": "credentials_ok"})
    assert event.outcome.status is status
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.particulars is not None
    assert bool(event.particulars.issued) is (status is OutcomeStatus.SUCCESS)


def test_an_item_usage_reads_a_secret() -> None:
    event = event_of(ItemUsageReader(), USAGE)
    assert (event.act.action, event.act.verb) == ("item reveal", Verb.READ_SECRET)
    assert event.resources == (
        Resource("1password:item", "ITEM1", ResourceRole.SECRET),
        Resource("1password:vault", "VAULT1"),
    )
    assert event.kind.kind is IdentityKind.UNDECIDED
    older = event_of(ItemUsageReader(), {key: value for key, value in USAGE.items() if key != "action"})
    assert older.act.verb is Verb.READ_SECRET
    assert usage_verb("brand-new")[0] is Verb.UNCLASSIFIED


def test_an_audit_event_names_its_session() -> None:
    event = event_of(AuditReader(), AUDIT)
    assert (event.act.action, event.act.verb) == ("gm join", Verb.DELEGATE)
    assert event.credential == SESSION
    assert event.address is not None
    assert event.address.ip == "198.51.100.30"
    assert event.resources == (
        Resource("1password:group membership", "GROUP1"),
        Resource("1password:related", "USER2", ResourceRole.GRANTEE),
        Resource("1password:related", "bob@example.org", ResourceRole.GRANTEE),
    )
    assert event.particulars is not None
    assert event.particulars.device == "DEVICE1"
    assert AuditReader().checked_against == ""


def test_a_service_account_token_is_issued() -> None:
    event = event_of(
        AuditReader(), {**AUDIT, "action": "create", "object_type": "satoken", "object_uuid": "TOKEN1"}
    )
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("1password service account token", "TOKEN1")),)


@pytest.mark.parametrize(
    ("action", "kind", "verb"),
    [
        ("create", "vault", Verb.CREATE),
        ("create", "uva", Verb.DELEGATE),
        ("grant", "uva", Verb.DELEGATE),
        ("revoke", "gva", Verb.DELETE),
        ("export", "vault", Verb.READ),
        ("disblmfa", "account", Verb.UPDATE),
        ("launchi", "item", Verb.UNCLASSIFIED),
    ],
)
def test_verbs_of_audited_actions(action: str, kind: str, verb: Verb) -> None:
    assert audit_verb(action, kind)[0] is verb


@by_reader
def test_spellings_give_the_same_event(reader: SourceReader, record: dict[str, Any]) -> None:
    for how, spelt in spellings(record):
        assert event_of(reader, spelt) == event_of(reader, record), how


@by_reader
def test_pages_of_the_api_are_unwrapped(reader: SourceReader, record: dict[str, Any]) -> None:
    (inner,) = unwrap({"cursor": "abc", "has_more": False, "items": [record]})
    assert event_of(reader, inner.document) == event_of(reader, record)


@by_reader
def test_each_record_has_one_reader(reader: SourceReader, record: dict[str, Any]) -> None:
    assert [other.source for other, _ in READERS if other.recognises(record)] == [reader.source]


@given(st.sampled_from([record for _, record in READERS]).flatmap(broken))
def test_nothing_raises(record: dict[str, Any]) -> None:
    for reader, _ in READERS:
        reader.recognises(record)
        assert reader.read(record, Context()).event is not None


@given(st.dictionaries(st.sampled_from([*SIGN_IN, *USAGE, *AUDIT]), JSON))
def test_nothing_raises_for_any_values(record: dict[str, Any]) -> None:
    for reader, _ in READERS:
        reader.recognises(record)
        assert reader.read(record, Context()).event is not None


@given(st.text(), st.sampled_from([*OBJECTS]) | st.text())
def test_any_action_has_a_rule(action: str, kind: str) -> None:
    assert audit_verb(action, kind)[1]


def test_published_samples(datasets: Path) -> None:
    signins = [event_of(SignInReader(), record) for record in sample(datasets, "OnePassword.SignInAttempt")]
    assert filled(signins) == {
        "time": 5, "raw time": 5, "action": 5, "verb": 5, "identity": 5, "credential": 0, "used": 5, "issued": 4,
        "address": 5, "agent": 5, "outcome": 5, "resources": 0, "id": 5,
    }  # fmt: skip
    usages = [event_of(ItemUsageReader(), record) for record in sample(datasets, "OnePassword.ItemUsage")]
    assert filled(usages) == {
        "time": 4, "raw time": 4, "action": 4, "verb": 4, "identity": 4, "credential": 0, "used": 0, "issued": 0,
        "address": 4, "agent": 4, "outcome": 4, "resources": 4, "id": 4,
    }  # fmt: skip
