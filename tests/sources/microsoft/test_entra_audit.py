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
    ResourceRole,
    StatedChange,
    Verb,
)
from workbench.sources.microsoft import EntraAuditReader
from workbench.sources.microsoft.entra_audit import CUT, MOST_RESOURCES
from workbench.sources.microsoft.entra_verbs import verb_of
from workbench.sources.microsoft.modified import NO_OLD_KEYS
from workbench.sources.protocol import Context

READER = EntraAuditReader()
TENANT = "7d1f0a52-6c3b-4c1e-9a77-0d3b5f2e8c11"
PRINCIPAL = "3f2a9c74-1d5e-4b80-9c6a-7e8d0b1f2a3c"
OLD, OTHER, NEW = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")


def keys(*ids: str) -> str:
    return json.dumps(
        [f"[KeyIdentifier={each},KeyType=Password,KeyUsage=Verify,DisplayName=CI]" for each in ids]
    )


PROPERTIES: Record = {
    "id": "Directory_6a0b1c2d_XYZ_1",
    "category": "ApplicationManagement",
    "correlationId": "6a0b1c2d-3e4f-4051-8263-748596a7b8c9",
    "result": "success",
    "resultReason": "",
    "activityDisplayName": "Add service principal credentials",
    "activityDateTime": "2025-03-04T05:06:07.1234567+00:00",
    "loggedByService": "Core Directory",
    "operationType": "Update",
    "initiatedBy": {
        "user": {
            "id": "c1d2e3f4-0000-4111-8222-333344445555",
            "userPrincipalName": "ann@example.org",
            "ipAddress": "203.0.113.9",
        }
    },
    "targetResources": [
        {
            "id": PRINCIPAL,
            "displayName": "billing-sync",
            "type": "ServicePrincipal",
            "modifiedProperties": [
                {
                    "displayName": "KeyDescription",
                    "oldValue": keys(OLD, OTHER),
                    "newValue": keys(OTHER, NEW, OLD),
                },
                {
                    "displayName": "Included Updated Properties",
                    "oldValue": None,
                    "newValue": '"KeyDescription"',
                },
            ],
        }
    ],
    "additionalDetails": [{"key": "User-Agent", "value": "Mozilla/5.0"}],
}
ADDED: Record = {
    "time": "2025-03-04T05:06:07.1234567Z",
    "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam",
    "operationName": "Add service principal credentials",
    "category": "AuditLogs",
    "tenantId": TENANT,
    "resultSignature": "None",
    "callerIpAddress": "203.0.113.9",
    "correlationId": "6a0b1c2d-3e4f-4051-8263-748596a7b8c9",
    "properties": PROPERTIES,
}


def log_analytics() -> Record:
    """Return the same event as a row of the table AuditLogs."""
    row: Record = {
        pascal(key): json.dumps(value) if isinstance(value, dict | list) else value
        for key, value in PROPERTIES.items()
    }
    return row | {
        "TimeGenerated": ADDED["time"],
        "AADTenantId": TENANT,
        "TenantId": "11111111-aaaa-4bbb-8ccc-222222222222",
        "OperationName": ADDED["operationName"],
        "AADOperationType": row.pop("OperationType"),
        "Type": "AuditLogs",
    }


def portal() -> Record:
    """Return the same event as a row of the portal's CSV."""
    (target,) = PROPERTIES["targetResources"]
    first = target["modifiedProperties"][0]
    return {
        "Date (UTC)": PROPERTIES["activityDateTime"],
        "CorrelationId": PROPERTIES["correlationId"],
        "Service": "Core Directory",
        "Category": "ApplicationManagement",
        "Activity": "Add service principal credentials",
        "Result": "success",
        "ResultReason": "",
        "User Agent": "Mozilla/5.0",
        "ActorType": "User",
        "ActorObjectId": "c1d2e3f4-0000-4111-8222-333344445555",
        "ActorUserPrincipalName": "ann@example.org",
        "IPAddress": "203.0.113.9",
        "Target1Type": "ServicePrincipal",
        "Target1ObjectId": PRINCIPAL,
        "Target1ModifiedProperty1Name": "KeyDescription",
        "Target1ModifiedProperty1OldValue": first["oldValue"],
        "Target1ModifiedProperty1NewValue": first["newValue"],
    }


def act(activity: str, *targets: Record, **more: object) -> Event:
    inner = {
        "activityDisplayName": activity,
        "activityDateTime": "2025-03-04T05:06:07Z",
        "loggedByService": "Core Directory",
        "result": "success",
        "targetResources": list(targets),
    }
    return read(READER, {"category": "AuditLogs", "properties": inner | more})


def test_added_keys_field_by_field() -> None:
    event = read(READER, ADDED)
    assert event.time.micros == 1_741_064_767_123_456
    assert (event.act.service, event.act.action) == ("Core Directory", "Add service principal credentials")
    assert (event.act.verb, event.act.category) == (Verb.ISSUE_CREDENTIAL, "ApplicationManagement")
    assert event.identity is not None
    assert event.identity.canonical == "c1d2e3f4-0000-4111-8222-333344445555"
    assert event.identity.name == "ann@example.org"
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert event.address is not None
    assert event.address.ip == "203.0.113.9"
    assert event.user_agent is not None
    assert event.user_agent.client == "browser"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert event.place.tenant == TENANT
    assert [(thing.type, thing.name) for thing in event.resources] == [("entra:ServicePrincipal", PRINCIPAL)]
    assert event.native_id == "Directory_6a0b1c2d_XYZ_1"
    assert event.warnings == ()
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("entra application key", NEW), PRINCIPAL),)
    (change,) = event.particulars.changes
    assert change.field == "KeyDescription"
    assert json.loads(change.before or "") == json.loads(keys(OLD, OTHER))
    assert json.loads(change.after or "") == json.loads(keys(OTHER, NEW, OLD))
    assert event.particulars.correlation_id == PROPERTIES["correlationId"]


@pytest.mark.parametrize("form", [*wrapped(ADDED), flattened(ADDED), log_analytics()])
def test_every_form_gives_the_same_event(form: Record) -> None:
    assert read(READER, form) == read(READER, ADDED)


def test_microsoft_graph_and_the_portal_hold_less_and_say_the_same() -> None:
    whole = read(READER, ADDED)
    for form in ({"@odata.context": "x", "value": [PROPERTIES]}, portal()):
        event = read(READER, form)
        assert (event.time.micros, event.act, event.outcome) == (whole.time.micros, whole.act, whole.outcome)
        assert (event.identity, event.address, event.user_agent) == (
            whole.identity,
            whole.address,
            whole.user_agent,
        )
        assert (event.resources, event.particulars) == (whole.resources, whole.particulars)
        assert event.place.tenant is None


def test_a_row_that_accompanies_a_change_of_keys_claims_nothing() -> None:
    accompanying = {
        "id": PRINCIPAL,
        "type": "ServicePrincipal",
        "modifiedProperties": [
            {"displayName": "TargetId.ServicePrincipalNames", "oldValue": None, "newValue": '"a;b"'},
            {"displayName": "Included Updated Properties", "oldValue": None, "newValue": '"KeyDescription"'},
        ],
    }
    event = act("Update service principal", accompanying)
    assert event.act.verb is Verb.UPDATE
    assert event.particulars is None


def test_keys_of_an_application_belong_to_no_identity_yet() -> None:
    application = {
        "id": "app-object",
        "type": "Application",
        "modifiedProperties": [{"displayName": "KeyDescription", "oldValue": "[]", "newValue": keys(NEW)}],
    }
    event = act("Update application \u2013 Certificates and secrets management ", application)
    assert event.act.verb is Verb.ISSUE_CREDENTIAL
    assert event.particulars is not None
    assert event.particulars.issued == (Issued(Credential("entra application key", NEW)),)


def test_removing_a_key_issues_none() -> None:
    application = {
        "id": "app-object",
        "type": "Application",
        "modifiedProperties": [
            {"displayName": "KeyDescription", "oldValue": keys(OLD, NEW), "newValue": keys(OLD)}
        ],
    }
    event = act("Update application \u2013 Certificates and secrets management", application)
    assert (event.act.verb, event.act.verb_rule) == (Verb.UPDATE, "override: KeyDescription adds no key")
    assert event.particulars is not None
    assert event.particulars.issued == ()


def test_what_failed_issued_nothing() -> None:
    event = read(READER, ADDED | {"properties": PROPERTIES | {"result": "failure"}})
    assert event.outcome.status is OutcomeStatus.FAILED
    assert event.particulars is not None
    assert event.particulars.issued == ()


def test_several_new_keys_without_the_old_ones_are_a_doubt() -> None:
    target = {
        "id": "x",
        "type": "Application",
        "modifiedProperties": [{"displayName": "KeyDescription", "newValue": keys(OLD, NEW)}],
    }
    assert act("Update application", target).warnings == (NO_OLD_KEYS,)


def test_who_is_given_a_role_is_a_grantee() -> None:
    event = act(
        "Add member to role",
        {
            "id": "user-1",
            "type": "User",
            "modifiedProperties": [
                {"displayName": "Role.ObjectID", "oldValue": None, "newValue": '"role-1"'},
                {"displayName": "Role.DisplayName", "oldValue": None, "newValue": '"Global Administrator"'},
            ],
        },
    )
    assert event.act.verb is Verb.DELEGATE
    assert [(thing.type, thing.name, thing.role) for thing in event.resources] == [
        ("entra:User", "user-1", ResourceRole.GRANTEE),
        ("entra:Role", "role-1", ResourceRole.TARGET),
    ]
    assert event.particulars is not None
    assert StatedChange("Role.DisplayName", None, '"Global Administrator"') in event.particulars.changes


def test_the_role_that_pim_names_beside_its_id_is_kept() -> None:
    event = act(
        "Add member to role in PIM completed (permanent)",
        {
            "id": "role-1",
            "type": "Role",
            "displayName": "Application Administrator",
            "modifiedProperties": [],
        },
        {"id": "user-1", "type": "User", "displayName": "Malenia", "modifiedProperties": []},
    )
    assert [(thing.type, thing.name, thing.role) for thing in event.resources] == [
        ("entra:Role", "role-1", ResourceRole.TARGET),
        ("entra:Role name", "Application Administrator", ResourceRole.TARGET),
        ("entra:User", "user-1", ResourceRole.GRANTEE),
    ]


def test_who_is_given_an_app_role_is_named_by_a_property() -> None:
    event = act(
        "Add app role assignment to service principal",
        {
            "id": "graph-sp",
            "type": "ServicePrincipal",
            "modifiedProperties": [
                {"displayName": "AppRole.Value", "newValue": '"Mail.Read"'},
                {"displayName": "ServicePrincipal.ObjectID", "newValue": f'"{PRINCIPAL}"'},
            ],
        },
    )
    assert event.act.verb is Verb.DELEGATE
    assert [(thing.name, thing.role) for thing in event.resources] == [
        ("graph-sp", ResourceRole.TARGET),
        (PRINCIPAL, ResourceRole.GRANTEE),
    ]


def test_a_service_with_nothing_but_a_name() -> None:
    event = act(
        "Update user", initiatedBy={"app": {"appId": None, "displayName": "Managed Service Identity"}}
    )
    assert event.identity is not None
    assert event.identity.canonical == "Managed Service Identity"
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.address is None


@pytest.mark.parametrize(
    ("activity", "verb"),
    [
        ("Consent to application", Verb.DELEGATE),
        ("Consent to application.", Verb.DELEGATE),
        ("Add delegated permission grant", Verb.DELEGATE),
        ("Add owner to application", Verb.DELEGATE),
        ("Add eligible member to role in PIM completed (permanent)", Verb.DELEGATE),
        ("Set domain authentication", Verb.DELEGATE),
        ("Invite external user", Verb.DELEGATE),
        ("Reset user password", Verb.ISSUE_CREDENTIAL),
        ("Read BitLocker key", Verb.READ_SECRET),
        ("Add user", Verb.CREATE),
        ("Hard Delete user", Verb.DELETE),
        ("Remove member from role", Verb.DELETE),
        ("Disable account", Verb.UPDATE),
        ("Self-service password reset flow activity progress", Verb.UNCLASSIFIED),
        ("", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(activity: str, verb: Verb) -> None:
    decided, rule = verb_of(activity)
    assert decided is verb
    assert rule


def test_the_operation_type_serves_where_the_name_tells_nothing() -> None:
    assert verb_of("Something new", "Assign") == (Verb.DELEGATE, "operationType")


def test_endless_targets_are_cut_with_a_remark() -> None:
    event = act("Update user", *({"id": str(number), "type": "User"} for number in range(MOST_RESOURCES + 1)))
    assert len(event.resources) == MOST_RESOURCES
    assert CUT in event.warnings


def test_neighbours_are_left_to_their_readers() -> None:
    intune = {
        "category": "AuditLogs",
        "resourceId": "/tenants/t/providers/Microsoft.Intune",
        "properties": {"ActivityType": 1},
    }
    provisioning = {
        "id": "1",
        "activityDateTime": "2025-03-04T05:06:07Z",
        "initiatedBy": {},
        "provisioningAction": "create",
    }
    activity = {
        "category": "Administrative",
        "operationName": "Microsoft.Storage/x/write",
        "properties": {"statusCode": "OK"},
    }
    for document in (intune, provisioning, activity, {"category": "SignInLogs", "properties": {}}):
        assert READER.recognises(document) == ""


@given(
    st.dictionaries(
        st.sampled_from(sorted(PROPERTIES) + sorted(ADDED) + sorted(portal())), values, max_size=8
    )
)
def test_no_content_raises(inner: Record) -> None:
    for document in (
        ADDED | {"properties": PROPERTIES | inner},
        ADDED | inner,
        PROPERTIES | inner,
        portal() | inner,
    ):
        READER.recognises(document)
        assert READER.read(document, Context()).event is not None


def test_all_published_samples_are_read(datasets: Path) -> None:
    lines = (datasets / "panther-samples" / "Azure.Audit.jsonl").read_text().splitlines()
    events = [read(READER, record) for record in map(json.loads, lines) if READER.recognises(record)]
    assert len(events) == 18
    assert all(event.time.micros is not None for event in events)
    assert all(event.identity and event.act.action and event.address for event in events)
    assert all(event.act.verb is not Verb.UNCLASSIFIED for event in events)
    assert sum(bool(event.particulars and event.particulars.changes) for event in events) == 8
