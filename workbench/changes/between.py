"""Which gaps could hide a change of a resource between two instants.

An earlier state reaches up to a change only if nothing changed it in between, and that only records that are on hand show.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from workbench.model.gap import ANY_LOG, Breakable, Gap, GapKind

_HELD = {
    "vpc-flow-log": "aws.vpcflow",
    "vpcflowlog": "aws.vpcflow",
    "route53resolver": "aws.route53resolver",
    "resolver-query-log": "aws.route53resolver",
    "aws-waf-logs": "aws.waf",
}
"""What log groups hold by the names that the documentation of the services gives them. Any other may hold what any service
delivers, a trail's records included."""


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a change would have been recorded. What is empty is not known, and every gap may be about it.

    Attributes:
        sources: The logs that record changes of the resource.
        accounts: Accounts, projects or tenants that it lies in or its acts were recorded in.
        regions: Regions in which its acts are recorded.
        services: Services that record them.
        actions: The acts that are known of it.
        categories: Categories of the log that they belong to.
        start: When the earlier state was known, microseconds UTC.
        end: When the change was made.
    """

    sources: frozenset[str]
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    start: int
    end: int


def hides_changes(gap: Gap) -> bool:
    """Whether a gap is of a kind that hides changes: acts that are not recorded, or recorded without what they changed.

    A value that is withheld (``redacted``) hides none: its record names the field, and what stands in it is unknown from then.
    """
    return Breakable.ABSENCE in gap.breaks or gap.kind is GapKind.NO_BODY


def gaps_between(gaps: Iterable[Gap], where: Between) -> list[Gap]:
    """Return the gaps that could hide a change there: more than touch the period, and may be about the same part of a log."""
    return [gap for gap in gaps if hides_changes(gap) and _lies_in(gap, where) and _is_about(gap, where)]


def _lies_in(gap: Gap, where: Between) -> bool:
    # A gap often begins with the very change that is looked at: it hides nothing before it.
    return (
        where.start < where.end
        and (gap.start is None or gap.start < where.end)
        and (gap.end is None or gap.end > where.start)
    )


def _is_about(gap: Gap, where: Between) -> bool:
    scope = gap.scope
    if gap.source not in where.sources or not _could_hold(gap, where.sources):
        return False
    for named, known in (
        (scope.accounts, where.accounts),
        (scope.regions, where.regions),
        (scope.categories, where.categories),
        (scope.services, where.services),
        (scope.actions, where.actions),
    ):
        if named and known and known.isdisjoint(named):
            return False
    outside = (where.regions, scope.beside), (where.services, scope.beside_services)
    return not any(known and known.issubset(beside) for known, beside in outside)


def _could_hold(gap: Gap, sources: frozenset[str]) -> bool:
    """Whether the logs that a gap is about could hold records of some sources.

    Each log of a platform records acts of its own kind: flows, queries and requests that are not recorded hide no call that
    another log records.
    """
    subject = (gap.scope.subject or "").lower()
    for log in gap.scope.logs or (gap.source,):
        if log == ANY_LOG:
            held = next((held for name, held in _HELD.items() if name in subject), None)
            if held is None or held in sources:
                return True
        elif log in sources:
            return True
    return False
