"""What only some events say: further keys, credentials issued, changes, what was withheld; written and read back.

Also which of several records that report one act is the act: the others continue it and are not events of the timeline.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from workbench.casefile.events.batch import pack_native_id, storable, unpack_native_id
from workbench.casefile.events.dictionary import Dictionaries
from workbench.casefile.evidence.tally import CONTINUATION, PRIMARY
from workbench.model.event import Credential, Identity, Issued, Particulars, StatedChange

_CHANGES = msgspec.json.Decoder(tuple[StatedChange, ...])


def write_particulars(
    connection: sqlite3.Connection,
    dictionaries: Dictionaries,
    first: int,
    particulars: Sequence[tuple[int, Particulars]],
) -> None:
    """Store the particulars of events that were just written.

    Args:
        connection: The writer's.
        dictionaries: Where identities and credentials get their numbers.
        first: Row number of the batch's first event.
        particulars: With the index of their event in the batch.
    """
    rows = []
    issued = []
    for index, each in particulars:
        behalf = each.on_behalf_of
        behalf_id = (
            None
            if behalf is None
            else dictionaries.number("identity", _texts(msgspec.structs.astuple(behalf)))
        )
        row = (
            behalf_id,
            None if each.device is None else storable(each.device),
            pack_native_id(each.correlation_id),
            each.stage,
            storable("\n".join(each.withheld)) or None,
            _changes_text(each.changes),
        )
        if any(value is not None for value in row):
            rows.append((first + index, *row))
        for position, item in enumerate(each.issued):
            credential_id = dictionaries.number(
                "credential", _texts(msgspec.structs.astuple(item.credential))
            )
            to = None if item.to is None else storable(item.to)
            to_id = None if item.to_id is None else storable(item.to_id)
            issued.append((first + index, position, credential_id, to, item.expires, to_id))
    dictionaries.write()
    connection.executemany("INSERT INTO particulars VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO issued_credential VALUES (?, ?, ?, ?, ?, ?)", issued)


def _texts(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(storable(value) if isinstance(value, str) else value for value in values)


def _changes_text(changes: tuple[StatedChange, ...]) -> str | None:
    if not changes:
        return None
    names = StatedChange.__struct_fields__
    return orjson.dumps(
        [dict(zip(names, _texts(msgspec.structs.astuple(each)), strict=True)) for each in changes]
    ).decode()


def remove_particulars(connection: sqlite3.Connection, evidence_id: int) -> None:
    """Remove what the events of a content that is taken out again say beside the event table."""
    for table in ("particulars", "issued_credential"):
        connection.execute(
            f"DELETE FROM {table} WHERE event_id IN (SELECT id FROM event WHERE evidence_id = ?)",
            (evidence_id,),
        )


def read_particulars(
    connection: sqlite3.Connection, events: Mapping[int, int | None]
) -> dict[int, Particulars]:
    """Return the particulars of the events that have some.

    Args:
        connection: Any.
        events: Row numbers of events, with their sets of further keys.
    """
    found: dict[int, dict[str, Any]] = {}
    for key_set_id in {number for number in events.values() if number is not None}:
        used = _key_set(connection, key_set_id)
        for event_id in (number for number, keys in events.items() if keys == key_set_id):
            found[event_id] = {"used": used}
    listed = json.dumps(list(events))
    for event_id, kind, native_id, *more in connection.execute(
        "SELECT i.event_id, c.type, c.native_id, i.issued_to, i.expires, i.issued_to_id FROM json_each(?) k"
        " CROSS JOIN issued_credential i ON i.event_id = k.value JOIN credential c ON c.id = i.credential_id"
        " ORDER BY i.event_id, i.position",
        (listed,),
    ):
        known = found.setdefault(event_id, {})
        known["issued"] = (*known.get("issued", ()), Issued(Credential(kind, native_id), *more))
    for event_id, device, correlation_id, stage, withheld, changes, *behalf in connection.execute(
        "SELECT p.event_id, p.device, p.correlation_id, p.stage, p.withheld, p.changes,"
        " i.canonical, i.name, i.native_id, i.account FROM json_each(?) k"
        " CROSS JOIN particulars p ON p.event_id = k.value LEFT JOIN identity i ON i.id = p.on_behalf_of_id",
        (listed,),
    ):
        found.setdefault(event_id, {}).update(
            changes=_CHANGES.decode(changes) if changes else (),
            withheld=tuple(withheld.split("\n")) if withheld else (),
            on_behalf_of=Identity(*behalf) if behalf[0] is not None else None,
            device=device,
            correlation_id=unpack_native_id(correlation_id),
            stage=stage,
        )
    return {event_id: Particulars(**known) for event_id, known in found.items()}


def _key_set(connection: sqlite3.Connection, key_set_id: int) -> tuple[Credential, ...]:
    (members,) = connection.execute("SELECT members FROM key_set WHERE id = ?", (key_set_id,)).fetchone()
    rows = connection.execute(
        "SELECT c.type, c.native_id FROM json_each(?) m JOIN credential c ON c.id = m.value ORDER BY m.key",
        (f"[{members.replace(' ', ',')}]",),
    )
    return tuple(Credential(*row) for row in rows)


_STAGED = """
SELECT e.id, e.evidence_id, e.disposition, e.shared_id, r.source, p.stage
FROM event e JOIN particulars p ON p.event_id = e.id JOIN reading r ON r.id = e.reading_id
JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete'
WHERE p.stage IS NOT NULL AND e.disposition NOT IN (2, 4) AND e.shared_id IN
    (SELECT o.shared_id FROM event o JOIN particulars q ON q.event_id = o.id
     WHERE o.evidence_id = ? AND o.shared_id IS NOT NULL AND q.stage IS NOT NULL)"""
"""All records, in whatever content, of the acts that one content reports on in stages."""


def resolve_stages(connection: sqlite3.Connection, evidence_ids: Iterable[int]) -> set[int]:
    """Of the records that report one act make all but those of its highest stage continuations.

    A conflicting copy can be the highest stage, but stays a conflict itself: both copies are shown.

    Args:
        connection: The writer's, inside a transaction.
        evidence_ids: Contents that were acknowledged, or of which an event changed its disposition.

    Returns:
        The contents of which an event changed its disposition.
    """
    touched: set[int] = set()
    for evidence_id in sorted(evidence_ids):
        records = connection.execute(_STAGED, (evidence_id,)).fetchall()
        highest: dict[tuple[object, str], int] = {}
        for _, _, _, shared_id, source, stage in records:
            act = (shared_id, source)
            highest[act] = max(stage, highest.get(act, stage))
        changed = [
            (CONTINUATION if stage < highest[shared_id, source] else PRIMARY, number, content)
            for number, content, disposition, shared_id, source, stage in records
            if disposition in (PRIMARY, CONTINUATION)
            and (disposition == CONTINUATION) != (stage < highest[shared_id, source])
        ]
        connection.executemany("UPDATE event SET disposition = ? WHERE id = ?", [row[:2] for row in changed])
        touched |= {content for _, _, content in changed}
    return touched
