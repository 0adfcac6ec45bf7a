"""Appending to the journal of a case file: the entry, its leaf and the new head of the tree, all in the open transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from workbench.clock import Clock, ClockReading, rfc3339
from workbench.errors import CaseFileError
from workbench.journal.clocks import Moment, step_back
from workbench.journal.entry import Entry, EntryKind, Json
from workbench.journal.merkle import Frontier, leaf_hash


class JournalWriter:
    """Appends entries in the name of one person. What it costs grows with the logarithm of the journal."""

    def __init__(self, connection: sqlite3.Connection, actor: str, clock: Clock) -> None:
        self._connection = connection
        self._actor = actor
        self._clock = clock

    def append(self, kind: EntryKind, body: Mapping[str, Json]) -> int:
        """Append an entry and return its place, within the open transaction.

        Where the wall clock was set back since the last entry, an entry that says so goes before.

        Raises:
            CaseFileError: If the journal is not as it was left.
        """
        head, last = self._head()
        reading = self._clock.reading()
        if last is not None:
            stepped = step_back(Moment.of_entry(json.loads(last)), Moment.of(reading))
            if stepped is not None:
                told: dict[str, Json] = {
                    "last_entry": stepped.before,
                    "now": rfc3339(reading.wall, 6),
                    "by_milliseconds": stepped.by // 1000,
                    "shown_by": stepped.shown_by,
                }
                head = self._insert(head, reading, EntryKind.CLOCK_STEPPED_BACK, told)
        return self._insert(head, reading, kind, body).size

    def take_over(self, merged_at: int, entries: Sequence[bytes]) -> None:
        """Keep the entries of another journal under the entry of this one that commits to them."""
        self._connection.executemany(
            "INSERT INTO merged_entry (merged_at, seq, entry) VALUES (?, ?, ?)",
            [(merged_at, seq, entry) for seq, entry in enumerate(entries, 1)],
        )

    def _head(self) -> tuple[Frontier, bytes | None]:
        """Return the head of the tree and the last entry, having made sure that they belong together."""
        last = self._connection.execute("SELECT seq, entry FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        stored = self._connection.execute("SELECT size, peaks FROM journal_head").fetchone()
        try:
            head = Frontier() if stored is None else Frontier.from_bytes(*stored)
        except ValueError as error:
            raise _damaged() from error
        if head.size != (0 if last is None else last[0]):
            raise _damaged()
        if last is not None:
            leaf = self._connection.execute(
                "SELECT hash FROM journal_leaf WHERE seq = ?", (last[0],)
            ).fetchone()
            if leaf is None or leaf[0] != leaf_hash(last[1]):
                raise _damaged()
        return head, None if last is None else last[1]

    def _insert(
        self, head: Frontier, reading: ClockReading, kind: EntryKind, body: Mapping[str, Json]
    ) -> Frontier:
        entry = Entry(seq=head.size + 1, clock=reading, actor=self._actor, kind=kind, body=body).canonical()
        leaf = leaf_hash(entry)
        grown = head.appended(leaf)
        execute = self._connection.execute
        execute("INSERT INTO journal (seq, entry) VALUES (?, ?)", (grown.size, entry))
        execute("INSERT INTO journal_leaf (seq, hash) VALUES (?, ?)", (grown.size, leaf))
        # An update, for replacing a row would not run the trigger that keeps the head from going back.
        statement = (
            "UPDATE journal_head SET size = ?, peaks = ?"
            if head.size
            else "INSERT INTO journal_head (id, size, peaks) VALUES (1, ?, ?)"
        )
        execute(statement, (grown.size, grown.to_bytes()))
        return grown


def _damaged() -> CaseFileError:
    return CaseFileError(
        "the journal is not as it was left: entries were removed, added or edited past the workbench",
        "work on a copy; `workbench verify` says what is wrong",
    )
