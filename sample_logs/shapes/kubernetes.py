"""Audit events of the Kubernetes API server of a managed cluster, and what its callers show of themselves.

The vendor's "Auditing" page and the type ``Event`` of ``audit.k8s.io/v1``; ``user.extra`` of AWS principals as the
authenticator of EKS fills it, of service accounts as Kubernetes 1.30 and later do (KEP 4193).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from shapes import ids
from shapes.cloudtrail import Caller
from shapes.telling import Key, Told

SOURCE = "k8s.audit"
CREDENTIAL = "kubernetes credential"
_AUTHENTICATION = "authentication.kubernetes.io"


@dataclass(frozen=True)
class User:
    """A caller of the API server.

    Attributes:
        name: ``user.username``.
        groups: ``user.groups``.
        address: Where from.
        agent: With which client.
        uid: ``user.uid``.
        extra: ``user.extra``.
        key: The credential that ``extra`` names.
        more: Further keys that it names.
        kind: What stands behind the name.
    """

    name: str
    groups: tuple[str, ...]
    address: str
    agent: str
    uid: str | None = None
    extra: dict[str, list[str]] = field(default_factory=dict)
    key: Key | None = None
    more: tuple[Key, ...] = ()
    kind: str = "nonhuman"


def of_aws(caller: Caller, groups: tuple[str, ...], address: str, agent: str) -> User:
    """Return an AWS role session as the authenticator of EKS shows it: by access entry, the session's ARN is its name."""
    identity = caller.identity
    issuer = identity["sessionContext"]["sessionIssuer"]
    extra = {
        "accessKeyId": [identity["accessKeyId"]],
        "arn": [identity["arn"]],
        "canonicalArn": [issuer["arn"]],
        "principalId": [issuer["principalId"]],
        "sessionName": [identity["arn"].rpartition("/")[2]],
    }
    return User(
        identity["arn"],
        (*groups, "system:authenticated"),
        address,
        agent,
        f"aws-iam-authenticator:{caller.account}:{issuer['principalId']}",
        extra,
        ("aws temporary key", identity["accessKeyId"]),
        kind="undecided",
    )


@dataclass(frozen=True)
class Pod:
    """A pod and the service account that it runs as.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        account: Its service account.
        node: The node that it runs on.
        address: The address its calls come from.
        agent: Its client.
    """

    namespace: str
    name: str
    account: str
    node: str
    address: str
    agent: str

    @property
    def uid(self) -> str:
        """The pod's uid."""
        return ids.uuid(f"pod/{self.namespace}/{self.name}")

    def user(self, token: str) -> User:
        """Return the pod as a caller that presents a token bound to it.

        Args:
            token: The token's id (``JTI=…``).
        """
        return service_account(self.namespace, self.account, token, self.address, self.agent, self)


def service_account(
    namespace: str, account: str, token: str, address: str, agent: str, pod: Pod | None = None
) -> User:
    """Return a service account as a caller, by one of its tokens, which may be bound to a pod."""
    extra = {f"{_AUTHENTICATION}/credential-id": [token]}
    more: tuple[Key, ...] = ()
    if pod is not None:
        extra[f"{_AUTHENTICATION}/node-name"] = [pod.node]
        extra[f"{_AUTHENTICATION}/pod-name"] = [pod.name]
        extra[f"{_AUTHENTICATION}/pod-uid"] = [pod.uid]
        more = (("kubernetes pod", pod.uid),)
    return User(
        f"system:serviceaccount:{namespace}:{account}",
        ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"),
        address,
        agent,
        ids.uuid(f"service-account/{namespace}/{account}"),
        extra,
        (CREDENTIAL, token),
        more,
    )


def node(name: str, address: str) -> User:
    """Return a node's kubelet as a caller; a client certificate, which this log does not name."""
    groups = ("system:bootstrappers", "system:nodes", "system:authenticated")
    return User(
        f"system:node:{name}", groups, address, "kubelet/v1.31.4-eks-aeac579 (linux/amd64) kubernetes"
    )


def token_id(label: str) -> str:
    """Return the id of a token, as audit events write it."""
    return f"JTI={ids.uuid(f'jti/{label}')}"


_CODES = {"create": 201}
_GROUPS = {
    "leases": "coordination.k8s.io",
    "deployments": "apps",
    "replicasets": "apps",
    "endpointslices": "discovery.k8s.io",
    "clusterrolebindings": "rbac.authorization.k8s.io",
    "horizontalpodautoscalers": "autoscaling",
    "jobs": "batch",
}


def call(
    label: str,
    at: dt.datetime,
    user: User,
    verb: str,
    resource: str,
    *,
    namespace: str = "",
    name: str = "",
    part: str = "",
    code: int | None = None,
    level: str = "Metadata",
    query: str = "",
    reason: str = "",
    issues: tuple[Key, ...] = (),
    stages: tuple[str, ...] = ("ResponseComplete",),
    **more: Any,
) -> Told:
    """Return one request.

    Args:
        label: What its id is derived from.
        at: When it came in, to the microsecond.
        user: Who called.
        verb: The request's verb.
        resource: Plural name of the resource.
        namespace: Its namespace; empty for a resource of the cluster.
        name: Its name; empty for a collection, and for what is created.
        part: The subresource.
        code: HTTP status of the answer.
        level: How much the audit policy lets be recorded of it.
        query: Query of the URL.
        reason: Why it was allowed.
        issues: Credentials that it hands out.
        stages: Which stages are recorded.
        more: Further members of the record.
    """
    group = _GROUPS.get(resource, "")
    path = f"/apis/{group}/v1" if group else "/api/v1"
    if namespace:
        path += f"/namespaces/{namespace}"
    path += f"/{resource}" + (f"/{name}" if name else "") + (f"/{part}" if part else "")
    answer = code if code is not None else 101 if part == "exec" else _CODES.get(verb, 200)
    annotations = {"authorization.k8s.io/decision": "forbid" if answer == 403 else "allow"}
    annotations["authorization.k8s.io/reason"] = reason
    for kind, native_id in issues:
        if kind == CREDENTIAL:
            annotations[f"{_AUTHENTICATION}/issued-credential-id"] = native_id
    reference: dict[str, Any] = {"resource": resource}
    if namespace:
        reference["namespace"] = namespace
    if name:
        reference["name"] = name
    if group:
        reference["apiGroup"] = group
    reference["apiVersion"] = "v1"
    if part:
        reference["subresource"] = part
    audit_id = ids.uuid(f"audit/{label}")
    who: dict[str, Any] = {"username": user.name}
    if user.uid:
        who["uid"] = user.uid
    who["groups"] = list(user.groups)
    if user.extra:
        who["extra"] = user.extra
    records = []
    for number, stage in enumerate(stages):
        done = at + dt.timedelta(milliseconds=2 + ids.number(f"took/{label}/{number}", 30))
        records.append(
            {
                "kind": "Event",
                "apiVersion": "audit.k8s.io/v1",
                "level": level,
                "auditID": audit_id,
                "stage": stage,
                "requestURI": path + (f"?{query}" if query else ""),
                "verb": verb,
                "user": who,
                "sourceIPs": [user.address],
                "userAgent": user.agent,
                "objectRef": reference,
                "responseStatus": {"metadata": {}, "code": answer},
                **more,
                "requestReceivedTimestamp": micro(at),
                "stageTimestamp": micro(done),
                "annotations": annotations,
            }
        )
    uses = (*((user.key,) if user.key else ()), *user.more)
    return Told(
        SOURCE,
        f"{audit_id}/{stages[-1]}",
        at,
        records,
        user.name,
        user.kind,
        (user.address, user.agent),
        uses,
        issues if answer < 400 else (),
    )


def micro(when: dt.datetime) -> str:
    """Return a moment as the API server writes it: six digits of a second."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
