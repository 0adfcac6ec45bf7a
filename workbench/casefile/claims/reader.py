"""Reading what people said: tags, findings, notes and custody as model values, with their versions and reviews."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from workbench.casefile.claims.conflicts import Merges, read_merges
from workbench.casefile.claims.past import formerly_on, places_of
from workbench.model.claim import EventTag, Grade, Kept, Level, Origin, Review, Scope, Tag, TakenOver
from workbench.model.finding import Finding
from workbench.model.note import HandOver, Note

_COLUMNS = "entry, seq, id, version, time, author, supersedes, superseded_by, retracted"

Body = TypeVar("Body")


class TagCounts(NamedTuple):
    """How many events of the timeline are under standing tags.

    Attributes:
        by_grade: Events whose tags all say this grade.
        mixed: Events under tags of several grades.
        tagged: Events under any: the sum of these.
        untagged: Events under none: nobody has looked at them, or nobody has said so.
    """

    by_grade: dict[Grade, int]
    mixed: int
    tagged: int
    untagged: int


class ClaimReader:
    """Reads the record of one case through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._merged: tuple[int | None, Merges] | None = None

    def tags(self, *, every: bool = False, ids: Iterable[str] | None = None) -> list[Kept[Tag]]:
        """Return the standing tags in the order in which they were committed, or all versions of all; or those of these ids."""
        if ids is not None:
            # The plus keeps SQLite from reading all standing tags for the few that are asked for.
            where = "WHERE id IN (SELECT value FROM json_each(?)) AND +kind = 'tag' AND superseded_by IS NULL ORDER BY seq"
            return self._read(Kept[Tag], where, (json.dumps(list(ids)),))
        return self._kept("tag", Kept[Tag], every=every)

    def committed(self, place: int, kind: str) -> Kept[Any]:
        """Return the version that the entry at a place of the journal committed; the caller knows that it did.

        Looked up by the entry itself: places of versions that came with a merged journal are those of that journal. What merged
        copies say otherwise is not looked for: whoever has just committed it waits.
        """
        forms = {"tag": Kept[Tag], "finding": Kept[Finding], "note": Kept[Note], "custody": Kept[HandOver]}
        (entry,) = self._connection.execute("SELECT entry FROM journal WHERE seq = ?", (place,)).fetchone()
        digest = hashlib.sha256(entry).hexdigest()
        found: Kept[Any] = self._read(
            forms[kind], "WHERE entry = ? AND kind = ?", (digest, kind), Merges({}, {})
        )[0]
        return found

    def findings(self, *, every: bool = False) -> list[Kept[Finding]]:
        """Return the standing findings, or all versions of all."""
        return self._kept("finding", Kept[Finding], every=every)

    def notes(self, *, every: bool = False) -> list[Kept[Note]]:
        """Return the standing notes, or all versions of all."""
        return self._kept("note", Kept[Note], every=every)

    def custody(self, *, every: bool = False) -> list[Kept[HandOver]]:
        """Return the standing steps of custody, or all versions of all."""
        return self._kept("custody", Kept[HandOver], every=every)

    def history(self, id: str) -> list[Kept[Tag] | Kept[Finding] | Kept[Note] | Kept[HandOver]]:  # noqa: A002
        """Return all versions of something, the first one first; nothing if there is none of this id."""
        kinds: dict[str, Any] = {
            "T": Kept[Tag],
            "F": Kept[Finding],
            "N": Kept[Note],
            "H": Kept[HandOver],
        }
        kind = kinds.get(id[:1])
        if kind is None:
            return []
        return self._read(kind, "WHERE id >= ?1 AND id < ?1 || 'g' ORDER BY version, seq", (id,))

    def version(self, entry: str) -> Origin | None:
        """Return where the version of an entry stands; ``None`` if that entry holds none."""
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM claim WHERE entry = ?", (entry,)).fetchone()
        return None if row is None else msgspec.convert(self._origin(row, self._merges().journals), Origin)

    def ids(self, start: str) -> list[str]:
        """Return the ids that begin so, or that have a version whose name does; one if it was given far enough."""
        for where in (
            "id >= ?1 AND id < ?1 || 'g'",
            "entry >= substr(?1, 3) AND entry < substr(?1, 3) || 'g' AND substr(id, 1, 2) = substr(?1, 1, 2)",
        ):
            rows = self._connection.execute(f"SELECT DISTINCT id FROM claim WHERE {where} LIMIT 2", (start,))
            found = [row[0] for row in rows]
            if found:
                return found
        return []

    def tags_on(self, events: Sequence[int]) -> dict[int, tuple[EventTag, ...]]:
        """Return the standing tags on events, by row number; events under none are left out."""
        rows = self._connection.execute(
            "SELECT t.event_id, c.id, t.grade, json_extract(c.body, '$.subject'), json_extract(c.body, '$.level'),"
            " iif(json_extract(c.body, '$.scope.choice') = 'filter', json_extract(c.body, '$.scope.text'), NULL),"
            " json_extract(c.body, '$.override')"
            " FROM json_each(?) k CROSS JOIN tagged_event t ON t.event_id = k.value JOIN claim c ON c.entry = t.claim"
            " ORDER BY t.event_id, c.seq",
            (json.dumps(list(events)),),
        )
        found: dict[int, tuple[EventTag, ...]] = {}
        for event, name, grade, subject, level, rule, override in rows:
            tag = EventTag(name, Grade(grade), subject, Level(level), rule, override)
            found[event] = (*found.get(event, ()), tag)
        return found

    def said_before(self, events: Sequence[int], scope: Scope) -> list[tuple[Kept[Tag], frozenset[int]]]:
        """Return every version of a tag that covers, or covered, some events of a scope, and which, the oldest first.

        Versions that were superseded or taken back are among them: which events these covered follows from the records that
        they name. Those of another time are not looked into.
        """
        shared = formerly_on(self._connection, events, scope)
        for entry, event in self._connection.execute(
            "SELECT t.claim, t.event_id FROM json_each(?) k CROSS JOIN tagged_event t ON t.event_id = k.value",
            (json.dumps(list(events)),),
        ):
            shared.setdefault(entry, set()).add(event)
        kept: list[Kept[Tag]] = self._read(
            Kept[Tag], "WHERE entry IN (SELECT value FROM json_each(?))", (json.dumps(list(shared)),)
        )
        kept.sort(
            key=lambda each: (
                each.origin.journal.merged_at if each.origin.journal else each.origin.seq,
                each.origin.seq,
            )
        )
        return [(each, frozenset(shared[each.origin.entry])) for each in kept]

    def same_records(self, refs: Mapping[str, int]) -> dict[str, set[str]]:
        """Return under which of some references there is the same record as at a place: there, or as another copy of it.

        Args:
            refs: Row numbers of events, by reference.
        """
        named = {event: ref for ref, event in refs.items()}
        found: dict[str, set[str]] = {}
        for event, (sha256, start, part) in places_of(self._connection, list(named), shown=True):
            found.setdefault(f"{sha256}:{start}#{part}", set()).add(named[event])
        return found

    def events_of(self, entry: str) -> list[int]:
        """Return the row numbers of the events that a standing version of a tag covers."""
        rows = self._connection.execute(
            "SELECT event_id FROM tagged_event WHERE claim = ? ORDER BY event_id", (entry,)
        )
        return [row[0] for row in rows]

    def counts(self, shown: int) -> TagCounts:
        """Count the events under tags.

        Args:
            shown: How many events the timeline shows.
        """
        rows = self._connection.execute(
            "SELECT word, count(*) FROM (SELECT iif(min(grade) = max(grade), min(grade), '') AS word"
            " FROM tagged_event GROUP BY event_id) GROUP BY word"
        )
        counts = dict(rows.fetchall())
        mixed, tagged = counts.pop("", 0), sum(counts.values())
        by_grade = {grade: counts[grade.value] for grade in Grade if grade.value in counts}
        return TagCounts(by_grade, mixed, tagged + mixed, shown - tagged - mixed)

    def withdrawn(self) -> frozenset[int]:
        """Return the contents that were withdrawn from the derived layer."""
        return frozenset(row[0] for row in self._connection.execute("SELECT evidence_id FROM withdrawn"))

    def current(self) -> bool:
        """Whether the tables hold what the whole journal says."""
        row = self._connection.execute(
            "SELECT (SELECT ifnull(max(seq), 0) FROM journal), (SELECT through FROM projected)"
        ).fetchone()
        return bool(row[0] == (row[1] or 0))

    def _kept(self, kind: str, form: Any, *, every: bool) -> list[Any]:
        where = "WHERE kind = ?" + ("" if every else " AND superseded_by IS NULL")
        return self._read(form, f"{where} ORDER BY seq", (kind,))

    def _read(
        self, form: Any, where: str, parameters: tuple[str, ...], merges: Merges | None = None
    ) -> list[Any]:
        merges = self._merges() if merges is None else merges
        rows = self._connection.execute(
            f"SELECT {_COLUMNS}, missing, body FROM claim {where}", parameters
        ).fetchall()
        reviews = self._reviews(row[0] for row in rows)
        return [
            msgspec.convert(
                {
                    "origin": self._origin(row, merges.journals),
                    "missing": row[-2],
                    "body": json.loads(row[-1]),
                    "reviews": [msgspec.to_builtins(each) for each in reviews.get(row[0], ())],
                    "rivals": [msgspec.to_builtins(each) for each in merges.rivals.get(row[0], ())],
                },
                form,
            )
            for row in rows
        ]

    def _origin(self, row: Sequence[Any], journals: Mapping[int, TakenOver]) -> dict[str, Any]:
        """Return the origin of a row that begins with its columns, with the journal that its place is in."""
        origin = dict(zip(_COLUMNS.split(", "), row, strict=False))
        merged_at = journals and self._taken_over_by(origin["entry"], origin["seq"], journals)
        return origin | {"journal": msgspec.to_builtins(journals[merged_at]) if merged_at else None}

    def _taken_over_by(self, entry: str, seq: int, journals: Iterable[int]) -> int | None:
        """Return which merger brought an entry, ``None`` if it is one of this journal."""
        row = self._connection.execute("SELECT entry FROM journal WHERE seq = ?", (seq,)).fetchone()
        if row is not None and hashlib.sha256(row[0]).hexdigest() == entry:
            return None
        for merged_at in journals:
            row = self._connection.execute(
                "SELECT entry FROM merged_entry WHERE merged_at = ? AND seq = ?", (merged_at, seq)
            ).fetchone()
            if row is not None and hashlib.sha256(row[0]).hexdigest() == entry:
                return merged_at
        return None

    def _merges(self) -> Merges:
        """Return what mergers brought; worked out anew once the journal is longer."""
        (length,) = self._connection.execute("SELECT max(seq) FROM journal").fetchone()
        if self._merged is None or self._merged[0] != length:
            self._merged = (length, read_merges(self._connection))
        return self._merged[1]

    def _reviews(self, entries: Iterable[str]) -> Mapping[str, list[Review]]:
        found: dict[str, list[Review]] = {}
        for claim, body in self._connection.execute(
            "SELECT r.claim, r.body FROM json_each(?) k CROSS JOIN claim_review r ON r.claim = k.value ORDER BY r.seq",
            (json.dumps(list(entries)),),
        ):
            found.setdefault(claim, []).append(msgspec.convert(json.loads(body), Review))
        return found
