"""What a role, user or group could have reached by the policies that the case knows, its own and those of its groups.

That the case knows no policy is never an all-clear: what gives access and is not looked at is said each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

import msgspec

from workbench.casefile.changes.reader import ChangedResource
from workbench.casefile.reader import CaseReader
from workbench.casework.resource_history import History, history
from workbench.casework.silent_acts import SilentActs
from workbench.changes.chain import chained
from workbench.changes.exposure import exposures
from workbench.changes.keys import AWS, aws_key
from workbench.changes.reach import Group, Reach, reach
from workbench.changes.snapshots import DATED_BY_FILE, GROUPS
from workbench.changes.values import members_of, text_of, value_of
from workbench.model.change import ExposureKind, Fate, KnownValue, Operation, Placed, ResourceKey
from workbench.model.event import OutcomeStatus

PRINCIPALS = ("iam:user", "iam:role", "iam:group")
"""Kinds that policies of IAM hang on."""

MEMBERS = "members"

OF_IAM = (
    "boundaries and policies of the organisation can take away from this; policies of resources, roles that it may assume, and"
    " groups and policies that are not in the case can add to it: they were not looked at"
)
"""What bears on the reach of a principal of IAM and is not looked at."""


class Given(msgspec.Struct, frozen=True):
    """Something that gives access and of which the case does not say to what.

    Attributes:
        words: What it is.
        event: The event or snapshot that says so.
    """

    words: str
    event: int | None


class Reached(msgspec.Struct, frozen=True):
    """What a principal could have reached, as far as the case knows it.

    Attributes:
        listed: What its policies and those of its groups allow and deny, and those of which the case does not know what.
        given: What else gives it access: roles, memberships, consents that are not written as policies of IAM.
        beside: What was not looked at, in words.
    """

    listed: list[Reach]
    given: list[Given]
    beside: str

    def events(self) -> set[int]:
        """Return the events and snapshots that it cites."""
        named = {each.event for each in self.listed} | {each.member_by for each in self.listed}
        named |= {each.event for each in self.given}
        return {number for number in named if number is not None}


def could_reach(reader: CaseReader, found: History) -> Reached:
    """Return what a principal could have reached at the end of a history, as far as the case knows it."""
    silent = SilentActs(reader)
    key = found.resource.key

    def policy(arn: str) -> dict[str, KnownValue]:
        known = reader.changes.resource(aws_key("iam:policy", arn, None, None).id)
        return {} if known is None else history(reader, known, found.as_of, silent).states

    groups = list(_groups(reader, found, silent))
    if key.family == AWS:
        beside = OF_IAM
        if key.kind not in PRINCIPALS:
            beside = f"this is no user, role or group of IAM ({key.kind}): what gives it access is not looked at; {OF_IAM}"
        return Reached(reach(found.states, policy, groups), [], beside)
    given = [Given(f"member of {each.name}", each.event) for each in groups] + list(_grants(reader, found))
    beside = (
        f"only policies of AWS IAM are looked at: roles, group memberships, consents and bindings of {key.family or 'this log'}"
        " give access, too, and what they reach is not looked at; this is no all-clear"
    )
    return Reached(reach(found.states, policy), given, beside)


def _grants(reader: CaseReader, found: History) -> Iterator[Given]:
    """Yield what was granted to a principal outside AWS and nothing in the evidence undid."""
    for statements in reader.changes.statements([found.resource.id]):
        some = [each for each in statements if _until(each, found.as_of)]
        accounts = reader.changes.accounts()
        for each in exposures(chained(some), accounts=accounts, tampering=frozenset()):
            if each.kind is ExposureKind.GRANT and each.fate not in (Fate.UNDONE, Fate.GONE):
                yield Given(each.what, each.event)


class _Claim(NamedTuple):
    """What one statement says of a membership.

    Attributes:
        time: When; of statements without a time -1.
        member: Whether it says that the principal is in the group. Of one instant this counts.
        event: The event or snapshot.
    """

    time: int
    member: bool
    event: int


def _groups(reader: CaseReader, found: History, silent: SilentActs) -> Iterator[Group]:
    """Yield the groups that a principal is known to be in at the end of a history, with what is known of each.

    Who is deleted or made anew is in no group: memberships go with the earlier one.
    """
    key = found.resource.key
    names = {text_of(key.name), text_of(found.resource.title)}
    claims: dict[ResourceKey, list[_Claim]] = {}
    for statements in reader.changes.statements(reader.changes.with_member(sorted(names))):
        group = statements[0].statement.resource
        if group.family == key.family and group.account == key.account and group != key:
            claims[group] = [
                each for one in statements if _until(one, found.as_of) for each in _of_group(one, names)
            ]
    ended: list[_Claim] = []
    for statements in reader.changes.statements([found.resource.id]):
        for one in statements:
            if not _until(one, found.as_of):
                continue
            if one.statement.operation in (Operation.CREATE, Operation.DELETE):
                ended.append(_Claim(_time(one), False, one.event))
            elif one.statement.field == GROUPS:
                _seen(one, key, claims)
    for group, listed in sorted(claims.items()):
        last = max((*listed, *(each for each in ended if listed)), default=None)
        if last is None or not last.member:
            continue
        known = reader.changes.resource(group.id) or ChangedResource(
            group.id, group, group.name, 0, None, None
        )
        states = history(reader, known, found.as_of, silent).states
        members = states.get(MEMBERS)
        yield Group(group.name, states, last.event, None if members is None else members.silent)


def _seen(one: Placed, key: ResourceKey, claims: dict[ResourceKey, list[_Claim]]) -> None:
    """Take up the groups that a snapshot of a user lists; those that it does not list only if it is surely later."""
    named = {str(value_of(each)) for each in members_of(one.statement.after)}
    listed = {aws_key("iam:group", each, key.account, None) for each in named}
    for group in listed:
        claims.setdefault(group, []).append(_Claim(_time(one), True, one.event))
    if one.statement.remark == DATED_BY_FILE:
        return
    for group in claims.keys() - listed:
        claims[group].append(_Claim(_time(one), False, one.event))


def _of_group(one: Placed, names: Set[str]) -> Iterator[_Claim]:
    """Yield what a statement about a group says of a member of it."""
    statement = one.statement
    if statement.operation in (Operation.CREATE, Operation.DELETE):
        yield _Claim(_time(one), False, one.event)
    elif statement.field == MEMBERS and statement.after in names:
        yield _Claim(_time(one), statement.operation is not Operation.REMOVE, one.event)


def _time(one: Placed) -> int:
    if one.time is None:
        return -1
    return one.time - one.time % 1_000_000 if one.coarse else one.time


def _until(one: Placed, as_of: int | None) -> bool:
    """Whether a statement holds at an instant. Of an act of unknown outcome it is not known that nothing came of it."""
    happened = one.outcome in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)
    return happened and (as_of is None or (one.time is not None and one.time <= as_of))
