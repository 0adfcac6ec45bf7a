"""What committing a tag, a finding or a note asks of the case file: nothing that grows with its events is read through."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.casework.test_merged_claims import act
from workbench.casefile import connection as connections
from workbench.casefile.reader import CaseReader
from workbench.casework.custody import record_custody
from workbench.casework.demo import build_demo
from workbench.casework.finding import FindingWish, commit_finding
from workbench.casework.note import write_note
from workbench.casework.record.merge import merge
from workbench.casework.tag import TagWish, commit_tag, reaffirm, retract, review
from workbench.model.claim import Grade, Level
from workbench.model.finding import Effect

READ = "55e01f21:10083"
SECRET = "arn:aws:secretsmanager:us-east-1:555566667777:secret:prod/db-hY3kLq"

SMALL = {"journal_head", "projected", "time_note", "content_account", "tally", "gap"}
"""Tables of one row, of a row a kind of clock, of some rows a file, of a row a gap: they may be read through."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.case"
    build_demo(path)
    return path


def scanned(case: Path, statements: list[str]) -> set[str]:
    """Return the tables that statements read through, but for those that end with the first row of a key."""
    found = set()
    with closing(sqlite3.connect(case)) as connection:
        for statement in statements:
            if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", statement, re.IGNORECASE) is None:
                continue
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
            first = "LIMIT 1" in statement and not any("TEMP B-TREE" in line for line in plan)
            for line in plan:
                if line.endswith("USING INDEX claim_standing (kind=?)"):
                    found.add("standing claims")
                match = re.match(r"SCAN (\w+)", line)
                if match and not first and "VIRTUAL TABLE" not in line and match[1] not in ("CONSTANT",):
                    found.add(match[1])
    return found


def test_a_commit_reads_nothing_through(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Path(shutil.copy(demo, tmp_path / "demo.case"))
    seen: list[str] = []
    real = connections._open

    def traced(*asked: Any) -> sqlite3.Connection:
        connection = real(*asked)
        connection.set_trace_callback(seen.append)
        return connection

    monkeypatch.setattr(connections, "_open", traced)
    made: list[str] = []

    def tag(grade: Grade) -> Callable[[], object]:
        wish = TagWish(
            grade=grade, references=(READ,), reason="The record carries it.", level=Level.CREDENTIAL
        )
        return lambda: made.append(commit_tag(case, wish, actor="R").origin.id)

    finding = FindingWish(
        subject="DeployAdmin", verb="read_secret", objects=(SECRET,), effect=Effect.ACCESS_OBSERVED, cites=(READ,),
        start="2026-05-12", end="2026-05-12",
    )  # fmt: skip
    acts: dict[str, Callable[[], object]] = {
        "note": lambda: write_note(case, f"Called them about {READ}.", actor="R"),
        "tag": tag(Grade.UNPROVEN),
        "another": tag(Grade.INFERRED),
        "say again": lambda: reaffirm(case, made[0], "Still so, as before.", actor="R"),
        "finding": lambda: commit_finding(case, finding, actor="R"),
        "custody": lambda: record_custody(
            case, "disk", giver="A", taker="B", at="2026-05-12", how="by hand", actor="R"
        ),
        "review": lambda: review(case, made[0], actor="S", approves=True),
        "take back": lambda: retract(case, made[0], "No.", actor="R"),
    }
    for name, do in acts.items():
        seen.clear()
        do()
        assert len(seen) > 10
        assert scanned(case, seen) <= SMALL, name


def test_what_was_committed_is_what_is_told(case: Path, tmp_path: Path) -> None:
    """Entries of a merged journal keep their places in it, which may lie beyond those here."""
    other = Path(shutil.copy(case, tmp_path / "other.case"))
    for number in range(12):
        act(other, "note", number, "B")
    merge(case, other, actor="A")
    assert write_note(case, "Mine.", actor="A").body.text == "Mine."
    with CaseReader.open(case) as reader:
        assert len(reader.claims.notes()) == 13
