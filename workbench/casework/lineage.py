"""The lineage of a session or an event of a case."""

from __future__ import annotations

from typing import NamedTuple

from workbench.casefile.reader import CaseReader
from workbench.casework.session_json import events_cited
from workbench.errors import UnknownReferenceError
from workbench.model.references import RecordRef, parse_reference
from workbench.model.session import EndKind, Link, Session
from workbench.sessions.lineage import Lineage, lineage
from workbench.text import visible


class Found(NamedTuple):
    """A lineage with what is needed to print it.

    Attributes:
        about: What it is of, in a line.
        lineage: The edges.
        refs: References of all events that they cite, by row number.
    """

    about: str
    lineage: Lineage
    refs: dict[int, RecordRef]


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
        return _of_session(reader, session, [], f"session {session.id}")
    stored = reader.find(parse_reference(start))
    links = reader.derived.links_of_event(stored.id)
    act = f"{stored.event.act.service} {stored.event.act.action}"
    about = f"event {stored.ref.short}  {visible(act)}"
    if stored.session is None:
        return Found(f"{about}, of no session", Lineage("", (), (), False), {})
    session = find_session(reader, stored.session)
    # What the event itself was caused by comes first; then what its session stems from.
    own = [link for link in links if link.target.event == stored.id and link.target.kind is EndKind.EVENT]
    return _of_session(reader, session, own, f"{about}, of session {session.id}")


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


def _of_session(reader: CaseReader, session: Session, own: list[Link], about: str) -> Found:
    derived = reader.derived
    found = lineage(
        session.id,
        lambda node: [*_first(own, node, session.id), *derived.edges_into(node)],
        derived.edges_out_of,
    )
    name = visible(session.identity.name) if session.identity else "no identity named"
    refs = derived.refs(events_cited(hop.link for hop in (*found.back, *found.forward)))
    return Found(f"{about}: {session.kind.kind} {name}, {session.method}", found, refs)


def _first(own: list[Link], node: str, session: str) -> list[tuple[Link, str]]:
    return [(link, "") for link in own] if node == session else []
