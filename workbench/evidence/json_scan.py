"""A scanner that finds the end of one JSON value, checking its grammar, without recursion and across reads.

It jumps from bracket to bracket: all scalar members in between are one match of a possessive regular expression.
Nesting is a byte a level on a list of its own, so ten thousand levels cost ten thousand bytes.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import NamedTuple

from workbench.evidence.json_grammar import (
    DELIMITED,
    KEY,
    LOOSE_STRING,
    SCALAR,
    SCALAR_TOKEN,
    SPACE,
    SPACE_RUN,
    STRING,
    WORD,
)

_OPENER = rb"([{\[])"
_VALUE = rb"(?:" + _OPENER + rb"|" + SCALAR + DELIMITED + rb")"

_OBJECT_FIRST = re.compile(SPACE + rb"(?:\}|" + KEY + _VALUE + rb")")
_OBJECT_RUN = re.compile(rb"(?:" + SPACE + rb"," + SPACE + KEY + SCALAR + DELIMITED + rb")*+")
_OBJECT_STEP = re.compile(SPACE + rb"(?:\}|," + SPACE + KEY + _OPENER + rb")")
_ARRAY_FIRST = re.compile(SPACE + rb"(?:\]|" + _VALUE + rb")")
_ARRAY_RUN = re.compile(rb"(?:" + SPACE + rb"," + SPACE + SCALAR + DELIMITED + rb")*+")
_ARRAY_STEP = re.compile(SPACE + rb"(?:\]|," + SPACE + _OPENER + rb")")

_NOTED_VALUE = SPACE + rb":" + SPACE + rb"(?:" + _OPENER + rb"|(" + SCALAR + rb")" + DELIMITED + rb")"
_NOTED_FIRST = re.compile(SPACE + rb"(?:\}|(" + STRING + rb")" + _NOTED_VALUE + rb")")
_NOTED_NEXT = re.compile(SPACE + rb"(?:\}|," + SPACE + rb"(" + STRING + rb")" + _NOTED_VALUE + rb")")

_BRACE, _BRACKET, _QUOTE = ord("{"), ord("["), ord('"')
_CLOSERS = frozenset(b"}]")
_DELIMITERS = frozenset(b" \t\n\r,}]")
_EXPECTED = {"key": "a key in double quotes expected", ":": "':' expected after a key"}


class Outcome(enum.Enum):
    """How far a scan came."""

    DONE = enum.auto()
    """The value is complete; ``at`` is its length."""
    MORE = enum.auto()
    """The value goes on after the bytes on hand."""
    BAD = enum.auto()
    """The bytes at ``error_at`` are not JSON; ``error`` says what was expected there."""
    CUT = enum.auto()
    """The content ends inside the value."""
    STOPPED = enum.auto()
    """The observer asked to stop at the member just noted, or the nesting is deeper than wanted."""


class Member(NamedTuple):
    """A member of an object that is being observed.

    Attributes:
        at: Where its value begins, relative to the scanned value.
        path: Its keys from the top, as raw JSON strings with quotes.
        opener: ``{`` or ``[`` as a byte value, 0 for a scalar.
        scalar: The raw text of a scalar.
    """

    at: int
    path: tuple[bytes, ...]
    opener: int
    scalar: bytes


class Observer(NamedTuple):
    """What to note while scanning an object.

    Attributes:
        note: Called with each member of the top level; returning True stops the scan.
        first: Called with the first byte inside an array that was just noted.
        descend: Told the path of a member that is an object: whether its members are to be noted too.
    """

    note: Callable[[Member], bool]
    first: Callable[[int], None]
    descend: Callable[[tuple[bytes, ...]], bool]


class ValueScanner:
    """Finds where one JSON value ends.

    Attributes:
        at: How far the value is known to be good, relative to its start; always between two tokens.
        stack: The openers of the containers that are open.
        error: What was expected, once the outcome is ``BAD``.
        error_at: Where it was expected, relative to the start of the value.
    """

    __slots__ = (
        "_begun",
        "_deepest",
        "_fresh",
        "_observer",
        "_prefix",
        "_watching",
        "at",
        "error",
        "error_at",
        "stack",
    )

    def __init__(self, observer: Observer | None = None, deepest: int = 0) -> None:
        """Begin before the first byte.

        Args:
            observer: What to note.
            deepest: Nesting at which to stop, 0 for none.
        """
        self.at = 0
        self.stack = bytearray()
        self.error = ""
        self.error_at = 0
        self._begun = False
        self._deepest = deepest
        self._fresh = False  # directly after an opening bracket
        self._observer = observer
        self._prefix: tuple[bytes, ...] = ()
        self._watching = 1 if observer else 0  # nesting depth whose members are noted

    def advance(self, buffer: bytes, start: int, end: int, ended: bool) -> Outcome:
        """Go on as far as the bytes allow.

        Args:
            buffer: Bytes that hold the value from its first byte.
            start: Index of that first byte, which is no white space.
            end: Index after the last byte that may be looked at.
            ended: Whether the content ends at ``end``.
        """
        position = start + self.at
        stack = self.stack
        if not self._begun:
            if position >= end:
                return Outcome.CUT if ended else Outcome.MORE
            opener = buffer[position]
            if opener != _BRACE and opener != _BRACKET:
                return self._scalar(buffer, position, end, ended)
            self._begun = self._fresh = True
            stack.append(opener)
            position += 1
        try:
            while True:
                if self._watching == len(stack) and stack[-1] == _BRACE:
                    noted = self._noted(buffer, start, position, end)
                    if noted is None:
                        self.at = position - start
                        return self._diagnose(buffer, start, position, end, ended)
                    position, stop = noted
                    if stop:
                        return Outcome.STOPPED
                    if not stack:
                        return Outcome.DONE
                    continue
                in_object = stack[-1] == _BRACE
                if self._fresh:
                    match = (_OBJECT_FIRST if in_object else _ARRAY_FIRST).match(buffer, position, end)
                else:
                    run = (_OBJECT_RUN if in_object else _ARRAY_RUN).match(buffer, position, end)
                    position = run.end()  # type: ignore[union-attr]  # the run may be empty: it always matches
                    match = (_OBJECT_STEP if in_object else _ARRAY_STEP).match(buffer, position, end)
                if match is None:
                    return self._diagnose(buffer, start, position, end, ended)
                if self._fresh and self._observer and not in_object and len(stack) == self._watching + 1:
                    self._observer.first(buffer[SPACE_RUN.match(buffer, position, end).end()])  # type: ignore[union-attr]
                position = match.end()
                if match.lastindex:
                    stack.append(buffer[position - 1])
                    self._fresh = True
                    if len(stack) - 1 == self._deepest > 0:
                        return Outcome.STOPPED
                elif buffer[position - 1] in _CLOSERS:
                    # A scalar never ends in a closing bracket, so this is the end of the container.
                    self._close()
                    if not stack:
                        return Outcome.DONE
                else:
                    self._fresh = False
        finally:
            self.at = position - start

    def _close(self) -> None:
        self.stack.pop()
        self._fresh = False
        if len(self.stack) < self._watching:
            self._watching = len(self.stack)
            self._prefix = self._prefix[:-1]

    def _noted(self, buffer: bytes, start: int, position: int, end: int) -> tuple[int, bool] | None:
        """Read one member of an observed object, or its end; ``None`` if neither stands there complete."""
        observer = self._observer
        match = (_NOTED_FIRST if self._fresh else _NOTED_NEXT).match(buffer, position, end)
        if match is None or observer is None:
            return None
        key, opener, scalar = match.groups()
        if key is None:
            self._close()
            return match.end(), False
        path = (*self._prefix, key)
        at = match.start(2 if opener else 3) - start
        stop = observer.note(Member(at, path, opener[0] if opener else 0, scalar or b""))
        self._fresh = bool(opener)
        if opener:
            self.stack.append(opener[0])
            if opener == b"{" and observer.descend(path):
                self._watching += 1
                self._prefix = path
        return match.end(), stop

    def _scalar(self, buffer: bytes, position: int, end: int, ended: bool) -> Outcome:
        match = SCALAR_TOKEN.match(buffer, position, end)
        if match is not None:
            after = match.end()
            if after < end:
                if buffer[position] == _QUOTE or buffer[after] in _DELIMITERS:
                    self.at += after - position
                    return Outcome.DONE
            elif ended or buffer[position] == _QUOTE:
                self.at += after - position
                return Outcome.DONE
        return _token(buffer, position, end, ended) or self._bad("a JSON value expected", self.at)

    def _diagnose(self, buffer: bytes, start: int, position: int, end: int, ended: bool) -> Outcome:
        """Say why no step matched: too few bytes on hand, or which token is wrong."""
        in_object = self.stack[-1] == _BRACE
        closer = "}" if in_object else "]"
        steps = [] if self._fresh else [","]
        steps += ["key", ":", "value"] if in_object else ["value"]
        steps.append(closer)
        for step in steps:
            position = SPACE_RUN.match(buffer, position, end).end()  # type: ignore[union-attr]
            if position >= end:
                return Outcome.CUT if ended else Outcome.MORE
            byte = buffer[position]
            if step in ("key", "value") and (byte == _QUOTE or step == "value"):
                verdict = _token(buffer, position, end, ended)
                if verdict is not None:
                    return verdict
                match = SCALAR_TOKEN.match(buffer, position, end)
                if match is None:
                    error = "bad escape in a string" if byte == _QUOTE else "a JSON value expected"
                    return self._bad(error, position - start)
                position = match.end()
            elif step in (",", ":") and byte == ord(step):
                position += 1
            else:
                return self._bad(_EXPECTED.get(step, f"',' or '{closer}' expected"), position - start)
        raise AssertionError("a step matches here")  # every list of steps ends in a closer, which returns

    def _bad(self, error: str, at: int) -> Outcome:
        self.error, self.error_at = error, at
        return Outcome.BAD


def _token(buffer: bytes, position: int, end: int, ended: bool) -> Outcome | None:
    """Say whether the token at ``position`` may go on after the bytes on hand; ``None`` if it ends among them."""
    if buffer[position] == _QUOTE:
        unfinished = LOOSE_STRING.match(buffer, position, end) is None
    else:
        unfinished = WORD.match(buffer, position, end).end() >= end  # type: ignore[union-attr]
    if not unfinished:
        return None
    return Outcome.CUT if ended else Outcome.MORE
