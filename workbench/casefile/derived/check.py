"""What of the derived layer is held against a rebuilt one: by content hash and byte range, never by row number."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from workbench.casefile.paging import in_pages

_READ = 5_000
"""Events of one read: some milliseconds."""

_PLACE = (
    "CASE WHEN {0} < 0 THEN (SELECT v.content_sha256 || ':' || o.start || '#' || o.part FROM other_record o JOIN evidence v"
    " ON v.id = o.evidence_id WHERE o.id = -{0}) ELSE (SELECT v.content_sha256 || ':' || e.start || '#' || e.part FROM event e"
    " JOIN evidence v ON v.id = e.evidence_id WHERE e.id = {0}) END"
)
"""Place of the record of an event, or of a snapshot, which has a negative number: the same in every case."""


class DeliveredFile(NamedTuple):
    """An acknowledged file and what is kept of it."""

    id: int
    name: str
    sha256: str
    size: int
    modified_at: int | None
    damage: str | None


class KeptContent(NamedTuple):
    """A content of a file."""

    id: int
    member: str
    container: str
    modified_at: int | None


class DerivedRows:
    """Reads one case file's derived layer, content by content."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def files(self) -> list[DeliveredFile]:
        """Return the acknowledged files in the order they came."""
        rows = self._connection.execute(
            "SELECT id, name, sha256, size, modified_at, damage FROM delivered_file WHERE state = 'complete' ORDER BY id"
        )
        return [DeliveredFile(*row) for row in rows]

    def contents(self, file_id: int) -> list[KeptContent]:
        """Return the contents of a file, in their order."""
        rows = self._connection.execute(
            "SELECT id, member, container, modified_at FROM evidence WHERE file_id = ? ORDER BY id",
            (file_id,),
        )
        return [KeptContent(*row) for row in rows]

    def by_hash(self) -> dict[str, tuple[str, list[int]]]:
        """Return every content by its hash: a name, and the rows that hold it (copies come in several files)."""
        found: dict[str, tuple[str, list[int]]] = {}
        for number, sha256, name in self._connection.execute(
            "SELECT e.id, e.content_sha256, f.name || iif(e.member = '', '', '!' || e.member) FROM evidence e"
            " JOIN delivered_file f ON f.id = e.file_id WHERE f.state = 'complete' ORDER BY e.id"
        ):
            found.setdefault(sha256, (name, []))[1].append(number)
        return found

    def sources(self, evidence_ids: list[int]) -> set[str]:
        """Return which readers of which version took records of contents, as ``aws.cloudtrail 1``."""
        rows = self._connection.execute(
            "SELECT sources FROM content_account WHERE evidence_id IN (SELECT value FROM json_each(?))",
            (json.dumps(evidence_ids),),
        )
        return {line for (text,) in rows for line in text.split("\n") if line}

    def accounts(self, evidence_ids: list[int]) -> list[tuple[Any, ...]]:
        """Return where the bytes and the other records of contents went, sorted."""
        ids = (json.dumps(evidence_ids),)
        within = "WHERE evidence_id IN (SELECT value FROM json_each(?))"
        rows = []
        for table, columns in (
            ("content_account", "shape, encoding, columns, record_bytes, structure_bytes, rejected_bytes, records, warnings"),
            ("rejected_range", "start, length, reason"),
            ("other_record", "start, length, part, disposition, source, reason"),
        ):  # fmt: skip
            rows += [
                (table, *row)
                for row in self._connection.execute(f"SELECT {columns} FROM {table} {within}", ids)
            ]
        return sorted(rows, key=repr)

    def events(self, evidence_ids: list[int]) -> Iterator[list[int]]:
        """Yield the row numbers of the events of contents by their place, those of one place together."""
        ids = json.dumps(evidence_ids)
        place: tuple[int, int] | None = None
        group: list[int] = []

        def read(last: tuple[int, int, int]) -> list[tuple[int, int, int]]:
            return self._connection.execute(
                "SELECT start, part, id FROM event WHERE evidence_id IN (SELECT value FROM json_each(?))"
                " AND start >= ? AND (start, part, id) > (?, ?, ?) ORDER BY start, part, id LIMIT ?",
                (ids, last[0], *last, _READ),
            ).fetchall()

        for rows in in_pages(read, (-1, -1, -1), lambda row: row):
            for start, part, number in rows:
                if (start, part) != place:
                    if group:
                        yield group
                    place, group = (start, part), []
                group.append(number)
        if group:
            yield group

    def changes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield every change, those of snapshots included, each under the place of its record and its position there."""
        names = (
            "position", "field", "operation", "shape", "outcome", "time", "stated_before", "stated_after", "empty", "remark",
            "before", "before_basis", "caveats",
        )  # fmt: skip
        of_resource = ("id", "family", "kind", "name", "account", "region", "title")
        columns = ", ".join([*(f"c.{name}" for name in names), *(f"r.{name}" for name in of_resource)])
        rows = self._connection.execute(
            f"SELECT {columns}, {_PLACE.format('c.event_id')}, {_PLACE.format('c.before_event')} FROM change c"
            " LEFT JOIN changed_resource r ON r.id = c.resource_id ORDER BY c.event_id, c.position"
        )
        for row in rows:
            found: dict[str, Any] = dict(
                zip([*names, *(f"resource_{name}" for name in of_resource)], row, strict=False)
            )
            place, found["before_event"] = row[-2:]
            yield f"{place} {found['position']}", found

    def gap_listing(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield by what lists of gaps are ordered and searched, under the id of each, with the places of the events it cites."""
        names = ("kind", "source", "certainty", "start", "end")
        rows = self._connection.execute(
            f'SELECT id, kind, source, certainty, start, "end", (SELECT json_group_array({_PLACE.format("g.event_id")})'
            " FROM gap_event g WHERE g.gap_id = gap.id) FROM gap ORDER BY id"
        )
        for row in rows:
            yield (
                row[0],
                {**dict(zip(names, row[1:], strict=False)), "cites": sorted(json.loads(row[-1]), key=str)},
            )
