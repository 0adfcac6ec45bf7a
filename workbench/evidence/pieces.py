"""What a content is cut into: records, rejected ranges, and the shape and limits of the cutting."""

from __future__ import annotations

import enum
import itertools
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import msgspec

MEBIBYTE = 1 << 20


class Record(NamedTuple):
    """One log entry and the bytes it stands in.

    Attributes:
        offset: First byte in the content as stored.
        length: Number of bytes in the content as stored.
        data: The record as UTF-8; the same bytes as stored unless the content is UTF-16.
        path: The way to it through the wrappers of the content: ``Records[]``, ``hits.hits[]``, ``[]``, ``csv``,
            ``line``, or empty for a value that stands by itself.
    """

    offset: int
    length: int
    data: bytes
    path: str


class Rejected(NamedTuple):
    """A byte range (as stored) that could not be read, and why, in words without any of its content."""

    offset: int
    length: int
    reason: str


Piece = Record | Rejected


class Decoded(Protocol):
    """The elements of a JSON array as whoever decoded them keeps them."""

    @property
    def lengths(self) -> list[int]:
        """Bytes of each element in the array."""
        ...


Decode = Callable[[bytes], Decoded | None]
"""Decodes a JSON array of objects, if it can tell how long each of them is: there is no white space between or inside them."""


def decode_nothing(_: bytes) -> None:
    """Leave every array to be cut."""


class Run(NamedTuple):
    """Records that were cut together, in order, as columns; together they are as small as one reading step.

    Attributes:
        offsets: As of :class:`Record`.
        lengths: Likewise.
        data: Likewise.
        path: Of all of them.
        array: The records as one JSON array without white space between them, if they stood in one like that.
        decoded: The records decoded, if that is how they were cut.
    """

    offsets: list[int]
    lengths: list[int]
    data: Sequence[bytes]
    path: str
    array: bytes = b""
    decoded: Decoded | None = None

    def as_array(self) -> bytes:
        """Return JSON records as one JSON array without white space between them."""
        return self.array or b"[%b]" % b",".join(self.data)

    def records(self) -> Iterator[Record]:
        """Iterate over the records one by one."""
        return map(Record, self.offsets, self.lengths, self.data, itertools.repeat(self.path))

    def record(self, index: int) -> Record:
        """Return one of the records."""
        return Record(self.offsets[index], self.lengths[index], self.data[index], self.path)


Pieces = Generator[Piece | Run, None, None]
"""Pieces in order of offset. A reader may hand out one rejected range in several adjacent parts."""


class ShapeKind(enum.StrEnum):
    """How a content is laid out."""

    JSON_ARRAY = "json array"
    JSON_OBJECT = "json object"
    JSON_LINES = "json lines"
    CONCATENATED_JSON = "concatenated json"
    CSV = "csv"
    TEXT_LINES = "text lines"
    BINARY = "binary"
    EMPTY = "empty"


@dataclass(slots=True)
class Shape:
    """What a content looked like.

    Attributes:
        kind: The layout. It may move from an object or array to concatenated JSON as more of the content is read.
        encoding: ``utf-8``, ``utf-8-sig``, ``utf-16-le`` or ``utf-16-be``.
        columns: Names of the header of a CSV content, made unique (``name``, ``name#2``).
        delimiter: The delimiter of a CSV content.
        arrays: Paths of the arrays that held records, in the order they were met.
    """

    kind: ShapeKind = ShapeKind.EMPTY
    encoding: str = "utf-8"
    columns: tuple[str, ...] = ()
    delimiter: str = ""
    arrays: list[str] = field(default_factory=list)

    @property
    def description(self) -> str:
        """Say the shape in words, without content of the file but names that the workbench knows itself."""
        wrapped = [path.removesuffix("[]") for path in self.arrays if path != "[]"]
        where = ", records in " + ", ".join(f'"{path}"' for path in wrapped) if wrapped else ""
        match self.kind:
            case ShapeKind.JSON_ARRAY:
                return "JSON array"
            case ShapeKind.JSON_OBJECT:
                return f"JSON object{where or ', one record'}"
            case ShapeKind.JSON_LINES:
                return f"JSON lines{where}"
            case ShapeKind.CONCATENATED_JSON:
                return f"concatenated JSON{where}"
            case ShapeKind.CSV:
                name = {"\t": "tab", ",": "comma", ";": "semicolon", " ": "space"}[self.delimiter]
                return f"CSV, {len(self.columns)} columns, {name}-separated"
            case ShapeKind.TEXT_LINES:
                return "text lines"
            case ShapeKind.BINARY:
                return "binary content"
            case ShapeKind.EMPTY:
                return "empty"


class SplitLimits(msgspec.Struct, frozen=True):
    """How much is held in memory at once. Only ``max_record`` decides what becomes a record.

    Attributes:
        max_record: Longest record in bytes of UTF-8; a longer one is rejected (option ``--max-record``).
        look_ahead: An object with an array under an ambiguous name (``data``, ``events`` …) is judged by all its
            keys if it is at most this long, else by those that begin within this many bytes.
        sniff: Bytes of the start by which the shape of the content is decided.
        window: Bytes read at a time.
    """

    max_record: int = 64 * MEBIBYTE
    look_ahead: int = 32 * MEBIBYTE
    sniff: int = MEBIBYTE
    window: int = MEBIBYTE


OVERSIZED = "record of {size} bytes is longer than the limit of {limit}; --max-record lifts it"
"""Reason of a rejected range whose size is known only at its end; filled in by the splitter."""

CUT_OFF = "cut off in the middle of a record"


class Tally:
    """Bytes of UTF-8 counted at the moment each range is classified, independently of the pieces handed out."""

    __slots__ = ("records", "rejected", "structure", "warnings")

    def __init__(self) -> None:
        self.records = 0
        self.structure = 0
        self.rejected = 0
        self.warnings: Counter[str] = Counter()
