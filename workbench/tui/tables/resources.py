"""Resources with changes, and what acts left behind, as rows of tables. No widgets."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from workbench.casefile.changes.reader import ChangedResource
from workbench.casework.left_behind import LeftBehind
from workbench.model.change import Fate
from workbench.text import visible
from workbench.tui.glyphs import Glyphs, glyphs
from workbench.tui.tables.events import Cell, fit, short_name
from workbench.tui.tables.listed import ListedRows

_TIME = 19

_KEPT_FIRST = 4
"""Characters of a name that are kept in front of what is cut out."""


class ResourceRows(ListedRows[ChangedResource]):
    """Implements ``cell_table.Rows`` over resources."""

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks = glyphs()
        kind, name, account = _widths(width)
        text = " " + fit("resource", name + 2, marks) + fit("kind", kind + 2, marks)
        if account:
            text += fit("account", account + 2, marks)
        text += f"{'changes':>8}  last change ({self._zone.name})"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        one, marks = self.listed[row], glyphs()
        kind, name, account = _widths(width)
        made = [
            Cell(" ", ""),
            Cell(set_cell_size(_name_in(one, name, marks), name) + "  ", "strong"),
            Cell(fit(visible(one.key.kind), kind, marks) + "  ", "muted"),
        ]
        if account:
            made.append(Cell(fit(visible(one.key.account), account, marks) + "  ", "muted"))
        made.append(Cell(f"{one.changes:>8,}  ", "number"))
        last = marks.dash if one.last is None else self._zone.text(one.last)
        return [*made, Cell(last, "plain")]


def _name_in(one: ChangedResource, width: int, marks: Glyphs) -> str:
    """Return a name in a width. Where it is cut most of its end is kept: that is where the names of one kind differ."""
    name = visible(short_name(one.title))
    if cell_len(name) > width:
        # The kind stands in a column of its own.
        noun = one.key.kind.rpartition(":")[2]
        name = name.removeprefix(f"{noun}/").removeprefix(f"{noun}:")
    if cell_len(name) <= width or width < _KEPT_FIRST + 2:
        return fit(name, width, marks)
    room = width - _KEPT_FIRST - 1
    rest = name[_KEPT_FIRST:][-room:]
    while cell_len(rest) > room:
        rest = rest[1:]
    return name[:_KEPT_FIRST] + marks.cut + rest


def _widths(width: int) -> tuple[int, int, int]:
    """Share out a width: kind, name, account."""
    kind = 26 if width >= 110 else 16
    account = 14 if width >= 130 else 0
    used = 1 + 2 + kind + 2 + (account + 2 if account else 0) + 10 + _TIME + 2
    return kind, max(16, width - used), account


class ExposureRows(ListedRows[LeftBehind]):
    """Implements ``cell_table.Rows`` over what was left behind."""

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks = glyphs()
        name, what = _shares(width)
        text = f" {'undone':<8}{'kind':<13}" + fit("resource", name + 2, marks) + fit("what", what + 2, marks)
        return [Cell(set_cell_size(text + f"made ({self._zone.name})", width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        each, marks = self.listed[row].exposure, glyphs()
        name, what = _shares(width)
        standing = each.undone_by is None
        when = marks.dash if each.time is None else self._zone.text(each.time)
        return [
            Cell(" ", ""),
            Cell(
                f"{_undone(each.fate, marks):<8}",
                "warning" if standing else "muted",
            ),
            Cell(f"{each.kind.value:<13}", "plain"),
            Cell(fit(short_name(each.title), name, marks) + "  ", "strong"),
            Cell(fit(visible(each.what), what, marks) + "  ", "plain" if standing else "muted"),
            Cell(when, "muted"),
        ]


def _undone(fate: Fate, marks: Glyphs) -> str:
    return {Fate.STANDING: f"no {marks.flag}", Fate.INACTIVE: "off", Fate.UNDONE: "yes"}.get(fate, "?")


def _shares(width: int) -> tuple[int, int]:
    free = max(30, width - 22 - 4 - _TIME - 2)
    return free * 2 // 5, free - free * 2 // 5
