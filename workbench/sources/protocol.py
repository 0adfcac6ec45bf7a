"""What every source reader offers, and what it answers."""

from __future__ import annotations

from typing import Protocol

import msgspec

from workbench.model.event import Event
from workbench.model.evidence import Disposition


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


class SourceReader(Protocol):
    """A reader of one kind of log.

    Attributes:
        source: Name of the source (``aws.cloudtrail``).
        version: Raised whenever the same record would be read differently: events of different versions are
            not comparable.
        title: The log's name for people.
        needs: What to collect, one line.
    """

    source: str
    version: int
    title: str
    needs: str

    def read_fast(self, data: bytes) -> Event | None:
        """Read the bytes of a bare native record.

        Args:
            data: One JSON object, UTF-8.

        Returns:
            The event, or ``None`` if the record is not plainly of this source: the caller then decodes it and
            asks ``recognises`` and ``read``, which give the same event for every record that both accept.
        """
        ...

    def recognises(self, document: dict[str, object]) -> bool:
        """Tell whether a decoded, unwrapped document is of this source, in any of its spellings."""
        ...

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Undo what an export did to a document's form (flattened columns, struct text), not to its content.

        Two copies of one record that came through different exports are compared in this form.
        """
        ...

    def read(self, document: dict[str, object]) -> Reading:
        """Read a document that ``recognises`` accepted. Never raises for what the document holds."""
        ...
