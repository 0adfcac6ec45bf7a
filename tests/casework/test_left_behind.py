"""What was left behind, from records to the command: acts whose order is unknown, keys whose user is renamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import workbench
from tests.casework.logs import record, trail
from tests.casework.test_changes import made


def act(number: int, time: str, service: str, name: str, request: Any, **more: Any) -> dict[str, Any]:
    return record(
        number,
        eventTime=f"2026-02-03T{time}Z",
        eventSource=f"{service}.amazonaws.com",
        eventName=name,
        requestParameters=request,
        eventCategory="Management",
        managementEvent=True,
        readOnly=False,
        **more,
    )


def trusting(principal: Any) -> dict[str, str]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {
        "roleName": "r5",
        "policyDocument": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    }


def case_of(tmp_path: Path, *records: dict[str, Any]) -> Path:
    (tmp_path / "t.json").write_bytes(trail(records))
    return made(tmp_path / "t.case", tmp_path / "t.json")


@pytest.mark.parametrize("outside_first", [True, False])
def test_the_order_in_a_file_decides_nothing(outside_first: bool, tmp_path: Path) -> None:
    outside, ec2 = ({"AWS": "arn:aws:iam::444455556666:root"}, {"Service": "ec2.amazonaws.com"})
    trusts = (outside, ec2) if outside_first else (ec2, outside)
    acts = [
        act(number, "10:16:00", "iam", "UpdateAssumeRolePolicy", trusting(each))
        for number, each in enumerate(trusts)
    ]
    case = case_of(tmp_path, *acts)
    (left,) = workbench("changes", case, "--left-behind", "--json").lines
    assert (left["fate"], left["undone"], left["undone_ref"]) == ("perhaps", False, None)
    assert "same second" in left["remark"]
    assert left["remark_ref"] != left["ref"]
    assert "may have been undone: 1" in workbench("changes", case, "--left-behind").out.decode()
    state = workbench("resource", case, "r5", "--json").lines[-1]["fields"]["trust policy"]
    assert (state["value"], state["basis"], len(state["tied"])) == (None, "unknown", 2)
    words = workbench("resource", case, "r5").out.decode()
    assert "trust policy: unknown: 2 acts at 2026-02-03T10:16:00Z leave it differently" in words
    assert "before unknown" in words


def test_a_key_is_followed_by_its_id_when_its_user_is_renamed(tmp_path: Path) -> None:
    key = {"userName": "u9", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": "Active"}
    acts = [
        act(1, "10:00:00", "iam", "CreateAccessKey", {"userName": "u9"}, responseElements={"accessKey": key}),
        act(2, "10:01:00", "iam", "UpdateUser", {"userName": "u9", "newUserName": "svc"}),
        act(3, "10:02:00", "iam", "DeleteAccessKey", {"userName": "svc", "accessKeyId": key["accessKeyId"]}),
    ]
    case = case_of(tmp_path, *acts)
    (left,) = workbench("changes", case, "--left-behind", "--json").lines
    assert (left["kind"], left["resource"], left["undone"]) == ("credential", "u9", True)
    assert left["undone_at"] == "2026-02-03T10:02:00Z"


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
