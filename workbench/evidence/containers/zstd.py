"""Zstandard streams (RFC 8878), block by block.

A frame is a header, blocks of at most 128 KiB of output and perhaps a checksum. Handing the library one block
at a time bounds what can come out at once (a four-byte block may stand for 128 KiB), keeps every block before
a damaged one, and tells a stream that is cut off from one that has ended.
"""

from __future__ import annotations

from collections.abc import Iterator

import zstandard

from workbench.evidence.containers.limits import BrokenStreamError, StreamDamage
from workbench.evidence.containers.reading import Reader

_FRAME = b"\x28\xb5\x2f\xfd"
_LONGEST_HEADER = 18
_MAX_WINDOW = 128 * 1024 * 1024
"""Largest window that is granted: the library's own default, and what ``zstd`` without ``--long`` reads."""


_REMEDY = "decompress it and add it"


def unzstd(reader: Reader, damage: StreamDamage) -> Iterator[bytes]:
    """Decompress one or more Zstandard frames, passing over skippable ones."""
    try:
        while magic := reader.peek(4):
            if magic == _FRAME:
                yield from _frame(reader)
            elif len(magic) == 4 and magic[0] & 0xF0 == 0x50 and magic[1:] == b"\x2a\x4d\x18":
                _skip_frame(reader)
            else:
                count = reader.skip_all()
                damage.container.add(
                    f"{count:,} bytes after the end of the Zstandard stream are no Zstandard"
                )
    except BrokenStreamError as broken:
        damage.content.add(str(broken))


def _frame(reader: Reader) -> Iterator[bytes]:
    start = reader.position
    head = reader.peek(_LONGEST_HEADER)
    try:
        length = zstandard.frame_header_size(head)
        parameters = zstandard.get_frame_parameters(head)
    except zstandard.ZstdError as error:
        cut_off = len(head) < _LONGEST_HEADER
        raise BrokenStreamError(
            "the Zstandard stream is cut off in a frame header"
            if cut_off
            else f"the Zstandard frame header at byte {start:,} is damaged"
        ) from error
    if parameters.dict_id:
        raise BrokenStreamError(f"needs Zstandard dictionary {parameters.dict_id}: {_REMEDY}")
    if parameters.window_size > _MAX_WINDOW:
        raise BrokenStreamError(f"needs a Zstandard window of {parameters.window_size:,} bytes: {_REMEDY}")
    engine = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
    yield from _decode(reader, engine, length)
    last = False
    while not last:
        header = reader.peek(3)
        # A block header: last-block flag, two bits of type, 21 bits of size (RFC 8878, 3.1.1.2).
        bits = int.from_bytes(header, "little")
        last = bool(bits & 1)
        is_one_byte_repeated = bits >> 1 & 3 == 1
        yield from _decode(reader, engine, 3 + (1 if is_one_byte_repeated else bits >> 3))
    if parameters.has_checksum:
        yield from _decode(reader, engine, 4)


def _decode(reader: Reader, engine: zstandard.ZstdDecompressionObj, length: int) -> Iterator[bytes]:
    data = reader.exactly(length)
    try:
        output = engine.decompress(data)
    except zstandard.ZstdError as error:
        raise BrokenStreamError(f"the Zstandard data is damaged before byte {reader.position:,}") from error
    if output:
        yield output
    if len(data) < length:
        raise BrokenStreamError("the Zstandard stream is cut off")


def _skip_frame(reader: Reader) -> None:
    """Pass over a skippable frame: magic number, length, user data (RFC 8878, 3.1.2)."""
    header = reader.exactly(8)
    length = int.from_bytes(header[4:], "little")
    if len(header) < 8 or reader.skip(length) < length:
        raise BrokenStreamError("the Zstandard stream is cut off in a skippable frame")
