"""Bytes of a delivered file and of the streams inside it, always in bounded pieces."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from workbench.errors import EvidenceError
from workbench.evidence.containers.limits import DamageLog, Meter
from workbench.text import visible

PIECE = 256 * 1024
"""Bytes read at once. Large enough for speed, small enough that limits are looked at often."""

_WHOLE = 32 * 1024 * 1024
"""Files up to this size are read at once; the same bound holds for compressed bytes kept for a second try."""


class FileBytes:
    """A delivered file, opened once; its SHA-256 grows as its bytes are read.

    Attributes:
        path: Where the file lies.
        size: Its size in bytes; once hashed, the number of bytes that were hashed.
        modified_at: Its modification time in microseconds UTC.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole: bytes | None = None
        self._sha256 = hashlib.sha256()
        self._hashed = 0
        try:
            # Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        try:
            self._opened = os.fstat(self._descriptor)
            if not stat.S_ISREG(self._opened.st_mode):
                raise EvidenceError(f"{visible(str(path))} is not a regular file", "give a file or a folder")
            self.size = self._opened.st_size
            self.modified_at = self._opened.st_mtime_ns // 1000
            if self.size <= _WHOLE:
                self._read_whole()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read_at(self, offset: int, length: int) -> bytes:
        """Read up to ``length`` bytes at an offset; fewer only at the end of the file.

        Raises:
            EvidenceError: If the operating system cannot read the file.
        """
        if self._whole is not None:
            return self._whole[offset : offset + length]
        data = self._read(offset, length)
        while data and len(data) < length:
            more = self._read(offset + len(data), length - len(data))
            if not more:
                break
            data += more
        if offset <= self._hashed < offset + len(data):
            self._sha256.update(memoryview(data)[self._hashed - offset :])
            self._hashed = offset + len(data)
        return data

    def hash_rest(self) -> None:
        """Read and hash whatever was not read yet, to the end of the file."""
        while self._whole is None and self.read_at(self._hashed, PIECE):
            pass
        self.size = self._hashed

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes hashed so far, in hexadecimal digits."""
        return self._sha256.hexdigest()

    @property
    def has_changed(self) -> bool:
        """Whether the file was written to since it was opened."""
        now = os.fstat(self._descriptor)
        then = self._opened
        return (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns) or self.size != then.st_size

    def _read_whole(self) -> None:
        parts = []
        length = 0
        while part := self._read(length, self.size + 1 - length):
            parts.append(part)
            length += len(part)
            if length > self.size:
                # The file is growing (or is no ordinary file and tells no size): read it piece by piece.
                return
        self._whole = parts[0] if len(parts) == 1 else b"".join(parts)
        self._sha256.update(self._whole)
        self._hashed = self.size = length

    def _read(self, offset: int, length: int) -> bytes:
        try:
            return os.pread(self._descriptor, length, offset)
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError | ValueError) -> EvidenceError:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return EvidenceError(
            f"cannot read {visible(str(self.path))}: {reason}",
            "check that the file is still there and readable, then add it again",
        )


class Span:
    """A range of a delivered file as pieces. It can be iterated again; the meter counts its bytes once."""

    def __init__(self, file: FileBytes, start: int, end: int | None, meter: Meter | None = None) -> None:
        self._file = file
        self._start = start
        self._end = end
        self._meter = meter
        self._counted = start

    def __iter__(self) -> Iterator[bytes]:
        offset = self._start
        while self._end is None or offset < self._end:
            length = PIECE if self._end is None else min(PIECE, self._end - offset)
            piece = self._file.read_at(offset, length)
            if not piece:
                return
            offset += len(piece)
            if self._meter and offset > self._counted:
                self._meter.consumed += offset - self._counted
                self._counted = offset
            yield piece


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        name: Its name as the archive writes it; bytes that are no text stand as lone surrogates.
        modified_at: Microseconds UTC, if the archive tells.
        pieces: Its bytes, to be read before the next member is asked for.
        damage: What is wrong with it, complete once the pieces were read.
    """

    name: str
    modified_at: int | None
    pieces: Iterable[bytes]
    damage: DamageLog


class Reader:
    """Reads a stream of pieces forward, in lengths that suit the one who reads.

    Attributes:
        position: Bytes handed out so far.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._source: Iterable[bytes] = pieces
        self._pieces = iter(pieces)
        self._buffer = b""
        self._at = 0
        self._kept: bytearray | None = None
        self._marked = 0
        self.position = 0

    def peek(self, length: int) -> bytes:
        """Return the next ``length`` bytes, fewer at the end of the stream, and leave them in place."""
        while len(self._buffer) - self._at < length:
            piece = self._pull()
            if not piece:
                break
            self._buffer = self._buffer[self._at :] + piece
            self._at = 0
        return self._buffer[self._at : self._at + length]

    def read(self, length: int) -> bytes:
        """Return between 1 and ``length`` bytes, or none at the end of the stream."""
        if self._at == len(self._buffer):
            self._buffer = self._pull()
            self._at = 0
        data = self._buffer[self._at : self._at + length]
        self._at += len(data)
        self.position += len(data)
        return data

    def unread(self, data: bytes) -> None:
        """Put back bytes that were read last."""
        if len(data) <= self._at:
            self._at -= len(data)
        else:
            self._buffer = data + self._buffer[self._at :]
            self._at = 0
        self.position -= len(data)

    def exactly(self, length: int) -> bytes:
        """Return ``length`` bytes, fewer only at the end of the stream."""
        data = self.read(length)
        if len(data) == length or not data:
            return data
        parts = [data]
        missing = length - len(data)
        while missing and (data := self.read(missing)):
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def skip(self, length: int) -> int:
        """Pass over ``length`` bytes and return how many there were."""
        missing = length
        while missing and (data := self.read(min(missing, PIECE))):
            missing -= len(data)
        return length - missing

    def skip_all(self) -> int:
        """Pass over everything that is left and return how many bytes that was."""
        count = 0
        while data := self.read(PIECE):
            count += len(data)
        return count

    def mark(self) -> None:
        """Make ready for a :meth:`rewind` to this place.

        A span of a file is read again; what is read of any other stream from here on is kept, up to 32 MiB.
        """
        self._marked = self.position
        self._kept = None if isinstance(self._source, Span) else bytearray(self._buffer[self._at :])

    def rewind(self) -> bool:
        """Return to the marked place; False, and nothing done, if too much was read since."""
        if isinstance(self._source, Span):
            self._pieces = iter(self._source)
            self._buffer, self._at, self.position = b"", 0, 0
            self.skip(self._marked)
            return True
        if self._kept is None:
            return False
        self._buffer, self._at, self.position = bytes(self._kept), 0, self._marked
        self._kept = None
        return True

    def _pull(self) -> bytes:
        for piece in self._pieces:
            if piece:
                if self._kept is not None:
                    if len(self._kept) + len(piece) > _WHOLE:
                        self._kept = None
                    else:
                        self._kept += piece
                return piece
        return b""
