"""Reading changes, resources, what was left behind, and sessions compared, in the background."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from workbench.casefile.connection import storage_errors
from workbench.tui.reading.background import BackgroundReader

if TYPE_CHECKING:
    from workbench.casefile.changes.reader import ChangedResource
    from workbench.casework.change_json import Cited
    from workbench.casework.compare_sessions import AgainstBaseline, TwoSessions
    from workbench.casework.left_behind import LeftBehind
    from workbench.casework.resource_history import History
    from workbench.changes.baseline import Against
    from workbench.model.case import StoredEvent
    from workbench.model.change import Change
    from workbench.model.references import RecordRef
    from workbench.tui.reading.sources import Cases, CaseSource

T = TypeVar("T")

MOST_OTHERS = 500
"""Names of resources without changes that are looked at for one filter."""


@dataclasses.dataclass(frozen=True)
class EventChanges:
    """What one event changed.

    Attributes:
        stored: The event.
        changes: What it changed or tried to.
        cited: What the changes cite.
        left: What it left behind.
    """

    stored: StoredEvent
    changes: tuple[Change, ...]
    cited: Cited
    left: tuple[LeftBehind, ...]


@dataclasses.dataclass(frozen=True)
class ResourceFound:
    """The life of a resource, with what its changes cite."""

    history: History
    cited: Cited


@dataclasses.dataclass(frozen=True)
class Left:
    """What was left behind, with the references of the events concerned."""

    listed: tuple[LeftBehind, ...]
    refs: dict[int, RecordRef]


class ChangesSource(Protocol):
    """The changes of a case, read by the thread of its source."""

    def current(self) -> bool:
        """Whether they were derived from all acknowledged evidence."""
        ...

    def resources(self) -> list[ChangedResource]:
        """Return all resources with changes, those with most first."""
        ...

    def others(self, words: Sequence[str]) -> list[ChangedResource]:
        """Return resources that no event changed and that words (case folded) fit: at most :data:`MOST_OTHERS`."""
        ...

    def alike(self, text: str) -> list[ChangedResource]:
        """Return the resources whose name is like a text, the best first."""
        ...

    def history(self, resource: ChangedResource, as_of: int | None = None) -> ResourceFound:
        """Return the life of a resource, up to an instant (microseconds UTC) if one is given."""
        ...

    def of_event(self, event: int) -> EventChanges | None:
        """Return what an event changed, ``None`` if a rebuild has taken it away."""
        ...

    def left_behind(self, session: str | None) -> Left:
        """Return what a session, or everything, left behind."""
        ...

    def baseline(self, session: str, against: Against | None) -> AgainstBaseline:
        """Return what is new in a session."""
        ...

    def pair(self, one: str, other: str) -> TwoSessions:
        """Return what two sessions did."""
        ...


class ChangeReading:
    """The reading side of the screens of changes: one reader for lists, one for what stands under the cursor."""

    def __init__(self, cases: Cases, path: Path) -> None:
        self._cases = cases
        self._path = path
        self._lists = BackgroundReader(lambda: cases.open(path), "changes")
        self._single = BackgroundReader(lambda: cases.open(path), "change")

    def close(self) -> None:
        """Stop all reading."""
        self._lists.close()
        self._single.close()

    def give_up(self) -> None:
        """Stop what takes long: its screen is left."""
        self._lists.interrupt()

    async def state(self) -> tuple[int, bool]:
        """Return a number that changes when somebody has written to the case, and whether changes are up to date."""
        cases = self._cases
        return await self._lists.run(
            lambda source: self._safely(
                source, lambda: (source.data_version(), cases.changes(source).current())
            )
        )

    async def resources(self) -> list[ChangedResource]:
        """Read all resources with changes."""
        return await self._list(lambda changes: changes.resources())

    async def others(self, words: Sequence[str]) -> list[ChangedResource]:
        """Read resources that no event changed and that words fit."""
        return await self._one(lambda changes: changes.others(words))

    async def alike(self, text: str) -> list[ChangedResource]:
        """Read the resources whose name is like a text."""
        return await self._one(lambda changes: changes.alike(text))

    async def history(self, resource: ChangedResource, as_of: int | None = None) -> ResourceFound:
        """Read the life of a resource, up to an instant (microseconds UTC) if one is given."""
        return await self._one(lambda changes: changes.history(resource, as_of))

    async def of_event(self, event: int) -> EventChanges | None:
        """Read what an event changed."""
        return await self._one(lambda changes: changes.of_event(event))

    async def left_behind(self, session: str | None) -> Left:
        """Read what was left behind."""
        return await self._list(lambda changes: changes.left_behind(session))

    async def baseline(self, session: str, against: Against | None) -> AgainstBaseline:
        """Read what is new in a session."""
        return await self._list(lambda changes: changes.baseline(session, against))

    async def pair(self, one: str, other: str) -> TwoSessions:
        """Read what two sessions did."""
        return await self._list(lambda changes: changes.pair(one, other))

    async def _list(self, work: Callable[[ChangesSource], T]) -> T:
        return await self._run(self._lists, work)

    async def _one(self, work: Callable[[ChangesSource], T]) -> T:
        return await self._run(self._single, work)

    async def _run(self, reader: BackgroundReader, work: Callable[[ChangesSource], T]) -> T:
        cases = self._cases
        return await reader.run(lambda source: self._safely(source, lambda: work(cases.changes(source))))

    def _safely(self, source: CaseSource, work: Callable[[], T]) -> T:
        with storage_errors(self._path):
            return work()
