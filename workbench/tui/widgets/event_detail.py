"""The details of one event: every field, its provenance, its record."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.reactive import var

from workbench.errors import WorkbenchError
from workbench.model.case import StoredEvent
from workbench.model.references import RecordRef
from workbench.text import visible
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import BLANK, line
from workbench.tui.lines.event import ShownRecord, event_lines
from workbench.tui.reading.background import BackgroundReader
from workbench.tui.widgets.document_view import DocumentView
from workbench.tui.zones import UTC, Zone

STEP = Binding.Group("Event", compact=True)

SETTLE = 0.06
"""Seconds that the cursor must rest on an event before its record is read."""


class EventDetail(DocumentView):
    """Shows what is known of an event at once, and its record as soon as it has been read."""

    BINDING_GROUP_TITLE = "Detail"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left_square_bracket,shift+up", "screen.step(-1)", "Previous event", key_display="[", group=STEP
        ),
        Binding(
            "right_square_bracket,shift+down", "screen.step(1)", "Next event", key_display="]", group=STEP
        ),
    ]

    zone: var[Zone] = var(UTC, init=False)
    """Zone in which the time is shown beside UTC."""

    def __init__(self, reader: BackgroundReader, case_name: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._reader = reader
        self._case_name = case_name
        self.event: StoredEvent | None = None
        self.record: ShownRecord | None = None
        self._revealed: tuple[RecordRef, ShownRecord] | None = None

    def show_event(self, stored: StoredEvent | None) -> None:
        """Show an event; ``None`` while it is not loaded."""
        if stored is not None and self.event is not None and stored.ref == self.event.ref:
            return
        self.event, self.record = stored, None
        if stored is None:
            self.show([BLANK, line((" reading …", "muted"))])
            return
        if self._revealed is not None and self._revealed[0] == stored.ref:
            # The table was read anew, perhaps because of the very entry that the revealing wrote.
            self.record = self._revealed[1]
            self._lay_out(keep_place=True)
            return
        self._revealed = None
        self._lay_out()
        self._read_record(stored)

    async def show_revealed(self, stored: StoredEvent, data: bytes) -> None:
        """Show the record of this event with its secrets, until another event is shown."""
        masked = self.record
        if masked is None:
            return
        revealed = await asyncio.to_thread(masked.with_secrets, data)
        if self.event is None or self.event.ref == stored.ref:
            self._revealed = (stored.ref, revealed)
        if self.event is not None and self.event.ref == stored.ref:
            self.record = revealed
            self._lay_out(keep_place=True)

    def watch_zone(self) -> None:
        """Write the time in the other zone."""
        if self.event is not None:
            self._lay_out(keep_place=True)

    def _lay_out(self, *, keep_place: bool = False) -> None:
        if self.event is not None:
            lines = event_lines(self.event, self.record, self.zone, glyphs(), self._case_name)
            self.show(lines, keep_place=keep_place)

    @work(exclusive=True, group="record")
    async def _read_record(self, stored: StoredEvent) -> None:
        await asyncio.sleep(SETTLE)

        try:
            record = await self._reader.run(lambda source: ShownRecord.of(source.record(stored.ref)))
        except WorkbenchError as error:
            lines = event_lines(stored, None, self.zone, glyphs(), self._case_name)[:-1]
            self.show([*lines, line((f" {visible(str(error))}", "error"), indent=1)], keep_place=True)
            return
        if self.event is stored and self._revealed is None:
            self.record = record
            self._lay_out(keep_place=True)
