"""The sessions of a case as a tree by lineage: what is folded, filtered and in which order. No drawing, no case file.

A session stands under the one in which its credential was issued. Calls that services made with the rights of a principal,
each under a key of its own, can be tens of thousands: those of one principal stand in one row that can be unfolded.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from workbench.casefile.derived.reader import SessionRow

SERVICE_CALLS = "calls of a service"
"""The method of sessions that consist of calls by a service under a key of their own (see ``sessions.assemble``)."""

RAILS = 8
"""Levels of the tree that are drawn; deeper ones are drawn as if they stood at the last, with their number."""


class Order(enum.Enum):
    """In which order sessions of one parent stand."""

    START = "start"
    EVENTS = "events"


class Fold(NamedTuple):
    """Sessions of calls of a service that one row stands for.

    Attributes:
        key: What the row is remembered by.
        identity: With whose rights the calls were made.
        kind: What stands behind the sessions.
        members: The sessions, the earliest first.
    """

    key: str
    identity: str | None
    kind: str
    members: tuple[SessionRow, ...]

    @property
    def events(self) -> int:
        """Events of all of them."""
        return sum(one.events for one in self.members)

    @property
    def start(self) -> int | None:
        """The earliest start, microseconds UTC."""
        return min((one.start for one in self.members if one.start is not None), default=None)

    @property
    def end(self) -> int | None:
        """The latest end, microseconds UTC."""
        return max((one.end for one in self.members if one.end is not None), default=None)


class TreeRow(NamedTuple):
    """One row on show.

    Attributes:
        session: The session; ``None`` for a fold.
        fold: The fold; ``None`` for a session.
        depth: How many levels above it.
        rails: What is drawn of these levels, one letter a level: ``|`` passes by, ``+`` branches off, a backquote branches
            off last, a space is empty. At most :data:`RAILS`.
        opened: Whether what is under it is shown; ``None`` if nothing is.
        context: Whether the filter leaves it out and it is shown for what is under it.
    """

    session: SessionRow | None
    fold: Fold | None
    depth: int
    rails: str
    opened: bool | None
    context: bool

    @property
    def key(self) -> str:
        """What the row is known by: the id of the session, or the key of the fold."""
        return self.session.id if self.session is not None else self.fold.key if self.fold is not None else ""

    @property
    def start(self) -> int | None:
        """Where it starts, microseconds UTC."""
        one = self.session or self.fold
        return one.start if one is not None else None

    @property
    def end(self) -> int | None:
        """Where it ends."""
        one = self.session or self.fold
        return one.end if one is not None else None


_Entry = tuple["SessionRow | None", Fold | None]


class SessionForest:
    """All sessions of a case and how they hang together."""

    def __init__(self, rows: Sequence[SessionRow] = ()) -> None:
        self.rows: dict[str, SessionRow] = {row.id: row for row in rows}
        self.parents: dict[str, str] = _parents(self.rows)
        self._children: dict[str | None, list[SessionRow]] = {}
        self._calls: dict[str | None, dict[str | None, list[SessionRow]]] = {}
        above = set(self.parents.values())
        for row in rows:
            parent = self.parents.get(row.id)
            # What others stem from stands for itself, so that nothing hangs under a folded row.
            if row.method == SERVICE_CALLS and row.id not in above:
                self._calls.setdefault(parent, {}).setdefault(row.identity, []).append(row)
            else:
                self._children.setdefault(parent, []).append(row)

    def __len__(self) -> int:
        return len(self.rows)

    def visible(
        self,
        *,
        order: Order = Order.START,
        keep: Callable[[SessionRow], bool] | None = None,
        toggled: Collection[str] = (),
    ) -> list[TreeRow]:
        """Return the rows to show, top to bottom.

        Args:
            order: Order of what has the same parent.
            keep: Which sessions the filter keeps; those above them are shown too. All if ``None``.
            toggled: Keys of rows that are not in the state they are in by themselves: sessions unfolded, folds folded.
        """
        kept = None if keep is None else {row.id for row in self.rows.values() if keep(row)}
        shown = None if kept is None else self._with_parents(kept)
        result: list[TreeRow] = []
        pending = self._level(None, 0, "", order, kept, shown)
        while pending:
            (session, fold), depth, rails = pending.pop()
            below: list[tuple[_Entry, int, str]] = []
            key = session.id if session is not None else fold.key if fold is not None else ""
            if fold is not None:
                opened: bool | None = key in toggled
                if opened:
                    below = _placed([(one, None) for one in fold.members], depth + 1, rails)
            else:
                below = self._level(key, depth + 1, rails, order, kept, shown)
                opened = (key not in toggled) if below else None
            context = kept is not None and session is not None and session.id not in kept
            result.append(TreeRow(session, fold, depth, rails, opened, context))
            if opened:
                pending += below
        return result

    def path_to(self, session: str) -> Iterator[str]:
        """Yield the ids of the sessions above one, from its parent up."""
        parent = self.parents.get(session)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def fold_of(self, session: str) -> str | None:
        """Return the key of the fold that a session stands in, ``None`` if it stands by itself."""
        row = self.rows.get(session)
        if row is None:
            return None
        parent = self.parents.get(session)
        members = self._calls.get(parent, {}).get(row.identity, [])
        return _fold_key(parent, row.identity) if len(members) > 1 and row in members else None

    def _with_parents(self, kept: set[str]) -> set[str]:
        shown: set[str] = set()
        for one in kept:
            at: str | None = one
            while at is not None and at not in shown:
                shown.add(at)
                at = self.parents.get(at)
        return shown

    def _level(
        self,
        parent: str | None,
        depth: int,
        rails: str,
        order: Order,
        kept: set[str] | None,
        shown: set[str] | None,
    ) -> list[tuple[_Entry, int, str]]:
        entries: list[_Entry] = [
            (row, None) for row in self._children.get(parent, ()) if shown is None or row.id in shown
        ]
        for identity, calls in self._calls.get(parent, {}).items():
            members = calls if kept is None else [row for row in calls if row.id in kept]
            if len(calls) == 1:
                entries += [(row, None) for row in members]
            elif members:
                key = _fold_key(parent, identity)
                entries.append((None, Fold(key, identity, members[0].kind, tuple(members))))
        entries.sort(key=_SORT_KEYS[order])
        return _placed(entries, depth, rails)


def _placed(entries: Sequence[_Entry], depth: int, rails: str) -> list[tuple[_Entry, int, str]]:
    """Give each of one level its rails; the result is a stack, the first of them on top."""
    above = rails[:-1] + (("|" if rails[-1] == "+" else " ") if rails else "")
    above = above[-(RAILS - 1) :] if depth else ""
    last = len(entries) - 1
    return [
        (entry, depth, (above + ("`" if number == last else "+")) if depth else "")
        for number, entry in reversed(list(enumerate(entries)))
    ]


def _fold_key(parent: str | None, identity: str | None) -> str:
    return f"fold {parent or ''} {identity or ''}"


def _start(entry: _Entry) -> tuple[bool, int, str]:
    session, fold = entry
    one = session or fold
    start = one.start if one is not None else None
    return start is None, start or 0, session.id if session is not None else ""


def _most_events(entry: _Entry) -> tuple[int, bool, int, str]:
    session, fold = entry
    one = session or fold
    return (-(one.events if one is not None else 0), *_start(entry))


_SORT_KEYS: dict[Order, Callable[[_Entry], tuple[int | str, ...]]] = {
    Order.START: _start,
    Order.EVENTS: _most_events,
}


def _parents(rows: dict[str, SessionRow]) -> dict[str, str]:
    """Return the parent of each session that has one in the case.

    Logs that contradict each other may make a circle; it is cut at one place, so that every session has a row.
    """
    parents = {row.id: row.parent for row in rows.values() if row.parent is not None and row.parent in rows}
    rooted: set[str] = set()
    for start in list(parents):
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in rooted:
            if at in path:
                del parents[at]
                break
            path[at] = None
            at = parents.get(at)
        rooted.update(path)
    return parents
