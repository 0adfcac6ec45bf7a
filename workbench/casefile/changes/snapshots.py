"""Snapshots that were added as evidence: their records read again, as statements of what they saw."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from workbench.casefile.changes.rows import Found, mark_of
from workbench.casefile.evidence.content import ContentStore
from workbench.changes.snapshots import dated, observed
from workbench.model.event import OutcomeStatus
from workbench.sources.comparison import document_of_record


def snapshot_statements(connection: sqlite3.Connection, after: int, last: int) -> Iterator[Found]:
    """Yield what the snapshots with row numbers above ``after`` saw."""
    contents = ContentStore(connection, cached_blocks=8)
    rows = connection.execute(
        "SELECT o.id, o.evidence_id, o.start, o.length, o.part, o.source, a.encoding, a.columns, c.content_sha256,"
        " ifnull(c.modified_at, f.modified_at), q.acquired_at FROM other_record o JOIN evidence c ON c.id = o.evidence_id"
        " JOIN delivered_file f ON f.id = c.file_id JOIN acquisition q ON q.id = f.acquisition_id"
        " JOIN content_account a ON a.evidence_id = c.id"
        " WHERE o.id > ? AND o.id <= ? AND o.disposition = 'snapshot' AND f.state = 'complete' ORDER BY o.id",
        (after, last),
    ).fetchall()
    for number, evidence, start, length, part, source, encoding, columns, content, modified, acquired in rows:
        document = document_of_record(
            contents.read(evidence, start, length), encoding=encoding, csv=columns, part=part, source=source
        )
        if document is not None:
            first = 0
            for time, statements in observed(document, dated(acquired, modified)):
                mark = mark_of(None, content, start, part)
                yield Found(-number, first, time, False, OutcomeStatus.SUCCESS, mark, statements)
                first += len(statements)
