"""All rules over the facts of a case: gaps out. They see the whole case, so order and files cannot matter."""

from __future__ import annotations

from workbench.coverage.facts import Facts
from workbench.coverage.rules.accounts import accounts, applications
from workbench.coverage.rules.categories import (
    applications_without_sign_in,
    data_access,
    data_events,
    git_events,
    one_region,
    sign_in_categories,
)
from workbench.coverage.rules.clocks import clocks
from workbench.coverage.rules.exports import retention_edges, row_limits
from workbench.coverage.rules.files import files
from workbench.coverage.rules.issuance import missing_issuance
from workbench.coverage.rules.logging_off import logging_off
from workbench.coverage.rules.silence import silences
from workbench.coverage.rules.withheld import withheld
from workbench.model.gap import Certainty, Gap

_ORDER = {Certainty.SHOWN: 0, Certainty.LIKELY: 1, Certainty.POSSIBLE: 2}


def gaps_of(facts: Facts) -> list[Gap]:
    """Return all gaps of a case, the surest first, then by time."""
    found = [
        *logging_off(facts),
        *files(facts),
        *missing_issuance(facts),
        *accounts(facts),
        *applications(facts),
        *applications_without_sign_in(facts),
        *sign_in_categories(facts),
        *data_events(facts),
        *data_access(facts),
        *git_events(facts),
        *one_region(facts),
        *withheld(facts),
        *row_limits(facts),
        *retention_edges(facts),
        *clocks(facts),
    ]
    found += silences(facts, found)
    return sorted(
        {each.id: each for each in found}.values(),
        key=lambda each: (_ORDER[each.certainty], each.start is not None, each.start or 0, each.id),
    )
