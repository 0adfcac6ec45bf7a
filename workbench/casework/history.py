"""All versions of a tag, finding, note or step of custody, each as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from workbench.casefile.reader import CaseReader
from workbench.casework.finding import FindingState, finding_states
from workbench.casework.tag import State, states_now
from workbench.errors import UnknownReferenceError
from workbench.model.claim import Citation, CitationKind, Kept, Tag
from workbench.model.finding import Finding
from workbench.model.note import HandOver, Note
from workbench.model.references import parse_reference

Version: TypeAlias = State | FindingState | Kept[Note] | Kept[HandOver]


def states_of(reader: CaseReader, name: str) -> Iterator[Version]:
    """Yield all versions of something, the first one first.

    Args:
        reader: The case.
        name: Its whole id, or the name of one version.
    """
    for kept in [each for id_ in reader.claims.ids(name) for each in reader.claims.history(id_)]:
        if isinstance(kept.body, Tag):
            yield from states_now(reader, [kept])
        elif isinstance(kept.body, Finding):
            yield from finding_states(reader, [kept])
        else:
            yield kept


def cited_by(version: Version) -> tuple[Citation, ...]:
    """Return everything that a version cites."""
    body = version.kept.body if isinstance(version, State | FindingState) else version.body
    if isinstance(body, Tag):
        return (*body.cites, *body.against)
    if isinstance(body, Finding):
        return (*body.cites, *body.gaps, *body.basis)
    return body.on


def numbers_of(reader: CaseReader, cites: Iterable[Citation]) -> dict[str, int]:
    """Return the row numbers of cited events, and of one event of each cited link, by reference; what is gone is left out."""
    cites = list(cites)
    found: dict[str, int] = {}
    for link in reader.derived.links_named(each.ref for each in cites if each.kind is CitationKind.LINK):
        if link.evidence:
            found[link.id] = link.evidence[-1]
    for each in cites:
        if each.kind is CitationKind.EVENT:
            try:
                found[each.ref] = reader.find(parse_reference(each.ref)).id
            except UnknownReferenceError:
                continue
    return found
