"""The facts of a case: what the look at its events found, with the values behind the numbers.

What was found stays in the case file, so that after an addition only the new events are read.
"""

from __future__ import annotations

import bisect
import functools
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.casefile.coverage.counts import CoverageCounts
from workbench.casefile.derived.ahead import made_ahead
from workbench.casefile.derived.callers import (
    Open,
    OpenCall,
    asked_of,
    find_causes,
    find_elsewhere,
    found_of,
    spans_of,
)
from workbench.casefile.derived.copies import copies
from workbench.casefile.derived.stretch import Stretch, look_at, look_elsewhere, stretch_of
from workbench.casefile.derived.uses import accepted_in, switched
from workbench.casefile.derived.values import OF_EVENT, PARTS, Parts, Values
from workbench.casefile.derived.versions import versions
from workbench.casefile.events.batch import unpack_native_id
from workbench.casefile.events.resource_sets import read_resource_sets
from workbench.casefile.second_process import Answer, SecondProcess
from workbench.model.event import Act, Credential, Issued, Verb
from workbench.sessions.facts import Call, Cause, Disputed, Facts, Forwarded, Notable
from workbench.sessions.rules.forwarded import WINDOW
from workbench.sessions.rules.issued_keys import made_expected
from workbench.sessions.takings import switches
from workbench.sessions.trails import Run, Trail, merged

_UNVERIFIED = re.compile(r"^(\S+) \d+ unverified$", re.MULTILINE)
"""How the accounting names a reader that no sample had checked when it read."""


def unverified_sources(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the sources whose reader, when it read, had been checked against no sample."""
    listed = "\n".join(row[0] for row in connection.execute("SELECT DISTINCT sources FROM content_account"))
    return frozenset(_UNVERIFIED.findall(listed))


class Progress(NamedTuple):
    """How far the look at every event has come."""

    events: int
    total: int


class FactsReader:
    """Reads the facts of a case through one connection.

    Args:
        connection: Any.
        tick: Told how far the reading has come; may raise to give up.
    """

    def __init__(
        self, connection: sqlite3.Connection, tick: Callable[[Progress], None] = lambda _: None
    ) -> None:
        self._connection = connection
        self._tick = tick
        self._values = Values(connection)
        self.counts = CoverageCounts(connection, self._values.acts)
        """What each part of each log holds."""
        self._trails: dict[Parts, int] = {}
        self.runs: dict[int, list[Run]] = {}
        self.notables: dict[int, int] = {}
        self._forwarded: dict[int, Forwarded] = {}
        self._open: Open | None = None
        self._causes: Answer | None = None
        self.new_trails: list[tuple[int, Parts]] = []
        self.touched: set[int] = set()
        """Numbers of the trails to which events were added."""
        self.looked_at = 0

    def load(self) -> None:
        """Take up what an earlier look has left in the case file."""
        connection = self._connection
        self.counts.load()
        for number, *parts in connection.execute(f"SELECT id, {', '.join(PARTS)} FROM trail"):
            self._trails[tuple(parts)] = number
            self.runs[number] = []
        for number, first, last, events, first_event, last_event, verbs in connection.execute(
            "SELECT trail_id, first, last, events, first_event, last_event, verbs FROM trail_run"
        ):
            self.runs[number].append(Run(first, last, events, first_event, last_event, json.loads(verbs)))
        self.notables.update(connection.execute("SELECT event_id, trail_id FROM notable").fetchall())
        for event, trail, time, listed in connection.execute(
            "SELECT event_id, trail_id, time, causes FROM forwarded_call"
        ):
            self._forwarded[event] = Forwarded(
                Call(event, trail, time, _NO_ACT, 0), tuple(Cause(*cause) for cause in json.loads(listed))
            )

    @property
    def acts(self) -> Mapping[int, Act]:
        """The acts of the case by number."""
        return self._values.acts

    def look(self, after: int, second: SecondProcess | None = None) -> None:
        """Look at every event with a row number above ``after``, the later ones of them in a second process if there is one."""
        (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        middle, elsewhere = last, None
        if second is not None:
            middle = min(last, after + (last - after + _STARTED_AFTER) // 2)
            elsewhere = second.ask(look_elsewhere, middle, last)

        def tick(done: int) -> None:
            self._tick(Progress(done + (0 if elsewhere is None else elsewhere.done), last - after))

        calls = self._take(look_at(self._connection, self._values, after, middle, tick))
        if elsewhere is not None:
            told = elsewhere.wait(lambda: tick(middle - after))
            elsewhere = None
            if told is None:
                later = look_at(
                    self._connection, self._values, middle, last, lambda done: tick(middle - after + done)
                )
            else:
                later = stretch_of(told)
                tick(last - after)
            calls += self._take(later)
        if after:
            self._take_earlier_copies(after)
        if after and self._forwarded:
            calls += self._old_calls_near_new(after)
        self._open = Open(
            list(dict.fromkeys(calls)),
            [(number, parts) for parts, number in self._trails.items()],
            list(self._forwarded),
        )
        if second is not None:
            self._causes = second.ask(find_elsewhere, asked_of(self._open))

    @property
    def forwarded(self) -> dict[int, Forwarded]:
        """Forwarded calls by row number, each with the calls that can have caused it."""
        asked, self._open = self._open, None
        if asked is not None:
            told = None if self._causes is None else self._causes.wait()
            found = find_causes(self._connection, self._values, asked) if told is None else found_of(told)
            for event, trail, time, act, resources in asked.calls:
                call = Call(event, trail, time, self._values.acts[act], resources)
                self._forwarded[event] = Forwarded(call, found.get(event, ()))
        return self._forwarded

    def _take(self, stretch: Stretch) -> list[OpenCall]:
        """Add what a stretch holds to what is known; return its forwarded calls."""
        numbers = [self._number(parts) for parts, _ in stretch.trails]
        for number, (_, new) in zip(numbers, stretch.trails, strict=True):
            old = self.runs[number]
            self.runs[number] = merged([*old, *new]) if old else new
        self.touched.update(numbers)
        self.notables.update((event, numbers[place]) for event, place in stretch.notables)
        self.counts.take(stretch.streams, stretch.wanted)
        self.looked_at += stretch.events
        return [
            (event, numbers[place], time, act, resources)
            for event, place, time, act, resources in stretch.calls
        ]

    def facts(self, *, altered: frozenset[int] = frozenset(), second: SecondProcess | None = None) -> Facts:
        """Return everything that sessions and links are derived from.

        Args:
            altered: Events that are not as they were written.
            second: Reads meanwhile what will be asked of records; to be kept until sessions are derived.
        """
        connection = self._connection
        trails = {
            number: self._values.trail(number, parts, self.runs[number])
            for parts, number in self._trails.items()
        }
        notables = sorted(
            self._notables(trails), key=lambda each: (each.time is None, each.time or 0, each.mark)
        )
        return Facts(
            trails=list(trails.values()),
            notables=notables,
            forwarded=_ForwardedCalls(self),
            accepted=accepted_in(connection, {number: parts for parts, number in self._trails.items()}),
            made=made_ahead(connection, second, made_expected(trails.values(), notables)),
            copies=tuple(copies(connection)),
            unverified=unverified_sources(connection),
            altered=altered,
            disputed={
                event: Disputed(self._trails[one.parts], one.time, one.number, one.others, one.differ)
                for event, one in versions(connection).items()
                if one.differ
            },
        )

    def _number(self, parts: Parts) -> int:
        number = self._trails.get(parts)
        if number is None:
            number = self._trails[parts] = len(self._trails) + 1
            self.runs[number] = []
            self.new_trails.append((number, parts))
        return number

    def _take_earlier_copies(self, after: int) -> None:
        """Take up the records known before of acts that a new record reports on, too."""
        rows = self._connection.execute(
            f"SELECT e.id, {OF_EVENT} FROM event e JOIN reading r ON r.id = e.reading_id WHERE e.id <= ?"
            " AND e.disposition < 2 AND r.source = 'aws.cloudtrail' AND e.shared_id IN"
            " (SELECT n.shared_id FROM event n WHERE n.id > ? AND n.disposition < 2 AND n.shared_id IS NOT NULL)",
            (after, after),
        )
        for event, *parts in rows.fetchall():
            number = self._trails.get(tuple(parts))
            if number is not None:
                self.notables[event] = number

    def _old_calls_near_new(self, after: int) -> Iterator[OpenCall]:
        """Yield the forwarded calls known before that new events can have caused."""
        zones = self._connection.execute(
            "SELECT first_time, last_time FROM zone WHERE last_event > ? AND first_time IS NOT NULL", (after,)
        ).fetchall()
        spans = spans_of((low - WINDOW, high + WINDOW) for low, high in zones)
        lows = [low for low, _ in spans]
        near = []
        for event, known in self._forwarded.items():
            place = bisect.bisect_right(lows, known.call.time) - 1
            if place >= 0 and known.call.time <= spans[place][1]:
                near.append(event)
        rows = self._connection.execute(
            "SELECT e.id, e.act_id, e.resource_set_id FROM json_each(?) k CROSS JOIN event e ON e.id = k.value",
            (json.dumps(near),),
        )
        for event, act, resources in rows:
            call = self._forwarded[event].call
            yield event, call.trail, call.time, act, resources or 0

    # The notable events

    def _rows(self, events: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        """Yield row number, source, native id, what else names an event, and what rules look at."""
        yield from self._connection.execute(
            "SELECT e.id, r.source, e.native_id, e.time_raw, e.time, e.act_id, e.address_id, e.identity_id, e.resource_set_id,"
            # The rows of one change in Entra's audit log have nothing else in common.
            " e.outcome_id, e.shared_id, CASE r.source WHEN 'entra.audit' THEN (SELECT p.correlation_id FROM particulars p"
            " WHERE p.event_id = e.id) ELSE e.request_id END, e.start, e.part, c.content_sha256"
            " FROM json_each(?) k CROSS JOIN event e ON e.id = k.value JOIN reading r ON r.id = e.reading_id"
            " JOIN evidence c ON c.id = e.evidence_id",
            (json.dumps(list(events)),),
        )

    def _notables(self, trails: Mapping[int, Trail]) -> Iterator[Notable]:
        issued: dict[int, list[Issued]] = {}
        for event, kind, native_id, *more in self._connection.execute(
            "SELECT i.event_id, c.type, c.native_id, i.issued_to, i.expires, i.issued_to_id FROM issued_credential i"
            " JOIN credential c ON c.id = i.credential_id ORDER BY i.event_id, i.position"
        ):
            issued.setdefault(event, []).append(Issued(Credential(kind, native_id), *more))
        values = self._values
        # Versions of one record have one mark and one time: where they stand decides, not in which order they came.
        rows = sorted(self._rows(self.notables), key=lambda row: (row[14], row[12], row[13]))
        resources = read_resource_sets(self._connection, {row[8] for row in rows if row[8] is not None})
        switching = {number for number, act in values.acts.items() if switches(act)}
        active = switched(self._connection, [row[0] for row in rows if row[5] in switching])
        for row in rows:
            event, shared_id = row[0], row[10]
            cloudtrail = row[1] == "aws.cloudtrail"
            # Elsewhere what several records share is an operation that is told of in parts.
            request_id = row[11] if cloudtrail or row[11] is not None else shared_id
            yield Notable(
                event=event,
                mark=_mark(row[1], row[2], row[3:]),
                trail=self.notables[event],
                time=row[4],
                act=values.acts[row[5]],
                succeeded=values.succeeded[row[9]],
                resources=resources.get(row[8], ()),
                issued=tuple(issued.get(event, ())),
                shared_id=None if shared_id is None or not cloudtrail else unpack_native_id(shared_id),
                active=active.get(event),
                request_id=None if request_id is None else unpack_native_id(request_id),
            )


_NO_ACT = Act("", "", Verb.OTHER, "")

_STARTED_AFTER = 200_000
"""Events that are looked at here until a second process has started: half a second."""


class _ForwardedCalls(Sequence[Forwarded]):
    """Forwarded calls by row number; a second process may still look for their causes until they are asked for."""

    def __init__(self, reader: FactsReader) -> None:
        self._reader = reader

    @functools.cached_property
    def _calls(self) -> list[Forwarded]:
        found = self._reader.forwarded
        return [found[event] for event in sorted(found)]

    def __getitem__(self, place: Any) -> Any:
        return self._calls[place]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Forwarded]:
        return iter(self._calls)


def _mark(source: str, native_id: Any, rest: tuple[Any, ...]) -> str:
    """Return what names an event in every case that holds it: its native id, else the place of its bytes."""
    if native_id is not None:
        return f"{source} {unpack_native_id(native_id)}"
    start, part, content = rest[-3:]
    return f"{source} {content}:{start}#{part}"
