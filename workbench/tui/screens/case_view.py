"""Keeps the bars, the filter and the table of a case screen in step with what has been read so far."""

from __future__ import annotations

from workbench.casefile.events.scan import UNDATED
from workbench.model.case import StoredEvent
from workbench.search import parse
from workbench.search.query import TimeRange
from workbench.tui import filters
from workbench.tui.reading.case import CaseReading
from workbench.tui.timeline import Timeline
from workbench.tui.widgets.event_table import EventTable
from workbench.tui.widgets.filter_box import FilterBox
from workbench.tui.widgets.histogram import Histogram


class CaseView:
    """What a case screen shows of a ``CaseReading``.

    The cursor belongs to an event, not to a row: it stays on its event while rows arrive before it, and returns to it
    when a filter lets it pass.
    """

    def __init__(self, reading: CaseReading, histogram: Histogram, box: FilterBox, table: EventTable) -> None:
        self._reading = reading
        self._histogram = histogram
        self._box = box
        self._table = table
        self._anchor: tuple[int, int] | None = None

    def take_filter(self, text: str, *, again: bool) -> None:
        """Show the filter that applies from now on.

        Args:
            text: The filter.
            again: Whether it applied before, and only its events are read anew.
        """
        if not again:
            self._anchor = self._current_key()
        self._box.set_text(text)
        part = filters.time_part(text)
        chosen = parse(part) if part else None
        if isinstance(chosen, TimeRange) and chosen.low is not None and chosen.high is not None:
            self._histogram.selected = (chosen.low, chosen.high)
        else:
            self._histogram.selected = None

    def show_passing(self, *, stay: bool) -> None:
        """Show the rows that pass; with ``stay`` the cursor stays on its event, or beside where it was."""
        key = self._current_key()
        row = 0
        if stay and key is not None:
            exact = self._reading.passing.row_of(*key)
            row = self._reading.passing.row_at(key[0]) if exact is None else exact
        self._table.show(self._reading.passing, row)
        self.show_sums()

    def show_step(self, timeline: Timeline, *, stay: bool) -> None:
        """Show that a timeline has grown, or has taken the place of the one on show.

        Args:
            timeline: The one that was read on.
            stay: Whether the cursor stays on its event if the rows on show are replaced.
        """
        if self._table.timeline is timeline:
            self._table.grown()
        elif self._reading.passing is timeline:
            self.show_passing(stay=stay)
        self.show_sums()

    def return_to_event(self, timeline: Timeline) -> None:
        """Put the cursor back on the event it was on when the filter was entered, if it passes and none was chosen."""
        if self._anchor is not None and self._table.cursor == 0 and timeline is self._table.timeline:
            row = timeline.row_of(*self._anchor)
            if row is not None:
                self._anchor = None
                self._table.go_to_row(row)
        if timeline.complete:
            self._anchor = None

    def stand_on(self, stored: StoredEvent) -> bool:
        """Put the cursor on an event; return whether it is among the rows on show."""
        micros = stored.event.time.micros
        row = self._table.timeline.row_of(UNDATED if micros is None else micros, stored.id)
        if row is not None:
            self._table.go_to_row(row)
        return row is not None

    def show_sums(self) -> None:
        """Show how many events there are, over time and in all."""
        reading = self._reading
        self._histogram.show(reading.every, reading.passing, reading.domain)
        known = reading.summary.accounting.events if reading.summary else None
        self._box.show_state(reading.progress_text(known))
        empty = self._empty_text()
        if empty != self._table.empty_text:
            self._table.empty_text = empty
            self._table.refresh()

    def _empty_text(self) -> str:
        if self._reading.query is not None:
            return (
                "No event passes the filter. Esc clears it."
                if self._reading.passing.complete
                else "searching …"
            )
        if self._reading.every.complete:
            return "No events yet. Press A to add evidence: files, folders or archives of logs."
        return "reading …"

    def _current_key(self) -> tuple[int, int] | None:
        timeline, row = self._table.timeline, self._table.cursor
        return (timeline.times[row], timeline.ids[row]) if row < len(timeline) else None
