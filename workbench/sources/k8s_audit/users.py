"""Who called the Kubernetes API: user names, what stands behind them, and the credentials that the record names.

``user.extra`` is filled by the API server's authenticators, not by the caller; what an impersonating caller asks
for stands in ``impersonatedUser`` and is never read as a credential.
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from workbench.model.event import Credential, Identity, IdentityKind, KindReason, Resource, ResourceRole
from workbench.sources import parts
from workbench.sources.aws_cloudtrail.access_keys import credential_of
from workbench.sources.document import Document, decoded, member
from workbench.sources.interning import Remembered
from workbench.sources.k8s_audit.call import below, nested

SERVICE_ACCOUNT = "system:serviceaccount:"
CREDENTIAL = "kubernetes credential"
"""A token by its id (``JTI=…``) or a client certificate by its fingerprint (``X509SHA256=…``)."""

POD = "kubernetes pod"
"""A pod by its uid: a token that is bound to a pod names it, and so does the answer to the pod's creation."""

PRINCIPAL = "aws principal"
"""Who presented a key of AWS, by ARN: the user name is what the cluster maps that principal to."""

_ANONYMOUS = parts.kind(
    IdentityKind.UNDECIDED, "user.username is system:anonymous: no credential was presented"
)
_UNKNOWN = parts.kind(IdentityKind.UNDECIDED, "user.username does not tell a person from a machine")
NOBODY = parts.kind(IdentityKind.UNDECIDED, "no user")
_SESSION = parts.kind(
    IdentityKind.UNDECIDED, "user.extra.arn is a role session: CloudTrail tells who assumed the role"
)


def _kind(name: str) -> KindReason:
    if name.startswith(SERVICE_ACCOUNT):
        return parts.kind(IdentityKind.NONHUMAN, "user.username is a service account")
    if name.startswith("system:node:"):
        return parts.kind(IdentityKind.NONHUMAN, "user.username is a node")
    if name == "system:anonymous":
        return _ANONYMOUS
    if name.startswith("system:"):
        return parts.kind(
            IdentityKind.NONHUMAN, "user.username begins with system:, kept for the cluster's own parts"
        )
    if name.startswith("eks:"):
        return parts.kind(IdentityKind.SERVICE, "user.username begins with eks:, which EKS keeps for itself")
    if name == "aksService":
        return parts.kind(IdentityKind.SERVICE, "user.username is aksService, which AKS uses itself")
    if name.endswith(".gserviceaccount.com"):
        return parts.kind(IdentityKind.NONHUMAN, "the user is a Google service account")
    if name.startswith(("principal://", "principalSet://")):
        return parts.kind(IdentityKind.NONHUMAN, "the user is a workload of a Google identity pool")
    return _UNKNOWN


KINDS: Remembered[str, KindReason] = Remembered(_kind)
"""What stands behind a user name."""


class Caller(NamedTuple):
    """Who called, as ``user`` says.

    Attributes:
        identity: The user whose credential was presented.
        kind: What stands behind it.
        credential: The credential presented, by its public id.
        used: Further keys.
        workload: The pod, node or IAM role behind the user, as resources.
    """

    identity: Identity | None
    kind: KindReason
    credential: Credential | None = None
    used: tuple[Credential, ...] = ()
    workload: tuple[Resource, ...] = ()


def caller_of(fields: Document) -> Caller:
    """Read the user of a native record."""
    user = nested(fields, "user")
    try:
        return _CALLERS[orjson.dumps(user)]
    except TypeError:
        # An integer beyond 64 bits, which orjson does not write.
        return _caller(user)


def impersonated_by(fields: Document) -> Identity | None:
    """Return the user that the caller acted as, by the request headers ``Impersonate-*``."""
    user = nested(fields, "impersonatedUser")
    return parts.identity(_text(member(user, "username")), None, _text(member(user, "uid"))) if user else None


def _caller(user: dict[str, object]) -> Caller:
    name = _text(member(user, "username"))
    identity = parts.identity(name, None, _text(member(user, "uid")))
    kind = NOBODY if name is None else KINDS[name]
    extra = decoded(member(user, "extra")) or below(user, "extra")
    if not isinstance(extra, dict) or not extra:
        return Caller(identity, kind)
    found: list[Credential] = []
    token = _extra(extra, "credential-id")
    if token is not None:
        found.append(Credential(CREDENTIAL, token))
    arn = _first(member(extra, "arn"))
    if arn is not None and arn.startswith("arn:aws"):
        # The webhook of EKS fills these; nobody else's keys are taken for AWS's.
        key = _first(member(extra, "accessKeyId"))
        if key is not None and key.isalnum() and key.isascii():
            found.append(credential_of(key))
            found.append(Credential(PRINCIPAL, arn))
        if ":assumed-role/" in arn and kind is _UNKNOWN:
            kind = _SESSION
    presented = found.pop(0) if found else None
    pod = _extra(extra, "pod-uid")
    if pod is not None:
        found.append(Credential(POD, pod))
    workload = _behind(extra, name or "", _first(member(extra, "canonicalArn")) or arn)
    return Caller(identity, kind, presented, tuple(found), workload)


_CALLERS: Remembered[bytes, Caller] = Remembered(lambda user: _caller(orjson.loads(user)), longest=4096)
"""Users repeat in every record; their credentials change by the hour."""


def _behind(extra: dict[str, object], name: str, arn: str | None) -> tuple[Resource, ...]:
    behind = []
    pod = _extra(extra, "pod-name")
    if pod is not None and name.startswith(SERVICE_ACCOUNT):
        namespace = name[len(SERVICE_ACCOUNT) :].partition(":")[0]
        behind.append(Resource("kubernetes:pods", f"namespaces/{namespace}/pods/{pod}", ResourceRole.SOURCE))
    node = _extra(extra, "node-name")
    if node is not None:
        behind.append(Resource("kubernetes:nodes", f"nodes/{node}", ResourceRole.SOURCE))
    if arn is not None and arn.startswith("arn:aws"):
        kind = "iam:user" if ":user/" in arn else "iam:role"
        behind.append(Resource(kind, arn, ResourceRole.SOURCE))
    return tuple(behind)


def _extra(extra: dict[str, object], name: str) -> str | None:
    """Return a value that the API server's own token authenticator adds; exports write the dots as underscores."""
    found = member(extra, f"authentication.kubernetes.io/{name}")
    return _first(found if found is not None else member(extra, f"authentication_kubernetes_io/{name}"))


def _first(value: object) -> str | None:
    return _text(value[0] if isinstance(value, list) and value else value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
