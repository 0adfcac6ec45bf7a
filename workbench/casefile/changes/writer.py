"""Deriving and keeping changes: only records whose act can say what was changed are read again, each block of them once.

What the new records state is chained, resource by resource, with what the case already holds of the same resources; new rows
are written with what follows for them, and old ones where something follows that was not known before. So an addition costs
what it adds and touches, and the result is that of a rebuild. Of very large cases, what memory shall not hold is written
before it is chained: at the end each resource is chained once, however much there is.
"""

from __future__ import annotations

import functools
import json
import operator
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from workbench.casefile.changes.looker import ChangeLooker
from workbench.casefile.changes.rows import PLACED, Found, ResourceTable, placed_from
from workbench.casefile.changes.snapshots import snapshot_statements
from workbench.casefile.changes.state import (
    CHANGES_VERSION,
    ChangesState,
    last_snapshot,
    read_changes_state,
    shown_snapshots,
)
from workbench.casefile.derived.state import last_event
from workbench.casefile.derived.writer import Changed, Transaction
from workbench.casefile.parameters import as_passed_on
from workbench.changes.chain import Follows, followed
from workbench.model.change import Basis, Placed

_HELD = 500_000
"""Statements that are held in memory together: 100 to 250 MB, by how many of them are alike."""

_CHAINED = 500
"""Resources whose old statements are read together."""

_READ = 100_000
"""Old statements that are read together: some 100 MB. Those of one resource are, however many they are."""

_WRITTEN = 20_000

_NOTHING: Iterator[Iterable[Found]] = iter(())


class ChangePass:
    """One pass: look at new records, keep what they state, chain what they touch."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        transaction: Transaction,
        *,
        anew: bool,
    ) -> None:
        self._connection = connection
        self._transaction = transaction
        # A rebuild of the sessions, because earlier events changed, has thrown this state away with its own.
        state = read_changes_state(connection)
        last = last_event(connection)
        self.anew = (
            anew
            or state is None
            or not state.complete
            or state.version != CHANGES_VERSION
            or shown_snapshots(connection, state.others) != state.snapshots
        )
        self._after = (0, 0) if self.anew or state is None else (state.through, state.others)
        self._last = (last, last_snapshot(connection))
        self._resources = ResourceTable(connection)
        self._held: dict[str, list[Placed]] = {}
        self._touched: set[str] = set()
        """Resources that new statements are about."""
        self._count = self._new = self._changed = 0

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        return self.anew or self._after != self._last

    @functools.cached_property
    def _looker(self) -> ChangeLooker:
        return ChangeLooker(self._connection)

    @functools.cached_property
    def stretches(self) -> list[tuple[int, int]]:
        """The first and last row numbers of events that are to be looked at together."""
        return list(self._looker.spans(self._after[0], self._last[0]))

    def run(self, ahead: Iterator[Iterable[Found]] = _NOTHING) -> Changed:
        """Do all of it; return what it changed.

        Args:
            ahead: What was found already in each of the first stretches, in their order; the others are looked at.
        """
        stood: dict[tuple[int, int], int] = {}
        if self.anew:
            stood = dict(self._hashes())
            for table in ("change", "changed_resource"):
                with self._transaction():
                    self._connection.execute(f"DELETE FROM {table}")
        self._keep_state(complete=False)
        for low, high in self.stretches:
            found = next(ahead, None)
            self._hold(self._looker.statements(low, high) if found is None else found)
        self._hold(snapshot_statements(self._connection, self._after[1], self._last[1]))
        self._settle()
        self._keep_state(complete=True)
        (total,) = self._connection.execute("SELECT count(*) FROM change").fetchone()
        gone = 0
        if stood:
            self._new, self._changed, gone = self._compared(stood)
        return Changed(self._new, self._changed, gone, int(total))

    def _hashes(self) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield the place of each change with a hash of its row."""
        for row in self._connection.execute("SELECT * FROM change"):
            yield _place_of(row), hash(row)

    def _compared(self, stood: dict[tuple[int, int], int]) -> tuple[int, int, int]:
        """Return how many changes are new, other and gone beside those that stood before all were made anew."""
        new = changed = 0
        for place, row in self._hashes():
            before = stood.pop(place, None)
            new += before is None
            changed += before is not None and before != row
        return new, changed, len(stood)

    def _keep_state(self, *, complete: bool) -> None:
        through, others = self._last if complete else self._after
        snapshots = shown_snapshots(self._connection, others)
        state = ChangesState(CHANGES_VERSION, through, others, snapshots, complete)
        with self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO derived_state VALUES ('changes', ?)",
                (msgspec.json.encode(state).decode(),),
            )

    def _hold(self, found: Iterable[Found]) -> None:
        """Take up what records state, and settle it whenever enough has come together."""
        for event, first, time, coarse, outcome, mark, statements in found:
            for position, each in enumerate(statements, first):
                number = self._resources.number(each.resource, each.title)
                placed = Placed(event, position, time, coarse, outcome, mark, each)
                self._held.setdefault(number, []).append(placed)
            self._count += len(statements)
            if self._count >= _HELD:
                self._set_aside()

    def _set_aside(self) -> None:
        """Write what is held as it was stated, to be read again and chained when everything is there."""
        rows = [_row(placed, number, _UNCHAINED) for number, held in self._held.items() for placed in held]
        self._resources.stored.update(self._held)
        self._touched.update(self._held)
        self._held.clear()
        self._count = 0
        with self._transaction():
            self._resources.write()
        self._insert(rows)

    def _settle(self) -> None:
        """Chain what is held with what the case holds of the same resources, and write what follows."""
        with self._transaction():
            self._resources.write()
        self._touched.update(self._held)
        new: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        for chunk in self._chunks():
            old = self._old(chunk)
            for number in chunk:
                self._chain(number, old.pop(number, []), self._held.pop(number, []), new, updates)
            if len(new) + len(updates) >= 2 * _WRITTEN:
                self._write(new, updates)
        self._write(new, updates)

    def _chunks(self) -> Iterator[list[str]]:
        """Yield the resources to be chained, as many together as memory shall hold the old statements of."""
        touched = sorted(self._touched)
        for start in range(0, len(touched), _CHAINED):
            some = touched[start : start + _CHAINED]
            counts = self._counts(some)
            chunk: list[str] = []
            size = 0
            for number in some:
                size += counts.get(number, 0)
                if chunk and size > _READ:
                    yield chunk
                    chunk, size = [], counts.get(number, 0)
                chunk.append(number)
            yield chunk

    def _counts(self, numbers: list[str]) -> dict[str, int]:
        """Return how many rows the case holds of resources."""
        return dict(
            self._connection.execute(
                "SELECT resource_id, count(*) FROM change WHERE resource_id IN (SELECT value FROM json_each(?)) GROUP BY 1",
                (json.dumps(self._stored(numbers)),),
            ).fetchall()
        )

    def _stored(self, numbers: list[str]) -> list[str]:
        return [number for number in numbers if number in self._resources.stored]

    def _chain(
        self,
        number: str,
        rows: list[tuple[Any, ...]],
        held: list[Placed],
        new: list[tuple[Any, ...]],
        updates: list[tuple[Any, ...]],
    ) -> None:
        """Chain the statements of one resource; add rows that are new, and what is new about old ones."""
        key, title = self._resources.known(number)
        known = {(row[1], row[2]): row[-4:] for row in rows}
        for placed, follows in followed([*(placed_from(row, key, title) for row in rows), *held]):
            columns = _columns(follows)
            stored = known.get((placed.event, placed.position)) if known else None
            if stored is None:
                new.append(_row(placed, number, columns))
            elif stored != columns:
                updates.append((*columns, placed.event, placed.position))
                self._changed += self._stood(placed)

    def _stood(self, placed: Placed) -> bool:
        """Whether a statement was in the case before this pass."""
        after, others = self._after
        return placed.event <= after if placed.event > 0 else -placed.event <= others

    def _write(self, new: list[tuple[Any, ...]], updates: list[tuple[Any, ...]]) -> None:
        """Write rows and forget them."""
        self._insert(new)
        self._many(
            "UPDATE change SET before = ?, before_basis = ?, before_event = ?, caveats = ? WHERE event_id = ? AND position = ?",
            updates,
        )
        new.clear()
        updates.clear()

    def _old(self, numbers: list[str]) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows that the case holds of resources."""
        listed = self._stored(numbers)
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in self._connection.execute(PLACED, (json.dumps(listed),)) if listed else ():
            found.setdefault(row[0], []).append(row)
        return found

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        """Write new rows, in the order of the table."""
        rows.sort(key=_place_of)
        self._many(f"INSERT INTO change VALUES ({', '.join('?' * 16)})", rows)
        self._new += len(rows)

    def _many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        for start in range(0, len(rows), _WRITTEN):
            with self._transaction():
                self._connection.executemany(sql, rows[start : start + _WRITTEN])


_UNCHAINED = (None, Basis.UNKNOWN._value_, None, None)
"""What follows for a statement before it is chained."""

_place_of = operator.itemgetter(0, 1)


def _row(placed: Placed, number: str, columns: tuple[Any, ...]) -> tuple[Any, ...]:
    each = placed.statement
    return (
        placed.event, placed.position, number, each.field, each.operation._value_, each.shape._value_, placed.outcome._value_,
        *as_passed_on((placed.time, each.before, each.after, int(each.empty), each.remark, *columns)),
    )  # fmt: skip


def _columns(follows: Follows) -> tuple[Any, ...]:
    """Return the columns of a change that follow from other records; what its own record states is not repeated."""
    return (
        None if follows.basis is Basis.LOGGED else follows.before,
        follows.basis._value_,
        follows.event,
        "\n".join(follows.caveats) if follows.caveats else None,
    )
