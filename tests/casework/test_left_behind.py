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
