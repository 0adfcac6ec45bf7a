"""Credentials as rows of a table, and everything that is known of one as lines. No widgets."""

from __future__ import annotations

from rich.cells import set_cell_size

from workbench.casework.session_text import no_issue, versions_words
from workbench.clock import DAY, SECOND
from workbench.model.session import KnownCredential
from workbench.text import visible
from workbench.tui import filters
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import Line, line
from workbench.tui.lines.event import field
from workbench.tui.lines.links import Naming, strength_spans
from workbench.tui.places import EventPlace, IdentitiesPlace, SessionsPlace, TimelinePlace
from workbench.tui.tables.events import Cell, fit, short_name
from workbench.tui.tables.identities import period
from workbench.tui.tables.listed import ListedRows

NARROW = 100
"""Width below which the number of sessions is left out; the details show it."""

_ISSUED = 28
"""Width of the time of issue: an instant and the word for how well it is shown."""

_HOUR = 3_600 * SECOND


def age_text(micros: int) -> str:
    """Write how old a credential was at its last use: ``4 d``, ``3 h``, ``12 min``."""
    for unit, name in ((DAY, "d"), (_HOUR, "h"), (60 * SECOND, "min")):
        if micros >= unit:
            return f"{micros // unit:,} {name}"
    return "0 min" if micros >= 0 else "before issue"


def age(one: KnownCredential) -> str | None:
    """Return the age at the last use in the evidence, ``None`` if its issue or its use is not in it."""
    if one.issued_at is None or one.last is None:
        return None
    return age_text(one.last - one.issued_at)


class CredentialRows(ListedRows[KnownCredential]):
    """Implements ``cell_table.Rows`` over credentials."""

    def heading(self, width: int) -> list[Cell]:
        """Return the titles of the columns."""
        marks = glyphs()
        kind, native, identity, times = _widths(width)
        text = " " + fit("credential", native + 2, marks)
        if kind:
            text += fit("type", kind + 2, marks)
        text += fit("identity", identity + 2, marks)
        sessions = f"{'sess.':>6}  " if width >= NARROW else ""
        text += f"{'events':>8}  {sessions}{'clients':>7}  "
        text += (
            "last use"
            if not times
            else fit(f"issued ({self._zone.name})", _ISSUED + 2, marks) + fit("age", 9, marks)
        )
        if times:
            text += fit("expires", 21, marks) + fit("last use", 21, marks)
        return [Cell(set_cell_size(text, width), "heading")]

    def cells(self, row: int, width: int) -> list[Cell]:
        """Return the cells of a row."""
        one, marks = self.listed[row], glyphs()
        kind, native, identity, times = _widths(width)
        made = [Cell(" ", ""), Cell(fit(one.native_id, native, marks) + "  ", "strong")]
        if kind:
            made.append(Cell(fit(one.type, kind, marks) + "  ", "muted"))
        who = short_name(one.identity) if one.identity else marks.dash
        made.append(Cell(fit(who, identity, marks) + "  ", "plain"))
        sessions = f"{one.sessions:>6,}  " if width >= NARROW else ""
        made.append(Cell(f"{one.events:>8,}  {sessions}", "number"))
        several = one.clients > 1 or bool(one.versions)
        made.append(Cell(f"{one.clients:>7,}  ", "warning" if several else "number"))
        warning = f" {marks.flag}" if one.warnings or one.versions else ""
        used = self._instant(one.last, "not used")
        if not times:
            return [*made, Cell(used, "plain" if one.events else "muted"), Cell(warning, "warning")]
        made.append(Cell(fit(self._issued(one), _ISSUED, marks) + "  ", "muted"))
        made.append(Cell(fit(age(one) or marks.dash, 7, marks) + "  ", "number"))
        if one.revoked_by is not None:
            made.append(Cell(fit(f"revoked {self._instant(one.revoked_at, '')}"[:21], 21, marks), "warning"))
        else:
            made.append(Cell(fit(self._instant(one.expires, marks.dash), 19, marks) + "  ", "muted"))
        return [*made, Cell(used, "plain" if one.events else "muted"), Cell(warning, "warning")]

    def _issued(self, one: KnownCredential) -> str:
        """Return when a credential was issued; of one that a sign-in opened, how well that is shown."""
        if one.issued_by is None and one.opened_at is not None and one.opened_strength is not None:
            return f"{self._instant(one.opened_at, '')} {one.opened_strength}"
        return self._instant(one.issued_at, glyphs().dash)

    def _instant(self, micros: int | None, none: str) -> str:
        return none if micros is None else self._zone.text(micros)


def _widths(width: int) -> tuple[int, int, int, bool]:
    """Share out a width: type, id, identity, and whether there is room for all times."""
    times = width >= 150
    free = max(24, width - 2 - 4 - (27 if width >= NARROW else 19) - (53 + _ISSUED if times else 19) - 4)
    if width < 110:
        return 0, free // 2, free - free // 2, times
    kind = 18
    free -= kind + 2
    native = min(44, free // 2)
    return kind, native, free - native, times


def credential_lines(one: KnownCredential, naming: Naming) -> list[Line]:
    """Return the details of a credential."""
    zone, marks = naming.zone, naming.marks
    made = [
        line(
            " ",
            (visible(one.native_id), "title"),
            (f"  {visible(one.type)}", "strong"),
            (f"  {one.id}", "muted"),
            indent=3,
        )
    ]
    if one.identity is None:
        made.append(field("identity", (marks.dash, "muted"), ("  no record names whose it is", "muted")))
    else:
        word = "presented it most" if one.events else "it was issued to it"
        if one.identities > 1:
            word = f"presented it most, of {one.identities:,} identities that did"
        made.append(
            field(
                "identity",
                visible(one.identity),
                (f"   {word}", "warning" if one.identities > 1 else "muted"),
                target=IdentitiesPlace(one.identity),
            )
        )
    if one.issued_by is not None:
        when = zone.text(one.issued_at) if one.issued_at is not None else "at no known time"
        made.append(field("issued", (when, "strong"), (f" {zone.name}", "muted")))
        made.append(field("", "by ", *naming.event(one.issued_by), target=EventPlace(one.issued_by)))
    elif one.opened_by is not None and one.opened_strength is not None:
        when = zone.text(one.opened_at) if one.opened_at is not None else "at no known time"
        made.append(
            field(
                "signed in",
                (when, "strong"),
                (f" {zone.name}   ", "muted"),
                *strength_spans(one.opened_strength, marks),
            )
        )
        made.append(field("", "by ", *naming.event(one.opened_by), target=EventPlace(one.opened_by)))
    else:
        made.append(field("issued", (no_issue(one), "warning")))
    old = age(one)
    if old is not None:
        made.append(field("age", old, ("   at its last use", "muted")))
    if one.expires is not None:
        made.append(field("expires", f"{zone.text(one.expires)} {zone.name}"))
    if one.revoked_by is not None:
        when = zone.text(one.revoked_at) if one.revoked_at is not None else "at no known time"
        made.append(field("revoked", (when, "warning"), (f" {zone.name}", "muted")))
        made.append(field("", "by ", *naming.event(one.revoked_by), target=EventPlace(one.revoked_by)))
    if one.events:
        made.append(field("used", f"{period(one.first, one.last, zone, marks)} {zone.name}"))
    else:
        made.append(field("used", ("no event of the case presents it", "muted")))
    made.append(
        field(
            "events",
            f"{one.events:,}",
            ("   in the timeline", "muted"),
            target=TimelinePlace(filters.condition("credential", one.native_id)),
        )
    )
    made.append(
        field(
            "sessions",
            f"{one.sessions:,}",
            ("   in the tree", "muted"),
            target=SessionsPlace(words=one.native_id),
        )
    )
    flag = f"   {marks.flag} one credential in several places" if one.clients > 1 else ""
    made.append(field("clients", f"{one.clients:,}", (flag, "warning")))
    if one.versions:
        words = f"{marks.flag} {versions_words(one.clients, one.versions)}"
        made.append(field("versions", (words, "warning")))
    if one.account is not None:
        made.append(field("account", visible(one.account), ("   encoded in the key id", "muted")))
    for number, warning in enumerate(one.warnings):
        made.append(field("" if number else "warning", (visible(warning), "warning")))
    return made
