"""Tenants, subscriptions, projects, organisations and clusters that records name and whose log is not in the case."""

from __future__ import annotations

import json
from pathlib import Path

from tests.casework.test_derive import case_of
from workbench.casefile.reader import CaseReader

OWN, GUEST = "7f74acdc-314a-4ebf-9dca-bcc8a702d885", "11c0ffee-0000-4000-8000-000000000001"
PARTNER, MICROSOFT = "11c0ffee-0000-4000-8000-000000000002", "72f988bf-86f1-41af-91ab-2d7cd011db47"
HERE, THERE = "1794b216-5b5b-4176-bf9f-992330fcd6a8", "1794b216-0000-4000-8000-000000000002"


def sign_in(number: int, home: str, resource: str, tenant: str | None = OWN) -> dict[str, object]:
    properties = {
        "id": f"00000000-0000-4000-8000-{number:012}", "createdDateTime": f"2026-03-04T05:06:{number:02}Z",
        "userId": f"c1d2e3f4-0000-4111-8222-{number:012}", "userPrincipalName": f"u{number}@example.org",
        "status": {"errorCode": 0}, "isInteractive": True, "homeTenantId": home, "resourceTenantId": resource,
        "resourceDisplayName": "Office",
    }  # fmt: skip
    row: dict[str, object] = {"category": "SignInLogs", "properties": properties}
    return row if tenant is None else {**row, "tenantId": tenant}


def activity(number: int, target: str, tenant: str) -> dict[str, object]:
    return {
        "time": f"2026-03-04T05:07:{number:02}Z", "category": "Administrative", "resultType": "Success",
        "operationName": "Microsoft.Storage/storageAccounts/write", "resourceId": target,
        "eventDataId": f"00000000-0000-4000-9000-{number:012}", "subscriptionId": HERE,
        "identity": {"claims": {"tid": tenant, "oid": f"c1d2e3f4-0000-4111-8222-{number:012}"}},
    }  # fmt: skip


def audit(number: int, project: str, resource: str, member: str | None = None) -> dict[str, object]:
    payload: dict[str, object] = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "status": {},
        "serviceName": "cloudresourcemanager.googleapis.com", "methodName": "SetIamPolicy", "resourceName": resource,
        "authenticationInfo": {"principalEmail": f"ann@{project}.iam.gserviceaccount.com"},
    }  # fmt: skip
    if member is not None:
        delta = {"action": "ADD", "role": "roles/owner", "member": member}
        payload["serviceData"] = {"policyDelta": {"bindingDeltas": [delta]}}
    return {
        "insertId": f"i{number}", "timestamp": f"2026-03-04T05:08:{number:02}Z", "protoPayload": payload,
        "logName": "projects/ledger-prod/logs/cloudaudit.googleapis.com%2Factivity",
        "resource": {"type": "project", "labels": {"project_id": "ledger-prod"}},
    }  # fmt: skip


def repository(number: int, org: str, repo: str) -> dict[str, object]:
    return {
        "_document_id": f"d{number}", "@timestamp": 1_772_600_000_000 + number, "action": "repo.create", "actor": "ann",
        "org": org, "repo": repo,
    }  # fmt: skip


def unseen(folder: Path, *files: list[dict[str, object]]) -> dict[tuple[str, str], str]:
    paths = []
    for number, rows in enumerate(files):
        paths.append(folder / f"{number}.jsonl")
        paths[-1].write_text("".join(json.dumps(row) + "\n" for row in rows))
    with CaseReader.open(case_of(folder / "a.case", [paths])) as reader:
        gaps = [gap for gap in reader.coverage.gaps() if gap.kind.value == "unseen_account"]
        for gap in gaps:
            stored = reader.events(list(gap.evidence))
            assert stored, gap.id
            assert (gap.scope.subject or "") in str(
                [(each.event.resources, each.event.identity, each.event.place) for each in stored]
            ).lower()
            assert gap.start == min(each.event.time.micros or 0 for each in stored)
    return {(gap.source, gap.scope.subject or ""): gap.certainty.value for gap in gaps}


def test_who_is_named_by_each_log_and_who_is_not_told(tmp_path: Path) -> None:
    found = unseen(
        tmp_path,
        [
            sign_in(1, OWN, OWN),
            sign_in(2, GUEST, OWN),
            sign_in(3, OWN, PARTNER),
            sign_in(4, OWN, MICROSOFT),
            sign_in(5, MICROSOFT, OWN),
        ],
        [
            activity(
                1,
                f"/subscriptions/{HERE}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
                OWN,
            ),
            {
                "category": "ManagedIdentitySignInLogs",
                "tenantId": OWN,
                "properties": {
                    "id": "m1",
                    "createdDateTime": "2026-03-04T05:06:30Z",
                    "servicePrincipalId": "sp",
                    "status": {"errorCode": 0},
                    "managedIdentity": {
                        "msiType": "SystemAssigned",
                        "associatedResourceId": f"/subscriptions/{THERE}/resourceGroups/g/providers/x/y/z",
                    },
                },
            },
        ],
        [
            audit(1, "ledger-prod", "projects/ledger-prod"),
            audit(
                2, "ledger-prod", "projects/ledger-prod", "serviceAccount:x@rival-lab.iam.gserviceaccount.com"
            ),
            audit(
                3,
                "ledger-prod",
                "projects/ledger-prod",
                "serviceAccount:service-1@gcp-sa-logging.iam.gserviceaccount.com",
            ),
        ],
        [repository(1, "acme", "acme/web"), repository(2, "acme", "mallory/web")],
    )
    assert found == {
        ("entra.signin", GUEST): "shown",
        ("entra.signin", PARTNER): "likely",
        ("azure.activity", THERE): "shown",
        ("gcp.audit", "rival-lab"): "shown",
        ("github.audit", "mallory"): "likely",
    }


def test_a_resource_log_shows_the_tenant_whose_sign_ins_are_not_there(tmp_path: Path) -> None:
    target = f"/subscriptions/{HERE}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"
    assert unseen(tmp_path, [activity(1, target, OWN)]) == {("entra.signin", OWN): "shown"}


def test_a_log_that_does_not_name_its_tenant_is_taken_for_that_of_most(tmp_path: Path) -> None:
    rows = [sign_in(number, OWN, OWN, None) for number in range(1, 5)] + [sign_in(9, GUEST, OWN, None)]
    assert unseen(tmp_path, rows) == {("entra.signin", GUEST): "possible"}
