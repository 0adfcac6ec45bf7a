"""A decoded record whose values are found by path, whatever an export did to the spelling of its keys.

Exports lower-case keys, write ``caller_ip`` for ``callerIp`` and ``at_sign_timestamp`` for ``@timestamp``, flatten
``actor.alternateId`` into a column of that name, and write objects as JSON text. A key spelt exactly as asked wins.
"""

from __future__ import annotations

import math

from workbench.evidence.decode import MAX_DIGITS, UndecodableError, loads
from workbench.sources.interning import Remembered

LAYOUTS = 1_024
"""Sets of keys that are remembered: logs repeat a few layouts endlessly."""

LONGEST_LAYOUT = 8_192
"""Characters of the longest set of keys that is remembered, all keys together."""

_PATHS = 512
"""Paths that are remembered of each layout. Readers ask for some dozens; a few are named by what a record says."""

_LARGEST = 10 ** min(MAX_DIGITS, 300)

_STRIPPED = str.maketrans("", "", "_- ")


def fold(name: str) -> str:
    """Return what all spellings of a key have in common: lower case, without ``_``, ``-`` and spaces.

    Panther writes ``@`` at the beginning as ``at_sign_`` and ``/`` as ``_slash_``.
    """
    lowered = name.casefold()
    if "at_sign_" in lowered or "_slash_" in lowered:
        lowered = lowered.replace("at_sign_", "@").replace("_slash_", "/")
    return lowered.translate(_STRIPPED)


_Steps = tuple[tuple[str, str], ...]
"""The steps of a path, each as asked and folded."""


def _taken_apart(path: str) -> _Steps:
    return tuple((step, fold(step)) for step in path.split("."))


_ASKED: Remembered[str, str] = Remembered(fold)
"""Names that readers ask for, folded."""

_PATH: Remembered[str, _Steps] = Remembered(_taken_apart)


class Layout(Remembered[str, tuple[str | None, _Steps, str | None]]):
    """Where the paths that readers ask for begin in objects with the same keys, found out once for all of them.

    As a mapping it gives, for a path, the key to begin at (``None``: the path leads nowhere), the steps from there, and the
    key that holds the value where those lead nowhere (``None``: none does).

    Attributes:
        names: Folded names of the keys, to the first key of that name.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(self._beginning, entries=_PATHS)
        self._keys = frozenset(keys)
        self._flattened = any("." in key for key in keys)
        self.names: dict[str, str] = {}
        for key in keys:
            self.names.setdefault(fold(key), key)

    def _beginning(self, path: str) -> tuple[str | None, _Steps, str | None]:
        steps = _PATH[path]
        first, folded = steps[0]
        key = first if first in self._keys else self.names.get(folded)
        flat = self.flat(path)
        return (flat, (), None) if key is None and len(steps) > 1 else (key, steps[1:], flat)

    def flat(self, path: str) -> str | None:
        """Return the key that a whole path is as one name: the column that an export makes of it."""
        return self.names.get(_ASKED[path]) if self._flattened or "." not in path else None


_LAYOUT: Remembered[tuple[str, ...], Layout] = Remembered(Layout, entries=LAYOUTS, longest=LONGEST_LAYOUT)
"""The layouts of objects by their keys."""


def names_of(document: dict[str, object]) -> dict[str, str]:
    """Return the folded names of an object's keys, with the key as it stands."""
    return _LAYOUT[tuple(document)].names


def member(value: object, name: str) -> object:
    """Return a member of an object by name in any spelling; ``None`` if there is none or ``value`` is no object."""
    if type(value) is not dict:
        return None
    found = value.get(name)
    if found is None:
        key = _LAYOUT[tuple(value)].flat(name)
        found = None if key is None else value[key]
    return found


def decoded(value: object) -> object:
    """Return a value, decoded if it is the JSON text of an object or array, as exports write nested values."""
    if type(value) is str and value[:1] in ("{", "[") and value[-1:] in ("}", "]"):
        try:
            return loads(value.encode("utf-8", "surrogatepass"))[0]
        except UndecodableError:
            return value
    return value


class Document:
    """One record, read field by field.

    A path is written with dots (``actor.alternateId``); a number takes an element of an array
    (``ipAddresses.0``). Where several paths are given, the first that leads to something is taken.

    Attributes:
        data: The record as decoded.
        odd: What was odd about the fields read, in order; for the event's warnings.
    """

    __slots__ = ("_layout", "_names", "_texts", "data", "odd")

    def __init__(self, data: dict[str, object]) -> None:
        self.data = data
        self.odd: dict[str, None] = {}
        self._layout = _LAYOUT[tuple(data)]
        self._texts: dict[str, object] = {}
        # Of the objects inside, which live as long as the record: their keys' names, found once and not for each field.
        self._names: dict[int, dict[str, str]] = {}

    def value(self, *paths: str) -> object:
        """Return the value at the first path that leads to one; ``None`` if none does. Null and "" are no values."""
        for path in paths:
            key, steps, flat = self._layout[path]
            if key is not None:
                found = self._below(self.data[key], steps, flat) if steps else self.data[key]
                if found is not None and found != "":
                    return found
        return None

    def has(self, *paths: str) -> bool:
        """Tell whether one of the paths leads to a value."""
        return self.value(*paths) is not None

    def text(self, *paths: str) -> str | None:
        """Return a text. A number or a truth value is written as JSON writes it; anything else is noted and passed over."""
        for path in paths:
            key, steps, flat = self._layout[path]
            if key is not None:
                found = self._below(self.data[key], steps, flat) if steps else self.data[key]
                if type(found) is str:
                    if found:
                        return found
                elif found is not None:
                    return self._as_text(found, paths[0])
        return None

    def number(self, *paths: str) -> int | None:
        """Return an integer, also one written as a text; anything else is noted and passed over."""
        found = self.value(*paths)
        if found is None or type(found) is int:
            return found
        if isinstance(found, str) and found.strip().lstrip("-").isdecimal() and len(found) < 300:
            return int(found)
        if isinstance(found, float) and found.is_integer():
            return int(found)
        self.odd[f"{paths[0]} is not a number"] = None
        return None

    def flag(self, *paths: str) -> bool | None:
        """Return a truth value, also one written as a text; anything else is noted and passed over."""
        found = self.value(*paths)
        if found is None or type(found) is bool:
            return found
        answer = {"true": True, "false": False, "yes": True, "no": False}.get(str(found).casefold())
        if answer is None:
            self.odd[f"{paths[0]} is not true or false"] = None
        return answer

    def object_at(self, *paths: str) -> dict[str, object]:
        """Return an object, decoded if an export wrote it as JSON text; an empty one if there is none."""
        found = self._decoded(paths)
        return found if isinstance(found, dict) else {}

    def objects_at(self, *paths: str) -> list[dict[str, object]]:
        """Return the objects of an array (a single object counts as an array of one); other elements are passed over."""
        found = self._decoded(paths)
        if isinstance(found, dict):
            return [found]
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    def texts_at(self, *paths: str) -> list[str]:
        """Return the texts of an array (a single text counts as an array of one); other elements are passed over."""
        found = self._decoded(paths)
        if isinstance(found, str):
            return [found]
        return [each for each in found if isinstance(each, str) and each] if isinstance(found, list) else []

    def within(self, *paths: str) -> Document:
        """Return the object at a path as a document that notes its oddities with this one's."""
        inner = Document(self.object_at(*paths))
        inner.odd = self.odd
        return inner

    def _as_text(self, found: object, name: str) -> str | None:
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, int) and abs(found) < _LARGEST:
            return str(found)
        if isinstance(found, float) and math.isfinite(found):
            return repr(found)
        self.odd[f"{name} is not a text"] = None
        return None

    def _decoded(self, paths: tuple[str, ...]) -> object:
        found = self.value(*paths)
        return self._opened(found) if type(found) is str else found

    def _opened(self, text: str) -> object:
        if text not in self._texts:
            self._texts[text] = decoded(text)
        return self._texts[text]

    def _below(self, node: object, steps: _Steps, flat: str | None) -> object:
        for step, folded in steps:
            if type(node) is dict:
                below = node.get(step)
                if below is None:
                    names = self._names.get(id(node))
                    if names is None:
                        names = self._names[id(node)] = _LAYOUT[tuple(node)].names
                    key = names.get(folded)
                    below = None if key is None else node[key]
                node = below
            elif type(node) is str:
                inside = self._opened(node)
                node = member(inside, step) if type(inside) is dict else _element(inside, step)
            else:
                node = _element(node, step)
            if node is None:
                return None if flat is None else self.data[flat]
        return node


def _element(value: object, step: str) -> object:
    """Return an element of an array by its number; ``None`` if there is none or ``value`` is no array."""
    if type(value) is list and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None
