"""Writing notes: one line from anywhere, or Markdown on the whole screen."""

from __future__ import annotations

import contextlib
from typing import ClassVar

from textual import events, getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Label, Static, TextArea

from workbench.errors import WorkbenchError
from workbench.model.claim import Kept
from workbench.model.note import Note
from workbench.text import visible
from workbench.tui.drafts import KEEP, Draft, Drafts, cannot_be_kept
from workbench.tui.open_case import OpenCase
from workbench.tui.screens import forms
from workbench.tui.screens.form import Form, FormScreen
from workbench.tui.screens.section import Section
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.widgets.line_input import LineInput

_LINE = "line"
"""Key of the draft of a quick note; ids of notes look otherwise."""


async def quick_note(screen: Section) -> None:
    """Ask for a note of one line and write it."""
    case = screen.case
    try:
        drafts = await case.drafts()
    except WorkbenchError as error:
        screen.tell_problem(error)
        return
    about = " ".join(screen.note_about())
    draft = await drafts.kept(_LINE) or Draft("", "", about)
    form = forms.quick_note(case.author, draft, about, screen.note_about_words())
    values = await screen.app.push_screen_wait(QuickNote(form, drafts))
    if values is None:
        return
    await drafts.drop(_LINE)
    try:
        name = await case.claims.write_note(
            values["text"], values["examiner"], refers_to=values["refers_to"], on=values["on"].split()
        )
    except WorkbenchError as error:
        screen.tell_problem(await _kept_with(error, drafts, values))
        return
    case.acting = values["examiner"]
    screen.notify(f"note {name} is in the journal", markup=False, timeout=4)


async def _kept_with(error: WorkbenchError, drafts: Drafts, values: dict[str, str]) -> WorkbenchError:
    """Keep a line that was refused as a draft, below the one there is, and say so with the reason."""
    before = await drafts.kept("")
    text = f"{before.text.rstrip()}\n\n{values['text']}" if before else values["text"]
    try:
        await drafts.keep("", Draft(text, values["refers_to"], values["on"]))
    except OSError:
        return error
    return WorkbenchError(str(error), "what you typed is kept as a draft: N takes it up")


class QuickNote(FormScreen):
    """A note of one line; what was typed survives Esc and the end of the program until the line is entered or emptied."""

    ESC: ClassVar[str] = "keep as draft"

    def __init__(self, form: Form, drafts: Drafts) -> None:
        super().__init__(form)
        self._drafts = drafts
        self._last: Draft | None = None

    def on_mount(self) -> None:
        """Look now and then at what was typed."""
        self.set_interval(KEEP, self._keep)

    @work(group="draft")
    async def _keep(self) -> None:
        if not self.is_current:
            return
        await self._keep_now()

    async def _keep_now(self) -> None:
        values = self.values
        typed = Draft(values["text"], values["refers_to"], values["on"])
        if typed == self._last:
            return
        self._last = typed
        with contextlib.suppress(OSError):  # a line is no text to be stopped at
            if typed.text:
                await self._drafts.keep(_LINE, typed)
            else:
                await self._drafts.drop(_LINE)

    def action_cancel(self) -> None:
        """Leave; what was typed comes back with the next note."""
        self._leave()

    @work(group="leave", exclusive=True)
    async def _leave(self) -> None:
        await self._keep_now()
        self.dismiss(None)


async def edit_note(screen: Section, corrected: Kept[Note] | None = None) -> None:
    """Open the editor on a new note, or on one that is to be corrected."""
    try:
        drafts = await screen.case.drafts()
    except WorkbenchError as error:
        screen.tell_problem(error)
        return
    supersedes = None if corrected is None else corrected.origin.id
    begun = Draft("", "", " ".join(screen.note_about()))
    if corrected is not None:
        note = corrected.body
        begun = Draft(note.text, note.refers_to or "", " ".join(each.ref for each in note.on))
    found = await drafts.kept(supersedes or "")
    draft = found or begun
    editor = NoteEditor(screen.case, drafts, draft, supersedes=supersedes, taken_up=found is not None)
    name = await screen.app.push_screen_wait(editor)
    if name is not None:
        screen.notify(f"note {name} is in the journal", markup=False, timeout=4)


class SafeTextArea(TextArea):
    """A text area into which only visible text gets: what is pasted may come from a log."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = visible(event.text.replace("\r\n", "\n").replace("\r", "\n"), keep_newlines=True)
        self.replace(text, *self.selection)


class NoteEditor(Screen[str | None]):
    """A note on the whole screen; gives back the id of the note, or ``None`` if it was left as a draft."""

    DEFAULT_CSS = """
    NoteEditor {
        & .line { height: 1; background: $surface; }
        & .line Label { width: 14; padding: 0 1; color: $text-muted; }
        & .line LineInput { width: 1fr; background: $boost; }
        & #state { height: auto; min-height: 1; padding: 0 1; background: $panel; color: $text-muted; }
        & #state.-bad { color: $text-warning; }
        & SafeTextArea { border: none; height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "commit", "Commit", priority=True),
        Binding("escape", "keep_draft", "Keep as draft", priority=True),
    ]

    _area = getters.query_one(SafeTextArea)
    _state = getters.query_one("#state", Static)

    def __init__(
        self,
        case: OpenCase,
        drafts: Drafts,
        draft: Draft,
        *,
        supersedes: str | None = None,
        taken_up: bool = False,
    ) -> None:
        """Prepare the editor.

        Args:
            case: The case.
            drafts: Where what is typed is kept until it is committed.
            draft: What it begins with.
            supersedes: Id of the note that is corrected.
            taken_up: Whether it begins with a draft that was left.
        """
        super().__init__()
        self.case = case
        self._drafts = drafts
        self._begun = self._last = draft
        self._key = supersedes or ""
        self._supersedes = supersedes
        self._is_draft = taken_up
        self._committing = self._committed = False
        self._refused: str | None = None

    def compose(self) -> ComposeResult:
        """Lay the editor out."""
        kept = " (a draft that was left: empty it and press Esc to drop it)" if self._is_draft else ""
        what = f"Correction of {self._supersedes}: both versions stay" if self._supersedes else "New note"
        yield Static(
            f"{what}{kept}. Markdown. What is committed is never edited; a correction supersedes it.",
            id="state",
            markup=False,
        )
        for name, label, hint in (
            ("refers_to", "about time", "empty: now; else 2026-03-04T11:45, UTC unless it says otherwise"),
            ("on", "on", "references and ids; those that stand in the text are taken too"),
            ("examiner", "your name", ""),
        ):
            with Horizontal(classes="line"):
                yield Label(label, markup=False)
                value = self.case.author if name == "examiner" else getattr(self._begun, name)
                yield LineInput(visible(value), placeholder=hint, id=name, compact=True)
        yield SafeTextArea(
            visible(self._begun.text, keep_newlines=True), soft_wrap=True, show_line_numbers=False
        )
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to write at the end."""
        self._area.focus()
        self._area.move_cursor(self._area.document.end)
        self.set_interval(KEEP, self._keep)

    def _typed(self) -> Draft:
        return Draft(self._area.text, self._text("refers_to"), self._text("on"))

    @work(group="draft")
    async def _keep(self) -> None:
        """Keep what was typed since the last time: a crash or a closed terminal takes no more than that."""
        await self._keep_now()

    async def _keep_now(self) -> bool:
        typed, before = self._typed(), self._last
        if typed == before or self._committed:
            return True
        self._last = typed
        try:
            if typed.text.strip():
                await self._drafts.keep(self._key, typed)
            else:
                await self._drafts.drop(self._key)
        except OSError as error:
            self._last = before
            self._tell(cannot_be_kept(error))
            return False
        return True

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", LineInput).value.strip()

    @work(group="commit")
    async def action_commit(self) -> None:
        """Write the note into the journal."""
        if self._committing:
            return
        examiner = self._text("examiner")
        if not examiner:
            self._tell("say who you are: your name is missing")
            return
        self._committing = True
        try:
            name = await self.case.claims.write_note(
                self._area.text,
                examiner,
                refers_to=self._text("refers_to"),
                on=self._text("on").split(),
                supersedes=self._supersedes,
            )
        except WorkbenchError as error:
            self._tell(visible(str(error)))
            return
        finally:
            self._committing = False
        self.case.acting = examiner
        self._committed = True
        await self._drafts.drop(self._key)
        self.dismiss(name)

    def _tell(self, text: str) -> None:
        self._state.update(Content(text))
        self._state.add_class("-bad")

    @work(group="leave", exclusive=True)
    async def action_keep_draft(self) -> None:
        """Leave; what was typed comes back with the editor."""
        if self._committing:
            return
        if await self._keep_now() or self._refused == self._area.text:
            self.dismiss(None)
        self._refused = self._area.text
