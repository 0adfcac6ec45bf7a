"""The facts that gaps are found from, read from a case: marks, acts upon logging, accounts and applications named, digests.

What the look at every event counted is not read again. Records themselves are looked into only where no column can say what
rules need: acts upon logging, policies, digest files, and one record of each session whose origin is open.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from workbench.casefile.content import ContentStore
from workbench.casefile.coverage_counts import CoverageCounts, Wanted
from workbench.casefile.coverage_marks import Marks, Sum, names_of, order
from workbench.casefile.coverage_records import (
    accounts_in,
    digests_on_hand,
    made_at,
    selectors_of,
)
from workbench.casefile.zones import zone_spans, zones_holding
from workbench.coverage.facts import (
    Birth,
    ContentFacts,
    Control,
    Facts,
    NamedAccount,
    NamedApplication,
    controls_logging,
)
from workbench.coverage.rules.exports import CAPS
from workbench.evidence.encoding import to_utf8
from workbench.model.event import Act, IdentityKind
from workbench.model.session import EndKind, Link, Session, Skew
from workbench.sessions.trails import Trail

_READ = 50_000
"""Rows of one read: under 50 ms, so that no reader keeps a writer waiting."""

_ACCOUNT = re.compile(r"\d{12}\Z")


class _Note(msgspec.Struct, frozen=True):
    """What a record that was looked into says, kept so that it is not read again."""

    act: int
    time: int | None
    narrows: bool | None
    asked: str
    accounts: tuple[str, ...]


_NOTE = msgspec.json.Decoder(_Note)


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
        self.marks = Marks(connection, acts)
        """What records say about themselves."""
        self._notes: dict[int, _Note] = {}

    def load(self) -> None:
        """Take up what an earlier look has left in the case file."""
        self.marks.load()
        for event, body in self._connection.execute("SELECT event_id, body FROM coverage_note"):
            self._notes[event] = _NOTE.decode(body)

    def look(self, after: int) -> None:
        """Look at what records above a row number say about themselves, and into those that were wanted."""
        self.marks.look(after)
        self._look_into(self._counts.wanted)

    def _look_into(self, wanted: Iterable[Wanted]) -> None:
        """Read the records of acts upon logging and of policies."""
        # In the order of the rows, so that a block of evidence is unpacked once.
        for each in sorted(wanted):
            act = self._acts[each.act]
            row = self._connection.execute(
                "SELECT e.evidence_id, e.start, e.length, e.part, r.source FROM event e JOIN reading r ON r.id = e.reading_id"
                " WHERE e.id = ?",
                (each.event,),
            ).fetchone()
            narrows: bool | None = None
            asked = ""
            accounts: tuple[str, ...] = ()
            if row is not None and row[4] == "aws.cloudtrail":
                data = self._record(*row[:3])
                if act.service == "cloudtrail":
                    narrows, asked = selectors_of(data, row[3])
                else:
                    accounts = accounts_in(data)
            self._notes[each.event] = _Note(each.act, each.time, narrows, asked, accounts)

    def _record(self, evidence_id: int, start: int, length: int) -> bytes:
        """Return the bytes of a record as UTF-8."""
        (encoding,) = self._connection.execute(
            "SELECT encoding FROM content_account WHERE evidence_id = ?", (evidence_id,)
        ).fetchone()
        return to_utf8(self._contents.read(evidence_id, start, length), encoding)

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
        recorded = {key.account for key in counts.streams if key.source == "aws.cloudtrail"}
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
            accounts=[
                *self._named_by_identity(trails, recorded),
                *self._named_by_resource(recorded),
                *self._named_by_policy(recorded),
            ],
            applications=[*self._signed_on_to(), *_never_signing_in(trails)],
            contents=list(self._limited()),
            births=list(self._births(sessions, links)),
            validation=digests_on_hand(self._connection, self._contents),
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

    def _named_by_identity(
        self, trails: Iterable[Trail], recorded: set[str | None]
    ) -> Iterator[NamedAccount]:
        found: dict[str, list[Trail]] = {}
        for trail in trails:
            account = None if trail.identity is None else trail.identity.account
            if trail.source == "aws.cloudtrail" and account not in recorded and _is_account(account):
                found.setdefault(str(account), []).append(trail)
        for account, own in found.items():
            first = min((each.first for each in own if each.first is not None), default=None)
            names = {each.identity.canonical for each in own if each.identity is not None}
            event = self._earliest(
                first,
                "e.identity_id IN (SELECT id FROM identity WHERE canonical IN (SELECT value FROM json_each(?)))",
                names,
            )
            if event is not None:
                yield NamedAccount(
                    account=account,
                    how="caller",
                    event=event[0],
                    time=first,
                    events=sum(each.events for each in own),
                    act=self._acts[event[1]].action,
                )

    def _named_by_resource(self, recorded: set[str | None]) -> Iterator[NamedAccount]:
        named: dict[int, tuple[str, str]] = {}
        for number, kind, name, role, account in self._connection.execute(
            "SELECT id, type, name, role, account FROM resource"
        ):
            owner = name if kind == "aws:account" else account
            if _is_account(owner) and owner not in recorded:
                named[number] = (owner, "grantee" if role == "grantee" else "resource")
        yield from self._acted_upon(named)

    def _acted_upon(self, named: Mapping[int, tuple[str, str]]) -> Iterator[NamedAccount]:
        """Yield the accounts of resources, with the earliest event that acts upon one of them."""
        found: dict[tuple[str, str], Sum] = {}
        acts: dict[int, int] = {}
        for row in self._with_resources(list(named)):
            event, time, native_id, sha256, start, act, members = row
            acts[event] = act
            for each in {named[number] for number in map(int, members.split()) if number in named}:
                found.setdefault(each, Sum(0, None, None, [])).add(
                    time, order(native_id, sha256, start), event
                )
        for (account, how), total in found.items():
            event = total.cited[0][2]
            yield NamedAccount(
                account=account,
                how=how,
                event=event,
                time=total.first,
                events=total.events,
                act=self._acts[acts[event]].action,
            )

    def _with_resources(
        self, resources: list[int], source: str = "aws.cloudtrail"
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the shown events of a log that act upon any of these resources."""
        sets = [
            row[0]
            for row in self._connection.execute(
                "SELECT DISTINCT m.set_id FROM json_each(?) k JOIN resource_set_member m ON m.resource_id = k.value",
                (json.dumps(resources),),
            )
        ]
        if not sets:
            return
        listed = json.dumps(sets)
        for span in zone_spans(self._connection, zones_holding(self._connection, "resource_set_id", sets)):
            for low in range(span.first_event, span.last_event + 1, _READ):
                yield from self._connection.execute(
                    "SELECT e.id, e.time, e.native_id, c.content_sha256, e.start, e.act_id, s.members FROM event e"
                    " JOIN resource_set s ON s.id = e.resource_set_id JOIN reading r ON r.id = e.reading_id"
                    " JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete'"
                    " WHERE e.id BETWEEN ? AND ? AND e.disposition < 2 AND r.source = ?"
                    " AND e.resource_set_id IN (SELECT value FROM json_each(?))",
                    (low, min(low + _READ - 1, span.last_event), source, listed),
                ).fetchall()

    def _named_by_policy(self, recorded: set[str | None]) -> Iterator[NamedAccount]:
        found: dict[str, list[tuple[int, int, _Note]]] = {}
        for event, note in self._notes.items():
            for account in note.accounts:
                if account not in recorded:
                    found.setdefault(account, []).append((note.time or 0, event, note))
        for account, own in found.items():
            time, event, note = min(own, key=lambda each: (each[0], self._acts[each[2].act].action, each[1]))
            yield NamedAccount(
                account=account,
                how="policy",
                event=event,
                time=time,
                events=len(own),
                act=self._acts[note.act].action,
            )

    def _signed_on_to(self) -> Iterator[NamedApplication]:
        """Yield the applications that Okta signed people on to."""
        named = {
            row[0]: (row[1], "")
            for row in self._connection.execute(
                "SELECT id, name FROM resource WHERE type = 'okta:appinstance name'"
            )
        }
        if not named:
            return
        found: dict[str, Sum] = {}
        for event, time, native_id, sha256, start, act, members in self._with_resources(
            list(named), "okta.system"
        ):
            if self._acts[act].action != "user.authentication.sso":
                continue
            for number in map(int, members.split()):
                if number in named:
                    found.setdefault(named[number][0], Sum(0, None, None, [])).add(
                        time, order(native_id, sha256, start), event
                    )
        for name, total in sorted(found.items()):
            yield NamedApplication(
                source="okta.system",
                name=name,
                event=total.cited[0][2],
                first=total.first,
                last=total.last,
                events=total.events,
            )

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
                born = None if row is None else made_at(self._record(*row))
            yield Birth(session, born, event)

    def _earliest(self, time: int | None, where: str, names: Iterable[str]) -> tuple[int, int] | None:
        """Return row number and act of the event at a time that fits, the same in every case that holds it."""
        rows = self._connection.execute(
            "SELECT e.id, e.act_id, e.native_id, c.content_sha256, e.start FROM event e JOIN evidence c ON c.id = e.evidence_id"
            f" WHERE e.time IS ? AND e.disposition < 2 AND {where}",
            (time, json.dumps(sorted(names))),
        ).fetchall()
        best = min(rows, key=lambda row: order(*row[2:]), default=None)
        return None if best is None else (best[0], best[1])

    def note_rows(self) -> list[tuple[int, str]]:
        """Return the rows of notes to keep."""
        return [(event, msgspec.json.encode(note).decode()) for event, note in self._notes.items()]


def _key_order(key: Sequence[str | None]) -> tuple[tuple[bool, str], ...]:
    return tuple((part is not None, part or "") for part in key)


def _is_account(text: str | None) -> bool:
    return text is not None and _ACCOUNT.match(text) is not None


def _never_signing_in(trails: Iterable[Trail]) -> Iterator[NamedApplication]:
    """Yield the applications that act in workloads' logs and of which no sign-in is on hand, though sign-ins are."""
    signing_in: set[str] = set()
    acting: dict[tuple[str, str], list[Trail]] = {}
    for trail in trails:
        if trail.identity is None:
            continue
        names = {trail.identity.canonical, trail.identity.native_id or trail.identity.canonical}
        if trail.source == "entra.signin":
            signing_in |= names
        elif (
            trail.source in ("graph.activity", "azure.activity") and trail.kind.kind is IdentityKind.NONHUMAN
        ):
            acting.setdefault((trail.source, trail.identity.canonical), []).append(trail)
    if not signing_in:
        return
    for (source, name), own in sorted(acting.items()):
        if any(
            each.identity is not None
            and signing_in & {each.identity.canonical, each.identity.native_id or ""}
            for each in own
        ):
            continue
        dated = [each for each in own if each.first is not None]
        first = min((each.first or 0 for each in dated), default=None)
        event = (
            min(own, key=lambda each: (each.first is None, each.first or 0, each.number)).runs[0].first_event
        )
        last = max((each.last or 0 for each in dated), default=None)
        yield NamedApplication(
            source=source,
            name=name,
            event=event,
            first=first,
            last=last,
            events=sum(each.events for each in own),
        )
