"""Where a chain cannot go on: the origin of a session that nothing shows, and secrets that were read (rule SEC-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workbench.model.event import IdentityKind, Verb
from workbench.model.session import HOLE, Link, Relation, Strength
from workbench.sessions.facts import Notable
from workbench.sessions.keys import method_of
from workbench.sessions.trails import Trail
from workbench.sessions.world import Rule, World, event_end, make_link, session_end

ORIGIN = Rule("origin", 1, "nothing in the evidence shows where this credential came from")
SECRET = Rule("secret-read", 1, "a secret was read; what was done with it stands in no log")

ASKER = Rule(
    "issuer-origin", 1, "nothing in the evidence shows with which credential this credential was asked for"
)

_NO_KEY = "records that name the credential: these do not say which was presented"


def origins(world: World, incoming: Mapping[str, Sequence[Link]]) -> Iterator[Link]:
    """Yield a hole for each session whose origin no link and no event of its own shows.

    Args:
        world: Everything.
        incoming: Links that lead to sessions, by session id.
    """
    for draft in world.assembly.drafts.values():
        if draft.opened_by is not None or incoming.get(draft.id):
            continue
        if draft.anchor is None:
            if all(trail.kind.kind is IdentityKind.SERVICE for trail, _ in draft.pieces):
                continue  # a provider's own service needs no credential of the customer
            closes = _NO_KEY
        else:
            closes = method_of(draft.anchor.type).birth
        yield make_link(
            ORIGIN,
            Relation.ISSUED,
            Strength.UNPROVEN,
            HOLE,
            session_end(draft),
            fields=() if draft.anchor is None else (f"{draft.anchor.type}: {draft.anchor.native_id}",),
            evidence=(draft.first_event,),
            closes=closes,
        )


def askers(world: World, incoming: Mapping[str, Sequence[Link]]) -> Iterator[Link]:
    """Yield a hole for each act that issued the key of a session and names no credential itself.

    Such an act is of no session, so that the chain would seem to begin with it. That is so for a sign-in, for a token of
    another system that the record names, and for a provider's service; else whoever asked held something that is not shown.

    Args:
        world: Everything.
        incoming: Links that lead to sessions, by session id.
    """
    without = {each.event: each for notables in world.assembly.entries.values() for each in notables}
    for event in sorted({link.source.event or 0 for links in incoming.values() for link in links}):
        act = without.get(event)
        if act is None or not act.issued or act.act.verb is Verb.AUTHENTICATE or incoming.get(act.mark):
            continue
        trail = world.trails[act.trail]
        if trail.kind.kind is IdentityKind.SERVICE or trail.presented:
            continue
        yield make_link(
            ASKER,
            Relation.ISSUED,
            Strength.UNPROVEN,
            HOLE,
            event_end(act),
            evidence=(act.event,),
            closes=_callers_record(act, trail),
        )


def _callers_record(act: Notable, trail: Trail) -> str:
    """Return what would show with which credential an act was done.

    The record of an account that was entered from another names no key of the caller; the copy in the caller's own account,
    under the same ``sharedEventID``, does (AWS CloudTrail user guide, "Sharing event information across accounts").
    """
    account = trail.identity.account if trail.identity is not None else None
    if trail.source != "aws.cloudtrail" or account is None or account == trail.account:
        return (
            "the record of the caller's own account or system, which names the credential that was presented"
        )
    shared = f" with the sharedEventID {act.shared_id}" if act.shared_id is not None else ""
    return f"the caller account's own record of this act: CloudTrail of account {account}{shared}"


def secrets(world: World) -> Iterator[Link]:
    """Yield a hole for each session that read secrets: nothing in a log joins a secret to its later use."""
    read = Verb.READ_SECRET.value
    for draft in world.assembly.drafts.values():
        reads = sum([run.verbs[read] for _, run in draft.pieces if read in run.verbs])
        if reads:
            yield make_link(
                SECRET,
                Relation.HELD_SECRET,
                Strength.UNPROVEN,
                session_end(draft),
                HOLE,
                fields=(f"session:{draft.id} verb:read_secret: {reads:,} acts, refused ones included",),
                closes="what the secret held, said by a responder who has seen it: its use can then be asserted, never"
                " proven by a log",
            )
