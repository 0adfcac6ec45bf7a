"""How far the changes of a case were derived, and by which rules."""

from __future__ import annotations

import sqlite3

import msgspec

CHANGES_VERSION = 1
"""Raised with every change of what changes are derived as: what an older version derived is rebuilt."""


class ChangesState(msgspec.Struct, frozen=True):
    """How far changes were derived.

    Attributes:
        version: Of the rules.
        through: The last event looked at.
        others: The last record that is no event looked at.
        complete: Whether it was finished.
    """

    version: int
    through: int
    others: int
    complete: bool


def read_changes_state(connection: sqlite3.Connection) -> ChangesState | None:
    """Return how far changes were derived; ``None`` if they never were."""
    row = connection.execute("SELECT value FROM derived_state WHERE key = 'changes'").fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=ChangesState)
