"""Reading a case in the background: one connection in one thread, awaited by the screens, interruptible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from workbench.casefile.events.scan import KeyChunk
from workbench.search.query import Query
from workbench.tui.reading.sources import CaseSource

T = TypeVar("T")


class BackgroundReader:
    """One case source that lives in a thread of its own, so that no screen ever waits for the disk.

    Work is done in the order in which it was asked for; the source is opened by the first piece of it.
    """

    def __init__(self, open_source: Callable[[], CaseSource], name: str) -> None:
        self._open = open_source
        self._source: CaseSource | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._closed = False

    async def run(self, work: Callable[[CaseSource], T]) -> T:
        """Do ``work`` with the source in its thread and return the result.

        Raises:
            CaseFileError: If the case cannot be opened or read.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, self._call, work)
        except Exception as error:
            if self._closed:
                # The case was closed meanwhile: nobody waits for this any more.
                raise asyncio.CancelledError from None
            if str(error) != "interrupted":
                raise
        # A screen that was left gave up its own read at that moment and met this one.
        return await loop.run_in_executor(self._pool, self._call, work)

    def _call(self, work: Callable[[CaseSource], T]) -> T:
        if self._source is None:
            self._source = self._open()
        return work(self._source)

    async def scan(self, query: Query | None) -> AsyncGenerator[KeyChunk, None]:
        """Yield the rows that match, chunk by chunk. When the caller is cancelled the running read is interrupted."""
        chunks = await self.run(lambda source: source.scan(query))
        try:
            while (chunk := await self.run(lambda _: next(chunks, None))) is not None:
                yield chunk
        finally:
            # After a cancellation the thread may still be inside a read: stop it, then let the thread itself
            # close the iterator (closing it from here would race with that read).
            self.interrupt()
            close = getattr(chunks, "close", None)
            if close is not None:
                self._pool.submit(close)

    def interrupt(self) -> None:
        """Stop the read that is running, if any."""
        source = self._source
        if source is not None:
            source.interrupt()

    def close(self) -> None:
        """Stop what runs, close the connection, and end the thread."""
        self._closed = True
        self.interrupt()
        self._pool.submit(self._close_source)
        self._pool.shutdown(wait=False)

    def _close_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()
