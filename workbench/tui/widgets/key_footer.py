"""The line of keys at the foot of a screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

HELP = "help"

TIGHT = 120
"""Width below which the key of the command palette is left out."""


class KeyFooter(Footer):
    """Keys from the left as far as there is room; the one that explains all others always stands at the right end."""

    DEFAULT_CSS = """
    KeyFooter {
        & FooterKey.-help { dock: right; margin: 0; border-left: vkey $foreground 20%; }
        & FooterKey.-command-palette { margin-right: 9; }
        &.-tight FooterKey.-command-palette { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__(compact=True)

    def on_resize(self) -> None:
        """Leave the room to the keys of the screen where there is little; help names the palette."""
        self.set_class(self.size.width < TIGHT, "-tight")

    def compose(self) -> ComposeResult:
        """Lay the keys out."""
        for widget in super().compose():
            if isinstance(widget, FooterKey) and widget.action == HELP:
                widget.add_class("-help")
            yield widget
