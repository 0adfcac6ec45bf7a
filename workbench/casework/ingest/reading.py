"""Reading one delivered file into messages: bytes are kept, hashed, split into records, and records read into events."""

from __future__ import annotations

import functools
import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from workbench.casefile.events.batch import Block, ContentBatch, OtherRecord
from workbench.casefile.events.building import BatchBuilder
from workbench.casefile.evidence.content import BlockMaker
from workbench.casefile.evidence.writer import ContentFacts
from workbench.casework.ingest.messages import (
    ContentEnded,
    ContentStarted,
    FileEnded,
    FileFailed,
    FileKnown,
    Message,
)
from workbench.casework.ingest.records import RecordReader
from workbench.errors import EvidenceError, MappingError
from workbench.evidence.containers import Limits, open_delivered
from workbench.evidence.csv_rows import columns_as_text
from workbench.evidence.pieces import Rejected, SplitLimits
from workbench.evidence.split import Splitter
from workbench.model.evidence import AS_DELIVERED, ByteAccount, Disposition
from workbench.sources.mapping import read_mapping
from workbench.sources.protocol import Context
from workbench.sources.registry import Readers

_BATCH_EVENTS = 5_000
"""Events of one batch."""

Emit = Callable[[Message], None]
"""Takes the messages about a file, in order."""


class MappingText(msgspec.Struct, frozen=True):
    """A mapping file, as given.

    Attributes:
        name: Its file name.
        text: All of it.
    """

    name: str
    text: str


class ReadingOptions(msgspec.Struct, frozen=True):
    """How files are read.

    Attributes:
        containers: Limits of unpacking.
        splitting: Limits of splitting into records.
        timezone: IANA name of the zone of times that have none and that no source's rule covers.
        source: Name of the source that takes records which several readers know.
        mappings: Mapping files, each a reader more.
        documents: Whether the files are no logs (tickets, statements, photographs): each is kept whole, as one record.
    """

    containers: Limits = Limits()
    splitting: SplitLimits = SplitLimits()
    timezone: str | None = None
    source: str | None = None
    mappings: tuple[MappingText, ...] = ()
    documents: bool = False


class Task(msgspec.Struct, frozen=True):
    """One file to read.

    Attributes:
        number: Its number in this run.
        path: Where it is.
        known: SHA-256 values of acknowledged files of the same size: if it is one of them it is not read again.
        modified_at: When it was last modified, microseconds UTC.
        size: Its size in bytes, as far as is known.
    """

    number: int
    path: Path
    modified_at: int | None = None
    known: frozenset[str] = frozenset()
    size: int = 0


def read_file(task: Task, options: ReadingOptions, emit: Emit) -> None:
    """Read one delivered file.

    A container that could not be read in full is also kept whole, as delivered, so that no byte of it is lost: it
    follows as one more content, of which nothing is read.
    """
    try:
        if task.known:
            digest = _sha256(task.path)
            if digest in task.known:
                emit(FileKnown(digest))
                return
        if options.documents:
            chunks = file_chunks(task.path)
            sha256, size = keep_document(chunks, task.path.name, task.modified_at, emit)
            emit(FileEnded(sha256, size, None))
            return
        with open_delivered(task.path, options.containers) as delivered:
            damage: list[str] = []
            packed = False
            for content in delivered.contents():
                packed = packed or bool(content.container)
                read_content(content, task.path.name, task.modified_at, options, emit)
                if content.damage is not None:
                    damage.append(
                        f"{content.member}: {content.damage.reason}"
                        if content.member
                        else content.damage.reason
                    )
            if delivered.damage is not None:
                packed = True
                damage.append(delivered.damage.reason)
            reason = "\n".join(dict.fromkeys(damage))
            if damage and packed:
                keep_whole(file_chunks(task.path), emit)
            emit(FileEnded(delivered.sha256, delivered.size, reason or None))
    except EvidenceError as error:
        emit(FileFailed(str(error)))
    except OSError as error:
        emit(FileFailed(error.strerror or str(error)))


def readers_of(options: ReadingOptions) -> Readers:
    """Return the readers that are asked: those of the workbench and those made from mapping files.

    Raises:
        MappingError: If a mapping file cannot be read or two have one name.
        EvidenceError: If no reader has the name of the chosen source.
    """
    return _readers(options.mappings, options.source)


def check_mappings(kept: Iterable[str], options: ReadingOptions) -> None:
    """Make sure that one name and version of a mapping means one text throughout a case.

    Args:
        kept: Texts of the mappings with which evidence of the case was read before.
        options: With the mappings that are to be used now.

    Raises:
        MappingError: If one of them differs from a kept one of its name and version.
    """
    known = {(reader.source, reader.version): text for text in kept for reader in [read_mapping(text)]}
    for mapping in options.mappings:
        reader = read_mapping(mapping.text, mapping.name)
        if known.get((reader.source, reader.version), mapping.text) != mapping.text:
            raise MappingError(
                f"{mapping.name}: the case holds events of {reader.source} version {reader.version}, read by another text",
                "raise `version` in the mapping, or give it another name",
            )


@functools.lru_cache(maxsize=8)
def _readers(mappings: tuple[MappingText, ...], source: str | None) -> Readers:
    readers = [read_mapping(mapping.text, mapping.name) for mapping in mappings]
    try:
        return Readers(readers, chosen=source)
    except KeyError as error:
        raise EvidenceError(str(error.args[0]), "`workbench sources` lists them") from None


class Readable(Protocol):
    """One stream of bytes in a delivered file."""

    @property
    def member(self) -> str:
        """Empty for the file itself, else the name of the member of the archive."""
        ...

    @property
    def container(self) -> str:
        """What it was unpacked from."""
        ...

    @property
    def modified_at(self) -> int | None:
        """When it was last modified, microseconds UTC."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield its bytes."""
        ...


def read_content(
    content: Readable, name: str, modified_at: int | None, options: ReadingOptions, emit: Emit
) -> None:
    """Read one content: keep its bytes and read its records."""
    emit(ContentStarted(content.member, content.container, content.modified_at))
    builder = BatchBuilder()
    context = Context(options.timezone, content.modified_at or modified_at, content.member or name)
    reader = RecordReader(builder, readers_of(options), context)
    rejected: list[tuple[int, int, str]] = []

    def hand_on(ready: list[Block]) -> None:
        nonlocal rejected
        emit(ContentBatch(ready, builder.take(), reader.take_others(), rejected))
        rejected = []

    blocks = BlockMaker(hand_on)
    splitter = Splitter(blocks.tee(content.chunks()), options.splitting, reader.decode)
    for run in splitter.runs():
        if isinstance(run, Rejected):
            rejected.append((run.offset, run.length, run.reason))
            continue
        reader.read(run, splitter.shape)
        if len(builder) + len(reader.others) >= _BATCH_EVENTS:
            hand_on(blocks.take())
    hand_on(blocks.finish())
    shape = splitter.shape
    warnings = splitter.warnings + reader.warnings
    emit(
        ContentEnded(
            ContentFacts(
                content_sha256=blocks.hexdigest(),
                account=splitter.account,
                shape=shape.description,
                encoding=shape.encoding,
                columns=columns_as_text(shape),
                records=reader.records,
                sources=tuple(sorted(reader.sources)),
                warnings=tuple(
                    f"{text} ({count:,} ×)" if count > 1 else text for text, count in sorted(warnings.items())
                ),
            )
        )
    )


def file_chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(1 << 20), b"")


def keep_whole(chunks: Iterable[bytes], emit: Emit) -> None:
    """Keep the bytes of a delivered file as one content of which nothing is read."""
    emit(ContentStarted(f"({AS_DELIVERED})", AS_DELIVERED, None))

    def hand_on(ready: list[Block]) -> None:
        emit(ContentBatch(ready, BatchBuilder().take(), [], []))

    blocks = BlockMaker(hand_on)
    for _ in blocks.tee(chunks):
        pass
    whole = (
        0,
        blocks.size,
        "a container that could not be read in full, kept as delivered; its readable contents stand beside it",
    )
    emit(ContentBatch(blocks.finish(), BatchBuilder().take(), [], [whole]))
    emit(
        ContentEnded(
            ContentFacts(
                content_sha256=blocks.hexdigest(),
                account=ByteAccount(blocks.size, 0, 0, blocks.size),
                shape="damaged container",
                encoding="binary",
                columns=None,
                records=0,
                sources=(),
                warnings=(),
            )
        )
    )


def keep_document(chunks: Iterable[bytes], name: str, modified_at: int | None, emit: Emit) -> tuple[str, int]:
    """Keep a file that is no log: its bytes as delivered, packed or not, as one record of which nothing is read.

    Args:
        chunks: Its bytes.
        name: Its file name, which says what kind of document it is.
        modified_at: When it was last modified, microseconds UTC.
        emit: Takes the messages about it.

    Returns:
        Its SHA-256 and its size.
    """
    emit(ContentStarted("", "", modified_at))

    def hand_on(ready: list[Block]) -> None:
        emit(ContentBatch(ready, BatchBuilder().take(), [], []))

    blocks = BlockMaker(hand_on)
    for _ in blocks.tee(chunks):
        pass
    kind = mimetypes.guess_type(name, strict=False)[0]
    whole = OtherRecord(
        0, blocks.size, 0, Disposition.DOCUMENT, None, "a document: kept whole, nothing is read of it"
    )
    others = [whole] if blocks.size else []
    emit(ContentBatch(blocks.finish(), BatchBuilder().take(), others, []))
    emit(
        ContentEnded(
            ContentFacts(
                content_sha256=blocks.hexdigest(),
                account=ByteAccount(blocks.size, blocks.size, 0, 0),
                shape=f"document ({kind})" if kind else "document",
                encoding="binary",
                columns=None,
                records=len(others),
                sources=(),
                warnings=(),
            )
        )
    )
    return blocks.hexdigest(), blocks.size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
