"""Reading sessions, links, identities and credentials in the background."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

import msgspec

from workbench.casefile.connection import storage_errors
from workbench.errors import CaseFileError
from workbench.model.case import StoredEvent
from workbench.model.digest import Validation
from workbench.model.gap import Gap
from workbench.model.references import RecordRef
from workbench.model.session import KnownCredential, KnownIdentity, Link, Match, Session, Skew, Strength
from workbench.search import parse
from workbench.text import visible
from workbench.tui.filters import condition
from workbench.tui.reading.background import BackgroundReader
from workbench.tui.reading.sources import Cases, CaseSource
from workbench.tui.tables.session_forest import SessionForest

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.casework.coverage import Matrix
    from workbench.casework.gaps import GapDecision
    from workbench.casework.identities import Decision
    from workbench.casework.record.look import Journal
    from workbench.sessions.lineage import Lineage

T = TypeVar("T")

CONTENT_STEP = 400
"""Events of a session that are read at a time."""

CITED = 1_000
"""Events of a lineage, a session or a link that are read to be named; the others are shown by their reference."""

FORWARDED_LISTED = 100
"""Forwarded calls that a lineage lists; it says how many there are."""


@dataclasses.dataclass(frozen=True)
class Named:
    """What links name, as far as it was read.

    Attributes:
        events: Events by row number, at most :data:`CITED`.
        refs: References of all events, by row number.
        sessions: Sessions by id.
    """

    events: dict[int, StoredEvent]
    refs: dict[int, RecordRef]
    sessions: dict[str, Session]


@dataclasses.dataclass(frozen=True)
class SessionDetails:
    """What the pane of a session shows beside the session itself.

    Attributes:
        session: The session.
        incoming: Links that lead to it, each with the session or event it comes from.
        outgoing: How many links lead from it.
        forwarded: Links of the calls that services made for it.
        named: What they name.
    """

    session: Session
    incoming: tuple[tuple[Link, str], ...]
    outgoing: int
    forwarded: tuple[Link, ...]
    named: Named


@dataclasses.dataclass(frozen=True)
class LineageFound:
    """A lineage with everything that is named in it.

    Attributes:
        event: The event it was asked for, ``None`` if it was asked for a session.
        tie: How this event hangs on its session, and how well; ``None`` if there is no event or no session.
        cites: Links that cite this event or end in it.
        lineage: The edges.
        forwarded: Links of the calls that services made for the session it starts from.
        named: What all of them name.
    """

    event: StoredEvent | None
    tie: tuple[str, Strength] | None
    cites: tuple[Link, ...]
    lineage: Lineage
    forwarded: tuple[Link, ...]
    named: Named


@dataclasses.dataclass(frozen=True)
class Identities:
    """All identities, what is proposed of them, and what responders decided."""

    known: tuple[KnownIdentity, ...]
    matches: tuple[Match, ...]
    decisions: tuple[Decision, ...]
    skews: tuple[Skew, ...]


@dataclasses.dataclass(frozen=True)
class Coverage:
    """What the evidence covers and what it cannot show, with what responders said of gaps."""

    matrix: Matrix
    gaps: tuple[Gap, ...]
    decisions: tuple[GapDecision, ...]
    validation: Validation


class DerivedReading:
    """The reading side of the screens of sessions, identities and credentials.

    Three readers: one for whole lists, one for what stands under the cursor, one for what may take long and is given up when
    its screen is left; so that none waits for another's work.
    """

    def __init__(self, cases: Cases, path: Path) -> None:
        self._cases = cases
        self._path = path
        self._lists = BackgroundReader(lambda: cases.open(path), "derived")
        self._single = BackgroundReader(lambda: cases.open(path), "session")
        self._long = BackgroundReader(lambda: cases.open(path), "lineage")

    def close(self) -> None:
        """Stop all reading."""
        for reader in (self._lists, self._single, self._long):
            reader.close()

    def give_up(self) -> None:
        """Stop following links or reading the events of a session: their screen is left."""
        self._long.interrupt()

    async def state(self) -> tuple[int, bool]:
        """Return a number that changes when somebody has written to the case, and whether sessions are up to date."""
        return await self._list(lambda source: (source.data_version(), source.derived.current()))

    async def version(self) -> int:
        """Return a number that changes when somebody has written to the case."""
        return await self._list(lambda source: source.data_version())

    async def forest(self) -> SessionForest:
        """Read all sessions and build the tree of them."""
        return await self._list(lambda source: SessionForest(source.derived.session_rows()))

    async def identities(self) -> Identities:
        """Read all identities."""
        cases = self._cases

        def work(source: CaseSource) -> Identities:
            derived = source.derived
            return Identities(
                tuple(derived.identities()),
                tuple(derived.matches()),
                tuple(cases.decisions(source)),
                tuple(derived.skews()),
            )

        return await self._list(work)

    async def coverage(self, columns: int) -> Coverage:
        """Read what the evidence covers, in at most so many columns, and what it cannot show."""
        cases = self._cases

        def work(source: CaseSource) -> Coverage:
            from workbench.casework.coverage import coverage_matrix

            gaps = tuple(source.coverage.gaps())
            return Coverage(
                coverage_matrix(source.coverage, columns=columns),
                gaps,
                tuple(cases.gap_decisions(source)),
                source.coverage.validation(),
            )

        return await self._list(work)

    async def journal(self) -> Journal:
        """Read and check the journal."""
        return await self._list(self._cases.journal)

    async def credentials(self) -> list[KnownCredential]:
        """Read all credentials."""
        return await self._list(lambda source: list(source.derived.credentials()))

    async def sessions(self, ids: Sequence[str]) -> dict[str, Session]:
        """Read some sessions, by id."""
        return await self._one(lambda source: {one.id: one for one in source.derived.sessions(ids)})

    async def details(self, session: str) -> SessionDetails | None:
        """Read what is to be shown of a session; ``None`` if a rebuild has taken it away."""

        def work(source: CaseSource) -> SessionDetails | None:
            derived = source.derived
            found = list(derived.sessions([session]))
            if not found:
                return None
            incoming = tuple(derived.edges_into(session))
            forwarded = tuple(derived.forwarded(session=session))
            numbers = [number for link, _ in incoming for number in numbers_of(link)]
            if found[0].opened_by is not None:
                numbers.insert(0, found[0].opened_by)
            named = _named(source, numbers, {node for _, node in incoming})
            return SessionDetails(found[0], incoming, len(derived.edges_out_of(session)), forwarded, named)

        return await self._one(work)

    async def lineage_of_session(self, session: str) -> LineageFound:
        """Follow the links from a session."""
        return await self._far(lambda source: _lineage(source, session, None))

    async def lineage_of_event(self, event: int) -> LineageFound | None:
        """Follow the links from an event, that is from its session if it has one; ``None`` if the event is gone."""

        def work(source: CaseSource) -> LineageFound | None:
            stored = next(iter(source.events([event])), None)
            if stored is None:
                return None
            return _lineage(source, stored.session or str(stored.ref), stored)

        return await self._far(work)

    async def content(self, session: str) -> AsyncGenerator[tuple[list[StoredEvent], int, int], None]:
        """Read all events of a session, some at a time, each with how much of the case was looked at: part, whole."""
        query = parse(condition("session", session))
        async with aclosing(self._long.scan(query)) as chunks:
            async for chunk in chunks:
                steps = range(0, max(1, len(chunk.ids)), CONTENT_STEP)
                for ids in [chunk.ids[start : start + CONTENT_STEP] for start in steps]:
                    yield await self._events(self._long, ids), chunk.scanned, chunk.total

    async def _events(self, reader: BackgroundReader, ids: Sequence[int]) -> list[StoredEvent]:
        return await reader.run(lambda source: self._safely(source, lambda _: list(source.events(ids))))

    async def event(self, event: int) -> StoredEvent | None:
        """Read one event; ``None`` if a rebuild has taken it away."""
        return await self._one(lambda source: next(iter(source.events([event])), None))

    async def named(self, events: Sequence[int]) -> Named:
        """Read what some events are."""
        return await self._one(lambda source: _named(source, events, ()))

    async def events(self, numbers: Sequence[int]) -> list[StoredEvent]:
        """Read some events."""
        return await self._one(lambda source: list(source.events(numbers)))

    async def sessions_of(self, events: Sequence[int]) -> set[str]:
        """Return the sessions that some events belong to."""
        return await self._list(lambda source: set(source.derived.sessions_of(events).values()))

    async def _list(self, work: Callable[[CaseSource], T]) -> T:
        return await self._lists.run(lambda source: self._safely(source, work))

    async def _one(self, work: Callable[[CaseSource], T]) -> T:
        return await self._single.run(lambda source: self._safely(source, work))

    async def _far(self, work: Callable[[CaseSource], T]) -> T:
        return await self._long.run(lambda source: self._safely(source, work))

    def _safely(self, source: CaseSource, work: Callable[[CaseSource], T]) -> T:
        try:
            with storage_errors(self._path):
                return work(source)
        except msgspec.MsgspecError as error:
            # What was derived by another version may lack what this one shows.
            raise CaseFileError(
                "the sessions of this case were derived by another version of the workbench",
                f"derive them anew: workbench derive {visible(shlex.quote(str(self._path)))}",
            ) from error


def numbers_of(link: Link) -> Iterable[int]:
    """Return the row numbers of all events that a link names: cited, at its ends, and rivals."""
    yield from link.evidence
    for end in (link.source, link.target, *link.rivals):
        if end.event is not None:
            yield end.event


def _named(source: CaseSource, numbers: Iterable[int], nodes: Iterable[str]) -> Named:
    unique = list(dict.fromkeys(numbers))
    wanted = unique[:CITED]
    sessions = [node for node in nodes if node.startswith("S-")]
    return Named(
        {int(stored.id): stored for stored in source.events(wanted)} if wanted else {},
        source.derived.refs(unique),
        {one.id: one for one in source.derived.sessions(sessions)},
    )


def _lineage(source: CaseSource, start: str, event: StoredEvent | None) -> LineageFound:
    from workbench.sessions.lineage import lineage, tie_of

    derived = source.derived
    cites = tuple(derived.links_of_event(event.id)) if event is not None else ()
    session = derived.session_or_none(start)
    tie = None if event is None or session is None else tie_of(event.id, session, cites)
    found = lineage(
        start,
        derived.edges_into,
        derived.edges_out_of,
        derived.session_or_none,
        Strength.PROVEN if tie is None else tie[1],
    )
    forwarded = tuple(derived.forwarded(session=start))
    hops = (*found.back, *found.forward)
    nodes = dict.fromkeys([start, *(node for hop in hops for node in (hop.near, hop.far))])
    numbers = [] if event is None else [int(event.id)]
    numbers += [number for link in cites for number in numbers_of(link)]
    numbers += [number for hop in hops for number in numbers_of(hop.link)]
    numbers += [number for link in forwarded[:FORWARDED_LISTED] for number in numbers_of(link)]
    return LineageFound(event, tie, cites, found, forwarded, _named(source, numbers, nodes))
