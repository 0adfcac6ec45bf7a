from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.sources.saas import NO_CONTEXT, broken, event_of, filled, sample, spellings
from workbench.model.event import Event, IdentityKind, OutcomeStatus, Particulars, ResourceRole, Verb
from workbench.sources.github_audit import GitHubReader

READER = GitHubReader()

PUSH: dict[str, Any] = {
    "@timestamp": 1714557480123,
    "_document_id": "doc-push-1",
    "action": "git.push",
    "actor": "dev-a",
    "actor_id": 1001,
    "actor_ip": "203.0.113.9",
    "actor_is_bot": False,
    "actor_location": {"country_code": "AT"},
    "business": "acme-inc",
    "created_at": 1714557480200,
    "external_identity_nameid": "dev-a@example.com",
    "hashed_token": "q6V6ZfP1ZzWcYv3xk2b2c4nR0uT0aWm8c3V5Jp7yAbc=",
    "org": "acme",
    "programmatic_access_type": "Personal access token (classic)",
    "repo": "acme/deploy",
    "repository": "acme/deploy",
    "token_id": 7001,
    "token_scopes": "repo",
    "transport_protocol_name": "http",
    "user_agent": "git/2.44.0",
}
RUN: dict[str, Any] = {
    "@timestamp": 1714557605000,
    "_document_id": "doc-run-555",
    "action": "workflows.created_workflow_run",
    "actor": "dev-a",
    "actor_id": 1001,
    "actor_is_bot": False,
    "event": "push",
    "head_branch": "main",
    "head_sha": "0123456789abcdef0123456789abcdef01234567",
    "name": "deploy",
    "operation_type": "create",
    "org": "acme",
    "repo": "acme/deploy",
    "workflow_id": 42,
    "workflow_run_id": 555,
}
JOB: dict[str, Any] = {
    "@timestamp": 1714557607000,
    "_document_id": "doc-job-1",
    "action": "workflows.prepared_workflow_job",
    "actor": "",
    "environment_name": "production",
    "job_name": "deploy",
    "job_workflow_ref": "acme/deploy/.github/workflows/deploy.yml@refs/heads/main",
    "operation_type": "modify",
    "org": "acme",
    "repo": "acme/deploy",
    "runner_name": "GitHub Actions 12",
    "secrets_passed": ["AWS_ROLE", "DB_PASSWORD"],
    "workflow_run_id": 555,
}
MEMBER: dict[str, Any] = {
    "@timestamp": 1714557700000,
    "_document_id": "doc-member-1",
    "action": "org.update_member",
    "actor": "owner-o",
    "old_permission": "read",
    "operation_type": "modify",
    "org": "acme",
    "permission": "admin",
    "user": "dev-a",
}


def read(record: dict[str, Any], **changed: Any) -> Event:
    return event_of(READER, {**record, **changed})


def more(event: Event) -> Particulars:
    assert event.particulars is not None
    return event.particulars


def named(event: Event, role: ResourceRole) -> list[tuple[str | None, str]]:
    return [(each.type, each.name) for each in event.resources if each.role is role]


def test_a_push_with_a_token() -> None:
    event = read(PUSH)
    assert event.time.micros == 1_714_557_480_123_000
    assert event.time.basis == "@timestamp, epoch milliseconds"
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.native_id) == ("dev-a", "1001")
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert "classic personal access token" in event.kind.reason
    assert event.credential is not None
    assert event.credential.type == "github token"
    assert event.credential.native_id == PUSH["hashed_token"]
    assert [(each.type, each.native_id) for each in more(event).used] == [
        ("github token id", "7001"),
        ("external identity", "dev-a@example.com"),
    ]
    assert event.address is not None
    assert event.address.ip == "203.0.113.9"
    assert (event.act.verb, event.outcome.status) == (Verb.UPDATE, OutcomeStatus.SUCCESS)
    assert (event.place.account, event.place.tenant) == ("acme", "acme-inc")
    assert named(event, ResourceRole.TARGET) == [("github:repository", "acme/deploy")]
    assert event.native_id == "doc-push-1"


def test_a_run_is_followed_by_its_number() -> None:
    (issued,) = more(read(RUN)).issued
    job = read(JOB)
    assert issued.credential in more(job).used
    assert job.identity is None
    assert job.act.verb is Verb.EXECUTE
    assert named(job, ResourceRole.SECRET) == [
        ("github:secret", "acme/deploy/AWS_ROLE"),
        ("github:secret", "acme/deploy/DB_PASSWORD"),
    ]
    assert named(job, ResourceRole.SOURCE) == [("github:workflow", JOB["job_workflow_ref"])]


def test_what_was_before_is_told() -> None:
    event = read(MEMBER)
    assert event.act.verb is Verb.DELEGATE
    assert named(event, ResourceRole.GRANTEE) == [("github:user", "dev-a")]
    (change,) = more(event).changes
    assert (change.field, change.before, change.after) == ("permission", '"read"', '"admin"')


def test_the_web_export_keeps_details_apart() -> None:
    record = {
        "action": "repo.transfer",
        "actor": "a",
        "created_at": 1714557700000,
        "data": {"old_user": "b", "team": "acme/t"},
        "org": "acme",
        "repo": "acme/r",
    }
    event = read(record)
    (change,) = more(event).changes
    assert (change.field, change.before, change.after) == ("user", '"b"', None)
    assert ("github:team", "acme/t") in named(event, ResourceRole.TARGET)


def test_a_token_without_its_hash_is_said_to_be_withheld() -> None:
    event = read(PUSH, hashed_token="")
    assert event.credential is None
    assert more(event).withheld


def test_a_token_made_in_the_browser_is_issued_and_one_presented_is_not() -> None:
    record = {**MEMBER, "action": "personal_access_token.access_granted", "token_id": 9001}
    (issued,) = more(read(record)).issued
    assert (issued.credential.type, issued.credential.native_id, issued.to) == (
        "github token id",
        "9001",
        "dev-a",
    )
    presented = read(record, hashed_token="aGFzaA==", programmatic_access_type="OAuth access token")
    assert not more(presented).issued


@pytest.mark.parametrize(
    ("changed", "verb", "status"),
    [
        ({"action": "git.clone"}, Verb.READ, OutcomeStatus.SUCCESS),
        ({"action": "repo.access", "operation_type": "access"}, Verb.UPDATE, OutcomeStatus.SUCCESS),
        ({"action": "repo.destroy"}, Verb.DELETE, OutcomeStatus.SUCCESS),
        ({"action": "team.add_member"}, Verb.DELEGATE, OutcomeStatus.SUCCESS),
        ({"action": "org.create_actions_secret"}, Verb.CREATE, OutcomeStatus.SUCCESS),
        ({"action": "oauth_access.create"}, Verb.ISSUE_CREDENTIAL, OutcomeStatus.SUCCESS),
        ({"action": "user.failed_login"}, Verb.AUTHENTICATE, OutcomeStatus.DENIED),
        ({"action": "protected_branch.rejected_ref_update"}, Verb.UPDATE, OutcomeStatus.DENIED),
        ({"action": "novelty.happening"}, Verb.UNCLASSIFIED, OutcomeStatus.SUCCESS),
        ({"action": "novelty.happening", "operation_type": "remove"}, Verb.DELETE, OutcomeStatus.SUCCESS),
        ({"action": "api.request", "request_method": "GET", "status_code": 200}, Verb.READ, OutcomeStatus.SUCCESS),
        ({"action": "api.request", "request_method": "POST", "status_code": 403}, Verb.UNCLASSIFIED, OutcomeStatus.DENIED),
        ({"action": "api.request", "request_method": "DELETE", "status_code": 404}, Verb.DELETE, OutcomeStatus.NOT_FOUND),
        ({"action": "api.request"}, Verb.UNCLASSIFIED, OutcomeStatus.UNKNOWN),
        ({"action": "workflows.completed_workflow_run", "conclusion": "failure"}, Verb.OTHER, OutcomeStatus.FAILED),
        ({"action": "workflows.completed_workflow_run"}, Verb.OTHER, OutcomeStatus.UNKNOWN),
    ],
)  # fmt: skip
def test_verbs_and_outcomes(changed: dict[str, Any], verb: Verb, status: OutcomeStatus) -> None:
    event = read(PUSH, **changed)
    assert (event.act.verb, event.outcome.status) == (verb, status)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"actor_is_bot": True}, IdentityKind.NONHUMAN),
        ({"actor": "dependabot[bot]", "actor_is_bot": None}, IdentityKind.NONHUMAN),
        ({"programmatic_access_type": "GitHub App server-to-server token"}, IdentityKind.NONHUMAN),
        ({"programmatic_access_type": "deploy_key"}, IdentityKind.NONHUMAN),
        ({"programmatic_access_type": "oauth_token"}, IdentityKind.UNDECIDED),
        ({"programmatic_access_type": None}, IdentityKind.UNDECIDED),
        ({"programmatic_access_type": None, "action": "user.login"}, IdentityKind.HUMAN),
        ({"actor": None, "actor_id": None}, IdentityKind.UNDECIDED),
    ],
)
def test_kinds(changed: dict[str, Any], kind: IdentityKind) -> None:
    assert read(PUSH, **changed).kind.kind is kind


@pytest.mark.parametrize(
    "action", ["audit_log_streaming.destroy", "business.disable_source_ip_disclosure", "checks.delete_logs"]
)
def test_less_is_recorded_afterwards(action: str) -> None:
    assert read(MEMBER, action=action).act.tampers_logging
    assert not read(MEMBER).act.tampers_logging


@pytest.mark.parametrize(
    "document",
    [
        {"action": "completed", "workflow_job": {"id": 1}, "repository": {"name": "r"}, "sender": {"login": "x"}},
        {"action": "repo.create", "actor": {"id": "1"}, "created_at": "x", "org": "o"},
        {"action": "repo.create", "p_log_type": "GitLab.Audit", "_document_id": "x"},
        {"action": "a.b", "actor": "x"},
        {"action": 7, "_document_id": "x"},
        {},
    ],
)  # fmt: skip
def test_what_is_no_audit_event(document: dict[str, Any]) -> None:
    assert not READER.recognises(document)


@pytest.mark.parametrize("record", [PUSH, RUN, JOB, MEMBER])
def test_spellings_give_the_same_event(record: dict[str, Any]) -> None:
    expected = event_of(READER, record)
    for name, other in spellings(record):
        assert event_of(READER, other) == expected, name


def test_panthers_spelling_and_time() -> None:
    row = {key.replace("@", "at_sign_"): value for key, value in PUSH.items()}
    row["at_sign_timestamp"] = "2024-05-01 09:58:00.123"
    event = read(row)
    assert event.time.micros == read(PUSH).time.micros
    assert event.time.basis.endswith("UTC assumed (Panther)")


@given(broken(PUSH) | broken(RUN) | broken(JOB) | broken(MEMBER))
def test_broken_records_are_read(record: dict[str, Any]) -> None:
    if READER.recognises(record):
        assert READER.read(record, NO_CONTEXT).event is not None


def test_published_samples(datasets: Path) -> None:
    events = [event_of(READER, row) for row in sample(datasets, "GitHub.Audit")]
    assert len(events) == 48
    table = filled(events)
    assert table["action"] == table["verb"] == table["outcome"] == 48
    assert table["resources"] == 48
    assert (table["time"], table["identity"], table["agent"]) == (23, 47, 19)
