"""Cuts JSON content into records: arrays, wrappers, concatenated values, and what is left of damaged ones.

The reader walks over its window and classifies every byte once, in order: bytes of a record, structure that was
checked to be structure, or a rejected range. All it holds is the value it is looking at.
"""

from __future__ import annotations

from collections.abc import Generator

from workbench.evidence.json_cursor import AFTER_TOP, JsonCursor
from workbench.evidence.json_fast import cut_elements, cut_object
from workbench.evidence.json_grammar import FIRST_ELEMENT, MEMBER_KEY, TOP_SPACE_RUN
from workbench.evidence.json_scan import Member, Observer, Outcome, ValueScanner
from workbench.evidence.pieces import (
    CUT_OFF,
    Decode,
    Piece,
    Pieces,
    Run,
    Shape,
    SplitLimits,
    Tally,
    decode_nothing,
)
from workbench.evidence.record_arrays import PREFIXES, Noted, Verdict, judge, key_text, takes
from workbench.evidence.resync import (
    Openings,
)
from workbench.evidence.window import Window

_AFTER_LINE_VALUE = b"{["
_AFTER_ELEMENT = b",]"


class JsonReader(JsonCursor):
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
        decode: Decode = decode_nothing,
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
            decode: Asked to decode elements of arrays, until it cannot.
        """
        super().__init__(window, limits, tally, openings if openings is not None else Openings(), line=line)
        self._shape = shape
        self._decode = decode
        # Where a line breaks off inside a record, the rest of it is no record, whatever it looks like.
        self._after_top = _AFTER_LINE_VALUE if line else AFTER_TOP
        self._no_slab_before = 0

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
        outcome = self._scan(scanner, self._limits.max_record, lead)
        return outcome is Outcome.DONE and scanner.at <= self._limits.max_record, lead + scanner.at

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
                    window.buffer, window.position, window.base, path, self._limits.max_record, self._decode
                )
                self._no_slab_before = window.base + retry
                if slab is not None:
                    self._openings.learn_at(
                        window.buffer, [offset - window.base for offset in slab.run.offsets]
                    )
                    if slab.run.decoded is None:
                        self._decode = decode_nothing  # it would be done in vain again and again
                    self._tally.structure += slab.structure
                    self._tally.records += slab.size - slab.structure
                    window.position += slab.size
                    yield slab.run
                    follows = True
                    continue
                if window.available < self._limits.window and window.more():
                    # Too little was on hand to find the beginning of another record.
                    self._no_slab_before = 0
                    continue
            follows = yield from self._element(path)
        self._warn("the content ends inside an array")

    def _element(self, path: str) -> Generator[Piece | Run, None, bool]:
        scanner = ValueScanner()
        outcome = self._scan(scanner, self._limits.max_record)
        return (yield from self._finish(scanner, outcome, path, in_array=True))

    def _finish(
        self, scanner: ValueScanner, outcome: Outcome, path: str, *, in_array: bool
    ) -> Generator[Piece | Run, None, bool]:
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
