"""Changes from CloudTrail: what the request set, and what the answer says stood there before.

CloudTrail logs requests. Only a few answers hold the state before (``previousState``); a policy is in the request as a whole.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from workbench.changes.aws_network import rules_of
from workbench.changes.aws_tables import (
    EMPTY_AT_FIRST,
    MEMBERS,
    NO_CONTENT,
    PARTS,
    RENAMED,
    SHAPES,
    SKIPPED,
    SWITCHES,
    Member,
    Parts,
)
from workbench.changes.keys import aws_key, is_native_id, resource_key
from workbench.changes.policy import document_of
from workbench.changes.values import text_of
from workbench.model.change import Operation, ResourceKey, Shape, Statement
from workbench.model.event import Act, Place, Resource, ResourceRole, Verb

HIDDEN = frozenset({"HIDDEN_DUE_TO_SECURITY_REASONS", "***"})
WITHHELD = "the log withholds the value"
VALUE_ABSENT = "the record holds no value"

MOST = 500
"""Statements of one event."""

_CHANGING = frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.DELEGATE, Verb.ISSUE_CREDENTIAL})
_CREATES = ("create", "run", "allocate", "register", "import", "request", "copy", "restore")
_DELETES = ("delete", "terminate", "deregister", "release", "schedulekeydeletion")


class Target(msgspec.Struct, frozen=True):
    """The resource that statements are about."""

    key: ResourceKey
    title: str


def looked_into(act: Act) -> bool:
    """Whether the records of an act can say what was changed: only these are read again.

    Of data events (objects written, items put) the record never holds the content.
    """
    if act.verb not in _CHANGING and not act.tampers_logging:
        return False
    if act.category == "Data" and act.verb is not Verb.DELEGATE:
        return False
    skipped = SKIPPED.get(act.service)
    return skipped is None or (bool(skipped) and act.action.lower() not in skipped)


def statements_of(
    document: Mapping[str, Any], act: Act, resources: Sequence[Resource], place: Place
) -> list[Statement]:
    """Return what a CloudTrail event states about changes, whether it succeeded or not.

    Args:
        document: The record, in native form.
        act: What was done.
        resources: What was acted upon.
        place: Where it was recorded.
    """
    request = _unwrapped(_member(document, "requestParameters"))
    reader = _Reader(act, request, _member(document, "responseElements"), resources, place)
    return list(reader.statements())[:MOST]


def _member(document: Mapping[str, Any], name: str) -> Any:
    if name in document:
        return document[name]
    lowered = name.lower()
    return next((value for key, value in document.items() if str(key).lower() == lowered), None)


def _unwrapped(value: Any) -> dict[str, Any]:
    """Return the parameters of a request or answer without the envelope that repeats the operation, keys in lower case."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, inner),) = value.items()
        if str(key).endswith(("Request", "Response")) and isinstance(inner, dict):
            value = inner
    if not isinstance(value, dict):
        return {}
    found = {str(key).lower(): each for key, each in value.items()}
    if len(found) < len(value):
        # S3 writes ``tagging: ""``, the query, beside ``Tagging: {…}``, the body.
        found.update((str(key).lower(), each) for key, each in value.items() if each not in (None, ""))
    return found


class _Reader:
    """Reads one event."""

    def __init__(
        self,
        act: Act,
        request: dict[str, Any],
        response: object,
        resources: Sequence[Resource],
        place: Place,
    ) -> None:
        self._act = act
        self._action = act.action.lower()
        self._request = request
        self._raw_response = response
        self._resources = resources
        self._place = place

    @functools.cached_property
    def _response(self) -> dict[str, Any]:
        return _unwrapped(self._raw_response)

    def statements(self) -> Iterator[Statement]:
        """Yield what the event states."""
        service, action = self._act.service, self._action
        member = MEMBERS.get((service, action))
        if member is not None:
            yield from self._member(member)
            return
        part = PARTS.get((service, action))
        if part is not None:
            yield from self._part(part)
            return
        if (service, action) in SWITCHES:
            field, on = SWITCHES[service, action]
            yield self._state(self._main(), field, Operation.SET, text_of(on))
            return
        special = getattr(self, f"_{service.replace('-', '_')}_{action}", None)
        if special is not None:
            yield from special()
            return
        if action.startswith(_DELETES) and self._act.verb is Verb.DELETE:
            yield from self._deleted()
        elif action.startswith(_CREATES):
            yield from self._created()
        else:
            yield from self._set(self._main())

    # What a statement is made of

    def _state(
        self,
        target: Target,
        field: str,
        operation: Operation,
        after: str | None = None,
        *,
        shape: Shape = Shape.JSON,
        before: str | None = None,
        remark: str | None = None,
        empty: bool = False,
    ) -> Statement:
        if operation in (Operation.ADD, Operation.REMOVE):
            shape = Shape.SET
        return Statement(target.key, target.title, field, operation, shape, after, before, empty, remark)

    def _value(self, target: Target, field: str, value: Any) -> Statement:
        """Return the statement that a field was set to a value of the request."""
        if value is None:
            return self._state(target, field, Operation.SET, remark=VALUE_ABSENT)
        if isinstance(value, str) and value in HIDDEN:
            return self._state(target, field, Operation.SET, remark=WITHHELD)
        shape = SHAPES.get(field, Shape.JSON)
        policy = document_of(value) if shape is Shape.POLICY or _may_be_policy(value) else None
        if policy is not None:
            return self._state(target, field, Operation.SET, text_of(policy), shape=Shape.POLICY)
        if shape is Shape.POLICY:
            shape = Shape.JSON
        return self._state(target, field, Operation.SET, text_of(value), shape=shape)

    # Which resource

    def _named(self, kind: str, holder: str) -> Target | None:
        """Return the resource of a kind that a parameter names, by the fullest name that the event has for it.

        ``None`` if the event names none: requests that were turned down are often not in the record.
        """
        name = self._request.get(holder) if holder else None
        key = None
        if isinstance(name, str) and name:
            key = aws_key(kind, name, self._place.account, self._place.region)
            for each in self._resources:
                if each.name.startswith("arn:") and self._key(each)._replace(kind=kind) == key:
                    return Target(key, each.name)
            return Target(key, name)
        for each in self._resources:
            if each.type == kind:
                return Target(self._key(each)._replace(kind=kind), each.name)
        return None if holder else self._settings()

    def _key(self, resource: Resource) -> ResourceKey:
        return resource_key("aws.cloudtrail", resource, self._place)

    def _settings(self) -> Target:
        account = self._place.account or ""
        kind = f"{self._act.service}:account settings"
        return Target(
            ResourceKey("aws", kind, account, account, self._place.region or ""), f"account {account}"
        )

    def _main(self) -> Target:
        """Return the resource that the operation is about: the one it is named after, by its id or ARN if it has one."""
        if len(self._resources) == 1:
            only = self._resources[0]
            return Target(self._key(only), only.name)
        best: tuple[tuple[bool, int, bool], Resource] | None = None
        for each in self._resources:
            if each.role not in (ResourceRole.TARGET, ResourceRole.SECRET):
                continue
            kind = each.type or ""
            noun = kind.partition(":")[2].replace("-", "").replace("_", "").lower()
            rank = (
                kind.startswith(self._act.service + ":"),
                len(noun) if noun and noun in self._action else 0,
                is_native_id(each.name) or each.name.startswith("arn:"),
            )
            if best is None or rank > best[0]:
                best = (rank, each)
        if best is None:
            grantees = [each for each in self._resources if each.role is ResourceRole.GRANTEE]
            if not grantees:
                return self._settings()
            return Target(self._key(grantees[0]), grantees[0].name)
        return Target(self._key(best[1]), best[1].name)

    # Kinds of operation

    def _member(self, rule: Member) -> Iterator[Statement]:
        target = self._named(rule.kind, rule.holder)
        if target is None:
            return
        value = self._request.get(rule.key)
        for each in value if isinstance(value, list) else [value]:
            if each not in (None, ""):
                yield self._state(target, rule.field, rule.operation, text_of(each))

    def _part(self, rule: Parts) -> Iterator[Statement]:
        target = self._named(rule.kind, rule.holder)
        if target is None:
            return
        name = self._request.get(rule.part) if rule.part else None
        if rule.part and not isinstance(name, str):
            return
        field = rule.field.replace("{}", str(name))
        if rule.operation is Operation.CLEAR:
            yield self._state(target, field, Operation.CLEAR)
        else:
            yield self._value(target, field, self._request.get(rule.value))

    def _set(self, target: Target) -> Iterator[Statement]:
        """Yield what every parameter that is no name of the resource sets, with what the answer says stood before."""
        names = {target.key.name, target.title}
        names |= {
            each.name
            for each in self._resources
            if target.key.name in each.name and self._key(each) == target.key
        }
        previous = self._previous()
        for key, value in self._request.items():
            if (
                key in NO_CONTENT
                or value in (None, "", {}, [])
                or (isinstance(value, str) and value in names)
            ):
                continue
            if key.endswith("set") and isinstance(value, dict) and _names_only(value, names):
                continue
            yield self._value(target, RENAMED.get((target.key.kind, key), key), _plain(value))
        for field, before, after, title in previous:
            of = target if title is None else Target(target.key._replace(name=title), title)
            yield self._state(of, field, Operation.SET, text_of(after), before=text_of(before))

    def _previous(self) -> list[tuple[str, Any, Any, str | None]]:
        """Return the states before and after that an answer holds (``StopInstances``)."""
        found = []
        instances = self._response.get("instancesset")
        items = instances.get("items") if isinstance(instances, dict) else None
        for each in items if isinstance(items, list) else ():
            if isinstance(each, dict) and isinstance(each.get("previousState"), dict):
                after = each.get("currentState") or {}
                found.append(
                    ("state", each["previousState"].get("name"), after.get("name"), each.get("instanceId"))
                )
        return found

    def _created(self) -> Iterator[Statement]:
        target = self._main()
        kind = target.key.kind
        yield self._state(target, "", Operation.CREATE, empty=kind in EMPTY_AT_FIRST)
        yield from self._set(target)

    def _deleted(self) -> Iterator[Statement]:
        target = self._main()
        for field, before, after, title in self._previous():
            of = target if title is None else Target(target.key._replace(name=title), title)
            yield self._state(of, field, Operation.SET, text_of(after), before=text_of(before))
        if self._resources:
            yield self._state(target, "", Operation.DELETE)

    # Operations that are unlike others: their methods are called by service and operation

    def _iam_createaccesskey(self) -> Iterator[Statement]:
        made = self._response.get("accesskey")
        holder = made if isinstance(made, dict) else {}
        name = self._request.get("username") or holder.get("userName")
        key = holder.get("accessKeyId")
        if not isinstance(name, str):
            return
        target = Target(aws_key("iam:user", name, self._place.account, None), name)
        if isinstance(key, str):
            yield self._state(target, "access keys", Operation.ADD, text_of(key))
            if isinstance(holder.get("status"), str):
                yield self._state(
                    target, f"access key {key} status", Operation.SET, text_of(holder["status"])
                )
        else:
            yield self._state(target, "access keys", Operation.SET, remark=VALUE_ABSENT)

    def _iam_createloginprofile(self) -> Iterator[Statement]:
        target = self._named("iam:user", "username")
        if target is None:
            return
        yield self._state(target, "console password", Operation.SET, remark=WITHHELD)

    def _iam_createpolicyversion(self) -> Iterator[Statement]:
        target = self._named("iam:policy", "policyarn")
        if target is None:
            return
        version = self._response.get("policyversion")
        name = version.get("versionId") if isinstance(version, dict) else None
        if isinstance(name, str):
            yield self._value(target, f"version {name}", self._request.get("policydocument"))
        if self._request.get("setasdefault") in (True, "true") and isinstance(name, str):
            yield self._state(target, "default version", Operation.SET, text_of(name))

    def _iam_createpolicy(self) -> Iterator[Statement]:
        target = self._named("iam:policy", "policyname")
        if target is None:
            return
        yield self._state(target, "", Operation.CREATE, empty=True)
        yield self._value(target, "version v1", self._request.get("policydocument"))
        yield self._state(target, "default version", Operation.SET, text_of("v1"))

    def _lambda_addpermission(self) -> Iterator[Statement]:
        target = self._named("lambda:function", "functionname")
        if target is None:
            return
        name = self._request.get("statementid")
        statement = self._response.get("statement")
        if isinstance(statement, str):
            document: Any = {"Version": "2012-10-17", "Statement": [_decoded(statement)]}
        else:
            document = {
                key: each for key, each in self._request.items() if key not in ("functionname", "statementid")
            }
        yield self._value(target, f"permission {name}", document)

    def _ec2_authorizesecuritygroupingress(self) -> Iterator[Statement]:
        yield from self._rules("inbound rules", Operation.ADD)

    def _ec2_authorizesecuritygroupegress(self) -> Iterator[Statement]:
        yield from self._rules("outbound rules", Operation.ADD)

    def _ec2_revokesecuritygroupingress(self) -> Iterator[Statement]:
        yield from self._rules("inbound rules", Operation.REMOVE)

    def _ec2_revokesecuritygroupegress(self) -> Iterator[Statement]:
        yield from self._rules("outbound rules", Operation.REMOVE)

    def _rules(self, field: str, operation: Operation) -> Iterator[Statement]:
        target = self._main()
        for rule in rules_of(self._request):
            yield self._state(target, field, operation, text_of(rule))

    def _ec2_modifysnapshotattribute(self) -> Iterator[Statement]:
        yield from self._shared("createvolumepermission")

    def _ec2_modifyimageattribute(self) -> Iterator[Statement]:
        yield from self._shared("launchpermission")

    def _shared(self, key: str) -> Iterator[Statement]:
        target = self._main()
        permission = self._request.get(key)
        if not isinstance(permission, dict):
            yield from self._set(target)
            return
        for word, operation in (("add", Operation.ADD), ("remove", Operation.REMOVE)):
            for each in _items(permission.get(word)):
                who = next(iter(each.values()), None) if isinstance(each, dict) else each
                if isinstance(who, str):
                    yield self._state(target, "shared with", operation, text_of(who))

    def _rds_modifydbsnapshotattribute(self) -> Iterator[Statement]:
        yield from self._rds_shared()

    def _rds_modifydbclustersnapshotattribute(self) -> Iterator[Statement]:
        yield from self._rds_shared()

    def _rds_shared(self) -> Iterator[Statement]:
        target = self._main()
        for word, operation in (("valuestoadd", Operation.ADD), ("valuestoremove", Operation.REMOVE)):
            for each in _items(self._request.get(word)):
                yield self._state(target, "shared with", operation, text_of(each))

    def _ec2_createtags(self) -> Iterator[Statement]:
        tags = {
            each.get("key"): each.get("value")
            for each in _items(self._request.get("tagset"))
            if isinstance(each, dict)
        }
        for each in self._resources:
            for key, value in tags.items():
                yield self._state(
                    Target(self._key(each), each.name), f"tag {key}", Operation.SET, text_of(value)
                )

    def _ec2_createroute(self) -> Iterator[Statement]:
        yield self._value(self._main(), f"route {self._destination()}", self._request)

    def _ec2_deleteroute(self) -> Iterator[Statement]:
        yield self._state(self._main(), f"route {self._destination()}", Operation.CLEAR)

    def _destination(self) -> str:
        return str(next((value for key, value in self._request.items() if key.startswith("destination")), ""))

    def _ec2_runinstances(self) -> Iterator[Statement]:
        made = [each for each in self._resources if each.type == "ec2:instance"]
        for each in made:
            target = Target(self._key(each), each.name)
            yield self._state(target, "", Operation.CREATE)
            for statement in self._set(target):
                if statement.field not in ("instancesset", "mincount", "maxcount"):
                    yield statement


def _may_be_policy(value: Any) -> bool:
    return (isinstance(value, dict) and any(key in value for key in ("Statement", "statement"))) or (
        isinstance(value, str) and '"Statement"' in value
    )


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except msgspec.DecodeError:
        return text


def _items(value: Any) -> list[Any]:
    """Return the elements of a list, also as EC2 writes one (``{"items": […]}``)."""
    if isinstance(value, dict):
        value = value.get("items", value.get("item", value))
    if value is None or value == "" or value == {}:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    """Take off the lists that EC2 wraps in an object."""
    if isinstance(value, dict) and set(value) == {"items"}:
        return value["items"]
    return value


def _names_only(value: dict[str, Any], names: set[str]) -> bool:
    return all(
        isinstance(each, dict) and all(isinstance(one, str) and one in names for one in each.values())
        for each in _items(value)
    )
