"""Records that say the same, and records that claim the same id but say something else.

Sources give every event an id of its own; the same id on two records means two copies of one event (two exports that
overlap, two trails) or that one of them was altered. Copies are compared leaf by leaf, whatever wrapper or encoding
they came in (:mod:`workbench.sources.comparison`). The fullest copy is the primary one; a copy that holds nothing else
is a *duplicate* of it; one that differs in any leaf, or holds a leaf that the primary lacks, is a *conflict*, and
both are shown. Which copy is the fullest does not depend on the order in which files were added: ties go to the
smallest record reference.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from workbench.casefile.events.native_keys import shared_keys
from workbench.casefile.evidence.content import ContentStore
from workbench.casefile.evidence.tally import CONFLICT, DUPLICATE, PRIMARY, WITHDRAWN
from workbench.sources.comparison import Leaves, is_part_of, leaves_of_record

_Copy = tuple[int, int, int, int, int, int, str, str, str | None, str]
"""event id, evidence id, start, length, part, disposition, content hash, encoding, columns, source."""

_WITHDRAWN = "(SELECT evidence_id FROM withdrawn)"

_COMPARED = 64
"""Differing copies of one id that a further copy is held against as a part of them; beyond that only equal ones count
as duplicates. Real logs have two or three; a file whose records all say ``"eventID": "1"`` must not cost a square."""


def resolve_duplicates(
    connection: sqlite3.Connection, evidence_ids: Sequence[int], nameless: Iterable[int]
) -> set[int]:
    """Set the dispositions of all events that also occur elsewhere: by native id, or without one in the same content.

    Args:
        connection: The writer's, inside a transaction.
        evidence_ids: The contents that are being acknowledged; only ids that occur in them are looked at.
        nameless: Those of them that hold events without a native id.

    Returns:
        The contents of which an event changed its disposition.
    """
    contents = ContentStore(connection)
    touched = _resolve_contents(connection, nameless)
    for key in shared_keys(connection, evidence_ids):
        touched |= _resolve(connection, contents, key)
    return touched


def _resolve_contents(connection: sqlite3.Connection, evidence_ids: Iterable[int]) -> set[int]:
    """Set the dispositions of events without a native id in contents that were delivered more than once, packed differently.

    The same place in the same content is the same record, whatever it says of itself.
    """
    touched: set[int] = set()
    for evidence_id in evidence_ids:
        copies = [
            row[0]
            for row in connection.execute(
                "SELECT o.id FROM evidence e JOIN evidence o ON o.content_sha256 = e.content_sha256"
                " JOIN delivered_file f ON f.id = o.file_id WHERE e.id = ? AND f.state = 'complete'"
                f" AND o.id NOT IN {_WITHDRAWN} ORDER BY o.id LIMIT 2",
                (evidence_id,),
            )
        ]
        # The first to arrive is primary. It may have been acknowledged after the second, which then was until now.
        repeated = {evidence_id, *copies[1:]} - set(copies[:1])
        for copy in repeated:
            connection.execute(
                "UPDATE event SET disposition = ? WHERE evidence_id = ? AND native_id IS NULL",
                (DUPLICATE, copy),
            )
        touched |= repeated
    return touched


def set_withdrawn(connection: sqlite3.Connection, evidence_id: int, *, withdrawn: bool) -> set[int]:
    """Take the events of a content out of the timeline, or put them back, and settle anew what copies of them there are.

    Args:
        connection: The writer's, inside a transaction in which it was noted whether the content is withdrawn.
        evidence_id: The content.
        withdrawn: Whether it is.

    Returns:
        The contents of which an event changed its disposition.
    """
    connection.execute(
        "UPDATE event SET disposition = ? WHERE evidence_id = ?",
        (WITHDRAWN if withdrawn else PRIMARY, evidence_id),
    )
    if not withdrawn:
        return {evidence_id} | resolve_duplicates(connection, [evidence_id], [evidence_id])
    touched = {evidence_id}
    left = connection.execute(
        "SELECT o.id FROM evidence e JOIN evidence o ON o.content_sha256 = e.content_sha256"
        " JOIN delivered_file f ON f.id = o.file_id WHERE e.id = ? AND f.state = 'complete'"
        f" AND o.id NOT IN {_WITHDRAWN} ORDER BY o.id LIMIT 1",
        (evidence_id,),
    ).fetchone()
    if left is not None:
        connection.execute(
            "UPDATE event SET disposition = ? WHERE evidence_id = ? AND native_id IS NULL AND disposition = ?",
            (PRIMARY, left[0], DUPLICATE),
        )
        touched.add(left[0])
    contents = ContentStore(connection)
    for key in shared_keys(connection, [evidence_id]):
        touched |= _resolve(connection, contents, key)
    return touched


def _resolve(connection: sqlite3.Connection, contents: ContentStore, key: int) -> set[int]:
    records = connection.execute(
        "SELECT e.id, e.evidence_id, e.start, e.length, e.part, e.disposition, c.content_sha256, a.encoding, a.columns,"
        " r.source, e.native_id FROM shared_native_key k CROSS JOIN event e ON e.id = k.event_id"
        " JOIN reading r ON r.id = e.reading_id JOIN evidence c ON c.id = e.evidence_id"
        " JOIN content_account a ON a.evidence_id = c.id JOIN delivered_file f ON f.id = c.file_id"
        f" WHERE k.key = ? AND f.state = 'complete' AND c.id NOT IN {_WITHDRAWN}",
        (key,),
    )
    by_id: dict[tuple[str, object], list[_Copy]] = {}
    for *copy, native_id in records:
        by_id.setdefault((copy[9], native_id), []).append(tuple(copy))
    touched = set()
    for copies in by_id.values():
        ranked = sorted(
            ((copy, _leaves(contents, copy)) for copy in copies),
            key=lambda pair: (-len(pair[1]), pair[0][6], pair[0][2], pair[0][4], pair[0][0]),
        )
        for copy, disposition in _dispositions(ranked):
            if copy[5] != disposition:
                connection.execute("UPDATE event SET disposition = ? WHERE id = ?", (disposition, copy[0]))
                touched.add(copy[1])
    return touched


def _dispositions(ranked: Iterable[tuple[_Copy, Leaves]]) -> Iterator[tuple[_Copy, int]]:
    kept: list[Leaves] = []
    whole: set[Leaves] = set()
    for copy, leaves in ranked:
        if leaves in whole or any(is_part_of(leaves, other) for other in kept):
            yield copy, DUPLICATE
            continue
        yield copy, CONFLICT if whole else PRIMARY
        whole.add(leaves)
        if len(kept) < _COMPARED:
            kept.append(leaves)


def _leaves(contents: ContentStore, copy: _Copy) -> Leaves:
    _, evidence_id, start, length, part, _, _, encoding, columns, source = copy
    data = contents.read(evidence_id, start, length)
    return leaves_of_record(data, encoding=encoding, csv=columns, part=part, source=source)
