"""Findings, tags and notes as rows of tables. No widgets."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import set_cell_size

from workbench.casework.claim_json import late
from workbench.casework.finding import FindingState
from workbench.casework.moments import instant_of
from workbench.casework.tag import State
from workbench.claims.wording import sentence
from workbench.model.claim import Grade, Kept, Tag
from workbench.model.finding import Finding
from workbench.model.note import Note
from workbench.tui.glyphs import glyphs
from workbench.tui.rows import Cell, fit, short_name
from workbench.tui.zones import Zone

Claim = State | FindingState

GRADE_STYLES = {
    Grade.ATTRIBUTED: "success",
    Grade.INFERRED: "notable",
    Grade.UNPROVEN: "warning",
    Grade.EXCLUDED: "muted",
}
"""Colours of tags; the mark and the word stand beside them."""


def standing_word(claim: Claim) -> tuple[str, str]:
    """Return how a claim stands in a word, and its style: stale, overridden, what it lacks, released."""
    if claim.stale:
        return "STALE", "warning"
    if claim.kept.body.override:
        return "OVERRIDE", "error"
    if claim.released:
        return "released", "success"
    if not claim.lacks:
        return "objected to", "warning"
    return f"lacks {len(claim.lacks)}", "muted"


class ClaimRows:
    """Implements ``cell_table.Rows`` over findings and tags.

    Attributes:
        listed: The claims.
    """

    def __init__(self, listed: Sequence[Claim], zone: Zone) -> None:
        self.listed = listed
        self._zone = zone

    def __len__(self) -> int:
        return len(self.listed)

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks = glyphs()
        room = _room(width)
        text = f" {'claim':<16}" + fit("says", room, marks) + f"  {'stands':<13}{'events':>8}  "
        text += f"written ({self._zone.name})" if width >= 110 else ""
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        marks, claim = glyphs(), self.listed[row]
        body = claim.kept.body
        room = _room(width)
        word, style = standing_word(claim)
        if isinstance(body, Tag):
            head = Cell(f"{marks.tag[body.grade]} {body.grade.value:<14}", GRADE_STYLES[body.grade])
            says = f"{short_name(body.subject)} ({body.level}): {body.reason}"
            count = f"{body.scope.events:,}"
        else:
            head = Cell(f"{body.effect.value:<16}", "strong")
            says, count = sentence(body), ""
        made = [Cell(" ", ""), head, Cell(fit(says, room, marks) + "  ", "plain")]
        made += [Cell(f"{word:<13}", style), Cell(f"{count:>8}  ", "number")]
        if width >= 110:
            made.append(Cell(self._zone.text(instant_of(claim.kept.origin.time)), "muted"))
        return made


def _room(width: int) -> int:
    return max(16, width - 17 - 2 - 13 - 10 - (20 if width >= 110 else 0) - 1)


class NoteRows:
    """Implements ``cell_table.Rows`` over notes.

    Attributes:
        listed: The notes.
    """

    def __init__(self, listed: Sequence[Kept[Note]], zone: Zone) -> None:
        self.listed = listed
        self._zone = zone

    def __len__(self) -> int:
        return len(self.listed)

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        text = f" {f'written ({self._zone.name})':<21}{'author':<18}{'':<20}note"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        marks, kept = glyphs(), self.listed[row]
        first = next((line for line in kept.body.text.splitlines() if line.strip("# \t")), "")
        lateness = late(kept) or ""
        return [
            Cell(" ", ""),
            Cell(f"{self._zone.text(instant_of(kept.origin.time)):<21}"[:21], "muted"),
            Cell(fit(kept.origin.author, 16, marks) + "  ", "plain"),
            Cell(fit(lateness, 18, marks) + "  ", "warning"),
            Cell(fit(first.lstrip("# "), max(8, width - 61), marks), "plain"),
        ]


def claim_texts(claim: Claim) -> str:
    """Return all texts of a claim in which words are looked for, case folded."""
    kept = claim.kept
    body = kept.body
    told = [kept.origin.id, kept.origin.author]
    if isinstance(body, Tag):
        told += [
            body.grade.value,
            body.subject,
            body.level.value,
            body.reason,
            body.scope.text,
            *body.scope.credentials,
        ]
    else:
        assert isinstance(body, Finding)
        told += [body.effect.value, sentence(body), body.text, body.subject, *body.objects]
    return "\n".join(told).casefold()
