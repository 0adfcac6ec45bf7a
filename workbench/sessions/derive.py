"""The whole second pass: facts in, sessions and links out. It sees the whole case, so order and files cannot matter."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workbench.model.session import (
    EndKind,
    KnownCredential,
    KnownIdentity,
    Link,
    Match,
    Session,
    Skew,
    Strength,
    weakest,
)
from workbench.sessions.assemble import Assembly, sessions_of
from workbench.sessions.chains import hang, incoming
from workbench.sessions.credentials import known_credentials
from workbench.sessions.endings import note_endings
from workbench.sessions.facts import Call, Facts
from workbench.sessions.identities import known_identities, matches
from workbench.sessions.rules.commands import commands
from workbench.sessions.rules.forwarded import Fold, fold
from workbench.sessions.rules.holes import askers, origins, secrets
from workbench.sessions.rules.issued_keys import issued_keys
from workbench.sessions.rules.named import delegations, teleport_entries, vault_names
from workbench.sessions.rules.neighbours import impersonations, neighbours
from workbench.sessions.rules.same_act import same_act
from workbench.sessions.rules.sign_ins import name_sign_ins, sign_ins, sso
from workbench.sessions.rules.workloads import pushes, workload_subjects
from workbench.sessions.skew import skews
from workbench.sessions.world import World


class Derived(msgspec.Struct, frozen=True):
    """What a case adds up to.

    Attributes:
        sessions: All sessions, the earliest first.
        memberships: Which stretch of which trail belongs to which session: trail, first and last time, session.
        openers: Events that opened a session and belong to none: event, session.
        folds: Where each forwarded call belongs.
        homes: The session that an event at the end of a link belongs to, by row number.
        links: All links but those of forwarded calls, which :attr:`folds` holds.
        identities: All identities.
        matches: Which of them may be one.
        credentials: All credentials.
        skews: What logs say of each other's clocks.
    """

    sessions: list[Session]
    memberships: list[tuple[int, int | None, int | None, str]]
    openers: list[tuple[int, str]]
    folds: list[Fold]
    homes: dict[int, str]
    links: list[Link]
    identities: list[KnownIdentity]
    matches: list[Match]
    credentials: list[KnownCredential]
    skews: list[Skew]


def derive(facts: Facts, account_of: Callable[[str], str | None]) -> Derived:
    """Rebuild sessions, links, identities and credentials from the facts of a case.

    Args:
        facts: All that is known of its events.
        account_of: Tells which AWS account a key id encodes.
    """
    case_last = max((trail.last for trail in facts.trails if trail.last is not None), default=None)
    assembly = Assembly(facts)
    world = World(facts, assembly)
    note_endings(world)
    name_sign_ins(world)
    folds = list(fold(world))
    links = [*issued_keys(world), *sign_ins(world), *sso(world), *workload_subjects(world), *same_act(world)]
    links += [*vault_names(world), *teleport_entries(world), *delegations(world)]
    links += [*commands(world), *pushes(world), *impersonations(world), *neighbours(world)]
    links = [_as_far_as_undoubted(link, facts) for link in links]
    opened = _opened(world, links)
    taken = {each.event for each in folds if each.session is not None}
    left: dict[int, list[Call]] = {}
    for each in facts.forwarded:
        if each.call.event not in taken:
            left.setdefault(each.call.trail, []).append(each.call)
    assembly.settle(left, opened, world.trails)
    links += secrets(world)
    into = incoming(links)
    links = _distinct(
        [_as_far_as_undoubted(link, facts) for link in (*links, *origins(world, into), *askers(world, into))]
    )
    into = incoming(links)
    entries = {each.event for notables in assembly.entries.values() for each in notables}
    places = {each.event: (each.trail, each.time) for each in facts.notables if each.event not in entries}
    hang(world, into, places)
    sessions = sessions_of(assembly.drafts, case_last)
    identities = known_identities(world, sessions)
    return Derived(
        sessions=sessions,
        memberships=list(assembly.memberships()),
        openers=sorted((event, session) for event, session in opened.items() if event in entries),
        folds=folds,
        homes={
            event: home.id for event, place in places.items() if (home := assembly.at(*place)) is not None
        },
        links=sorted(links, key=lambda link: link.id),
        identities=identities,
        matches=matches(identities),
        credentials=known_credentials(world, account_of),
        skews=skews(world, links),
    )


ALTERED = "contradiction: a record that this rests on lies in a file that digests show to have been altered"


def _as_far_as_undoubted(link: Link, facts: Facts) -> Link:
    """Return a link, contradicted if a record that it rests on is not as its source wrote it, or stands in two versions."""
    if not facts.altered and not facts.disputed:
        return link
    rests_on = {*link.evidence, link.source.event or 0, link.target.event or 0}
    disputed = [facts.disputed[event] for event in sorted(rests_on & facts.disputed.keys())]
    doubts = [] if facts.altered.isdisjoint(rests_on) else [ALTERED]
    doubts += sorted({f"contradiction: a record that this rests on {one}" for one in disputed})
    if not doubts:
        return link
    others = sorted({event for one in disputed for event in one.others} - {*link.evidence})
    return msgspec.structs.replace(
        link,
        strength=weakest((link.strength, Strength.INFERRED)),
        evidence=(*link.evidence, *others),
        caveats=tuple(dict.fromkeys((*link.caveats, *doubts))),
        contradicted=True,
    )


def _opened(world: World, links: list[Link]) -> dict[int, str]:
    """Return the session that each event opened; where it opened several, the first by id, so that no order decides."""
    pairs = [(one.opened_by, one.id) for one in world.assembly.drafts.values() if one.opened_by is not None]
    pairs += [
        (link.source.event, link.target.id)
        for link in links
        if link.source.event is not None and link.target.kind is EndKind.SESSION
    ]
    return dict(sorted(pairs, reverse=True))


def _distinct(links: list[Link]) -> list[Link]:
    """Return each link once; where several keys join the same two ends, one link names them all and what is against any."""
    found: dict[str, Link] = {}
    for link in links:
        known = found.get(link.id)
        if known is not None:
            link = msgspec.structs.replace(
                min(known, link, key=lambda each: each.fields),
                strength=weakest((known.strength, link.strength)),
                fields=tuple(sorted({*known.fields, *link.fields})),
                evidence=tuple(sorted({*known.evidence, *link.evidence})),
                rivals=max(known.rivals, link.rivals, key=len),
                rival_count=max(known.rival_count, link.rival_count),
                caveats=tuple(sorted({*known.caveats, *link.caveats})),
                contradicted=known.contradicted or link.contradicted,
            )
        found[link.id] = link
    return list(found.values())
