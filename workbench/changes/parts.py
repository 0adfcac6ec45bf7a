"""What acts put on or take off objects: the fields that hold it, and one event as the rules for that look at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from workbench.changes.keys import resource_key
from workbench.changes.values import value_of
from workbench.model.change import ResourceKey, Statement
from workbench.model.event import Act, Place, Resource, StatedChange

MEMBERS, ELIGIBLE, SCOPED = "members", "eligible members", "members within a scope"
OWNERS, ROLES, FACTORS = "owners", "admin roles", "MFA factors"
APP_ROLES, PERMISSIONS = "app role assignments", "delegated permissions"

FACTOR_GONE = "a factor was taken away; the record does not say which"
FACTOR_NEW = "a factor was enrolled; the record does not say which"
CONSENT = "ConsentAction.Permissions"
"""The property of an application that a consent to it fills."""

CONSENT_LESS = "some of its permissions were taken away; by which consent it had them is not said"
WHOSE_GONE = "something was taken away from somebody whom the record does not name"
NOT_SAID = "whom the record does not name"
ROLES_GONE = "roles were taken away; the record does not say which"


class Related(NamedTuple):
    """What an act states about parts of objects.

    Attributes:
        statements: The statements.
        told: How the fields begin, in lower case, that the record states and that say no more than they do.
    """

    statements: list[Statement]
    told: tuple[str, ...] = ()


NOTHING = Related([])


class PartEvent(NamedTuple):
    """One event.

    Attributes:
        source: Name of the source.
        act: What was done.
        resources: What was acted upon.
        place: Where it was recorded.
        stated: What the reader took out of the record.
    """

    source: str
    act: Act
    resources: Sequence[Resource]
    place: Place
    stated: Sequence[StatedChange]

    def key(self, resource: Resource) -> ResourceKey:
        """Return the key of a resource that it names."""
        return resource_key(self.source, resource, self.place)

    def of(self, *kinds: str) -> list[Resource]:
        """Return what is acted upon of some kinds, in lower case."""
        return [each for each in self.resources if (each.type or "").casefold() in kinds]

    def said(self, name: str) -> StatedChange | None:
        """Return what is stated of a property, by its name in lower case, if it has a value on either side."""
        return next(
            (each for each in self.stated if each.field.casefold() == name and named_in(each) is not None),
            None,
        )


def named_in(each: StatedChange) -> str | None:
    """Return what a property of a part names: on its new side, of a removal on its old one."""
    for side in (each.after, each.before):
        value = None if side is None else value_of(side)
        if isinstance(value, str) and value:
            return value
    return None
