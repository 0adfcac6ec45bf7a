"""Editing the text of a filter: its time part, and completion of field names and choices. No widgets."""

from __future__ import annotations

import re

from workbench.search.fields import FIELDS, FieldKind, find

_TIME_PART = re.compile(r"^(?P<rest>.*?)\s*(?:\bAND\s+)?time:\[[^\[\]\"]*\]\s*$", re.DOTALL)
_LITERAL = re.compile(r'"(?:\\.|[^"\\])*"|\\.', re.DOTALL)
_WORD = re.compile(r"(?:^|[\s(])[-!]?(?P<word>[A-Za-z_]*(?::[A-Za-z_]*)?)$")


def with_time_part(text: str, part: str) -> str:
    """Return the filter narrowed to a stretch of time: an earlier stretch at its end is replaced.

    Args:
        text: A filter.
        part: A condition such as ``time:[2023-07-10T11:42 TO 2023-07-10T11:45]``.
    """
    rest = without_time_part(text)
    if not rest:
        return part
    if _has_alternative(rest) and not _in_one_bracket(rest):
        rest = f"({rest})"
    return f"{rest} {part}"


def time_part(text: str) -> str | None:
    """Return the stretch of time that narrows the filter, as a condition, ``None`` if none does."""
    rest = without_time_part(text)
    if rest == text.strip():
        return None
    return text[text.rindex("time:[") :].strip()


def without_time_part(text: str) -> str:
    """Return the filter without the stretch of time at its end, if there is one."""
    match = _TIME_PART.match(text)
    rest = match["rest"].strip() if match else text.strip()
    if not match:
        return rest
    if _in_one_bracket(rest):
        return rest[1:-1].strip()
    if f" {rest}".endswith((" NOT", " OR", "-", "!")) or _has_alternative(rest):
        # The range is negated or belongs to one alternative: it is the person's own and no mere narrowing.
        return text.strip()
    return rest


def _has_alternative(text: str) -> bool:
    return re.search(r"\bOR\b", _bare(text)) is not None


def _in_one_bracket(text: str) -> bool:
    """Tell whether one pair of brackets holds the whole text."""
    bare = _bare(text)
    if not (bare.startswith("(") and bare.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(bare):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and place < len(bare) - 1:
            return False
    return depth == 0


def _bare(text: str) -> str:
    """Return the text with what is quoted or escaped blotted out, so that only the language's own signs are left."""
    return _LITERAL.sub(lambda match: "x" * len(match[0]), text)


def completion(text: str) -> str | None:
    """Return the filter with its last word completed to a field name or a choice, ``None`` if nothing fits."""
    match = _WORD.search(text)
    word = match["word"] if match else ""
    if not word:
        return None
    name, colon, value = word.partition(":")
    if not colon:
        for field in FIELDS:
            for known in field.names:
                if known.startswith(name.lower()):
                    return text[: len(text) - len(word)] + known + ":"
        return None
    chosen = find(name)
    if chosen is None or chosen.kind is not FieldKind.CHOICE:
        return None
    for choice in chosen.choices:
        if choice.startswith(value.lower()) and choice != value.lower():
            return text[: len(text) - len(value)] + choice
    return None


def condition(field: str, value: str) -> str:
    """Write the condition that a field has exactly a value."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{field}:"{escaped}"'
