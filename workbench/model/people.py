"""Names of people, as far as they tell one person from another."""

from __future__ import annotations

import unicodedata


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same name, written otherwise.

    Case, width and blanks make nobody a second person: names are compared in the form NFKC (Unicode Standard Annex #15),
    case-folded, with white space collapsed and characters that show nothing left out.
    """
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """Return the form in which names are compared; empty if nothing of it shows."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    shown = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return " ".join(shown.split())
