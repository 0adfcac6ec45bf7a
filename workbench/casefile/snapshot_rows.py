"""Snapshots that were added as evidence: their records read again, as statements of what they saw."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from workbench.casefile.content import ContentStore
from workbench.changes.snapshots import observed
from workbench.model.change import Statement
from workbench.model.event import OutcomeStatus
from workbench.sources.comparison import document_of_record


class Found(NamedTuple):
    """Statements of one record.

    Attributes:
        event: Row number of the event; minus that of the record of a snapshot.
        first: Position of the first of them among all of the record.
        time: When, microseconds UTC.
        outcome: How the act ended.
        statements: What the record states.
    """

    event: int
    first: int
    time: int | None
    outcome: str
    statements: list[Statement]


def snapshot_statements(connection: sqlite3.Connection, after: int, last: int) -> Iterator[Found]:
    """Yield what the snapshots with row numbers above ``after`` saw."""
    contents = ContentStore(connection, cached_blocks=8)
    rows = connection.execute(
        "SELECT o.id, o.evidence_id, o.start, o.length, o.part, o.source, a.encoding, a.columns,"
        " ifnull(c.modified_at, f.modified_at) FROM other_record o JOIN evidence c ON c.id = o.evidence_id"
        " JOIN delivered_file f ON f.id = c.file_id"
        " JOIN content_account a ON a.evidence_id = c.id"
        " WHERE o.id > ? AND o.id <= ? AND o.disposition = 'snapshot' AND f.state = 'complete' ORDER BY o.id",
        (after, last),
    ).fetchall()
    for number, evidence, start, length, part, source, encoding, columns, modified in rows:
        document = document_of_record(
            contents.read(evidence, start, length), encoding=encoding, csv=columns, part=part, source=source
        )
        if document is not None:
            first = 0
            for time, statements in observed(document, modified):
                yield Found(-number, first, time, OutcomeStatus.SUCCESS.value, statements)
                first += len(statements)
