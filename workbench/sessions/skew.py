"""What two logs say about the difference of their clocks. Shown, never applied to a time.

Only two copies of one act give an offset. A credential that one log shows issued and the other used bounds it from one side:
the use cannot have come first.
"""

from __future__ import annotations

from collections.abc import Iterable

from workbench.model.session import EndKind, Link, Relation, Skew, Strength
from workbench.sessions.world import World


def skews(world: World, links: Iterable[Link]) -> list[Skew]:
    """Return for each pair of logs that share an act or a credential how far apart their clocks can be."""
    sources = {notable.event: world.trails[notable.trail].source for notable in world.facts.notables}
    bounds: dict[tuple[str, str], list[tuple[int, tuple[int, ...]]]] = {}
    for link in links:
        if link.delta is None or link.source.event is None:
            continue
        source = sources.get(link.source.event)
        if (
            source is not None
            and link.relation is Relation.ISSUED
            and link.target.kind is EndKind.SESSION
            and link.strength is Strength.PROVEN
        ):
            for other in _logs(world, link) - {source}:
                bounds.setdefault((source, other), []).append((link.delta, link.evidence))
    copies = {(each.source, each.other): each for each in world.facts.copies}
    found = []
    for pair in sorted(bounds.keys() | copies.keys()):
        sided, exact = bounds.get(pair, []), copies.get(pair)
        nearest = min(sided, default=None)
        found.append(
            Skew(
                source=pair[0],
                other=pair[1],
                low=exact.low if exact else None,
                high=exact.high if exact else nearest[0] if nearest else None,
                copies=exact.count if exact else 0,
                pairs=len(sided),
                evidence=exact.evidence if exact else tuple(dict.fromkeys(nearest[1])) if nearest else (),
            )
        )
    return found


def _logs(world: World, link: Link) -> set[str]:
    draft = world.assembly.drafts.get(link.target.id)
    if draft is None:
        return set()
    first = link.evidence[-1]
    return {trail.source for trail, run in draft.pieces if run.first_event == first}
