"""A tag against the whole history of what was said of its events: what it may say, and what goes on to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.choosing import Chosen, bindings_of
from workbench.claims import tags
from workbench.claims.binding import names_of
from workbench.claims.past import Past, same_act
from workbench.claims.reviews import handed_on
from workbench.model.case import StoredEvent
from workbench.model.claim import Citation, CitationKind, Kept, Level, Tag
from workbench.model.references import parse_reference


def judged(reader: CaseReader, found: Chosen, tag: Tag, before: Kept[Tag] | None) -> tuple[Tag, tags.Verdict]:
    """Return a tag with what goes on to it from what was said before, and what the rules say of it.

    Args:
        reader: The case.
        found: The events.
        tag: What is said of them.
        before: The version whose place it takes; ``None`` if it takes none.
    """
    cited = _cited_events(reader, tag)
    past = _past(reader, found, tag, before, cited)
    tag = msgspec.structs.replace(tag, found_wrong=handed_on(tag, [each.kept for each in past]))
    return tag, tags.judged(tag, found.bindings, past, _direct(reader, found, cited))


def _past(
    reader: CaseReader, found: Chosen, tag: Tag, before: Kept[Tag] | None, cited: Sequence[StoredEvent]
) -> list[Past]:
    """Return what was said before of the same acts, by whoever, and all versions of the tag that is superseded.

    What they cited is named as it is cited now, too: another copy of a record is nothing new.
    """
    line = None if before is None else before.origin.id
    same = reader.claims.same_records({str(each.ref): each.id for each in cited})

    def named_now(each: Citation) -> Iterator[Citation]:
        yield each
        if each.kind is CitationKind.EVENT:
            ref = parse_reference(each.ref)
            for other in same.get(f"{each.ref.partition(':')[0]}:{ref.offset}#{ref.part}", ()):
                yield msgspec.structs.replace(each, ref=other)

    def renamed(kept: Kept[Tag]) -> Kept[Tag]:
        cites = tuple(other for each in tags.cited(kept.body) for other in named_now(each))
        body = msgspec.structs.replace(kept.body, cites=cites)
        return msgspec.structs.replace(kept, body=body)

    return [
        Past(renamed(kept), shared)
        for kept, shared in reader.claims.said_before(found.events, found.scope)
        if kept.origin.id == line or same_act(tag, found.bindings, kept.body)
    ]


def _cited_events(reader: CaseReader, tag: Tag) -> list[StoredEvent]:
    return [reader.find(parse_reference(each.ref)) for each in tag.cites if each.kind is CitationKind.EVENT]


def _direct(reader: CaseReader, found: Chosen, cited: Sequence[StoredEvent]) -> frozenset[str]:
    """Return the cited events whose own records carry, or name as acted upon, what binds the events of a tag."""
    own = frozenset().union(*(names_of(each, Level.SESSION) for each in found.bindings))
    return frozenset(
        str(stored.ref)
        for stored, binding in zip(cited, bindings_of(reader, cited), strict=True)
        if not own.isdisjoint(names_of(binding, Level.SESSION))
        or not own.isdisjoint(resource.name.casefold() for resource in stored.event.resources)
    )
