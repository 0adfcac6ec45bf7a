"""The filter line of the tree of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.model.event import IdentityKind
from workbench.model.session import Strength
from workbench.tui.words import keeps, read_words

if TYPE_CHECKING:
    from workbench.casefile.derived.reader import SessionRow

FIELDS = {
    "kind": tuple(kind.value for kind in IdentityKind),
    "strength": tuple(strength.value for strength in Strength),
}
"""Fields with choices; other words are looked for in identity, by both its names, method, key, kind and id."""


class SessionFilter:
    """Decides which sessions are shown. It is false if it keeps them all.

    Args:
        text: The filter line.
        only: Ids to keep whatever else; all if ``None``.

    Raises:
        QueryError: If a field has no such choice.
    """

    def __init__(self, text: str, only: frozenset[str] | None) -> None:
        self._words = read_words(text, FIELDS)
        self._only = only

    def __bool__(self) -> bool:
        return bool(self._words) or self._only is not None

    def __call__(self, row: SessionRow) -> bool:
        """Whether a session is kept."""
        if self._only is not None and row.id not in self._only:
            return False
        return keeps(self._words, {"kind": row.kind, "strength": row.strength}, lambda: _texts(row))


def _texts(row: SessionRow) -> str:
    return "\n".join((row.identity or "", row.name or "", row.method, row.anchor or "", row.id)).casefold()
