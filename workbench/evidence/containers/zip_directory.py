"""Where the members of a zip archive lie: by its central directory or, if that is damaged, their headers.

Section numbers are those of PKWARE's APPNOTE.TXT 6.3. The standard library's reader is not used because
it holds the whole directory in memory, refuses an archive for one bad entry and reads none that is cut off.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import msgspec

from workbench.clock import SECOND
from workbench.evidence.containers.limits import BrokenStreamError
from workbench.evidence.containers.reading import PIECE, FileBytes, Reader, Span

LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_END_RECORD = struct.Struct("<4s4H2LH")
_END_RECORD64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_RECORD64 = struct.Struct("<4sLQL")

_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_FIELD, _TIMES_FIELD = 0x0001, 0x5455
_DESCRIPTOR_LENGTHS = frozenset({12, 16, 20, 24})
"""With and without signature, with sizes of 4 or 8 bytes (4.3.9)."""

_FIRST_SEARCH = 4096
"""Bytes searched first for a header, which mostly lies right there."""

FLAG_ENCRYPTED, _FLAG_DESCRIPTOR, _FLAG_UTF8 = 0x1, 0x8, 0x800
_MADE_BY_UNIX = 3


class ZipEntry(msgspec.Struct, frozen=True):
    """One entry of a zip archive.

    Attributes:
        raw_name: Its name as bytes.
        flags: General purpose bits (4.4.4).
        method: Compression method (4.4.5).
        crc: CRC-32 of its content.
        packed: Compressed bytes, or None if only the end of the compressed data itself can tell.
        size: Bytes of its content, None likewise.
        offset: Where its local header lies in the file.
        unix_mode: File type and permissions, 0 if the archive tells none.
        modified_at: Microseconds UTC, if the archive holds a time with a zone; the ordinary one has none.
    """

    raw_name: bytes
    flags: int
    method: int
    crc: int | None
    packed: int | None
    size: int | None
    offset: int
    unix_mode: int
    modified_at: int | None

    @property
    def name(self) -> str:
        """The name as text: UTF-8 if the archive says so, else code page 437 (appendix D)."""
        if self.flags & _FLAG_UTF8:
            return self.raw_name.decode("utf-8", "surrogateescape")
        return self.raw_name.decode("cp437")


class Directory:
    """The central directory of an archive (4.3.12), checked as a whole and then read entry by entry.

    Attributes:
        start: Where it lies in the file.
        end: Where the archive ends by its end record.
        declared_count: Entries by the end record.
    """

    def __init__(
        self, file: FileBytes, start: int, length: int, shift: int, end: int, declared_count: int
    ) -> None:
        self._file = file
        self._length = length
        self._shift = shift
        self._offsets = array("Q")
        self.start = start
        self.end = end
        self.declared_count = declared_count

    @property
    def count(self) -> int:
        """Entries that were checked."""
        return len(self._offsets)

    def check(self, max_entries: int) -> bool:
        """Read all entries once and remember where the members lie.

        Returns:
            Whether there are no more than ``max_entries``; only so many are remembered.

        Raises:
            BrokenStreamError: If an entry is damaged.
        """
        offsets = array("Q")
        is_complete = True
        for entry in self._read():
            if not 0 <= entry.offset < self.start:
                raise BrokenStreamError(f"entry {len(offsets) + 1:,} points outside the archive")
            if len(offsets) == max_entries:
                is_complete = False
                break
            offsets.append(entry.offset)
        self._offsets = array("Q", sorted(offsets))
        return is_complete

    def entries(self) -> Iterator[ZipEntry]:
        """Yield the entries that were checked, in the order of the directory."""
        for _, entry in zip(self._offsets, self._read(), strict=False):
            yield entry

    def next_start(self, offset: int) -> int:
        """Return where the next member behind an offset begins; behind the last one, the directory does."""
        following = bisect_right(self._offsets, offset)
        return self._offsets[following] if following < len(self._offsets) else self.start

    def is_shared(self, offset: int) -> bool:
        """Whether several entries point to one place."""
        return bisect_right(self._offsets, offset) - bisect_left(self._offsets, offset) > 1

    def _read(self) -> Iterator[ZipEntry]:
        reader = Reader(Span(self._file, self.start, self.start + self._length))
        number = 0
        while header := reader.exactly(_CENTRAL_HEADER.size):
            number += 1
            if len(header) < _CENTRAL_HEADER.size or not header.startswith(_CENTRAL):
                raise BrokenStreamError(f"entry {number:,} is damaged")
            fields = _CENTRAL_HEADER.unpack(header)
            _, version, _, flags, method, _, _, crc, packed, size, *lengths, _, _, attributes, offset = fields
            name_length, extra_length, comment_length = lengths
            raw_name = reader.exactly(name_length)
            extra = _extra_fields(reader.exactly(extra_length))
            if reader.skip(comment_length) < comment_length or len(raw_name) < name_length:
                raise BrokenStreamError(f"entry {number:,} is cut off")
            size, packed, offset = _wide(extra.get(_ZIP64_FIELD, b""), size, packed, offset)
            yield ZipEntry(
                raw_name=raw_name,
                flags=flags,
                method=method,
                crc=crc,
                packed=packed,
                size=size,
                offset=offset + self._shift,
                unix_mode=attributes >> 16 if version >> 8 == _MADE_BY_UNIX else 0,
                modified_at=_unix_time(extra.get(_TIMES_FIELD, b"")),
            )


def find_directory(file: FileBytes) -> Directory:
    """Find the central directory by the end record, which lies within the last 64 KiB of the file (4.3.16).

    Raises:
        BrokenStreamError: If there is none, or if it points outside the file.
    """
    tail_start = max(0, file.size - _END_RECORD.size - _MAX_16)
    tail = file.read_at(tail_start, file.size - tail_start)
    at = _find_end_record(tail)
    if at < 0:
        raise BrokenStreamError("it has no end record")
    _, disk, _, _, count, length, offset, comment_length = _END_RECORD.unpack_from(tail, at)
    position = tail_start + at
    end = position + _END_RECORD.size + comment_length
    wide = _end_record64(file, position)
    if wide:
        disk, count, length, offset, position = wide
    # Offsets count from the start of the archive. If something was put before it, the directory lies
    # further back than it says, by just that much.
    start = position - length
    if start < offset or disk not in (0, _MAX_16):
        raise BrokenStreamError("its end record points outside the file")
    return Directory(file, start, length, start - offset, end, count)


def _find_end_record(tail: bytes) -> int:
    """Return where the end record lies: the last whose comment fills the file, else the last; -1 for none."""
    last = at = tail.rfind(_END)
    while at >= 0:
        if len(tail) >= at + _END_RECORD.size:
            comment_length = int.from_bytes(tail[at + 20 : at + 22], "little")
            if at + _END_RECORD.size + comment_length == len(tail):
                return at
        at = tail.rfind(_END, 0, at)
    return last if 0 <= last <= len(tail) - _END_RECORD.size else -1


def _end_record64(file: FileBytes, end_position: int) -> tuple[int, int, int, int, int] | None:
    """Read the zip64 end record (4.3.14) through the locator before the end record (4.3.15)."""
    locator_at = end_position - _LOCATOR_RECORD64.size
    if locator_at < 0 or file.read_at(locator_at, 4) != _LOCATOR64:
        return None
    # The locator's offset counts from the start of the archive and is off if something was put before it;
    # then the record is sought directly before its locator, where it ends if it holds no extensions.
    _, _, position, _ = _LOCATOR_RECORD64.unpack(file.read_at(locator_at, _LOCATOR_RECORD64.size))
    if position >= locator_at or file.read_at(position, 4) != _END64:
        position = max(0, locator_at - _END_RECORD64.size)
    record = file.read_at(position, _END_RECORD64.size)
    if len(record) < _END_RECORD64.size or not record.startswith(_END64):
        raise BrokenStreamError("its zip64 end record is damaged")
    _, _, _, _, disk, _, _, count, length, offset = _END_RECORD64.unpack(record)
    return disk, count, length, offset, position


class LocalHeader(msgspec.Struct, frozen=True):
    """What stands before the bytes of a member (4.3.7).

    Attributes:
        entry: What it says of the member.
        data_offset: Where the compressed bytes begin.
    """

    entry: ZipEntry
    data_offset: int


def read_local_header(file: FileBytes, offset: int) -> LocalHeader | None:
    """Read the local header at an offset; None if there is no whole one."""
    header = file.read_at(offset, _LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(LOCAL):
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    rest = file.read_at(offset + _LOCAL_HEADER.size, name_length + extra_length)
    if len(rest) < name_length + extra_length:
        return None
    extra = _extra_fields(rest[name_length:])
    size, packed, _ = _wide(extra.get(_ZIP64_FIELD, b""), size, packed, 0)
    is_told_later = bool(flags & _FLAG_DESCRIPTOR) and not packed
    entry = ZipEntry(
        raw_name=rest[:name_length],
        flags=flags,
        method=method,
        crc=None if is_told_later else crc,
        packed=None if is_told_later else packed,
        size=None if is_told_later else size,
        offset=offset,
        unix_mode=0,
        modified_at=_unix_time(extra.get(_TIMES_FIELD, b"")),
    )
    return LocalHeader(entry, offset + _LOCAL_HEADER.size + name_length + extra_length)


def find_local_header(file: FileBytes, start: int) -> int:
    """Return where the next local header lies at or behind ``start``, or the size of the file."""
    length = _FIRST_SEARCH
    while piece := file.read_at(start, length):
        at = piece.find(LOCAL)
        if at >= 0:
            return start + at
        start += max(1, len(piece) - len(LOCAL) + 1)
        length = min(2 * length, PIECE)
    return file.size


def gap_behind(entry: ZipEntry, room: int) -> int:
    """Return how many of the ``room`` bytes behind a member are not its data descriptor (4.3.9)."""
    return 0 if entry.flags & _FLAG_DESCRIPTOR and room in _DESCRIPTOR_LENGTHS else room


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    """Split an extra field into its parts by their header id (4.5.1); the first of an id counts."""
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        field, length = struct.unpack_from("<HH", extra, at)
        fields.setdefault(field, extra[at + 4 : at + 4 + length])
        at += 4 + length
    return fields


def _wide(field: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Replace numbers that did not fit 32 bits by those of the zip64 field, which holds only such (4.5.3)."""
    values = [size, packed, offset]
    at = 0
    for index, value in enumerate(values):
        if value == _MAX_32 and at + 8 <= len(field):
            values[index] = int.from_bytes(field[at : at + 8], "little")
            at += 8
    return values[0], values[1], values[2]


def _unix_time(field: bytes) -> int | None:
    """Read the modification time of Info-ZIP's extended timestamp field: UTC, in seconds, signed."""
    if len(field) < 5 or not field[0] & 1:
        return None
    return int.from_bytes(field[1:5], "little", signed=True) * SECOND
