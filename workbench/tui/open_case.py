"""What all screens of one opened case share: how it is read, which zone is on show, how one moves about in it."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Callable
from pathlib import Path

from workbench.casework.actor import VARIABLE
from workbench.model.case import JournalSize
from workbench.text import visible
from workbench.tui.checking import Check, Outcome, Sureness, begin
from workbench.tui.drafts import Drafts
from workbench.tui.places import Navigation, Place
from workbench.tui.reading.case import CaseReading
from workbench.tui.reading.changes import ChangeReading
from workbench.tui.reading.claims import ClaimReading
from workbench.tui.reading.derived import DerivedReading
from workbench.tui.reading.sources import Cases
from workbench.tui.tables.session_forest import Order, SessionForest
from workbench.tui.zones import UTC, Zone


@dataclasses.dataclass
class SessionsView:
    """How a person has arranged the tree of sessions; it outlives the screen that shows it.

    Attributes:
        forest: The sessions, ``None`` until they have been read.
        only: Sessions to which the timeline's filter narrows the tree, ``None`` if it does not.
        order: Order of what has the same parent.
        lanes: Whether lanes are shown where there is no room for them and for words.
        toggled: Keys of rows that were folded or unfolded.
        cursor: Key of the row under the cursor.
        stretch: First instant and width of a column of the lanes, ``None`` for all of the sessions.
    """

    forest: SessionForest | None = None
    only: frozenset[str] | None = None
    order: Order = Order.START
    lanes: bool = True
    toggled: set[str] = dataclasses.field(default_factory=set)
    cursor: str = ""
    stretch: tuple[int, int] | None = None


class _Nowhere:
    """Stands in for the way between places until there is one."""

    def go(self, place: Place) -> None:
        """Stay."""

    def jump(self, place: Place) -> None:
        """Stay."""

    def back(self) -> bool:
        """Stay."""
        return False


class OpenCase:
    """One opened case.

    Attributes:
        cases: Where cases come from.
        path: The case file.
        reading: Reads its events.
        derived: Reads its sessions, identities and credentials.
        changes: Reads its changes.
        claims: Reads what responders said, and commits what they say.
        examiner: Who works here, as far as anybody has said.
        acting: Who last said something in this run, as they named themselves.
        title: What the responders call the case.
        journal: How long its journal is, ``None`` until somebody has looked.
        checked: How sure one can be of the case file, and what is wrong with it.
        zone: Zone on show.
        other_zone: The zone that ``z`` changes to.
        navigation: How one moves about.
        sessions: How the tree of sessions is arranged.
        words: Filter lines of the lists, by section.
        marked: Id of the session that others are put beside, ``None`` if none was marked.
        details: Whether the details of a list are shown, by section; where nobody has said so the size of the screen decides.
    """

    def __init__(self, cases: Cases, path: Path) -> None:
        self.cases = cases
        self.path = path
        self.reading = CaseReading(lambda: cases.open(path))
        self.derived = DerivedReading(cases, path)
        self.changes = ChangeReading(cases, path)
        self.claims = ClaimReading(cases, path)
        self._drafts: Drafts | None = None
        self._drafts_of = ""
        self.examiner = ""
        self.acting = ""
        self.title = ""
        self.journal: JournalSize | None = None
        self.checked = Outcome(Sureness.CHECKING)
        self._check: Check | None = None
        self.zone: Zone = UTC
        self.other_zone: Zone | None = None
        self.navigation: Navigation = _Nowhere()
        self.sessions = SessionsView()
        self.words: dict[str, str] = {}
        self.details: dict[str, bool] = {}
        self.marked: str | None = None

    @property
    def author(self) -> str:
        """The name to offer for what is said next."""
        return self.acting or os.environ.get(VARIABLE, "") or self.examiner

    async def drafts(self) -> Drafts:
        """Return the drafts of whoever works here."""
        if self._drafts is None or self._drafts_of != self.author:
            info = await self.reading.info()
            self._drafts_of = self.author
            self._drafts = Drafts(info.case_id, self.author)
        return self._drafts

    @property
    def named(self) -> str:
        """How a person would name the case file on a command line."""
        return visible(shlex.quote(str(self.path)))

    def check(self, told: Callable[[Outcome], None]) -> None:
        """Begin to check pages and record of the case file in the background, once."""
        if self._check is None:
            self._check = self.cases.check(self.path)
            begin(self._check, told)

    def close(self) -> None:
        """Stop all reading."""
        if self._check is not None:
            self._check.stop()
        self.reading.close()
        self.derived.close()
        self.changes.close()
        self.claims.close()
