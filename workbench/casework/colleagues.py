"""What other people's standing tags say of the same events: told to whoever tags them, and never replaced without a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.casefile.reader import CaseReader
from workbench.model.claim import Kept, Tag
from workbench.model.people import same_person

_TOLD = 5
"""Tags of others that are told one by one."""


def own_on_the_same(reader: CaseReader, events: Sequence[int], tag: Tag, actor: str) -> Kept[Tag] | None:
    """Return the author's own standing tag of the same subject and level on all of the events: another takes its place.

    Args:
        reader: The case.
        events: Row numbers of the events.
        tag: What is to be said of them.
        actor: Who says it.
    """
    return next(
        (
            kept
            for kept in _standing(reader, events)
            if kept.body.level is tag.level
            and kept.body.subject.casefold() == tag.subject.casefold()
            and kept.body.scope.places == tag.scope.places
            and same_person(kept.origin.author, actor)
        ),
        None,
    )


def others_say(reader: CaseReader, events: Sequence[int], actor: str) -> Iterator[str]:
    """Yield, in a line each, which tags of other people stand on some of the events.

    Args:
        reader: The case.
        events: Row numbers of the events.
        actor: Who is about to say something of them, or has.
    """
    theirs = [kept for kept in _standing(reader, events) if not same_person(kept.origin.author, actor)]
    for kept in theirs[:_TOLD]:
        tag = kept.body
        yield (
            f"{kept.origin.author} says {tag.grade} to {tag.subject} (level {tag.level}) in {kept.origin.id}:"
            " it stands beside yours unless you supersede it"
        )
    if len(theirs) > _TOLD:
        yield f"and {len(theirs) - _TOLD:,} more tags of others are on these events"


def _standing(reader: CaseReader, events: Sequence[int]) -> list[Kept[Tag]]:
    ids = {each.id for there in reader.claims.tags_on(events).values() for each in there}
    return reader.claims.tags(ids=ids) if ids else []
