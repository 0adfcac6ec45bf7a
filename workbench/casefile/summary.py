"""What a case holds, in sums: the accounting of every byte and every record, and each evidence file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.record_reader import journal_size
from workbench.errors import NotACaseFileError
from workbench.model.case import Accounting, CaseInfo, CaseSummary
from workbench.model.evidence import (
    Acquisition,
    ByteAccount,
    Disposition,
    EvidenceItem,
    RejectedRange,
    Unread,
)
from workbench.model.references import EvidenceId

_SHOWN = (Disposition.PRIMARY.value, Disposition.CONFLICT.value)

_ITEM = """
SELECT e.id, f.name || iif(e.member = '', '', '!' || e.member), f.sha256, f.size, e.content_sha256, e.size, e.container,
       ifnull(e.modified_at, f.modified_at), f.added_at, c.shape, c.encoding,
       a.custodian, a.acquired_at, a.acquired_by, a.how, a.note,
       c.record_bytes, c.structure_bytes, c.rejected_bytes, c.records, c.sources, f.damage, c.warnings,
       e.id IN (SELECT evidence_id FROM withdrawn)
FROM evidence e JOIN content_account c ON c.evidence_id = e.id JOIN delivered_file f ON f.id = e.file_id
JOIN acquisition a ON a.id = f.acquisition_id
WHERE f.state = 'complete'"""


_UNREAD = """
SELECT evidence_id, reason, count(*), rejected, min(start), length FROM (
    SELECT evidence_id, reason, start, length, 1 AS rejected FROM rejected_range
    UNION ALL
    SELECT evidence_id, reason, start, length, 0 FROM other_record WHERE disposition = 'unrecognised'
)"""
# With min() SQLite takes the other columns from the row of the minimum (https://sqlite.org/lang_select.html, "bare columns").


def _unread(told: list[Any]) -> Unread:
    reason, count, rejected, offset, length = told
    return Unread(reason, count, bool(rejected), offset, length)


def case_info(connection: sqlite3.Connection) -> CaseInfo:
    """Return what identifies the case.

    Raises:
        NotACaseFileError: If the file lacks that, because its creation was interrupted.
    """
    values = dict(connection.execute("SELECT key, value FROM case_info"))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    try:
        return CaseInfo(
            case_id=values["case_id"],
            title=values["title"],
            examiner=values["examiner"],
            created_at=int(values["created_at"]),
            schema_version=version,
        )
    except (KeyError, ValueError):
        raise NotACaseFileError(
            "the case file says nothing about its case",
            "its creation was interrupted: remove it and make it anew",
        ) from None


def event_count(connection: sqlite3.Connection) -> int:
    """Return how many events the timeline shows."""
    (count,) = connection.execute(
        "SELECT ifnull(sum(events), 0) FROM tally WHERE disposition IN (?, ?)", _SHOWN
    ).fetchone()
    return int(count)


def evidence_items(connection: sqlite3.Connection) -> list[EvidenceItem]:
    """Return all acknowledged evidence in the order it was added."""
    # The files first: what another process acknowledges meanwhile is then left out, instead of missing its counts.
    rows = connection.execute(f"{_ITEM} ORDER BY e.id").fetchall()
    tallies: dict[int, dict[str, tuple[int, int]]] = {}
    for evidence_id, disposition, records, events in connection.execute(
        "SELECT evidence_id, disposition, records, events FROM tally"
    ):
        tallies.setdefault(evidence_id, {})[disposition] = (records, events)
    unread: dict[int, list[Unread]] = {}
    for evidence_id, *told in connection.execute(
        f"{_UNREAD} GROUP BY evidence_id, rejected, reason ORDER BY evidence_id, 5"
    ):
        unread.setdefault(evidence_id, []).append(_unread(told))
    return [_item(row, tallies.get(row[0], {}), unread.get(row[0], [])) for row in rows]


def evidence_item(connection: sqlite3.Connection, evidence_id: int) -> EvidenceItem:
    """Return one evidence file; the caller knows that it exists."""
    row = connection.execute(f"{_ITEM} AND e.id = ?", (evidence_id,)).fetchone()
    tally = {
        disposition: (records, events)
        for disposition, records, events in connection.execute(
            "SELECT disposition, records, events FROM tally WHERE evidence_id = ?", (evidence_id,)
        )
    }
    unread = [
        _unread(told)
        for _, *told in connection.execute(
            f"SELECT * FROM ({_UNREAD} GROUP BY evidence_id, rejected, reason) WHERE evidence_id = ?",
            (evidence_id,),
        )
    ]
    return _item(row, tally, unread)


def rejected_ranges(connection: sqlite3.Connection, evidence_id: int, limit: int) -> list[RejectedRange]:
    """Return the first rejected ranges of a content, by place."""
    return [
        RejectedRange(*row)
        for row in connection.execute(
            "SELECT start, length, reason FROM rejected_range WHERE evidence_id = ? ORDER BY start LIMIT ?",
            (evidence_id, limit),
        )
    ]


def case_summary(connection: sqlite3.Connection, path: Path) -> CaseSummary:
    """Return the sums over the case together with every evidence file."""
    items = evidence_items(connection)
    return CaseSummary(
        info=case_info(connection),
        file_size=path.stat().st_size,
        accounting=_accounting(connection, items),
        evidence=tuple(items),
        journal=journal_size(connection),
    )


def _accounting(connection: sqlite3.Connection, items: list[EvidenceItem]) -> Accounting:
    dispositions = {
        disposition: sum(item.dispositions[disposition] for item in items) for disposition in Disposition
    }
    (duplicate_events,) = connection.execute(
        "SELECT ifnull(sum(events), 0) FROM tally WHERE disposition = ?", (Disposition.DUPLICATE.value,)
    ).fetchone()
    shown = f"disposition < 2 AND {_acknowledged(connection)}"
    dated = f"SELECT time FROM event WHERE {shown} AND time IS NOT NULL ORDER BY time"
    first, last = connection.execute(f"SELECT ({dated} LIMIT 1), ({dated} DESC LIMIT 1)").fetchone()
    (undated,) = connection.execute(f"SELECT count(*) FROM event WHERE {shown} AND time IS NULL").fetchone()
    (replicas,) = connection.execute(
        "SELECT ifnull(sum(copies), 0) FROM (SELECT count(*) AS copies FROM event WHERE shared_id IS NOT NULL"
        f" AND {shown} GROUP BY shared_id HAVING count(DISTINCT native_id) > 1)"
    ).fetchone()
    return Accounting(
        files=len(items),
        bytes=ByteAccount(
            size=sum(item.bytes.size for item in items),
            records=sum(item.bytes.records for item in items),
            structure=sum(item.bytes.structure for item in items),
            rejected=sum(item.bytes.rejected for item in items),
        ),
        records=sum(item.records for item in items),
        dispositions=dispositions,
        events=event_count(connection),
        duplicate_events=duplicate_events,
        rejected_ranges=sum(item.rejected_ranges for item in items),
        replicas=replicas,
        undated=undated,
        first=first,
        last=last,
    )


def _acknowledged(connection: sqlite3.Connection) -> str:
    """Return the condition that leaves out the events of files that are still arriving; hardly ever are there any."""
    return f"evidence_id NOT IN ({', '.join(map(str, arriving_evidence(connection)))})"


def _item(row: tuple[Any, ...], tally: dict[str, tuple[int, int]], unread: list[Unread]) -> EvidenceItem:
    (
        number, name, delivered_sha256, delivered_size, content_sha256, size, container, modified_at, added_at, shape, encoding,
        custodian, acquired_at, acquired_by, how, note,
        record_bytes, structure_bytes, rejected_bytes, records, sources, damage, warnings, withdrawn,
    ) = row  # fmt: skip
    return EvidenceItem(
        id=EvidenceId(number),
        name=name,
        delivered_sha256=delivered_sha256,
        delivered_size=delivered_size,
        content_sha256=content_sha256,
        size=size,
        container=container,
        modified_at=modified_at,
        added_at=added_at,
        shape=shape,
        encoding=encoding,
        acquisition=Acquisition(custodian, acquired_at, acquired_by, how, note),
        bytes=ByteAccount(size, record_bytes, structure_bytes, rejected_bytes),
        records=records,
        dispositions={disposition: tally.get(disposition.value, (0, 0))[0] for disposition in Disposition},
        events=sum(events for _, events in tally.values()),
        sources=tuple(sources.split("\n")) if sources else (),
        rejected_ranges=sum(each.count for each in unread if each.rejected),
        unread=tuple(unread),
        warnings=tuple(line for text in (damage, warnings) if text for line in text.split("\n")),
        withdrawn=bool(withdrawn),
    )
