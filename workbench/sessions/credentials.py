"""Every credential of a case: which event issued it, how long it was good, who used it and from where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from workbench.model.event import Credential, Issued
from workbench.model.session import ClientVersions, KnownCredential, Strength, id_of
from workbench.sessions.agents import versions_of
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import Notable
from workbench.sessions.keys import SIGN_IN, KeyClass, method_of
from workbench.sessions.rules.issued_keys import acts_that_issued
from workbench.sessions.trails import Trail
from workbench.sessions.world import World

_REWRITTEN = "the key id encodes account {} and records name {}: the records may have been rewritten"
_REVOKED = "used after it was taken back"
_EXPIRED = "used after it expired"


class _Use(NamedTuple):
    """What the trails that present a key say of its use.

    Attributes:
        events: How many events presented it.
        first: First use, microseconds UTC.
        last: Last use.
        identity: Canonical name of the identity that presented it most.
        identities: How many did.
        accounts: The accounts of these identities.
        clients: From how many clients, calls of services left out.
        versions: Those of them that come in several versions.
    """

    events: int
    first: int | None
    last: int | None
    identity: str | None
    identities: int
    accounts: Collection[str]
    clients: int
    versions: tuple[ClientVersions, ...]


_UNUSED = _Use(0, None, None, None, 0, (), 0, ())


def known_credentials(world: World, account_of: Callable[[str], str | None]) -> list[KnownCredential]:
    """Return every credential that an event presents or issues.

    Args:
        world: Everything.
        account_of: Tells which AWS account a key id encodes.
    """
    presenting: dict[Credential, list[Trail]] = {}
    for trail in world.facts.trails:
        for key in trail.presented:
            presenting.setdefault(key, []).append(trail)
    context = {
        kind
        for kind in {key.type for keys in (presenting, world.issued) for key in keys}
        if method_of(kind).key_class is KeyClass.CONTEXT
    }
    uses = {key: _use(trails) for key, trails in presenting.items() if key.type not in context}
    uses |= {key: _UNUSED for key in world.issued if key not in uses and key.type not in context}
    taken_back = world.revoked
    found = [_known(world, key, use, taken_back.get(key), account_of) for key, use in uses.items()]
    return sorted(found, key=lambda one: (one.first is None, one.first or 0, one.id))


def _known(
    world: World,
    key: Credential,
    use: _Use,
    revoked: Notable | None,
    account_of: Callable[[str], str | None],
) -> KnownCredential:
    issuers = world.issued.get(key, [])
    issuer = min(issuers, key=_by_time, default=None) if len(issuers) > 1 else next(iter(issuers), None)
    revoked_at = revoked.time if revoked else None
    account = account_of(key.native_id) if key.type.startswith("aws ") else None
    warnings = []
    if account is not None and use.accounts and account not in use.accounts:
        warnings.append(_REWRITTEN.format(account, ", ".join(sorted(use.accounts))))
    expires = issuer[1].expires if issuer else None
    if expires is not None and use.last is not None and use.last > expires:
        warnings.append(_EXPIRED)
    drafts = world.assembly.by_key.get(key, ())
    late = revoked_at is not None and use.last is not None and use.last > revoked_at
    if key in world.used_after or (late and not any(draft.refused_after_end for draft in drafts)):
        warnings.append(_REVOKED)
    if len(issuers) > 1 and (acts := acts_that_issued(world, key)) > 1:
        warnings.append(
            f"handed out by {acts:,} acts: the earliest is shown, and which of them it stems from is open"
        )
    if issuers and not all(world.undoubted(each.event) for each, _ in issuers):
        warnings.append("issued by a record that was altered or stands in another version, too")
    opened = None if issuer else _opened(world, key)
    return KnownCredential(
        id=id_of("C", key.type, key.native_id),
        type=key.type,
        native_id=key.native_id,
        identity=use.identity if use.identities or not issuer else issuer[1].to,
        identities=use.identities,
        issued_at=issuer[0].time if issuer else None,
        issued_by=issuer[0].event if issuer else None,
        expires=expires,
        revoked_at=revoked_at,
        revoked_by=revoked.event if revoked else None,
        first=use.first,
        last=use.last,
        events=use.events,
        sessions=len(drafts),
        clients=use.clients,
        account=account,
        warnings=tuple(warnings),
        versions=use.versions,
        opened_at=opened.opened_at if opened else None,
        opened_by=opened.opened_by if opened else None,
        # The sign-in of a console session names no session: only its time and principal fit.
        opened_strength=None
        if opened is None
        else (Strength.INFERRED if key.type == SIGN_IN else opened.strength),
    )


def _by_time(issuer: tuple[Notable, Issued]) -> tuple[bool, int, str]:
    return issuer[0].time is None, issuer[0].time or 0, issuer[0].mark


def _opened(world: World, key: Credential) -> Draft | None:
    """Return the session of a key if a sign-in opened it; keys of which several sessions are have none."""
    drafts = world.assembly.by_anchor.get(key, ())
    return drafts[0] if len(drafts) == 1 and drafts[0].opened_by is not None else None


def _use(trails: Sequence[Trail]) -> _Use:
    if len(trails) == 1:  # as of most keys
        (trail,) = trails
        identity = trail.identity
        return _Use(
            trail.events,
            trail.first,
            trail.last,
            None if identity is None else identity.canonical,
            0 if identity is None else 1,
            () if identity is None or identity.account is None else (identity.account,),
            0 if trail.forwarded else 1,
            (),
        )
    identities: dict[str, int] = {}
    for trail in trails:
        if trail.identity is not None:
            name = trail.identity.canonical
            identities[name] = identities.get(name, 0) + trail.events
    own = [trail for trail in trails if not trail.forwarded]
    agents = {trail.user_agent for trail in own if trail.user_agent is not None}
    most = min(identities.items(), key=lambda each: (-each[1], each[0]), default=(None, 0))
    return _Use(
        sum([trail.events for trail in trails]),
        min([trail.first for trail in trails if trail.first is not None], default=None),
        max([trail.last for trail in trails if trail.last is not None], default=None),
        most[0],
        len(identities),
        {
            each.account
            for trail in trails
            if (each := trail.identity) is not None and each.account is not None
        },
        len({trail.client for trail in own}),
        versions_of(agents) if len(agents) > 1 else (),
    )
