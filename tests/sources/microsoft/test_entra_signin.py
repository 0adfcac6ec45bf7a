from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import values
from tests.sources.microsoft.forms import Record, flattened, pascal, read, wrapped
from workbench.model.event import (
    Credential,
    Event,
    IdentityKind,
    Issued,
    OutcomeStatus,
    Precision,
    Resource,
    Verb,
)
from workbench.sources.comparison import Leaves, is_part_of, leaves_of_record
from workbench.sources.microsoft import EntraSignInReader
from workbench.sources.protocol import Context

READER = EntraSignInReader()
TENANT = "7d1f0a52-6c3b-4c1e-9a77-0d3b5f2e8c11"
REQUEST = "58f8ce73-9fc8-4f02-8ea8-1908964f842e"
UTI = "c874WMifAk-OqBkIlk-ELg"
KEY = "0b9c6d1e-5a44-4f0e-8a53-1e6f9d2c7b30"
PRINCIPAL = "3f2a9c74-1d5e-4b80-9c6a-7e8d0b1f2a3c"
CLIENT = "a81d5b0f-2c9e-47d6-8f13-5b6c7d8e9f01"
PROPERTIES: Record = {
    "id": REQUEST,
    "createdDateTime": "2025-03-04T05:06:07.1234567+00:00",
    "userId": None,
    "appId": CLIENT,
    "ipAddress": "203.0.113.9",
    "status": {"errorCode": 0},
    "correlationId": "6a0b1c2d-3e4f-4051-8263-748596a7b8c9",
    "conditionalAccessStatus": "notApplied",
    "isInteractive": False,
    "resourceDisplayName": "Microsoft Graph",
    "resourceId": "00000003-0000-0000-c000-000000000000",
    "servicePrincipalName": "billing-sync",
    "servicePrincipalId": PRINCIPAL,
    "servicePrincipalCredentialKeyId": KEY,
    "uniqueTokenIdentifier": UTI,
    "userAgent": "python-requests/2.32",
}
APPLICATION: Record = {
    "time": "2025-03-04T05:07:00.0000000Z",
    "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam",
    "operationName": "Sign-in activity",
    "category": "ServicePrincipalSignInLogs",
    "tenantId": TENANT,
    "resultType": "0",
    "callerIpAddress": "203.0.113.9",
    "correlationId": "6a0b1c2d-3e4f-4051-8263-748596a7b8c9",
    "properties": PROPERTIES,
}


def log_analytics() -> Record:
    """Return the same sign-in as a row of the table AADServicePrincipalSignInLogs."""
    row: Record = {
        pascal(key): json.dumps(value) if isinstance(value, dict) else value
        for key, value in PROPERTIES.items()
    }
    row["ResourceIdentity"] = row.pop("ResourceId")
    row |= {
        "IPAddress": row.pop("IpAddress"),
        "TimeGenerated": APPLICATION["time"],
        "TenantId": "11111111-aaaa-4bbb-8ccc-222222222222",
        "AADTenantId": TENANT,
        "ResourceId": APPLICATION["resourceId"],
        "Category": "ServicePrincipalSignInLogs",
        "ResultType": "0",
        "Type": "AADServicePrincipalSignInLogs",
    }
    return row


def user(category: str = "SignInLogs", **properties: object) -> Event:
    inner = {
        "id": REQUEST,
        "createdDateTime": "2025-03-04T05:06:07Z",
        "userId": "c1d2e3f4-0000-4111-8222-333344445555",
        "userPrincipalName": "ann@example.org",
        "status": {"errorCode": 0},
        "isInteractive": category == "SignInLogs",
    }
    return read(READER, {"category": category, "properties": inner | properties})


def test_an_application_field_by_field() -> None:
    event = read(READER, APPLICATION)
    assert event.time.micros == 1_741_064_767_123_456
    assert (event.time.raw, event.time.precision) == (
        "2025-03-04T05:06:07.1234567+00:00",
        Precision.HUNDRED_NANOSECONDS,
    )
    assert (event.act.service, event.act.action) == ("entra", "Sign-in activity")
    assert (event.act.verb, event.act.category) == (Verb.AUTHENTICATE, "ServicePrincipalSignInLogs")
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == (PRINCIPAL, "billing-sync")
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("entra application key", KEY)
    assert event.address is not None
    assert event.address.ip == "203.0.113.9"
    assert event.user_agent is not None
    assert event.user_agent.client == "python-requests"
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.SUCCESS, "0")
    assert event.place.tenant == TENANT
    assert event.resources == (Resource("entra:application", "00000003-0000-0000-c000-000000000000"),)
    assert event.native_id == event.request_id == REQUEST
    assert event.warnings == ()
    assert event.particulars is not None
    assert event.particulars.used == (Credential("oauth client", CLIENT),)
    assert event.particulars.issued == (
        Issued(Credential("entra token", UTI), PRINCIPAL),
        Issued(Credential("entra token", REQUEST), PRINCIPAL),
    )
    assert event.particulars.correlation_id == PROPERTIES["correlationId"]


@pytest.mark.parametrize("form", [*wrapped(APPLICATION), flattened(APPLICATION), log_analytics()])
def test_every_form_gives_the_same_event(form: Record) -> None:
    assert read(READER, form) == read(READER, APPLICATION)


def test_microsoft_graph_leaves_out_only_the_envelope() -> None:
    page = {"@odata.context": "x", "value": [PROPERTIES | {"signInEventTypes": ["servicePrincipal"]}]}
    graph, diagnostic = read(READER, page), read(READER, APPLICATION)
    assert graph.place.tenant is None
    assert graph.act == diagnostic.act
    assert (graph.identity, graph.credential, graph.particulars) == (
        diagnostic.identity,
        diagnostic.credential,
        diagnostic.particulars,
    )


def leaves(record: Record) -> Leaves:
    return leaves_of_record(
        json.dumps(record).encode(), encoding="utf-8", csv=None, part=0, source="entra.signin"
    )


def test_a_copy_without_the_envelope_is_part_of_the_one_with_it() -> None:
    whole = leaves(APPLICATION)
    assert is_part_of(leaves(PROPERTIES), whole)
    assert is_part_of(leaves(flattened(APPLICATION)), whole)
    assert leaves(APPLICATION | {"p_log_type": "Azure.Audit"}) == whole
    assert not is_part_of(leaves(PROPERTIES | {"ipAddress": "198.51.100.1"}), whole)


def test_rows_of_a_log_analytics_answer_are_records() -> None:
    row = log_analytics()
    answer = {
        "tables": [
            {"name": "PrimaryResult", "columns": [{"name": name} for name in row], "rows": [[*row.values()]]}
        ]
    }
    assert read(READER, answer) == read(READER, APPLICATION)


def test_the_category_decides_and_not_which_fields_are_set() -> None:
    inner = PROPERTIES | {
        "userId": "c1d2e3f4-0000-4111-8222-333344445555",
        "userPrincipalName": "ann@example.org",
    }
    event = read(READER, APPLICATION | {"properties": inner})
    assert event.identity is not None
    assert event.identity.canonical == PRINCIPAL
    assert event.kind.kind is IdentityKind.NONHUMAN


def test_a_managed_identity_has_no_address_and_no_key() -> None:
    inner = PROPERTIES | {"ipAddress": "", "servicePrincipalCredentialKeyId": ""}
    inner["associatedResourceId"] = (
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm"
    )
    record = {"category": "ManagedIdentitySignInLogs", "tenantId": TENANT, "properties": inner}
    event = read(READER, record)
    assert (event.address, event.credential) == (None, None)
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert [thing.type for thing in event.resources] == ["entra:application", "azure:resource"]


@pytest.mark.parametrize(
    ("category", "properties", "kind"),
    [
        ("SignInLogs", {}, IdentityKind.HUMAN),
        ("SignInLogs", {"isInteractive": False}, IdentityKind.UNDECIDED),
        ("SignInLogs", {"authenticationProtocol": "ropc"}, IdentityKind.UNDECIDED),
        ("SignInLogs", {"status": {"errorCode": 50126}}, IdentityKind.UNDECIDED),
        ("SignInLogs", {"status": {"errorCode": 50140}}, IdentityKind.UNDECIDED),
        ("SignInLogs", {"status": None}, IdentityKind.UNDECIDED),
        ("NonInteractiveUserSignInLogs", {}, IdentityKind.UNDECIDED),
        ("MicrosoftServicePrincipalSignInLogs", {}, IdentityKind.SERVICE),
    ],
)
def test_only_a_successful_interactive_sign_in_shows_a_person(
    category: str, properties: Record, kind: IdentityKind
) -> None:
    event = user(category, **properties)
    assert event.kind.kind is kind
    assert event.kind.reason


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, OutcomeStatus.SUCCESS),
        ("0", OutcomeStatus.SUCCESS),
        (50126, OutcomeStatus.DENIED),
        ("7000215", OutcomeStatus.DENIED),
        (53003, OutcomeStatus.DENIED),
        (50140, OutcomeStatus.UNKNOWN),
        (50074, OutcomeStatus.UNKNOWN),
        (90033, OutcomeStatus.FAILED),
        (True, OutcomeStatus.UNKNOWN),
        ("x", OutcomeStatus.UNKNOWN),
    ],
)
def test_error_codes(code: object, status: OutcomeStatus) -> None:
    assert user(status={"errorCode": code}).outcome.status is status


def test_a_sign_in_that_did_not_succeed_issues_nothing() -> None:
    for code in (7000215, 50140):
        event = read(READER, APPLICATION | {"properties": PROPERTIES | {"status": {"errorCode": code}}})
        assert event.particulars is not None
        assert event.particulars.issued == ()


def test_a_session_of_a_user() -> None:
    event = user(
        sessionId="00AB6F37-1111-4222-8333-444455556666", deviceDetail={"deviceId": "dev-1"}, homeTenantId="t"
    )
    assert event.particulars is not None
    assert Credential("entra session", "00ab6f37-1111-4222-8333-444455556666") in event.particulars.used
    assert event.particulars.device == "dev-1"
    assert event.identity is not None
    assert (event.identity.name, event.identity.account) == ("ann@example.org", "t")
    assert event.credential is None


PORTAL: Record = {
    "Date (UTC)": "2025-03-04T05:06:07Z",
    "Request ID": REQUEST,
    "User agent": "Mozilla/5.0",
    "Correlation ID": "6a0b1c2d-3e4f-4051-8263-748596a7b8c9",
    "User ID": "c1d2e3f4-0000-4111-8222-333344445555",
    "User": "Ann",
    "Username": "ann@example.org",
    "Unique token identifier": UTI,
    "Application": "Azure Portal",
    "Application ID": CLIENT,
    "Resource": "Microsoft Graph",
    "Resource ID": "00000003-0000-0000-c000-000000000000",
    "IP address": "203.0.113.9",
    "Status": "Success",
    "Sign-in error code": "",
    "Session ID": "00ab6f37-1111-4222-8333-444455556666",
}


def test_a_row_of_the_portal() -> None:
    event = read(READER, PORTAL)
    assert event.time.micros == 1_741_064_767_000_000
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == (PORTAL["User ID"], "ann@example.org")
    # Nothing in the row says whether this was interactive.
    assert (event.act.category, event.kind.kind) == (None, IdentityKind.UNDECIDED)
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.particulars is not None
    assert event.particulars.issued[-1].credential.native_id == REQUEST
    assert event.resources == (Resource("entra:application", "00000003-0000-0000-c000-000000000000"),)


@pytest.mark.parametrize(
    ("word", "code", "status", "kept"),
    [
        ("Interrupted", "4", OutcomeStatus.UNKNOWN, "4"),
        ("Interrupted", "", OutcomeStatus.UNKNOWN, "Interrupted"),
        ("Failure", "50126", OutcomeStatus.DENIED, "50126"),
        ("Failure", "", OutcomeStatus.FAILED, "Failure"),
    ],
)
def test_results_of_the_portal(word: str, code: str, status: OutcomeStatus, kept: str) -> None:
    event = read(READER, PORTAL | {"Status": word, "Sign-in error code": code})
    assert (event.outcome.status, event.outcome.code) == (status, kept)


@pytest.mark.parametrize("time", ["12/12/2025 3:03:58 PM", "", None])
def test_a_fragment_without_a_readable_time_is_kept(time: object) -> None:
    event = read(READER, {"time": time, "category": "SignInLogs"})
    assert event.time.micros is None
    assert event.warnings


def test_the_second_time_serves_where_the_first_cannot_be_read() -> None:
    inner = PROPERTIES | {"createdDateTime": "12/12/2025 3:03:58 PM"}
    event = read(READER, APPLICATION | {"properties": inner})
    assert (event.time.raw, event.time.basis) == (APPLICATION["time"], "time")


def test_other_categories_are_of_other_readers() -> None:
    for category in (
        "AuditLogs",
        "MicrosoftGraphActivityLogs",
        "Administrative",
        "RiskyUsers",
        "StorageRead",
    ):
        assert (
            READER.recognises({"time": "2025-03-04T05:06:07Z", "category": category, "properties": {}}) == ""
        )


@given(st.dictionaries(st.sampled_from(sorted(PROPERTIES) + sorted(APPLICATION)), values, max_size=8))
def test_no_content_raises(inner: Record) -> None:
    for document in (
        APPLICATION | {"properties": PROPERTIES | inner},
        APPLICATION | inner,
        PROPERTIES | inner,
    ):
        READER.recognises(document)
        assert READER.read(document, Context()).event is not None


def test_all_published_samples_are_read(datasets: Path) -> None:
    lines = (datasets / "panther-samples" / "Azure.Audit.jsonl").read_text().splitlines()
    records = [record for record in map(json.loads, lines) if READER.recognises(record)]
    events = [read(READER, record) for record in records]
    assert len(events) == 20
    assert all(event.time.micros is not None for event in events)
    assert all(event.identity and event.act.category for event in events)
    assert sum(event.credential is not None for event in events) == 1
    assert sum(event.kind.kind is IdentityKind.HUMAN for event in events) == 5
