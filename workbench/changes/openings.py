"""What an act opened, and what in a later change would undo it."""

from __future__ import annotations

from typing import NamedTuple

from workbench.changes.policy import Grant
from workbench.changes.undoing import Gone
from workbench.changes.values import members_of, value_of
from workbench.model.change import Basis, Change, ExposureKind, Operation, Shape

NEW_UNKNOWN = "; whether it was there before is not known"


class Opened(NamedTuple):
    """What one change left behind.

    Attributes:
        kind: What kind.
        what: What was opened, in words.
        rule: The rule that says so.
        gone: Tells what undid it.
        untold: Whether nothing can be recognised as its undoing.
        ends: After how many microseconds it ends by itself; ``None`` if it does not.
        grant: What a policy allows by it, if that is what was opened.
    """

    kind: ExposureKind
    what: str
    rule: str
    gone: Gone
    untold: bool = False
    ends: int | None = None
    grant: Grant | None = None


def stated(change: Change, words: str) -> str:
    """Return what was opened, and whether it may have been open before."""
    return words + (NEW_UNKNOWN if change.before_basis is Basis.UNKNOWN else "")


def words_of(member: str) -> str:
    """Return a JSON text as a person writes it."""
    value = value_of(member)
    return value if isinstance(value, str) else member


def never(change: Change) -> str | None:
    """Say that nothing undoes it but the end of its resource."""
    return None


def cleared(field: str, words: str = "taken away") -> Gone:
    """Return what tells that a field was taken away."""
    return lambda change: words if change.field == field and change.operation is Operation.CLEAR else None


def set_to(field: str, value: str | None, words: str) -> Gone:
    """Return what tells that a field was set to a value (JSON text)."""
    return lambda change: (
        words if value is not None and change.field == field and change.after == value else None
    )


def first_of(*each: Gone) -> Gone:
    """Return what tells whatever the first of several tells."""
    return lambda change: next((how for gone in each if (how := gone(change)) is not None), None)


def set_without(field: str, member: str) -> Gone:
    """Return what tells that a member (JSON text) was taken out of a field that holds a set, or is not in it any more."""

    def gone(change: Change) -> str | None:
        if change.field != field:
            return None
        if change.operation is Operation.CLEAR or (
            change.operation is Operation.REMOVE and change.member == member
        ):
            return "taken away"
        if (
            change.operation is Operation.SET
            and change.after is not None
            and member not in members_of(change.after)
        ):
            return "set to a value without it" if change.shape is Shape.SET else None
        return None

    return gone
