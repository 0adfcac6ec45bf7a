"""Reading an entry back, strictly, and writing its canonical form (RFC 8785) with the standard library alone.

A second implementation beside the one that writes entries: a check that used the same code would share its faults. Entries
hold no fractions, so the rules of RFC 8785 for numbers come down to plain decimal digits.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

LARGEST = 2**53 - 1
"""The largest integer that every reader of JSON takes for the same (RFC 8785 section 3.1 by way of RFC 7493)."""


def parse(data: bytes) -> dict[str, Any]:
    """Read an entry.

    Raises:
        ValueError: If it is no JSON object, or not in its one canonical form; the message says in what.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused, parse_float=_refused
        )
        if not isinstance(value, dict):
            raise ValueError("it is not a JSON object")
        if canonical(value) != data:
            raise ValueError("it is not in canonical form")
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value made of objects, arrays, strings, integers, booleans and null.

    Raises:
        ValueError: If it holds anything else, an integer that others would round, or half of a surrogate pair.
    """
    return _text(value).encode("utf-8")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        # Keys are ordered by their UTF-16 code units (section 3.2.3), which differs from their code points.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) <= LARGEST:
        return str(value)
    raise ValueError(f"{str(value)[:40]} may not stand in an entry")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it names one thing twice")
    return found


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} may not stand in an entry")
