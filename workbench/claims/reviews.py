"""What a second person's review is worth: who may sign, what can be counted, what was found wrong (P5 and P6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.claims.verdict import Lack, Refusal
from workbench.model.claim import Grade, Kept, Review, Tag
from workbench.model.people import same_person

SAMPLE = 30
"""Events of a tag of many that a reviewer looks at one by one (P5)."""


def second_signatures(kept: Kept[Tag]) -> list[Review]:
    """Return the approvals of people other than the author (P6): nobody reviews their own claim."""
    return [
        each for each in kept.reviews if each.approves and not same_person(each.reviewer, kept.origin.author)
    ]


def impossible(events: int | None, sampled: int, errors: int) -> Iterator[Refusal]:
    """Yield why the numbers of a review cannot be.

    Args:
        events: How many events are reviewed; ``None`` if that cannot be counted, as of a finding.
        sampled: How many of them were looked at one by one.
        errors: How many of those were wrong.
    """
    if events is None and (sampled or errors):
        yield Refusal("P5", "a finding has no events to sample", "leave --sampled and --errors out")
    elif events is not None and not 0 <= sampled <= events:
        yield Refusal(
            "P5", f"{sampled:,} of its {events:,} events cannot have been looked at", "count each event once"
        )
    elif not 0 <= errors <= sampled:
        yield Refusal(
            "P5",
            f"{errors:,} of {sampled:,} events that were looked at cannot have been wrong",
            "--sampled says how many were looked at, --errors how many of those were wrong",
        )


def wrong_in(kept: Kept[Tag]) -> tuple[str, ...]:
    """Return the errors that reviewers found in a version, or in those before it, and that nobody has answered."""
    return (
        *kept.body.found_wrong,
        *(
            f"{each.reviewer} found {each.errors:,} of {each.sampled:,} wrong on {each.time[:10]}"
            f" ({kept.origin.id} version {kept.origin.version})"
            for each in kept.reviews
            if each.errors
        ),
    )


def handed_on(tag: Tag, earlier: Iterable[Kept[Tag]]) -> tuple[str, ...]:
    """Return the errors that go on from earlier versions to a tag on the same events, unless it or one of them answers.

    Args:
        tag: The tag.
        earlier: What was said before, the oldest first.
    """
    found: dict[str, None] = {}
    for kept in earlier:
        if kept.body.scope.places == tag.scope.places:
            if kept.body.answers:
                found.clear()
            found.update(dict.fromkeys(wrong_in(kept)))
    return () if tag.answers else tuple(found)


def lacks_of_review(kept: Kept[Tag]) -> Iterator[Lack]:
    """Yield what a tag lacks of a second person's work; an unproven one needs none: it is cheap to be humble (D3)."""
    tag = kept.body
    for error in wrong_in(kept):
        yield Lack("P5", f"an answer to errors, or another choice of events: {error}")
    if tag.grade is Grade.UNPROVEN:
        return
    signatures = second_signatures(kept)
    wanted = min(SAMPLE, tag.scope.events)
    if tag.scope.events > 1 and not any(each.sampled >= wanted and not each.errors for each in signatures):
        yield Lack("P5", f"a reviewer's look at {wanted} of its events without an error")
    if not signatures:
        yield Lack("A6" if tag.grade is not Grade.INFERRED else "P6", "a second person's signature")
