"""The real changes behind the screens: those of a case file."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.casefile.changes.reader import ChangedResource
from workbench.casefile.reader import CaseReader
from workbench.casework.change_json import Cited
from workbench.casework.compare_sessions import (
    AgainstBaseline,
    TwoSessions,
    against_baseline,
    events_of,
    two_sessions,
)
from workbench.casework.left_behind import events_of_exposures, left_behind
from workbench.casework.lineage import find_session
from workbench.casework.resource_history import history
from workbench.casework.resource_search import find_resources, resources_with_words
from workbench.casework.silent_acts import SilentActs
from workbench.changes.baseline import Against
from workbench.tui.reading.changes import MOST_OTHERS, EventChanges, Left, ResourceFound


class StoredChanges:
    """Implements ``change_reading.ChangesSource`` over a case file."""

    def __init__(self, reader: CaseReader) -> None:
        self._reader = reader

    def current(self) -> bool:
        """Whether changes are up to date."""
        return self._reader.changes.current()

    def resources(self) -> list[ChangedResource]:
        """Return all resources with changes."""
        return self._reader.changes.resources()

    def others(self, words: Sequence[str]) -> list[ChangedResource]:
        """Return resources that no event changed and that words fit."""
        return resources_with_words(self._reader, words, MOST_OTHERS)

    def alike(self, text: str) -> list[ChangedResource]:
        """Return the resources whose name is like a text."""
        return find_resources(self._reader, text)

    def history(self, resource: ChangedResource, as_of: int | None = None) -> ResourceFound:
        """Return the life of a resource, up to an instant if one is given."""
        silent = SilentActs(self._reader)
        found = history(self._reader, resource, as_of, silent)
        changes = [change for step in found.steps for change in step.changes]
        return ResourceFound(found, Cited(self._reader, changes, silent))

    def of_event(self, event: int) -> EventChanges | None:
        """Return what an event changed."""
        stored = next(iter(self._reader.events([event])), None)
        if stored is None:
            return None
        changes = self._reader.changes.of_events([event])
        return EventChanges(
            stored,
            tuple(changes),
            Cited(self._reader, changes),
            tuple(left_behind(self._reader, [event])) if changes else (),
        )

    def left_behind(self, session: str | None) -> Left:
        """Return what a session, or everything, left behind."""
        reader = self._reader
        events = None if session is None else events_of(reader, find_session(reader, session))
        found = left_behind(reader, events)
        return Left(tuple(found), reader.derived.refs(events_of_exposures(found)))

    def baseline(self, session: str, against: Against | None) -> AgainstBaseline:
        """Return what is new in a session."""
        return against_baseline(self._reader, session, against=against)

    def pair(self, one: str, other: str) -> TwoSessions:
        """Return what two sessions did."""
        return two_sessions(self._reader, one, other)
