"""Original bytes: written as compressed blocks, found again by (evidence, offset, length)."""

from __future__ import annotations

import functools
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator

import zstandard

from workbench.casefile.events.batch import Block
from workbench.errors import EvidenceError

BLOCK_SIZE = 256 * 1024
"""Bytes of content in every block of a content but its last."""

_HANDED_ON = 32
"""Blocks that are handed on together: 8 MiB of content."""

_COMPRESSION = zstandard.ZstdCompressionParameters.from_level(1, source_size=BLOCK_SIZE, min_match=6)
"""Level 1: on CloudTrail, level 3 gave no smaller blocks and took half as long again. Logs repeat long texts: looking for
repetitions of six bytes and more takes a third less time than the level's own, and the blocks get no larger."""


class BlockMaker:
    """Cuts a stream of content into compressed blocks and hashes it on the way.

    Args:
        hand_on: Called with full blocks whenever some megabytes of content have come together, so that memory stays
            bounded however long the reader of the stream takes to make sense of it.
    """

    def __init__(self, hand_on: Callable[[list[Block]], None]) -> None:
        self._hand_on = hand_on
        self._compressor = zstandard.ZstdCompressor(compression_params=_COMPRESSION)
        self._hash = hashlib.sha256()
        self._pending = b""
        self._ready: list[Block] = []
        self.size = 0
        """Bytes of content seen so far."""

    def tee(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass chunks through unchanged, keeping them as blocks."""
        for chunk in chunks:
            self._hash.update(chunk)
            self.size += len(chunk)
            pending = self._pending + chunk if self._pending else chunk
            full = len(pending) - len(pending) % BLOCK_SIZE
            self._cut(pending, full)
            self._pending = pending[full:]
            if len(self._ready) >= _HANDED_ON:
                self._hand_on(self.take())
            yield chunk

    def _cut(self, content: bytes, end: int) -> None:
        """Make blocks of the first bytes of what ends where the content seen so far does."""
        start = self.size - len(content)
        view = memoryview(content)
        for position in range(0, end, BLOCK_SIZE):
            piece = view[position : min(position + BLOCK_SIZE, end)]
            self._ready.append(Block(start + position, len(piece), self._compressor.compress(piece)))

    def take(self) -> list[Block]:
        """Return the full blocks made since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def finish(self) -> list[Block]:
        """Return the remaining blocks, the last one possibly short."""
        pending, self._pending = self._pending, b""
        self._cut(pending, len(pending))
        return self.take()

    def hexdigest(self) -> str:
        """Return the SHA-256 of all content seen."""
        return self._hash.hexdigest()


class ContentStore:
    """Reads kept content back."""

    def __init__(self, connection: sqlite3.Connection, cached_blocks: int = 64) -> None:
        self._connection = connection
        self._block = functools.lru_cache(maxsize=cached_blocks)(self._read_block)

    def read(self, evidence_id: int, start: int, length: int) -> bytes:
        """Return a byte range of a content.

        Raises:
            EvidenceError: If the case file does not hold those bytes: it was damaged or altered.
        """
        inside = start % BLOCK_SIZE
        if 0 < length <= BLOCK_SIZE - inside:
            whole = self._block(evidence_id, start - inside)[inside : inside + length]
            if len(whole) == length:
                return whole
        parts = []
        position, end = start, start + length
        while position < end:
            block_start = position - position % BLOCK_SIZE
            data = self._block(evidence_id, block_start)
            part = data[position - block_start : end - block_start]
            if not part:
                raise EvidenceError(
                    f"bytes {position:,} to {end:,} are missing from the case file",
                    "the case file is damaged: verify your copy",
                )
            parts.append(part)
            position += len(part)
        return b"".join(parts)

    def chunks(self, evidence_id: int) -> Iterator[bytes]:
        """Yield the whole content, block by block, each its own short read."""
        position = 0
        while True:
            row = self._connection.execute(
                "SELECT 1 FROM block WHERE evidence_id = ? AND start = ?", (evidence_id, position)
            ).fetchone()
            if row is None:
                return
            data = self._read_block(evidence_id, position)
            yield data
            position += len(data)

    def _read_block(self, evidence_id: int, start: int) -> bytes:
        row = self._connection.execute(
            "SELECT length, data FROM block WHERE evidence_id = ? AND start = ?", (evidence_id, start)
        ).fetchone()
        if row is None:
            return b""
        length, data = row
        try:
            if not 0 < length <= BLOCK_SIZE:
                raise zstandard.ZstdError("block of an impossible length")
            content = zstandard.ZstdDecompressor().decompress(data, max_output_size=BLOCK_SIZE)
            if len(content) != length:
                raise zstandard.ZstdError("block of another length than stated")
        except zstandard.ZstdError as error:
            raise EvidenceError(
                f"a block of evidence cannot be unpacked ({error})",
                "the case file is damaged: verify your copy",
            ) from error
        return content
