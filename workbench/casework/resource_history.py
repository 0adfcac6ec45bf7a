"""One resource through time: every event that names it, every change, and its state after each step as far as it is known."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from workbench.casefile.changes.reader import ChangedResource
from workbench.casefile.events.named_resources import Use
from workbench.casefile.reader import CaseReader
from workbench.casework.silent_acts import SilentActs, quoted_names
from workbench.changes.chain import with_states
from workbench.changes.exposure import KEYS
from workbench.changes.reach import reach
from workbench.changes.silent import Instant
from workbench.changes.values import text_of
from workbench.clock import SECOND
from workbench.model.case import StoredEvent
from workbench.model.change import Change, KnownValue, Operation, Placed, Shape, Silence
from workbench.model.session import Strength
from workbench.search import parse

_SINGLY = 3
"""Events alike between two changes up to which each is a step of its own."""

_CHUNK = 20_000
_NEVER = 2**63 - 1


class Step(msgspec.Struct, frozen=True):
    """One event in the life of a resource, or a snapshot of it; or many alike between two changes.

    Attributes:
        time: Microseconds UTC; of many the first.
        event: The event, of many the first; ``None`` for a snapshot.
        changes: What it changed or tried to change; empty if it only read, or the record does not say what it changed.
        states: What is known of each field after it; only where something changed.
        strength: How well it is shown that the event belongs to its session; ``None`` if it belongs to none.
        events: How many events it stands for: of one act, outcome, identity and session.
        until: Time of the last of them.
        silent: Whether it may have changed the resource and does not say what.
    """

    time: int | None
    event: StoredEvent | None
    changes: tuple[Change, ...]
    states: dict[str, KnownValue]
    strength: Strength | None = None
    events: int = 1
    until: int | None = None
    silent: bool = False


class History(msgspec.Struct, frozen=True):
    """A resource through time.

    Attributes:
        resource: The resource.
        steps: What happened, in order; inside one second the order is unknown.
        states: What is known of each field at the end, or at the instant that was asked for.
        as_of: That instant, microseconds UTC; ``None``: the end of the evidence.
        silent: Acts on it until then that may have changed it and do not say what.
        created: Its creation, if that lies after the instant and nothing is known of it before.
    """

    resource: ChangedResource
    steps: list[Step]
    states: dict[str, KnownValue]
    as_of: int | None
    silent: Silence
    created: Step | None = None


def history(
    reader: CaseReader,
    resource: ChangedResource,
    as_of: int | None = None,
    silent: SilentActs | None = None,
) -> History:
    """Return the life of a resource.

    Args:
        reader: The case.
        resource: The resource.
        as_of: Only what happened up to this instant, microseconds UTC.
        silent: What looks for acts that do not say what they changed; remembers them.
    """
    silent = SilentActs(reader) if silent is None else silent
    named = resource.key, resource.title
    untold = {each.event for each in silent.of(*named)}
    by_event: dict[int, list[Change]] = {}
    states_after: dict[int, dict[str, KnownValue]] = {}
    for statements in _lives(reader, resource):
        for change, after in with_states(statements):
            by_event.setdefault(change.event, []).append(change)
            states_after[change.event] = after()
    for number in by_event if untold else ():
        at = silent.instant(resource.key, number)
        states_after[number] = silent.doubted(*named, states_after[number], at)
    stored = reader.events(sorted(number for number in by_event if number > 0))
    quiet = _quiet(
        reader, resource, by_event, untold, sorted(_second(each.event.time.micros) for each in stored), as_of
    )
    shown: dict[int, StoredEvent] = {
        each.id: each for each in reader.events([number for group in quiet for number in group.first])
    }
    sessions = {each.session for each in (*stored, *shown.values()) if each.session is not None}
    strengths = {one.id: one.membership for one in reader.derived.sessions(sorted(sessions))}
    steps = [
        Step(
            each.event.time.micros,
            each,
            tuple(by_event[each.id]),
            states_after[each.id],
            strengths.get(each.session or ""),
        )
        for each in stored
    ]
    steps += [
        step
        for group in quiet
        for step in group.steps([shown[number] for number in group.first if number in shown], strengths)
    ]
    steps += [
        Step(changes[0].time, None, tuple(changes), states_after[number])
        for number, changes in by_event.items()
        if number < 0
    ]
    order = {number: index for index, number in enumerate(by_event)}
    steps.sort(key=lambda step: _order(step, order))
    created = None
    if as_of is not None:
        created = _created_after(steps, as_of)
        steps = [step for step in steps if step.time is not None and step.time <= as_of]
    states: dict[str, KnownValue] = {}
    for step in steps:
        if step.changes:
            states = step.states
    end = None if as_of is None else Instant(as_of, False)
    return History(
        resource, steps, silent.doubted(*named, states, end), as_of, silent.until(*named, end), created
    )


def _created_after(steps: Sequence[Step], as_of: int) -> Step | None:
    """Return the step that made a resource, if that is the first that is known of it and lies after an instant."""
    first = next(
        (step for step in steps if step.changes and any(not each.attempted for each in step.changes)), None
    )
    if first is None or first.time is None or first.time <= as_of:
        return None
    made = any(each.operation is Operation.CREATE and not each.attempted for each in first.changes)
    return first if made else None


def _lives(reader: CaseReader, resource: ChangedResource) -> Iterator[list[Placed]]:
    """Yield the statements about a resource; of an access key what those about its users say of it."""
    yield from reader.changes.statements([resource.id])
    if resource.key.kind == "iam:access-key" and not resource.changes:
        key = resource.key.name
        users = reader.changes.statements(reader.changes.users_of_key(key))
        found = [each for statements in users for each in _of_key(statements, resource, key)]
        if found:
            yield found


def _of_key(statements: Iterable[Placed], resource: ChangedResource, key: str) -> Iterator[Placed]:
    member = text_of(key)
    for each in statements:
        said = each.statement
        about = {"resource": resource.key, "title": resource.title, "shape": Shape.JSON, "before": None}
        if said.field == KEYS and said.after == member and said.operation in _ENDS_OF_KEYS:
            done = _ENDS_OF_KEYS[said.operation]
            new = msgspec.structs.replace(said, **about, field="", operation=done, after=None)
        elif said.field == f"access key {key} status":
            new = msgspec.structs.replace(said, **about, field="status")
        else:
            continue
        yield msgspec.structs.replace(each, statement=new)


_ENDS_OF_KEYS = {Operation.ADD: Operation.CREATE, Operation.REMOVE: Operation.DELETE}
"""What is done to an access key by what is done to the keys of its user."""


def _order(step: Step, order: dict[int, int]) -> tuple[bool, int, int]:
    number = step.event.id if step.event is not None else (step.changes[0].event if step.changes else 0)
    return (
        step.time is None,
        0 if step.time is None else step.time - step.time % SECOND,
        order.get(number, len(order)),
    )


def _events_naming(reader: CaseReader, resource: ChangedResource) -> list[int]:
    """Return the events that name a resource, by any of its names."""
    query = parse(
        " OR ".join(f"resource:{name}" for name in dict.fromkeys(quoted_names(resource.key, resource.title)))
    )
    return [event for chunk in reader.scan(query) for event in chunk.ids]


class _Quiet:
    """Events between two changes that are alike and change nothing that is known."""

    __slots__ = ("count", "first", "last", "silent")

    def __init__(self, silent: bool) -> None:
        self.silent = silent
        self.first: list[int] = []
        self.count = 0
        self.last: int | None = None

    def take(self, use: Use) -> None:
        """Take up one more; they come in the order of time."""
        if len(self.first) < _SINGLY:
            self.first.append(use.event)
        self.count += 1
        self.last = use.time if use.time is not None else self.last

    def steps(self, shown: Sequence[StoredEvent], strengths: Mapping[str, Strength]) -> Iterator[Step]:
        """Yield a step for each of few, one for all of many."""
        for each in shown if self.count <= _SINGLY else shown[:1]:
            strength = strengths.get(each.session or "")
            if self.count <= _SINGLY:
                yield Step(each.event.time.micros, each, (), {}, strength, silent=self.silent)
            else:
                yield Step(each.event.time.micros, each, (), {}, strength, self.count, self.last, self.silent)


def _quiet(
    reader: CaseReader,
    resource: ChangedResource,
    by_event: Mapping[int, Sequence[Change]],
    untold: Set[int],
    seconds: Sequence[int],
    as_of: int | None,
) -> list[_Quiet]:
    """Return the events that name a resource and change nothing that is known, those alike between two changes together."""
    events = [number for number in _events_naming(reader, resource) if number not in by_event]
    events += sorted(untold - set(events) - by_event.keys())
    concerned: dict[tuple[int, int, int], bool] = {}
    found: dict[tuple[object, ...], _Quiet] = {}
    for start in range(0, len(events), _CHUNK):
        chunk = events[start : start + _CHUNK]
        sessions = reader.derived.sessions_of(chunk)
        for use in reader.named.uses(chunk):
            where = use.resources, use.place, use.reading
            if where not in concerned:
                concerned[where] = any(
                    key.name == resource.key.name and key.account in ("", resource.key.account)
                    for key, _ in reader.named.keys(*where)
                )
            late = as_of is not None and (use.time is None or use.time > as_of)
            silent = use.event in untold
            if late or not (silent or concerned[where]):
                continue
            stretch = None if use.time is None else bisect.bisect_right(seconds, _second(use.time))
            alike = stretch, use.act, use.identity, use.outcome, sessions.get(use.event), silent
            found.setdefault(alike, _Quiet(silent)).take(use)
    return list(found.values())


def _second(time: int | None) -> int:
    return _NEVER if time is None else time - time % SECOND


def changed_fields(changes: Sequence[Change]) -> str:
    """Return in words which fields changes are about."""
    whole = {Operation.CREATE: "created", Operation.DELETE: "deleted"}
    return ", ".join(dict.fromkeys(whole.get(each.operation, each.field or "restored") for each in changes))


class Had(msgspec.Struct, frozen=True):
    """When a principal last had policies that it has no more.

    Attributes:
        since: From when, microseconds UTC.
        seen: The last instant as of which it is shown to have had them; ``None`` if all was in one second.
        until: When it had none any more.
    """

    since: int | None
    seen: int | None
    until: int | None


def last_had(found: History) -> Had | None:
    """Return when a principal that has no policies at the end of a history last had some; ``None`` if it never did."""
    changing = [step for step in found.steps if step.changes]
    having = [bool(reach(step.states, lambda _: {})) for step in changing]
    if True not in having:
        return None
    last = len(having) - 1 - having[::-1].index(True)
    first = last
    while first and having[first - 1]:
        first -= 1
    until = changing[last + 1].time if last + 1 < len(changing) else None
    seen = [step.time for step in changing[first : last + 1] if step.time is not None and step.time != until]
    return Had(changing[first].time, seen[-1] if seen else None, until)
