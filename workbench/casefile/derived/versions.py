"""Records that claim one id and contradict each other in what links rest on: who, with what, did what, when, how it ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from workbench.casefile.evidence.arriving import arriving_evidence

_Version = tuple[Any, ...]


def disputed(connection: sqlite3.Connection) -> frozenset[int]:
    """Return the row numbers of shown events of which another shown version says something else.

    Versions that differ in anything else, as the address of an export or the time at which it was made, are in conflict, too,
    but take nothing from a link. Nor does a field that one of them lacks.
    """
    conflicts = "SELECT 1 FROM tally WHERE disposition = 'conflict' AND events > 0 LIMIT 1"
    if connection.execute(conflicts).fetchone() is None:
        return frozenset()
    arriving = arriving_evidence(connection)
    shown = "e.disposition < 2" + (
        f" AND e.evidence_id NOT IN ({', '.join(map(str, arriving))})" if arriving else ""
    )
    groups: dict[tuple[str, Any], list[_Version]] = {}
    for source, native_id, *version in connection.execute(
        "SELECT r.source, e.native_id, e.id, e.disposition, e.act_id, e.time, e.outcome_id, e.identity_id, e.credential_id,"
        " (SELECT group_concat(credential_id) FROM issued_credential i WHERE i.event_id = e.id)"
        " FROM shared_native_key k JOIN event e ON e.id = k.event_id JOIN reading r ON r.id = e.reading_id"
        f" WHERE {shown}"
    ):
        groups.setdefault((source, native_id), []).append(tuple(version))
    found: set[int] = set()
    for versions in groups.values():
        if any(disposition == 1 for _, disposition, *_ in versions) and _differ(
            each[2:] for each in versions
        ):
            found.update(each[0] for each in versions)
    return frozenset(found)


def _differ(versions: Iterable[_Version]) -> bool:
    return any(len(set(values) - {None}) > 1 for values in zip(*versions, strict=True))
