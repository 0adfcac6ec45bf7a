"""The line at the top of every screen of a case: where one is, who works here, which zone, how sure the file is."""

from __future__ import annotations

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from workbench.clock import SystemClock, span_text
from workbench.text import cell_width, cut_middle, visible
from workbench.tui.checking import Sureness
from workbench.tui.glyphs import glyphs
from workbench.tui.places import SECTIONS
from workbench.tui.zones import UTC, Zone

_SURENESS = {
    Sureness.CHECKING: ("unverified, checking", "unverified", ""),
    Sureness.SOUND: ("file sound, not verified", "sound", ""),
    Sureness.UNCHECKED: ("unverified", "unverified", ""),
    Sureness.UNSOUND: ("NOT SOUND", "NOT SOUND", "bad"),
    Sureness.VERIFIED: ("verified", "verified", "good"),
    Sureness.ALTERED: ("NOT AS IT WAS LEFT", "ALTERED", "bad"),
}
"""How each is called on a wide screen and on a narrow one, and how it is coloured."""


class CaseHeader(Horizontal):
    """Case, place and the keys of other sections at the left; examiner, zone, journal, state of verification at the right."""

    DEFAULT_CSS = """
    CaseHeader {
        height: 1;
        background: $panel;
        & .case-header--place { width: 1fr; padding: 0 1; text-style: bold; }
        & .case-header--state { width: auto; padding: 0 1; color: $text-muted; }
        & .case-header--sureness { width: auto; padding: 0 1; color: $text-warning; text-style: bold; }
        & .case-header--sureness.-good { color: $text-success; }
        & .case-header--sureness.-bad { color: $text-error; text-style: bold reverse; }
    }
    """

    _place = getters.query_one(".case-header--place", Static)
    _state = getters.query_one(".case-header--state", Static)
    _sure = getters.query_one(".case-header--sureness", Static)

    def __init__(self, place: str, *, sections: bool = True) -> None:
        """Prepare the line.

        Args:
            place: Where one is.
            sections: Whether the sections of the case can be gone to from here.
        """
        super().__init__()
        self._sections = sections
        self._where = place
        self._title = ""
        self._examiner = ""
        self._journal: int | None = None
        self._unanchored: int | None = None
        self._anchored_at: int | None = None
        self._zone = UTC
        self._sureness = Sureness.CHECKING
        # A widget counts as mounted a moment before its parts are there, and a check may end in that moment.
        self._laid_out = False

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        yield Static("", classes="case-header--place", markup=False)
        yield Static("", classes="case-header--state", markup=False)
        yield Static("", classes="case-header--sureness", markup=False)

    def on_mount(self) -> None:
        """Show what is known so far."""
        self._laid_out = True
        self._write()

    def on_resize(self) -> None:
        """Cut the title to the new width."""
        if self._laid_out:
            self._write()

    def show(
        self,
        *,
        title: str | None = None,
        examiner: str | None = None,
        journal: int | None = None,
        unanchored: int | None = None,
        anchored_at: int | None = None,
        zone: Zone | None = None,
    ) -> None:
        """Change what is shown; ``None`` leaves a part as it is."""
        self._title = self._title if title is None else visible(title)
        self._examiner = self._examiner if examiner is None else visible(examiner)
        self._journal = self._journal if journal is None else journal
        self._unanchored = self._unanchored if unanchored is None else unanchored
        self._anchored_at = self._anchored_at if anchored_at is None else anchored_at
        self._zone = zone or self._zone
        if self._laid_out:
            self._write()

    def show_sureness(self, sureness: Sureness) -> None:
        """Show how sure one can be of the case file."""
        self._sureness = sureness
        if self._laid_out:
            self._write()

    @property
    def text(self) -> str:
        """What the line says, for tests and for people who cannot see it."""
        return f"{self._place.content} {self._state.content} {self._sure.content}"

    def _tail(self, room: int) -> str:
        """Say how much of the journal could be rewritten unnoticed: what no checkpoint outside covers, and since when."""
        if self._unanchored is None:
            return ""
        since = ""
        if self._anchored_at is not None and room >= 120:
            since = f" ({span_text(SystemClock().now() - self._anchored_at)})"
        return f", {self._unanchored:,} unanchored{since}"

    def _write(self) -> None:
        room = self.size.width or 80
        bar = "│" if glyphs().dash == "—" else "|"
        parts = [cut_middle(self._examiner, max(8, room // 5)), self._zone.name]
        if self._journal is not None:
            unit = "" if room < 100 else " entry" if self._journal == 1 else " entries"
            parts.append(f"journal {self._journal:,}{unit}{self._tail(room)}")
        state = f" {bar} ".join(part for part in parts if part) + f" {bar}"
        self._state.update(Content(state))
        long, short, kind = _SURENESS[self._sureness]
        title = cut_middle(self._title, max(8, room - len(state) - len(self._where) - len(short) - 10))
        place = f"{title} {glyphs().crumb} {self._where}" if title else self._where
        left = room - len(state) - cell_width(place) - 6
        # The ways to other places go before the longer words.
        ways = "   " + "  ".join(f"{key} {name}" for key, name, _ in SECTIONS if name != self._where)
        if not self._sections or len(ways) + len(short) > left:
            ways = ""
        self._place.update(Content.assemble(place, (ways, "not bold $text-muted")))
        self._sure.update(Content(long if len(ways) + len(long) <= left else short))
        self._sure.set_class(kind == "good", "-good")
        self._sure.set_class(kind == "bad", "-bad")
