"""Help: the keys, the marks, the filter language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from workbench.model.session import Strength
from workbench.search import describe
from workbench.tui.glyphs import Glyphs, glyphs
from workbench.tui.lines.document import BLANK, Line, heading, line
from workbench.tui.tables.events import OUTCOME_WORDS
from workbench.tui.tables.session_cells import END_MARKS, START_MARKS, STRENGTH_WORDS
from workbench.tui.widgets.document_view import DocumentView

KEYS = (
    ("timeline", (
        ("↑ ↓  PgUp PgDn  Home End", "move; End stays at the end while events are still being read"),
        ("Enter, double click", "details of the event;  [ ]  previous and next event there"),
        ("/", "filter;  Tab completes, ↑ ↓ earlier filters, Enter applies, Esc leaves"),
        ("Esc", "close the details, then clear the filter"),
        ("g", "go to a time"),
        ("y", "copy the full reference of the event;  drag selects text, ctrl+c copies it"),
        ("r", "in the details: reveal masked secrets (journalled)"),
        ("s  l", "session of the event;  its lineage: what led to it, what came of it"),
        ("d", "diff: what the event changed, before and after"),
        ("a i u x", "tag: attributed, inferred, unproven, excluded;  Space marks several events for one tag"),
        ("h  F", "history of the tags of the event;  a finding that cites it"),
    )),
    ("sections", (
        ("2  3  4  5  6  7", "timeline;  sessions;  changes;  coverage and gaps;  findings and tags;  notes"),
        ("8  9", "identities;  credentials"),
        ("n  N", "a note of one line, from anywhere;  a note on the whole screen"),
        ("J", "journal: what people did, checkpoints, what is unanchored;  V verifies evidence and record, W all"),
        ("q, Esc", "back to where one came from"),
        ("f", "show what stands under the cursor in the timeline"),
        ("/", "words that must occur in a row;  -word must not;  kind:human  strength:inferred  is:odd"),
        ("d", "details below or beside the list;  Tab goes there, Enter follows a line, d is the diff of an event"),
        ("D", "derive sessions and links anew, where they are not up to date"),
    )),
    ("sessions", (
        ("Enter", "what the session did, by resource and verb, down to each event"),
        ("l", "lineage: back to the first credential use, forward to every effect"),
        ("Space  ← →", "fold and unfold"),
        ("v  o", "lanes or words;  order by start or by events"),
        ("F", "only sessions with events that pass the timeline's filter;  again: all"),
        ("+ -  0  [ ]", "lanes: zoom about the session;  all;  earlier and later"),
        ("y", "copy the id"),
    )),
    ("changes", (
        ("/", "find a resource by words, or by likeness where no name fits"),
        ("Tab", "to its life: every event, every change, the state after each;  Enter follows a line"),
        ("t", "its state as of a time;  Esc: at the end of the evidence"),
        ("L", "what was left behind, and whether anything undid it;  also on a session"),
        ("b  m", "on a session: what is new in it;  mark it, then b on another: side by side"),
        ("h  e", "on a diff: history of the resource;  raw record"),
    )),
    ("coverage and gaps", (
        ("← →", "in the matrix: the column whose cell the details tell of"),
        ("Tab  Space", "to the gaps;  choose gaps for one letter"),
        ("l  y", "letter that asks for what closes the gaps: chosen, of the cell, or under the cursor;  copy it"),
        ("x  a  c", "dispute a gap;  accept it as a limit of the case;  say that it was closed (journalled)"),
        ("f  Enter", "records of the cell, or of the gap's time, in the timeline;  first record that a gap cites"),
    )),
    ("lineage", (
        ("↑ ↓  Enter", "go from one citation to the next;  open it"),
        ("f  s  c  l", "timeline;  tree of sessions;  what the session did;  lineage from there"),
    )),
    ("findings, notes", (
        ("Enter, h", "history: all versions, with who, when and why"),
        ("+  v  o", "state a finding;  sign as a second person;  object"),
        ("r  T", "say a stale tag again;  take back (all versions stay readable)"),
        ("c", "correct a note: a new version supersedes it"),
    )),
    ("identities", (
        ("Tab", "to the proposals below the list"),
        ("m  k", "accept that two are one;  keep them apart (journalled, can be superseded)"),
    )),
    ("bars", (
        ("t, Tab", "go to the bars"),
        ("← →  Shift+← →", "move the column;  pan"),
        ("+ -  wheel  0", "zoom in and out;  all"),
        ("Space … Space, drag", "select a stretch of time: it becomes part of the filter"),
        ("Enter, click", "go to that time in the table"),
        ("Esc", "give up the selection, then the zoom"),
    )),
    ("case", (
        ("z  Z", "switch between UTC and another zone;  choose the other zone"),
        ("e  A  X", "evidence and its accounting;  add evidence;  stop adding"),
        ("ctrl+p", "every command by name, themes too"),
        ("?  q  ctrl+q", "this help;  back;  quit"),
    )),
)  # fmt: skip


class HelpScreen(ModalScreen[None]):
    """Shows the help over whatever was on screen."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark", "close", "Close")]

    def compose(self) -> ComposeResult:
        """Lay the help out."""
        with Vertical(id="help") as frame:
            frame.border_title = "Help"
            frame.border_subtitle = "Esc closes"
            yield DocumentView(help_lines(glyphs()))

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def help_lines(marks: Glyphs) -> Iterator[Line]:
    """Return the whole help."""
    for group, keys in KEYS:
        yield heading(f" {group}")
        for key, meaning in keys:
            yield line((f"  {key:<26}", "key"), meaning, indent=28)
        yield BLANK
    yield heading(" marks")
    yield line(
        "  identity   ", *(f"{sign} {kind.value}   " for kind, sign in marks.identity.items()), indent=13
    )
    yield line(
        "  outcome    ",
        *(f"{sign} {OUTCOME_WORDS[status]}   " for status, sign in marks.outcome.items()),
        indent=13,
    )
    yield line(
        "  link       ",
        *(f"{marks.link[strength]} {STRENGTH_WORDS[strength]}   " for strength in Strength),
        "unproven: a hole, with what would close it",
        indent=13,
    )
    yield line(
        "  start      ", *(f"{letter} {basis.value}   " for basis, letter in START_MARKS.items()), indent=13
    )
    yield line(
        "  end        ",
        *(f"{letter} {basis.value}   " for basis, letter in END_MARKS.items()),
        "open: the last event seen, nothing ends it",
        indent=13,
    )
    lane = marks.lane
    yield line(
        f"  lanes      {lane[0]} start   {lane[1]} no client seen   {lane[2]} one client   {lane[3]} several clients   ",
        f"{lane[4]} end   {lane[5]} may go on",
        indent=13,
    )
    tags = "   ".join(f"{sign} {grade.value}" for grade, sign in marks.tag.items())
    yield line(f"  tag        {tags}   {marks.untagged} untagged   {marks.flag} against a rule", indent=13)
    yield line(f"  time       {marks.tied} order inside this second is unknown", indent=13)
    yield line(f"  action     {marks.tampers} weakens or stops the recording of what happens", indent=13)
    yield line(f"  bars       {marks.shadow} events that the filter leaves out", indent=13)
    yield BLANK
    yield heading(" filter")
    for text in describe().splitlines():
        yield line(f"  {text}", indent=25)
