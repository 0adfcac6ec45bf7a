"""The identities of a case, and which of them may be one: proposals to accept or to refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.model.event import IdentityKind
from workbench.model.session import KnownIdentity
from workbench.tui import messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import Line
from workbench.tui.lines.identities import identity_lines, pair_lines, skew_lines
from workbench.tui.open_case import OpenCase
from workbench.tui.places import IdentitiesPlace, SessionsPlace, TimelinePlace
from workbench.tui.reading.derived import Identities
from workbench.tui.screens import forms
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.screens.form import FormScreen
from workbench.tui.tables.identities import IdentityRows, Pair, PairRows, events_of, pairs_of
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.words import Word, keeps, read_words

if TYPE_CHECKING:
    from workbench.casework.identities import Decision

FIELDS = {"kind": tuple(kind.value for kind in IdentityKind)}
"""Fields of the filter line with choices."""


class IdentitiesScreen(DerivedSection):
    """Identities with their names over time; below them, which may be one."""

    PLACE = "Identities"
    HINT = "words in any name or id; kind:human  -word"
    BINDING_GROUP_TITLE = "Identities"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="identities.timeline"),
        Binding("m", "decide('merge')", "Accept", id="identities.merge"),
        Binding("k", "decide('apart')", "Apart", id="identities.apart"),
        Binding("o", "decide('undecided')", "Open again", id="identities.undecided"),
    ]

    _matches = getters.query_one("#matches", CellTable)

    def __init__(self, case: OpenCase, place: IdentitiesPlace) -> None:
        super().__init__(case)
        self._place: IdentitiesPlace | None = place
        self.found = Identities((), (), (), ())
        self.pairs: list[Pair] = []
        self._listed: list[KnownIdentity] = []

    def more_lists(self) -> ComposeResult:
        """Lay out the proposals below the identities."""
        yield CellTable(id="matches")

    async def read(self) -> None:
        """Read all identities; the cursors stay on theirs."""
        self.found = await self.case.derived.identities()
        self.pairs = pairs_of(self.found.known, self.found.matches, self.found.decisions)
        self.lay_out()

    def lay_out(self) -> None:
        """Show the identities that pass the words, and the pairs."""
        here, pair, place = self.identity, self.pair, self._place
        if place is not None and place.canonical is not None and self.found.known:
            here = next(
                (one for one in self.found.known if place.canonical in (one.canonical, one.unique_id)), here
            )
            if here is not None and not _keeps(read_words(self.words, FIELDS), here):
                self.case.words[self.PLACE] = ""
                self._search.set_text("")
        if self.found.known:
            self._place = None
        words = read_words(self.words, FIELDS)
        self._listed = [one for one in self.found.known if _keeps(words, one)]
        self._table.empty_text = (
            "No identity passes the filter. Esc clears it."
            if words
            else "No identities have been derived yet. Press D to derive them."
            if not self.current
            else "No event of the case names an identity. A in the timeline adds evidence."
        )
        rows = IdentityRows(self._listed, self.pairs, self.zone)
        self._table.show(rows, _place_of([one.id for one in self._listed], here.id if here else ""))
        self.set_class(bool(self.pairs), "-matches")
        self._matches.styles.height = len(self.pairs) + 2
        keys = [f"{one.one} {one.other}" for one in self.pairs]
        self._matches.show(PairRows(self.pairs), _place_of(keys, f"{pair.one} {pair.other}" if pair else ""))
        total = len(self.found.known)
        count = f"{len(self._listed):,} of {total:,}" if words else f"{total:,}"
        undecided = sum(1 for one in self.pairs if not one.decisions)
        proposals = f", {undecided:,} of {len(self.pairs):,} proposals open" if self.pairs else ""
        self._search.show_state(f"{count} {'identity' if total == 1 else 'identities'}{proposals}")

    @property
    def identity(self) -> KnownIdentity | None:
        """The identity under the cursor of the upper table."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    @property
    def pair(self) -> Pair | None:
        """The pair under the cursor of the lower table."""
        rows, cursor = self._matches.rows, self._matches.cursor
        return rows.listed[cursor] if isinstance(rows, PairRows) and cursor < len(rows) else None

    def on_descendant_focus(self) -> None:
        """Show the details of what stands under the cursor of the table in use."""
        if self.focused is not self._detail:
            self.show_detail()

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the identity or of the pair under the cursor."""
        pair, identity = self.pair, self.identity
        if self.focused is self._matches and pair is not None:
            return f"{pair.one} {pair.other}", pair_lines(pair)
        if identity is None:
            return "", []
        others = [one for one in self.found.known if one.id in identity.namesakes]
        lines = identity_lines(identity, self.pairs, self.zone, glyphs(), others)
        return identity.id, [*lines, *skew_lines(self.found.skews)]

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self, event: messages.RowOpened) -> None:
        identity, pair = self.identity, self.pair
        if event.table is self._matches and pair is not None:
            self.action_decide("merge")
        elif identity is not None:
            self.case.navigation.go(SessionsPlace(words=identity.canonical))

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, FIELDS)

    def action_show_in_timeline(self) -> None:
        """Show the events of the identity in the timeline."""
        identity = self.identity
        if identity is not None:
            self.case.navigation.go(TimelinePlace(events_of(identity)))

    @work
    async def action_decide(self, word: str) -> None:
        """Ask for the decision that two identities are one, or are not, or that it is open again; journal it with its reason."""
        from workbench.casework.identities import Word as Verdict

        one, other = self._to_decide()
        known = {each.id: each for each in self.found.known}
        form = forms.decide(self.case.examiner, one, other, word=word, known=known)
        values = await self.app.push_screen_wait(FormScreen(form))
        if values is None:
            return
        case = self.case
        case.examiner = values["examiner"]
        try:
            made: Decision = await asyncio.to_thread(
                case.cases.decide,
                case.path,
                examiner=case.examiner,
                one=values["one"],
                other=values["other"],
                decision=Verdict(word),
                reason=values["reason"],
            )
        except WorkbenchError as error:
            self.tell_problem(error)
            return
        self.notify(f"journal entry {made.seq}", markup=False, timeout=4)
        self._read_anew()

    def _to_decide(self) -> tuple[str, str]:
        """Return the two identities that are meant: the pair under the cursor, else the identity and its likeliest match."""
        pair, identity = self.pair, self.identity
        if self.focused is self._matches and pair is not None:
            return pair.one, pair.other
        if identity is None:
            return "", ""
        for each in self.pairs:
            if identity.id in (each.one, each.other):
                return each.one, each.other
        return identity.id, ""


def _keeps(words: Sequence[Word], one: KnownIdentity) -> bool:
    def texts() -> str:
        return "\n".join(
            [one.canonical, one.id, *one.native_ids, *one.sources, *(alias.name for alias in one.aliases)]
        ).casefold()

    return keeps(words, {"kind": one.kind.value}, texts)


def _place_of(keys: Sequence[str], key: str) -> int:
    return keys.index(key) if key in keys else 0
