"""The hand that moves over JSON content: classifies ranges, scans values, and finds the way on after damage.

Everything is relative to the window's position, the first byte not yet classified; reading more moves the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from workbench.evidence.json_grammar import FIRST_KEY, SPACE_RUN, TOP_SPACE_RUN
from workbench.evidence.json_scan import Outcome, ValueScanner
from workbench.evidence.json_skip import StructureSkipper
from workbench.evidence.pieces import OVERSIZED, Piece, Pieces, Record, Rejected, Run, SplitLimits, Tally
from workbench.evidence.resync import (
    ANY_OBJECT,
    EFFORT,
    ROW,
    ROW_SAMPLE,
    TAIL,
    Openings,
    stands_after_record,
    survey_row,
)
from workbench.evidence.window import Window

PEEK = 1 << 16
"""White space looked through to see what follows a value."""

AFTER_TOP = b",]{[\xef"  # the last is the first byte of a byte order mark, where files were joined

_JUNK_THEN_END = re.compile(rb"[ \t\n\r]*+[^,\]{ \t\n\r][ \t\n\r]*+[\]} \t\n\r]*+\Z")
_JUNK = re.compile(rb"[ \t\n\r]*+(?:[^ \t\n\r][ \t\n\r]*+)?+")


class JsonCursor:
    """Moves through a window and counts what it passes."""

    def __init__(
        self, window: Window, limits: SplitLimits, tally: Tally, openings: Openings, *, line: bool
    ) -> None:
        self._window = window
        self._limits = limits
        self._tally = tally
        self._openings = openings
        self._line = line
        self.values = 0
        """Objects and arrays that stood by themselves so far."""

    # --- moving on -------------------------------------------------------------------------------------------

    def _space(self, run: re.Pattern[bytes] = SPACE_RUN) -> bool:
        """Take white space as structure; return whether anything follows."""
        window = self._window
        while True:
            # A byte order mark is three bytes: never judge the first ones of it alone.
            if run is TOP_SPACE_RUN and not window.ended and window.available < 3:
                window.hold(3)
            self._structure(run.match(window.buffer, window.position).end() - window.position)  # type: ignore[union-attr]
            if window.available >= 3 or (window.available and (window.ended or run is SPACE_RUN)):
                return True
            if window.ended:
                return False
            window.more()

    def _structure(self, size: int) -> None:
        self._tally.structure += size
        self._window.position += size

    def _record(self, size: int, path: str) -> Record:
        window = self._window
        data = window.buffer[window.position : window.position + size]
        record = Record(window.offset, size, data, path)
        self._tally.records += size
        window.position += size
        self._openings.learn((data,))
        return record

    def _reject(self, size: int, reason: str) -> Iterator[Rejected]:
        if size:
            yield Rejected(self._window.offset, size, reason)
            self._tally.rejected += size
            self._window.position += size

    def _reject_rest(self, reason: str) -> Iterator[Rejected]:
        yield from self._reject(self._window.available, reason)
        while self._window.more():
            yield from self._reject(self._window.available, reason)

    def _warn(self, text: str) -> None:
        self._tally.warnings[text] += 1

    def _scan(self, scanner: ValueScanner, hold: int, lead: int = 0) -> Outcome:
        """Scan the value ``lead`` bytes on; never look at more than ``hold`` bytes of it and one after it."""
        window = self._window
        size = lead + hold + 1
        while True:
            end = min(len(window.buffer), window.position + size)
            ended = window.ended and end == len(window.buffer)
            outcome = scanner.advance(window.buffer, window.position + lead, end, ended)
            if outcome is not Outcome.MORE or window.available >= size:
                return outcome
            window.more()

    def _held(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Match at the position, reading on while a match may still come about."""
        window = self._window
        while True:
            match = pattern.match(window.buffer, window.position, window.position + self._limits.max_record)
            if match is not None or window.available > self._limits.max_record or not window.more():
                return match or pattern.match(
                    window.buffer, window.position, window.position + self._limits.max_record
                )

    def _skip(self, scanner: ValueScanner) -> Pieces:
        """Reject a value that is too long, holding none of it."""
        window = self._window
        string = not scanner.stack and window.buffer[window.position] == 0x22
        skipper = StructureSkipper(len(scanner.stack), scalar_string=string)
        # A scan that came to the end of the value has nothing left open.
        done = scanner.at > 0 and not scanner.stack
        position = window.position + (scanner.at or int(string))
        while not done:
            position, done = skipper.feed(window.buffer, position)
            if not done:
                left = len(window.buffer) - position
                yield from self._reject(position - window.position, OVERSIZED)
                if not window.more():
                    yield from self._reject(left, OVERSIZED)
                    return
                position = window.position
        yield from self._reject(position - window.position, OVERSIZED)

    # --- what follows -------------------------------------------------------------------------------------------

    def _properly_followed(self, size: int, separators: bytes) -> bool:
        """Whether after ``size`` bytes comes a separator, the end, or a great deal of white space."""
        window = self._window
        while True:
            start = window.position + size
            after = SPACE_RUN.match(window.buffer, start, start + PEEK).end()  # type: ignore[union-attr]
            if after < len(window.buffer):
                return after == start + PEEK or window.buffer[after] in separators
            if after == start + PEEK or not window.more():
                return True

    def _one_byte_of_junk(self, size: int) -> bool:
        """Whether nothing but one wrong byte, or nothing at all, separates a value from the next record or the end."""
        window = self._window
        window.hold(size + TAIL)
        start = window.position + size
        end = min(len(window.buffer), start + TAIL)
        beginning = self._openings.pattern(None if self._line else self._own_key())
        after = _JUNK.match(window.buffer, start, end).end()  # type: ignore[union-attr]  # may be empty
        if beginning is not None and beginning.match(window.buffer, after, end):
            return True
        at_brace = SPACE_RUN.match(window.buffer, start, end).end()  # type: ignore[union-attr]
        if beginning is not None and beginning.match(window.buffer, at_brace, end):
            return True
        return window.ended and end == len(window.buffer) and bool(_JUNK_THEN_END.match(window.buffer, start))

    def _own_key(self) -> bytes | None:
        match = FIRST_KEY.match(self._window.buffer, self._window.position, self._window.position + TAIL)
        return match[1] if match else None

    # --- damage -------------------------------------------------------------------------------------------------

    def _damaged(
        self, error: str, at: int, *, in_array: bool = False, trusted: bool = False
    ) -> Generator[Piece | Run, None, bool]:
        """Reject from the position to where the next record begins, or to the end.

        A record begins where an object begins with a first key that was seen before (or is the damaged record's
        own), is complete, valid and followed by a separator. Before the place of the error such an object might be
        a part of the damaged record, so there it must also stand behind the end of another one.

        Args:
            error: What is wrong.
            at: Where, relative to the position.
            in_array: Whether the damaged value is an element, so that its own first key is a record's.
            trusted: Whether the records read so far are known to be records.

        Returns:
            Whether a record was found.
        """
        window = self._window
        reason = f"not valid JSON: {error}"
        # What has been read of a content that goes wrong after a few values may be parts of a lost record.
        trusted = trusted or in_array or self._line or self.values > ROW
        beginning = self._openings.pattern(self._own_key() if in_array else None) if trusted else None
        row_only = beginning is None
        sought = beginning or ANY_OBJECT
        error_offset = window.offset + at
        skip = 1 if at else 0
        effort = 0
        while True:
            match = sought.search(window.buffer, window.position + skip)
            if match is None:
                tail = window.buffer.rfind(b"{", max(window.position + skip, len(window.buffer) - TAIL))
                size = (tail if tail >= 0 and not window.ended else len(window.buffer)) - window.position
                yield from self._reject(size, reason)
                if not window.more():
                    yield from self._reject_rest(reason)
                    return False
                skip = 0
                continue
            candidate = match.start()
            inside = window.base + candidate < error_offset
            part = inside and not stands_after_record(window.buffer, window.position, candidate)
            if (part and not self._line) or (inside and effort > EFFORT):
                skip = candidate + 1 - window.position
                continue
            yield from self._reject(candidate - window.position, reason)
            proven, seen, skip = self._survey() if row_only else self._proven(at_end=part)
            if proven:
                return True
            effort += seen
            error_offset = max(error_offset, window.offset + seen)

    def _proven(self, *, at_end: bool) -> tuple[bool, int, int]:
        """Try the object at the position as a record whose like was seen before.

        Args:
            at_end: Whether it must end with the content.

        Returns:
            Whether it is one; if not, the bytes looked at and those to pass over.
        """
        scanner = ValueScanner()
        outcome = self._scan(scanner, self._limits.max_record)
        size = scanner.at
        complete = outcome is Outcome.DONE and size <= self._limits.max_record
        if at_end:
            proven = complete and self._properly_followed(size, b"")
        else:
            proven = complete and (self._properly_followed(size, AFTER_TOP) or self._one_byte_of_junk(size))
        return proven, size, 1

    def _survey(self) -> tuple[bool, int, int]:
        """Try the object at the position where no record was seen before; see :meth:`_proven`."""
        window = self._window
        window.hold(ROW_SAMPLE)
        end = min(len(window.buffer), window.position + ROW_SAMPLE)
        row = survey_row(window.buffer, window.position, end, window.ended and end == len(window.buffer))
        known = self._openings.pattern(None)
        last = row.last and known is not None and known.match(window.buffer, window.position) is not None
        # Objects inside a complete one that is no record are parts of it.
        return (row.found or last) and row.first <= self._limits.max_record, row.seen, row.first or 1
