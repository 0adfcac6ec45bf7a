"""How far the derived layer of a case has come, and what it is compared with to tell."""

from __future__ import annotations

import sqlite3

import msgspec

DERIVED_VERSION = 17
"""Raised with every change of what sessions and links are derived as: what an older version derived is rebuilt."""


class DerivedState(msgspec.Struct, frozen=True):
    """How far the derived layer has come.

    Attributes:
        version: The version of the rules that made it.
        through: The last event that it has seen.
        shown: How many of the events up to there were shown then, and the sum of their row numbers: where these have
            changed, earlier events have, and all is rebuilt.
        complete: Whether it was written to its end.
        digests: How many digests and what they are checked by it has seen, and the sum of their row numbers.
    """

    version: int
    through: int
    shown: tuple[int, int]
    complete: bool
    digests: tuple[int, int] = (0, 0)


def read_state(connection: sqlite3.Connection) -> DerivedState | None:
    """Return how far the derived layer has come; ``None`` if there is none."""
    row = connection.execute("SELECT value FROM derived_state WHERE key = 'state'").fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=DerivedState)


def mark_unfinished(connection: sqlite3.Connection) -> None:
    """Note, within an open transaction, that sessions and links no longer follow from the events that are shown."""
    state = read_state(connection)
    if state is not None:
        text = msgspec.json.encode(msgspec.structs.replace(state, complete=False)).decode()
        connection.execute("INSERT OR REPLACE INTO derived_state VALUES ('state', ?)", (text,))


def shown_events(connection: sqlite3.Connection, through: int) -> tuple[int, int]:
    """Return how many events up to a row number are shown, and the sum of their row numbers."""
    count, total = connection.execute(
        "SELECT count(*), ifnull(sum(e.id), 0) FROM event e JOIN evidence c ON c.id = e.evidence_id"
        " JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete' WHERE e.id <= ? AND e.disposition < 2",
        (through,),
    ).fetchone()
    return int(count), int(total)


def digests_held(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many records there are that prove something of log files, and the sum of their row numbers."""
    count, total = connection.execute(
        "SELECT count(*), ifnull(sum(o.id), 0) FROM other_record o JOIN evidence c ON c.id = o.evidence_id"
        " JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete' WHERE o.disposition = 'digest'"
    ).fetchone()
    return int(count), int(total)


def last_event(connection: sqlite3.Connection) -> int:
    """Return the row number of the last event of acknowledged evidence, 0 if there is none."""
    # From the end: what arrives lies there, and hardly ever is there any.
    row = connection.execute(
        "SELECT e.id FROM event e CROSS JOIN evidence c ON c.id = e.evidence_id"
        " CROSS JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete' ORDER BY e.id DESC LIMIT 1"
    ).fetchone()
    return 0 if row is None else int(row[0])
