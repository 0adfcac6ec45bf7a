"""What is on show of one case: all its events, those that pass the filter, and the readers that fetch them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from workbench.casefile.events.scan import KeyChunk
from workbench.model.case import CaseInfo, CaseSummary
from workbench.search import parse
from workbench.search.query import Query
from workbench.tui.reading.background import BackgroundReader
from workbench.tui.reading.sources import CaseSource
from workbench.tui.timeline import Timeline

STEP = 0.12
"""Seconds between two looks at a growing timeline."""


class CaseReading:
    """The reading side of a case screen.

    Four readers, so that none waits for another's work: pages of rows, single records and sums, the scan of all
    events, the scan for a filter.

    Attributes:
        every: All events.
        passing: Those that pass the filter; the same object as ``every`` if there is none.
        text: The filter as it was typed.
        query: The filter as it is understood.
        summary: The sums of the case, ``None`` until they have been read.
    """

    def __init__(self, open_source: Callable[[], CaseSource]) -> None:
        self.pages = BackgroundReader(open_source, "pages")
        self.records = BackgroundReader(open_source, "records")
        self._scans = BackgroundReader(open_source, "scan")
        self._filters = BackgroundReader(open_source, "filter")
        self.every = Timeline()
        self.passing = self.every
        self.text = ""
        self.query: Query | None = None
        self.summary: CaseSummary | None = None
        self._rows_version: int | None = None
        self._sums_version: int | None = None

    async def info(self) -> CaseInfo:
        """Return what identifies the case."""
        return await self.records.run(lambda source: source.info())

    async def read_summary(self) -> CaseSummary:
        """Read the sums again and return them."""
        # The version first: what is written between the two is then noticed as news, not missed.
        self._sums_version = await self.records.run(_version)
        self.summary = await self.records.run(lambda source: source.summary())
        return self.summary

    async def sums_outdated(self) -> bool:
        """Whether another connection has written to the case since the sums were read."""
        return self._sums_version not in (None, await self.records.run(_version))

    async def rows_outdated(self) -> bool:
        """Whether another connection has written to the case since the rows of all events were read."""
        return self._rows_version not in (None, await self._scans.run(_version))

    @property
    def domain(self) -> tuple[int, int] | None:
        """First and last time of the case, as early as they can be known."""
        if self.summary is not None and self.summary.accounting.first is not None:
            last = self.summary.accounting.last
            return (self.summary.accounting.first, self.summary.accounting.first if last is None else last)
        return self.every.span

    async def load_every(self) -> AsyncGenerator[Timeline, None]:
        """Read the rows of all events, yielding the timeline now and then as it grows, and when it is complete.

        The first time it grows under the eyes of the person. Later the old rows stay until the new are complete.
        """
        fresh = Timeline()
        if not len(self.every):
            self._replace_every(fresh)
        self._rows_version = await self._scans.run(_version)
        async with aclosing(_growing(fresh, self._scans.scan(None))) as steps:
            async for _ in steps:
                yield fresh
        self._replace_every(fresh)
        yield fresh

    def _replace_every(self, fresh: Timeline) -> None:
        if self.passing is self.every:
            self.passing = fresh
        self.every = fresh

    async def warm_up(self) -> None:
        """Load what the first filter will need, while nobody waits for it."""
        await asyncio.to_thread(parse, "a")
        await self._filters.run(lambda source: source.data_version())

    async def understand(self, text: str) -> Query | None:
        """Parse a filter in the background: the first one loads the parser.

        Raises:
            QueryError: If it cannot be understood.
        """
        return await asyncio.to_thread(parse, text)

    async def load_passing(self, text: str, query: Query) -> AsyncGenerator[Timeline, None]:
        """Find the events that pass a filter, yielding the timeline now and then, and when it is complete.

        With the same filter as before the old rows stay until the new are complete.
        """
        fresh = Timeline()
        again = text == self.text and len(self.passing) > 0
        self.text, self.query = text, query
        if not again:
            self.passing = fresh
        async with aclosing(_growing(fresh, self._filters.scan(query))) as steps:
            async for _ in steps:
                yield fresh
        self.passing = fresh
        yield fresh

    def clear_filter(self) -> None:
        """Let all events pass."""
        self._filters.interrupt()
        self.text, self.query, self.passing = "", None, self.every

    def progress_text(self, known: int | None = None) -> str:
        """Say how many events are on show, and how far a running search has come."""
        count = len(self.passing)
        total = known if known is not None else len(self.every)
        if self.query is None:
            if self.every.complete:
                return f"{count:,} {'event' if count == 1 else 'events'}"
            return f"{count:,} of {max(total, count):,} events {_percent(self.every)}"
        text = f"{count:,} of {max(total, count):,} events"
        return text if self.passing.complete else f"{text} {_percent(self.passing)}"

    def close(self) -> None:
        """Stop all reading."""
        for reader in (self.pages, self.records, self._scans, self._filters):
            reader.close()


def _version(source: CaseSource) -> int:
    # Such numbers can be compared only if they come from one and the same connection.
    return source.data_version()


async def _growing(timeline: Timeline, chunks: AsyncGenerator[KeyChunk, None]) -> AsyncGenerator[None, None]:
    """Put chunks into a timeline; yield when there is something to show, but not more often than is worth drawing."""
    shown_at, shown = 0.0, 0
    async with aclosing(chunks):
        async for chunk in chunks:
            timeline.extend(chunk)
            now = time.monotonic()
            # The first rows are what the person waits for; after them a drawing costs more than it tells.
            if (shown == 0 and len(timeline)) or now - shown_at >= STEP:
                shown_at, shown = now, len(timeline)
                yield
    timeline.complete = True


def _percent(timeline: Timeline) -> str:
    share = 100 * timeline.scanned // timeline.total if timeline.total else 0
    return f"· scanning {share} %"
