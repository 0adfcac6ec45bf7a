"""A session against what its identity, its role, or everybody had done before; and two sessions side by side."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.lineage import find_session
from workbench.changes.baseline import (
    Against,
    Coverage,
    Novelty,
    Side,
    coverage,
    novelties,
    role_of,
    side_by_side,
)
from workbench.errors import UnknownReferenceError
from workbench.model.session import Session
from workbench.search import parse


class AgainstBaseline(msgspec.Struct, frozen=True):
    """A session against its baseline.

    Attributes:
        session: The session.
        against: Whose acts the baseline is made of.
        who: Their name; ``everyone`` for all.
        coverage: How much of the time before the session the evidence covers.
        events: How many events of the baseline there are.
        novelties: What is new.
    """

    session: Session
    against: Against
    who: str
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


def baselines(session: Session) -> tuple[Against, ...]:
    """Return what a session can be held against; the first is what it is held against unless something else is asked for.

    Sessions of a role are held against the role: what CI calls them differs with every run.
    """
    if session.identity is None:
        return (Against.EVERYONE,)
    if role_of(session.identity.canonical) is None:
        return (Against.IDENTITY, Against.EVERYONE)
    return (Against.ROLE, Against.IDENTITY, Against.EVERYONE)


def against_baseline(
    reader: CaseReader,
    session_id: str,
    *,
    against: Against | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> AgainstBaseline:
    """Return what a session did that had not been done before it in the evidence.

    Args:
        reader: The case.
        session_id: Id of the session, or the start of it.
        against: Whose earlier acts it is held against; see :func:`baselines` for the default.
        tick: Told how far the reading has come; may raise to give up.

    Raises:
        UnknownReferenceError: If there is no such session, or it has no time, or no identity or role to compare with.
    """
    session = find_session(reader, session_id)
    if session.start is None:
        raise UnknownReferenceError(f"{session.id} has no time", "a session without a time has no before")
    choices = baselines(session)
    if against is None:
        against = choices[0]
    elif against not in choices:
        lacks = "names no identity" if session.identity is None else "is no session of a role"
        raise UnknownReferenceError(
            f"{session.id} {lacks}", f"compare it with {' or '.join(f'--against {each}' for each in choices)}"
        )
    who, does = _whose(session, against)
    before, days = reader.habits.before(session.start, who=does, sources=session.sources, tick=tick)
    now = reader.habits.of_events(events_of(reader, session))
    return AgainstBaseline(
        session,
        against,
        who,
        coverage(days, session.start),
        sum(each.events for each in before["hour"].values()),
        novelties(now, before),
    )


def _whose(session: Session, against: Against) -> tuple[str, Callable[[str, str], bool] | None]:
    """Return whose acts a baseline is made of: their name, and whether an identity is one of them."""
    identity = session.identity
    if against is Against.EVERYONE or identity is None:
        return Against.EVERYONE.value, None
    role = role_of(identity.canonical)
    if against is Against.ROLE:
        return identity.canonical, lambda canonical, name: role_of(canonical) == role
    if role is None:
        return identity.canonical, lambda canonical, name: canonical == identity.canonical
    # The same name of the role session, however much of the role's name a log writes in front of it.
    session_name = identity.name.rpartition("/")[2]
    return (
        identity.name,
        lambda canonical, name: role_of(canonical) == role and name.rpartition("/")[2] == session_name,
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
