"""A responder's tag or note is durable when the act returns: whatever is killed when, no acknowledged entry is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from pathlib import Path

import pytest

from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.casework.new_case import new_case
from workbench.journal.check import check_record
from workbench.journal.entry import EntryKind


def commit_until_killed(case: Path, told: int) -> None:
    """Append entries, some by one writer and then by another, and tell each that was acknowledged down a pipe."""
    while True:
        with write_case(case, "R. Doe") as writer:
            for number in range(3):
                with writer.transaction():
                    place = writer.act(EntryKind.CLOCK_COMPARED, {"with": f"note {number}", "offset": "0 s"})
                os.write(told, b"%d\n" % place)


def killed_while_committing(case: Path, after: float) -> list[int]:
    """Fork a process that commits, have the kernel end it after a while, and return what it had acknowledged."""
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, after)
            commit_until_killed(case, telling)
        os._exit(1)
    os.close(telling)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().split()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it ended by itself"
    return [int(each) for each in said]


def kill_many(tmp_path: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    case = tmp_path / "a.case"
    new_case(case, title="Kills", examiner="R. Doe")
    acknowledged: list[int] = []
    before: list[bytes] = []
    for kill in range(kills):
        acknowledged += killed_while_committing(case, chance.uniform(0.001, 0.09))
        with CaseReader.open(case) as reader:
            entries = list(reader.journal())
            assert entries[: len(before)] == before, f"kill {kill} changed what was there before"
            assert len(entries) >= max(acknowledged, default=1), f"kill {kill} lost an acknowledged entry"
            before = entries
            if kill % 25 == 0 or kill == kills - 1:
                record = check_record(entries, stored=reader.stored_record())
                assert [finding for finding in record.findings if finding.failed] == []
    assert len(set(acknowledged)) == len(acknowledged)
    assert len(acknowledged) > kills // 10, (
        "hardly anything was acknowledged: the kills came too early to show anything"
    )


def test_killed_while_committing(tmp_path):
    kill_many(tmp_path, 40, 1)


@pytest.mark.campaign
def test_a_thousand_kills_while_committing(tmp_path):
    kill_many(tmp_path, 1000, 2)
