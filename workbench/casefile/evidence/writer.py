"""Putting evidence and the events read from it into a case file.

A delivered file is *arriving* while its bytes come in, over one or more transactions, and *complete* once all of it
stands: only then is it acknowledged and seen by readers. Whatever is still arriving when a process dies is taken out
again by the next writer, before it does anything else.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence

import msgspec

from workbench.casefile.events.batch import EVENT_DICTIONARIES, BatchColumns, ContentBatch, NativeIds
from workbench.casefile.events.dictionary import Dictionaries
from workbench.casefile.events.native_keys import add_native_keys, remove_native_keys
from workbench.casefile.events.particulars import remove_particulars, resolve_stages, write_particulars
from workbench.casefile.events.zones import Zone
from workbench.casefile.evidence.duplicates import resolve_duplicates
from workbench.casefile.evidence.tally import write_tally
from workbench.casefile.parameters import NULL, Value, as_passed_on, pieces
from workbench.model.evidence import Acquisition, ByteAccount

_MANY = 500
"""Events of a batch from which columns with one value are written into the statement instead of being handed over for
every row: a fifth of the time of inserting."""

_CONTENTS_TABLES = ("content_account", "block", "rejected_range", "event", "other_record", "tally")


class ContentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a content once it has been read to its end.

    Attributes:
        content_sha256: SHA-256 of the content, hexadecimal.
        account: Where its bytes went.
        shape: What it looked like, for people.
        encoding: Its character encoding.
        columns: For CSV, JSON with ``columns`` and ``delimiter``; else ``None``.
        records: Number of records.
        sources: Readers that took records of it (``aws.cloudtrail 1``), sorted.
        warnings: What was odd, one line each.
    """

    content_sha256: str
    account: ByteAccount
    shape: str
    encoding: str
    columns: str | None
    records: int
    sources: tuple[str, ...]
    warnings: tuple[str, ...]


class EvidenceWriter:
    """Writes evidence through the connection of the one writer, inside transactions that its caller opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._dictionaries = Dictionaries(connection)
        self._zone = Zone(connection)
        self._staged: set[int] = set()
        """Contents that are arriving and hold records which report an act in stages."""
        self._nameless: set[int] = set()
        """Contents that are arriving and hold events without a native id."""

    def before_commit(self) -> None:
        """Note which values occur among the events of the transaction."""
        self._zone.close()

    def rolled_back(self) -> None:
        """Forget what the caches learned in a transaction that was rolled back."""
        self._dictionaries.forget()
        self._zone = Zone(self._connection)

    def acquisition(self, acquisition: Acquisition) -> int:
        """Store what responders say about an acquisition and return its row number."""
        row = self._connection.execute(
            "SELECT id FROM acquisition"
            " WHERE custodian IS ? AND acquired_at IS ? AND acquired_by IS ? AND how IS ? AND note IS ?",
            msgspec.structs.astuple(acquisition),
        ).fetchone()
        if row is not None:
            return int(row[0])
        return self._insert(
            "INSERT INTO acquisition (custodian, acquired_at, acquired_by, how, note) VALUES (?, ?, ?, ?, ?)",
            msgspec.structs.astuple(acquisition),
        )

    def complete_hashes(self) -> dict[int, frozenset[str]]:
        """Return the SHA-256 of all acknowledged files by size: a file of another size cannot be one of them."""
        hashes: dict[int, set[str]] = {}
        for size, sha256 in self._connection.execute(
            "SELECT size, sha256 FROM delivered_file WHERE state = 'complete'"
        ):
            hashes.setdefault(size, set()).add(sha256)
        return {size: frozenset(values) for size, values in hashes.items()}

    def name_of(self, delivered_sha256: str) -> str | None:
        """Return the name under which a file of this hash was acknowledged, if it was."""
        row = self._connection.execute(
            "SELECT name FROM delivered_file WHERE sha256 = ? AND state = 'complete'", (delivered_sha256,)
        ).fetchone()
        return None if row is None else str(row[0])

    def begin_file(self, name: str, modified_at: int | None, acquisition_id: int) -> int:
        """Note that a file is arriving."""
        return self._insert(
            "INSERT INTO delivered_file (name, modified_at, acquisition_id, state) VALUES (?, ?, ?, 'arriving')",
            (name, modified_at, acquisition_id),
        )

    def begin_content(self, file_id: int, member: str, container: str, modified_at: int | None) -> int:
        """Note that a content of an arriving file follows."""
        return self._insert(
            "INSERT INTO evidence (file_id, member, container, modified_at) VALUES (?, ?, ?, ?)",
            (file_id, member, container, modified_at),
        )

    def add_batch(self, evidence_id: int, batch: ContentBatch) -> None:
        """Store some consecutive part of a content: its bytes and what was read from them."""
        execute_many = self._connection.executemany
        execute_many(
            "INSERT INTO block (evidence_id, start, length, data) VALUES (?, ?, ?, ?)",
            [(evidence_id, block.start, block.length, block.data) for block in batch.blocks],
        )
        if len(batch.events):
            self._add_events(evidence_id, batch.events)
        if batch.others:
            execute_many(
                "INSERT INTO other_record (evidence_id, start, length, part, disposition, source, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        evidence_id,
                        other.start,
                        other.length,
                        other.part,
                        other.disposition.value,
                        other.source,
                        other.reason,
                    )
                    for other in batch.others
                ],
            )
        if batch.rejected:
            execute_many(
                "INSERT INTO rejected_range (evidence_id, start, length, reason) VALUES (?, ?, ?, ?)",
                [(evidence_id, *rejected) for rejected in batch.rejected],
            )

    def end_content(self, evidence_id: int, facts: ContentFacts) -> None:
        """Store what is known of a content after its last byte.

        Raises:
            AssertionError: If the bytes do not add up: a defect of the workbench, never of the evidence.
        """
        account = facts.account
        assert account.balances, f"the bytes of evidence {evidence_id} do not add up: {account}"
        self._connection.execute(
            "UPDATE evidence SET content_sha256 = ?, size = ? WHERE id = ?",
            (facts.content_sha256, account.size, evidence_id),
        )
        self._connection.execute(
            "INSERT INTO content_account (evidence_id, shape, encoding, columns, record_bytes, structure_bytes, rejected_bytes,"
            " records, sources, warnings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                evidence_id, facts.shape, facts.encoding, facts.columns, account.records, account.structure, account.rejected,
                facts.records, "\n".join(facts.sources), "\n".join(facts.warnings) or None,
            ),
        )  # fmt: skip

    def complete_files(self, files: Iterable[tuple[int, str, int, str | None]], added_at: int) -> None:
        """Acknowledge files: they become visible when the caller's transaction commits.

        Args:
            files: For each: row number, SHA-256 as delivered, size as delivered, damage or ``None``.
            added_at: The instant, microseconds UTC.
        """
        evidence_ids: list[int] = []
        for file_id, sha256, size, damage in files:
            evidence_ids += self._evidence_of(file_id)
            changed = self._connection.execute(
                "UPDATE delivered_file SET sha256 = ?, size = ?, damage = ?, added_at = ?, state = 'complete' WHERE id = ?",
                (sha256, size, damage, added_at, file_id),
            ).rowcount
            assert changed == 1, (
                "a file vanished before it was acknowledged: somebody else writes to the case"
            )
        nameless = [evidence_id for evidence_id in evidence_ids if evidence_id in self._nameless]
        touched = resolve_duplicates(self._connection, evidence_ids, nameless)
        touched |= resolve_stages(self._connection, self._staged.intersection(evidence_ids) | touched)
        self._staged.difference_update(evidence_ids)
        self._nameless.difference_update(evidence_ids)
        for evidence_id in sorted({*evidence_ids, *touched}):
            write_tally(self._connection, evidence_id)

    def duplicates_among(self, file_ids: Sequence[int]) -> int:
        """Return how many events of these files are duplicates of others."""
        row = self._connection.execute(
            "SELECT ifnull(sum(t.events), 0) FROM json_each(?) f CROSS JOIN evidence e ON e.file_id = f.value"
            " JOIN tally t ON t.evidence_id = e.id AND t.disposition = 'duplicate'",
            (json.dumps(file_ids),),
        ).fetchone()
        return int(row[0])

    def discard_file(self, file_id: int) -> None:
        """Take an arriving file out again, with everything read from it."""
        for evidence_id in self._evidence_of(file_id):
            remove_particulars(self._connection, evidence_id)
            remove_native_keys(self._connection, evidence_id)
            for table in _CONTENTS_TABLES:
                self._connection.execute(f"DELETE FROM {table} WHERE evidence_id = ?", (evidence_id,))
            self._connection.execute("DELETE FROM evidence WHERE id = ?", (evidence_id,))
        self._connection.execute("DELETE FROM delivered_file WHERE id = ?", (file_id,))

    def arriving(self) -> list[int]:
        """Return the files that a process left behind half written."""
        return [
            row[0]
            for row in self._connection.execute("SELECT id FROM delivered_file WHERE state = 'arriving'")
        ]

    def _evidence_of(self, file_id: int) -> list[int]:
        return [
            row[0]
            for row in self._connection.execute("SELECT id FROM evidence WHERE file_id = ?", (file_id,))
        ]

    def _add_events(self, evidence_id: int, events: BatchColumns) -> None:
        count = len(events)
        first = self._zone.reserve(count, events.time)
        self._zone.note("evidence_id", [evidence_id])
        columns: dict[str, Sequence[object]] = {
            "id": range(first, first + count),
            "start": events.start,
            "length": events.length,
            "time": events.time if isinstance(events.time, array) else as_passed_on(events.time),
        }
        same: dict[str, int | None] = {"evidence_id": evidence_id, "disposition": 0}
        if any(events.part):
            columns["part"] = events.part
        else:
            same["part"] = 0
        for column, texts in (
            ("time_raw", as_passed_on(events.time_raw)),
            ("native_id", _blobs(events.native_id)),
            ("request_id", _blobs(events.request_id)),
            ("shared_id", _blobs(events.shared_id)),
        ):
            if texts:
                columns[column] = texts
            else:
                same[column] = None
        for column, name in EVENT_DICTIONARIES.items():
            numbers = self._dictionaries.numbers(name, events.values[name])
            self._zone.note(column, numbers[1:])
            codes = events.codes[name]
            if codes:
                columns[column] = list(map([NULL, *numbers[1:]].__getitem__, codes))
            else:
                same[column] = numbers[-1]
        if count < _MANY:
            columns |= {column: as_passed_on([value]) * count for column, value in same.items()}
            same = {}
        self._dictionaries.write()
        marks = ["?"] * len(columns) + ["NULL" if value is None else str(value) for value in same.values()]
        self._connection.executemany(
            f"INSERT INTO event ({', '.join([*columns, *same])}) VALUES ({', '.join(marks)})",
            zip(*columns.values(), strict=True),
        )
        if events.native_id.some_lacking:
            self._nameless.add(evidence_id)
        add_native_keys(self._connection, evidence_id, first, events.native_id)
        if events.particulars:
            if any(each.stage is not None for _, each in events.particulars):
                self._staged.add(evidence_id)
            write_particulars(self._connection, self._dictionaries, first, events.particulars)

    def _insert(self, statement: str, values: Sequence[object]) -> int:
        number = self._connection.execute(statement, values).lastrowid
        assert number is not None
        return number


def _blobs(ids: NativeIds) -> Sequence[Value]:
    """Return ids as they are handed to SQLite; none at all if no event has one."""
    if ids.size:
        return pieces(ids.joined, ids.size)
    return as_passed_on(ids.each) if any(each is not None for each in ids.each) else []
