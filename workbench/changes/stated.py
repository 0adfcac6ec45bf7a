"""Changes from what readers already took out of the records: old and new values, deltas, bodies of requests.

Readers repeat what a record says; what its words mean for a field is decided here, by source:

- Google Cloud's ``bindingDeltas`` and ``auditConfigDeltas`` add or remove one member; ``bindings`` is the whole policy.
- Entra and Microsoft 365 write sets as lists in any order, and null for the old value also where there was one.
- Kubernetes' patches name fields by JSON pointers; subjects and rules of roles are sets.
- What makes or ends an object (:mod:`workbench.changes.whole`) is told from what puts a part on it or takes one off it
  (:mod:`workbench.changes.relations`).
- A value that only the old side has was taken away, where the source writes removals so (OpenAI, GitLab).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.changes.keys import resource_key
from workbench.changes.policy import document_of
from workbench.changes.relations import related, relates
from workbench.changes.shares import shares
from workbench.changes.values import canonical, members_of, text_of, value_of
from workbench.changes.whole import RESTORED, Whole, main_of, makes_or_ends, part_of, whole
from workbench.model.change import Operation, ResourceKey, Shape, Statement
from workbench.model.event import Act, Place, Resource, StatedChange

_SETS = ("microsoft", "entra.", "m365.")
_SET_FIELDS = frozenset(
    {"/subjects", "/rules", "/secrets", "/imagePullSecrets", "members", "scopes", "permissions"}
)
_REMOVALS = ("openai.", "gitlab.", "anthropic.")
MADE = "an object was made; the record does not name it"
ENDED = "objects were deleted; the record does not name them"

TAKEN = "the record names the act and not what it changed: "

_SWITCHES = {"deactivate": "false", "activate": "true"}
"""Last words of Okta's acts that put an object out of use and into it again (``user.lifecycle.deactivate``)."""


def states_by_itself(source: str, act: Act) -> bool:
    """Whether an act says by its name and what it acts upon what was changed, so that its record is looked into."""
    return makes_or_ends(source, act) or relates(source, act)


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
    about_all = whole(source, act, resources)
    if about_all is not None:
        found.append(_of_whole(source, about_all, place))
    parts = related(source, act, resources, place, stated)
    found += parts.statements
    for each in stated:
        if parts.told and each.field.casefold().startswith(parts.told):
            continue
        about = _about(source, resources, place, each, main)
        found += shares(source, act, *about, each) or _statements(source, *about, each)
    if not found and main is not None and makes_or_ends(source, act):
        found += _of_part(source, act, *main)
    return found


def _of_whole(source: str, about: Whole, place: Place) -> Statement:
    key, title = resource_key(source, about.resource, place), about.resource.name
    if source == "k8s.audit" and "/" not in title:
        remark = MADE if about.operation is Operation.CREATE else ENDED
        return Statement(key, title, "objects", Operation.SET, remark=remark)
    if about.operation is Operation.SET:
        return Statement(key, title, "", Operation.SET, after="true", remark=RESTORED)
    return Statement(key, title, "", about.operation)


def _of_part(source: str, act: Act, key: ResourceKey, title: str) -> Iterator[Statement]:
    """Yield what an act put on or took off an object, as far as its name says so: the object itself stays."""
    kind, _, done = act.action.lower().partition(".lifecycle.")
    if source == "okta.system" and done in _SWITCHES:
        field = "accountEnabled" if kind == "user" else "enabled"
        yield Statement(key, title, field, Operation.SET, after=_SWITCHES[done])
        return
    what = part_of(source, act)
    if what is not None:
        yield Statement(key, title, what, Operation.SET, remark=f"{TAKEN}{act.action}")


def _main(source: str, resources: Sequence[Resource], place: Place) -> tuple[ResourceKey, str] | None:
    each = main_of(resources)
    return None if each is None else (resource_key(source, each, place), each.name)


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
