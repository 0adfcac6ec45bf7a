"""What an act puts on or takes off an object by its name: members, owners, roles, app roles, permissions, factors.

The parts are members of a field of the object that holds them, so that a removal undoes the very grant it is about and nothing
else. Whom a record does not name, nothing is said of.

Sources: Okta event types. Workspace Admin SDK, group settings events. GitHub, organisation audit log events.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.changes.entra import ENTRA, in_entra, relates_in_entra
from workbench.changes.parts import (
    FACTOR_GONE,
    FACTOR_NEW,
    FACTORS,
    MEMBERS,
    NOTHING,
    ROLES,
    ROLES_GONE,
    PartEvent,
    Related,
    named_in,
)
from workbench.changes.values import text_of, value_of
from workbench.model.change import Operation, Shape, Statement
from workbench.model.event import Act, Place, Resource, StatedChange


class _Membership(NamedTuple):
    """An act that puts somebody into a group or takes them out; the record names both as what it acts upon.

    Attributes:
        source: Whose act.
        ending: How its name ends, in lower case.
        operation: What it does.
        group: Kind of the group.
        member: Kind of the member.
        field: The field of the group.
    """

    source: str
    ending: str
    operation: Operation
    group: str
    member: str
    field: str


_MEMBERSHIPS = tuple(
    _Membership(source, ending, operation, group, member, field)
    for source, joins, leaves, group, member, field in (
        ("okta.system", "group.user_membership.add", "group.user_membership.remove", "okta:usergroup", "okta:user", MEMBERS),
        (
            "okta.system", "application.user_membership.add", "application.user_membership.remove", "okta:appinstance",
            "okta:user", "assigned users",
        ),
        ("gcp.audit", ".addgroupmember", ".removegroupmember", "workspace:group_email", "workspace:user_email", MEMBERS),
        ("workspace.activity", "add_group_member", "remove_group_member", "workspace:group", "workspace:user", MEMBERS),
        ("github.audit", "team.add_member", "team.remove_member", "github:team", "github:user", MEMBERS),
        ("github.audit", "org.add_member", "org.remove_member", "github:organization", "github:user", MEMBERS),
    )
    for operation, ending in ((Operation.ADD, joins), (Operation.REMOVE, leaves))
)  # fmt: skip


def relates(source: str, act: Act) -> bool:
    """Whether an act may state something about parts by its name, so that its record is looked into."""
    return _relates(source, act.action)


@functools.lru_cache(maxsize=16_384)
def _relates(source: str, action: str) -> bool:
    if source in ENTRA:
        return relates_in_entra(action)
    if source == "okta.system" and (action in _PRIVILEGES or action in _OKTA_FACTORS):
        return True
    return _membership(source, action) is not None


def related(
    source: str, act: Act, resources: Sequence[Resource], place: Place, stated: Sequence[StatedChange]
) -> Related:
    """Return what an act states about parts of objects.

    Args:
        source: Name of the source.
        act: What was done.
        resources: What was acted upon.
        place: Where it was recorded.
        stated: What the reader took out of the record.
    """
    if not relates(source, act):
        return NOTHING
    event = PartEvent(source, act, resources, place, stated)
    if source in ENTRA:
        return in_entra(event)
    if source == "okta.system":
        if act.action in _PRIVILEGES:
            return _privileges(event, _PRIVILEGES[act.action])
        if act.action in _OKTA_FACTORS:
            return _factors(event, _OKTA_FACTORS[act.action])
    rule = _membership(source, act.action)
    return NOTHING if rule is None else Related(list(_members(event, rule)))


def _membership(source: str, action: str) -> _Membership | None:
    lowered = action.lower()
    return next(
        (each for each in _MEMBERSHIPS if each.source == source and lowered.endswith(each.ending)), None
    )


def _members(event: PartEvent, rule: _Membership) -> Iterator[Statement]:
    """Yield who was put into or taken out of a group; of several groups in one record it is not said who went where."""
    groups = event.of(rule.group)
    if len(groups) == 1:
        key = event.key(groups[0])
        for each in event.of(rule.member):
            yield Statement(key, groups[0].name, rule.field, rule.operation, Shape.SET, text_of(each.name))


# Okta

_PRIVILEGES = {
    f"{holder}.privilege.{word}": operation
    for holder in ("user.account", "group")
    for word, operation in (("grant", Operation.ADD), ("revoke", Operation.REMOVE))
}
_OKTA_FACTORS = {
    "user.mfa.factor.activate": Operation.ADD,
    "user.mfa.factor.deactivate": Operation.REMOVE,
    "user.mfa.factor.reset_all": Operation.CLEAR,
}
_BETWEEN_ROLES = re.compile(r",\s*(?![^()]*\))")
_EVERY_ROLE = frozenset({"all", "all roles"})


def _privileges(event: PartEvent, operation: Operation) -> Related:
    """Return the roles that a user or a group was given or lost, as ``privilegeGranted`` and ``privilegeRevoked`` name them."""
    holders = event.of("okta:user", "okta:usergroup")
    if len(holders) != 1:
        return NOTHING
    key, title = event.key(holders[0]), holders[0].name
    told = "privilegegranted" if operation is Operation.ADD else "privilegerevoked"
    named = [each for each in event.stated if each.field.casefold() == told and each.after is not None]
    roles = [role for each in named for role in _roles(each.after or "")]
    if operation is Operation.REMOVE and not roles:
        return Related([Statement(key, title, ROLES, Operation.SET, remark=ROLES_GONE)])
    if operation is Operation.REMOVE and any(each.casefold() in _EVERY_ROLE for each in roles):
        return Related([Statement(key, title, ROLES, Operation.CLEAR)], (told,))
    found = [Statement(key, title, ROLES, operation, Shape.SET, text_of(each)) for each in roles]
    return Related(found, (told,) if found else ())


def _roles(text: str) -> list[str]:
    value = value_of(text)
    listed = (
        value if isinstance(value, list) else _BETWEEN_ROLES.split(value) if isinstance(value, str) else []
    )
    return [each.strip() for each in listed if isinstance(each, str) and each.strip()]


def _factors(event: PartEvent, operation: Operation) -> Related:
    users = event.of("okta:user")
    if len(users) != 1:
        return NOTHING
    key, title = event.key(users[0]), users[0].name
    if operation is Operation.CLEAR:
        return Related([Statement(key, title, FACTORS, Operation.CLEAR)], ("factor",))
    named = event.said("factor")
    if named is None:
        remark = FACTOR_NEW if operation is Operation.ADD else FACTOR_GONE
        return Related([Statement(key, title, FACTORS, Operation.SET, remark=remark)])
    member = text_of(named_in(named))
    return Related([Statement(key, title, FACTORS, operation, Shape.SET, member)], ("factor",))
