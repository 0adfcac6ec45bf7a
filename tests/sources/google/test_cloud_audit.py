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
from workbench.sources.google import CloudAuditReader
from workbench.sources.google.cloud_verbs import tampers_logging, verb_of
from workbench.sources.protocol import Context
from workbench.sources.registry import Readers

READER = CloudAuditReader()


def read(record: dict[str, Any]) -> Event:
    assert READER.recognises(record)
    event = READER.read(record, Context()).event
    assert event is not None
    return event


def test_a_full_entry() -> None:
    event = read(samples.entry())
    assert event.time.micros == 1_714_791_721_123_456
    assert event.time.raw == "2024-05-04T03:02:01.123456789Z"
    assert (event.act.service, event.act.verb) == ("iam", Verb.ISSUE_CREDENTIAL)
    assert event.act.action == "google.iam.admin.v1.CreateServiceAccountKey"
    assert event.act.category == "activity"
    assert event.identity is not None
    assert event.identity.canonical == "deployer@example-project.iam.gserviceaccount.com"
    assert event.identity.account == samples.PROJECT
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("gcp service account key", samples.KEY)
    assert event.address is not None
    assert event.address.ip == "198.51.100.23"
    assert event.user_agent is not None
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == samples.PROJECT
    assert event.resources == (
        Resource("iam:service_account", f"projects/-/serviceAccounts/{samples.NUMBER}"),
        Resource("iam:service_account", samples.ACCOUNT),
        Resource("iam:service_account", samples.NUMBER),
    )
    assert event.native_id is not None
    assert "1abcd2efgh3" in event.native_id
    more = event.particulars
    assert more is not None
    assert more.used == (
        Credential("oauth client", "1234.apps.googleusercontent.com"),
        Credential("gcp account of the key", samples.NUMBER),
    )
    [issued] = more.issued
    assert issued.credential == Credential(
        "gcp service account key", "99887766554433221100aabbccddeeff00112233"
    )
    assert issued.to == samples.ACCOUNT
    assert issued.expires == 1_777_863_721_000_000
    assert more.on_behalf_of is not None
    assert more.on_behalf_of.canonical == "ada@example.com"
    assert more.correlation_id == "0123456789abcdef0123456789abcdef"


def test_the_key_that_was_made_is_the_key_that_is_used() -> None:
    made = read(samples.entry()).particulars
    assert made is not None
    name = f"//iam.googleapis.com/projects/-/serviceAccounts/{samples.NUMBER}/keys/99887766554433221100aabbccddeeff00112233"
    used = read(
        samples.entry(authenticationInfo={"principalEmail": samples.ACCOUNT, "serviceAccountKeyName": name})
    )
    assert used.credential == made.issued[0].credential
    assert used.identity is not None
    assert used.identity.canonical == made.issued[0].to


def test_spellings_and_wrappers_make_no_difference() -> None:
    expected = read(samples.entry())
    for form in forms.wrapped(samples.entry()):
        assert forms.read(READER, form) == expected
    assert forms.read(READER, {"entries": [samples.entry()], "nextPageToken": "x"}) == expected
    panther = json.loads(json.dumps(samples.entry()).replace('"@type"', '"at_sign_type"'))
    panther["protoPayload"]["requestMetadata"]["callerIP"] = panther["protoPayload"]["requestMetadata"].pop(
        "callerIp"
    )
    assert read(panther) == expected


def test_a_row_of_bigquery_says_the_same() -> None:
    record = samples.entry()
    payload = record.pop("protoPayload")
    for name in ("request", "response"):
        payload[f"{name}Json"] = json.dumps(payload.pop(name))
    record["protopayload_auditlog"] = payload
    record["timestamp"] = "2024-05-04 03:02:01.123456 UTC"
    event, expected = read(record), read(samples.entry())
    assert event.particulars == expected.particulars
    assert event.resources == expected.resources
    assert event.time.micros == expected.time.micros
    assert event.native_id == expected.native_id


def test_policy_deltas_are_changes_and_grants() -> None:
    event = read(samples.set_iam_policy())
    assert event.act.verb is Verb.DELEGATE
    assert event.act.tampers_logging  # what is logged was changed too
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("bindingDeltas/roles/owner", None, '"user:eve@example.net"'),
        StatedChange("bindingDeltas/roles/viewer", '"user:ada@example.com"'),
        StatedChange("auditConfigDeltas/allServices", '"DATA_READ"'),
    )
    grantees = [resource.name for resource in event.resources if resource.role is ResourceRole.GRANTEE]
    assert grantees == ["user:eve@example.net"]


def test_without_a_delta_the_answer_is_the_whole_policy() -> None:
    record = samples.set_iam_policy()
    record["protoPayload"]["serviceData"]["policyDelta"] = {}
    [change] = read(record).particulars.changes  # type: ignore[union-attr]
    assert change.field == "bindings"
    assert change.before is None
    assert change.after is not None
    assert "roles/owner" in change.after
    del record["protoPayload"]["response"], record["protoPayload"]["status"]
    assert read(record).particulars.changes == ()  # type: ignore[union-attr]  # asked for, not known to be done


def test_a_denied_request_says_what_was_asked_for() -> None:
    denied = samples.set_iam_policy(status={"code": 7, "message": "denied"})
    event = read(denied)
    assert event.outcome.status is OutcomeStatus.DENIED  # so that all of it is an attempt
    assert event.outcome.code == "PERMISSION_DENIED"
    assert event.particulars is not None
    assert event.particulars.changes == read(samples.set_iam_policy()).particulars.changes  # type: ignore[union-attr]
    # An entry without deltas and answer, as most denials are, holds the request alone.
    payload = denied["protoPayload"]
    payload["serviceData"] = {}
    payload.pop("response", None)
    payload["request"] = {
        "policy": {"bindings": [{"role": "roles/owner", "members": ["user:eve@example.net"]}]}
    }
    [asked] = read(denied).particulars.changes  # type: ignore[union-attr]
    assert (asked.field, asked.before) == ("bindings", None)
    assert asked.after is not None
    assert json.loads(asked.after) == payload["request"]["policy"]["bindings"]


@given(code=st.integers(1, 16), value=st.text(max_size=5) | st.integers(0, 9) | st.booleans())
def test_what_a_mask_names_is_told_of_attempts_as_of_changes(code: int, value: object) -> None:
    request = {"updateMask": "displayName", "account": {"displayName": value}}
    done, failed = (read(samples.entry(request=request, status=status)) for status in ({}, {"code": code}))
    assert done.outcome.status is OutcomeStatus.SUCCESS
    assert failed.outcome.status in (OutcomeStatus.DENIED, OutcomeStatus.FAILED, OutcomeStatus.NOT_FOUND)
    assert done.particulars is not None
    assert failed.particulars is not None
    assert (
        failed.particulars.changes
        == done.particulars.changes
        == (StatedChange("displayName", after=json.dumps(value, ensure_ascii=False)),)
    )
    assert failed.particulars.issued == ()


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"status": {}}, OutcomeStatus.SUCCESS),
        ({"status": {"message": "OK"}}, OutcomeStatus.SUCCESS),
        ({"status": None}, OutcomeStatus.UNKNOWN),
        ({"status": {"code": 5}}, OutcomeStatus.NOT_FOUND),
        ({"status": {"code": 16}}, OutcomeStatus.DENIED),
        ({"status": {"code": 9}}, OutcomeStatus.FAILED),
        ({"status": {"code": 99}}, OutcomeStatus.FAILED),
        ({"status": {}, "authorizationInfo": [{"granted": False}]}, OutcomeStatus.DENIED),
        ({"status": {}, "authorizationInfo": [{"granted": False}, {"granted": True}]}, OutcomeStatus.SUCCESS),
    ],
)
def test_outcomes(payload: dict[str, Any], status: OutcomeStatus) -> None:
    assert read(samples.entry(**payload)).outcome.status is status


def test_the_policy_log_holds_denials_and_the_system_log_google() -> None:
    denied = samples.entry(status=None)
    denied["logName"] = "organizations/42/logs/cloudaudit.googleapis.com%2Fpolicy"
    event = read(denied)
    assert event.outcome.status is OutcomeStatus.DENIED
    assert event.place.tenant == "42"
    system = samples.entry()
    system["logName"] = f"projects/{samples.PROJECT}/logs/cloudaudit.googleapis.com%2Fsystem_event"
    assert read(system).kind.kind is IdentityKind.SERVICE


def test_a_long_running_operation_is_one_act() -> None:
    first, last, whole = samples.entry(), samples.entry(), samples.entry()
    first["operation"] = {"id": "op-1", "producer": "compute", "first": True}
    last["operation"] = {"id": "op-1", "producer": "compute", "last": True}
    whole["operation"] = {"id": "op-1", "first": True, "last": True}
    last["insertId"] = "2"
    begun, ended = read(first), read(last)
    assert begun.shared_id == ended.shared_id
    assert begun.outcome.status is OutcomeStatus.UNKNOWN
    assert ended.outcome.status is OutcomeStatus.SUCCESS
    assert [event.particulars.stage for event in (begun, ended) if event.particulars] == [0, 1]
    assert read(whole).shared_id is None


@pytest.mark.parametrize(
    ("info", "kind"),
    [
        ({"principalEmail": "x@p.iam.gserviceaccount.com"}, IdentityKind.NONHUMAN),
        ({"principalEmail": "1-compute@developer.gserviceaccount.com"}, IdentityKind.NONHUMAN),
        ({"principalEmail": "service-agent-manager@system.gserviceaccount.com"}, IdentityKind.SERVICE),
        # Anybody can name a project and an account like Google's agents.
        ({"principalEmail": "service-1@gcp-sa-logging.iam.gserviceaccount.com"}, IdentityKind.NONHUMAN),
        (
            {"principalEmail": "ada@example.com", "principalSubject": "user:ada@example.com"},
            IdentityKind.UNDECIDED,
        ),
        (
            {"principalEmail": "t@example.com", "principalSubject": "serviceAccount:t@example.com"},
            IdentityKind.NONHUMAN,
        ),
        ({"principalEmail": "svc-deploy@example.com"}, IdentityKind.UNDECIDED),
        ({"principalEmail": "a@gserviceaccount.com.evil.example"}, IdentityKind.UNDECIDED),
        ({}, IdentityKind.UNDECIDED),
    ],
)
def test_who_is_behind_a_principal(info: dict[str, Any], kind: IdentityKind) -> None:
    assert read(samples.entry(authenticationInfo=info)).kind.kind is kind


def test_a_federated_workload_has_only_a_subject() -> None:
    subject = (
        "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci"
        "/subject/repo:acme/deploy:ref:refs/heads/main"
    )
    event = read(samples.entry(authenticationInfo={"principalSubject": subject}))
    assert event.identity is not None
    assert event.identity.canonical == subject
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.particulars is not None
    assert event.particulars.used == (Credential("jwt subject", "repo:acme/deploy:ref:refs/heads/main"),)


def test_an_empty_delegation_is_a_hole_that_is_shown() -> None:
    info = {"principalEmail": samples.ACCOUNT, "serviceAccountDelegationInfo": [{}]}
    more = read(samples.entry(authenticationInfo=info)).particulars
    assert more is not None
    assert more.on_behalf_of is None
    assert more.withheld


def test_metadata_that_lets_somebody_in() -> None:
    delta = {"instanceMetadataDelta": {"addedMetadataKeys": ["ssh-keys"], "deletedMetadataKeys": ["old"]}}
    record = samples.entry(
        serviceName="compute.googleapis.com", methodName="v1.compute.instances.setMetadata"
    )
    record["protoPayload"]["metadata"] = delta
    event = read(record)
    assert event.act.verb is Verb.DELEGATE
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("metadata.ssh-keys"),
        StatedChange("metadata.old"),
    )
    delta["instanceMetadataDelta"]["addedMetadataKeys"] = ["startup-script"]
    assert read(record).act.verb is Verb.UPDATE


def test_original_state_and_mask_give_before_and_after() -> None:
    record = samples.entry(
        methodName="google.logging.v2.ConfigServiceV2.UpdateSink",
        serviceName="logging.googleapis.com",
        request={
            "updateMask": "disabled,filter",
            "sink": {"disabled": True, "filter": "x", "name": "untouched"},
        },
    )
    record["protoPayload"]["resourceOriginalState"] = {"@type": "t", "disabled": False}
    event = read(record)
    assert event.act.tampers_logging
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("disabled", "false", "true"),
        StatedChange("filter", after='"x"'),
    )


@pytest.mark.parametrize(
    ("service", "method", "verb"),
    [
        (
            "secretmanager",
            "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
            Verb.READ_SECRET,
        ),
        ("storage", "storage.objects.get", Verb.READ),
        ("storage", "storage.hmacKeys.create", Verb.ISSUE_CREDENTIAL),
        ("storage", "storage.setIamPermissions", Verb.DELEGATE),
        ("compute", "beta.compute.instances.aggregatedList", Verb.READ),
        ("compute", "v1.compute.instances.delete", Verb.DELETE),
        ("iamcredentials", "GenerateAccessToken", Verb.ISSUE_CREDENTIAL),
        ("cloudbuild", "google.devtools.cloudbuild.v1.CloudBuild.CreateBuild", Verb.EXECUTE),
        ("run", "/Services.ReplaceService", Verb.EXECUTE),
        ("cloudkms", "Decrypt", Verb.OTHER),
        ("login", "google.login.LoginService.loginSuccess", Verb.AUTHENTICATE),
        ("example", "Frobnicate", Verb.UNCLASSIFIED),
        ("", "", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(service: str, method: str, verb: Verb) -> None:
    assert verb_of(service, method)[0] is verb


def test_the_permission_type_tells_a_read() -> None:
    assert verb_of("example", "Frobnicate", "DATA_READ")[0] is Verb.READ
    assert verb_of("example", "Frobnicate", "DATA_WRITE")[0] is Verb.UNCLASSIFIED
    assert tampers_logging("logging", "google.logging.v2.ConfigServiceV2.DeleteSink")
    assert not tampers_logging("storage", "google.logging.v2.ConfigServiceV2.DeleteSink")


def test_neighbours_are_left_to_their_readers() -> None:
    entries: tuple[dict[str, Any], ...] = (
        samples.entry(serviceName="k8s.io"),
        samples.entry(methodName="io.k8s.core.v1.pods.list"),
        {"serviceName": "k8s.io", "protoPayload": {"methodName": "x"}},
    )
    for kubernetes in entries:
        assert not READER.recognises(kubernetes)
    engine: dict[str, Any] = {
        "protoPayload": {
            "@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog",
            "methodName": "x",
        }
    }
    assert not READER.recognises(engine)


def test_enormous_lists_are_cut_and_said_so() -> None:
    asked = [{"resource": f"r/{n}", "granted": True} for n in range(3000)]
    event = read(samples.entry(authorizationInfo=asked))
    assert len(event.resources) <= 500
    assert event.warnings


@given(
    st.dictionaries(
        st.sampled_from(
            [*samples.entry()["protoPayload"], "metadata", "serviceData", "resourceOriginalState"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('{"a":[{}]}'),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["policyDelta", "bindingDeltas", "code", "updateMask", "name", "a"]),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=6,
        ),
    )
)
def test_nothing_in_an_entry_raises(changed: dict[str, Any]) -> None:
    record = copy.deepcopy(samples.entry())
    record["protoPayload"].update(changed)
    if READER.recognises(record):
        assert READER.read(record, Context()).event is not None


def test_the_published_samples(datasets: Path) -> None:
    readers = Readers()
    count = {"gcp.audit": 0, "k8s.audit": 0}
    for line in (datasets / "panther-samples" / "GCP.AuditLog.jsonl").read_bytes().splitlines():
        document = loads(line)[0]
        assert isinstance(document, dict)
        [claim] = readers.claims(document)
        count[claim.reader.source] += 1
        assert claim.reader.read(document, Context()).event is not None
    assert count == {"gcp.audit": 75, "k8s.audit": 27}
