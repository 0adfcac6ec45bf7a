"""Commands sent to a machine, and what its credentials did next (section 2.1(c): SendCommand, StartSession)."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.event import Verb
from workbench.model.session import Link, Relation, Strength
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import Notable
from workbench.sessions.world import Rule, World, make_link, session_end

COMMAND = Rule(
    "remote-command",
    1,
    "a command was sent to the instance whose role this session uses, and the session then shows at the operator's address",
)
_WINDOW = 900 * SECOND
"""Microseconds between a command and what it is taken to have caused."""


def commands(world: World) -> Iterator[Link]:
    """Link a command on an instance with a session of that instance's role that appears where the operator is."""
    sent: dict[str, list[Notable]] = {}
    for notable in world.facts.notables:
        if notable.act.verb is not Verb.EXECUTE or notable.succeeded is not True or notable.time is None:
            continue
        for each in notable.resources:
            if each.type == "ec2:instance":
                sent.setdefault(each.name, []).append(notable)
    if not sent:
        return
    for draft in world.assembly.drafts.values():
        identity = draft.identity
        instance = "" if identity is None else identity.name.rpartition("/")[2]
        if instance in sent:
            yield from _caused(world, sent[instance], draft, instance)


def _caused(world: World, sent: list[Notable], draft: Draft, instance: str) -> Iterator[Link]:
    addresses = {trail.address.raw for trail, _ in draft.pieces if trail.address is not None}
    first = draft.first
    if first is None:
        return
    ordered = sorted(sent, key=lambda each: (each.time or 0, each.mark))
    times = [each.time or 0 for each in ordered]
    before = ordered[bisect.bisect_left(times, first - _WINDOW) : bisect.bisect_right(times, first)]
    fitting: dict[str, tuple[Draft, Notable, str]] = {}
    for each in before:
        address = world.trails[each.trail].address
        operator = world.home(each)
        if (
            address is not None
            and address.raw in addresses
            and operator is not None
            and operator is not draft
        ):
            fitting[operator.id] = (operator, each, address.raw)
    if not fitting:
        return
    operator, cause, where = max(fitting.values(), key=lambda one: (one[1].time or 0, one[1].mark))
    yield make_link(
        COMMAND,
        Relation.CAUSED,
        Strength.INFERRED,
        session_end(operator),
        session_end(draft),
        fields=(f"instance = role session name: {instance}", f"address = address: {where}"),
        evidence=(cause.event, draft.first_event),
        delta=first - (cause.time or 0),
        rivals=[session_end(other) for other, *_ in fitting.values() if other is not operator],
        caveats=(
            "what the command did is not recorded; that it read the instance's credentials is inferred from where they were"
            " used next",
        ),
    )
