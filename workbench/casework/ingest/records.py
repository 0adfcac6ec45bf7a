"""From one record to its events: the fast way for plain native records, the careful way for everything else."""

from __future__ import annotations

from collections import Counter

import msgspec

from workbench.casefile.batch import BatchBuilder, OtherRecord, Values
from workbench.evidence.csv_rows import row_values
from workbench.evidence.decode import UndecodableError, duplicate_keys, loads
from workbench.evidence.pieces import Record, Shape
from workbench.evidence.wrappers import Unwrapped, unwrap
from workbench.model.event import Event
from workbench.model.evidence import Disposition
from workbench.sources.protocol import SourceReader
from workbench.sources.registry import READERS, read_document


class RecordReader:
    """Reads the records of one content into a batch.

    Attributes:
        others: Records (or parts of records) that are no events.
        warnings: What was odd, counted.
        sources: Readers that took records, ``name version``.
        records: Records seen.
    """

    def __init__(self, builder: BatchBuilder) -> None:
        self._builder = builder
        self._likely: SourceReader = READERS[0]
        self._readings: dict[tuple[str, str], Values] = {}
        self.others: list[OtherRecord] = []
        self.warnings: Counter[str] = Counter()
        self.sources: set[str] = set()
        self.records = 0

    def read(self, record: Record, shape: Shape) -> None:
        """Read one record: every part of it becomes an event or an :class:`OtherRecord`."""
        self.records += 1
        event = self._likely.read_fast(record.data)
        if event is not None:
            self._add(event, record, 0, self._likely, record.path)
        else:
            self._read_carefully(record, shape)

    def take_others(self) -> list[OtherRecord]:
        """Return the records that are no events since the last call."""
        others, self.others = self.others, []
        return others

    def _read_carefully(self, record: Record, shape: Shape) -> None:
        if record.path == "line":
            self._set_aside(record, 0, None, "a line of text that no reader knows")
            return
        warnings: list[str] = []
        document: object
        if record.path == "csv":
            document = row_values(record.data, shape)
        else:
            try:
                document, warnings = loads(record.data)
            except UndecodableError as error:
                self._set_aside(record, 0, None, str(error))
                return
            warnings += [f'duplicate key "{key}": last value used' for key in duplicate_keys(record.data)]
        parts = unwrap(document)
        if not parts:
            self._set_aside(record, 0, None, "not an object")
        for part in parts:
            self._read_part(record, part, dict.fromkeys(warnings))

    def _read_part(self, record: Record, part: Unwrapped, warnings: dict[str, None]) -> None:
        answer = read_document(part.document)
        if answer is None:
            self._set_aside(record, part.index, None, "no reader knows this record")
            return
        reader, reading = answer
        if reading.event is None:
            assert reading.disposition is not None
            self._set_aside(record, part.index, reader, reading.reason, reading.disposition)
            return
        event = reading.event
        if warnings:
            merged = tuple(dict.fromkeys((*event.warnings, *warnings)))
            event = msgspec.structs.replace(event, warnings=merged)
        self._likely = reader
        wrapper = ".".join(filter(None, (record.path, part.path)))
        self._add(event, record, part.index, reader, wrapper)

    def _add(self, event: Event, record: Record, part: int, reader: SourceReader, wrapper: str) -> None:
        reading = self._readings.get((reader.source, wrapper))
        if reading is None:
            reading = self._readings[reader.source, wrapper] = (reader.source, reader.version, wrapper)
            self.sources.add(f"{reader.source} {reader.version}")
        if event.warnings:
            self.warnings.update(event.warnings)
        self._builder.add(event, record.offset, record.length, part, reading)

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
            self.sources.add(f"{reader.source} {reader.version}")
