"""A session against what its identity, or everybody, had done before; and two sessions side by side."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.lineage import find_session
from workbench.changes.baseline import Coverage, Novelty, Side, coverage, novelties, side_by_side
from workbench.errors import UnknownReferenceError
from workbench.model.session import Session
from workbench.search import parse

IDENTITY, EVERYONE = "identity", "everyone"


class AgainstBaseline(msgspec.Struct, frozen=True):
    """A session against its baseline.

    Attributes:
        session: The session.
        against: Whose acts the baseline is made of, in words.
        coverage: How much of the time before the session the evidence covers.
        events: How many events of the baseline there are.
        novelties: What is new.
    """

    session: Session
    against: str
    coverage: Coverage
    events: int
    novelties: list[Novelty]


class TwoSessions(msgspec.Struct, frozen=True):
    """Two sessions side by side."""

    one: Session
    other: Session
    sides: list[Side]


def events_of(reader: CaseReader, session: Session) -> list[int]:
    """Return the row numbers of the events of a session."""
    return [event for chunk in reader.scan(parse(f"session:{session.id}")) for event in chunk.ids]


def against_baseline(
    reader: CaseReader,
    session_id: str,
    *,
    against: str = IDENTITY,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> AgainstBaseline:
    """Return what a session did that had not been done before it in the evidence.

    Args:
        reader: The case.
        session_id: Id of the session, or the start of it.
        against: ``identity``: what the session's identity had done (of AWS, that is the role or user); ``everyone``.
        tick: Told how far the reading has come; may raise to give up.

    Raises:
        UnknownReferenceError: If there is no such session, or it has no time or no identity to compare with.
    """
    session = find_session(reader, session_id)
    if session.start is None:
        raise UnknownReferenceError(f"{session.id} has no time", "a session without a time has no before")
    identity = session.identity.canonical if session.identity else None
    if against == IDENTITY and identity is None:
        raise UnknownReferenceError(f"{session.id} names no identity", "compare it with --against everyone")
    before, days = reader.habits.before(
        session.start, identity=identity if against == IDENTITY else None, sources=session.sources, tick=tick
    )
    now = reader.habits.of_events(events_of(reader, session))
    return AgainstBaseline(
        session,
        f"{identity}" if against == IDENTITY else EVERYONE,
        coverage(days, session.start),
        sum(each.events for each in before["hour"].values()),
        novelties(now, before),
    )


def two_sessions(reader: CaseReader, one: str, other: str) -> TwoSessions:
    """Return what two sessions did, side by side.

    Raises:
        UnknownReferenceError: If there is no such session.
    """
    first, second = find_session(reader, one), find_session(reader, other)
    return TwoSessions(
        first,
        second,
        side_by_side(
            reader.habits.of_events(events_of(reader, first)),
            reader.habits.of_events(events_of(reader, second)),
        ),
    )
