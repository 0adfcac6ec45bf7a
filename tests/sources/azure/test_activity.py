from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.azure import samples
from tests.sources.microsoft import forms
from workbench.evidence.decode import loads
from workbench.evidence.wrappers import unwrap
from workbench.model.event import Credential, Event, IdentityKind, OutcomeStatus, Resource, ResourceRole, Verb
from workbench.sources.azure import AzureActivityReader
from workbench.sources.protocol import Context
from workbench.sources.registry import Readers

READER = AzureActivityReader()
SAMPLES = [samples.ACTIVITY, samples.REST_ACTIVITY, samples.LOG_ANALYTICS_ACTIVITY]


def read(record: dict[str, Any]) -> Event:
    assert READER.recognises(record)
    event = READER.read(record, Context()).event
    assert event is not None
    return event


def test_a_full_record() -> None:
    event = read(samples.activity())
    assert event.time.micros == 1_714_791_721_123_456
    assert event.time.raw == "2024-05-04T03:02:01.1234567Z"
    assert event.time.precision == "100ns"
    assert event.act.service == "microsoft.authorization"
    assert event.act.action == "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE"
    assert event.act.verb is Verb.DELEGATE
    assert event.act.category == "Administrative"
    assert event.identity is not None
    assert event.identity.canonical == event.identity.native_id == samples.CALLER
    assert event.identity.name == "ada@example.com"
    assert event.identity.account == samples.TENANT
    assert event.kind.kind is IdentityKind.HUMAN
    assert "mfa" in event.kind.reason
    assert event.credential == Credential("entra token", samples.UTI)
    assert event.address is not None
    assert event.address.ip == "192.0.2.7"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == samples.SUBSCRIPTION
    assert event.place.region == "westeurope"
    assert event.place.tenant == samples.TENANT
    assert event.resources == (
        Resource("microsoft.authorization:roleassignments", samples.ASSIGNMENT),
        Resource("entra:principal", samples.GRANTEE, ResourceRole.GRANTEE),
    )
    assert event.request_id == "33333333-2222-4333-8444-666666666666"
    assert event.warnings == ()
    more = event.particulars
    assert more is not None
    assert more.used == (
        Credential("entra token", samples.SIGN_IN),
        Credential("entra session", "00aa11bb-2222-4333-8444-666666666666"),
        Credential("oauth client", samples.APP),
    )
    assert more.device == "99999999-2222-4333-8444-666666666666"
    assert more.correlation_id == samples.CORRELATION
    assert more.stage == 2
    assert [(change.field, change.before, change.after) for change in more.changes] == [
        ("properties.roleDefinitionId", None, '"/providers/r/1"'),
        ("properties.principalId", None, f'"{samples.GRANTEE}"'),
        ("properties.condition", None, "null"),
    ]


@pytest.mark.parametrize(
    "record", [samples.REST_ACTIVITY, samples.LOG_ANALYTICS_ACTIVITY], ids=["rest", "table"]
)
def test_the_other_forms_say_the_same(record: dict[str, Any]) -> None:
    expected, event = read(samples.ACTIVITY), read(record)
    for name in ("time", "identity", "kind", "credential", "address", "resources", "shared_id"):
        if name != "time":
            assert getattr(event, name) == getattr(expected, name), name
    assert event.time.micros == expected.time.micros
    assert event.act.verb is Verb.DELEGATE
    assert event.act.category == "Administrative"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == samples.SUBSCRIPTION
    assert event.place.tenant == samples.TENANT  # of the token, not the workspace that TenantId names
    assert event.native_id == "44444444-2222-4333-8444-666666666666"
    assert event.particulars is not None
    assert expected.particulars is not None
    assert event.particulars.used == expected.particulars.used
    assert event.particulars.changes == expected.particulars.changes
    assert event.particulars.stage == 2


def _wrapped(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "lower case": {key.lower(): value for key, value in record.items()},
        "elastic": {"_index": "logs", "_source": record},
        "snake case": {
            "".join(f"_{c.lower()}" if c.isupper() else c for c in key): v for key, v in record.items()
        },
        "event hub": {"records": [record]},
    }


@pytest.mark.parametrize("form", ["lower case", "elastic", "snake case", "event hub"])
def test_spellings_and_wrappers_make_no_difference(form: str) -> None:
    [inner] = unwrap(_wrapped(samples.activity())[form])
    assert read(inner.document) == read(samples.activity())


def test_objects_as_texts_and_as_columns_make_no_difference() -> None:
    for form in (*forms.wrapped(samples.activity()), forms.flattened(samples.activity())):
        assert forms.read(READER, form) == read(samples.activity())


def test_start_accept_and_success_are_stages_of_one_act() -> None:
    started = read(samples.activity(resultType="Start", resultSignature="Started.", properties={}))
    accepted = read(samples.activity(resultType="Accept", resultSignature="Accepted.Created"))
    ended = read(samples.activity(resourceId=samples.ASSIGNMENT.upper()))
    assert started.shared_id == accepted.shared_id == ended.shared_id
    assert len({event.native_id for event in (started, accepted, ended)}) == 3
    stages = [event.particulars.stage if event.particulars else None for event in (started, accepted, ended)]
    assert stages == [0, 1, 2]
    assert started.outcome.status is accepted.outcome.status is OutcomeStatus.UNKNOWN
    assert started.particulars is not None
    assert started.particulars.changes == ()  # nothing is known to have changed yet


def test_one_correlation_id_covers_many_acts() -> None:
    other = read(samples.activity(operationName="Microsoft.Storage/storageAccounts/write"))
    assert other.shared_id != read(samples.activity()).shared_id


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"idtyp": "app", "appid": "a"}, IdentityKind.NONHUMAN),
        ({"appid": "a", "appidacr": "2", "oid": "o"}, IdentityKind.NONHUMAN),
        ({"appid": "a", "appidacr": 1, "oid": "o"}, IdentityKind.NONHUMAN),
        ({"oid": "o", "xms_mirid": "/subscriptions/s/…/userAssignedIdentities/u"}, IdentityKind.NONHUMAN),
        ({"appid": "a"}, IdentityKind.UNDECIDED),
        ({"upn": "svc-backup@example.com", "amr": ["pwd"]}, IdentityKind.UNDECIDED),
        ({"upn": "ada@example.com", "amr": '["pwd","fido"]'}, IdentityKind.HUMAN),
        ({"upn": "ada@example.com", "idtyp": "app", "amr": ["mfa"]}, IdentityKind.NONHUMAN),
        ({"name": "Ada"}, IdentityKind.UNDECIDED),
    ],
)
def test_claims_tell_who_is_behind_a_token(claims: dict[str, Any], kind: IdentityKind) -> None:
    event = read(samples.activity(identity={"claims": claims}))
    assert event.kind.kind is kind, event.kind
    assert event.kind.reason


def test_the_role_assignment_tells_a_service_principal() -> None:
    evidence = {
        "authorization": {"evidence": {"principalType": "ServicePrincipal"}},
        "claims": {"appid": "a"},
    }
    assert read(samples.activity(identity=evidence)).kind.kind is IdentityKind.NONHUMAN


def test_a_caller_without_claims_is_only_a_name() -> None:
    record = samples.rest_activity() | {"claims": {}, "authorization": {}}
    assert read(record).kind.kind is IdentityKind.UNDECIDED
    service = read(record | {"caller": "Microsoft.Insights/autoscaleSettings"})
    assert service.kind.kind is IdentityKind.SERVICE
    mocking = read(record | {"caller": "microsoft.admin@evil.example"})
    assert mocking.kind.kind is IdentityKind.UNDECIDED


@pytest.mark.parametrize(
    ("result", "signature", "status"),
    [
        ("Success", "200", OutcomeStatus.SUCCESS),
        ("Succeeded", None, OutcomeStatus.SUCCESS),
        ("Failure", "Failed.Forbidden", OutcomeStatus.DENIED),
        ("Failed", "403", OutcomeStatus.DENIED),
        ("Failed", "AuthorizationFailed", OutcomeStatus.DENIED),
        ("Failure", "Failed.NotFound", OutcomeStatus.NOT_FOUND),
        ("Failed", "Conflict (HTTP Status Code: 409)", OutcomeStatus.FAILED),
        ("Start", "Started.", OutcomeStatus.UNKNOWN),
        ("Resolved", None, OutcomeStatus.UNKNOWN),
        (None, None, OutcomeStatus.UNKNOWN),
    ],
)
def test_outcomes(result: str | None, signature: str | None, status: OutcomeStatus) -> None:
    assert (
        read(samples.activity(resultType=result, resultSignature=signature, properties={})).outcome.status
        is status
    )


def test_a_refused_request_changed_nothing() -> None:
    refused = read(samples.activity(resultType="Failure", resultSignature="Failed.Forbidden"))
    assert refused.particulars is not None
    assert refused.particulars.changes == ()
    assert all(resource.role is not ResourceRole.GRANTEE for resource in refused.resources)


def test_a_time_without_a_zone_is_utc_by_microsofts_rule() -> None:
    event = read(samples.activity(time="2024-05-04 03:02:01.123"))
    assert event.time.micros == 1_714_791_721_123_000
    assert "Microsoft" in event.time.basis


def test_a_huge_request_body_is_cut_and_said_so() -> None:
    event = read(samples.activity(properties={"requestbody": {f"k{n}": n for n in range(5000)}}))
    assert event.particulars is not None
    assert len(event.particulars.changes) == 100
    assert event.warnings


def test_neighbours_are_left_to_their_readers() -> None:
    assert not READER.recognises(
        {"category": "Policy", "operationName": "Authentication Methods Policy Update"}
    )
    assert not READER.recognises(
        {"category": "kube-audit", "operationName": "Microsoft.ContainerService/a/Read"}
    )
    assert not READER.recognises(samples.STORAGE)
    assert not READER.recognises(samples.AUDIT_EVENT)


@given(
    st.dictionaries(
        st.sampled_from([*samples.activity(), "claims", "caller", "status"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('{"a":[{}]}'),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_nothing_in_a_record_raises(changed: dict[str, Any]) -> None:
    record = copy.deepcopy(samples.activity()) | changed
    if READER.recognises(record):
        assert READER.read(record, Context()).event is not None


def test_the_published_samples(datasets: Path) -> None:
    readers = Readers()
    own = {"azure.activity": 0, "azure.storage": 0}
    for line in (datasets / "panther-samples" / "Azure.MonitorActivity.jsonl").read_bytes().splitlines():
        document = loads(line)[0]
        assert isinstance(document, dict)
        if document.get("category") == "kube-audit":
            continue
        [claim] = readers.claims(document)
        own[claim.reader.source] += 1
        event = claim.reader.read(document, Context()).event
        assert event is not None
        assert (event.time.micros is None) == ("time" not in document)
        assert event.act.action == document["operationName"]
    assert own == {"azure.activity": 90, "azure.storage": 5}
