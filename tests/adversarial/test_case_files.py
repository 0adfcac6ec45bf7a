"""Case files that are none, newer, altered or taken: every command refuses them in one line and changes nothing."""

from __future__ import annotations

import fcntl
import sqlite3
from pathlib import Path

from tests.casework.command import workbench
from tests.casework.logs import compact, record, write

ONE = compact(record(1))


COMMANDS = [
    *(("info",), ("events",), ("evidence",), ("add", "LOG")),
    *(("evidence", "REF", "--reveal"), ("evidence", "x", "--extract", "OUT")),
]


def refused(path: Path, tmp_path: Path, what: str, remedy: str) -> None:
    """Assert that every command refuses a case file with one line, exit status 2, and without a trace."""
    before = {each: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}
    for name, *rest in COMMANDS:
        log = write(tmp_path / "log.json", ONE)
        fill = {"LOG": str(log), "REF": "abcdef:0", "OUT": str(tmp_path / "out")}
        said = workbench(name, path, *(fill.get(each, each) for each in rest))
        assert said.status == 2, (name, said)
        (line,) = said.err.splitlines()
        assert line.startswith("workbench: "), line
        assert what in line, line
        assert remedy in line, line
        assert not (tmp_path / "out").exists()
    assert {each: each.read_bytes() for each in path.parent.iterdir() if each.is_file()} == before


def test_files_that_are_no_case_files(tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    refused(folder / "nothing.case", tmp_path, "there is no case file", "make one with: workbench new")
    refused(write(folder / "text.case", b"hello" * 300), tmp_path, "is not a case file", "workbench new")
    (folder / "text.case").unlink()
    refused(
        write(folder / "empty.case", b""), tmp_path, "is not a case file", "some other program's database"
    )
    (folder / "empty.case").unlink()
    with sqlite3.connect(folder / "other.case") as connection:
        connection.execute("CREATE TABLE a (b)")
    connection.close()
    refused(folder / "other.case", tmp_path, "is not a case file", "some other program's database")


def test_case_files_that_are_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    case = folder / "a.case"

    def altered(*statements: str) -> Path:
        case.unlink(missing_ok=True)
        workbench("new", case, "--title", "T")
        connection = sqlite3.connect(case)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return case

    refused(
        altered("PRAGMA user_version = 999"),
        tmp_path,
        "a newer workbench (schema 999",
        "open it with that version",
    )
    for statement in (
        "CREATE TABLE extra (a)",
        "CREATE VIEW v_extra AS SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON case_info BEGIN SELECT 1; END",
        "DROP TRIGGER journal_is_not_edited",
        "DROP INDEX event_by_time",
    ):
        refused(altered(statement), tmp_path, "does not have the schema of a case file", "do not trust it")
    data = altered().read_bytes()
    case.write_bytes(data[: len(data) // 2])
    said = workbench("info", case)
    assert (said.status, len(said.err.splitlines())) == (2, 1)


def test_second_writer(tmp_path: Path) -> None:
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "T")
    log = write(tmp_path / "log.json", ONE)
    assert workbench("add", case, log).status == 0
    ref = workbench("events", case, "--json").lines[0]["ref"]
    (tmp_path / "other name.case").symlink_to(case)
    with (tmp_path / "a.case.lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in ("a.case", "other name.case"):
            for arguments in (
                ("add", tmp_path / name, log),
                ("evidence", tmp_path / name, ref, "--reveal"),
                ("evidence", tmp_path / name, "log.json", "--extract", tmp_path / "out"),
            ):
                said = workbench(*arguments)
                assert said.status == 2
                (line,) = said.err.splitlines()
                assert "is being written by another workbench (process 4711): wait until it is done" in line
                assert said.out == b""
                assert not (tmp_path / "out").exists()
        assert workbench("info", case).status == 0  # readers go on
        assert workbench("events", case, "--count").out == b"1\n"
    assert workbench("add", case, log).status == 0
