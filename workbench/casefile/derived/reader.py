"""Reading the derived layer: sessions, links, identities and credentials as model values."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from workbench.casefile.derived.facts import unverified_sources
from workbench.casefile.derived.session_of import SESSION_OF
from workbench.casefile.derived.state import DERIVED_VERSION, digests_held, last_event, read_state
from workbench.casefile.derived.versions import Version, versions
from workbench.model.references import RecordRef
from workbench.model.session import (
    HOLE,
    RIVALS_SHOWN,
    End,
    EndKind,
    KnownCredential,
    KnownIdentity,
    Link,
    Match,
    Relation,
    Session,
    Skew,
    Strength,
    id_of,
)
from workbench.sessions.rules.forwarded import FORWARDED

_SESSION = msgspec.json.Decoder(Session)
_LINK = msgspec.json.Decoder(Link)
_IDENTITY = msgspec.json.Decoder(KnownIdentity)
_MATCH = msgspec.json.Decoder(Match)
_CREDENTIAL = msgspec.json.Decoder(KnownCredential)


class SessionRow(NamedTuple):
    """What lists of sessions show, without the details.

    Attributes:
        id: Its id.
        parent: Id of the session that it stems from.
        start: Microseconds UTC.
        end: Microseconds UTC.
        events: Own events.
        kind: What stands behind it.
        strength: How well it hangs on its parent.
        identity: Canonical name.
        method: What makes its events one session.
        anchor: The native key they hold.
        name: What people call its principal.
    """

    id: str
    parent: str | None
    start: int | None
    end: int | None
    events: int
    kind: str
    strength: str
    identity: str | None
    method: str
    anchor: str | None
    name: str | None = None


class DerivedSummary(NamedTuple):
    """How much was derived.

    Attributes:
        current: Whether from all acknowledged evidence, by these rules, to the end.
        sessions: How many sessions.
        links: Links by strength; those of forwarded calls are not among them.
        identities: How many identities.
        credentials: How many credentials.
        skews: What logs say of each other's clocks.
    """

    current: bool
    sessions: int
    links: dict[str, int]
    identities: int
    credentials: int
    skews: tuple[Skew, ...]


class DerivedReader:
    """Reads sessions and links through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def current(self) -> bool:
        """Whether sessions and links were derived from all acknowledged evidence by these rules, to the end."""
        state = read_state(self._connection)
        if state is None:
            return last_event(self._connection) == 0
        return (
            state.complete
            and state.version == DERIVED_VERSION
            and state.through == last_event(self._connection)
            and state.digests == digests_held(self._connection)
        )

    def summary(self) -> DerivedSummary:
        """Count what was derived."""

        def count(table: str) -> int:
            number: int = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            return number

        return DerivedSummary(
            current=self.current(),
            sessions=count("session"),
            links=dict(
                self._connection.execute("SELECT strength, count(*) FROM link GROUP BY strength").fetchall()
            ),
            identities=count("known_identity"),
            credentials=count("known_credential"),
            skews=tuple(self.skews()),
        )

    def session_rows(self) -> list[SessionRow]:
        """Return all sessions as lists show them, the earliest first."""
        rows = self._connection.execute(
            f"SELECT {', '.join(chr(34) + name + chr(34) for name in SessionRow._fields)} FROM session"
            " ORDER BY start IS NULL, start, id"
        )
        return [SessionRow(*row) for row in rows]

    def sessions(self, ids: Sequence[str] | None = None) -> Iterator[Session]:
        """Yield sessions, the earliest first; all of them, or those of these ids."""
        where, parameters = _among("id", ids)
        rows = self._connection.execute(
            f"SELECT body FROM session{where} ORDER BY start IS NULL, start, id", parameters
        ).fetchall()
        for (body,) in rows:
            yield _SESSION.decode(body)

    def session(self, start_of_id: str) -> list[Session]:
        """Return the sessions whose id begins so; one if it was given far enough."""
        rows = self._connection.execute(
            "SELECT body FROM session WHERE id >= ? AND id < ? LIMIT 2", (start_of_id, start_of_id + "g")
        )
        return [_SESSION.decode(body) for (body,) in rows]

    def session_or_none(self, node: str) -> Session | None:
        """Return the session of an id, ``None`` if it is the id of anything else."""
        row = self._connection.execute("SELECT body FROM session WHERE id = ?", (node,)).fetchone()
        return None if row is None else _SESSION.decode(row[0])

    def openers_of(self, session: str) -> frozenset[int]:
        """Return the events that opened a session and are no own events of it: a sign-in, the issue of its key."""
        rows = self._connection.execute(
            "SELECT event_id FROM session_opener WHERE session_id = ?", (session,)
        )
        return frozenset(row[0] for row in rows)

    def sessions_of(self, events: Iterable[int]) -> dict[int, str]:
        """Return the session of each event that has one, by row number."""
        rows = self._connection.execute(SESSION_OF, (json.dumps(list(events)),))
        return {event: session for event, session in rows if session is not None}

    def links(self, *, into: str | None = None, out_of: str | None = None) -> Iterator[Link]:
        """Yield links: all, or those that lead to a session (or other end), or from it.

        Those of forwarded calls are not among them; see :meth:`forwarded`.
        """
        where, parameters = "", []
        if into is not None:
            where, parameters = " WHERE target_node = ?", [into]
        elif out_of is not None:
            where, parameters = " WHERE source_node = ?", [out_of]
        for (body,) in self._connection.execute(
            f"SELECT body FROM link{where} ORDER BY rule, id", parameters
        ).fetchall():
            yield _LINK.decode(body)

    def edges_into(self, node: str) -> list[tuple[Link, str]]:
        """Return the links that lead to a session or event, each with the session or event it comes from."""
        return self._edges("source_node", "target_node", node)

    def edges_out_of(self, node: str) -> list[tuple[Link, str]]:
        """Return the links that lead from a session or event, each with the session, event or credential it leads to."""
        return self._edges("target_node", "source_node", node)

    def _edges(self, far: str, near: str, node: str) -> list[tuple[Link, str]]:
        rows = self._connection.execute(
            f"SELECT body, {far} FROM link WHERE {near} = ? AND {far} <> {near} ORDER BY rule, id", (node,)
        ).fetchall()
        return [(_LINK.decode(body), other) for body, other in rows]

    def links_of_event(self, event: int) -> list[Link]:
        """Return the links that cite an event or end in it, that of a forwarded call included."""
        rows = self._connection.execute(
            "SELECT l.body FROM link_event v JOIN link l ON l.id = v.link_id WHERE v.event_id = ? ORDER BY l.rule, l.id",
            (event,),
        )
        return [*(_LINK.decode(body) for (body,) in rows), *self.forwarded(events=[event])]

    def forwarded(self, *, session: str | None = None, events: Sequence[int] | None = None) -> Iterator[Link]:
        """Yield the links of calls that services forwarded, those of a session, of certain calls, or all.

        A call with one fitting cause is inferred to come from it; one with several lists them; one with none is a hole.
        """
        where, parameters = _among("f.event_id", events)
        if session is not None:
            where, parameters = " WHERE f.session_id = ?", (session,)
        rows = self._connection.execute(
            f"SELECT f.event_id, f.time, f.causes FROM forwarded_call f{where} ORDER BY f.time, f.event_id",
            parameters,
        ).fetchall()
        for start in range(0, len(rows), 500):
            chunk = rows[start : start + 500]
            causes = {row[0]: json.loads(row[2]) for row in chunk}
            numbers = {
                number
                for event, listed in causes.items()
                for number in (event, *(each[0] for each in listed))
            }
            refs = self.refs(numbers)
            for event, time, _ in chunk:
                yield from _forwarded(event, time, causes[event], refs)

    def refs(self, events: Iterable[int]) -> dict[int, RecordRef]:
        """Return the references of events, by row number."""
        rows = self._connection.execute(
            "SELECT e.id, c.content_sha256, e.start, e.length, e.part FROM json_each(?) k"
            " CROSS JOIN event e ON e.id = k.value JOIN evidence c ON c.id = e.evidence_id",
            (json.dumps(list(events)),),
        )
        return {number: RecordRef(*ref) for number, *ref in rows}

    def identities(self) -> list[KnownIdentity]:
        """Return all identities, those with most events first."""
        rows = self._connection.execute("SELECT body FROM known_identity ORDER BY events DESC, canonical, id")
        return [_IDENTITY.decode(body) for (body,) in rows]

    def matches(self) -> list[Match]:
        """Return which identities may be one, the likeliest first, those that differ by what they are last."""
        rows = self._connection.execute("SELECT body FROM identity_match ORDER BY score DESC, id")
        return sorted((_MATCH.decode(body) for (body,) in rows), key=lambda match: not match.alike)

    def credentials(self) -> Iterator[KnownCredential]:
        """Yield all credentials, those with most events first."""
        rows = self._connection.execute(
            "SELECT body FROM known_credential ORDER BY events DESC, id"
        ).fetchall()
        for (body,) in rows:
            yield _CREDENTIAL.decode(body)

    def links_named(self, ids: Iterable[str]) -> list[Link]:
        """Return the links of these ids that there are; those of forwarded calls are not among them."""
        where, parameters = _among("id", list(ids))
        return [
            _LINK.decode(body)
            for (body,) in self._connection.execute(f"SELECT body FROM link{where}", parameters)
        ]

    def credentials_named(self, native_ids: Iterable[str]) -> list[KnownCredential]:
        """Return the credentials of these native ids."""
        where, parameters = _among("native_id COLLATE NOCASE", list(native_ids))
        return [
            _CREDENTIAL.decode(body)
            for (body,) in self._connection.execute(f"SELECT body FROM known_credential{where}", parameters)
        ]

    def unverified(self) -> frozenset[str]:
        """Return the sources whose reader was checked against no sample: what rests on them is at most inferred."""
        return unverified_sources(self._connection)

    def versions(self) -> dict[int, Version]:
        """Return the events of which another version stands in the case: the same id, other content."""
        return versions(self._connection)

    def skews(self) -> list[Skew]:
        """Return what logs say of each other's clocks."""
        row = self._connection.execute("SELECT value FROM derived_state WHERE key = 'skews'").fetchone()
        return [] if row is None else msgspec.json.decode(row[0], type=list[Skew])


def _among(column: str, values: Sequence[Any] | None) -> tuple[str, tuple[str, ...]]:
    if values is None:
        return "", ()
    return f" WHERE {column} IN (SELECT value FROM json_each(?))", (json.dumps(list(values)),)


def _forwarded(
    event: int, time: int, causes: Sequence[Sequence[int]], refs: dict[int, RecordRef]
) -> Iterator[Link]:
    def end(number: int) -> End:
        return End(EndKind.EVENT, str(refs[number]), number)

    target = end(event)
    if not causes:
        yield Link(
            id=id_of("L", FORWARDED.name, "", target.id),
            rule=FORWARDED.name,
            version=FORWARDED.version,
            relation=Relation.FORWARDED,
            strength=Strength.UNPROVEN,
            source=HOLE,
            target=target,
            evidence=(event,),
            caveats=("no call that fits is in the evidence",),
            closes="the service's own log of the request, or CloudTrail of the minutes before",
        )
    ends = [end(each[0]) for each in causes[:RIVALS_SHOWN]]
    for source, cause in zip(ends, causes, strict=False):
        several = f"{len(causes)} calls fit equally well: which of them caused it is open"
        yield Link(
            id=id_of("L", FORWARDED.name, source.id, target.id),
            rule=FORWARDED.name,
            version=FORWARDED.version,
            relation=Relation.FORWARDED,
            strength=Strength.INFERRED,
            source=source,
            target=target,
            fields=("principal, resource and kind of act agree",),
            evidence=(cause[0], event),
            delta=time - cause[2],
            rivals=tuple(rival for rival in ends if rival is not source),
            rival_count=len(causes) - 1,
            caveats=(several if len(causes) > 1 else "no id is shared: at most two seconds joins them",),
        )
