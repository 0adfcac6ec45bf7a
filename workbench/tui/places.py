"""Where one can be in a case: the things that a screen can be opened on, and the way between them."""

from __future__ import annotations

import dataclasses
from typing import Protocol


@dataclasses.dataclass(frozen=True)
class TimelinePlace:
    """The timeline.

    Attributes:
        query: Filter to apply; ``None`` leaves the one that applies.
        event: Row number of the event to stand on; ``None`` leaves the cursor where it is.
    """

    query: str | None = None
    event: int | None = None


@dataclasses.dataclass(frozen=True)
class SessionsPlace:
    """The tree of sessions.

    Attributes:
        session: Id of the session to stand on.
        words: Filter line to apply; ``None`` leaves the one that applies.
    """

    session: str | None = None
    words: str | None = None


@dataclasses.dataclass(frozen=True)
class ContentPlace:
    """What one session did, by resource and verb."""

    session: str


@dataclasses.dataclass(frozen=True)
class LineagePlace:
    """What led to a session or an event, and what came of it; exactly one of the two is given."""

    session: str | None = None
    event: int | None = None


@dataclasses.dataclass(frozen=True)
class EventPlace:
    """The details of one event, by its row number."""

    event: int


@dataclasses.dataclass(frozen=True)
class IdentitiesPlace:
    """The identities, with the cursor on the one of this canonical name if one is given."""

    canonical: str | None = None


@dataclasses.dataclass(frozen=True)
class CredentialsPlace:
    """The credentials, with the cursor on the one of this native id if one is given."""

    native_id: str | None = None


@dataclasses.dataclass(frozen=True)
class ChangesPlace:
    """The resources with changes, with the cursor on the one of this id if one is given."""

    resource: str | None = None


@dataclasses.dataclass(frozen=True)
class ChangePlace:
    """What one event changed, before and after."""

    event: int


@dataclasses.dataclass(frozen=True)
class LeftBehindPlace:
    """What a session left behind, or everything that was if none is given."""

    session: str | None = None


@dataclasses.dataclass(frozen=True)
class ComparePlace:
    """A session against what was done before it, or beside another one.

    Attributes:
        session: The session.
        other: The session beside it; ``None``: its baseline.
    """

    session: str
    other: str | None = None


@dataclasses.dataclass(frozen=True)
class FindingsPlace:
    """The findings and tags, with the cursor on the one of this id if one is given."""

    claim: str | None = None


@dataclasses.dataclass(frozen=True)
class NotesPlace:
    """The notes, with the cursor on the one of this id if one is given."""

    note: str | None = None


@dataclasses.dataclass(frozen=True)
class HistoryPlace:
    """All versions of tags, findings or notes, by their ids."""

    claims: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class CoveragePlace:
    """What each part of each log covers, and the gaps, with the cursor on the gap of this id if one is given."""

    gap: str | None = None


@dataclasses.dataclass(frozen=True)
class JournalPlace:
    """The journal, with the cursor on this entry if one is given, else on the newest."""

    entry: int | None = None


Place = (
    TimelinePlace
    | SessionsPlace
    | ContentPlace
    | LineagePlace
    | EventPlace
    | IdentitiesPlace
    | CredentialsPlace
    | ChangesPlace
    | ChangePlace
    | LeftBehindPlace
    | ComparePlace
    | FindingsPlace
    | NotesPlace
    | HistoryPlace
    | CoveragePlace
    | JournalPlace
)

SECTIONS: tuple[tuple[str, str, type[Place]], ...] = (
    ("2", "Timeline", TimelinePlace),
    ("3", "Sessions", SessionsPlace),
    ("4", "Changes", ChangesPlace),
    ("5", "Coverage", CoveragePlace),
    ("6", "Findings", FindingsPlace),
    ("7", "Notes", NotesPlace),
    ("8", "Identities", IdentitiesPlace),
    ("9", "Credentials", CredentialsPlace),
)
"""The sections of a case: key, name, and the place that each is."""


class Navigation(Protocol):
    """Moves between places and remembers the way."""

    def go(self, place: Place) -> None:
        """Follow a link to a place; :meth:`back` returns from it."""
        ...

    def jump(self, place: Place) -> None:
        """Go to a section and forget the way that led here."""
        ...

    def back(self) -> bool:
        """Return to where one came from; false if one came from nowhere."""
        ...
