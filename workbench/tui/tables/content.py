"""The rows of what a session did, as a table draws them."""

from __future__ import annotations

from rich.cells import set_cell_size

from workbench.model.case import StoredEvent
from workbench.tui.glyphs import Glyphs, glyphs
from workbench.tui.recent import Recent
from workbench.tui.tables.events import OUTCOME_WORDS, Cell, fit, short_name
from workbench.tui.tables.session_content import NO_RESOURCE, ContentRow, SessionContent
from workbench.tui.zones import Zone

_NOTABLE = ("read_secret", "issue_credential", "delegate", "delete")


class ContentRows:
    """Implements ``cell_table.Rows`` over resources, verbs and events.

    Attributes:
        tree: The rows.
    """

    def __init__(
        self, content: SessionContent, tree: list[ContentRow], bodies: Recent[int, StoredEvent], zone: Zone
    ) -> None:
        self.tree = tree
        self._content = content
        self._bodies = bodies
        self._zone = zone

    def __len__(self) -> int:
        return len(self.tree)

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        name, period = _widths(width)
        text = f"   {'resource, verb, event':<{name - 1}}{'events':>9}  {'failed':>7}"
        if period:
            text += f"  first and last ({self._zone.name})"
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        one, marks = self.tree[row], glyphs()
        name, period = _widths(width)
        if one.event is not None:
            return self._event(one.event, width, marks)
        fold = marks.unfolded if one.opened else marks.folded
        if one.verb is None:
            groups = [group for _, group in self._content.verbs(one.resource)]
            kind = self._content.types.get(one.resource)
            label = short_name(one.resource) if one.resource != NO_RESOURCE else "no resource is named"
            made = [Cell(" ", ""), Cell(f"{fold} ", "muted")]
            about = f"  {kind}" if kind else ""
            room = max(8, name - min(len(about), name // 3))
            made.append(Cell(fit(label, room, marks), "strong" if one.resource else "muted"))
            made.append(Cell(fit(about, name - room, marks), "muted"))
        else:
            groups = [self._content.group(one.resource, one.verb)]
            style = "warning" if one.verb.value in _NOTABLE else "plain"
            actions = sorted(groups[0].actions.items(), key=lambda each: (-each[1], each[0]))
            said = ", ".join(f"{action} {count:,}" for action, count in actions[:6])
            more = f" and {len(actions) - 6:,} more" if len(actions) > 6 else ""
            made = [
                Cell("    ", ""),
                Cell(f"{fold} ", "muted"),
                Cell(fit(one.verb.value, 17, marks), style),
                Cell(fit(said + more, name - 20, marks), "muted"),
            ]
        count = sum(len(group.events) for group in groups)
        failed = sum(group.failed for group in groups)
        made.append(Cell(f"{count:>9,}  ", "number"))
        made.append(Cell(f"{failed or marks.dash:>7}  ", "error" if failed else "muted"))
        if period:
            firsts = [group.first for group in groups if group.first is not None]
            lasts = [group.last for group in groups if group.last is not None]
            made.append(Cell(fit(self._period(firsts, lasts, marks), period, marks), "muted"))
        return made

    def _period(self, firsts: list[int], lasts: list[int], marks: Glyphs) -> str:
        if not firsts or not lasts:
            return "no time"
        first, last = self._zone.text(min(firsts)), self._zone.text(max(lasts))
        if first == last:
            return first
        return f"{first} {marks.to} {last[11:] if last[:10] == first[:10] else last}"

    def _event(self, number: int, width: int, marks: Glyphs) -> list[Cell]:
        stored = self._bodies.get(number)
        if stored is None:
            return [Cell(" " * 9, ""), Cell(marks.cut * 3, "muted")]
        event = stored.event
        when = "no time"
        if event.time.micros is not None:
            when = self._zone.text(event.time.micros, event.time.precision.digits)
        status = event.outcome.status
        address = event.address.raw if event.address else marks.dash
        outcome = f"{marks.outcome[status]} {OUTCOME_WORDS[status]}"
        made = [
            Cell(" ", ""),
            Cell(" " * 8, ""),
            Cell(when + "  ", "plain"),
            Cell(fit(f"{event.act.service} {event.act.action}", max(12, width // 3), marks) + "  ", "strong"),
            Cell(fit(outcome, 11, marks) + "  ", f"outcome-{status.value}"),
        ]
        if event.outcome.code and width >= 120:
            made.append(Cell(fit(event.outcome.code, 26, marks) + "  ", "muted"))
        made.append(Cell(fit(address, 15, marks) + "  ", "muted"))
        return [*made, Cell(stored.ref.short, "muted")]


def _widths(width: int) -> tuple[int, int]:
    """Share out a width: the name, and the period if there is room for it."""
    period = 41 if width >= 120 else 0
    return max(30, width - 3 - 20 - (period + 1 if period else 0)), period
