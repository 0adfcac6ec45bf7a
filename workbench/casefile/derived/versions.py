"""Events of which another version stands in the case: the same source and id, and other content (disposition conflict)."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from workbench.casefile.derived.values import OF_EVENT, PARTS, Parts
from workbench.casefile.events.native_keys import native_key
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.evidence.tally import CONFLICT
from workbench.model.evidence import Disposition

_CITED = 5
"""Versions of one record that are named one by one; where there are more, their number is all that is said."""

_READ = 500

_FIELDS = (
    ("time", ("time",)),
    ("act", ("act_id",)),
    ("principal", ("identity_id",)),
    ("credential", ("credential_id", "key_set_id")),
    ("account", ("place_id",)),
    ("outcome", ("outcome_id",)),
    ("resources", ("resource_set_id",)),
    ("shared id", ("shared_id",)),
    ("credential issued", ("issued",)),
)
"""What links and memberships can rest on, as people call it, with the columns that hold it. Address and agent are not among
them: nothing is proven by these. Nor does a field that one version lacks say anything against another."""


class Version(NamedTuple):
    """An event that has rivals of its own id.

    Attributes:
        number: How many versions there are, this one included.
        others: Row numbers of the others, if they are few.
        differ: In what that rules look at the versions differ; empty if they differ in nothing of it.
        parts: The parts of its trail.
        time: Microseconds UTC.
    """

    number: int
    others: tuple[int, ...]
    differ: tuple[str, ...]
    parts: Parts
    time: int | None


def versions(connection: sqlite3.Connection) -> dict[int, Version]:
    """Return the shown events of which another version stands, by row number."""
    held = [
        row[0]
        for row in connection.execute(
            "SELECT evidence_id FROM tally WHERE disposition = ? AND events > 0",
            (Disposition.CONFLICT.value,),
        )
    ]
    if not held:
        return {}
    ids = connection.execute(
        "SELECT DISTINCT native_id FROM event WHERE disposition = ? AND native_id IS NOT NULL AND evidence_id IN"
        f" ({', '.join(map(str, held))})",
        (CONFLICT,),
    ).fetchall()
    keys = list({native_key(row[0]) for row in ids})
    arriving = ", ".join(map(str, arriving_evidence(connection)))
    found: dict[int, Version] = {}
    for start in range(0, len(keys), _READ):
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        rows = connection.execute(
            "SELECT e.id, r.source, e.native_id, e.time, e.act_id, e.outcome_id, e.resource_set_id, e.shared_id,"
            " (SELECT group_concat(i.credential_id || ' ' || ifnull(i.issued_to, '-') || ' ' || ifnull(i.expires, '-') || ' '"
            " || ifnull(i.issued_to_id, '-')) FROM issued_credential i WHERE i.event_id = e.id) AS issued,"
            f" {OF_EVENT} FROM json_each(?) k CROSS JOIN shared_native_key s ON s.key = k.value"
            " JOIN event e ON e.id = s.event_id JOIN reading r ON r.id = e.reading_id WHERE e.disposition <= ?"
            f" AND e.evidence_id NOT IN ({arriving})",
            (json.dumps(keys[start : start + _READ]), CONFLICT),
        )
        columns = [each[0] for each in rows.description]
        for row in rows.fetchall():
            groups.setdefault(row[1:3], []).append(dict(zip(columns, row, strict=True)))
        for group in groups.values():
            if len(group) > 1:
                found.update(_versions(group))
    return found


def _versions(group: list[dict[str, Any]]) -> dict[int, Version]:
    differ = tuple(
        word
        for word, columns in _FIELDS
        if any(len({one[column] for one in group} - {None}) > 1 for column in columns)
    )
    numbers = sorted(one["id"] for one in group)
    few = len(numbers) <= _CITED
    return {
        one["id"]: Version(
            len(numbers),
            tuple(number for number in numbers if number != one["id"]) if few else (),
            differ,
            tuple(one[part] for part in PARTS),
            one["time"],
        )
        for one in group
    }
