"""The resources that events name, whether anything changed them or not, and the events that name them.

Which resource a name stands for depends on where and by which log it was written, so it is told from the event. Reads are
short: what looks at many events goes through them by row number.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from workbench.casefile.events.resource_sets import ResourceSets
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.changes.keys import resource_key
from workbench.model.change import ResourceKey
from workbench.model.event import Act, Place, Resource, ResourceRole, Verb

_READ = 20_000
"""Events of one read."""

_MOST = 400_000
"""Sets of resources that are kept in memory."""


class Use(NamedTuple):
    """An event that names something, by the numbers that stand for its values.

    Attributes:
        event: Its row number.
        time: Microseconds UTC.
        act: What was done.
        identity: Who did it.
        outcome: How it ended.
        resources: The set of resources that it names.
        place: Where it was recorded.
        reading: As what it was read.
        coarse: Whether its source writes whole seconds.
    """

    event: int
    time: int | None
    act: int
    identity: int | None
    outcome: int
    resources: int
    place: int
    reading: int
    coarse: int


class Named(NamedTuple):
    """A resource as events name it.

    Attributes:
        key: What makes records speak of it.
        title: The fullest name it is given.
    """

    key: ResourceKey
    title: str


class NamedResources:
    """Reads the resources of events through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sets = ResourceSets(connection, _MOST)
        self._places: dict[int, Place] = {}
        self._sources: dict[int, str] = {}
        self._acts: dict[int, Act] = {}

    def count(self) -> int:
        """Return how many names of resources there are."""
        return int(self._connection.execute("SELECT count(DISTINCT name) FROM resource").fetchone()[0])

    def names(self) -> list[str]:
        """Return all names of resources."""
        return [row[0] for row in self._connection.execute("SELECT DISTINCT name FROM resource")]

    def with_words(self, words: Sequence[str], most: int) -> list[int]:
        """Return the numbers of entries that hold all of some words in name, kind or account, regardless of case."""
        # SQLite folds the letters of ASCII alone.
        fold = "lower" if all(word.isascii() for word in words) else "folded"
        self._connection.create_function("folded", 1, str.casefold, deterministic=True)
        text = f"{fold}(name || char(10) || ifnull(type, '') || char(10) || ifnull(account, ''))"
        where = " AND ".join([f"instr({text}, ?) > 0"] * len(words)) or "1"
        rows = self._connection.execute(
            f"SELECT id FROM resource WHERE {where} ORDER BY length(name), name LIMIT ?", (*words, most)
        )
        return [row[0] for row in rows]

    def called(self, names: Iterable[str]) -> list[int]:
        """Return the numbers of entries that have one of these names."""
        rows = self._connection.execute(
            "SELECT r.id FROM json_each(?) k CROSS JOIN resource r ON r.name = k.value COLLATE NOCASE",
            (json.dumps(list(names)),),
        )
        return [row[0] for row in rows]

    def told(self, numbers: Sequence[int]) -> list[Named]:
        """Return the resources that entries stand for, wherever events name them."""
        sets = {
            row[0]
            for row in self._connection.execute(
                "SELECT m.set_id FROM json_each(?) k CROSS JOIN resource_set_member m ON m.resource_id = k.value",
                (json.dumps(list(numbers)),),
            )
        }
        listed = sorted(sets)
        zones = zones_holding(self._connection, "resource_set_id", listed) if listed else frozenset()
        wanted = {self._resource(number) for number in numbers}
        found: dict[ResourceKey, str] = {}
        seen: set[tuple[int, int, int]] = set()
        for span in zone_spans(self._connection, zones):
            rows = self._connection.execute(
                "SELECT DISTINCT e.resource_set_id, e.place_id, e.reading_id FROM event e WHERE e.id BETWEEN ? AND ?"
                " AND e.disposition < 2 AND e.resource_set_id IN (SELECT value FROM json_each(?))",
                (span.first_event, span.last_event, json.dumps(listed)),
            ).fetchall()
            self._gather((row for row in rows if row not in seen), found, wanted)
            seen.update(rows)
        return [Named(key, title) for key, title in found.items()]

    def all(self, tick: Callable[[int, int], None] = lambda done, total: None) -> list[Named]:
        """Return every resource that events name; looks at every event.

        Args:
            tick: Told how far it has come; may raise to give up.
        """
        (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        found: dict[ResourceKey, str] = {}
        seen: set[tuple[int, int, int]] = set()
        for low in range(1, last + 1, _READ):
            rows = self._connection.execute(
                "SELECT DISTINCT e.resource_set_id, e.place_id, e.reading_id FROM event e WHERE e.id BETWEEN ? AND ?"
                " AND e.disposition < 2 AND e.resource_set_id IS NOT NULL",
                (low, low + _READ - 1),
            ).fetchall()
            new = [row for row in rows if row not in seen]
            seen.update(new)
            self._gather(new, found, None)
            tick(min(low + _READ - 1, last), last)
        return [Named(key, title) for key, title in found.items()]

    def uses(self, events: Sequence[int]) -> Iterator[Use]:
        """Yield events by their numbers; those that name no resource are left out."""
        for start in range(0, len(events), _READ):
            rows = self._connection.execute(
                "SELECT e.id, e.time, e.act_id, e.identity_id, e.outcome_id, e.resource_set_id, e.place_id, e.reading_id,"
                """ ifnull(n."precision" = 's', 0) FROM json_each(?) k CROSS JOIN event e ON e.id = k.value"""
                " LEFT JOIN time_note n ON n.id = e.time_note_id WHERE e.resource_set_id IS NOT NULL",
                (json.dumps(list(events[start : start + _READ])),),
            ).fetchall()
            self._sets.load({row[5] for row in rows})
            yield from map(Use._make, rows)

    def keys(self, resources: int, place: int, reading: int) -> Iterator[tuple[ResourceKey, Resource]]:
        """Yield what the resources of a set stand for where they were recorded."""
        self._sets.load({resources})
        where, source = self._place(place), self.source(reading)
        for each in self._sets[resources]:
            yield resource_key(source, each, where), each

    def _gather(
        self,
        rows: Iterable[tuple[int, int, int]],
        found: dict[ResourceKey, str],
        wanted: set[Resource] | None,
    ) -> None:
        listed = list(rows)
        self._sets.load({row[0] for row in listed})
        for row in listed:
            for key, each in self.keys(*row):
                if (wanted is None or each in wanted) and len(each.name) > len(found.get(key, "")):
                    found[key] = each.name

    def _resource(self, number: int) -> Resource:
        return _resource(
            self._connection.execute(
                "SELECT type, name, role, account FROM resource WHERE id = ?", (number,)
            ).fetchone()
        )

    def _place(self, number: int) -> Place:
        if number not in self._places:
            row = self._connection.execute(
                "SELECT account, region, tenant FROM place WHERE id = ?", (number,)
            ).fetchone()
            self._places[number] = Place(*row)
        return self._places[number]

    def act(self, number: int) -> Act:
        """Return the act of a number."""
        if number not in self._acts:
            service, action, verb, rule, tampers, category = self._connection.execute(
                "SELECT service, action, verb, verb_rule, tampers_logging, category FROM act WHERE id = ?",
                (number,),
            ).fetchone()
            self._acts[number] = Act(service, action, Verb(verb), rule, bool(tampers), category)
        return self._acts[number]

    def source(self, number: int) -> str:
        """Return the source of a reading."""
        if number not in self._sources:
            (source,) = self._connection.execute(
                "SELECT source FROM reading WHERE id = ?", (number,)
            ).fetchone()
            self._sources[number] = source
        return self._sources[number]


def _resource(row: tuple[Any, ...]) -> Resource:
    kind, name, role, account = row
    return Resource(kind, name, ResourceRole(role), account)
