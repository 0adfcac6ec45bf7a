"""A sliding window over a content: the bytes not yet classified, and a few more."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Window:
    """The part of a content that is in memory.

    ``buffer[position]`` is the first byte not yet classified and stands at ``base + position`` in the content.
    Reading more drops what was classified and moves ``position`` to 0, so code that reads on keeps its places
    relative to ``position``.

    Attributes:
        buffer: Bytes in memory.
        position: Index in ``buffer`` of the first byte not yet classified.
        base: Offset in the content of ``buffer[0]``.
        ended: Whether the content ends with the buffer.
    """

    __slots__ = ("_chunks", "_discarded", "_fill", "base", "buffer", "ended", "position")

    def __init__(
        self,
        chunks: Iterable[bytes],
        fill: int,
        base: int = 0,
        discarded: Callable[[int], object] | None = None,
    ) -> None:
        """Begin before the first byte.

        Args:
            chunks: The content in pieces of any size.
            fill: Bytes to read at a time at least.
            base: Offset of the first byte.
            discarded: Told the offset up to which bytes are dropped, each time some are.
        """
        self._chunks = iter(chunks)
        self._fill = fill
        self._discarded = discarded
        self.base = base
        self.buffer = b""
        self.position = 0
        self.ended = False

    @property
    def offset(self) -> int:
        """Offset in the content of the first byte not yet classified."""
        return self.base + self.position

    @property
    def available(self) -> int:
        """Number of bytes in memory that are not yet classified."""
        return len(self.buffer) - self.position

    def more(self) -> bool:
        """Read on, at least as much again as is kept, so that growing costs linear time.

        Returns:
            Whether anything was added.
        """
        if self.ended:
            return False
        kept = self.buffer[self.position :]
        parts = [kept]
        wanted = max(self._fill, len(kept), 1)
        while wanted > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.ended = True
                break
            parts.append(chunk)
            wanted -= len(chunk)
        self.base += self.position
        self.position = 0
        self.buffer = b"".join(parts)
        if self._discarded is not None:
            self._discarded(self.base)
        return len(self.buffer) > len(kept)

    def hold(self, size: int) -> None:
        """Read until ``size`` unclassified bytes are in memory or the content has ended."""
        while self.available < size and self.more():
            pass
