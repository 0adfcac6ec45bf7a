"""One line on which one of a few words is chosen."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static


class ChoiceLine(Static, can_focus=True):
    """Shows all words of a choice, or, where there is no room for them, the one that is chosen; ← and → change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", "Before", show=False),
        Binding("right,space", "turn(1)", "Next", show=False),
    ]
    DEFAULT_CSS = """
    ChoiceLine {
        height: 1;
        width: 1fr;
        background: $boost;
        &:focus { background: $primary 25%; }
    }
    """

    chosen: var[int] = var(0, init=False)
    """Which word is chosen, from 0."""

    @dataclasses.dataclass
    class Chosen(Message):
        """Another word was chosen."""

        line: ChoiceLine

        @property
        def control(self) -> ChoiceLine:
            """The line."""
            return self.line

    def __init__(self, words: Sequence[str], chosen: int = 0, *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__("", id=id, markup=False)
        self.words = list(words)
        self.set_reactive(ChoiceLine.chosen, chosen)

    @property
    def word(self) -> str:
        """The word that is chosen."""
        return self.words[self.chosen]

    def on_mount(self) -> None:
        """Draw the line."""
        self._write()

    def on_resize(self) -> None:
        """Draw the line for another width."""
        self._write()

    def set_words(self, words: Sequence[str], chosen: int = 0) -> None:
        """Offer other words."""
        self.words = list(words)
        self.set_reactive(ChoiceLine.chosen, chosen)
        self._write()

    def action_turn(self, steps: int) -> None:
        """Choose the next word or the one before."""
        self.chosen = (self.chosen + steps) % len(self.words)

    def watch_chosen(self) -> None:
        """Draw the line, and tell."""
        self._write()
        self.post_message(self.Chosen(self))

    def _write(self) -> None:
        whole = "   ".join(
            f"({'•' if number == self.chosen else ' '}) {word}" for number, word in enumerate(self.words)
        )
        room = max(20, self.size.width)
        if len(whole) > room:
            whole = "  ".join(
                f"[{word}]" if number == self.chosen else word for number, word in enumerate(self.words)
            )
        if len(whole) > room:
            whole = f"‹ {self.word} ›  {self.chosen + 1} of {len(self.words)}"
        self.update(Content(whole))
