"""Journal entries for people: number, time, who, what, and the details in short; of what somebody said a line a field.

Hashes are shortened, and the codes of rules are followed by what they mean: ``--json`` has every byte.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.casework.report_text import details_text
from workbench.claims.verdict import MEANINGS
from workbench.journal.entry import EntryKind
from workbench.text import visible

_WIDTH = 110

_INDENT = 7

_LABEL = 20
"""Cells of the names of fields; a longer one pushes its value on."""

_SHOWN = 6
"""Things of one list that are shown."""

_SAID: dict[str, str] = {
    EntryKind.TAG_COMMITTED: "tag",
    EntryKind.FINDING_COMMITTED: "finding",
    EntryKind.NOTE_WRITTEN: "note",
    EntryKind.CUSTODY_RECORDED: "custody",
}
"""Entries whose body holds something that a person said, and under which name."""

_HASH = re.compile(r"[0-9a-f]{64}")

_CODED = ("overrode", "effect")
"""Fields that hold codes; what looks like one elsewhere is its author's words."""

_CODE = re.compile(r"([A-Z][0-9NX])(: |\Z)")


def journal_lines(entry: bytes) -> Iterator[str]:
    """Yield the lines of a journal entry: a single one unless it holds a tag, a finding, a note or a step of custody.

    Args:
        entry: Its bytes; those of a damaged file may be anything.
    """
    try:
        told = json.loads(entry)
        head = f"{told['seq']:>5}  {told['time']}  {told['actor']}  {told['kind']}"
        body, kind = dict(told["body"]), str(told["kind"])
    except (ValueError, KeyError, TypeError):
        yield visible(f"    ?  these bytes are no entry: {entry[:100]!r}")
        return
    said = body.pop(_SAID.get(kind, ""), None)
    if not isinstance(said, dict):
        yield visible(f"{head}  {details_text(dict(told['body']))}")
        return
    yield visible(head)
    for fields in (said, body):
        for label, text in _fields(fields, ""):
            yield from _wrapped(label, text)


def _wrapped(label: str, text: str) -> Iterator[str]:
    for part in text.split("\n"):
        yield from textwrap.wrap(
            visible(part),
            _WIDTH,
            initial_indent=f"{'':{_INDENT}}{visible(label):{_LABEL}} ",
            subsequent_indent=" " * (_INDENT + _LABEL + 1),
            break_on_hyphens=False,
        )
        label = ""


def _fields(body: Mapping[str, Any], of: str) -> Iterator[tuple[str, str]]:
    """Yield each field with its name; those of a part are named after it, and what is empty is left out."""
    for key, value in body.items():
        label = f"{of}{key}".replace("_", " ")
        if value in ({}, [], None, ""):
            continue
        if _HASH.fullmatch(key):
            yield of.strip(), f"{key[:8]}… {_one(value, key)}"
        elif isinstance(value, dict):
            yield from _fields(value, f"{label} ")
        elif isinstance(value, list):
            shown = value[:_SHOWN] if len(value) > _SHOWN + 1 else value
            for number, each in enumerate(shown):
                yield "" if number else label, _one(each, key)
            if len(shown) < len(value):
                yield "", f"and {len(value) - len(shown):,} more (--json has all)"
        else:
            yield label, _one(value, key)


def _one(value: object, key: str) -> str:
    """Return one value of a field in words: of something cited what it is and what it says, of a code what it means."""
    if isinstance(value, dict):
        if "ref" in value:
            told = [value.get(name) for name in ("kind", "ref", "strength", "rule", "grade", "says")]
            return _HASH.sub(lambda found: found[0][:8], "  ".join(str(each) for each in told if each))
        return str(value["text"]) if "text" in value else details_text(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " and ".join(map(str, value)) if isinstance(value, list) else str(value)
    code = _CODE.match(text) if key in _CODED else None
    if code is not None and code[1] in MEANINGS:
        text = f"{code[1]} ({MEANINGS[code[1]]}){text[len(code[1]) :]}"
    return text if len(text) <= 1000 else f"{text[:997]}…"
