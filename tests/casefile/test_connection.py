"""A case file may be anything: each kind of wrong file gives one plain error, and nothing of it runs."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from pathlib import Path

import pytest

from workbench.casefile.case_writer import write_case
from workbench.casefile.connection import open_for_reading
from workbench.casefile.reader import CaseReader
from workbench.casefile.schema import APPLICATION_ID, SCHEMA_VERSION
from workbench.errors import (
    CaseFileBusyError,
    CaseFileError,
    ForeignSchemaError,
    NewerSchemaError,
    NotACaseFileError,
    OlderSchemaError,
    StorageError,
    WorkbenchError,
)
from workbench.journal.entry import EntryKind


def alter(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_case_file_says_what_it_is(case):
    """Other programs can tell a case file by its header."""
    header = case.read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(header[60:64], "big") == SCHEMA_VERSION
    assert header[18:20] == b"\x01\x01", "rollback journal, not WAL"


def test_every_table_is_strict_and_the_file_is_sound(case):
    connection = open_for_reading(case)
    tables = connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    ).fetchall()
    assert {name for name, strict in tables if not strict} <= {
        "sqlite_schema",
        "_sqlite_migrations",
        "sqlite_sequence",
    }
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection = sqlite3.connect(case)
    for (view,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'view'").fetchall():
        connection.execute(f"SELECT * FROM {view}").fetchall()


NO_CASE_FILES = {
    "empty": b"",
    "text": b"not a database at all",
    "header only": b"SQLite format 3\0" + bytes(84),
    "noise": random.Random(7).randbytes(5000),
}


@pytest.mark.parametrize("kind", NO_CASE_FILES)
def test_a_file_that_is_no_case_file(tmp_path, kind):
    path = tmp_path / "x.case"
    path.write_bytes(NO_CASE_FILES[kind])
    with pytest.raises(NotACaseFileError):
        open_for_reading(path)


def test_other_peoples_database(tmp_path):
    path = tmp_path / "x.case"
    sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.commit()
    with pytest.raises(NotACaseFileError, match="not a case file"):
        open_for_reading(path)


def test_no_file_at_all(tmp_path):
    with pytest.raises(NotACaseFileError, match="workbench new"):
        open_for_reading(tmp_path / "none.case")
    assert not (tmp_path / "none.case").exists()


def test_a_newer_schema(case):
    alter(case, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(NewerSchemaError, match="newer"):
        open_for_reading(case)


def test_an_older_schema(case):
    alter(case, f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    with pytest.raises(OlderSchemaError, match="earlier workbench"):
        open_for_reading(case)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v_extra AS SELECT 1",
        "CREATE TRIGGER evil AFTER INSERT ON act BEGIN DELETE FROM act; END",
        "CREATE TABLE extra (x)",
        "DROP TRIGGER journal_is_not_edited",
        "DROP INDEX event_by_time",
        "DROP VIEW v_event",
        "UPDATE sqlite_schema SET sql = replace(sql, 'never edited', 'edited') WHERE name = 'journal_is_not_edited'",
        "CREATE INDEX event_more ON event (id)",
    ],
)
def test_a_schema_that_is_not_ours_is_refused_before_anything_runs(case, statement):
    alter(case, statement)
    with pytest.raises(ForeignSchemaError):
        open_for_reading(case)


def test_reading_changes_no_byte_and_leaves_no_file(case):
    before = case.read_bytes()
    with CaseReader.open(case) as reader:
        reader.summary()
        list(reader.scan())
    assert case.read_bytes() == before
    assert [path.name for path in case.parent.iterdir()] == [case.name]


def test_a_reading_connection_cannot_write(case):
    connection = open_for_reading(case)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM case_info")


def test_the_journal_is_only_appended_to(case):
    """Accidents are stopped by triggers; INSERT OR REPLACE too."""
    connection = sqlite3.connect(case, isolation_level=None)
    for statement in (
        "UPDATE journal SET entry = x'00'",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO journal VALUES (1, x'00')",
        "INSERT INTO journal VALUES (7, x'00')",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


def test_two_writers(case):
    with (
        write_case(case, "A"),
        pytest.raises(CaseFileBusyError, match=str(os.getpid())),
        write_case(case, "B"),
    ):
        pass
    with write_case(case, "B"):
        pass
    assert [path.name for path in case.parent.iterdir()] == [case.name], "the lock is gone"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_media(case):
    case.chmod(stat.S_IRUSR)
    case.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with CaseReader.open(case) as reader:
            assert reader.info().title == "Test"
        with pytest.raises(StorageError, match="copy"), write_case(case, "A"):
            pass
    finally:
        case.parent.chmod(stat.S_IRWXU)


def test_a_full_disk_loses_nothing(case):
    """SQLite's own limit on pages stands in for the disk: the error is plain and the file stays sound."""
    with write_case(case, "A") as writer:
        connection = writer._connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

        def fill():
            for _ in range(10_000):
                with writer.transaction():
                    writer.act(EntryKind.SECRET_REVEALED, {"ref": "x" * 500})

        with pytest.raises(StorageError, match="full"):
            fill()
    with CaseReader.open(case) as reader:
        entries = list(reader.journal())
    connection = sqlite3.connect(case)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(entries) == connection.execute("SELECT count(*) FROM journal").fetchone()[0]


def test_an_interrupted_transaction_is_undone_by_the_next_reader(case, tmp_path):
    """After a kill the rollback journal is hot; reading restores what was acknowledged."""
    copy = tmp_path / "copy"
    copy.mkdir()
    with write_case(case, "A") as writer:
        writer._connection.execute("PRAGMA cache_spill = ON")
        writer._connection.execute("PRAGMA cache_size = 1")
        writer.begin()
        writer.act(EntryKind.SECRET_REVEALED, {"ref": "x" * 500_000})
        for name in (case.name, f"{case.name}-journal"):
            (copy / name).write_bytes((case.parent / name).read_bytes())
        writer.roll_back()
    with CaseReader.open(copy / case.name) as reader:
        assert len(list(reader.journal())) == 1


def test_every_error_says_what_to_do(tmp_path):
    with pytest.raises(WorkbenchError) as caught:
        open_for_reading(tmp_path / "none.case")
    assert caught.value.remedy
    assert isinstance(caught.value, CaseFileError)
