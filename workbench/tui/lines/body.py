"""What an entry of the journal holds, as lines for people: a line a value, a line a file that was added. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.text import visible
from workbench.tui.lines.document import Line
from workbench.tui.lines.event import field

LISTED = 1_000
"""Things of one list that are shown one by one."""

LONGEST = 2_000
"""Characters of a value that are shown."""

_DEEPEST = 6
"""How deep values are told apart; an entry of the workbench has no more than four."""

_REST = "`workbench journal --json` has all of it"


def body_lines(body: Mapping[str, Any], events: Mapping[str, int]) -> Iterator[Line]:
    """Yield what the body of an entry says.

    Args:
        body: The body; it may be of any shape, for whoever can write the file can make one up.
        events: How many events there are of each delivered file, by its SHA-256, as far as that is known.
    """
    for name, value in body.items():
        label = visible(name)
        if name == "files" and _are_files(value):
            yield field(label, f"{len(value):,}")
            for one in value[:LISTED]:
                yield _file(one, events)
        else:
            for text in _told(value, 0):
                for part in text.split("\n"):
                    yield field(label, visible(part))
                    label = ""
        if isinstance(value, list) and len(value) > LISTED:
            yield field("", (f"and {len(value) - LISTED:,} more: {_REST}", "warning"))


def _are_files(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("sha256"), str)
        for one in value
    )


def _file(one: Mapping[str, Any], events: Mapping[str, int]) -> Line:
    """Return the line of one delivered file: name, size, the start of its hash, and what came of it."""
    told = []
    size, contents = one.get("size"), one.get("contents")
    if isinstance(size, int):
        told.append(f"{size:,} bytes")
    told.append(f"SHA-256 {one['sha256'][:12]}…")
    if isinstance(contents, list) and len(contents) != 1:
        told.append(f"{len(contents):,} contents")
    if one["sha256"] in events:
        told.append(f"{events[one['sha256']]:,} events")
    return field("", visible(one["name"]), (f"   {visible('   '.join(told))}", "muted"))


def _told(value: object, depth: int) -> Iterator[str]:
    """Yield the texts of a value; what lies inside others is named by its way."""
    if depth < _DEEPEST and isinstance(value, Mapping) and value:
        for name, inner in value.items():
            plain = not isinstance(inner, (Mapping, list)) or not inner
            for text in _told(inner, depth + 1):
                yield f"{name}: {text}" if plain or _is_flat(inner) else f"{name}.{text}"
    elif depth < _DEEPEST and isinstance(value, list) and value:
        if _is_flat(value):
            yield _short(", ".join(map(_word, value[:LISTED])))
        else:
            for number, inner in enumerate(value[:LISTED], 1):
                for text in _told(inner, depth + 1):
                    yield f"{number}.{text}"
    else:
        yield _short(_word(value))


def _is_flat(value: object) -> bool:
    return isinstance(value, list) and not any(isinstance(one, (Mapping, list)) for one in value)


def _word(value: object) -> str:
    if value is None or (isinstance(value, Sequence | Mapping) and not value):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters; {_REST})"
