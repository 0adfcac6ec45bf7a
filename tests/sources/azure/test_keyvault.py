from __future__ import annotations

from typing import Any

import pytest

from tests.sources.azure import samples
from tests.sources.microsoft import forms
from workbench.model.event import Credential, Event, IdentityKind, OutcomeStatus, Resource, ResourceRole, Verb
from workbench.sources.azure import KeyVaultReader
from workbench.sources.protocol import Context

READER = KeyVaultReader()

TABLE_ROW: dict[str, Any] = {
    "TenantId": "workspace-id",
    "TimeGenerated": "2024-05-04T03:02:01.1234567Z",
    "OperationName": "SecretGet",
    "ResultType": "Success",
    "ResultSignature": "OK",
    "CallerIpAddress": "198.51.100.23",
    "Identity": '{"claim":{"oid":"' + samples.CALLER + '","appid":"' + samples.APP + '","idtyp":"app"}}',
    "HttpStatusCode": 200,
    "Id": "https://kv-app.vault.azure.net/secrets/db-password/0123456789abcdef",
    "ClientInfo": "python-requests/2.31.0",
    "Type": "AZKVAuditLogs",
    "_ResourceId": samples.VAULT,
}
OLD_TABLE_ROW: dict[str, str] = {
    "TimeGenerated": "2024-05-04T03:02:01.1234567Z",
    "Category": "AuditEvent",
    "ResourceProvider": "MICROSOFT.KEYVAULT",
    "OperationName": "SecretGet",
    "ResultType": "Success",
    "ResultSignature": "OK",
    "CallerIPAddress": "198.51.100.23",
    "identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g": samples.CALLER,
    "identity_claim_appid_g": samples.APP,
    "identity_claim_idtyp_s": "app",
    "httpStatusCode_d": "200",
    "id_s": "https://kv-app.vault.azure.net/secrets/db-password/0123456789abcdef",
    "clientInfo_s": "python-requests/2.31.0",
    "ResourceId": samples.VAULT,
    "Type": "AzureDiagnostics",
}


def read(record: dict[str, Any]) -> Event:
    assert READER.recognises(record)
    event = READER.read(record, Context()).event
    assert event is not None
    return event


def test_a_full_record() -> None:
    event = read(samples.audit_event())
    assert event.time.micros == 1_714_791_721_123_456
    assert (event.act.service, event.act.action) == ("microsoft.keyvault", "SecretGet")
    assert event.act.verb is Verb.READ_SECRET
    assert event.identity is not None
    assert event.identity.canonical == samples.CALLER
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("entra token", samples.UTI)
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.account == samples.SUBSCRIPTION.upper()
    assert event.user_agent is not None
    assert event.user_agent.client == "python-requests"
    assert event.resources == (
        Resource(
            "microsoft.keyvault:vaults/secrets",
            "https://kv-app.vault.azure.net/secrets/db-password/0123456789abcdef",
            ResourceRole.SECRET,
        ),
        Resource("microsoft.keyvault:vaults", samples.VAULT),
    )
    assert (
        event.native_id is None
    )  # the log gives its records no id, and the caller chooses the correlation id
    assert event.particulars is not None
    assert event.particulars.used == (
        Credential("entra token", samples.SIGN_IN),
        Credential("oauth client", samples.APP),
    )


@pytest.mark.parametrize("row", [TABLE_ROW, OLD_TABLE_ROW], ids=["AZKVAuditLogs", "AzureDiagnostics"])
def test_rows_of_log_analytics_say_the_same(row: dict[str, Any]) -> None:
    event, expected = read(row), read(samples.AUDIT_EVENT)
    for name in ("resources", "address", "user_agent", "outcome", "kind"):
        assert getattr(event, name) == getattr(expected, name), name
    assert event.identity is not None
    assert event.identity.canonical == samples.CALLER
    assert event.act.verb is Verb.READ_SECRET
    assert event.time.micros == expected.time.micros
    assert event.place.tenant is None  # TenantId is the workspace's


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("SecretGet", Verb.READ_SECRET),
        ("SecretBackup", Verb.READ_SECRET),
        ("SecretList", Verb.READ),
        ("SecretListVersions", Verb.READ),
        ("SecretGetDeleted", Verb.READ),
        ("SecretSet", Verb.CREATE),
        ("SecretDelete", Verb.DELETE),
        ("SecretPurge", Verb.DELETE),
        ("KeySign", Verb.OTHER),
        ("KeyUnwrap", Verb.OTHER),
        ("KeyGet", Verb.READ),
        ("CertificateImport", Verb.CREATE),
        ("VaultPatch", Verb.UPDATE),
        ("VaultPut", Verb.UNCLASSIFIED),
        ("Authentication", Verb.AUTHENTICATE),
        ("VaultAccessPolicyChangedEventGridNotification", Verb.OTHER),
        ("Unheard", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(operation: str, verb: Verb) -> None:
    assert read(samples.audit_event(operationName=operation)).act.verb is verb


def test_a_first_request_without_a_token() -> None:
    record = samples.audit_event(operationName="Authentication", resultSignature="Unauthorized", identity={})
    record["properties"] = {"id": "https://kv-app.vault.azure.net/", "httpStatusCode": 401}
    event = read(record)
    assert event.outcome.status is OutcomeStatus.DENIED
    assert event.identity is None
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.resources == (Resource("microsoft.keyvault:vaults", samples.VAULT),)


def test_audit_events_of_other_services_are_left_alone() -> None:
    other: dict[str, Any] = {
        "category": "AuditEvent",
        "operationName": "Get",
        "resourceId": "/subscriptions/s/providers/Microsoft.Attestation/a/b",
    }
    assert not READER.recognises(other)
    assert not READER.recognises(samples.ACTIVITY)


def test_spellings_and_wrappers_make_no_difference() -> None:
    record = samples.audit_event()
    for form in (*forms.wrapped(record), forms.flattened(record)):
        assert forms.read(READER, form) == read(record)
