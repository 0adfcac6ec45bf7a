"""Deflate and gzip streams (RFC 1951, RFC 1952), down to the last byte that a damaged one still holds.

The fast decompressor holds back what it has decoded when it meets damage. So a damaged stream is read a
second time with zlib, whose state can be copied: it is stepped up to the very byte at fault.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol, cast

from isal import igzip_lib, isal_zlib

from workbench.clock import SECOND
from workbench.evidence.containers.limits import BrokenStreamError, DamageLog, StreamDamage
from workbench.evidence.containers.reading import PIECE, Reader

_OUTPUT = 1024 * 1024
"""Most bytes that come out at once, whatever goes in."""

_FIRST_FEED = 4096
"""A file of a million tiny gzip members shall not have each of them copy a large piece."""

_HEADER_CRC, _EXTRA, _NAME, _COMMENT, _RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0
"""Flags of a gzip member (RFC 1952, 2.3.1)."""


# The type stubs declare the exception class as if it were an exception.
_FAULTS = (zlib.error, cast("type[Exception]", igzip_lib.IsalError))


class _Engine(Protocol):
    """A decompressor that keeps its own unread input, as those of the standard library's bz2 do."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_NewEngine = Callable[[], _Engine]
_Decode = Callable[[Reader, _NewEngine, StreamDamage], Iterator[bytes]]


def gunzip(reader: Reader, damage: StreamDamage) -> Iterator[bytes]:
    """Decompress a gzip file of one or more members; zero bytes behind the last member are padding."""
    return _decode_thoroughly(reader, _gzip_members, damage)


def inflate(reader: Reader, damage: StreamDamage) -> Iterator[bytes]:
    """Decompress one raw deflate stream; the reader is left behind its end."""
    return _decode_thoroughly(reader, lambda source, new_engine, _: _deflate(source, new_engine), damage)


def gzip_time(head: bytes) -> int | None:
    """Return the modification time that a gzip header holds, in microseconds UTC; it may hold none."""
    seconds = int.from_bytes(head[4:8], "little")
    return seconds * SECOND if seconds else None


def _decode_thoroughly(reader: Reader, decode: _Decode, damage: StreamDamage) -> Iterator[bytes]:
    """Decode with the fast engine and, where that one fails, once more with the careful one."""
    reader.mark()
    produced = 0
    found = StreamDamage(DamageLog(), DamageLog())
    try:
        for piece in decode(reader, _fast_engine, found):
            produced += len(piece)
            yield piece
    except BrokenStreamError as broken:
        if reader.rewind():
            found = StreamDamage(DamageLog(), DamageLog())
            try:
                yield from _from_byte(produced, decode(reader, _CarefulEngine, found))
            except BrokenStreamError as broken_again:
                found.content.add(str(broken_again))
        else:
            found.content.add(f"{broken}; up to {_OUTPUT:,} bytes before that place may be missing")
    damage.content.extend(found.content)
    damage.container.extend(found.container)


def _from_byte(start: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if start >= len(piece):
            start -= len(piece)
        else:
            yield piece[start:] if start else piece
            start = 0


def _gzip_members(reader: Reader, new_engine: _NewEngine, found: StreamDamage) -> Iterator[bytes]:
    while True:
        _pass_header(reader)
        crc = size = 0
        for piece in _deflate(reader, new_engine):
            crc = isal_zlib.crc32(piece, crc)
            size += len(piece)
            yield piece
        trailer = reader.exactly(8)
        if len(trailer) < 8:
            raise BrokenStreamError("the gzip stream is cut off in its checksum")
        if struct.unpack("<II", trailer) != (crc, size & 0xFFFFFFFF):
            found.content.add(f"the checksum of the gzip member before byte {reader.position:,} is wrong")
        if reader.peek(2) != b"\x1f\x8b":
            break
    _judge_rest(reader, found)


def _pass_header(reader: Reader) -> None:
    """Read over the header of a gzip member (RFC 1952, 2.3)."""
    start = reader.position
    fixed = reader.exactly(10)
    if len(fixed) < 10:
        raise BrokenStreamError("the gzip stream is cut off in its header")
    method, flags = fixed[2], fixed[3]
    if method != 8 or flags & _RESERVED:
        raise BrokenStreamError(f"the gzip header at byte {start:,} is damaged")
    if flags & _EXTRA:
        reader.skip(int.from_bytes(reader.exactly(2), "little"))
    for text in (_NAME, _COMMENT):
        if flags & text:
            _pass_text(reader)
    if flags & _HEADER_CRC:
        reader.skip(2)


def _pass_text(reader: Reader) -> None:
    while data := reader.read(4096):
        end = data.find(b"\0")
        if end >= 0:
            reader.unread(data[end + 1 :])
            return


def _judge_rest(reader: Reader, found: StreamDamage) -> None:
    """Look at what follows the last member: zero bytes pad to a block size, anything else is reported."""
    start = reader.position
    garbage = 0
    while data := reader.read(PIECE):
        garbage += 0 if not garbage and not data.strip(b"\0") else len(data)
    if garbage:
        found.container.add(f"{reader.position - start:,} bytes after the end of the gzip stream are no gzip")


def _deflate(reader: Reader, new_engine: _NewEngine) -> Iterator[bytes]:
    engine = new_engine()
    feed = _FIRST_FEED
    while not engine.eof:
        data = b""
        if engine.needs_input:
            data = reader.read(feed)
            if not data:
                raise BrokenStreamError("the compressed data is cut off")
            feed = min(2 * feed, PIECE)
        try:
            output = engine.decompress(data, _OUTPUT)
        except _FAULTS as error:
            raise BrokenStreamError(
                f"the compressed data is damaged before byte {reader.position:,}"
            ) from error
        if output:
            yield output
    reader.unread(engine.unused_data)


def _fast_engine() -> _Engine:
    engine: _Engine = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
    return engine


class _CarefulEngine:
    """zlib, made to hand out every byte before the one that is damaged, and only then to fail."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        self._unread = b""
        self._has_more = False
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        return not (self._unread or self._has_more or self._error)

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if self._error:
            raise self._error
        data = self._unread or data
        before = self._engine.copy()
        try:
            output = self._engine.decompress(data, max_length)
        except zlib.error as error:
            self._error = error
            return self._up_to_fault(before, data, max_length)
        self._unread = self._engine.unconsumed_tail
        # A full output may leave more inside even when all input was taken in.
        self._has_more = len(output) == max_length
        return output

    @staticmethod
    def _up_to_fault(engine: zlib._Decompress, data: bytes, step: int) -> bytes:
        """Step to the byte at fault, halving the steps each time one goes too far."""
        parts = []
        while step := step // 2:
            while True:
                trial = engine.copy()
                try:
                    part = trial.decompress(data, step)
                except zlib.error:
                    break
                parts.append(part)
                data = trial.unconsumed_tail
                engine = trial
                if not part:
                    break
        # zlib looks at the next symbol before it hands out the last one: only input that ends between the
        # two parts them. The fault is close now, a block header (some 300 bytes) away at most.
        with suppress(zlib.error):
            parts.extend(engine.decompress(data[at : at + 1]) for at in range(len(data)))
        return b"".join(parts)
