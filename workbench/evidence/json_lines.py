"""Cuts JSON lines: one value a line, each judged by itself, so that a broken line costs only itself."""

from __future__ import annotations

import re

import msgspec

from workbench.evidence.json_fast import is_plain_object
from workbench.evidence.json_reader import JsonReader
from workbench.evidence.json_scan import Outcome, ValueScanner
from workbench.evidence.lines import Batch, end_line, next_lines
from workbench.evidence.pieces import Pieces, Shape, SplitLimits, Tally
from workbench.evidence.record_arrays import AT_SIGHT, EVENT_KEYS, EVENT_KINDS, WITH_CARE
from workbench.evidence.resync import EFFORT, TAIL, Openings
from workbench.evidence.window import Window

LINES_ENOUGH = 3
"""Lines that stand for all when the layout is decided."""

_LONE_OPENER = re.compile(rb"[\[{][ \t\r]*+\Z")
_LINE_END = re.compile(rb"[ \t\r]*+(?:\n|\Z)")
_BLANK = b" \t\r\n"

_AT_SIGHT = frozenset(path[0] for path in AT_SIGHT)
_WITH_CARE = frozenset(path[0] for path in WITH_CARE)
_EVENT_KINDS = frozenset(b'"%b"' % kind.encode() for kind in EVENT_KINDS)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def are_json_lines(start: bytes, whole: bool) -> bool:
    """Decide from the start of a content whether each line is a value of its own.

    Args:
        start: The first bytes, without byte order mark.
        whole: Whether that is all of the content.
    """
    lines = [line for line in (line.strip(_BLANK) for line in start.split(b"\n")) if line]
    if len(lines) < 2:
        return False
    spread = any(map(_LONE_OPENER.match, lines[:2]))  # the opening bracket of a value over several lines
    if not whole and b"\n" in start:
        lines.pop()  # it may be cut
    complete = [is_complete_value(line) for line in lines[:LINES_ENOUGH]]
    if lines[0][:1] in (b"{", b"[") and not spread:
        return complete[0] or (len(complete) > 1 and all(complete[1:]))
    # The first line may be damaged, or the content may be text with JSON in it: most lines decide.
    return 2 * sum(map(is_complete_value, lines)) > len(lines)


def is_complete_value(line: bytes) -> bool:
    """Whether the bytes are exactly one JSON object or array."""
    if line[:1] not in (b"{", b"["):
        return False
    scanner = ValueScanner()
    return scanner.advance(line, 0, len(line), True) is Outcome.DONE and scanner.at == len(line)


class JsonLinesReader:
    """Reads a content line by line."""

    def __init__(self, window: Window, limits: SplitLimits, tally: Tally, shape: Shape) -> None:
        """Begin at the window's position; see :class:`workbench.evidence.json_reader.JsonReader`."""
        self._window = window
        self._limits = limits
        self._tally = tally
        self._shape = shape
        self._openings = Openings()
        self._effort = 0  # bytes looked at in vain for values spread over lines

    def pieces(self) -> Pieces:
        """Read to the end of the content.

        Yields:
            Records and rejected ranges in order; a rejected range may come in several adjacent parts.
        """
        window = self._window
        going_on = True
        while going_on:
            lines = next_lines(window, self._limits.look_ahead)
            if lines is None:
                # One value of a line that is too long to be held; what is left of the line is read like a line.
                yield from self._reader(window).pieces(one=True)
                continue
            done = 0
            while done < len(lines):
                batch = Batch(window, self._tally, "")
                done = self._plain_lines(lines, done, batch)
                self._openings.learn(batch.run.data)
                if batch.moved:
                    going_on = batch.take()
                    if batch.run.data:
                        yield batch.run
                if done == len(lines):
                    break
                line = lines[done]
                if self._goes_on(line):
                    yield from self._reader(window).pieces(one=True)
                    break
                yield from self._reader(Window([line], len(line), window.offset), line=True).pieces()
                window.position += len(line)
                going_on = end_line(window, self._tally)
                done += 1

    def _goes_on(self, line: bytes) -> bool:
        """Whether the line at the position is the first of a complete value that is spread over lines."""
        scanner = ValueScanner()
        lead = len(line) - len(line.lstrip(_BLANK))
        if self._effort > EFFORT or scanner.advance(line, lead, len(line), True) is not Outcome.CUT:
            return False
        complete, size = self._reader(self._window).look_ahead(lead)
        if not complete:
            self._effort += size
            return False
        window = self._window
        window.hold(size + TAIL)
        return (
            _LINE_END.match(window.buffer, window.position + size, window.position + size + TAIL) is not None
        )

    def _plain_lines(self, lines: list[bytes], begin: int, batch: Batch) -> int:
        """Add lines to the batch up to one that is a wrapper, damaged, or anything else than one object."""
        longest = self._limits.max_record
        add = batch.add
        for index in range(begin, len(lines)):
            line = lines[index]
            data = line
            lead = 0
            if line[-1:] != b"}" or line[:1] != b"{":
                data = line.strip(_BLANK)
                if not data:
                    batch.blank(line)
                    continue
                lead = line.index(data[:1])
            if len(data) > longest or not (is_plain_object(data) or self._is_record(data)):
                return index
            add(line, data, lead)
        return len(lines)

    def _is_record(self, data: bytes) -> bool:
        """Whether bytes are one complete object that no array in it makes a wrapper, as :func:`judge` would find."""
        if len(data) > self._limits.look_ahead:
            return False
        try:
            members = _members.decode(data)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return False
        if not _AT_SIGHT.isdisjoint(members):
            return False
        if (
            not EVENT_KEYS.isdisjoint(map(str.lower, members))
            or bytes(members.get("kind", b"")) in _EVENT_KINDS
        ):
            return True
        # Of a key that stands twice the decoder keeps the last value only.
        return b"\\u" not in data and all(
            bytes(members[name])[:1] != b"[" and data.count(b'"%b"' % name.encode()) == 1
            for name in _WITH_CARE.intersection(members)
        )

    def _reader(self, window: Window, *, line: bool = False) -> JsonReader:
        return JsonReader(window, self._limits, self._tally, self._shape, self._openings, line=line)
