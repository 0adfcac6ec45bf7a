"""Keeping the derived layer: what the look at every event found, and the sessions and links that follow.

Only what differs is written, in transactions small enough that readers are never kept waiting. Between the first and the last
of them the layer is marked as unfinished; what was killed in between is rebuilt from nothing.
"""

from __future__ import annotations

import json
import operator
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from workbench.casefile.coverage.counts import CoverageCounts
from workbench.casefile.coverage.facts import CoverageFacts
from workbench.casefile.coverage.rows import COVERAGE_TABLES, coverage_tables, gap_event_rows, gap_rows
from workbench.casefile.derived.ahead import shown_ahead
from workbench.casefile.derived.facts import FactsReader, Progress
from workbench.casefile.derived.state import (
    DERIVED_VERSION,
    DerivedState,
    digests_held,
    last_event,
    read_state,
    shown_events,
)
from workbench.casefile.parameters import insert_narrow
from workbench.casefile.second_process import SecondProcess
from workbench.coverage.facts import Facts as CoverageInput
from workbench.model.digest import Validation
from workbench.model.gap import Gap
from workbench.model.session import KnownCredential, KnownIdentity, Link, Match, Session, Skew
from workbench.sessions.derive import Derived
from workbench.sessions.facts import Facts

_BATCH = 20_000
"""Rows of one transaction: well under 250 ms."""

_NARROW = 5 * _BATCH
"""Narrow rows of one transaction: they are written in a fifth of the time."""

_LARGE = 100_000
"""Events to look at from which on a second process is worth its start."""

_TABLES = (
    "trail_run", "trail_session", "session_opener", "notable", "forwarded_call", "link_event", "link", "session",
    "known_identity", "identity_match", "known_credential", "trail", *COVERAGE_TABLES, "derived_state",
)  # fmt: skip


_COMPARED = ("session", "link", "known_identity", "identity_match", "known_credential", "gap")
"""Tables of which it is said what changed."""


class Changed(NamedTuple):
    """How many of a kind of thing are new, changed and gone."""

    new: int
    changed: int
    gone: int
    total: int


Transaction = Callable[[], Any]
"""Makes a context manager around one transaction of the writer."""


class DerivedWriter:
    """Writes the derived layer of one case."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        self._connection = connection
        self._transaction = transaction
        self._stood: dict[str, dict[str, int]] = {}

    def begin(self, *, anew: bool) -> None:
        """Mark the layer as unfinished; throw it away first if it is to be made anew."""
        if anew:
            # What is made anew is compared with what stood before: that it is made anew changes nothing by itself.
            self._stood = {
                table: {number: hash(body) for number, body in self._bodies(table)} for table in _COMPARED
            }
            for table in _TABLES:
                with self._transaction():
                    self._connection.execute(f"DELETE FROM {table}")
        with self._transaction():
            state = read_state(self._connection) or DerivedState(DERIVED_VERSION, 0, (0, 0), False)
            self._keep_state(msgspec.structs.replace(state, complete=False))

    def keep_facts(self, facts: FactsReader) -> None:
        """Keep what the look at every event found."""
        self._insert("trail", [(n, *parts) for n, parts in facts.new_trails])
        touched = sorted(facts.touched)
        # One look through the table for many trails: it is not sorted by them.
        for start in range(0, len(touched), _BATCH):
            numbers = json.dumps(touched[start : start + _BATCH])
            with self._transaction():
                self._connection.execute(
                    "DELETE FROM trail_run WHERE trail_id IN (SELECT value FROM json_each(?))", (numbers,)
                )
        self._insert(
            "trail_run",
            [
                (
                    number,
                    run.first,
                    run.last,
                    run.events,
                    run.first_event,
                    run.last_event,
                    _COUNTS.encode(run.verbs).decode(),
                )
                for number in touched
                for run in facts.runs[number]
            ],
        )
        known = {row[0] for row in self._connection.execute("SELECT event_id FROM notable")}
        self._insert("notable", [row for row in facts.notables.items() if row[0] not in known])

    def keep(self, facts: FactsReader, derived: Derived) -> dict[str, Changed]:
        """Keep what follows from the facts; return what that changed."""
        changed = {
            "sessions": self._keep("session", _session_rows(derived.sessions)),
            "links": self._keep("link", _link_rows(derived.links, derived.homes)),
            "identities": self._keep("known_identity", _identity_rows(derived.identities)),
            "matches": self._keep("identity_match", _match_rows(derived.matches)),
            "credentials": self._keep("known_credential", _credential_rows(derived.credentials)),
        }
        self._replace(
            "link_event",
            {(event, link.id) for link in derived.links for event in _cited(link) if event is not None},
        )
        self._replace("trail_session", set(derived.memberships))
        self._replace("session_opener", set(derived.openers))
        homes = {each.event: each.session for each in derived.folds}
        self._replace(
            "forwarded_call",
            {
                (event, each.call.trail, each.call.time, _body(each.causes), homes.get(event))
                for event, each in facts.forwarded.items()
            },
        )
        return changed

    def keep_coverage(self, facts: CoverageFacts, counts: CoverageCounts, validation: Validation) -> None:
        """Keep what each part of each log holds, and what its records and digests say about it."""
        for table, rows in coverage_tables(facts, counts, validation).items():
            self._replace(table, set(rows))

    def keep_gaps(self, gaps: Sequence[Gap]) -> Changed:
        """Keep gaps; return what that changed."""
        changed = self._keep("gap", gap_rows(gaps))
        self._replace("gap_event", set(gap_event_rows(gaps)))
        return changed

    def finish(self, through: int, shown: tuple[int, int], skews: Sequence[Skew]) -> None:
        """Mark the layer as whole, of the events up to a row number; ``shown``: from :func:`shown_events`."""
        state = DerivedState(DERIVED_VERSION, through, shown, True, digests_held(self._connection))
        with self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO derived_state VALUES ('skews', ?)",
                (msgspec.json.encode(skews).decode(),),
            )
            self._keep_state(state)

    def _keep_state(self, state: DerivedState) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO derived_state VALUES ('state', ?)", (msgspec.json.encode(state).decode(),)
        )

    def _keep(self, table: str, rows: Iterable[tuple[Any, ...]]) -> Changed:
        """Make a table hold these rows, by their first column, writing only what differs by the last, their body."""
        before = dict(self._bodies(table))
        after = {row[0]: row for row in rows}
        gone = [(number,) for number in before.keys() - after.keys()]
        new = [row for number, row in after.items() if number not in before]
        changed = [row for number, row in after.items() if number in before and before[number] != row[-1]]
        self._many(f"DELETE FROM {table} WHERE id = ?", gone)
        # In the order of the key, which is that of the table: each page is written once.
        written = sorted([*new, *changed], key=operator.itemgetter(0))
        marks = ", ".join("?" * len(written[0])) if written else ""
        self._many(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", written)
        stood = self._stood.pop(table, None)
        if stood is None:
            return Changed(len(new), len(changed), len(gone), len(after))
        both = stood.keys() & after.keys()
        other = sum(stood[number] != hash(after[number][-1]) for number in both)
        return Changed(len(after) - len(both), other, len(stood) - len(both), len(after))

    def _bodies(self, table: str) -> Iterable[tuple[str, str]]:
        """Return the id and the body of each row."""
        return self._connection.execute(f"SELECT id, body FROM {table}")

    def _replace(self, table: str, rows: set[tuple[Any, ...]]) -> None:
        """Make a table hold these rows, writing only what differs."""
        before = set(self._connection.execute(f"SELECT * FROM {table}").fetchall())
        new = rows - before if before else rows
        columns = [row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")]
        where = " AND ".join(f'"{column}" IS ?' for column in columns)
        self._many(f"DELETE FROM {table} WHERE {where}", list(before - rows))
        self._insert(table, sorted(new, key=operator.itemgetter(0)))

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write narrow rows."""
        for start in range(0, len(rows), _NARROW):
            with self._transaction():
                insert_narrow(self._connection, f"INSERT INTO {table}", rows[start : start + _NARROW])

    def _many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        for start in range(0, len(rows), _BATCH):
            with self._transaction():
                self._connection.executemany(sql, rows[start : start + _BATCH])


_BODY = msgspec.json.Encoder()
_COUNTS = msgspec.json.Encoder(order="deterministic")


def _body(value: object) -> str:
    return _BODY.encode(value).decode()


def _session_rows(sessions: Iterable[Session]) -> Iterable[tuple[Any, ...]]:
    for one in sessions:
        yield (
            one.id,
            one.parent,
            one.start,
            one.end,
            one.events,
            one.kind.kind.value,
            one.strength.value,
            one.identity.canonical if one.identity else None,
            one.identity.name if one.identity else None,
            one.method,
            one.anchor.native_id if one.anchor else None,
            _body(one),
        )


def _cited(link: Link) -> tuple[int | None, ...]:
    """Return the events that a link cites or ends in; ``None`` stands for ends that are none."""
    return (*link.evidence, link.source.event, link.target.event, *[each.event for each in link.rivals])


def _link_rows(links: Iterable[Link], nodes: Mapping[int, str]) -> Iterable[tuple[Any, ...]]:
    for one in links:
        yield (
            one.id,
            one.rule,
            one.relation.value,
            one.strength.value,
            one.source.kind.value,
            nodes.get(one.source.event or 0, one.source.id),
            one.target.kind.value,
            nodes.get(one.target.event or 0, one.target.id),
            _body(one),
        )


def _identity_rows(identities: Iterable[KnownIdentity]) -> Iterable[tuple[Any, ...]]:
    for one in identities:
        yield one.id, one.canonical, one.kind.value, one.events, _body(one)


def _match_rows(matches: Iterable[Match]) -> Iterable[tuple[Any, ...]]:
    for one in matches:
        yield one.id, one.one, one.other, one.score, _body(one)


def _credential_rows(credentials: Iterable[KnownCredential]) -> Iterable[tuple[Any, ...]]:
    for one in credentials:
        yield one.id, one.type, one.native_id, one.events, _body(one)


class DerivedPass:
    """One pass over a case: look, derive, keep."""

    def __init__(self, connection: sqlite3.Connection, transaction: Transaction, *, anew: bool) -> None:
        self._connection = connection
        self._writer = DerivedWriter(connection, transaction)
        self._state = read_state(connection)
        self._last = last_event(connection)
        self.anew = anew or not self._can_go_on()
        self.looked_at = 0

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        return (
            self.anew
            or self._state is None
            or self._state.through != self._last
            or self._state.digests != digests_held(self._connection)
        )

    def _can_go_on(self) -> bool:
        """Whether what is there holds, so that only new events are to be looked at."""
        state = self._state
        return (
            state is not None
            and state.complete
            and state.version == DERIVED_VERSION
            and state.through <= self._last
            and shown_events(self._connection, state.through) == state.shown
        )

    @property
    def large(self) -> bool:
        """Whether so much is to be looked at that a second process is worth its start."""
        return self._last - self._after >= _LARGE

    @property
    def _after(self) -> int:
        """The last event that need not be looked at again."""
        return 0 if self.anew or self._state is None else self._state.through

    def look(self, progress: Callable[[Progress], None], second: SecondProcess | None = None) -> Facts:
        """Look at the events that are new, or at all; return the facts of the whole case.

        Args:
            progress: Told how far it has come; may raise to give up.
            second: Does a part of it; to be kept until :meth:`keep` has returned.
        """
        self._writer.begin(anew=self.anew)
        self._reader = FactsReader(self._connection, progress)
        after = self._after
        if after:
            self._reader.load()
        self._reader.look(after, second)
        self.looked_at = self._reader.looked_at
        self._coverage = CoverageFacts(self._connection, self._reader.acts, self._reader.counts)
        if after:
            self._coverage.load()
        # Asked before links are made: what digests show to be altered proves nothing.
        facts = self._reader.facts(altered=self._coverage.altered(), second=second)
        self._coverage.look(after, second)
        self._shown = shown_ahead(self._connection, second, self._last)
        return facts

    def look_at_coverage(self, facts: Facts, derived: Derived) -> CoverageInput:
        """Return what gaps are found from, once sessions and links are known."""
        self._coverage.collect()
        self._covered = self._coverage.facts(facts.trails, derived.sessions, derived.links, derived.skews)
        return self._covered

    def keep(self, derived: Derived, gaps: Sequence[Gap]) -> dict[str, Changed]:
        """Keep what was derived; return what that changed."""
        self._writer.keep_facts(self._reader)
        changed = self._writer.keep(self._reader, derived)
        self._writer.keep_coverage(self._coverage, self._reader.counts, self._covered.validation)
        changed["gaps"] = self._writer.keep_gaps(gaps)
        self._writer.finish(self._last, self._shown(), derived.skews)
        return changed
