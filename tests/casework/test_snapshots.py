"""Snapshots as evidence: set aside as what they are, accounted for, and a basis for what stood before."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.casework.command import ROOT, workbench
from tests.casework.logs import record, trail
from tests.casework.test_changes import changes, made, signs

TALLOWMERE = ROOT / "sample_logs" / "tallowmere" / "evidence"
ROLE = "arn:aws:iam::333344445555:role/backup-operator"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
READS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
MARCH = 1_772_323_200
"""2026-03-01T00:00:00Z: before the incident."""

CONFIG = {
    "fileVersion": "1.0",
    "configurationItems": [
        {
            "configurationItemVersion": "1.3",
            "configurationItemCaptureTime": "2026-03-01T10:00:00.000Z",
            "awsAccountId": "333344445555",
            "awsRegion": "global",
            "resourceType": "AWS::IAM::Role",
            "resourceId": "AROAEXAMPLE",
            "resourceName": "backup-operator",
            "ARN": ROLE,
            "configuration": {
                "roleName": "backup-operator",
                "arn": ROLE,
                "assumeRolePolicyDocument": quote(json.dumps(TRUST)),
                "rolePolicyList": [{"policyName": "reads", "policyDocument": quote(json.dumps(READS))}],
                "attachedManagedPolicies": [
                    {"policyName": "Backup", "policyArn": "arn:aws:iam::aws:policy/Backup"}
                ],
            },
        }
    ],
}
GET_ROLE = {
    "Role": {"Path": "/", "RoleName": "backup-operator", "Arn": ROLE, "AssumeRolePolicyDocument": TRUST}
}
ACCOUNT = {
    "UserDetailList": [],
    "GroupDetailList": [],
    "RoleDetailList": [
        {
            **GET_ROLE["Role"],
            "RolePolicyList": [{"PolicyName": "reads", "PolicyDocument": READS}],
            "AttachedManagedPolicies": [],
        }
    ],
    "Policies": [],
}
TERRAFORM = {
    "version": 4,
    "terraform_version": "1.9.0",
    "serial": 7,
    "resources": [
        {
            "mode": "managed",
            "type": "aws_iam_role",
            "name": "backup",
            "provider": "provider",
            "instances": [
                {
                    "attributes": {
                        "arn": ROLE,
                        "name": "backup-operator",
                        "assume_role_policy": json.dumps(TRUST),
                    }
                }
            ],
        }
    ],
}
KUBERNETES = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "admins"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "cluster-admin",
            },
            "subjects": [{"kind": "Group", "name": "ops"}],
        },
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runner", "namespace": "pay"}},
    ],
}


def written(path: Path, document: object, indent: int | None = None) -> Path:
    path.write_text(json.dumps(document, indent=indent))
    os.utime(path, (MARCH, MARCH))
    return path


@pytest.mark.parametrize(
    ("document", "dated"),
    [
        (CONFIG, True),
        (CONFIG["configurationItems"][0], True),
        (GET_ROLE, False),
        (ACCOUNT, False),
        (TERRAFORM, False),
    ],
    ids=["config", "config item", "get-role", "account", "terraform"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_state_before_comes_from_a_snapshot(
    document: Any, dated: bool, indent: int | None, tmp_path: Path
) -> None:
    case = made(tmp_path / "with.case", TALLOWMERE, written(tmp_path / "state.json", document, indent))
    (change,) = changes(case, "action:UpdateAssumeRolePolicy")
    assert change["before_basis"] == "snapshot"
    assert signs(change) == [
        ("-", "allow sts:assumerole to service backup.amazonaws.com"),
        ("+", "allow sts:assumerole to account 999900001111"),
    ]
    assert bool(change["caveats"]) != dated
    raw = workbench("evidence", case, change["before_ref"]).out
    assert b"backup-operator" in raw
    total = workbench("info", case, "--json").object["total"]
    assert total["dispositions"]["snapshot"] == 1
    assert total["records"] == sum(total["dispositions"].values())
    (trust,) = [
        one for one in workbench("changes", case, "--left-behind", "--json").lines if one["kind"] == "trust"
    ]
    assert "not known" not in trust["what"]


def test_a_snapshot_added_later_changes_what_follows_from_it(tmp_path: Path) -> None:
    case = made(tmp_path / "later.case", TALLOWMERE)
    (change,) = changes(case, "action:UpdateAssumeRolePolicy")
    assert change["before_basis"] == "unknown"
    said = workbench("add", case, written(tmp_path / "state.json", CONFIG))
    assert said.status == 0
    (change,) = changes(case, "action:UpdateAssumeRolePolicy")
    assert change["before_basis"] == "snapshot"


def test_a_snapshot_after_an_act_says_nothing_of_before(tmp_path: Path) -> None:
    late = json.loads(json.dumps(CONFIG))
    late["configurationItems"][0]["configurationItemCaptureTime"] = "2026-12-01T10:00:00.000Z"
    case = made(tmp_path / "late.case", TALLOWMERE, written(tmp_path / "state.json", late))
    (change,) = changes(case, "action:UpdateAssumeRolePolicy")
    assert change["before_basis"] == "unknown"


def test_objects_of_a_cluster(tmp_path: Path) -> None:
    case = made(tmp_path / "cluster.case", written(tmp_path / "objects.json", KUBERNETES, 4))
    assert workbench("info", case, "--json").object["total"]["dispositions"]["snapshot"] == 2
    (_, state) = workbench("resource", case, "clusterrolebindings/admins", "--json").lines
    assert state["fields"]["/subjects"]["value"] == [{"kind": "Group", "name": "ops"}]
    assert state["fields"]["/subjects"]["basis"] == "snapshot"
    assert state["fields"]["/roleRef/name"]["value"] == "cluster-admin"


def test_what_a_role_could_have_reached_is_exposure_and_no_access(tmp_path: Path) -> None:
    case = made(tmp_path / "reach.case", TALLOWMERE, written(tmp_path / "state.json", CONFIG))
    lines = workbench("resource", case, "backup-operator", "--could-reach", "--json").lines
    assert {one["level"] for one in lines} == {"E0"}
    grants = [one for one in lines if one["what"] == "grant"]
    assert [one["grant"] for one in grants] == ["allow s3:get* on *"]
    (unknown,) = [one for one in lines if one["what"] == "policy not in the case"]
    assert unknown["policy"] == "arn:aws:iam::aws:policy/Backup"


def test_adding_and_explaining_say_what_a_snapshot_is_for(tmp_path: Path) -> None:
    """Its reader finds no event, and nobody should take that for a file that was not understood."""
    file = tmp_path / "role.json"
    file.write_text(json.dumps(GET_ROLE))
    assert b"no log: `add` keeps how things stood" in workbench("sources", "explain", file).out
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t", "--examiner", "e")
    told = workbench("add", case, file).err
    assert "1 snapshot is no event: it says how things stood" in told


def test_a_snapshot_tells_its_age_and_that_nothing_is_recorded_since(tmp_path: Path) -> None:
    request = {"roleName": "backup-operator", "policyDocument": json.dumps({**TRUST, "Statement": []})}
    act = record(
        1,
        eventTime="2026-03-03T06:00:00Z",
        eventSource="iam.amazonaws.com",
        eventName="UpdateAssumeRolePolicy",
        requestParameters=request,
        recipientAccountId="333344445555",
        eventCategory="Management",
        readOnly=False,
    )
    between = record(2, eventTime="2026-03-02T06:00:00Z", recipientAccountId="333344445555")
    other = record(3, eventTime="2026-03-02T06:00:00Z", recipientAccountId="999900001111")
    snapshot = written(tmp_path / "state.json", GET_ROLE)
    for name, records, unrecorded in (("none", [act, other], True), ("some", [act, between], False)):
        (tmp_path / f"{name}.json").write_bytes(trail(records))
        case = made(tmp_path / f"{name}.case", tmp_path / f"{name}.json", snapshot)
        (change,) = changes(case)
        assert (change["before_basis"], change["before_unrecorded"]) == ("snapshot", unrecorded)
        assert change["before_age_seconds"] == 54 * 3600
        said = workbench("changes", case).out.decode()
        assert "of 2026-03-01T00:00:00Z, 2 d before (dated by its file)" in said
        assert ("no record of this account between" in said) is unrecorded
        assert "no known gap between" not in said or not unrecorded


@pytest.mark.parametrize(
    ("acquired", "basis", "said"),
    [
        ("2026-03-01T00:00:00Z", "snapshot", "dated by when it is said to have been acquired"),
        ("2026-03-01T01:00:00+01:00", "snapshot", "dated by when it is said to have been acquired"),
        ("2026-03-01", "unknown", ""),
        ("last spring", "unknown", ""),
        (None, "unknown", ""),
    ],
)
def test_what_a_person_says_dates_a_snapshot_before_its_file_does(
    acquired: str | None, basis: str, said: str, tmp_path: Path
) -> None:
    case = made(tmp_path / "t.case", TALLOWMERE)
    path = tmp_path / "state.json"
    path.write_text(json.dumps(GET_ROLE))
    os.utime(path, (MARCH + 10**7, MARCH + 10**7))
    options = () if acquired is None else ("--acquired-at", acquired)
    assert workbench("add", case, path, *options).status == 0
    (change,) = changes(case, "action:UpdateAssumeRolePolicy")
    assert change["before_basis"] == basis
    assert said in workbench("changes", case, "action:UpdateAssumeRolePolicy").out.decode()


def test_a_later_snapshot_shows_that_a_trust_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps(GET_ROLE))
    os.utime(path, (MARCH + 10**7, MARCH + 10**7))
    case = made(tmp_path / "late.case", TALLOWMERE, path)
    (trust,) = [
        one for one in workbench("changes", case, "--left-behind", "--json").lines if one["kind"] == "trust"
    ]
    # Its file may have been copied: only what says when it was taken shows that the trust is gone.
    assert (trust["fate"], trust["undone"], trust["undone_ref"]) == ("perhaps", False, None)
    assert "dated by its file" in trust["remark"]
    assert trust["remark"].startswith("may be gone")
    case = made(tmp_path / "said.case", TALLOWMERE)
    assert workbench("add", case, path, "--acquired-at", "2026-06-24T17:46:40Z").status == 0
    (trust,) = [
        one for one in workbench("changes", case, "--left-behind", "--json").lines if one["kind"] == "trust"
    ]
    assert (trust["fate"], trust["undone"], trust["undone_ref"]) == ("gone", False, None)
    assert "by which act is not in the evidence" in trust["remark"]
    words = workbench("changes", case, "--left-behind").out.decode()
    assert "gone, by an act that is not in the evidence: 1" in words
