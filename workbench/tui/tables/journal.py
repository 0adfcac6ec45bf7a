"""The journal as rows of a table, and everything about one entry as lines. No widgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import set_cell_size

from workbench.text import visible
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.body import body_lines
from workbench.tui.lines.document import BLANK, Line, line
from workbench.tui.lines.event import field
from workbench.tui.tables.events import Cell, fit
from workbench.tui.tables.listed import ListedRows
from workbench.tui.zones import Zone

if TYPE_CHECKING:
    from workbench.casework.record.look import Entered, Journal
    from workbench.journal.record import Finding, StatedCheckpoint

_KIND = 24
"""Cells of the kind: the longest has 23."""


class JournalRows(ListedRows["Entered"]):
    """Implements ``cell_table.Rows`` over entries."""

    def __init__(self, listed: Sequence[Entered], anchored: int, zone: Zone) -> None:
        """Prepare the rows.

        Args:
            listed: The entries.
            anchored: How many entries a checkpoint outside covers.
            zone: Zone on show.
        """
        super().__init__(listed, zone)
        self._anchored = anchored

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks, actor = glyphs(), _actor(width)
        text = f" {'entry':>6}  " + fit(f"written ({self._zone.name})", 21, marks)
        text += fit("by", actor + 2, marks) + fit("what", _KIND + 2, marks) + "details"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row; what no checkpoint outside covers has its number in another style."""
        one, marks, actor = self.listed[row], glyphs(), _actor(width)
        time = marks.dash if one.time is None else self._zone.text(one.time)
        rest = max(0, width - 1 - 8 - 21 - actor - 2 - _KIND - 2)
        return [
            Cell(" ", ""),
            Cell(f"{one.seq:>6}  ", "number" if one.seq <= self._anchored else "warning"),
            Cell(fit(time, 19, marks) + "  ", "muted"),
            Cell(fit(one.actor, actor, marks) + "  ", "plain"),
            Cell(fit(one.kind, _KIND, marks) + "  ", _style(one.kind)),
            Cell(fit(one.says, rest, marks), "plain"),
        ]


def _actor(width: int) -> int:
    return 10 if width < 100 else 18


def _style(kind: str) -> str:
    if kind in ("clock.stepped_back", "unreadable"):
        return "warning"
    return "success" if kind.startswith(("checkpoint.", "timestamp.", "key.")) else "strong"


def entry_lines(one: Entered, journal: Journal, zone: Zone, events: Mapping[str, int]) -> Iterator[Line]:
    """Yield the details of an entry: what it says in full, its hash, and what covers it.

    Args:
        one: The entry.
        journal: The journal.
        zone: Zone on show.
        events: How many events there are of each delivered file, by its SHA-256, as far as that is known.
    """
    yield line(" ", (f"entry {one.seq}", "title"), (f"  {visible(one.kind)}", "strong"), indent=3)
    if one.time is not None:
        yield field("written", f"{zone.text(one.time, 6)} {zone.name}", ("  by the machine's clock", "muted"))
    yield field("by", visible(one.actor), ("  as they named themselves; nothing checks it", "muted"))
    yield from body_lines(one.body, events)
    yield field("leaf", one.leaf, ("  SHA-256(0x00 and the bytes of the entry)", "muted"))
    holders = [
        each for each in journal.record.checkpoints if each.outside and each.checkpoint.size >= one.seq
    ]
    if holders:
        yield field(
            "anchored", f"by the checkpoint of {holders[0].checkpoint.size:,} entries, entry {holders[0].seq}"
        )
    else:
        yield field("anchored", ("no: no checkpoint that covers it has left the machine", "warning"))
    for finding in journal.record.findings:
        if finding.where in (f"entry {one.seq}", f"checkpoint in entry {one.seq}"):
            yield field(
                "wrong" if finding.failed else "note",
                (visible(finding.what), "error" if finding.failed else "warning"),
            )


def record_lines(journal: Journal) -> Iterator[Line]:
    """Yield what stands below the details: checkpoints and anchors, and what is wrong."""
    from workbench.casework.record.text import anchor_text

    record = journal.record
    yield BLANK
    yield line((" checkpoints and anchors", "heading"))
    if not record.checkpoints:
        yield line(
            (" none yet: workbench checkpoint CASE --key KEYFILE, then workbench anchor", "warning"), indent=1
        )
    for stated in record.checkpoints:
        yield field(f"entry {stated.seq}", *_anchor(stated, anchor_text(stated)))
    yield BLANK
    yield line((" the record", "heading"))
    yield field("root", record.tree.root().hex(), (f"  of {record.tree.size:,} entries", "muted"))
    wrong = [finding for finding in record.findings if finding.failed]
    if not wrong:
        yield field("check", ("✓ it does not contradict itself", "success"), ("; whoever can write the file can "
                    "make it anew: only a checkpoint outside shows that", "muted"))  # fmt: skip
    for finding in record.findings:
        yield field("wrong" if finding.failed else "note", *_finding(finding))


def check_lines(told: Sequence[str]) -> Iterator[Line]:
    """Yield the last check of the whole case: its heading and what it said, the outcome and what is wrong first.

    Args:
        told: When it was, and its lines; nothing if the case has not been checked here.
    """
    if not told:
        return
    heading, *lines = told
    yield line((f" {visible(heading)}", "heading"))
    for text in [*lines[-1:], *sorted(lines[:-1], key=lambda each: not each.startswith("WRONG"))]:
        style = "error" if text.startswith(("WRONG", "NOT AS")) else "plain"
        yield line((f" {visible(text)}", style), indent=3)
    yield BLANK


def _anchor(stated: StatedCheckpoint, text: str) -> tuple[tuple[str, str], ...]:
    size = (f"{stated.checkpoint.size:,} entries  ", "number")
    return size, (text, "success" if stated.outside else "plain")


def _finding(finding: Finding) -> tuple[tuple[str, str], ...]:
    style = "error" if finding.failed else "warning"
    return (f"{visible(finding.where)}: ", style), (visible(finding.what), "plain")
