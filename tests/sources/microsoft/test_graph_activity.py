from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import values
from tests.sources.microsoft.forms import Record, flattened, pascal, read, wrapped
from workbench.model.event import Credential, Event, IdentityKind, OutcomeStatus, Verb
from workbench.sources.microsoft import GraphActivityReader
from workbench.sources.microsoft.graph_requests import REQUESTS, verb_of
from workbench.sources.protocol import Context

READER = GraphActivityReader()
TENANT = "7d1f0a52-6c3b-4c1e-9a77-0d3b5f2e8c11"
PRINCIPAL = "3f2a9c74-1d5e-4b80-9c6a-7e8d0b1f2a3c"
CLIENT = "a81d5b0f-2c9e-47d6-8f13-5b6c7d8e9f01"
USER = "c1d2e3f4-0000-4111-8222-333344445555"
REQUEST = "9e8d7c6b-5a49-4838-8271-605f4e3d2c1b"
PROPERTIES: Record = {
    "apiVersion": "v1.0",
    "appId": CLIENT,
    "clientAuthMethod": "1",
    "clientRequestId": "client-says",
    "ipAddress": "203.0.113.9",
    "location": "West Europe",
    "operationId": "op-1",
    "requestId": REQUEST,
    "requestMethod": "GET",
    "requestUri": f"https://graph.microsoft.com/v1.0/users/{USER}/messages?$top=5",
    "responseStatusCode": 200,
    "roles": "Mail.Read",
    "scopes": None,
    "servicePrincipalId": PRINCIPAL,
    "signInActivityId": "c874WMifAk-OqBkIlk-ELg",
    "tenantId": TENANT,
    "timeGenerated": "2025-03-04T05:06:07.1234567Z",
    "userAgent": "python-requests/2.32",
    "userId": None,
    "C_DeviceId": "dev-1",
    "c_Sid": "00ab6f37-1111-4222-8333-444455556666",
}
RECORD: Record = {
    "time": "2025-03-04T05:06:07.1234567Z",
    "category": "MicrosoftGraphActivityLogs",
    "operationName": "Microsoft Graph Activity",
    "resourceId": f"/TENANTS/{TENANT.upper()}/PROVIDERS/MICROSOFT.AADIAM",
    "tenantId": TENANT,
    "resultSignature": "200",
    "callerIpAddress": "203.0.113.9",
    "properties": PROPERTIES,
}


def log_analytics() -> Record:
    """Return the same request as a row of the table MicrosoftGraphActivityLogs."""
    row: Record = {
        pascal(key): value
        for key, value in PROPERTIES.items()
        if key not in ("c_Sid", "C_DeviceId", "tenantId")
    }
    return row | {
        "SessionId": PROPERTIES["c_Sid"],
        "DeviceId": "dev-1",
        "AadTenantId": TENANT,
        "TenantId": "11111111-aaaa-4bbb-8ccc-222222222222",
        "Type": "MicrosoftGraphActivityLogs",
    }


def request(method: str, uri: str, **more: object) -> Event:
    return read(
        READER, RECORD | {"properties": PROPERTIES | {"requestMethod": method, "requestUri": uri} | more}
    )


def test_a_request_field_by_field() -> None:
    event = read(READER, RECORD)
    assert event.time.micros == 1_741_064_767_123_456
    assert (event.act.service, event.act.action) == ("graph", "GET users/{id}/messages")
    assert (event.act.verb, event.act.verb_rule) == (Verb.READ, "method GET")
    assert event.identity is not None
    assert event.identity.canonical == PRINCIPAL
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("entra token", "c874WMifAk-OqBkIlk-ELg")
    assert event.address is not None
    assert event.address.ip == "203.0.113.9"
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.SUCCESS, "200")
    assert (event.place.region, event.place.tenant) == ("West Europe", TENANT)
    assert [(thing.type, thing.name) for thing in event.resources] == [
        ("graph:messages", f"/users/{USER}/messages"),
        ("entra:User", USER),
    ]
    assert event.native_id == event.request_id == REQUEST
    assert event.particulars is not None
    assert event.particulars.used == (
        Credential("entra token", "58f8ce73-9fc8-4f02-8ea8-1908964f842e"),
        Credential("entra session", "00ab6f37-1111-4222-8333-444455556666"),
        Credential("oauth client", CLIENT),
    )
    assert (event.particulars.device, event.particulars.correlation_id) == ("dev-1", "op-1")
    assert event.warnings == ()


@pytest.mark.parametrize("form", [*wrapped(RECORD), flattened(RECORD), log_analytics()])
def test_every_form_gives_the_same_event(form: Record) -> None:
    assert read(READER, form) == read(READER, RECORD)


def test_a_token_for_a_user_shows_no_person() -> None:
    event = request(
        "GET", "https://graph.microsoft.com/v1.0/me", userId=USER, servicePrincipalId=None, scopes="User.Read"
    )
    assert event.identity is not None
    assert event.identity.canonical == USER
    assert event.kind.kind is IdentityKind.UNDECIDED


def test_the_table_of_defender() -> None:
    row = {
        "Timestamp": "2025-03-04T05:06:07.1234567Z",
        "ApplicationId": CLIENT,
        "AccountObjectId": PRINCIPAL,
        "EntityType": "servicePrincipal",
        "IpAddress": "203.0.113.9",
        "RequestId": REQUEST,
        "RequestMethod": "GET",
        "RequestUri": PROPERTIES["requestUri"],
        "ResponseStatusCode": "200",
    }
    event, whole = read(READER, row), read(READER, RECORD)
    assert (event.time.micros, event.act, event.identity, event.kind) == (
        whole.time.micros,
        whole.act,
        whole.identity,
        whole.kind,
    )
    assert (event.outcome, event.resources, event.credential) == (whole.outcome, whole.resources, None)


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [
        ("GET", "users", Verb.READ),
        ("get", "users", Verb.READ),
        ("POST", "users", Verb.CREATE),
        ("PATCH", f"users/{USER}", Verb.UPDATE),
        ("PUT", f"users/{USER}/photo/$value", Verb.UPDATE),
        ("DELETE", f"users/{USER}", Verb.DELETE),
        ("POST", f"applications/{USER}/addPassword", Verb.ISSUE_CREDENTIAL),
        ("POST", f"servicePrincipals/{USER}/microsoft.graph.addKey", Verb.ISSUE_CREDENTIAL),
        ("POST", f"applications/{USER}/removePassword", Verb.DELETE),
        ("POST", f"servicePrincipals/{USER}/appRoleAssignments", Verb.DELEGATE),
        ("POST", "oauth2PermissionGrants", Verb.DELEGATE),
        ("POST", f"groups/{USER}/members/$ref", Verb.DELEGATE),
        ("POST", f"directoryRoles/roleTemplateId={USER}/members/$ref", Verb.DELEGATE),
        ("PUT", f"users/{USER}/manager/$ref", Verb.UPDATE),
        ("POST", "invitations", Verb.DELEGATE),
        ("POST", f"applications/{USER}/federatedIdentityCredentials", Verb.DELEGATE),
        ("POST", f"users/{USER}/authentication/temporaryAccessPassMethods", Verb.ISSUE_CREDENTIAL),
        ("POST", "directoryObjects/getByIds", Verb.READ),
        ("POST", "search/query", Verb.READ),
        ("POST", "$batch", Verb.OTHER),
        ("POST", f"users/{USER}/microsoft.graph.somethingNew", Verb.UNCLASSIFIED),
        ("POST", f"users/{USER}/resetEverything", Verb.UNCLASSIFIED),
        ("GET", "informationProtection/bitlocker/recoveryKeys/1?$select=key", Verb.READ_SECRET),
        ("GET", "informationProtection/bitlocker/recoveryKeys/1", Verb.READ),
        ("GET", "directory/deviceLocalCredentials/1?$select=credentials", Verb.READ_SECRET),
        ("BREW", "users", Verb.UNCLASSIFIED),
        ("", "", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(method: str, path: str, verb: Verb) -> None:
    decided, rule = verb_of(method, REQUESTS[f"https://graph.microsoft.com/v1.0/{path}"])
    assert decided is verb
    assert rule


@pytest.mark.parametrize(
    ("uri", "template"),
    [
        ("https://graph.microsoft.com/beta//users/7ef3/photos/48x48/$value", "users/{id}/photos/{id}/$value"),
        ("https://graph.microsoft.com/v1.0/users('ann@example.org')/messages", "users({id})/messages"),
        ("https://graph.microsoft.com/v1.0/groups/delta()?$deltatoken=x", "groups/delta"),
        (
            "https://graph.microsoft.com/v1.0/drives/b!x/root:/a/b.txt:/content",
            "drives/{id}/{id}/a/{id}/content",
        ),
        ("/v1.0/me", "me"),
        ("", ""),
        ("https://graph.microsoft.com", ""),
    ],
)
def test_requests_of_one_kind_have_one_name(uri: str, template: str) -> None:
    assert REQUESTS[uri].template == template


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (201, OutcomeStatus.SUCCESS),
        ("403", OutcomeStatus.DENIED),
        (404, OutcomeStatus.NOT_FOUND),
        (429, OutcomeStatus.FAILED),
    ],
)
def test_outcomes(status: object, outcome: OutcomeStatus) -> None:
    assert (
        request("GET", "https://graph.microsoft.com/v1.0/me", responseStatusCode=status).outcome.status
        is outcome
    )


def test_a_fragment_is_kept() -> None:
    event = read(READER, {"time": "2025-03-04T05:06:07Z", "category": "MicrosoftGraphActivityLogs"})
    assert (event.identity, event.outcome.status, event.resources) == (None, OutcomeStatus.UNKNOWN, ())


@given(st.text(max_size=200))
def test_any_text_is_a_request(uri: str) -> None:
    verb_of("POST", REQUESTS[uri])


@given(st.dictionaries(st.sampled_from(sorted(PROPERTIES) + sorted(RECORD)), values, max_size=8))
def test_no_content_raises(inner: Record) -> None:
    for document in (RECORD | {"properties": PROPERTIES | inner}, RECORD | inner, PROPERTIES | inner):
        READER.recognises(document)
        assert READER.read(document, Context()).event is not None


def test_no_other_published_sample_is_taken(datasets: Path) -> None:
    for file in sorted((datasets / "panther-samples").glob("*.jsonl")):
        for line in file.read_text().splitlines():
            assert READER.recognises(json.loads(line)) == ""
