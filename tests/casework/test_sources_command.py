"""`workbench sources`, and what --timezone, --source and --mapping do to what is read."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from tests.casework.command import workbench
from workbench.sources.registry import READERS

MAPPING = """
[mapping]
name = "acme-vpn"
version = 1
title = "ACME VPN gateway"

[recognise]
equal = { product = "vpn" }

[time]
path = "ts"

[act]
service = { is = "vpn" }
action = "event"

[identity]
id = "user"
kind = { is = "undecided" }
reason = "a name alone decides nothing"
"""

RIVAL = MAPPING.replace("acme-vpn", "other-vpn")

LINES = [
    {"product": "vpn", "ts": "2024-05-01 10:00:00", "event": "login", "user": "ann"},
    {"nobody": "knows this"},
    {"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "eventTime": "2024-05-01T10:00:01Z",
     "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann"}, "eventVersion": "1.08"},
]  # fmt: skip


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "acme.toml"
    path.write_text(MAPPING)
    return path


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "a.case"
    assert workbench("new", path, "--title", "T").status == 0
    return path


def test_every_reader_is_listed_with_what_it_needs() -> None:
    said = workbench("sources")
    assert said.status == 0
    listed = workbench("sources", "--json").lines
    assert [each["source"] for each in listed] == [reader.source for reader in READERS]
    for reader in READERS:
        assert reader.source in said.out.decode()
    assert all(each["needs"] for each in listed)
    unverified = {each["source"] for each in listed if not each["verified"]}
    assert unverified == {reader.source for reader in READERS if not reader.checked_against}
    assert said.out.decode().count("unverified") >= len(unverified)


def test_explain_says_who_takes_what_and_why(logs: Path, mapping: Path) -> None:
    said = workbench(
        "sources", "explain", logs, "--mapping", mapping, "--timezone", "Europe/Vienna", "--json"
    )
    assert said.status == 0
    content = said.object
    assert {reader["source"]: reader["events"] for reader in content["readers"]} == {
        "mapping.acme-vpn": 1,
        "aws.cloudtrail": 1,
    }
    assert all(reader["mark"] for reader in content["readers"])
    assert content["others"] == {"unrecognised: no reader knows this record": 1}
    text = workbench("sources", "explain", logs, "--mapping", mapping).out.decode()
    assert "aws.cloudtrail takes 1: eventSource names an AWS service" in text
    assert "GetCallerIdentity" in text


def test_explain_of_what_nobody_knows_says_what_is_next(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("neither this\nnor that\n")
    said = workbench("sources", "explain", path)
    assert said.status == 1
    assert "sources mapping" in said.out.decode()


def test_known_unknown_and_mapped_records_of_one_file_are_all_accounted_for(
    case: Path, logs: Path, mapping: Path
) -> None:
    assert workbench("add", case, logs, "--mapping", mapping).status == 0
    total = workbench("info", case, "--json").object["total"]
    assert (total["records"], total["events"]) == (3, 2)
    assert total["dispositions"]["unrecognised"] == 1
    assert total["balances"]
    (mapped,) = workbench("events", case, "source:mapping.acme-vpn", "--json").lines
    # No zone in the record, none given: the text is kept and no instant is made up.
    assert (mapped["time"], mapped["time_raw"]) == (None, "2024-05-01 10:00:00")
    assert mapped["identity"] == "ann"


def test_a_zone_that_is_given_is_used_and_stands_in_the_provenance(
    case: Path, logs: Path, mapping: Path
) -> None:
    assert workbench("add", case, logs, "--mapping", mapping, "--timezone", "Europe/Vienna").status == 0
    (mapped,) = workbench("events", case, "source:mapping.acme-vpn", "--json").lines
    assert mapped["time"] == "2024-05-01T08:00:00Z"
    assert "Europe/Vienna" in mapped["time_basis"]
    (entry,) = [
        line for line in workbench("journal", case, "--json").lines if line["kind"] == "evidence.added"
    ]
    assert entry["body"]["timezone"] == "Europe/Vienna"
    (kept,) = entry["body"]["mappings"]
    assert kept["text"] == MAPPING
    assert kept["sha256"] == hashlib.sha256(mapping.read_bytes()).hexdigest()


def test_two_readers_that_know_one_record_are_named_and_the_responder_decides(
    tmp_path: Path, case: Path, logs: Path, mapping: Path
) -> None:
    rival = tmp_path / "rival.toml"
    rival.write_text(RIVAL)
    both = ("--mapping", mapping, "--mapping", rival)
    text = workbench("sources", "explain", logs, *both).out.decode()
    assert "mapping.acme-vpn" in text
    assert "mapping.other-vpn" in text
    assert "--source decides" in text
    assert workbench("add", case, logs, *both, "--source", "mapping.other-vpn").status == 0
    assert workbench("events", case, "source:mapping.other-vpn", "--count").out == b"1\n"
    assert workbench("events", case, "source:aws.cloudtrail", "--count").out == b"1\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--timezone", "Europe/Vienn"), "Europe/Vienna"),
        (("--source", "okta.sistem"), "workbench sources"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_written(
    case: Path, logs: Path, arguments: tuple[str, ...], told: str
) -> None:
    before = case.read_bytes()
    said = workbench("add", case, logs, *arguments)
    assert said.status == 2
    assert told in said.err
    assert case.read_bytes() == before


def test_a_mapping_that_cannot_be_used_says_where(tmp_path: Path, case: Path, logs: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(MAPPING.replace("[identity]", "[identidy]"))
    said = workbench("add", case, logs, "--mapping", path)
    assert said.status == 2
    assert "bad.toml" in said.err
    assert "identidy" in said.err


def test_duplicates_of_mapped_records_are_found(tmp_path: Path, case: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING + '\n[ids]\nnative = "id"\n')
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps({**LINES[0], "id": "x-1"}) + "\n" + f'{{"from":"{name}"}}\n')
        assert workbench("add", case, tmp_path / name, "--mapping", mapping).status == 0
    assert workbench("info", case, "--json").object["total"]["dispositions"]["duplicate"] == 1


def test_a_line_inside_a_collectors_object_is_read(tmp_path: Path, case: Path) -> None:
    line = "2024-05-01T10:00:00.123456+00:00 web-1 sshd[812]: Accepted publickey for ann from 203.0.113.9 port 50022 ssh2"
    path = tmp_path / "cloudwatch.json"
    path.write_text(json.dumps({"logEvents": [{"id": "1", "timestamp": 1714557600123, "message": line}]}))
    assert workbench("add", case, path).status == 0
    (event,) = workbench("events", case, "--json").lines
    assert (event["source"], event["address"]) == ("linux.syslog", "203.0.113.9 port 50022")
    assert event["wrapper"] == "logEvents[].message"


def test_what_an_unverified_reader_read_says_so_in_the_case(case: Path, logs: Path, mapping: Path) -> None:
    assert workbench("add", case, logs, "--mapping", mapping).status == 0
    (evidence,) = workbench("info", case, "--json").object["evidence"]
    assert evidence["sources"] == ["aws.cloudtrail 4", "mapping.acme-vpn 1 unverified"]
    assert "mapping.acme-vpn 1 unverified" in workbench("info", case).out.decode()


def test_explain_says_what_it_did_not_look_at(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("long.jsonl", (json.dumps(LINES[2]) + "\n") * 2_500)
        for number in range(25):
            archive.writestr(f"{number}.jsonl", json.dumps(LINES[2]) + "\n")
    said = workbench("sources", "explain", path).out.decode()
    assert "aws.cloudtrail takes 2,000" in said
    assert "the others were not looked at" in said
    assert "more members, which were not looked at" in said


def test_options_that_come_too_late_say_so(case: Path, logs: Path, mapping: Path) -> None:
    assert workbench("add", case, logs).status == 0
    said = workbench("add", case, logs, "--mapping", mapping, "--timezone", "Europe/Vienna")
    assert said.status == 1
    assert "--timezone and --mapping changes nothing for them" in said.err
    assert "new case" in said.err


def test_events_without_an_instant_are_told_when_they_are_added(
    case: Path, logs: Path, mapping: Path
) -> None:
    said = workbench("add", case, logs, "--mapping", mapping)
    assert "1 of the events have no instant" in said.err
    (event,) = workbench("events", case, "warning:*zone*", "--json").lines
    assert event["source"] == "mapping.acme-vpn"


def test_one_name_and_version_of_a_mapping_is_one_text(
    tmp_path: Path, case: Path, logs: Path, mapping: Path
) -> None:
    assert workbench("add", case, logs, "--mapping", mapping).status == 0
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps(LINES[0]) + "\n" + '{"other":1}\n')
    assert workbench("add", case, more, "--mapping", mapping).status == 0
    mapping.write_text(MAPPING.replace('action = "event"', 'action = "user"'))
    again = tmp_path / "again.jsonl"
    again.write_text(json.dumps(LINES[0]) + "\n" + '{"other":2}\n')
    before = case.read_bytes()
    said = workbench("add", case, again, "--mapping", mapping)
    assert said.status == 2
    assert "raise `version`" in said.err
    assert case.read_bytes() == before


def test_a_mapping_cannot_show_a_secret(tmp_path: Path, logs: Path) -> None:
    path = tmp_path / "leak.toml"
    path.write_text(MAPPING + '\n[credential]\nid = "auth.password"\ntype = "vpn password"\n')
    said = workbench("sources", "explain", logs, "--mapping", path)
    assert said.status == 2
    assert "name of a secret" in said.err


def test_what_became_no_event_can_be_listed_and_looked_at(case: Path, logs: Path) -> None:
    assert workbench("add", case, logs).status == 0
    lines = workbench("evidence", case, "--unread").out.decode().splitlines()
    assert [line.split("  ")[1] for line in lines] == ["unrecognised", "unrecognised"]
    shown = [workbench("evidence", case, line.split("  ")[0]).out for line in lines]
    assert [json.loads(record) for record in shown] == [LINES[0], LINES[1]]


def test_changed_and_withheld_fields_can_be_asked_for(tmp_path: Path, case: Path) -> None:
    record = {
        "eventVersion": "1.08", "eventSource": "ssm.amazonaws.com", "eventName": "SendCommand",
        "eventTime": "2024-05-01T10:00:00Z", "userIdentity": {"type": "Root"},
        "requestParameters": {"parameters": "HIDDEN_DUE_TO_SECURITY_REASONS"},
    }  # fmt: skip
    audit = {
        "category": "AuditLogs", "operationName": "Update policy", "time": "2024-05-01T10:00:01Z",
        "properties": {
            "id": "Directory_1", "activityDisplayName": "Update policy", "activityDateTime": "2024-05-01T10:00:01Z",
            "result": "success", "initiatedBy": {"user": {"id": "u-1"}},
            "targetResources": [
                {"id": "p-1", "type": "Policy", "modifiedProperties": [
                    {"displayName": "PolicyDetail", "oldValue": '"a"', "newValue": '"b"'}]}
            ],
        },
    }  # fmt: skip
    path = tmp_path / "two.jsonl"
    path.write_text(json.dumps(record) + "\n" + json.dumps(audit) + "\n")
    assert workbench("add", case, path).status == 0
    (event,) = workbench("events", case, "withheld:parameters", "--json").lines
    assert event["action"] == "SendCommand"
    (event,) = workbench("events", case, "changed:policydetail", "--json").lines
    assert [(change["before"], change["after"]) for change in event["changes"]] == [('"a"', '"b"')]
