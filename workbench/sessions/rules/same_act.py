"""Records of several accounts that report one act (rule AWS-5)."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.session import Link, Relation, Strength
from workbench.sessions.facts import Notable
from workbench.sessions.rules.issued_keys import SAME_CLOCK_SLACK
from workbench.sessions.world import Rule, World, event_end, make_link

SAME_ACT = Rule(
    "shared-event",
    1,
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
    presented = {world.trails[each.trail].credential for each in (one, other)} - {None}
    if len(presented) > 1:
        found.append("contradiction: they name different credentials")
    return found
