"""What every source reader offers, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

import msgspec

from workbench.evidence.pieces import Decoded, Run
from workbench.model.event import Event, EventColumns
from workbench.model.evidence import Disposition


class Context(msgspec.Struct, frozen=True):
    """What is known of a record beside the record itself.

    Attributes:
        timezone: IANA name of the zone that the responder gave for times without one (``add --timezone``).
        modified_at: Microseconds UTC of the content's own date (of the file, or of the member of an archive): the only
            hint at the year of a time that has none.
        name: Name of the file or member.
    """

    timezone: str | None = None
    modified_at: int | None = None
    name: str = ""


class Reading(msgspec.Struct, frozen=True):
    """What a reader made of one document: an event, or a disposition that says why it is none.

    Attributes:
        event: The event, if the document is one.
        disposition: ``digest``, ``snapshot`` or ``unrecognised`` if it is not.
        reason: Why the document is no event; empty if it is one.
    """

    event: Event | None = None
    disposition: Disposition | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.event is None) == (self.disposition is None):
            raise ValueError("a reading is either an event or a disposition")


class PlainEvents(NamedTuple):
    """What a reader made of those records of a run that are plainly of its source.

    Attributes:
        indexes: Which records of the run, ascending.
        columns: Their events.
    """

    indexes: Sequence[int]
    columns: EventColumns

    def followed_by(self, other: PlainEvents) -> PlainEvents:
        """Return these events and those of later records."""
        if not (self.indexes and other.indexes):
            return self if self.indexes else other
        columns = tuple([*mine, *theirs] for mine, theirs in zip(self.columns, other.columns, strict=True))
        return PlainEvents([*self.indexes, *other.indexes], columns)


NO_EVENTS = PlainEvents((), ())

NO_MARKS: Mapping[str, frozenset[str]] = MappingProxyType({})
"""Every hint leads to the reader, whatever its value."""


def only_with(**values: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """Return the ``marks`` of a reader: values, folded, by the hint that must have one of them."""
    return MappingProxyType(values)


class SourceReader(Protocol):
    """A reader of one kind of log.

    Attributes:
        source: Name of the source (``aws.cloudtrail``).
        version: Raised whenever the same record would be read differently: events of different versions are
            not comparable.
        title: The log's name for people.
        needs: What to collect, one line.
        checked_against: The samples that the reader was checked with, for people. Empty if no real sample was at hand:
            the reader is *unverified*, and links through its events are at most inferred.
        hints: Names of keys, in the spelling of :func:`workbench.sources.document.fold`: every document of this source
            has one of them at its top. The reader is not asked about others. Empty for a log of text lines.
        marks: For hints that many logs have in common, the values that lead to the reader, in the same spelling: with any
            other value such a key is no hint.
        beside: Names of keys, in the same spelling: a document that no mark tells has one of them too. Empty if a hint is enough.
    """

    source: str
    version: int
    title: str
    needs: str
    checked_against: str
    hints: frozenset[str]
    marks: Mapping[str, frozenset[str]]
    beside: frozenset[str]

    def decode(self, array: bytes) -> Decoded | None:
        """Decode a JSON array of bare native records, for ``read_run``.

        Returns:
            All records, with the bytes that each takes in the array; ``None`` where that cannot be told or they are others.
        """
        ...

    def read_run(self, run: Run) -> PlainEvents:
        """Read the bytes of bare native records that were cut together.

        Args:
            run: JSON values, UTF-8, each complete.

        Returns:
            The events of those records that are plainly of this source. The caller decodes the others and asks
            ``recognises`` and ``read``, which give the same event for every record that both accept.
        """
        ...

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a decoded, unwrapped document is of this source, in any of its spellings.

        Returns:
            The marks that decide, for people (``eventSource ends in .amazonaws.com``); empty if it is not.
        """
        ...

    def recognises_line(self, line: str) -> str:
        """Tell by what a line of a text log is of this source; empty if it is not."""
        ...

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Undo what an export did to a document's form (flattened columns, struct text), not to its content.

        Two copies of one record that came through different exports are compared in this form.
        """
        ...

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read a document that ``recognises`` accepted. Never raises for what the document holds."""
        ...

    def read_line(self, line: str, context: Context) -> Reading:
        """Read a line that ``recognises_line`` accepted. Never raises for what the line holds."""
        ...


class DocumentReader:
    """What readers of structured records have in common: no short way from bytes, no lines, nothing to undo."""

    checked_against = ""
    marks: Mapping[str, frozenset[str]] = NO_MARKS
    beside: frozenset[str] = frozenset()

    def decode(self, array: bytes) -> Decoded | None:
        """Decode nothing."""
        return None

    def read_run(self, run: Run) -> PlainEvents:
        """Leave every record to ``read``."""
        return NO_EVENTS

    def recognises_line(self, line: str) -> str:
        """Know no line."""
        return ""

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Return the document as it is."""
        return document

    def read_line(self, line: str, context: Context) -> Reading:
        """Say that a line is not for this reader."""
        return Reading(disposition=Disposition.UNRECOGNISED, reason="a line of text")


class LineReader:
    """What readers of text lines have in common: they know no structured record."""

    checked_against = ""
    hints: frozenset[str] = frozenset()
    marks: Mapping[str, frozenset[str]] = NO_MARKS
    beside: frozenset[str] = frozenset()

    def decode(self, array: bytes) -> Decoded | None:
        """Decode nothing."""
        return None

    def read_run(self, run: Run) -> PlainEvents:
        """Leave every record to ``read_line``."""
        return NO_EVENTS

    def recognises(self, document: dict[str, object]) -> str:
        """Know no document."""
        return ""

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Return the document as it is."""
        return document

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Say that a document is not for this reader."""
        return Reading(disposition=Disposition.UNRECOGNISED, reason="not a line of text")
