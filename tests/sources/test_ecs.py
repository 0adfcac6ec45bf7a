from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event, IdentityKind, OutcomeStatus, Verb
from workbench.sources.ecs import EcsReader
from workbench.sources.protocol import Context

READER = EcsReader()
CONTEXT = Context()
LOGIN: dict[str, Any] = {
    "@timestamp": "2023-07-10T11:42:18.250Z",
    "ecs": {"version": "8.11.0"},
    "event": {
        "id": "evt-1", "action": "ssh_login", "category": ["authentication"], "type": ["start"], "outcome": "success",
        "dataset": "system.auth", "kind": "event",
    },
    "host": {"hostname": "web-1"},
    "source": {"ip": "192.0.2.7", "port": 50022},
    "user": {"name": "jdoe", "id": "1000"},
    "system": {"auth": {"ssh": {"method": "publickey", "signature": "ED25519 SHA256:Zm9vYmFyYmF6cXV4cXV1eA"}}},
}  # fmt: skip


def read(document: dict[str, Any], context: Context = CONTEXT) -> Event:
    assert READER.recognises(document)
    event = READER.read(document, context).event
    assert event is not None
    return event


def dotted(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, dict):
            flat.update(dotted(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def test_a_whole_document() -> None:
    event = read(LOGIN)
    assert event.time.micros == 1688989338_250_000
    assert (event.act.service, event.act.action, event.act.verb) == (
        "system.auth",
        "ssh_login",
        Verb.AUTHENTICATE,
    )
    assert event.act.verb_rule == "event.category authentication"
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.native_id) == ("jdoe@web-1", "1000")
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == ("ssh key", "SHA256:Zm9vYmFyYmF6cXV4cXV1eA")
    assert event.address is not None
    assert event.address.ip == "192.0.2.7"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == "web-1"
    assert event.native_id == "evt-1"


def test_dotted_names_and_wrappers_give_the_same_event() -> None:
    assert read(dotted(LOGIN)) == read(LOGIN)
    assert [each.document for each in unwrap({"_index": "x", "_source": LOGIN})] == [LOGIN]


def test_an_original_of_json_is_read_instead() -> None:
    document = {**LOGIN, "event": {**LOGIN["event"], "original": '{"code":"T1000I","event":"user.login"}'}}
    assert [each.document for each in unwrap(document)] == [{"code": "T1000I", "event": "user.login"}]


def test_kibanas_export_has_a_zone_only_from_the_responder() -> None:
    row = {
        "@timestamp": "Jul 10, 2023 @ 13:42:18.250",
        "event.action": "logged-in",
        "event.category": "authentication",
        "user.name": "ana",
    }
    assert read(row).time.micros is None
    told = read(row, Context(timezone="Europe/Berlin"))
    assert (told.time.micros, told.time.raw) == (1688989338_250_000, "Jul 10, 2023 @ 13:42:18.250")


@pytest.mark.parametrize(
    ("category", "types", "verb"),
    [
        (["iam"], ["creation", "user"], Verb.CREATE),
        (["iam"], ["deletion", "group"], Verb.DELETE),
        (["configuration"], ["change"], Verb.UPDATE),
        (["process"], ["start"], Verb.EXECUTE),
        (["process"], ["end"], Verb.OTHER),
        (["file"], ["access"], Verb.READ),
        (["network"], ["connection"], Verb.OTHER),
        ([], [], Verb.UNCLASSIFIED),
    ],
)
def test_verbs(category: list[str], types: list[str], verb: Verb) -> None:
    event = {"category": category, "type": types, "action": "x"}
    assert read({**LOGIN, "event": event}).act.verb is verb


def test_alerts_are_reports() -> None:
    assert read({**LOGIN, "event": {"kind": "signal", "category": ["authentication"]}}).act.verb is Verb.OTHER


def test_cloudtrail_that_lost_its_original_keeps_key_and_verb() -> None:
    document = {
        "@timestamp": "2023-07-10T11:42:18Z", "ecs.version": "8.0.0",
        "event": {"action": "GetSecretValue", "provider": "secretsmanager.amazonaws.com", "outcome": "failure"},
        "aws.cloudtrail.user_identity.arn": "arn:aws:iam::111122223333:user/ci",
        "aws.cloudtrail.user_identity.access_key_id": "AKIAEXAMPLEEXAMPLE12",
        "cloud": {"account": {"id": "111122223333"}, "region": "eu-west-1"},
    }  # fmt: skip
    event = read(document)
    assert (event.act.service, event.act.verb) == ("secretsmanager", Verb.READ_SECRET)
    assert event.identity is not None
    assert event.identity.canonical == "arn:aws:iam::111122223333:user/ci"
    assert event.credential is not None
    assert event.credential.type == "aws access key"
    assert event.outcome.status is OutcomeStatus.FAILED
    assert event.place.account == "111122223333"


def test_windows_sign_ins() -> None:
    document = {
        **LOGIN,
        "event": {**LOGIN["event"], "dataset": "system.security"},
        "winlog": {"logon": {"type": "Interactive"}},
    }
    assert read(document).kind.kind is IdentityKind.HUMAN
    document["event"]["outcome"] = "failure"
    assert read(document).kind.kind is IdentityKind.UNDECIDED
    system = {**LOGIN, "user": {"id": "S-1-5-18", "name": "SYSTEM"}}
    assert read(system).kind.kind is IdentityKind.NONHUMAN


def test_changes_and_secrets() -> None:
    document = {
        **LOGIN,
        "event": {"category": ["iam"], "type": ["user", "change"], "action": "renamed-user-account"},
        "user": {"name": "admin", "target": {"name": "eve"}, "changes": {"name": "mallory"}},
        "process": {"command_line": "tool --token hunter2"},
        "url": {"original": "https://example.com/a?code=hunter2"},
    }
    event = read(document)
    assert event.particulars is not None
    change = event.particulars.changes[0]
    assert (change.field, change.before, change.after) == ("user.name", '"eve"', '"mallory"')
    assert "hunter2" not in repr(event.resources)


def test_other_documents_are_left_alone() -> None:
    assert READER.recognises({"ecs": {"version": "8"}, "message": "x"}) == ""
    assert READER.recognises({"event": {"action": "x"}, "@timestamp": "2023-07-10T11:42:18Z"}) == ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from([*sorted(LOGIN), "event.action", "user.changes", "process", "winlog"]), anything)
def test_nothing_raises(key: str, value: object) -> None:
    document = {**LOGIN, key: value}
    if READER.recognises(document):
        assert READER.read(document, CONTEXT).event is not None
