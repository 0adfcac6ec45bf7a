"""Deriving and keeping changes: only records whose act can say what was changed are read again, each block of them once.

Two steps. What the new records say is kept as statements; then the statements of every resource that they touch are chained,
old and new together, and rows are written where something follows that was not known before. So an addition costs what it
adds, and the result is that of a rebuild.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from workbench.casefile.change_rows import PLACED, ResourceTable, placed_from
from workbench.casefile.content import ContentStore
from workbench.casefile.derived_writer import Changed, Transaction, last_event, shown_events
from workbench.casefile.facts import Progress
from workbench.casefile.snapshot_rows import Found, snapshot_statements
from workbench.casefile.zones import zone_spans, zones_holding
from workbench.changes import aws, stated
from workbench.changes.chain import chained
from workbench.model.change import Basis, Change, Operation, Statement
from workbench.model.event import Act, Place, Resource, ResourceRole, StatedChange, Verb
from workbench.sources.comparison import document_of_record

CHANGES_VERSION = 1
"""Raised with every change of what changes are derived as: what an older version derived is rebuilt."""

_READ = 20_000
_CHAINED = 500
"""Resources whose statements are held in memory together."""

_WRITTEN = 5_000
_CLOUDTRAIL = "aws.cloudtrail"
_STATED = msgspec.json.Decoder(tuple[StatedChange, ...])


class ChangesState(msgspec.Struct, frozen=True):
    """How far changes were derived.

    Attributes:
        version: Of the rules.
        through: The last event looked at.
        shown: How many of the events up to there were shown then, and the sum of their row numbers: where these have
            changed, all is rebuilt.
        others: The last record that is no event looked at.
        complete: Whether it was finished.
    """

    version: int
    through: int
    shown: tuple[int, int]
    others: int
    complete: bool


def read_changes_state(connection: sqlite3.Connection) -> ChangesState | None:
    """Return how far changes were derived; ``None`` if they never were."""
    row = connection.execute("SELECT value FROM derived_state WHERE key = 'changes'").fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=ChangesState)


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
        state = read_changes_state(connection)
        last = last_event(connection)
        self.anew = (
            anew
            or state is None
            or not state.complete
            or state.version != CHANGES_VERSION
            or shown_events(connection, state.through) != state.shown
        )
        self._after = (0, 0) if self.anew or state is None else (state.through, state.others)
        (others,) = connection.execute("SELECT ifnull(max(id), 0) FROM other_record").fetchone()
        self._last = (last, int(others))
        self._resources = ResourceTable(connection)
        self._touched: set[str] = set()

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        return self.anew or self._after != self._last

    def run(self, progress: Callable[[Progress], None] = lambda _: None) -> Changed:
        """Do all of it; return what it changed."""
        if self.anew:
            for table in ("change", "changed_resource"):
                with self._transaction():
                    self._connection.execute(f"DELETE FROM {table}")
        self._keep_state(complete=False)
        new = self._look(progress)
        new += self._keep(snapshot_statements(self._connection, self._after[1], self._last[1]))
        changed = self._chain()
        self._keep_state(complete=True)
        (total,) = self._connection.execute("SELECT count(*) FROM change").fetchone()
        return Changed(new, changed, 0, int(total))

    def _keep_state(self, *, complete: bool) -> None:
        through, others = self._last if complete else self._after
        shown = shown_events(self._connection, through) if complete else (0, 0)
        state = ChangesState(CHANGES_VERSION, through, shown, others, complete)
        with self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO derived_state VALUES ('changes', ?)",
                (msgspec.json.encode(state).decode(),),
            )

    # Step one: what records state

    def _look(self, progress: Callable[[Progress], None]) -> int:
        looker = _Looker(self._connection)
        new = 0
        after, last = self._after[0], self._last[0]
        for low, high in looker.spans(after, last):
            new += self._keep(looker.statements(low, high))
            progress(Progress(high - after, last - after))
        return new

    def _keep(self, found: Iterable[Found]) -> int:
        """Write statements, each as what it is by itself; return how many."""
        count = 0
        for chunk in _chunks(found, _WRITTEN):
            rows = []
            for event, first, time, outcome, statements in chunk:
                for position, each in enumerate(statements, first):
                    number = self._resources.number(each.resource, each.title)
                    self._touched.add(number)
                    rows.append(_row(event, position, time, outcome, number, each))
            with self._transaction():
                self._resources.write()
                self._connection.executemany(f"INSERT INTO change VALUES ({', '.join('?' * 16)})", rows)
            count += len(rows)
        return count

    # Step two: what follows from them together

    def _chain(self) -> int:
        changed = 0
        for start in range(0, len(touched := sorted(self._touched)), _CHAINED):
            chunk = touched[start : start + _CHAINED]
            rows = self._connection.execute(PLACED, (json.dumps(chunk),)).fetchall()
            updates: list[tuple[Any, ...]] = []
            for number, group in itertools.groupby(rows, key=lambda row: row[0]):
                listed = list(group)
                known = {(row[1], row[2]): row[-4:] for row in listed}
                key, title = self._resources.known(number)
                for each in chained([placed_from(row, key, title) for row in listed]):
                    follows = _follows(each)
                    if known[each.event, each.position] != follows:
                        updates.append((*follows, each.event, each.position))
            for begin in range(0, len(updates), _WRITTEN):
                with self._transaction():
                    self._connection.executemany(
                        "UPDATE change SET before = ?, before_basis = ?, before_event = ?, caveats = ?"
                        " WHERE event_id = ? AND position = ?",
                        updates[begin : begin + _WRITTEN],
                    )
            changed += len(updates)
        return changed


def _chunks(found: Iterable[Found], size: int) -> Iterator[list[Found]]:
    chunk: list[Found] = []
    held = 0
    for each in found:
        chunk.append(each)
        held += len(each.statements)
        if held >= size:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _row(
    event: int, position: int, time: int | None, outcome: str, number: str, each: Statement
) -> tuple[Any, ...]:
    """Return the row of a statement with what follows from it alone."""
    logged = each.before is not None or each.operation is Operation.CREATE
    return (
        event, position, number, each.field, each.operation.value, each.shape.value, outcome, time, each.before, each.after,
        int(each.empty), each.remark, None, (Basis.LOGGED if logged else Basis.UNKNOWN).value, None, each.remark,
    )  # fmt: skip


def _follows(change: Change) -> tuple[Any, ...]:
    """Return the columns of a change that follow from other records; what its own record states is not repeated."""
    own = change.before_basis is Basis.LOGGED
    return (
        None if own else change.before,
        change.before_basis.value,
        change.before_event,
        "\n".join(change.caveats) or None,
    )


class _Looker:
    """Finds the records that may state changes and reads them again."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._contents = ContentStore(connection)

        def rows(sql: str) -> Iterator[tuple[Any, ...]]:
            yield from connection.execute(sql)

        self._acts = {
            row[0]: Act(row[1], row[2], Verb(row[3]), row[4], bool(row[5]), row[6])
            for row in rows("SELECT id, service, action, verb, verb_rule, tampers_logging, category FROM act")
        }
        self._places = {
            row[0]: Place(*row[1:]) for row in rows("SELECT id, account, region, tenant FROM place")
        }
        self._outcomes: dict[int, str] = dict(rows("SELECT id, status FROM outcome"))
        self._sources: dict[int, str] = dict(rows("SELECT id, source FROM reading"))
        self._coded: dict[int, tuple[str, str | None]] = {
            row[0]: (row[1], row[2])
            for row in rows("SELECT evidence_id, encoding, columns FROM content_account")
        }
        self._resource_sets: dict[int, tuple[Resource, ...]] = {}
        cloudtrail = {number for number, source in self._sources.items() if source == _CLOUDTRAIL}
        self._cloudtrail = cloudtrail
        self._of_aws = [number for number, act in self._acts.items() if aws.looked_into(act)]
        sources = {source for source in self._sources.values() if source != _CLOUDTRAIL}
        self._of_others = [
            number
            for number, act in self._acts.items()
            if any(stated.makes_or_ends(source, act) for source in sources)
        ]

    def spans(self, after: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches of row numbers that can hold such records, above ``after``, up to ``last``."""
        wanted = sorted({*self._of_aws, *self._of_others})
        zones = zones_holding(self._connection, "act_id", wanted) if wanted else frozenset()
        held = {
            zone
            for (zone,) in self._connection.execute(
                "SELECT DISTINCT z.id FROM zone z WHERE EXISTS (SELECT 1 FROM particulars p WHERE p.event_id BETWEEN"
                " z.first_event AND z.last_event AND p.changes IS NOT NULL)"
            )
        }
        for span in sorted(zone_spans(self._connection, zones | held), key=lambda each: each.first_event):
            for low in range(max(span.first_event, after + 1), min(span.last_event, last) + 1, _READ):
                yield low, min(low + _READ - 1, span.last_event, last)

    def statements(self, low: int, high: int) -> Iterator[Found]:
        """Yield what the records of a stretch of events state, with the event, its time and outcome."""
        of_aws = ", ".join(map(str, self._of_aws)) or "NULL"
        of_others = ", ".join(map(str, self._of_others)) or "NULL"
        readings = ", ".join(map(str, self._cloudtrail)) or "NULL"
        rows = self._connection.execute(
            "SELECT e.id, e.evidence_id, e.start, e.length, e.part, e.time, e.act_id, e.outcome_id, e.place_id,"
            " e.resource_set_id, e.reading_id, p.changes FROM event e LEFT JOIN particulars p ON p.event_id = e.id"
            " AND p.changes IS NOT NULL JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id"
            f" WHERE e.id BETWEEN ? AND ? AND e.disposition < 2 AND f.state = 'complete' AND (p.changes IS NOT NULL"
            f" OR (e.act_id IN ({of_aws}) AND e.reading_id IN ({readings}))"
            f" OR (e.act_id IN ({of_others}) AND e.reading_id NOT IN ({readings}))) ORDER BY e.evidence_id, e.start, e.part",
            (low, high),
        ).fetchall()
        self._load_resources({row[9] for row in rows} - {None})
        for (
            event,
            evidence,
            start,
            length,
            part,
            time,
            act,
            outcome,
            place,
            resources,
            reading,
            changes,
        ) in rows:
            known = self._resource_sets.get(resources, ())
            if reading in self._cloudtrail:
                found = self._of_cloudtrail(evidence, start, length, part, act, place, known)
            else:
                found = stated.statements_of(
                    self._sources[reading],
                    self._acts[act],
                    known,
                    self._places[place],
                    _STATED.decode(changes) if changes else (),
                )
            if found:
                yield Found(event, 0, time, self._outcomes[outcome], found)

    def _of_cloudtrail(
        self,
        evidence: int,
        start: int,
        length: int,
        part: int,
        act: int,
        place: int,
        resources: Sequence[Resource],
    ) -> list[Statement]:
        data = self._contents.read(evidence, start, length)
        encoding, columns = self._coded[evidence]
        document = _plain_record(data) if columns is None and part == 0 else None
        if document is None:
            document = document_of_record(data, encoding=encoding, csv=columns, part=part, source=_CLOUDTRAIL)
        if document is None:
            return []
        return aws.statements_of(document, self._acts[act], resources, self._places[place])

    def _load_resources(self, sets: set[int]) -> None:
        missing = sets - self._resource_sets.keys()
        if not missing:
            return
        members = {
            number: [int(each) for each in listed.split()]
            for number, listed in self._connection.execute(
                "SELECT s.id, s.members FROM json_each(?) k CROSS JOIN resource_set s ON s.id = k.value",
                (json.dumps(sorted(missing)),),
            )
        }
        known = {
            row[0]: Resource(row[1], row[2], ResourceRole(row[3]), row[4])
            for row in self._connection.execute(
                "SELECT r.id, r.type, r.name, r.role, r.account FROM json_each(?) k CROSS JOIN resource r ON r.id = k.value",
                (json.dumps(sorted({one for listed in members.values() for one in listed})),),
            )
        }
        if len(self._resource_sets) > 200_000:
            self._resource_sets.clear()
        for number, listed in members.items():
            self._resource_sets[number] = tuple(known[one] for one in listed)


class _Record(msgspec.Struct):
    """The parts of a native CloudTrail record that are read again."""

    eventSource: str  # noqa: N815
    requestParameters: dict[str, Any] | None = None  # noqa: N815
    responseElements: dict[str, Any] | None = None  # noqa: N815


_PLAIN = msgspec.json.Decoder(_Record)


def _plain_record(data: bytes) -> dict[str, Any] | None:
    """Return what a bare native record says, without decoding the rest of it; ``None`` if it is not plainly one."""
    try:
        record = _PLAIN.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return {"requestParameters": record.requestParameters, "responseElements": record.responseElements}
