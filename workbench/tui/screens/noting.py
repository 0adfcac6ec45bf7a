"""Writing notes: one line from anywhere, or Markdown on the whole screen."""

from __future__ import annotations

from typing import ClassVar

from textual import events, getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Label, Static, TextArea

from workbench.errors import WorkbenchError
from workbench.text import visible
from workbench.tui.open_case import OpenCase
from workbench.tui.screens import forms
from workbench.tui.screens.form import FormScreen
from workbench.tui.screens.section import Section
from workbench.tui.widgets.line_input import LineInput


async def quick_note(screen: Section) -> None:
    """Ask for a note of one line and write it."""
    case = screen.case
    on = screen.note_about()
    values = await screen.app.push_screen_wait(FormScreen(forms.quick_note(case.author, on)))
    if values is None:
        return
    try:
        name = await case.claims.write_note(
            values["text"], values["examiner"], refers_to=values["refers_to"], on=values["on"].split()
        )
    except WorkbenchError as error:
        screen.tell_problem(error)
        return
    case.acting = values["examiner"]
    screen.notify(f"note {name} is in the journal", markup=False, timeout=4)


async def edit_note(
    screen: Section, supersedes: str | None = None, text: str = "", refers_to: str = ""
) -> None:
    """Open the editor on a new note, or on the text of one that is to be corrected."""
    editor = NoteEditor(
        screen.case, screen.note_about(), supersedes=supersedes, text=text, refers_to=refers_to
    )
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
        on: tuple[str, ...] = (),
        *,
        supersedes: str | None = None,
        text: str = "",
        refers_to: str = "",
    ) -> None:
        super().__init__()
        self.case = case
        self._key = f"note {supersedes or ''}"
        self._supersedes = supersedes
        draft = case.drafts.get(self._key, {})
        self._values = {"text": text, "refers_to": refers_to, "on": " ".join(on)} | draft
        self._is_draft = bool(draft)
        self._committing = False

    def compose(self) -> ComposeResult:
        """Lay the editor out."""
        kept = ", taken up from the draft" if self._is_draft else ""
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
                value = self.case.author if name == "examiner" else self._values[name]
                yield LineInput(value, placeholder=hint, id=name, compact=True)
        yield SafeTextArea(
            visible(self._values["text"], keep_newlines=True), soft_wrap=True, show_line_numbers=False
        )
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to write at the end."""
        self._area.focus()
        self._area.move_cursor(self._area.document.end)

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
        self.case.drafts.pop(self._key, None)
        self.dismiss(name)

    def _tell(self, text: str) -> None:
        self._state.update(Content(text))
        self._state.add_class("-bad")

    def action_keep_draft(self) -> None:
        """Leave; what was typed comes back with the editor."""
        if self._area.text.strip():
            self.case.drafts[self._key] = {
                "text": self._area.text,
                "refers_to": self._text("refers_to"),
                "on": self._text("on"),
            }
        self.dismiss(None)
