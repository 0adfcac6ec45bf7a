"""What events did, counted by action, resource, address, agent and hour: of a session, and of what came before it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from workbench.changes.baseline import ATTEMPTED, Habit, Occurrence
from workbench.clock import DAY, SECOND

_READ = 50_000
_HOUR = 3_600 * SECOND
_COLUMNS = (
    "e.id, e.time, e.act_id, e.resource_set_id, e.address_id, e.user_agent_id, e.identity_id, e.reading_id,"
    " e.outcome_id IN (SELECT id FROM outcome WHERE status IN ('denied', 'failed', 'not_found'))"
)


class HabitReader:
    """Counts what events did, through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of_events(self, events: Sequence[int]) -> Habit:
        """Return what some events did."""
        counter = _Counter()
        for start in range(0, len(events), _READ):
            counter.take(
                self._connection.execute(
                    f"SELECT {_COLUMNS} FROM json_each(?) k CROSS JOIN event e ON e.id = k.value WHERE e.time IS NOT NULL",
                    (json.dumps(list(events[start : start + _READ])),),
                ).fetchall()
            )
        return self._named(counter)

    def before(
        self,
        until: int,
        *,
        who: Callable[[str, str], bool] | None,
        sources: Sequence[str],
        tick: Callable[[int, int], None] = lambda done, total: None,
    ) -> tuple[Habit, dict[int, tuple[int, int]]]:
        """Return what was done before an instant, and by day the times of the first and last records of some sources.

        Args:
            until: Microseconds UTC.
            who: Whether an identity, by its canonical name and the name people use, is among those whose acts count;
                ``None``: everybody's do.
            sources: The sources whose days are looked at.
            tick: Told how far the reading has come; may raise to give up.
        """
        connection = self._connection
        known = connection.execute("SELECT id, canonical, name FROM identity").fetchall()
        counted = {number for number, canonical, name in known if who is not None and who(canonical, name)}
        wanted = set(sources)
        readings = {
            row[0] for row in connection.execute("SELECT id, source FROM reading") if row[1] in wanted
        }
        (last,) = connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        counter, days = _Counter(), dict[int, tuple[int, int]]()
        for low in range(1, last + 1, _READ):
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM event e WHERE e.id BETWEEN ? AND ? AND e.time < ? AND e.disposition < 2",
                (low, low + _READ - 1, until),
            ).fetchall()
            for time in (row[1] for row in rows if row[7] in readings):
                first, latest = days.get(time // DAY, (time, time))
                days[time // DAY] = (min(first, time), max(latest, time))
            counter.take(rows if who is None else [row for row in rows if row[6] in counted])
            tick(min(low + _READ - 1, last), last)
        return self._named(counter), days

    def _named(self, counter: _Counter) -> Habit:
        acts = "SELECT id, service || ' ' || action FROM act"
        found: Habit = {
            "action": self._values(counter.acts, acts),
            f"{ATTEMPTED}action": self._values(counter.tried_acts, acts),
            "address": self._values(counter.addresses, "SELECT id, raw FROM address"),
            "agent": self._values(counter.agents, "SELECT id, ifnull(client, raw) FROM user_agent"),
            "hour": {f"{hour:02d}:00": one for hour, one in counter.hours.items()},
        }
        names = dict(self._connection.execute("SELECT id, name FROM resource").fetchall())
        found["resource"] = self._resources(counter.resources, names)
        found[f"{ATTEMPTED}resource"] = self._resources(counter.tried_resources, names)
        return found

    def _resources(self, counted: dict[int, Occurrence], names: dict[int, str]) -> dict[str, Occurrence]:
        resources: dict[str, Occurrence] = {}
        listed = json.dumps(list(counted))
        for number, members in self._connection.execute(
            "SELECT s.id, s.members FROM json_each(?) k CROSS JOIN resource_set s ON s.id = k.value",
            (listed,),
        ):
            for name in dict.fromkeys(names[int(each)] for each in members.split()):
                resources[name] = _joined(resources.get(name), counted[number])
        return resources

    def _values(self, counted: dict[int, Occurrence], sql: str) -> dict[str, Occurrence]:
        found: dict[str, Occurrence] = {}
        for number, text in self._connection.execute(sql):
            if number in counted:
                found[text] = _joined(found.get(text), counted[number])
        return found


def _joined(one: Occurrence | None, other: Occurrence) -> Occurrence:
    if one is None:
        return other
    return Occurrence(one.events + other.events, min(one.first, other.first), max(one.last, other.last))


class _Counter:
    """Counts numbers of rows; what they stand for is looked up once at the end."""

    def __init__(self) -> None:
        self.acts: dict[int, Occurrence] = {}
        self.resources: dict[int, Occurrence] = {}
        self.tried_acts: dict[int, Occurrence] = {}
        self.tried_resources: dict[int, Occurrence] = {}
        self.addresses: dict[int, Occurrence] = {}
        self.agents: dict[int, Occurrence] = {}
        self.hours: dict[int, Occurrence] = {}

    def take(self, rows: Iterable[tuple[Any, ...]]) -> None:
        for values, pairs in self._columns(list(rows)):
            for number, time in pairs:
                if number is None:
                    continue
                known = values.get(number)
                values[number] = (
                    Occurrence(1, time, time)
                    if known is None
                    else Occurrence(known[0] + 1, min(known[1], time), max(known[2], time))
                )

    def _columns(
        self, rows: list[tuple[Any, ...]]
    ) -> Iterator[tuple[dict[int, Occurrence], Iterator[tuple[int | None, int]]]]:
        yield self.acts, ((row[2], row[1]) for row in rows if not row[8])
        yield self.resources, ((row[3], row[1]) for row in rows if not row[8])
        yield self.tried_acts, ((row[2], row[1]) for row in rows if row[8])
        yield self.tried_resources, ((row[3], row[1]) for row in rows if row[8])
        yield self.addresses, ((row[4], row[1]) for row in rows)
        yield self.agents, ((row[5], row[1]) for row in rows)
        yield self.hours, ((row[1] % DAY // _HOUR, row[1]) for row in rows)
