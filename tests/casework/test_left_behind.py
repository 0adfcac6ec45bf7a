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


def test_a_key_that_was_just_made_was_not_there_before(tmp_path: Path) -> None:
    key = {"userName": "u9", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": "Active"}
    made_key = act(
        1, "10:00:00", "iam", "CreateAccessKey", {"userName": "u9"}, responseElements={"accessKey": key}
    )
    (left,) = workbench("changes", case_of(tmp_path, made_key), "--left-behind", "--json").lines
    assert left["what"] == "access key AKIAIOSFODNN7EXAMPLE"


def test_names_that_two_resources_have_are_told_apart(tmp_path: Path) -> None:
    role = {"roleName": "svc", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    user = {"userName": "svc", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    acts = [
        act(1, "10:00:00", "iam", "AttachRolePolicy", role),
        act(2, "10:01:00", "iam", "AttachUserPolicy", user),
    ]
    said = workbench("resource", case_of(tmp_path, *acts), "svc")
    assert said.status == 2
    assert "svc (iam:role in 111122223333)" in said.err
    assert "svc (iam:user in 111122223333)" in said.err


def test_a_policy_that_is_only_written_anew_changes_nothing_and_its_gaps_are_told_once(
    tmp_path: Path,
) -> None:
    many = [f"arn:aws:iam::44445555{number:04d}:root" for number in range(30)]
    acts = [
        act(0, "09:00:00", "cloudtrail", "StopLogging", {"name": "main"}),
        act(1, "10:00:00", "iam", "UpdateAssumeRolePolicy", trusting({"AWS": many})),
        act(2, "10:01:00", "iam", "UpdateAssumeRolePolicy", trusting({"AWS": many[::-1]})),
        act(3, "10:02:00", "iam", "UpdateAssumeRolePolicy", trusting({"AWS": many[1:]})),
    ]
    case = case_of(tmp_path, *acts)
    words = workbench("resource", case, "r5").out.decode()
    assert words.count("set to what it was: nothing changed but the writing, if that") == 1
    told = [line for line in words.splitlines() if line.strip().startswith("between")]
    assert any("logging_off" in line for line in told)
    assert any(line.strip().startswith("between, told above: G-") for line in told)
    assert len({line for line in told if "logging_off" in line}) == len(
        [line for line in told if "logging_off" in line]
    )
    # The state is told in words, as a whole.
    state = words.partition("state at the end")[2]
    assert all(f"account 44445555{number:04d}" in state for number in range(1, 30))
    assert "…" not in state
    assert '"Statement"' not in state
