"""Whether two records that claim the same id say the same thing.

Copies of one event arrive in different clothes: another order of keys, a SIEM's wrapper around it, lower-cased keys,
numbers as text. A record is therefore compared as the set of its *leaves*: (path in lower case, value as text), after
unwrapping, without nulls, empty containers and the fields that a wrapper added. Nothing else is forgiven.
"""

from __future__ import annotations

import hashlib

from workbench.evidence.csv_rows import row_values, shape_from_text
from workbench.evidence.decode import UndecodableError, duplicate_keys, loads
from workbench.evidence.encoding import to_utf8
from workbench.evidence.wrappers import unwrap
from workbench.sources.registry import native_form

Leaves = frozenset[tuple[str, str]]
"""Path and value of everything a record holds."""

_WRAPPER_KEYS = ("@timestamp", "@version", "@metadata")
_WRAPPER_PREFIXES = ("p_",)
"""Fields that Logstash (``@…``) and Panther (``p_…``) add at the top of a record."""


def is_part_of(leaves: Leaves, other: Leaves) -> bool:
    """Whether a record says nothing but what another one says."""
    return leaves <= other


def leaves_of_record(data: bytes, *, encoding: str, csv: str | None, part: int, source: str) -> Leaves:
    """Return the leaves of one event of a record.

    Args:
        data: The record as stored.
        encoding: Character encoding of its content.
        csv: For a row of a CSV file, the stored description of its columns.
        part: Which event of the record.
        source: Name of the reader that read it.
    """
    text = to_utf8(data, encoding)
    if not csv and duplicate_keys(text):
        # What a record says that gives a key twice depends on who reads it: it is a copy of its own bytes alone.
        return frozenset({("", hashlib.sha256(text).hexdigest())})
    try:
        native = _native(text, csv, part, source)
    except UndecodableError:  # a line of a text log
        return frozenset({("", text.decode("utf-8", "backslashreplace"))})
    leaves: set[tuple[str, str]] = set()
    _collect(native, "", leaves)
    return frozenset(leaves)


def document_of_record(
    data: bytes, *, encoding: str, csv: str | None, part: int, source: str
) -> dict[str, object] | None:
    """Return the document of one event as its source writes it, whatever wrapper and encoding it came in.

    Args:
        data: The record as stored.
        encoding: Character encoding of its content.
        csv: For a row of a CSV file, the stored description of its columns.
        part: Which event of the record.
        source: Name of the reader that read it.

    Returns:
        The document; ``None`` if the record is none (a line of a text log).
    """
    try:
        native = _native(to_utf8(data, encoding), csv, part, source)
    except UndecodableError:
        return None
    return native if isinstance(native, dict) else None


def _native(text: bytes, csv: str | None, part: int, source: str) -> object:
    document: object = row_values(text, shape_from_text(csv)) if csv else loads(text)[0]
    unwrapped = unwrap(document)
    inner = unwrapped[part].document if part < len(unwrapped) else document
    return native_form(source, inner) if isinstance(inner, dict) else inner


def _collect(value: object, path: str, leaves: set[tuple[str, str]]) -> None:
    stack = [(path, value)]
    while stack:
        here, item = stack.pop()
        if isinstance(item, str) and item[:1] in "{[" and item:
            item = _parsed(item)
        if isinstance(item, dict):
            for key, inner in item.items():
                folded = str(key).casefold()
                if not here and (folded in _WRAPPER_KEYS or folded.startswith(_WRAPPER_PREFIXES)):
                    continue
                stack.append((f"{here}/{folded}", inner))
        elif isinstance(item, list):
            stack.extend((f"{here}/{index}", inner) for index, inner in enumerate(item))
        elif item is not None and item != "":
            leaves.add((here, str(item).lower() if isinstance(item, bool) else str(item)))


def _parsed(text: str) -> object:
    """Return JSON that stands in a text as its value, or the text itself if that is not certain to say the same."""
    data = text.encode("utf-8", "surrogatepass")
    try:
        value, oddities = loads(data)
    except UndecodableError:
        return text
    return text if oddities or duplicate_keys(data) else value
