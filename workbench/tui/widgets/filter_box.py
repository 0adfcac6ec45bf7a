"""The filter: one line to type it, what it found, and where it is wrong."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.suggester import Suggester
from textual.widgets import Static

from workbench.errors import QueryError
from workbench.text import visible
from workbench.tui.filters import completion
from workbench.tui.messages import FilterLeft, FilterSubmitted
from workbench.tui.widgets.line_input import LineInput


class FieldSuggester(Suggester):
    """Suggests field names and the choices of fields that have fixed ones."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the filter with its last word completed."""
        return completion(value)


class FilterInput(LineInput):
    """The line itself: Tab completes, the arrows go through earlier filters, Escape leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", key_display="tab"),
        Binding("up", "earlier(-1)", "Earlier filters", key_display="↑"),
        Binding("down", "earlier(1)", "Later filters", show=False),
        Binding("enter", "submit", "Apply", key_display="⏎"),
        Binding("escape", "leave", "Leave", key_display="esc"),
    ]

    def __init__(self, history: list[str]) -> None:
        super().__init__(
            placeholder="filter: words, action:GetSecretValue, identity:ci* AND NOT outcome:success …   ? explains",
            suggester=FieldSuggester(),
            compact=True,
            select_on_focus=False,
        )
        self.history = history
        self._place = len(history)

    def action_complete(self) -> None:
        """Take the suggestion; without one go on to the next widget."""
        completed = completion(self.value[: self.cursor_position])
        if completed is None:
            self.screen.focus_next()
            return
        self.value = completed + self.value[self.cursor_position :]
        self.cursor_position = len(completed)

    def action_earlier(self, step: int) -> None:
        """Go through the filters of this session."""
        place = self._place + step
        if 0 <= place <= len(self.history):
            self._place = place
            self.value = self.history[place] if place < len(self.history) else ""
            self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """Leave without applying."""
        self.post_message(FilterLeft())

    def remember(self, text: str) -> None:
        """Put a filter at the end of the history."""
        if text:
            if text in self.history:
                self.history.remove(text)
            self.history.append(text)
        self._place = len(self.history)


class FilterBox(Vertical):
    """A filter line with the state of its result beside it, and its fault below it if it has one."""

    DEFAULT_CSS = """
    FilterBox {
        height: auto;
        background: $surface;
        & > Horizontal { height: 1; }
        & .filter-box--prompt { width: 3; color: $text-muted; }
        & FilterInput { width: 1fr; background: $surface; }
        & .filter-box--state { width: auto; padding: 0 1 0 2; color: $text-muted; }
        & .filter-box--fault { display: none; height: auto; color: $text-error; }
        &.-faulty .filter-box--fault { display: block; }
        &:focus-within .filter-box--prompt { color: $text-accent; text-style: bold; }
    }
    """

    input = getters.query_one(FilterInput)
    _state = getters.query_one(".filter-box--state", Static)
    _fault = getters.query_one(".filter-box--fault", Static)

    def __init__(self, history: list[str], *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__(id=id)
        self._history = history
        self.applied = ""
        self.state = ""
        self.fault = ""

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        with Horizontal():
            yield Static(" / ", classes="filter-box--prompt", markup=False)
            yield FilterInput(self._history)
            yield Static("", classes="filter-box--state", markup=False)
        yield Static("", classes="filter-box--fault", markup=False)

    def edit(self) -> None:
        """Take the focus, the cursor at the end."""
        self.input.focus()
        self.input.cursor_position = len(self.input.value)

    def set_text(self, text: str) -> None:
        """Show the filter that applies now."""
        self.applied = text
        self.input.value = text
        self.input.remember(text)
        self.clear_fault()

    def restore(self) -> None:
        """Show the filter that applies instead of what was being typed."""
        self.input.value = self.applied
        self.clear_fault()

    def show_state(self, text: str) -> None:
        """Say how many events there are, or how far the search has come."""
        if text != self.state:
            self.state = text
            self._state.update(Content(text))

    def show_fault(self, error: QueryError) -> None:
        """Point at the place where the filter is wrong, and say what is."""
        value = self.input.value
        before = cell_len(value[: error.position])
        length = max(1, cell_len(value[error.position : error.position + error.length]))
        column = before - self.input.scroll_offset.x
        carets = ""
        if 0 <= column < self.size.width - 4:
            carets = " " * (3 + column) + "^" * min(length, self.size.width - 4 - column) + "\n"
        self.fault = f"{carets}   {visible(str(error))}"
        self._fault.update(Content(self.fault))
        self.add_class("-faulty")

    def clear_fault(self) -> None:
        """Take the fault away."""
        self.fault = ""
        self.remove_class("-faulty")

    @on(FilterInput.Changed)
    def _typed(self) -> None:
        self.clear_fault()

    @on(FilterInput.Submitted)
    def _entered(self, event: FilterInput.Submitted) -> None:
        event.stop()
        self.post_message(FilterSubmitted(event.value.strip()))
