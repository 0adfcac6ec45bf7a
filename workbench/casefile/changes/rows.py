"""Rows of changes as model values, and the resources that they are about."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from workbench.model.change import Basis, Change, Operation, Placed, ResourceKey, Shape, Statement
from workbench.model.event import OutcomeStatus

_COLUMNS = (
    "c.resource_id, c.event_id, c.position, c.field, c.operation, c.shape, c.outcome, c.time, c.stated_before, c.stated_after,"
    " c.empty, c.remark"
)

PLACED = f"""
SELECT {_COLUMNS}, n."precision", e.native_id, ifnull(v.content_sha256, ov.content_sha256), ifnull(e.start, o.start),
       ifnull(e.part, o.part), c.before, c.before_basis, c.before_event, c.caveats
FROM json_each(?) k CROSS JOIN change c ON c.resource_id = k.value
LEFT JOIN event e ON e.id = c.event_id LEFT JOIN time_note n ON n.id = e.time_note_id LEFT JOIN evidence v ON v.id = e.evidence_id
LEFT JOIN other_record o ON o.id = -c.event_id AND c.event_id < 0 LEFT JOIN evidence ov ON ov.id = o.evidence_id
ORDER BY c.resource_id"""
"""The statements of resources (a JSON array of ids), with what orders them and what was derived of them."""


class Found(NamedTuple):
    """Statements of one record.

    Attributes:
        event: Row number of the event; minus that of the record of a snapshot.
        first: Position of the first of them among all of the record.
        time: When, microseconds UTC.
        coarse: Whether the source writes whole seconds.
        outcome: How the act ended.
        mark: What names the record in every case.
        statements: What the record states.
    """

    event: int
    first: int
    time: int | None
    coarse: bool
    outcome: OutcomeStatus
    mark: str
    statements: list[Statement]


def mark_of(native_id: bytes | str | None, content: str, start: int, part: int) -> str:
    """Return what names a record in every case: its native id, else the place of its bytes."""
    if native_id is None:
        return f"{content}:{start}#{part}"
    # The stored form is one to one with the text that it packs, and only equality and some order are asked of it.
    return native_id if isinstance(native_id, str) else native_id.hex()


def placed_from(row: tuple[Any, ...], key: ResourceKey, title: str) -> Placed:
    """Return a row of :data:`PLACED` as a statement in its place."""
    (_, event, position, field, operation, shape, outcome, time, before, after, empty, remark, *order) = row
    precision, native_id, content, start, part = order[:5]
    return Placed(
        event=event,
        position=position,
        time=time,
        coarse=precision == "s",
        outcome=OutcomeStatus(outcome),
        mark=mark_of(native_id, content, start, part),
        statement=Statement(
            key, title, field, Operation(operation), Shape(shape), after, before, bool(empty), remark
        ),
    )


CHANGE = """
SELECT c.event_id, c.position, c.resource_id, r.family, r.kind, r.name, r.account, r.region, r.title, c.field, c.operation,
       c.shape, c.outcome, c.time, c.stated_before, c.stated_after, c.before, c.before_basis, c.before_event, c.caveats
FROM change c JOIN changed_resource r ON r.id = c.resource_id"""


def change_from(row: tuple[Any, ...]) -> Change:
    """Return a row of :data:`CHANGE` as a change."""
    event, position, _, family, kind, name, account, region, title, field, operation, shape, outcome, time = (
        row[:14]
    )
    stated_before, stated_after, before, basis, before_event, caveats = row[14:]
    done = Operation(operation)
    member = done in (Operation.ADD, Operation.REMOVE)
    nothing = done in (Operation.CREATE, Operation.CLEAR, Operation.DELETE, Operation.REMOVE)
    after = None if nothing else stated_after
    status = OutcomeStatus(outcome)
    attempted = status not in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)
    known = Basis.UNKNOWN if attempted else Basis(basis)
    return Change(
        event=event,
        position=position,
        time=time,
        outcome=status,
        resource=ResourceKey(family, kind, name, account, region),
        title=title,
        field=field,
        operation=done,
        shape=Shape(shape),
        before=None if attempted else (stated_before if known is Basis.LOGGED else before),
        before_basis=known,
        before_event=before_event,
        after=after,
        after_basis=Basis.UNKNOWN if after is None and not nothing else Basis.LOGGED,
        member=stated_after if member else None,
        caveats=tuple(caveats.split("\n")) if caveats else (),
    )


class ResourceTable:
    """The resources of changes and their titles while they are written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[ResourceKey, str] = {}
        self._titles: dict[str, str] = {}
        self._known: dict[str, ResourceKey] = {}
        self._new: set[str] = set()
        self.stored: set[str] = set()
        """Those of them that the case holds changes of already."""

    def number(self, key: ResourceKey, title: str) -> str:
        """Return the id of a resource, and remember the fullest name it was given."""
        number = self._ids.get(key)
        if number is None:
            number = self._ids[key] = key.id
            self._known[number] = key
            row = self._connection.execute(
                "SELECT title FROM changed_resource WHERE id = ?", (number,)
            ).fetchone()
            if row is None:
                self._new.add(number)
            else:
                self.stored.add(number)
            self._titles[number] = title if row is None else row[0]
        if title != self._titles[number] and _fuller(title) > _fuller(self._titles[number]):
            self._titles[number] = title
            self._new.add(number)
        return number

    def known(self, number: str) -> tuple[ResourceKey, str]:
        """Return the key and title of a resource that was numbered here."""
        return self._known[number], self._titles[number]

    def write(self) -> None:
        """Write what is new."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO changed_resource VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, key.family, key.kind, key.name, key.account, key.region, self._titles[number])
                for number in sorted(self._new)
                for key in [self._known[number]]
            ],
        )
        self._new.clear()


def _fuller(title: str) -> tuple[bool, int, str]:
    return title.startswith("arn:"), len(title), title
