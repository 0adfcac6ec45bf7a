"""The credentials of a case: which event issued each, how long it was good, when and from where it was used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from workbench.model.session import KnownCredential
from workbench.tui import filters, messages
from workbench.tui.glyphs import glyphs
from workbench.tui.lines.document import Line
from workbench.tui.lines.links import Naming
from workbench.tui.open_case import OpenCase
from workbench.tui.places import CredentialsPlace, SessionsPlace, TimelinePlace
from workbench.tui.screens.derived_section import DerivedSection
from workbench.tui.tables.credentials import CredentialRows, credential_lines
from workbench.tui.words import Word, keeps, read_words

FIELDS = {"is": ("used", "unused", "revoked", "odd", "shared", "issued")}
"""Field of the filter line with its choices: what can be asked of a credential."""


class CredentialsScreen(DerivedSection):
    """The credentials, and the details of the one under the cursor."""

    PLACE = "Credentials"
    HINT = "words in id, type or identity; is:odd  is:shared  is:unused  -word"
    BINDING_GROUP_TITLE = "Credentials"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "show_in_timeline", "Timeline", id="credentials.timeline"),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False),
    ]

    def __init__(self, case: OpenCase, place: CredentialsPlace) -> None:
        super().__init__(case)
        self._place: CredentialsPlace | None = place
        self.found: list[KnownCredential] = []
        self._listed: list[KnownCredential] = []

    async def read(self) -> None:
        """Read all credentials; the cursor stays on its own."""
        self.found = await self.case.derived.credentials()
        self.lay_out()

    def lay_out(self) -> None:
        """Show the credentials that pass the words."""
        here, place = self.credential, self._place
        if place is not None and place.native_id is not None and self.found:
            here = next((one for one in self.found if one.native_id == place.native_id), here)
            if here is not None and not _keeps(read_words(self.words, FIELDS), here):
                self.case.words[self.PLACE] = ""
                self._search.set_text("")
        if self.found:
            self._place = None
        words = read_words(self.words, FIELDS)
        self._listed = [one for one in self.found if _keeps(words, one)] if words else self.found
        self._table.empty_text = (
            "No credential passes the filter. Esc clears it."
            if words
            else "No credentials have been derived yet. Press D to derive them."
            if not self.current
            else "No event of the case presents or issues a credential. A in the timeline adds evidence."
        )
        row = 0
        if here is not None:
            row = next((number for number, one in enumerate(self._listed) if one.id == here.id), 0)
        self._table.show(CredentialRows(self._listed, self.zone), row)
        total = len(self.found)
        count = f"{len(self._listed):,} of {total:,}" if words else f"{total:,}"
        self._search.show_state(f"{count} {'credential' if total == 1 else 'credentials'}")

    @property
    def credential(self) -> KnownCredential | None:
        """The credential under the cursor."""
        cursor = self._table.cursor
        return self._listed[cursor] if cursor < len(self._listed) else None

    async def details(self) -> tuple[str, list[Line]]:
        """Return the details of the credential under the cursor."""
        one = self.credential
        if one is None:
            return "", []
        numbers = [event for event in (one.issued_by, one.opened_by, one.revoked_by) if event is not None]
        named = await self.case.derived.named(numbers)
        return one.id, credential_lines(one, Naming(named, self.zone, glyphs()))

    # Keys

    @on(messages.RowOpened)
    def _row_opened(self) -> None:
        one = self.credential
        if one is not None:
            self.case.navigation.go(SessionsPlace(words=one.native_id))

    def understand(self, words: str) -> None:
        """Raise ``QueryError`` if the words cannot be understood."""
        read_words(words, FIELDS)

    def action_show_in_timeline(self) -> None:
        """Show the events that present the credential in the timeline."""
        one = self.credential
        if one is not None:
            self.case.navigation.go(TimelinePlace(filters.condition("credential", one.native_id)))


def _keeps(words: Sequence[Word], one: KnownCredential) -> bool:
    def texts() -> str:
        return "\n".join((one.native_id, one.type, one.id, one.identity or "", *one.warnings)).casefold()

    states = {
        "used": one.events > 0,
        "unused": one.events == 0,
        "revoked": one.revoked_by is not None,
        "odd": bool(one.warnings or one.versions),
        "shared": one.clients > 1 or one.identities > 1,
        "issued": one.issued_by is not None,
    }
    return all(
        (states[word.text] if word.field == "is" else keeps([word._replace(negated=False)], {}, texts))
        != word.negated
        for word in words
    )
