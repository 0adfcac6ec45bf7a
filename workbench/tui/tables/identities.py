"""Identities, and proposals that two of them are one, as rows of tables. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import set_cell_size

from workbench.model.session import KnownIdentity, Match
from workbench.text import visible
from workbench.tui import filters
from workbench.tui.glyphs import Glyphs, glyphs
from workbench.tui.tables.events import Cell, fit, short_name
from workbench.tui.tables.listed import ListedRows
from workbench.tui.zones import Zone

if TYPE_CHECKING:
    from workbench.casework.identities import Decision

DECIDED = {"merge": "one", "apart": "apart", "undecided": "open"}
"""What a decision says, in a word."""


class Pair(NamedTuple):
    """Two identities of which something is proposed or decided.

    Attributes:
        one: Id of an identity.
        other: Id of the other.
        names: What they are called.
        match: What is proposed; ``None`` if a responder brought them together.
        decisions: What was decided, oldest first; the last one stands.
    """

    one: str
    other: str
    names: tuple[str, str]
    match: Match | None
    decisions: tuple[Decision, ...]


def pairs_of(
    identities: Sequence[KnownIdentity], matches: Sequence[Match], decisions: Sequence[Decision]
) -> list[Pair]:
    """Bring proposals and decisions about the same two identities together: the likeliest first, then those only decided."""
    names = {one.id: one.canonical for one in identities}
    decided: dict[tuple[str, str], list[Decision]] = {}
    for each in decisions:
        decided.setdefault(_key(each.one, each.other), []).append(each)
    pairs = []
    for match in matches:
        called = names.get(match.one, match.names[0]), names.get(match.other, match.names[1])
        made = tuple(decided.pop(_key(match.one, match.other), ()))
        pairs.append(Pair(match.one, match.other, called, match, made))
    pairs += [
        Pair(all_[-1].one, all_[-1].other, all_[-1].names, None, tuple(all_)) for all_ in decided.values()
    ]
    return pairs


def _key(one: str, other: str) -> tuple[str, str]:
    return min(one, other), max(one, other)


class IdentityRows(ListedRows[KnownIdentity]):
    """Implements ``cell_table.Rows`` over identities."""

    def __init__(self, listed: Sequence[KnownIdentity], pairs: Sequence[Pair], zone: Zone) -> None:
        super().__init__(listed, zone)
        self._open: dict[str, int] = {}
        self._merged: set[str] = set()
        for pair in pairs:
            word = pair.decisions[-1].decision if pair.decisions else "undecided"
            for one in (pair.one, pair.other):
                if word == "undecided":
                    self._open[one] = self._open.get(one, 0) + 1
                elif word == "merge":
                    self._merged.add(one)

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        name, source = _widths(width)
        text = (
            " "
            + fit("identity", name + 2, glyphs())
            + f"  {'kind':<9}  {'events':>9}  {'sessions':>8}  names"
        )
        if source:
            text += f"  {'log':<{source}}  first and last ({self._zone.name})"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        one, marks = self.listed[row], glyphs()
        name, source = _widths(width)
        made = [
            Cell(" ", ""),
            Cell(marks.identity[one.kind] + " ", one.kind.value),
            Cell(fit(_name(one), name, marks) + "  ", "strong"),
            Cell(fit(one.kind.value, 9, marks) + "  ", one.kind.value),
            Cell(f"{one.events:>9,}  {one.sessions:>8,}  ", "number"),
            Cell(f"{len(one.aliases):>5,}", "number" if len(one.aliases) > 1 else "muted"),
        ]
        proposed = self._open.get(one.id, 0)
        flag = f" {marks.flag}{proposed}" if proposed else ""
        if one.id in self._merged:
            flag = f" {marks.tied}{flag}"
        if source:
            made.append(Cell("  " + fit(", ".join(one.sources), source, marks), "muted"))
            made.append(Cell("  " + period(one.first, one.last, self._zone, marks), "muted"))
        made.append(Cell(flag, "warning"))
        return made


def _name(one: KnownIdentity) -> str:
    """Return what an identity is called; where others bear its name, its unique id stands in front."""
    if not one.namesakes:
        return short_name(one.canonical)
    return f"{one.unique_id or 'no unique id'} {short_name(one.canonical)}"


def _widths(width: int) -> tuple[int, int]:
    """Share out a width: the name, and the logs if there is room for them."""
    source = 22 if width >= 130 else 0
    return max(16, width - 3 - 40 - 4 - (source + 45 if source else 0)), source


def period(first: int | None, last: int | None, zone: Zone, marks: Glyphs) -> str:
    """Write a stretch of time: the end without its day where that is the same."""
    if first is None or last is None:
        return "no time"
    low, high = zone.text(first), zone.text(last)
    return f"{low} {marks.to} {high[11:] if high[:10] == low[:10] else high}"


def events_of(one: KnownIdentity) -> str:
    """Return the filter for the events of an identity: by its unique id alone where others bear its name."""
    if one.unique_id is not None and one.namesakes:
        return filters.condition("identity", one.unique_id)
    by_name = filters.condition("identity", one.canonical)
    if one.unique_id is None or one.unique_id == one.canonical:
        return by_name
    return f"({by_name} OR {filters.condition('identity', one.unique_id)})"


class PairRows:
    """Implements ``cell_table.Rows`` over proposals and decisions.

    Attributes:
        listed: The pairs.
    """

    def __init__(self, listed: Sequence[Pair]) -> None:
        self.listed = listed

    def __len__(self) -> int:
        return len(self.listed)

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        text = f" {'likeness':>8}  {'decided':<9} one and the other   m accept, k keep apart, o open again"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        pair, marks = self.listed[row], glyphs()
        score = f"{pair.match.score} %" if pair.match else "by hand"
        name = max(12, (width - 28) * 36 // 100)
        reason = max(0, width - 28 - 2 * name)
        word = DECIDED[pair.decisions[-1].decision if pair.decisions else "undecided"]
        more = f" ({len(pair.decisions)})" if len(pair.decisions) > 1 else ""
        why = pair.match.reason if pair.match else pair.decisions[-1].reason if pair.decisions else ""
        return [
            Cell(" ", ""),
            Cell(f"{score:>8}  ", "number"),
            Cell(f"{word + more:<9} ", "plain" if pair.decisions else "warning"),
            Cell(fit(short_name(pair.names[0]), name, marks), "strong"),
            Cell(f" {marks.tied} ", "muted"),
            Cell(fit(short_name(pair.names[1]), name, marks) + "  ", "strong"),
            Cell(fit(visible(why), reason, marks), "muted"),
        ]
