"""`verify --deep` of cases that nobody touched: each file is read again as it was when it was added."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.casework.command import workbench
from tests.casework.logs import record, trail, write
from tests.casework.test_snapshots import ACCOUNT, CONFIG, GET_ROLE
from tests.casework.test_sources_command import MAPPING

VPN = b"".join(
    b'{"product":"vpn","ts":"2024-05-01 1%d:00:00","event":"login","user":"ann"}\n' % hour
    for hour in range(3)
)


def do(*arguments: object) -> str:
    said = workbench(*arguments)
    assert said.status == 0, said.err + said.out.decode()
    return said.out.decode()


def intact(case: Path) -> None:
    found = workbench("verify", case, "--deep")
    assert found.status == 0, found.out.decode()
    assert "nothing contradicts it" in found.out.decode()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Logs, packed and plain, and what is no log: an empty one, a text, a PDF, archives of both."""
    folder = tmp_path / "in"
    folder.mkdir()
    logs = trail([record(number) for number in range(20)])
    write(folder / "log.json", logs)
    write(folder / "log2.json.gz", gzip.compress(trail([record(number) for number in range(20, 30)])))
    write(folder / "vpn.jsonl", VPN)
    write(folder / "t.pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n")
    write(folder / "ticket.txt", b"A ticket.\nTwo lines.\n")
    write(folder / "nothing.txt", b"")
    write(folder / "torn.json.gz", gzip.compress(logs * 3)[:-200])
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("in/letter.txt", "A letter.")
        archive.writestr("in/more.json", trail([record(number) for number in range(30, 40)]))
    for number, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_770_000_000 + number, 1_770_000_000 + number))
    return folder


OPTIONS: list[tuple[str, ...]] = [
    (),
    ("--kind", "log"),
    ("--kind", "document"),
    ("--source", "aws.cloudtrail"),
    ("--source", "aws.cloudtrail", "--kind", "document"),
    ("--mapping", "{mapping}"),
    ("--mapping", "{mapping}", "--timezone", "Europe/Vienna"),
    ("--timezone", "Europe/Vienna"),
    ("--max-ratio", "2"),
    ("--max-content", "4000"),
    ("--max-members", "1"),
    ("--max-record", "900"),
    ("--custodian", "R. Doe", "--acquired-at", "yesterday", "--acquired-by", "S", "--how", "cp", "--note", "n"),
    ("--processes", "1"),
    ("--processes", "2"),
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_every_option_of_adding(case: Path, files: Path, tmp_path: Path, options: Sequence[str]) -> None:
    mapping = tmp_path / "vpn.toml"
    mapping.write_text(MAPPING)
    added = workbench("add", case, files, *(each.format(mapping=mapping) for each in options))
    assert added.status == 0, added.err
    assert do("evidence", case)
    intact(case)


def test_a_document_alone(case: Path, files: Path) -> None:
    do("add", case, files / "t.pdf", "--kind", "document")
    intact(case)


def test_files_that_were_added_with_options_of_their_own(case: Path, files: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "vpn.toml"
    mapping.write_text(MAPPING)
    do("add", case, files / "t.pdf", files / "log2.json.gz", "--kind", "document")
    do("add", case, files / "log.json")
    do("add", case, files / "vpn.jsonl", "--mapping", mapping, "--timezone", "Europe/Vienna")
    do("add", case, files / "ticket.txt", "--kind", "document")
    do("add", case, files / "all.zip", "--max-members", "1")
    # The same content once as a log and once, in its archive, as a document.
    do("add", case, write(tmp_path / "plain.json", gzip.decompress((files / "log2.json.gz").read_bytes())))
    intact(case)


@pytest.mark.parametrize("snapshot", [CONFIG, GET_ROLE, ACCOUNT], ids=["config", "answer", "account"])
def test_snapshots(case: Path, files: Path, snapshot: object) -> None:
    do("add", case, write(files / "state.json", json.dumps(snapshot).encode()))
    do("add", case, files / "log.json")
    intact(case)


@pytest.mark.parametrize("kind", ["log", "document"])
def test_after_withdrawing_and_taking_back(case: Path, files: Path, kind: str) -> None:
    do("add", case, files, "--kind", kind)
    for name in ("t.pdf", "log.json"):
        do("evidence", case, name, "--withdraw", "--reason", "Not of this incident.")
    do("derive", case)
    intact(case)
    for name in ("t.pdf", "log.json"):
        do("evidence", case, name, "--restore", "--reason", "It is.")
    do("derive", case)
    intact(case)


def test_after_a_merge_and_deriving_anew(case: Path, files: Path, tmp_path: Path) -> None:
    do("add", case, files / "t.pdf", "--kind", "document")
    do("add", case, files / "log.json")
    other = Path(shutil.copy(case, tmp_path / "other.case"))
    # The other copy read the same files in another way.
    do("add", other, files / "ticket.txt")
    do("add", case, files / "ticket.txt", "--kind", "document")
    do("note", other, "Seen by another.")
    assert workbench("merge", case, other).status == 1
    intact(case)
    do("derive", case, "--anew")
    intact(case)
    intact(other)
