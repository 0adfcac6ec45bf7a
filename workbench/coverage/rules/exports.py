"""Exports that were cut off: at a limit of rows, or where the provider had deleted what was older."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.clock import DAY
from workbench.coverage.facts import ContentFacts, Facts, span
from workbench.coverage.making import Rule, count, make_gap
from workbench.model.gap import Certainty, Gap, GapKind, Scope

_DELIVERED = re.compile(r"_CloudTrail_[a-z0-9-]+_\d{8}T\d{4}Z_")
"""Names of files that a service delivers by itself: no question was asked that could have been cut off."""

CAP = Rule("row-limit", 1, "an export holds exactly as many records as a tool gives at most")
EDGE = Rule("retention-edge", 1, "a log begins just where its provider would have deleted what was older")

CAPS: dict[int, str] = {
    1_000: "the page size of many interfaces",
    5_000: "the most rows of many interfaces (one call of Search-UnifiedAuditLog)",
    10_000: "the most rows of many interfaces (a page of Elasticsearch)",
    50_000: "the most rows of many exports (a session of Search-UnifiedAuditLog)",
    100_000: "the most rows of a portal download",
}
"""Numbers of records at which exports stop by themselves, with where the number comes from."""

RETENTION: dict[str, tuple[int, ...]] = {
    "okta.system": (90,),
    "entra.signin": (7, 30),
    "entra.audit": (7, 30),
    "m365.ual": (90, 180, 365),
    "azure.activity": (90,),
    "github.audit": (180,),
    "gcp.audit": (30, 400),
    "workspace.activity": (180,),
}
"""Days after which providers delete records by default (their documentation, per product)."""


def row_limits(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each log of which contents hold exactly as many records as a tool gives at most."""
    found: dict[tuple[str, int], list[ContentFacts]] = {}
    for content in facts.contents:
        source = content.sources[0] if content.sources else "an unknown log"
        if content.records in CAPS and not _DELIVERED.search(content.name):
            found.setdefault((source, content.records), []).append(content)
    for (source, records), contents in sorted(found.items()):
        contents.sort(key=lambda each: (each.first or 0, each.name))
        name = contents[0].name if len(contents) == 1 else count(len(contents), "file")
        firsts = [each.first for each in contents if each.first is not None]
        lasts = [each.last for each in contents if each.last is not None]
        # Several files of one size are the pages of one export: what is open is whether the last was the last.
        likely = len(contents) == 1 and records > 1_000
        yield make_gap(
            CAP,
            GapKind.TRUNCATED_EXPORT,
            source,
            Scope(text=name, subject=" ".join(sorted(each.sha256 for each in contents))),
            (min(firsts, default=None), max(lasts, default=None)),
            Certainty.LIKELY if likely else Certainty.POSSIBLE,
            detected=f"{name}{' holds' if len(contents) == 1 else ' hold'} exactly {count(records, 'record')}: {CAPS[records]}",
            evidence=[each.event for each in contents],
            effect="Whether more records matched the export's question cannot be told: what is not there was perhaps cut off.",
            request="The export again in shorter periods, none of which reaches the limit, with the question that was asked.",
        )


def retention_edges(facts: Facts) -> Iterator[Gap]:
    """Yield a gap for each log that is as long as its provider keeps it."""
    for source, days in RETENTION.items():
        covered = span(facts.of(source))
        if covered is None:
            continue
        length = covered[1] - covered[0]
        kept = next((each for each in days if (each - 1) * DAY <= length <= (each + 1) * DAY), None)
        if kept is None:
            continue
        yield make_gap(
            EDGE,
            GapKind.RETENTION,
            source,
            Scope(text=f"before the first record of {source}", subject="retention"),
            (None, covered[0]),
            Certainty.LIKELY,
            detected=f"the records on hand span {length // DAY} days, and the provider keeps them for {kept}",
            effect="What happened before can be neither shown nor ruled out, nor whether what looks new had been there already.",
            request="Archives: log streams, SIEM copies, diagnostic settings' stores, backups of earlier exports.",
        )
