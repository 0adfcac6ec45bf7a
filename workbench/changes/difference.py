"""The difference of the two sides of a change, in the way that fits what the field holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from workbench.changes.paths import compared, pointer
from workbench.changes.policy import Grant, Policy, document_of, in_words, joined, read_policy
from workbench.changes.values import members_of, text_of, value_of
from workbench.model.change import Basis, Change, Operation, ResourceKey, Shape


class Line(NamedTuple):
    """One line of a difference.

    Attributes:
        sign: ``+`` added, ``-`` removed, ``~`` changed, a space for what stayed.
        path: Where in the field (JSON pointer), empty where the line says it.
        before: What stood there, as text for people; ``None`` if nothing.
        after: What stands there now.
    """

    sign: str
    path: str
    before: str | None
    after: str | None


def difference(change: Change) -> list[Line]:
    """Return the lines of a change, those that were taken away first.

    Where the old value is not known, what the new one holds is shown as changed to (``~``): whether it is new is not known.
    """
    if change.operation in (Operation.CREATE, Operation.DELETE):
        sign = "+" if change.operation is Operation.CREATE else "-"
        what = _kind(change.resource)
        return [Line(sign, "", what if sign == "-" else None, what if sign == "+" else None)]
    old_known = change.before_basis is not Basis.UNKNOWN
    new_known = change.after_basis is not Basis.UNKNOWN
    if change.operation in (Operation.ADD, Operation.REMOVE):
        return _member_lines(change)
    if change.shape is Shape.POLICY or _was_policy(change):
        lines = _policy_lines(change.before, change.after, old_known, new_known)
        if lines is not None:
            return lines
    if change.shape is Shape.SET:
        old, new = members_of(change.before), members_of(change.after)
        return _sets(old, new, old_known, new_known, _plain)
    return _path_lines(change, old_known, new_known)


def _kind(resource: ResourceKey) -> str:
    """Return the kind of a resource in words.

    Google Cloud records beside a name what the logs are grouped by (a project, for a key in it): there the name says the kind.
    """
    parts = resource.name.split("/")
    if resource.family != "gcp.audit" or len(parts) < 2:
        return resource.kind or "resource"
    collection = "objects" if "objects" in parts[:-1] else parts[-2]
    return f"{resource.kind.partition(':')[0]}:{collection}"


def _was_policy(change: Change) -> bool:
    """Whether a field that was taken away held a policy; the act itself does not say what it took."""
    cleared = change.operation is Operation.CLEAR and change.before is not None
    return cleared and document_of(value_of(change.before or "")) is not None


def _member_lines(change: Change) -> list[Line]:
    text = change.member
    if text is None:
        return []
    words = _member(text, change.shape)
    if change.operation is Operation.ADD:
        already = change.before is not None
        return [Line(" " if already else "+", "", words if already else None, words)]
    return [Line("-", "", words, None)]


def _member(text: str, shape: Shape) -> str:
    if shape is Shape.POLICY:
        policy = read_policy(text)
        if policy:
            return "; ".join(map(in_words, joined(policy)))
    return _plain(text)


def _plain(text: str) -> str:
    value = value_of(text)
    return value if isinstance(value, str) else text


def _policy_lines(
    before: str | None, after: str | None, old_known: bool, new_known: bool
) -> list[Line] | None:
    old, new = read_policy(before), read_policy(after)
    if old is None or new is None:
        return None
    return _sets(old, new, old_known, new_known, in_words, joined)


def policy_difference(before: Policy, after: Policy) -> tuple[list[Grant], list[Grant]]:
    """Return what one policy says that the other does not: taken away, granted."""
    return joined(before - after), joined(after - before)


def _sets(
    before: Iterable[Any],
    after: Iterable[Any],
    old_known: bool,
    new_known: bool,
    words: Any,
    join: Any = sorted,
) -> list[Line]:
    old, new = set(before), set(after)
    if not old_known:
        return [Line("~", "", None, words(each)) for each in join(new)]
    if not new_known:
        return [Line("~", "", words(each), None) for each in join(old)]
    gone = [Line("-", "", words(each), None) for each in join(old - new)]
    stayed = [Line(" ", "", words(each), words(each)) for each in join(old & new)]
    return gone + stayed + [Line("+", "", None, words(each)) for each in join(new - old)]


def _path_lines(change: Change, old_known: bool, new_known: bool) -> list[Line]:
    old = None if change.before is None else value_of(change.before)
    new = None if change.after is None else value_of(change.after)
    if change.before is not None and change.after is not None:
        return [
            Line(
                each.sign,
                pointer(each.path),
                None if each.sign == "+" else _shown(each.before),
                None if each.sign == "-" else _shown(each.after),
            )
            for each in compared(old, new)
        ]
    before = None if change.before is None else _shown(old)
    after = None if change.after is None else _shown(new)
    if not old_known or not new_known:
        return [Line("~", "", before, after)] if before is not None or after is not None else []
    if before is None and after is None:
        return []
    return [Line("+" if before is None else "-", "", before, after)]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else text_of(value)
