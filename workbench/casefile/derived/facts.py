"""The look at every event: trails, the events that rules look at one by one, and the calls that services forwarded.

A million events are read in some seconds, as rows of numbers; the values behind the numbers are fetched once each. What was
found stays in the case file, so that after an addition only the new events are read.
"""

from __future__ import annotations

import json
import re
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from workbench.casefile.coverage.counts import CoverageCounts
from workbench.casefile.derived.copies import copies
from workbench.casefile.events.batch import unpack_native_id
from workbench.casefile.events.resource_sets import read_resource_sets
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.model.event import (
    Act,
    Address,
    AddressKind,
    Credential,
    Identity,
    IdentityKind,
    Issued,
    KindReason,
    OutcomeStatus,
    UserAgent,
    Verb,
)
from workbench.sessions.facts import Call, Cause, Facts, Forwarded, Notable, may_revoke, watched
from workbench.sessions.rules.forwarded import WINDOW, causes, resource_key
from workbench.sessions.trails import Run, Trail, merged, runs_of

_PARTS = (
    "identity_id",
    "kind_id",
    "credential_id",
    "key_set_id",
    "address_id",
    "user_agent_id",
    "place_id",
    "reading_id",
)
"""Columns in which the events of a trail agree."""

_OF_EVENT = ", ".join("e." + part for part in _PARTS)

_READ = 50_000
"""Rows of one read: under 50 ms, so that no reader keeps a writer waiting."""

_UNVERIFIED = re.compile(r"^(\S+) \d+ unverified$", re.MULTILINE)
"""How the accounting names a reader that no sample had checked when it read."""

Parts = tuple[int | None, ...]


def unverified_sources(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the sources whose reader, when it read, had been checked against no sample."""
    listed = "\n".join(row[0] for row in connection.execute("SELECT DISTINCT sources FROM content_account"))
    return frozenset(_UNVERIFIED.findall(listed))


class Progress(NamedTuple):
    """How far the look at every event has come."""

    events: int
    total: int


class _Sightings:
    """The events of one trail while they are read."""

    __slots__ = ("dated", "forwarding", "undated")

    def __init__(self, forwarding: int | None) -> None:
        self.dated = array("q")
        """Time, row number and act of each, one after the other."""
        self.undated: list[tuple[int, int]] = []
        self.forwarding = forwarding
        """Number of the trail if its events are calls that a service forwarded."""

    def runs(self, verb_of: Mapping[int, str]) -> list[Run]:
        dated = self.dated
        found = runs_of(
            sorted(zip(dated[0::3], dated[1::3], map(verb_of.__getitem__, dated[2::3]), strict=True))
        )
        if self.undated:
            verbs: dict[str, int] = {}
            for _, act in self.undated:
                verbs[verb_of[act]] = verbs.get(verb_of[act], 0) + 1
            numbers = [event for event, _ in self.undated]
            found.append(Run(None, None, len(numbers), min(numbers), max(numbers), verbs))
        return found


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
        self._values = _Values(connection)
        self.counts = CoverageCounts(connection, self._values.acts)
        """What each part of each log holds."""
        self._trails: dict[Parts, int] = {}
        self.runs: dict[int, list[Run]] = {}
        self.notables: dict[int, int] = {}
        self.forwarded: dict[int, Forwarded] = {}
        self.new_trails: list[tuple[int, Parts]] = []
        self.touched: set[int] = set()
        """Numbers of the trails to which events were added."""
        self.looked_at = 0

    def load(self) -> None:
        """Take up what an earlier look has left in the case file."""
        connection = self._connection
        self.counts.load()
        for number, *parts in connection.execute(f"SELECT id, {', '.join(_PARTS)} FROM trail"):
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
            self.forwarded[event] = Forwarded(
                Call(event, trail, time, _NO_ACT, 0), tuple(Cause(*cause) for cause in json.loads(listed))
            )

    @property
    def acts(self) -> Mapping[int, Act]:
        """The acts of the case by number."""
        return self._values.acts

    def look(self, after: int) -> None:
        """Look at every event with a row number above ``after``."""
        values = self._values
        acts = values.acts
        notable_acts = frozenset(number for number, act in acts.items() if watched(act))
        revoking = frozenset(number for number, act in acts.items() if may_revoke(act))
        naming = self._sets_naming_credentials()
        issuing = {
            row[0] for row in self._connection.execute("SELECT DISTINCT event_id FROM issued_credential")
        }
        shared = self._shared_ids()
        seen: dict[Parts, _Sightings] = {}
        calls: list[Call] = []
        for row in self._events(after):
            event, time, act, resources, shared_id = row[:5]
            parts = row[5:]
            sightings = seen.get(parts)
            if sightings is None:
                sightings = seen[parts] = _Sightings(self._number(parts) if values.forwarded(parts) else None)
            if time is None:
                sightings.undated.append((event, act))
            else:
                sightings.dated.extend((time, event, act))
                if sightings.forwarding is not None:
                    calls.append(Call(event, sightings.forwarding, time, acts[act], resources or 0))
            if (
                act in notable_acts
                or (act in revoking and resources in naming)
                or (shared_id is not None and shared_id in shared)
                or event in issuing
            ):
                self.notables[event] = self._number(parts)
        verb_of = {number: act.verb.value for number, act in acts.items()}
        for parts, sightings in seen.items():
            number = self._number(parts)
            self.counts.add(parts, sightings)
            new, old = sightings.runs(verb_of), self.runs[number]
            self.runs[number] = merged([*old, *new]) if old else new
            self.touched.add(number)
        self.counts.settle()
        self._find_causes(calls, after)

    def facts(self, *, altered: frozenset[int] = frozenset()) -> Facts:
        """Return everything that sessions and links are derived from; ``altered``: events that are not as they were written."""
        trails = {
            number: self._values.trail(number, parts, self.runs[number])
            for parts, number in self._trails.items()
        }
        return Facts(
            trails=list(trails.values()),
            notables=sorted(
                self._notables(trails), key=lambda each: (each.time is None, each.time or 0, each.mark)
            ),
            forwarded=[self.forwarded[event] for event in sorted(self.forwarded)],
            copies=tuple(copies(self._connection)),
            unverified=unverified_sources(self._connection),
            altered=altered,
        )

    # The events

    def _events(self, after: int) -> Iterator[tuple[Any, ...]]:
        select = f"SELECT e.id, e.time, e.act_id, e.resource_set_id, e.shared_id, {_OF_EVENT} FROM event e"
        (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        arriving = arriving_evidence(self._connection)
        shown = "e.disposition < 2" + (
            f" AND e.evidence_id NOT IN ({', '.join(map(str, arriving))})" if arriving else ""
        )
        for low in range(after, last, _READ):
            rows = self._connection.execute(
                f"{select} WHERE e.id > ? AND e.id <= ? AND {shown}", (low, min(low + _READ, last))
            ).fetchall()
            yield from rows
            self.looked_at += len(rows)
            self._tick(Progress(min(low + _READ, last) - after, last - after))

    def _number(self, parts: Parts) -> int:
        number = self._trails.get(parts)
        if number is None:
            number = self._trails[parts] = len(self._trails) + 1
            self.runs[number] = []
            self.new_trails.append((number, parts))
        return number

    def _sets_naming_credentials(self) -> frozenset[int]:
        """Return the sets of resources that name a credential."""
        return frozenset(
            row[0]
            for row in self._connection.execute(
                "SELECT DISTINCT m.set_id FROM credential c JOIN resource r ON r.name = c.native_id COLLATE NOCASE"
                " JOIN resource_set_member m ON m.resource_id = r.id"
            )
        )

    def _shared_ids(self) -> frozenset[Any]:
        """Return the ids that several shown records hold of one act in several accounts."""
        return frozenset(
            row[0]
            for row in self._connection.execute(
                "SELECT e.shared_id FROM event e JOIN reading r ON r.id = e.reading_id WHERE e.shared_id IS NOT NULL"
                " AND e.disposition < 2 AND r.source = 'aws.cloudtrail' GROUP BY e.shared_id HAVING count(*) > 1"
            )
        )

    # Forwarded calls

    def _find_causes(self, new: list[Call], after: int) -> None:
        """Match forwarded calls with those that can have caused them: the new ones, and the old ones near new events."""
        calls = {call.event: call for call in new}
        if after and self.forwarded:
            calls.update((call.event, call) for call in self._old_calls_near_new(after))
        if not calls:
            return
        keys_of = self._values.keys_of
        wanted_sets = {call.resources for call in calls.values()}
        keys = keys_of(wanted_sets)
        wanted = {key for each in keys.values() for key in each}
        sets = self._sets_by_key(wanted)
        spans = _spans([(call.time - WINDOW, call.time + WINDOW) for call in calls.values()])
        keys |= keys_of(sets)
        principals = {number: self._values.principal(parts[0]) for parts, number in self._trails.items()}
        whose = {principals[call.trail] for call in calls.values()} - {None}
        trails = {parts: number for parts, number in self._trails.items() if principals[number] in whose}
        callers = self._callers(sets, spans, trails, calls.keys() | self.forwarded.keys())
        for found in causes(calls.values(), callers, keys, principals):
            self.forwarded[found.call.event] = found

    def _old_calls_near_new(self, after: int) -> Iterator[Call]:
        zones = self._connection.execute(
            "SELECT first_time, last_time FROM zone WHERE last_event > ? AND first_time IS NOT NULL", (after,)
        ).fetchall()
        for low, high in _spans([(low - WINDOW, high + WINDOW) for low, high in zones]):
            rows = self._connection.execute(
                "SELECT f.event_id, f.trail_id, f.time, e.act_id, e.resource_set_id FROM forwarded_call f"
                " JOIN event e ON e.id = f.event_id WHERE f.time BETWEEN ? AND ?",
                (low, high),
            )
            for event, trail, time, act, resources in rows:
                yield Call(event, trail, time, self._values.acts[act], resources or 0)

    def _sets_by_key(self, wanted: set[str]) -> set[int]:
        """Return the sets of resources that hold one known by one of these keys."""
        found = [
            number
            for number, kind, name in self._connection.execute("SELECT id, type, name FROM resource")
            if resource_key(kind, name) in wanted
        ]
        return {
            row[0]
            for row in self._connection.execute(
                "SELECT DISTINCT m.set_id FROM json_each(?) k JOIN resource_set_member m ON m.resource_id = k.value",
                (json.dumps(found),),
            )
        }

    def _callers(
        self, sets: set[int], spans: list[tuple[int, int]], trails: Mapping[Parts, int], besides: Set[int]
    ) -> Iterator[Call]:
        """Yield the events on these sets of resources in these spans of time and of these trails, read zone by zone."""
        if not sets or not spans:
            return
        listed = json.dumps(sorted(sets))
        zones = zones_holding(self._connection, "resource_set_id", sorted(sets))
        for zone in zone_spans(self._connection, zones):
            if zone.first_time is None or not _meets(
                spans, zone.first_time, zone.last_time or zone.first_time
            ):
                continue
            for low in range(zone.first_event, zone.last_event + 1, _READ):
                rows = self._connection.execute(
                    f"SELECT e.id, e.time, e.act_id, e.resource_set_id, {_OF_EVENT}"
                    " FROM event e WHERE e.id BETWEEN ? AND ? AND e.disposition < 2 AND e.time IS NOT NULL"
                    " AND e.resource_set_id IN (SELECT value FROM json_each(?))",
                    (low, min(low + _READ - 1, zone.last_event), listed),
                )
                for row in rows.fetchall():
                    trail = trails.get(row[4:])
                    if trail is not None and row[0] not in besides:
                        yield Call(row[0], trail, row[1], self._values.acts[row[2]], row[3])

    # The notable events

    def _rows(self, events: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        """Yield row number, source, native id, what else names an event, and what rules look at."""
        yield from self._connection.execute(
            "SELECT e.id, r.source, e.native_id, e.time_raw, e.time, e.act_id, e.address_id, e.identity_id, e.resource_set_id,"
            " e.outcome_id, e.shared_id, e.start, e.part, c.content_sha256"
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
        resources = read_resource_sets(
            self._connection, {row[8] for row in self._rows(self.notables) if row[8] is not None}
        )
        for row in self._rows(self.notables):
            event, shared_id = row[0], row[10]
            yield Notable(
                event=event,
                mark=_mark(row[1], row[2], row[3:]),
                trail=self.notables[event],
                time=row[4],
                act=values.acts[row[5]],
                succeeded=values.succeeded[row[9]],
                resources=resources.get(row[8], ()),
                issued=tuple(issued.get(event, ())),
                shared_id=None
                if shared_id is None or row[1] != "aws.cloudtrail"
                else unpack_native_id(shared_id),
            )


_NO_ACT = Act("", "", Verb.OTHER, "")


def _mark(source: str, native_id: Any, rest: tuple[Any, ...]) -> str:
    """Return what names an event in every case that holds it: its native id, else the place of its bytes."""
    if native_id is not None:
        return f"{source} {unpack_native_id(native_id)}"
    start, part, content = rest[-3:]
    return f"{source} {content}:{start}#{part}"


def _spans(wanted: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of time joined where they meet, ascending."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(wanted):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _meets(spans: list[tuple[int, int]], low: int, high: int) -> bool:
    return any(first <= high and last >= low for first, last in spans)


class _Values:
    """What the numbers of event rows stand for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

        def rows(sql: str) -> Iterator[tuple[Any, ...]]:
            yield from connection.execute(sql)

        self.acts = {
            row[0]: Act(row[1], row[2], Verb(row[3]), row[4], bool(row[5]), row[6])
            for row in rows("SELECT id, service, action, verb, verb_rule, tampers_logging, category FROM act")
        }
        self.succeeded: dict[int, bool | None] = {
            row[0]: None if row[1] == OutcomeStatus.UNKNOWN else row[1] == OutcomeStatus.SUCCESS
            for row in rows("SELECT id, status FROM outcome")
        }
        self._identities = {
            row[0]: Identity(*row[1:])
            for row in rows("SELECT id, canonical, name, native_id, account FROM identity")
        }
        self._kinds = {
            row[0]: KindReason(IdentityKind(row[1]), row[2])
            for row in rows("SELECT id, kind, reason FROM kind_reason")
        }
        self._credentials = {
            row[0]: Credential(row[1], row[2]) for row in rows("SELECT id, type, native_id FROM credential")
        }
        self._key_sets = {
            row[0]: tuple(self._credentials[int(number)] for number in row[1].split())
            for row in rows("SELECT id, members FROM key_set")
        }
        self._addresses = {
            row[0]: Address(row[1], AddressKind(row[2]), row[3])
            for row in rows("SELECT id, raw, kind, ip FROM address")
        }
        self._agents = {
            row[0]: UserAgent(row[1], row[2]) for row in rows("SELECT id, raw, client FROM user_agent")
        }
        self._accounts = {row[0]: row[1] for row in rows("SELECT id, account FROM place")}
        self._sources = {row[0]: row[1] for row in rows("SELECT id, source FROM reading")}

    def forwarded(self, parts: Parts) -> bool:
        """Whether the events of a trail are calls that a service made with a principal's rights."""
        return self._kinds[parts[1] or 0].kind is IdentityKind.SERVICE and self.trail(0, parts, []).forwarded

    def principal(self, identity_id: int | None) -> str | None:
        """Return the canonical name of an identity."""
        return None if identity_id is None else self._identities[identity_id].canonical

    def trail(self, number: int, parts: Parts, runs: list[Run]) -> Trail:
        """Return a trail with the values that its numbers stand for."""
        identity, kind, credential, keys, address, agent, place, reading = parts
        return Trail(
            number=number,
            source=self._sources[reading or 0],
            identity=None if identity is None else self._identities[identity],
            kind=self._kinds[kind or 0],
            credential=None if credential is None else self._credentials[credential],
            keys=() if keys is None else self._key_sets[keys],
            address=None if address is None else self._addresses[address],
            user_agent=None if agent is None else self._agents[agent],
            account=self._accounts[place or 0],
            runs=runs,
        )

    def keys_of(self, sets: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return what the resources of sets are known by to calls and those made for them."""
        found = {
            number: tuple(
                dict.fromkeys(
                    key for each in resources if (key := resource_key(each.type, each.name)) is not None
                )
            )
            for number, resources in read_resource_sets(self._connection, sets).items()
        }
        return {number: found.get(number, ()) for number in (0, *sets)}
