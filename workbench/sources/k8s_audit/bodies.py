"""What a call acted upon, and what the bodies of request and answer say was set.

Bodies are in a record only where the audit policy asks for them (levels ``Request`` and ``RequestResponse``). Values of
secrets and issued tokens, which they may hold, are never repeated.
"""

from __future__ import annotations

import shlex
from urllib.parse import parse_qsl

from workbench.model.event import Credential, Issued, Resource, ResourceRole, StatedChange, Verb
from workbench.sources import parts
from workbench.sources.command_lines import COMMAND_LINES
from workbench.sources.document import member
from workbench.sources.k8s_audit.call import Call
from workbench.sources.k8s_audit.users import CREDENTIAL, POD, SERVICE_ACCOUNT
from workbench.sources.protocol import Context
from workbench.sources.times import read_moment

MOST = 500
"""Resources and changes that are taken from one record."""

TOO_MANY_RESOURCES = f"more than {MOST} resources: the others are in the record only"
TOO_MANY_CHANGES = f"more than {MOST} changed fields: the others are in the record only"

_RBAC = "rbac.authorization.k8s.io"
_ROLES = {"ClusterRole": "clusterroles", "Role": "roles"}
_CHANGING = frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL})
_NO_STATE = frozenset({"kind", "apiversion", "status", "metadata", "@type"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def resources_of(call: Call, odd: dict[str, None]) -> list[Resource]:
    """Return what a call acted upon, the object of the call first.

    Args:
        call: The call.
        odd: Takes what was odd.
    """
    if not call.resource:
        return (
            [Resource("kubernetes:path", call.path, ResourceRole.TARGET, call.cluster)] if call.path else []
        )
    kind = _kind(call.resource, call.group)
    secret = call.resource == "secrets" and not call.group
    role = ResourceRole.SECRET if secret else ResourceRole.TARGET
    found = [Resource(kind, _name(call.resource, call.namespace, name_of(call)), role, call.cluster)]
    if secret and call.verb == "list":
        for name, namespace in _listed(call.response):
            found.append(
                Resource(kind, _name("secrets", namespace or call.namespace, name), role, call.cluster)
            )
    if call.subresource in ("exec", "attach"):
        command = _command(call)
        if command:
            found.append(Resource("kubernetes:command", command, ResourceRole.TARGET, call.cluster))
    if call.request is not None or call.response is not None:
        found += _named_in_body(call)
    if len(found) > MOST:
        del found[MOST:]
        odd[TOO_MANY_RESOURCES] = None
    return found


def name_of(call: Call) -> str:
    """Return the name of the object of a call: for one being created only the body has it, and the answer if it was generated."""
    if call.name or call.verb != "create":
        return call.name
    for body in (call.response, call.request):
        name = member(member(body, "metadata"), "name")
        if isinstance(name, str) and name and member(body, "kind") != "Status":
            return name
    return ""


def changes_of(call: Call, verb: Verb, target: str | None, odd: dict[str, None]) -> tuple[StatedChange, ...]:
    """Return the fields that a call set, as far as its bodies say.

    Fields are named by JSON pointers (RFC 6901), as JSON patches name them. A patch states only what it changes; anything
    else states the whole object, as the server stored it if the answer is there, else as it was sent. What was there
    before is in no record.

    Args:
        call: A call that succeeded.
        verb: What kind of act it is.
        target: Name of the object, if the event has other resources too.
        odd: Takes what was odd.
    """
    if (
        verb not in _CHANGING
        or call.resource == "secrets"
        or call.dry_run
        or call.subresource in ("token", "status")
    ):
        return ()
    body = call.request if call.verb == "patch" and call.request is not None else _stored(call)
    if isinstance(body, list):
        stated = [
            StatedChange(str(path), None, parts.json_text(member(each, "value")), target)
            for each in body[: MOST + 1]
            if isinstance(path := member(each, "path"), str)
        ]
    else:
        stated = [
            StatedChange(name, None, text, target)
            for name, value in _fields(body, call.subresource)
            if (text := parts.json_text(value)) is not None
        ]
    if len(stated) > MOST:
        del stated[MOST:]
        odd[TOO_MANY_CHANGES] = None
    return tuple(stated)


def issued_by(call: Call, token_id: object, context: Context) -> tuple[Issued, ...]:
    """Return the credentials that a successful call handed out.

    Args:
        call: The call.
        token_id: The annotation ``authentication.kubernetes.io/issued-credential-id``, which Kubernetes 1.30 and later write.
        context: What is known beside the record.
    """
    if call.resource == "serviceaccounts" and call.subresource == "token" and isinstance(token_id, str):
        expires = member(member(call.response, "status"), "expirationTimestamp")
        return (
            Issued(
                Credential(CREDENTIAL, token_id),
                f"{SERVICE_ACCOUNT}{call.namespace}:{call.name}" if call.namespace and call.name else None,
                read_moment(expires, "expirationTimestamp", context).micros if expires else None,
            ),
        )
    if call.resource == "pods" and call.verb == "create" and not call.subresource and not call.group:
        uid = member(member(call.response, "metadata"), "uid")
        if isinstance(uid, str) and uid and member(call.response, "kind") != "Status" and not call.dry_run:
            account = _text(call.response, "spec", "serviceAccountName")
            to = f"{SERVICE_ACCOUNT}{call.namespace}:{account}" if account and call.namespace else None
            return (Issued(Credential(POD, uid), to),)
    return ()


def withheld_of(call: Call, verb: Verb, level: str | None, truncated: bool) -> tuple[str, ...]:
    """Return what the record leaves out that its kind of act would have had."""
    if truncated:
        return ("requestObject: cut off by the API server", "responseObject: cut off by the API server")
    if verb is Verb.READ_SECRET and level in ("Metadata", "Request"):
        if call.verb == "list":
            return (f"responseObject: level is {level}; the secrets that were listed are not named",)
        return (f"responseObject: level is {level}",)
    if verb in _CHANGING:
        if call.resource == "secrets" and call.request is not None:
            return ("requestObject.data: values of a secret, not repeated here",)
        if level == "Metadata":
            return ("requestObject: level is Metadata", "responseObject: level is Metadata")
        if level == "Request":
            return ("responseObject: level is Request",)
    return ()


def _kind(resource: str, group: str | None) -> str:
    return f"kubernetes:{resource}.{group}" if group else f"kubernetes:{resource}"


def _name(resource: str, namespace: str, name: str) -> str:
    where = f"namespaces/{namespace}/" if namespace and resource != "namespaces" else ""
    return f"{where}{resource}/{name}" if name else f"{where}{resource}"


def _stored(call: Call) -> object:
    if member(call.response, "metadata") is not None and member(call.response, "kind") != "Status":
        return call.response
    return call.request


def _fields(body: object, subresource: str) -> list[tuple[str, object]]:
    """Take an object apart into the fields below ``spec``, ``data`` and so on: whole objects are too coarse to compare."""
    fields: list[tuple[str, object]] = []
    if not isinstance(body, dict):
        return fields
    metadata = member(body, "metadata")
    for part in ("labels", "annotations"):
        value = member(metadata, part)
        if isinstance(value, dict):
            value = {key: each for key, each in value.items() if key != _LAST_APPLIED}
            if value:
                fields.append((f"/metadata/{part}", value))
    if subresource == "approval":
        conditions = member(member(body, "status"), "conditions")
        if conditions is not None:
            fields.append(("/status/conditions", conditions))
    for key, value in body.items():
        if key.lower() in _NO_STATE:
            continue
        if isinstance(value, dict):
            fields += [(f"/{key}/{inner}", each) for inner, each in value.items()]
        else:
            fields.append((f"/{key}", value))
        if len(fields) > MOST:
            break
    return fields


def _listed(body: object) -> list[tuple[str, str]]:
    items = member(body, "items")
    found = []
    for item in items[: MOST + 1] if isinstance(items, list) else ():
        metadata = member(item, "metadata")
        name, namespace = member(metadata, "name"), member(metadata, "namespace")
        if isinstance(name, str) and name:
            found.append((name, namespace if isinstance(namespace, str) else ""))
    return found


def _command(call: Call) -> str:
    words = member(call.request, "command")
    if not isinstance(words, list):
        if "command=" not in call.query:
            return ""
        try:
            words = [value for key, value in parse_qsl(call.query, max_num_fields=MOST) if key == "command"]
        except ValueError:
            return ""
    return COMMAND_LINES[shlex.join(word for word in words[:MOST] if isinstance(word, str))]


def _named_in_body(call: Call) -> list[Resource]:
    """Return what the body of a grant or of a workload names: subjects, the role granted, the service account it runs as."""
    body = _stored(call)
    found: list[Resource] = []
    if call.resource in ("rolebindings", "clusterrolebindings") and call.group in (None, _RBAC):
        subjects = member(body, "subjects")
        for subject in subjects[: MOST + 1] if isinstance(subjects, list) else ():
            found += _grantee(subject, call)
        role = member(body, "roleRef")
        name, kind = member(role, "name"), member(role, "kind")
        if isinstance(name, str) and name:
            plural = _ROLES.get(kind if isinstance(kind, str) else "", "roles")
            where = call.namespace if plural == "roles" else ""
            found.append(
                Resource(_kind(plural, _RBAC), _name(plural, where, name), ResourceRole.SOURCE, call.cluster)
            )
        return found
    account = (
        _text(body, "spec", "serviceAccountName")
        or _text(body, "spec", "template", "spec", "serviceAccountName")
        or _text(body, "spec", "jobTemplate", "spec", "template", "spec", "serviceAccountName")
    )
    if account and not call.subresource:
        name = _name("serviceaccounts", call.namespace, account)
        found.append(Resource("kubernetes:serviceaccounts", name, ResourceRole.GRANTEE, call.cluster))
    return found


def _grantee(subject: object, call: Call) -> list[Resource]:
    name, kind = member(subject, "name"), member(subject, "kind")
    if not isinstance(name, str) or not name:
        return []
    if kind == "ServiceAccount":
        namespace = member(subject, "namespace") or call.namespace
        name = _name("serviceaccounts", namespace if isinstance(namespace, str) else "", name)
        return [Resource("kubernetes:serviceaccounts", name, ResourceRole.GRANTEE, call.cluster)]
    what = "kubernetes:group" if kind == "Group" else "kubernetes:user"
    return [Resource(what, name, ResourceRole.GRANTEE, call.cluster)]


def _text(body: object, *path: str) -> str | None:
    for key in path:
        body = member(body, key)
    return body if isinstance(body, str) and body else None
