"""What records say about themselves: that something was left out, or that something is odd. Summed up while they are read."""

from __future__ import annotations

import heapq
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from workbench.casefile.events.batch import unpack_native_id
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.coverage.facts import Mark
from workbench.coverage.rules.withheld import NO_RESPONSE_TOLD
from workbench.model.event import Act

_READ = 20_000
"""Rows of one read: under 50 ms, so that no reader keeps a writer waiting."""

_CITED = 5
"""Events that a mark remembers."""

_NAMESPACE = re.compile(r"(?:^|/)namespaces/([^/]+)(?:/|$)")
_ODD = re.compile("encodes another account")


class Sum(msgspec.Struct):
    """Events of one kind while they are counted; ``cited``: the earliest of them, with what orders them in any case."""

    events: int
    first: int | None
    last: int | None
    cited: list[tuple[int, str, int]]

    def add(self, time: int | None, order: str, event: int) -> None:
        """Count an event."""
        self.events += 1
        if time is not None:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)
        entry = (time or 0, order, event)
        if len(self.cited) < _CITED or entry < self.cited[-1]:
            self.cited = heapq.nsmallest(_CITED, [*self.cited, entry])


class _MarkKey(msgspec.Struct, frozen=True):
    source: str
    account: str | None
    region: str | None
    act: int
    text: str
    warning: bool
    subject: str | None


class _KeptMark(msgspec.Struct, frozen=True):
    key: _MarkKey
    total: Sum


_KEPT = msgspec.json.Decoder(_KeptMark)


class Marks:
    """Sums up what records say about themselves.

    Args:
        connection: Any.
        acts: The acts of the case by number.
    """

    def __init__(self, connection: sqlite3.Connection, acts: Mapping[int, Act]) -> None:
        self._connection = connection
        self._acts = acts
        self._marks: dict[_MarkKey, Sum] = {}
        self._hidden = arriving_evidence(connection)

    def load(self) -> None:
        """Take up what an earlier look has left in the case file."""
        for (body,) in self._connection.execute("SELECT body FROM coverage_mark"):
            kept = _KEPT.decode(body)
            self._marks[kept.key] = kept.total

    def look(self, after: int) -> None:
        """Look at what records above a row number say about themselves."""
        (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        shown = "e.disposition < 2" + (
            f" AND e.evidence_id NOT IN ({', '.join(map(str, self._hidden))})" if self._hidden else ""
        )
        odd = [
            row[0]
            for row in self._connection.execute("SELECT id, warnings FROM warning_set")
            if _ODD.search(row[1])
        ]
        names = (
            "e.id, e.time, e.native_id, c.content_sha256, e.start, e.act_id, r.source, p.account, p.region"
        )
        joined = "JOIN reading r ON r.id = e.reading_id JOIN place p ON p.id = e.place_id JOIN evidence c ON c.id = e.evidence_id"
        for low in range(after, last, _READ):
            for row in self._connection.execute(
                f"SELECT {names}, ifnull(q.withheld, ?), e.identity_id, e.resource_set_id FROM particulars q"
                # The order of the join is given: the planner would begin at all events instead of the few with particulars.
                " CROSS JOIN event e ON e.id = q.event_id"
                f" {joined} WHERE q.event_id > ? AND q.event_id <= ? AND (q.withheld IS NOT NULL"
                f" OR (q.stage = 0 AND r.source = 'vault.audit')) AND {shown}",
                (NO_RESPONSE_TOLD, low, low + _READ),
            ).fetchall():
                self._mark(row[:9], row[9], False, self._subject(*row[9:]))
        if odd:
            for span in zone_spans(self._connection, zones_holding(self._connection, "warning_set_id", odd)):
                for low in range(max(after + 1, span.first_event), span.last_event + 1, _READ):
                    for row in self._connection.execute(
                        f"SELECT {names}, w.warnings FROM event e {joined} JOIN warning_set w ON w.id = e.warning_set_id"
                        f" WHERE e.id BETWEEN ? AND ? AND e.warning_set_id IN (SELECT value FROM json_each(?)) AND {shown}",
                        (low, min(low + _READ - 1, span.last_event), json.dumps(odd)),
                    ).fetchall():
                        for line in row[9].split("\n"):
                            if _ODD.search(line):
                                self._mark(row[:9], line, True, None)

    def _mark(self, row: Sequence[Any], text: str, warning: bool, subject: str | None) -> None:
        event, time, native_id, sha256, start, act, source, account, region = row
        key = _MarkKey(source, account, region, act, text, warning, subject)
        total = self._marks.get(key)
        if total is None:
            total = self._marks[key] = Sum(0, None, None, [])
        total.add(time, order(native_id, sha256, start), event)

    def _subject(self, text: str, identity: int | None, resources: int | None) -> str | None:
        """Return whom or what a mark is about, where gaps are told apart by it."""
        if "serviceAccountDelegationInfo" in text:
            row = self._connection.execute(
                "SELECT canonical FROM identity WHERE id = ?", (identity,)
            ).fetchone()
            return None if row is None else str(row[0])
        if "IsThrottled" in text or "secrets that were listed" in text:
            names = names_of(self._connection, resources)
            if "IsThrottled" in text:
                return names[0] if names else None
            return next((found[1] for name in names if (found := _NAMESPACE.search(name))), None)
        return None

    def given(self) -> Iterator[Mark]:
        """Yield the marks as rules are given them."""
        for key, total in self._marks.items():
            act = self._acts[key.act]
            yield Mark(
                source=key.source,
                account=key.account,
                region=key.region,
                service=act.service,
                action=act.action,
                text=key.text,
                warning=key.warning,
                subject=key.subject,
                events=total.events,
                first=total.first,
                last=total.last,
                evidence=tuple(event for _, _, event in total.cited),
            )

    def rows(self) -> list[tuple[str]]:
        """Return the rows of marks to keep."""
        return [(msgspec.json.encode(_KeptMark(key, total)).decode(),) for key, total in self._marks.items()]


def names_of(connection: sqlite3.Connection, resources: int | None) -> list[str]:
    """Return the names of a set of resources, in their order."""
    return [
        row[0]
        for row in connection.execute(
            "SELECT x.name FROM resource_set s, json_each('[' || replace(s.members, ' ', ',') || ']') m"
            " JOIN resource x ON x.id = m.value WHERE s.id = ?",
            (resources,),
        )
    ]


def order(native_id: Any, sha256: str, start: int) -> str:
    """Return what orders events of one instant in every case that holds them."""
    return f"{sha256}:{start:015}" if native_id is None else str(unpack_native_id(native_id))
