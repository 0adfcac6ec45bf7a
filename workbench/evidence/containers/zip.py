"""The members of a zip archive and their bytes."""

from __future__ import annotations

import stat
from collections.abc import Generator, Iterator

from isal import isal_zlib

from workbench.evidence.containers.inflate import inflate
from workbench.evidence.containers.limits import (
    BrokenStreamError,
    DamageLog,
    Limits,
    Meter,
    StreamDamage,
    only_first,
    shown,
)
from workbench.evidence.containers.reading import PIECE, FileBytes, Member, Reader, Span
from workbench.evidence.containers.zip_directory import (
    FLAG_ENCRYPTED,
    Directory,
    ZipEntry,
    find_directory,
    find_local_header,
    gap_behind,
    read_local_header,
)

_MAX_PASSES = 4
"""Times the size of the file that may be read when members are sought: damaged ones may overlap."""

_STORED, _DEFLATED = 0, 8
_METHOD_NAMES = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz", 98: "PPMd", 99: "AES"}


def zip_members(file: FileBytes, meter: Meter, damage: DamageLog, limits: Limits) -> Iterator[Member]:
    """Yield the files in a zip archive; links and devices are reported, folders are not.

    Args:
        file: The archive, already hashed.
        meter: Counts what is decompressed.
        damage: What is wrong with the archive as a whole.
        limits: ``max_members`` bounds the entries read.
    """
    try:
        directory = find_directory(file)
        is_complete = directory.check(limits.max_members)
    except BrokenStreamError as broken:
        damage.add(f"the zip directory is unusable ({broken}): members were sought by their own headers")
        yield from _members_by_local_headers(file, meter, damage, limits)
        return
    unaccounted = yield from _members_by_directory(file, directory, meter, damage)
    if not is_complete:
        damage.add(only_first(limits.max_members))
    else:
        if unaccounted:
            damage.add(f"{unaccounted:,} bytes of the zip archive belong to no member of its directory")
        if directory.count != directory.declared_count:
            damage.add(
                f"the zip directory has {directory.count:,} entries where its end record says"
                f" {directory.declared_count:,}"
            )
    if directory.end < file.size:
        damage.add(f"{file.size - directory.end:,} bytes after the end of the zip archive are no part of it")


def _members_by_directory(
    file: FileBytes, directory: Directory, meter: Meter, damage: DamageLog
) -> Generator[Member, None, int]:
    """Yield the members and return how many bytes of the archive belong to none of them."""
    unaccounted = directory.next_start(-1)
    delivered_shared: set[int] = set()
    for entry in directory.entries():
        log = DamageLog()
        body = None
        room_end = directory.next_start(entry.offset)
        local = read_local_header(file, entry.offset)
        if local is None:
            log.add("its local header is missing: its bytes cannot be found")
            unaccounted += room_end - entry.offset
        elif local.data_offset + (entry.packed or 0) > room_end or entry.offset in delivered_shared:
            log.add("its bytes overlap those of another member or the directory: it was not read")
        else:
            body = _Body(file, entry, local.data_offset, meter, log)
            unaccounted += gap_behind(entry, room_end - body.end)
            if local.entry.raw_name != entry.raw_name:
                log.add(f"the name beside its bytes is another one: {shown(local.entry.name)}")
            if directory.is_shared(entry.offset):
                delivered_shared.add(entry.offset)
        if _is_file(entry, damage):
            yield Member(entry.name, entry.modified_at, body or (), log)
    return unaccounted


def _members_by_local_headers(
    file: FileBytes, meter: Meter, damage: DamageLog, limits: Limits
) -> Iterator[Member]:
    """Yield members in the order of their bytes, as far as their own headers tell where they end."""
    offset = 0
    count = 0
    while (offset := find_local_header(file, offset)) < file.size:
        local = read_local_header(file, offset)
        if local is None:
            offset += 1
            continue
        if count == limits.max_members:
            damage.add(only_first(count))
            return
        if meter.consumed > _MAX_PASSES * file.size:
            damage.add(f"stopped after {count:,} members: their bytes overlap over and over")
            return
        count += 1
        log = DamageLog()
        body = _Body(file, local.entry, local.data_offset, meter, log)
        if _is_file(local.entry, damage):
            yield Member(local.entry.name, local.entry.modified_at, body, log)
        offset = body.end if body.end <= file.size else local.data_offset


def _is_file(entry: ZipEntry, damage: DamageLog) -> bool:
    file_type = stat.S_IFMT(entry.unix_mode)
    if file_type not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "symbolic link" if file_type == stat.S_IFLNK else "special file"
        damage.add(f"{what} {shown(entry.name)} carries no bytes of its own")
        return False
    # A "folder" with bytes is a way to hide them from tools that go by the name.
    return bool(entry.size) or not entry.raw_name.endswith(b"/")


class _Body:
    """The bytes of one member.

    Attributes:
        end: Where its compressed bytes end; if only they can tell, known once they were read.
    """

    def __init__(self, file: FileBytes, entry: ZipEntry, start: int, meter: Meter, log: DamageLog) -> None:
        self._entry = entry
        self._start = start
        self._meter = meter
        self._log = log
        # Apart from what others say of the content: only this decides what is worth checking at its end.
        self._found = DamageLog()
        self.end = start + (entry.packed or 0)
        self._reader = Reader(Span(file, start, None if entry.packed is None else self.end, meter))

    def __iter__(self) -> Iterator[bytes]:
        yield from self._bytes()
        self._log.extend(self._found)

    def _bytes(self) -> Iterator[bytes]:
        entry = self._entry
        if entry.flags & FLAG_ENCRYPTED:
            self._found.add("it is encrypted: extract it with its password and add it")
        elif entry.method == _STORED and entry.packed is not None:
            yield from self._checked(iter(lambda: self._reader.read(PIECE), b""))
        elif entry.method == _DEFLATED:
            streams = inflate(self._reader, StreamDamage(self._found, self._found))
            yield from self._checked(self._meter.limited(streams, 0, self._found))
            self._close()
        elif entry.method == _STORED:
            self._found.add("its length is not told: its bytes cannot be parted from what follows")
        else:
            method = _METHOD_NAMES.get(entry.method, str(entry.method))
            self._found.add(f"compression method {method} is not supported: extract it and add it")

    def _checked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        crc = size = 0
        for piece in pieces:
            crc = isal_zlib.crc32(piece, crc)
            size += len(piece)
            yield piece
        if self._found.is_empty and self._entry.size not in (None, size):
            self._found.add(f"it holds {size:,} bytes where the archive says {self._entry.size:,}")
        elif self._found.is_empty and self._entry.crc not in (None, crc):
            self._found.add("its checksum is wrong")

    def _close(self) -> None:
        if self._entry.packed is not None:
            rest = self._reader.skip_all() if self._found.is_empty else 0
            if rest:
                self._found.add(f"{rest:,} bytes behind its compressed data belong to no member")
        elif self._found.is_empty:
            self.end = self._start + self._reader.position
