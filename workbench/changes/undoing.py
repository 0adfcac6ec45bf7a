"""Whether something that was left behind still stands: what later changes of the same thing undid, kept, or brought back.

"Undone" is said only where the order is known. What bears the same time as the act that it would undo, or none, *may* have undone
it; what a later snapshot no longer has is gone, by an act that is not in the evidence, and *may* be gone if only the date of its
file says that the snapshot is later; what hung on something that was made anew is gone with the earlier one; what was switched
off is there and inactive; what a wider grant still allows remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from workbench.changes.aws_tables import MADE_ONCE, REPEATABLE, SCHEDULED
from workbench.changes.chain import TIED
from workbench.changes.snapshots import DATED_BY_FILE, date_basis
from workbench.changes.values import members_of, value_of
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


class Paused(str):
    """What in a later change switched something off that one call makes active again."""

    __slots__ = ()


Gone = Callable[[Change], str | None]
"""Tells what in a later change undid something, in words: :class:`Kept`, :class:`Back`, :class:`Paused` where it did not,
:class:`Perhaps` where that is open; ``None`` if nothing."""

_DELETED = "the resource was deleted"

AGAIN = "it is there, and one call makes it active again"

_KUBERNETES = "k8s.audit"
"""A log of which every creation is one of a whole object, refused (409) while there is one of its name."""

_RENAMED = "newusername"


class Outcome(NamedTuple):
    """What became of something that was left behind.

    Attributes:
        undone_by: The change that undid it; ``None``: none did for sure.
        how: What undid it, in words.
        remark: What else bears on it, in words.
        remark_by: The change that the remark is about.
        perhaps: Whether that change may have undone it.
        gone: Whether that change is a snapshot that does not have it any more, or made anew what it hung on.
        inactive: What switched it off, in words; ``None``: nothing did.
    """

    undone_by: Change | None = None
    how: str | None = None
    remark: str | None = None
    remark_by: Change | None = None
    perhaps: bool = False
    gone: bool = False
    inactive: str | None = None


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
        another = renamed and each.resource == made.resource
        restored = RESTORED in each.caveats
        if each.operation is Operation.DELETE and not another:
            how: str | None = _DELETED
        elif restored:
            how = Back("restored") if found.how == _DELETED else None
        else:
            how = gone(each) or (None if another else _switched(each))
        if (
            how is None
            and not another
            and not restored
            and _makes_anew(each)
            and _follows(made, each, others)
        ):
            if found.undone_by is not None:
                break
            found, sure = _made_anew(made, each)
            if sure:
                break  # what is done from here on is done to the new one
            continue
        if how is None:
            continue
        if isinstance(how, Back):
            found = _back(found, each, how)
        elif isinstance(how, Paused):
            found = _paused(found, made, each, how)
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


def _makes_anew(each: Change) -> bool:
    """Whether a change makes what there may have been before, so that the two are to be told apart.

    Of other logs an act that makes something can be one that adds to it, and says nothing of what was there.
    """
    kind, family = each.resource.kind, each.resource.family
    return each.operation is Operation.CREATE and (
        kind in MADE_ONCE or kind in REPEATABLE or family == _KUBERNETES
    )


def _follows(made: Change, each: Change, others: Sequence[Change]) -> bool:
    """Whether a creation came after a change, or may have: of one instant, one that stands alone came before all else."""
    if made.time is None or each.time is None or each.time > made.time:
        return True
    if TIED in each.caveats or TIED in made.caveats:
        return True
    places = {id(one): index for index, one in enumerate(others)}
    return places.get(id(each), -1) > places[id(made)]


def _made_anew(made: Change, each: Change) -> tuple[Outcome, bool]:
    """Return what follows from the creation of what something hung on: it could not be made while the earlier one was there."""
    again = f"{made.resource.kind.rpartition(':')[2] or 'resource'} was made anew {_at(each)}"
    doubt = _doubt(made, each)
    if each.resource.kind in REPEATABLE:
        doubt = "and making one that is there already is answered in the same way: whether the earlier one was gone is not known"
    if doubt is not None:
        return Outcome(remark=f"may be gone: the {again}, {doubt}", remark_by=each, perhaps=True), False
    words = (
        f"gone with the earlier one: the {again}; by which act the earlier one went is not in the evidence"
    )
    return Outcome(remark=words, remark_by=each, gone=True), True


def _switched(each: Change) -> str | None:
    """Return in words whether a change disabled the account of a resource, or enabled it again (Entra, ``AccountEnabled``).

    So does what schedules a deletion, and what cancels it.
    """
    if each.field == SCHEDULED:
        cancelled = each.operation is Operation.CLEAR
        return Back("the deletion was cancelled") if cancelled else Paused("its deletion was scheduled")
    if each.field.casefold() != "accountenabled" or each.operation is not Operation.SET:
        return None
    listed = members_of(each.after)
    told = {str(value_of(one)).casefold().strip("[]") for one in listed}
    if told == {"false"}:
        return Paused("its account was disabled")
    return Back("enabled again") if told == {"true"} else None


def _paused(found: Outcome, made: Change, each: Change, how: str) -> Outcome:
    if found.undone_by is not None or found.perhaps:
        return found
    doubt = _doubt(made, each)
    if doubt is not None:
        return Outcome(remark=f"may have been {how} {doubt}", remark_by=each, perhaps=True)
    return Outcome(remark=f"{how} {_at(each)}: {AGAIN}", remark_by=each, inactive=how)


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
    undone = found.undone_by if found.inactive is None else found.remark_by
    before = found.how or found.inactive
    if undone is None or before is None:
        return found
    if undone.time is not None and undone.time == each.time and TIED in undone.caveats:
        words = f"may have been undone: {before} and {how} in the same second, {_at(each)}: which came last is not known"
        return Outcome(remark=words, remark_by=each, perhaps=True)
    return Outcome(remark=f"{before} {_at(undone)}, {how} {_at(each)}", remark_by=each)


def _seen(found: Outcome, made: Change, snapshot: Change, gone: Gone) -> Outcome:
    """Take up what a snapshot shows of it."""
    if snapshot.after is None:
        return found
    how = gone(msgspec.structs.replace(snapshot, operation=Operation.SET))
    taken = f"the snapshot of {_at(snapshot)}{date_basis(snapshot.caveats)}"
    if how is None and found.undone_by is not None and snapshot.field == made.field and _compared(snapshot):
        words = f"may have been undone: {found.how} {_at(found.undone_by)}, but {taken} has it"
        return Outcome(remark=words, remark_by=snapshot, perhaps=True)
    if isinstance(how, Paused):
        sure = DATED_BY_FILE not in snapshot.caveats and found == STANDS
        words = f"{how} by {taken}: {AGAIN}"
        return Outcome(remark=words, remark_by=snapshot, inactive=how) if sure else found
    if how is None or isinstance(how, Back | Kept | Perhaps) or found.undone_by is not None or found.gone:
        return found
    if DATED_BY_FILE in snapshot.caveats:
        # A copy bears the date of its copying: it may show what was there before.
        words = f"may be gone: {taken} does not have it, and it may be older than its file"
        return found if found.perhaps else Outcome(remark=words, remark_by=snapshot, perhaps=True)
    words = f"gone by {taken}; by which act is not in the evidence"
    return Outcome(remark=words, remark_by=snapshot, gone=True)


def _compared(snapshot: Change) -> bool:
    return snapshot.shape in (Shape.POLICY, Shape.SET)


def _at(change: Change) -> str:
    return "at no known time" if change.time is None else rfc3339(change.time, 0)
