"""Where records go on after a damaged place: the memory of how records begin, and what counts as proof."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from workbench.evidence.json_grammar import FIRST_KEY, SPACE
from workbench.evidence.json_scan import Member, Observer, Outcome, ValueScanner

KEYS_REMEMBERED = 16
"""Exporters write one or a few first keys; beyond that a first key identifies nothing."""

EFFORT = 64 << 20
"""Bytes of failed attempts after which attempts inside what already failed are given up: keeps time linear."""

ROW = 16
"""Objects one after the other that make a row of records even if it does not go on to the end."""

ROW_SAMPLE = 1 << 20
"""Bytes looked at to see how a row goes on."""

FEWEST_KEYS = 3
"""Members that the first object of a row needs."""

TAIL = 4096
"""Bytes looked at around a candidate, and the longest beginning of a record that is found across two reads."""

ANY_OBJECT = re.compile(rb"\{" + SPACE + rb'"')
_SEPARATOR = re.compile(SPACE + rb",?+" + SPACE)
_CLOSED = re.compile(SPACE + rb"\]" + SPACE + rb"\}?+" + SPACE + rb"\Z")
_BEFORE = re.compile(rb"\}[ \t\n\r]*+,?[ \t\n\r]*+\Z")


class Openings:
    """The first keys of the records seen so far."""

    __slots__ = ("_keys", "_last", "_pattern")

    def __init__(self) -> None:
        self._keys: list[bytes] = []
        self._last = b"\0"
        self._pattern: re.Pattern[bytes] | None = None

    def learn(self, records: Iterable[bytes]) -> None:
        """Remember how records begin."""
        for record in records:
            if not record.startswith(self._last):
                self._learn(record, 0)

    def learn_at(self, buffer: bytes, places: Iterable[int]) -> None:
        """Remember how the records begin that stand at some places."""
        for place in places:
            if not buffer.startswith(self._last, place):
                self._learn(buffer, place)

    def _learn(self, buffer: bytes, place: int) -> None:
        match = FIRST_KEY.match(buffer, place)
        if match is None:
            return
        key = match[1]
        self._last = buffer[place : match.end(1)]
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


class Row(NamedTuple):
    """What an object turned out to be the head of.

    Attributes:
        found: Whether it is the first of a row of records.
        first: Size of the object, 0 if it is not complete.
        seen: Bytes looked at.
        last: Whether it is complete and the content ends with it.
    """

    found: bool
    first: int
    seen: int
    last: bool = False


def survey_row(buffer: bytes, start: int, end: int, ended: bool) -> Row:
    """Judge whether an object is the first of a row of records, where no record was seen before.

    A part of a damaged record must not pass for a record. Rows of objects stand inside records too, but those are
    followed by more of the record; a row of records goes on to the end of the content, or on and on.

    Args:
        buffer: Bytes in memory.
        start: Index of the object.
        end: Index after the last byte to look at.
        ended: Whether the content ends at ``end``.
    """
    members: list[Member] = []
    scanner = ValueScanner(_collecting(members))
    position, count, first = start, 0, 0
    while True:
        outcome = scanner.advance(buffer, position, end, ended)
        position += scanner.at
        if outcome is not Outcome.DONE or len(members) < FEWEST_KEYS:
            reaches_end = outcome in (Outcome.MORE, Outcome.CUT)
            return Row(reaches_end and count > 0, first, position - start)
        first = first or scanner.at
        count += 1
        if count == ROW:
            return Row(True, first, position - start)
        separator = _SEPARATOR.match(buffer, position, end).end()  # type: ignore[union-attr]  # may be empty
        if separator == end or buffer[separator] != ord("{"):
            closed = ended and _CLOSED.match(buffer, position, end) is not None
            last = separator == end and ended
            return Row(closed or (separator == end and count > 1), first, position - start, last)
        position = separator
        scanner = ValueScanner()


def _collecting(members: list[Member]) -> Observer:
    def note(member: Member) -> bool:
        members.append(member)
        return False

    return Observer(note, lambda byte: None, lambda path: False)
