"""Character encodings: everything is read as UTF-8, and offsets are those of the bytes as they are stored."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_UTF_32_MARKS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_CONTINUATION = bytes(range(0x80, 0xC0))
_NOT_FOUR_BYTE_LEAD = bytes(set(range(256)) - set(range(0xF0, 0xF8)))
_TEXT = frozenset({0x09, 0x0A, 0x0D, *range(0x20, 0x7F)})

UNMARKED_SAMPLE = 32
"""Bytes whose alternation of ASCII and NUL shows UTF-16 without a byte order mark."""


def detect(start: bytes) -> tuple[str, int]:
    """Name the encoding of a content from its first bytes.

    Returns:
        ``utf-8``, ``utf-8-sig``, ``utf-16-le`` or ``utf-16-be``, and the size of the byte order mark. UTF-32 is not
        read and comes out as ``utf-8`` full of NUL bytes, that is, binary.
    """
    if start.startswith(_UTF_32_MARKS):
        return "utf-8", 0
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name, len(mark)
    sample = start[: UNMARKED_SAMPLE & ~1]
    sample = sample[: len(sample) & ~1]
    if len(sample) >= 4:
        even, odd = sample[::2], sample[1::2]
        if not any(odd) and _TEXT.issuperset(even):
            return "utf-16-le", 0
        if not any(even) and _TEXT.issuperset(odd):
            return "utf-16-be", 0
    return "utf-8", 0


class Utf16:
    """Turns UTF-16 into UTF-8 piece by piece and tells where each byte of it was stored.

    Surrogates that stand alone pass through as their three-byte form; the decoder of a record sees and reports them.

    Attributes:
        odd: Whether a single byte was left over at the end, once the chunks are exhausted.
    """

    def __init__(self, chunks: Iterable[bytes], encoding: str, skip: int) -> None:
        """Begin after a byte order mark.

        Args:
            chunks: The content as stored.
            encoding: ``utf-16-le`` or ``utf-16-be``.
            skip: Size of the byte order mark.
        """
        self._source = chunks
        self._encoding = encoding
        self._skip = skip
        self._kept: deque[bytes] = deque()  # UTF-8, the first piece from index _used on
        self._used = 0
        self._cursor = 0  # in UTF-8
        self._stored = skip  # the same place in the stored bytes
        self.odd = False

    def chunks(self) -> Iterator[bytes]:
        """Return the content as UTF-8."""
        decoder = codecs.getincrementaldecoder(self._encoding)("surrogatepass")
        skip = self._skip
        left = b""
        for chunk in self._source:
            if skip:
                dropped = chunk[:skip]
                chunk = chunk[len(dropped) :]
                skip -= len(dropped)
            chunk = left + chunk
            even = len(chunk) & ~1
            left = chunk[even:]
            yield from self._encoded(decoder.decode(chunk[:even]))
        yield from self._encoded(decoder.decode(b"", final=True))
        self.odd = bool(left)

    def _encoded(self, text: str) -> Iterator[bytes]:
        if text:
            data = text.encode("utf-8", "surrogatepass")
            self._kept.append(data)
            yield data

    def stored(self, place: int) -> int:
        """Return where the byte at ``place`` of the UTF-8 was stored. Places must be asked for in rising order."""
        while self._cursor < place:
            data = self._kept[0]
            used = self._used
            taken = data[used : used + place - self._cursor]
            self._used += len(taken)
            if self._used == len(data):
                self._kept.popleft()
                self._used = 0
            self._cursor += len(taken)
            # One unit for each character, two for those beyond the basic plane (four bytes of UTF-8).
            characters = len(taken.translate(None, _CONTINUATION))
            self._stored += 2 * (characters + len(taken.translate(None, _NOT_FOUR_BYTE_LEAD)))
        return self._stored


def to_utf8(data: bytes, encoding: str) -> bytes:
    """Return bytes of a content as UTF-8.

    Args:
        data: Some whole characters of the content as stored.
        encoding: The content's encoding as :class:`workbench.evidence.pieces.Shape` names it.
    """
    if not encoding.startswith("utf-16"):
        return data
    return data.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
