"""Who stands behind a principal of Google Cloud, from the forms in which its audit logs name principals.

IAM principal identifiers: cloud.google.com, "IAM principals".
"""

from __future__ import annotations

from typing import NamedTuple

from workbench.model.event import Credential, Identity, IdentityKind, KindReason
from workbench.sources import parts
from workbench.sources.document import Document
from workbench.sources.interning import Remembered

SERVICE_ACCOUNT_KEY = "gcp service account key"
KEY_ACCOUNT = "gcp account of the key"
OAUTH_CLIENT = "oauth client"
FEDERATED_SUBJECT = "jwt subject"

_SERVICE_ACCOUNTS = ".gserviceaccount.com"
_GOOGLES_OWN = "@system.gserviceaccount.com"
_IN_PROJECT = ".iam.gserviceaccount.com"
_MOST_DELEGATES = 20


class Who(NamedTuple):
    """What ``authenticationInfo`` states, in the parts of an event.

    Attributes:
        identity: The principal.
        kind: What stands behind it.
        credential: The service account key presented.
        used: The OAuth client, and the subject of a federated token.
        on_behalf_of: The first of those who acted through the service account.
        delegates: The others, in the order in which they passed it on.
        withheld: What the log left out.
    """

    identity: Identity | None
    kind: KindReason
    credential: Credential | None = None
    used: tuple[Credential, ...] = ()
    on_behalf_of: Identity | None = None
    delegates: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


def _kind_of(principal: str) -> KindReason:
    lowered = principal.casefold()
    if lowered.endswith(_GOOGLES_OWN):
        return parts.kind(
            IdentityKind.SERVICE, "principalEmail in system.gserviceaccount.com: Google's own account"
        )
    if lowered.startswith("serviceaccount:") or lowered.endswith(_SERVICE_ACCOUNTS):
        return parts.kind(IdentityKind.NONHUMAN, "the principal is a service account")
    if "/workloadidentitypools/" in lowered:
        return parts.kind(IdentityKind.NONHUMAN, "principalSubject of a workload identity pool")
    if "/workforcepools/" in lowered:
        return parts.kind(
            IdentityKind.UNDECIDED, "principalSubject of a workforce pool: a user account elsewhere"
        )
    if lowered.startswith("system:"):
        return parts.kind(IdentityKind.NONHUMAN, "a principal of Kubernetes (system:)")
    if lowered.startswith("user:"):
        return parts.kind(
            IdentityKind.UNDECIDED, "principalSubject user: a user account, no sign-in in this record"
        )
    return parts.kind(
        IdentityKind.UNDECIDED, "the form of the principal does not tell a person from a machine"
    )


_KINDS: Remembered[str, KindReason] = Remembered(_kind_of)


def _account_of(principal: str) -> str | None:
    """Return the project that a service account belongs to, where its address says so."""
    domain = principal.rpartition("@")[2]
    return domain.removesuffix(_IN_PROJECT) if domain.endswith(_IN_PROJECT) else None


def _identity_of(principal: str) -> Identity:
    return Identity(principal, principal, None, _account_of(principal))


_IDENTITIES: Remembered[str, Identity] = Remembered(_identity_of)


def subject_of(principal: str) -> str | None:
    """Return the subject of the federated token behind a principal of a workload identity pool."""
    if "/workloadIdentityPools/" not in principal:
        return None
    return principal.partition("/subject/")[2] or None


def key_id(name: str) -> str | None:
    """Return the id of a service account key from its full name, whatever names the account in it."""
    return name.rpartition("/keys/")[2] or None if "/keys/" in name else None


def _account_of_key(name: str) -> str | None:
    """Return the service account in the full name of a key: its address or its number."""
    return name.partition("/serviceAccounts/")[2].partition("/")[0] or None


def who(info: Document) -> Who:
    """Read ``authenticationInfo``."""
    email, subject = info.text("principalEmail"), info.text("principalSubject")
    canonical = email or subject
    key = info.text("serviceAccountKeyName")
    used: tuple[Credential, ...] = ()
    if client := info.text("oauthInfo.oauthClientId"):
        used += (Credential(OAUTH_CLIENT, client),)
    if subject and (federated := subject_of(subject)):
        used += (Credential(FEDERATED_SUBJECT, federated),)
    chain = info.objects_at("serviceAccountDelegationInfo")[:_MOST_DELEGATES]
    # Who impersonates a service account signs in by a key of his own: its name tells whose it is. Without that, a number in
    # the place of an address is an alias of the account itself.
    owner = _account_of_key(key) if key else None
    if owner is not None and owner != canonical and (chain or "@" in owner):
        used += (Credential(KEY_ACCOUNT, owner),)
    named = [name for each in chain if (name := _delegate(Document(each)))]
    withheld: tuple[str, ...] = ()
    if chain and len(named) < len(chain):
        withheld = ("authenticationInfo.serviceAccountDelegationInfo: entries without a principal",)
    if canonical is None:
        if info.data:
            withheld = ("authenticationInfo.principalEmail: not in the record", *withheld)
        kind = parts.kind(IdentityKind.UNDECIDED, "the record names no principal")
    else:
        # The subject tells a user from a service account even where the address cannot.
        kind = _KINDS[canonical]
        if kind.kind is IdentityKind.UNDECIDED and subject:
            kind = _KINDS[subject]
    return Who(
        None if canonical is None else _IDENTITIES[canonical],
        kind,
        parts.credential(SERVICE_ACCOUNT_KEY, key_id(key)) if key else None,
        used,
        _IDENTITIES[named[0]] if named else None,
        tuple(named[1:]),
        withheld,
    )


def _delegate(entry: Document) -> str | None:
    return entry.text("firstPartyPrincipal.principalEmail", "principalSubject") or entry.text(
        "thirdPartyPrincipal.thirdPartyClaims.sub"
    )
