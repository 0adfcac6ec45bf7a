"""What fits by principal, address and time where records name no token (rules GCP-2 and GEN-1): never more than inferred."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.model.event import AddressKind, IdentityKind
from workbench.model.session import Link, Relation, Strength
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import Notable
from workbench.sessions.world import Rule, World, event_end, make_link, session_end

IMPERSONATION = Rule(
    "impersonation", 1, "a token for this account was made within the hour before; the entries name no token"
)
NEIGHBOUR = Rule(
    "same-client",
    1,
    "the same principal, or else the same agent, at the same address within an hour; these records name no token",
)

_TOKEN_LIFE = 3600 * SECOND
"""Microseconds for which such tokens are good (Google Cloud, "Create short-lived credentials": one hour by default)."""

_GAP = 3600 * SECOND
_CROWD = 10
"""Identities at one address from which on it says nothing: a proxy, an office, a provider's own service."""

_MAKES_TOKENS = frozenset({"GenerateAccessToken", "GenerateIdToken", "SignJwt", "SignBlob"})


def impersonations(world: World) -> Iterator[Link]:
    """Link the making of a token for an account with the sessions of that account that name no key of their own."""
    made: dict[str, list[Notable]] = {}
    for notable in world.facts.notables:
        if notable.act.action in _MAKES_TOKENS and notable.succeeded and notable.time is not None:
            for name in {each.name.rpartition("/")[2] for each in notable.resources}:
                made.setdefault(name, []).append(notable)
    for draft in world.assembly.drafts.values():
        identity, first = draft.identity, draft.first
        if draft.anchor is not None or identity is None or first is None:
            continue
        found = [
            each
            for each in made.get(identity.canonical, ())
            if each.time is not None and 0 <= first - each.time <= _TOKEN_LIFE
        ]
        for each in found:
            yield make_link(
                IMPERSONATION,
                Relation.ISSUED,
                Strength.INFERRED,
                event_end(each),
                session_end(draft),
                fields=(f"account of the token = principal: {identity.canonical}",),
                evidence=(each.event, draft.first_event),
                delta=first - (each.time or 0),
                rivals=[event_end(one) for one in found if one is not each],
                caveats=("the entries name no token and no delegation: others may have made tokens unseen",),
            )


def neighbours(world: World) -> Iterator[Link]:
    """Link sessions whose records name no key with sessions of the same client that do."""
    keyed: dict[str, list[Draft]] = {}
    people: dict[str, set[str]] = {}
    for draft in world.assembly.drafts.values():
        for address in _addresses(draft):
            if draft.identity is not None:
                people.setdefault(address, set()).add(draft.identity.canonical)
            if draft.anchor is not None:
                keyed.setdefault(address, []).append(draft)
    for draft in world.assembly.drafts.values():
        if draft.anchor is not None or all(
            trail.kind.kind is IdentityKind.SERVICE for trail, _ in draft.pieces
        ):
            continue
        for address in sorted(_addresses(draft)):
            if len(people.get(address, ())) <= _CROWD:
                yield from _near(draft, address, keyed.get(address, []))


def _near(draft: Draft, address: str, keyed: list[Draft]) -> Iterator[Link]:
    near = [one for one in keyed if _meet(one, draft)]
    named = [one for one in near if _names(one) & _names(draft)]
    fitting = named or [one for one in near if _agents(one, address) & _agents(draft, address)]
    for one in fitting:
        yield make_link(
            NEIGHBOUR,
            Relation.SAME_CLIENT,
            Strength.INFERRED,
            session_end(one),
            session_end(draft),
            fields=(f"address = address: {address}", "principal = principal" if named else "agent = agent"),
            evidence=(one.first_event, draft.first_event),
            rivals=[session_end(other) for other in fitting if other is not one],
            caveats=("two clients can share an address; no id is shared",),
        )


def _addresses(draft: Draft) -> set[str]:
    return {
        trail.address.ip or trail.address.raw
        for trail, _ in draft.pieces
        if trail.address is not None and trail.address.kind is AddressKind.IP
    }


def _names(draft: Draft) -> set[str]:
    return {
        name
        for trail, _ in draft.pieces
        if trail.identity is not None
        for name in (trail.identity.canonical, trail.identity.native_id)
        if name
    }


def _agents(draft: Draft, address: str) -> set[str]:
    return {
        agent for trail, _ in draft.pieces for where, agent in (trail.client,) if where == address and agent
    }


def _meet(one: Draft, other: Draft) -> bool:
    if one.first is None or other.first is None or one.last is None or other.last is None:
        return False
    return one.first - _GAP <= other.last and other.first - _GAP <= one.last
