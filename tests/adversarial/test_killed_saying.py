"""Promise 6 for tags and notes: killed at any moment, nothing acknowledged is lost, and the tables follow the journal."""

from __future__ import annotations

import functools
import random
import shutil
from pathlib import Path

import pytest

from tests.adversarial.kills import killed_at, steps_of
from tests.casework.logs import record, trail, write
from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.casework.note import write_note
from workbench.casework.tag import TagWish, commit_tag
from workbench.model.claim import Grade

EVENTS = 40


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saying")
    path = folder / "a.case"
    new_case(path, title="t", examiner="t")
    add_evidence(path, [write(folder / "a.json", trail([record(n) for n in range(EVENTS)]))], actor="t")
    derive(path, actor="t")
    return path


def say(case: Path, references: list[str], acknowledged: Path, start: int) -> None:
    """Commit tags and notes by turns; what was acknowledged is written down, each on a line."""
    for number in range(start, start + 3):
        if number % 2:
            reason = f"Number {number} is a reason."
            references_here = (references[number % EVENTS],)
            wish = TagWish(grade=Grade.INFERRED, reason=reason, references=references_here)
            done = commit_tag(case, wish, actor="t").origin.entry
        else:
            done = write_note(case, f"Number {number}", actor="t").origin.entry
        with acknowledged.open("a") as file:
            file.write(done + "\n")


def kill(built: Path, tmp_path: Path, times: int, seed: int) -> None:
    case = Path(shutil.copy(built, tmp_path / "a.case"))
    acknowledged = tmp_path / "acknowledged"
    acknowledged.touch()
    with CaseReader.open(case) as reader:
        references = [str(stored.ref) for chunk in reader.scan() for stored in reader.events(chunk.ids)]
    steps = steps_of(lambda: say(case, references, acknowledged, 0))
    chance = random.Random(seed)
    killed = 0
    for number in range(1, times + 1):
        act = functools.partial(say, case, references, acknowledged, 3 * number)
        killed += killed_at(chance.randrange(1, steps), act)
    assert killed > times / 2
    said = acknowledged.read_text().split()
    with CaseReader.open(case) as reader:
        assert reader.claims.current()
        there = {
            one.origin.entry for one in (*reader.claims.tags(every=True), *reader.claims.notes(every=True))
        }
        assert set(said) <= there
        kept = reader._connection.execute("SELECT * FROM claim ORDER BY entry").fetchall()
        marked = reader._connection.execute("SELECT * FROM tagged_event").fetchall()
        assert reader._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with write_case(case, "t") as writer, writer.transaction():
        writer.claims.rebuild()
    with CaseReader.open(case) as reader:
        assert reader._connection.execute("SELECT * FROM claim ORDER BY entry").fetchall() == kept
        assert reader._connection.execute("SELECT * FROM tagged_event").fetchall() == marked


def test_a_few_kills(built: Path, tmp_path: Path) -> None:
    kill(built, tmp_path, 15, 1)


@pytest.mark.campaign
def test_a_thousand_kills(built: Path, tmp_path: Path) -> None:
    kill(built, tmp_path, 1_000, 2)
