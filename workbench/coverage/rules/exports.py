"""Exports that were cut off: at a limit of rows, or where the provider had deleted what was older."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.clock import DAY
from workbench.coverage.facts import Facts, span
from workbench.coverage.making import Rule, count, make_gap
from workbench.model.gap import Certainty, Gap, GapKind, Scope

CAP = Rule("row-limit", 1, "an export holds exactly as many records as a tool gives at most")
EDGE = Rule("retention-edge", 1, "a log begins just where its provider would have deleted what was older")

CAPS: dict[int, str] = {
    1_000: "the page size of many interfaces",
    5_000: "the most that one call of Search-UnifiedAuditLog returns",
    10_000: "the most rows of an Elasticsearch or Sentinel page",
    50_000: "the most rows of a Search-UnifiedAuditLog session or a portal export",
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
    """Yield a gap for each content whose number of records is exactly a limit."""
    for content in facts.contents:
        why = CAPS.get(content.records)
        if why is None:
            continue
        source = content.sources[0] if content.sources else "an unknown log"
        likely = content.records > 1_000
        yield make_gap(
            CAP,
            GapKind.TRUNCATED_EXPORT,
            source,
            Scope(text=content.name, subject=content.sha256),
            (content.first, content.last),
            Certainty.LIKELY if likely else Certainty.POSSIBLE,
            detected=f"{content.name} holds exactly {count(content.records, 'record')}: {why}",
            evidence=(content.event,),
            effect="Whether more records matched the export's question cannot be told: what is not in this file"
            " was perhaps cut off.",
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
