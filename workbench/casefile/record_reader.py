"""Reading what the case file keeps of its journal beside the entries, for the check of it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator

from workbench.casefile.paging import in_pages
from workbench.clock import to_micros
from workbench.journal.check import Stored
from workbench.journal.merkle import Frontier, leaf_hash
from workbench.journal.record import tail_of
from workbench.model.case import JournalSize

_READ = 1000
"""Entries of one read."""


def stored_record(connection: sqlite3.Connection) -> Stored:
    """Return what is kept beside the entries, compared with them."""
    leaves = dict(connection.execute("SELECT seq, hash FROM journal_leaf").fetchall())
    altered: list[int] = []
    for rows in journal_pages(connection):
        altered += [seq for seq, entry in rows if leaves.pop(seq, None) != leaf_hash(entry)]
    case_id = connection.execute("SELECT value FROM case_info WHERE key = 'case_id'").fetchone()
    return Stored(
        altered=altered,
        missing=sorted(leaves),
        head=_head(connection),
        case_id="" if case_id is None else str(case_id[0]),
        merged=merged_journals(connection),
    )


def journal_pages(connection: sqlite3.Connection) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the entries of the journal with their numbers, in order, some at a time."""

    def read(last: int) -> list[tuple[int, bytes]]:
        rows = connection.execute(
            "SELECT seq, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (last, _READ)
        )
        # Of a file that was cut short, a row may hold nothing where an entry was.
        return [(seq, entry or b"") for seq, entry in rows]

    return in_pages(read, 0, lambda row: row[0])


def merged_journals(connection: sqlite3.Connection) -> dict[int, list[bytes]]:
    """Return the entries of journals that were taken over, by the place of the entry that did so."""
    merged: dict[int, list[bytes]] = {}
    for place, seq, entry in connection.execute(
        "SELECT merged_at, seq, entry FROM merged_entry ORDER BY merged_at, seq"
    ):
        entries = merged.setdefault(place, [])
        if seq != len(entries) + 1:
            entries.append(b"")  # here an entry is missing
        entries.append(entry or b"")
    return merged


def journal_size(connection: sqlite3.Connection) -> JournalSize:
    """Return how long the journal is and how much of it no checkpoint outside covers.

    Nothing is checked here, and only the entries about checkpoints are read.
    """
    (total,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    rows = connection.execute(
        'SELECT entry FROM journal WHERE instr(entry, CAST(\'"kind":"checkpoint.\' AS BLOB))'
        ' OR instr(entry, CAST(\'"kind":"timestamp.\' AS BLOB)) ORDER BY seq'
    ).fetchall()
    tail = tail_of((row[0] for row in rows), total)
    since = None if tail.since is None else to_micros(dt.datetime.fromisoformat(tail.since))
    return JournalSize(entries=total, unanchored=tail.entries, anchored_at=since)


def _head(connection: sqlite3.Connection) -> Frontier | None:
    row = connection.execute("SELECT size, peaks FROM journal_head WHERE id = 1").fetchone()
    try:
        return None if row is None else Frontier.from_bytes(*row)
    except (ValueError, TypeError):
        return None
