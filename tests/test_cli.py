"""The command line: help everywhere, plain errors, results that scripts can rely on, and no harm from log text."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.casework.command import COMMAND, ROOT, start, workbench
from tests.casework.logs import lines, record, trail
from workbench.cli import main

HOSTILE = "\x1b]52;c;eA==\x07\x9b31m\u202eevil\u200b[bold]x[/bold]\r\n\x00"
SECRET = {"credentials": {"accessKeyId": "ASIAEXAMPLE000000001", "sessionToken": "T0PSECRET" * 40}}
FIELDS = {
    *(
        "ref",
        "time",
        "time_raw",
        "precision",
        "source",
        "service",
        "action",
        "verb",
        "identity",
        "identity_kind",
    ),
    *("identity_reason", "credential", "session", "address", "user_agent", "outcome", "error", "resources"),
    *("account", "region", "request_id", "tag"),
}


@pytest.fixture
def filled(case: Path, tmp_path: Path) -> Path:
    """A case with a hostile record, one with a secret, and some plain ones."""
    records = [
        record(
            1,
            userAgent=HOSTILE,
            sourceIPAddress=HOSTILE,
            userIdentity={"type": "IAMUser", "arn": HOSTILE, "userName": HOSTILE},
        ),
        record(2, eventSource="sts.amazonaws.com", eventName="AssumeRole", responseElements=SECRET),
        *(record(number) for number in range(3, 40)),
    ]
    (tmp_path / "a.json").write_bytes(trail(records))
    assert workbench("add", case, tmp_path / "a.json").status == 0
    return case


@pytest.mark.parametrize("command", [[], *([name] for name in sorted(main.commands))])
def test_every_command_explains_itself(command):
    said = workbench(*command, "--help")
    assert said.status == 0
    assert len(said.out.decode().split()) > 15


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["info"], ["info", "x.case", "--nonsense"], ["new", "x.case"], ["add", "x.case"]],
)
def test_wrong_usage_is_status_two(arguments):
    assert workbench(*arguments).status == 2


def test_without_a_terminal_the_screens_say_so(filled):
    for arguments in ((), ("open", filled)):
        said = workbench(*arguments)
        assert said.status == 2
        assert "terminal" in said.err


def test_events_have_the_field_names_of_the_design(filled):
    events = workbench("events", filled, "--json").lines
    assert len(events) == 39
    for event in events:
        assert set(event) >= FIELDS
        assert event["tag"] is None
        assert event["session"].startswith("S-")


def test_json_and_text_are_safe_to_show_and_json_loses_nothing(filled):
    said = workbench("events", filled, "--json")
    assert not set("\x1b\x07\x9b\u202e\u200b\x00\x7f") & set(said.out.decode())
    assert any(event["user_agent"] == HOSTILE for event in said.lines)
    text = workbench("events", filled).out.decode()
    assert not set("\x1b\x07\x9b\u202e\u200b\x00\r") & set(text)
    assert "␛]52" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("acton:Get*", "action"),
        ("verb:raed", "read"),
        ("time:[x TO y]", "^"),
        ("(a OR", "^"),
        ("action:", "^"),
    ],
)
def test_a_wrong_query_points_at_its_place(filled, query, expected):
    said = workbench("events", filled, query)
    assert said.status == 2
    assert expected in said.err
    assert said.out == b""


def test_limit_and_count(filled):
    assert workbench("events", filled, "--count").out == b"39\n"
    said = workbench("events", filled, "--json", "--limit", 3)
    assert len(said.lines) == 3
    assert "more" in said.err


def test_nothing_fits(filled):
    said = workbench("events", filled, "action:Nothing")
    assert (said.status, said.out) == (0, b"")
    assert "no event fits" in said.err


def test_a_raw_record_is_the_slice_of_its_file(filled, tmp_path):
    content = (tmp_path / "a.json").read_bytes()
    for event in workbench("events", filled, "NOT action:AssumeRole", "--json").lines:
        offset, length = map(int, event["ref"].split(":")[1].split("+"))
        for reference in (event["ref"], event["ref"].split("+")[0], f"{event['ref'][:8]}:{offset}"):
            assert workbench("evidence", filled, reference).out == content[offset : offset + length]


def test_secrets_are_masked_until_they_are_revealed_and_that_is_journalled(filled):
    (event,) = workbench("events", filled, "action:AssumeRole", "--json").lines
    before = filled.read_bytes()
    said = workbench("evidence", filled, event["ref"])
    assert b"T0PSECRET" not in said.out
    assert "masked" in said.err
    assert filled.read_bytes() == before, "reading is no act"
    said = workbench("evidence", filled, event["ref"], "--reveal", "--examiner", "Ann")
    assert b"T0PSECRET" in said.out
    *_, opened, revealed = journal(filled)
    assert (opened["kind"], opened["actor"]) == ("case.opened", "Ann")
    assert (revealed["kind"], revealed["body"]) == ("secret.revealed", {"ref": event["ref"], "secrets": 1})


def test_no_range_of_bytes_prints_a_part_of_a_secret(filled, tmp_path):
    (event,) = workbench("events", filled, "action:AssumeRole", "--json").lines
    content = (tmp_path / "a.json").read_bytes()
    sha, place = event["ref"].split(":")
    start, length = map(int, place.split("+"))
    inside = content.index(b"T0PSECRET") + 40
    for offset, size in (
        (inside, 50),
        (inside, start + length - inside),
        (start, inside - start),
        (inside - 300, 320),
        (0, inside),
    ):
        said = workbench("evidence", filled, f"{sha}:{offset}+{size}")
        assert said.status == 0
        assert b"T0PSECRET" not in said.out, (offset, size)
        assert "masked" in said.err
    said = workbench("evidence", filled, f"{sha}:{inside}+9", "--reveal")
    assert said.out == content[inside : inside + 9]
    assert journal(filled)[-1]["kind"] == "secret.revealed"


def test_the_journal_can_be_read(filled):
    lines = workbench("journal", filled, "--json").lines
    assert [line["kind"] for line in lines] == ["case.created", "case.opened", "evidence.added"]
    text = workbench("journal", filled).out.decode()
    assert "Tester" in text
    assert "1 files" in text


def test_what_could_not_be_read_can_be_looked_up_later(case, tmp_path):
    (tmp_path / "x.jsonl").write_bytes(lines([record(1)]) + b"{broken\n" + b'{"unknown": 1}\n')
    workbench("add", case, tmp_path / "x.jsonl")
    text = workbench("info", case).out.decode()
    assert "1 rejected" in text
    assert "no reader knows this record" in text
    (item,) = workbench("info", case, "--json").object["evidence"]
    assert {each["rejected"] for each in item["unread"]} == {True, False}
    for each in item["unread"]:
        reference = f"{item['content_sha256']}:{each['offset']}+{each['length']}"
        assert workbench("evidence", case, reference).out in (b"{broken", b'{"unknown": 1}')


def journal(case: Path) -> list[dict]:
    from workbench.casefile.reader import CaseReader

    with CaseReader.open(case) as reader:
        return [json.loads(entry) for entry in reader.journal()]


def test_an_extracted_file_is_the_delivered_one_and_journalled(filled, tmp_path):
    said = workbench("evidence", filled, "a.json", "--extract", tmp_path / "out.json", "--examiner", "Ann")
    assert said.status == 0, said.err
    assert (tmp_path / "out.json").read_bytes() == (tmp_path / "a.json").read_bytes()
    assert journal(filled)[-1]["kind"] == "evidence.extracted"
    again = workbench("evidence", filled, "a.json", "--extract", tmp_path / "out.json")
    assert again.status == 2, "nothing is written over"


@pytest.mark.parametrize("reference", ["nonsense", "000000:0", "abcdef:99999999", "zz:1"])
def test_references_that_name_nothing(filled, reference):
    said = workbench("evidence", filled, reference)
    assert said.status == 2
    assert said.err.count("\n") == 1


def test_reading_commands_change_no_byte(filled):
    before = filled.read_bytes()
    for arguments in (["info"], ["info", "--json"], ["events"], ["events", "verb:read"], ["evidence"]):
        assert workbench(arguments[0], filled, *arguments[1:]).status == 0
    assert filled.read_bytes() == before


def test_the_journal_names_who_added_what(filled):
    created, opened, added = journal(filled)
    assert (created["kind"], created["seq"]) == ("case.created", 1)
    assert (opened["kind"], opened["actor"]) == ("case.opened", "Tester")
    assert [file["name"] for file in added["body"]["files"]] == ["a.json"]


def test_a_reader_that_stops_early_is_no_error(filled):
    done = subprocess.run(
        f"{' '.join(COMMAND)} events {filled} --json | head -1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert json.loads(done.stdout)["ref"]
    assert "Traceback" not in done.stderr


def test_ctrl_c_keeps_what_is_acknowledged_and_leaves_nothing_half(case, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.jsonl").write_bytes(
            lines(record(number * 10_000 + index) for index in range(4000))
        )
    with start("add", case, folder, "--progress", "json") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(b"{") and json.loads(line)["files_done"] >= 3:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read().decode()
        process.wait(30)
    assert process.returncode == 130, rest
    total = workbench("info", case, "--json").object["total"]
    assert total["balances"]
    assert 3 <= total["files"] < 60
    assert total["events"] == total["files"] * 4000
    time.sleep(0.1)
    said = workbench("add", case, folder)
    assert said.status == 0, said.err
    assert workbench("info", case, "--json").object["total"]["files"] == 60


def test_a_second_writer_is_told_who_writes(case, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.jsonl").write_bytes(
            lines(record(number * 10_000 + index) for index in range(4000))
        )
    (tmp_path / "other.json").write_bytes(trail([record(1)]))
    with start("add", case, folder, "--progress", "json") as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.readline()
        said = workbench("add", case, tmp_path / "other.json")
        readable = workbench("info", case)
        process.communicate(timeout=60)
    assert said.status == 2
    assert str(process.pid) in said.err
    assert readable.status == 0
    assert process.returncode == 0
