"""What the evidence covers, part by part of each log over time; below it the gaps, with effect and request."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.model.gap import Certainty, CoverageRow, Gap, GapKind
from workbench.tui import messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.coverage import cell_lines, cell_query, gap_lines
from workbench.tui.lines.document import Line, line
from workbench.tui.lines.links import Naming
from workbench.tui.open_case import OpenCase
from workbench.tui.places import CoveragePlace, EventPlace, TimelinePlace
from workbench.tui.screens import forms
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.screens.form import FormScreen
from workbench.tui.tables.coverage import GapRows, MatrixRows, cell_at, columns_in
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.words import Word, keeps, read_words

if TYPE_CHECKING:
    from workbench.tui.reading.derived import Coverage

FIELDS = {
    "certainty": tuple(each.value for each in Certainty),
    "kind": tuple(each.value for each in GapKind),
}
"""Fields of the filter line with choices; they are about gaps."""


LEGEND_FROM = 120
"""Width from which the meaning of the glyphs stands beside the filter line."""


class CoverageScreen(DerivedSection):
    """The matrix, and the gaps below it; the details of the cell or the gap under the cursor."""

    PLACE = "Coverage"
    HINT = "words in log, account or gap; certainty:shown  kind:logging_off  -word"
    BINDING_GROUP_TITLE = "Coverage"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="coverage.timeline"),
        Binding("l", "write_letter", "Letter", id="coverage.letter"),
        Binding("y", "copy_letter", "Copy letter", show=False, id="coverage.copy"),
        Binding("x", "say('disputed')", "Dispute", show=False, id="coverage.dispute"),
        Binding("a", "say('accepted')", "Accept", id="coverage.accept"),
        Binding("c", "say('closed')", "Close", id="coverage.close"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    _gaps = getters.query_one("#matches", CellTable)

    def __init__(self, case: OpenCase, place: CoveragePlace) -> None:
        super().__init__(case)
        self._place: CoveragePlace | None = place
        self.found: Coverage | None = None
        self.column = 0
        self.chosen: frozenset[str] = frozenset()
        self.letter: list[str] = []
        self._rows: list[CoverageRow] = []
        self._listed: list[Gap] = []
        self._columns = 0

    def more_lists(self) -> ComposeResult:
        """Lay out the gaps below the matrix."""
        yield CellTable(id="matches")

    def on_resize(self) -> None:
        """Read the matrix anew for another number of columns."""
        super().on_resize()
        if self.found is not None and self._columns != self._room():
            self._read_anew()

    def _room(self) -> int:
        return columns_in(self._table.size.width or self.size.width)

    async def read(self) -> None:
        """Read matrix and gaps; the cursors stay on theirs."""
        self._columns = self._room()
        self.found = await self.case.derived.coverage(self._columns)
        self.lay_out()

    def lay_out(self) -> None:
        """Show what passes the words."""
        found = self.found
        if found is None:
            return
        from workbench.casework.gap_text import row_label
        from workbench.casework.gaps import standing

        gap, row, place = self.gap, self.row, self._place
        wanted = gap.id if gap is not None else ""
        if place is not None and place.gap is not None and found.gaps:
            wanted = place.gap
            self.case.words[self.PLACE] = ""
            self._search.set_text("")
            self._gaps.focus()
        if found.gaps:
            self._place = None
        words = read_words(self.words, FIELDS)
        free = [word for word in words if word.field is None]
        self._rows = [
            each
            for each in found.matrix.rows
            if keeps(free, {}, lambda each=each: row_label(each).casefold())  # type: ignore[misc]
        ]
        self._listed = [each for each in found.gaps if _keeps(words, each)]
        self.column = min(self.column, max(0, found.matrix.columns - 1))
        self._table.empty_text = (
            "No part of a log passes the filter. Esc clears it."
            if words
            else "Nothing has been derived yet. Press D to derive it."
            if not self.current
            else "The case holds no events. A in the timeline adds evidence."
        )
        self._gaps.empty_text = (
            "No gap passes the filter. Esc clears it."
            if words
            else "No rule found a gap; that does not show that there is none."
        )
        labels = [row_label(each) for each in self._rows]
        self._table.show(
            MatrixRows(self._rows, found.matrix, self.column, self.zone),
            _place_of(labels, row_label(row) if row else ""),
        )
        self.set_class(True, "-matches")
        self._table.styles.height = len(self._rows) + 2
        self._gaps.show(
            GapRows(self._listed, standing(found.decisions), self.chosen, self.zone),
            _place_of([each.id for each in self._listed], wanted),
        )
        total = len(found.gaps)
        count = f"{len(self._listed):,} of {total:,}" if words else f"{total:,}"
        legend = "  ".join(f"{sign} {state.value}" for state, sign in glyphs().coverage.items())
        gaps = f"{count} {'gap' if total == 1 else 'gaps'}"
        # Where there is no room for the legend, the details say the word of the cell under the cursor.
        self._search.show_state(f"{gaps}   {legend}" if self.size.width >= LEGEND_FROM else gaps)

    @property
    def row(self) -> CoverageRow | None:
        """The row under the cursor of the matrix."""
        cursor = self._table.cursor
        return self._rows[cursor] if cursor < len(self._rows) else None

    @property
    def gap(self) -> Gap | None:
        """The gap under the cursor of the lower table."""
        cursor = self._gaps.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    @property
    def meant(self) -> list[Gap]:
        """The gaps that a key is about: that under the cursor in the list of gaps, in the matrix those of the cell."""
        row, found = self.row, self.found
        if found is not None and row is not None and self.focused is self._table:
            lying = {gap for cell in cell_at(row, found.matrix, self.column) for gap in cell.gaps}
            own = [each for each in found.gaps if each.id in lying]
            if own:
                return own
        return [self.gap] if self.gap is not None else []

    def on_descendant_focus(self) -> None:
        """Show the details of what stands under the cursor of the table in use."""
        if self.focused is not self._detail:
            self.letter = []
            self.show_detail()

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the cell or of the gap under the cursor, or the letter that was asked for."""
        if self.letter:
            return "letter", [line(each) for each in self.letter]
        row, gap, found = self.row, self.gap, self.found
        if found is None:
            return "", []
        if self.focused is self._gaps and gap is not None:
            named = await self.case.derived.named(gap.evidence)
            return gap.id, gap_lines(gap, found.decisions, Naming(named, self.zone, glyphs()))
        if row is None:
            return "", []
        subject = f"{row.key} {row.label} {self.column}"
        return subject, cell_lines(row, found.matrix, self.column, found.gaps, found.validation, self.zone)

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, FIELDS)

    # Keys

    @on(messages.RowMoved)
    def _moved(self) -> None:
        self.letter = []

    @on(messages.RowTurned)
    def _turned(self, event: messages.RowTurned) -> None:
        """Left and right move the column of the matrix; the space bar chooses gaps for a letter."""
        if event.table is self._table:
            step = {True: 1, False: -1}.get(event.opened, 0) if event.opened is not None else 0
            columns = self.found.matrix.columns if self.found else 1
            self.column = max(0, min(self.column + step, columns - 1))
        elif event.opened is None and self.gap is not None:
            self.chosen ^= {self.gap.id}
        self.lay_out()
        self.show_detail()

    @on(messages.RowOpened)
    def _row_opened(self, event: messages.RowOpened) -> None:
        if event.table is self._table:
            self.action_show_in_timeline()
        elif self.gap is not None and self.gap.evidence:
            self.case.navigation.go(EventPlace(self.gap.evidence[0]))

    def action_show_in_timeline(self) -> None:
        """Show the records of the cell, or of the time of the gap, in the timeline."""
        found, row, gap = self.found, self.row, self.gap
        if found is None:
            return
        if self.focused is self._gaps:
            if gap is not None:
                self.case.navigation.go(TimelinePlace(_gap_query(gap)))
        elif row is not None and row.label is None:
            start = found.matrix.start + self.column * found.matrix.step
            self.case.navigation.go(TimelinePlace(cell_query(row, start, start + found.matrix.step)))

    def action_write_letter(self) -> None:
        """Show the letter to the custodian about the chosen gaps, or those under the cursor."""
        from workbench.coverage.letters import letter

        found = self.found
        gaps = [each for each in found.gaps if each.id in self.chosen] if found else []
        gaps = gaps or self.meant
        if not gaps:
            return
        day = dt.datetime.now(dt.UTC).date().isoformat()
        self.letter = list(
            letter(gaps, case=self.case.title, examiner=self.case.examiner or "…", custodian=None, date=day)
        )
        self.case.details[self.PLACE] = True
        self.set_class(True, "-detail")
        self._detail.focus()
        self.show_detail()

    def action_copy_letter(self) -> None:
        """Copy the letter on show."""
        if not self.letter:
            self.action_write_letter()
        if self.letter:
            self.app.copy_to_clipboard("\n".join(self.letter) + "\n")
            self.notify("letter copied", timeout=3)

    @work
    async def action_say(self, word: str) -> None:
        """Ask for the reason of a word on the gap under the cursor, and journal it."""
        from workbench.casework.gaps import GapWord

        case, meant = self.case, self.meant
        if len(meant) != 1:
            self.notify(
                "choose one gap: Tab goes to their list" if meant else "no gap to say it of", timeout=4
            )
            return
        (gap,) = meant
        form = forms.say_of_gap(case.examiner, gap.id, gap.scope.text, word)
        values = await self.app.push_screen_wait(FormScreen(form))
        if values is None:
            return
        case.examiner = values["examiner"]
        try:
            made = await asyncio.to_thread(
                case.cases.decide_gap,
                case.path,
                examiner=case.examiner,
                gap=gap.id,
                word=GapWord(word),
                reason=values["reason"],
            )
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self.notify(f"journal entry {made.seq}", markup=False, timeout=4)
        self._read_anew()


def _gap_query(gap: Gap) -> str:
    from workbench.clock import rfc3339
    from workbench.tui import filters

    text = filters.condition("source", gap.source)
    if gap.start is None and gap.end is None:
        return text
    low = rfc3339(gap.start, 6) if gap.start is not None else "*"
    high = rfc3339(gap.end, 6) if gap.end is not None else "*"
    return filters.with_time_part(text, f"time:[{low} TO {high}]")


def _keeps(words: Sequence[Word], one: Gap) -> bool:
    def texts() -> str:
        return "\n".join(
            (one.id, one.source, one.scope.text, one.kind.value, one.effect, *one.scope.accounts)
        ).casefold()

    return keeps(words, {"certainty": one.certainty.value, "kind": one.kind.value}, texts)


def _place_of(keys: Sequence[str], key: str) -> int:
    return keys.index(key) if key in keys else 0
