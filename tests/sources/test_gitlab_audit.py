from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.sources.saas import NO_CONTEXT, broken, event_of, spellings
from workbench.model.event import Event, IdentityKind, OutcomeStatus, Particulars, ResourceRole, Verb
from workbench.sources.gitlab_audit import GitLabReader
from workbench.sources.gitlab_audit.actions import decide

READER = GitLabReader()

LOGIN: dict[str, Any] = {
    "severity": "INFO",
    "time": "2024-05-01T10:00:00.321Z",
    "correlation_id": "01HXEXAMPLE0000000000000AA",
    "meta.caller_id": "SessionsController#create",
    "meta.remote_ip": "203.0.113.60",
    "meta.user": "alice",
    "meta.user_id": 5,
    "author_id": 5,
    "author_name": "Alice A",
    "entity_id": 5,
    "entity_type": "User",
    "created_at": "2024-05-01T10:00:00.300+00:00",
    "with": "standard",
    "target_id": 5,
    "target_type": "User",
    "target_details": "Alice A",
}
VISIBILITY: dict[str, Any] = {
    "severity": "INFO",
    "time": "2024-05-01T10:05:00.000Z",
    "author_id": 5,
    "author_name": "Alice A",
    "entity_id": 7,
    "entity_type": "Project",
    "change": "visibility",
    "from": "Private",
    "to": "Public",
    "target_id": 7,
    "target_type": "Project",
    "target_details": "acme/deploy",
}
TOKEN: dict[str, Any] = {
    "id": 900,
    "author_id": 5,
    "entity_id": 5,
    "entity_type": "User",
    "event_name": "personal_access_token_created",
    "details": {
        "author_name": "Alice A",
        "author_email": "alice@example.com",
        "custom_message": "Created personal access token with id 51",
        "ip_address": "203.0.113.60",
        "entity_path": "alice",
        "target_id": 5,
        "target_type": "User",
        "target_details": "Alice A",
    },
    "created_at": "2024-05-01T10:10:00.000Z",
}
CLONE: dict[str, Any] = {
    "id": "0000-11",
    "author_id": -3,
    "author_name": "deploy key of ci",
    "entity_id": 7,
    "entity_type": "Project",
    "entity_path": "acme/deploy",
    "details": {
        "author_class": "DeployKey",
        "custom_message": {"protocol": "ssh", "action": "git-upload-pack"},
        "target_details": "deploy",
        "target_id": 7,
        "target_type": "Project",
    },
    "event_type": "repository_git_operation",
    "ip_address": "203.0.113.61",
    "created_at": "2024-05-01T10:15:00.000Z",
    "target_type": "Project",
    "target_id": 7,
    "target_details": "deploy",
}
MEMBER: dict[str, Any] = {
    "id": 901,
    "author_id": 5,
    "entity_id": 7,
    "entity_type": "Project",
    "details": {
        "add": "user_access",
        "as": "Maintainer",
        "author_name": "Alice A",
        "entity_path": "acme/deploy",
        "target_details": "Mallory M",
        "target_id": 66,
        "target_type": "User",
    },
    "created_at": "2024-05-01T10:20:00.000Z",
}


def read(record: dict[str, Any], **changed: Any) -> Event:
    return event_of(READER, {**record, **changed})


def more(event: Event) -> Particulars:
    assert event.particulars is not None
    return event.particulars


def test_a_sign_in_of_the_log_file() -> None:
    event = read(LOGIN)
    assert event.time.raw == LOGIN["created_at"]
    assert (event.act.action, event.act.verb) == ("login", Verb.AUTHENTICATE)
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.identity is not None
    assert (event.identity.name, event.identity.native_id) == ("Alice A", "5")
    assert event.address is not None
    assert event.address.ip == "203.0.113.60"
    assert event.request_id == more(event).correlation_id == LOGIN["correlation_id"]


def test_a_change_has_both_values() -> None:
    event = read(VISIBILITY)
    assert (event.act.action, event.act.verb) == ("change visibility", Verb.UPDATE)
    (change,) = more(event).changes
    assert (change.field, change.before, change.after) == ("visibility", '"Private"', '"Public"')
    assert [(each.type, each.name) for each in event.resources] == [("gitlab:project", "acme/deploy")]
    assert event.address is None


def test_a_token_is_issued_by_its_number() -> None:
    event = read(TOKEN)
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    (issued,) = more(event).issued
    assert (issued.credential.type, issued.credential.native_id) == ("gitlab token", "51")
    assert event.native_id == "900"
    assert event.place.account == "alice"


def test_a_clone_with_a_deploy_key() -> None:
    event = read(CLONE)
    assert (event.act.action, event.act.verb) == ("repository_git_operation git-upload-pack", Verb.READ)
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert [(each.type, each.name) for each in event.resources] == [("gitlab:project", "acme/deploy")]


def test_a_member_is_granted_access() -> None:
    event = read(MEMBER)
    assert (event.act.action, event.act.verb) == ("add user_access", Verb.DELEGATE)
    assert [(each.name, each.role) for each in event.resources] == [
        ("acme/deploy", ResourceRole.TARGET),
        ("Mallory M", ResourceRole.GRANTEE),
    ]
    (change,) = more(event).changes
    assert (change.field, change.before, change.after) == ("user_access", None, '"Maintainer"')


def test_a_sentence_gives_an_action_without_names() -> None:
    details = {**TOKEN["details"], "custom_message": "Revoked personal access token with id 51"}
    event = read(TOKEN, event_name=None, details=details)
    assert (event.act.action, event.act.verb) == ("Revoked personal access token", Verb.DELETE)


@pytest.mark.parametrize(
    ("action", "verb", "tampers"),
    [
        ("deploy_token_created", Verb.ISSUE_CREDENTIAL, False),
        ("project_access_token_revoked", Verb.DELETE, False),
        ("add_ssh_key", Verb.ISSUE_CREDENTIAL, False),
        ("member_created", Verb.DELEGATE, False),
        ("member_destroyed", Verb.DELETE, False),
        ("destroy_event_streaming_destination", Verb.DELETE, True),
        ("update_instance_event_streaming_destination", Verb.UPDATE, True),
        ("create_event_streaming_destination", Verb.CREATE, False),
        ("google_cloud_logging_configuration_deleted", Verb.DELETE, True),
        ("ci_variable_updated", Verb.UPDATE, False),
        ("variable_viewed_api", Verb.READ_SECRET, False),
        ("authenticated_with_group_saml", Verb.AUTHENTICATE, False),
        ("cluster_agent_create_failed", Verb.CREATE, False),
        ("something_new", Verb.UNCLASSIFIED, False),
        ("", Verb.UNCLASSIFIED, False),
    ],
)
def test_verbs(action: str, verb: Verb, tampers: bool) -> None:
    found = decide(action)
    assert (found[0], found[2]) == (verb, tampers)


def test_failures_say_so() -> None:
    refused = {key: value for key, value in LOGIN.items() if key != "with"}
    assert read(refused, failed_login="STANDARD").outcome.status is OutcomeStatus.DENIED
    assert read(TOKEN, event_name="cluster_agent_create_failed").outcome.status is OutcomeStatus.FAILED
    assert read(TOKEN).outcome.status is OutcomeStatus.SUCCESS


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"author_id": -1}, IdentityKind.UNDECIDED),
        ({"author_id": -2}, IdentityKind.NONHUMAN),
        ({"author_name": "project_7_bot_0a1b"}, IdentityKind.UNDECIDED),
        ({}, IdentityKind.UNDECIDED),
    ],
)
def test_kinds(changed: dict[str, Any], kind: IdentityKind) -> None:
    assert read(VISIBILITY, **changed).kind.kind is kind


def test_an_administrator_behind_a_user() -> None:
    event = read(TOKEN, details={**TOKEN["details"], "impersonated_by": "root"})
    behalf = more(event).on_behalf_of
    assert behalf is not None
    assert behalf.canonical == "root"


def test_a_row_of_the_web_export() -> None:
    row = {
        "ID": "900", "Author ID": "5", "Author Name": "Alice A", "Entity ID": "7", "Entity Type": "Project",
        "Entity Path": "acme/deploy", "Target ID": "7", "Target Type": "Project", "Target Details": "acme/deploy",
        "Action": "Changed visibility from Private to Public", "IP Address": "203.0.113.60",
        "Created At (UTC)": "2024-05-01 10:05:00",
    }  # fmt: skip
    event = event_of(READER, row)
    assert event.time.micros == 1_714_557_900_000_000
    assert "UTC assumed (GitLab)" in event.time.basis
    assert (event.act.action, event.act.verb) == ("Changed visibility", Verb.UPDATE)
    assert event.native_id == "900"


@pytest.mark.parametrize(
    "document",
    [
        {"author_id": 1, "entity_id": 2},
        {"author_id": 1, "entity_id": 2, "entity_type": "x"},
        {"time": "t", "severity": "INFO", "correlation_id": "x", "meta.user": "root"},
        {},
    ],
)
def test_what_is_no_audit_event(document: dict[str, Any]) -> None:
    assert not READER.recognises(document)


@pytest.mark.parametrize("record", [LOGIN, VISIBILITY, TOKEN, MEMBER, CLONE])
def test_spellings_give_the_same_event(record: dict[str, Any]) -> None:
    expected = event_of(READER, record)
    for name, other in spellings(record):
        if name != "row of texts" or "details" not in record:
            assert event_of(READER, other) == expected, name


@given(broken(LOGIN) | broken(TOKEN) | broken(CLONE) | broken(MEMBER) | broken(VISIBILITY))
def test_broken_records_are_read(record: dict[str, Any]) -> None:
    if READER.recognises(record):
        assert READER.read(record, NO_CONTEXT).event is not None
