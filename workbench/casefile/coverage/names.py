"""Whom records name: accounts, tenants, projects, organisations and clusters whose log is not on hand, and applications."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.casefile.coverage.marks import Sum, order
from workbench.casefile.events.zones import zone_spans, zones_holding
from workbench.coverage.facts import NamedApplication, NamedOwner
from workbench.coverage.owners import (
    Owner,
    World,
    cluster_of,
    of_identity,
    of_resource,
    of_stream,
    of_subject,
    on_hand,
    worlds_on_hand,
)
from workbench.model.event import Act, IdentityKind, ResourceRole
from workbench.model.gap import StreamKey
from workbench.sessions.trails import Trail

_READ = 50_000
"""Rows of one read: under 50 ms, so that no reader keeps a writer waiting."""

_SUBJECT = "jwt subject"


class Policy(NamedTuple):
    """A record whose policy names accounts."""

    event: int
    act: int
    time: int | None
    accounts: tuple[str, ...]


class Owners(NamedTuple):
    """Whose logs are not on hand though records name them.

    Attributes:
        owners: By how they are named.
        nameless: Worlds of which a log is on hand that never says whose it is.
    """

    owners: list[NamedOwner]
    nameless: frozenset[World]


class CoverageNames:
    """Reads whom records name, through one connection.

    Args:
        connection: Any.
        acts: The acts of the case by number.
    """

    def __init__(self, connection: sqlite3.Connection, acts: Mapping[int, Act]) -> None:
        self._connection = connection
        self._acts = acts

    def owners(
        self, streams: Collection[StreamKey], trails: Sequence[Trail], policies: Iterable[Policy]
    ) -> Owners:
        """Return whose log is not on hand though records name them."""
        known = on_hand(streams)
        named: dict[int, set[tuple[Owner, str]]] = {}
        for number, kind, name, role, account in self._connection.execute(
            "SELECT id, type, name, role, account FROM resource"
        ):
            if account is not None and kind is not None and kind.startswith("kubernetes:"):
                known.add(cluster_of(account))
            elif account is None and kind == "github:repository":
                # The record names no organisation beside the repository: it is of the log of the repository's own.
                known |= set(of_resource(kind, name, account))
            for owner in of_resource(kind, name, account):
                # To name an account is no more than that; who is let in by name is let in.
                named.setdefault(number, set()).add((owner, _HOW.get(role, "resource")))
        wanted = {
            number: kept
            for number, all_named in named.items()
            if (kept := {(owner, how) for owner, how in all_named if owner not in known})
        }
        return Owners(
            [
                *self._by_trail(trails, known),
                *self._by_token(streams, known),
                *self._acted_upon(wanted),
                *self._by_policy(policies, known),
            ],
            frozenset(worlds_on_hand(streams) - {each.world for each in known}),
        )

    def _by_trail(self, trails: Iterable[Trail], known: set[Owner]) -> Iterator[NamedOwner]:
        """Yield who acts from elsewhere: principals that live there, and tokens that were issued there."""
        found: dict[tuple[Owner, str], list[Trail]] = {}
        homes: dict[tuple[str, str | None, str], list[Owner]] = {}
        for trail in trails:
            who = trail.identity
            if who is not None:
                name = (trail.source, who.account, who.canonical)
                owners = homes.get(name)
                if owners is None:
                    owners = homes[name] = [each for each in of_identity(*name) if each not in known]
                for owner in owners:
                    found.setdefault((owner, "caller"), []).append(trail)
            for key in trail.keys:
                for owner in of_subject(key.native_id) if key.type == _SUBJECT else ():
                    if owner not in known:
                        found.setdefault((owner, "token"), []).append(trail)
        for (owner, how), own in found.items():
            first = min((each.first for each in own if each.first is not None), default=None)
            if how == "caller":
                where = "e.identity_id IN (SELECT id FROM identity WHERE canonical IN (SELECT value FROM json_each(?)))"
                names = {each.identity.canonical for each in own if each.identity is not None}
            else:
                where = (
                    "e.key_set_id IN (SELECT m.set_id FROM key_set_member m JOIN credential c ON c.id = m.credential_id"
                    f" WHERE c.type = '{_SUBJECT}' AND c.native_id IN (SELECT value FROM json_each(?)))"
                )
                names = {key.native_id for each in own for key in each.keys if key.type == _SUBJECT}
                names = {name for name in names if owner in of_subject(name)}
            event = self._earliest(first, where, names)
            if event is not None:
                yield NamedOwner(
                    owner=owner,
                    how=how,
                    event=event[0],
                    time=first,
                    events=sum(each.events for each in own),
                    act=self._acts[event[1]].action,
                )

    def _by_token(self, streams: Collection[StreamKey], known: set[Owner]) -> Iterator[NamedOwner]:
        """Yield the tenants whose tokens were presented to resources."""
        places: dict[Owner, set[str]] = {}
        for key in streams:
            for owner in of_stream(key):
                if owner not in known:
                    places.setdefault(owner, set()).add(key.tenant or "")
        (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
        for owner, tenants in places.items():
            rows = [
                row
                for low in range(0, last, _READ)
                for row in self._connection.execute(
                    "SELECT e.id, e.act_id, e.time, e.native_id, c.content_sha256, e.start FROM event e"
                    " JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete'"
                    " WHERE e.id > ? AND e.id <= ? AND e.disposition < 2 AND e.place_id IN"
                    " (SELECT id FROM place WHERE tenant IN (SELECT value FROM json_each(?)))",
                    (low, low + _READ, json.dumps(sorted(tenants))),
                ).fetchall()
            ]
            if rows:
                event, act, time, *_ = min(
                    rows, key=lambda row: (row[2] is None, row[2] or 0, order(*row[3:]))
                )
                yield NamedOwner(
                    owner=owner,
                    how="token",
                    event=event,
                    time=time,
                    events=len(rows),
                    act=self._acts[act].action,
                )

    def _acted_upon(self, named: Mapping[int, Collection[tuple[Owner, str]]]) -> Iterator[NamedOwner]:
        """Yield the owners of resources, with the earliest event that acts upon one of them."""
        found: dict[tuple[Owner, str], Sum] = {}
        acts: dict[int, int] = {}
        for row in self._with_resources(list(named)):
            event, time, native_id, sha256, start, act, members = row
            acts[event] = act
            for each in {one for number in map(int, members.split()) for one in named.get(number, ())}:
                found.setdefault(each, Sum(0, None, None, [])).add(
                    time, order(native_id, sha256, start), event
                )
        for (owner, how), total in found.items():
            event = total.cited[0][2]
            yield NamedOwner(
                owner=owner,
                how=how,
                event=event,
                time=total.first,
                events=total.events,
                act=self._acts[acts[event]].action,
            )

    def _by_policy(self, policies: Iterable[Policy], known: set[Owner]) -> Iterator[NamedOwner]:
        found: dict[Owner, list[Policy]] = {}
        for policy in policies:
            for account in policy.accounts:
                owner = Owner(World.AWS, account)
                if owner not in known:
                    found.setdefault(owner, []).append(policy)
        for owner, own in found.items():
            first = min(own, key=lambda each: (each.time or 0, self._acts[each.act].action, each.event))
            yield NamedOwner(
                owner=owner,
                how="policy",
                event=first.event,
                time=first.time or 0,
                events=len(own),
                act=self._acts[first.act].action,
            )

    def _with_resources(self, resources: list[int], source: str | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield the shown events, of a log if one is named, that act upon any of these resources."""
        sets = [
            row[0]
            for row in self._connection.execute(
                "SELECT DISTINCT m.set_id FROM json_each(?) k JOIN resource_set_member m ON m.resource_id = k.value",
                (json.dumps(resources),),
            )
        ]
        if not sets:
            return
        listed = json.dumps(sets)
        for span in zone_spans(self._connection, zones_holding(self._connection, "resource_set_id", sets)):
            for low in range(span.first_event, span.last_event + 1, _READ):
                yield from self._connection.execute(
                    "SELECT e.id, e.time, e.native_id, c.content_sha256, e.start, e.act_id, s.members FROM event e"
                    " JOIN resource_set s ON s.id = e.resource_set_id JOIN reading r ON r.id = e.reading_id"
                    " JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete'"
                    " WHERE e.id BETWEEN ? AND ? AND e.disposition < 2 AND (? IS NULL OR r.source = ?)"
                    " AND e.resource_set_id IN (SELECT value FROM json_each(?))",
                    (low, min(low + _READ - 1, span.last_event), source, source, listed),
                ).fetchall()

    def applications(self, trails: Iterable[Trail]) -> list[NamedApplication]:
        """Return the applications that sign-ons lead to, and those that act without a sign-in."""
        return [*self._signed_on_to(), *_never_signing_in(trails)]

    def _signed_on_to(self) -> Iterator[NamedApplication]:
        """Yield the applications that Okta signed people on to."""
        named = {
            row[0]: (row[1], "")
            for row in self._connection.execute(
                "SELECT id, name FROM resource WHERE type = 'okta:appinstance name'"
            )
        }
        if not named:
            return
        found: dict[str, Sum] = {}
        for event, time, native_id, sha256, start, act, members in self._with_resources(
            list(named), "okta.system"
        ):
            if self._acts[act].action != "user.authentication.sso":
                continue
            for number in map(int, members.split()):
                if number in named:
                    found.setdefault(named[number][0], Sum(0, None, None, [])).add(
                        time, order(native_id, sha256, start), event
                    )
        for name, total in sorted(found.items()):
            yield NamedApplication(
                source="okta.system",
                name=name,
                event=total.cited[0][2],
                first=total.first,
                last=total.last,
                events=total.events,
            )

    def _earliest(self, time: int | None, where: str, names: Iterable[str]) -> tuple[int, int] | None:
        """Return row number and act of the event at a time that fits, the same in every case that holds it."""
        rows = self._connection.execute(
            "SELECT e.id, e.act_id, e.native_id, c.content_sha256, e.start FROM event e JOIN evidence c ON c.id = e.evidence_id"
            f" WHERE e.time IS ? AND e.disposition < 2 AND {where}",
            (time, json.dumps(sorted(names))),
        ).fetchall()
        best = min(rows, key=lambda row: order(*row[2:]), default=None)
        return None if best is None else (best[0], best[1])


_HOW = {ResourceRole.GRANTEE.value: "grantee", ResourceRole.SOURCE.value: "origin"}
"""As what a record names a thing, by its role; else it is acted upon."""


def _never_signing_in(trails: Iterable[Trail]) -> Iterator[NamedApplication]:
    """Yield the applications that act in workloads' logs and of which no sign-in is on hand, though sign-ins are."""
    signing_in: set[str] = set()
    acting: dict[tuple[str, str], list[Trail]] = {}
    for trail in trails:
        if trail.identity is None:
            continue
        names = {trail.identity.canonical, trail.identity.native_id or trail.identity.canonical}
        if trail.source == "entra.signin":
            signing_in |= names
        elif (
            trail.source in ("graph.activity", "azure.activity") and trail.kind.kind is IdentityKind.NONHUMAN
        ):
            acting.setdefault((trail.source, trail.identity.canonical), []).append(trail)
    if not signing_in:
        return
    for (source, name), own in sorted(acting.items()):
        if any(
            each.identity is not None
            and signing_in & {each.identity.canonical, each.identity.native_id or ""}
            for each in own
        ):
            continue
        dated = [each for each in own if each.first is not None]
        first = min((each.first or 0 for each in dated), default=None)
        event = (
            min(own, key=lambda each: (each.first is None, each.first or 0, each.number)).runs[0].first_event
        )
        last = max((each.last or 0 for each in dated), default=None)
        yield NamedApplication(
            source=source,
            name=name,
            event=event,
            first=first,
            last=last,
            events=sum(each.events for each in own),
        )
