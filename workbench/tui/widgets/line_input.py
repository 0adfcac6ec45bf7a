"""A one-line input that takes text from anywhere safely."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from workbench.text import visible


class LineInput(Input):
    """An ``Input`` whose text may be pasted out of a log or come from a case file.

    Whatever is put into it, typed, pasted or set by the program, is made visible first: an ``Input`` would send
    control characters on to the terminal as they are.
    """

    def validate_value(self, value: str) -> str:
        """Make control characters visible."""
        return visible(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Several pasted lines become one, instead of all but the first being lost.
        event.prevent_default()
        event.stop()
        text = visible(" ".join(event.text.strip("\r\n ").splitlines()))
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)
