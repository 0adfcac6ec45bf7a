from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import values
from tests.sources.microsoft.forms import Record, read, wrapped
from workbench.model.event import (
    Credential,
    Event,
    IdentityKind,
    Issued,
    OutcomeStatus,
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources.microsoft import UnifiedAuditReader
from workbench.sources.microsoft.unified_audit import CUT_OFF
from workbench.sources.microsoft.unified_objects import CUT, MOST_RESOURCES
from workbench.sources.microsoft.unified_verbs import VERBS, tampers
from workbench.sources.protocol import Context

READER = UnifiedAuditReader()
TENANT = "7d1f0a52-6c3b-4c1e-9a77-0d3b5f2e8c11"
CLIENT = "a81d5b0f-2c9e-47d6-8f13-5b6c7d8e9f01"
MAIL: Record = {
    "CreationTime": "2025-03-04T05:06:07",
    "Id": "11112222-3333-4444-8555-666677778888",
    "Operation": "MailItemsAccessed",
    "OrganizationId": TENANT,
    "RecordType": 50,
    "ResultStatus": "Succeeded",
    "UserKey": "c1d2e3f4-0000-4111-8222-333344445555",
    "UserType": 5,
    "Version": 1,
    "Workload": "Exchange",
    "UserId": "ann@example.org",
    "ClientIPAddress": "[2001:db8::7]:50111",
    "ClientInfoString": "Client=REST;",
    "ClientAppId": CLIENT,
    "MailboxOwnerUPN": "ann@example.org",
    "OperationProperties": [
        {"Name": "MailAccessType", "Value": "Bind"},
        {"Name": "IsThrottled", "Value": "True"},
    ],
    "AppAccessContext": {
        "AADSessionId": "00AB6F37-1111-4222-8333-444455556666",
        "UniqueTokenId": "c874WMifAk-OqBkIlk-ELg",
        "CorrelationId": "corr-1",
    },
    "Folders": [
        {"Path": "\\Inbox", "FolderItems": [{"InternetMessageId": "<1@example.org>"}, {"Id": "AAMk2"}]}
    ],
    "OperationCount": 2,
}


def record(operation: str, **more: object) -> Event:
    base = {
        "CreationTime": "2025-03-04T05:06:07",
        "Operation": operation,
        "RecordType": "1",
        "UserId": "ann@example.org",
        "UserType": "0",
    }
    return read(READER, base | more)


def test_access_to_mail_field_by_field() -> None:
    event = read(READER, MAIL)
    assert event.time.micros == 1_741_064_767_000_000
    assert event.time.basis == "CreationTime, no zone: UTC assumed (Microsoft)"
    assert (event.act.service, event.act.action, event.act.category) == (
        "Exchange",
        "MailItemsAccessed",
        "50",
    )
    assert event.act.verb is Verb.READ
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.native_id) == ("ann@example.org", MAIL["UserKey"])
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("entra token", "c874WMifAk-OqBkIlk-ELg")
    assert event.address is not None
    assert event.address.ip == "2001:db8::7"
    assert event.user_agent is not None
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.tenant == TENANT
    assert [(thing.type, thing.name) for thing in event.resources] == [
        ("exchange:mailbox", "ann@example.org"),
        ("exchange:message", "<1@example.org>"),
        ("exchange:item", "AAMk2"),
    ]
    assert event.native_id == MAIL["Id"]
    assert event.particulars is not None
    assert event.particulars.used == (
        Credential("entra token", "58f8ce73-9fc8-4f02-8ea8-1908964f842e"),
        Credential("entra session", "00ab6f37-1111-4222-8333-444455556666"),
        Credential("oauth client", CLIENT),
    )
    assert event.particulars.withheld == ("OperationProperties.IsThrottled: True",)
    assert event.particulars.correlation_id == "corr-1"
    assert event.warnings == ()


def exported(audit_data: str) -> list[Record]:
    return [
        {
            "CreationDate": "2025-03-04T05:06:07Z",
            "UserIds": "ann@example.org",
            "Operations": "X",
            "AuditData": audit_data,
        },
        {
            "RecordId": "1",
            "CreationDate": "2025-03-04T05:06:07Z",
            "RecordType": "50",
            "AuditData": audit_data,
        },
    ]


@pytest.mark.parametrize("form", [*wrapped(MAIL), *exported(json.dumps(MAIL)), {"AuditData": MAIL}])
def test_every_form_gives_the_same_event(form: Record) -> None:
    assert read(READER, form) == read(READER, MAIL)


def test_types_that_drift_make_no_difference() -> None:
    drifted = MAIL | {
        "RecordType": "50",
        "UserType": "5",
        "OperationProperties": json.dumps(MAIL["OperationProperties"]),
        "AppAccessContext": json.dumps(MAIL["AppAccessContext"]),
    }
    assert read(READER, drifted) == read(READER, MAIL).__class__(
        **{
            name: getattr(read(READER, MAIL), name)
            for name in read(READER, MAIL).__struct_fields__
            if name != "kind"
        },
        kind=read(READER, drifted).kind,
    )
    assert read(READER, drifted).kind.kind is read(READER, MAIL).kind.kind


def test_a_record_that_a_spreadsheet_cut_off_is_kept() -> None:
    row = {
        "RecordId": "r-1",
        "CreationDate": "2025-03-04T05:06:07.0000000Z",
        "RecordType": "50",
        "Operation": "MailItemsAccessed",
        "UserId": "ann@example.org",
        "AuditData": json.dumps(MAIL)[:200],
    }
    event = read(READER, row)
    assert event.warnings == (CUT_OFF,)
    assert (event.act.action, event.native_id, event.time.micros) == (
        "MailItemsAccessed",
        "r-1",
        1_741_064_767_000_000,
    )


def test_a_row_of_log_analytics() -> None:
    row = {
        "TimeGenerated": "2025-03-04T05:06:07Z",
        "Type": "OfficeActivity",
        "OfficeWorkload": "Exchange",
        "RecordType": "ExchangeAdmin",
        "Operation": "New-InboxRule",
        "UserId": "ann@example.org",
        "UserType": "Admin",
        "ClientIP": "203.0.113.9:4431",
        "OfficeObjectId": "ann\\rule",
        "OfficeId": "o-1",
        "ResultStatus": "True",
        "Parameters": '[{"Name":"Identity","Value":"ann"},{"Name":"ForwardTo","Value":"x@example.net"}]',
    }
    event = read(READER, row)
    assert (event.native_id, event.act.service, event.act.verb) == ("o-1", "Exchange", Verb.CREATE)
    assert event.address is not None
    assert event.address.ip == "203.0.113.9"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.particulars is not None
    assert event.particulars.changes == (StatedChange("ForwardTo", None, '"x@example.net"'),)


@pytest.mark.parametrize(
    ("user_type", "kind"),
    [
        (0, IdentityKind.UNDECIDED),
        ("2", IdentityKind.UNDECIDED),
        (3, IdentityKind.SERVICE),
        (4, IdentityKind.SERVICE),
        ("5", IdentityKind.NONHUMAN),
        (6, IdentityKind.NONHUMAN),
        ("Application", IdentityKind.NONHUMAN),
        (99, IdentityKind.UNDECIDED),
        (None, IdentityKind.UNDECIDED),
    ],
)
def test_kinds_of_user(user_type: object, kind: IdentityKind) -> None:
    event = record("Send", UserType=user_type)
    assert event.kind.kind is kind
    assert event.kind.reason


def test_the_system_itself() -> None:
    assert record("Create", UserId="S-1-5-18", UserType=2).kind.kind is IdentityKind.SERVICE


def test_an_application_is_known_by_its_object_id() -> None:
    native = "3f2a9c74-1d5e-4b80-9c6a-7e8d0b1f2a3c"
    event = record("Update user.", UserId=f"ServicePrincipal_{native}", UserType=6)
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.native_id) == (native, native)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"LogonError": "InvalidUserNameOrPassword", "ResultStatus": "Success"}, OutcomeStatus.DENIED),
        ({"ErrorNumber": "50126", "ResultStatus": "Success"}, OutcomeStatus.DENIED),
        ({"ErrorNumber": "50140"}, OutcomeStatus.UNKNOWN),
    ],
)
def test_failed_sign_ins_say_success(more: Record, status: OutcomeStatus) -> None:
    event = record("UserLoginFailed", Workload="AzureActiveDirectory", **more)
    assert event.outcome.status is status
    assert event.act.verb is Verb.AUTHENTICATE


def test_a_sign_in_names_its_request() -> None:
    event = record(
        "UserLoggedIn",
        Workload="AzureActiveDirectory",
        ResultStatus="Succeeded",
        InterSystemsId="corr-9",
        IntraSystemId="58f8ce73-9fc8-4f02-8ea8-1908964f8400",
        Actor=[{"ID": "c1d2e3f4-0000-4111-8222-333344445555", "Type": 0}],
        ExtendedProperties=[{"Name": "UserAgent", "Value": "Mozilla/5.0"}],
        DeviceProperties=[{"Name": "SessionId", "Value": "s-1"}, {"Name": "Id", "Value": "dev-1"}],
    )
    assert event.request_id == "58f8ce73-9fc8-4f02-8ea8-1908964f8400"
    assert event.user_agent is not None
    assert event.user_agent.client == "browser"
    assert event.identity is not None
    assert event.identity.native_id == "c1d2e3f4-0000-4111-8222-333344445555"
    assert event.particulars is not None
    assert event.particulars.used == (Credential("entra session", "s-1"),)
    assert (event.particulars.device, event.particulars.correlation_id) == ("dev-1", "corr-9")
    # Whether it was interactive is not said.
    assert event.kind.kind is IdentityKind.UNDECIDED


def test_keys_added_to_an_application() -> None:
    new = "33333333-0000-4000-8000-000000000000"
    text = json.dumps([f"[KeyIdentifier={new},KeyType=Password,KeyUsage=Verify,DisplayName=CI]"], indent=2)
    event = record(
        "Update application \u2013 Certificates and secrets management ",
        Workload="AzureActiveDirectory",
        ResultStatus="Success",
        ObjectId="Not Available",
        ModifiedProperties=[{"Name": "KeyDescription", "NewValue": text, "OldValue": "[]"}],
        Target=[
            {"ID": "Application_app-1", "Type": 2},
            {"ID": "app-1", "Type": 2},
            {"ID": "Application", "Type": 2},
        ],
    )
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("entra application key", new)),)
    assert [(thing.type, thing.name) for thing in event.resources] == [("entra:Application", "app-1")]


def test_a_shared_file_and_who_it_was_shared_with() -> None:
    event = record(
        "AddedToSecureLink",
        Workload="OneDrive",
        ItemType="File",
        ObjectId="https://example.sharepoint.com/a.docx",
        TargetUserOrGroupName="out@example.net",
        TargetUserOrGroupType="Guest",
        EventData="<Type>Edit</Type><MembersCanShareApplied>False</MembersCanShareApplied>",
    )
    assert event.particulars is not None
    assert event.particulars.changes == (
        StatedChange("AddedToSecureLink//out@example.net", None, '{"Type":"Edit"}'),
    )
    assert event.outcome.status is OutcomeStatus.UNKNOWN
    assert [(thing.type, thing.role) for thing in event.resources] == [
        ("sharepoint:file", ResourceRole.TARGET),
        ("sharepoint:Guest", ResourceRole.GRANTEE),
    ]


def test_a_permission_on_a_mailbox() -> None:
    event = record(
        "Add-MailboxPermission",
        Workload="Exchange",
        ResultStatus="True",
        ObjectId="boss",
        Parameters=[
            {"Name": "User", "Value": "ann@example.org"},
            {"Name": "AccessRights", "Value": "FullAccess"},
        ],
    )
    assert event.act.verb is Verb.DELEGATE
    assert [(thing.name, thing.role) for thing in event.resources] == [
        ("boss", ResourceRole.TARGET),
        ("ann@example.org", ResourceRole.GRANTEE),
    ]


def test_a_permission_on_a_folder() -> None:
    folder = {
        "Id": "f-1",
        "ParentFolder": {"Id": "f-1", "Path": "\\Calendar", "MemberUpn": "ann@example.org"},
    }
    event = record(
        "ModifyFolderPermissions", Workload="Exchange", MailboxOwnerUPN="boss@example.org", Item=folder
    )
    assert event.act.verb is Verb.DELEGATE
    assert [(thing.name, thing.role) for thing in event.resources] == [
        ("boss@example.org", ResourceRole.TARGET),
        ("f-1", ResourceRole.TARGET),
        ("ann@example.org", ResourceRole.GRANTEE),
    ]


def test_sent_in_the_name_of_another() -> None:
    event = record("SendAs", Workload="Exchange", SendAsUserSmtp="boss@example.org")
    assert event.particulars is not None
    assert event.particulars.on_behalf_of is not None
    assert event.particulars.on_behalf_of.canonical == "boss@example.org"


@pytest.mark.parametrize(
    ("operation", "verb"),
    [
        ("FileDownloaded", Verb.READ),
        ("FileAccessedExtended", Verb.READ),
        ("filedownloaded", Verb.READ),
        ("HardDelete", Verb.DELETE),
        ("New-InboxRule", Verb.CREATE),
        ("Get-Mailbox", Verb.READ),
        ("Set-Mailbox", Verb.UPDATE),
        ("Remove-Mailbox", Verb.DELETE),
        ("Frobnicate-Mailbox", Verb.UNCLASSIFIED),
        ("Consent to application.", Verb.DELEGATE),
        ("Add app role assignment grant to user.", Verb.DELEGATE),
        ("SiteCollectionCreated", Verb.CREATE),
        ("ViewReport", Verb.READ),
        ("CreateArtifact", Verb.CREATE),
        ("AirInvestigationData", Verb.UNCLASSIFIED),
        ("", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(operation: str, verb: Verb) -> None:
    decided, rule = VERBS[operation]
    assert decided is verb
    assert rule


@pytest.mark.parametrize(
    ("operation", "name", "value", "flag"),
    [
        ("Set-AdminAuditLogConfig", "UnifiedAuditLogIngestionEnabled", "False", True),
        ("Set-AdminAuditLogConfig", "UnifiedAuditLogIngestionEnabled", "True", False),
        ("Set-Mailbox", "AuditEnabled", "$false", True),
        ("Set-Mailbox", "AuditOwner", "Update", True),
        ("Set-Mailbox", "ForwardingSmtpAddress", "x", False),
        ("Set-OrganizationConfig", "AuditDisabled", "True", True),
        ("Set-MailboxAuditBypassAssociation", "AuditBypassEnabled", "True", True),
        ("Remove-UnifiedAuditLogRetentionPolicy", "Identity", "p", True),
    ],
)
def test_tampering_with_logging_depends_on_the_value(
    operation: str, name: str, value: str, flag: bool
) -> None:
    assert record(operation, Parameters=[{"Name": name, "Value": value}]).act.tampers_logging is flag


@given(st.text(max_size=80), st.dictionaries(st.text(max_size=20), values, max_size=3))
def test_any_operation_has_a_verb(operation: str, parameters: Record) -> None:
    assert VERBS[operation][1]
    tampers(operation, parameters)


def test_endless_messages_are_cut_with_a_remark() -> None:
    items = [{"InternetMessageId": f"<{number}@example.org>"} for number in range(MOST_RESOURCES + 5)]
    event = read(READER, MAIL | {"Folders": [{"FolderItems": items}]})
    assert len(event.resources) <= MOST_RESOURCES
    assert CUT in event.warnings


@given(
    st.dictionaries(
        st.sampled_from([*sorted(MAIL), "Parameters", "Target", "Members", "AuditData"]), values, max_size=8
    )
)
def test_no_content_raises(inner: Record) -> None:
    READER.recognises(MAIL | inner)
    assert READER.read(MAIL | inner, Context()).event is not None


def test_all_published_samples_are_read(datasets: Path) -> None:
    files = sorted((datasets / "panther-samples").glob("Microsoft365.*.jsonl"))
    records = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    events = [read(READER, each) for each in records]
    assert len(events) == 7
    assert all(event.time.micros is not None for event in events)
    assert all(event.identity and event.act.verb is not Verb.UNCLASSIFIED for event in events)
    assert sum(bool(event.particulars and event.particulars.changes) for event in events) == 7
    assert sum(event.address is not None for event in events) == 5
