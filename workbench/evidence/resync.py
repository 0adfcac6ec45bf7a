"""Where records go on after a damaged place: the memory of how records begin, and what counts as proof."""

from __future__ import annotations

import re

from workbench.evidence.json_grammar import FIRST_KEY, SPACE

KEYS_REMEMBERED = 16
"""Exporters write one or a few first keys; beyond that a first key identifies nothing."""

EFFORT = 64 << 20
"""Bytes of failed attempts after which attempts inside what already failed are given up: keeps time linear."""

TAIL = 4096
"""Bytes looked at around a candidate, and the longest beginning of a record that is found across two reads."""

ANY_OBJECT = re.compile(rb"\{" + SPACE + rb'"')
_BEFORE = re.compile(rb"\}[ \t\n\r]*+,?[ \t\n\r]*+\Z")


class Openings:
    """The first keys of the records seen so far."""

    __slots__ = ("_keys", "_last", "_pattern")

    def __init__(self) -> None:
        self._keys: list[bytes] = []
        self._last = b"\0"
        self._pattern: re.Pattern[bytes] | None = None

    def learn(self, record: bytes) -> None:
        """Remember how a record begins."""
        if record.startswith(self._last):
            return
        match = FIRST_KEY.match(record)
        if match is None:
            return
        key = match[1]
        self._last = record[: match.end(1)]
        if key not in self._keys and len(self._keys) < KEYS_REMEMBERED:
            self._keys.append(key)
            self._pattern = None

    def pattern(self, own: bytes | None) -> re.Pattern[bytes] | None:
        """Return what finds the beginning of a record, ``None`` if no record was seen.

        Args:
            own: First key of the damaged record itself, as a raw string.
        """
        if own is not None and own not in self._keys:
            return _beginning([*self._keys, own])
        if self._pattern is None and self._keys:
            self._pattern = _beginning(self._keys)
        return self._pattern


def _beginning(keys: list[bytes]) -> re.Pattern[bytes]:
    return re.compile(rb"\{" + SPACE + rb"(?:" + b"|".join(map(re.escape, keys)) + rb")" + SPACE + rb":")


def stands_after_record(buffer: bytes, start: int, candidate: int) -> bool:
    """Whether the bytes before a candidate look like the end of another record and a separator."""
    return _BEFORE.search(buffer, max(start, candidate - 64), candidate) is not None


def has_company(buffer: bytes, candidate: int, after: int, ended: bool) -> bool:
    """Whether what follows an object shows that it is one of a row of records and not a part of one.

    Needed where no record was seen before: a part of a damaged record must not pass for a record. The next object
    must begin with the same key, or the content must end in closing brackets.

    Args:
        buffer: Bytes in memory.
        candidate: Index of the object.
        after: Index after it.
        ended: Whether the content ends with the buffer.
    """
    key = FIRST_KEY.match(buffer, candidate)
    if key is None:
        return False
    like = re.compile(SPACE + rb",?+" + SPACE + rb"\{" + SPACE + re.escape(key[1]) + SPACE + rb":")
    if like.match(buffer, after, after + TAIL):
        return True
    return (
        ended
        and re.compile(SPACE + rb"\]" + SPACE + rb"\}?+" + SPACE + rb"\Z").match(buffer, after) is not None
    )
