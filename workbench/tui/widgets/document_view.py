"""A scrolling view of a document of styled lines; text can be selected and copied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from workbench.tui.lines.document import Line, Span, wrapped
from workbench.tui.widgets.line_styles import highlighted


class DocumentView(ScrollView, can_focus=True):
    """Lines of spans, wrapped to the width of the widget and drawn as they come into view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home", "scroll_home", "Beginning", show=False),
        Binding("end", "scroll_end", "End", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document--title",
        "document--heading",
        "document--label",
        "document--strong",
        "document--muted",
        "document--warning",
        "document--error",
        "document--success",
        "document--key",
        "document--string",
        "document--number",
        "document--keyword",
        "document--punctuation",
        "document--masked",
    }
    DEFAULT_CSS = """
    DocumentView {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        & > .document--title { text-style: bold; color: $text-primary; }
        & > .document--heading { text-style: bold underline; }
        & > .document--label { color: $text-muted; }
        & > .document--strong { text-style: bold; }
        & > .document--muted { color: $text-muted; }
        & > .document--warning { color: $text-warning; }
        & > .document--error { color: $text-error; }
        & > .document--success { color: $text-success; }
        & > .document--key { color: $text-primary; }
        & > .document--string { color: $foreground; }
        & > .document--number { color: $text-accent; }
        & > .document--keyword { color: $text-accent; text-style: italic; }
        & > .document--punctuation { color: $text-muted; }
        & > .document--masked { color: $text-warning; text-style: reverse; }
    }
    """

    _ALIASES: ClassVar[dict[str, str]] = {
        "outcome-success": "success",
        "outcome-denied": "error",
        "outcome-failed": "error",
        "outcome-not_found": "warning",
        "outcome-unknown": "muted",
    }

    def __init__(self, lines: Iterable[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - textual's name
        super().__init__(id=id)
        self._document = list(lines)
        self._rows: list[tuple[Span, ...]] = []
        self._width = 0

    @property
    def document(self) -> list[Line]:
        """The lines on show."""
        return self._document

    def show(self, lines: Iterable[Line], *, keep_place: bool = False) -> None:
        """Show other lines, from their beginning unless ``keep_place``."""
        self._document = list(lines)
        self._wrap()
        if not keep_place:
            self.scroll_home(animate=False, immediate=True)
        self.refresh()

    def _wrap(self) -> None:
        self._width = self.size.width
        # Two cells stay free at the right: the scroll bar, and one that parts it from the text.
        self._rows = list(wrapped(self._document, self._width - 2)) if self._width else []
        self.virtual_size = Size(self._width, len(self._rows))

    def on_resize(self) -> None:
        """Wrap to the new width."""
        if self.size.width != self._width:
            self._wrap()
            self.refresh()

    def selection_updated(self, selection: Selection | None) -> None:
        """Redraw with other text selected."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        row, width = self.scroll_offset.y + y, self.size.width
        if row >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        strip = Strip([Segment(span.text, self._style(span.style)) for span in self._rows[row]])
        strip = strip.crop_extend(0, width, self.rich_style)
        if self.text_selection is not None:
            style = self.screen.get_component_rich_style("screen--selection")
            strip = highlighted(strip, self.text_selection.get_span(row), style)
        return strip.apply_offsets(0, row)

    def _style(self, name: str) -> Style:
        name = self._ALIASES.get(name, name)
        if name == "plain":
            return self.rich_style
        return self.get_component_rich_style(f"document--{name}", default=self.rich_style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text as it is wrapped on screen."""
        texts = ["".join(span.text for span in row) for row in self._rows]
        return selection.extract("\n".join(texts)), "\n"
