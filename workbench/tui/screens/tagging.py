"""The tag dialog: whose acts some events are, how well that is shown, and beside it what the links support by themselves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from workbench.errors import WorkbenchError
from workbench.model.claim import (
    Citation,
    Confidence,
    Grade,
    Level,
    Likelihood,
    ReasonCode,
)
from workbench.text import visible
from workbench.tui import messages
from workbench.tui.drafts import KEEP, FieldsKeeper, cannot_be_kept
from workbench.tui.glyphs import glyphs
from workbench.tui.open_case import OpenCase
from workbench.tui.screens.late_work import LateWork
from workbench.tui.screens.saying import Cover
from workbench.tui.tables.events import Cell, fit
from workbench.tui.widgets.cell_table import CellTable
from workbench.tui.widgets.choice_line import ChoiceLine
from workbench.tui.widgets.field_line import FieldLine
from workbench.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from workbench.casework.choosing import Chosen
    from workbench.casework.tag import TagWish

SETTLE = 0.15
"""Seconds without a key after which the rules are asked again."""

_GRADES = list(Grade)
_LEVELS = list(Level)
_NONE = "not said"
_KEYS = "ctrl+s commit   esc keep as draft   ↑ ↓ ← →"
_KEYS_OF_CITES = (
    "space cites or no longer   ↑ ↓ in the list   tab next field   ctrl+s commit   esc keep as draft"
)
_EXCLUDED = (
    "excluded says that the subject did NOT do it: records bind it to somebody else. An act that was agreed is still"
    " attributed, and its finding is authorised."
)


class Proposals:
    """Implements ``cell_table.Rows`` over what can be cited; each row says by a mark whether it is.

    Args:
        proposals: What can be cited.
        picked: References of what is cited at first.
    """

    def __init__(self, proposals: Sequence[Citation], picked: frozenset[str]) -> None:
        self._proposals = proposals
        self._picked = set(picked)

    @property
    def cited(self) -> tuple[str, ...]:
        """References of what is cited."""
        return tuple(each.ref for each in self._proposals if each.ref in self._picked)

    def turn(self, row: int) -> None:
        """Cite what a row proposes, or no longer."""
        self._picked.symmetric_difference_update({self._proposals[row].ref})

    def __len__(self) -> int:
        return len(self._proposals)

    def heading(self, width: int) -> list[Cell]:
        """Say how many are cited."""
        return [
            Cell(f" {len(self.cited)} of {len(self)} proposed; space changes".ljust(width)[:width], "heading")
        ]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row: whether it is cited, how strong it is, what it says and where."""
        marks, each = glyphs(), self._proposals[row]
        how = "" if each.strength is None else f"{marks.link[each.strength]} {each.strength} {each.rule}  "
        where = f"  {each.kind} {each.short}"
        room = max(10, width - 6 - len(how) - len(where))
        return [
            Cell(" ", ""),
            Cell("[x] " if each.ref in self._picked else "[ ] ", "strong"),
            Cell(visible(how), "plain" if each.strength is None else f"strength-{each.strength.value}"),
            Cell(fit(each.says, room, marks), "plain"),
            Cell(visible(where), "muted"),
        ]


class TagScreen(LateWork, ModalScreen[str | None]):
    """Asks for a tag; gives back the id of the one committed, or ``None``.

    What is typed is kept as a draft of this machine until it is committed.
    """

    CSS_PATH = "tagging.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012 - declared so by textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "commit", "Commit", priority=True),
        Binding("escape", "keep_draft", "Keep as draft"),
        Binding("pagedown", "read_on(1)", "Read on", show=False, priority=True),
        Binding("pageup", "read_on(-1)", "Read back", show=False, priority=True),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    _dialog = getters.query_one("#dialog", Vertical)
    _machine = getters.query_one("#machine", Static)
    _verdict = getters.query_one("#verdict", Static)
    _foot = getters.query_one("#foot", VerticalScroll)
    _cites = getters.query_one("#cites", CellTable)

    def __init__(
        self,
        case: OpenCase,
        grade: Grade,
        covers: list[Cover],
        keeper: FieldsKeeper,
        left: dict[str, str],
    ) -> None:
        """Prepare the dialog.

        Args:
            case: The case.
            grade: What the key that opened it stands for.
            covers: What it can be about; the first is what it is about at first.
            keeper: Keeps what is typed until it is committed.
            left: The fields of a draft that was left, by name.
        """
        super().__init__()
        self.case = case
        self.found: Chosen | None = None
        self.verdict = ""
        self.proposed = Proposals((), frozenset())
        self._first = grade
        self._covers = covers
        self._keeper = keeper
        self._draft = left
        self._cited_by_hand = left.get("cites")
        self._unkept: dict[str, str] | None = None
        self._committing = False
        self._others: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        marks = glyphs()
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Tag"
            dialog.border_subtitle = _KEYS
            with VerticalScroll(id="fields", can_focus=False):
                words = [f"{marks.tag[each]} {each.value}" for each in _GRADES]
                yield from self._line("as", ChoiceLine(words, _GRADES.index(self._first), id="grade"))
                yield Static(_EXCLUDED, classes="-of-excluded", markup=False)
                keys = [each.key for each in self._covers]
                cover = self._draft.get("cover")
                chosen = keys.index(cover) if cover in keys else 0
                yield from self._line(
                    "events", ChoiceLine([each.words for each in self._covers], chosen, id="cover")
                )
                yield from self._line("subject", self._input("subject", "whose acts they are"))
                yield from self._line("level", self._words("level", [each.value for each in _LEVELS]))
                yield from self._line("reason", self._input("reason", "how you know, in a sentence"))
                yield FieldLine("cites", CellTable(id="cites"), "cites")
                yield from self._line(
                    "shows", self._input("shows", "DOCUMENT: what it shows, and of whom"), "tied"
                )
                yield from self._line(
                    "instead",
                    self._input("instead", "who else, and which record excludes that"),
                )
                yield from self._line(
                    "assuming", self._input("assuming", "what is taken for granted"), "inferred"
                )
                yield from self._line(
                    "would change", self._input("would_change", "what would falsify or raise it"), "inferred"
                )
                yield from self._line(
                    "likelihood",
                    self._words("likelihood", [_NONE, *(each.value for each in Likelihood)]),
                    "inferred",
                )
                yield from self._line(
                    "confidence",
                    self._words("confidence", [_NONE, *(each.value for each in Confidence)]),
                    "inferred",
                )
                yield from self._line(
                    "because",
                    self._words("reason_code", [_NONE, *(each.value for each in ReasonCode)]),
                    "unproven",
                )
                yield from self._line(
                    "to resolve", self._input("resolve", "what would resolve it"), "unproven"
                )
                yield from self._line(
                    "settled", self._input("closes", "how what could have falsified it was settled"), "raised"
                )
                yield from self._line(
                    "answers", self._input("answers", "your answer to errors that a reviewer found"), "wrong"
                )
                yield from self._line(
                    "override",
                    self._input("override", "why it is committed against the rule; printed with it"),
                    "refused",
                )
                yield from self._line("your name", self._input("examiner", "", self.case.author))
            with VerticalScroll(id="foot", can_focus=False):
                yield Static("looking at the events …", id="verdict", markup=False)
                yield Static("", id="machine", markup=False)

    def _line(self, label: str, widget: Widget, group: str = "") -> ComposeResult:
        yield FieldLine(label, widget, f"-of-{group}" if group else "")

    def _words(self, name: str, words: list[str]) -> ChoiceLine:
        left = self._draft.get(name)
        return ChoiceLine(words, words.index(left) if left in words else 0, id=name)

    def _input(self, name: str, placeholder: str, value: str = "") -> LineInput:
        # A field that selects all its text as it gets the focus loses it to the next key.
        return LineInput(
            self._draft.get(name, value),
            placeholder=placeholder,
            id=name,
            compact=True,
            select_on_focus=False,
        )

    def on_mount(self) -> None:
        """Begin with the reason: all else is filled in."""
        self._show_groups()
        self.query_one("#reason", LineInput).focus()
        self.set_interval(KEEP, self._keep)
        self._look()

    def on_descendant_focus(self) -> None:
        """Say which keys do something where the focus is."""
        self._show_keys()

    def _show_keys(self) -> None:
        """Say which keys do something, and by which one reads on where not all of what stands below is in sight."""
        keys = _KEYS_OF_CITES if self._cites.has_focus else _KEYS
        more = "pgdn reads on   " if self._foot.max_scroll_y else ""
        self._dialog.border_subtitle = more + keys

    def action_read_on(self, pages: int) -> None:
        """Scroll what stands below the fields."""
        self._foot.scroll_relative(y=pages * max(1, self._foot.size.height - 1), animate=False)

    def on_key(self, event: events.Key) -> None:
        """Take what is typed outside of any line into the reason: it is what is written, and nothing typed is lost."""
        if not event.is_printable or event.character is None or isinstance(self.focused, LineInput):
            return
        if event.character == " ":
            return  # turns a choice
        event.stop()
        reason = self.query_one("#reason", LineInput)
        reason.focus()
        reason.cursor_position = len(reason.value)
        reason.insert_text_at_cursor(event.character)

    # What it is about

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        cover = self._covers[self._choice("cover").chosen]
        self.found = None
        try:
            self.found = await cover.look()
        except WorkbenchError as error:
            self._tell(visible(str(error)), refused=True)
            return
        count = self.found.scope.events
        left = " (a draft that was left: empty it and press Esc to drop it)" if self._draft else ""
        self._dialog.border_title = Content(f"Tag {count:,} {'event' if count == 1 else 'events'}{left}")
        subject = self.query_one("#subject", LineInput)
        if not subject.value:
            subject.value = self.found.subject
        self._others = await self.case.claims.others_say(self.found, self._text("examiner"))
        if self.found is None:
            return
        self._show_machine()
        self._propose()
        self._judge()

    def _show_machine(self) -> None:
        assert self.found is not None
        from workbench.casework.claim_text import machine_text

        told = [*self._others, f"the links {machine_text(self.found.machine)}"]
        self._machine.update(Content("\n".join(map(visible, told))))

    def _propose(self) -> None:
        """Offer what can be cited, with what carries a claim of this grade chosen."""
        if self.found is None:
            return
        from workbench.casework.choosing import prefilled

        if self._cited_by_hand is None:
            picked = frozenset(each.ref for each in prefilled(self.found.proposals, self.grade))
        else:
            picked = frozenset(self._cited_by_hand.split())
        self.proposed = Proposals(self.found.proposals, picked)
        self._cites.styles.height = 1 + min(6, max(1, len(self.proposed)))
        self._cites.show(self.proposed)

    # What is said

    @property
    def grade(self) -> Grade:
        """What is chosen."""
        return _GRADES[self._choice("grade").chosen]

    def _choice(self, name: str) -> ChoiceLine:
        return self.query_one(f"#{name}", ChoiceLine)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", LineInput).value.strip()

    def _said(self, name: str) -> str | None:
        line = self._choice(name)
        return line.word if line.chosen else None

    def wish(self) -> TagWish:
        """Return what is to be said."""
        from workbench.casework.tag import TagWish

        inferred = self.grade is Grade.INFERRED
        unproven = self.grade is Grade.UNPROVEN
        likelihood, confidence, code = (
            self._said("likelihood"),
            self._said("confidence"),
            self._said("reason_code"),
        )
        return TagWish(
            grade=self.grade,
            subject=self._text("subject") or None,
            level=_LEVELS[self._choice("level").chosen],
            reason=self._text("reason"),
            cites=self.proposed.cited,
            shows=tuple(filter(None, [self._text("shows")])),
            alternatives=tuple(filter(None, [self._text("instead")])),
            assumptions=tuple(filter(None, [self._text("assuming")])) if inferred else (),
            would_change=self._text("would_change") or None if inferred else None,
            likelihood=Likelihood(likelihood) if inferred and likelihood else None,
            confidence=Confidence(confidence) if inferred and confidence else None,
            reason_code=ReasonCode(code) if unproven and code else None,
            resolve=self._text("resolve") or None if unproven else None,
            closes=self._text("closes") or None,
            answers=self._text("answers") or None,
            override=self._text("override") or None,
        )

    @work(exclusive=True, group="judge")
    async def _judge(self) -> None:
        """Say whether it can be committed as it stands, and what it will lack."""
        if self.found is None:
            return
        await asyncio.sleep(SETTLE)
        if self.found is None:
            return
        wish = self.wish()
        try:
            tag, refused = await self.case.claims.check(self.found, wish, self._text("examiner"))
        except WorkbenchError as error:
            self._tell(visible(str(error)), refused=True)
            return
        if self.found is None:
            return
        from workbench.casework.tag import remarks

        told_too = [visible(each) for each in remarks(tag)]
        typed = bool(self._text("reason"))
        serious = [each for each in refused if each.rule != "P1"]
        self.set_class(bool(serious) or bool(wish.override), "-refused")
        self.set_class(wish.level.rank > Level.SESSION.rank or bool(wish.shows), "-tied")
        self.set_class(bool(tag.found_wrong or tag.answers), "-wrong")
        self.set_class(any(each.rule in ("P2", "P3") for each in refused), "-raised")
        shown = refused if typed else serious
        if shown:
            told = [visible(f"✗ {each.rule}: {each.what}. {each.remedy}") for each in shown]
            self._tell("\n".join([*told, *told_too]), refused=True)
        elif refused:
            self._tell("a sentence of at least three words is all that is missing", refused=False)
        else:
            told = ["✓ can be committed; what it lacks for its release shows with it", *told_too]
            self._tell("\n".join(told), refused=False)

    def _tell(self, text: str, *, refused: bool) -> None:
        self.verdict = text
        if self.is_mounted:
            self._verdict.update(Content(text))
            self._verdict.set_class(refused, "-bad")
            self._foot.scroll_home(animate=False)
            self.call_after_refresh(self._show_keys)

    def _show_groups(self) -> None:
        for grade in Grade:
            self.set_class(self.grade is grade, f"-{grade.value}")

    @on(ChoiceLine.Chosen)
    def _turned(self, event: ChoiceLine.Chosen) -> None:
        if event.line.id == "cover":
            self.query_one("#subject", LineInput).value = ""
            self._cited_by_hand = None
            self._look()
            return
        if event.line.id == "grade":
            self._show_groups()
            self._cited_by_hand = None
            self._propose()
        self._judge()

    @on(Input.Changed)
    def _changed(self) -> None:
        self._judge()

    @on(messages.RowTurned)
    @on(messages.RowOpened)
    def _cite_turned(self, event: messages.RowTurned | messages.RowOpened) -> None:
        event.stop()
        self.proposed.turn(event.row)
        self._cited_by_hand = " ".join(self.proposed.cited)
        self._cites.redraw()
        self._judge()

    # Ending

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_commit()

    @work(group="commit")
    async def action_commit(self) -> None:
        """Commit it, unless a rule refuses it."""
        if self.found is None or self._committing:
            return
        examiner = self._text("examiner")
        if not examiner:
            self._tell("say who you are: your name is missing", refused=True)
            return
        self._committing = True
        try:
            name = await self.case.claims.commit(self.found, self.wish(), examiner)
        except WorkbenchError as error:
            self._tell(visible(f"✗ {error}"), refused=True)
            return
        finally:
            self._committing = False
        self.case.acting = examiner
        await self._keeper.drop()
        self._close(name)

    def _typed(self) -> dict[str, str]:
        """Return the fields that were filled in; nothing if nobody has written a word."""
        lines = {str(one.id): one.value for one in self.query(LineInput) if one.value}
        lines.pop("examiner", None)
        if not lines.keys() - {"subject"}:
            return {}
        for name in ("level", "likelihood", "confidence", "reason_code"):
            if self._choice(name).chosen:
                lines[name] = self._choice(name).word
        if self._cited_by_hand is not None:
            lines["cites"] = self._cited_by_hand
        return lines | {"cover": self._covers[self._choice("cover").chosen].key}

    @work(group="draft")
    async def _keep(self) -> None:
        """Keep what was typed since the last time: a crash or a closed terminal takes no more than that."""
        with contextlib.suppress(OSError):  # it is told when one leaves
            await self._keeper.keep(self._typed())

    @work(group="leave", exclusive=True)
    async def action_keep_draft(self) -> None:
        """Close the dialog; what was typed comes back with it."""
        if self._committing:
            return
        typed = self._typed()
        try:
            await self._keeper.keep(typed)
        except OSError as error:
            if typed != self._unkept:
                self._unkept = typed
                self._tell(cannot_be_kept(error), refused=True)
                return
        self._close(None)

    def _close(self, name: str | None) -> None:
        self.found = None  # what still runs for the dialog has nothing to look at any more
        self.dismiss(name)
