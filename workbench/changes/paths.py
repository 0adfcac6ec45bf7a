"""Differences of two JSON values by path, complete enough to make the second out of the first again."""

from __future__ import annotations

import copy
import difflib
from typing import Any, NamedTuple

from workbench.changes.values import text_of

MOST_EDITS = 2_000
"""Edits of one difference; what differs more is one edit of the whole."""

_LONGEST_LIST = 2_000
"""Elements of the longest list that is compared element by element."""

Step = str | int
Path = tuple[Step, ...]

_ABSENT = object()


class Edit(NamedTuple):
    """One difference.

    Attributes:
        sign: ``+`` added, ``-`` removed, ``~`` changed.
        path: Where. The number of an element that was removed counts in the old list, of others in the new one.
        before: The old value; ``None`` if added.
        after: The new value; ``None`` if removed.
    """

    sign: str
    path: Path
    before: Any
    after: Any


def compared(before: Any, after: Any) -> list[Edit]:
    """Return what makes ``after`` out of ``before``."""
    found: list[Edit] = []
    _compare(before, after, (), found)
    return found if len(found) <= MOST_EDITS else [Edit("~", (), before, after)]


def _compare(before: Any, after: Any, path: Path, found: list[Edit]) -> None:
    # True is 1 and 1.0 is 1 for Python, and neither for JSON.
    if text_of(before) == text_of(after) or len(found) > MOST_EDITS:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            old, new = before.get(key, _ABSENT), after.get(key, _ABSENT)
            if new is _ABSENT:
                found.append(Edit("-", (*path, key), old, None))
            elif old is _ABSENT:
                found.append(Edit("+", (*path, key), None, new))
            else:
                _compare(old, new, (*path, key), found)
    elif (
        isinstance(before, list) and isinstance(after, list) and max(len(before), len(after)) <= _LONGEST_LIST
    ):
        _compare_lists(before, after, path, found)
    else:
        found.append(Edit("~", path, before, after))


def _compare_lists(before: list[Any], after: list[Any], path: Path, found: list[Edit]) -> None:
    if len(before) == len(after) and all(
        isinstance(old, dict) and isinstance(new, dict) for old, new in zip(before, after, strict=True)
    ):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            _compare(old, new, (*path, index), found)
        return
    matcher = difflib.SequenceMatcher(
        None, [text_of(each) for each in before], [text_of(each) for each in after], autojunk=False
    )
    for kind, low, high, new_low, new_high in matcher.get_opcodes():
        if kind in ("delete", "replace"):
            found += [Edit("-", (*path, index), before[index], None) for index in range(low, high)]
        if kind in ("insert", "replace"):
            found += [Edit("+", (*path, index), None, after[index]) for index in range(new_low, new_high)]


def applied(before: Any, edits: list[Edit]) -> Any:
    """Return what a value becomes by the edits of a difference that :func:`compared` made for it."""
    value = copy.deepcopy(before)
    # Elements are taken out from the back, while the old numbers hold, and put in from the front.
    for edit in sorted(
        (each for each in edits if each.sign == "-"), key=lambda each: _position(each.path), reverse=True
    ):
        parent = _parent(value, edit.path)
        del parent[edit.path[-1]]
    for edit in edits:
        if edit.sign == "-":
            continue
        if not edit.path:
            return copy.deepcopy(edit.after)
        parent = _parent(value, edit.path)
        if edit.sign == "+" and isinstance(parent, list):
            parent.insert(int(edit.path[-1]), copy.deepcopy(edit.after))
        else:
            parent[edit.path[-1]] = copy.deepcopy(edit.after)
    return value


def _position(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _parent(value: Any, path: Path) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer (RFC 6901); empty for the whole value."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
