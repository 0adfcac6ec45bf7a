"""The rows of the tree of sessions as a table draws them: what was read of each, the columns, the time of the lanes."""

from __future__ import annotations

from workbench.model.session import Session
from workbench.tui.glyphs import glyphs
from workbench.tui.recent import Recent
from workbench.tui.tables.events import Cell
from workbench.tui.tables.session_cells import Columns, cells, columns, day_width, heading
from workbench.tui.tables.session_forest import TreeRow
from workbench.tui.time_axis import View, fitting
from workbench.tui.zones import Zone


class SessionRows:
    """Implements ``cell_table.Rows`` over rows of the tree.

    Attributes:
        tree: The rows.
        zone: Zone on show.
        stretch: First instant and width of a column of the lanes; ``None`` shows all sessions of the rows.
    """

    def __init__(
        self,
        tree: list[TreeRow],
        bodies: Recent[str, Session],
        zone: Zone,
        *,
        lanes: bool,
        stretch: tuple[int, int] | None,
    ) -> None:
        self.tree = tree
        self.zone = zone
        self.stretch = stretch
        self._bodies = bodies
        self._lanes = lanes
        self._first = min(
            (row.start for row in tree if row.start is not None and not row.context), default=None
        )
        self._last = max((row.end for row in tree if row.end is not None and not row.context), default=None)
        self._shape = Columns(0, 0)

    def __len__(self) -> int:
        return len(self.tree)

    @property
    def span(self) -> tuple[int, int] | None:
        """First start and last end of the rows, ``None`` if none has a time."""
        return None if self._first is None or self._last is None else (self._first, self._last)

    @property
    def view(self) -> View | None:
        """The stretch of time that the lanes show, ``None`` if there are none."""
        width = self._shape.lane
        if not width or self.span is None:
            return None
        if self.stretch is not None:
            return View(*self.stretch, width)
        return fitting(*self.span, width)

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns, and the time over the lanes."""
        return heading(self._columns(width), self.zone, glyphs(), self.view)

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row; counts and clients stand there once the session has been read."""
        shape, one = self._columns(width), self.tree[row]
        body = self._bodies.get(one.session.id) if one.session is not None else None
        return cells(one, body, shape, self.zone, glyphs(), self.view)

    def _columns(self, width: int) -> Columns:
        if self._shape.width != width:
            self._shape = columns(width, day_width(self._first, self._last, self.zone), lanes=self._lanes)
        return self._shape
