"""Who was given access to a thing, and by which link, in words that are the same for all sources that tell of it.

- SharePoint: each link is a field of the item, and so is the access of each user, by each link. A record of what ends holds no
  value: it was taken away.
- Google Workspace: the access of each user to a calendar or a file is a field; the level ``none`` is the record's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.changes.values import canonical, text_of, value_of
from workbench.model.change import Operation, ResourceKey, Statement
from workbench.model.event import Act, StatedChange

ACCESS = "access of "
"""How the field begins that says how far somebody's access goes."""

NO_LEVEL = "the log does not say how far the access goes"

_LINKS = {"anonymous": "anyone", "company": "organisation", "secure": "named people", "sharing": None}
"""Whom a link serves by the name of its operations; ``SharingLinkCreated`` and its like do not say."""

_SCOPES = {"anonymous": "anyone", "organization": "organisation", "users": "named people"}
"""The same by ``SharingLinkScope``."""

_GIVEN = frozenset({"addedtosecurelink", "addedtosharinglink", "sharingset"})
_TAKEN = frozenset({"removedfromsecurelink", "removedfromsharinglink", "sharingrevoked"})
_LEVELS = ("Permission", "Type", "Permissions granted")
_WORKSPACE = frozenset({"access_level", "change_user_access"})


def shares(
    source: str, act: Act, key: ResourceKey, title: str, each: StatedChange
) -> Iterator[Statement] | None:
    """Return what a stated change says about access that somebody has; ``None`` if it is about something else."""
    head, slash, rest = each.field.partition("/")
    if not slash:
        return None
    if source == "workspace.activity" and head in _WORKSPACE:
        before = None if each.before is None else canonical(each.before)
        return iter((_access(key, title, f"{ACCESS}{rest}", each.after, before),))
    if source == "m365.ual" and head == act.action:
        told = value_of(each.after) if each.after is not None else None
        return _in_sharepoint(key, title, head.casefold(), rest, told if isinstance(told, dict) else {})
    return None


def _in_sharepoint(
    key: ResourceKey, title: str, operation: str, rest: str, told: dict[str, Any]
) -> Iterator[Statement] | None:
    level = next((told[name] for name in _LEVELS if name in told), None)
    number, _, who = rest.partition("/")
    if operation in _GIVEN or operation in _TAKEN:
        field = f"{ACCESS}{who} by link {number}" if number else f"{ACCESS}{who}"
        if operation in _TAKEN:
            return iter((Statement(key, title, field, Operation.CLEAR),))
        return iter((_access(key, title, field, None if level is None else text_of(level)),))
    kind, link, done = operation.partition("link")
    if not link or kind not in _LINKS:
        return None
    field = f"sharing link {number}" if number else "sharing link"
    if done in ("removed", "deleted"):
        return iter((Statement(key, title, field, Operation.CLEAR),))
    return iter((_link(key, title, field, _LINKS[kind], level, told.get("SharingLinkScope")),))


def _access(
    key: ResourceKey, title: str, field: str, after: str | None, before: str | None = None
) -> Statement:
    level = None if after is None else canonical(after)
    remark = NO_LEVEL if level is None else None
    return Statement(key, title, field, Operation.SET, after=level, before=before, remark=remark)


def _link(key: ResourceKey, title: str, field: str, scope: str | None, level: Any, written: Any) -> Statement:
    if written is not None:
        scope = _SCOPES.get(str(written).casefold(), str(written))
    value = {name: told for name, told in (("access", level), ("for", scope)) if told is not None}
    remark = NO_LEVEL if level is None else None
    return Statement(key, title, field, Operation.SET, after=text_of(value) if value else None, remark=remark)
