"""Tar archives read forward: v7, ustar, pax (POSIX.1-2001) and GNU headers.

The headers are decoded by the standard library. The walk over them is written here because the library's own
ends silently at the first damaged header, keeps every member in memory and reads extended headers of any
length whole.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator

from workbench.clock import SECOND
from workbench.evidence.containers.limits import DamageLog, only_first, shown
from workbench.evidence.containers.reading import PIECE, Member, Reader

BLOCK = 512
_MAX_EXTENSION = 1024 * 1024
"""Longest extended header that is read: it holds a name and a few numbers."""

_FOLDERS = frozenset({tarfile.DIRTYPE, b"D"})
_LABEL = b"V"
_WITHOUT_BYTES = {
    tarfile.LNKTYPE: "hard link",
    tarfile.SYMTYPE: "symbolic link",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "pipe",
}
# All other keys are dropped: remembered, a long row of global headers could fill memory.
_PAX_SPARSE = b"GNU.sparse."
_PAX_KEYS = frozenset({b"path", b"size", b"mtime", _PAX_SPARSE})
_PAX_RECORD = re.compile(rb"([1-9][0-9]{0,6}) ")
_DECIMAL = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]+))?")


class TarArchive:
    """A tar archive read entry by entry."""

    def __init__(self, reader: Reader, damage: DamageLog) -> None:
        self._reader = reader
        self._damage = damage
        self._unread = 0
        self._padding = 0
        self._block = b""
        self._defaults: dict[bytes, str] = {}

    def members(self, max_entries: int) -> Iterator[Member]:
        """Yield the regular files; links and devices are reported, folders are not.

        Args:
            max_entries: Entries after which reading stops and says so.
        """
        own: dict[bytes, str] = {}
        entries = 0
        while header := self._next_header():
            if header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                own.update(self._read_pax(header.size))
            elif header.type == tarfile.XGLTYPE:
                self._defaults.update(self._read_pax(header.size))
            elif header.type == tarfile.GNUTYPE_LONGNAME:
                own[b"path"] = self._read_long_name(header.size)
            elif header.type == tarfile.GNUTYPE_LONGLINK:
                self._open_body(header.size)
            elif entries == max_entries:
                self._damage.add(only_first(entries))
                return
            else:
                entries += 1
                member = self._entry(header, self._defaults | own)
                own = {}
                if member:
                    yield member

    def _entry(self, header: tarfile.TarInfo, extension: dict[bytes, str]) -> Member | None:
        name = extension.get(b"path", header.name)
        is_sparse = header.type == tarfile.GNUTYPE_SPARSE
        if is_sparse:
            self._pass_sparse_map()
        if header.type in _WITHOUT_BYTES:
            self._damage.add(f"{_WITHOUT_BYTES[header.type]} {shown(name)} carries no bytes of its own")
            return None
        self._open_body(_decimal(extension.get(b"size", ""), header.size))
        if header.type in _FOLDERS or header.type == _LABEL:
            return None
        damage = DamageLog()
        if is_sparse or _PAX_SPARSE in extension:
            damage.add("a sparse file, read without its holes: extract it and add it")
        modified_at = _micros(extension[b"mtime"]) if b"mtime" in extension else _header_time(header)
        return Member(name, modified_at, self._body(damage), damage)

    def _body(self, damage: DamageLog) -> Iterator[bytes]:
        size = self._unread
        while self._unread:
            piece = self._reader.read(min(self._unread, PIECE))
            if not piece:
                damage.add(f"the archive is cut off after {size - self._unread:,} of its {size:,} bytes")
                self._unread = 0
                return
            self._unread -= len(piece)
            yield piece

    def _open_body(self, size: int) -> None:
        self._unread = size
        self._padding = -size % BLOCK

    def _next_header(self) -> tarfile.TarInfo | None:
        """Return the next header; bytes that are none are passed over, counted and reported."""
        self._reader.skip(self._unread + self._padding)
        self._unread = self._padding = 0
        start = self._reader.position
        odd = 0
        while block := self._reader.exactly(BLOCK):
            if block.count(0) == len(block):
                self._block = block
                continue
            header = parse_header(block)
            # After damage only the mark of a modern archive is trusted, not a sum that may match by chance.
            if header and (not odd or block[257:262] == b"ustar"):
                break
            odd += len(block)
        else:
            header = None
            if not odd and any(self._block):
                self._damage.add("the archive ends without its end mark: it may be cut off")
        self._block = block or self._block
        if odd:
            self._damage.add(f"{odd:,} bytes after byte {start:,} of the archive belong to no member")
        return header

    def _read_extension(self, size: int) -> bytes:
        self._open_body(size)
        if size > _MAX_EXTENSION:
            self._damage.add(f"an extended header of {size:,} bytes was passed over")
            return b""
        return b"".join(self._body(self._damage))

    def _read_long_name(self, size: int) -> str:
        return self._read_extension(size).split(b"\0", 1)[0].decode("utf-8", "surrogateescape")

    def _read_pax(self, size: int) -> dict[bytes, str]:
        """Read the records of a pax extended header: length, blank, key, equals sign, value, newline."""
        data = self._read_extension(size)
        values: dict[bytes, str] = {}
        at = 0
        while at < len(data):
            record = _PAX_RECORD.match(data, at)
            end = at + int(record[1]) if record else 0
            if not record or not record.end() < end <= len(data) or data[end - 1] != 0x0A:
                if data[at:].strip(b"\0"):
                    self._damage.add("an extended header is damaged: a name, size or time may be wrong")
                break
            key, _, value = data[record.end() : end - 1].partition(b"=")
            if key.startswith(_PAX_SPARSE):
                key = _PAX_SPARSE
            if key in _PAX_KEYS:
                values[key] = value.decode("utf-8", "surrogateescape")
            at = end
        return values

    def _pass_sparse_map(self) -> None:
        """Pass over the blocks that continue the map of an old GNU sparse member."""
        has_more = self._block[482]
        while has_more and len(block := self._reader.exactly(BLOCK)) == BLOCK:
            has_more = block[504]


def parse_header(block: bytes) -> tarfile.TarInfo | None:
    """Decode a header block, or return None if its checksum or a number in it is wrong.

    A block without any NUL is never a header: text is not, whatever its digits add up to.
    """
    if len(block) < BLOCK or 0 not in block:
        return None
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return header if header.size >= 0 else None


def _decimal(text: str, default: int) -> int:
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else default


def _header_time(header: tarfile.TarInfo) -> int | None:
    return _micros(str(header.mtime)) if header.mtime else None


def _micros(seconds: str) -> int | None:
    """Turn decimal seconds since 1970 into whole microseconds."""
    match = _DECIMAL.fullmatch(seconds)
    if not match:
        return None
    micros = int(match[2]) * SECOND + int((match[3] or "")[:6].ljust(6, "0"))
    return -micros if match[1] else micros
