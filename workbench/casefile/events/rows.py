"""Events given back as model values: rows of numbers resolved through the dictionary tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from workbench.casefile.claims.reader import ClaimReader
from workbench.casefile.derived.session_of import SESSION_OF
from workbench.casefile.events.batch import unpack_native_id
from workbench.casefile.events.filter_sql import SHOWN
from workbench.casefile.events.particulars import read_particulars
from workbench.casefile.evidence.tally import EVENT_DISPOSITIONS
from workbench.clock import SECOND, rfc3339
from workbench.model.case import StoredEvent
from workbench.model.claim import EventTag
from workbench.model.event import (
    Act,
    Address,
    AddressKind,
    Credential,
    Event,
    EventTime,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
    Particulars,
    Place,
    Precision,
    Resource,
    ResourceRole,
    UserAgent,
    Verb,
)
from workbench.model.references import EventId, RecordRef

_CACHE = 50_000
"""Dictionary values kept; emptied when full."""

T = TypeVar("T")


class _Row(NamedTuple):
    id: int
    evidence_id: int
    start: int
    length: int
    part: int
    disposition: int
    time: int | None
    time_raw: str | None
    time_note_id: int
    act_id: int
    identity_id: int | None
    kind_id: int
    credential_id: int | None
    address_id: int | None
    user_agent_id: int | None
    outcome_id: int
    place_id: int
    resource_set_id: int | None
    reading_id: int
    warning_set_id: int | None
    key_set_id: int | None
    native_id: bytes | str | None
    request_id: bytes | str | None
    shared_id: bytes | str | None


_SELECT = f"SELECT {', '.join('e.' + name for name in _Row._fields)} FROM json_each(?) AS k CROSS JOIN event e ON e.id = k.value"


class EventRows:
    """Fetches events by row number, remembering the dictionary values it has met."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cache: dict[tuple[str, int], Any] = {}

    def fetch(self, ids: Sequence[int]) -> list[StoredEvent]:
        """Return events in the given order; missing row numbers are left out."""
        rows = map(_Row._make, self._connection.execute(_SELECT, (json.dumps(list(ids)),)))
        by_id = {row.id: row for row in rows}
        beside = read_particulars(self._connection, {row.id: row.key_set_id for row in by_id.values()})
        sessions = dict(self._connection.execute(SESSION_OF, (json.dumps(list(by_id)),)).fetchall())
        tags = ClaimReader(self._connection).tags_on(list(by_id))
        return [
            self._stored(by_id[number], beside.get(number), sessions.get(number), tags.get(number, ()))
            for number in ids
            if number in by_id
        ]

    def _stored(
        self, row: _Row, particulars: Particulars | None, session: str | None, tags: tuple[EventTag, ...]
    ) -> StoredEvent:
        look = self._look
        source, version, wrapper = look("reading", "source, reader_version, wrapper", row.reading_id, tuple)
        sha256, name = look(
            "evidence e JOIN delivered_file f ON f.id = e.file_id",
            "e.content_sha256, f.name || iif(e.member = '', '', '!' || e.member)",
            row.evidence_id,
            tuple,
            key="e.id",
        )
        precision, basis = look("time_note", '"precision", basis', row.time_note_id, tuple)
        event = Event(
            time=_time(row.time, row.time_raw, Precision(precision), basis),
            act=look("act", "service, action, verb, verb_rule, tampers_logging, category", row.act_id, _act),
            identity=self._maybe(
                "identity", "canonical, name, native_id, account", row.identity_id, _identity
            ),
            kind=look("kind_reason", "kind, reason", row.kind_id, _kind),
            credential=self._maybe("credential", "type, native_id", row.credential_id, _credential),
            address=self._maybe("address", "raw, kind, ip", row.address_id, _address),
            user_agent=self._maybe("user_agent", "raw, client", row.user_agent_id, _user_agent),
            outcome=look("outcome", "status, code", row.outcome_id, _outcome),
            place=look("place", "account, region, tenant", row.place_id, _place),
            resources=self._maybe("resource_set", "members", row.resource_set_id, self._resources) or (),
            native_id=unpack_native_id(row.native_id),
            request_id=unpack_native_id(row.request_id),
            shared_id=unpack_native_id(row.shared_id),
            warnings=self._maybe("warning_set", "warnings", row.warning_set_id, _warnings) or (),
            particulars=particulars,
        )
        return StoredEvent(
            id=EventId(row.id),
            ref=RecordRef(sha256 or "", row.start, row.length, row.part),
            event=event,
            source=source,
            reader_version=version,
            wrapper=wrapper,
            evidence_name=name,
            disposition=EVENT_DISPOSITIONS[row.disposition],
            twins=self._twins(row),
            tied=self._tied(row, event.time.precision),
            session=session,
            tags=tags,
        )

    def _look(
        self, table: str, columns: str, number: int, make: Callable[[tuple[Any, ...]], T], key: str = "id"
    ) -> T:
        found = self._cache.get((table, number))
        if found is None:
            if len(self._cache) >= _CACHE:
                self._cache.clear()
            row = self._connection.execute(
                f"SELECT {columns} FROM {table} WHERE {key} = ?", (number,)
            ).fetchone()
            found = make(row)
            self._cache[table, number] = found
        return found

    def _maybe(
        self, table: str, columns: str, number: int | None, make: Callable[[tuple[Any, ...]], T]
    ) -> T | None:
        return None if number is None else self._look(table, columns, number, make)

    def _resources(self, row: tuple[Any, ...]) -> tuple[Resource, ...]:
        return tuple(
            self._look("resource", "type, name, role, account", int(number), _resource)
            for number in row[0].split()
        )

    def _twins(self, row: _Row) -> tuple[RecordRef, ...]:
        if row.shared_id is None:
            return ()
        found = self._connection.execute(
            "SELECT c.content_sha256, e.start, e.length, e.part FROM event e JOIN evidence c ON c.id = e.evidence_id"
            " WHERE e.shared_id = ? AND e.disposition <> 2 AND e.id <> ? AND (e.native_id IS NOT ? OR e.native_id IS NULL)"
            " ORDER BY 1, 2, 4",
            (row.shared_id, row.id, row.native_id),
        )
        return tuple(RecordRef(*twin) for twin in found)

    def _tied(self, row: _Row, precision: Precision) -> bool:
        """Whether another event may have happened at the same instant, as far as its source says: their order is unknown."""
        if row.time is None:
            return False
        second = row.time - row.time % SECOND
        width = SECOND if precision is Precision.SECOND else 1
        found = self._connection.execute(
            f"SELECT 1 FROM event e INDEXED BY event_by_time WHERE {SHOWN} AND e.time >= ? AND e.time < ? AND e.id <> ?"
            f" UNION ALL SELECT 1 FROM event e INDEXED BY event_by_time WHERE {SHOWN} AND e.time = ? AND e.id <> ?"
            """ AND e.time_note_id IN (SELECT id FROM time_note WHERE "precision" = 's') LIMIT 1""",
            (row.time, row.time + width, row.id, second, row.id),
        ).fetchone()
        return found is not None


def _time(micros: int | None, raw: str | None, precision: Precision, basis: str) -> EventTime:
    if raw is None and micros is not None:
        raw = rfc3339(micros, precision.digits)
    return EventTime(micros, raw, precision, basis)


def _act(row: tuple[Any, ...]) -> Act:
    service, action, verb, rule, tampers, category = row
    return Act(service, action, Verb(verb), rule, bool(tampers), category)


def _identity(row: tuple[Any, ...]) -> Identity:
    return Identity(*row)


def _kind(row: tuple[Any, ...]) -> KindReason:
    return KindReason(IdentityKind(row[0]), row[1])


def _credential(row: tuple[Any, ...]) -> Credential:
    return Credential(*row)


def _address(row: tuple[Any, ...]) -> Address:
    return Address(row[0], AddressKind(row[1]), row[2])


def _user_agent(row: tuple[Any, ...]) -> UserAgent:
    return UserAgent(*row)


def _outcome(row: tuple[Any, ...]) -> Outcome:
    return Outcome(OutcomeStatus(row[0]), row[1])


def _place(row: tuple[Any, ...]) -> Place:
    return Place(*row)


def _resource(row: tuple[Any, ...]) -> Resource:
    kind, name, role, account = row
    return Resource(kind, name, ResourceRole(role), account)


def _warnings(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(row[0]).split("\n"))
