"""What was left behind in directories, from records to the command: removals of parts, privileged grants, lost factors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.casework.command import workbench
from tests.casework.test_changes import made

SP, KEYS = "sp-77", "KeyDescription"


def directory(minute: int, activity: str, *targets: dict[str, Any]) -> dict[str, Any]:
    """Return a record of the Entra audit log."""
    return {
        "id": f"Directory_{minute}",
        "category": "ApplicationManagement",
        "correlationId": f"c{minute}",
        "result": "success",
        "activityDisplayName": activity,
        "activityDateTime": f"2026-02-03T10:{minute:02}:00.1234567Z",
        "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"id": "admin", "userPrincipalName": "admin@northwind.example"}},
        "targetResources": list(targets),
    }


def target(
    kind: str, name: str, *properties: tuple[str, Any, Any], shown: str | None = None
) -> dict[str, Any]:
    """Return a target with the old and the new value of its properties."""
    modified = [
        {
            "displayName": field,
            "oldValue": None if old is None else json.dumps(old),
            "newValue": None if new is None else json.dumps(new),
        }
        for field, old, new in properties
    ]
    return {"id": name, "type": kind, "displayName": shown, "modifiedProperties": modified}


def keys(*numbers: int) -> list[str]:
    return [
        f"[KeyIdentifier={each:08}-aaaa-4aaa-8aaa-000000000000,KeyType=Password,KeyUsage=Verify,DisplayName=k]"
        for each in numbers
    ]


def okta(minute: int, event_type: str, *targets: tuple[str, str, str], **debug: str) -> dict[str, Any]:
    """Return an event of Okta's System Log."""
    return {
        "uuid": f"u{minute}",
        "published": f"2026-02-03T10:{minute:02}:00.123Z",
        "eventType": event_type,
        "version": "0",
        "severity": "INFO",
        "displayMessage": event_type,
        "outcome": {"result": "SUCCESS"},
        "actor": {"id": "00uA", "type": "User", "alternateId": "admin@northwind.example", "displayName": "A"},
        "authenticationContext": {"externalSessionId": "s1"},
        "transaction": {"id": f"t{minute}", "type": "WEB"},
        "target": [
            {"id": name, "type": kind, "alternateId": shown, "displayName": shown}
            for kind, name, shown in targets
        ],
        "debugContext": {"debugData": {"requestUri": "/api", **debug}},
    }


def fates(case: Path) -> dict[str, str]:
    """Return what became of each thing that was left behind, by its words up to the first semicolon."""
    found = workbench("changes", case, "--left-behind", "--json").lines
    return {each["what"].partition(";")[0]: each["fate"] for each in found}


def test_taking_another_key_away_leaves_the_new_one_in_force(tmp_path: Path) -> None:
    records = [
        directory(
            0,
            "Add service principal credentials",
            target("ServicePrincipal", SP, (KEYS, keys(1), keys(1, 3))),
        ),
        directory(
            10,
            "Remove service principal credentials",
            target("ServicePrincipal", SP, (KEYS, keys(3, 1), keys(3))),
        ),
        directory(
            20,
            "Remove owner from service principal",
            target("User", "u1", ("ServicePrincipal.ObjectID", SP, None)),
            target("ServicePrincipal", SP),
        ),
        directory(
            30,
            "Remove member from group",
            target("User", "u1", ("Group.ObjectID", "g1", None)),
            target("Group", "g1"),
        ),
    ]
    (tmp_path / "entra.jsonl").write_text("\n".join(map(json.dumps, records)))
    case = made(tmp_path / "t.case", tmp_path / "entra.jsonl")
    assert fates(case) == {keys(3)[0]: "standing"}
    told = workbench("changes", case).out.decode()
    assert "the resource itself" not in told
    assert "owners: remove" in told
    history = workbench("resource", case, SP).out.decode()
    assert "deleted" not in history
    assert keys(3)[0] in history


def test_an_act_that_names_no_part_leaves_what_stands_in_doubt(tmp_path: Path) -> None:
    records = [
        directory(
            0,
            "Add service principal credentials",
            target("ServicePrincipal", SP, (KEYS, keys(1), keys(1, 3))),
        ),
        directory(10, "Remove service principal credentials", target("ServicePrincipal", SP)),
    ]
    (tmp_path / "entra.jsonl").write_text("\n".join(map(json.dumps, records)))
    case = made(tmp_path / "t.case", tmp_path / "entra.jsonl")
    assert fates(case) == {keys(3)[0]: "standing"}
    told = workbench("changes", case, "--left-behind").out.decode()
    assert "Core Directory Remove service principal credentials" in told
    assert "service principal credentials: set" in workbench("changes", case).out.decode()


def test_privileged_grants_stand_until_they_are_taken_back(tmp_path: Path) -> None:
    def role(who: str, old: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
        named = (("Role.ObjectID", "r1"), ("Role.DisplayName", "Global Administrator"))
        properties = [(field, value if old else None, None if old else value) for field, value in named]
        return target("User", who, *properties), target("Role", "r1")

    entra = [
        directory(0, "Add member to role", *role("u1")),
        directory(1, "Add member to role", *role("u2")),
        directory(2, "Remove member from role", *role("u2", old=True)),
        directory(
            3, "Remove delegated permission grant",
            target("ServicePrincipal", SP, ("DelegatedPermissionGrant.Scope", "User.Read", "")),
        ),
    ]  # fmt: skip
    user, admin = ("User", "00uE", "eve@northwind.example"), ("ROLE", "ra1", "Super Administrator")
    events = [
        okta(0, "user.account.privilege.grant", user, admin),
        okta(1, "user.account.privilege.grant", user, privilegeGranted="Read only administrator"),
        okta(2, "user.account.privilege.revoke", user, privilegeRevoked="Read only administrator"),
        okta(3, "user.mfa.factor.deactivate", user, factor="GOOGLE_OTP"),
        okta(4, "application.user_membership.remove", user, ("AppInstance", "0oaA", "App")),
        okta(5, "group.user_membership.add", user, ("UserGroup", "00gA", "Admins")),
    ]
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "entra.jsonl").write_text("\n".join(map(json.dumps, entra)))
    (logs / "okta.jsonl").write_text("\n".join(map(json.dumps, events)))
    case = made(tmp_path / "t.case", logs)
    assert fates(case) == {
        "member u1": "standing",
        "member u2": "undone",
        "role Super Administrator": "standing",
        "role Read only administrator": "undone",
        "the MFA factor GOOGLE_OTP was taken away": "standing",
        "member 00uE": "standing",
    }
    assert "deleted" not in workbench("resource", case, "00uE").out.decode()
    assert "Global Administrator (r1)" in workbench("changes", case, "--left-behind").out.decode()
