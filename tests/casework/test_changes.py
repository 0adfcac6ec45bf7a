"""Changes of real attacks and of the fictitious incidents, against what is known to have happened; and an addition at a time."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import ROOT, workbench
from tests.casework.logs import record as made_record
from tests.casework.logs import trail
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case

SAMPLES = ROOT / "sample_logs"
OUTSIDE = "193672423079"
"""The account that Stratus Red Team lets in."""


def made(case: Path, *paths: Path) -> Path:
    new_case(case, title="Changes", examiner="Tester")
    add_evidence(case, list(paths), actor="Tester")
    derive(case, actor="Tester")
    return case


def changes(case: Path, *arguments: str) -> list[dict[str, Any]]:
    return workbench("changes", case, *arguments, "--json").lines


def told(case: Path) -> Counter[str]:
    """Everything that changes say, in no order and without row numbers."""
    return Counter(json.dumps(each, sort_keys=True) for each in changes(case))


@pytest.fixture(scope="session")
def invictus(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("changes") / "invictus.case", datasets / "invictus-aws")


@pytest.fixture(scope="session")
def stratus(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("changes") / "stratus.case", datasets / "stratus-red-team")


@pytest.fixture(scope="session", params=["evidence", "evidence-siem"])
def tallowmere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(
        tmp_path_factory.mktemp("changes") / "tallowmere.case", SAMPLES / "tallowmere" / request.param
    )


@pytest.fixture(scope="session", params=["evidence", "evidence-siem"])
def quillbank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("changes") / "quillbank.case", SAMPLES / "quillbank" / request.param)


def signs(change: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [
        (line["sign"], line["after"] if line["before"] is None else line["before"])
        for line in change["difference"]
    ]


def test_the_backdoor_of_a_role_alone_has_no_before(stratus: Path) -> None:
    (change,) = changes(stratus, "action:UpdateAssumeRolePolicy")
    assert change["field"] == "trust policy"
    assert (change["before"], change["before_basis"], change["before_ref"]) == (None, "unknown", None)
    assert signs(change) == [("~", f"allow sts:assumerole to account {OUTSIDE}, service ec2.amazonaws.com")]


def test_the_backdoor_of_a_role_whose_creation_is_in_the_case(invictus: Path) -> None:
    opened, closed = changes(
        invictus, "action:UpdateAssumeRolePolicy AND resource:stratus-red-team-backdoor-r-role"
    )
    created = [
        each
        for each in changes(invictus, "action:CreateRole")
        if each["resource_id"] == opened["resource_id"]
    ]
    assert opened["before_basis"] == closed["before_basis"] == "reconstructed"
    assert opened["before_ref"] == created[0]["ref"]
    assert closed["before_ref"] == opened["ref"]
    ec2 = "allow sts:assumerole to service ec2.amazonaws.com"
    assert signs(opened) == [(" ", ec2), ("+", f"allow sts:assumerole to account {OUTSIDE}")]
    assert signs(closed) == [("-", f"allow sts:assumerole to account {OUTSIDE}"), (" ", ec2)]
    assert opened["before_age_seconds"] == 4.0


def test_every_failed_act_is_an_attempt_and_no_state(invictus: Path, datasets: Path) -> None:
    failed = set()
    for path in sorted((datasets / "invictus-aws").glob("*.json")):
        failed |= {one["eventID"] for one in json.loads(path.read_bytes())["Records"] if one.get("errorCode")}
    listed = changes(invictus)
    events = {one["ref"]: one["native_id"] for one in workbench("events", invictus, "--json").lines}
    assert {each["attempt"] for each in listed} == {True, False}
    for each in listed:
        assert each["attempt"] == (events[each["ref"]] in failed)
        if each["attempt"]:
            assert each["before_basis"] == "unknown"
    cited = {each["before_ref"] for each in listed if each["before_ref"]}
    assert not {events[ref] for ref in cited} & failed


def test_what_failed_is_no_change_of_which_the_record_does_not_say_what(
    invictus: Path, datasets: Path
) -> None:
    failed: Counter[str] = Counter()
    for path in sorted((datasets / "invictus-aws").glob("*.json")):
        failed += Counter(
            one["eventName"] for one in json.loads(path.read_bytes())["Records"] if one.get("errorCode")
        )
    said = workbench("changes", invictus).err.splitlines()
    (changed,) = [line for line in said if "further events change something" in line]
    (tried,) = [line for line in said if "denied or failed attempts of acts" in line]
    for name in ("DeleteParameter", "PutParameter", "RunInstances"):
        assert name not in changed
        assert f"{name} {failed[name]}" in tried
        listed = changes(invictus, f"action:{name} outcome:failed")
        assert {each["ref"] for each in listed if each["attempt"]} == {each["ref"] for each in listed}
        assert len({each["ref"] for each in listed}) == failed[name]
    assert not changes(invictus, "action:DeleteParameter outcome:failed", "--no-attempts")


def test_denied_acts_that_state_nothing_are_listed_as_attempts(stratus: Path) -> None:
    (left,) = changes(stratus, "action:LeaveOrganization outcome:denied")
    assert (left["attempt"], left["action"], left["before_basis"]) == (True, "LeaveOrganization", "unknown")
    (other, *_) = changes(stratus, "action:UpdateFunctionCode")
    assert left.keys() == other.keys()
    said = workbench("changes", stratus, "outcome:denied").out.decode().splitlines()
    (line,) = [each for each in said if "LeaveOrganization" in each]
    assert "ATTEMPT, denied: nothing was changed" in line


def test_a_switch_that_is_set_to_what_it_was_is_no_difference(invictus: Path) -> None:
    found = changes(invictus, "action:ModifyInstanceAttribute")
    assert {(each["after"], tuple(each["difference"])) for each in found} == {(False, ())}
    assert {each["before_basis"] for each in found} == {"reconstructed"}


def test_trail_tampering_and_what_undid_it(invictus: Path) -> None:
    left = [
        one
        for one in workbench("changes", invictus, "--left-behind", "--json").lines
        if one["kind"] == "logging"
    ]
    what = Counter((one["what"], one["undone"]) for one in left)
    assert what["management events are no longer recorded; only ReadOnly is recorded", True] == 1
    assert what["cloudtrail:trail was deleted", False] == 2
    assert what["ec2:vpc-flow-log was deleted", False] == 1


def test_what_the_attacks_left_behind_was_undone(invictus: Path) -> None:
    left = workbench("changes", invictus, "--left-behind", "--json").lines
    standing = {one["kind"] for one in left if not one["undone"]}
    assert standing == {"logging"}
    keys = {
        re.sub(".*AKIA", "AKIA", one["what"]): one for one in left if one["what"].startswith("access key")
    }
    assert set(keys) == {"AKIATFQR7NSC3ZO6PKAZ", "AKIATFQR7NSCQLA2F4OD"}
    assert {one["undone_how"] for one in keys.values()} == {"taken away"}
    (trust,) = [one for one in left if one["kind"] == "trust"]
    assert OUTSIDE in trust["what"]
    assert trust["undone_how"] == "set to a policy without it"
    (bucket,) = [one for one in left if one["kind"] == "shared" and "bdbp" in one["resource"]]
    assert "outside" in bucket["what"]


def test_a_trail_whose_records_expire_and_what_the_list_looks_for(invictus: Path) -> None:
    said = workbench("changes", invictus, "--left-behind").out.decode().splitlines()
    assert any("objects expire 1 day after" in line for line in said)
    assert said[-1].startswith("looked for: ")
    assert said[-1].endswith("kinds of act not in this list are not judged")


def test_states_as_of_any_time(invictus: Path) -> None:
    def fields(as_of: str) -> dict[str, Any]:
        out = workbench(
            "resource", invictus, "stratus-red-team-backdoor-r-role", "--as-of", as_of, "--json"
        ).lines
        assert out[-1]["what"] == "state"
        return dict(out[-1]["fields"])

    admin = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert fields("2023-07-10T12:24:06Z") == {}
    assert fields("2023-07-10T12:24:12Z")["attached policies"]["value"] == admin
    assert OUTSIDE in json.dumps(fields("2023-07-10T12:24:12Z")["trust policy"])
    assert OUTSIDE not in json.dumps(fields("2023-07-10T12:28:25Z")["trust policy"])
    assert fields("2023-07-10T12:28:34")["attached policies"]["value"] == []
    gone = fields("2023-07-10T12:30:00Z")
    assert set(gone) == {""}
    assert gone[""]["value"] is None

    def words(as_of: str) -> str:
        return workbench(
            "resource", invictus, "stratus-red-team-backdoor-r-role", "--as-of", as_of
        ).out.decode()

    assert "did not exist yet, as far as the evidence shows: created 2023-07-10T12:24:07Z" in words(
        "2023-07-10T12:00:00Z"
    )
    assert "the resource itself: deleted 2023-07-10T12:28:3" in words("2023-07-10T12:50:00Z")


def test_what_a_deleted_user_could_reach_is_shown_by_when_it_could(invictus: Path) -> None:
    said = workbench("resource", invictus, "malicious-iam-user", "--could-reach").out.decode()
    assert "nothing at the end of the evidence: deleted 2023-07-10T12:28:24Z" in said
    assert "it had policies from 2023-07-10T12:24:49Z until 2023-07-10T12:28:24Z" in said
    seen = said.partition("--as-of ")[2].partition("`")[0]
    shown = workbench("resource", invictus, "malicious-iam-user", "--could-reach", "--as-of", seen)
    assert "AdministratorAccess" in shown.out.decode()
    (had,) = workbench("resource", invictus, "malicious-iam-user", "--could-reach", "--json").lines
    assert (had["what"], had["seen"]) == ("had policies", seen)


def test_the_life_of_an_access_key_is_told_by_what_is_done_to_the_keys_of_its_user(invictus: Path) -> None:
    def words(*arguments: str) -> str:
        return workbench("resource", invictus, "AKIATFQR7NSCQLA2F4OD", *arguments).out.decode()

    assert "the resource itself: deleted 2023-07-10T12:28:24Z" in words()
    assert "the resource itself: exists" in words("--as-of", "2023-07-10T12:26:00Z")
    assert "did not exist yet" in words("--as-of", "2023-07-10T12:20:00Z")


def test_what_is_likest_is_offered_first(invictus: Path) -> None:
    said = workbench("resource", invictus, "backdor role")
    assert said.status == 1
    near = said.err.partition("the nearest are ")[2].split("; ")
    assert near[0].endswith("stratus-red-team-backdoor-r-role")


def test_the_history_of_a_role_has_its_reads_too(invictus: Path) -> None:
    steps = workbench("resource", invictus, "backdoor-r-role", "--json").lines
    actions = [one["action"] for one in steps[:-1]]
    assert actions[0] == "CreateRole"
    assert actions.count("GetRole") == 2
    assert "DeleteRole" in actions[-3:]
    assert all(one["session"] for one in steps[:-1])
    assert {one["session_strength"] for one in steps[:-1]} <= {"proven", "inferred"}


def test_what_is_like_a_name_is_told_and_never_shown_for_it(invictus: Path) -> None:
    said = workbench("resource", invictus, "backdoor")
    assert said.status == 2
    assert "stratus-red-team-backdoor-r-role" in said.err
    near = workbench("resource", invictus, "stratus-red-teem-bakdoor-r-role", "--json")
    assert (near.status, near.out) == (1, b"")
    assert "the nearest are" in near.err
    assert "stratus-red-team-backdoor-r-role" in near.err
    assert workbench("resource", invictus, "qqqqqqqqqq").status == 1


def test_the_trust_policy_of_s2_is_unknown_unless_its_creation_is_in_the_case(
    tallowmere: Path, tmp_path: Path
) -> None:
    (change,) = changes(tallowmere, "action:UpdateAssumeRolePolicy")
    assert change["before_basis"] == "unknown"
    assert [sign for sign, _ in signs(change)] == ["~"]
    (trust,) = [
        one
        for one in workbench("changes", tallowmere, "--left-behind", "--json").lines
        if one["kind"] == "trust"
    ]
    assert "999900001111 is outside" in trust["what"]
    assert not trust["undone"]
    # The same incident with the creation of the role, five months earlier.
    before = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    creation = {
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE0000000001",
            "arn": "arn:aws:iam::333344445555:user/setup",
            "accountId": "333344445555",
            "userName": "setup",
        },
        "eventTime": "2026-01-05T09:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateRole",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "Terraform",
        "requestParameters": {"roleName": "backup-operator", "assumeRolePolicyDocument": json.dumps(before)},
        "responseElements": {"role": {"arn": "arn:aws:iam::333344445555:role/service/backup-operator"}},
        "requestID": "r-1",
        "eventID": "5f0e3f5e-0000-4000-8000-000000000001",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "recipientAccountId": "333344445555",
        "eventCategory": "Management",
    }
    (tmp_path / "january.json").write_bytes(trail([creation]))
    case = made(tmp_path / "with.case", SAMPLES / "tallowmere" / "evidence", tmp_path / "january.json")
    (change,) = changes(case, "action:UpdateAssumeRolePolicy")
    (creation_set,) = [one for one in changes(case, "action:CreateRole") if one["field"] == "trust policy"]
    assert change["before_basis"] == "reconstructed"
    assert change["before_ref"] == creation_set["ref"]
    assert [sign for sign, _ in signs(change)] == ["-", "+"]


def test_logging_of_s2_off_and_on_again(tallowmere: Path) -> None:
    logging = [
        one
        for one in changes(tallowmere, "action:(StopLogging OR StartLogging)")
        if one["field"] == "logging"
    ]
    assert [(one["before"], one["before_basis"], one["after"]) for one in logging] == [
        (None, "unknown", False),
        (False, "reconstructed", True),
    ]
    left = [
        one
        for one in workbench("changes", tallowmere, "--left-behind", "--json").lines
        if one["kind"] == "logging"
    ]
    assert {one["undone_how"] for one in left} == {
        "logging was switched on again",
        "event selectors record everything again",
    }


def test_the_keys_of_s3_differ_by_one_whatever_their_order(quillbank: Path) -> None:
    truth = json.loads((SAMPLES / "quillbank" / "truth.json").read_bytes())
    issued = {
        link["to"]["credential"]["id"]
        for link in truth["links"]
        if link["relation"] == "issued"
        and link["to"].get("credential", {}).get("type") == "entra application key"
    }
    listed = [
        one
        for one in changes(quillbank)
        if one["field"] == "KeyDescription" and one["source"] == "entra.audit"
    ]
    added = [
        [line["after"] for line in one["difference"] if line["sign"] == "+"]
        for one in listed
        if one["before_basis"] == "logged"
    ]
    assert len(added) == 2
    assert all(len(one) == 1 for one in added)
    assert {key for key in issued for one in added if key in one[0]} == issued
    assert not any(line["sign"] == "-" for one in listed for line in one["difference"])


def test_both_encodings_of_an_incident_state_the_same_changes(tmp_path: Path) -> None:
    def essence(folder: str) -> Counter[str]:
        case = made(tmp_path / f"{folder}.case", SAMPLES / "tallowmere" / folder)
        kept = (
            "time",
            "resource_kind",
            "field",
            "operation",
            "outcome",
            "before",
            "before_basis",
            "after",
            "member",
            "action",
            "identity",
        )
        return Counter(
            json.dumps({key: one[key] for key in kept}, sort_keys=True)
            for one in changes(case, "source:aws.cloudtrail")
        )

    assert essence("evidence") == essence("evidence-siem")


@pytest.mark.parametrize("seed", range(3))
def test_an_addition_at_a_time_gives_what_a_rebuild_gives(
    invictus: Path, datasets: Path, tmp_path: Path, seed: int
) -> None:
    files = sorted((datasets / "invictus-aws").glob("*.json"))
    chance = random.Random(seed)
    chance.shuffle(files)
    case = tmp_path / "stepwise.case"
    new_case(case, title="Changes", examiner="Tester")
    cuts = [0, *sorted(chance.sample(range(1, len(files)), 3)), len(files)]
    for start, end in pairwise(cuts):
        add_evidence(case, files[start:end], actor="Tester")
        derive(case, actor="Tester")
    stepwise = told(case)
    assert stepwise == told(invictus)
    derive(case, actor="Tester", anew=True)
    assert told(case) == stepwise
    assert derive(case, actor="Tester") is None


def test_secrets_in_values_are_masked(tmp_path: Path) -> None:
    record = {
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "Root",
            "principalId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "accountId": "111122223333",
        },
        "eventTime": "2026-01-05T09:00:00Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "UpdateFunctionConfiguration20150331v2",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "x",
        "requestParameters": {
            "functionName": "f",
            "environment": {"variables": {"DB_PASSWORD": "hunter2hunter2"}},
            "description": "\x1b[31mred",
        },
        "responseElements": None,
        "requestID": "r-1",
        "eventID": "5f0e3f5e-0000-4000-8000-000000000002",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    }
    (tmp_path / "one.json").write_bytes(trail([record]))
    case = made(tmp_path / "secret.case", tmp_path / "one.json")
    for arguments in (
        ("changes", case),
        ("changes", case, "--json"),
        ("resource", case, "f"),
        ("resource", case, "f", "--json"),
    ):
        said = workbench(*arguments)
        assert b"hunter2" not in said.out
        assert "masked" in said.out.decode()
        assert b"\x1b" not in said.out


def test_a_session_against_its_baseline(tallowmere: Path) -> None:
    (session,) = {one["session"] for one in changes(tallowmere, "action:CreateAccessKey")}
    lines = workbench("diff", tallowmere, session, "--against", "everyone", "--json").lines
    assert lines[0]["what"] == "baseline"
    assert lines[0]["covered_days"] >= 1
    new = {one["value"] for one in lines[1:] if one["aspect"] == "action"}
    assert {"iam CreateUser", "iam CreateAccessKey", "iam UpdateAssumeRolePolicy"} <= new
    earlier = {
        f"{one['service']} {one['action']}"
        for one in workbench("events", tallowmere, f"time:<{lines[0]['until']}", "--json").lines
        if one["outcome"] in ("success", "unknown")
    }
    assert len(earlier) > 20
    assert not new & earlier
    pair = workbench("diff", tallowmere, session, session, "--json").lines
    assert all(one[session] is not None for one in pair)


def test_what_was_denied_was_tried_and_not_done(tmp_path: Path) -> None:
    def acted(number: int, day: int, name: str, bucket: str, denied: bool = False) -> dict[str, Any]:
        return made_record(
            number,
            eventTime=f"2026-02-{day:02d}T10:00:{number:02d}Z",
            eventName=name,
            requestParameters={"bucketName": bucket},
            userIdentity=made_record(0)["userIdentity"] | {"accessKeyId": f"AKIAEXAMPLE{day:09d}"},
            sourceIPAddress="192.0.2.1",
            **({"errorCode": "AccessDenied"} if denied else {}),
        )

    (tmp_path / "t.json").write_bytes(
        trail(
            [
                acted(1, 3, "ListObjects", "done"),
                acted(2, 3, "GetObject", "tried", denied=True),
                acted(3, 4, "PutObject", "pay", denied=True),
                acted(4, 4, "GetObject", "tried"),
                acted(5, 4, "ListObjects", "done", denied=True),
            ]
        )
    )
    case = made(tmp_path / "t.case", tmp_path / "t.json")
    sessions = workbench("sessions", case, "--json").lines
    (session,) = [one["id"] for one in sessions if one["start"].startswith("2026-02-04")]
    lines = workbench("diff", case, session, "--json").lines
    new = {(one["aspect"], one["value"]) for one in lines[1:] if one["aspect"] not in ("address", "agent")}
    assert new == {
        ("action", "s3 GetObject"),
        ("resource", "tried"),
        ("attempted action", "s3 PutObject"),
        ("attempted resource", "pay"),
    }
    words = workbench("diff", case, session).out.decode()
    assert "new attempted actions (denied or failed: tried, not done): 1" in words
    pair = {
        (one["aspect"], one["value"]) for one in workbench("diff", case, session, session, "--json").lines
    }
    assert ("attempted action", "s3 ListObjects") in pair
    assert ("action", "s3 ListObjects") not in pair


def test_a_session_of_a_role_against_its_name_its_role_and_everyone(tallowmere: Path) -> None:
    (session,) = {one["session"] for one in changes(tallowmere, "action:StartLogging")}
    told = {
        against: workbench("diff", tallowmere, session, "--against", against, "--json").lines
        for against in ("identity", "role", "everyone")
    }
    until = told["role"][0]["until"]
    earlier = workbench("events", tallowmere, f"time:<{until}", "--json").lines
    role = [one for one in earlier if one["identity"] == told["role"][0]["who"]]
    assert told["role"][0]["who"].endswith(":role/federated-admin")
    assert told["role"][0]["events"] == len(role) > 0
    assert told["identity"][0]["who"] == "federated-admin/p.adeyemi"
    assert told["identity"][0]["events"] == sum(
        one["identity_name"] == "federated-admin/p.adeyemi" for one in role
    )
    assert told["everyone"][0]["events"] == len(earlier)
    new = {against: {(one["aspect"], one["value"]) for one in lines[1:]} for against, lines in told.items()}
    assert new["everyone"] <= new["role"] <= new["identity"]
    assert workbench("diff", tallowmere, session, "--json").lines == told["role"]
    person = next(one["session"] for one in earlier if one["session"] and one["source"] == "okta.system")
    said = workbench("diff", tallowmere, person, "--against", "role")
    assert said.status == 2
    assert "--against identity or --against everyone" in said.err


def test_who_was_put_into_the_group_of_administrators(tallowmere: Path) -> None:
    joined = [
        each for each in changes(tallowmere, "action:group.user_membership.add") if each["operation"] == "add"
    ]
    logins = {one["name"] for one in workbench("resource", tallowmere, "--all", "--json").lines}
    assert len(joined) == 2
    assert {each["field"] for each in joined} == {"members"}
    assert len({each["resource_id"] for each in joined}) == 1
    assert {each["member"] for each in joined} <= logins
    left = workbench(
        "changes", tallowmere, "action:group.user_membership.add", "--left-behind", "--json"
    ).lines
    assert [(one["kind"], one["undone"]) for one in left] == [("grant", False)] * 2


def test_overwritten_code_of_a_function_is_a_change(stratus: Path) -> None:
    found = {each["field"]: each for each in changes(stratus, "action:UpdateFunctionCode")}
    assert {each["before_basis"] for each in found.values()} == {"unknown"}
    assert {field: each["after"] for field, each in found.items()} == {
        "code location": "sent with the request (ZipFile)",
        "code SHA-256": "Pt1c8vVaBygmNtAeSyjlpdy7r8nHRqJAAL++HEGlQkc=",
        "published version": "1",
    }


def test_one_request_with_several_answers_states_what_each_answer_says(tmp_path: Path) -> None:
    hashes = ["one=", "two=", "one=", None, "two="]
    records = [
        made_record(
            0,
            eventTime=f"2026-03-04T10:0{number}:00Z",
            eventID=f"{number + 1:032x}",
            eventSource="lambda.amazonaws.com",
            eventName="UpdateFunctionCode20150331v2",
            requestParameters={"functionName": "f", "publish": True},
            responseElements=None if code is None else {"functionName": "f", "codeSha256": code},
            eventCategory="Management",
        )
        for number, code in enumerate(hashes)
    ]
    (tmp_path / "trail.json").write_bytes(trail(records))
    listed = changes(made(tmp_path / "code.case", tmp_path / "trail.json"))
    found = [each for each in listed if each["field"] == "code SHA-256"]
    assert [each["after"] for each in found] == hashes
    assert [each["before"] for each in found] == [None, *hashes[:-1]]
    assert [each["before_basis"] for each in found] == ["unknown", *["reconstructed"] * 3, "unknown"]


def test_gaps_that_lie_between_are_named(tallowmere: Path) -> None:
    (gap,) = [one for one in workbench("gaps", tallowmere, "--json").lines if one["kind"] == "logging_off"]
    (started,) = changes(tallowmere, "action:StartLogging")
    assert (started["before_basis"], started["before_gaps"]) == ("reconstructed", [gap["id"]])
    attached = [each for each in changes(tallowmere, "action:AttachUserPolicy") if each["before_ref"]]
    assert attached
    assert all(each["before_gaps"] == [] for each in attached)
    unknown = [each for each in changes(tallowmere) if each["before_basis"] in ("unknown", "logged")]
    assert unknown
    assert all(each["before_gaps"] is None for each in unknown)
    text = workbench("changes", tallowmere, "action:StartLogging").out.decode()
    assert "1 gap between could hide another change" in text
    assert gap["id"] in text
    assert b"no known gap between" in workbench("changes", tallowmere, "action:AttachUserPolicy").out


def test_every_resource_that_an_event_names_is_found_with_all_its_events(invictus: Path) -> None:
    events = [
        {each["name"] for each in one["resources"]} for one in workbench("events", invictus, "--json").lines
    ]
    named = set().union(*events)
    listed = workbench("resource", invictus, "--all", "--json").lines
    changed = workbench("resource", invictus, "--json").lines
    assert [one["id"] for one in listed if one["changes"]] == [one["id"] for one in changed]
    assert len({one["id"] for one in listed}) == len(listed) > len(changed)
    for name in named:
        assert any(one["resource"] == name or (one["name"] and one["name"] in name) for one in listed)
    others = [one for one in listed if not one["changes"] and one["kind"] and len(one["name"]) > 12]
    for one in random.Random(5).sample(others, 12):
        steps = workbench("resource", invictus, one["id"], "--json").lines
        assert steps[-1]["resource"]["id"] == one["id"]
        alone = [each for each in listed if one["name"] in each["resource"]] == [one]
        if alone:
            assert sum(step["events"] for step in steps[:-1]) == sum(
                any(name.endswith(one["name"]) for name in names) for names in events
            )
            assert (
                workbench("resource", invictus, one["name"][:-1])
                .out.splitlines()[0]
                .decode()
                .startswith(one["resource"])
            )


def test_reads_are_in_the_life_of_a_resource_and_counted_where_many(tmp_path: Path) -> None:
    def record(number: int, minute: int, action: str, **request: str) -> dict[str, Any]:
        return made_record(
            0,
            eventTime=f"2026-03-04T10:{minute:02d}:00Z",
            eventID=f"{number:032x}",
            eventSource="iam.amazonaws.com",
            eventName=action,
            requestParameters={"userName": "svc-backup", **request},
            responseElements=None,
            resources=...,
        )

    records = [record(0, 0, "CreateUser")]
    records += [record(1 + n, 1 + n, "GetUser") for n in range(10)]
    records += [record(20, 20, "AttachUserPolicy", policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")]
    records += [record(21 + n, 21 + n, "GetUser") for n in range(2)]
    (tmp_path / "trail.json").write_bytes(trail(records))
    case = made(tmp_path / "reads.case", tmp_path / "trail.json")
    steps = workbench("resource", case, "svc-backup", "--json").lines[:-1]
    assert [(step["action"], step["events"]) for step in steps] == [
        ("CreateUser", 1), ("GetUser", 10), ("AttachUserPolicy", 1), ("GetUser", 1), ("GetUser", 1),
    ]  # fmt: skip
    assert (steps[1]["time"], steps[1]["until"]) == ("2026-03-04T10:01:00Z", "2026-03-04T10:10:00Z")
    early = workbench("resource", case, "svc-backup", "--as-of", "2026-03-04T10:05:30Z", "--json").lines
    assert [(step["action"], step["events"]) for step in early[:-1]] == [("CreateUser", 1), ("GetUser", 5)]
    assert (
        b"GetUser success  \xc3\x97 10 until 2026-03-04T10:10:00Z"
        in workbench("resource", case, "svc-backup").out
    )
