"""One resource through time: every event that names it, every change, and its state after each step as far as it is known."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rapidfuzz import fuzz, process, utils

from workbench.casefile.change_reader import ChangedResource
from workbench.casefile.reader import CaseReader
from workbench.changes.chain import with_states
from workbench.changes.keys import aws_key, resource_key
from workbench.changes.reach import Reach, reach
from workbench.clock import SECOND
from workbench.errors import NoSuchNameError, UnknownReferenceError
from workbench.model.case import StoredEvent
from workbench.model.change import Change, KnownValue, Operation
from workbench.model.session import Strength
from workbench.search import parse

_LIKELY = 60
"""Score (0 to 100) from which a name is offered as what was meant."""


class Step(msgspec.Struct, frozen=True):
    """One event in the life of a resource, or a snapshot of it.

    Attributes:
        time: Microseconds UTC.
        event: The event; ``None`` for a snapshot.
        changes: What it changed or tried to change; empty if it only read, or the record does not say what it changed.
        states: What is known of each field after it; only where something changed.
        strength: How well it is shown that the event belongs to its session; ``None`` if it belongs to none.
    """

    time: int | None
    event: StoredEvent | None
    changes: tuple[Change, ...]
    states: dict[str, KnownValue]
    strength: Strength | None = None


class History(msgspec.Struct, frozen=True):
    """A resource through time.

    Attributes:
        resource: The resource.
        steps: What happened, in order; inside one second the order is unknown.
        states: What is known of each field at the end, or at the instant that was asked for.
        as_of: That instant, microseconds UTC; ``None``: the end of the evidence.
    """

    resource: ChangedResource
    steps: list[Step]
    states: dict[str, KnownValue]
    as_of: int | None


def find_resources(reader: CaseReader, text: str, limit: int = 20) -> list[ChangedResource]:
    """Return the changed resources that a person may mean, the best first: by id, by name, by part of it, by likeness."""
    return _named(reader, text)[:limit] or _like(reader, text, limit)


def _named(reader: CaseReader, text: str) -> list[ChangedResource]:
    """Return the changed resources with this id, of this name, or with this in their name."""
    listed = reader.changes.resources()
    lowered = text.lower()
    exact = [
        each for each in listed if lowered in (each.id.lower(), each.title.lower(), each.key.name.lower())
    ]
    if exact:
        return exact
    return [each for each in listed if lowered in each.title.lower() or lowered in each.key.name.lower()]


def _like(reader: CaseReader, text: str, limit: int) -> list[ChangedResource]:
    listed = reader.changes.resources()
    scored = process.extract(
        text,
        [each.title for each in listed],
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=limit,
    )
    return [listed[index] for _, score, index in scored if score >= _LIKELY]


def the_resource(reader: CaseReader, text: str) -> ChangedResource:
    """Return the one resource that a person names. What is only like the name is offered, never taken for it.

    Raises:
        UnknownReferenceError: If there is none, or several; says which.
    """
    found = _named(reader, text)
    if len(found) == 1:
        return found[0]
    if not found:
        near = "; ".join(f"{each.id} {each.title}" for each in _like(reader, text, 5))
        raise NoSuchNameError(
            f"no resource with changes is called {text!r}" + (f"; the nearest are {near}" if near else ""),
            "`workbench resource CASE` lists them",
        )
    names = "; ".join(f"{each.id} {each.title}" for each in found[:8])
    raise UnknownReferenceError(f"{len(found)} resources fit {text!r}: {names}", "give the id (R-…)")


def history(reader: CaseReader, resource: ChangedResource, as_of: int | None = None) -> History:
    """Return the life of a resource.

    Args:
        reader: The case.
        resource: The resource.
        as_of: Only what happened up to this instant, microseconds UTC.
    """
    by_event: dict[int, list[Change]] = {}
    states_after: dict[int, dict[str, KnownValue]] = {}
    for statements in reader.changes.statements([resource.id]):
        for change, after in with_states(statements):
            by_event.setdefault(change.event, []).append(change)
            states_after[change.event] = after()
    events = set(_events_naming(reader, resource)) | {number for number in by_event if number > 0}
    stored = [each for each in reader.events(sorted(events)) if _concerns(each, resource, by_event)]
    sessions = reader.derived.sessions(sorted({each.session for each in stored if each.session is not None}))
    strengths = {one.id: one.membership for one in sessions}
    steps = [
        Step(
            each.event.time.micros,
            each,
            tuple(by_event.get(each.id, ())),
            states_after.get(each.id, {}),
            strengths.get(each.session or ""),
        )
        for each in stored
    ]
    steps += [
        Step(changes[0].time, None, tuple(changes), states_after[number])
        for number, changes in by_event.items()
        if number < 0
    ]
    order = {number: index for index, number in enumerate(by_event)}
    steps.sort(key=lambda step: _order(step, order))
    if as_of is not None:
        steps = [step for step in steps if step.time is not None and step.time <= as_of]
    states: dict[str, KnownValue] = {}
    for step in steps:
        if step.changes:
            states = step.states
    return History(resource, steps, states, as_of)


def _order(step: Step, order: dict[int, int]) -> tuple[bool, int, int]:
    number = step.event.id if step.event is not None else (step.changes[0].event if step.changes else 0)
    return (
        step.time is None,
        0 if step.time is None else step.time - step.time % SECOND,
        order.get(number, len(order)),
    )


def _events_naming(reader: CaseReader, resource: ChangedResource) -> list[int]:
    """Return the events that name a resource, by any of its names."""
    names = dict.fromkeys(_quoted(name) for name in (resource.title, resource.key.name) if name)
    if resource.key.name and resource.key.family == "aws":
        names[_quoted(resource.key.name, ending=True)] = None
    query = parse(" OR ".join(f"resource:{name}" for name in names))
    return [event for chunk in reader.scan(query) for event in chunk.ids]


def _quoted(name: str, *, ending: bool = False) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{"*" if ending else ""}"{escaped}"'


def _concerns(stored: StoredEvent, resource: ChangedResource, by_event: dict[int, list[Change]]) -> bool:
    """Whether an event that names something of this name means this resource and not one of another account."""
    if stored.id in by_event:
        return True
    return any(
        key.name == resource.key.name and key.account in ("", resource.key.account)
        for each in stored.event.resources
        for key in [resource_key(stored.source, each, stored.event.place)]
    )


def changed_fields(changes: Sequence[Change]) -> str:
    """Return in words which fields changes are about."""
    whole = {Operation.CREATE: "created", Operation.DELETE: "deleted"}
    return ", ".join(dict.fromkeys(whole.get(each.operation, each.field) for each in changes))


def could_reach(reader: CaseReader, found: History) -> list[Reach]:
    """Return what the policies of a role or user would have let it do at the end of a history, as far as the case knows them."""

    def policy(arn: str) -> dict[str, KnownValue]:
        known = reader.changes.resource(aws_key("iam:policy", arn, None, None).id)
        return {} if known is None else history(reader, known, found.as_of).states

    return reach(found.states, policy)
