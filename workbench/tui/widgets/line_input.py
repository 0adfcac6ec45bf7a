"""A one-line input that takes pasted text safely."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from workbench.text import visible


class LineInput(Input):
    """An ``Input`` for text that may be pasted out of a log: control characters become visible ones."""

    def _on_paste(self, event: events.Paste) -> None:
        # Widget handlers of every class in the inheritance are called; only this one may see the raw text.
        event.prevent_default()
        event.stop()
        text = visible(" ".join(event.text.split("\n")).strip("\r\n "))
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)
