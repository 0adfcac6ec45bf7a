"""Finding the end of a value that is too long to hold: brackets and strings only, over any number of reads."""

from __future__ import annotations

import re

_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_OUTSIDE = re.compile(rb'[^"\[\]{}]*+')
_SCALAR_REST = re.compile(rb"[^ \t\n\r,}\]]*+")
_OPENERS = re.compile(rb"[\[{]++")
_CLOSERS = re.compile(rb"[\]}]++")


class StructureSkipper:
    """Counts brackets outside strings until all are closed. Memory is constant, grammar is not checked."""

    __slots__ = ("_depth", "_in_string", "_scalar")

    def __init__(self, depth: int, *, scalar_string: bool = False) -> None:
        """Begin between two tokens.

        Args:
            depth: Number of containers that are open; 0 if the value is a scalar.
            scalar_string: Whether the value is a string and its opening quote was already read.
        """
        self._depth = depth
        self._scalar = depth == 0
        self._in_string = scalar_string

    def feed(self, buffer: bytes, position: int) -> tuple[int, bool]:
        """Read on.

        Returns:
            The index up to which bytes belong to the value, and whether it ends there. A lone backslash at the end
            of the bytes is left for the next call.
        """
        end = len(buffer)
        while position < end:
            if self._in_string:
                position = _IN_STRING.match(buffer, position).end()  # type: ignore[union-attr]  # may be empty
                if position >= end or buffer[position] != 0x22:
                    return position, False
                position += 1
                self._in_string = False
                if self._scalar:
                    return position, True
                continue
            if self._scalar:
                position = _SCALAR_REST.match(buffer, position).end()  # type: ignore[union-attr]
                return position, position < end
            position = _OUTSIDE.match(buffer, position).end()  # type: ignore[union-attr]
            if position >= end:
                break
            if buffer[position] == 0x22:
                self._in_string = True
                position += 1
                continue
            openers = _OPENERS.match(buffer, position)
            if openers is not None:
                self._depth += openers.end() - position
                position = openers.end()
                continue
            closing = _CLOSERS.match(buffer, position).end() - position  # type: ignore[union-attr]  # one stands here
            if closing >= self._depth:
                return position + self._depth, True
            self._depth -= closing
            position += closing
        return position, False
