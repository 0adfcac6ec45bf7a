"""What was said of the same events before, and what that asks of a new tag (evidence, section 1.5: P2, P3 and overrides).

What counts is the whole history: versions that stand, were superseded or taken back. Neither another spelling of the subject
nor a new tag in place of a new version begins anew.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from workbench.claims.binding import Binding, names_of
from workbench.claims.documents import read_by_people, tells_of
from workbench.claims.verdict import Refusal, is_sentence
from workbench.model.claim import CitationKind, Grade, Kept, Level, Tag, weaker
from workbench.model.people import folded
from workbench.model.session import Strength


class Past(NamedTuple):
    """A version that was committed before.

    Attributes:
        kept: The version, whether it stands or not.
        shared: Which events of the new tag it covers, or covered.
    """

    kept: Kept[Tag]
    shared: frozenset[int]

    @property
    def tag(self) -> Tag:
        """What it said."""
        return self.kept.body


def same_act(tag: Tag, bindings: Sequence[Binding], earlier: Tag) -> bool:
    """Whether an earlier tag on the same events speaks of the acts of whom a new one names, at a level that this one rests on.

    Records know a holder by many names: key, session, identity. What is claimed above the session rests on whose key or session
    it was, whatever the subject is called. What was said of a person is no part of a claim on a credential.
    """
    if earlier.level.rank > tag.level.rank and tag.level.rank <= Level.SESSION.rank:
        return False
    one, other = folded(tag.subject), folded(earlier.subject)
    if one == other:
        return True
    known = [{folded(name) for name in names_of(each, Level.SESSION)} for each in bindings]
    if any(one in names and other in names for names in known):
        return True
    rests_on_it = earlier.level.rank <= Level.SESSION.rank < tag.level.rank
    return rests_on_it and tag.grade is not Grade.EXCLUDED and any(other in names for names in known)


def raising(tag: Tag, past: Sequence[Past], direct: Container[str] | None) -> Iterator[Refusal]:
    """Yield why a tag may not say more than what was said before: a claim is raised by something new, never by re-wording.

    Args:
        tag: The tag.
        past: What was said before, the oldest first.
        direct: The cited events whose own records carry what binds the tag's events; ``None`` for all that are cited.
    """
    reached: set[int] = set()
    for each in past:
        if each.kept.origin.stands and _by_itself(each.tag, tag):
            reached |= each.shared
    told: set[str] = set()
    for number, each in reversed(list(enumerate(past))):
        open_ = each.shared - reached
        if not open_ or not weaker(each.tag.grade, tag.grade):
            continue
        reached |= each.shared
        for refusal in _from(tag, each.tag, is_new(tag, past[: number + 1], direct)):
            if refusal.rule not in told:
                told.add(refusal.rule)
                yield refusal


def _as_much(grade: Grade, other: Grade) -> bool:
    """Whether a grade says as much as another, and not the opposite: what was excluded is not on the way to being attributed."""
    opposite = (grade is Grade.EXCLUDED) is not (other is Grade.EXCLUDED) and Grade.UNPROVEN not in (
        grade,
        other,
    )
    return not opposite and not weaker(grade, other)


def _by_itself(earlier: Tag, tag: Tag) -> bool:
    """Whether an earlier tag says as much as a new one, against no rule."""
    return (
        _as_much(earlier.grade, tag.grade) and not earlier.override and earlier.level.rank >= tag.level.rank
    )


def _from(tag: Tag, before: Tag, new: bool) -> Iterator[Refusal]:
    if new:
        return
    if before.grade is Grade.UNPROVEN and tag.grade in (Grade.ATTRIBUTED, Grade.EXCLUDED):
        yield Refusal(
            "P2",
            f"it was unproven, and no direct record is cited that was not cited then: not {tag.grade} in one step",
            "cite what is new, or tag it inferred first",
        )
    elif before.grade is Grade.INFERRED and not (is_sentence(tag.closes) and before.would_change):
        yield Refusal(
            "P3",
            "it was inferred, and no direct record is cited that was not cited then: wording alone raises nothing",
            "cite what is new, or say how what could have falsified it was settled",
        )


def is_new(tag: Tag, past: Iterable[Past], direct: Container[str] | None) -> bool:
    """Whether a tag cites a direct record, a proven link, or a document said to show its subject, that was not cited before."""
    known = {each.ref for one in past for each in (*one.tag.cites, *one.tag.against)}
    for each in tag.cites:
        if each.ref in known:
            continue
        if each.kind is CitationKind.EVENT and (direct is None or each.ref in direct):
            return True
        if each.kind is CitationKind.LINK and each.strength is Strength.PROVEN:
            return True
        if read_by_people(each) and tells_of(each, tag.subject):
            return True
    return False


def overridden(tag: Tag, past: Sequence[Past]) -> int | None:
    """Return the place of the last version whose override a tag takes over; ``None`` if there is none.

    An override stays on all that says as much of some of the events, until a version has stood by itself.
    """
    later: list[Past] = []
    for number, each in reversed(list(enumerate(past))):
        said = each.tag
        if said.override and _as_much(tag.grade, said.grade) and tag.level.rank >= said.level.rank:
            stood = [one.shared for one in later if _by_itself(one.tag, said)]
            if not each.shared <= frozenset().union(*stood):
                return number
        later.append(each)
    return None
