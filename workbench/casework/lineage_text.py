"""A lineage for people: on each edge, who did what when. All log text passes through visible()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.casework.as_json import time_text
from workbench.casework.lineage import Found
from workbench.casework.session_text import link_lines, period
from workbench.model.case import StoredEvent
from workbench.model.session import Session
from workbench.sessions.lineage import Hop
from workbench.text import cut_middle, visible

CHAIN = "the weakest hop or membership back to the first credential, a hole at its end included"
"""What the strength of a chain is that of."""

_LONGEST = 60
"""Characters of a name that are shown; the record itself holds the rest."""


def lineage_lines(found: Found) -> Iterator[str]:
    """Yield what led to a session or event, and what came of it."""
    lineage = found.lineage
    told = {number: event_told(stored) for number, stored in found.events.items()}
    yield found.about
    if found.chain is not None:
        yield f"chain strength {found.chain}: {CHAIN}"
    yield ""
    yield "back to the first credential use"
    yield from _hops(lineage.back, found, told, "    nothing in the evidence leads here")
    yield ""
    yield "forward to every effect"
    yield from _hops(lineage.forward, found, told, "    no link leads on from here")
    if lineage.cut:
        yield f"    there is more: {len(lineage.back) + len(lineage.forward):,} edges were followed"


def _hops(hops: Sequence[Hop], found: Found, told: dict[int, str], nothing: str) -> Iterator[str]:
    if not hops:
        yield nothing
    for hop in hops:
        indent = "    " * (hop.depth + 1)
        lines = link_lines(hop.link, found.refs, indent, told)
        yield f"{next(lines)}  (chain so far: {hop.chain})"
        session = found.sessions.get(hop.far)
        if session is not None:
            yield f"{indent}    {session_told(session)}"
        yield from lines


def event_told(stored: StoredEvent) -> str:
    """Return who did what when, in a line: time, principal, act, what it was done to, outcome, address."""
    event = stored.event
    who = _short(event.identity.name) if event.identity else "nobody named"
    target = f" on {_short(event.resources[0].name)}" if event.resources else ""
    more = f" and {len(event.resources) - 1:,} more" if len(event.resources) > 1 else ""
    where = f"  from {_short(event.address.raw)}" if event.address else ""
    act = f"{visible(event.act.service)} {visible(event.act.action)}"
    return f"{time_text(event.time) or 'no time'}  {who}  {act}{target}{more}  {event.outcome.status}{where}"


def session_told(session: Session) -> str:
    """Return whose session it is, of what kind and when, in a line."""
    who = _short(session.identity.name) if session.identity else "no identity named"
    return (
        f"{session.id}: {session.kind.kind} {who}, {visible(session.method)}, {period(session.start, session.end)},"
        f" {session.events:,} events, membership {session.membership}"
    )


def _short(name: str) -> str:
    return cut_middle(visible(name), _LONGEST)
