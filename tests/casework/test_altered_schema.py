"""`verify` of a case file whose schema somebody altered: the check goes on as far as its tables can be read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.casework.command import workbench
from tests.casework.logs import record, trail, write

DROPPED = "DROP TRIGGER journal_is_not_edited"
ALTERED = (
    "UPDATE journal SET entry = CAST(replace(CAST(entry AS TEXT), 'Tester', 'Taster') AS BLOB) WHERE seq = 8"
)


@pytest.fixture
def held(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint of the case, with ten entries before it, that somebody holds."""
    monkeypatch.setenv("WORKBENCH_KEY_PASSPHRASE", "correct horse battery staple")
    write(tmp_path / "log.json", trail([record(number) for number in range(20)]))
    assert workbench("add", case, tmp_path / "log.json").status == 0
    for number in range(8):
        assert workbench("note", case, f"Note {number}.").status == 0
    held = tmp_path / "held"
    assert workbench("key", "new", tmp_path / "key", "--name", "keeper@example.com").status == 0
    assert workbench("checkpoint", case, "--key", tmp_path / "key", "--out", held).status == 0
    assert workbench("verify", case, "--against", held).status == 0
    return held


def altered(case: Path, held: Path, *statements: str, options: tuple[str, ...] = ()) -> str:
    with closing(sqlite3.connect(case)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    found = workbench("verify", case, "--against", held, *options)
    assert found.status == 1
    return found.out.decode()


@pytest.mark.parametrize("options", [(), ("--quick",), ("--deep",)])
def test_the_altered_entry_is_named(case: Path, held: Path, options: tuple[str, ...]) -> None:
    said = altered(case, held, DROPPED, ALTERED, options=options)
    assert "missing: trigger journal_is_not_edited" in said
    assert "WRONG  record: entry 8: not what was appended" in said
    assert "NOT AS IT WAS LEFT, held against 1 from outside" in said
    assert ("bytes hashed" in said) == (options != ("--quick",))
    assert ("could not be made anew" in said) == (options == ("--deep",))


def test_a_journal_that_is_untouched_is_said_to_hold(case: Path, held: Path) -> None:
    said = altered(case, held, DROPPED, "CREATE VIEW shadow AS SELECT 1")
    assert "record    holds" in said
    assert "not ours: view shadow" in said


@pytest.mark.parametrize(
    "statement",
    ["DROP VIEW v_tag", "CREATE INDEX strange ON event (start)", "ALTER TABLE event ADD strange TEXT"],
)
def test_the_journal_alone_where_other_tables_cannot_be_relied_on(
    case: Path, held: Path, statement: str
) -> None:
    said = altered(case, held, statement, DROPPED, ALTERED)
    assert "WRONG  record: entry 8: not what was appended" in said
    assert "evidence  not reached" in said
    assert "Whether the evidence is what was added: it could not be read." in said
    assert "held against 1 from outside" in said


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE INDEX strange ON journal (entry)",),
        ("ALTER TABLE journal RENAME TO real", "CREATE VIEW journal AS SELECT * FROM real"),
        ("DROP TABLE journal_head",),
    ],
)
def test_nothing_is_said_to_be_compared_that_was_not(
    case: Path, held: Path, statements: tuple[str, ...]
) -> None:
    said = altered(case, held, *statements)
    assert "record    not reached" in said
    assert "held against 1" not in said
    assert "nor held against anything" in said
    assert "This check cannot show:" in said
