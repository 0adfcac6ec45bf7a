"""What rules ask of single events beyond their trail: which of a stretch was not refused, and what a record switched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence

from workbench.casefile.derived.stretch import READ
from workbench.casefile.derived.values import PARTS, Parts
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.evidence.content import ContentStore
from workbench.model.event import OutcomeStatus
from workbench.sessions.facts import Span, Use
from workbench.sources.comparison import document_of_record
from workbench.sources.document import decoded
from workbench.sources.paths import folded

_ZONED = ("credential_id", "identity_id", "place_id")
"""Columns by which zones are left out, the one that says most first."""


def accepted_in(
    connection: sqlite3.Connection, trails: Mapping[int, Parts]
) -> Callable[[Sequence[Span]], list[Use | None]]:
    """Return what gives the last event of stretches of trails that was not refused.

    Args:
        connection: Any.
        trails: What the events of each trail agree in.
    """

    def accepted(spans: Sequence[Span]) -> list[Use | None]:
        return [_last(connection, trails[span.trail], span) for span in spans]

    return accepted


def _last(connection: sqlite3.Connection, parts: Parts, span: Span) -> Use | None:
    own = dict(zip(PARTS, parts, strict=True))
    column = next(each for each in _ZONED if own[each] is not None)
    zones = zones_holding(connection, column, [own[column] or 0])
    arriving = ", ".join(map(str, arriving_evidence(connection)))
    where = " AND ".join(f"{each} IS ?" for each in PARTS)
    found: list[tuple[int, int]] = []
    for zone in zone_spans(connection, zones):
        if zone.first_time is None or zone.last_time is None:
            continue
        if zone.first_time > span.last or zone.last_time < span.first:
            continue
        for low in range(zone.first_event, zone.last_event + 1, READ):
            found += connection.execute(
                f"SELECT time, -id FROM event WHERE id BETWEEN ? AND ? AND disposition < 2 AND {where}"
                f" AND time BETWEEN ? AND ? AND evidence_id NOT IN ({arriving})"
                " AND outcome_id NOT IN (SELECT id FROM outcome WHERE status IN (?, ?))"
                " ORDER BY time DESC, id LIMIT 1",
                (
                    low,
                    min(low + READ - 1, zone.last_event),
                    *parts,
                    span.first,
                    span.last,
                    OutcomeStatus.DENIED.value,
                    OutcomeStatus.FAILED.value,
                ),
            ).fetchall()
    if not found:
        return None
    time, event = max(found)
    return Use(time, -event)


def switched(connection: sqlite3.Connection, events: Sequence[int]) -> dict[int, bool]:
    """Return whether the records of events switched something on (``Active``) or off, of those that say so.

    IAM states the new status of an access key in the request (IAM API reference, UpdateAccessKey).

    Args:
        connection: Any.
        events: Row numbers.
    """
    contents = ContentStore(connection, cached_blocks=8)
    found = {}
    for event in events:
        evidence, start, length, part, source, encoding, columns = connection.execute(
            "SELECT e.evidence_id, e.start, e.length, e.part, r.source, a.encoding, a.columns FROM event e"
            " JOIN reading r ON r.id = e.reading_id JOIN content_account a ON a.evidence_id = e.evidence_id WHERE e.id = ?",
            (event,),
        ).fetchone()
        document = document_of_record(
            contents.read(evidence, start, length), encoding=encoding, csv=columns, part=part, source=source
        )
        request = None if document is None else folded(document).get("requestparameters")
        request = decoded(request) or request
        status = folded(request).get("status") if isinstance(request, dict) else None
        if isinstance(status, str) and status.lower() in ("active", "inactive"):
            found[event] = status.lower() == "active"
    return found
