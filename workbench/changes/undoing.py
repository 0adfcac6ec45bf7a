"""Whether something that was left behind still stands: what later changes of the same thing undid, kept, or brought back.

"Undone" is said only where the order is known. What bears the same time as the act that it would undo, or none, *may* have undone
it; what a later snapshot no longer has is gone, by an act that is not in the evidence; what a wider grant still allows remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from workbench.changes.chain import TIED
from workbench.changes.snapshots import date_basis
from workbench.changes.whole import RESTORED
from workbench.clock import rfc3339
from workbench.model.change import Change, Operation, Shape


class Kept(str):
    """Why something that a later change took out by its words still stands."""

    __slots__ = ()


class Back(str):
    """What in a later change made something stand again."""

    __slots__ = ()


class Perhaps(str):
    """What in a later change may have undone something; the record leaves it open."""

    __slots__ = ()


Gone = Callable[[Change], str | None]
"""Tells what in a later change undid something, in words: :class:`Kept`, :class:`Back` where it did not, :class:`Perhaps` where
that is open; ``None`` if nothing."""

_DELETED = "the resource was deleted"

_RENAMED = "newusername"


class Outcome(NamedTuple):
    """What became of something that was left behind.

    Attributes:
        undone_by: The change that undid it; ``None``: none did for sure.
        how: What undid it, in words.
        remark: What else bears on it, in words.
        remark_by: The change that the remark is about.
        perhaps: Whether that change may have undone it.
        gone: Whether that change is a snapshot that does not have it any more.
    """

    undone_by: Change | None = None
    how: str | None = None
    remark: str | None = None
    remark_by: Change | None = None
    perhaps: bool = False
    gone: bool = False


STANDS = Outcome()


def outcome(made: Change, others: Sequence[Change], elsewhere: Iterable[Change], gone: Gone) -> Outcome:
    """Return what became of what a change left behind.

    Args:
        made: The change.
        others: All changes of its resource, in order.
        elsewhere: Changes of other resources that are about the same thing (a key that is named by its id).
        gone: Tells what undoes it.
    """
    found, renamed = STANDS, False
    for each in _later(made, others, elsewhere):
        if each.field == _RENAMED:
            renamed = True  # what this name is given later is another one
        if each.event < 0:
            found = _seen(found, made, each, gone)
            continue
        if each.operation is Operation.DELETE and not (renamed and each.resource == made.resource):
            how: str | None = _DELETED
        elif RESTORED in each.caveats:
            how = Back("restored") if found.how == _DELETED else None
        else:
            how = gone(each)
        if how is None:
            continue
        if isinstance(how, Back):
            found = _back(found, each, how)
        elif isinstance(how, Kept):
            if found.undone_by is None:
                found = Outcome(remark=str(how), remark_by=each)
        elif isinstance(how, Perhaps):
            if found.undone_by is None and not found.perhaps:
                found = Outcome(remark=f"may have been undone: {how}", remark_by=each, perhaps=True)
        elif found.undone_by is None:
            doubt = _doubt(made, each)
            if doubt is None:
                found = Outcome(each, how)
            elif not found.perhaps:
                found = Outcome(remark=f"may have been undone: {how} {doubt}", remark_by=each, perhaps=True)
    return found


def _later(made: Change, others: Sequence[Change], elsewhere: Iterable[Change]) -> list[Change]:
    """Return what was, or may have been, done after a change, in order."""
    at = next(index for index, each in enumerate(others) if each is made)
    found = [
        each
        for index, each in enumerate(others)
        if each.event != made.event
        and (index > at or made.time is None or each.time is None or each.time == made.time)
    ]
    also = [
        each
        for each in elsewhere
        if each.resource != made.resource
        and (made.time is None or each.time is None or each.time >= made.time)
    ]
    if not also:
        return found
    return sorted([*found, *also], key=lambda each: (each.time is None, each.time or 0))


def _doubt(made: Change, other: Change) -> str | None:
    """Return in words why it is not known that one change came after another; ``None`` if it is."""
    if other.time is None:
        return "by an act whose record has no time, so that it may have come before"
    if made.time is None:
        return f"{rfc3339(other.time, 0)}; when this was made is not known"
    if made.time == other.time and TIED in made.caveats and TIED in other.caveats:
        return f"in the same second as this, {rfc3339(other.time, 0)}: which came last is not known"
    return None


def _back(found: Outcome, each: Change, how: str) -> Outcome:
    undone = found.undone_by
    if undone is None:
        return found
    if undone.time is not None and undone.time == each.time and TIED in undone.caveats:
        words = f"may have been undone: {found.how} and {how} in the same second, {_at(each)}: which came last is not known"
        return Outcome(remark=words, remark_by=each, perhaps=True)
    return Outcome(remark=f"{found.how} {_at(undone)}, {how} {_at(each)}", remark_by=each)


def _seen(found: Outcome, made: Change, snapshot: Change, gone: Gone) -> Outcome:
    """Take up what a snapshot shows of it."""
    if snapshot.after is None:
        return found
    how = gone(msgspec.structs.replace(snapshot, operation=Operation.SET))
    taken = f"the snapshot of {_at(snapshot)}{date_basis(snapshot.caveats)}"
    if how is None and found.undone_by is not None and snapshot.field == made.field and _compared(snapshot):
        words = f"may have been undone: {found.how} {_at(found.undone_by)}, but {taken} has it"
        return Outcome(remark=words, remark_by=snapshot, perhaps=True)
    if how is None or isinstance(how, Back | Kept | Perhaps) or found.undone_by is not None or found.gone:
        return found
    words = f"gone by {taken}; by which act is not in the evidence"
    return Outcome(remark=words, remark_by=snapshot, gone=True)


def _compared(snapshot: Change) -> bool:
    return snapshot.shape in (Shape.POLICY, Shape.SET)


def _at(change: Change) -> str:
    return "at no known time" if change.time is None else rfc3339(change.time, 0)
