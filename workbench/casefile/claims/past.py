"""Which events versions of tags covered that no longer stand: by the records that they name, for no table keeps that."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from workbench.casefile.claims.projection import read_places
from workbench.casefile.events.native_keys import native_key
from workbench.casefile.evidence.tally import CONFLICT, PRIMARY
from workbench.model.claim import Scope

Place = tuple[str, int, int]
"""Hash of a content, offset and part of a record in it."""


def formerly_on(connection: sqlite3.Connection, events: Sequence[int], scope: Scope) -> dict[str, set[int]]:
    """Return which of some events each version covered that was superseded or taken back, or lost events, by its entry.

    Args:
        connection: The case.
        events: Row numbers of the events.
        scope: The scope that they make up. Versions of another time are not looked into.
    """
    rows = connection.execute(
        "SELECT entry, json_extract(body, '$.scope.places') FROM claim"
        " WHERE kind = 'tag' AND (superseded_by IS NOT NULL OR missing > 0)"
        " AND NOT ifnull(json_extract(body, '$.scope.start') > ?, 0)"
        " AND NOT ifnull(json_extract(body, '$.scope.end') < ?, 0)",
        (scope.end, scope.start),
    ).fetchall()
    if not rows:
        return {}
    places: dict[Place, int] = {}
    for number, place in places_of(connection, events):
        places.setdefault(place, number)
    contents = {sha256 for sha256, _, _ in places}
    found: dict[str, set[int]] = {}
    for entry, body in rows:
        listed: Mapping[str, str] = json.loads(body)
        for sha256 in contents & listed.keys():
            for start, part in read_places(listed[sha256]):
                event = places.get((sha256, start, part))
                if event is not None:
                    found.setdefault(entry, set()).add(event)
    return found


def places_of(
    connection: sqlite3.Connection, events: Sequence[int], *, shown: bool = False
) -> Iterator[tuple[int, Place]]:
    """Yield where the records of events stand, those themselves first, then their copies and parts.

    Args:
        connection: The case.
        events: Row numbers of the events.
        shown: Whether copies count that the timeline shows as events of their own, as those of another log.
    """
    named = []
    for event, native_id, sha256, start, part in connection.execute(
        "SELECT e.id, e.native_id, c.content_sha256, e.start, e.part FROM json_each(?) k CROSS JOIN event e ON e.id = k.value"
        " JOIN evidence c ON c.id = e.evidence_id",
        (json.dumps(list(events)),),
    ).fetchall():
        yield event, (sha256, start, part)
        if native_id is not None:
            named.append((event, native_id))
    keys = json.dumps([(event, native_key(native_id)) for event, native_id in named])
    for event, sha256, start, part in connection.execute(
        "SELECT e.id, c.content_sha256, d.start, d.part FROM json_each(?1) k"
        " CROSS JOIN shared_native_key s ON s.key = json_extract(k.value, '$[1]')"
        " CROSS JOIN event e ON e.id = json_extract(k.value, '$[0]')"
        " CROSS JOIN event d ON d.id = s.event_id AND d.id <> e.id AND d.native_id = e.native_id AND d.disposition > ?2"
        " JOIN evidence c ON c.id = d.evidence_id"
        " UNION ALL SELECT e.id, c.content_sha256, d.start, d.part FROM json_each(?3) k CROSS JOIN event e ON e.id = k.value"
        " CROSS JOIN event d ON d.shared_id = e.shared_id AND d.id <> e.id AND d.disposition > ?2"
        " JOIN evidence c ON c.id = d.evidence_id",
        (keys, PRIMARY - 1 if shown else CONFLICT, json.dumps(list(events))),
    ).fetchall():
        yield event, (sha256, start, part)
