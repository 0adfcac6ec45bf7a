"""How far the changes of a case were derived, and by which rules."""

from __future__ import annotations

import sqlite3

import msgspec

CHANGES_VERSION = 5
"""Raised with every change of what changes are derived as: what an older version derived is rebuilt."""


class ChangesState(msgspec.Struct, frozen=True):
    """How far changes were derived.

    Attributes:
        version: Of the rules.
        through: The last event looked at.
        others: The last snapshot's record looked at.
        snapshots: How many snapshots there were up to it, and the sum of their row numbers: where these have changed, all is
            rebuilt.
        complete: Whether it was finished.
    """

    version: int
    through: int
    others: int
    snapshots: tuple[int, int]
    complete: bool


def read_changes_state(connection: sqlite3.Connection) -> ChangesState | None:
    """Return how far changes were derived; ``None`` if they never were, or by a version that noted it otherwise."""
    row = connection.execute("SELECT value FROM derived_state WHERE key = 'changes'").fetchone()
    if row is None:
        return None
    try:
        return msgspec.json.decode(row[0], type=ChangesState)
    except msgspec.MsgspecError:
        return None


_SNAPSHOTS = (
    " FROM other_record o JOIN evidence c ON c.id = o.evidence_id JOIN delivered_file f ON f.id = c.file_id"
    " AND f.state = 'complete' WHERE o.disposition = 'snapshot'"
)


def last_snapshot(connection: sqlite3.Connection) -> int:
    """Return the row number of the last snapshot of acknowledged evidence, 0 if there is none."""
    return int(connection.execute(f"SELECT ifnull(max(o.id), 0){_SNAPSHOTS}").fetchone()[0])


def shown_snapshots(connection: sqlite3.Connection, through: int) -> tuple[int, int]:
    """Return how many snapshots there are up to a row number, and the sum of their row numbers."""
    count, total = connection.execute(
        f"SELECT count(*), ifnull(sum(o.id), 0){_SNAPSHOTS} AND o.id <= ?", (through,)
    ).fetchone()
    return int(count), int(total)
