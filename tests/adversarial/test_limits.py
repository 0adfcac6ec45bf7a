"""Limits: each is told when it is met, can be lifted, and is journalled when it was; and none costs more than it should."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from pathlib import Path

from tests.adversarial.adding import AddOne
from tests.casework import oracle
from tests.casework.logs import compact, lines, record, trail, write

ONE, TWO, THREE = (compact(record(number)) for number in (1, 2, 3))


def bomb(size: int) -> bytes:
    """Return a gzip file that unpacks to about ``size`` bytes, a record in front and one behind."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(b'{"Records":[' + ONE + b",")
        for _ in range(size >> 20):
            stream.write(b" " * (1 << 20))
        stream.write(TWO + b"]}")
    return target.getvalue()


def test_gzip_bomb_and_its_override(add: AddOne) -> None:
    packed = bomb(200 << 20)
    began = time.monotonic()
    added = add(packed)
    assert time.monotonic() - began < 20
    assert added.said.status == 0
    assert (added.total["events"], added.total["bytes"]["size"] < 60 << 20) == (1, True)
    (line,) = (line for line in added.lines if line.startswith("damaged"))
    assert "more than 200 to 1 (--max-ratio raises this limit)" in line
    assert packed in oracle.contents(added.case).values()
    lifted = add(packed, "--max-ratio", 100_000)
    assert (lifted.total["events"], lifted.lines) == (2, [])
    assert json.loads(oracle.journal(lifted.case)[-1])["body"]["limits"] == {"max_ratio": 100_000}


def test_record_longer_than_the_limit(add: AddOne) -> None:
    content = lines([record(1), record(2, userAgent="x" * 100_000), record(3)])
    added = add(content, "--max-record", 50_000)
    assert (added.total["events"], added.total["rejected_ranges"]) == (2, 1)
    assert "--max-record lifts it" in added.lines[0]
    assert add(content).total["events"] == 3


def test_members_and_bytes_of_archives(add: AddOne) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.json", trail([record(number)]))
    added = add(target.getvalue(), "--max-members", 5)
    assert added.total["events"] == 5
    assert any("--max-members raises this limit" in line for line in added.lines)
    assert target.getvalue() in oracle.contents(added.case).values()
    added = add(trail(map(record, range(50))), "--max-content", 5_000)
    assert any("--max-content raises this limit" in line for line in added.lines)


def test_small_files_share_transactions(add: AddOne, tmp_path: Path) -> None:
    count = 2_000
    folder = tmp_path / "tiny"
    for number in range(count):
        write(folder / f"{number // 1000}" / f"{number}.json", compact(record(number)))
    added = add(folder)
    assert added.said.status == 0
    assert (added.total["files"], added.total["events"], added.total["records"]) == (count, count, count)
    assert len(oracle.journal(added.case)) < 10 + count / 50


def test_one_id_in_every_tiny_file(add: AddOne, tmp_path: Path) -> None:
    """All files claim the same event: each says something else, so all are kept and shown; it costs no square of time."""
    folder = tmp_path / "same"
    for number in range(1_500):
        write(folder / f"{number}.json", compact(record(number, eventID="1")))
    began = time.monotonic()
    added = add(folder)
    assert added.dispositions == {"primary": 1, "conflict": 1_499}
    assert time.monotonic() - began < 30
