"""Systems that hand their own name for somebody on to the next one (rules VLT-2 and GWS-1, and section 2.14 on Teleport).

A name is no key: what is joined by it is inferred. The one exception is the number of a service account, which Google gives
out once and which the Workspace directory uses as the client id that an administrator trusts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.clock import SECOND
from workbench.model.event import Verb
from workbench.model.session import End, EndKind, Link, Relation, Strength
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import DELEGATES_DOMAIN, Notable
from workbench.sessions.world import NOT_CHECKED, Rule, World, event_end, make_link, session_end

VAULT = Rule(
    "vault-name",
    1,
    "Vault puts the second of the request into the name of the AWS user or session it makes, and answered such a request then",
)
TELEPORT_LOGIN = Rule(
    "teleport-login", 1, "the same user logged in less than a second before the certificate was made"
)
TELEPORT_ENTRY = Rule(
    "teleport-certificate", 1, "a certificate for this user was made within the twelve hours before"
)
TELEPORT_AWS = Rule(
    "teleport-aws",
    1,
    "Teleport names AWS role sessions after its user, who had entered within the twelve hours before",
)
DELEGATION = Rule(
    "domain-delegation",
    1,
    "the client id that was given domain-wide rights is the number Google gave this service account, and to no other",
)

_VAULT_NAME = re.compile(r"vault-(?:(.+)-)?(\d{10})-\w+\Z")
"""HashiCorp Vault, AWS secrets engine API, ``username_template``: ``vault-<display>-<policy>-<unix time>-<random>`` for users,
``vault-<unix time>-<random>`` for role sessions."""

_VAULT_PATH = re.compile(r"(?:^|/)(?:creds|sts)/([^/]+)\Z")
_VAULT_WINDOW = 60 * SECOND
"""Microseconds by which the clock of Vault's log and the one that named the session may differ."""

_LOGIN_WINDOW = SECOND
_CERTIFICATE_LIFE = 12 * 3600 * SECOND
"""Microseconds that a Teleport certificate is good by default (``tsh login --ttl``); the log does not give it an id."""

_CERTIFICATE = "cert.create"
_TELEPORT = "teleport.audit"
_CLOUDTRAIL = "aws.cloudtrail"
_NO_ID = "no id is shared: the name and the time are all that joins them"


def vault_names(world: World) -> Iterator[Link]:
    """Link requests to Vault for AWS credentials with the AWS sessions whose names Vault made."""
    asked: list[tuple[int, Notable, str]] = []
    for notable in world.facts.notables:
        if (
            notable.act.verb is not Verb.ISSUE_CREDENTIAL
            or notable.succeeded is False
            or notable.time is None
        ):
            continue
        path = next(
            (match[1] for each in notable.resources if (match := _VAULT_PATH.search(each.name))), None
        )
        if path is not None and world.trails[notable.trail].source == "vault.audit":
            asked.append((notable.time, notable, path))
    if not asked:
        return
    for draft in _drafts_of(world, _CLOUDTRAIL):
        name = _last_name(draft)
        match = _VAULT_NAME.match(name)
        if match is None:
            continue
        made = int(match[2]) * SECOND
        near = [(one, role) for time, one, role in asked if abs(time - made) <= _VAULT_WINDOW]
        # The name of a role may be cut short where it stands in a name: one that is found whole goes before the others.
        named = [(one, role) for one, role in near if match[1] and match[1].endswith(role)]
        found = [one for one, _ in named or near]
        yield from _each(
            VAULT,
            Relation.ISSUED,
            found,
            draft,
            made,
            fields=(f"second in the name = time of the request: {name}",),
            caveats=(
                "Vault logs the key it handed out as a keyed hash only: the key itself cannot be compared",
            ),
        )


def teleport_entries(world: World) -> Iterator[Link]:
    """Link logins at Teleport with the certificates they led to, and these with what the user then entered."""
    logins: dict[str, list[Notable]] = {}
    certificates: dict[str, list[Notable]] = {}
    for notable in world.facts.notables:
        trail = world.trails[notable.trail]
        if (
            trail.source != _TELEPORT
            or trail.identity is None
            or notable.succeeded is False
            or notable.time is None
        ):
            continue
        if notable.act.action == _CERTIFICATE:
            certificates.setdefault(trail.identity.canonical, []).append(notable)
        elif notable.act.action == "user.login":
            logins.setdefault(trail.identity.canonical, []).append(notable)
    for user, made in certificates.items():
        for certificate in made:
            yield from _login(world, certificate, user, logins.get(user, []))
    if not logins and not certificates:
        return
    for draft in _drafts_of(world, _TELEPORT, _CLOUDTRAIL):
        if draft.identity is None or draft.anchor is None:
            continue
        aws = any(trail.source == _CLOUDTRAIL for trail, _ in draft.pieces)
        if aws and "/" not in draft.identity.name:
            continue  # a user of AWS itself, who may have any name
        user = _last_name(draft) if aws else draft.identity.canonical
        entered = certificates.get(user) or (logins.get(user, []) if aws else [])
        first = draft.first
        before = (
            []
            if first is None
            else [one for one in entered if 0 <= first - (one.time or 0) <= _CERTIFICATE_LIFE]
        )
        yield from _each(
            TELEPORT_AWS if aws else TELEPORT_ENTRY,
            Relation.SIGNED_IN,
            before,
            draft,
            first,
            fields=(f"{'role session name' if aws else 'user'} = user: {user}",),
            caveats=(_NO_ID,),
        )


def _login(world: World, certificate: Notable, user: str, logins: list[Notable]) -> Iterator[Link]:
    here = world.trails[certificate.trail].address
    found = []
    for login in logins:
        there = world.trails[login.trail].address
        apart = (certificate.time or 0) - (login.time or 0)
        if 0 <= apart < _LOGIN_WINDOW and (
            here is None or there is None or (here.ip or here.raw) == (there.ip or there.raw)
        ):
            found.append(login)
    for login in found:
        yield make_link(
            TELEPORT_LOGIN,
            Relation.SIGNED_IN,
            Strength.INFERRED,
            event_end(login),
            event_end(certificate),
            fields=(f"user = user: {user}",),
            evidence=(login.event, certificate.event),
            delta=(certificate.time or 0) - (login.time or 0),
            rivals=[event_end(other) for other in found if other is not login],
            caveats=(_NO_ID,),
        )


def delegations(world: World) -> Iterator[Link]:
    """Link domain-wide rights that were given to a client id with the service account that has this number (rule GWS-1)."""
    numbers: dict[str, dict[str, Notable]] = {}
    for notable in world.facts.notables:
        if notable.succeeded is False:
            continue  # what was only asked for may be anybody's
        accounts = {each.name for each in notable.resources if each.type == "iam:service_account"}
        addresses, own = (
            {name for name in accounts if "@" in name},
            {name for name in accounts if name.isdecimal()},
        )
        # A record that names several accounts does not say which number is whose.
        if len(addresses) == len(own) == 1:
            numbers.setdefault(own.pop(), {}).setdefault(addresses.pop(), notable)
    for notable in world.facts.notables:
        if notable.act.action not in DELEGATES_DOMAIN or notable.succeeded is False:
            continue
        for client in (each.name for each in notable.resources if each.type == "oauth:client"):
            for address, shown in numbers.get(client, {}).items():
                yield _delegated(world, notable, client, address, shown, [*numbers[client]])


def _delegated(
    world: World, notable: Notable, client: str, address: str, shown: Notable, fitting: Iterable[str]
) -> Link:
    """Return the link to one account; where records name several with this number, it is of none of them for certain."""
    unchecked = world.unverified(world.trails[notable.trail].source, world.trails[shown.trail].source)
    return make_link(
        DELEGATION,
        Relation.SAME_SUBJECT,
        Strength.INFERRED if unchecked else Strength.PROVEN,
        event_end(notable),
        End(EndKind.IDENTITY, address),
        fields=(f"API_CLIENT_NAME = unique_id of the service account: {client}",),
        evidence=(notable.event, shown.event),
        rivals=[End(EndKind.IDENTITY, other) for other in fitting if other != address],
        caveats=(
            "proves to which account the rights were given, not that it used them",
            *((NOT_CHECKED,) if unchecked else ()),
        ),
    )


def _each(
    rule: Rule,
    relation: Relation,
    found: list[Notable],
    draft: Draft,
    moment: int | None,
    *,
    fields: tuple[str, ...],
    caveats: tuple[str, ...],
) -> Iterator[Link]:
    """Yield an inferred link from every event that fits a session; where several do, they are each other's rivals."""
    for one in sorted(found, key=lambda each: each.mark):
        yield make_link(
            rule,
            relation,
            Strength.INFERRED,
            event_end(one),
            session_end(draft),
            fields=fields,
            evidence=(one.event, draft.first_event),
            delta=None if moment is None or one.time is None else moment - one.time,
            rivals=[event_end(other) for other in found if other is not one],
            caveats=caveats,
        )


def _drafts_of(world: World, *sources: str) -> Iterable[Draft]:
    return (
        draft
        for draft in world.assembly.drafts.values()
        if any(trail.source in sources for trail, _ in draft.pieces)
    )


def _last_name(draft: Draft) -> str:
    return "" if draft.identity is None else draft.identity.name.rpartition("/")[2]
