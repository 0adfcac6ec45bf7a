"""Disks that are full, read-only or failing: a line that says what to do, and what was acknowledged stays."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.casework import oracle
from tests.casework.command import COMMAND, ROOT, Said, run, workbench
from tests.casework.logs import record, trail, write


def mounted(script: str, folder: Path, *arguments: object) -> Said:
    """Run a shell script that may mount; ``$W`` is the workbench, ``$0`` the folder, then the arguments."""
    done = subprocess.run(
        [
            "unshare",
            "-rm",
            "sh",
            "-c",
            f'W="{" ".join(COMMAND)}"; {script}',
            str(folder),
            *map(str, arguments),
        ],
        capture_output=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "WORKBENCH_EXAMINER": "Tester"},
    )
    return Said(done.returncode, done.stdout, done.stderr.decode())


@pytest.mark.usefixtures("private_mounts")
def test_disk_full(tmp_path: Path) -> None:
    disk, out, logs = tmp_path / "disk", tmp_path / "out", tmp_path / "logs"
    disk.mkdir()
    out.mkdir()
    for number in range(10):
        noisy = [record(number * 1000 + each, userAgent=os.urandom(300).hex()) for each in range(500)]
        write(logs / f"{number}.json", trail(noisy))
    first = [logs / "0.json", logs / "1.json"]
    said = mounted(
        'mount -t tmpfs -o size=4400k tmpfs "$0" && $W new "$0/a.case" --title T &&'
        ' $W add "$0/a.case" "$3" "$4" && $W add "$0/a.case" "$1" --processes 2;'
        ' status=$?; cp "$0"/* "$2"; rm "$2"/*.lock 2>/dev/null; exit $status',
        disk,
        logs,
        out,
        *first,
    )
    assert said.status == 2
    line = said.err.splitlines()[-1]
    assert line.startswith("workbench: the disk of ")
    assert line.endswith("is full: free some space and repeat; what was acknowledged is safe")
    case = out / "a.case"
    oracle.check(case)
    kept = oracle.acknowledged(case)
    assert 2 <= len(kept) < 10
    # On a disk with room the same command adds the rest.
    again = workbench("add", case, logs, "--json")
    assert (again.status, again.object["added"], len(again.object["known"])) == (0, 10 - len(kept), len(kept))
    oracle.check(case)
    assert workbench("info", case, "--json").object["total"]["events"] == 5_000


@pytest.mark.usefixtures("private_mounts")
def test_disk_full_from_the_start(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    fill = 'mount -t tmpfs -o size=1600k tmpfs "$0"; {}; dd if=/dev/zero of="$0/fill" bs=1k 2>/dev/null; {}'
    said = mounted(
        fill.format("true", '$W new "$0/a.case" --title T; status=$?; ls "$0" >&2; exit $status'), disk
    )
    assert said.status == 2
    assert "Traceback" not in said.err
    assert said.err.splitlines()[-1] == "fill"
    assert said.err.splitlines()[0].startswith("workbench: ")
    log = write(tmp_path / "log.json", trail(map(record, range(200))))
    said = mounted(
        fill.format(
            '$W new "$0/a.case" --title T',
            '$W add "$0/a.case" "$1"; status=$?; $W info "$0/a.case"; exit $status',
        ),
        disk,
        log,
    )
    assert said.status == 2
    assert "Traceback" not in said.err
    assert "is full" in said.err
    assert b"No evidence yet" in said.out


@pytest.mark.usefixtures("private_mounts")
def test_read_only_media(tmp_path: Path) -> None:
    disk, source = tmp_path / "disk", tmp_path / "source"
    disk.mkdir()
    source.mkdir()
    case = source / "a.case"
    workbench("new", case, "--title", "T")
    log = write(tmp_path / "log.json", trail([record(1)]))
    workbench("add", case, log)
    ref = workbench("events", case, "--json").lines[0]["ref"]
    mount = 'mount -t tmpfs tmpfs "$0" && cp "$1" "$0/a.case" && mount -o remount,ro tmpfs "$0" && '
    for command, status in (
        ('$W info "$0/a.case"', 0),
        ('$W events "$0/a.case" --json', 0),
        ('$W evidence "$0/a.case" "$3"', 0),
        ('$W add "$0/a.case" "$2"', 2),
        ('$W evidence "$0/a.case" "$3" --reveal', 2),
        ('$W evidence "$0/a.case" log.json --extract "$4"', 2),
        ('$W new "$0/b.case" --title T', 2),
        ('$W new "$0/folder/b.case" --title T', 2),
    ):
        said = mounted(mount + command, disk, case, log, ref, tmp_path / "out")
        assert said.status == status, (command, said)
        if status:
            (line,) = said.err.splitlines()
            assert line.startswith("workbench: "), line
            assert "writable folder" in line, line
            assert said.out == b""
            assert not (tmp_path / "out").exists()


def test_file_size_limit_is_a_failing_disk(tmp_path: Path) -> None:
    """A disk that fails in the middle of a write: a line, and what was acknowledged stays."""
    case, logs = tmp_path / "a.case", tmp_path / "logs"
    workbench("new", case, "--title", "T")
    for number in range(10):
        write(
            logs / f"{number}.json",
            trail(record(number * 100 + each, userAgent=os.urandom(300).hex()) for each in range(80)),
        )
    limit = case.stat().st_size + 900_000
    said = run(
        "add",
        case,
        logs,
        "--processes",
        1,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert said.status == 2
    assert "the disk of" in said.err
    assert "Traceback" not in said.err
    oracle.check(case)
    assert workbench("add", case, logs).status == 0
    assert workbench("info", case, "--json").object["total"]["events"] == 800
