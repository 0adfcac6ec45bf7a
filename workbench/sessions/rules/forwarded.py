"""Calls that a service made with a principal's rights belong to the call that caused them (rule AWS-4).

AWS calls these forward access sessions (IAM user guide): the service presents a key of its own for each call, with the name of
the service as address. No request id is shared, so nothing here is proven: what joins them is the principal, the resource, the
kind of act and two seconds.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from workbench.clock import SECOND
from workbench.model.event import Verb
from workbench.sessions.facts import Call, Cause, Forwarded
from workbench.sessions.world import Rule, World

FORWARDED = Rule(
    "aws-forwarded",
    1,
    "a service made the call with this principal's rights, on the same resource, within two seconds of the principal's own call",
)
WINDOW = 2 * SECOND
"""Microseconds between a call and those that a service made for it, either way: CloudTrail's time is that of completion, in
whole seconds."""

_WRITES = (Verb.CREATE, Verb.UPDATE, Verb.OTHER, Verb.UNCLASSIFIED)
_CAUSES = {
    "Decrypt": (Verb.READ_SECRET, Verb.READ),
    "Encrypt": _WRITES,
    "GenerateDataKey": _WRITES,
}
"""Which acts make a service use a key: reading takes decryption, writing takes encryption."""

_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}\Z")


class Fold(msgspec.Struct, frozen=True):
    """Where a forwarded call belongs.

    Attributes:
        event: Row number of the call.
        session: Id of the session that it is counted in, ``None`` if the calls that fit are of several sessions or none.
    """

    event: int
    session: str | None


Principals = Mapping[int, str | None]
"""The canonical name of the principal of each trail."""


def causes(
    forwarded: Iterable[Call],
    callers: Iterable[Call],
    keys: Mapping[int, tuple[str, ...]],
    principals: Principals,
) -> Iterator[Forwarded]:
    """Yield each forwarded call with the calls that fit as its cause, by row number.

    Args:
        forwarded: Calls that services made.
        callers: Calls by others that act upon the same things.
        keys: What each set of resources is known by, from :func:`resource_key`.
        principals: Who made the calls.
    """
    found: dict[tuple[str, str], list[Call]] = {}
    for call in callers:
        who = principals[call.trail]
        if who is not None:
            for key in keys[call.resources]:
                found.setdefault((who, key), []).append(call)
    index = {}
    for place, calls in found.items():
        calls.sort(key=lambda call: (call.time, call.event))
        index[place] = ([call.time for call in calls], calls)
    for call in forwarded:
        yield Forwarded(call, _fitting(call, index, keys[call.resources], principals[call.trail]))


_Index = Mapping[tuple[str, str], tuple[list[int], list[Call]]]


_NONE: tuple[list[int], list[Call]] = ([], [])


def _fitting(call: Call, index: _Index, keys: tuple[str, ...], who: str | None) -> tuple[Cause, ...]:
    if who is None or not keys:
        return ()
    verbs = _CAUSES.get(call.act.action)
    found: dict[int, tuple[bool, Cause]] = {}
    for key in keys:
        times, calls = index.get((who, key), _NONE)
        if not times:
            continue
        low = bisect.bisect_left(times, call.time - WINDOW)
        high = bisect.bisect_right(times, call.time + WINDOW)
        for one in calls[low:high]:
            if verbs is None or one.act.verb in verbs:
                found[one.event] = one.act.verb is Verb.READ_SECRET, Cause(one.event, one.trail, one.time)
    if not found:
        return ()
    # Describing a secret decrypts nothing: where it was read too, only the reads fit.
    reads = any(secret for secret, _ in found.values())
    return tuple(found[number][1] for number in sorted(found) if found[number][0] or not reads)


def fold(world: World) -> Iterator[Fold]:
    """Yield for every forwarded call the session it belongs to, and count it there.

    A call that holds a session's own key belongs to that session. Of the others, only those whose fitting calls are all of
    one session do: which of these calls caused it may stay open.
    """
    waiting = {trail.number for trail in world.assembly.waiting}
    for each in world.facts.forwarded:
        if each.call.trail not in waiting:
            home = world.assembly.at(each.call.trail, each.call.time)
        else:
            homes = {
                id(draft): draft for draft in (world.assembly.at(one.trail, one.time) for one in each.causes)
            }
            home = next(iter(homes.values())) if len(homes) == 1 else None
            if home is not None and len(each.causes) == 1:
                home.calls += 1
            elif home is not None:
                home.open_calls += 1
        yield Fold(each.call.event, home.id if home is not None else None)


def resource_key(kind: str | None, name: str) -> str | None:
    """Return what a call and those made for it both name a resource by.

    ``None`` for the key that was used, which says nothing: all secrets share it.
    """
    return None if kind in ("kms:key", "kms:alias") else _plain(kind or "", name)


def _plain(kind: str, name: str) -> str:
    """Return a resource's name as the shortest that records use for it: a parameter or secret without its ARN."""
    if kind == "ssm:parameter":
        return (
            "parameter " + name.partition(":parameter")[2].lstrip("/")
            if ":parameter" in name
            else ("parameter " + name.lstrip("/"))
        )
    if kind == "secretsmanager:secret" and ":secret:" in name:
        return "secret " + _SECRET_SUFFIX.sub("", name.partition(":secret:")[2])
    if kind == "secretsmanager:secret":
        return "secret " + name
    return name
