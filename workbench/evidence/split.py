"""Content bytes to records: decides what a content is and has it cut, with every byte accounted for.

Promise 1 of the design: each byte belongs to a record, to structure around records, or to a rejected range with
its reason. The readers count each range when they classify it; here the pieces they hand out are added up again,
and the two counts and the size must agree.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator

from workbench.evidence.csv_rows import read_rows
from workbench.evidence.encoding import UNMARKED_SAMPLE, Utf16, detect
from workbench.evidence.json_lines import JsonLinesReader
from workbench.evidence.json_reader import JsonReader
from workbench.evidence.lines import read_lines
from workbench.evidence.pieces import (
    OVERSIZED,
    Decode,
    Piece,
    Pieces,
    Record,
    Rejected,
    Run,
    Shape,
    ShapeKind,
    SplitLimits,
    Tally,
    decode_nothing,
)
from workbench.evidence.sniff import BINARY, recognise
from workbench.evidence.window import Window
from workbench.model.evidence import ByteAccount

ODD_BYTE = "odd byte at the end of UTF-16 content"


class Splitter:
    """Cuts one content into records and rejected ranges, in order of offset, in bounded memory.

    Iterate once. Offsets and lengths are bytes of the content as it is stored; what lies between two pieces is
    structure.

    Attributes:
        shape: What the content looks like: its kind is known after the first piece.
        account: Where every byte went, complete after the last piece.
        warnings: What was odd, with how often it occurred.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        limits: SplitLimits = SplitLimits(),  # noqa: B008 - immutable
        decode: Decode = decode_nothing,
    ) -> None:
        """Prepare to read.

        Args:
            chunks: The content in pieces of any size.
            limits: The longest record, and how much is held to decide.
            decode: Whoever reads the records may decode them as they are cut: then they are parsed once.
        """
        self._source = iter(chunks)
        self._limits = limits
        self._decode = decode
        self._tally = Tally()
        self._read = 0  # bytes as stored
        self._utf16: Utf16 | None = None
        self.shape = Shape()
        self.account = ByteAccount(0, 0, 0, 0)
        self.warnings: Counter[str] = self._tally.warnings

    def __iter__(self) -> Iterator[Record | Rejected]:
        for run in self.runs():
            if isinstance(run, Rejected):
                yield run
            else:
                yield from run.records()

    def runs(self) -> Iterator[Run | Rejected]:
        """Iterate with the records that were cut together in one list: there is a step for each of them, not for each record."""
        window = self._open()
        read = handed = _Sum()
        pieces = self._whole(window)
        if self._utf16 is not None:
            handed = _Sum()
            pieces = self._as_stored(pieces, read, self._utf16)
        yield from self._joined(pieces, handed)
        size = window.offset
        if self._utf16 is not None:
            size = self._utf16.stored(window.offset)
            if self._utf16.odd:
                odd = Rejected(size, 1, ODD_BYTE)
                handed.add(odd)
                yield odd
                size += 1
        structure = handed.gaps + size - handed.cursor
        self._prove(read, window)
        self.account = ByteAccount(size, handed.records, structure, handed.rejected)
        if not self.account.balances or size != self._read:
            raise AssertionError(f"bytes do not add up: {self.account}, {self._read} were read")

    @staticmethod
    def _as_stored(pieces: Pieces, read: _Sum, utf16: Utf16) -> Pieces:
        for taken in pieces:
            for piece in taken.records() if isinstance(taken, Run) else (taken,):
                read.add(piece)
                begin = utf16.stored(piece.offset)
                length = utf16.stored(piece.offset + piece.length) - begin
                yield piece._replace(offset=begin, length=length)

    def _joined(self, pieces: Pieces, handed: _Sum) -> Iterator[Run | Rejected]:
        """Join the adjacent parts of a rejected range, and fill in its size where the reason names it."""
        begun: Rejected | None = None
        for piece in pieces:
            if not isinstance(piece, Rejected):
                run = piece
                if isinstance(run, Record):
                    run = Run([run.offset], [run.length], [run.data], run.path)
                handed.add_run(run)
                if begun is not None:
                    yield self._worded(begun)
                    begun = None
                yield run
                continue
            handed.add(piece)
            if begun is None:
                begun = piece
            elif piece.offset == begun.offset + begun.length and piece.reason == begun.reason:
                begun = begun._replace(length=begun.length + piece.length)
            else:
                yield self._worded(begun)
                begun = piece
        if begun is not None:
            yield self._worded(begun)

    def _worded(self, piece: Rejected) -> Rejected:
        if piece.reason is not OVERSIZED:
            return piece
        return piece._replace(reason=OVERSIZED.format(size=piece.length, limit=self._limits.max_record))

    def _open(self) -> Window:
        """Decide the encoding and set up the content as UTF-8."""
        start = b""
        counted = self._counted()
        while len(start) < UNMARKED_SAMPLE and (chunk := next(counted, None)) is not None:
            start += chunk
        encoding, mark = detect(start)
        self.shape.encoding = encoding
        chunks = _chained(start, counted)
        if encoding.startswith("utf-16"):
            self._utf16 = Utf16(chunks, encoding, mark)
            return Window(self._utf16.chunks(), self._limits.window, discarded=self._utf16.stored)
        window = Window(chunks, self._limits.window)
        window.hold(mark)
        window.position = mark
        self._tally.structure = mark
        return window

    def _counted(self) -> Iterator[bytes]:
        for chunk in self._source:
            self._read += len(chunk)
            yield chunk

    def _whole(self, window: Window) -> Pieces:
        """Recognise the layout and read all of the content."""
        shape, tally, limits = self.shape, self._tally, self._limits
        window.hold(limits.sniff)
        start = window.buffer[window.position : window.position + limits.sniff]
        recognise(start, window.ended and window.available <= limits.sniff, shape)
        match shape.kind:
            case ShapeKind.CSV:
                yield from read_rows(window, limits, tally, shape)
            case ShapeKind.JSON_LINES:
                yield from JsonLinesReader(window, limits, tally, shape).pieces()
            case ShapeKind.TEXT_LINES | ShapeKind.EMPTY:
                yield from read_lines(window, limits, tally)
            case ShapeKind.BINARY:
                while window.available or window.more():
                    yield Rejected(window.offset, window.available, BINARY)
                    tally.rejected += window.available
                    window.position += window.available
            case _:
                reader = JsonReader(window, limits, tally, shape, decode=self._decode)
                yield from reader.pieces()
                if reader.values > 1:
                    shape.kind = ShapeKind.CONCATENATED_JSON

    def _prove(self, handed: _Sum, window: Window) -> None:
        """Compare what was counted when ranges were classified with what was handed out.

        Raises:
            AssertionError: If they differ: a record would be lost or invented. That is a bug of the workbench.
        """
        tally = self._tally
        structure = handed.gaps + window.offset - handed.cursor
        counted = (tally.records, tally.structure, tally.rejected)
        if counted != (handed.records, structure, handed.rejected) or window.available or not window.ended:
            raise AssertionError(f"bytes do not add up: {counted} were classified, {window.offset} read")


def _chained(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


class _Sum:
    """Adds up pieces as they pass, and checks their order.

    Attributes:
        cursor: Where the last piece ended.
        gaps: Bytes between pieces.
        records: Bytes of records.
        rejected: Bytes of rejected ranges.
    """

    __slots__ = ("cursor", "gaps", "records", "rejected")

    def __init__(self) -> None:
        self.cursor = self.gaps = self.records = self.rejected = 0

    def add(self, piece: Piece) -> None:
        offset, length = piece[0], piece[1]
        if offset < self.cursor:
            raise AssertionError("two pieces overlap")
        self.gaps += offset - self.cursor
        self.cursor = offset + length
        if type(piece) is Record:
            self.records += length
        else:
            self.rejected += length

    def add_run(self, run: Run) -> None:
        offsets, lengths = run.offsets, run.lengths
        ends = list(map(operator.add, offsets, lengths))
        if offsets[0] < self.cursor or any(map(operator.gt, ends, offsets[1:])):
            raise AssertionError("two records overlap")
        size = sum(lengths)
        self.gaps += ends[-1] - self.cursor - size
        self.cursor = ends[-1]
        self.records += size
