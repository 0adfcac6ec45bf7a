"""`verify --deep` of a case of which one value was altered: every column of every table of the schema, one after the other."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.adversarial.tampering import Kept, past_triggers
from tests.casework.command import ROOT
from workbench.casefile.compare.columns import (
    BESIDE_EVENT,
    BY_ITSELF,
    BY_JOURNAL,
    DICTIONARIES,
    OF_CASE,
    OF_CONTENT,
)
from workbench.casefile.reader import CaseReader
from workbench.casefile.schema import MIGRATIONS_TABLE, SCRIPTS, script
from workbench.casework.record.compare import compare
from workbench.casework.record.rebuild import make_anew, options_by_file
from workbench.casework.record.verify import verify

EXCEPTIONS = {
    ("rejected_range", "id"): "the row's own number, and nothing refers to it",
    ("block", "id"): "the row's own number, and nothing refers to it",
    ("zone", "last_event"): "a run that is noted as longer than it is says where to look, not what is there",
    ("zone", "last_time"): "a run that is noted as longer than it is says where to look, not what is there",
}
"""Columns of which another value changes nothing that anybody is shown, each with the reason."""


def tables() -> dict[str, list[str]]:
    """The tables of the schema with their columns, as SQLite has them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for name in SCRIPTS:
            connection.executescript(script(name))
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        ]
        return {
            name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            for name in names
            if not name.startswith("sqlite_") and name != MIGRATIONS_TABLE
        }


COLUMNS = [(table, column) for table, columns in tables().items() for column in columns]


def test_every_table_is_held_against_something():
    """The list of tables by what they are held against is whole, names none twice and none that is not there."""
    listed = [
        "event", *BESIDE_EVENT, *OF_CONTENT, *OF_CASE, *DICTIONARIES, *BY_ITSELF, *BY_JOURNAL,
    ]  # fmt: skip
    assert sorted(listed) == sorted(tables())


def test_what_is_not_compared_as_it_is_exists():
    """No column is named of which there is none."""
    known = tables()
    for table, held in {**OF_CONTENT, **OF_CASE}.items():
        assert {*held.key, *held.columns} <= set(known[table])
    for table, columns in BESIDE_EVENT.items():
        assert set(columns) <= set(known[table])


LOGS = ROOT / "sample_logs" / "evidence"
SOME = (
    "broken-export.jsonl",
    "s3/111122223333_CloudTrail-Digest_us-east-1_northwind-main_us-east-1_20260304T110000Z.json.gz",
    "s3/111122223333_CloudTrail_eu-west-1_20260304T1300Z_gDhHMZnGHLZ6SHAQ.json.gz",
    "s3/111122223333_CloudTrail_us-east-1_20260304T1200Z_ycF20VacMA3g0HKj.json.gz",
    "s3/444455556666_CloudTrail_us-east-1_20260304T1145Z_Z9yH0kLRNg8cgOMk.json.gz",
)
"""The fewest of the sample logs of which nearly every table has rows."""

EMPTY = {"identity_match", "withdrawn"}
"""Tables in which the case has no row: there one is made up."""


class Anew(NamedTuple):
    """A case, and what was made anew from its evidence once, for all the alterations."""

    case: Path
    rebuilt: Path


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory) -> Anew:
    folder = tmp_path_factory.mktemp("kept")
    case, rebuilt = Kept(folder, [LOGS / name for name in SOME], 4).case, folder / "rebuilt.case"
    assert verify(case, deep=True).findings == ()
    with CaseReader.open(case) as reader:
        make_anew(reader, rebuilt, lambda *_: None)
    return Anew(case, rebuilt)


def alter(case: Path, table: str, column: str) -> None:
    """Alter one value of a column to one that its type allows; where a table is empty, make a row up."""
    with past_triggers(case) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        described = connection.execute(f"PRAGMA table_info({table})").fetchall()
        kinds = {row[1]: row[2] for row in described}
        found = connection.execute(
            f'SELECT "{column}" FROM {table} ORDER BY "{column}" IS NULL, "{column}" DESC LIMIT 1'
        ).fetchone()
        assert (found is None) == (table in EMPTY)
        if found is None:
            made_up = [1 if kinds[name] == "INTEGER" else "{}" for name in kinds]
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(kinds))})", made_up)
            return
        (value,) = found
        new: object
        if kinds[column] == "INTEGER":
            new = (value or 0) + 120_000_001
        elif isinstance(value, bytes):
            new = bytes([value[0] ^ 1]) + value[1:]
        else:
            new = "other" if value is None else f"{value}x"
        rows = f'SELECT rowid FROM {table} WHERE "{column}" IS ? LIMIT 1'
        try:
            chosen = connection.execute(rows, (value,)).fetchone()
            where, key = "rowid = ?", chosen
        except sqlite3.OperationalError:  # a table without row numbers
            where, key = f'"{column}" IS ?', (value,)
        connection.execute(f'UPDATE OR REPLACE {table} SET "{column}" = ? WHERE {where}', (new, *key))


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[".".join(each) for each in COLUMNS])
def test_another_value_is_told(tmp_path: Path, anew: Anew, table: str, column: str) -> None:
    case = Path(shutil.copy(anew.case, tmp_path / "a.case"))
    alter(case, table, column)
    if table in BY_JOURNAL:
        told = verify(case).failed
    else:
        with CaseReader.open(case) as reader, CaseReader.open(anew.rebuilt) as rebuilt:
            found = compare(reader, rebuilt, options_by_file(reader.journal()), lambda *_: None)
        # Of a layer that is said not to be up to date it is told that it was not compared.
        told = any(each.failed for each in found.findings) or not found.whole
    assert told == ((table, column) not in EXCEPTIONS)
