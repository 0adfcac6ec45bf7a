"""Tags, findings, notes and withdrawals as tables: a projection of the journal, kept with every entry and rebuilt at will.

The journal is the truth. What stands in these tables is a function of its entries and of the events of the case; rebuilding it
gives the same rows.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from workbench.casefile.claims import conflicts
from workbench.casefile.evidence.tally import CONTINUATION, DUPLICATE, PRIMARY
from workbench.journal.entry import EntryKind, Json

KINDS = {
    EntryKind.TAG_COMMITTED: ("tag", "T"),
    EntryKind.FINDING_COMMITTED: ("finding", "F"),
    EntryKind.NOTE_WRITTEN: ("note", "N"),
    EntryKind.CUSTODY_RECORDED: ("custody", "H"),
}
"""Which entries carry versions of something, what that is, and the letter of its ids."""

_OF_THIS_COPY = frozenset({EntryKind.EVIDENCE_WITHDRAWN, EntryKind.EVIDENCE_RESTORED})
"""Entries that have an effect in the journal of the case alone."""

_TABLES = ("claim", "claim_review", "tagged_event", "withdrawn", "projected")

Body = Mapping[str, Any]


class _Seen(NamedTuple):
    seq: int
    entry: str
    time: str
    actor: str
    body: Body


class ClaimProjection:
    """Keeps the tables of one case file, inside transactions that its caller opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._take: dict[str, Callable[[_Seen], None]] = {
            EntryKind.CLAIM_REVIEWED: self._reviewed,
            EntryKind.CLAIM_RETRACTED: self._retracted,
            EntryKind.EVIDENCE_WITHDRAWN: self._withdrawn,
            EntryKind.EVIDENCE_RESTORED: self._restored,
        }
        for kind in KINDS:
            self._take[kind] = lambda seen, kind=kind: self._version(seen, *KINDS[kind])  # type: ignore[misc]

    def follow(self) -> None:
        """Take in the journal entries that are new."""
        row = self._connection.execute("SELECT through FROM projected").fetchone()
        through = row[0] if row else 0
        last = through
        for seq, entry in self._connection.execute(
            "SELECT seq, entry FROM journal WHERE seq > ? ORDER BY seq", (through,)
        ).fetchall():
            last = seq
            self.take_in(seq, entry)
            self.take_merged(seq)
        if last != through:
            self._connection.execute("INSERT OR REPLACE INTO projected VALUES (1, ?)", (last,))

    def take_in(self, seq: int, entry: bytes, *, merged: bool = False) -> None:
        """Take in one entry; what is there already, from another copy of the case, is left as it is.

        Args:
            seq: Its place in its journal.
            entry: Its canonical bytes.
            merged: Whether that is the journal of another copy.
        """
        told = json.loads(entry)
        take = self._take.get(told["kind"])
        if take is None or (merged and told["kind"] in _OF_THIS_COPY):
            return
        digest = hashlib.sha256(entry).hexdigest()
        known = self._connection.execute(
            "SELECT 1 FROM claim WHERE entry = ?1 UNION ALL SELECT 1 FROM claim_review WHERE entry = ?1",
            (digest,),
        ).fetchone()
        if known is None:
            take(_Seen(seq, digest, told["time"], told["actor"], told["body"]))

    def take_merged(self, merged_at: int) -> None:
        """Take in what responders said in another copy of the case, if an entry merged its journal.

        What they withdrew there is not withdrawn here: whoever merges decides that, for it changes what is derived.
        """
        for seq, entry in self._connection.execute(
            "SELECT seq, entry FROM merged_entry WHERE merged_at = ? ORDER BY seq", (merged_at,)
        ).fetchall():
            self.take_in(seq, entry, merged=True)

    def rebuild(self) -> None:
        """Throw the tables away and make them anew from the journal, and from those that were merged into it."""
        for table in _TABLES:
            self._connection.execute(f"DELETE FROM {table}")
        self.follow()
        self.place_events()

    def stands(self, entry: str) -> bool:
        """Whether a version is there and no later one supersedes it."""
        row = self._connection.execute(
            "SELECT 1 FROM claim WHERE entry = ? AND superseded_by IS NULL", (entry,)
        ).fetchone()
        return row is not None

    def settling(self, entry: str, *, whole: bool) -> dict[str, Json]:
        """Return what an entry that takes the place of a version adds to its body (:func:`conflicts.settling`)."""
        return conflicts.settling(self._connection, entry, whole=whole)

    def place_events(self) -> None:
        """Look up anew which events the standing tags cover: evidence may have been added or withdrawn since."""
        for entry, body in self._connection.execute(
            "SELECT entry, body FROM claim WHERE kind = 'tag' AND superseded_by IS NULL"
        ).fetchall():
            tag = json.loads(body)
            self._place(entry, tag)

    def _version(self, seen: _Seen, kind: str, letter: str) -> None:
        """Take in a version; the one that it names as its predecessor no longer stands."""
        before = seen.body.get("supersedes")
        number, name = 1, f"{letter}-{seen.entry[:12]}"
        if before is not None:
            replaced = (before, *seen.body.get("also_supersedes", ()))
            for each in replaced:
                self._supersede(each, seen.entry, None)
            rows = self._connection.execute(
                "SELECT id, version FROM claim WHERE entry IN (SELECT value FROM json_each(?))",
                (json.dumps(replaced),),
            ).fetchall()
            if rows:
                name, number = rows[0][0], 1 + max(row[1] for row in rows)
        self._connection.execute(
            "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, 0, ?)",
            (
                seen.entry,
                seen.seq,
                kind,
                name,
                number,
                seen.time,
                seen.actor,
                before,
                json.dumps(seen.body[kind], ensure_ascii=False),
            ),
        )
        if kind == "tag":
            self._place(seen.entry, seen.body[kind])

    def _supersede(self, entry: str, by: str, reason: str | None) -> None:
        self._connection.execute(
            "UPDATE claim SET superseded_by = ?, retracted = ?, missing = 0 WHERE entry = ? AND superseded_by IS NULL",
            (by, reason, entry),
        )
        self._connection.execute("DELETE FROM tagged_event WHERE claim = ?", (entry,))

    def _reviewed(self, seen: _Seen) -> None:
        body = {key: value for key, value in seen.body.items() if key != "entry"}
        body |= {"reviewer": seen.actor, "time": seen.time}
        self._connection.execute(
            "INSERT INTO claim_review VALUES (?, ?, ?, ?)",
            (seen.entry, seen.seq, seen.body["entry"], json.dumps(body, ensure_ascii=False)),
        )

    def _retracted(self, seen: _Seen) -> None:
        for each in (seen.body["entry"], *seen.body.get("also_supersedes", ())):
            self._supersede(each, seen.entry, seen.body["reason"])

    def _withdrawn(self, seen: _Seen) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO withdrawn SELECT e.id, ? FROM evidence e JOIN delivered_file f ON f.id = e.file_id"
            " WHERE f.state = 'complete' AND f.sha256 = ?",
            (seen.entry, seen.body["sha256"]),
        )

    def _restored(self, seen: _Seen) -> None:
        self._connection.execute(
            "DELETE FROM withdrawn WHERE evidence_id IN (SELECT e.id FROM evidence e"
            " JOIN delivered_file f ON f.id = e.file_id WHERE f.sha256 = ?)",
            (seen.body["sha256"],),
        )

    def _place(self, entry: str, tag: Body) -> None:
        """Note which events a tag covers, and how many of them are not in the derived layer."""
        wanted = found = 0
        events: set[int] = set()
        for sha256, listed in tag["scope"]["places"].items():
            places = list(read_places(listed))
            wanted += len(places)
            numbers = list(self._shown(sha256, places))
            found += len(numbers)
            events.update(numbers)
        before = {
            row[0]
            for row in self._connection.execute("SELECT event_id FROM tagged_event WHERE claim = ?", (entry,))
        }
        self._connection.executemany(
            "DELETE FROM tagged_event WHERE event_id = ? AND claim = ?",
            [(number, entry) for number in before - events],
        )
        self._connection.executemany(
            "INSERT INTO tagged_event VALUES (?, ?, ?)",
            [(number, entry, tag["grade"]) for number in sorted(events - before)],
        )
        self._connection.execute("UPDATE claim SET missing = ? WHERE entry = ?", (wanted - found, entry))

    def _shown(self, sha256: str, places: Iterable[tuple[int, int]]) -> Iterator[int]:
        """Yield the row number of the event of each place: of a duplicate or a continuation the event that it is shown as."""
        rows = self._connection.execute(
            "SELECT p.key, e.id, e.disposition, e.native_id, e.shared_id, r.source"
            " FROM evidence c JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete'"
            " CROSS JOIN json_each(?) p CROSS JOIN event e ON e.evidence_id = c.id"
            " AND e.start = json_extract(p.value, '$[0]') AND e.part = json_extract(p.value, '$[1]')"
            " JOIN reading r ON r.id = e.reading_id WHERE c.content_sha256 = ? ORDER BY p.key, e.disposition, e.id",
            (json.dumps(list(places)), sha256),
        ).fetchall()
        done: set[int] = set()
        for key, number, disposition, native_id, shared_id, source in rows:
            if key in done:
                continue
            if disposition < DUPLICATE:
                done.add(key)
                yield number
            elif disposition in (DUPLICATE, CONTINUATION):
                column, value = (
                    ("native_id", native_id) if disposition == DUPLICATE else ("shared_id", shared_id)
                )
                shown = self._connection.execute(
                    f"SELECT e.id FROM event e JOIN reading r ON r.id = e.reading_id WHERE e.{column} = ?"
                    " AND e.disposition = ? AND r.source = ? ORDER BY e.id LIMIT 1",
                    (value, PRIMARY, source),
                ).fetchone()
                if shown is not None:
                    done.add(key)
                    yield shown[0]


def write_places(places: Iterable[tuple[int, int, int]]) -> str:
    """Write the places of records in one content: offset, length, part of each."""
    return " ".join(
        f"{start}+{length}#{part}" if part else f"{start}+{length}" for start, length, part in sorted(places)
    )


def read_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield offset and part of what :func:`write_places` wrote."""
    for word in text.split():
        place, _, part = word.partition("#")
        yield int(place.partition("+")[0]), int(part or 0)
