"""Reading changes: of events, of resources, and the resources themselves."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from workbench.casefile.changes.rows import CHANGE, PLACED, change_from, placed_from
from workbench.casefile.changes.state import CHANGES_VERSION, last_snapshot, read_changes_state
from workbench.casefile.derived.state import last_event
from workbench.casefile.paging import in_pages
from workbench.changes.stated import TAKEN
from workbench.model.change import Change, Placed, ResourceKey
from workbench.model.references import EventId, RecordRef

_PAGE = 2_000
_FEW, _MANY = 20, 20_000
"""Events of a stretch of time that are looked at first, and at most, for one of an account."""

_CHANGING = "a.verb IN ('create', 'update', 'delete', 'delegate')"
_ATTEMPT = "o.status IN ('denied', 'failed', 'not_found')"
_ATTEMPTED = f"({_ATTEMPT} AND ({_CHANGING} OR a.verb = 'unclassified' OR a.tampers_logging))"
"""Acts that were turned down; of those of an unknown kind it is better said that they were tried than not."""


class ChangedResource(NamedTuple):
    """A resource, with the changes of it that the case knows: none of one that events only name.

    Attributes:
        id: Its id.
        key: What makes records speak of it.
        title: The fullest name it is given.
        changes: How many changes and attempts.
        first: Time of the first, microseconds UTC.
        last: Time of the last.
    """

    id: str
    key: ResourceKey
    title: str
    changes: int
    first: int | None
    last: int | None


class SilentAct(NamedTuple):
    """An act that changes something, of which the records do not say what.

    Attributes:
        service: Its service.
        action: Its name.
        verb: What kind of act it is.
        events: How many events.
        attempted: Whether they were denied or failed, so that they changed nothing.
    """

    service: str
    action: str
    verb: str
    events: int
    attempted: bool = False


class ChangeReader:
    """Reads changes through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def current(self) -> bool:
        """Whether changes were derived from all acknowledged evidence, to the end."""
        state = read_changes_state(self._connection)
        last = last_event(self._connection)
        if state is None:
            return last == 0 and last_snapshot(self._connection) == 0
        return (
            state.complete
            and state.version == CHANGES_VERSION
            and state.through == last
            and state.others == last_snapshot(self._connection)
        )

    def all(self) -> Iterator[Change]:
        """Yield all changes and attempts in the order of time, those without one at the end; page by page."""

        def read(last: tuple[int, int, int]) -> list[tuple[Any, ...]]:
            return self._connection.execute(
                f"{CHANGE} WHERE c.event_id > 0 AND (c.time, c.event_id, c.position) > (?, ?, ?)"
                " ORDER BY c.time, c.event_id, c.position LIMIT ?",
                (*last, _PAGE),
            ).fetchall()

        for rows in in_pages(read, (-(2**63), 0, 0), lambda row: (row[13], row[0], row[1])):
            yield from map(change_from, rows)
        undated = self._connection.execute(
            f"{CHANGE} WHERE c.event_id > 0 AND c.time IS NULL ORDER BY c.event_id, c.position"
        ).fetchall()
        yield from map(change_from, undated)

    def of_events(self, events: Sequence[int]) -> list[Change]:
        """Return the changes of events, in the order of the events given."""
        rows = self._connection.execute(
            CHANGE.replace("FROM change c", "FROM json_each(?) k CROSS JOIN change c ON c.event_id = k.value")
            + " ORDER BY k.key, c.position",
            (json.dumps(list(events)),),
        )
        return [change_from(row) for row in rows]

    def resources(self) -> list[ChangedResource]:
        """Return all resources with changes, those with most first."""
        rows = self._connection.execute(
            "SELECT r.id, r.family, r.kind, r.name, r.account, r.region, r.title, count(*), min(c.time), max(c.time)"
            " FROM changed_resource r JOIN change c ON c.resource_id = r.id GROUP BY r.id ORDER BY count(*) DESC, r.title, r.id"
        )
        return [ChangedResource(row[0], ResourceKey(*row[1:6]), *row[6:]) for row in rows]

    def resource(self, number: str) -> ChangedResource | None:
        """Return the resource of an id, ``None`` if there is none."""
        row = self._connection.execute(
            "SELECT r.id, r.family, r.kind, r.name, r.account, r.region, r.title, count(*), min(c.time), max(c.time)"
            " FROM changed_resource r JOIN change c ON c.resource_id = r.id WHERE r.id = ? GROUP BY r.id",
            (number,),
        ).fetchone()
        return None if row is None else ChangedResource(row[0], ResourceKey(*row[1:6]), *row[6:])

    def statements(self, resources: Sequence[str]) -> Iterator[list[Placed]]:
        """Yield all statements of each of some resources."""
        for start in range(0, len(resources), 500):
            chunk = resources[start : start + 500]
            known = {
                row[0]: (ResourceKey(*row[1:6]), row[6])
                for row in self._connection.execute(
                    "SELECT r.* FROM json_each(?) k CROSS JOIN changed_resource r ON r.id = k.value",
                    (json.dumps(chunk),),
                )
            }
            rows = self._connection.execute(PLACED, (json.dumps(chunk),)).fetchall()
            for number, group in itertools.groupby(rows, key=lambda row: row[0]):
                yield [placed_from(row, *known[number]) for row in group]

    def resources_of(self, events: Iterable[int]) -> list[str]:
        """Return the ids of the resources that events changed or tried to."""
        rows = self._connection.execute(
            "SELECT DISTINCT c.resource_id FROM json_each(?) k CROSS JOIN change c ON c.event_id = k.value ORDER BY 1",
            (json.dumps(list(events)),),
        )
        return [row[0] for row in rows]

    def shared_keys(self) -> dict[str, list[str]]:
        """Return the access keys, as JSON texts, that are stated of several users, with the ids of these resources."""
        found: dict[str, set[str]] = {}
        rows = self._connection.execute(
            "SELECT DISTINCT field, stated_after, resource_id FROM change"
            " WHERE field = 'access keys' OR field LIKE 'access key %'"
        )
        for field, value, resource in rows:
            words = field.split(" ")
            key = value if words[1] == "keys" else json.dumps(words[2])
            if key is not None:
                found.setdefault(key, set()).add(resource)
        return {key: sorted(resources) for key, resources in found.items() if len(resources) > 1}

    def users_of_key(self, key: str) -> list[str]:
        """Return the ids of the resources whose access keys a key is said to be among."""
        rows = self._connection.execute(
            "SELECT DISTINCT resource_id FROM change WHERE (field = 'access keys' AND stated_after = ?) OR field = ?"
            " ORDER BY 1",
            (json.dumps(key), f"access key {key} status"),
        )
        return [row[0] for row in rows]

    def with_member(self, members: Sequence[str]) -> list[str]:
        """Return the ids of the resources of which statements name one of some members (JSON texts), as put in or taken out."""
        rows = self._connection.execute(
            "SELECT DISTINCT c.resource_id FROM change c WHERE c.field = 'members' AND c.stated_after IN"
            " (SELECT value FROM json_each(?)) ORDER BY 1",
            (json.dumps(list(members)),),
        )
        return [row[0] for row in rows]

    def tampering(self, events: Iterable[int]) -> frozenset[int]:
        """Return those of some events whose act weakens the recording of what happens."""
        rows = self._connection.execute(
            "SELECT e.id FROM json_each(?) k CROSS JOIN event e ON e.id = k.value JOIN act a ON a.id = e.act_id"
            " WHERE a.tampers_logging",
            (json.dumps(list(events)),),
        )
        return frozenset(row[0] for row in rows)

    def accounts(self) -> frozenset[str]:
        """Return the accounts in which events of the case were recorded."""
        rows = self._connection.execute("SELECT DISTINCT account FROM place WHERE account IS NOT NULL")
        return frozenset(row[0] for row in rows)

    def snapshots(self, numbers: Iterable[int]) -> dict[int, tuple[RecordRef, str]]:
        """Return the reference of the record and the name of the evidence of snapshots, by their (negative) numbers."""
        rows = self._connection.execute(
            "SELECT -o.id, c.content_sha256, o.start, o.length, o.part, f.name || iif(c.member = '', '', '!' || c.member)"
            " FROM json_each(?) k CROSS JOIN other_record o ON o.id = -k.value JOIN evidence c ON c.id = o.evidence_id"
            " JOIN delivered_file f ON f.id = c.file_id",
            (json.dumps([number for number in numbers if number < 0]),),
        )
        return {row[0]: (RecordRef(*row[1:5]), row[5]) for row in rows}

    def recorded_between(self, account: str | None, tenant: str | None, start: int, end: int) -> bool:
        """Whether any event of an account or tenant lies between two instants. Among very many of others it is taken as so."""
        for most in (_FEW, _MANY):
            looked, found = self._connection.execute(
                "SELECT count(*), ifnull(sum(p.account IS ? AND p.tenant IS ?), 0) FROM (SELECT place_id FROM event"
                " WHERE disposition < 2 AND time > ? AND time < ? ORDER BY time LIMIT ?) e JOIN place p ON p.id = e.place_id",
                (account, tenant, start, end, most),
            ).fetchone()
            if found or looked < most:
                return bool(found)
        return True

    def snapshot_times(self, numbers: Iterable[int]) -> dict[tuple[int, str], int]:
        """Return when snapshots, by their (negative) numbers, saw each resource: the earliest time if there are several."""
        rows = self._connection.execute(
            "SELECT c.event_id, c.resource_id, min(c.time) FROM json_each(?) k CROSS JOIN change c ON c.event_id = k.value"
            " WHERE c.time IS NOT NULL GROUP BY 1, 2",
            (json.dumps([number for number in numbers if number < 0]),),
        )
        return {(row[0], row[1]): row[2] for row in rows}

    def stating(self, events: Sequence[int]) -> frozenset[int]:
        """Return those of some events that state a change, of whatever it is; to name the act alone states none."""
        rows = self._connection.execute(
            "SELECT k.value FROM json_each(?) k WHERE EXISTS (SELECT 1 FROM change c WHERE c.event_id = k.value"
            " AND (c.remark IS NULL OR substr(c.remark, 1, ?) <> ?))",
            (json.dumps(list(events)), len(TAKEN), TAKEN),
        )
        return frozenset(row[0] for row in rows)

    def attempts_that_state_nothing(self, events: Sequence[int]) -> list[EventId]:
        """Return those of some events that were denied or failed to change something and state no change, in their order."""
        rows = self._connection.execute(
            "SELECT e.id FROM json_each(?) k CROSS JOIN event e ON e.id = k.value JOIN act a ON a.id = e.act_id"
            " JOIN outcome o ON o.id = e.outcome_id WHERE e.disposition < 2"
            f" AND {_ATTEMPTED} AND NOT EXISTS (SELECT 1 FROM change c WHERE c.event_id = e.id) ORDER BY k.key",
            (json.dumps(list(events)),),
        )
        return [EventId(row[0]) for row in rows]

    def told_elsewhere(self, resource: str, events: Sequence[int]) -> frozenset[int]:
        """Return those of some events whose request another record states a change of a resource by: one act, two logs."""
        rows = self._connection.execute(
            "SELECT e.id FROM json_each(?) k CROSS JOIN event e ON e.id = k.value WHERE e.request_id IN (SELECT s.request_id"
            " FROM change c JOIN event s ON s.id = c.event_id WHERE c.resource_id = ? AND s.request_id IS NOT NULL)",
            (json.dumps(list(events)), resource),
        )
        return frozenset(row[0] for row in rows)

    def silent(self) -> list[SilentAct]:
        """Return the acts that change something, with how many of their events say nothing of what they changed.

        Events that were denied or failed changed nothing: they are counted as attempts, each act at most once of either kind.
        """
        stating: dict[tuple[int, int], int] = {
            (row[0], row[1]): row[2]
            for row in self._connection.execute(
                f"SELECT e.act_id, {_ATTEMPT}, count(DISTINCT e.id) FROM change c JOIN event e ON e.id = c.event_id"
                " JOIN outcome o ON o.id = e.outcome_id GROUP BY 1, 2"
            )
        }
        rows = self._connection.execute(
            f"SELECT a.id, {_ATTEMPT}, a.service, a.action, a.verb, count(*) FROM event e JOIN act a ON a.id = e.act_id"
            f" JOIN outcome o ON o.id = e.outcome_id WHERE e.disposition < 2 AND ({_CHANGING} OR {_ATTEMPTED})"
            " GROUP BY 1, 2"
        )
        found = [
            SilentAct(service, action, verb, events - stating.get((number, attempted), 0), bool(attempted))
            for number, attempted, service, action, verb, events in rows
        ]
        return sorted(
            (each for each in found if each.events),
            key=lambda each: (-each.events, each.service, each.action, each.attempted),
        )
