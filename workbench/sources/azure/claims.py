"""Who made a request to Azure, from the claims of the access token that Azure's logs copy.

The Activity log writes them under ``identity.claims`` or ``claims``, Key Vault under ``identity.claim``, each with the
long names of SAML or the short ones of JSON Web Tokens (Microsoft Learn, "Access token claims reference").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from workbench.model.event import Credential, Identity, IdentityKind, KindReason
from workbench.sources import parts
from workbench.sources.document import fold, names_of
from workbench.sources.microsoft import tokens

_MICROSOFT = "http://schemas.microsoft.com/identity/claims/"
_XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def _spellings(*names: str) -> tuple[str, ...]:
    return tuple(fold(name) for name in names)


_OBJECT = _spellings(_MICROSOFT + "objectidentifier", "oid")
_TENANT = _spellings(_MICROSOFT + "tenantid", "tid")
_USER = _spellings(_XMLSOAP + "upn", "upn", "preferred_username", "unique_name", _XMLSOAP + "name")
_NAME = _spellings("name")
_METHODS = _spellings("http://schemas.microsoft.com/claims/authnmethodsreferences", "amr")
_SCOPE = _spellings(_MICROSOFT + "scope", "scp")
_APPLICATION = _spellings("appid", "azp")
_PROOF = _spellings("appidacr", "azpacr")
_TYPE = _spellings("idtyp")
_TOKEN = _spellings("uti")
_SESSION = _spellings("sid")
_MANAGED = _spellings("xms_mirid")
_DEVICE = _spellings("deviceid", "device_id")

_SEEN_A_PERSON = frozenset(
    {"mfa", "ngcmfa", "otp", "sms", "tel", "fido", "hwk", "face", "fpt", "iris", "vbm", "pin", "user"}
)
"""Authentication methods that somebody answered (RFC 8176, and Microsoft's own names). ``pwd``, ``rsa`` and ``wia``
are not among them: a script can sign in so."""


class Who(NamedTuple):
    """What the claims state, in the parts of an event.

    Attributes:
        identity: The principal, by its object id.
        kind: What stands behind it.
        credential: The token presented, by its ``uti``.
        used: The token's request id, the sign-in session, and the application that asked for the token.
        tenant: The directory that issued the token.
        device: The registered device that the token was issued to.
    """

    identity: Identity | None
    kind: KindReason
    credential: Credential | None
    used: tuple[Credential, ...]
    tenant: str | None
    device: str | None


def who(claims: Mapping[str, object], *, caller: str | None = None, principal_type: str | None = None) -> Who:
    """Read the claims of a token.

    Args:
        claims: The claims as decoded; empty if the record holds none.
        caller: What the Activity log calls the caller: a user principal name, an object id or a Microsoft service.
        principal_type: ``authorization.evidence.principalType``: what the role that allowed the act is assigned to.
    """
    keys = names_of(dict(claims)) if claims else {}

    def text(names: tuple[str, ...]) -> str | None:
        for name in names:
            key = keys.get(name)
            value = None if key is None else claims[key]
            if type(value) is str and value:
                return value
            if type(value) is int and abs(value) < 10**18:  # appidacr: some exports write a number
                return str(value)
        return None

    tenant = text(_TENANT)
    application = text(_APPLICATION)
    user = text(_USER)
    object_id = text(_OBJECT)
    identity = parts.identity(
        object_id or user or caller or application, user or text(_NAME) or caller, object_id, tenant
    )
    presented = tokens.token(text(_TOKEN))
    used = (
        *presented[1:],
        *tokens.known(tokens.SESSION, text(_SESSION)),
        *tokens.known(tokens.CLIENT, application),
    )
    if claims:
        kind = _kind(
            managed=text(_MANAGED),
            token_type=text(_TYPE),
            principal_type=principal_type,
            methods=_methods(claims, keys),
            user=user,
            application=application,
            proof=text(_PROOF),
            scope=text(_SCOPE),
        )
    else:
        kind = _kind_of_caller(caller, principal_type)
    return Who(identity, kind, presented[0] if presented else None, used, tenant, text(_DEVICE))


def _methods(claims: Mapping[str, object], keys: Mapping[str, str]) -> frozenset[str]:
    for name in _METHODS:
        value = claims[keys[name]] if name in keys else None
        if isinstance(value, str):
            # Written as a list of names with commas, or as the text of an array.
            return frozenset(value.casefold().translate(_PUNCTUATION).split())
        if isinstance(value, list):
            return frozenset(each.casefold() for each in value if isinstance(each, str))
    return frozenset()


_PUNCTUATION = str.maketrans(dict.fromkeys('[]",;', " "))


def _kind(
    *,
    managed: str | None,
    token_type: str | None,
    principal_type: str | None,
    methods: frozenset[str],
    user: str | None,
    application: str | None,
    proof: str | None,
    scope: str | None,
) -> KindReason:
    lowered = (token_type or "").casefold()
    if managed:
        return parts.kind(IdentityKind.NONHUMAN, "claims.xms_mirid names a managed identity")
    if lowered == "app":
        return parts.kind(IdentityKind.NONHUMAN, "claims.idtyp is app")
    if (principal_type or "").casefold() == "serviceprincipal":
        return parts.kind(IdentityKind.NONHUMAN, "authorization.evidence.principalType is ServicePrincipal")
    if lowered == "user" or user or scope:
        answered = sorted(methods & _SEEN_A_PERSON)
        if answered:
            return parts.kind(
                IdentityKind.HUMAN,
                f"claims.authnmethodsreferences: the user signed in with {', '.join(answered)}",
            )
        return parts.kind(IdentityKind.UNDECIDED, "claims of a user's token, no sign-in by a person in them")
    if application and proof in ("1", "2"):
        how = "a secret" if proof == "1" else "a certificate"
        return parts.kind(
            IdentityKind.NONHUMAN,
            f"claims.appidacr: an application proved itself with {how}; no user, no scope",
        )
    if application:
        return parts.kind(
            IdentityKind.UNDECIDED, "claims name an application and nothing that tells whose token it is"
        )
    return parts.kind(IdentityKind.UNDECIDED, "claims do not tell a user from an application")


def _kind_of_caller(caller: str | None, principal_type: str | None) -> KindReason:
    if (principal_type or "").casefold() == "serviceprincipal":
        return parts.kind(IdentityKind.NONHUMAN, "authorization.evidence.principalType is ServicePrincipal")
    if caller is None:
        return parts.kind(IdentityKind.UNDECIDED, "the record names no caller")
    if caller.casefold().startswith("microsoft.") and "@" not in caller:
        # Azure's own services are named so: Microsoft.Insights/autoscaleSettings, Microsoft.Advisor.
        return parts.kind(IdentityKind.SERVICE, "caller is an Azure resource provider")
    if "@" in caller:
        return parts.kind(
            IdentityKind.UNDECIDED, "caller has the form of a user's name; the record holds no claims"
        )
    return parts.kind(IdentityKind.UNDECIDED, "the record holds no claims")
