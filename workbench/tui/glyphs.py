"""The marks that screens use: each is a sign first and a colour second, with a plain ASCII form for old terminals."""

from __future__ import annotations

import dataclasses
import functools
import locale
import os
from collections.abc import Mapping

from workbench.model.claim import Grade
from workbench.model.event import IdentityKind, OutcomeStatus
from workbench.model.gap import CellState
from workbench.model.session import Strength


@dataclasses.dataclass(frozen=True)
class Glyphs:
    """One set of marks.

    Attributes:
        identity: What stands behind an identity.
        outcome: How an act ended.
        tag: What responders say of an event.
        untagged: An event that nobody has tagged.
        tied: Order inside this second is unknown.
        tampers: The act weakens the recording of what happens.
        cut: Stands for text left out.
        bars: Nine levels of a bar, from empty to full.
        shadow: A bar of events that the filter leaves out.
        pointer: Stands before the row under the cursor.
        cursor: Marks a place on the time axis.
        tick: Marks a labelled place on the time axis.
        separator: Stands between parts of one line.
        crumb: Stands between the levels of a place in the program.
        dash: Stands for a value that the record does not hold.
        link: How well a link is shown: two cells.
        rails: Draw a tree: passes by, a branch, the last branch, the first branch of a tree that grows upwards.
        folded: Stands before a row that hides others.
        unfolded: Stands before a row whose others are shown.
        lane: Draw a session over time: start, no client seen, one client, more than one, end, no end known, outside.
        flag: Something to look at.
        to: Stands between the two ends of something.
        bullet: Stands before one of several.
        coverage: What is known of a stretch of a log.
    """

    identity: Mapping[IdentityKind, str]
    outcome: Mapping[OutcomeStatus, str]
    tag: Mapping[Grade, str]
    untagged: str
    tied: str
    tampers: str
    cut: str
    bars: str
    shadow: str
    pointer: str
    cursor: str
    tick: str
    separator: str
    crumb: str
    dash: str
    link: Mapping[Strength, str]
    rails: str
    folded: str
    unfolded: str
    lane: str
    flag: str
    to: str
    bullet: str
    coverage: Mapping[CellState, str]


UNICODE = Glyphs(
    identity={
        IdentityKind.HUMAN: "☻",
        IdentityKind.NONHUMAN: "⚙",
        IdentityKind.SERVICE: "☁",
        IdentityKind.UNDECIDED: "?",
    },
    outcome={
        OutcomeStatus.SUCCESS: "✓",
        OutcomeStatus.DENIED: "⊘",
        OutcomeStatus.FAILED: "!",
        OutcomeStatus.NOT_FOUND: "∅",
        OutcomeStatus.UNKNOWN: "?",
    },
    tag={Grade.ATTRIBUTED: "●", Grade.INFERRED: "◐", Grade.UNPROVEN: "○", Grade.EXCLUDED: "✕"},
    untagged="·",
    tied="≈",
    tampers="✂",
    cut="…",
    bars=" ▁▂▃▄▅▆▇█",
    shadow="░",
    pointer="┃",
    cursor="▲",
    tick="╵",
    separator="·",
    crumb="›",
    dash="—",
    link={
        Strength.PROVEN: "━▶",
        Strength.INFERRED: "╌▷",
        Strength.UNPROVEN: "┄?",
        Strength.ASSERTED: "✎▷",
    },
    rails="│├└┌",
    folded="▸",
    unfolded="▾",
    lane="├─▄█┤╶·",
    flag="‼",
    to="→",
    bullet="•",
    coverage={
        CellState.RECEIVED: "█",
        CellState.COMPLETE: "✓",
        CellState.QUIET: "▁",
        CellState.HOLE: "▒",
        CellState.OFF: "×",
        CellState.UNKNOWN: "?",
    },
)

ASCII = Glyphs(
    identity={
        IdentityKind.HUMAN: "H",
        IdentityKind.NONHUMAN: "N",
        IdentityKind.SERVICE: "S",
        IdentityKind.UNDECIDED: "?",
    },
    outcome={
        OutcomeStatus.SUCCESS: "+",
        OutcomeStatus.DENIED: "x",
        OutcomeStatus.FAILED: "!",
        OutcomeStatus.NOT_FOUND: "0",
        OutcomeStatus.UNKNOWN: "?",
    },
    tag={Grade.ATTRIBUTED: "A", Grade.INFERRED: "I", Grade.UNPROVEN: "U", Grade.EXCLUDED: "X"},
    untagged=".",
    tied="~",
    tampers="%",
    cut="~",
    bars=" .:-=+*##",
    shadow=",",
    pointer=">",
    cursor="^",
    tick="'",
    separator="|",
    crumb=">",
    dash="-",
    link={
        Strength.PROVEN: "=>",
        Strength.INFERRED: "->",
        Strength.UNPROVEN: "?>",
        Strength.ASSERTED: "*>",
    },
    rails="|+`.",
    folded="+",
    unfolded="-",
    lane="[-=#]>.",
    flag="!!",
    to="-",
    bullet="*",
    coverage={
        CellState.RECEIVED: "#",
        CellState.COMPLETE: "=",
        CellState.QUIET: "_",
        CellState.HOLE: "%",
        CellState.OFF: "x",
        CellState.UNKNOWN: "?",
    },
)


@functools.cache
def glyphs() -> Glyphs:
    """Return the set for this terminal.

    ASCII if the environment sets ``WORKBENCH_ASCII`` to anything but ``0`` or nothing, or if the locale's encoding
    cannot write the other marks.
    """
    if os.environ.get("WORKBENCH_ASCII", "0") not in ("", "0"):
        return ASCII
    encoding = locale.getpreferredencoding(do_setlocale=False)
    return UNICODE if encoding.replace("-", "").lower().startswith("utf") else ASCII
