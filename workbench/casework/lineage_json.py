"""A lineage as JSON: each edge with what its records say, so that a script needs no second question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.casework.as_json import time_text
from workbench.casework.lineage import Found
from workbench.casework.session_json import instant, link_object
from workbench.model.case import StoredEvent
from workbench.model.session import Session
from workbench.sessions.lineage import Hop


def lineage_objects(found: Found) -> Iterator[dict[str, Any]]:
    """Yield the edges of a lineage as JSON objects, those that lead back first."""
    for direction, hops in (("back", found.lineage.back), ("forward", found.lineage.forward)):
        for hop in hops:
            yield _hop(hop, direction, found)


def _hop(hop: Hop, direction: str, found: Found) -> dict[str, Any]:
    return {
        "direction": direction,
        "depth": hop.depth,
        "near": hop.near,
        "near_session": _session(found.sessions.get(hop.near)),
        "far": hop.far or None,
        "far_session": _session(found.sessions.get(hop.far)),
        "chain": hop.chain.value,
        "link": link_object(hop.link, found.refs),
        "cited": [_event(found.events[event]) for event in hop.link.evidence if event in found.events],
    }


def _event(stored: StoredEvent) -> dict[str, Any]:
    """Return what an event says of who did what when, by the field names of ``events``."""
    event = stored.event
    return {
        "ref": str(stored.ref),
        "time": time_text(event.time),
        "source": stored.source,
        "service": event.act.service,
        "action": event.act.action,
        "identity": event.identity.canonical if event.identity else None,
        "identity_name": event.identity.name if event.identity else None,
        "credential": event.credential.native_id if event.credential else None,
        "session": stored.session,
        "address": event.address.raw if event.address else None,
        "outcome": event.outcome.status.value,
        "resources": [resource.name for resource in event.resources],
    }


def _session(session: Session | None) -> dict[str, Any] | None:
    if session is None:
        return None
    return {
        "id": session.id,
        "identity": session.identity.canonical if session.identity else None,
        "identity_name": session.identity.name if session.identity else None,
        "identity_kind": session.kind.kind.value,
        "method": session.method,
        "membership": session.membership.value,
        "start": instant(session.start),
        "end": instant(session.end),
    }
