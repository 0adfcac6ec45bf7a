"""What documents show: nobody but the responder who cites one has read it, so that they say what it shows, and of whom."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.claims.verdict import SENTENCE
from workbench.model.claim import Citation, CitationKind
from workbench.model.people import folded

_TELLING = 3
"""Letters of the last part of a name by which a resource is known, at least."""

_READ_BY_PEOPLE = frozenset({CitationKind.DOCUMENT, CitationKind.RECORD})
"""What no reader of logs took anything from: a person says what it shows."""

_BORDER = re.compile(r"[/:]")


def read_by_people(citation: Citation) -> bool:
    """Whether a person has to say what something cited shows."""
    return citation.kind in _READ_BY_PEOPLE


def name_of(document: Citation) -> str:
    """Return the name of the file of a document."""
    return document.says.partition(" (document")[0] or document.short


def tells_of(citation: Citation, name: str) -> bool:
    """Whether what a citation is said to show names somebody or something, as a word of its own."""
    said = folded(citation.shows or "")
    if len(said.split()) < SENTENCE:
        return False
    wanted = folded(name)
    return bool(wanted) and re.search(rf"(?<![\w.@-]){re.escape(wanted)}(?![\w@-]|[./:]\w)", said) is not None


def tells_of_object(citation: Citation, name: str) -> bool:
    """The same of a resource, which people call by the last part of its name, too."""
    last = _BORDER.split(name.rstrip("/:"))[-1]
    telling = len(last) >= _TELLING and not last.isdecimal()
    return tells_of(citation, name) or (telling and tells_of(citation, last))


def naming(cites: Iterable[Citation], name: str) -> list[Citation]:
    """Return the documents that, as their citations say, name somebody."""
    return [each for each in cites if each.kind is CitationKind.DOCUMENT and tells_of(each, name)]


def remedy(cites: Iterable[Citation], name: str) -> str:
    """Say how a document is tied to somebody or something."""
    documents = [each for each in cites if each.kind is CitationKind.DOCUMENT]
    ref = name_of(documents[0]) if documents else "DOCUMENT"
    return (
        f'say what it shows, as "{ref}: a sentence of at least {SENTENCE} words that names {name}" (--shows)'
    )
