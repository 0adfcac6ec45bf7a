"""What the records of events bind them to by themselves: a credential, a session; never a person.

A binding is proven where every record carries a value that its issuer made once and the caller cannot choose (design, section
2, "strength"). Names, addresses and agents bind nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from workbench.model.claim import Level, MachineView
from workbench.model.session import Strength

_SHOWN = 5
"""Subjects and caveats that a machine's view lists."""


NAMED = 5
"""Events and names that a refusal lists."""


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """What some events of a tag have in common.

    Attributes:
        events: How many events.
        first: The first of them, as people refer to them; at most :data:`NAMED`.
        credential: Native id of a key that the records carry and its issuer made once; ``None`` if they carry none, or
            were read by a reader that no sample has checked.
        kind: What kind of credential.
        identity: Canonical name of the principal that the records name with it.
        names: Other ids and names under which the records know that principal.
        session: Id of their session.
        membership: How well it is shown that they belong to it.
        opening: How well the record that opened it, a sign-in or an issue, is shown.
        chain: The weakest hop from the session to the first credential use.
        contradictions: What speaks against the binding: copies that differ, links that are contradicted.
        outside: Why the interval is not inside the credential's validity.
        caveats: What must be said with it.
    """

    events: int = 1
    first: tuple[str, ...] = ()
    credential: str | None = None
    kind: str | None = None
    identity: str | None = None
    names: tuple[str, ...] = ()
    session: str | None = None
    membership: Strength = Strength.UNPROVEN
    opening: Strength = Strength.UNPROVEN
    chain: Strength = Strength.UNPROVEN
    contradictions: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


def support(binding: Binding, level: Level) -> Strength:
    """Return how well records alone bind events to something of a level.

    A credential: by a key that the records themselves carry. A session: by its anchor in every record and by the record
    that opened it, which is the second fact that rule A2 asks for. Above that logs only lead somewhere: inferred at most.
    """
    if level is Level.CREDENTIAL:
        if binding.credential is not None:
            return Strength.PROVEN
        return Strength.INFERRED if binding.session is not None else Strength.UNPROVEN
    in_session = _in_session(binding)
    if level is Level.SESSION:
        return in_session
    if in_session is Strength.UNPROVEN or binding.chain is Strength.UNPROVEN:
        return Strength.UNPROVEN
    return Strength.INFERRED


def _in_session(binding: Binding) -> Strength:
    if binding.session is None or binding.membership is Strength.UNPROVEN:
        return Strength.UNPROVEN
    if binding.membership is binding.opening is Strength.PROVEN and binding.credential is not None:
        return Strength.PROVEN
    return Strength.INFERRED


def bound(bindings: Sequence[Binding], level: Level) -> int:
    """Return how many events have a proven binding of their own at a level; above the session, at the session's."""
    own = min(level, Level.SESSION, key=lambda each: each.rank)
    return sum(each.events for each in bindings if support(each, own) is Strength.PROVEN)


def names_of(binding: Binding, level: Level) -> frozenset[str]:
    """Return what a subject may be called so that the records themselves tie it to the binding."""
    called = {binding.identity, *binding.names, binding.credential}
    if level is not Level.CREDENTIAL:
        called.add(binding.session)
    return frozenset(each.casefold() for each in called if each)


def machine_view(bindings: Sequence[Binding]) -> MachineView:
    """Return the strongest level that the links support for all of some events, and why."""
    events = sum(each.events for each in bindings)
    identities = _unique(each.identity for each in bindings if each.identity)
    level: Level | None = None
    subjects: tuple[str, ...] = ()
    why = "no record carries a key that its issuer made once"
    keys = _unique(each.credential for each in bindings if each.credential)
    with_key = bound(bindings, Level.CREDENTIAL)
    if 0 < with_key < events:
        why = f"{with_key:,} of {events:,} records carry a key that its issuer made once: a mixed selection"
    elif with_key:
        level, subjects = Level.CREDENTIAL, keys
        why = f"every record carries {_listed(keys, 'key')}, made once by its issuer"
    sessions = _unique(each.session for each in bindings if each.session)
    in_session = bound(bindings, Level.SESSION)
    if events and in_session == events:
        level, subjects = Level.SESSION, sessions
        why = f"every record carries the key of {_listed(sessions, 'session')}, and the record that opened it is proven"
    return MachineView(
        level=level,
        subjects=subjects,
        identities=identities,
        why=why,
        beyond=_beyond(bindings, level, in_session, events),
        contradictions=_unique(text for each in bindings for text in each.contradictions)[:_SHOWN],
        outside=_unique(text for each in bindings for text in each.outside)[:_SHOWN],
        caveats=_unique(text for each in bindings for text in each.caveats)[:_SHOWN],
    )


def _beyond(bindings: Sequence[Binding], level: Level | None, in_session: int, events: int) -> str:
    if level is None:
        return ""
    if level is Level.CREDENTIAL:
        if in_session:
            return f"the opening of the session is proven for {in_session:,} of {events:,} only"
        if any(each.session is None for each in bindings):
            return "some of the events belong to no session"
        if any(each.membership is not Strength.PROVEN for each in bindings):
            return "that they belong to one session is inferred"
        opening = {each.opening for each in bindings}
        if Strength.UNPROVEN in opening:
            return "the record that opened the session is not in the evidence"
        return "which record opened the session is inferred"
    if any(each.chain is Strength.UNPROVEN for each in bindings):
        return "where the session stems from ends in a hole; who sat behind it no log says"
    return "who sat behind it no log says: inferred at most, without a record that is no log"


def _listed(names: tuple[str, ...], what: str) -> str:
    if len(names) == 1:
        return names[0]
    return f"one of {len(names):,} {what}s"


def _unique(texts: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))  # type: ignore[call-overload]
