"""What a session did, by resource and then by kind of act: the groups, and which rows of them are on show. No drawing."""

from __future__ import annotations

import enum
from array import array
from collections.abc import Collection, Iterable
from typing import NamedTuple

from workbench.model.case import StoredEvent
from workbench.model.event import OutcomeStatus, Verb

NO_RESOURCE = ""
"""Stands for events whose record names no resource."""

WEIGHTY = (
    Verb.READ_SECRET,
    Verb.ISSUE_CREDENTIAL,
    Verb.DELEGATE,
    Verb.DELETE,
    Verb.UPDATE,
    Verb.CREATE,
    Verb.EXECUTE,
    Verb.AUTHENTICATE,
)
"""Verbs in the order in which a resource shows them; the others follow."""


class Order(enum.Enum):
    """In which order resources stand."""

    EVENTS = "most events first"
    WEIGHT = "weightiest acts first"
    NAME = "by name"


class Group:
    """Events of one kind of act on one resource.

    Attributes:
        events: Their row numbers, in the order of the timeline.
        actions: Operations with their counts.
        failed: How many did not succeed.
        first: The earliest, microseconds UTC.
        last: The latest.
    """

    def __init__(self) -> None:
        self.events: array[int] = array("q")
        self.actions: dict[str, int] = {}
        self.failed = 0
        self.first: int | None = None
        self.last: int | None = None

    def add(self, stored: StoredEvent) -> None:
        """Count an event."""
        event = stored.event
        self.events.append(stored.id)
        self.actions[event.act.action] = self.actions.get(event.act.action, 0) + 1
        self.failed += event.outcome.status not in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)
        micros = event.time.micros
        if micros is not None:
            self.first = micros if self.first is None else min(self.first, micros)
            self.last = micros if self.last is None else max(self.last, micros)


class ContentRow(NamedTuple):
    """One row on show.

    Attributes:
        resource: Name of the resource; :data:`NO_RESOURCE` for events that name none.
        verb: Kind of act; ``None`` for the row of the resource.
        event: Row number of the event; ``None`` for a group.
        opened: Whether what is under it is shown; ``None`` for an event.
    """

    resource: str
    verb: Verb | None
    event: int | None
    opened: bool | None

    @property
    def key(self) -> tuple[str, str, int]:
        """What the row is remembered by."""
        return self.resource, self.verb.value if self.verb else "", self.event or 0


class SessionContent:
    """Collects the events of a session. An event stands under every resource that its record names.

    Attributes:
        events: How many events were added.
    """

    def __init__(self) -> None:
        self.events = 0
        self.types: dict[str, str | None] = {}
        self._groups: dict[str, dict[Verb, Group]] = {}

    def add(self, events: Iterable[StoredEvent]) -> None:
        """Add events, in the order of the timeline."""
        for stored in events:
            self.events += 1
            resources = stored.event.resources
            for one in resources:
                self.types.setdefault(one.name, one.type)
            for name in dict.fromkeys(one.name for one in resources) or (NO_RESOURCE,):
                verbs = self._groups.setdefault(name, {})
                verb = stored.event.act.verb
                group = verbs.get(verb)
                if group is None:
                    group = verbs[verb] = Group()
                group.add(stored)

    @property
    def resources(self) -> int:
        """How many resources are named."""
        return len(self._groups) - (NO_RESOURCE in self._groups)

    def group(self, resource: str, verb: Verb) -> Group:
        """Return the events of one kind of act on one resource."""
        return self._groups[resource][verb]

    def verbs(self, resource: str) -> list[tuple[Verb, Group]]:
        """Return the kinds of act on a resource, the weightiest first."""
        return sorted(self._groups[resource].items(), key=lambda one: _weight(one[0]))

    def visible(self, order: Order, toggled: Collection[tuple[str, str, int]]) -> list[ContentRow]:
        """Return the rows to show: every resource with its verbs, and the events of the verbs that were unfolded.

        Args:
            order: Order of the resources.
            toggled: Keys of rows that are not in the state they are in by themselves: resources folded, verbs unfolded.
        """
        rows: list[ContentRow] = []
        for resource in sorted(self._groups, key=lambda name: self._rank(name, order)):
            head = ContentRow(resource, None, None, True)
            opened = head.key not in toggled
            rows.append(head._replace(opened=opened))
            if not opened:
                continue
            for verb, group in self.verbs(resource):
                row = ContentRow(resource, verb, None, False)
                unfolded = row.key in toggled
                rows.append(row._replace(opened=unfolded))
                if unfolded:
                    rows += [ContentRow(resource, verb, event, None) for event in group.events]
        return rows

    def _rank(self, resource: str, order: Order) -> tuple[int, int, str]:
        groups = self._groups[resource]
        count = -sum(len(group.events) for group in groups.values())
        if order is Order.NAME:
            return 0, 0, resource
        if order is Order.EVENTS:
            return count, 0, resource
        return min(_weight(verb) for verb in groups), count, resource


def _weight(verb: Verb) -> int:
    return WEIGHTY.index(verb) if verb in WEIGHTY else len(WEIGHTY) + list(Verb).index(verb)
