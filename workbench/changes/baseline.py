"""A session against what had been done before it: which actions, resources, addresses, agents and hours are new.

"New" is said of the evidence: a baseline says how many of its days are covered by any record of the session's sources, and
which days have none.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from workbench.clock import DAY

ATTEMPTED = "attempted "
"""How aspects begin that count what was denied or failed: it was tried and not done."""

ASPECTS = (
    *("action", "resource", f"{ATTEMPTED}action", f"{ATTEMPTED}resource"),
    *("address", "agent", "hour"),
)
"""What sessions are compared by. Addresses, agents and hours are those of all acts, attempts included. Hours are UTC."""


class Against(enum.StrEnum):
    """Whose earlier acts a session is held against.

    ``identity``: those of the same name, of a session of a role with the session name (which whoever assumes it may choose).
    ``role``: those of all sessions of the role. ``everyone``: all.
    """

    IDENTITY = "identity"
    ROLE = "role"
    EVERYONE = "everyone"


_ROLE = re.compile(
    r"arn:[^:]*:iam::(?P<account>\d*):role/(?:.*/)?(?P<name>[^/]+)"
    r"|arn:[^:]*:sts::(?P<of>\d*):assumed-role/(?P<assumed>[^/]+)/.*"
    r"|(?P<id>AROA[A-Z0-9]+)",
    re.DOTALL,
)
"""Canonical names of roles of AWS: their ARN, that of a session of one, or the id where the record holds no more."""


def role_of(canonical: str) -> str | None:
    """Return the role behind an identity, account and name; ``None`` if it is no role."""
    found = _ROLE.fullmatch(canonical)
    if found is None:
        return None
    if found["id"]:
        return found["id"]
    return f"{found['account'] or found['of'] or ''}:{found['name'] or found['assumed']}"


class Occurrence(NamedTuple):
    """How often a value occurs, and when.

    Attributes:
        events: How many events.
        first: Time of the first, microseconds UTC.
        last: Time of the last.
    """

    events: int
    first: int
    last: int


Habit = dict[str, dict[str, Occurrence]]
"""By aspect, what was done, and how often."""


class Coverage(msgspec.Struct, frozen=True):
    """How much of the time before a session any record of its sources covers.

    Attributes:
        first: Time of the first record before the session, microseconds UTC; ``None`` if there is none.
        last: Of the last record before it.
        until: Where it ends: the start of the session.
        covered: Days with at least one record of the session's sources.
        missing: Days between without any, as numbers of days since 1970-01-01.
    """

    first: int | None
    last: int | None
    until: int
    covered: int
    missing: tuple[int, ...]


class Novelty(NamedTuple):
    """Something that a session did and its baseline had not.

    Attributes:
        aspect: Which aspect.
        value: What.
        now: How often the session did it, and when.
    """

    aspect: str
    value: str
    now: Occurrence


class Side(NamedTuple):
    """What two sessions did of one thing.

    Attributes:
        aspect: Which aspect.
        value: What.
        one: How often the first session did it; ``None``: not.
        other: The second.
    """

    aspect: str
    value: str
    one: Occurrence | None
    other: Occurrence | None


def coverage(days: Mapping[int, tuple[int, int]], until: int) -> Coverage:
    """Return how the days with records cover the time before a session.

    Args:
        days: By day with records of the session's sources before it, as numbers since 1970-01-01: the times of the first
            and the last of them.
        until: Start of the session, microseconds UTC.
    """
    if not days:
        return Coverage(None, None, until, 0, ())
    begin, end = min(days), max(days)
    missing = tuple(day for day in range(begin, until // DAY) if day not in days)
    return Coverage(days[begin][0], days[end][1], until, len(days), missing)


def novelties(now: Habit, before: Habit) -> list[Novelty]:
    """Return what a session did that had not been done before, by aspect, the most frequent first.

    What had only been tried before had not been done; what had been done is nothing new when it is tried.
    """
    return [
        Novelty(aspect, value, occurrence)
        for aspect in ASPECTS
        for value, occurrence in sorted(
            now.get(aspect, {}).items(), key=lambda each: (-each[1].events, each[0])
        )
        if value not in before.get(aspect, {}) and value not in before.get(aspect.removeprefix(ATTEMPTED), {})
    ]


def side_by_side(one: Habit, other: Habit) -> list[Side]:
    """Return everything that either of two sessions did, by aspect and name."""
    return [
        Side(aspect, value, one.get(aspect, {}).get(value), other.get(aspect, {}).get(value))
        for aspect in ASPECTS
        for value in sorted({*one.get(aspect, {}), *other.get(aspect, {})})
    ]
