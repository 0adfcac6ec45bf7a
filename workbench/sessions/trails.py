"""Trails: events that agree in who presented what, from where. All that sessions are built from.

A case of a million events has some ten thousand trails, so everything after the first look at each event is small.
Trails add up: those of two sets of events are merged into those of both, whatever was read first.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from workbench.clock import SECOND
from workbench.model.event import (
    Address,
    AddressKind,
    Credential,
    Identity,
    IdentityKind,
    KindReason,
    UserAgent,
)
from workbench.sessions.keys import names_nothing

IDLE = 3600 * SECOND
"""Microseconds of silence that end the session of a key which outlives sessions. A convention: no log says so."""

_PRODUCT = re.compile(r"[^\s/_;(]{2,60}")


class Run(msgspec.Struct):
    """Events of a trail with no silence of :data:`IDLE` between them.

    Attributes:
        first: First time, microseconds UTC; ``None`` for the events without a time.
        last: Last time.
        events: How many.
        first_event: Row number of an event at the first time.
        last_event: Row number of an event at the last time.
        verbs: How many of them by verb.
    """

    first: int | None
    last: int | None
    events: int
    first_event: int
    last_event: int
    verbs: dict[str, int]


class Trail(msgspec.Struct):
    """Events of one log that agree in identity, credential, keys, address and agent.

    Attributes:
        number: Its number in this case file.
        source: The log.
        identity: The principal.
        kind: What stands behind it.
        credential: The credential presented.
        keys: Further keys presented.
        address: Where from.
        user_agent: With which client.
        account: Where it was recorded.
        runs: Its events by time, ascending; the run without times is last.
        events: How many events it has. This and what follows is not given but follows from the rest; it is asked for often.
        first: The time of its first event, microseconds UTC.
        last: The time of its last event.
        presented: All keys that its events present; not what stands in place of one that was masked.
        forwarded: Whether a service made these calls with a principal's rights (:func:`forwards`).
        client: The client: its address and the product that its agent names itself.
    """

    number: int
    source: str
    identity: Identity | None
    kind: KindReason
    credential: Credential | None
    keys: tuple[Credential, ...]
    address: Address | None
    user_agent: UserAgent | None
    account: str | None
    runs: list[Run]

    events: int = 0
    first: int | None = None
    last: int | None = None
    presented: tuple[Credential, ...] = ()
    forwarded: bool = False
    client: tuple[str | None, str | None] = (None, None)

    def __post_init__(self) -> None:
        """Work out what follows from what was given."""
        runs, credential, address = self.runs, self.credential, self.address
        if len(runs) == 1:  # as of most trails
            run = runs[0]
            self.events, self.first, self.last = run.events, run.first, run.last
        elif runs:
            self.events, self.first = sum([run.events for run in runs]), runs[0].first
            self.last = max([run.last for run in runs if run.last is not None], default=None)
        keys = self.keys if credential is None else (credential, *self.keys)
        self.presented = tuple([key for key in keys if not names_nothing(key.native_id)])
        self.forwarded = forwards(self.kind, credential, address)
        self.client = client_of(address, self.user_agent)


def forwards(kind: KindReason, credential: Credential | None, address: Address | None) -> bool:
    """Tell whether a service makes calls with a principal's rights (forward access sessions of AWS and their like)."""
    return (
        kind.kind is IdentityKind.SERVICE
        and credential is not None
        and address is not None
        and address.kind in (AddressKind.SERVICE, AddressKind.INTERNAL)
    )


def client_of(address: Address | None, agent: UserAgent | None) -> tuple[str | None, str | None]:
    """Return what tells clients apart: the address, and the agent without its versions and run ids."""
    where = None if address is None else address.ip or address.raw
    return where, None if agent is None else product_of(agent)


def product_of(agent: UserAgent) -> str:
    """Return the product that an agent names itself, its whole text where it names none."""
    return agent.client or ((match := _PRODUCT.search(agent.raw)) and match[0]) or agent.raw


def runs_of(sightings: Iterable[tuple[int, int, str]]) -> list[Run]:
    """Return the runs of dated events.

    Args:
        sightings: Time, row number and verb of each event, ascending.
    """
    dated = list(sightings)
    if len(dated) == 1:  # as of most trails
        ((time, event, verb),) = dated
        return [Run(time, time, 1, event, event, {verb: 1})]
    if not dated:
        return []
    times = [each[0] for each in dated]
    starts = [0]
    if times[-1] - times[0] > IDLE:
        starts += [place for place in range(1, len(times)) if times[place] - times[place - 1] > IDLE]
    runs = []
    for start, end in zip(starts, [*starts[1:], len(dated)], strict=True):
        verbs = dict(Counter([each[2] for each in dated[start:end]]))
        last = times[end - 1]
        at_last = dated[bisect.bisect_left(times, last, start, end)][1]
        runs.append(Run(times[start], last, end - start, dated[start][1], at_last, verbs))
    return runs


def starts_of(runs: Sequence[Run]) -> list[int | None]:
    """Return the first times of the runs that :func:`merged` would join these to."""
    if len(runs) == 1:
        return [runs[0].first]
    starts: list[int | None] = []
    last: int | None = None
    dated = [(run.first, run.last) for run in runs if run.first is not None and run.last is not None]
    for first, end in sorted(dated):
        if last is None or first - last > IDLE:
            starts.append(first)
            last = end
        else:
            last = max(last, end)
    return starts if len(dated) == len(runs) else [*starts, None]


def merged(runs: Iterable[Run]) -> list[Run]:
    """Return runs joined where no silence of :data:`IDLE` lies between them, ascending, those without times last."""
    found: list[Run] = []
    undated: Run | None = None
    for run in sorted(runs, key=lambda run: (run.first is None, run.first or 0, run.first_event)):
        run = msgspec.structs.replace(run, verbs=dict(run.verbs))
        if run.first is None:
            if undated is None:
                undated = run
            else:
                _join(undated, run)
        elif found and found[-1].last is not None and run.first - found[-1].last <= IDLE:
            _join(found[-1], run)
        else:
            found.append(run)
    return found if undated is None else [*found, undated]


def _join(run: Run, later: Run) -> None:
    run.events += later.events
    for verb, count in later.verbs.items():
        run.verbs[verb] = run.verbs.get(verb, 0) + count
    if run.last is None or later.last is None:
        run.last_event = max(run.last_event, later.last_event)
    elif later.last > run.last:
        run.last, run.last_event = later.last, later.last_event
    elif later.last == run.last:
        run.last_event = min(run.last_event, later.last_event)
