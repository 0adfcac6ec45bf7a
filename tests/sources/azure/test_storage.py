from __future__ import annotations

from typing import Any

import pytest

from tests.sources.azure import samples
from tests.sources.microsoft import forms
from workbench.evidence.secrets import mask
from workbench.model.event import Credential, Event, IdentityKind, OutcomeStatus, Verb
from workbench.sources.azure import AzureStorageReader
from workbench.sources.parts import json_text
from workbench.sources.protocol import Context

READER = AzureStorageReader()

TABLE_ROW: dict[str, Any] = {
    "TimeGenerated": "2024-05-04T03:02:01.1234567Z",
    "Type": "StorageBlobLogs",
    "OperationName": "GetBlob",
    "AuthenticationType": "OAuth",
    "AuthenticationHash": "C3" * 32,
    "RequesterObjectId": samples.CALLER,
    "RequesterAppId": samples.APP,
    "RequesterTenantId": samples.TENANT,
    "StatusCode": "206",
    "StatusText": "Success",
    "Uri": "https://stapp.blob.core.windows.net/backups/all.zip",
    "CallerIpAddress": "198.51.100.23:45123",
    "UserAgentHeader": "azsdk-python-storage-blob/12.1",
    "CorrelationId": "55555555-701e-0011-2233-000000000000",
    "AuthorizationDetails": '[{"principals":[{"id":"' + samples.CALLER + '","type":"ServicePrincipal"}]}]',
}


def read(record: dict[str, Any]) -> Event:
    assert READER.recognises(record)
    event = READER.read(record, Context()).event
    assert event is not None
    return event


def test_a_full_record() -> None:
    event = read(samples.storage())
    assert event.act.verb is Verb.READ
    assert event.identity is None
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.credential == Credential("azure shared access signature", "B2" * 32)
    assert event.address is not None
    assert event.address.ip == "198.51.100.23"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.resources[0].name == "https://stapp.blob.core.windows.net/backups/all.zip"
    assert event.place.account == samples.SUBSCRIPTION
    assert event.native_id == event.request_id == "55555555-701e-0011-2233-000000000000"
    assert event.particulars is not None
    assert event.particulars.used == (Credential("azure storage account key", "A1" * 32),)
    # The signature was made with a user delegation key: its principal stands behind it.
    assert event.particulars.on_behalf_of is not None
    assert event.particulars.on_behalf_of.canonical == samples.CALLER


def test_the_signature_itself_goes_nowhere() -> None:
    for record in (samples.storage(), samples.storage(identity={})):
        assert "S3cret" not in repr(read(record))
    text = json_text(samples.storage())
    assert text is not None
    masked, count = mask(text.encode())
    assert b"S3cret" not in masked
    assert count == 1


def test_an_oauth_request() -> None:
    event = read(TABLE_ROW)
    assert event.identity is not None
    assert event.identity.canonical == samples.CALLER
    assert event.identity.account == samples.TENANT
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("azure storage oauth token", "C3" * 32)
    assert event.particulars is not None
    assert event.particulars.used == (Credential("oauth client", samples.APP),)
    assert event.outcome.code == "206"


def test_a_user_is_a_user_account_and_not_a_person() -> None:
    requester = {"objectId": samples.CALLER, "upn": "ada@example.com"}
    event = read(samples.storage(identity={"type": "OAuth", "requester": requester}))
    assert event.identity is not None
    assert event.identity.name == "ada@example.com"
    assert event.kind.kind is IdentityKind.UNDECIDED


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("PutBlob", Verb.CREATE),
        ("CopyBlobSource", Verb.CREATE),
        ("DeleteContainer", Verb.DELETE),
        ("SetBlobMetadata", Verb.UPDATE),
        ("SetContainerACL", Verb.DELEGATE),
        ("GetUserDelegationKey", Verb.ISSUE_CREDENTIAL),
        ("ListBlobs", Verb.READ),
        ("Unheard", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(operation: str, verb: Verb) -> None:
    assert read(samples.storage(operationName=operation)).act.verb is verb


def test_the_parts_of_a_copy_have_ids_of_their_own() -> None:
    record = samples.storage()
    first = read(record)
    record["properties"]["operationCount"] = 1
    record["properties"]["sourceUri"] = "https://stapp.blob.core.windows.net/a/b?sig=S3cret"
    second = read(record)
    assert first.native_id != second.native_id
    assert first.request_id == second.request_id
    assert "S3cret" not in repr(second)


def test_refused() -> None:
    event = read(samples.storage(statusCode=403, statusText="AuthenticationFailed"))
    assert event.outcome.status is OutcomeStatus.DENIED
    assert event.outcome.code == "AuthenticationFailed"


def test_spellings_and_wrappers_make_no_difference() -> None:
    record = samples.storage()
    for form in (*forms.wrapped(record), forms.flattened(record)):
        assert forms.read(READER, form) == read(record)
