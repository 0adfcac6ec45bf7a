"""A session against its baseline, and two sessions side by side, as JSON, with the field names that scripts may rely on."""

from __future__ import annotations

from typing import Any

from workbench.casework.compare_sessions import AgainstBaseline, TwoSessions
from workbench.casework.session_json import instant
from workbench.changes.baseline import Coverage, Occurrence
from workbench.clock import DAY, rfc3339


def _coverage(coverage: Coverage) -> dict[str, Any]:
    """Return how much of the time before a session is covered."""
    return {
        "first": instant(coverage.first),
        "last": instant(coverage.last),
        "until": instant(coverage.until),
        "covered_days": coverage.covered,
        "missing_days": [rfc3339(day * DAY, 0)[:10] for day in coverage.missing],
    }


def baseline_objects(found: AgainstBaseline) -> list[dict[str, Any]]:
    """Return a session against its baseline: what the baseline is first, then what is new, one object each."""
    return [
        {
            "what": "baseline",
            "session": found.session.id,
            "against": found.against.value,
            "who": found.who,
            "events": found.events,
            **_coverage(found.coverage),
        },
        *(
            {"what": "new", "aspect": each.aspect, "value": each.value, **_occurrence(each.now)}
            for each in found.novelties
        ),
    ]


def sides_objects(found: TwoSessions) -> list[dict[str, Any]]:
    """Return two sessions side by side, one object for each thing that either did."""
    return [
        {
            "aspect": side.aspect,
            "value": side.value,
            found.one.id: None if side.one is None else _occurrence(side.one),
            found.other.id: None if side.other is None else _occurrence(side.other),
        }
        for side in found.sides
    ]


def _occurrence(occurrence: Occurrence) -> dict[str, Any]:
    return {"events": occurrence.events, "first": instant(occurrence.first), "last": instant(occurrence.last)}
