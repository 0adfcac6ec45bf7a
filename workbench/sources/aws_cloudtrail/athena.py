"""The text in which Athena and CloudTrail Lake write a nested value into a CSV cell.

A struct reads ``{type=AssumedRole, arn=arn:aws:sts::1:assumed-role/r/s, sessioncontext={attributes={…}}}``
and an array ``[{…}, {…}]``. Nothing is quoted, so a value may hold commas and equal signs (a role session
name may): a comma ends a value only where a space and the next field name follow.
"""

from __future__ import annotations

import re

_FIELD = re.compile(r"\s*([A-Za-z_][\w.-]{0,127})=", re.ASCII)
_END = re.compile(r"[{}\[\]]|, (?=[A-Za-z_][\w.-]{0,127}=)|, (?=[{\[])", re.ASCII)
_DEEPEST = 20


class _MalformedError(Exception):
    pass


def read_struct(text: str) -> dict[str, object] | list[object] | None:
    """Read a struct or an array of structs.

    Returns:
        The value with all leaves as text and the text ``null`` as ``None``; ``None`` if the text is
        something else.
    """
    stripped = text.strip()
    if not stripped.startswith(("{", "[")):
        return None
    try:
        value, end = _value(stripped, 0, 0)
    except _MalformedError:
        return None
    return value if end == len(stripped) and isinstance(value, dict | list) else None


def _value(text: str, at: int, depth: int) -> tuple[object, int]:
    if depth > _DEEPEST:
        raise _MalformedError
    if text.startswith("{", at):
        return _struct(text, at + 1, depth)
    if text.startswith("[", at):
        return _array(text, at + 1, depth)
    match = _END.search(text, at)
    if match is None or match[0] in "{[":
        raise _MalformedError
    leaf = text[at : match.start()].strip()
    return (None if leaf in ("", "null") else leaf), match.start()


def _struct(text: str, at: int, depth: int) -> tuple[dict[str, object], int]:
    fields: dict[str, object] = {}
    while not text.startswith("}", at):
        match = _FIELD.match(text, at)
        if match is None:
            raise _MalformedError
        fields[match[1]], at = _value(text, match.end(), depth + 1)
        at = _after_comma(text, at, "}")
    return fields, at + 1


def _array(text: str, at: int, depth: int) -> tuple[list[object], int]:
    items: list[object] = []
    while not text.startswith("]", at):
        item, at = _value(text, at, depth + 1)
        items.append(item)
        at = _after_comma(text, at, "]")
    return items, at + 1


def _after_comma(text: str, at: int, closing: str) -> int:
    if text.startswith(", ", at):
        return at + 2
    if text.startswith(closing, at):
        return at
    raise _MalformedError
