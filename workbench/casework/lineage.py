"""The lineage of a session or an event of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.session_json import events_cited
from workbench.errors import UnknownReferenceError
from workbench.model.case import StoredEvent
from workbench.model.references import RecordRef, parse_reference
from workbench.model.session import EndKind, Link, Session, Strength
from workbench.sessions.lineage import Hop, Lineage, chain_of, lineage, tie_of
from workbench.text import visible

_AT_ONCE = 500
"""Events read by one statement, so that none stays open for long."""


class Found(NamedTuple):
    """A lineage with what is needed to print it.

    Attributes:
        about: What it is of, in a line.
        lineage: The edges.
        chain: How strong the whole way back is, holes included; ``None`` for what belongs to no session.
        refs: References of all events that they cite, by row number.
        events: These events themselves: who did what, when.
        sessions: The sessions that the edges join, by id.
    """

    about: str
    lineage: Lineage
    chain: Strength | None
    refs: dict[int, RecordRef]
    events: dict[int, StoredEvent]
    sessions: dict[str, Session]


def lineage_from(reader: CaseReader, start: str) -> Found:
    """Return what led to a session or event, and what came of it.

    Args:
        reader: The case.
        start: Id of a session, or the start of it, or the reference of an event.

    Raises:
        UnknownReferenceError: If it names nothing in the case.
    """
    if start.startswith("S-"):
        session = find_session(reader, start)
        return _of_session(reader, session, f"session {session.id}")
    stored = reader.find(parse_reference(start))
    links = reader.derived.links_of_event(stored.id)
    act = f"{stored.event.act.service} {stored.event.act.action}"
    about = f"event {stored.ref.short}  {visible(act)}"
    # What the event itself was caused by comes first; then what its session stems from.
    own = [link for link in links if link.target.event == stored.id and link.target.kind is EndKind.EVENT]
    if stored.session is None:
        return _found(reader, f"{about}, of no session", Lineage(str(stored.ref), (), (), False), own)
    session = find_session(reader, stored.session)
    how, tie = tie_of(stored.id, session, links)
    return _of_session(reader, session, f"{about} ({how}, {tie}), of session {session.id}", own, tie)


def find_session(reader: CaseReader, start: str) -> Session:
    """Return the session of an id or of the start of one.

    Raises:
        UnknownReferenceError: If there is none, or several.
    """
    found = reader.derived.session(start)
    if len(found) != 1:
        raise UnknownReferenceError(
            f"{'no session is' if not found else 'several sessions are'} called {start!r}",
            "give the id (S-…) as `workbench sessions` shows it",
        )
    return found[0]


def _of_session(
    reader: CaseReader,
    session: Session,
    about: str,
    own: Sequence[Link] = (),
    tie: Strength = Strength.PROVEN,
) -> Found:
    derived = reader.derived
    found = lineage(session.id, derived.edges_into, derived.edges_out_of, derived.session_or_none, tie)
    name = visible(session.identity.name) if session.identity else "no identity named"
    return _found(
        reader, f"{about}: {session.kind.kind} {name}, {session.method}", found, own, chain_of(session, tie)
    )


def _found(
    reader: CaseReader, about: str, found: Lineage, own: Sequence[Link], chain: Strength | None = None
) -> Found:
    followed = {hop.link.id for hop in found.back}
    # These hang on the event alone: whether it belongs to its session takes nothing from them.
    first = [Hop(link, 0, found.start, "", link.strength) for link in own if link.id not in followed]
    found = msgspec.structs.replace(found, back=(*first, *found.back))
    hops = (*found.back, *found.forward)
    cited = sorted(events_cited(hop.link for hop in hops))
    events = {
        int(stored.id): stored
        for start in range(0, len(cited), _AT_ONCE)
        for stored in reader.events(cited[start : start + _AT_ONCE])
    }
    nodes = {node for hop in hops for node in (hop.near, hop.far)}
    sessions = {one.id: one for one in reader.derived.sessions(sorted(nodes))}
    return Found(about, found, chain, reader.derived.refs(cited), events, sessions)
