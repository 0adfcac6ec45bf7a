"""Promise 6: whatever moment the power goes, nothing acknowledged is lost and adding again completes the rest."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import signal
import time
import uuid
import zipfile
from pathlib import Path

import pytest

from tests.adversarial.kills import (
    command_of,
    killed_after,
    killed_at,
    processes_with,
    steps_of,
    wait_until_gone,
)
from tests.casework import oracle
from tests.casework.command import run, start, workbench
from tests.casework.logs import compact, lines, record, trail, write
from workbench.casefile.connection import open_for_writing
from workbench.casework import add_evidence as adding
from workbench.casework.add_evidence import Progress, add_evidence
from workbench.casework.ingest import processes, reading
from workbench.casework.new_case import new_case

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes by /proc, as Linux has it"
)

LARGE = {"few": 9_000, "many": 38_000}
"""Records of the largest file: about 7 and 28 MB, more than one transaction takes."""


def make_folder(folder: Path, large: int) -> Path:
    """Make some 60 files of very different size, packed in different ways."""
    sizes = random.Random(7)
    number = 0

    def some(count: int) -> list[dict[str, object]]:
        nonlocal number
        number += count
        return [record(each) for each in range(number - count, number)]

    for index in range(45):
        write(
            folder / f"trail/{index:02d}.json.gz",
            trail(some(sizes.choice((1, 3, 20, 150, 700)))),
            packed=True,
        )
    write(folder / "large.json", trail(some(large)))
    write(
        folder / "lines/overlap.jsonl", lines([record(each) for each in range(40, 400)])
    )  # repeats of others
    for index in range(10):
        write(folder / f"tiny/{index}.json", compact(record(900_000 + index)))
    write(folder / "tiny/empty.json", b"")
    write(folder / "tiny/notes.txt", b"nothing that a reader knows\n")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(4):
            archive.writestr(f"members/{index}.json", trail(some(300)))
    write(folder / "some.zip", target.getvalue())
    cut = gzip.compress(trail(some(500)))
    write(folder / "cut.json.gz", cut[: len(cut) // 2])
    return folder


def make_case(path: Path) -> Path:
    new_case(path, title="Kills", examiner="Tester")
    return path


class Killed:
    """A case that is killed again and again, and what was acknowledged in it so far."""

    def __init__(self, case: Path, aside: Path) -> None:
        self.case = case
        self.aside = aside
        self.acknowledged: dict[str, str] = {}
        self.journal: list[bytes] = []

    def look(self) -> int:
        """Check the case after a kill, in a copy first; return how many files are acknowledged."""
        shutil.rmtree(self.aside, ignore_errors=True)
        self.aside.mkdir()
        for suffix in ("", "-journal"):
            if Path(f"{self.case}{suffix}").exists():
                shutil.copyfile(f"{self.case}{suffix}", self.aside / f"copy.case{suffix}")
        copy = self.aside / "copy.case"
        now, journal = oracle.acknowledged(copy), oracle.journal(copy)
        assert self.acknowledged.items() <= now.items(), "an acknowledged file is lost"
        assert journal[: len(self.journal)] == self.journal, "a journal entry is lost or altered"
        self.acknowledged, self.journal = now, journal
        # The case itself through the workbench, which has to undo what was cut off.
        said = workbench("info", self.case, "--json")
        assert said.status == 0
        assert said.object["total"]["balances"]
        assert {file["delivered_sha256"] for file in said.object["evidence"]} == now.keys()
        shown = workbench("events", self.case, "--count")
        assert int(shown.out) == said.object["total"]["events"] == oracle.shown_events(self.case)
        dated = (
            [row["time"] for row in workbench("events", self.case, "--json").lines] if len(now) < 20 else None
        )
        if dated:
            assert said.object["total"]["first"][:19] == dated[0][:19]
            assert said.object["total"]["last"][:19] == dated[-1][:19]
        oracle.check(self.case)
        return len(now)


@pytest.fixture(scope="module", params=["few", pytest.param("many", marks=pytest.mark.campaign)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("logs") / request.param, LARGE[request.param])


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case that nobody disturbed."""
    case = make_case(tmp_path_factory.mktemp("whole") / "whole.case")
    add_evidence(case, [folder], actor="Tester")
    oracle.check(case)
    return case


def assert_equal(case: Path, whole: Path) -> None:
    assert oracle.events(case) == oracle.events(whole)
    assert oracle.evidence(case) == oracle.evidence(whole)
    sums = [workbench("info", each, "--json").object["total"] for each in (case, whole)]
    assert sums[0] == sums[1]


def test_killing_the_process_tree_at_random_moments(
    request: pytest.FixtureRequest, folder: Path, whole: Path, tmp_path: Path, record_property: object
) -> None:
    campaign = request.node.callspec.params["folder"] == "many"
    kills = 40 if campaign else 6
    moments = random.Random(20261123)
    began = time.monotonic()
    assert run("add", make_case(tmp_path / "timing.case"), folder).status == 0
    usual = time.monotonic() - began

    done = rounds = 0
    killed = Killed(make_case(tmp_path / "killed.case"), tmp_path / "aside")
    while done < kills:
        rounds += 1
        mark = f"WORKBENCH_TEST_RUN={uuid.uuid4().hex}"
        name, _, value = mark.partition("=")
        with start("add", killed.case, folder, "--progress", "json", environment={name: value}) as process:
            time.sleep(moments.choice((moments.uniform(0, usual), moments.uniform(0.2, 0.6), usual * 0.95)))
            process.kill()
            _, told = process.communicate()
        died = process.returncode == -signal.SIGKILL
        assert died or process.returncode == 0, told
        assert wait_until_gone(mark, 5) == [], "a reading process outlives its writer"
        count = killed.look()
        steps = [
            json.loads(line) for line in told.splitlines() if line.startswith(b"{") and line.endswith(b"}")
        ]
        assert not steps or count >= steps[-1]["files_done"], "a file that was reported as done is not there"
        done += died
        if not died:
            assert_equal(killed.case, whole)
        if not died or moments.random() < 0.1:
            killed = Killed(make_case(tmp_path / f"killed-{rounds}.case"), tmp_path / "aside")
    assert run("add", killed.case, folder).status == 0
    killed.look()
    assert_equal(killed.case, whole)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every packet small and every packet a transaction, so that a small folder takes many."""
    monkeypatch.setattr(adding, "_TRANSACTION_SECONDS", 0.0)
    monkeypatch.setattr(processes, "_PACKET_MESSAGES", 2)
    monkeypatch.setattr(reading, "_BATCH_EVENTS", 40)


@pytest.mark.parametrize("kills", [40, pytest.param(300, marks=pytest.mark.campaign)])
def test_killing_between_any_two_steps_and_inside_them(tmp_path: Path, small_steps: None, kills: int) -> None:
    folder = tmp_path / "logs"
    for index in range(8):
        first = index * 50  # each file repeats half of the one before
        write(
            folder / f"{index}.json.gz",
            trail(record(each) for each in range(first, first + 100)),
            packed=True,
        )
    write(folder / "nameless.json", trail(record(each, eventID=...) for each in range(30)))
    write(folder / "nameless.json.gz", trail(record(each, eventID=...) for each in range(30)), packed=True)
    files = 10
    told, tell = os.pipe()

    def add(case: Path) -> None:
        def report(progress: Progress) -> None:
            os.write(tell, bytes([progress.files_done]))

        add_evidence(case, [folder], actor="Tester", progress=report)

    whole = make_case(tmp_path / "whole.case")
    add(whole)
    began = time.monotonic()
    add(make_case(tmp_path / "timing.case"))
    usual = time.monotonic() - began
    steps = steps_of(lambda: add(make_case(tmp_path / "count.case")))
    os.read(told, 1 << 16)
    moments = random.Random(kills)
    done = rounds = 0
    killed = Killed(make_case(tmp_path / "killed.case"), tmp_path / "aside")
    while done < kills:
        rounds += 1

        def act(case: Path = killed.case) -> None:
            add(case)

        if rounds % 2:
            died = killed_at(moments.randrange(1, steps // 3), act)
        else:
            died = killed_after(moments.uniform(0.001, usual), act)
        done += died
        os.write(tell, b"\0")
        assert killed.look() >= max(os.read(told, 1 << 16)), "a file that was reported as done is not there"
        if len(killed.acknowledged) == files or not died:
            add(killed.case)
            assert_equal(killed.case, whole)
            os.read(told, 1 << 16)
            killed = Killed(make_case(tmp_path / f"killed-{rounds}.case"), tmp_path / "aside")
    add(killed.case)
    assert_equal(killed.case, whole)
    os.close(told)
    os.close(tell)


@pytest.mark.parametrize("kills", [25, pytest.param(300, marks=pytest.mark.campaign)])
def test_killing_while_a_case_is_made(tmp_path: Path, kills: int) -> None:
    """Either there is a case, or there is none and making it again works; never half of one."""
    steps = steps_of(lambda: make_case(tmp_path / "count.case"))
    moments = random.Random(kills)
    made = 0
    for number in range(kills):
        case = tmp_path / f"{number}.case"
        killed_at(moments.randrange(1, steps), lambda case=case: make_case(case))  # type: ignore[misc]
        if case.exists():
            made += 1
            assert workbench("info", case).status == 0
        else:
            assert workbench("new", case, "--title", "Again", "--examiner", "Tester").status == 0
        oracle.check(case)
        assert [json.loads(entry)["kind"] for entry in oracle.journal(case)] == ["case.created"]
    assert made < kills
    assert not list(tmp_path.glob("*.new*"))


def test_killing_the_command_that_makes_a_case(tmp_path: Path) -> None:
    moments = random.Random(5)
    for number in range(4):
        case = tmp_path / f"{number}.case"
        with start("new", case, "--title", "T") as process:
            time.sleep(moments.uniform(0.05, 0.4))
            process.kill()
        if not case.exists():
            assert workbench("new", case, "--title", "T").status == 0
        assert workbench("info", case).status == 0


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case whose adding was killed in the middle of a large file, and is not yet taken up again."""
    case = make_case(tmp_path / "interrupted.case")
    add_evidence(
        case, [write(tmp_path / "first.json", trail(record(each) for each in range(100)))], actor="Tester"
    )
    # The large file is from another time, so that one can see whether its events show.
    other = [
        record(each, eventTime="1999-01-01T00:00:00Z", sharedEventID=f"{each // 2:036d}")
        for each in range(1000, 4000)
    ]
    large = write(tmp_path / "large.json", trail(other))

    monkeypatch.setattr(adding, "_TRANSACTION_SECONDS", 0.0)
    monkeypatch.setattr(processes, "_PACKET_BYTES", 100)
    monkeypatch.setattr(reading, "_BATCH_EVENTS", 200)
    copy = shutil.copyfile(case, tmp_path / "copy.case")
    steps = steps_of(lambda: add_evidence(copy, [large], actor="Tester"))
    assert killed_at(steps // 2, lambda: add_evidence(case, [large], actor="Tester"))
    assert oracle.arriving(case)
    return case


def test_what_is_half_there_shows_nowhere(interrupted: Path) -> None:
    total = workbench("info", interrupted, "--json").object["total"]
    assert (total["events"], total["files"], total["replicas"], total["undated"]) == (100, 1, 0, 0)
    assert total["first"].startswith("2026-02")
    for query in ("", "action:GetObject", "*", "disposition:*"):
        said = workbench("events", interrupted, query, "--json")
        assert all(row["time"].startswith("2026-02") and not row["twins"] for row in said.lines), query
    assert int(workbench("events", interrupted, "--count").out) == 100
    with oracle.opened(interrupted) as connection:
        assert connection.execute("SELECT count(*) FROM v_event").fetchone() == (100,)
        assert connection.execute("SELECT count(*) FROM v_evidence").fetchone() == (1,)
    half = hashlib.sha256(b"").hexdigest()
    assert workbench("evidence", interrupted, f"{half[:12]}:0").status == 2


def test_the_next_writer_takes_out_what_is_half_there(interrupted: Path, tmp_path: Path) -> None:
    assert oracle.arriving(interrupted)
    assert (
        workbench("add", interrupted, write(tmp_path / "other.json", trail([record(5_000_000)]))).status == 0
    )
    assert not oracle.arriving(interrupted)
    oracle.check(interrupted)
    with oracle.opened(interrupted) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (101,)


def test_a_reading_process_that_dies_is_told(tmp_path: Path) -> None:
    """The writer says so in a line, keeps what it acknowledged, and the next add completes."""
    folder = tmp_path / "logs"
    for index in range(6):
        write(
            folder / f"{index}.json", trail(record(each) for each in range(index * 4000, index * 4000 + 4000))
        )
    case = make_case(tmp_path / "a.case")
    mark = f"WORKBENCH_TEST_RUN={uuid.uuid4().hex}"
    name, _, value = mark.partition("=")
    with start("add", case, folder, "--processes", 2, environment={name: value}) as process:
        readers: list[int] = []
        deadline = time.monotonic() + 20
        while not readers and process.poll() is None and time.monotonic() < deadline:
            readers = [
                each
                for each in processes_with(mark)
                if each != process.pid and b"spawn_main" in command_of(each)
            ]
        if readers:
            os.kill(readers[0], signal.SIGKILL)
        _, said = process.communicate()
    if process.returncode != 0:
        assert process.returncode == 2
        assert said.decode().strip().splitlines() == [
            "workbench: a reading process died: what was acknowledged is safe; add the files again"
        ]
    assert wait_until_gone(mark, 5) == []
    assert workbench("add", case, folder, "--processes", 2).status == 0
    oracle.check(case)
    assert int(workbench("events", case, "--count").out) == 24_000


def test_the_settings_that_a_power_failure_needs(tmp_path: Path) -> None:
    """A test can kill a process but not the power: there the settings of SQLite are the promise."""
    case = make_case(tmp_path / "a.case")
    for bulk in (False, True):
        with contextlib.closing(open_for_writing(case, bulk=bulk)) as connection:
            settings = [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "cache_spill", "locking_mode")
            ]
            assert settings == ["delete", 3, 0, "normal"]  # 3 is EXTRA
