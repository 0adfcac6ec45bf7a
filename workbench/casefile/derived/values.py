"""What the numbers in event rows stand for; each table is read when it is first needed."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from workbench.casefile.events.resource_sets import read_resource_sets
from workbench.model.event import (
    Act,
    Address,
    AddressKind,
    Credential,
    Identity,
    IdentityKind,
    KindReason,
    OutcomeStatus,
    UserAgent,
    Verb,
)
from workbench.sessions.rules.forwarded import resource_key
from workbench.sessions.trails import Run, Trail, forwards

PARTS = (
    "identity_id",
    "kind_id",
    "credential_id",
    "key_set_id",
    "address_id",
    "user_agent_id",
    "place_id",
    "reading_id",
)
"""Columns in which the events of a trail agree."""

OF_EVENT = ", ".join("e." + part for part in PARTS)
"""These columns of an event (alias ``e``)."""

Parts = tuple[int | None, ...]
"""Their values."""


class Values:
    """What the numbers of event rows stand for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        yield from self._connection.execute(sql)

    @functools.cached_property
    def acts(self) -> dict[int, Act]:
        """Acts by number."""
        return {
            row[0]: Act(row[1], row[2], Verb(row[3]), row[4], bool(row[5]), row[6])
            for row in self._rows(
                "SELECT id, service, action, verb, verb_rule, tampers_logging, category FROM act"
            )
        }

    @functools.cached_property
    def succeeded(self) -> dict[int, bool | None]:
        """Whether the records with an outcome say that the act succeeded, by number of the outcome."""
        return {
            row[0]: None if row[1] == OutcomeStatus.UNKNOWN else row[1] == OutcomeStatus.SUCCESS
            for row in self._rows("SELECT id, status FROM outcome")
        }

    @functools.cached_property
    def _identities(self) -> dict[int, Identity]:
        return {
            row[0]: Identity(*row[1:])
            for row in self._rows("SELECT id, canonical, name, native_id, account FROM identity")
        }

    @functools.cached_property
    def _kinds(self) -> dict[int, KindReason]:
        return {
            row[0]: KindReason(IdentityKind(row[1]), row[2])
            for row in self._rows("SELECT id, kind, reason FROM kind_reason")
        }

    @functools.cached_property
    def _credentials(self) -> dict[int, Credential]:
        return {
            row[0]: Credential(row[1], row[2])
            for row in self._rows("SELECT id, type, native_id FROM credential")
        }

    @functools.cached_property
    def _key_sets(self) -> dict[int, tuple[Credential, ...]]:
        return {
            row[0]: tuple(self._credentials[int(number)] for number in row[1].split())
            for row in self._rows("SELECT id, members FROM key_set")
        }

    @functools.cached_property
    def _addresses(self) -> dict[int, Address]:
        return {
            row[0]: Address(row[1], AddressKind(row[2]), row[3])
            for row in self._rows("SELECT id, raw, kind, ip FROM address")
        }

    @functools.cached_property
    def _agents(self) -> dict[int, UserAgent]:
        return {
            row[0]: UserAgent(row[1], row[2]) for row in self._rows("SELECT id, raw, client FROM user_agent")
        }

    @functools.cached_property
    def _accounts(self) -> dict[int, str | None]:
        return dict(self._connection.execute("SELECT id, account FROM place").fetchall())

    @functools.cached_property
    def _sources(self) -> dict[int, str]:
        return dict(self._connection.execute("SELECT id, source FROM reading").fetchall())

    def forwarded(self, parts: Parts) -> bool:
        """Whether the events of a trail are calls that a service made with a principal's rights."""
        _, kind, credential, _, address, *_ = parts
        return forwards(
            self._kinds[kind or 0],
            None if credential is None else self._credentials[credential],
            None if address is None else self._addresses[address],
        )

    def principal(self, identity_id: int | None) -> str | None:
        """Return the canonical name of an identity."""
        return None if identity_id is None else self._identities[identity_id].canonical

    def trail(self, number: int, parts: Parts, runs: list[Run]) -> Trail:
        """Return a trail with the values that its numbers stand for."""
        identity, kind, credential, keys, address, agent, place, reading = parts
        return Trail(
            number=number,
            source=self._sources[reading or 0],
            identity=None if identity is None else self._identities[identity],
            kind=self._kinds[kind or 0],
            credential=None if credential is None else self._credentials[credential],
            keys=() if keys is None else self._key_sets[keys],
            address=None if address is None else self._addresses[address],
            user_agent=None if agent is None else self._agents[agent],
            account=self._accounts[place or 0],
            runs=runs,
        )

    def keys_of(self, sets: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return what the resources of sets are known by to calls and those made for them."""
        found = {
            number: tuple(
                dict.fromkeys(
                    key for each in resources if (key := resource_key(each.type, each.name)) is not None
                )
            )
            for number, resources in read_resource_sets(self._connection, sets).items()
        }
        return {number: found.get(number, ()) for number in (0, *sets)}
