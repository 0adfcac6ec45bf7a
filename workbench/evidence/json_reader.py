"""Cuts JSON content into records: arrays, wrappers, concatenated values, and what is left of damaged ones.

The reader walks over its window and classifies every byte once, in order: bytes of a record, structure that was
checked to be structure, or a rejected range. All it holds is the value it is looking at.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from workbench.evidence.json_fast import cut_elements, cut_object
from workbench.evidence.json_grammar import FIRST_ELEMENT, FIRST_KEY, MEMBER_KEY, SPACE_RUN, TOP_SPACE_RUN
from workbench.evidence.json_scan import Member, Observer, Outcome, ValueScanner
from workbench.evidence.json_skip import StructureSkipper
from workbench.evidence.pieces import (
    CUT_OFF,
    OVERSIZED,
    Piece,
    Pieces,
    Record,
    Rejected,
    Shape,
    SplitLimits,
    Tally,
)
from workbench.evidence.record_arrays import PREFIXES, Noted, Verdict, judge, key_text, takes
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

_AFTER_ELEMENT = b",]"
_AFTER_LINE_VALUE = b"{["
_AFTER_TOP = b",]{[\xef"  # the last is the first byte of a byte order mark, where files were joined

_JUNK_THEN_END = re.compile(rb"[ \t\n\r]*+[^,\]{ \t\n\r][ \t\n\r]*+[\]} \t\n\r]*+\Z")
_JUNK = re.compile(rb"[ \t\n\r]*+(?:[^ \t\n\r][ \t\n\r]*+)?+")


class JsonReader:
    """Reads one stretch of JSON content: a whole content, or one line of it."""

    def __init__(
        self,
        window: Window,
        limits: SplitLimits,
        tally: Tally,
        shape: Shape,
        openings: Openings | None = None,
        *,
        line: bool = False,
    ) -> None:
        """Begin at the window's position.

        Args:
            window: The content.
            limits: What may be held.
            tally: Where bytes and warnings are counted.
            shape: Where the arrays that held records are written down.
            openings: How records began so far, if others were read before.
            line: Whether the window holds one line of JSON lines: then scalars are records too, and an object that
                ends with the line is one.
        """
        self._window = window
        self._limits = limits
        self._tally = tally
        self._shape = shape
        self._openings = openings if openings is not None else Openings()
        self._line = line
        # Where a line breaks off inside a record, the rest of it is no record, whatever it looks like.
        self._after_top = _AFTER_LINE_VALUE if line else _AFTER_TOP
        self._no_slab_before = 0
        self.values = 0
        """Objects and arrays that stood by themselves so far."""

    def pieces(self, *, one: bool = False) -> Pieces:
        """Read values to the end of the content.

        Args:
            one: Stop after one value.

        Yields:
            Records and rejected ranges in order; a rejected range may come in several adjacent parts.
        """
        while self._space(TOP_SPACE_RUN):
            yield from self._value()
            if one:
                return

    def look_ahead(self, lead: int) -> tuple[bool, int]:
        """Return whether a value begins after ``lead`` bytes of white space and is complete, and how far it goes."""
        scanner = ValueScanner()
        window = self._window
        while True:
            end = min(len(window.buffer), window.position + lead + self._limits.max_record)
            ended = window.ended and end == len(window.buffer)
            outcome = scanner.advance(window.buffer, window.position + lead, end, ended)
            if outcome is not Outcome.MORE or window.available > lead + self._limits.max_record:
                return outcome is Outcome.DONE, lead + scanner.at
            window.more()

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
        self._openings.learn(data)
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

    def _scan(self, scanner: ValueScanner, hold: int) -> Outcome:
        """Scan the value at the position; never look at more than ``hold`` bytes of it and one after it."""
        window = self._window
        while True:
            end = min(len(window.buffer), window.position + hold + 1)
            ended = window.ended and end == len(window.buffer)
            outcome = scanner.advance(window.buffer, window.position, end, ended)
            if outcome is not Outcome.MORE or window.available > hold + 1:
                return outcome
            window.more()

    # --- values that stand by themselves ------------------------------------------------------------------------

    def _value(self) -> Pieces:
        window = self._window
        match window.buffer[window.position]:
            case 0x7B:  # {
                self.values += 1
                yield from self._object()
            case 0x5B if self._line and not self._is_whole_line():
                yield from self._damaged("an array that is not complete in its line", 1)
            case 0x5B:  # [
                self.values += 1
                self._structure(1)
                yield from self._elements("[]")
            case 0x2C if self.values:  # ,
                self._warn("comma between values that stand by themselves")
                self._structure(1)
            case _ if self._line:
                scanner = ValueScanner()
                outcome = self._scan(scanner, self._limits.max_record)
                yield from self._finish(scanner, outcome, "", in_array=False)
            case _:
                yield from self._damaged("a JSON object or array expected", 0)

    def _is_whole_line(self) -> bool:
        """Whether the value at the position is complete and ends with the line."""
        scanner = ValueScanner()
        outcome = self._scan(scanner, self._window.available)
        return outcome is Outcome.DONE and self._properly_followed(scanner.at, b"")

    def _object(self) -> Pieces:
        size = cut_object(self._window.buffer, self._window.position)
        if 0 < size <= self._limits.max_record:
            yield self._record(size, "")
            return
        members: list[Noted] = []
        firsts: dict[int, int] = {}

        def note(member: Member) -> bool:
            path = tuple(map(key_text, member.path))
            members.append(Noted(member, path))
            return member.opener == ord("[") and takes(path, 0, False)

        observer = Observer(
            note,
            lambda byte: firsts.__setitem__(members[-1].member.at, byte),
            lambda path: tuple(map(key_text, path)) in PREFIXES,
        )
        scanner = ValueScanner(observer)
        limits = self._limits
        hold = max(limits.max_record, limits.look_ahead)
        outcome = self._scan(scanner, hold)
        whole = outcome is Outcome.DONE and scanner.at <= limits.look_ahead
        known = members if whole else [noted for noted in members if noted.member.at < limits.look_ahead]
        verdict = judge(known, firsts)
        if not verdict.wrapper and members:
            # An array that is taken at sight ends the scan wherever it stands.
            at_sight = members[-1]
            if outcome is Outcome.STOPPED and at_sight.member.at < hold:
                verdict = Verdict(True, verdict.with_care)
        if verdict.wrapper:
            yield from self._wrapper((), verdict.with_care)
        else:
            yield from self._finish(scanner, outcome, "", in_array=False)

    def _wrapper(self, prefix: tuple[str, ...], with_care: bool) -> Pieces:
        """Read an object member by member; its arrays of records yield records, all else is structure."""
        window = self._window
        self._structure(1)
        while self._space():
            byte = window.buffer[window.position]
            if byte == 0x7D:  # }
                self._structure(1)
                return
            if byte == 0x2C:  # ,
                self._structure(1)
                continue
            match = self._held(MEMBER_KEY)
            if match is None:
                if (
                    yield from self._damaged(
                        "a key in double quotes expected inside a wrapper", 0, trusted=True
                    )
                ):
                    yield from self._elements(self._last_path())
                continue
            path = (*prefix, key_text(match[1]))
            self._structure(match.end() - window.position)
            opener = window.buffer[window.position]
            if opener == 0x5B and takes(path, self._first_inside(), with_care):
                name = ".".join(path) + "[]"
                if name not in self._shape.arrays:
                    self._shape.arrays.append(name)
                self._structure(1)
                yield from self._elements(name)
            elif opener == 0x7B and path in PREFIXES:
                yield from self._wrapper(path, with_care)
            else:
                yield from self._wrapper_value()
        self._warn("the content ends inside a wrapper object")

    def _wrapper_value(self) -> Pieces:
        scanner = ValueScanner()
        outcome = self._scan(scanner, self._limits.max_record)
        if outcome is Outcome.DONE and scanner.at <= self._limits.max_record:
            self._structure(scanner.at)
        elif outcome is Outcome.BAD:
            if (yield from self._damaged(scanner.error, scanner.error_at, trusted=True)):
                yield from self._elements(self._last_path())
        elif outcome is Outcome.CUT:
            yield from self._reject_rest("cut off in the middle of a wrapper")
        else:
            yield from self._skip(scanner)

    def _held(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Match at the position, reading on while a match may still come about."""
        window = self._window
        while True:
            match = pattern.match(window.buffer, window.position, window.position + self._limits.max_record)
            if match is not None or window.available > self._limits.max_record or not window.more():
                return match or pattern.match(
                    window.buffer, window.position, window.position + self._limits.max_record
                )

    def _first_inside(self) -> int:
        match = self._held(FIRST_ELEMENT)
        return self._window.buffer[match.end()] if match else 0

    def _last_path(self) -> str:
        return self._shape.arrays[-1] if self._shape.arrays else "[]"

    # --- elements of an array -----------------------------------------------------------------------------------

    def _elements(self, path: str) -> Pieces:
        """Read the elements of an array whose opening bracket is behind, and its closing bracket."""
        window = self._window
        follows = False
        while self._space():
            byte = window.buffer[window.position]
            if byte == 0x5D:  # ]
                self._structure(1)
                return
            if byte == 0x2C:  # ,
                if not follows:
                    self._warn("comma without a value before it")
                self._structure(1)
                follows = False
                continue
            if follows:
                self._warn("comma missing between two values")
            if byte == 0x7B and window.offset >= self._no_slab_before:
                slab, retry = cut_elements(
                    window.buffer, window.position, window.base, path, self._limits.max_record
                )
                self._no_slab_before = window.base + retry
                if slab is not None:
                    for record in slab.records:
                        self._openings.learn(record.data)
                    self._tally.structure += slab.structure
                    self._tally.records += slab.size - slab.structure
                    window.position += slab.size
                    yield from slab.records
                    follows = True
                    continue
                if window.available < self._limits.window and window.more():
                    # Too little was on hand to find the beginning of another record.
                    self._no_slab_before = 0
                    continue
            follows = yield from self._element(path)
        self._warn("the content ends inside an array")

    def _element(self, path: str) -> Generator[Piece, None, bool]:
        scanner = ValueScanner()
        outcome = self._scan(scanner, self._limits.max_record)
        return (yield from self._finish(scanner, outcome, path, in_array=True))

    def _finish(
        self, scanner: ValueScanner, outcome: Outcome, path: str, *, in_array: bool
    ) -> Generator[Piece, None, bool]:
        """Classify a scanned value; return whether it became a record."""
        window = self._window
        size = scanner.at
        if outcome is Outcome.DONE and size <= self._limits.max_record:
            if self._properly_followed(size, _AFTER_ELEMENT if in_array else self._after_top):
                yield self._record(size, path)
                return True
            if window.buffer[window.position] == ord("{") and self._one_byte_of_junk(size):
                yield self._record(size, path)
                if self._space() and window.buffer[window.position] != ord("{"):
                    yield from self._damaged("a separator expected after a record", 0, in_array=in_array)
                    return False
                return True
            yield from self._damaged("a separator expected after a value", size, in_array=in_array)
        elif outcome is Outcome.BAD:
            yield from self._damaged(scanner.error, scanner.error_at, in_array=in_array)
        elif outcome is Outcome.CUT:
            yield from self._reject_rest(CUT_OFF)
        else:
            yield from self._skip(scanner)
        return False

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
        beginning = self._openings.pattern(self._own_key())
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
    ) -> Generator[Piece, None, bool]:
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
        return (
            complete and (self._properly_followed(size, _AFTER_TOP) or self._one_byte_of_junk(size)),
            size,
            1,
        )

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
