"""Which events have an id of their source in common, found by a short number made of each id."""

from __future__ import annotations

import hashlib
import itertools
import operator
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence

from workbench.casefile.events.batch import NativeIds
from workbench.casefile.parameters import insert_narrow

_STEP = 5_000
"""Events that are taken out at a time."""

_HALVES = {16: "qq", 17: "xqq"}
"""Where the two halves of an id stand, by its bytes; the shorter form of an id has a mark before them."""


def native_key(native_id: bytes | str) -> int:
    """Return the number of an id: 64 bits, equal for equal ids.

    Args:
        native_id: As stored.
    """
    if isinstance(native_id, str) or len(native_id) not in _HALVES:  # an altered case file may hold any bytes
        whole = native_id.encode() if isinstance(native_id, str) else native_id
        native_id = hashlib.blake2b(whole, digest_size=16).digest()
    high, low = struct.unpack(">qq", native_id[-16:])
    # Both halves count: what a version of UUID takes from the time or the machine may all lie in one of them.
    return int(high ^ low)


def native_keys(native_ids: NativeIds) -> Sequence[int | None]:
    """Return the numbers of the ids of many events, as :func:`native_key` does of each."""
    if native_ids.size:
        joined = native_ids.joined
        halves = struct.unpack(">" + _HALVES[native_ids.size] * (len(joined) // native_ids.size), joined)
        return list(map(operator.xor, halves[::2], halves[1::2]))
    return [None if native_id is None else native_key(native_id) for native_id in native_ids.each]


def add_native_keys(
    connection: sqlite3.Connection, evidence_id: int, first: int, native_ids: NativeIds
) -> None:
    """Note the ids of events that were just written.

    Args:
        connection: The writer's.
        evidence_id: The content that they are of.
        first: Row number of the first of them.
        native_ids: Their ids.
    """
    numbered = zip(native_keys(native_ids), itertools.count(first))
    # In the order of the table: of two events with one number the first stays first, and pages are visited once.
    pairs = sorted((pair[0], pair[1]) for pair in numbered if pair[0] is not None)
    added = insert_narrow(connection, "INSERT OR IGNORE INTO native_key", pairs)
    if added < len(pairs):
        connection.executemany(
            "INSERT OR IGNORE INTO shared_native_key SELECT k.key, e.id, e.evidence_id FROM native_key k"
            " JOIN event e ON e.id = k.event_id WHERE k.key = ? AND k.event_id <> ?",
            pairs,
        )
        connection.executemany(
            "INSERT INTO shared_native_key SELECT key, ?2, ?3 FROM native_key WHERE key = ?1 AND event_id <> ?2",
            [(*pair, evidence_id) for pair in pairs],
        )


def remove_native_keys(connection: sqlite3.Connection, evidence_id: int) -> None:
    """Forget the ids of the events of a content that is taken out again; while the events still stand."""
    connection.execute("DELETE FROM shared_native_key WHERE evidence_id = ?", (evidence_id,))
    events = connection.execute(
        "SELECT native_id, id FROM event WHERE evidence_id = ? AND native_id IS NOT NULL", (evidence_id,)
    )
    while rows := events.fetchmany(_STEP):
        pairs = [(native_key(native_id), event_id) for native_id, event_id in rows]
        connection.executemany("DELETE FROM native_key WHERE key = ? AND event_id = ?", pairs)
        connection.executemany(
            "INSERT OR IGNORE INTO native_key SELECT key, min(event_id) FROM shared_native_key WHERE key = ? GROUP BY key",
            [pair[:1] for pair in pairs],
        )


def shared_keys(connection: sqlite3.Connection, evidence_ids: Iterable[int]) -> Iterator[int]:
    """Yield the numbers that events of some contents have in common with other events, each once."""
    seen: set[int] = set()
    for evidence_id in evidence_ids:
        rows = connection.execute(
            "SELECT key FROM shared_native_key WHERE evidence_id = ?", (evidence_id,)
        ).fetchall()
        for (key,) in rows:
            if key not in seen:
                seen.add(key)
                yield key


def events_with_native_id(connection: sqlite3.Connection, native_id: bytes | str) -> list[int]:
    """Return the row numbers of the events with an id, of files that are still arriving too."""
    key = native_key(native_id)
    rows = connection.execute(
        "SELECT e.id FROM event e WHERE e.native_id = ?2 AND e.id IN (SELECT event_id FROM native_key WHERE key = ?1"
        " UNION SELECT event_id FROM shared_native_key WHERE key = ?1)",
        (key, native_id),
    )
    return [row[0] for row in rows]
