"""What rules ask of single events beyond their trail: which of a stretch was not refused, and what a record switched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from workbench.casefile.derived.stretch import READ
from workbench.casefile.derived.values import PARTS, Parts
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.evidence.content import ContentStore
from workbench.model.event import OutcomeStatus
from workbench.sessions.facts import Span, Use
from workbench.sessions.times import micros_of

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
    found = {}
    for event, record in _records(connection, events):
        status = _below(record.document(), "requestparameters", "status")
        if isinstance(status, str) and status.lower() in ("active", "inactive"):
            found[event] = status.lower() == "active"
    return found


def made_in(connection: sqlite3.Connection) -> Callable[[Sequence[int]], dict[int, int]]:
    """Return what gives when the key of events was made, microseconds UTC, of those whose records say so.

    CloudTrail tells of temporary credentials when they were issued (user guide, "CloudTrail userIdentity element",
    ``sessionContext.attributes.creationDate``).
    """

    def made(events: Sequence[int]) -> dict[int, int]:
        found = {}
        for event, record in _records(connection, events):
            try:
                text: object = _NATIVE.decode(record.data).userIdentity.sessionContext.attributes.creationDate
            except (msgspec.DecodeError, UnicodeDecodeError):
                text = None
            if text is None:
                text = _below(
                    record.document(), "useridentity", "sessioncontext", "attributes", "creationdate"
                )
            moment = micros_of(text) if isinstance(text, str) else None
            if moment is not None:
                found[event] = moment
        return found

    return made


class _Record(NamedTuple):
    data: bytes
    part: int
    source: str
    encoding: str
    columns: str | None

    def document(self) -> object:
        """Return the record in native form, ``None`` if it is no document."""
        # Only deriving needs the readers of logs: listing events must not wait for them.
        from workbench.sources.comparison import document_of_record

        return document_of_record(
            self.data, encoding=self.encoding, csv=self.columns, part=self.part, source=self.source
        )


def _records(connection: sqlite3.Connection, events: Sequence[int]) -> Iterator[tuple[int, _Record]]:
    """Yield the records of events, each block of original bytes unpacked once."""
    contents = ContentStore(connection, cached_blocks=8)
    rows = connection.execute(
        "SELECT e.id, e.evidence_id, e.start, e.length, e.part, r.source, a.encoding, a.columns FROM json_each(?) k"
        " CROSS JOIN event e ON e.id = k.value JOIN reading r ON r.id = e.reading_id"
        " JOIN content_account a ON a.evidence_id = e.evidence_id",
        (json.dumps(sorted(events)),),
    )
    for event, evidence, start, length, *how in rows.fetchall():
        yield event, _Record(contents.read(evidence, start, length), *how)


def _below(value: object, *path: str) -> object:
    """Return what stands under a path of names in small letters, whatever the case of the keys."""
    from workbench.sources.document import decoded
    from workbench.sources.paths import folded

    for name in path:
        value = decoded(value)
        value = folded(value).get(name) if isinstance(value, dict) else None
    return value


class _Attributes(msgspec.Struct, frozen=True):
    creationDate: str | None = None  # noqa: N815


class _Context(msgspec.Struct, frozen=True):
    attributes: _Attributes = _Attributes()


class _Identity(msgspec.Struct, frozen=True):
    sessionContext: _Context = _Context()  # noqa: N815


class _Native(msgspec.Struct, frozen=True):
    """The part of a bare CloudTrail record that says when its key was made."""

    userIdentity: _Identity = _Identity()  # noqa: N815


_NATIVE = msgspec.json.Decoder(_Native)
