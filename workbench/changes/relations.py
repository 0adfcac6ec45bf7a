"""What an act puts on or takes off an object by its name: members, owners, roles, app roles, permissions, factors.

The parts are members of a field of the object that holds them, so that a removal undoes the very grant it is about and nothing
else. Whom a record does not name, nothing is said of.

Sources: Microsoft Entra audit log activities, with PIM's (``… in PIM completed (permanent)``); the unified audit log writes the
same names. Okta event types. Workspace Admin SDK, group settings events. GitHub, organisation audit log events.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.changes.keys import resource_key
from workbench.changes.values import text_of, value_of
from workbench.changes.whole import activity
from workbench.model.change import Operation, ResourceKey, Shape, Statement
from workbench.model.event import Act, Place, Resource, StatedChange

MEMBERS, ELIGIBLE, SCOPED = "members", "eligible members", "members within a scope"
OWNERS, ROLES, FACTORS = "owners", "admin roles", "MFA factors"
APP_ROLES, PERMISSIONS = "app role assignments", "delegated permissions"

FACTOR_GONE = "a factor was taken away; the record does not say which"
FACTOR_NEW = "a factor was enrolled; the record does not say which"
CONSENT = "ConsentAction.Permissions"
"""The property of an application that a consent to it fills."""

CONSENT_LESS = "some of its permissions were taken away; by which consent it had them is not said"
WHOSE_GONE = "something was taken away from somebody whom the record does not name"
NOT_SAID = "whom the record does not name"
ROLES_GONE = "roles were taken away; the record does not say which"


class Related(NamedTuple):
    """What an act states about parts of objects.

    Attributes:
        statements: The statements.
        told: How the fields begin, in lower case, that the record states and that say no more than they do.
    """

    statements: list[Statement]
    told: tuple[str, ...] = ()


_NOTHING = Related([])


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
    if source in _ENTRA:
        return _entra_rule(action) is not None or activity(action) in _ENTRA_FACTORS
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
        return _NOTHING
    event = _Event(source, act, resources, place, stated)
    if source in _ENTRA:
        return _entra_factors(event) or _in_entra(event)
    if source == "okta.system":
        if act.action in _PRIVILEGES:
            return _privileges(event, _PRIVILEGES[act.action])
        if act.action in _OKTA_FACTORS:
            return _factors(event, _OKTA_FACTORS[act.action])
    rule = _membership(source, act.action)
    return _NOTHING if rule is None else Related(list(_members(event, rule)))


class _Event(NamedTuple):
    source: str
    act: Act
    resources: Sequence[Resource]
    place: Place
    stated: Sequence[StatedChange]

    def key(self, resource: Resource) -> ResourceKey:
        return resource_key(self.source, resource, self.place)

    def of(self, *kinds: str) -> list[Resource]:
        """Return what is acted upon of some kinds, in lower case."""
        return [each for each in self.resources if (each.type or "").casefold() in kinds]

    def said(self, name: str) -> StatedChange | None:
        """Return what is stated of a property, by its name in lower case, if it has a value on either side."""
        return next(
            (each for each in self.stated if each.field.casefold() == name and _value(each) is not None), None
        )


def _value(each: StatedChange) -> str | None:
    """Return what a property of a part names: on its new side, of a removal on its old one."""
    for side in (each.after, each.before):
        value = None if side is None else value_of(side)
        if isinstance(value, str) and value:
            return value
    return None


def _membership(source: str, action: str) -> _Membership | None:
    lowered = action.lower()
    return next(
        (each for each in _MEMBERSHIPS if each.source == source and lowered.endswith(each.ending)), None
    )


def _members(event: _Event, rule: _Membership) -> Iterator[Statement]:
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


def _privileges(event: _Event, operation: Operation) -> Related:
    """Return the roles that a user or a group was given or lost, as ``privilegeGranted`` and ``privilegeRevoked`` name them."""
    holders = event.of("okta:user", "okta:usergroup")
    if len(holders) != 1:
        return _NOTHING
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


def _factors(event: _Event, operation: Operation) -> Related:
    users = event.of("okta:user")
    if len(users) != 1:
        return _NOTHING
    key, title = event.key(users[0]), users[0].name
    if operation is Operation.CLEAR:
        return Related([Statement(key, title, FACTORS, Operation.CLEAR)], ("factor",))
    named = event.said("factor")
    if named is None:
        remark = FACTOR_NEW if operation is Operation.ADD else FACTOR_GONE
        return Related([Statement(key, title, FACTORS, Operation.SET, remark=remark)])
    member = text_of(_value(named))
    return Related([Statement(key, title, FACTORS, operation, Shape.SET, member)], ("factor",))


# Entra

_ENTRA = ("entra.audit", "m365.ual")
_ENTRA_RULE = re.compile(
    r"(?P<done>add|update|remove) (?:"
    r"(?P<how>eligible |scoped )?member (?:to|from) (?P<group>role|group|administrative unit)(?P<more>\b.*)"
    r"|owner (?:to|from) (?P<owned>application|service principal|group|policy)"
    r"|app role assignment(?: grant)? (?:to|from) (?P<grantee>user|group|service principal)"
    r"|(?P<scope>delegated permission grant|oauth2permissiongrant))"
)
_NOT_YET = re.compile(r"request|cancel|denied|fail|approv")
"""What in the name of an activity of PIM says that nothing has come of it so far; what does is an activity of its own."""

_PRINCIPALS = ("entra:user", "entra:serviceprincipal", "entra:group", "entra:device")
_ABOUT = {
    "role": ("role.", "roledefinitionorigin", "templateid"),
    "group": ("group.",),
    "administrative unit": ("administrativeunit.",),
}


def _entra_rule(action: str) -> re.Match[str] | None:
    found = _ENTRA_RULE.fullmatch(activity(action))
    if found is None or _NOT_YET.search(found["more"] or ""):
        return None
    return found if found["done"] != "update" or found["scope"] else None


def _in_entra(event: _Event) -> Related:
    rule = _entra_rule(event.act.action)
    if rule is None:
        return _NOTHING
    operation = Operation.REMOVE if rule["done"] == "remove" else Operation.ADD
    if rule["group"]:
        field = {"eligible ": ELIGIBLE, "scoped ": SCOPED}.get(rule["how"] or "", MEMBERS)
        return _joined(event, rule["group"], field, operation, _ABOUT[rule["group"]])
    if rule["owned"]:
        return _joined(event, rule["owned"], OWNERS, operation, (f"{rule['owned'].replace(' ', '')}.",))
    if rule["grantee"]:
        return _app_role(event, rule["grantee"], operation)
    return _permissions(event)


def _joined(event: _Event, what: str, field: str, operation: Operation, told: tuple[str, ...]) -> Related:
    """Return who joined or left an object: a property names it (``Group.ObjectID``) on the target that joined."""
    kind = what.replace(" ", "")
    named = event.said(f"{kind}.objectid")
    holder = None if named is None else _value(named)
    listed = event.of(f"entra:{kind}")
    who = [
        each
        for each in event.of(*_PRINCIPALS)
        if not ((each.type or "").casefold() == f"entra:{kind}" and each.name == holder)
    ]
    if named is not None and holder is not None and named.resource is not None:
        who = [each for each in event.resources if each.name == named.resource]
    elif named is not None and field == OWNERS and len(event.resources) > 0:
        targets = [each for each in listed if each.name != holder]
        if len(targets) == 1 and len(who) <= 2:
            # A single target of the kind that is owned: then the property is the owner.
            return Related([_part(event, targets[0], None, field, operation, text_of(holder))], told)
    if holder is None:
        if len(listed) != 1:
            return _NOTHING
        holder = listed[0].name
        who = [each for each in who if each is not listed[0]]
    who = who or [each for each in event.of("entra:object") if each.name != holder]
    thing = next((each for each in listed if each.name == holder), None) or Resource(_KINDS[kind], holder)
    title = event.said(f"{kind}.displayname")
    name = _value(title) if title is not None else _alias(event, thing)
    names = list(dict.fromkeys(one.name for one in who))
    if field == SCOPED:
        return Related(_within(event, thing, name, operation, names), told if names else ())
    found = [_part(event, thing, name, field, operation, text_of(each)) for each in names]
    return Related(found, told if found else ())


def _within(
    event: _Event, thing: Resource, name: str | None, operation: Operation, who: Sequence[str]
) -> list[Statement]:
    """Return who holds a role within an administrative unit: the same role within another one is another grant."""
    units = {each.name for each in event.of("entra:administrativeunit")}
    unit = next(iter(units)) if len(units) == 1 else None
    found = [
        _part(event, thing, name, SCOPED, operation, _whom(operation, {"member": each}, {"within": unit}))
        for each in who
    ]
    return [*found, *_unsure(found, unit is not None)]


def _whom(operation: Operation, part: dict[str, Any], whom: Mapping[str, str | None]) -> str:
    """Return a part with whom it is for. Where a record does not say that, what it takes away is not what another gave."""
    said = {word: value for word, value in whom.items() if value is not None}
    if operation is Operation.ADD:
        said |= dict.fromkeys(whom.keys() - said.keys(), NOT_SAID)
    return text_of(part | said)


def _unsure(found: Sequence[Statement], told: bool) -> Iterator[Statement]:
    """Yield, of what was taken away from somebody who is not named, that others may have lost it."""
    gone = [each for each in found if each.operation is Operation.REMOVE]
    if gone and not told:
        last = gone[-1]
        yield Statement(last.resource, last.title, last.field, Operation.SET, remark=WHOSE_GONE)


_KINDS = {
    "role": "entra:Role",
    "group": "entra:Group",
    "administrativeunit": "entra:AdministrativeUnit",
    "application": "entra:Application",
    "serviceprincipal": "entra:ServicePrincipal",
    "policy": "entra:Policy",
}


def _alias(event: _Event, thing: Resource) -> str | None:
    """Return the name that the record gives an object beside its id."""
    names = [each.name for each in event.resources if each.type == f"{thing.type} name"]
    return names[0] if len(names) == 1 else None


def _part(
    event: _Event, thing: Resource, name: str | None, field: str, operation: Operation, member: str
) -> Statement:
    title = f"{name} ({thing.name})" if name and name != thing.name else thing.name
    return Statement(event.key(thing), title, field, operation, Shape.SET, member)


def _app_role(event: _Event, grantee: str, operation: Operation) -> Related:
    """Return the role of an application that somebody was given: the application's target carries the role."""
    role = event.said("approle.value") or event.said("approle.id")
    thing = _carrying(event, role)
    if role is None or thing is None:
        return _NOTHING
    kind = grantee.replace(" ", "")
    to = _beside(event, kind, thing)
    member = _whom(operation, {"role": _value(role)}, {"to": to})
    found = [_part(event, thing, None, APP_ROLES, operation, member)]
    found += _unsure(found, to is not None)
    if operation is Operation.REMOVE and kind == "serviceprincipal":
        found += _consent_less(event, to)
    return Related(found, ("approle.", "approleassignment.", f"{kind}."))


def _beside(event: _Event, kind: str, thing: Resource) -> str | None:
    """Return whom something is for: a property names it, or it is the only other target of its kind."""
    said = event.said(f"{kind}.objectid")
    if said is not None:
        return _value(said)
    others = {each.name for each in event.of(f"entra:{kind}") if each.name != thing.name}
    return next(iter(others)) if len(others) == 1 else None


def _consent_less(event: _Event, name: str | None) -> Iterator[Statement]:
    """Yield that an application has lost permissions, of which its API's record tells."""
    if name is not None:
        key = event.key(Resource("entra:ServicePrincipal", name))
        yield Statement(key, name, CONSENT, Operation.SET, remark=CONSENT_LESS)


def _permissions(event: _Event) -> Related:
    """Return the scopes that an application may use for users, or may no longer: old and new ones stand side by side."""
    scope = next(
        (each for each in event.stated if each.field.casefold() == "delegatedpermissiongrant.scope"), None
    )
    thing = _carrying(event, scope)
    if scope is None or thing is None:
        return _NOTHING
    to, kind = _beside(event, "serviceprincipal", thing), event.said("delegatedpermissiongrant.consenttype")
    whom = {"to": to}
    if kind is not None:
        whom["for"] = _value(kind)
    if whom.get("for") == "Principal" or event.said("user.objectid") is not None:
        whom["user"] = _beside(event, "user", thing)
    before, after = (_scopes(side) for side in (scope.before, scope.after))
    steps = [(Operation.REMOVE, each) for each in before if each not in after]
    steps += [(Operation.ADD, each) for each in after if each not in before]
    found = [
        _part(event, thing, None, PERMISSIONS, operation, _whom(operation, {"scope": each}, whom))
        for operation, each in steps
    ]
    if any(operation is Operation.REMOVE for operation, _ in steps):
        found += [*_unsure(found, None not in whom.values()), *_consent_less(event, to)]
    return Related(found, ("delegatedpermissiongrant.", "serviceprincipal.", "user.") if found else ())


def _scopes(side: str | None) -> list[str]:
    value = None if side is None else value_of(side)
    return list(dict.fromkeys(value.split())) if isinstance(value, str) else []


def _carrying(event: _Event, stated: StatedChange | None) -> Resource | None:
    """Return the object that a property is stated of."""
    if stated is None:
        return None
    if stated.resource is not None:
        return next((each for each in event.resources if each.name == stated.resource), None)
    return next((each for each in event.resources if not (each.type or "").endswith(" name")), None)


_ENTRA_FACTORS = {
    "admin deleted security info": FACTOR_GONE,
    "user deleted security info": FACTOR_GONE,
    "disable strong authentication": FACTOR_GONE,
    "remove passwordless phone sign-in credential": FACTOR_GONE,
    "admin registered security info": FACTOR_NEW,
    "user registered security info": FACTOR_NEW,
    "user registered all required security info": FACTOR_NEW,
    "add passwordless phone sign-in credential": FACTOR_NEW,
}


def _entra_factors(event: _Event) -> Related | None:
    remark = _ENTRA_FACTORS.get(activity(event.act.action))
    users = event.of("entra:user") or event.of("entra:object")
    if remark is None or len(users) != 1:
        return None
    return Related([Statement(event.key(users[0]), users[0].name, FACTORS, Operation.SET, remark=remark)])
