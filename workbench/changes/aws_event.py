"""One CloudTrail event as the rules of changes ask it: its parameters, its resources, the statements they make."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from workbench.changes.aws_tables import NO_CONTENT, RENAMED, SHAPES
from workbench.changes.keys import aws_key, is_native_id, resource_key
from workbench.changes.policy import document_of
from workbench.changes.values import text_of
from workbench.model.change import Operation, ResourceKey, Shape, Statement
from workbench.model.event import Act, Place, Resource, ResourceRole

HIDDEN = frozenset({"HIDDEN_DUE_TO_SECURITY_REASONS", "***"})
WITHHELD = "the log withholds the value"
VALUE_ABSENT = "the record holds no value"

_TELLING_STATES = frozenset({"startinstances", "stopinstances", "terminateinstances"})

_OWN = (ResourceRole.TARGET, ResourceRole.SECRET)


class Target(msgspec.Struct, frozen=True):
    """The resource that statements are about."""

    key: ResourceKey
    title: str


def unwrapped(value: Any) -> dict[str, Any]:
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


class EventReader:
    """Reads one event."""

    def __init__(
        self,
        act: Act,
        request: dict[str, Any],
        answer: Callable[[], object],
        resources: Sequence[Resource],
        place: Place,
    ) -> None:
        self.act = act
        self.action = act.action.lower()
        self.request = request
        self._answer = answer
        self.resources = resources
        self.place = place

    @functools.cached_property
    def response(self) -> dict[str, Any]:
        """The answer's parameters, keys in lower case."""
        return unwrapped(self._answer())

    # What a statement is made of

    def state(
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
        """Return a statement about a field of a resource."""
        if operation in (Operation.ADD, Operation.REMOVE):
            shape = Shape.SET
        return Statement(target.key, target.title, field, operation, shape, after, before, empty, remark)

    def value(self, target: Target, field: str, value: Any) -> Statement:
        """Return the statement that a field was set to a value of the request."""
        if value is None:
            return self.state(target, field, Operation.SET, remark=VALUE_ABSENT)
        if isinstance(value, str) and value in HIDDEN:
            return self.state(target, field, Operation.SET, remark=WITHHELD)
        shape = SHAPES.get(field, Shape.JSON)
        policy = document_of(value) if shape is Shape.POLICY or _may_be_policy(value) else None
        if policy is not None:
            return self.state(target, field, Operation.SET, text_of(policy), shape=Shape.POLICY)
        if shape is Shape.POLICY:
            shape = Shape.JSON
        return self.state(target, field, Operation.SET, text_of(value), shape=shape)

    # Which resource

    def named(self, kind: str, holder: str) -> Target | None:
        """Return the resource of a kind that a parameter names, by the fullest name that the event has for it.

        ``None`` if the event names none: requests that were turned down are often not in the record.
        """
        name = self.request.get(holder) if holder else None
        key = None
        if isinstance(name, str) and name:
            key = aws_key(kind, name, self.place.account, self.place.region)
            for each in self.resources:
                if each.name.startswith("arn:") and self.key(each)._replace(kind=kind) == key:
                    return Target(key, each.name)
            return Target(key, name)
        for each in self.resources:
            if each.type == kind:
                return Target(self.key(each)._replace(kind=kind), each.name)
        return None if holder else self.settings()

    def key(self, resource: Resource) -> ResourceKey:
        """Return the key of a resource of the event."""
        return resource_key("aws.cloudtrail", resource, self.place)

    def settings(self) -> Target:
        """Return what stands for the settings of a service in an account, where an event names nothing else."""
        account = self.place.account or ""
        kind = f"{self.act.service}:account settings"
        return Target(
            ResourceKey("aws", kind, account, account, self.place.region or ""), f"account {account}"
        )

    def main(self) -> Target:
        """Return the resource that the operation is about: the one it is named after, by its id or ARN if it has one."""
        if len(self.resources) == 1 and self.resources[0].role in _OWN:
            only = self.resources[0]
            return Target(self.key(only), only.name)
        best: tuple[tuple[bool, int, bool], Resource] | None = None
        for each in self.resources:
            if each.role not in _OWN:
                continue
            kind = each.type or ""
            noun = noun_of(kind)
            rank = (
                kind.startswith(self.act.service + ":"),
                len(noun) if noun and noun in self.action else 0,
                is_native_id(each.name) or each.name.startswith("arn:"),
            )
            if best is None or rank > best[0]:
                best = (rank, each)
        if best is None:
            grantees = [each for each in self.resources if each.role is ResourceRole.GRANTEE]
            if not grantees:
                return self.settings()
            return Target(self.key(grantees[0]), grantees[0].name)
        return Target(self.key(best[1]), best[1].name)

    def set_fields(self, target: Target) -> Iterator[Statement]:
        """Yield what every parameter that is no name of the resource sets, with what the answer says stood before."""
        names = {target.key.name, target.title}
        names |= {
            each.name
            for each in self.resources
            if target.key.name in each.name and self.key(each) == target.key
        }
        for key, value in self.request.items():
            if (
                key in NO_CONTENT
                or value in (None, "", {}, [])
                or (isinstance(value, str) and value in names)
            ):
                continue
            if key.endswith("set") and isinstance(value, dict) and _names_only(value, names):
                continue
            value = _plain(value)
            if self.act.service == "ec2" and isinstance(value, dict) and set(value) == {"value"}:
                value = value[
                    "value"
                ]  # Modify…Attribute wraps what RunInstances writes bare (EC2 API, AttributeValue)
            yield self.value(target, RENAMED.get((target.key.kind, key), key), value)
        yield from self.states_before()

    def alike(self, target: Target) -> list[Target]:
        """Return all resources of the kind of one that the event acted upon: several instances are terminated at once."""
        found = {target.key: target}
        for each in self.resources:
            key = self.key(each)
            if each.role in _OWN and key.kind == target.key.kind and is_native_id(each.name):
                found.setdefault(key, Target(key, each.name))
        return list(found.values())

    def states_before(self) -> Iterator[Statement]:
        """Yield the states before and after that an answer holds (EC2 API reference, InstanceStateChange)."""
        if self.action not in _TELLING_STATES:
            return
        instances = self.response.get("instancesset")
        items = instances.get("items") if isinstance(instances, dict) else None
        for each in items if isinstance(items, list) else ():
            if isinstance(each, dict) and isinstance(each.get("previousState"), dict):
                after, name = each.get("currentState") or {}, each.get("instanceId")
                if isinstance(name, str):
                    key = aws_key("ec2:instance", name, self.place.account, self.place.region)
                    before = text_of(each["previousState"].get("name"))
                    target = Target(key, name)
                    yield self.state(
                        target, "state", Operation.SET, text_of(after.get("name")), before=before
                    )


def noun_of(kind: str) -> str:
    """Return what a kind of resource is called in the names of operations: ``ec2:vpc-flow-log`` is ``vpcflowlog``."""
    return kind.partition(":")[2].replace("-", "").replace("_", "").lower()


def _may_be_policy(value: Any) -> bool:
    return (isinstance(value, dict) and any(key in value for key in ("Statement", "statement"))) or (
        isinstance(value, str) and '"Statement"' in value
    )


def decoded(text: str) -> Any:
    """Return the value of a JSON text, or the text if it is none."""
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except msgspec.DecodeError:
        return text


def items(value: Any) -> list[Any]:
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
        for each in items(value)
    )
