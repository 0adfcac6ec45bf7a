"""What kind of act a request to the Kubernetes API is.

The request's verb decides, except for the subresources and resources that mean something else (Kubernetes
documentation: "Using RBAC Authorization", "Role Based Access Control Good Practices"). An exception holds for its own API group
only: anybody can define a resource of the same name in another.
"""

from __future__ import annotations

from workbench.model.event import Verb
from workbench.sources.interning import remembered

_READING = frozenset({"get", "list", "watch"})
_PLAIN = {
    "get": Verb.READ,
    "list": Verb.READ,
    "watch": Verb.READ,
    "create": Verb.CREATE,
    "update": Verb.UPDATE,
    "patch": Verb.UPDATE,
    "delete": Verb.DELETE,
    "deletecollection": Verb.DELETE,
}
_PATH_VERBS = {"get": Verb.READ, "head": Verb.READ, "options": Verb.READ}

_RBAC = "rbac.authorization.k8s.io"
_CONNECTIONS = {
    ("pods", "exec"): "runs a command in a container",
    ("pods", "attach"): "attaches to a running process",
    ("pods", "portforward"): "opens a connection into a pod",
    ("pods", "proxy"): "sends requests into a pod",
    ("services", "proxy"): "sends requests to a service",
    ("nodes", "proxy"): "sends requests to a kubelet",
}
_RIGHTS = frozenset({"roles", "clusterroles", "rolebindings", "clusterrolebindings"})
_REVIEWS = {
    "tokenreviews": "authentication.k8s.io",
    "selfsubjectreviews": "authentication.k8s.io",
    "subjectaccessreviews": "authorization.k8s.io",
    "localsubjectaccessreviews": "authorization.k8s.io",
    "selfsubjectaccessreviews": "authorization.k8s.io",
    "selfsubjectrulesreviews": "authorization.k8s.io",
}

Decision = tuple[str, Verb, str, bool]
"""Name of the action, kind of act, rule, and whether it weakens the recording of what happens."""


@remembered(256)
def decide_path(verb: str, known: bool) -> Decision:
    """Decide what kind of act a request is that names no resource.

    Args:
        verb: The HTTP method, which stands for the verb of such requests.
        known: Whether the record holds the path.
    """
    action = f"{verb} nonResourceURL" if known else verb
    if verb in _PATH_VERBS:
        return action.strip(), _PATH_VERBS[verb], f"method of a path: {verb}", False
    return action.strip(), Verb.UNCLASSIFIED, "no rule" if known else "the record names no resource", False


@remembered(4096)
def decide(
    verb: str, group: str | None, resource: str, subresource: str, special: str, dry_run: bool
) -> Decision:
    """Decide what kind of act a request is.

    Args:
        verb: The request's verb.
        group: API group, ``""`` for the core group, ``None`` if unknown: then the resource's usual group is taken.
        resource: Plural name.
        subresource: Its part, or empty.
        special: What the caller saw in the request beside that: ``token secret``, ``aws-auth``, or nothing.
        dry_run: Whether the server was asked not to carry it out.
    """
    action = f"{verb} {resource}/{subresource}" if subresource else f"{verb} {resource}"
    if not verb:
        return action[1:], Verb.UNCLASSIFIED, "the record has no verb", False
    if dry_run and verb not in _READING:
        return action, Verb.OTHER, "override: dryRun, nothing is stored", False
    tampers = resource == "events" and verb in ("delete", "deletecollection") and not subresource
    override = _override(verb, group, resource, subresource, special)
    if override is not None:
        return action, override[0], f"override: {override[1]}", tampers
    if verb not in _PLAIN:
        return action, Verb.UNCLASSIFIED, "no rule", tampers
    return action, _PLAIN[verb], f"verb: {verb}", tampers


def _override(
    verb: str, group: str | None, resource: str, subresource: str, special: str
) -> tuple[Verb, str] | None:
    core = not group
    reading = verb in _READING
    deleting = verb in ("delete", "deletecollection")
    if core and (resource, subresource) in _CONNECTIONS:
        return Verb.EXECUTE, _CONNECTIONS[resource, subresource]
    if core and (resource, subresource) == ("pods", "ephemeralcontainers") and not reading:
        return Verb.EXECUTE, "starts a container inside a running pod"
    if core and (resource, subresource) == ("pods", "eviction") and not reading:
        return Verb.DELETE, "evicts a pod"
    if core and (resource, subresource) == ("serviceaccounts", "token") and not reading:
        return Verb.ISSUE_CREDENTIAL, "issues a token for a service account"
    if core and resource == "secrets" and not subresource and reading:
        return Verb.READ_SECRET, "reads secrets"
    if core and special == "token secret":
        return Verb.ISSUE_CREDENTIAL, "creates a secret that is filled with a service account's token"
    if core and special == "aws-auth" and not reading and not deleting:
        return Verb.DELEGATE, "maps AWS principals to users of the cluster"
    if (resource, subresource) == ("certificatesigningrequests", "approval") and not reading:
        return (
            (Verb.ISSUE_CREDENTIAL, "approves a certificate") if _in(group, "certificates.k8s.io") else None
        )
    if resource in _RIGHTS and _in(group, _RBAC) and not reading and not deleting:
        return Verb.DELEGATE, "grants rights"
    if resource in _REVIEWS and _in(group, _REVIEWS[resource]):
        return Verb.OTHER, "a review: asks what is allowed, stores nothing"
    return None


def _in(group: str | None, expected: str) -> bool:
    return group is None or group == expected
