"""A maker of facts: tests tell a story event by event, and get what the case file would hand to the second pass.

Nothing here is taken from the package under test but the shapes it takes in: events are grouped into trails by comparing their
parts, rows are numbered in any order, and the calls that can have caused a forwarded one are found by looking at all.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from workbench.clock import SECOND
from workbench.model.event import (
    Act,
    Address,
    AddressKind,
    Credential,
    Identity,
    IdentityKind,
    Issued,
    KindReason,
    Resource,
    UserAgent,
    Verb,
)
from workbench.model.session import Link, Session
from workbench.sessions.derive import Derived, derive
from workbench.sessions.facts import (
    Call,
    Cause,
    Disputed,
    Facts,
    Forwarded,
    Notable,
    Span,
    Use,
    may_revoke,
    watched,
)
from workbench.sessions.trails import Run, Trail, runs_of

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOON = 1_700_000_000 * SECOND
"""When stories begin: a whole second, as most logs write."""

UNDECIDED = KindReason(IdentityKind.UNDECIDED, "nothing tells")
HUMAN = KindReason(IdentityKind.HUMAN, "interactive sign-in")
MACHINE = KindReason(IdentityKind.NONHUMAN, "a workload")
SERVICE = KindReason(IdentityKind.SERVICE, "invokedBy is set")

AWS = "aws.cloudtrail"
READ = "DescribeInstances"


class Who(NamedTuple):
    """A principal, where it is and with what."""

    identity: Identity | None
    key: Credential | None = None
    keys: tuple[Credential, ...] = ()
    source: str = AWS
    address: Address | None = Address("198.51.100.7", AddressKind.IP, "198.51.100.7")
    agent: UserAgent | None = UserAgent("aws-cli/2.15", "aws-cli")
    kind: KindReason = UNDECIDED
    account: str | None = "111111111111"

    def at(self, address: str | None, agent: str | None = "aws-cli") -> Who:
        where = None if address is None else Address(address, AddressKind.IP, address)
        return self._replace(address=where, agent=None if agent is None else UserAgent(agent, agent))

    def with_key(self, key: Credential | None, *keys: Credential) -> Who:
        return self._replace(key=key, keys=keys)


def user(name: str, account: str = "111111111111") -> Identity:
    return Identity(f"arn:aws:iam::{account}:user/{name}", name, f"AIDA{name.upper()}", account)


def temporary(name: str) -> Credential:
    return Credential("aws temporary key", f"ASIA{name}")


def lasting(name: str) -> Credential:
    return Credential("aws access key", f"AKIA{name}")


class Done(NamedTuple):
    """An event of a story."""

    mark: str
    who: Who
    act: Act
    time: int | None
    succeeded: bool | None
    resources: tuple[Resource, ...]
    issued: tuple[Issued, ...]
    shared: str | None
    active: bool | None = None
    request: str | None = None
    made: int | None = None

    @property
    def presented(self) -> set[Credential]:
        return {key for key in (self.who.key, *self.who.keys) if key is not None}


class Story:
    """What happened. Every method returns what it added, by which tests look it up in the outcome."""

    def __init__(self) -> None:
        self.events: list[Done] = []
        self.unverified: set[str] = set()
        self.versions: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def __repr__(self) -> str:
        return "\n  ".join(["", *(f"{done}" for done in self.events)])

    def does(
        self,
        who: Who,
        action: str = READ,
        at: int | None = 0,
        *,
        verb: Verb = Verb.READ,
        service: str = "ec2",
        issues: Iterable[Credential | Issued] = (),
        on: Iterable[Resource] = (),
        succeeded: bool | None = True,
        shared: str | None = None,
        active: bool | None = None,
        request: str | None = None,
    ) -> Done:
        """Add an event, so many microseconds after noon (``None``: its record has no time)."""
        issued = tuple(one if isinstance(one, Issued) else Issued(one) for one in issues)
        if issued and verb is Verb.READ:
            verb = Verb.ISSUE_CREDENTIAL
        done = Done(
            f"{who.source} {len(self.events)}",
            who,
            Act(service, action, verb, "by the test"),
            None if at is None else NOON + at,
            succeeded,
            tuple(on),
            issued,
            shared,
            active,
            request,
        )
        self.events.append(done)
        return done

    def one_id(self, *done: Done, differ: tuple[str, ...] = ("principal",)) -> None:
        """Say that records are versions of one: they bear one id and differ in something."""
        self.versions.append((tuple(each.mark for each in done), differ))

    def issues(
        self, who: Who, key: Credential, at: int | None = 0, expires: int | None = None, **more: Any
    ) -> Done:
        return self.does(who, "AssumeRole", at, service="sts", issues=[Issued(key, None, expires)], **more)

    def facts(self, seed: int | None = None) -> tuple[Facts, dict[int, Done]]:
        """Return the facts as a case holds them, rows and trails numbered in an order that the seed decides."""
        chance = random.Random(seed)
        rows = list(range(1, len(self.events) + 1))
        if seed is not None:
            chance.shuffle(rows)
        by_row = dict(zip(rows, self.events, strict=True))
        groups: dict[Who, list[int]] = {}
        for row in sorted(by_row):
            groups.setdefault(by_row[row].who, []).append(row)
        numbers = list(range(1, len(groups) + 1))
        if seed is not None:
            chance.shuffle(numbers)
        trails = []
        trail_of: dict[int, int] = {}
        for number, (who, members) in zip(numbers, groups.items(), strict=True):
            trails.append(_trail(number, who, [(row, by_row[row]) for row in members]))
            trail_of.update(dict.fromkeys(members, number))
        if seed is not None:
            chance.shuffle(trails)
        shown = {trail.number: trail for trail in trails}
        notables = [
            Notable(
                row,
                done.mark,
                trail_of[row],
                done.time,
                done.act,
                done.succeeded,
                done.resources,
                done.issued,
                done.shared,
                done.active,
                done.request,
            )
            for row, done in by_row.items()
            if done.issued or done.shared or watched(done.act) or may_revoke(done.act)
        ]
        notables.sort(key=lambda each: (each.time is None, each.time or 0, each.mark))
        forwarded = [
            Forwarded(Call(row, trail_of[row], done.time, done.act, 0), _causes(row, by_row, trail_of, shown))
            for row, done in by_row.items()
            if shown[trail_of[row]].forwarded and done.time is not None
        ]

        def accepted(spans: Sequence[Span]) -> list[Use | None]:
            found = []
            for trail, first, last in spans:
                uses = [
                    Use(done.time, -row)
                    for row, done in by_row.items()
                    if trail_of[row] == trail and done.time is not None and first <= done.time <= last
                    if done.succeeded is not False
                ]
                best = max(uses, default=None)
                found.append(None if best is None else Use(best.time, -best.event))
            return found

        def made(events: Sequence[int]) -> dict[int, int]:
            return {row: at for row in events if (at := by_row[row].made) is not None}

        row_of = {done.mark: row for row, done in by_row.items()}
        disputed = {
            row_of[mark]: Disputed(
                trail_of[row_of[mark]],
                by_row[row_of[mark]].time,
                len(marks),
                tuple(sorted(row_of[other] for other in marks if other != mark)),
                differ,
            )
            for marks, differ in self.versions
            for mark in marks
        }
        unverified = frozenset(self.unverified)
        return Facts(
            trails, notables, forwarded, accepted, made, unverified=unverified, disputed=disputed
        ), by_row

    def outcome(self, seed: int | None = None) -> Outcome:
        facts, by_row = self.facts(seed)
        return Outcome(derive(facts, lambda _: None), by_row, facts)


def _trail(number: int, who: Who, members: list[tuple[int, Done]]) -> Trail:
    dated = sorted((done.time, row, done.act.verb.value) for row, done in members if done.time is not None)
    runs = runs_of(dated)
    undated = [(row, done) for row, done in members if done.time is None]
    if undated:
        verbs: dict[str, int] = {}
        for _, done in undated:
            verbs[done.act.verb.value] = verbs.get(done.act.verb.value, 0) + 1
        rows = [row for row, _ in undated]
        runs.append(Run(None, None, len(rows), min(rows), max(rows), verbs))
    return Trail(
        number,
        who.source,
        who.identity,
        who.kind,
        who.key,
        who.keys,
        who.address,
        who.agent,
        who.account,
        runs,
    )


def _causes(
    row: int, by_row: dict[int, Done], trail_of: dict[int, int], trails: dict[int, Trail]
) -> tuple[Cause, ...]:
    """By the words of the rule: the same principal, a resource in common, two seconds either way, not forwarded itself."""
    call = by_row[row]
    names = {each.name for each in call.resources}
    found = []
    for other, done in sorted(by_row.items()):
        fits = (
            other != row
            and not trails[trail_of[other]].forwarded
            and done.who.identity == call.who.identity
            and done.time is not None
            and call.time is not None
            and abs(done.time - call.time) <= 2 * SECOND
            and names & {each.name for each in done.resources}
        )
        if fits and done.time is not None:
            found.append(Cause(other, trail_of[other], done.time))
    return tuple(found)


class Outcome:
    """What was derived from a story, to be asked by what its events are called."""

    def __init__(self, derived: Derived, by_row: dict[int, Done], facts: Facts) -> None:
        self.derived = derived
        self.by_row = by_row
        self.facts = facts
        self.row = {done.mark: row for row, done in by_row.items()}
        self.sessions = {one.id: one for one in derived.sessions}
        self.links = derived.links
        self._trail_of = {}
        for trail in facts.trails:
            who = Who(
                trail.identity,
                trail.credential,
                trail.keys,
                trail.source,
                trail.address,
                trail.user_agent,
                trail.kind,
                trail.account,
            )
            for row, done in by_row.items():
                if done.who == who:
                    self._trail_of[row] = trail.number

    def members(self) -> dict[str, list[Done]]:
        """The own events of each session, forwarded ones among them where they hold its key."""
        found: dict[str, list[Done]] = {number: [] for number in self.sessions}
        for done in self.by_row.values():
            for session in self.homes(done):
                found.setdefault(session, []).append(done)
        return found

    def homes(self, done: Done) -> list[str]:
        """All sessions that an event is said to belong to: one, if nothing is wrong."""
        row = self.row[done.mark]
        named = [session for event, session in self.derived.openers if event == row]
        named += [
            each.session for each in self.derived.folds if each.event == row and each.session is not None
        ]
        if named:
            return [*dict.fromkeys(named)]
        trail = self._trail_of[row]
        found = [
            session
            for number, first, last, session in self.derived.memberships
            if number == trail
            and (done.time is None) == (first is None)
            and (done.time is None or (first is not None and last is not None and first <= done.time <= last))
        ]
        return [*dict.fromkeys(found)]

    def session(self, done: Done) -> Session:
        (home,) = self.homes(done)
        return self.sessions[home]

    def into(self, done: Done) -> list[Link]:
        """The links that lead to the session of an event."""
        return [link for link in self.links if link.target.id == self.session(done).id]

    def by_rule(self, rule: str) -> list[Link]:
        return [link for link in self.links if link.rule == rule]

    def told(self) -> dict[str, Any]:
        """Everything derived, free of row numbers, which differ from case to case."""
        links = {}
        for link in self.links:
            plain = msgspec.to_builtins(link)
            plain["source"], plain["target"] = link.source[:2], link.target[:2]
            plain["rivals"] = [end[:2] for end in link.rivals]
            del plain["evidence"]
            links[link.id] = plain
        sessions = {}
        for one in self.derived.sessions:
            plain = msgspec.to_builtins(one)
            plain["opened_by"] = None if one.opened_by is None else self.by_row[one.opened_by].mark
            sessions[one.id] = plain
        homes = {done.mark: sorted(self.homes(done)) for done in self.by_row.values()}
        credentials = []
        for key in self.derived.credentials:
            plain = msgspec.to_builtins(key)
            for field in ("issued_by", "opened_by", "revoked_by"):
                plain[field] = None if plain[field] is None else self.by_row[plain[field]].mark
            credentials.append(plain)
        return {
            "links": links,
            "sessions": sessions,
            "order": [one.id for one in self.derived.sessions],
            "homes": homes,
            "identities": msgspec.to_builtins(self.derived.identities),
            "matches": msgspec.to_builtins(self.derived.matches),
            "credentials": credentials,
        }


def cited(link: Link, outcome: Outcome) -> Sequence[Done]:
    """The events that a link cites."""
    return [outcome.by_row[row] for row in link.evidence]
