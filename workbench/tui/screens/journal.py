"""The journal: what people did to the case, which checkpoints cover it, and how much could still be rewritten unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content

from workbench.casework.record.outcome import WHOLE
from workbench.clock import SystemClock
from workbench.errors import WorkbenchError
from workbench.text import visible
from workbench.tui import messages
from workbench.tui.checking import Outcome, Sureness
from workbench.tui.lines.document import Line
from workbench.tui.open_case import OpenCase
from workbench.tui.places import JournalPlace
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.tables.journal import JournalRows, check_lines, entry_lines, record_lines
from workbench.tui.widgets.case_header import show_headers
from workbench.tui.words import Word, keeps, read_words

if TYPE_CHECKING:
    from workbench.casework.record.look import Entered, Journal

FIELDS = {"is": ("unanchored", "anchored")}
"""Field of the filter line with its choices."""


class JournalScreen(DerivedSection):
    """The entries, newest last; the details of the one under the cursor, and below them checkpoints, anchors and the check."""

    PLACE = "Journal"
    HINT = "words in who, what or details; is:unanchored  -word"
    BINDING_GROUP_TITLE = "Journal"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("V", "verify", "Verify", id="journal.verify"),
        Binding("W", "verify(True)", "Verify the whole", id="journal.verify_whole"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    def __init__(self, case: OpenCase, place: JournalPlace) -> None:
        super().__init__(case)
        self._place: JournalPlace | None = place
        self.found: Journal | None = None
        self.told: tuple[str, ...] = ()
        self._verdict = ""
        self._answers = False
        self._listed: list[Entered] = []
        self._verifying = False

    async def read(self) -> None:
        """Read the journal; the cursor stays on its entry, at first on the newest."""
        self.found = await self.case.derived.journal()
        self.lay_out()

    def lay_out(self) -> None:
        """Show the entries that pass the words, and what is unanchored."""
        found = self.found
        if found is None:
            return
        here = self.entry
        seq = self._place.entry if self._place is not None else here.seq if here is not None else None
        self._place = None
        words = read_words(self.words, FIELDS)
        anchored = found.record.tail.size
        self._listed = [one for one in found.entries if _keeps(words, one, anchored)]
        self._table.empty_text = "No entry passes the filter. Esc clears it."
        places = [one.seq for one in self._listed]
        row = places.index(seq) if seq in places else max(0, len(places) - 1)
        self._table.show(JournalRows(self._listed, anchored, self.zone), row)
        total = len(found.entries)
        count = f"{len(self._listed):,} of {total:,}" if words else f"{total:,}"
        self._search.show_state(f"{count} {'entry' if total == 1 else 'entries'}")
        self._show_state()

    def _show_state(self) -> None:
        """Say always what is unanchored, and whether the record contradicts itself: this is what the section is for."""
        found = self.found
        self.set_class(found is not None, "-outdated")
        if found is None:
            return
        from workbench.casework.record.text import tail_text

        wrong = sum(1 for finding in found.record.findings if finding.failed)
        state = f"{wrong:,} things are WRONG with the record: treat this file as altered. " if wrong else ""
        busy = "  Verifying …" if self._verifying else ""
        text = tail_text(found.record.tail, SystemClock().now())
        self._outdated.update(Content(f"{self._verdict}{state}{text[:1].upper()}{text[1:]}.{busy}"))

    @property
    def entry(self) -> Entered | None:
        """The entry under the cursor."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the entry under the cursor, then what covers the journal."""
        one, found = self.entry, self.found
        if one is None or found is None:
            return "", []
        events: Counter[str] = Counter()
        summary = self.case.reading.summary
        for item in summary.evidence if summary else ():
            events[item.delivered_sha256] += item.events
        entry = entry_lines(one, found, self.zone, events)
        record, check = record_lines(found), check_lines(self.told)
        if self._answers:
            # The answer to a question just asked stands first, until one looks at another entry.
            return "check", [*check, *entry, *record]
        return str(one.seq), [*entry, *record, *check]

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, FIELDS)

    @on(messages.RowMoved)
    def _moved_on(self) -> None:
        self._answers = False

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        self.action_turn_detail()

    async def _entries(self) -> int | None:
        """Count the entries before a check: what is appended while it runs may or may not have been looked at."""
        try:
            return len((await self.case.derived.journal()).entries)
        except WorkbenchError:
            return None  # the check says why

    @work
    async def action_verify(self, deep: bool = False) -> None:
        """Check the whole case in a process of its own.

        Args:
            deep: Whether the derived layer is made anew and compared, too; else evidence and record alone are checked.
        """
        if self._verifying:
            return
        self._verifying = True
        self._show_state()
        process = None
        try:
            entries = await self._entries()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "workbench", "verify", *(["--deep"] if deep else []), "--", str(self.case.path),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            out, said = await process.communicate()
        finally:
            self._verifying = False
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()  # nobody waits for it any more
        lines = [visible(text) for text in out.decode(errors="replace").splitlines()]
        if not lines:
            self.tell_problem(
                WorkbenchError(
                    visible(said.decode(errors="replace").strip()) or "verify ended without a word"
                )
            )
        if process.returncode in (0, 1):
            # Where a part of the derived layer could not be compared, the last line says so.
            whole = deep and lines[-1:] == [WHOLE]
            sureness = Sureness.VERIFIED if whole else Sureness.KEPT
            sureness = Sureness.ALTERED if process.returncode else sureness
            self.case.checked = Outcome(sureness, entries=entries)
            show_headers(self.app, self.case)
        moment = SystemClock().now()
        self.told = (f"the check of {self.zone.text(moment)} {self.zone.name}", *lines)
        self._verdict = (
            f"Checked at {self.zone.text(moment)}: {lines[-1].replace('(--deep)', '(W does that)')};"
            " the details say what this check cannot show. "
            if lines
            else ""
        )
        if process.returncode == 1:
            self.tell_problem(
                WorkbenchError("the case is not as it was left", "the details say what is wrong")
            )
        self._answers = True
        self.case.details[self.PLACE] = True
        self.add_class("-detail")
        self._show_state()
        self.show_detail()


def _keeps(words: Sequence[Word], one: Entered, anchored: int) -> bool:
    def texts() -> str:
        return "\n".join((one.actor, one.kind, one.data.decode(errors="replace"))).casefold()

    state = "anchored" if one.seq <= anchored else "unanchored"
    return keeps(words, {"is": state}, texts)
