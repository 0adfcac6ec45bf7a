"""What gaps are found from: how much each part of each log holds, and the few records that speak about the log itself.

A case of a million events has some dozens of streams and some thousands of stretches, so everything after the look at each
event is small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from workbench.clock import SECOND
from workbench.coverage.owners import Owner, World
from workbench.model.digest import Validation
from workbench.model.event import Act, Verb
from workbench.model.gap import StreamKey
from workbench.model.session import Session, Skew

SLOT = 300 * SECOND
"""Microseconds of the shortest stretch that records are counted in: CloudTrail itself delivers about every five minutes."""

HOUR = 3600 * SECOND

_EARLIEST, _LATEST = -62_135_596_800 * SECOND, 253_402_300_799 * SECOND


def writable(micros: int) -> int:
    """Return the instant nearest to this one that can be written (the years 1 to 9999): a log may hold either end of them."""
    return max(_EARLIEST, min(micros, _LATEST))


CONTROLS = frozenset(
    {"StartLogging", "StopLogging", "CreateTrail", "UpdateTrail", "DeleteTrail", "PutEventSelectors"}
)
"""Acts by which trails are made, narrowed, stopped and started (AWS CloudTrail API reference)."""


def controls_logging(act: Act) -> bool:
    """Whether an act changes what is logged, for better or worse."""
    return act.tampers_logging or (act.service == "cloudtrail" and act.action in CONTROLS)


def names_accounts(act: Act) -> bool:
    """Whether the record of an act may name accounts that no column of it holds: policies are texts."""
    return act.verb is Verb.DELEGATE


class Stream(msgspec.Struct):
    """One part of a log.

    Attributes:
        key: Which part.
        slots: How many records by number of the stretch (:data:`SLOT`) since 1970.
        first: Time of the first record, microseconds UTC.
        last: Time of the last.
        undated: Records without a time.
        unaddressed: Records without an address.
    """

    key: StreamKey
    slots: dict[int, int] = {}
    first: int | None = None
    last: int | None = None
    undated: int = 0
    unaddressed: int = 0

    @property
    def events(self) -> int:
        """How many records it holds."""
        return sum(self.slots.values()) + self.undated


class ActCount(NamedTuple):
    """How many records of an act one part of a log holds."""

    source: str
    account: str | None
    category: str | None
    service: str
    action: str
    verb: str
    events: int


class Mark(msgspec.Struct, kw_only=True):
    """What records say about themselves: that something was left out, or that something is odd.

    Attributes:
        source: The log.
        account: Where.
        region: Where.
        service: The service of the act.
        action: The act.
        text: What the record says, or its reader about it.
        warning: Whether the reader says it.
        subject: Whom or what it is about, where that matters to what the gap is.
        events: How many records.
        first: The time of the first, microseconds UTC.
        last: Of the last.
        evidence: Row numbers of the first few.
    """

    source: str
    account: str | None
    region: str | None
    service: str
    action: str
    text: str
    warning: bool
    subject: str | None
    events: int
    first: int | None
    last: int | None
    evidence: tuple[int, ...]


class Control(msgspec.Struct, kw_only=True):
    """An act that changed what is logged.

    Attributes:
        event: Row number.
        source: The log that recorded it.
        account: Where.
        region: Where.
        service: The service whose logging it was.
        action: What was done.
        tampers: Whether it weakens or stops logging.
        time: Microseconds UTC.
        succeeded: Whether the record says that it did; ``None``: it does not say.
        target: The trail, sink or log it acted upon.
        narrows: What was asked for takes something out of the log; ``None``: the record does not show what was asked for.
        asked: What was asked for, in words; empty if nothing is known of it.
    """

    event: int
    source: str
    account: str | None
    region: str | None
    service: str
    action: str
    tampers: bool
    time: int | None
    succeeded: bool | None
    target: str | None
    narrows: bool | None = None
    asked: str = ""


class NamedOwner(msgspec.Struct, frozen=True, kw_only=True):
    """An account, tenant, project, organisation or cluster that records name and whose log is not on hand.

    Attributes:
        owner: Which.
        how: As what: ``caller``, ``token`` (it issued one), ``origin`` (what acts lives there), ``grantee``, ``resource``,
            ``policy``.
        event: Row number of the first record.
        time: Its time, microseconds UTC.
        events: How many records.
        act: What it did.
    """

    owner: Owner
    how: str
    event: int
    time: int | None
    events: int
    act: str


class NamedApplication(msgspec.Struct, frozen=True, kw_only=True):
    """An application that a sign-on led to (Okta) or that acted (Entra), by the log that names it."""

    source: str
    name: str
    event: int
    first: int | None
    last: int | None
    events: int


class ContentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A content of the evidence: what exports that were cut off are told by.

    Attributes:
        name: As delivered.
        sha256: Of the content after unpacking.
        records: How many.
        sources: The logs in it.
        first: Time of its first record, microseconds UTC; only for contents that may have been cut off.
        last: Of its last.
        event: Row number of its earliest record, likewise.
    """

    name: str
    sha256: str
    records: int
    sources: tuple[str, ...]
    first: int | None = None
    last: int | None = None
    event: int | None = None


class Birth(NamedTuple):
    """When a credential was made, by what its records say, of a session whose origin no record shows.

    Attributes:
        session: The session.
        born: Microseconds UTC; ``None`` if its records do not say.
        event: Row number of a record of it.
    """

    session: Session
    born: int | None
    event: int | None


class Facts(msgspec.Struct, kw_only=True):
    """All of it.

    Attributes:
        streams: Every part of every log.
        acts: What was recorded how often.
        marks: What records say about themselves.
        controls: Acts that changed what is logged, by time.
        accounts: Accounts, tenants and the like that records name and whose log is not on hand.
        nameless: Of what there is a log on hand that never says whose it is.
        applications: Applications that records name.
        contents: Contents whose number of records is that of a limit.
        births: Sessions whose origin no record shows.
        validation: What the digest files on hand prove.
        skews: What logs say of each other's clocks.
    """

    streams: list[Stream]
    acts: list[ActCount]
    marks: list[Mark]
    controls: list[Control]
    accounts: list[NamedOwner]
    nameless: frozenset[World] = frozenset()
    applications: list[NamedApplication]
    contents: list[ContentFacts]
    births: list[Birth]
    validation: Validation
    skews: list[Skew]

    def of(self, source: str, account: str | None = None) -> list[Stream]:
        """Return the parts of a log, of one account if one is named."""
        return [
            each
            for each in self.streams
            if each.key.source == source and (account is None or each.key.account == account)
        ]


def span(streams: Iterable[Stream]) -> tuple[int, int] | None:
    """Return the first and the last instant of parts of logs; ``None`` if no record of them has a time."""
    dated = [(each.first, each.last) for each in streams if each.first is not None and each.last is not None]
    return (min(low for low, _ in dated), max(high for _, high in dated)) if dated else None


REGIONAL = frozenset({"aws.cloudtrail"})
"""Logs that are delivered region by region: there a region can fall silent by itself."""


def grouped(streams: Iterable[Stream]) -> Mapping[tuple[str, str | None, str | None], list[Stream]]:
    """Return parts of logs by what is delivered together: source and account, and region where logs are kept by region."""
    found: dict[tuple[str, str | None, str | None], list[Stream]] = {}
    for each in streams:
        region = each.key.region if each.key.source in REGIONAL else None
        found.setdefault((each.key.source, each.key.account, region), []).append(each)
    return found
