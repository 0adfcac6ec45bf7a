"""Whole tables of a case held against those that were made anew: equal rows, whatever their numbers and their order."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.casefile.compare.columns import OF_CASE, Held, Kind
from workbench.casefile.compare.numbers import Side, columns_of, json_text, rows_of
from workbench.casefile.derived.values import PARTS
from workbench.evidence.secrets import masked_value

Row = tuple[Any, ...]


class Difference(NamedTuple):
    """What a row holds otherwise than the evidence gives it.

    Attributes:
        code: Code of the finding.
        where: The row, as people know it.
        what: What is there, and what the evidence gives.
    """

    code: str
    where: str
    what: str


class _Read(NamedTuple):
    """A row: as it stands, and as it is compared."""

    row: Row
    same: Row


class HeldTable:
    """Compares one table of two case files.

    Args:
        name: Of the table.
        held: How it is compared.
        stored: The case.
        rebuilt: What was made anew.
    """

    def __init__(self, name: str, held: Held, stored: Side, rebuilt: Side) -> None:
        self._name = name
        self._held = held
        self._sides = (stored, rebuilt)
        self._columns = columns_of(rebuilt.connection, name)

    def differences(
        self, where: str = "", values: tuple[Sequence[Any], Sequence[Any]] = ((), ())
    ) -> Iterator[Difference]:
        """Yield the differences.

        Args:
            where: Condition that chooses rows; all are compared without one.
            values: Its values, for the case and for what was made anew.
        """
        counts: Counter[int] = Counter()
        for side, chosen, step in zip(self._sides, values, (1, -1), strict=True):
            for read in self._rows(side, where, chosen):
                counts[hash(read.same)] += step
        wrong = {number for number, count in counts.items() if count}
        if wrong:
            yield from self._told(
                *(
                    [read for read in self._rows(side, where, chosen) if hash(read.same) in wrong]
                    for side, chosen in zip(self._sides, values, strict=True)
                )
            )

    def _rows(self, side: Side, where: str, values: Sequence[Any]) -> Iterator[_Read]:
        rows: Iterable[Row] = (
            side.connection.execute(f"SELECT * FROM {self._name} WHERE {where}", values)
            if where
            else rows_of(side.connection, self._name)
        )
        converted = [
            (place, converter)
            for place, column in enumerate(self._columns)
            if (converter := self._converter(side, column)) is not None
        ]
        left_out = [place for place, column in enumerate(self._columns) if self._kind(column) is Kind.ROW]
        for row in rows:
            same = list(row)
            for place, converter in converted:
                same[place] = converter(row[place])
            for place in left_out:
                same[place] = None
            yield _Read(row, tuple(same))

    def _kind(self, column: str) -> Kind | str | None:
        return self._held.columns.get(column)

    def _converter(self, side: Side, column: str) -> Callable[[Any], Any] | None:
        kind = self._kind(column)
        if kind is None or kind is Kind.ROW:
            return None
        if kind is Kind.EVENT_OF_TRAIL:
            return side.trail_of_event(PARTS, _part_kinds())
        if kind is Kind.JSON:
            change = _IN_JSON.get(self._name)

            def text(value: Any) -> Any:
                try:
                    found = json.loads(value)
                    return json_text(found if change is None else change(side, found))
                except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
                    return value  # no workbench wrote this: it is compared as it is

            return text
        return side.canonical(kind)

    def _told(self, mine: list[_Read], theirs: list[_Read]) -> Iterator[Difference]:
        """Pair the rows that people would take for the same one, and say how they differ."""
        key = [self._columns.index(column) for column in self._held.key]

        def by_key(reads: list[_Read]) -> dict[Row, list[_Read]]:
            found: dict[Row, list[_Read]] = {}
            for read in reads:
                found.setdefault(tuple(read.same[place] for place in key), []).append(read)
            return found

        one, other = by_key(mine), by_key(theirs)
        for name in sorted(one.keys() | other.keys(), key=repr):
            here, there = one.get(name, []), other.get(name, [])
            for number in range(max(len(here), len(there))):
                yield Difference(
                    self._held.code,
                    *self._difference(
                        here[number] if number < len(here) else None,
                        there[number] if number < len(there) else None,
                    ),
                )

    def _difference(self, mine: _Read | None, theirs: _Read | None) -> tuple[str, str]:
        stored, rebuilt = self._sides
        side, read = (stored, mine) if mine is not None else (rebuilt, theirs)
        assert read is not None
        named = (self._text(side, read, column) for column in self._held.key)
        where = " ".join([self._held.called, *(str(text) for text in named if text is not None)])
        if mine is None:
            return where, "the evidence gives it, the case file does not hold it"
        if theirs is None:
            return where, "the evidence gives no such thing"
        column = next(
            column for place, column in enumerate(self._columns) if mine.same[place] != theirs.same[place]
        )
        one, other = self._text(stored, mine, column), self._text(rebuilt, theirs, column)
        if self._kind(column) is Kind.JSON:
            column, one, other = _inside(column, one, other)
        if one == other:
            return where, f"{column} is not what the evidence gives"
        return where, f"{column} is {_short(one)}, the evidence gives {_short(other)}"

    def _text(self, side: Side, read: _Read, column: str) -> Any:
        """Return a value as people read it."""
        place = self._columns.index(column)
        value, kind = read.row[place], self._kind(column)
        if value is None:
            return None
        if kind is Kind.JSON:
            return read.same[place]
        if kind in (Kind.EVENT, Kind.EVENT_OF_TRAIL, Kind.RECORD):
            return place_text(side.connection, value)
        if isinstance(kind, str):
            return row_text(side.connection, kind, value)
        if kind is Kind.STREAM:
            return row_text(side.connection, "coverage_stream", value)
        if kind is Kind.TRAIL:
            return f"trail {value}"
        if self._name == "change" and isinstance(value, str):
            return masked_value(read.row[self._columns.index("field")], value)
        return value


def held_tables(stored: Side, rebuilt: Side, names: Iterable[str]) -> Iterator[tuple[str, HeldTable]]:
    """Yield the tables that follow from the case as a whole, ready to be compared; all events must have their places."""
    for side in (stored, rebuilt):
        side.number_trails(PARTS, _part_kinds())
        side.number_streams()
    for name in names:
        yield name, HeldTable(name, OF_CASE[name], stored, rebuilt)


def _part_kinds() -> tuple[str, ...]:
    return tuple(str(OF_CASE["trail"].columns[part]) for part in PARTS)


# Row numbers inside JSON texts


def _of_session(side: Side, body: Any) -> Any:
    return {**body, "opened_by": side.event(body["opened_by"])}


def _of_link(side: Side, body: Any) -> Any:
    def end(one: Sequence[Any]) -> list[Any]:
        return [*one[:2], *(side.event(number) for number in one[2:])]

    ends = {"source": end(body["source"]), "target": end(body["target"])}
    rivals = [end(one) for one in body["rivals"]]
    return {**body, **ends, "rivals": rivals, "evidence": [side.event(number) for number in body["evidence"]]}


def _of_credential(side: Side, body: Any) -> Any:
    return {**body, **{name: side.event(body[name]) for name in ("issued_by", "opened_by", "revoked_by")}}


def _of_gap(side: Side, body: Any) -> Any:
    return {**body, "evidence": sorted(map(side.event, body["evidence"]), key=repr)}


def _of_forwarded(side: Side, causes: Any) -> Any:
    trail = side.canonical(Kind.TRAIL)
    return sorted(([side.event(event), trail(own), time] for event, own, time in causes), key=repr)


def _of_mark(side: Side, body: Any) -> Any:
    key, total = body["key"], body["total"]
    cited = [[time, order, side.event(event)] for time, order, event in total["cited"]]
    return {"key": {**key, "act": side.canonical("act")(key["act"])}, "total": {**total, "cited": cited}}


def _of_note(side: Side, body: Any) -> Any:
    return {**body, "act": side.canonical("act")(body["act"])}


def _of_validation(_: Side, body: Any) -> Any:
    return {name: sorted(each, key=json_text) for name, each in body.items()}


def _of_state(side: Side, value: Any) -> Any:
    """Return what logs say of each other's clocks; how far things were derived is compared with the case itself."""
    if isinstance(value, dict):
        return None
    skews = [{**each, "evidence": [side.event(number) for number in each["evidence"]]} for each in value]
    return sorted(skews, key=json_text)


_IN_JSON: Mapping[str, Callable[[Side, Any], Any]] = {
    "session": _of_session,
    "link": _of_link,
    "known_credential": _of_credential,
    "gap": _of_gap,
    "forwarded_call": _of_forwarded,
    "coverage_mark": _of_mark,
    "coverage_note": _of_note,
    "coverage_validation": _of_validation,
    "derived_state": _of_state,
}


# What people read


def place_text(connection: sqlite3.Connection, number: int) -> str:
    """Return the place of an event's record, or of a record that is no event (a negative number)."""
    table = "event" if number >= 0 else "other_record"
    row = connection.execute(
        f"SELECT v.content_sha256 || ':' || e.start || iif(e.part, '#' || e.part, '') FROM {table} e"
        " JOIN evidence v ON v.id = e.evidence_id WHERE e.id = ?",
        (abs(number),),
    ).fetchone()
    return f"row {number}, which is not there" if row is None or row[0] is None else str(row[0])


def row_text(connection: sqlite3.Connection, table: str, number: int) -> str:
    """Return the values of a row of a small table."""
    row = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (number,)).fetchone()
    if row is None:
        return f"row {number} of {table}, which is not there"
    return " ".join(str(value) for value in row[1:] if value is not None)


def _inside(column: str, one: Any, other: Any) -> tuple[str, Any, Any]:
    """Return the first member in which two JSON texts differ, with its values."""
    try:
        mine, theirs = json.loads(one), json.loads(other)
        name = next(
            each for each in sorted(mine.keys() | theirs.keys()) if mine.get(each) != theirs.get(each)
        )
    except (ValueError, TypeError, AttributeError, StopIteration):
        return column, one, other
    return name, mine.get(name), theirs.get(name)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else f"{text[:77]}…"
