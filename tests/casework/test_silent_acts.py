"""Acts that may have changed a resource and do not say what: named wherever an earlier state is taken for the present one."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import ROOT, workbench
from tests.casework.logs import record as aws_record
from tests.casework.logs import trail
from tests.casework.test_changes import changes, made
from tests.casework.test_gaps_owners import audit as project_audit
from tests.casework.test_snapshots import written
from tests.sources.azure.samples import activity as azure_activity

SAMPLES = ROOT / "sample_logs"
ROLE = "namespaces/pay/roles/runner"
GETS = [{"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"]}]
ALL = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]


def audit(
    at: str,
    verb: str,
    rules: list[dict[str, Any]] | None = None,
    *,
    name: str = "runner",
    sub: str = "",
    code: int = 200,
) -> dict[str, Any]:
    """Return an audit event about a role; at the level Metadata unless rules are given."""
    body = {
        "kind": "Role",
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "metadata": {"name": name, "namespace": "pay"},
        "rules": rules,
    }
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/pay/roles/{name}".rstrip("/")
    made = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata" if rules is None else "RequestResponse",
        "auditID": f"a00fd518-96c4-49bc-aeb6-{zlib.crc32(repr((at, verb, name, sub, code)).encode()):012d}",
        "stage": "ResponseComplete",
        "requestURI": f"{path}/{sub}" if sub else path,
        "verb": verb,
        "user": {"username": "ops@example.test", "groups": ["system:authenticated"]},
        "sourceIPs": ["192.0.2.7"],
        "userAgent": "kubectl/v1.30",
        "objectRef": {
            "resource": "roles",
            "namespace": "pay",
            "apiGroup": "rbac.authorization.k8s.io",
            "apiVersion": "v1",
        },
        "responseStatus": {"metadata": {}, "code": code},
        "requestReceivedTimestamp": f"2026-05-12T{at}.126588Z",
        "stageTimestamp": f"2026-05-12T{at}.128588Z",
        "annotations": {"authorization.k8s.io/decision": "allow" if code < 400 else "forbid"},
    }
    if name:
        made["objectRef"]["name"] = name
    if sub:
        made["objectRef"]["subresource"] = sub
    if rules is not None:
        made["requestObject"] = made["responseObject"] = body
    return made


def cluster(tmp_path: Path, *records: dict[str, Any]) -> Path:
    log = tmp_path / "kube-apiserver-audit.log"
    log.write_text("".join(json.dumps(each) + "\n" for each in records))
    return made(tmp_path / "cluster.case", log)


FIRST = audit("10:00:00", "update", GETS)
LAST = audit("12:00:00", "update", ALL)


def last_rules(case: Path) -> dict[str, Any]:
    found = [each for each in changes(case, "resource:*roles/runner") if each.get("field") == "/rules"]
    return max(found, key=lambda each: each["time"])


@pytest.mark.parametrize(
    ("one", "counted"),
    [
        (audit("11:00:00", "update"), 1),
        (audit("11:00:00", "patch"), 1),
        (audit("11:00:00", "deletecollection", name=""), 1),
        (audit("11:00:00", "get"), 0),
        (audit("11:00:00", "update", code=403), 0),
        (audit("11:00:00", "update", name="other"), 0),
        (audit("11:00:00", "update", sub="status"), 0),
        (audit("09:00:00", "update"), 0),
        (audit("13:00:00", "update"), 0),
    ],
)
def test_acts_between_that_do_not_say_what_they_changed_are_named(
    tmp_path: Path, one: dict[str, Any], counted: int
) -> None:
    case = cluster(tmp_path, FIRST, one, LAST)
    change = last_rules(case)
    assert change["before_basis"] == "reconstructed"
    assert change["before_silent"]["events"] == counted
    (event,) = [
        each
        for each in workbench("events", case, "--json").lines
        if each["time"] == one["requestReceivedTimestamp"]
    ] or [None]
    text = workbench("changes", case, "verb:delegate").out.decode()
    shown = workbench("diff", case, change["ref"]).out.decode()
    for said in (text, shown):
        assert ("1 act between may have changed this resource without saying what" in said) is bool(counted)
    if counted:
        (named,) = change["before_silent"]["first"]
        assert named["action"] == f"{one['verb']} roles"
        assert event is not None
        assert named["ref"] == event["ref"]


def test_a_record_that_states_other_fields_only_is_not_silent(tmp_path: Path) -> None:
    labelled = audit("11:00:00", "patch", GETS)
    labelled["requestObject"] = [{"op": "replace", "path": "/metadata/labels/team", "value": "pay"}]
    change = last_rules(cluster(tmp_path, FIRST, labelled, LAST))
    assert change["before_silent"] == {"events": 0, "first": []}


def test_the_end_of_a_namespace_ends_what_lies_in_it(tmp_path: Path) -> None:
    ended = audit("11:00:00", "delete", name="pay")
    ended["objectRef"] = {"resource": "namespaces", "name": "pay", "namespace": "pay", "apiVersion": "v1"}
    ended["requestURI"] = "/api/v1/namespaces/pay"
    case = cluster(tmp_path, FIRST, ended, LAST)
    change = last_rules(case)
    assert [each["action"] for each in change["before_silent"]["first"]] == ["delete namespaces"]
    steps = workbench("resource", case, ROLE, "--json").lines[:-1]
    assert [step["silent"] for step in steps] == [False, True, False]


def test_what_is_logged_or_unknown_has_no_acts_between(tmp_path: Path) -> None:
    found = changes(cluster(tmp_path, audit("09:00:00", "update"), FIRST, LAST))
    assert {each["before_silent"] is None for each in found if each["before_basis"] == "unknown"} == {True}


def test_many_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    many = [audit(f"11:{minute:02d}:00", "update") for minute in range(7)]
    change = last_rules(cluster(tmp_path, FIRST, *many, LAST))
    assert change["before_silent"]["events"] == 7
    assert [each["time"][11:16] for each in change["before_silent"]["first"]] == ["11:00", "11:01", "11:02"]


def test_a_state_is_doubtful_from_such_an_act_until_it_is_said_again(tmp_path: Path) -> None:
    case = cluster(tmp_path, FIRST, audit("11:00:00", "update"), LAST, audit("14:00:00", "patch"))

    def rules(as_of: str) -> dict[str, Any]:
        out = workbench("resource", case, ROLE, "--as-of", f"2026-05-12T{as_of}Z", "--json").lines
        return dict(out[-1]["fields"]["/rules"])

    assert rules("10:30:00")["silent_since"] is None
    assert rules("11:30:00")["silent_since"]["events"] == 1
    assert rules("12:30:00")["silent_since"] is None
    assert rules("14:30:00")["silent_since"]["events"] == 1
    assert rules("14:30:00")["value"] == ALL
    steps = workbench("resource", case, ROLE, "--json").lines[:-1]
    assert [step["silent"] for step in steps] == [False, True, False, True]
    text = workbench("resource", case, ROLE).out.decode()
    assert text.count("does not say what it changed: what follows is known only as far as said again") == 2
    state = text[text.index("state at the end") :]
    assert "? /rules" in state
    assert "DOUBTFUL: 1 act since may have changed it without saying what" in state
    early = workbench("resource", case, ROLE, "--as-of", "2026-05-12T10:30:00Z").out.decode()
    assert "DOUBTFUL" not in early


def bucket(number: int, minute: int, action: str, **more: Any) -> dict[str, Any]:
    made = {
        "eventTime": f"2026-03-04T10:{minute:02d}:00Z",
        "eventID": f"{number:032x}",
        "requestID": f"REQ{number:013d}",
        "eventSource": "s3.amazonaws.com",
        "eventName": action,
        "eventCategory": "Management",
        "readOnly": False,
        "requestParameters": {"bucketName": "reports-b7"},
    }
    return aws_record(0, **{**made, **more})


def policy(number: int, minute: int, who: str) -> dict[str, Any]:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": who},
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::reports-b7",
            }
        ],
    }
    wanted = {"bucketName": "reports-b7", "bucketPolicy": document}
    return bucket(number, minute, "PutBucketPolicy", requestParameters=wanted)


def access_line(minute: int, operation: str, request: str, key: str = "-") -> str:
    return (
        f"79a59df9 reports-b7 [04/Mar/2026:10:{minute:02d}:00 +0000] 192.0.2.3 arn:aws:iam::111122223333:user/user-0 {request}"
        f' {operation} {key} "PUT /reports-b7 HTTP/1.1" 200 - - - 10 9 "-" "aws-cli/2.15.0" - hostid SigV4'
        " ECDHE-RSA-AES128-GCM-SHA256 AuthHeader reports-b7.s3.amazonaws.com TLSv1.2 -\n"
    )


def test_two_logs_of_one_request_are_one_act_and_writing_objects_alters_no_policy(tmp_path: Path) -> None:
    (tmp_path / "trail.json").write_bytes(
        trail(
            [
                policy(1, 0, "111122223333"),
                bucket(
                    2,
                    5,
                    "PutObject",
                    eventCategory="Data",
                    requestParameters={"bucketName": "reports-b7", "key": "a"},
                ),
                policy(3, 30, "444455556666"),
                policy(4, 50, "111122223333"),
            ]
        )
    )
    lines = [
        access_line(0, "REST.PUT.BUCKETPOLICY", f"REQ{1:013d}"),
        access_line(6, "REST.PUT.OBJECT", "REQX", "a"),
        access_line(7, "REST.PUT.ACL", "REQY", "a"),
        access_line(30, "REST.PUT.BUCKETPOLICY", f"REQ{3:013d}"),
        access_line(40, "REST.PUT.BUCKETPOLICY", "REQZ"),
        access_line(50, "REST.DELETE.BUCKETPOLICY", "REQW"),
    ]
    (tmp_path / "access.log").write_text("".join(lines))
    case = made(tmp_path / "bucket.case", tmp_path / "trail.json", tmp_path / "access.log")
    found = sorted(
        (each for each in changes(case, "action:PutBucketPolicy") if each["field"] == "bucket policy"),
        key=lambda each: each["time"],
    )
    assert [each["before_basis"] for each in found] == ["unknown", "reconstructed", "reconstructed"]
    assert [each["before_silent"] and each["before_silent"]["events"] for each in found] == [None, 0, 2]
    assert [(named["action"], named["time"]) for named in found[2]["before_silent"]["first"]] == [
        ("REST.PUT.BUCKETPOLICY", "2026-03-04T10:40:00Z"),
        # In the same second as the change: it may have come before.
        ("REST.DELETE.BUCKETPOLICY", "2026-03-04T10:50:00Z"),
    ]


def test_what_nothing_undid_may_have_been_undone_without_saying_so(tmp_path: Path) -> None:
    (tmp_path / "trail.json").write_bytes(trail([policy(1, 0, "444455556666")]))
    (tmp_path / "access.log").write_text(access_line(40, "REST.DELETE.BUCKETPOLICY", "REQZ"))
    case = made(tmp_path / "left.case", tmp_path / "trail.json", tmp_path / "access.log")
    (left,) = workbench("changes", case, "--left-behind", "--json").lines
    assert not left["undone"]
    assert left["silent_since"]["events"] == 1
    assert b"DOUBTFUL: 1 act since may have changed it" in workbench("changes", case, "--left-behind").out


def rows(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))
    return path


def test_a_policy_of_google_cloud_that_was_set_without_saying_to_what(tmp_path: Path) -> None:
    taken = project_audit(9, "ledger-prod", "projects/ledger-prod", "user:eve@example.test")
    delta = taken["protoPayload"]["serviceData"]["policyDelta"]["bindingDeltas"][0]  # type: ignore[index]
    delta["action"] = "REMOVE"
    log = rows(
        tmp_path / "audit.jsonl",
        project_audit(1, "ledger-prod", "projects/ledger-prod", "user:eve@example.test"),
        project_audit(5, "ledger-prod", "projects/ledger-prod"),
        project_audit(6, "ledger-prod", "projects/other"),
        taken,
    )
    added, removed = sorted(changes(made(tmp_path / "gcp.case", log)), key=lambda each: each["time"])
    assert added["before_silent"] is None
    assert (removed["operation"], removed["before_basis"]) == ("remove", "reconstructed")
    assert removed["before_silent"]["events"] == 1
    assert removed["before_silent"]["first"][0]["time"] == "2026-03-04T05:08:05Z"


def test_a_write_of_azure_without_a_body(tmp_path: Path) -> None:
    def write(number: int, body: dict[str, Any] | None) -> dict[str, Any]:
        one = azure_activity(time=f"2024-05-04T03:0{number}:00Z", correlationId=f"c-{number}")
        one["properties"] = {
            **one["properties"],
            "eventDataId": f"00000000-0000-4000-8000-00000000000{number}",
            "requestbody": None if body is None else json.dumps(body),
        }
        return {key: value for key, value in one.items() if value is not None}

    def granted(who: str) -> dict[str, Any]:
        return {"properties": {"roleDefinitionId": "/providers/r/1", "principalId": who}}

    log = rows(
        tmp_path / "activity.jsonl", write(1, granted("ann")), write(2, None), write(3, granted("eve"))
    )
    found = [
        each
        for each in changes(made(tmp_path / "azure.case", log))
        if each["before_basis"] == "reconstructed"
    ]
    assert found
    assert {each["before_silent"]["events"] for each in found} == {1}


def test_a_snapshot_reaches_as_far_as_nothing_may_have_changed_it(tmp_path: Path) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "runner", "namespace": "pay"},
        "rules": GETS,
    }
    snapshot = written(tmp_path / "objects.json", {"apiVersion": "v1", "kind": "List", "items": [role]})
    log = rows(tmp_path / "audit.log", audit("11:00:00", "update"), LAST)
    case = made(tmp_path / "cluster.case", snapshot, log)
    change = last_rules(case)
    assert change["before_basis"] == "snapshot"
    assert change["before_silent"]["events"] == 1


# The fictitious incidents and real attacks, against what their events say.

_MUTATING = {"create", "update", "delete", "delegate"}


def _reconstructed(case: Path) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each change that rests on an earlier event with the silent acts between by names alone: an oracle that knows
    no rules of sources."""
    listed = changes(case)
    stating = {each["ref"] for each in listed}
    events = {each["ref"]: each for each in workbench("events", case, "--json").lines}
    for change in listed:
        if change["before_basis"] != "reconstructed":
            continue
        start, end = events[change["before_ref"]]["time"], change["time"]
        found = [
            each
            for ref, each in events.items()
            if ref not in stating
            and each["time"] is not None
            and start <= each["time"] <= end
            and each["source"] == change["source"]
            and each["verb"] in _MUTATING
            and each["outcome"] in ("success", "unknown")
            and change["resource"] in {one["name"] for one in each["resources"] if one["role"] != "source"}
        ]
        yield change, found


@pytest.mark.parametrize("incident", ["harbourline", "tallowmere", "quillbank"])
def test_silent_acts_of_the_incidents_are_those_that_their_events_show(incident: str, tmp_path: Path) -> None:
    case = made(tmp_path / "demo.case", SAMPLES / incident / "evidence")
    for change, found in _reconstructed(case):
        told = change["before_silent"]["events"]
        if change["field"]:
            assert told == len(found), (change["ref"], change["resource"], change["field"])
        else:
            assert told <= len(found)


def test_keys_and_grants_that_an_update_without_values_may_have_taken_back(tmp_path: Path) -> None:
    case = made(tmp_path / "quillbank.case", SAMPLES / "quillbank" / "evidence")
    left = [
        one
        for one in workbench("changes", case, "--left-behind", "--json").lines
        if one["silent_since"] is not None
    ]
    assert {one["kind"] for one in left} == {"credential", "grant"}
    assert not any(one["undone"] for one in left)
    silent = [
        one["ref"]
        for one in workbench(
            "events", case, 'action:"Update service principal" AND source:entra.audit', "--json"
        ).lines
    ]
    named = {each["ref"] for one in left for each in one["silent_since"]["first"]}
    assert named == set(silent)


@pytest.mark.parametrize("real", ["invictus-aws", "stratus-red-team"])
def test_real_attacks_of_which_everything_is_recorded_have_no_silent_acts(
    real: str, datasets: Path, tmp_path: Path
) -> None:
    case = made(tmp_path / "real.case", datasets / real)
    checked = 0
    for change, found in _reconstructed(case):
        checked += 1
        assert change["before_silent"]["events"] <= len(found)
    assert checked
