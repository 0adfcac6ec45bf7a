"""How a story is told: its events with what each shows, its sessions and links, decoys and gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
Key = tuple[str, str]
"""A credential: its type and its public identifier."""

End = dict[str, Any]
"""One end of a link: an event, a credential or an identity."""


def event(told: Told | str) -> End:
    """Return an event as the end of a link: its native id."""
    return {"event": told if isinstance(told, str) else told.id}


def credential(key: Key) -> End:
    """Return a credential as the end of a link."""
    return {"credential": {"type": key[0], "id": key[1]}}


def identity(canonical: str) -> End:
    """Return an identity as the end of a link."""
    return {"identity": canonical}


def stamp(when: dt.datetime) -> str:
    """Return a moment as ground truths write it: RFC 3339, UTC, no more digits than needed."""
    return when.isoformat().replace("+00:00", "Z")


@dataclass
class Told:
    """One event of the story.

    Attributes:
        source: The log that recorded it.
        id: Its native id.
        at: When.
        records: What the log holds of it: one record, or one for each stage of a request, the last one last.
        identity: Who, as the log names it most stably.
        kind: What stands behind that, as far as this record alone shows.
        client: Address and user agent, as they stand in the record.
        uses: The credentials that it presents, the foremost first.
        issues: The credentials that it hands out.
        shared: The id that it shares with other records of the same act.
        caused_by: Of a call that a service made on somebody's behalf: the events that may have caused it.
        delivered: Whether any file that was handed over holds it.
        place: Which log of its source it stands in: an account and region, a cluster, a category.
    """

    source: str
    id: str
    at: dt.datetime
    records: list[Record]
    identity: str | None
    kind: str
    client: tuple[str | None, str | None] = (None, None)
    uses: tuple[Key, ...] = ()
    issues: tuple[Key, ...] = ()
    shared: str | None = None
    caused_by: tuple[str, ...] = ()
    delivered: bool = True
    place: str = ""


@dataclass
class Session:
    """What the story says of one session; what can be counted is counted.

    Attributes:
        anchor: The credential or sign-in whose presence makes an event a member.
        kind: What stands behind it, with all that the evidence shows.
        parent: What it came from.
        strength: How well it hangs on that.
        says: A sentence.
    """

    anchor: Key
    kind: str
    parent: End | None
    strength: str
    says: str


@dataclass
class Story:
    """Everything that happened, whether or not any log that was handed over holds it.

    Attributes:
        about: What the ground truth says of itself.
        told: The events.
        sessions: What the story says of sessions.
        links: What hangs together, and what only seems to.
        decoys: What must not be taken for proven.
        gaps: What the evidence cannot show.
        named_otherwise: Keys that are a part or another name of a session, and no session of their own.
    """

    about: str
    told: list[Told] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    links: list[Record] = field(default_factory=list)
    decoys: list[Record] = field(default_factory=list)
    gaps: list[Record] = field(default_factory=list)
    named_otherwise: set[Key] = field(default_factory=set)

    def tell(self, *events: Told) -> Told:
        """Add events; returns the first."""
        self.told.extend(events)
        return events[0]

    def session(self, anchor: Key, kind: str, parent: End | None, strength: str, says: str) -> None:
        """Say what a session is."""
        self.sessions.append(Session(anchor, kind, parent, strength, says))

    def link(
        self,
        start: End,
        end: End | None,
        relation: str,
        strength: str,
        rule: str,
        why: str,
        rivals: Iterable[End] = (),
    ) -> None:
        """Say how two things hang together, and how well the evidence shows it. No ``end``: it is not known."""
        self.links.append(
            {
                "from": start,
                "to": end,
                "relation": relation,
                "strength": strength,
                "rule": rule,
                "rivals": list(rivals),
                "why": why,
            }
        )

    def decoy(self, start: End, end: End, why: str, *, never: bool = False) -> None:
        """Say what must not be taken for proven; with ``never``, not be linked at all."""
        self.decoys.append({"from": start, "to": end, "why": why, "never_linked": never})

    def gap(
        self, kind: str, source: str, scope: str, start: dt.datetime, end: dt.datetime, says: str, **more: Any
    ) -> None:
        """Say what the evidence cannot show, for which part of a source, from when to when."""
        self.gaps.append(
            {
                "kind": kind,
                "source": source,
                "scope": scope,
                "start": stamp(start),
                "end": stamp(end),
                "says": says,
                **more,
            }
        )

    def held(self, *sources: str) -> list[Told]:
        """Return the events that were handed over, of some sources or of all, in the order of time."""
        return sorted(
            (each for each in self.told if each.delivered and (not sources or each.source in sources)),
            key=lambda each: (each.at, each.id),
        )
