"""Which session an event belongs to, and which events a session has: as SQL, for pages of events and for filters.

An event belongs to the session that it opened, else to the one a service made it for, else to that of its trail at its time.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

_SAME_TRAIL = """t.credential_id IS e.credential_id AND t.identity_id IS e.identity_id AND t.address_id IS e.address_id
       AND t.user_agent_id IS e.user_agent_id AND t.key_set_id IS e.key_set_id AND t.kind_id = e.kind_id
       AND t.place_id = e.place_id AND t.reading_id = e.reading_id
       AND (m.first IS e.time OR e.time BETWEEN m.first AND m.last)"""

SESSION_OF = f"""
SELECT e.id, coalesce(
    (SELECT o.session_id FROM session_opener o WHERE o.event_id = e.id),
    (SELECT f.session_id FROM forwarded_call f WHERE f.event_id = e.id),
    (SELECT m.session_id FROM trail t CROSS JOIN trail_session m ON m.trail_id = t.id
     WHERE {_SAME_TRAIL} LIMIT 1))
FROM json_each(?) k CROSS JOIN event e ON e.id = k.value"""
"""The session of events: the one it opened, the one a service made it for, the one its trail belongs to."""


class SessionSpan(NamedTuple):
    """Where the events of sessions lie.

    Attributes:
        credentials: Dictionary numbers of the credentials of their trails; ``None`` stands for trails without one.
        low: Their earliest time, microseconds UTC; ``None`` if some have no time.
        high: Their latest time.
        listed: Row numbers of the events that belong to them by themselves: openers and forwarded calls.
    """

    credentials: frozenset[int | None]
    low: int | None
    high: int | None
    listed: tuple[int, ...]


HOLDS = f"""(e.id IN ({{listed}}) OR (
    EXISTS (SELECT 1 FROM trail t CROSS JOIN trail_session m ON m.trail_id = t.id
            WHERE m.session_id IN ({{sessions}}) AND {_SAME_TRAIL})
    AND NOT EXISTS (SELECT 1 FROM session_opener o WHERE o.event_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM forwarded_call f WHERE f.event_id = e.id AND f.session_id IS NOT NULL)))"""
"""The condition that an event (alias ``e``) belongs to one of some sessions."""


def span_of(connection: sqlite3.Connection, sessions: str, parameters: tuple[str, ...]) -> SessionSpan:
    """Return where the events of sessions lie.

    Args:
        connection: Any.
        sessions: A statement that gives the ids of the sessions.
        parameters: Its parameters.
    """
    credentials = frozenset(
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT t.credential_id FROM trail_session m JOIN trail t ON t.id = m.trail_id"
            f" WHERE m.session_id IN ({sessions})",
            parameters,
        )
    )
    low, high, undated = connection.execute(
        f"SELECT min(first), max(last), max(first IS NULL) FROM trail_session WHERE session_id IN ({sessions})",
        parameters,
    ).fetchone()
    listed = [
        row[0]
        for table in ("session_opener", "forwarded_call")
        for row in connection.execute(
            f"SELECT event_id FROM {table} WHERE session_id IN ({sessions})", parameters
        )
    ]
    return SessionSpan(
        credentials, None if undated else low, None if undated else high, tuple(sorted(listed))
    )
