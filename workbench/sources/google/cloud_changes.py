"""What an entry of Google Cloud's audit log itself says about before and after.

- ``policyDelta.bindingDeltas`` says which member of which role was added or removed, not what the policy was: each becomes a
  change of ``bindingDeltas/ROLE`` to the member, or from it; the other side is not stated. ``auditConfigDeltas`` likewise.
- Without a delta, the bindings that the answer (or else the request) holds are the whole policy afterwards.
- ``resourceOriginalState`` holds the old values of what changed (AuditLog reference).
- A request with an ``updateMask`` names the fields that it sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workbench.model.event import Resource, ResourceRole, StatedChange
from workbench.sources import parts
from workbench.sources.document import Document, member
from workbench.sources.google.cloud_entry import MOST, Entry

_MOST_NAMES = 100
_MOST_BODIES = 8
_MOST_KEYS = 256
"""Names in a mask, objects in a request and keys of one of them, beyond which no request of an API goes."""

_TOO_MANY = f"only the first {MOST} changes are listed"

_METADATA_DELTAS = ("instanceMetadataDelta", "projectMetadataDelta")
_METADATA_KEYS: tuple[tuple[str, str | None, str | None], ...] = (
    ("addedMetadataKeys", None, None),
    ("modifiedMetadataKeys", None, None),
    ("deletedMetadataKeys", None, None),
)
SSH_KEYS = frozenset({"metadata.ssh-keys", "metadata.sshKeys", "metadata.block-project-ssh-keys"})
"""Changes of metadata that let somebody in."""


class Policy(NamedTuple):
    """What was granted and taken away.

    Attributes:
        changes: The deltas, as changes.
        grantees: Who was granted something.
        audit: Whether what is logged was changed.
    """

    changes: tuple[StatedChange, ...] = ()
    grantees: tuple[Resource, ...] = ()
    audit: bool = False


_NO_POLICY = Policy()


def policy_of(entry: Entry, *, told: bool) -> Policy:
    """Return the changes of an IAM policy.

    Args:
        entry: The entry.
        told: Whether the entry says how the act ended. If not, what the request asked for is neither a change nor an attempt.
    """
    delta = (
        entry.service_data.within("policyDelta")
        if entry.service_data.data
        else entry.metadata.within("policyDelta")
    )
    bindings = [Document(each) for each in delta.objects_at("bindingDeltas")[:MOST]]
    audits = [Document(each) for each in delta.objects_at("auditConfigDeltas")[:MOST]]
    changes = [change for each in bindings if (change := _binding(each)) is not None]
    changes += [change for each in audits if (change := _audit(each)) is not None]
    grantees = [each.text("member") for each in bindings if not _removes(each)]
    if not changes:
        whole = entry.response.value("bindings") or (entry.request.value("policy.bindings") if told else None)
        if isinstance(whole, list) and whole:
            changes.append(StatedChange("bindings", after=parts.json_text(whole)))
    # An invitation to a project names whom it is for.
    grantees.append(entry.request.text("member"))
    found = {name: Resource("iam:member", name, ResourceRole.GRANTEE) for name in grantees if name}
    return Policy(tuple(changes), tuple(found.values()), bool(audits)) if changes or found else _NO_POLICY


def _removes(delta: Document) -> bool:
    return (delta.text("action") or "").upper() in ("REMOVE", "2")


def _binding(delta: Document) -> StatedChange | None:
    name, role = delta.text("member"), delta.text("role")
    if name is None or role is None:
        return None
    condition = delta.value("condition")
    value = parts.json_text(name if condition is None else {"condition": condition, "member": name})
    before, after = (value, None) if _removes(delta) else (None, value)
    return StatedChange(f"bindingDeltas/{role}", before, after)


def _audit(delta: Document) -> StatedChange | None:
    service, kind = delta.text("service"), delta.text("logType")
    if service is None and kind is None:
        return None
    exempted = delta.text("exemptedMember")
    value = parts.json_text(exempted or kind or service)
    before, after = (value, None) if _removes(delta) else (None, value)
    return StatedChange("/".join(filter(None, ("auditConfigDeltas", service))), before, after)


def metadata_keys(entry: Entry) -> tuple[StatedChange, ...]:
    """Return the keys of an instance's or project's metadata that were set or deleted; the log leaves out the values."""
    found: list[StatedChange] = []
    for name in _METADATA_DELTAS if entry.metadata.data else ():
        delta = entry.metadata.within(name)
        for kind, before, after in _METADATA_KEYS if delta.data else ():
            found += [StatedChange(f"metadata.{key}", before, after) for key in delta.texts_at(kind)[:MOST]]
    return tuple(found)


def changes_of(entry: Entry, *, told: bool) -> tuple[StatedChange, ...]:
    """Return what the entry states beside policy and metadata: permissions of a role, original state, masked fields.

    Args:
        entry: The entry.
        told: Whether the entry says how the act ended. If not, what the request asked for is neither a change nor an attempt.
    """
    found: list[StatedChange] = []
    if entry.service_data.data:
        permissions = entry.service_data.within("permissionDelta")
        added, removed = permissions.value("addedPermissions"), permissions.value("removedPermissions")
        if added is not None:
            found.append(StatedChange("addedPermissions", after=parts.json_text(added)))
        if removed is not None:
            found.append(StatedChange("removedPermissions", before=parts.json_text(removed)))
    if entry.service == "dns" and entry.response.data:
        zone = entry.response.within("operation.zoneContext")
        before, after = parts.json_text(zone.value("oldValue")), parts.json_text(zone.value("newValue"))
        if before or after:
            found.append(StatedChange("zoneContext", before, after))
    after_of = dict(_masked(entry.request)) if told and entry.request.data else {}
    for key, value in entry.payload.object_at("resourceOriginalState").items():
        if key not in ("@type", "at_sign_type"):
            found.append(StatedChange(key, parts.stated(value), after_of.pop(key, None)))
        if len(found) > MOST:
            entry.fields.odd[_TOO_MANY] = None
            break
    found += [StatedChange(name, after=after) for name, after in after_of.items()]
    return tuple(found[:MOST])


def _masked(request: Document) -> Iterator[tuple[str, str]]:
    """Yield the fields that a request's mask names, with the values that the request gives them (Google AIP-134)."""
    mask = request.value("updateMask", "update_mask")
    if isinstance(mask, dict):
        mask = member(mask, "paths")
    names = mask.split(",") if isinstance(mask, str) else mask if isinstance(mask, list) else []
    bodies = [value for value in request.data.values() if isinstance(value, dict) and value is not mask][
        :_MOST_BODIES
    ]
    for name in names[:_MOST_NAMES]:
        if not isinstance(name, str) or not name.strip() or name.strip() == "*":
            continue
        path = name.strip()
        value = next((found for body in bodies if (found := _at(body, path)) is not None), None)
        text = parts.json_text(value)
        if text is not None:
            yield path, text


def _at(body: dict[str, object], path: str) -> object:
    value: object = body
    for step in path.split("."):
        if isinstance(value, dict) and len(value) > _MOST_KEYS:
            return value.get(path)
        value = member(value, step)
    return value
