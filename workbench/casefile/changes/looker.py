"""The records that may state changes, found by their acts and read again, each block of original bytes unpacked once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from workbench.casefile.changes.rows import Found, mark_of
from workbench.casefile.events.resource_sets import ResourceSets
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.casefile.evidence.arriving import arriving_evidence
from workbench.casefile.evidence.content import ContentStore
from workbench.changes import aws, stated
from workbench.model.change import Statement
from workbench.model.event import Act, OutcomeStatus, Place, Resource, StatedChange, Verb
from workbench.sources.comparison import document_of_record

_READ = 20_000
"""Events of one stretch."""

_CLOUDTRAIL = "aws.cloudtrail"
_MOST_SETS = 200_000
"""Sets of resources that are kept in memory."""

_MOST_KNOWN = 20_000
_LONGEST_KNOWN = 2_000
"""Requests, and bytes of each with its answer, of which what they state is remembered: at most some 60 MB."""

_Asked = tuple[tuple[int, int, int | None], bytes, bytes | None]
"""Act, place and resources; the request; its answer, where that matters."""

_BY_ANSWER: list[Statement] = []
"""Stands for requests of which the answer says what they state."""

_STATED = msgspec.json.Decoder(tuple[StatedChange, ...])


class ChangeLooker:
    """Finds the records that may state changes and reads them again."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._contents = ContentStore(connection)
        self._known: dict[_Asked, list[Statement]] = {}

        def rows(sql: str) -> Iterator[tuple[Any, ...]]:
            yield from connection.execute(sql)

        self._acts = {
            row[0]: Act(row[1], row[2], Verb(row[3]), row[4], bool(row[5]), row[6])
            for row in rows("SELECT id, service, action, verb, verb_rule, tampers_logging, category FROM act")
        }
        self._places = {
            row[0]: Place(*row[1:]) for row in rows("SELECT id, account, region, tenant FROM place")
        }
        self._outcomes = {row[0]: OutcomeStatus(row[1]) for row in rows("SELECT id, status FROM outcome")}
        self._sources: dict[int, str] = dict(rows("SELECT id, source FROM reading"))
        self._coded: dict[int, tuple[str, str | None]] = {
            row[0]: (row[1], row[2])
            for row in rows("SELECT evidence_id, encoding, columns FROM content_account")
        }
        self._resource_sets = ResourceSets(connection, _MOST_SETS)
        cloudtrail = {number for number, source in self._sources.items() if source == _CLOUDTRAIL}
        self._cloudtrail = cloudtrail
        self._hashes: dict[int, str] = dict(rows("SELECT id, content_sha256 FROM evidence"))
        self._coarse = {row[0] for row in rows("""SELECT id FROM time_note WHERE "precision" = 's'""")}
        self._of_aws = [number for number, act in self._acts.items() if aws.looked_into(act)]
        sources = {source for source in self._sources.values() if source != _CLOUDTRAIL}
        self._of_others = [
            number
            for number, act in self._acts.items()
            if any(stated.states_by_itself(source, act) for source in sources)
        ]
        arriving = arriving_evidence(connection)
        self._select = (
            "SELECT e.id, e.evidence_id, e.start, e.length, e.part, e.time, e.act_id, e.outcome_id, e.place_id,"
            " e.resource_set_id, e.reading_id, e.time_note_id, e.native_id FROM event e WHERE e.id BETWEEN ? AND ?"
            f" AND e.disposition < 2 AND e.evidence_id NOT IN ({_listed(arriving)})"
            f" AND ((e.act_id IN ({_listed(self._of_aws)}) AND e.reading_id IN ({_listed(cloudtrail)}))"
            f" OR (e.act_id IN ({_listed(self._of_others)}) AND e.reading_id NOT IN ({_listed(cloudtrail)}))"
            " OR e.id IN (SELECT value FROM json_each(?))) ORDER BY e.evidence_id, e.start, e.part"
        )

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
        stating = dict(
            self._connection.execute(
                "SELECT event_id, changes FROM particulars WHERE event_id BETWEEN ? AND ? AND changes IS NOT NULL",
                (low, high),
            ).fetchall()
        )
        rows = self._connection.execute(self._select, (low, high, json.dumps(list(stating)))).fetchall()
        self._resource_sets.load({row[9] for row in rows} - {None})
        for (
            event, evidence, start, length, part, time, act, outcome, place, resources, reading, note, native_id
        ) in rows:  # fmt: skip
            known = () if resources is None else self._resource_sets[resources]
            if reading in self._cloudtrail:
                found = self._of_cloudtrail(evidence, start, length, part, (act, place, resources), known)
            else:
                changes = stating.get(event)
                found = stated.statements_of(
                    self._sources[reading],
                    self._acts[act],
                    known,
                    self._places[place],
                    _STATED.decode(changes) if changes else (),
                )
            if found:
                yield Found(
                    event, 0, time, note in self._coarse, self._outcomes[outcome],
                    mark_of(native_id, self._hashes[evidence], start, part), found,
                )  # fmt: skip

    def _of_cloudtrail(
        self,
        evidence: int,
        start: int,
        length: int,
        part: int,
        where: tuple[int, int, int | None],
        resources: Sequence[Resource],
    ) -> list[Statement]:
        data = self._contents.read(evidence, start, length)
        encoding, columns = self._coded[evidence]
        if columns is None and part == 0:
            try:
                return self._of_native(data, where, resources)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass  # no bare native record: read as whatever it is
        document = document_of_record(data, encoding=encoding, csv=columns, part=part, source=_CLOUDTRAIL)
        if document is None:
            return []
        act, place, _ = where
        return aws.statements_of(document, self._acts[act], resources, self._places[place])

    def _of_native(
        self, data: bytes, where: tuple[int, int, int | None], resources: Sequence[Resource]
    ) -> list[Statement]:
        """Return what a bare native record states, without decoding the rest of it.

        What is asked again and again, word for word, of the same things in the same place, states the same.
        """
        record = _PLAIN.decode(data)
        request = bytes(record.requestParameters)
        asked: _Asked = (where, request, None)
        known = self._known.get(asked)
        if known is _BY_ANSWER:
            asked = (where, request, bytes(record.responseElements))
            known = self._known.get(asked)
        if known is not None:
            return known
        looked = False

        def answered() -> object:
            nonlocal looked
            looked = True
            return _PARAMETERS.decode(record.responseElements)

        act, place, _ = where
        found = aws.stated_by(
            _PARAMETERS.decode(request), answered, self._acts[act], resources, self._places[place]
        )
        answer = bytes(record.responseElements) if looked else None
        if len(request) + len(answer or b"") <= _LONGEST_KNOWN:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            if looked:
                self._known[where, request, None] = _BY_ANSWER
            self._known[where, request, answer] = found
        return found


def _listed(numbers: Iterable[int]) -> str:
    """Return numbers for ``IN (…)``; SQLite takes an empty list."""
    return ", ".join(map(str, numbers))


_NOTHING = msgspec.Raw(b"null")


class _Record(msgspec.Struct):
    """The parts of a native CloudTrail record that are read again."""

    eventSource: str  # noqa: N815
    requestParameters: msgspec.Raw = _NOTHING  # noqa: N815
    responseElements: msgspec.Raw = _NOTHING  # noqa: N815


_PLAIN = msgspec.json.Decoder(_Record)
_PARAMETERS = msgspec.json.Decoder(dict[str, Any] | None)
