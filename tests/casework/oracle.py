"""What a case file holds, read by plain SQL and counted anew: an answer that does not come from the code under test."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

_UNTOLD = ("id", "evidence")
"""Columns of ``v_event`` that may depend on the order in which files were added: row number, and name of one of several files
with the same content."""


@contextlib.contextmanager
def opened(case: Path) -> Iterator[sqlite3.Connection]:
    """Open a case file with SQLite alone; a transaction that was cut off is undone by that."""
    connection = sqlite3.connect(case)
    connection.execute("PRAGMA trusted_schema = OFF")
    try:
        yield connection
    finally:
        connection.close()


def events(case: Path) -> Counter[tuple[Any, ...]]:
    """Return every acknowledged event with all its values and its disposition, as often as it occurs."""
    with opened(case) as connection:
        cursor = connection.execute("SELECT * FROM v_event")
        told = [index for index, column in enumerate(cursor.description) if column[0] not in _UNTOLD]
        return Counter(tuple(row[index] for index in told) for row in cursor)


def contents(case: Path) -> dict[int, bytes]:
    """Return the bytes of every acknowledged content."""
    found: dict[int, bytes] = {}
    with opened(case) as connection:
        for (number,) in connection.execute(
            "SELECT e.id FROM evidence e JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'complete'"
        ):
            parts, position = [], 0
            for start, length, data in connection.execute(
                "SELECT start, length, data FROM block WHERE evidence_id = ? ORDER BY start", (number,)
            ):
                assert start == position
                parts.append(zstandard.ZstdDecompressor().decompress(data, max_output_size=1 << 20))
                assert len(parts[-1]) == length
                position += length
            found[number] = b"".join(parts)
    return found


def evidence(case: Path) -> Counter[tuple[Any, ...]]:
    """Return every acknowledged content with all that is told of it, apart from when it was added."""
    with opened(case) as connection:
        return Counter(
            connection.execute(
                "SELECT name, delivered_sha256, delivered_size, content_sha256, size, container, shape, encoding, sources,"
                " record_bytes, structure_bytes, rejected_bytes, records, damage, warnings FROM v_evidence"
            )
        )


def acknowledged(case: Path) -> dict[str, str]:
    """Return the SHA-256 and name of every complete file."""
    with opened(case) as connection:
        return dict(connection.execute("SELECT sha256, name FROM delivered_file WHERE state = 'complete'"))


def journal(case: Path) -> list[bytes]:
    """Return the journal's entries."""
    with opened(case) as connection:
        return [row[0] for row in connection.execute("SELECT entry FROM journal ORDER BY seq")]


def journalled_files(case: Path) -> Counter[str]:
    """Return the SHA-256 of every file that the journal says was added."""
    entries = [json.loads(entry) for entry in journal(case)]
    return Counter(
        file["sha256"]
        for entry in entries
        if entry["kind"] == "evidence.added"
        for file in entry["body"]["files"]
    )


def check(case: Path) -> None:
    """Hold the case file to promise 1 and to its own rules, whatever happened to it.

    The bytes of each content are whole and have their hash; records and rejected ranges do not overlap and add up with
    the structure to the size; the tally is what counting gives; nothing refers to what is not there; the journal names
    exactly the files that are complete.
    """
    with opened(case) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = ("evidence", "content_account", "block", "event", "other_record", "rejected_range", "tally")
        for table in tables[1:]:
            query = f"SELECT count(*) FROM {table} WHERE evidence_id NOT IN (SELECT id FROM evidence)"
            assert connection.execute(query).fetchone() == (0,), table
        assert sorted(journalled_files(case).elements()) == sorted(acknowledged(case))
        for number, content in contents(case).items():
            _check_content(connection, number, content)


def _check_content(connection: sqlite3.Connection, number: int, content: bytes) -> None:
    facts = connection.execute(
        "SELECT content_sha256, size, record_bytes, structure_bytes, rejected_bytes, records"
        " FROM evidence JOIN content_account ON evidence_id = id WHERE id = ?",
        (number,),
    ).fetchone()
    sha256, size, record_bytes, structure, rejected_bytes, records = facts
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))

    def rows(columns: str, table: str) -> list[tuple[Any, ...]]:
        return connection.execute(
            f"SELECT {columns} FROM {table} WHERE evidence_id = ?", (number,)
        ).fetchall()

    event_rows = rows("start, length, disposition", "event")
    other_rows = rows("start, length, disposition", "other_record")
    read = {row[:2] for row in event_rows + other_rows}
    refused = rows("start, length", "rejected_range")
    position = 0
    for start, length in sorted([*read, *refused]):
        assert start >= position, "two ranges overlap"
        position = start + length
    assert position <= size
    assert (records, record_bytes) == (len(read), sum(length for _, length in read))
    assert rejected_bytes == sum(length for _, length in refused)
    assert structure == size - record_bytes - rejected_bytes

    names = ("primary", "conflict", "duplicate", "continuation")
    of_record: dict[int, str] = {start: disposition for start, _, disposition in other_rows}
    best: dict[int, int] = {}
    for start, _, disposition in event_rows:
        best[start] = min(best.get(start, 9), disposition)
    of_record |= {start: names[disposition] for start, disposition in best.items()}
    told = {
        disposition: (count, events)
        for disposition, count, events in rows("disposition, records, events", "tally")
    }
    events_of = Counter(names[row[2]] for row in event_rows)
    records_of = Counter(of_record.values())
    assert told == {
        name: (records_of[name], events_of[name]) for name in records_of.keys() | events_of.keys()
    }


def arriving(case: Path) -> int:
    """Return how many files are half written."""
    with opened(case) as connection:
        return int(
            connection.execute("SELECT count(*) FROM delivered_file WHERE state = 'arriving'").fetchone()[0]
        )


def shown_events(case: Path) -> int:
    """Return how many events the timeline must show."""
    with opened(case) as connection:
        query = "SELECT count(*) FROM v_event WHERE disposition IN ('primary', 'conflict')"
        return int(connection.execute(query).fetchone()[0])


def evidence_by_content(case: Path) -> Counter[tuple[Any, ...]]:
    """Return every acknowledged content as :func:`evidence` does, but without names: the same file may have several."""
    return Counter(row[1:] for row in evidence(case).elements())
