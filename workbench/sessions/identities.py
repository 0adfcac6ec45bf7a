"""Every identity of a case with its names over time, and which may be one person or workload under two names.

Identities are one only where their most stable identifier is equal within one family of logs, and not where records of one
name hold differing unique ids. A likeness of names is a
proposal that a person accepts or refuses; it never merges anything.
"""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Collection, Iterable

import msgspec
from rapidfuzz import fuzz, process

from workbench.model.event import Identity, IdentityKind, KindReason
from workbench.model.session import Alias, KnownIdentity, Match, Session, id_of
from workbench.sessions.trails import Trail
from workbench.sessions.unique_ids import Bearer, family_of
from workbench.sessions.world import World

LIKE = 88
"""Likeness in percent from which two names are proposed as one. Below, unrelated short names begin to fit."""

_SHORTEST = 4
"""Characters of the shortest name that is compared: shorter ones are alike by chance."""

_MOST_PAIRS = 20_000_000
"""Pairs of names compared for likeness; of larger cases only equal names are proposed."""

_SAME_EMAIL = "the same e-mail address in two systems"

_ORDER = (IdentityKind.HUMAN, IdentityKind.NONHUMAN)


class _Seen(msgspec.Struct):
    account: str | None
    names: dict[str, list[int | None]] = {}
    native_ids: set[str] = set()
    sources: set[str] = set()
    kinds: Counter[tuple[IdentityKind, str]] = msgspec.field(default_factory=Counter)
    first: int | None = None
    last: int | None = None


def identity_id(family: str, canonical: str, unique: str | None = None) -> str:
    """Return the id of an identity.

    Args:
        family: The family of the logs that know it.
        canonical: Its most stable name.
        unique: Its unique id, only where others bear the name too.
    """
    return id_of("I", family, canonical) if unique is None else id_of("I", family, canonical, unique)


def known_identities(world: World, sessions: Iterable[Session]) -> list[KnownIdentity]:
    """Return every identity that an event names, those with most events first.

    Records of differing unique ids under one name are of different identities; those that hold none are an identity of
    their own then, of which it is not known whose they are.
    """
    bearers = world.assembly.bearers
    seen: dict[Bearer, _Seen] = {}
    for source, identity, kind, events, first, last in _sums(world.facts.trails):
        key = bearers.bearer(source, identity)
        one = seen.get(key)
        if one is None:
            one = seen[key] = _Seen(identity.account, names={}, native_ids=set(), sources=set())
        one.account = one.account or identity.account
        one.sources.add(source)
        if identity.native_id is not None:
            one.native_ids.add(identity.native_id)
        one.kinds[kind.kind, kind.reason] += events
        name = one.names.setdefault(identity.name, [None, None, 0])
        name[0], name[1], name[2] = _least(name[0], first), _most(name[1], last), (name[2] or 0) + events
        one.first, one.last = _least(one.first, first), _most(one.last, last)
    counts: Counter[Bearer] = Counter()
    for session in sessions:
        if session.identity is not None:
            for key in {bearers.bearer(source, session.identity) for source in session.sources}:
                counts[key] += 1
    alike: dict[tuple[str, str], list[str]] = {}
    for key in seen:
        if key.contested:
            alike.setdefault((key.family, key.canonical), []).append(_id(key))
    found = [
        _known(key, one, counts[key], alike.get((key.family, key.canonical), ())) for key, one in seen.items()
    ]
    return sorted(found, key=lambda one: (-one.events, one.canonical, one.id))


def _sums(
    trails: Iterable[Trail],
) -> Iterable[tuple[str, Identity, KindReason, int, int | None, int | None]]:
    """Yield each identity as a log names it, with its kind, its events, and their first and last time.

    A case has some hundred thousand trails and few identities: trails that hold the same values are summed up first.
    """
    sums: dict[tuple[str, int, int], list[int | None]] = {}
    values: dict[tuple[str, int, int], tuple[str, Identity, KindReason]] = {}
    for trail in trails:
        identity = trail.identity
        if identity is None:
            continue
        place = (trail.source, id(identity), id(trail.kind))
        known = sums.get(place)
        if known is None:
            sums[place] = [trail.events, trail.first, trail.last]
            values[place] = (trail.source, identity, trail.kind)
        else:
            known[0] = (known[0] or 0) + trail.events
            known[1], known[2] = _least(known[1], trail.first), _most(known[2], trail.last)
    for place, (events, first, last) in sums.items():
        yield *values[place], events or 0, first, last


def _id(key: Bearer) -> str:
    return identity_id(key.family, key.canonical, key.unique if key.contested else None)


def _known(key: Bearer, one: _Seen, sessions: int, alike: Iterable[str]) -> KnownIdentity:
    # What services do in somebody's name says nothing about who that is.
    own = {kind for kind, _ in one.kinds}
    kind = next((kind for kind in _ORDER if kind in own), IdentityKind.UNDECIDED)
    if own == {IdentityKind.SERVICE}:
        kind = IdentityKind.SERVICE
    aliases = [Alias(name, first, last, events or 0) for name, (first, last, events) in one.names.items()]
    number = _id(key)
    return KnownIdentity(
        id=number,
        canonical=key.canonical,
        kind=kind,
        reasons=tuple(
            (each.value, reason, events)
            for (each, reason), events in sorted(one.kinds.items(), key=lambda item: (-item[1], item[0][1]))
        ),
        aliases=tuple(sorted(aliases, key=lambda alias: (-alias.events, alias.name))),
        native_ids=tuple(sorted(one.native_ids)),
        sources=tuple(sorted(one.sources)),
        account=one.account,
        events=sum(one.kinds.values()),
        sessions=sessions,
        first=one.first,
        last=one.last,
        unique_id=key.unique,
        namesakes=tuple(sorted(each for each in alike if each != number)),
    )


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _most(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def matches(identities: list[KnownIdentity]) -> list[Match]:
    """Propose identities of different families that may be one, by the likeness of their names.

    Args:
        identities: From :func:`known_identities`.
    """
    families: dict[str, dict[str, list[tuple[KnownIdentity, str]]]] = {}
    for identity in identities:
        if identity.kind is IdentityKind.SERVICE:
            continue
        family = family_of(identity.sources[0])
        for name in _names(identity):
            plain = plain_name(name)
            if len(plain) >= _SHORTEST:
                families.setdefault(family, {}).setdefault(plain, []).append((identity, name))
    found: dict[str, Match] = {}
    ordered = sorted(families)
    for place, family in enumerate(ordered):
        for other in ordered[place + 1 :]:
            for one_name, other_name, score in _pairs(families[family], families[other]):
                for one, name in families[family][one_name]:
                    for another, another_name in families[other][other_name]:
                        match = _match(one, another, name, another_name, score)
                        known = found.get(match.id)
                        if known is None or _order(match) < _order(known):
                            found[match.id] = match
    return sorted(found.values(), key=lambda match: (not match.alike, -match.score, match.id))


def _order(match: Match) -> tuple[int, bool, tuple[str, str]]:
    """Put the likest names first, of equally like ones an e-mail address."""
    return -match.score, not match.reason.startswith(_SAME_EMAIL), match.names


class Nature(enum.StrEnum):
    """What bears a name, as far as its form and its records tell: a role is used by many, a workload by nobody in person."""

    ROLE = "a role"
    WORKLOAD = "a workload"
    ACCOUNT = "an account"
    PERSON = "an account of a person"


_ROLE = re.compile(r"arn:[^:]*:(?:iam|sts)::[^:]*:(?:role|assumed-role)/")
_MACHINES = re.compile(
    r"system:(?:serviceaccount|node):|repo:|.*\.gserviceaccount\.com\Z|arn:[^:]*:(?:lambda|ec2|ecs|eks):"
)


def nature_of(identity: KnownIdentity) -> Nature:
    """Return what bears a name."""
    if _ROLE.match(identity.canonical):
        return Nature.ROLE
    if identity.kind in (IdentityKind.NONHUMAN, IdentityKind.SERVICE) or _MACHINES.match(identity.canonical):
        return Nature.WORKLOAD
    return Nature.PERSON if identity.kind is IdentityKind.HUMAN else Nature.ACCOUNT


def unlike(one: KnownIdentity, other: KnownIdentity) -> str | None:
    """Return what two identities are, if they are not of one nature; ``None`` if they can be the same by what they are."""
    natures = nature_of(one), nature_of(other)
    persons = (Nature.ACCOUNT, Nature.PERSON)
    if natures[0] is natures[1] or all(each in persons for each in natures):
        return None
    return f"{_told(one)}, and {_told(other)}"


def _told(identity: KnownIdentity) -> str:
    nature = nature_of(identity)
    sessions = {name for alias in identity.aliases if (name := alias.name.partition("/")[2])}
    if nature is not Nature.ROLE or len(sessions) < 2:
        return str(nature)
    return f"{nature} under {len(sessions):,} session names, perhaps of as many people"


def _names(identity: KnownIdentity) -> set[str]:
    return {identity.canonical, *(alias.name for alias in identity.aliases[:50])}


def plain_name(name: str) -> str:
    """Return what is compared of a name: without directory, domain, case and joints."""
    local = name.rstrip("/").rpartition("/")[2].partition("@")[0].rpartition(":")[2]
    return "".join(letter for letter in local.casefold() if letter.isalnum())


def _pairs(one: Collection[str], other: Collection[str]) -> Iterable[tuple[str, str, int]]:
    if len(one) * len(other) > _MOST_PAIRS:
        yield from ((name, name, 100) for name in one if name in other)
        return
    names = list(other)
    for name in one:
        for found, score, _ in process.extract(name, names, scorer=fuzz.ratio, score_cutoff=LIKE, limit=None):
            yield name, found, int(score)


def _match(one: KnownIdentity, other: KnownIdentity, name: str, other_name: str, score: int) -> Match:
    if name.casefold() == other_name.casefold() and "@" in name:
        reason = _SAME_EMAIL
    elif score == 100:
        reason = "the same name but for case, directory and joints"
    else:
        reason = f"names alike to {score} %"
    kinds = unlike(*sorted((one, other), key=lambda each: each.id))
    if kinds is not None:
        reason += f"; but {kinds}: not alike by what they are"
    first, second = sorted(((one.id, name), (other.id, other_name)))
    return Match(
        id=id_of("M", first[0], second[0]),
        one=first[0],
        other=second[0],
        score=score,
        names=(first[1], second[1]),
        reason=reason,
        alike=kinds is None,
    )
