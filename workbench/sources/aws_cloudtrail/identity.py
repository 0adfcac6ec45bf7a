"""What ``userIdentity`` says: the principal, the credential, and a person or a machine behind them.

Element reference: AWS CloudTrail user guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from workbench.model.event import Credential, Identity, IdentityKind, KindReason, Particulars
from workbench.sources.aws_cloudtrail import warnings
from workbench.sources.aws_cloudtrail.access_keys import account_of_key, credential_of
from workbench.sources.aws_cloudtrail.credentials import sign_in_session
from workbench.sources.interning import interned
from workbench.sources.paths import folded

_ROLE_ID = "AROA"
_ASSUMED = ":assumed-role/"
_SSO_PATH = ":role/aws-reserved/sso.amazonaws.com/"
_SERVICE_ROLE_PATH = ":role/aws-service-role/"
_WORKLOAD_ISSUERS = ("token.actions.githubusercontent.com", "oidc.eks.", "gitlab.com", "app.terraform.io")
_WORKLOAD_SUBJECTS = ("system:serviceaccount:", "repo:", "project_path:")


def _because(kind: IdentityKind, reason: str) -> KindReason:
    return KindReason(kind, reason)


SERVICE_TYPE = _because(IdentityKind.SERVICE, "userIdentity.type AWSService")
INVOKED_BY = _because(IdentityKind.SERVICE, "userIdentity.invokedBy set: a service made the call")
FROM_CONSOLE = _because(IdentityKind.HUMAN, "sessionCredentialFromConsole true")
SIGNED_IN = _because(IdentityKind.HUMAN, "AwsConsoleSignIn event, Success: this is the sign-in")
SAML_USER = _because(IdentityKind.HUMAN, "userIdentity.type SAMLUser")
IDENTITY_CENTER = _because(IdentityKind.HUMAN, "userIdentity.type IdentityCenterUser")
IDENTITY_CENTER_ROLE = _because(
    IdentityKind.HUMAN, "role path aws-reserved/sso.amazonaws.com: session of an Identity Center user"
)
ON_BEHALF = _because(IdentityKind.HUMAN, "userIdentity.onBehalfOf names an Identity Center user")
MFA = _because(IdentityKind.HUMAN, "sessionContext.attributes.mfaAuthenticated true")
IN_SCOPE = _because(IdentityKind.NONHUMAN, "userIdentity.inScopeOf names the workload")
INSTANCE_SESSION = _because(IdentityKind.NONHUMAN, "session name is an instance id")
SERVICE_ROLE = _because(IdentityKind.NONHUMAN, "role path aws-service-role")
WEB_IDENTITY = _because(IdentityKind.NONHUMAN, "web identity of a workload (CI system or Kubernetes)")
INSTANCE_DELIVERY = _because(IdentityKind.NONHUMAN, "sessionContext.ec2RoleDelivery set")
UNNAMED = _because(IdentityKind.UNDECIDED, "the record names no identity")
LONG_TERM_KEY = _because(IdentityKind.UNDECIDED, "long-term access key: a person and a machine look the same")
OTHER_ACCOUNT = _because(IdentityKind.UNDECIDED, "userIdentity.type AWSAccount: seen from another account")
NO_SIGN = _because(IdentityKind.UNDECIDED, "no field tells a person from a machine")


class Who(msgspec.Struct, frozen=True, gc=False):
    """Everything one ``userIdentity`` element states, in the parts of an event."""

    identity: Identity | None
    kind: KindReason
    credential: Credential | None
    warnings: tuple[str, ...] = ()
    particulars: Particulars | None = None


NOBODY = Who(None, UNNAMED, None)


def who(element: Mapping[str, object], *, from_console: bool, signed_in: bool) -> Who:
    """Read a ``userIdentity`` element, in any case of its keys.

    Args:
        element: The decoded element.
        from_console: Whether the record says ``sessionCredentialFromConsole: "true"``.
        signed_in: Whether the record itself is a successful interactive sign-in.
    """
    odd: list[str] = []
    user = _Texts(folded(element), "userIdentity", odd)
    context = _Texts(user.below("sessioncontext"), "sessionContext", odd)
    issuer = _Texts(context.below("sessionissuer"), "sessionIssuer", odd)
    identity = _identity(user, issuer)
    key_id = user.text("accesskeyid")
    credential = credential_of(key_id) if key_id else None
    if credential is None and (other := user.text("credentialid")):
        credential = interned(Credential("identity center credential", other), other)
    account = user.text("accountid")
    if key_id and account and (encoded := account_of_key(key_id)) and encoded != account:
        odd.append(warnings.KEY_ACCOUNT)
    kind = _kind(user, context, issuer, identity, from_console=from_console, signed_in=signed_in)
    particulars = _particulars(user, context, issuer, identity, at_console=from_console or signed_in)
    return Who(identity, kind, credential, tuple(dict.fromkeys(odd)), particulars)


def _particulars(
    user: _Texts, context: _Texts, issuer: _Texts, identity: Identity | None, *, at_console: bool
) -> Particulars | None:
    """Return the session that the keys belong to, and the person behind an Identity Center session."""
    used = []
    created = _Texts(context.below("attributes"), "attributes", []).text("creationdate")
    of_role = bool(issuer.text("arn")) or _ASSUMED in user.text("arn")
    # A role's session is named by its one key, except at the console, which takes a new key for every page.
    if session := sign_in_session(user.text("arn"), created, one_key=of_role and not at_console):
        used.append(session)
    if source := context.text("sourceidentity"):
        used.append(interned(Credential("aws source identity", source), source))
    person = _Texts(user.below("onbehalfof"), "onBehalfOf", []).text("userid")
    behalf = (
        _made(person, person, person, None)
        if person and (identity is None or identity.canonical != person)
        else None
    )
    return Particulars(used=tuple(used), on_behalf_of=behalf) if used or behalf else None


class _Texts:
    """Text values of an object with folded keys; anything else counts as absent and is noted."""

    def __init__(self, values: dict[str, object], name: str, odd: list[str]) -> None:
        self._values = values
        self._name = name
        self._odd = odd

    def text(self, key: str) -> str:
        value = self._values.get(key)
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            self._odd.append(warnings.number_as_text(self._name))
            return str(value)
        self._odd.append(warnings.unreadable(self._name))
        return ""

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        return value is True or (isinstance(value, str) and value.lower() == "true")

    def has(self, key: str) -> bool:
        return self._values.get(key) not in (None, "", {}, [])

    def below(self, key: str) -> dict[str, object]:
        value = self._values.get(key)
        if isinstance(value, dict):
            return folded(value)
        if value not in (None, ""):
            self._odd.append(warnings.unreadable(self._name))
        return {}


def _identity(user: _Texts, issuer: _Texts) -> Identity | None:
    """Name the principal by the most stable identifier the record holds.

    A role session is its role: ``canonical`` and ``native_id`` are the role's, and ``name`` is
    ``role/session`` because the session name often is the only trace of the person or run behind a shared
    role. Without ``sessionIssuer`` the session's ARN up to the role name stands for the role; the role's own
    ARN may have a path and is not made up.
    """
    arn, principal = user.text("arn"), user.text("principalid")
    account = user.text("accountid") or None
    name = user.text("username")
    if _ASSUMED in arn or user.text("type") == "AssumedRole":
        of_role = _role_session(arn, principal, account, issuer)
        return of_role or (_made(name, name, None, account) if name else None)
    if user.text("type") == "IdentityCenterUser":
        on_behalf = _Texts(user.below("onbehalfof"), "onBehalfOf", []).text("userid")
        if on_behalf:
            return _made(on_behalf, name or on_behalf, on_behalf, account)
    if arn or principal:
        if principal.startswith(_ROLE_ID) and not arn:
            role_id, _, session = principal.partition(":")
            return _made(role_id, f"{role_id}/{session}" if session else role_id, role_id, account)
        label = name or (arn.rpartition("/")[2] if "/" in arn else "")
        if not label:
            label = arn.rpartition(":")[2] or principal
        return _made(arn or principal, label, principal or None, account)
    if name:
        return _made(name, name, None, account)
    if service := user.text("invokedby"):
        # A service principal belongs to no account: accountId is then the account it acted in.
        return _made(service, service, None, None)
    if account and user.text("type") == "AWSAccount":
        return _made(account, account, None, account)
    return None


def _role_session(arn: str, principal: str, account: str | None, issuer: _Texts) -> Identity | None:
    role_id, _, session = principal.partition(":")
    prefix, found, tail = arn.partition(_ASSUMED)
    role_name, _, arn_session = tail.partition("/")
    session = session or arn_session
    role_name = issuer.text("username") or role_name
    canonical = issuer.text("arn") or (f"{prefix}{found}{role_name}" if found and role_name else role_id)
    if not canonical:
        return None
    label = role_name or role_id or canonical
    owner = issuer.text("accountid") or account
    native_id = issuer.text("principalid") or role_id or None
    return _made(canonical, f"{label}/{session}" if session else label, native_id, owner)


def _made(canonical: str, name: str, native_id: str | None, account: str | None) -> Identity:
    return interned(Identity(canonical, name, native_id, account), canonical, name, native_id, account)


def _kind(
    user: _Texts,
    context: _Texts,
    issuer: _Texts,
    identity: Identity | None,
    *,
    from_console: bool,
    signed_in: bool,
) -> KindReason:
    """Decide by the first field that decides: service, then human, then non-human.

    A long-term key alone decides nothing: a person's laptop and a build job present it alike. Whether an
    earlier sign-in stands behind a session is found by joining events, which is not a reader's business.
    """
    if user.text("type") == "AWSService":
        return SERVICE_TYPE
    if user.text("invokedby"):
        return INVOKED_BY
    return (
        _human(user, context, issuer, from_console=from_console, signed_in=signed_in)
        or _nonhuman(user, context, issuer)
        or _undecided(user, identity)
    )


def _human(
    user: _Texts, context: _Texts, issuer: _Texts, *, from_console: bool, signed_in: bool
) -> KindReason | None:
    if from_console:
        return FROM_CONSOLE
    if signed_in:
        return SIGNED_IN
    if user.text("type") == "SAMLUser":
        return SAML_USER
    if user.text("type") == "IdentityCenterUser":
        return IDENTITY_CENTER
    if _SSO_PATH in issuer.text("arn"):
        return IDENTITY_CENTER_ROLE
    if user.has("onbehalfof"):
        return ON_BEHALF
    if context.has("attributes") and _Texts(context.below("attributes"), "", []).flag("mfaauthenticated"):
        return MFA
    return None


def _nonhuman(user: _Texts, context: _Texts, issuer: _Texts) -> KindReason | None:
    if user.has("inscopeof"):
        return IN_SCOPE
    if context.text("ec2roledelivery"):
        return INSTANCE_DELIVERY
    if _SERVICE_ROLE_PATH in issuer.text("arn"):
        return SERVICE_ROLE
    if _is_workload(user, context):
        return WEB_IDENTITY
    session = user.text("arn").rpartition("/")[2] or user.text("principalid").partition(":")[2]
    # Last of its kind: a caller of AssumeRole can choose such a name too.
    if user.text("type") == "AssumedRole" and _is_instance_id(session):
        return INSTANCE_SESSION
    return None


def _undecided(user: _Texts, identity: Identity | None) -> KindReason:
    if identity is None:
        return UNNAMED
    if user.text("type") == "AWSAccount":
        return OTHER_ACCOUNT
    return LONG_TERM_KEY if user.text("accesskeyid").startswith("AKIA") else NO_SIGN


def _is_instance_id(name: str) -> bool:
    digits = name[2:]
    return name.startswith("i-") and len(digits) in (8, 17) and digits.isascii() and digits.isalnum()


def _is_workload(user: _Texts, context: _Texts) -> bool:
    provider = user.text("identityprovider")
    if context.has("webidfederationdata"):
        federation = _Texts(context.below("webidfederationdata"), "webIdFederationData", [])
        provider = f"{provider} {federation.text('federatedprovider')}"
    if provider and any(issuer in provider for issuer in _WORKLOAD_ISSUERS):
        return True
    return user.text("type") == "WebIdentityUser" and user.text("username").startswith(_WORKLOAD_SUBJECTS)


def particulars_of(user: Who, details: Particulars | None, *, failed: bool) -> Particulars | None:
    """Join what the identity and the rest of a record say.

    Args:
        user: What the identity says.
        details: What request and response say.
        failed: Whether the record has an error: then nothing was handed out, whatever an edited response holds.
    """
    own = user.particulars
    if failed and details is not None and details.issued:
        details = msgspec.structs.replace(details, issued=())
        if not (details.used or details.withheld):
            details = None
    if own is None or details is None:
        return own or details
    return Particulars(
        used=(*own.used, *details.used),
        issued=details.issued,
        withheld=details.withheld,
        on_behalf_of=own.on_behalf_of,
    )
