"""Ctrl+C as a terminal sends it: to every process of the group, at any moment; and acts that fail half-way."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import uuid
from pathlib import Path

import pytest

from tests.adversarial.kills import processes_with, wait_until_gone
from tests.casework import oracle
from tests.casework.command import run, start, workbench
from tests.casework.logs import record, trail, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for number in range(16):
        write(folder / f"{number}.json", trail(record(number * 900 + each) for each in range(900)))
    write(folder / "large.json", trail(record(90_000 + each) for each in range(9_000)))
    return folder


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes by /proc, as Linux has it"
)
@pytest.mark.parametrize("rounds", [4, pytest.param(80, marks=pytest.mark.campaign)])
def test_ctrl_c_reaches_the_whole_group(case: Path, folder: Path, rounds: int) -> None:
    """The reading processes leave the decision to the writer, even while they are starting; nothing half is left."""
    moments = random.Random(rounds)
    statuses = []
    for number in range(rounds):
        name, value = "WORKBENCH_TEST_RUN", uuid.uuid4().hex
        with start("add", case, folder, "--processes", 2, environment={name: value}) as process:
            deadline = time.monotonic() + 20
            while len(processes_with(value)) < 2 and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0 if number == 0 else moments.uniform(0, 0.8))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            _, told = process.communicate(timeout=30)
        statuses.append(process.returncode)
        said = told.decode()
        if (
            process.returncode == -signal.SIGINT
        ):  # all was done and said; only the interpreter was still there
            assert "in the case already" in said or said.startswith("added "), said
        else:
            assert process.returncode in (0, 130), said
        assert "Traceback" not in said
        if process.returncode == 130:
            *_, line = said.splitlines()
            assert line.startswith("workbench: stopped; ")
            assert line.endswith("of 17 files are in the case: run the same command again to add the rest")
        assert wait_until_gone(value, 5) == []
        assert not oracle.arriving(case)
        oracle.check(case)
    assert 130 in statuses
    assert workbench("add", case, folder).status == 0
    assert int(workbench("events", case, "--count").out) == 16 * 900 + 9_000


def test_an_extraction_that_fails_leaves_no_file(case: Path, tmp_path: Path) -> None:
    write(tmp_path / "a.json", trail(map(record, range(2_000))))
    workbench("add", case, tmp_path / "a.json")
    with oracle.opened(case) as connection:
        # Somebody altered a block of the evidence behind the workbench's back.
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'block_is_not_edited'"
        ).fetchone()
        connection.execute("DROP TRIGGER block_is_not_edited")
        (block,) = connection.execute("SELECT data FROM block ORDER BY start LIMIT 1").fetchone()
        connection.execute("UPDATE block SET data = ? WHERE start = 0", (block[:500] + b"\0" + block[501:],))
        connection.execute(sql)
        connection.commit()
    said = workbench("evidence", case, "a.json", "--extract", tmp_path / "out")
    assert said.status == 2
    assert "damaged" in said.err
    assert not (tmp_path / "out").exists()
    said = workbench("evidence", case, "a.json", "--extract", tmp_path / "no" / "folder")
    assert (said.status, len(said.err.splitlines())) == (2, 1)


def test_arguments_that_are_no_text(tmp_path: Path) -> None:
    """A terminal of another encoding hands over bytes that are no UTF-8; they are kept visibly, and nothing breaks."""
    case = os.fsdecode(os.fsencode(tmp_path) + b"/c\xff.case")
    odd = "\udcff\udcfe"
    log = write(tmp_path / "a.json", trail([record(1)]))
    for arguments in (
        ("new", case, "--title", odd, "--examiner", odd),
        (
            "add",
            case,
            log,
            "--examiner",
            odd,
            "--custodian",
            odd,
            "--note",
            odd,
            "--how",
            odd,
            "--acquired-at",
            odd,
        ),
        ("info", case),
        ("info", case, "--json"),
        ("events", case, odd),
        ("evidence", case),
        ("evidence", case, "a.json", "--extract", os.fsdecode(os.fsencode(tmp_path) + b"/out\xff")),
    ):
        said = run(*arguments)
        assert said.status == 0, said
    for arguments in (
        ("evidence", case, odd),
        ("events", case, f"acton:{odd}"),
        ("add", case, odd),
        ("info", odd),
    ):
        said = run(*arguments)
        assert said.status == 2, said
        assert "Traceback" not in said.err
    created = json.loads(oracle.journal(Path(case))[0])
    assert (created["actor"], created["body"]["title"]) == (r"\xff\xfe", r"\xff\xfe")


def test_progress_for_programs_is_safe_to_show(case: Path, tmp_path: Path) -> None:
    write(tmp_path / "logs" / "\x1b[31m\u202e\x9b\n.json", trail([record(1)]))
    said = workbench("add", case, tmp_path / "logs", "--progress", "json")
    assert said.status == 0
    assert not set("\x1b\u202e\x9b") & set(said.err)
    # At the beginning, after the only file, what was added, at the end of the second pass, and what that came to.
    assert len(said.err.splitlines()) == 5
