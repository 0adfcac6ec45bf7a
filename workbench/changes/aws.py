"""Changes from CloudTrail: what the request set, and what the answer says stood there before.

CloudTrail logs requests. Only a few answers hold the state before (``previousState``); a policy is in the request as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from workbench.changes.aws_event import EventReader, Target, noun_of, unwrapped
from workbench.changes.aws_operations import OPERATIONS
from workbench.changes.aws_tables import EMPTY_AT_FIRST, MEMBERS, PARTS, SKIPPED, SWITCHES, Member, Parts
from workbench.changes.values import text_of
from workbench.model.change import Operation, Statement
from workbench.model.event import Act, Place, Resource, Verb

MOST = 2_000
"""Statements of one event; what is beyond is said with the last one."""

_CHANGING = frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL})
_CREATES = ("create", "run", "allocate", "register", "import", "request", "copy", "restore")
_DELETES = ("delete", "terminate", "deregister", "release", "schedule")
_TAKES_AWAY = ("remove", "detach", "disassociate", "revoke", "disable", "untag", "leave", "reject", "cancel")

_ALSO = {
    "openidconnectprovider": "oidcprovider",
    "dbinstance": "db",
    "dbcluster": "cluster",
    "address": "elasticip",
    "keydeletion": "key",
    "loadbalancer": "loadbalancer",
}
"""What operations call things whose kind is called otherwise."""


def looked_into(act: Act) -> bool:
    """Whether the records of an act can say what was changed: only these are read again.

    Of data events (objects written, items put) the record never holds the content.
    """
    if act.verb not in _CHANGING and not act.tampers_logging:
        known = (act.service, act.action.lower())
        if act.verb is not Verb.UNCLASSIFIED or (known not in MEMBERS and known not in PARTS):
            return False
    if act.category == "Data" and act.verb is not Verb.DELEGATE:
        return False
    return not leaves_no_state(act)


def leaves_no_state(act: Act) -> bool:
    """Whether an operation changes no state of a resource, whatever its verb says."""
    skipped, action = SKIPPED.get(act.service), act.action.lower()
    if skipped is None or (act.service, action) in OPERATIONS:
        return False
    return not skipped or action in skipped


def statements_of(
    document: Mapping[str, Any], act: Act, resources: Sequence[Resource], place: Place
) -> list[Statement]:
    """Return what a CloudTrail event states about changes, whether it succeeded or not.

    Args:
        document: The record, in native form.
        act: What was done.
        resources: What was acted upon.
        place: Where it was recorded.
    """
    answer = _member(document, "responseElements")
    return stated_by(_member(document, "requestParameters"), lambda: answer, act, resources, place)


def stated_by(
    request: object, answer: Callable[[], object], act: Act, resources: Sequence[Resource], place: Place
) -> list[Statement]:
    """Return what a request states about changes; as :func:`statements_of`.

    Args:
        request: The request's parameters.
        answer: Returns those of the answer. It is called only if they matter: what is stated follows from the request
            alone otherwise.
        act: What was done.
        resources: What was acted upon.
        place: Where it was recorded.
    """
    event = EventReader(act, unwrapped(request), answer, resources, place)
    found = list(_statements(event))
    if len(found) > MOST:
        more = f"{len(found) - MOST:,} further statements are in the record only"
        last = found[MOST - 1]
        found[MOST - 1 :] = [msgspec.structs.replace(last, remark=more)]
    return found


def _member(document: Mapping[str, Any], name: str) -> Any:
    if name in document:
        return document[name]
    lowered = name.lower()
    return next((value for key, value in document.items() if str(key).lower() == lowered), None)


def _statements(event: EventReader) -> Iterator[Statement]:
    """Return what an event states, by the first rule that knows its operation."""
    place = (event.act.service, event.action)
    if place in MEMBERS:
        return _of_member(event, MEMBERS[place])
    if place in PARTS:
        return _of_part(event, PARTS[place])
    if place in SWITCHES:
        field, on = SWITCHES[place]
        return iter((event.state(event.main(), field, Operation.SET, text_of(on)),))
    if place in OPERATIONS:
        return OPERATIONS[place](event)
    action = event.action
    for prefix in _CREATES:
        if action.startswith(prefix):
            return _created(event, action[len(prefix) :])
    for prefix in _DELETES:
        if action.startswith(prefix) and event.act.verb is Verb.DELETE:
            return _deleted(event, action[len(prefix) :])
    for prefix in _TAKES_AWAY:
        if action.startswith(prefix):
            return _taken_away(event, action[len(prefix) :])
    return event.set_fields(event.main())


_RELATION = re.compile(r"(?<=[a-z0-9])(?:From|Of|For|In|To|With|By)(?=[A-Z])", re.ASCII)
"""What in the name of an operation stands between a part and what it is put on or taken off."""


def _is_about(event: EventReader, what: str, target: Target) -> bool:
    """Whether an operation is about a resource as a whole: ``DeleteTags`` ends no instance, ``DeleteTrail`` ends a trail.

    ``DeregisterInstancesFromLoadBalancer`` ends no load balancer.
    """
    noun = noun_of(target.key.kind)
    related = _RELATION.search(event.act.action)
    if related is not None:
        what = what.removesuffix(event.act.action[related.start() :].lower())
    singular = what.removesuffix("es") if what.endswith("addresses") else what.removesuffix("s")
    return any(
        bool(noun) and len(each) > 1 and (each.endswith(noun) or noun.endswith(each))
        for each in (what, singular, _ALSO.get(what, ""), _ALSO.get(singular, ""))
    )


def _created(event: EventReader, what: str) -> Iterator[Statement]:
    target = event.main()
    if not event.resources:
        yield from event.set_fields(target)
    elif _is_about(event, what, target):
        yield event.state(target, "", Operation.CREATE, empty=target.key.kind in EMPTY_AT_FIRST)
        yield from event.set_fields(target)
    else:
        # What was made is a part of the resource, or something that the record does not name.
        yield event.value(target, what, event.request or None)


_PARTS_OF = frozenset(
    {
        "qualifier",
        "documentversion",
        "versionname",
        "versionid",
        "versionnumber",
        "guardrailversion",
        "promptversion",
    }
)
"""Parameters of a deletion that name one version of the resource: the others stay (Systems Manager DeleteDocument, Bedrock
DeleteGuardrail and DeletePrompt: their API references)."""


def _deleted(event: EventReader, what: str) -> Iterator[Statement]:
    target = event.main()
    yield from event.states_before()
    if not event.resources:
        return
    part = next(
        (value for key, value in event.request.items() if key in _PARTS_OF and value not in (None, "")), None
    )
    if part is not None and _is_about(event, what, target):
        yield event.state(target, f"version {part}", Operation.CLEAR)
    elif _is_about(event, what, target):
        for each in event.alike(target):
            yield event.state(each, "", Operation.DELETE)
    else:
        yield from _taken_away(event, what)


def _taken_away(event: EventReader, what: str) -> Iterator[Statement]:
    """Yield that an operation took something from its resource: what, only the request says."""
    target = event.main()
    named = {statement.field: statement.after for statement in event.set_fields(target)}
    stated = {field: None if after is None else msgspec.Raw(after.encode()) for field, after in named.items()}
    if stated:
        member = text_of(msgspec.json.decode(msgspec.json.encode(stated)))
        yield event.state(target, what or "part", Operation.REMOVE, member)
    elif event.resources:
        yield event.state(target, what or "part", Operation.CLEAR)


def _of_member(event: EventReader, rule: Member) -> Iterator[Statement]:
    target = event.named(rule.kind, rule.holder)
    if target is None:
        return
    value = event.request.get(rule.key)
    for each in value if isinstance(value, list) else [value]:
        if each not in (None, ""):
            yield event.state(target, rule.field, rule.operation, text_of(each))


def _of_part(event: EventReader, rule: Parts) -> Iterator[Statement]:
    target = event.named(rule.kind, rule.holder)
    if target is None:
        return
    name = event.request.get(rule.part) if rule.part else None
    if rule.part and not isinstance(name, str):
        return
    field = rule.field.replace("{}", str(name))
    if rule.operation is Operation.CLEAR:
        yield event.state(target, field, Operation.CLEAR)
    else:
        yield event.value(target, field, event.request.get(rule.value))
