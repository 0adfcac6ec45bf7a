"""The coverage matrix and the gaps as rows of tables. No widgets."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from rich.cells import set_cell_size

from workbench.casework.coverage import Matrix
from workbench.casework.gap_text import column_states, row_label
from workbench.casework.gaps import GapDecision
from workbench.clock import DAY
from workbench.coverage.facts import writable
from workbench.model.gap import Cell as CoverageCell
from workbench.model.gap import CellState, CoverageRow, Gap
from workbench.text import visible
from workbench.tui.glyphs import glyphs
from workbench.tui.tables.events import Cell, fit
from workbench.tui.tables.listed import ListedRows
from workbench.tui.zones import Zone

STYLES = {
    CellState.RECEIVED: "plain",
    CellState.COMPLETE: "strength-proven",
    CellState.QUIET: "muted",
    CellState.HOLE: "warning",
    CellState.OFF: "error",
    CellState.UNKNOWN: "muted",
}
"""Styles of the states: the glyph says it first, the colour repeats it."""

_NUMBER = 9


def columns_in(width: int) -> int:
    """Return how many columns of time there is room for."""
    return max(12, width - _label(width) - _NUMBER - 6)


def _label(width: int) -> int:
    return max(20, min(52, width * 2 // 5))


class MatrixRows(ListedRows[CoverageRow]):
    """Implements ``cell_table.Rows`` over the coverage matrix."""

    def __init__(self, listed: Sequence[CoverageRow], matrix: Matrix, column: int, zone: Zone) -> None:
        super().__init__(listed, zone)
        self._matrix = matrix
        self._column = column

    def heading(self, width: int) -> list[Cell]:
        """Return the titles: the day of the first column, and a mark over the column that is looked at."""
        marks = glyphs()
        label = " " + fit(f"log ({self._zone.name})", _label(width) + 2, marks)
        axis = self._axis("▼" if marks.dash == "—" else "v")
        return [Cell(set_cell_size(label + axis + f"{'records':>{_NUMBER + 2}}", width), "heading")]

    def _axis(self, mark: str) -> str:
        """Return the mark over the column that is looked at, its time beside it, and both ends where there is room."""
        matrix, column = self._matrix, self._column
        # Few columns have room for the day or for the time of it alone.
        part = slice(16) if matrix.columns > 20 else slice(11, 16) if matrix.step < DAY else slice(5, 10)
        own, first, last = (
            _instant(matrix.start + each * matrix.step, self._zone)[part]
            for each in (column, 0, matrix.columns)
        )
        axis = " " * matrix.columns
        if column >= matrix.columns:
            return axis
        fits = column + 1 + len(own) <= matrix.columns
        axis = _laid(axis, column if fits else column - len(own), mark + own if fits else own + mark)
        if axis[column] != mark:
            axis = _laid(axis, column, mark)
        if column:
            axis = _laid(axis, 0, f"{first} ")
        return _laid(axis, matrix.columns - len(last) - 1, f" {last}")

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        one, marks = self.listed[row], glyphs()
        name = fit(row_label(one), _label(width), marks) + "  "
        made = [Cell(" ", ""), Cell(name, "muted" if one.label else "strong")]
        states = column_states(one.cells, self._matrix.start, self._matrix.step, self._matrix.columns)
        for state, run in itertools.groupby(states):
            made.append(Cell(marks.coverage[state] * len(list(run)), STYLES[state]))
        number = f"{one.events:,}" if one.label is None else marks.dash
        return [*made, Cell(f"{number:>{_NUMBER + 2}}", "number")]


def _laid(axis: str, place: int, text: str) -> str:
    """Return an axis with a text laid on it, if that covers nothing."""
    if place < 0 or place + len(text) > len(axis) or axis[place : place + len(text)].strip():
        return axis
    return axis[:place] + text + axis[place + len(text) :]


class GapRows(ListedRows[Gap]):
    """Implements ``cell_table.Rows`` over gaps."""

    def __init__(
        self, listed: Sequence[Gap], said: Mapping[str, GapDecision], chosen: frozenset[str], zone: Zone
    ) -> None:
        super().__init__(listed, zone)
        self._said = said
        self._chosen = chosen

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks = glyphs()
        scope, times = _widths(width)
        text = " " + "  " + fit("gap", 16, marks) + fit("certainty", 11, marks) + fit("kind", 18, marks)
        text += fit("where", scope + 2, marks) + (f"when ({self._zone.name})" if times else "")
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        one, marks = self.listed[row], glyphs()
        scope, times = _widths(width)
        word = self._said.get(one.id)
        made = [
            Cell(" ", ""),
            Cell(f"{marks.bullet if one.id in self._chosen else ' '} ", "strong"),
            Cell(fit(one.id, 14, marks) + "  ", "muted"),
            Cell(
                fit(one.certainty.value, 9, marks) + "  ",
                "strong" if one.certainty.value == "shown" else "plain",
            ),
            Cell(fit(one.kind.value, 16, marks) + "  ", "warning"),
            Cell(fit(f"{visible(one.source)} {visible(one.scope.text)}", scope, marks) + "  ", "plain"),
        ]
        if times:
            made.append(Cell(fit(gap_period(one, self._zone), 42, marks), "muted"))
        if word is not None:
            made.append(Cell(f" {word.word.value}", "strength-asserted"))
        return made


def _widths(width: int) -> tuple[int, bool]:
    """Share out a width: the scope, and whether there is room for the time."""
    times = width >= 110
    return max(12, width - 3 - 16 - 11 - 18 - 2 - (44 if times else 0) - 10), times


def _instant(micros: int, zone: Zone) -> str:
    return zone.text(writable(micros))


def gap_period(gap: Gap, zone: Zone) -> str:
    """Write when a gap lies."""
    marks = glyphs()
    first = zone.text(gap.start) if gap.start is not None else marks.cut
    last = zone.text(gap.end) if gap.end is not None else marks.cut
    if gap.start is None and gap.end is None:
        return "no time"
    if first == last:
        return first
    return f"{first} {marks.to} {last[11:] if last[:10] == first[:10] else last}"


def cell_at(row: CoverageRow, matrix: Matrix, column: int) -> list[CoverageCell]:
    """Return the cells of a row that lie in a column."""
    low = matrix.start + column * matrix.step
    return [cell for cell in row.cells if cell.start < low + matrix.step and cell.end > low]
