"""Sessions, links, identities and credentials as JSON, with the field names that scripts may rely on (the design, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.casefile.derived.reader import DerivedSummary
from workbench.casework.identities import Decision, merged_with
from workbench.clock import SECOND, rfc3339
from workbench.model.event import Credential
from workbench.model.references import RecordRef
from workbench.model.session import (
    ClientVersions,
    End,
    EndKind,
    KnownCredential,
    KnownIdentity,
    Link,
    Match,
    Session,
    Skew,
    Strength,
)

Refs = Mapping[int, RecordRef]


def instant(micros: int | None) -> str | None:
    """Return an instant as RFC 3339 UTC, with the digits it needs."""
    if micros is None:
        return None
    return rfc3339(micros, 0 if micros % SECOND == 0 else 6)


def events_cited(links: Iterable[Link]) -> set[int]:
    """Return the row numbers of all events that links cite or end in."""
    return {
        event
        for link in links
        for event in (*link.evidence, *(end.event for end in (link.source, link.target, *link.rivals)))
        if event is not None
    }


def session_object(session: Session, refs: Refs) -> dict[str, Any]:
    """Return a session as one JSON object."""
    return {
        "id": session.id,
        "identity": session.identity.canonical if session.identity else None,
        "identity_name": session.identity.name if session.identity else None,
        "identities": session.identities,
        "identity_kind": session.kind.kind.value,
        "identity_reason": session.kind.reason,
        "method": session.method,
        "credential": session.anchor.native_id if session.anchor else None,
        "credential_type": session.anchor.type if session.anchor else None,
        "membership": session.membership.value,
        "start": instant(session.start),
        "start_basis": session.start_basis.value,
        "end": instant(session.end),
        "end_basis": session.end_basis.value,
        "events": session.events,
        "forwarded": session.forwarded,
        "forwarded_open": session.forwarded_open,
        "verbs": session.verbs,
        "keys": session.keys,
        "addresses": sorted({client.address for client in session.clients if client.address is not None}),
        "clients": [
            {
                "address": client.address,
                "agent": client.agent,
                "events": client.events,
                "first": instant(client.first),
                "last": instant(client.last),
            }
            for client in session.clients
        ],
        "client_count": session.client_count,
        "client_versions": _versions(session.versions),
        "sources": list(session.sources),
        "account": session.account,
        "opened_by": _ref(session.opened_by, refs),
        "parent": session.parent,
        "parent_link": session.parent_link,
        "strength": session.strength.value,
        "chain": session.chain.value,
        "caveats": list(session.caveats),
    }


def link_object(link: Link, refs: Refs) -> dict[str, Any]:
    """Return a link as one JSON object."""
    return {
        "id": link.id,
        "from": end_text(link.source, refs),
        "from_kind": link.source.kind.value,
        "to": end_text(link.target, refs),
        "to_kind": link.target.kind.value,
        "relation": link.relation.value,
        "strength": link.strength.value,
        "rule": link.rule,
        "rule_version": link.version,
        "fields": list(link.fields),
        "evidence": [_ref(event, refs) for event in link.evidence],
        "delta_seconds": None if link.delta is None else link.delta / SECOND,
        "rivals": [end_text(rival, refs) for rival in link.rivals],
        "rival_count": link.rival_count,
        "caveats": list(link.caveats),
        "contradicted": link.contradicted,
        "closes": link.closes,
    }


def end_text(end: End, refs: Refs) -> str | None:
    """Return the end of a link: the reference of an event, else its id; ``None`` for a hole."""
    if end.kind is EndKind.NOTHING:
        return None
    if end.event is not None and end.event in refs:
        return str(refs[end.event])
    return end.id


def identity_object(
    identity: KnownIdentity, matches: Iterable[Match], decisions: Sequence[Decision]
) -> dict[str, Any]:
    """Return an identity as one JSON object, with what is proposed and what was decided about it."""
    return {
        "id": identity.id,
        "identity": identity.canonical,
        "kind": identity.kind.value,
        "reasons": [
            {"kind": kind, "reason": reason, "events": events} for kind, reason, events in identity.reasons
        ],
        "aliases": [
            {
                "name": alias.name,
                "first": instant(alias.first),
                "last": instant(alias.last),
                "events": alias.events,
            }
            for alias in identity.aliases
        ],
        "native_ids": list(identity.native_ids),
        "unique_id": identity.unique_id,
        "namesakes": list(identity.namesakes),
        "sources": list(identity.sources),
        "account": identity.account,
        "events": identity.events,
        "sessions": identity.sessions,
        "first": instant(identity.first),
        "last": instant(identity.last),
        "matches": [
            {
                "id": match.id,
                "other": match.other if match.one == identity.id else match.one,
                "score": match.score,
                "names": list(match.names),
                "reason": match.reason,
                "alike": match.alike,
                "strength": "inferred",
            }
            for match in matches
            if identity.id in (match.one, match.other)
        ],
        "merged_with": [other for other, _ in merged_with(identity.id, decisions)],
        "decisions": [
            {
                "seq": each.seq,
                "time": each.time,
                "actor": each.actor,
                "decision": each.decision.value,
                "other": each.other if each.one == identity.id else each.one,
                "reason": each.reason,
                "superseded_by": each.superseded_by,
            }
            for each in decisions
            if identity.id in (each.one, each.other)
        ],
    }


def credential_object(credential: KnownCredential, refs: Refs) -> dict[str, Any]:
    """Return a credential as one JSON object."""
    return {
        "id": credential.id,
        "type": credential.type,
        "credential": credential.native_id,
        "identity": credential.identity,
        "identities": credential.identities,
        "issued_at": instant(credential.issued_at),
        "issued_by": _ref(credential.issued_by, refs),
        "opened_at": instant(credential.opened_at),
        "opened_by": _ref(credential.opened_by, refs),
        "opened_strength": credential.opened_strength.value if credential.opened_strength else None,
        "expires": instant(credential.expires),
        "revoked_at": instant(credential.revoked_at),
        "revoked_by": _ref(credential.revoked_by, refs),
        "first": instant(credential.first),
        "last": instant(credential.last),
        "events": credential.events,
        "sessions": credential.sessions,
        "clients": credential.clients,
        "client_versions": _versions(credential.versions),
        "account": credential.account,
        "warnings": list(credential.warnings),
    }


def _versions(versions: Iterable[ClientVersions]) -> list[dict[str, Any]]:
    return [{"client": one.client, "versions": list(one.versions), "count": one.number} for one in versions]


def derived_object(derived: DerivedSummary, refs: Refs) -> dict[str, Any]:
    """Return what ``info --json`` says of sessions and links."""
    return {
        "current": derived.current,
        "sessions": derived.sessions,
        "links": {one.value: derived.links.get(one, 0) for one in Strength},
        "identities": derived.identities,
        "credentials": derived.credentials,
        "clocks": [skew_object(skew, refs) for skew in derived.skews],
    }


def skew_object(skew: Skew, refs: Refs) -> dict[str, Any]:
    """Return what two logs say of each other's clocks as one JSON object."""
    return {
        "source": skew.source,
        "other": skew.other,
        "other_ahead_at_least_seconds": None if skew.low is None else skew.low / SECOND,
        "other_ahead_at_most_seconds": None if skew.high is None else skew.high / SECOND,
        "copies": skew.copies,
        "pairs": skew.pairs,
        "evidence": [_ref(event, refs) for event in skew.evidence],
    }


def anchor_text(anchor: Credential | None) -> str:
    """Return the key of a session as text."""
    return "" if anchor is None else anchor.native_id


def _ref(event: int | None, refs: Refs) -> str | None:
    return None if event is None or event not in refs else str(refs[event])
