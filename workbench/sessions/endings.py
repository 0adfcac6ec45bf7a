"""What ended sessions: the source's own end of a session, or the removal of its key."""

from __future__ import annotations

import re

from workbench.clock import SECOND
from workbench.model.event import Credential
from workbench.model.session import Basis
from workbench.sessions.facts import ENDINGS, Notable, may_revoke
from workbench.sessions.keys import method_of
from workbench.sessions.world import World

_KEY = re.compile(r"key|token|credential|session|accessor|certificate", re.IGNORECASE)
"""What types of things are credentials: an issue or a branch can have the number of a token."""

REMOVAL_SLACK = 300 * SECOND
"""Microseconds that a key may go on to work after its removal: IAM is eventually consistent and gives no figure (IAM user guide,
"Changes that I make are not always immediately visible")."""


def note_endings(world: World) -> None:
    """Note in each session when it was ended or its key taken back, if a record says so."""
    taken_back = world.revoked = revocations(world)
    for notable in world.facts.notables:
        if notable.act.action in ENDINGS and notable.time is not None:
            draft = world.home(notable)
            if draft is not None and draft.anchor is not None:
                draft.ended_at = max(draft.ended_at or notable.time, notable.time)
                draft.end_basis = Basis.ENDED
    for key, notable in taken_back.items():
        for draft in world.assembly.by_anchor.get(key, ()):
            if draft.ended_at is None and notable.time is not None:
                draft.ended_at, draft.end_basis = notable.time, Basis.REVOKED
            after = used_after_removal(world, key, draft.last)
            if after is not None:
                draft.caveats.append(
                    f"contradiction: its key was used {after // SECOND:,} s after it was taken back"
                )


def used_after_removal(world: World, key: Credential, last: int | None) -> int | None:
    """Return how long after its removal a key was last used, microseconds; ``None`` if nothing speaks against that use.

    Args:
        world: With what was taken back.
        key: The key.
        last: Its last use.
    """
    gone = world.revoked.get(key)
    # A public key that is removed can be put back.
    if gone is None or gone.time is None or last is None or method_of(key.type).chosen:
        return None
    after = last - gone.time
    anew = any((each.time or 0) > gone.time for each, _ in world.issued.get(key, ()))
    return None if after <= REMOVAL_SLACK or anew else after


def revocations(world: World) -> dict[Credential, Notable]:
    """Return the first event that took back each credential."""
    by_id: dict[str, list[Credential]] = {}
    for key in (*world.assembly.by_key, *world.issued):
        known = by_id.setdefault(key.native_id, [])
        if key not in known:
            known.append(key)
    found: dict[Credential, Notable] = {}
    for notable in world.facts.notables:
        if notable.succeeded is not True or not may_revoke(notable.act):
            continue
        for each in notable.resources:
            if not _KEY.search(each.type or ""):
                continue
            for key in by_id.get(each.name, ()):
                before = found.get(key)
                if before is None or (notable.time or 0, notable.mark) < (before.time or 0, before.mark):
                    found[key] = notable
    return found
