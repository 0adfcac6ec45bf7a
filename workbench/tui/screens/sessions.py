"""The sessions of a case as a tree by lineage, with what each did and when."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.model.session import Session
from workbench.text import visible
from workbench.tui import messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import Line, line
from workbench.tui.lines.links import Naming
from workbench.tui.lines.sessions import fold_lines, session_lines
from workbench.tui.open_case import OpenCase
from workbench.tui.places import (
    ComparePlace,
    ContentPlace,
    LeftBehindPlace,
    LineagePlace,
    SessionsPlace,
    TimelinePlace,
)
from workbench.tui.reading.derived import Named
from workbench.tui.recent import Recent
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.screens.saying import Cover, TagsSection
from workbench.tui.session_words import SessionFilter
from workbench.tui.tables.session_forest import Order, SessionForest, TreeRow
from workbench.tui.tables.sessions import SessionRows

BODIES_KEPT = 2_000
"""Sessions kept with all their details, some megabytes; the others are read again when they come into the window."""

CHUNK = 64
"""Sessions read at a time."""

FOLD_MEMBERS = 30
"""Sessions that a filter of the timeline names one by one."""


class SessionsScreen(DerivedSection, TagsSection):
    """The tree, and the details of the session under the cursor."""

    PLACE = "Sessions"
    HINT = "words in identity, session, key or id; kind:human  strength:inferred  -word"
    DETAILS_FROM = 30
    BINDING_GROUP_TITLE = "Sessions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="sessions.timeline"),
        Binding("l", "show_lineage", "Lineage", id="sessions.lineage"),
        Binding("v", "turn_lanes", "Lanes", id="sessions.lanes"),
        Binding("b", "compare", "Against before", id="sessions.compare"),
        Binding("m", "mark", "Mark", id="sessions.mark"),
        Binding("L", "show_left_behind", "Left behind", show=False, id="sessions.left"),
        Binding("o", "turn_order", "Order", show=False, id="sessions.order"),
        Binding("F", "narrow", "Only those of the timeline's filter", show=False, id="sessions.narrow"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom in", show=False, key_display="+", id="lanes.in"),
        Binding("minus", "zoom(-1)", "Zoom out", show=False, key_display="-", id="lanes.out"),
        Binding("0", "fit", "All time", show=False, id="lanes.fit"),
        Binding("left_square_bracket", "pan(-1)", "Earlier", show=False, id="lanes.earlier"),
        Binding("right_square_bracket", "pan(1)", "Later", show=False, id="lanes.later"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
        Binding("y", "copy_id", "Copy id", show=False, id="copy.session"),
    ]

    def __init__(self, case: OpenCase, place: SessionsPlace) -> None:
        super().__init__(case)
        self._place: SessionsPlace | None = place
        self.view = case.sessions
        self._bodies: Recent[str, Session] = Recent(BODIES_KEPT)
        self._loading = False
        self._rows = SessionRows([], self._bodies, self.zone, lanes=True, stretch=None)
        if place.words is not None:
            case.words[self.PLACE], self.view.only = place.words, None

    def on_mount(self) -> None:
        """Show at once what was read before."""
        if self.view.forest is not None:
            self._show_forest(self.view.forest)

    # Reading

    async def read(self) -> None:
        """Read all sessions anew; the cursor stays on its session."""
        forest = await self.case.derived.forest()
        self._bodies.clear()
        self._show_forest(forest)

    def _show_forest(self, forest: SessionForest) -> None:
        place, self._place = self._place, None
        self.view.forest = forest
        if place is not None and place.session is not None:
            if place.session in forest.rows:
                self._bring_to_light(place.session)
                # What it stems from stands above it: leave room for that.
                self.lay_out(self._table.size.height // 3)
                return
            self.notify(f"{visible(place.session)} is no longer among the sessions", markup=False)
        self.lay_out()

    def _bring_to_light(self, session: str) -> None:
        """Unfold what hides a session, and take the filter away if that leaves it out."""
        view, forest = self.view, self.view.forest
        if forest is None:
            return
        view.toggled.difference_update(forest.path_to(session))
        fold = forest.fold_of(session)
        if fold is not None:
            view.toggled.add(fold)
        keep = self._keep()
        if keep is not None and not keep(forest.rows[session]):
            view.only = None
            self.case.words[self.PLACE] = ""
            self._search.set_text("")
        view.cursor = session

    def _keep(self) -> SessionFilter | None:
        kept = SessionFilter(self.words, self.view.only)
        return kept if kept else None

    def lay_out(self, line: int | None = None) -> None:
        """Lay the tree out anew: the cursor stays on its row, and the row where it stands on the screen, or on a line."""
        view, forest = self.view, self.view.forest
        if forest is None:
            return
        before = self._table.cursor
        if line is None:
            line = self._table.line
        tree = forest.visible(order=view.order, keep=self._keep(), toggled=view.toggled)
        self._rows = SessionRows(tree, self._bodies, self.zone, lanes=view.lanes, stretch=view.stretch)
        row = next((number for number, one in enumerate(tree) if one.key == view.cursor), None)
        self._table.empty_text = self._empty_text()
        inside = 0 <= line < max(1, self._table.size.height - 1)
        self._table.show(
            self._rows, before if row is None else row, line=line if inside and row is not None else None
        )
        self._show_count(tree)

    def _show_count(self, tree: list[TreeRow]) -> None:
        forest = self.view.forest
        total = len(forest) if forest is not None else 0
        unit = "session" if total == 1 else "sessions"
        shown = sum(
            (0 if row.context else 1)
            if row.session is not None
            else len(row.fold.members)
            if row.fold is not None and not row.opened
            else 0
            for row in tree
        )
        count = f"{total:,} {unit}"
        if self.words or self.view.only is not None:
            count = f"{shown:,} of {count}"
        if self.view.only is not None:
            count += ", those of the timeline's filter"
        self._search.show_state(
            f"{count}, {'by start' if self.view.order is Order.START else 'most events first'}"
        )

    def _empty_text(self) -> str:
        if self.words or self.view.only is not None:
            return "No session passes the filter. Esc clears it."
        if not self.current:
            return "No sessions have been derived yet. Press D to derive them."
        return "No sessions: no event of the case names a credential or an identity. A in the timeline adds evidence."

    @on(messages.WindowMoved)
    def _window_moved(self, event: messages.WindowMoved) -> None:
        if event.table is self._table and not self._loading:
            self._loading = True
            self._load_window()

    def _missing(self) -> list[str]:
        first, last = self._table.window
        height = last - first
        around = [*range(first, last), *range(last, last + height), *range(first - height, first)]
        tree = self._rows.tree
        rows = (tree[number] for number in around if 0 <= number < len(tree))
        ids = [row.session.id for row in rows if row.session is not None]
        return [one for one in ids if self._bodies.get(one) is None][:CHUNK]

    @work(group="window")
    async def _load_window(self) -> None:
        asked: set[str] = set()
        try:
            while missing := [one for one in self._missing() if one not in asked]:
                asked.update(missing)
                for key, body in (await self.case.derived.sessions(missing)).items():
                    self._bodies.put(key, body)
                self._table.redraw()
        except WorkbenchError as error:
            self.tell_problem(error)
        finally:
            self._loading = False

    # The details

    @property
    def row(self) -> TreeRow | None:
        """The row under the cursor."""
        tree, cursor = self._rows.tree, self._table.cursor
        return tree[cursor] if cursor < len(tree) else None

    @on(messages.RowMoved)
    def _remember_row(self) -> None:
        row = self.row
        if row is not None:
            self.view.cursor = row.key

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the session or of the sessions under the cursor."""
        row = self.row
        if row is None:
            return "", []
        if row.fold is not None:
            return row.key, fold_lines(row.fold, Naming(Named({}, {}, {}), self.zone, glyphs()))
        found = await self.case.derived.details(row.key)
        if found is None:
            return row.key, [line((" This session is no longer in the case.", "warning"))]
        return row.key, session_lines(found, Naming(found.named, self.zone, glyphs()))

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        row = self.row
        if row is None:
            return
        if row.session is not None:
            self.case.navigation.go(ContentPlace(row.session.id))
        else:
            self._turn(row, None)

    @on(messages.RowTurned)
    def _row_turned(self, event: messages.RowTurned) -> None:
        row = self.row
        if row is not None:
            self._turn(row, event.opened)

    def _turn(self, row: TreeRow, opened: bool | None) -> None:
        if row.opened is not None and (opened is None or opened != row.opened):
            self.view.toggled.symmetric_difference_update({row.key})
            self.lay_out()
        elif opened is False and row.depth:
            # Nothing to fold here: go to what this stands under, as trees do.
            above = next(
                number
                for number in range(self._table.cursor, -1, -1)
                if self._rows.tree[number].depth < row.depth
            )
            self._table.go_to_row(above)

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        SessionFilter(words, None)

    def action_retreat(self) -> None:
        """Close or clear one thing, the narrowing to the filter of the timeline among them."""
        if self.view.only is not None and not self.problem and self.focused is self._table:
            self.view.only = None
            self.lay_out()
        else:
            super().action_retreat()

    def action_turn_order(self) -> None:
        """Order by start or by events."""
        self.view.order = Order.EVENTS if self.view.order is Order.START else Order.START
        self.lay_out()

    def action_turn_lanes(self) -> None:
        """Show lanes, or what there is no room for beside them."""
        self.view.lanes = not self.view.lanes
        self.lay_out()

    def action_show_in_timeline(self) -> None:
        """Show the events of the session in the timeline."""
        row = self.row
        if row is None:
            return
        if row.session is not None:
            self.case.navigation.go(TimelinePlace(f"session:{row.session.id}"))
        elif row.fold is not None and len(row.fold.members) <= FOLD_MEMBERS:
            ids = " OR ".join(one.id for one in row.fold.members)
            self.case.navigation.go(TimelinePlace(f"session:({ids})"))
        else:
            self.notify(
                "these are too many sessions for one filter: unfold the row and choose one", markup=False
            )

    def action_show_lineage(self) -> None:
        """Show what led to the session and what came of it."""
        row = self.row
        if row is not None and row.session is not None:
            self.case.navigation.go(LineagePlace(session=row.session.id))

    def action_mark(self) -> None:
        """Mark the session under the cursor: ``b`` on another one then puts the two side by side. Again: no mark."""
        row = self.row
        if row is None or row.session is None:
            return
        self.case.marked = None if self.case.marked == row.session.id else row.session.id
        self.notify(
            f"{row.session.id} is marked: b on another session puts the two side by side"
            if self.case.marked
            else "no session is marked",
            markup=False,
        )

    def action_compare(self) -> None:
        """Show what is new in the session, or the session beside the marked one."""
        row = self.row
        if row is not None and row.session is not None:
            marked = self.case.marked if self.case.marked != row.session.id else None
            if marked is None:
                self.case.navigation.go(ComparePlace(row.session.id))
            else:
                self.case.navigation.go(ComparePlace(marked, row.session.id))

    def action_show_left_behind(self) -> None:
        """Show what the session left behind, and whether anything undid it."""
        row = self.row
        if row is not None and row.session is not None:
            self.case.navigation.go(LeftBehindPlace(row.session.id))

    def covers(self) -> list[Cover]:
        """Return the own events of the session under the cursor."""
        row = self.row
        return [self.cover_session(row.session.id)] if row is not None and row.session is not None else []

    def note_about(self) -> tuple[str, ...]:
        """Return the id of the session under the cursor."""
        row = self.row
        return (row.session.id,) if row is not None and row.session is not None else ()

    def action_copy_id(self) -> None:
        """Put the id of the session on the clipboard."""
        row = self.row
        if row is not None and row.session is not None:
            self.app.copy_to_clipboard(row.session.id)
            self.notify(f"copied {row.session.id}", markup=False, timeout=4)

    @work(exclusive=True, group="narrow")
    async def action_narrow(self) -> None:
        """Show only sessions that hold an event which passes the filter of the timeline; again shows all."""
        reading = self.case.reading
        if self.view.only is not None or reading.query is None:
            if self.view.only is None:
                self.notify(
                    "the timeline has no filter: set one there, then F shows the sessions it touches",
                    markup=False,
                )
            self.view.only = None
            self.lay_out()
            return
        found: set[str] = set()
        ids = reading.passing.ids
        try:
            for start in range(0, len(ids), 2_000):
                self._search.show_state(f"looking up sessions: {100 * start // len(ids)} %")
                found |= await self.case.derived.sessions_of(ids[start : start + 2_000])
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self.view.only = frozenset(found)
        self.lay_out()

    # Lanes

    def action_zoom(self, steps: int) -> None:
        """Zoom the lanes about the start of the session under the cursor."""
        time, row = self._rows.view, self.row
        if time is None or row is None:
            return
        about = row.start if row.start is not None else time.start
        if not 0 <= time.column_of(about) < time.columns:
            about = time.start + time.bucket * (time.columns // 2)
        self._stretch_to(time.zoomed(steps, about).start, time.zoomed(steps, about).bucket)

    def action_pan(self, direction: int) -> None:
        """Move the lanes by a quarter of what they show."""
        time = self._rows.view
        if time is not None:
            self._stretch_to(time.moved(direction * max(1, time.columns // 4)).start, time.bucket)

    def action_fit(self) -> None:
        """Show all sessions of the rows over time."""
        self.view.stretch = self._rows.stretch = None
        self._table.redraw()

    def _stretch_to(self, start: int, bucket: int) -> None:
        self.view.stretch = self._rows.stretch = (start, bucket)
        self._table.redraw()
