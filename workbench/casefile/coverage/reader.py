"""Reading coverage and gaps back as model values."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from workbench.casefile.coverage.counts import slots_of
from workbench.coverage.facts import ActCount, Stream
from workbench.model.digest import Validation
from workbench.model.gap import Gap, StreamKey

_GAP = msgspec.json.Decoder(Gap)
_VALIDATION = msgspec.json.Decoder(Validation)


class CoverageReader:
    """Reads coverage and gaps through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def gaps(self) -> list[Gap]:
        """Return all gaps, the surest first, then by time."""
        return [
            _GAP.decode(row[0])
            for row in self._connection.execute(
                "SELECT body FROM gap ORDER BY CASE certainty WHEN 'shown' THEN 0 WHEN 'likely' THEN 1 ELSE 2 END,"
                " start IS NOT NULL, start, id"
            )
        ]

    def gaps_citing(self, events: Sequence[int]) -> dict[int, list[str]]:
        """Return the ids of the gaps that cite events, by row number."""
        found: dict[int, list[str]] = {}
        for event, gap in self._connection.execute(
            "SELECT g.event_id, g.gap_id FROM json_each(?) k JOIN gap_event g ON g.event_id = k.value ORDER BY g.gap_id",
            (msgspec.json.encode(list(events)).decode(),),
        ):
            found.setdefault(event, []).append(gap)
        return found

    def streams(self) -> list[Stream]:
        """Return every part of every log."""
        hours: dict[int, list[tuple[int, str]]] = {}
        for number, hour, slots in self._connection.execute(
            "SELECT stream_id, hour, slots FROM coverage_hour ORDER BY stream_id, hour"
        ):
            hours.setdefault(number, []).append((hour, slots))
        return [
            Stream(StreamKey(*row[1:6]), slots_of(hours.get(row[0], ())), *row[6:])
            for row in self._connection.execute(
                "SELECT id, source, account, region, tenant, category, first, last, undated, unaddressed FROM coverage_stream"
                " ORDER BY id"
            )
        ]

    def types(self) -> frozenset[str]:
        """Return all types of resources that records name, small letters."""
        return frozenset(
            row[0].casefold()
            for row in self._connection.execute("SELECT DISTINCT type FROM resource WHERE type IS NOT NULL")
        )

    def is_named(self, name: str) -> bool:
        """Whether a record names a thing exactly so."""
        found = self._connection.execute(
            "SELECT 1 FROM resource WHERE name = ? COLLATE NOCASE LIMIT 1", (name,)
        )
        return found.fetchone() is not None

    def acts(self) -> list[ActCount]:
        """Return what was recorded how often."""
        return [
            ActCount(*row)
            for row in self._connection.execute(
                "SELECT s.source, s.account, s.category, a.service, a.action, a.verb, sum(c.events) FROM coverage_act c"
                " JOIN coverage_stream s ON s.id = c.stream_id JOIN act a ON a.id = c.act_id GROUP BY 1, 2, 3,"
                " 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"
            )
        ]

    def validation(self) -> Validation:
        """Return what the digest files on hand prove; of the log files that they list, only those that are not intact."""
        row = self._connection.execute("SELECT body FROM coverage_validation").fetchone()
        return Validation() if row is None else _VALIDATION.decode(row[0])
