"""Changes from what readers already took out of the records: old and new values, deltas, bodies of requests.

Readers repeat what a record says; what its words mean for a field is decided here, by source:

- Google Cloud's ``bindingDeltas`` and ``auditConfigDeltas`` add or remove one member; ``bindings`` is the whole policy.
- Entra and Microsoft 365 write sets as lists in any order, and null for the old value also where there was one.
- Kubernetes' patches name fields by JSON pointers; subjects and rules of roles are sets.
- Who joins or leaves a group is named beside the group, not as a value.
- A value that only the old side has was taken away, where the source writes removals so (OpenAI, GitLab).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.changes.keys import resource_key
from workbench.changes.policy import document_of
from workbench.changes.shares import shares
from workbench.changes.values import canonical, members_of, text_of, value_of
from workbench.model.change import Operation, ResourceKey, Shape, Statement
from workbench.model.event import Act, Place, Resource, ResourceRole, StatedChange, Verb

_SETS = ("microsoft", "entra.", "m365.")
_SET_FIELDS = frozenset(
    {"/subjects", "/rules", "/secrets", "/imagePullSecrets", "members", "scopes", "permissions"}
)
_REMOVALS = ("openai.", "gitlab.", "anthropic.")
_WHOLE_OBJECTS = (
    "k8s.audit",
    "entra.audit",
    "azure.activity",
    "gcp.audit",
    "okta.system",
    "gitlab.audit",
    "vault.audit",
)
"""Sources of which creations and deletions of whole objects are taken as such where the record states no field."""


class _Membership(NamedTuple):
    """An act that puts somebody into a group or takes them out; the record names both as what it acts upon.

    Attributes:
        source: Whose act.
        ending: How its name ends, in lower case.
        operation: What it does.
        group: Kind of the group.
        member: Kind of the member.
    """

    source: str
    ending: str
    operation: Operation
    group: str
    member: str


_MEMBERSHIPS = tuple(
    _Membership(source, ending, operation, group, member)
    for source, joins, leaves, group, member in (
        ("okta.system", "group.user_membership.add", "group.user_membership.remove", "okta:usergroup", "okta:user"),
        ("gcp.audit", ".addgroupmember", ".removegroupmember", "workspace:group_email", "workspace:user_email"),
        ("workspace.activity", "add_group_member", "remove_group_member", "workspace:group", "workspace:user"),
        ("github.audit", "team.add_member", "team.remove_member", "github:team", "github:user"),
        ("github.audit", "org.add_member", "org.remove_member", "github:organization", "github:user"),
    )
    for operation, ending in ((Operation.ADD, joins), (Operation.REMOVE, leaves))
)  # fmt: skip
"""Sources: Okta event types; Workspace Admin SDK, group settings events; GitHub, organisation audit log events."""

MADE = "an object was made; the record does not name it"
ENDED = "objects were deleted; the record does not name them"

PASSING = frozenset({"leases", "events", "tokenreviews", "subjectaccessreviews", "selfsubjectaccessreviews"})
"""Kinds of Kubernetes objects that are no state: heartbeats, notices, questions."""


def makes_or_ends(source: str, act: Act) -> bool:
    """Whether an act creates or deletes a whole object, by its verb, so that its row says all that is known."""
    if source == "k8s.audit":
        done, _, what = act.action.partition(" ")
        return done in ("create", "delete") and what not in PASSING and "/" not in what
    return source in _WHOLE_OBJECTS and act.verb in (Verb.CREATE, Verb.DELETE)


def states_by_itself(source: str, act: Act) -> bool:
    """Whether an act says by its name and what it acts upon what was changed, so that its record is looked into."""
    return makes_or_ends(source, act) or _membership(source, act) is not None


def _membership(source: str, act: Act) -> _Membership | None:
    action = act.action.lower()
    return next(
        (each for each in _MEMBERSHIPS if each.source == source and action.endswith(each.ending)), None
    )


def _members(
    source: str, rule: _Membership, resources: Sequence[Resource], place: Place
) -> Iterator[Statement]:
    """Yield who was put into or taken out of a group; of several groups in one record it is not said who went where."""
    groups = [each for each in resources if each.type == rule.group]
    if len(groups) == 1:
        key = resource_key(source, groups[0], place)
        for each in resources:
            if each.type == rule.member:
                yield Statement(key, groups[0].name, "members", rule.operation, Shape.SET, text_of(each.name))


def _makes(source: str, act: Act) -> bool:
    return act.action.startswith("create ") if source == "k8s.audit" else act.verb is Verb.CREATE


def statements_of(
    source: str, act: Act, resources: Sequence[Resource], place: Place, stated: Sequence[StatedChange]
) -> list[Statement]:
    """Return what an event states about changes.

    Args:
        source: Name of the source.
        act: What was done.
        resources: What was acted upon.
        place: Where it was recorded.
        stated: What the reader took out of the record.
    """
    found: list[Statement] = []
    main = _main(source, resources, place)
    if main is not None and makes_or_ends(source, act):
        made = _makes(source, act)
        if source == "k8s.audit" and "/" not in main[0].name:
            found.append(Statement(*main, "objects", Operation.SET, remark=MADE if made else ENDED))
        else:
            found.append(Statement(*main, "", Operation.CREATE if made else Operation.DELETE))
    rule = _membership(source, act)
    if rule is not None:
        found += _members(source, rule, resources, place)
    for each in stated:
        about = _about(source, resources, place, each, main)
        found += shares(source, act, *about, each) or _statements(source, *about, each)
    return found


def _main(source: str, resources: Sequence[Resource], place: Place) -> tuple[ResourceKey, str] | None:
    for role in (ResourceRole.TARGET, ResourceRole.SECRET, ResourceRole.GRANTEE):
        for each in resources:
            if each.role is role:
                return resource_key(source, each, place), each.name
    return None


def _about(
    source: str,
    resources: Sequence[Resource],
    place: Place,
    stated: StatedChange,
    main: tuple[ResourceKey, str] | None,
) -> tuple[ResourceKey, str]:
    if stated.resource is not None:
        for each in resources:
            if each.name == stated.resource:
                return resource_key(source, each, place), each.name
        return resource_key(source, Resource(None, stated.resource), place), stated.resource
    if main is not None:
        return main
    account = place.account or place.tenant or ""
    return ResourceKey(
        source, "settings", account, account
    ), f"settings of {account}" if account else "settings"


def _statements(source: str, key: ResourceKey, title: str, each: StatedChange) -> Iterator[Statement]:
    field, before, after = each.field, each.before, each.after
    head, _, rest = field.partition("/")
    if source.startswith("gcp") and head in ("bindingDeltas", "auditConfigDeltas"):
        name = f"{'bindings' if head == 'bindingDeltas' else 'audit config'} {rest}".strip()
        for operation, value in ((Operation.REMOVE, before), (Operation.ADD, after)):
            if value is not None:
                yield Statement(key, title, name, operation, Shape.SET, canonical(value))
        return
    if field in ("addedPermissions", "removedPermissions"):
        operation = Operation.ADD if field == "addedPermissions" else Operation.REMOVE
        for member in members_of(after if after is not None else before):
            yield Statement(key, title, "permissions", operation, Shape.SET, member)
        return
    if source.startswith("gcp") and field == "bindings":
        yield from _bindings(key, title, after)
        return
    if after is None and before is not None and source.startswith(_REMOVALS):
        yield Statement(key, title, field, Operation.REMOVE, Shape.SET, canonical(before))
        return
    if after is None and before is None:
        yield Statement(key, title, field, Operation.SET, remark="the log names the field and no value")
        return
    shape = _shape(source, field, before, after)
    yield Statement(
        key,
        title,
        field,
        Operation.SET,
        shape,
        None if after is None else canonical(after),
        None if before is None else canonical(before),
        remark="the log does not state the new value" if after is None else None,
    )


def _bindings(key: ResourceKey, title: str, after: str | None) -> Iterator[Statement]:
    """Yield a whole policy of Google Cloud, role by role, as its deltas name them."""
    listed = value_of(after) if after is not None else []
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and isinstance(each.get("role"), str):
            condition = each.get("condition")
            members = [
                member if condition is None else {"condition": condition, "member": member}
                for member in each.get("members") or []
            ]
            yield Statement(
                key,
                title,
                f"bindings {each['role']}",
                Operation.SET,
                Shape.SET,
                text_of(sorted(members, key=text_of)),
            )


def _shape(source: str, field: str, before: str | None, after: str | None) -> Shape:
    values = [value_of(each) for each in (before, after) if each is not None]
    if any(document_of(each) is not None for each in values):
        return Shape.POLICY
    if source.startswith(_SETS) and any(isinstance(each, list) for each in values):
        return Shape.SET
    return Shape.SET if field in _SET_FIELDS else Shape.JSON
