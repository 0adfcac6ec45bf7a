"""The board: findings and tags, each with how it stands and what it still lacks."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from workbench.errors import WorkbenchError
from workbench.model.claim import Choice, Tag, version_name
from workbench.tui import messages
from workbench.tui.lines.claims import version_lines
from workbench.tui.lines.document import Line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import FindingsPlace, HistoryPlace, TimelinePlace
from workbench.tui.reading.claims import Said
from workbench.tui.screens import forms
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.stating import state_finding
from workbench.tui.tables.claims import Claim, ClaimRows, claim_texts
from workbench.tui.words import Word, keeps, read_words

FIELDS = {
    "is": (
        "finding", "tag", "conflict", "stale", "released", "override", "attributed", "inferred", "unproven", "excluded",
    ),
}  # fmt: skip
"""Field of the filter line with its choices: what can be asked of a claim."""


class FindingsScreen(DerivedSection):
    """Findings first, then tags, and the details of the one under the cursor."""

    PLACE = "Findings"
    HINT = "words in what is said, subject or author; is:stale  is:finding  is:attributed  -word"
    BINDING_GROUP_TITLE = "Findings and tags"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "state_finding", "New finding", key_display="+", id="findings.new"),
        Binding("h", "show_history", "History", id="claim.history"),
        Binding("f", "show_in_timeline", "Timeline", id="findings.timeline"),
        Binding("v", "sign", "Sign", id="claim.sign"),
        Binding("o", "object_to", "Object", show=False, id="claim.object"),
        Binding("r", "reaffirm", "Say again", show=False, id="claim.reaffirm"),
        Binding("T", "retract", "Take back", show=False, id="claim.retract"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    def __init__(self, case: OpenCase, place: FindingsPlace) -> None:
        super().__init__(case)
        self._place: FindingsPlace | None = place
        self.found: Said | None = None
        self._listed: list[Claim] = []

    async def read(self) -> None:
        """Read all findings and tags; the cursor stays on its own."""
        self.found = await self.case.claims.said()
        self.lay_out()
        self.show_detail()

    def lay_out(self) -> None:
        """Show the findings and tags that pass the words."""
        if self.found is None:
            return
        here, place = self.claim, self._place
        wanted = here.kept.origin.entry if here else ""
        if place is not None and place.claim is not None:
            wanted = place.claim
        self._place = None
        words = read_words(self.words, FIELDS)
        every = self._everything()
        self._listed = [one for one in every if _keeps(words, one)]
        self._table.empty_text = (
            "Nothing passes the filter. Esc clears it."
            if words
            else "Nothing has been claimed yet: a i u x in the timeline tag events, + states a finding."
        )
        row = next(
            (
                number
                for number, one in enumerate(self._listed)
                if wanted in (one.kept.origin.id, one.kept.origin.entry)
            ),
            0,
        )
        self._table.show(ClaimRows(self._listed, self.zone), row)
        counts = self.found.counts
        stale = sum(1 for one in every if one.stale)
        said = f"{len(self.found.findings):,} findings, {len(self.found.tags):,} tags"
        said += f", {stale:,} stale" if stale else ""
        against = sum(1 for one in every if one.kept.rivals)
        said += f", {against:,} in CONFLICT" if against else ""
        self._search.show_state(f"{said}; {counts.tagged:,} events tagged, {counts.untagged:,} untagged")

    def _everything(self) -> list[Claim]:
        return [] if self.found is None else [*self.found.findings, *self.found.tags]

    @property
    def claim(self) -> Claim | None:
        """The finding or tag under the cursor."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the claim under the cursor."""
        claim = self.claim
        if claim is None:
            return "", []
        if isinstance(claim.kept.body, Tag):
            claim = await self.case.claims.now(claim)
        numbers = await self.case.claims.numbers([claim])
        return claim.kept.origin.entry, version_lines(claim, self.zone, numbers)

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, FIELDS)

    def note_about(self) -> tuple[str, ...]:
        """Return the id of the claim under the cursor."""
        return () if self.claim is None else (self.claim.kept.origin.id,)

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        self.action_show_history()

    def action_show_history(self) -> None:
        """Show all versions of the claim."""
        if self.claim is not None:
            self.case.navigation.go(HistoryPlace((self.claim.kept.origin.id,)))

    def action_show_in_timeline(self) -> None:
        """Show the events of the tag in the timeline."""
        claim = self.claim
        body = None if claim is None else claim.kept.body
        if not isinstance(body, Tag):
            return
        query = f"tag:{body.grade.value}"
        if body.scope.choice is Choice.FILTER:
            query = body.scope.text
        elif body.scope.choice is Choice.SESSION:
            query = f"session:({' OR '.join(body.scope.text.split())})"
        self.case.navigation.go(TimelinePlace(query))

    @work
    async def action_state_finding(self) -> None:
        """State a finding; what the claim under the cursor says is cited if it is a tag."""
        claim = self.claim
        values: dict[str, str] = {}
        if claim is not None and isinstance(claim.kept.body, Tag):
            values = {"subject": claim.kept.body.subject, "cites": claim.kept.origin.id}
        await state_finding(self, values, values.get("cites", ""))
        self._read_anew()

    @work
    async def action_sign(self) -> None:
        """Sign the claim as a second person."""
        await self._review(approves=True)

    @work
    async def action_object_to(self) -> None:
        """Object to the claim as a second person."""
        await self._review(approves=False)

    async def _review(self, *, approves: bool) -> None:
        title = "Sign as a second person" if approves else "Object as a second person"
        explanation = "Nobody reviews their own claim. The word goes into the journal with your name."
        said = await self._ask(title, explanation)
        if said is not None:
            await self._do(
                lambda name: self.case.claims.review(
                    name, said["examiner"], approves=approves, text=said["reason"]
                )
            )

    @work
    async def action_reaffirm(self) -> None:
        """Say a stale tag again, of what the records say now."""
        said = await self._ask(
            "Say it again", "What is cited is frozen anew as it is now; the old version stays."
        )
        if said is not None:
            await self._do(lambda name: self.case.claims.reaffirm(name, said["examiner"], said["reason"]))

    @work
    async def action_retract(self) -> None:
        """Take the claim back without another in its place."""
        said = await self._ask("Take back", "It stays readable in its history.")
        if said is not None:
            await self._do(lambda name: self.case.claims.retract(name, said["examiner"], said["reason"]))

    async def _ask(self, title: str, explanation: str) -> dict[str, str] | None:
        if self.claim is None:
            return None
        form = forms.why(f"{title}: {self.claim.kept.origin.id}", self.case.author, explanation)
        return await self.app.push_screen_wait(FormScreen(form))

    async def _do(self, act: messages.Act) -> None:
        claim = self.claim
        if claim is None:
            return
        origin = claim.kept.origin
        several = sum(1 for one in self._everything() if one.kept.origin.id == origin.id) > 1
        try:
            # Of two standing versions of one id, what is done is done to the one under the cursor.
            await act(version_name(origin.id, origin.entry) if several else origin.id)
        except WorkbenchError as error:
            self.tell_problem(error)
        self._read_anew()


def _keeps(words: list[Word], one: Claim) -> bool:
    body = one.kept.body
    tag = body if isinstance(body, Tag) else None
    states = {
        "finding": tag is None,
        "tag": tag is not None,
        "conflict": bool(one.kept.rivals),
        "stale": bool(one.stale),
        "released": one.released,
        "override": bool(body.override),
    } | {grade: tag is not None and tag.grade.value == grade for grade in FIELDS["is"][6:]}
    return all(
        (
            states[word.text]
            if word.field == "is"
            else keeps([word._replace(negated=False)], {}, lambda: claim_texts(one))
        )
        != word.negated
        for word in words
    )
