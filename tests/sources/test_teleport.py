from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event, IdentityKind, OutcomeStatus, ResourceRole, Verb
from workbench.sources.ecs import EcsReader
from workbench.sources.linux import JournalReader
from workbench.sources.ocsf import OcsfReader
from workbench.sources.parts import BAD_TIME
from workbench.sources.plaso import PlasoReader
from workbench.sources.protocol import Context
from workbench.sources.teleport import TeleportReader

READER = TeleportReader()
CONTEXT = Context()
COMMAND: dict[str, Any] = {
    "argv": ["-l", "-p", "4444"],
    "cgroup_id": 4294967537,
    "cluster_name": "tele.example.com",
    "code": "T4000I",
    "ei": 15,
    "event": "session.command",
    "login": "root",
    "path": "/bin/nc",
    "pid": 7143,
    "program": "nc",
    "return_code": 0,
    "server_hostname": "web-1",
    "server_id": "11111111-2222-4333-8444-555555555555",
    "addr.remote": "192.0.2.7:51001",
    "sid": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "time": "2023-07-10T11:42:18.250Z",
    "uid": "99999999-8888-4777-8666-555555555555",
    "user": "ana@example.com",
    "user_kind": 1,
}


def read(document: dict[str, Any], context: Context = CONTEXT) -> Event:
    assert READER.recognises(document)
    event = READER.read(document, context).event
    assert event is not None
    return event


def changed(**fields: Any) -> dict[str, Any]:
    return {**COMMAND, **fields}


def test_a_whole_record() -> None:
    event = read(COMMAND)
    assert event.time.micros == 1688989338_250_000
    assert (event.act.service, event.act.action, event.act.verb) == (
        "teleport",
        "session.command",
        Verb.EXECUTE,
    )
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.account) == ("ana@example.com", "tele.example.com")
    assert (event.kind.kind, event.kind.reason) == (IdentityKind.HUMAN, "user_kind is 1 (human)")
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == ("teleport session", COMMAND["sid"])
    assert event.address is not None
    assert (event.address.ip, event.address.raw) == ("192.0.2.7", "192.0.2.7:51001")
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.SUCCESS, "return_code 0")
    assert event.place.account == "tele.example.com"
    assert [(each.type, each.name) for each in event.resources] == [
        ("linux:command", "/bin/nc -l -p 4444"),
        ("teleport:server", "web-1"),
    ]
    assert event.native_id == COMMAND["uid"]
    assert event.particulars is not None
    assert event.particulars.on_behalf_of is not None
    assert event.particulars.on_behalf_of.canonical == "root@web-1"
    assert event.warnings == ()


def test_the_same_record_in_other_clothes() -> None:
    expected = read(COMMAND)
    nested = {key: value for key, value in COMMAND.items() if key != "addr.remote"}
    nested["addr"] = {"remote": COMMAND["addr.remote"]}
    assert read(nested) == expected
    upper = {key.title(): value for key, value in COMMAND.items()}
    assert read(upper) == expected
    as_texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in COMMAND.items()}
    assert read(as_texts) == expected
    for wrapper in (
        {"_source": COMMAND},
        {"event": {"original": json.dumps(COMMAND)}, "ecs": {"version": "8"}},
    ):
        assert [each.document for each in unwrap(wrapper)] == [COMMAND]


def test_times_without_a_zone() -> None:
    bare = changed(time="2023-07-10 11:42:18")
    lost = read(bare)
    assert (lost.time.micros, lost.time.basis) == (
        1688989338_000_000,
        "time, no zone: UTC assumed (Teleport)",
    )
    assert BAD_TIME in read(changed(time="2023-07-10T11:42:018Z")).warnings
    row = read({**bare, "p_log_type": "Gravitational.TeleportAudit"})
    assert row.time.micros == 1688989338_000_000
    assert "Panther" in row.time.basis


def test_sign_ins() -> None:
    login = {
        "event": "user.login",
        "code": "T1000I",
        "method": "saml",
        "success": True,
        "uid": "1",
        "user": "ana",
        "time": "2023-07-10T11:42:18Z",
    }
    event = read(login)
    assert (event.act.verb, event.kind.kind) == (Verb.AUTHENTICATE, IdentityKind.HUMAN)
    refused = read({**login, "code": "T1000W", "success": False, "error": "user not found"})
    assert (refused.outcome.status, refused.outcome.code) == (OutcomeStatus.DENIED, "T1000W")
    assert refused.kind.kind is IdentityKind.UNDECIDED


def test_the_last_letter_of_the_code_tells_success_from_failure() -> None:
    assert (
        read(changed(event="exec", code="T3002I", return_code=None)).outcome.status is OutcomeStatus.SUCCESS
    )
    assert read(changed(event="exec", code="T3002E", return_code=None)).outcome.status is OutcomeStatus.FAILED
    failed = read(changed(return_code=1))
    assert (failed.outcome.status, failed.outcome.code) == (OutcomeStatus.FAILED, "return_code 1")
    denied = read(
        changed(
            event="db.session.query.failed",
            code="TDB02W",
            return_code=None,
            error="access to database denied",
        )
    )
    assert denied.outcome.status is OutcomeStatus.DENIED


def test_machines() -> None:
    join = {
        "event": "bot.join", "code": "TJ001I", "uid": "1", "time": "2023-07-10T11:42:18Z", "method": "github",
        "bot_name": "deploy", "token_name": "hunter2-token", "cluster_name": "tele.example.com",
        "attributes": {"sub": "repo:acme/deploy:ref:refs/heads/main", "run_id": "555", "repository": "acme/deploy"},
    }  # fmt: skip
    event = read(join)
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.particulars is not None
    assert [(each.type, each.native_id) for each in event.particulars.used] == [
        ("jwt subject", "repo:acme/deploy:ref:refs/heads/main"),
        ("github workflow run", "555"),
    ]
    assert "hunter2" not in repr(event)
    assert read(changed(user="bot-deploy", user_kind=2)).kind.kind is IdentityKind.NONHUMAN
    by_name = read(changed(user="bot-deploy", user_kind=None))
    assert by_name.kind.kind is IdentityKind.UNDECIDED
    host = read(changed(user="11111111-2222-4333-8444-555555555555.tele.example.com", user_kind=None))
    assert host.kind.kind is IdentityKind.SERVICE


def test_certificates() -> None:
    event = read(
        {
            "cert_type": "user", "code": "TC000I", "event": "cert.create", "time": "2023-07-10T11:42:18Z",
            "identity": {
                "user": "deploy", "impersonator": "bot-deploy", "roles": ["access"], "expires": "2023-07-10T12:42:18Z",
                "aws_role_arns": ["arn:aws:iam::111122223333:role/deploy"], "teleport_cluster": "tele.example.com",
                "client_ip": "192.0.2.7",
            },
        }
    )  # fmt: skip
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.identity is not None
    assert event.particulars is not None
    assert event.particulars.on_behalf_of is not None
    assert (event.identity.name, event.particulars.on_behalf_of.name) == ("bot-deploy", "deploy")
    assert event.address is not None
    assert event.address.ip == "192.0.2.7"
    assert {(each.name, each.role) for each in event.resources} >= {
        ("deploy", ResourceRole.GRANTEE),
        ("access", ResourceRole.TARGET),
        ("arn:aws:iam::111122223333:role/deploy", ResourceRole.TARGET),
    }
    assert event.native_id is None


def test_what_a_session_did_not_record_is_told() -> None:
    event = read(
        changed(
            event="session.end",
            code="T2004I",
            session_recording="off",
            enhanced_recording=False,
            return_code=None,
        )
    )
    assert event.particulars is not None
    assert event.particulars.withheld == (
        "recording: session_recording is off",
        "commands and connections: enhanced_recording is false",
    )


def test_join_tokens_are_secrets_and_never_names() -> None:
    event = read(
        {
            "event": "join_token.create",
            "code": "TJT00I",
            "uid": "1",
            "name": "hunter2",
            "user": "ana",
            "time": "2023-07-10T11:42:18Z",
        }
    )
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert "hunter2" not in repr(event)


def test_access_requests_state_their_new_state() -> None:
    event = read(
        {
            "id": "r-1",
            "code": "T5001I",
            "event": "access_request.update",
            "uid": "1",
            "state": "APPROVED",
            "updated_by": "sam",
            "time": "2023-07-10T11:42:18Z",
        }
    )
    assert event.particulars is not None
    assert (event.particulars.changes[0].field, event.particulars.changes[0].after) == ("state", '"APPROVED"')
    assert event.particulars.correlation_id == "r-1"
    assert event.identity is not None
    assert event.identity.name == "sam"


def test_unknown_events_are_not_guessed_and_many_resources_are_capped() -> None:
    event = read(changed(event="frobnicator.frobbed", roles=[f"role-{number}" for number in range(700)]))
    assert event.act.verb is Verb.UNCLASSIFIED
    assert len(event.resources) == 500
    assert any("more resources" in warning for warning in event.warnings)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"event": "x", "code": 200},
        {"event": "click", "code": "E1", "uid": "1"},
        {"event": {"action": "x"}, "code": "T1000I", "uid": "1"},
    ],
)
def test_other_documents_are_left_alone(document: dict[str, Any]) -> None:
    assert READER.recognises(document) == ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from([*sorted(COMMAND), "identity", "attributes", "roles", "success"]), anything)
def test_nothing_raises(key: str, value: object) -> None:
    for event in ("session.command", "cert.create", "bot.join", "session.end", "kube.request"):
        document = {**COMMAND, "event": event, key: value}
        if READER.recognises(document):
            assert READER.read(document, CONTEXT).event is not None


def test_the_published_samples(datasets: Path) -> None:
    lines = (datasets / "panther-samples" / "Gravitational.TeleportAudit.jsonl").read_text().splitlines()
    events = [read(json.loads(line), Context(timezone="UTC")) for line in lines]
    assert len(events) == 13
    filled = {
        "time": sum(event.time.micros is not None for event in events),
        "identity": sum(event.identity is not None for event in events),
        "session": sum(event.credential is not None for event in events),
        "address": sum(event.address is not None for event in events),
        "outcome": sum(event.outcome.status is OutcomeStatus.SUCCESS for event in events),
        "resources": sum(bool(event.resources) for event in events),
        "classified": sum(event.act.verb is not Verb.UNCLASSIFIED for event in events),
    }
    assert filled == {
        "time": 12,
        "identity": 13,
        "session": 3,
        "address": 2,
        "outcome": 13,
        "resources": 8,
        "classified": 13,
    }


def test_no_reader_here_claims_a_sample_of_another_source(datasets: Path) -> None:
    readers = (READER, OcsfReader(), EcsReader(), PlasoReader(), JournalReader())
    for file in sorted((datasets / "panther-samples").glob("*.jsonl")):
        for line in file.read_text().splitlines():
            for unwrapped in unwrap(json.loads(line)):
                claims = [reader.source for reader in readers if reader.recognises(unwrapped.document)]
                assert claims == (["teleport.audit"] if file.name.startswith("Gravitational") else []), line[
                    :200
                ]
