"""One line to narrow a list by words, with what it found beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from workbench.tui.messages import FilterLeft, FilterSubmitted
from workbench.tui.widgets.line_input import LineInput


class SearchInput(LineInput):
    """The line itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Apply", key_display="⏎"),
        Binding("escape", "leave", "Leave", key_display="esc"),
    ]

    def action_leave(self) -> None:
        """Leave without applying."""
        self.post_message(FilterLeft())


class SearchLine(Horizontal):
    """A prompt, the line, the state of the list."""

    DEFAULT_CSS = """
    SearchLine {
        height: 1;
        background: $surface;
        & > .search-line--prompt { width: 3; color: $text-muted; }
        & > SearchInput { width: 1fr; background: $surface; }
        & > .search-line--state { width: auto; padding: 0 1 0 2; color: $text-muted; }
        & > .search-line--state.-refused { color: $text-error; }
        &:focus-within .search-line--prompt { color: $text-accent; text-style: bold; }
    }
    """

    _input = getters.query_one(SearchInput)
    _state = getters.query_one(".search-line--state", Static)

    def __init__(self, placeholder: str, applied: str = "") -> None:
        super().__init__()
        self._placeholder = placeholder
        self.applied = applied
        self.state = ""

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        yield Static(" / ", classes="search-line--prompt", markup=False)
        yield SearchInput(self.applied, placeholder=self._placeholder, compact=True, select_on_focus=False)
        yield Static("", classes="search-line--state", markup=False)

    def edit(self) -> None:
        """Take the focus, the cursor at the end."""
        self._input.focus()
        self._input.cursor_position = len(self._input.value)

    def set_text(self, text: str) -> None:
        """Show the words that apply now."""
        self.applied = text
        self._input.value = text

    def show_state(self, text: str, *, refused: bool = False) -> None:
        """Say how much is shown, or why the words cannot be understood."""
        self.state = text
        self._state.update(Content(text))
        self._state.set_class(refused, "-refused")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FilterSubmitted(event.value.strip()))

    @on(FilterLeft)
    def _left(self) -> None:
        self._input.value = self.applied
