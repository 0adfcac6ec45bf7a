"""The facts that gaps are found from, read from a case: marks, acts upon logging, accounts and applications named, digests.

What the look at every event counted is not read again. Records themselves are looked into only where no column can say what
rules need: acts upon logging, policies, digest files, and one record of each session whose origin is open.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from workbench.casefile.coverage.counts import CoverageCounts
from workbench.casefile.coverage.marks import Marks, names_of
from workbench.casefile.coverage.names import CoverageNames, Policy
from workbench.casefile.coverage.notes import (
    Note,
    Notes,
    RecordBytes,
    asked_for,
    look_into,
    look_into_elsewhere,
    notes_of,
)
from workbench.casefile.coverage.records import digests_on_hand, made_at
from workbench.casefile.evidence.content import ContentStore
from workbench.casefile.second_process import Answer, SecondProcess
from workbench.coverage.facts import (
    Birth,
    ContentFacts,
    Control,
    Facts,
    controls_logging,
)
from workbench.coverage.rules.exports import CAPS
from workbench.model.digest import Validation
from workbench.model.event import Act
from workbench.model.session import EndKind, Link, Session, Skew
from workbench.sessions.trails import Trail

_NOTE = msgspec.json.Decoder(Note)


class CoverageFacts:
    """Reads what gaps are found from, through one connection.

    Args:
        connection: Any.
        acts: The acts of the case by number.
        counts: What the look at every event counted.
    """

    def __init__(
        self, connection: sqlite3.Connection, acts: Mapping[int, Act], counts: CoverageCounts
    ) -> None:
        self._connection = connection
        self._acts = acts
        self._counts = counts
        self._contents = ContentStore(connection)
        self._records = RecordBytes(connection, self._contents)
        self.marks = Marks(connection, acts)
        """What records say about themselves."""
        self._notes: Notes = {}
        self._told: Answer | None = None
        self._validation = Validation()

    def load(self) -> None:
        """Take up what an earlier look has left in the case file."""
        self.marks.load()
        for event, body in self._connection.execute("SELECT event_id, body FROM coverage_note"):
            self._notes[event] = _NOTE.decode(body)

    def look(self, after: int, second: SecondProcess | None = None) -> None:
        """Look at what records above a row number say about themselves, and into those that were wanted.

        Args:
            after: The row number.
            second: Reads the records meanwhile; :meth:`collect` waits for it.
        """
        self.marks.look(after)
        if second is None:
            self._notes.update(look_into(self._connection, self._records, self._counts.wanted))
        else:
            self._told = second.ask(look_into_elsewhere, asked_for(self._counts.wanted))

    def collect(self) -> None:
        """Wait for what a second process was asked to read."""
        if self._told is not None:
            told = self._told.wait()
            self._notes.update(
                look_into(self._connection, self._records, self._counts.wanted)
                if told is None
                else notes_of(told)
            )
            self._told = None

    def altered(self) -> frozenset[int]:
        """Return the events of files that digests show to have been altered."""
        self._validation = digests_on_hand(self._connection, self._contents)
        if not self._validation.altered:
            return frozenset()
        return frozenset(
            row[0]
            for row in self._connection.execute(
                "SELECT e.id FROM json_each(?) k JOIN evidence c ON c.content_sha256 = k.value JOIN event e"
                " ON e.evidence_id = c.id",
                (json.dumps(sorted(self._validation.altered)),),
            )
        )

    # What rules are given

    def facts(
        self,
        trails: Sequence[Trail],
        sessions: Iterable[Session],
        links: Iterable[Link],
        skews: list[Skew],
    ) -> Facts:
        """Return everything that gaps are found from."""
        counts = self._counts
        names = CoverageNames(self._connection, self._acts)
        owners = names.owners(counts.streams, trails, self._policies())
        return Facts(
            streams=[counts.streams[key] for key in sorted(counts.streams, key=_key_order)],
            acts=counts.act_counts(),
            marks=sorted(
                self.marks.given(),
                key=lambda each: (each.source, each.action, each.text, each.subject or ""),
            ),
            controls=sorted(
                self._controls(), key=lambda each: (each.time or 0, each.target or "", each.action)
            ),
            accounts=owners.owners,
            nameless=owners.nameless,
            applications=names.applications(trails),
            contents=list(self._limited()),
            births=list(self._births(sessions, links)),
            validation=self._validation,
            skews=skews,
        )

    def _controls(self) -> Iterator[Control]:
        wanted = {
            event: note for event, note in self._notes.items() if controls_logging(self._acts[note.act])
        }
        for event, source, account, region, status, resources in self._connection.execute(
            "SELECT e.id, r.source, p.account, p.region, o.status, e.resource_set_id FROM json_each(?) k"
            " CROSS JOIN event e ON e.id = k.value JOIN reading r ON r.id = e.reading_id JOIN place p ON p.id = e.place_id"
            " JOIN outcome o ON o.id = e.outcome_id",
            (json.dumps(list(wanted)),),
        ).fetchall():
            note = wanted[event]
            act = self._acts[note.act]
            names = names_of(self._connection, resources)
            yield Control(
                event=event,
                source=source,
                account=account,
                region=region,
                service=act.service,
                action=act.action,
                tampers=act.tampers_logging,
                time=note.time,
                succeeded={"success": True, "unknown": None}.get(status, False),
                target=names[0] if names else None,
                narrows=note.narrows,
                asked=note.asked,
            )

    def _policies(self) -> Iterator[Policy]:
        for event, note in self._notes.items():
            if note.accounts:
                yield Policy(event, note.act, note.time, note.accounts)

    def _limited(self) -> Iterator[ContentFacts]:
        """Yield the contents whose number of records is that of a limit."""
        for number, name, member, sha256, records, sources in self._connection.execute(
            "SELECT e.id, f.name, e.member, e.content_sha256, a.records, a.sources FROM content_account a"
            " JOIN evidence e ON e.id = a.evidence_id JOIN delivered_file f ON f.id = e.file_id AND f.state = 'complete'"
            " WHERE a.records IN (SELECT value FROM json_each(?))",
            (json.dumps(list(CAPS)),),
        ).fetchall():
            row = self._connection.execute(
                "SELECT min(time), max(time) FROM event WHERE evidence_id = ?", (number,)
            ).fetchone()
            first = self._connection.execute(
                "SELECT id FROM event WHERE evidence_id = ? AND disposition < 2 ORDER BY start LIMIT 1",
                (number,),
            ).fetchone()
            yield ContentFacts(
                name=f"{name}!{member}" if member else name,
                sha256=sha256,
                records=records,
                sources=tuple(line.split(" ")[0] for line in sources.split("\n") if line),
                first=row[0],
                last=row[1],
                event=None if first is None else first[0],
            )

    def _births(self, sessions: Iterable[Session], links: Iterable[Link]) -> Iterator[Birth]:
        """Yield the sessions whose origin no record shows, with when their credential was made as far as a record says."""
        holes = {link.target.id: link for link in links if link.source.kind is EndKind.NOTHING}
        open_ones = [
            (next(iter(holes[session.id].evidence), None), session)
            for session in sessions
            if session.id in holes and session.anchor is not None and session.method != "calls of a service"
        ]
        for event, session in sorted(open_ones, key=lambda each: (each[0] or 0, each[1].id)):
            assert session.anchor is not None
            born = None
            if session.anchor.type == "aws sign-in session":
                born = made_at(session.anchor.native_id.rpartition(" ")[2].encode(), bare=True)
            elif event is not None and session.anchor.type in ("aws temporary key", "entra token"):
                row = self._connection.execute(
                    "SELECT evidence_id, start, length FROM event WHERE id = ?", (event,)
                ).fetchone()
                born = None if row is None else made_at(self._records.record(*row))
            yield Birth(session, born, event)

    def note_rows(self) -> list[tuple[int, str]]:
        """Return the rows of notes to keep."""
        return [(event, msgspec.json.encode(note).decode()) for event, note in self._notes.items()]


def _key_order(key: Sequence[str | None]) -> tuple[tuple[bool, str], ...]:
    return tuple((part is not None, part or "") for part in key)
