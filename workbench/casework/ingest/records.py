"""From one record to its events: the fast way for plain native records, the careful way for everything else."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import msgspec

from workbench.casefile.events.batch import OtherRecord, Values
from workbench.evidence.csv_rows import row_values
from workbench.evidence.decode import UndecodableError, loads_told
from workbench.evidence.pieces import Decoded, Record, Run, Shape
from workbench.evidence.wrappers import Unwrapped, unwrap
from workbench.model.event import Event, EventColumns
from workbench.model.evidence import Disposition
from workbench.sources.protocol import NO_EVENTS, Context, PlainEvents, Reading, SourceReader
from workbench.sources.registry import Claim, Readers

UNVERIFIED = "unverified"
"""Stands behind the name of a reader that no real sample was at hand for."""

_LINE_KEYS = ("message", "@message", "_raw", "log", "event.original")
"""Where CloudWatch Logs, Logstash, Splunk, container runtimes and Elastic keep a line as it was written."""


_NO_JSON = ("csv", "line")
"""Paths of records that are no JSON values."""

_WARNINGS = Event.__struct_fields__.index("warnings")


class EventSink(Protocol):
    """Takes the events, as :class:`~workbench.casefile.events.building.BatchBuilder` does."""

    def add(self, event: Event, start: int, length: int, part: int, reading: Values) -> None:
        """Take one event."""
        ...

    def add_columns(
        self, columns: EventColumns, starts: Sequence[int], lengths: Sequence[int], reading: Values
    ) -> None:
        """Take the events of many records, one of each."""
        for values, start, length in zip(zip(*columns, strict=True), starts, lengths, strict=True):
            self.add(Event(*values), start, length, 0, reading)


class RecordReader:
    """Reads the records of one content into a batch.

    Attributes:
        others: Records (or parts of records) that are no events.
        warnings: What was odd, counted.
        sources: Readers that took records, ``name version`` and whether they are unverified.
        records: Records seen.
        marks: By what the first record of each source was recognised, of those not read the short way.
    """

    def __init__(self, builder: EventSink, readers: Readers, context: Context) -> None:
        """Prepare to read.

        Args:
            builder: Takes the events.
            readers: Who is asked.
            context: What is known of all records of the content.
        """
        self._builder = builder
        self._readers = readers
        self._context = context
        self._likely: SourceReader = readers.all[0]
        self._readings: dict[tuple[str, str], Values] = {}
        self.others: list[OtherRecord] = []
        self.warnings: Counter[str] = Counter()
        self.sources: set[str] = set()
        self.records = 0
        self.marks: dict[str, str] = {}

    def decode(self, array: bytes) -> Decoded | None:
        """Decode a JSON array of records, where the reader that is likely to read them can."""
        return self._likely.decode(array)

    def read(self, run: Run, shape: Shape) -> None:
        """Read records that were cut together: every part of them becomes an event or an :class:`OtherRecord`."""
        plain: dict[str, PlainEvents] = {}
        index, size = 0, len(run.offsets)
        while index < size:
            reader = self._likely
            if reader.source not in plain:
                plain[reader.source] = NO_EVENTS if run.path in _NO_JSON else reader.read_run(run)
            read = plain[reader.source]
            if read.indexes and (end := self._add_plain(run, index, read, reader)) > index:
                index = end
                continue
            self.read_carefully(run.record(index), shape)
            index += 1
            while not read.indexes and self._likely is reader and index < size:
                self.read_carefully(run.record(index), shape)
                index += 1

    def _add_plain(self, run: Run, index: int, plain: PlainEvents, reader: SourceReader) -> int:
        """Add the events of the records from one on that were read together; return which record is the next."""
        first = bisect.bisect_left(plain.indexes, index)
        last = first
        if len(plain.indexes) == len(run.offsets):
            last = len(run.offsets)  # as of most runs: all of them
        while last < len(plain.indexes) and plain.indexes[last] - last == index - first:
            last += 1
        count = last - first
        if count:
            columns = tuple(column[first:last] for column in plain.columns)
            warnings = columns[_WARNINGS]
            if any(warnings):
                self.warnings.update(itertools.chain.from_iterable(warnings))
            end = index + count
            self._builder.add_columns(
                columns, run.offsets[index:end], run.lengths[index:end], self._reading(reader, run.path)
            )
            self.records += count
        return index + count

    def take_others(self) -> list[OtherRecord]:
        """Return the records that are no events since the last call."""
        others, self.others = self.others, []
        return others

    def read_carefully(self, record: Record, shape: Shape) -> None:
        """Read one record whatever its form; gives the same events as :meth:`read`."""
        self.records += 1
        if record.path == "line":
            self._read_line(record)
            return
        warnings: list[str] = []
        document: object
        if record.path == "csv":
            document = row_values(record.data, shape)
        else:
            try:
                document, warnings = loads_told(record.data)
            except UndecodableError as error:
                self._set_aside(record, 0, None, str(error))
                return
        parts = unwrap(document)
        if not parts:
            self._set_aside(record, 0, None, "not an object")
        for part in parts:
            self._read_part(record, part, warnings)

    def _read_line(self, record: Record) -> None:
        line = record.data.decode("utf-8", "backslashreplace")
        reader = self._decided(record, 0, self._readers.claims_of_line(line))
        if reader is not None:
            self._take(record, 0, reader, reader.read_line(line, self._context), (), record.path)

    def _read_part(self, record: Record, part: Unwrapped, warnings: Sequence[str]) -> None:
        wrapper = f"{record.path}.{part.path}" if record.path and part.path else record.path or part.path
        claims = self._readers.claims(part.document)
        if not claims and self._read_line_inside(record, part, warnings, wrapper):
            return
        reader = self._decided(record, part.index, claims)
        if reader is not None:
            self._likely = reader
            reading = reader.read(part.document, self._context)
            self._take(record, part.index, reader, reading, warnings, wrapper)

    def _read_line_inside(
        self, record: Record, part: Unwrapped, warnings: Sequence[str], wrapper: str
    ) -> bool:
        """Read the line of a text log that a collector put into an object; return whether a reader knows one."""
        for key in _LINE_KEYS:
            line = part.document.get(key)
            if isinstance(line, str) and (claims := self._readers.claims_of_line(line)):
                reader = self._decided(record, part.index, claims)
                if reader is not None:
                    reading = reader.read_line(line, self._context)
                    self._take(record, part.index, reader, reading, warnings, f"{wrapper}.{key}".lstrip("."))
                return True
        return False

    def _decided(self, record: Record, part: int, claims: list[Claim]) -> SourceReader | None:
        """Return the reader of a record; if there is none or more than one, set the record aside with the reason."""
        if len(claims) == 1:
            reader, mark = claims[0]
            self.marks.setdefault(reader.source, mark)
            return reader
        reason = "no reader knows this record"
        if claims:
            rivals = "; ".join(f"{claim.reader.source} ({claim.reason})" for claim in claims)
            reason = f"several readers know this record: {rivals}; --source decides"
        self._set_aside(record, part, None, reason)
        return None

    def _take(
        self,
        record: Record,
        part: int,
        reader: SourceReader,
        reading: Reading,
        warnings: Sequence[str],
        wrapper: str,
    ) -> None:
        event = reading.event
        if event is None:
            assert reading.disposition is not None
            self._set_aside(record, part, reader, reading.reason, reading.disposition)
            return
        if warnings:
            merged = tuple(dict.fromkeys((*event.warnings, *warnings)))
            event = msgspec.structs.replace(event, warnings=merged)
        self._add(event, record, part, reader, wrapper)

    def _add(self, event: Event, record: Record, part: int, reader: SourceReader, wrapper: str) -> None:
        if event.warnings:
            self.warnings.update(event.warnings)
        self._builder.add(event, record.offset, record.length, part, self._reading(reader, wrapper))

    def _reading(self, reader: SourceReader, wrapper: str) -> Values:
        reading = self._readings.get((reader.source, wrapper))
        if reading is None:
            reading = self._readings[reader.source, wrapper] = (reader.source, reader.version, wrapper)
            self.sources.add(_named(reader))
        return reading

    def _set_aside(
        self,
        record: Record,
        part: int,
        reader: SourceReader | None,
        reason: str,
        disposition: Disposition = Disposition.UNRECOGNISED,
    ) -> None:
        source = None if reader is None else reader.source
        self.others.append(OtherRecord(record.offset, record.length, part, disposition, source, reason))
        if reader is not None:
            self.sources.add(_named(reader))


def _named(reader: SourceReader) -> str:
    """Name a reader as the accounting shows it; what was unverified when it read stays so in the case."""
    return f"{reader.source} {reader.version}" + ("" if reader.checked_against else f" {UNVERIFIED}")
