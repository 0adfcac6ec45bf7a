"""Statements about one resource, in order, chained into changes: what stood there before follows from what was done earlier.

Where the order of two statements is not known, neither is what stood there before the second. A statement of whose act the log
does not say that it succeeded makes what follows unknown, and a failed one changes nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from workbench.changes.aws_tables import FEDERATED, PUSHED_KEY, REPEATABLE
from workbench.changes.values import canonical, members_of, set_text
from workbench.clock import SECOND
from workbench.model.change import (
    NOT_KNOWN,
    Basis,
    Change,
    KnownValue,
    Operation,
    Placed,
    Shape,
)
from workbench.model.event import OutcomeStatus

TIED = "another change of it bears the same time: their order, and so what stood before, is unknown"
OUTCOME_UNKNOWN = "the log does not say whether the act succeeded"
MISSED = "the case's earlier state was another: something changed it in between that is not in the evidence"
UNDATED = "a change of this resource has no time and may lie between"

ABSENT = KnownValue(None, Basis.LOGGED, None, {})
"""What a record says of the state before that could not have been otherwise."""

_MOVING = frozenset({"state"})
"""Fields that go on by themselves: a stopping instance has stopped a minute later."""

_PASSING = frozenset({PUSHED_KEY, FEDERATED})
"""Fields of which an act adds one more that ends by itself: what the act before it set says nothing of what stands now."""

_NONE_AT_FIRST = (
    *("attached policies", "inline policy ", "permissions boundary", "members", "roles", "access keys", "console password"),
    *("service credentials", "MFA devices", "bucket policy", "lifecycle", "replication", "default version", "version "),
)  # fmt: skip
"""How fields begin that a new resource does not have until something sets them. Others may have a default."""

# Looking a member up in its enumeration takes as long as the rest of a step: they are named here once.
_CREATE, _DELETE, _CLEAR, _OBSERVE = Operation.CREATE, Operation.DELETE, Operation.CLEAR, Operation.OBSERVE
_ADD, _REMOVE = Operation.ADD, Operation.REMOVE
_SUCCESS, _OPEN = OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN
_LOGGED, _RECONSTRUCTED, _SNAPSHOT, _UNKNOWN = (
    Basis.LOGGED,
    Basis.RECONSTRUCTED,
    Basis.SNAPSHOT,
    Basis.UNKNOWN,
)

_MEMBER = (_ADD, _REMOVE)
_LEAVING_NOTHING = (_CREATE, _CLEAR, _DELETE, _REMOVE)
_NOTHING_MORE: dict[str, bool] = {}
"""Members of a field that is known as a whole; never written to."""

States = Callable[[], dict[str, KnownValue]]
"""Tells what is known of every field at the point that has been reached."""


class Follows(NamedTuple):
    """What follows for a statement from all others.

    Attributes:
        before: The state before as JSON text; ``None`` is absent if the basis is a known one.
        basis: How it is known.
        event: The event or snapshot that says so.
        caveats: What speaks against reading it as it stands.
    """

    before: str | None
    basis: Basis
    event: int | None
    caveats: tuple[str, ...]


def chained(statements: Iterable[Placed]) -> list[Change]:
    """Return the changes that statements about one resource make, in the order in which they happened as far as it is known.

    Args:
        statements: All of one resource, in any order. The result does not depend on it.
    """
    return [_change(each, follows) for each, follows, _ in _walk(statements)]


def with_states(statements: Iterable[Placed]) -> Iterator[tuple[Change, States]]:
    """Yield each change with what tells, until the next one is asked for, what is known of every field after it."""
    for each, follows, states in _walk(statements):
        yield _change(each, follows), states


def followed(statements: Iterable[Placed]) -> Iterator[tuple[Placed, Follows]]:
    """Yield each statement about one resource with what follows for it, as :func:`chained` does."""
    return ((each, follows) for each, follows, _ in _walk(statements))


def in_order(statements: Iterable[Placed]) -> list[Placed]:
    """Return statements about one resource in the order in which they were made, as far as it is known."""
    return sorted(statements, key=_order)


def _walk(statements: Iterable[Placed]) -> Iterator[tuple[Placed, Follows, States]]:
    ordered = in_order(statements)
    undated = any(each.time is None and _succeeded(each) for each in ordered)
    state = _State()
    for instant, group in itertools.groupby(ordered, key=_instant):
        together = list(group)
        if instant is None:
            for each in together:
                yield each, _follows(each, NOT_KNOWN, ()), state.fields
        elif together[0].event == together[-1].event:  # sorted by their marks: all are of one event
            for each in together:
                yield each, _next(state, each, _NO_TIES, undated), state.fields
        else:
            yield from _instant_changes(state, _distinct_acts(together), undated)


def _order(each: Placed) -> tuple[bool, int, str, int]:
    instant = _instant(each)
    return (instant is None, instant or 0, each.mark, each.position)


def _instant(each: Placed) -> int | None:
    if each.time is None:
        return None
    return each.time - each.time % SECOND if each.coarse else each.time


def _succeeded(each: Placed) -> bool:
    return each.outcome is _SUCCESS


def _takes_part(each: Placed) -> bool:
    """Whether it may have changed something."""
    return each.outcome is _SUCCESS or each.outcome is _OPEN


def _distinct_acts(together: list[Placed]) -> list[Placed]:
    """Put a creation first and a deletion last where there is one of them: nothing can be done to what is not there."""
    made = [each for each in together if each.statement.operation is Operation.CREATE and _succeeded(each)]
    gone = [each for each in together if each.statement.operation is Operation.DELETE and _succeeded(each)]
    events = len({each.event for each in together})
    if events > 1 and len({each.event for each in made}) == 1 and not gone:
        first = made[0].event
        return sorted(together, key=lambda each: each.event != first)
    if events > 1 and len({each.event for each in gone}) == 1 and not made:
        last = gone[0].event
        return sorted(together, key=lambda each: each.event == last)
    return together


def _instant_changes(
    state: _State, together: Sequence[Placed], undated: bool
) -> Iterator[tuple[Placed, Follows, States]]:
    tied = _tied(together)
    if not tied:
        for each in together:
            yield each, _next(state, each, tied, undated), state.fields
        return
    follows = [_next(state, each, tied, undated) for each in together]
    _forget_tied(state, together, tied)
    # What is known after one of them alone, nobody can tell: the state is that after the instant.
    for each, one in zip(together, follows, strict=True):
        yield each, one, state.fields


def _forget_tied(state: _State, together: Sequence[Placed], tied: Mapping[Place, set[int]]) -> None:
    """Make unknown what acts of one instant leave differently in one order and in another."""
    if ("", None) in tied:
        # It was made or ended before, between or after the others: nothing of it is known now.
        state.forget(("", None), tied["", None])
        return
    for (name, member), events in tied.items():
        acts = [
            each
            for each in together
            if each.event in events and each.statement.field == name and _takes_part(each)
        ]
        # What is set as a whole in the same instant as a member is put in or taken out leaves all of it open.
        whole = any(each.statement.operation not in _MEMBER for each in acts)
        if not whole:
            acts = [each for each in acts if each.statement.after == member]
        if len({(each.statement.operation, each.statement.after) for each in acts}) > 1:
            state.forget((name, None if whole else member), {each.event for each in acts})


def _next(state: _State, each: Placed, tied: Mapping[Place, set[int]], undated: bool) -> Follows:
    """Return what follows for a statement, and take it up."""
    caveats: list[str] = []
    before = state.before(each)
    if tied and each.event in tied.get(_place(each), ()):
        before = NOT_KNOWN
        caveats.append(TIED)
    elif undated and before.basis is _RECONSTRUCTED:
        caveats.append(UNDATED)
    if before.basis is _SNAPSHOT and before.event in state.remarks:
        caveats.append(state.remarks[before.event])
    if each.outcome is _OPEN:
        caveats.append(OUTCOME_UNKNOWN)
    follows = _follows(each, before, caveats)
    if _takes_part(each):
        state.take(each)
    return follows


Place = tuple[str, str | None]
"""A field, and of one that holds a set the member; (empty, ``None``) for the whole resource."""

_NO_TIES: dict[Place, set[int]] = {}


def _place(each: Placed) -> Place:
    statement = each.statement
    return statement.field, (statement.after if statement.operation in _MEMBER else None)


def _tied(together: Sequence[Placed]) -> dict[Place, set[int]]:
    """Return the places of which several events say something at one instant, with those events.

    What a creation or deletion alone at its end says of all fields is in order, see :func:`_distinct_acts`.
    """
    acting = [each for each in together if _takes_part(each)]
    if len({each.event for each in acting}) < 2:
        return {}
    whole = {
        each.event for each in acting if each.statement.operation in (Operation.CREATE, Operation.DELETE)
    }
    sure = all(_succeeded(each) for each in acting if each.event in whole)
    if len(whole) > 1 or (whole and not sure):
        everybody = {each.event for each in acting}
        return {_place(each): everybody for each in acting}
    found: dict[Place, set[int]] = {}
    by_field: dict[str, list[Placed]] = {}
    for each in acting:
        if each.event not in whole:
            by_field.setdefault(each.statement.field, []).append(each)
    for listed in by_field.values():
        setting = any(each.statement.operation not in _MEMBER for each in listed)
        places: dict[Place, set[int]] = {}
        for each in listed:
            key = (each.statement.field, None) if setting else _place(each)
            places.setdefault(key, set()).add(each.event)
        for key, events in places.items():
            if len(events) > 1:
                for each in listed:
                    if setting or _place(each) == key:
                        found.setdefault(_place(each), set()).update(events)
    return found


class _Field:
    """What is known of one field."""

    __slots__ = ("latest", "members", "whole")

    def __init__(self, whole: KnownValue) -> None:
        self.whole = whole
        self.members: dict[str, tuple[bool, int]] = {}
        self.latest: int | None = None

    def value(self) -> KnownValue:
        """Return the whole value, as far as it is known."""
        if not self.members:
            return self.whole
        known = {member: there for member, (there, _) in self.members.items()}
        if self.whole.basis is Basis.UNKNOWN:
            return KnownValue(None, Basis.UNKNOWN, self.latest, known, tied=self.whole.tied)
        listed = set(members_of(self.whole.value))
        listed |= {member for member, there in known.items() if there}
        listed -= {member for member, there in known.items() if not there}
        return KnownValue(set_text(list(listed)), Basis.RECONSTRUCTED, self.latest, {})

    def member(self, member: str) -> KnownValue:
        """Return whether a member is in it, as far as that is known: itself, or absent."""
        if member in self.members:
            there, event = self.members[member]
            return KnownValue(member if there else None, Basis.RECONSTRUCTED, event, {})
        if self.whole.basis is Basis.UNKNOWN:
            return NOT_KNOWN
        there = member in members_of(self.whole.value)
        return self.whole._replace(value=member if there else None)


class _State:
    """What is known of a resource while its statements go by."""

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = {}
        self._others = NOT_KNOWN
        """What is known of fields that no statement has named."""
        self._made_by: int | None = None
        self.remarks: dict[int, str] = {}
        """What is to be known about the snapshots met so far."""

    def fields(self) -> dict[str, KnownValue]:
        return {name: field.value() for name, field in self._fields.items()}

    def before(self, each: Placed) -> KnownValue:
        """Return what is known of the place of a statement."""
        statement = each.statement
        if statement.operation is _CREATE:
            # That it could be created says that it was not there.
            return NOT_KNOWN if self._repeats(statement.resource.kind) else ABSENT
        if each.event == self._made_by:
            return ABSENT
        field = self._fields.get(statement.field)
        if field is None:
            return self._unnamed(statement.field)
        if statement.operation in _MEMBER and statement.after is not None:
            return field.member(statement.after)
        return field.value()

    def _repeats(self, kind: str) -> bool:
        """Whether what is created may have been there all the time."""
        known = self._fields.get("")
        ended = known is not None and known.whole.basis is not _UNKNOWN and known.whole.value is None
        return kind in REPEATABLE and bool(self._fields) and not ended

    def _unnamed(self, name: str) -> KnownValue:
        """Return what is known of a field that no statement has named."""
        return self._others if name.startswith(_NONE_AT_FIRST) else NOT_KNOWN

    def forget(self, place: Place, tied: Iterable[int] = ()) -> None:
        """Make unknown what several acts, those tied at one instant, left in an unknown order."""
        name, member = place
        unknown = NOT_KNOWN._replace(tied=tuple(sorted(tied)))
        if not name:
            self._fields = {"": _Field(unknown)}
            self._others = NOT_KNOWN
        elif member is None or name not in self._fields:
            self._fields[name] = _Field(unknown)
        else:
            field = self._fields[name]
            field.members.pop(member, None)
            field.whole = unknown

    def take(self, each: Placed) -> None:
        """Take up what a statement did, or may have done."""
        statement, sure, event = each.statement, each.outcome is _SUCCESS, each.event
        done, after = statement.operation, statement.after
        if done is _OBSERVE and statement.remark:
            self.remarks[event] = statement.remark
        if done in _MEMBER and after is not None:
            field = self._fields.get(statement.field)
            if field is None:
                field = self._fields[statement.field] = _Field(self._unnamed(statement.field))
            if sure:
                field.members[after] = (done is _ADD, event)
                field.latest = event
            else:
                self.forget(_place(each))
        elif done is _CREATE:
            known = KnownValue("true", _RECONSTRUCTED, event, _NOTHING_MORE)
            new = sure and not self._repeats(statement.resource.kind)
            self._fields = {"": _Field(known if sure else NOT_KNOWN)}
            self._others = known._replace(value=None) if new and statement.empty else NOT_KNOWN
            self._made_by = event if new else None
        elif done is _DELETE:
            # What is done to it later happens to another one of that name, whose creation is not in the case.
            gone = KnownValue(None, _RECONSTRUCTED, event, _NOTHING_MORE)
            self._fields = {"": _Field(gone if sure else NOT_KNOWN)}
            self._others = NOT_KNOWN
        elif not sure or (after is None and done is not _CLEAR) or statement.field in _PASSING:
            self._fields[statement.field] = _Field(NOT_KNOWN)
        else:
            basis = _SNAPSHOT if done is _OBSERVE else _RECONSTRUCTED
            value = None if done is _CLEAR else after
            self._fields[statement.field] = _Field(KnownValue(value, basis, event, _NOTHING_MORE))


def _follows(each: Placed, before: KnownValue, caveats: Sequence[str]) -> Follows:
    statement = each.statement
    told = [*caveats, statement.remark] if statement.remark else caveats
    value, basis, event = before.value, before.basis, before.event
    if statement.before is not None:
        moved = statement.field in _MOVING or basis is _UNKNOWN
        if not moved and not _same(value, statement.before, statement.shape):
            told = [*told, MISSED]
        value, basis, event = statement.before, _LOGGED, None
    if not _takes_part(each):
        value, basis, event = None, _UNKNOWN, None
    return Follows(value, basis, event, tuple(dict.fromkeys(told)) if told else ())


def _change(each: Placed, follows: Follows) -> Change:
    statement = each.statement
    member = statement.after if statement.operation in _MEMBER else None
    after = None if statement.operation in _LEAVING_NOTHING else statement.after
    unstated = after is None and statement.operation in (Operation.SET, Operation.OBSERVE)
    return Change(
        event=each.event,
        position=each.position,
        time=each.time,
        outcome=each.outcome,
        resource=statement.resource,
        title=statement.title,
        field=statement.field,
        operation=statement.operation,
        shape=statement.shape,
        before=follows.before,
        before_basis=follows.basis,
        before_event=follows.event,
        after=after,
        after_basis=Basis.UNKNOWN if unstated else Basis.LOGGED,
        member=member,
        caveats=follows.caveats,
    )


def _same(known: str | None, logged: str, shape: Shape) -> bool:
    if known is None:
        return canonical(logged) in ("null", '""', "[]")
    if shape is Shape.SET:
        return members_of(known) == members_of(logged)
    return canonical(known) == canonical(logged)
