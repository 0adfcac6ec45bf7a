"""The short cuts for well-formed JSON: many records proven and cut by one call of a compiled parser.

Both prove what they claim and give up otherwise, leaving the range to the scanner of :mod:`json_scan`, which cuts
valid input in exactly the same way.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple, overload

import msgspec

from workbench.evidence.json_grammar import FIRST_KEY
from workbench.evidence.pieces import Decode, Decoded, Run, decode_nothing
from workbench.evidence.record_arrays import AT_SIGHT, WITH_CARE

SLAB = 1 << 18
"""Bytes tried at once: large enough to hide the cost of a call, small enough to bound what it allocates."""

_WHITE = b" \t\n\r"
_GAP = re.compile(rb"[ \t\n\r]*+,[ \t\n\r]*+")
_elements = msgspec.json.Decoder(list[msgspec.Raw])

_TELLING_NAMES = sorted({path[0] for path in AT_SIGHT | WITH_CARE})
_Telling = msgspec.defstruct("_Telling", [(name, msgspec.Raw, None) for name in _TELLING_NAMES], gc=False)
"""An object's members whose names may lead to records inside it; all others are checked and skipped."""
_telling = msgspec.json.Decoder(_Telling)
_NONE_TELLING = _Telling()


class Slab(NamedTuple):
    """Elements cut from an array.

    Attributes:
        run: The elements.
        size: Bytes from the first element to the end of the last.
        structure: Bytes of ``size`` that stand between elements.
    """

    run: Run
    size: int
    structure: int


def opening(buffer: bytes, start: int) -> bytes:
    """Return the bytes of the object at ``start`` up to its first key, by which its like can be found, or ``b""``."""
    match = FIRST_KEY.match(buffer, start, start + 1024)
    return buffer[start : match.end(1)] if match else b""


class _Parts(Sequence[bytes]):
    """Parts of bytes, each cut out when it is asked for."""

    def __init__(self, whole: bytes, places: Sequence[int], sizes: Sequence[int]) -> None:
        self._whole = whole
        self._places = places
        self._sizes = sizes

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = self._places[index]
        return self._whole[place : place + self._sizes[index]]


def cut_elements(
    buffer: bytes, start: int, base: int, path: str, max_record: int, decode: Decode = decode_nothing
) -> tuple[Slab | None, int]:
    """Cut as many elements of an array as lie within one slab.

    The end of the slab is guessed at the last bytes that look like the beginning of a record; that the parser
    accepts everything before it as a list of values proves the guess right.

    Args:
        buffer: Bytes in memory.
        start: Index of the first byte of an element.
        base: Offset of ``buffer[0]`` in the content.
        path: Path to give the records.
        max_record: Longest record allowed.
        decode: Asked first: elements that it can decode need not be parsed for being cut as well.

    Returns:
        The slab, or ``None``; and the index at which another try may succeed.
    """
    mark = opening(buffer, start)
    cut = buffer.rfind(mark, start + 1, start + SLAB) if mark else -1
    if cut < 0:
        return None, min(len(buffer), start + SLAB)
    end = _before_comma(buffer, start, cut)
    if end < 0:
        return None, cut
    body = buffer[start:end]
    array = b"[%b]" % body
    decoded = decode(array)
    if decoded is not None and max(decoded.lengths) <= max_record:
        slab = _decoded_slab(decoded, body, array, base + start, path)
        if slab is not None:
            return slab, cut
    try:
        elements = list(map(bytes, _elements.decode(array)))
    except (msgspec.DecodeError, RecursionError):
        return None, cut
    sizes = list(map(len, elements))
    if max(sizes) > max_record:
        return None, cut
    offsets = _places(body, elements, sizes, base + start)
    structure = len(body) - sum(sizes)
    bare = structure == len(elements) - 1
    return Slab(Run(offsets, sizes, elements, path, array if bare else b""), len(body), structure), cut


def _decoded_slab(decoded: Decoded, body: bytes, array: bytes, offset: int, path: str) -> Slab | None:
    """Return the slab of decoded elements, ``None`` if they do not stand as is said: objects and a comma between each two."""
    sizes = decoded.lengths
    places = list(itertools.accumulate([size + 1 for size in sizes], initial=0))
    end = places.pop()
    between = {body[place - 2 : place + 1] for place in places[1:]}
    if end != len(body) + 1 or body[:1] != b"{" or body[-1:] != b"}" or not between <= {b"},{"}:
        return None
    offsets = [offset + place for place in places]
    run = Run(offsets, sizes, _Parts(body, places, sizes), path, array, decoded)
    return Slab(run, len(body), len(sizes) - 1)


def _before_comma(buffer: bytes, start: int, cut: int) -> int:
    """Return where the last element before ``cut`` ends, -1 if no comma stands between it and ``cut``."""
    while cut > start and buffer[cut - 1] in _WHITE:
        cut -= 1
    if buffer[cut - 1] != ord(","):
        return -1
    cut -= 1
    while cut > start and buffer[cut - 1] in _WHITE:
        cut -= 1
    return cut


def _places(body: bytes, elements: list[bytes], sizes: list[int], offset: int) -> list[int]:
    """Return the offset of each element, having compared every byte of the body with them and their separators."""
    separator = _GAP.match(body, sizes[0])
    if separator is not None and separator[0].join(elements) == body:
        gap = len(separator[0])
        return list(itertools.accumulate([size + gap for size in sizes[:-1]], initial=offset))
    # The white space around the commas varies.
    places = []
    position = 0
    for element, size in zip(elements, sizes, strict=True):
        if not body.startswith(element, position):
            raise AssertionError("the parser's elements do not stand where they were found")
        places.append(offset + position)
        match = _GAP.match(body, position + size)
        position = match.end() if match else position + size
    if position != len(body):
        raise AssertionError("something else than white space and commas stands between two elements")
    return places


def cut_object(buffer: bytes, start: int) -> int:
    """Return the size of the object at ``start`` if the next one of its kind follows it without a comma, else 0.

    The end is guessed before the next bytes that look like the beginning of a record; that the parser accepts what
    lies between as one object, without members that might hold records, proves the guess right.
    """
    mark = opening(buffer, start)
    cut = buffer.find(mark, start + 1, start + SLAB) if mark else -1
    if cut < 0:
        return 0
    body = buffer[start:cut].rstrip(_WHITE)
    return len(body) if is_plain_object(body) else 0


def is_plain_object(line: bytes) -> bool:
    """Whether the bytes are one complete JSON object without any member that might hold records."""
    try:
        return bool(_telling.decode(line) == _NONE_TELLING)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False
