"""Records of several accounts that report one act (rule AWS-5)."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.event import Credential, ResourceRole
from workbench.model.session import Link, Relation, Strength
from workbench.sessions.facts import Notable
from workbench.sessions.rules.issued_keys import SAME_CLOCK_SLACK
from workbench.sessions.unique_ids import differ
from workbench.sessions.world import Rule, World, event_end, make_link

SAME_ACT = Rule(
    "shared-event",
    2,
    "AWS gives the records of one act in several accounts one sharedEventID",
)


def same_act(world: World) -> Iterator[Link]:
    """Link the copies of one act: from the one that names a credential to those that do not."""
    groups: dict[tuple[str, str], list[Notable]] = {}
    for notable in world.facts.notables:
        if notable.shared_id is not None:
            groups.setdefault((world.trails[notable.trail].source, notable.shared_id), []).append(notable)
    for (_, shared), copies in groups.items():
        if len(copies) < 2:
            continue
        first, *others = sorted(
            copies, key=lambda each: (world.trails[each.trail].credential is None, each.mark)
        )
        for other in others:
            caveats = _against(world, first, other)
            yield make_link(
                SAME_ACT,
                Relation.SAME_ACT,
                Strength.PROVEN,
                event_end(first),
                event_end(other),
                fields=(f"sharedEventID = sharedEventID: {shared}",),
                evidence=(first.event, other.event),
                delta=None if first.time is None or other.time is None else other.time - first.time,
                caveats=caveats,
                contradicted=bool(caveats),
            )


def _against(world: World, one: Notable, other: Notable) -> list[str]:
    """Return what two records of one act cannot differ in, and yet do."""
    found = []
    if (one.act.service, one.act.action) != (other.act.service, other.act.action):
        found.append(f"contradiction: the acts are {one.act.action} and {other.act.action}")
    if one.time is not None and other.time is not None and abs(one.time - other.time) > SAME_CLOCK_SLACK:
        found.append(f"contradiction: {abs(one.time - other.time) // SECOND:,} s lie between them")
    trails = world.trails[one.trail], world.trails[other.trail]
    if len({trail.credential for trail in trails} - {None}) > 1:
        found.append("contradiction: they name different credentials")
    requests = {one.request_id, other.request_id} - {None}
    if len(requests) > 1:
        found.append(
            f"contradiction: the ids of their requests differ: {' and '.join(sorted(map(str, requests)))}"
        )
    who = [trail.identity for trail in trails]
    if who[0] is not None and who[1] is not None:
        if who[0].account and who[1].account and who[0].account != who[1].account:
            found.append(f"contradiction: the callers are of accounts {who[0].account} and {who[1].account}")
        elif differ("aws", who[0], who[1]):
            found.append("contradiction: they name different callers")
    if one.issued and other.issued and _keys(one).isdisjoint(_keys(other)):
        found.append("contradiction: they hand out different keys")
    targets, others = _targets(one), _targets(other)
    for kind in sorted(targets.keys() & others.keys()):
        if targets[kind].isdisjoint(others[kind]):
            names = f"{min(targets[kind])} and {min(others[kind])}"
            found.append(f"contradiction: what was acted upon differs: {names}")
    return found


def _keys(notable: Notable) -> set[Credential]:
    return {each.credential for each in notable.issued}


def _targets(notable: Notable) -> dict[str, set[str]]:
    """Return the names of what was acted upon, by type."""
    found: dict[str, set[str]] = {}
    keys = {key.native_id for key in _keys(notable)}
    for each in notable.resources:
        if each.role is ResourceRole.TARGET and each.type is not None and each.name not in keys:
            found.setdefault(each.type, set()).add(each.name)
    return found
