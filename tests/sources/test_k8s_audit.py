from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.sources.saas import NO_CONTEXT, broken, event_of, filled, sample, spellings
from workbench.clock import to_micros
from workbench.evidence.wrappers import unwrap
from workbench.model.event import (
    Credential,
    Event,
    IdentityKind,
    OutcomeStatus,
    Particulars,
    ResourceRole,
    Verb,
)
from workbench.sources.k8s_audit import KubernetesReader
from workbench.sources.k8s_audit.bodies import MOST, TOO_MANY_RESOURCES
from workbench.sources.k8s_audit.reader import FORWARDED

READER = KubernetesReader()

TOKEN_REQUEST: dict[str, Any] = {
    "kind": "Event",
    "apiVersion": "audit.k8s.io/v1",
    "level": "Metadata",
    "auditID": "0b1c2d3e-0000-4000-8000-000000000001",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/pay/serviceaccounts/runner/token",
    "verb": "create",
    "user": {
        "username": "arn:aws:sts::111122223333:assumed-role/Deploy/ci",
        "uid": "aws-iam-authenticator:111122223333:AROAEXAMPLEEXAMPLE123",
        "groups": ["system:authenticated"],
        "extra": {
            "accessKeyId": ["ASIAEXAMPLEEXAMPLE12"],
            "arn": ["arn:aws:sts::111122223333:assumed-role/Deploy/ci"],
            "canonicalArn": ["arn:aws:iam::111122223333:role/Deploy"],
            "sessionName": ["ci"],
        },
    },
    "sourceIPs": ["203.0.113.5"],
    "userAgent": "kubectl/v1.30.1 (linux/amd64)",
    "objectRef": {
        "resource": "serviceaccounts",
        "namespace": "pay",
        "name": "runner",
        "apiVersion": "v1",
        "subresource": "token",
    },
    "responseStatus": {"metadata": {}, "code": 201},
    "requestReceivedTimestamp": "2024-05-01T10:00:00.123456Z",
    "stageTimestamp": "2024-05-01T10:00:00.130000Z",
    "annotations": {
        "authentication.kubernetes.io/issued-credential-id": "JTI=00000000-1111-4222-8333-444444444444",
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": "",
    },
}
LIST_SECRETS: dict[str, Any] = {
    **TOKEN_REQUEST,
    "auditID": "0b1c2d3e-0000-4000-8000-000000000002",
    "requestURI": "/api/v1/namespaces/pay/secrets?limit=500",
    "verb": "list",
    "user": {
        "username": "system:serviceaccount:pay:runner",
        "uid": "5e5e5e5e-0000-4000-8000-000000000001",
        "groups": ["system:serviceaccounts", "system:authenticated"],
        "extra": {
            "authentication.kubernetes.io/credential-id": ["JTI=00000000-1111-4222-8333-444444444444"],
            "authentication.kubernetes.io/node-name": ["node-7"],
            "authentication.kubernetes.io/pod-name": ["runner-0"],
            "authentication.kubernetes.io/pod-uid": ["aaaaaaaa-0000-4000-8000-000000000009"],
        },
    },
    "objectRef": {"resource": "secrets", "namespace": "pay", "apiVersion": "v1"},
    "responseStatus": {"metadata": {}, "code": 200},
    "annotations": {"authorization.k8s.io/decision": "allow"},
}
BINDING: dict[str, Any] = {
    **TOKEN_REQUEST,
    "level": "RequestResponse",
    "auditID": "0b1c2d3e-0000-4000-8000-000000000003",
    "requestURI": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?fieldManager=kubectl-create",
    "verb": "create",
    "user": {"username": "alice@example.com", "groups": ["system:authenticated"]},
    "objectRef": {
        "resource": "clusterrolebindings",
        "name": "ops",
        "apiGroup": "rbac.authorization.k8s.io",
        "apiVersion": "v1",
    },
    "requestObject": {
        "kind": "ClusterRoleBinding",
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "metadata": {"name": "ops"},
        "subjects": [
            {"kind": "ServiceAccount", "name": "runner", "namespace": "pay"},
            {"kind": "User", "name": "bob@example.com"},
        ],
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
    },
    "responseObject": None,
    "annotations": {},
}
EXEC: dict[str, Any] = {
    **TOKEN_REQUEST,
    "auditID": "0b1c2d3e-0000-4000-8000-000000000004",
    "requestURI": "/api/v1/namespaces/pay/pods/api-0/exec?command=sh&command=-c&command=cat+%2Fetc%2Fpasswd&container=api",
    "objectRef": {
        "resource": "pods",
        "namespace": "pay",
        "name": "api-0",
        "apiVersion": "v1",
        "subresource": "exec",
    },
    "responseStatus": {"metadata": {}, "code": 101},
    "annotations": {},
}
GKE_EXEC: dict[str, Any] = {
    "protoPayload": {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "authenticationInfo": {"principalEmail": "alice@example.com"},
        "authorizationInfo": [
            {"granted": True, "permission": "io.k8s.core.v1.pods.exec.create", "resource": "core/v1/namespaces/pay/pods/api-0"}
        ],
        "methodName": "io.k8s.core.v1.pods.exec.create",
        "requestMetadata": {"callerIp": "203.0.113.5", "callerSuppliedUserAgent": "kubectl/v1.30.1"},
        "resourceName": "core/v1/namespaces/pay/pods/api-0/exec",
        "serviceName": "k8s.io",
        "status": {"code": 0},
    },
    "insertId": "ins-1",
    "resource": {
        "type": "k8s_cluster",
        "labels": {"cluster_name": "prod", "location": "europe-west1", "project_id": "acme-prod"},
    },
    "timestamp": "2024-05-01T10:00:00.123456Z",
    "logName": "projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity",
    "operation": {"id": "op-1", "producer": "k8s.io", "first": True, "last": True},
    "receiveTimestamp": "2024-05-01T10:00:03.5Z",
}  # fmt: skip


def read(record: dict[str, Any], **changed: Any) -> Event:
    return event_of(READER, {**record, **changed})


def particulars(event: Event) -> Particulars:
    assert event.particulars is not None
    return event.particulars


def named(event: Event) -> list[tuple[str | None, str, str]]:
    return [(resource.type, resource.name, resource.role.value) for resource in event.resources]


def test_issuing_a_token_names_it_and_who_may_use_it() -> None:
    event = read(TOKEN_REQUEST)
    assert event.time.micros == to_micros(dt.datetime(2024, 5, 1, 10, 0, 0, 123_456, dt.UTC))
    assert (event.act.service, event.act.action) == ("kubernetes", "create serviceaccounts/token")
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.act.category == "Metadata"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.identity is not None
    assert event.identity.canonical == "arn:aws:sts::111122223333:assumed-role/Deploy/ci"
    assert event.identity.native_id == "aws-iam-authenticator:111122223333:AROAEXAMPLEEXAMPLE123"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == (
        "aws temporary key",
        "ASIAEXAMPLEEXAMPLE12",
    )
    (issued,) = particulars(event).issued
    assert issued.credential.type == "kubernetes credential"
    assert issued.to == "system:serviceaccount:pay:runner"
    assert event.native_id == "0b1c2d3e-0000-4000-8000-000000000001/ResponseComplete"
    assert particulars(event).stage == 2
    assert named(event) == [
        ("kubernetes:serviceaccounts", "namespaces/pay/serviceaccounts/runner", "target"),
        ("iam:role", "arn:aws:iam::111122223333:role/Deploy", "source"),
    ]


def test_the_token_that_was_issued_is_the_token_that_is_used() -> None:
    used = read(LIST_SECRETS)
    (issued,) = particulars(read(TOKEN_REQUEST)).issued
    assert used.credential == issued.credential
    assert used.identity is not None
    assert used.identity.canonical == issued.to
    assert used.kind.kind is IdentityKind.NONHUMAN
    assert [(each.type, each.native_id) for each in particulars(used).used] == [
        ("kubernetes pod", "aaaaaaaa-0000-4000-8000-000000000009")
    ]


def test_a_list_of_secrets_reads_values_that_are_not_named() -> None:
    event = read(LIST_SECRETS)
    assert event.act.verb is Verb.READ_SECRET
    assert event.resources[0].role is ResourceRole.SECRET
    assert event.resources[0].name == "namespaces/pay/secrets"
    (withheld,) = particulars(event).withheld
    assert "not named" in withheld
    items = [
        {"metadata": {"name": f"s{n}", "namespace": "pay"}, "data": {"key": "c2VjcmV0"}} for n in range(3)
    ]
    body = {"kind": "SecretList", "metadata": {}, "items": items}
    whole = read(LIST_SECRETS, level="RequestResponse", responseObject=body)
    assert [each.name for each in whole.resources[1:4]] == [f"namespaces/pay/secrets/s{n}" for n in range(3)]
    assert "c2VjcmV0" not in repr(whole)


def test_more_secrets_than_are_taken_are_said() -> None:
    items = [{"metadata": {"name": f"s{n}"}} for n in range(MOST + 5)]
    event = read(LIST_SECRETS, responseObject={"items": items})
    assert len(event.resources) <= MOST + 2
    assert TOO_MANY_RESOURCES in event.warnings


def test_a_grant_names_grantees_and_the_role() -> None:
    event = read(BINDING)
    assert event.act.verb is Verb.DELEGATE
    assert named(event) == [
        ("kubernetes:clusterrolebindings.rbac.authorization.k8s.io", "clusterrolebindings/ops", "target"),
        ("kubernetes:serviceaccounts", "namespaces/pay/serviceaccounts/runner", "grantee"),
        ("kubernetes:user", "bob@example.com", "grantee"),
        ("kubernetes:clusterroles.rbac.authorization.k8s.io", "clusterroles/cluster-admin", "source"),
    ]
    changes = {change.field: change.after for change in particulars(event).changes}
    assert changes["/roleRef/name"] == '"cluster-admin"'
    assert all(change.before is None for change in particulars(event).changes)
    assert all(change.resource == "clusterrolebindings/ops" for change in particulars(event).changes)


def test_what_was_refused_changed_nothing() -> None:
    event = read(BINDING, responseStatus={"code": 403, "reason": "Forbidden", "status": "Failure"})
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.DENIED, "Forbidden")
    assert event.particulars is None or not event.particulars.changes


def test_a_dry_run_changes_nothing_and_cannot_be_faked() -> None:
    uri = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    event = read(BINDING, requestURI=f"{uri}?dryRun=All&fieldManager=x")
    assert event.act.verb is Verb.OTHER
    assert event.particulars is None or not event.particulars.changes
    fake = read(BINDING, requestURI=f"{uri}?fieldManager=dryRun%3DAll")
    assert fake.act.verb is Verb.DELEGATE
    assert particulars(fake).changes


def test_the_command_of_an_exec_is_told_without_its_passwords() -> None:
    event = read(EXEC)
    assert event.act.verb is Verb.EXECUTE
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert ("kubernetes:command", "sh -c 'cat /etc/passwd'", "target") in named(event)
    hidden = read(EXEC, requestURI="/x/exec?command=mysql&command=--password%3Dhunter2")
    assert "hunter2" not in repr(hidden)


def test_a_secret_that_is_written_keeps_its_values_to_itself() -> None:
    body = {
        "kind": "Secret",
        "metadata": {"name": "db"},
        "data": {"password": "aHVudGVyMg=="},
        "type": "Opaque",
    }
    event = read(
        BINDING, objectRef={"resource": "secrets", "namespace": "pay", "name": "db"}, requestObject=body
    )
    assert event.act.verb is Verb.CREATE
    assert "aHVudGVyMg" not in repr(event)
    assert particulars(event).withheld
    body["type"] = "kubernetes.io/service-account-token"
    issuing = read(BINDING, objectRef={"resource": "secrets", "namespace": "pay"}, requestObject=body)
    assert issuing.act.verb is Verb.ISSUE_CREDENTIAL
    assert issuing.resources[0].name == "namespaces/pay/secrets/db"


@pytest.mark.parametrize(
    ("verb", "reference", "expected"),
    [
        ("get", {"resource": "pods"}, Verb.READ),
        ("watch", {"resource": "secrets"}, Verb.READ_SECRET),
        ("get", {"resource": "secrets", "apiGroup": "example.com"}, Verb.READ),
        ("patch", {"resource": "deployments", "apiGroup": "apps"}, Verb.UPDATE),
        ("deletecollection", {"resource": "pods"}, Verb.DELETE),
        ("create", {"resource": "roles", "apiGroup": "example.com"}, Verb.CREATE),
        ("delete", {"resource": "rolebindings", "apiGroup": "rbac.authorization.k8s.io"}, Verb.DELETE),
        ("get", {"resource": "nodes", "subresource": "proxy"}, Verb.EXECUTE),
        ("create", {"resource": "pods", "subresource": "eviction"}, Verb.DELETE),
        ("patch", {"resource": "pods", "subresource": "ephemeralcontainers"}, Verb.EXECUTE),
        ("get", {"resource": "pods", "subresource": "log"}, Verb.READ),
        (
            "update",
            {"resource": "certificatesigningrequests", "subresource": "approval", "apiGroup": "certificates.k8s.io"},
            Verb.ISSUE_CREDENTIAL,
        ),
        ("create", {"resource": "selfsubjectaccessreviews", "apiGroup": "authorization.k8s.io"}, Verb.OTHER),
        ("update", {"resource": "configmaps", "namespace": "kube-system", "name": "aws-auth"}, Verb.DELEGATE),
        ("frobnicate", {"resource": "pods"}, Verb.UNCLASSIFIED),
        ("", {"resource": "pods"}, Verb.UNCLASSIFIED),
    ],
)  # fmt: skip
def test_verbs(verb: str, reference: dict[str, str], expected: Verb) -> None:
    assert read(BINDING, verb=verb, objectRef={"apiVersion": "v1", **reference}).act.verb is expected


def test_deleting_events_weakens_the_recording() -> None:
    event = read(BINDING, verb="deletecollection", objectRef={"resource": "events", "namespace": "pay"})
    assert event.act.tampers_logging
    assert not read(BINDING, verb="create", objectRef={"resource": "events"}).act.tampers_logging


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("system:serviceaccount:a:b", IdentityKind.NONHUMAN),
        ("system:node:n1", IdentityKind.NONHUMAN),
        ("system:kube-scheduler", IdentityKind.NONHUMAN),
        ("system:anonymous", IdentityKind.UNDECIDED),
        ("eks:node-manager", IdentityKind.SERVICE),
        ("aksService", IdentityKind.SERVICE),
        ("robot@p.iam.gserviceaccount.com", IdentityKind.NONHUMAN),
        ("alice@example.com", IdentityKind.UNDECIDED),
    ],
)
def test_kinds(name: str, kind: IdentityKind) -> None:
    assert read(EXEC, user={"username": name}).kind.kind is kind


def test_an_impersonated_user_presents_no_credential() -> None:
    event = read(
        LIST_SECRETS,
        user={"username": "alice"},
        impersonatedUser={
            "username": "system:admin",
            "extra": {"authentication.kubernetes.io/credential-id": ["JTI=forged"]},
        },
    )
    assert event.identity is not None
    assert event.identity.canonical == "alice"
    assert event.credential is None
    behalf = particulars(event).on_behalf_of
    assert behalf is not None
    assert behalf.canonical == "system:admin"
    assert "forged" not in repr(event)


def test_keys_of_aws_count_only_beside_an_arn() -> None:
    forged = {"username": "alice", "extra": {"accessKeyId": ["AKIAEXAMPLEEXAMPLE12"]}}
    assert read(EXEC, user=forged).credential is None


def test_who_presents_a_key_of_aws_is_named_beside_it() -> None:
    assert (
        Credential("aws principal", "arn:aws:sts::111122223333:assumed-role/Deploy/ci")
        in particulars(read(TOKEN_REQUEST)).used
    )


def test_stages_are_one_act_only_if_they_came_in_at_the_same_time() -> None:
    first = read(TOKEN_REQUEST, stage="RequestReceived", responseStatus=None)
    last = read(TOKEN_REQUEST)
    other = read(TOKEN_REQUEST, requestReceivedTimestamp="2024-05-01T11:00:00.000000Z")
    assert first.shared_id == last.shared_id != other.shared_id
    assert first.outcome.status is OutcomeStatus.UNKNOWN
    assert (particulars(first).stage, particulars(last).stage) == (0, 2)
    assert first.native_id != last.native_id


def test_several_addresses_are_the_callers_word() -> None:
    event = read(EXEC, sourceIPs=["198.51.100.7", "10.0.0.1"])
    assert event.address is not None
    assert event.address.raw == "198.51.100.7"
    assert FORWARDED in event.warnings


def test_a_path_that_is_no_resource() -> None:
    event = event_of(READER, {**EXEC, "objectRef": None, "verb": "get", "requestURI": "/healthz?verbose"})
    assert named(event)[0] == ("kubernetes:path", "/healthz", "target")
    assert event.act.verb is Verb.READ


def test_an_answer_to_a_pods_creation_names_it_as_its_tokens_do() -> None:
    pod = {
        "kind": "Pod",
        "metadata": {"name": "api-1", "uid": "aaaaaaaa-0000-4000-8000-000000000009"},
        "spec": {"serviceAccountName": "runner", "containers": []},
    }
    event = read(
        BINDING, objectRef={"resource": "pods", "namespace": "pay"}, requestObject=pod, responseObject=pod
    )
    (issued,) = particulars(event).issued
    assert issued.credential in particulars(read(LIST_SECRETS)).used
    assert issued.to == "system:serviceaccount:pay:runner"


def test_patches_of_both_kinds_state_what_they_set() -> None:
    merge = read(
        BINDING,
        verb="patch",
        objectRef={"resource": "deployments", "apiGroup": "apps", "namespace": "pay", "name": "api"},
        requestObject={"spec": {"replicas": 3}},
        responseObject={"metadata": {}, "spec": {"replicas": 3, "paused": False}},
    )
    assert [(c.field, c.after) for c in particulars(merge).changes] == [("/spec/replicas", "3")]
    operations = [
        {"op": "replace", "path": "/spec/replicas", "value": 5},
        {"op": "remove", "path": "/spec/paused"},
    ]
    patch = read(
        BINDING, verb="patch", objectRef={"resource": "deployments", "name": "api"}, requestObject=operations
    )
    assert [(c.field, c.after) for c in particulars(patch).changes] == [
        ("/spec/replicas", "5"),
        ("/spec/paused", None),
    ]


# --- GKE ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "resource", "native"),
    [
        (
            "io.k8s.core.v1.pods.exec.create",
            "core/v1/namespaces/pay/pods/api-0/exec",
            ("create", "pods", "exec", "pay", "api-0", ""),
        ),
        (
            "io.k8s.authorization.rbac.v1.clusterrolebindings.create",
            "rbac.authorization.k8s.io/v1/clusterrolebindings/ops",
            ("create", "clusterrolebindings", "", "", "ops", "rbac.authorization.k8s.io"),
        ),
        (
            "io.k8s.core.v1.secrets.list",
            "core/v1/namespaces/pay/secrets",
            ("list", "secrets", "", "pay", "", ""),
        ),
        (
            "io.k8s.core.v1.namespaces.delete",
            "core/v1/namespaces/pay",
            ("delete", "namespaces", "", "pay", "pay", ""),
        ),
        ("io.k8s.get", "readyz", ("get", "", "", "", "", "")),
    ],
)  # fmt: skip
def test_the_same_act_reads_the_same_on_gke(method: str, resource: str, native: tuple[str, ...]) -> None:
    entry = copy.deepcopy(GKE_EXEC)
    entry["protoPayload"].update(methodName=method, resourceName=resource)
    google = event_of(READER, entry)
    verb, *names = native
    reference = dict(zip(("resource", "subresource", "namespace", "name", "apiGroup"), names, strict=True))
    plain = read(
        EXEC,
        user={"username": "alice@example.com"},
        verb=verb,
        objectRef={"apiVersion": "v1", **reference} if names[0] else None,
        requestURI="/readyz" if not names[0] else "/api",
    )
    assert (google.act.service, google.act.action, google.act.verb, google.act.verb_rule) == (
        plain.act.service, plain.act.action, plain.act.verb, plain.act.verb_rule,
    )  # fmt: skip
    assert named(google) == named(plain)
    assert (google.identity, google.kind, google.address, google.time) == (
        plain.identity, plain.kind, plain.address, plain.time.__class__(
            plain.time.micros, plain.time.raw, plain.time.precision, "timestamp"
        ),
    )  # fmt: skip
    assert google.outcome.status is plain.outcome.status


def test_gke_says_where_the_cluster_is() -> None:
    event = event_of(READER, GKE_EXEC)
    assert (event.place.account, event.place.region) == ("acme-prod", "europe-west1")
    assert event.resources[0].account == "projects/acme-prod/locations/europe-west1/clusters/prod"
    assert event.act.category == "activity"
    assert event.shared_id is None


@pytest.mark.parametrize(
    ("payload", "status", "code"),
    [
        ({"status": {}}, OutcomeStatus.SUCCESS, None),
        ({"status": None}, OutcomeStatus.UNKNOWN, None),
        ({"status": {"code": 7}}, OutcomeStatus.DENIED, "PERMISSION_DENIED"),
        ({"status": {"code": 5}}, OutcomeStatus.NOT_FOUND, "NOT_FOUND"),
        ({"status": {}, "authorizationInfo": [{"granted": False}]}, OutcomeStatus.DENIED, "granted: false"),
        (
            {"status": {"code": 10}, "response": {"kind": "Status", "status": "Failure", "code": 409, "reason": "AlreadyExists"}},
            OutcomeStatus.FAILED,
            "AlreadyExists",
        ),
    ],
)  # fmt: skip
def test_outcomes_on_gke(payload: dict[str, Any], status: OutcomeStatus, code: str | None) -> None:
    entry = copy.deepcopy(GKE_EXEC)
    entry["protoPayload"].update(payload)
    outcome = event_of(READER, entry).outcome
    assert (outcome.status, outcome.code) == (status, code)


# --- recognition, wrappers, spellings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "Event", "apiVersion": "v1", "involvedObject": {}, "reason": "Pulled"},
        {"protoPayload": {"serviceName": "storage.googleapis.com", "methodName": "storage.objects.get"}},
        {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": []},
        {"p_log_type": "Azure.MonitorActivity", "category": "AuditEvent"},
        {"auditID": "x", "stage": "ResponseComplete"},
        {},
    ],
)
def test_what_is_no_audit_event(document: dict[str, Any]) -> None:
    assert not READER.recognises(document)


@pytest.mark.parametrize("record", [TOKEN_REQUEST, LIST_SECRETS, EXEC, GKE_EXEC])
def test_spellings_give_the_same_event(record: dict[str, Any]) -> None:
    expected = event_of(READER, record)
    for name, other in spellings(record):
        assert event_of(READER, other) == expected, name


def test_panther_writes_dots_as_underscores() -> None:
    record = copy.deepcopy(LIST_SECRETS)
    extra = record["user"]["extra"]
    record["user"]["extra"] = {
        key.replace(".", "_").replace("/", "_slash_"): value for key, value in extra.items()
    }
    assert event_of(READER, record) == event_of(READER, LIST_SECRETS)


def test_wrappers_of_the_clouds() -> None:
    expected = event_of(READER, TOKEN_REQUEST)
    text = json.dumps(TOKEN_REQUEST)
    bare = {key: value for key, value in TOKEN_REQUEST.items() if key not in ("kind", "apiVersion")}
    for wrapper in (
        {
            "category": "kube-audit",
            "operationName": "x",
            "properties": {"log": text, "pod": "p"},
            "time": "t",
        },
        {"category": "kube-audit-admin", "properties": json.dumps({"log": text})},
        {"Category": "kube-audit", "log_s": text, "Type": "AzureDiagnostics"},
        {"logGroup": "/aws/eks/c/cluster", "logEvents": [{"id": "1", "timestamp": 1, "message": text}]},
        {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": [bare]},
    ):
        (inner,) = unwrap(wrapper)
        assert event_of(READER, inner.document) == expected


def test_a_row_of_the_aks_table() -> None:
    row = {
        "Type": "AKSAudit",
        "TenantId": "t",
        "AuditId": TOKEN_REQUEST["auditID"],
        "Stage": "ResponseComplete",
        "Verb": "create",
        "User": TOKEN_REQUEST["user"],
        "ObjectRef": TOKEN_REQUEST["objectRef"],
        "ResponseStatus": {"code": 201},
        "RequestUri": TOKEN_REQUEST["requestURI"],
        "SourceIps": ["203.0.113.5"],
        "RequestReceivedTime": "2024-05-01T10:00:00.123456Z",
        "_ResourceId": "/subscriptions/0000-1111/resourceGroups/g/providers/microsoft.containerservice/managedclusters/c",
    }
    event = event_of(READER, row)
    assert event.time.micros == event_of(READER, TOKEN_REQUEST).time.micros
    assert event.act.action == "create serviceaccounts/token"
    assert event.place.account == "0000-1111"


@given(broken(LIST_SECRETS) | broken(BINDING) | broken(GKE_EXEC) | broken(EXEC))
def test_broken_records_are_read(record: dict[str, Any]) -> None:
    if READER.recognises(record):
        assert READER.read(record, NO_CONTEXT).event is not None


def test_published_samples(datasets: Path) -> None:
    def events(name: str) -> list[Event]:
        documents = [part.document for row in sample(datasets, name) for part in unwrap(row)]
        found = [READER.read(each, NO_CONTEXT).event for each in documents if READER.recognises(each)]
        return [each for each in found if each is not None]

    eks, aks, gke = events("Amazon.EKS.Audit"), events("Azure.MonitorActivity"), events("GCP.AuditLog")
    assert (len(eks), len(aks), len(gke)) == (89, 16, 27)
    table = filled(eks)
    assert {name: table[name] for name in ("time", "action", "identity", "address", "outcome")} == {
        "time": 4, "action": 89, "identity": 74, "address": 29, "outcome": 85,
    }  # fmt: skip
    assert filled(aks)["outcome"] == 16
    assert filled(gke)["time"] == 9
    assert filled(gke)["verb"] == 27
