"""Every credential of a case: which event issued it, how long it was good, who used it and from where."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from workbench.model.event import Credential, Issued, UserAgent
from workbench.model.session import KnownCredential, Strength, id_of
from workbench.sessions.agents import versions_of
from workbench.sessions.assemble import Draft
from workbench.sessions.facts import Notable
from workbench.sessions.keys import SIGN_IN, KeyClass, method_of
from workbench.sessions.rules.issued_keys import acts_that_issued
from workbench.sessions.world import World

_REWRITTEN = "the key id encodes account {} and records name {}: the records may have been rewritten"
_REVOKED = "used after it was taken back"
_EXPIRED = "used after it expired"


class _Use(msgspec.Struct):
    events: int = 0
    first: int | None = None
    last: int | None = None
    identities: dict[str, int] = {}
    accounts: set[str] = set()
    clients: set[tuple[str | None, str | None]] = set()
    agents: set[UserAgent] = set()


_UNUSED = _Use()


def known_credentials(world: World, account_of: Callable[[str], str | None]) -> list[KnownCredential]:
    """Return every credential that an event presents or issues.

    Args:
        world: Everything.
        account_of: Tells which AWS account a key id encodes.
    """
    uses = _uses(world)
    taken_back = world.revoked
    found = [
        _known(world, key, uses.get(key, _UNUSED), taken_back.get(key), account_of)
        for key in {**uses, **dict.fromkeys(world.issued)}
        if method_of(key.type).key_class is not KeyClass.CONTEXT
    ]
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
    late = revoked_at is not None and use.last is not None and use.last > revoked_at
    in_vain = any(draft.refused_after_end for draft in world.assembly.by_key.get(key, ()))
    if key in world.used_after or (late and not in_vain):
        warnings.append(_REVOKED)
    if len(issuers) > 1 and (acts := acts_that_issued(world, key)) > 1:
        warnings.append(
            f"handed out by {acts:,} acts: the earliest is shown, and which of them it stems from is open"
        )
    if any(not world.undoubted(each.event) for each, _ in issuers):
        warnings.append("issued by a record that was altered or stands in another version, too")
    opened = None if issuer else _opened(world, key)
    identity = issuer[1].to if issuer else None
    if use.identities:
        identity, _ = min(use.identities.items(), key=lambda each: (-each[1], each[0]))
    return KnownCredential(
        id=id_of("C", key.type, key.native_id),
        type=key.type,
        native_id=key.native_id,
        identity=identity,
        identities=len(use.identities),
        issued_at=issuer[0].time if issuer else None,
        issued_by=issuer[0].event if issuer else None,
        expires=expires,
        revoked_at=revoked_at,
        revoked_by=revoked.event if revoked else None,
        first=use.first,
        last=use.last,
        events=use.events,
        sessions=len(world.assembly.by_key.get(key, ())),
        clients=len(use.clients),
        account=account,
        warnings=tuple(warnings),
        versions=versions_of(use.agents) if len(use.agents) > 1 else (),
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


def _uses(world: World) -> dict[Credential, _Use]:
    found: dict[Credential, _Use] = {}
    for trail in world.facts.trails:
        if not trail.presented:
            continue
        events, first, last = trail.events, trail.first, trail.last
        identity, forwarded, client = trail.identity, trail.forwarded, trail.client
        agent = trail.user_agent
        for key in trail.presented:
            use = found.get(key)
            if use is None:
                use = found[key] = _Use()
            use.events += events
            if first is not None and (use.first is None or first < use.first):
                use.first = first
            if last is not None and (use.last is None or last > use.last):
                use.last = last
            if identity is not None:
                use.identities[identity.canonical] = use.identities.get(identity.canonical, 0) + events
                if identity.account is not None:
                    use.accounts.add(identity.account)
            if not forwarded:
                use.clients.add(client)
                if agent is not None:
                    use.agents.add(agent)
    return found
