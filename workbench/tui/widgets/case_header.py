"""The line at the top of every screen of a case: where one is, who works here, which zone, how sure the file is."""

from __future__ import annotations

from textual import getters
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from workbench.clock import SystemClock, span_text
from workbench.model.case import JournalSize
from workbench.text import cell_width, cut_middle, visible
from workbench.tui.checking import Sureness
from workbench.tui.glyphs import glyphs
from workbench.tui.open_case import OpenCase
from workbench.tui.places import SECTIONS

_SURENESS = {
    Sureness.CHECKING: ("unverified, checking", "unverified", ""),
    Sureness.SOUND: ("file sound when opened, not verified", "sound", ""),
    Sureness.UNCHECKED: ("unverified", "unverified", ""),
    Sureness.UNSOUND: ("NOT SOUND", "NOT SOUND", "bad"),
    Sureness.KEPT: ("evidence and record verified", "record verified", ""),
    Sureness.VERIFIED: ("all verified", "all verified", "good"),
    Sureness.ALTERED: ("NOT AS IT WAS LEFT", "ALTERED", "bad"),
}
"""How each is called on a wide screen and on a narrow one, and how it is coloured."""


class CaseHeader(Horizontal):
    """Case, place and the keys of other sections at the left; examiner, zone, journal, state of verification at the right.

    Attributes:
        case: The case.
    """

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

    def __init__(self, case: OpenCase, place: str, *, sections: bool = True) -> None:
        """Prepare the line.

        Args:
            case: The case; what is known of it is read from it whenever the line is written.
            place: Where one is.
            sections: Whether the sections of the case can be gone to from here.
        """
        super().__init__()
        self.case = case
        self._sections = sections
        self._where = place
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
        self.show()

    def on_resize(self) -> None:
        """Cut the title to the new width."""
        self.show()

    @property
    def text(self) -> str:
        """What the line says, for tests and for people who cannot see it."""
        return f"{self._place.content} {self._state.content} {self._sure.content}"

    def show(self) -> None:
        """Write what is known of the case now."""
        if not self._laid_out:
            return
        case, room = self.case, self.size.width or 80
        bar = "│" if glyphs().dash == "—" else "|"
        parts = [cut_middle(visible(case.author), max(8, room // 5)), case.zone.name]
        if case.journal is not None:
            parts.append(_journal(case.journal, room))
        state = f" {bar} ".join(part for part in parts if part) + f" {bar}"
        self._state.update(Content(state))
        long, short, kind = _sureness(case)
        title = cut_middle(
            visible(case.title), max(8, room - len(state) - len(self._where) - len(short) - 10)
        )
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


def show_headers(app: App[object], case: OpenCase) -> None:
    """Write the header of every screen of a case anew, so that no two of them say different things of it."""
    for screen in app.screen_stack:
        for header in screen.query(CaseHeader):
            if header.case is case:
                header.show()


def _journal(journal: JournalSize, room: int) -> str:
    """Say how long the journal is, how much of it could be rewritten unnoticed, and since when where there is room."""
    unit = "" if room < 100 else " entry" if journal.entries == 1 else " entries"
    since = ""
    if journal.anchored_at is not None and room >= 120:
        since = f" ({span_text(SystemClock().now() - journal.anchored_at)})"
    return f"journal {journal.entries:,}{unit}, {journal.unanchored:,} unanchored{since}"


def _sureness(case: OpenCase) -> tuple[str, str, str]:
    """Say how sure one can be of the case file: nothing vouches for what was appended after the check."""
    long, short, kind = _SURENESS[case.checked.sureness]
    covered = case.checked.entries
    if (
        case.checked.sureness in (Sureness.KEPT, Sureness.VERIFIED)
        and covered is not None
        and case.journal is not None
    ):
        later = case.journal.entries - covered
        if later > 0:
            return f"{long} to entry {covered:,}, {later:,} later", f"{short} to {covered:,}", ""
    return long, short, kind
