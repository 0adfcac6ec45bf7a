"""What activities of Microsoft Entra put on or take off: members, owners, roles, app roles, permissions, factors.

The names are those of the Entra audit log, with PIM's (``… in PIM completed (permanent)``); the unified log writes the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.changes.parts import (
    APP_ROLES,
    CONSENT,
    CONSENT_LESS,
    ELIGIBLE,
    FACTOR_GONE,
    FACTOR_NEW,
    FACTORS,
    MEMBERS,
    NOT_SAID,
    NOTHING,
    OWNERS,
    PERMISSIONS,
    SCOPED,
    WHOSE_GONE,
    PartEvent,
    Related,
    named_in,
)
from workbench.changes.values import text_of, value_of
from workbench.changes.whole import activity
from workbench.model.change import Operation, Shape, Statement
from workbench.model.event import Resource, StatedChange

ENTRA = ("entra.audit", "m365.ual")
"""Sources that write the activities of Entra."""

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


def relates_in_entra(action: str) -> bool:
    """Whether an activity may state something about parts by its name."""
    return _entra_rule(action) is not None or activity(action) in _ENTRA_FACTORS


def in_entra(event: PartEvent) -> Related:
    """Return what an activity states about parts of objects."""
    factors = _entra_factors(event)
    if factors is not None:
        return factors
    rule = _entra_rule(event.act.action)
    if rule is None:
        return NOTHING
    operation = Operation.REMOVE if rule["done"] == "remove" else Operation.ADD
    if rule["group"]:
        field = {"eligible ": ELIGIBLE, "scoped ": SCOPED}.get(rule["how"] or "", MEMBERS)
        return _joined(event, rule["group"], field, operation, _ABOUT[rule["group"]])
    if rule["owned"]:
        return _joined(event, rule["owned"], OWNERS, operation, (f"{rule['owned'].replace(' ', '')}.",))
    if rule["grantee"]:
        return _app_role(event, rule["grantee"], operation)
    return _permissions(event)


def _joined(event: PartEvent, what: str, field: str, operation: Operation, told: tuple[str, ...]) -> Related:
    """Return who joined or left an object: a property names it (``Group.ObjectID``) on the target that joined."""
    kind = what.replace(" ", "")
    named = event.said(f"{kind}.objectid")
    holder = None if named is None else named_in(named)
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
            return NOTHING
        holder = listed[0].name
        who = [each for each in who if each is not listed[0]]
    who = who or [each for each in event.of("entra:object") if each.name != holder]
    thing = next((each for each in listed if each.name == holder), None) or Resource(_KINDS[kind], holder)
    title = event.said(f"{kind}.displayname")
    name = named_in(title) if title is not None else _alias(event, thing)
    names = list(dict.fromkeys(one.name for one in who))
    if field == SCOPED:
        return Related(_within(event, thing, name, operation, names), told if names else ())
    found = [_part(event, thing, name, field, operation, text_of(each)) for each in names]
    return Related(found, told if found else ())


def _within(
    event: PartEvent, thing: Resource, name: str | None, operation: Operation, who: Sequence[str]
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


def _alias(event: PartEvent, thing: Resource) -> str | None:
    """Return the name that the record gives an object beside its id."""
    names = [each.name for each in event.resources if each.type == f"{thing.type} name"]
    return names[0] if len(names) == 1 else None


def _part(
    event: PartEvent, thing: Resource, name: str | None, field: str, operation: Operation, member: str
) -> Statement:
    title = f"{name} ({thing.name})" if name and name != thing.name else thing.name
    return Statement(event.key(thing), title, field, operation, Shape.SET, member)


def _app_role(event: PartEvent, grantee: str, operation: Operation) -> Related:
    """Return the role of an application that somebody was given: the application's target carries the role."""
    role = event.said("approle.value") or event.said("approle.id")
    thing = _carrying(event, role)
    if role is None or thing is None:
        return NOTHING
    kind = grantee.replace(" ", "")
    to = _beside(event, kind, thing)
    member = _whom(operation, {"role": named_in(role)}, {"to": to})
    found = [_part(event, thing, None, APP_ROLES, operation, member)]
    found += _unsure(found, to is not None)
    if operation is Operation.REMOVE and kind == "serviceprincipal":
        found += _consent_less(event, to)
    return Related(found, ("approle.", "approleassignment.", f"{kind}."))


def _beside(event: PartEvent, kind: str, thing: Resource) -> str | None:
    """Return whom something is for: a property names it, or it is the only other target of its kind."""
    said = event.said(f"{kind}.objectid")
    if said is not None:
        return named_in(said)
    others = {each.name for each in event.of(f"entra:{kind}") if each.name != thing.name}
    return next(iter(others)) if len(others) == 1 else None


def _consent_less(event: PartEvent, name: str | None) -> Iterator[Statement]:
    """Yield that an application has lost permissions, of which its API's record tells."""
    if name is not None:
        key = event.key(Resource("entra:ServicePrincipal", name))
        yield Statement(key, name, CONSENT, Operation.SET, remark=CONSENT_LESS)


def _permissions(event: PartEvent) -> Related:
    """Return the scopes that an application may use for users, or may no longer: old and new ones stand side by side."""
    scope = next(
        (each for each in event.stated if each.field.casefold() == "delegatedpermissiongrant.scope"), None
    )
    thing = _carrying(event, scope)
    if scope is None or thing is None:
        return NOTHING
    to, kind = _beside(event, "serviceprincipal", thing), event.said("delegatedpermissiongrant.consenttype")
    whom = {"to": to}
    if kind is not None:
        whom["for"] = named_in(kind)
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


def _carrying(event: PartEvent, stated: StatedChange | None) -> Resource | None:
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


def _entra_factors(event: PartEvent) -> Related | None:
    remark = _ENTRA_FACTORS.get(activity(event.act.action))
    users = event.of("entra:user") or event.of("entra:object")
    if remark is None or len(users) != 1:
        return None
    return Related([Statement(event.key(users[0]), users[0].name, FACTORS, Operation.SET, remark=remark)])
