"""Every kind of bad input the issue names, through the commands a person types: a clear line, and nothing lost."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import zipfile
from pathlib import Path

import pytest

from tests.casework.command import Said, workbench
from tests.casework.logs import compact, lines, record, trail


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def added(case: Path, *paths: Path, options: tuple[str, ...] = (), status: int = 0) -> Said:
    said = workbench("add", case, *paths, *options)
    assert said.status == status, said.err
    assert "Traceback" not in said.err
    return said


def account(case: Path) -> dict:
    """The accounting, which must add up whatever was added."""
    summary = workbench("info", case, "--json").object
    assert summary["total"]["balances"]
    for item in summary["evidence"]:
        sums = item["bytes"]
        assert sums["size"] == sums["records"] + sums["structure"] + sums["rejected"], item["name"]
        assert item["records"] == sum(item["dispositions"].values()), item["name"]
    return summary


def kept(case: Path, name: str, target: Path) -> bytes:
    """The kept bytes of an evidence file."""
    said = workbench("evidence", case, name, "--extract", target)
    assert said.status == 0, said.err
    return target.read_bytes()


def check_bytes(case: Path, path: Path, tmp_path: Path) -> dict:
    """Add a file, see that its bytes are kept exactly, and return the accounting."""
    content = path.read_bytes()
    added(case, path)
    assert kept(case, path.name, tmp_path / "out") == content
    return account(case)


def test_empty_file(case, logs, tmp_path):
    (logs / "empty.json").write_bytes(b"")
    summary = check_bytes(case, logs / "empty.json", tmp_path)
    assert summary["evidence"][0]["shape"] == "empty"


def test_binary_file(case, logs, tmp_path):
    (logs / "disk.img").write_bytes(bytes(range(256)) * 500)
    summary = check_bytes(case, logs / "disk.img", tmp_path)
    assert summary["total"]["bytes"]["rejected"] == 128_000


def test_truncated_gzip_is_kept_as_far_as_it_goes_and_whole(case, logs, tmp_path):
    whole = gzip.compress(trail(record(number) for number in range(2000)))
    (logs / "cut.json.gz").write_bytes(whole[: len(whole) // 2])
    said = added(case, logs)
    assert "damaged" in said.err
    assert "cut.json.gz" in said.err
    summary = account(case)
    assert summary["total"]["events"] > 500
    (delivered,) = [item for item in summary["evidence"] if item["container"] == "as delivered"]
    assert kept(case, delivered["content_sha256"], tmp_path / "out") == whole[: len(whole) // 2]


def test_gzip_bomb_stops_at_the_limit_and_the_option_lifts_it(case, logs):
    content = b"[" + b" " * 40_000_000 + compact(record(1)) + b"]"
    (logs / "bomb.json.gz").write_bytes(gzip.compress(content))
    said = added(case, logs)
    assert "--max-ratio" in said.err
    assert account(case)["total"]["events"] == 0


def test_gzip_bomb_with_the_limit_lifted(case, logs):
    content = b"[" + b" " * 40_000_000 + compact(record(1)) + b"]"
    (logs / "bomb.json.gz").write_bytes(gzip.compress(content))
    said = added(case, logs, options=("--max-ratio", "100000"))
    assert "damaged" not in said.err
    assert account(case)["total"]["events"] == 1


def test_broken_json_in_the_middle_rejects_that_record_alone(case, logs, tmp_path):
    parts = [compact(record(number)) for number in range(30)]
    parts[11] = parts[11].replace(b'"awsRegion"', b"awsRegion", 1)
    (logs / "broken.json").write_bytes(b'{"Records":[' + b",".join(parts) + b"]}")
    summary = check_bytes(case, logs / "broken.json", tmp_path)
    assert summary["total"]["events"] == 29
    assert summary["total"]["rejected_ranges"] == 1
    assert "could not be read" in workbench("info", case).out.decode()


def test_nesting_ten_thousand_deep(case, logs, tmp_path):
    deep = b'{"eventName":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001
    (logs / "deep.jsonl").write_bytes(lines([record(1)]) + deep + b"\n" + lines([record(2)]))
    summary = check_bytes(case, logs / "deep.jsonl", tmp_path)
    assert summary["total"]["events"] == 2


def test_invalid_utf8_is_read_and_marked(case, logs, tmp_path):
    data = compact(record(1, userAgent="XX")).replace(b"XX", b"\xff\xfe")
    (logs / "latin.jsonl").write_bytes(data + b"\n" + lines([record(2)]))
    summary = check_bytes(case, logs / "latin.jsonl", tmp_path)
    assert summary["total"]["events"] == 2
    (event,) = workbench("events", case, r"user_agent:*xff*", "--json").lines
    assert event["warnings"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_with_a_byte_order_mark(case, logs, tmp_path, encoding):
    text = "\ufeff" + trail([record(1, userAgent="Ünï\U0001f511code"), record(2)]).decode()
    (logs / "wide.json").write_bytes(text.encode(encoding))
    summary = check_bytes(case, logs / "wide.json", tmp_path)
    assert summary["total"]["events"] == 2
    (event,) = workbench("events", case, "ua:*code", "--json").lines
    said = workbench("evidence", case, event["ref"])
    assert said.out.decode(encoding).startswith('{"eventVersion"')


def test_duplicate_keys_are_told(case, logs, tmp_path):
    data = compact(record(1)).replace(b'"awsRegion"', b'"sourceIPAddress":"203.0.113.66","awsRegion"')
    (logs / "twice.jsonl").write_bytes(data + b"\n")
    check_bytes(case, logs / "twice.jsonl", tmp_path)
    (event,) = workbench("events", case, "--json").lines
    assert any("duplicate key" in warning for warning in event["warnings"])


@pytest.mark.parametrize("value", [b"9" * 5000, b"NaN", b"-Infinity", b"1e400"])
def test_numbers_that_json_does_not_have(case, logs, tmp_path, value):
    data = compact(record(1)).replace(b'"responseElements":null', b'"responseElements":{"n":' + value + b"}")
    (logs / "number.jsonl").write_bytes(data + b"\n" + lines([record(2)]))
    assert check_bytes(case, logs / "number.jsonl", tmp_path)["total"]["events"] == 2


@pytest.mark.parametrize(
    "moment",
    [
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "1601-01-01T00:00:00Z",
        "292277026596-12-04",
        "yesterday",
        "",
    ],
)
def test_absurd_dates_are_kept_as_they_stand(case, logs, tmp_path, moment):
    (logs / "when.jsonl").write_bytes(lines([record(1, eventTime=moment), record(2)]))
    assert check_bytes(case, logs / "when.jsonl", tmp_path)["total"]["events"] == 2
    texts = [event["time_raw"] or "" for event in workbench("events", case, "--json").lines]
    assert moment in texts


def test_records_without_a_time_are_shown_last_and_counted(case, logs, tmp_path):
    (logs / "when.jsonl").write_bytes(lines([record(1, eventTime=...), record(2)]))
    assert check_bytes(case, logs / "when.jsonl", tmp_path)["total"]["undated"] == 1
    assert [event["time"] is None for event in workbench("events", case, "--json").lines] == [False, True]


def test_zip_with_names_that_climb_out_writes_nothing_anywhere(case, logs, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, name in enumerate(
            ["../../escape.json", "/abs.json", "C:\\win.json", "a\x1b[31m\nb.json"]
        ):
            archive.writestr(name, trail([record(number)]))
    (logs / "slip.zip").write_bytes(packed.getvalue())
    before = sorted(tmp_path.rglob("*"))
    added(case, logs)
    assert sorted(tmp_path.rglob("*")) == before
    assert account(case)["total"]["events"] == 4
    assert "\x1b" not in workbench("info", case).out.decode()


def test_two_thousand_tiny_files(case, logs):
    for number in range(2000):
        (logs / f"{number}.json").write_bytes(trail([record(number)]))
    said = added(case, logs)
    assert "added 2,000 files" in said.err
    total = account(case)["total"]
    assert (total["files"], total["events"]) == (2000, 2000)


@pytest.mark.campaign
def test_a_hundred_thousand_tiny_files(case, logs):
    for number in range(100_000):
        (logs / f"{number}.json").write_bytes(trail([record(number)]))
    added(case, logs)
    assert account(case)["total"]["events"] == 100_000


@pytest.mark.campaign
def test_a_line_of_a_hundred_megabytes(case, logs, tmp_path):
    huge = compact(record(1, userAgent="x" * 100_000_000))
    (logs / "long.jsonl").write_bytes(lines([record(2)]) + huge + b"\n" + lines([record(3)]))
    summary = check_bytes(case, logs / "long.jsonl", tmp_path)
    assert summary["total"]["events"] == 2
    text = workbench("evidence", case).out.decode()
    assert "long.jsonl" in text
    connection = sqlite3.connect(case)
    (reason,) = connection.execute("SELECT reason FROM rejected_range").fetchone()
    assert "--max-record" in reason


def test_what_cannot_be_read_is_named_and_the_rest_is_added(case, logs):
    (logs / "good.json").write_bytes(trail([record(1)]))
    os.mkfifo(logs / "pipe")
    (logs / "loop").symlink_to(logs)
    (logs / "dangling").symlink_to(logs / "nowhere")
    said = added(case, logs, status=1)
    assert account(case)["total"]["events"] == 1
    for name in ("pipe", "loop", "dangling"):
        assert name in said.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_unreadable_file(case, logs):
    (logs / "secret.json").write_bytes(b"{}")
    (logs / "secret.json").chmod(0)
    assert "secret.json" in added(case, logs, status=1).err


def test_file_names_are_hostile_too(case, logs):
    name = os.fsencode(logs) + b"/\xff\xfe\x1b]52;c;eA==\x07\n.json"
    Path(os.fsdecode(name)).write_bytes(trail([record(1)]))
    said = added(case, logs)
    text = workbench("info", case).out.decode() + said.err + workbench("events", case, "--json").out.decode()
    assert not set("\x1b\x07") & set(text)
    assert account(case)["total"]["events"] == 1


def test_the_same_file_again_is_recognised(case, logs):
    (logs / "a.json").write_bytes(trail([record(1)]))
    added(case, logs)
    (logs / "b.json").write_bytes((logs / "a.json").read_bytes())
    said = added(case, logs)
    assert "added 0 files" in said.err
    assert "in the case already: b.json as a.json" in said.err
    assert account(case)["total"]["files"] == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"just text", "not a case file"), (b"", "not a case file"), (None, "workbench new")],
)
@pytest.mark.parametrize("command", [["info"], ["events"], ["evidence"], ["add", "."]])
def test_what_is_no_case_file(tmp_path, content, what, command):
    path = tmp_path / "x.case"
    if content is not None:
        path.write_bytes(content)
    said = workbench(command[0], path, *command[1:])
    assert said.status == 2
    assert what in said.err
    assert said.err.count("\n") == 1


def test_a_path_that_does_not_exist(case, tmp_path):
    said = workbench("add", case, tmp_path / "nowhere")
    assert said.status == 2
    assert "nowhere" in said.err


def test_a_new_case_over_an_old_one(case):
    before = case.read_bytes()
    said = workbench("new", case, "--title", "Other", "--examiner", "E")
    assert said.status == 2
    assert "exists" in said.err
    assert case.read_bytes() == before
