"""Values of a document by path, whatever the case of its keys and whether it is nested or flattened.

Exports lower-case keys, flatten ``userIdentity.arn`` into a column name, or both. A key spelt exactly as
asked wins over other spellings.
"""

from __future__ import annotations

from collections.abc import Mapping


class Fields:
    """A document whose values are found by name without regard to case."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._exact = document
        self._folded: dict[str, object] = {}
        for key, value in document.items():
            self._folded.setdefault(str(key).lower(), value)

    def get(self, name: str) -> object:
        """Return the value of a top-level key, ``None`` if there is none."""
        value = self._exact.get(name)
        return value if value is not None else self._folded.get(name.lower())

    def has(self, name: str) -> bool:
        """Tell whether there is such a key, even with the value null."""
        return name.lower() in self._folded

    def any_with(self, prefix: str) -> bool:
        """Tell whether any key starts with a prefix given in lower case."""
        return any(key.startswith(prefix) for key in self._folded)

    def flattened(self, name: str) -> dict[str, object]:
        """Rebuild an object from columns such as ``userIdentity.sessionContext.attributes.creationDate``.

        Returns:
            The nested object, empty if there are no such columns. Keys keep the case of the column names.
        """
        prefix = name.lower() + "."
        nested: dict[str, object] = {}
        for key, value in self._exact.items():
            if str(key).lower().startswith(prefix) and value not in (None, ""):
                _place(nested, str(key)[len(prefix) :].split("."), value)
        return nested


def _place(target: dict[str, object], path: list[str], value: object) -> None:
    *parents, last = path
    for parent in parents:
        below = target.setdefault(parent, {})
        if not isinstance(below, dict):
            return
        target = below
    target.setdefault(last, value)


def folded(value: Mapping[str, object]) -> dict[str, object]:
    """Return a mapping with lower-case keys; of two spellings of one key the first that is not null stays."""
    result: dict[str, object] = {str(key).lower(): item for key, item in value.items()}
    if len(result) == len(value):
        return result
    result.clear()
    for key, item in value.items():
        lowered = str(key).lower()
        if result.get(lowered) is None:
            result[lowered] = item
    return result


def has_any(value: Mapping[str, object], names: frozenset[str]) -> bool:
    """Tell whether a mapping has one of some keys, given in lower case, in any spelling."""
    return not names.isdisjoint(map(str.lower, map(str, value)))
