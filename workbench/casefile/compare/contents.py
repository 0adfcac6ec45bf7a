"""The events of one content, and where its bytes and other records went, held against what reading it anew gives."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator
from typing import Any, NamedTuple

from workbench.casefile.compare.columns import BESIDE_EVENT, OF_CONTENT, OF_EVENT, Kind
from workbench.casefile.compare.numbers import Canonical, Side, columns_of
from workbench.casefile.compare.tables import Difference, HeldTable, row_text
from workbench.casefile.paging import in_pages

_READ = 2_000
"""Events of one read: some milliseconds."""


class Place(NamedTuple):
    """What stands at one place of a content; of a content that came more than once, all copies.

    Attributes:
        ref: Where in the content.
        stored: Row numbers of the events of the case.
        rebuilt: Row numbers of those made anew.
        difference: What differs; empty if nothing does.
    """

    ref: tuple[int, int]
    stored: list[int]
    rebuilt: list[int]
    difference: str


class _Found(NamedTuple):
    number: int
    row: tuple[Any, ...]
    same: tuple[Any, ...]


class Contents:
    """Compares contents, and gives every event and record its place, which is the same in both case files."""

    def __init__(self, stored: Side, rebuilt: Side) -> None:
        self._stored = stored
        self._rebuilt = rebuilt
        self._places = 0
        self._events = (_Events(stored), _Events(rebuilt))
        self._tables = [HeldTable(name, held, stored, rebuilt) for name, held in OF_CONTENT.items()]

    def account(self, stored: list[int], rebuilt: list[int]) -> Iterator[Difference]:
        """Yield how the accounting of a content differs.

        Args:
            stored: Its rows in the case.
            rebuilt: Its rows in what was made anew.
        """
        self._place_records(stored, rebuilt)
        within = "evidence_id IN (SELECT value FROM json_each(?))"
        for table in self._tables:
            yield from table.differences(within, ((json.dumps(stored),), (json.dumps(rebuilt),)))

    def _place_records(self, stored: list[int], rebuilt: list[int]) -> None:
        places: dict[tuple[int, int], int] = {}
        for side, ids in ((self._stored, stored), (self._rebuilt, rebuilt)):
            rows = side.connection.execute(
                "SELECT id, start, part FROM other_record WHERE evidence_id IN (SELECT value FROM json_each(?))",
                (json.dumps(ids),),
            ).fetchall()
            for number, start, part in rows:
                if (start, part) not in places:
                    self._places += 1
                    places[start, part] = self._places
                side.place_record(number, places[start, part])

    def events(self, stored: list[int], rebuilt: list[int]) -> Iterator[Place]:
        """Yield every place of a content at which there is an event, in order."""
        here, there = (
            events.by_place(ids) for events, ids in zip(self._events, (stored, rebuilt), strict=True)
        )
        mine, theirs = next(here, None), next(there, None)
        while mine is not None or theirs is not None:
            ref = min(each[0] for each in (mine, theirs) if each is not None)
            one = mine[1] if mine is not None and mine[0] == ref else []
            other = theirs[1] if theirs is not None and theirs[0] == ref else []
            self._places += 1
            for side, found in ((self._stored, one), (self._rebuilt, other)):
                for event in found:
                    side.place_event(event.number, self._places)
            yield Place(
                ref,
                [each.number for each in one],
                [each.number for each in other],
                self._difference(one, other),
            )
            if one:
                mine = next(here, None)
            if other:
                theirs = next(there, None)

    def _difference(self, one: list[_Found], other: list[_Found]) -> str:
        if len(one) == len(other) == 1:
            if one[0].same == other[0].same:
                return ""
        elif sorted((each.same for each in one), key=repr) == sorted((each.same for each in other), key=repr):
            return ""
        if not one:
            return "the evidence gives an event here that the case file does not hold"
        if not other:
            return "no record of the evidence gives this event"
        if len(one) != len(other):
            return f"there are {len(one)} events of this record, the evidence gives {len(other)}"
        for mine, theirs in zip(one, other, strict=True):
            if mine.same != theirs.same:
                return self._events[0].told(mine, theirs, self._events[1])
        return "differs"


class _Events:
    """Reads the events of one side with what only some of them say."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._columns = columns_of(side.connection, "event")
        self._converters = [
            (place, converter)
            for place, column in enumerate(self._columns)
            if (converter := self._converter(OF_EVENT.get(column))) is not None
        ]
        self._id = self._columns.index("id")
        self._start, self._part = self._columns.index("start"), self._columns.index("part")
        self._beside = {
            table: [self._converter(kinds.get(column)) for column in columns_of(side.connection, table)]
            for table, kinds in BESIDE_EVENT.items()
        }

    def _converter(self, kind: Kind | str | None) -> Canonical | None:
        if kind is None:
            return None
        return (lambda _: None) if kind is Kind.ROW else self._side.canonical(kind)

    def by_place(self, ids: list[int]) -> Iterator[tuple[tuple[int, int], list[_Found]]]:
        """Yield the events of contents by their place, those of one place together."""
        of_row = operator.itemgetter(self._start, self._part)
        place: tuple[int, int] | None = None
        group: list[_Found] = []
        for rows in in_pages(
            lambda last: self._page(ids, last), (-1, -1, -1), lambda row: (*of_row(row), row[self._id])
        ):
            more = self._more([row[self._id] for row in rows])
            for row in rows:
                if of_row(row) != place:
                    if place is not None:
                        yield place, group
                    place, group = of_row(row), []
                same = list(row)
                for column, converter in self._converters:
                    same[column] = converter(row[column])
                group.append(_Found(row[self._id], row, (*same, more.get(row[self._id]))))
        if place is not None:
            yield place, group

    def _page(self, ids: list[int], last: tuple[int, int, int]) -> list[tuple[Any, ...]]:
        # With one content, as there nearly always is, the index gives the rows in their order.
        chosen = "= ?" if len(ids) == 1 else "IN (SELECT value FROM json_each(?))"
        return self._side.connection.execute(
            f"SELECT * FROM event WHERE evidence_id {chosen} AND start >= ? AND (start, part, id) > (?, ?, ?)"
            " ORDER BY start, part, id LIMIT ?",
            (ids[0] if len(ids) == 1 else json.dumps(ids), last[0], *last, _READ),
        ).fetchall()

    def _more(self, events: list[int]) -> dict[int, list[tuple[Any, ...]]]:
        """Return what only some events say, by their row number."""
        found: dict[int, list[tuple[Any, ...]]] = {}
        listed = json.dumps(events)
        for table, converters in self._beside.items():
            for row in self._side.connection.execute(
                f"SELECT t.* FROM json_each(?) k CROSS JOIN {table} t ON t.event_id = k.value", (listed,)
            ):
                same = (
                    value if converter is None else converter(value)
                    for value, converter in zip(row, converters, strict=True)
                )
                found.setdefault(row[0], []).append((table, *same))
        for rows in found.values():
            rows.sort(key=repr)
        return found

    def told(self, mine: _Found, theirs: _Found, other: _Events) -> str:
        """Name the first column in which two events differ, with both values."""
        for place, column in enumerate(self._columns):
            if mine.same[place] != theirs.same[place]:
                one, their = self._text(column, mine.row[place]), other._text(column, theirs.row[place])
                return f"{column.removesuffix('_id')} is {one}, the evidence gives {their}"
        return "what it says of keys, devices, changes or what was withheld is not what the evidence gives"

    def _text(self, column: str, value: Any) -> str:
        kind = OF_EVENT.get(column)
        if isinstance(kind, str) and value is not None:
            return repr(row_text(self._side.connection, kind, value))
        return repr(value)
