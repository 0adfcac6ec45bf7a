"""Acts that take credentials away or give them back, by what the vendors' documentation says of each.

An act names the key itself, or is made with the key that it ends, or names the principal all of whose keys it ends.
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple

from workbench.clock import SECOND
from workbench.model.event import Act, Verb

CREDENTIAL_WORDS = ("key", "token", "credential", "session", "accessor", "certificate")
"""One of these stands in the type of a resource that is a credential: an issue or a branch can have the number of a token."""


class Reach(enum.Enum):
    """Which credentials an act takes away."""

    NAMED = "those that are among its resources"
    PRESENTED = "the one with which it was made"
    HOLDER = "those that the principal named by it had until then"


class Taking(NamedTuple):
    """What an act does to credentials.

    Attributes:
        reach: To which.
        words: What happened, as it follows on "used … after".
        kinds: How the types of these credentials begin; none: any.
        resources: Types of the resources that name the principal, for :attr:`Reach.HOLDER`.
        back: Whether it gives them back.
        family: What can be given back by the act that gives back: acts of one family. Empty: nothing gives it back.
        either: Whether the act does one or the other, as its record says.
    """

    reach: Reach
    words: str
    kinds: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    back: bool = False
    family: str = ""
    either: bool = False


TAKEN_BACK = Taking(Reach.NAMED, "it was taken back")
"""Whatever deletes or revokes a thing that is a credential."""

_SWITCHED = Taking(Reach.NAMED, "it was made inactive", family="aws key", either=True)
_GCP_KEY = ("gcp service account key",)
_GCP_HOLDER = ("iam:service_account", "iam:serviceaccount")
_OKTA = ("okta session", "okta api token", "okta oauth token")
_OKTA_USER = ("okta:user",)
_ENTRA = ("entra session", "entra token")
_ENTRA_USER = ("entra:User",)
_HOLDER = Reach.HOLDER

_BY_ACTION: dict[tuple[str, str], Taking] = {
    ("iam", "UpdateAccessKey"): _SWITCHED,
    # A user cannot be deleted before its keys are (IAM user guide, "Remove an IAM user"): whoever deletes it has done both.
    ("iam", "DeleteUser"): Taking(_HOLDER, "its user was deleted", ("aws access key",), ("iam:user",)),
    ("iam", "DeleteServiceAccountKey"): Taking(Reach.NAMED, "it was deleted", _GCP_KEY),
    ("iam", "DisableServiceAccountKey"): Taking(Reach.NAMED, "it was disabled", _GCP_KEY, family="gcp key"),
    ("iam", "EnableServiceAccountKey"): Taking(Reach.NAMED, "", _GCP_KEY, back=True, family="gcp key"),
    ("iam", "DeleteServiceAccount"): Taking(
        _HOLDER, "its service account was deleted", _GCP_KEY, _GCP_HOLDER, family="gcp deleted"
    ),
    ("iam", "UndeleteServiceAccount"): Taking(
        _HOLDER, "", _GCP_KEY, _GCP_HOLDER, back=True, family="gcp deleted"
    ),
    ("iam", "DisableServiceAccount"): Taking(
        _HOLDER, "its service account was disabled", _GCP_KEY, _GCP_HOLDER, family="gcp disabled"
    ),
    ("iam", "EnableServiceAccount"): Taking(
        _HOLDER, "", _GCP_KEY, _GCP_HOLDER, back=True, family="gcp disabled"
    ),
    ("okta", "user.session.clear"): Taking(
        _HOLDER, "the sessions of its user were ended", ("okta session",), _OKTA_USER
    ),
    ("okta", "user.lifecycle.deactivate"): Taking(
        _HOLDER, "its user was deactivated", _OKTA, _OKTA_USER, family="okta deactivated"
    ),
    ("okta", "user.lifecycle.suspend"): Taking(
        _HOLDER, "its user was suspended", _OKTA, _OKTA_USER, family="okta suspended"
    ),
    ("okta", "user.lifecycle.delete.initiated"): Taking(_HOLDER, "its user was deleted", _OKTA, _OKTA_USER),
    ("okta", "user.lifecycle.activate"): Taking(
        _HOLDER, "", _OKTA, _OKTA_USER, back=True, family="okta deactivated"
    ),
    ("okta", "user.lifecycle.reactivate"): Taking(
        _HOLDER, "", _OKTA, _OKTA_USER, back=True, family="okta deactivated"
    ),
    ("okta", "user.lifecycle.unsuspend"): Taking(
        _HOLDER, "", _OKTA, _OKTA_USER, back=True, family="okta suspended"
    ),
    ("Core Directory", "Disable account"): Taking(
        _HOLDER, "its account was disabled", _ENTRA, _ENTRA_USER, family="entra disabled"
    ),
    ("Core Directory", "Enable account"): Taking(
        _HOLDER, "", _ENTRA, _ENTRA_USER, back=True, family="entra disabled"
    ),
    ("Core Directory", "Delete user"): Taking(
        _HOLDER, "its user was deleted", _ENTRA, _ENTRA_USER, family="entra deleted"
    ),
    ("Core Directory", "Restore user"): Taking(
        _HOLDER, "", _ENTRA, _ENTRA_USER, back=True, family="entra deleted"
    ),
    ("kubernetes", "delete serviceaccounts"): Taking(
        _HOLDER,
        "its service account was deleted",
        ("kubernetes credential",),
        ("kubernetes:serviceaccounts",),
    ),
    **{
        ("github", action): TAKEN_BACK
        for action in (
            "personal_access_token.access_revoked",
            "personal_access_token.destroy",
            "personal_access_token.credential_revoked",
            "oauth_access.destroy",
            "oauth_access.revoke",
            "oauth_authorization.destroy",
            "org_credential_authorization.deauthorized",
            "org_credential_authorization.revoke",
        )
    },
}

HELD_KINDS = tuple(
    sorted({kind for each in _BY_ACTION.values() if each.reach is Reach.HOLDER for kind in each.kinds})
)
"""How the types of the credentials begin that an act on their holder takes away."""

_SELF = re.compile(r"auth/.+/revoke-self\Z")
_VAULT_SELF = Taking(Reach.PRESENTED, "it was revoked by itself", ("vault accessor",))

SLACK = 300 * SECOND
"""Microseconds that a key may go on to work after its removal: IAM is eventually consistent and gives no figure (IAM user guide,
"Changes that I make are not always immediately visible"); the clocks of two logs differ, too."""

_SLACKS = {
    "vault accessor": 2 * SECOND,
    "okta session": 60 * SECOND,
    "okta api token": 60 * SECOND,
    "okta oauth token": 60 * SECOND,
    "entra session": 5400 * SECOND,
    "entra token": 5400 * SECOND,
}
"""The same where a system says otherwise: one Vault server refuses a revoked token at once; a token of Entra stays good until it
expires, 60 to 90 minutes on average (Microsoft identity platform, "Access tokens", token lifetime)."""

_MORE = {
    "gcp service account key": " (an access token that was taken with it before can live on for an hour)",
}
"""What lets such a use be less strange (Google Cloud IAM, "Delete service account keys")."""


def taking_of(act: Act) -> Taking | None:
    """Return what an act does to credentials by its name, ``None`` if nothing is known of it.

    Args:
        act: The act.
    """
    found = _BY_ACTION.get((act.service, act.action))
    if found is None and act.service == "iam" and "." in act.action:
        found = _BY_ACTION.get(("iam", act.action.rpartition(".")[2]))
    if found is None and act.service == "vault" and _SELF.search(act.action):
        found = _VAULT_SELF
    return found


def switches(act: Act) -> bool:
    """Whether the record of an act says which of the two it did, taking away or giving back."""
    found = taking_of(act)
    return found is not None and found.either


def deletes(act: Act) -> bool:
    """Whether an act takes back a credential if it acts upon one."""
    return act.verb is Verb.DELETE or act.action == "revoke"


def slack_of(kind: str, *, one_log: bool) -> int:
    """Return how long a key of a kind may go on to work, microseconds.

    Args:
        kind: Its type.
        one_log: Whether its removal and its use were recorded by one log.
    """
    own = _SLACKS.get(kind, SLACK)
    return own if one_log else max(own, SLACK)


def more_of(kind: str) -> str:
    """Return what is to be said beside a use after the removal of a key of a kind."""
    return _MORE.get(kind, "")
