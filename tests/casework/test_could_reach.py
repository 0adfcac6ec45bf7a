"""What a principal could have reached: by its own policies and those of its groups; what is not known is no all-clear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.casework.command import workbench
from tests.casework.test_changes import made
from tests.casework.test_left_behind import act, case_of

ACCOUNT = "111122223333"
READS = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def iam(number: int, time: str, name: str, **request: Any) -> dict[str, Any]:
    return act(number, time, "iam", name, request)


GROUP = [
    iam(1, "10:00:00", "PutGroupPolicy", groupName="pow", policyName="g", policyDocument=policy(READS)),
    iam(2, "10:01:00", "AddUserToGroup", groupName="pow", userName="u"),
    iam(3, "10:02:00", "AddUserToGroup", groupName="dark", userName="u"),
]


def reached(case: Path, name: str, *options: str) -> list[dict[str, Any]]:
    return workbench("resource", case, name, "--could-reach", "--json", *options).lines


def test_policies_of_groups_are_followed_and_their_source_is_told(tmp_path: Path) -> None:
    case = case_of(tmp_path, iam(0, "09:00:00", "CreateUser", userName="u"), *GROUP)
    dark, read = reached(case, "u")
    assert (dark["what"], dark["group"]) == ("policy not in the case", "dark")
    assert (read["grant"], read["policy"]) == ("allow secretsmanager:getsecretvalue on *", "inline policy g")
    assert read["group"] == "pow"
    assert read["ref"] != read["member_ref"]
    words = workbench("resource", case, "u", "--could-reach").out.decode()
    assert "of group pow, member [" in words
    assert "it is in group dark" in words
    assert "of which no policy is in the case" in words


def test_who_left_a_group_or_is_made_anew_is_not_in_it(tmp_path: Path) -> None:
    left = iam(4, "10:03:00", "RemoveUserFromGroup", groupName="pow", userName="u")
    made_anew = iam(5, "10:04:00", "CreateUser", userName="u")
    case = case_of(tmp_path, *GROUP, left, made_anew)
    assert [each["what"] for each in reached(case, "u")] == ["no policy in the case"]
    before = reached(case, "u", "--as-of", "2026-02-03T10:03:30Z")
    assert [each["group"] for each in before] == ["dark"]
    still = reached(case, "u", "--as-of", "2026-02-03T10:01:30Z")
    assert [each["group"] for each in still] == ["pow"]


def test_groups_that_a_snapshot_lists_are_followed(tmp_path: Path) -> None:
    detail = {"UserName": "u", "Arn": f"arn:aws:iam::{ACCOUNT}:user/u", "GroupList": ["pow"]}
    (tmp_path / "details.json").write_text(json.dumps({"UserDetailList": [detail], "GroupDetailList": []}))
    (tmp_path / "t.json").write_text(json.dumps({"Records": GROUP[:1]}))
    case = made(tmp_path / "s.case", tmp_path / "t.json", tmp_path / "details.json")
    (read,) = reached(case, "u")
    assert (read["grant"], read["group"]) == ("allow secretsmanager:getsecretvalue on *", "pow")
    assert "of group pow, member [snapshot " in workbench("resource", case, "u", "--could-reach").out.decode()
    # What only its file dates may be older than it seems, and the state says so.
    assert "(dated by its file)" in workbench("resource", case, "u").out.decode()
    state = workbench("resource", case, "u", "--json").lines[-1]["fields"]["groups"]
    assert (state["value"], state["dated_by"]) == (["pow"], "dated by its file")


def test_a_denial_stands_beside_what_is_allowed(tmp_path: Path) -> None:
    both = policy(
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    )
    case = case_of(
        tmp_path,
        iam(1, "10:00:00", "PutUserPolicy", userName="u", policyName="p", policyDocument=both),
        iam(
            2,
            "10:01:00",
            "AttachUserPolicy",
            userName="u",
            policyArn="arn:aws:iam::aws:policy/AdministratorAccess",
        ),
    )
    found = {each["grant"] or each["policy"]: each["denied_by"] for each in reached(case, "u")}
    stands = ["deny iam:* on * (inline policy p)"]
    assert found["allow iam:* on *"] == found["arn:aws:iam::aws:policy/AdministratorAccess"] == stands
    assert found["deny iam:* on *"] == []
    left = workbench("changes", case, "--left-behind", "--json").lines
    assert [(each["fate"], each["denied_by"]) for each in left] == [("standing", stands)] * 2
    assert (
        "a deny stands against it: deny iam:* on *"
        in workbench("changes", case, "--left-behind").out.decode()
    )


def test_that_no_policy_is_known_is_no_all_clear(tmp_path: Path) -> None:
    case = case_of(tmp_path, iam(1, "10:00:00", "CreateUser", userName="u"))
    words = workbench("resource", case, "u", "--could-reach").out.decode()
    assert (
        "no policy of it is in the case: what it could have reached is not known; this is no all-clear"
        in words
    )
    assert "groups and policies that are not in the case can add to it" in words


def test_of_a_directory_it_says_that_roles_are_not_looked_at(tmp_path: Path) -> None:
    record = {
        "time": "2026-05-10T09:00:00.1234567Z",
        "resourceId": "/tenants/aaaaaaaa-0000-0000-0000-000000000001/providers/Microsoft.aadiam",
        "operationName": "Update user",
        "category": "AuditLogs",
        "tenantId": "aaaaaaaa-0000-0000-0000-000000000001",
        "properties": {
            "id": "Directory_1",
            "category": "UserManagement",
            "result": "success",
            "activityDisplayName": "Update user",
            "activityDateTime": "2026-05-10T09:00:00.1234567+00:00",
            "loggedByService": "Core Directory",
            "initiatedBy": {"user": {"id": "u-1", "userPrincipalName": "admin@acme.example"}},
            "targetResources": [
                {
                    "id": "u-9",
                    "displayName": None,
                    "userPrincipalName": "eve@acme.example",
                    "type": "User",
                    "modifiedProperties": [{"displayName": "AccountEnabled", "oldValue": "[false]", "newValue": "[true]"}],
                }
            ],
            "additionalDetails": [],
        },
    }  # fmt: skip
    (tmp_path / "e.jsonl").write_text(json.dumps(record))
    case = made(tmp_path / "e.case", tmp_path / "e.jsonl")
    words = workbench("resource", case, "u-9", "--could-reach").out.decode()
    assert "only policies of AWS IAM are looked at: roles, group memberships, consents" in words
    assert "no all-clear" in words
