"""Values of fields as JSON text: one text for one value, so that equal values are equal texts."""

from __future__ import annotations

from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def text_of(value: Any) -> str:
    """Return a value as canonical JSON text; what JSON cannot hold is written as its description."""
    try:
        return orjson.dumps(value, option=_OPTIONS).decode()
    except (TypeError, ValueError):
        return orjson.dumps(repr(value)[:1_000]).decode()


def value_of(text: str) -> Any:
    """Return the value of a JSON text; a text that is none stands for itself (it was cut when it was stored)."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def canonical(text: str) -> str:
    """Return JSON text in the one form in which equal values are equal."""
    return text_of(value_of(text))


def members_of(text: str | None) -> list[str]:
    """Return the members of a value that is compared as a set, each as JSON text, in their canonical order."""
    if text is None:
        return []
    value = value_of(text)
    listed = value if isinstance(value, list) else [value]
    return sorted({text_of(each) for each in listed if each is not None})


def set_text(members: list[str]) -> str:
    """Return a set of members as JSON text."""
    return text_of([value_of(each) for each in sorted(set(members))])
