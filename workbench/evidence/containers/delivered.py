"""One delivered file, opened: the contents that are to be read from it, whatever it is packed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from workbench.evidence.containers.detect import HEAD, UNSUPPORTED, Kind, detect
from workbench.evidence.containers.inflate import gunzip, gzip_time
from workbench.evidence.containers.limits import (
    MAX_LAYERS,
    Damage,
    DamageLog,
    Limits,
    Meter,
    StreamDamage,
)
from workbench.evidence.containers.reading import FileBytes, Member, Reader, Span
from workbench.evidence.containers.tar import TarArchive
from workbench.evidence.containers.zip import zip_members
from workbench.evidence.containers.zstd import unzstd

_DECODERS: dict[Kind, Callable[[Reader, StreamDamage], Iterator[bytes]]] = {
    Kind.GZIP: gunzip,
    Kind.ZSTD: unzstd,
}


class Content:
    """One stream of bytes in a delivered file: the file itself, decompressed, or a member of an archive.

    Attributes:
        member: Empty for the file itself, else the member's name exactly as the archive writes it
            (undecodable bytes as lone surrogates). It tells of the content and is never a path to write to.
        container: What it was unpacked from, outermost first: ``gzip``, ``zip``, ``gzip+tar``,
            ``zip+gzip`` …; empty if it was not packed.
        modified_at: Modification time in microseconds UTC by the innermost container that tells one.
        damage: Why the content is not whole or not what it should be; set once its chunks have ended.
    """

    def __init__(
        self,
        member: str,
        container: str,
        modified_at: int | None,
        reader: Reader,
        damage: DamageLog,
        max_content: int,
    ) -> None:
        self.member = member
        self.container = container
        self.modified_at = modified_at
        self.damage: Damage | None = None
        self._reader = reader
        self._damage_log = damage
        self._max_content = max_content

    def chunks(self, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield the bytes, once, in chunks of 1 to ``size`` bytes.

        Damaged data ends the stream where it can no longer be read; :attr:`damage` then says so.

        Raises:
            EvidenceError: If the operating system cannot read the delivered file.
        """
        room = self._max_content
        while chunk := self._reader.read(size):
            if len(chunk) > room:
                self._damage_log.add(
                    f"stopped after {self._max_content:,} bytes of content (--max-content raises this limit)"
                )
                if room:
                    yield chunk[:room]
                break
            room -= len(chunk)
            yield chunk
        self.damage = self._damage_log.damage()


class Delivered:
    """A delivered file while its contents are being read; a context manager.

    Attributes:
        path: Where the file lies.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self._file = FileBytes(path)
        self._limits = limits
        self._meter = Meter(limits)
        self._damage = DamageLog()
        self._is_complete = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        self._file.close()

    @property
    def size(self) -> int:
        """Size of the file in bytes; once the contents are exhausted, how many bytes were hashed."""
        return self._file.size

    @property
    def modified_at(self) -> int:
        """Modification time of the file by the file system, microseconds UTC."""
        return self._file.modified_at

    @property
    def sha256(self) -> str:
        """SHA-256 of the file as delivered, in hexadecimal digits.

        Raises:
            RuntimeError: If the contents are not exhausted yet: the hash would not be that of the whole file.
        """
        if not self._is_complete:
            raise RuntimeError("the SHA-256 of a file is known once its contents are exhausted")
        return self._file.sha256

    @property
    def damage(self) -> Damage | None:
        """What is wrong with the file as a whole, complete once the contents are exhausted.

        What is wrong with one content is that content's own damage.
        """
        return self._damage.damage()

    def contents(self) -> Iterator[Content]:
        """Yield the contents, once, in the order of the archive; each must be read before the next.

        What is left of a content when the next is asked for is passed over.

        Raises:
            EvidenceError: If the operating system cannot read the file.
        """
        yield from self._contents()
        self._file.hash_rest()
        if self._file.has_changed:
            self._damage.add("the file was changed while it was being read")
        self._is_complete = True

    def _contents(self) -> Iterator[Content]:
        if detect(self._file.read_at(0, HEAD)) is Kind.ZIP:
            yield from self._zip_contents()
            return
        damage = StreamDamage(DamageLog(), self._damage)
        stream = self._unpack(Reader(Span(self._file, 0, None, self._meter)), [], damage)
        if stream.kind is Kind.TAR:
            members = TarArchive(stream.reader, self._damage).members(self._limits.max_members)
            yield from self._member_contents(members, [*stream.layers, Kind.TAR])
            stream.reader.skip_all()
            self._damage.extend(damage.content)
            return
        if stream.kind is Kind.ZIP:
            damage.content.add("a zip archive inside a compressed file: decompress it and add it")
        yield self._content("", stream, None, damage.content)

    def _zip_contents(self) -> Iterator[Content]:
        # Reading a zip archive jumps about in the file, so it is hashed in a pass of its own.
        self._file.hash_rest()
        found = False
        members = zip_members(self._file, self._meter, self._damage, self._limits)
        for content in self._member_contents(members, [Kind.ZIP]):
            found = True
            yield content
        if not found and not self._damage.is_empty:
            damage = DamageLog()
            damage.add("no member of the zip archive could be read: it is kept as it is")
            stream = _Stream(Reader(Span(self._file, 0, None, self._meter)), [], Kind.PLAIN, None)
            yield self._content("", stream, None, damage)

    def _member_contents(self, members: Iterator[Member], archive: list[Kind]) -> Iterator[Content]:
        for member in members:
            stream = self._unpack(Reader(member.pieces), archive, StreamDamage(member.damage, member.damage))
            if stream.kind in (Kind.TAR, Kind.ZIP):
                member.damage.add("an archive inside an archive: extract it and add it")
            yield self._content(member.name, stream, member.modified_at, member.damage)

    def _unpack(self, reader: Reader, outer: list[Kind], damage: StreamDamage) -> _Stream:
        """Undo the compressions of a stream, at most three counting those around it."""
        layers = list(outer)
        modified_at = None
        while (kind := detect(reader.peek(HEAD))) in _DECODERS:
            depth = sum(layer is not Kind.TAR for layer in layers)
            if depth == MAX_LAYERS:
                damage.content.add(f"compressed more than {MAX_LAYERS} times: decompress it and add it")
                break
            if kind is Kind.GZIP:
                modified_at = gzip_time(reader.peek(8)) or modified_at
            pieces = _DECODERS[kind](reader, damage)
            reader = Reader(self._meter.limited(pieces, depth, damage.content))
            layers.append(kind)
        if kind in UNSUPPORTED:
            damage.content.add(f"{kind} is not supported: decompress it and add it")
        elif kind is Kind.DAMAGED_TAR:
            damage.content.add("it looks like a tar archive whose first header is damaged")
        return _Stream(reader, layers, kind, modified_at)

    def _content(self, member: str, stream: _Stream, modified_at: int | None, damage: DamageLog) -> Content:
        return Content(
            member=member,
            container="+".join(stream.layers),
            modified_at=stream.modified_at if stream.modified_at is not None else modified_at,
            reader=stream.reader,
            damage=damage,
            max_content=self._limits.max_content,
        )


class _Stream(NamedTuple):
    """A stream with its compressions undone, and what it turned out to be."""

    reader: Reader
    layers: list[Kind]
    kind: Kind
    modified_at: int | None


def open_delivered(path: Path, limits: Limits | None = None) -> Delivered:
    """Open a delivered file to read its contents.

    Args:
        path: A regular file.
        limits: What bounds the reading; None for the limits that hold unless a person lifts them.

    Raises:
        EvidenceError: If the file is missing, unreadable or no regular file.
    """
    return Delivered(path, limits or Limits())
