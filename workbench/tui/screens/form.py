"""A dialog that asks for a few lines of text. What the lines mean is up to who asks: see ``forms``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from workbench.text import cell_width
from workbench.tui.widgets.field_line import FieldLine
from workbench.tui.widgets.line_input import LineInput


@dataclasses.dataclass(frozen=True)
class Field:
    """One line to fill in.

    Attributes:
        name: Key of its value in the result.
        label: What stands in front of it.
        value: What stands in it at first.
        placeholder: What to write, with an example.
        required: Whether it may not stay empty.
    """

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    required: bool = False


@dataclasses.dataclass(frozen=True)
class Form:
    """A question.

    Attributes:
        title: What is asked.
        fields: The lines.
        submit: The word on the button that does it.
        explanation: What will happen, in a sentence or two.
        verdict: Looks at the values as they are typed: ``(text, acceptable)``. The text says what they mean, or
            what is wrong with them.
        cancel: The word on the button that gives it up.
    """

    title: str
    fields: tuple[Field, ...]
    submit: str = "OK"
    explanation: str = ""
    verdict: Callable[[dict[str, str]], tuple[str, bool]] | None = None
    cancel: str = "Cancel"


LONG = 7
"""Fields from which a form leaves no air on a screen with few rows."""


class FormScreen(ModalScreen[dict[str, str] | None]):
    """Shows a form; gives back its values, or ``None`` if the person thought better of it."""

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012 - declared so by textual
    ESC: ClassVar[str] = "give up"
    """What Esc does, in a word."""

    _verdict = getters.query_one("#verdict", Static)
    _hint = getters.query_one("#hint", Static)

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form
        self.verdict = ""
        self.set_class(len(form.fields) > LONG, "-long")

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self.form.title)
            dialog.border_subtitle = f"enter {self.form.submit.lower()}   esc {self.ESC}   ↑ ↓ fields"
            if self.form.explanation:
                yield Static(self.form.explanation, id="explanation", markup=False)
            with VerticalScroll(id="fields", can_focus=False):
                for field in self.form.fields:
                    line = LineInput(field.value, placeholder=field.placeholder, id=field.name, compact=True)
                    yield FieldLine(field.label + (" *" if field.required else ""), line)
            yield Static("", id="hint", markup=False)
            yield Static("", id="verdict", markup=False)
            with Horizontal(id="buttons"):
                yield Button(self.form.submit, variant="primary", id="submit", compact=True)
                yield Button(self.form.cancel, id="cancel", compact=True)

    def on_mount(self) -> None:
        """Begin with the first line that is still empty."""
        inputs = list(self.query(LineInput))
        if inputs:
            next((one for one in inputs if not one.value), inputs[0]).focus()
        self._judge()

    def on_descendant_focus(self) -> None:
        """Say what belongs into the line where the keys go; while the line is empty it says so itself."""
        self._show_hint()

    def _show_hint(self) -> None:
        here, told = self.focused, ""
        # An empty line says it itself, as far as it has room.
        if isinstance(here, LineInput) and (here.value or cell_width(here.placeholder) >= here.size.width):
            told = here.placeholder
        self._hint.update(Content(told))

    @property
    def values(self) -> dict[str, str]:
        """What stands in the lines, without space around it."""
        return {str(one.id): one.value.strip() for one in self.query(LineInput)}

    def _judge(self) -> bool:
        """Say what the values mean or lack; return whether they can be taken."""
        values = self.values
        missing = [one.label for one in self.form.fields if one.required and not values[one.name]]
        text, acceptable = self.form.verdict(values) if self.form.verdict else ("", True)
        if missing and (acceptable or not text):
            text, acceptable = f"still needed: {', '.join(missing)}", False
        self.tell(text, refused=not acceptable)
        return acceptable and not missing

    def tell(self, text: str, *, refused: bool = True) -> None:
        """Say what is wrong, or what the values mean."""
        self.verdict = text
        self._verdict.update(Content(text))
        self._verdict.set_class(refused, "-refused")

    @on(Input.Changed)
    def _typed(self) -> None:
        self._judge()
        self._show_hint()

    @on(Input.Submitted)
    def _entered(self) -> None:
        if self._judge():
            self.dismiss(self.values)
            return
        empty = [one for one in self.query(LineInput) if not one.value.strip()]
        required = {one.name for one in self.form.fields if one.required}
        for one in empty:
            if one.id in required:
                one.focus()
                break

    @on(Button.Pressed, "#submit")
    def _submitted(self) -> None:
        if self._judge():
            self.dismiss(self.values)

    @on(Button.Pressed, "#cancel")
    def _given_up(self) -> None:
        self.action_cancel()

    def action_cancel(self) -> None:
        """Give up; nothing is done."""
        self.dismiss(None)
