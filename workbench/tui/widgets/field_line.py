"""One field of a dialog with its label, which shows by a sign where the keys go."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from workbench.tui.glyphs import glyphs


class FieldLine(Horizontal):
    """A label and the widget that is filled in; while that has the focus, a pointer stands in front of the label."""

    def __init__(self, label: str, widget: Widget, classes: str = "") -> None:
        super().__init__(classes=f"field {classes}".rstrip())
        self._text = label
        self._label = Label(f"  {label}", markup=False)
        self._widget = widget

    def compose(self) -> ComposeResult:
        """Lay the line out."""
        yield self._label
        yield self._widget

    def on_descendant_focus(self) -> None:
        """Point at the field."""
        self._label.update(Content(f"{glyphs().pointer} {self._text}"))
        self._label.add_class("-here")

    def on_descendant_blur(self) -> None:
        """Point at it no longer."""
        self._label.update(Content(f"  {self._text}"))
        self._label.remove_class("-here")
