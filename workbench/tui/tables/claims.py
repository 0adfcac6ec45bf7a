"""Findings, tags and notes as rows of tables. No widgets."""

from __future__ import annotations

import msgspec
from rich.cells import set_cell_size

from workbench.casework.claim_json import late
from workbench.casework.finding import FindingState
from workbench.casework.moments import instant_of
from workbench.casework.tag import State
from workbench.claims.wording import sentence
from workbench.model.claim import Grade, Kept, Tag
from workbench.model.finding import Finding, Period
from workbench.model.note import AHEAD, Note
from workbench.text import cell_width, visible
from workbench.tui.glyphs import glyphs
from workbench.tui.tables.events import LONGEST, Cell, fit, short_name
from workbench.tui.tables.listed import ListedRows

Claim = State | FindingState

ROOMY = 100
"""Cells from which a row has room for more than what is claimed and how that stands."""

GRADE_STYLES = {
    Grade.ATTRIBUTED: "success",
    Grade.INFERRED: "notable",
    Grade.UNPROVEN: "warning",
    Grade.EXCLUDED: "muted",
}
"""Colours of tags; the mark and the word stand beside them."""


def standing_word(claim: Claim) -> tuple[str, str]:
    """Return how a claim stands in a word, and its style: contradicted, stale, overridden, what it lacks, released."""
    if claim.kept.rivals:
        return "CONFLICT", "error"
    if claim.stale:
        return "STALE", "warning"
    if claim.kept.body.override:
        return "OVERRIDE", "error"
    if claim.released:
        return "released", "success"
    if not claim.lacks:
        return "objected to", "warning"
    return f"lacks {len(claim.lacks)}", "muted"


class ClaimRows(ListedRows[Claim]):
    """Implements ``cell_table.Rows`` over findings and tags."""

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks = glyphs()
        room = _room(width)
        text = f" {'claim':<16}" + fit("says", room, marks) + f"  {'stands':<13}"
        text += f"{'events':>8}  " if width >= ROOMY else ""
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
            level = f" ({body.level})" if width >= ROOMY else ""
            says = f"{short_name(body.subject)}{level}: {body.reason}"
            count = f"{body.scope.events:,}"
        else:
            head = Cell(f"{body.effect.value:<16}", "strong")
            says, count = sentence(body), ""
            if cell_width(says) > room:
                says = sentence(_in_short(body))
        made = [Cell(" ", ""), head, Cell(_begun(says, room) + "  ", "plain"), Cell(f"{word:<13}", style)]
        if width >= ROOMY:
            made.append(Cell(f"{count:>8}  ", "number"))
        if width >= 110:
            made.append(Cell(self._zone.text(instant_of(claim.kept.origin.time)), "muted"))
        return made


def _room(width: int) -> int:
    return max(16, width - 17 - 2 - 13 - (10 if width >= ROOMY else 0) - (20 if width >= 110 else 0) - 1)


def _in_short(finding: Finding) -> Finding:
    """Return a finding with short names and without its period: the details have its whole statement."""
    return msgspec.structs.replace(
        finding,
        subject=short_name(finding.subject),
        objects=tuple(map(short_name, finding.objects)),
        period=Period(),
    )


def _begun(text: str, room: int) -> str:
    """Return as much of a sentence from its beginning as there is room for; the middle of one is no part to leave out."""
    clean = visible(text[:LONGEST])
    if cell_width(clean) > room:
        clean = set_cell_size(clean, room - cell_width(glyphs().cut)) + glyphs().cut
    return set_cell_size(clean, room)


class NoteRows(ListedRows[Kept[Note]]):
    """Implements ``cell_table.Rows`` over notes."""

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        text = f" {f'written ({self._zone.name})':<21}{'author':<18}{'':<20}note"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        marks, kept = glyphs(), self.listed[row]
        first = next((line for line in kept.body.text.splitlines() if line.strip("# \t")), "")
        lateness = "in CONFLICT" if kept.rivals else late(kept) or ""
        lateness = "about the future" if lateness == AHEAD else lateness
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
