"""What acts in a directory (Entra, Okta, Workspace, GitHub) leave behind: members, owners, roles, permissions, lost factors."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.changes.openings import Opened, first_of, set_without, stated, words_of
from workbench.changes.parts import (
    APP_ROLES,
    CONSENT_LESS,
    ELIGIBLE,
    FACTOR_GONE,
    FACTOR_NEW,
    FACTORS,
    MEMBERS,
    OWNERS,
    PERMISSIONS,
    ROLES,
    ROLES_GONE,
    SCOPED,
    WHOSE_GONE,
)
from workbench.changes.undoing import Gone, Perhaps
from workbench.changes.values import members_of, value_of
from workbench.model.change import Change, ExposureKind, Operation

_GRANTED = {
    MEMBERS: ("group membership", "member"),
    ELIGIBLE: ("eligibility for a role", "eligible member"),
    SCOPED: ("role within a scope", "member within a scope"),
    OWNERS: ("owner", "owner"),
    ROLES: ("admin role", "role"),
    APP_ROLES: ("app role assignment", "app role"),
    PERMISSIONS: ("delegated permission", "delegated permission"),
}
"""Fields whose members were given something: the rule that says so, and the words."""

_PROPERTIES = {
    "StrongAuthenticationMethod": "MFA method taken away",
    "StrongAuthenticationRequirement": "MFA no longer asked for",
}
"""Properties of a user of Entra that list its factors and whether signing in takes one."""

_RULE = "MFA factor taken away"


def opened_in_directories(change: Change) -> Iterator[Opened]:
    """Yield what a change of an object of a directory left behind."""
    field = change.field
    if field in _GRANTED and change.operation is Operation.ADD:
        if change.member is not None and change.before is None:
            rule, word = _GRANTED[field]
            given = stated(change, f"{word} {_named(change.member)}")
            gone = first_of(set_without(field, change.member), _of_its_kind(field))
            yield Opened(ExposureKind.GRANT, given, rule, gone)
    elif field == FACTORS:
        words = _lost(change)
        if words is not None:
            yield Opened(ExposureKind.CREDENTIAL, words, _RULE, _enrolled)
    elif field in _PROPERTIES and change.operation is Operation.SET and change.after is not None:
        left = members_of(change.after)
        for each in members_of(change.before):
            if each not in left:
                lost = f"{_PROPERTIES[field]}: {words_of(each)}"
                yield Opened(ExposureKind.CREDENTIAL, lost, _RULE, _set_with(field, each))


def _named(member: str) -> str:
    """Return a member as a person writes it: of one that has parts, what it is and then whom it is for."""
    value = value_of(member)
    if not isinstance(value, dict):
        return words_of(member)
    what = next((value[word] for word in ("role", "scope", "member") if word in value), member)
    told = (f"{word} {value[word]}" for word in ("within", "to", "for", "user") if word in value)
    return ", ".join([str(what), *told])


def _lost(change: Change) -> str | None:
    """Return in words which factors signing in no longer takes; ``None`` if none was taken away."""
    if change.operation is Operation.REMOVE and change.member is not None:
        return f"the MFA factor {words_of(change.member)} was taken away"
    if change.operation is Operation.CLEAR:
        return "all MFA factors were taken away"
    gone = change.operation is Operation.SET and FACTOR_GONE in change.caveats
    return "an MFA factor was taken away; the record does not say which" if gone else None


def _enrolled(change: Change) -> str | None:
    """Tell that a factor was enrolled later. Who took one away may be who enrols the next, so that this alone undoes nothing."""
    if change.field != FACTORS:
        return None
    if change.operation is Operation.ADD:
        return Perhaps(
            f"the factor {words_of(change.member or '')} was enrolled later; whose it is, is not known"
        )
    if FACTOR_NEW in change.caveats:
        return Perhaps("a factor was enrolled later; which and whose it is, is not known")
    return None


def _of_its_kind(field: str) -> Gone:
    """Return what tells that some of a kind were taken away, of which the record does not say whether this one was among them."""

    def gone(change: Change) -> str | None:
        if change.field != field:
            return None
        return next((Perhaps(each) for each in (ROLES_GONE, WHOSE_GONE) if each in change.caveats), None)

    return gone


def permissions_lost(change: Change) -> str | None:
    """Tell that an application lost permissions: which consent gave them, no record says."""
    return Perhaps(CONSENT_LESS) if CONSENT_LESS in change.caveats else None


def _set_with(field: str, member: str) -> Gone:
    return lambda change: (
        "set to a value with it" if change.field == field and member in members_of(change.after) else None
    )
