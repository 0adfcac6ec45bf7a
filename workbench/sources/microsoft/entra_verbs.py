"""What kind of act an activity of the Entra audit log is.

The names are those of "Microsoft Entra audit log categories and activities" (learn.microsoft.com,
entra/identity/monitoring-health/reference-audit-activities). The unified audit log writes the same names with a full
stop, a space or another dash.
"""

from __future__ import annotations

from workbench.model.event import Verb
from workbench.sources.interning import Remembered

KEY_MANAGEMENT = "update application - certificates and secrets management"
"""The activity that stands for adding a key to an application as well as for removing one."""

ADDING_KEYS = frozenset({"add service principal credentials", "add service principal"})
"""Activities that are known to add a key."""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


_OVERRIDES: dict[str, tuple[Verb, str]] = {
    **dict.fromkeys(
        _lines(
            """
            add service principal credentials
            update application - certificates and secrets management
            reset password (by admin)
            reset password (self-service)
            reset user password
            change user password
            change password (self-service)
            set force change user password
            add passwordless phone sign-in credential
            user registered security info
            user registered all required security info
            admin registered security info
            admin updated security info
            user changed default security info
            create temporary access pass method for user
            add temporary access pass method for user
            admin registered temporary access pass method for user
            create application password for user
            generate recovery code
            """
        ),
        (Verb.ISSUE_CREDENTIAL, "override: gives a credential"),
    ),
    **dict.fromkeys(
        _lines(
            """
            consent to application
            add delegated permission grant
            update delegated permission grant
            add federated identity credential
            set domain authentication
            set federation settings on domain
            invite external user
            invite internal user
            invite internal user to b2b collaboration
            redeem external user invite
            batch invites processed
            user has elevated their access to user access administrator for their azure resources
            the role assignment of user access administrator has been added to a user
            add partner to company
            add a partner to cross-tenant access setting
            create role assignment
            create role assignment schedule request
            create role eligibility schedule request
            """
        ),
        (Verb.DELEGATE, "override: grants access"),
    ),
    "read bitlocker key": (Verb.READ_SECRET, "override: reads a secret"),
    "recover device local administrator password": (Verb.READ_SECRET, "override: reads a secret"),
}

_DELEGATING = (
    "add member to role",
    "add eligible member to role",
    "add scoped member to role",
    "add app role assignment",
    "add owner to",
    "add member to group",
    "add member to administrative unit",
    "add member to restricted management administrative unit",
    "add registered owner",
)
"""Beginnings of activities that grant access; PIM says more behind them (``… in PIM completed (permanent)``)."""

_READING = ("get", "list", "read", "view", "download", "export", "search")
_FIRST_WORD = {
    **dict.fromkeys(("add", "added", "create", "created", "register", "import"), Verb.CREATE),
    **dict.fromkeys(
        (
            "update",
            "updated",
            "set",
            "change",
            "changed",
            "enable",
            "disable",
            "restore",
            "rename",
            "activate",
        ),
        Verb.UPDATE,
    ),
    **dict.fromkeys(
        ("unassign", "deactivate", "reset", "revoke", "assign", "convert", "verify"), Verb.UPDATE
    ),
    **dict.fromkeys(("delete", "deleted", "remove", "removed", "hard", "unregister", "purge"), Verb.DELETE),
    **dict.fromkeys(_READING, Verb.READ),
}
_OPERATION_TYPE = {
    "add": Verb.CREATE,
    "create": Verb.CREATE,
    "update": Verb.UPDATE,
    "delete": Verb.DELETE,
    "assign": Verb.DELEGATE,
    "unassign": Verb.UPDATE,
}


def _folded(activity: str) -> str:
    text = " ".join(activity.replace("\u2013", "-").replace("\u2014", "-").split())
    return text.rstrip(". ").casefold()


FOLDED: Remembered[str, str] = Remembered(_folded)
"""An activity's name as the tables here have it, remembered."""


def verb_of(activity: str, operation_type: str | None = None) -> tuple[Verb, str]:
    """Return the kind of act and the rule that decided it.

    Args:
        activity: ``activityDisplayName``, or ``Operation`` of the unified log.
        operation_type: ``operationType`` (``Add``, ``Assign`` …), for activities with no telling first word.
    """
    name = FOLDED[activity]
    known = _OVERRIDES.get(name)
    if known is not None:
        return known
    if name.startswith(_DELEGATING):
        return Verb.DELEGATE, "override: grants access"
    first = name.partition(" ")[0]
    if first in _FIRST_WORD:
        return _FIRST_WORD[first], f"first word: {first}"
    if operation_type and operation_type.casefold() in _OPERATION_TYPE:
        return _OPERATION_TYPE[operation_type.casefold()], "operationType"
    return Verb.UNCLASSIFIED, "no rule"
