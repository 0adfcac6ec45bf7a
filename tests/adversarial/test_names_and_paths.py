"""Names that attack, things that are no files, and paths that lead back into the case."""

from __future__ import annotations

import io
import json
import os
import socket
import zipfile
from pathlib import Path

import pytest

from tests.adversarial.adding import AddOne
from tests.casework import oracle
from tests.casework.command import workbench
from tests.casework.logs import compact, record, trail, write
from workbench.text import visible

ONE, TWO = (compact(record(number)) for number in (1, 2))


def test_zip_with_names_that_lead_out(add: AddOne, tmp_path: Path) -> None:
    target = io.BytesIO()
    names = (
        "../../up.json",
        "/etc/absolute.json",
        "..\\windows.json",
        "a/../../b.json",
        "\x1b[2J\u202e.json",
        "..",
        "x" * 300,
    )
    with zipfile.ZipFile(target, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, trail([record(number)]))
    added = add(target.getvalue())
    assert added.total["events"] == len(names)
    assert {item["name"].partition("!")[2] for item in added.info["evidence"]} == set(names)
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    before = {path for path in tmp_path.rglob("*") if out not in path.parents}
    for item in added.info["evidence"]:
        said = workbench("evidence", added.case, item["content_sha256"], "--extract", out)
        assert said.status == 0, said.err
        assert visible(said.err, keep_newlines=True) == said.err
    assert len(list(out.iterdir())) == len(names)
    assert all(visible(path.name) == path.name for path in out.iterdir())
    assert {path for path in tmp_path.rglob("*") if out not in path.parents} == before


def test_things_that_are_no_files(add: AddOne, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)  # names of sockets are short
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
    (folder / "loop").symlink_to(folder)
    (folder / "around").symlink_to("around")
    (folder / "dangling").symlink_to("nothing")
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "new\nline \x1b[31m\u202e.json").write_bytes(trail([record(1)]))
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.json")).write_bytes(trail([record(2)]))
    added = add(folder, "--json")
    assert added.said.status == 1
    failed = {Path(item["name"]).name: item["reason"] for item in added.said.object["failed"]}
    link, other = "a symbolic link: it was not followed", "not a regular file: it was not opened"
    assert failed == {
        "fifo": other,
        "socket": other,
        "loop": link,
        "around": link,
        "dangling": link,
        "out": link,
    }
    assert sum(line.startswith("NOT ADDED: ") for line in added.lines) == 6
    assert {item["name"] for item in added.info["evidence"]} == {
        "new\nline \x1b[31m\u202e.json",
        "\\xff\\xfe.json",
    }
    listed = workbench("evidence", added.case).out.decode()
    assert "new␊line ␛[31m<U+202E>.json" in listed
    for name in ("new\nline \x1b[31m\u202e.json", "\\xff\\xfe.json"):
        assert workbench("evidence", added.case, name, "--extract", tmp_path / "back").status == 0
        (tmp_path / "back").unlink()


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "T")
    (tmp_path / "around").symlink_to("around")
    for path, what in (
        (tmp_path / "nowhere", "there is no file or folder"),
        (tmp_path / "around", "cannot read"),
        (tmp_path / "new\nline", "there is no file or folder"),
    ):
        said = workbench("add", case, path)
        assert said.status == 2
        (line,) = said.err.splitlines()
        assert line.startswith(f"workbench: {what} ")
    for path in (Path("/dev/null"), Path("/proc/self/mem")):
        if path.exists():
            said = workbench("add", case, path)
            assert said.status == 1
            assert f"NOT ADDED: {path.name}: " in said.err or f"NOT ADDED: {path}: " in said.err
    # A path that is not there is a slip of the hand; what is there and was left out is put on record.
    assert {json.loads(entry)["kind"] for entry in oracle.journal(case)[1:]} == {
        "case.opened",
        "evidence.left_out",
    }
    with oracle.opened(case) as connection:
        assert connection.execute("SELECT count(*) FROM delivered_file").fetchone() == (0,)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_file_without_permission(add: AddOne, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    write(folder / "open.json", ONE)
    write(folder / "closed.json", TWO).chmod(0)
    added = add(folder)
    assert (added.said.status, added.total["events"]) == (1, 1)
    assert any("Permission denied" in line for line in added.lines)


def test_the_case_among_its_own_evidence(tmp_path: Path) -> None:
    """Reading the case file as evidence would also take its locks away."""
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "T")
    write(tmp_path / "log.json", ONE)
    (tmp_path / "hard link").hardlink_to(case)
    said = workbench("add", case, tmp_path)
    assert said.status == 1
    assert said.err.count("it is the case itself") == 2  # the case and the other name; its lock comes later
    oracle.check(case)
    assert len(oracle.acknowledged(case)) == 1
