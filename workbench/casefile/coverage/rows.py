"""Coverage and gaps as rows of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from workbench.casefile.coverage.counts import CoverageCounts
from workbench.casefile.coverage.facts import CoverageFacts
from workbench.model.digest import FileState, Validation
from workbench.model.gap import Gap

COVERAGE_TABLES = (
    "gap_event", "gap", "coverage_validation", "coverage_note", "coverage_mark", "coverage_act", "coverage_hour",
    "coverage_stream",
)  # fmt: skip


def coverage_tables(
    facts: CoverageFacts, counts: CoverageCounts, validation: Validation
) -> dict[str, Sequence[tuple[Any, ...]]]:
    """Return what the tables of coverage are to hold."""
    streams, hours, acts = counts.rows()
    # Of a year's trail a million files are as they should be; digests count those, and only the others are kept by name.
    kept = tuple(each for each in validation.files if each.state is not FileState.INTACT)
    return {
        "coverage_stream": streams,
        "coverage_hour": hours,
        "coverage_act": acts,
        "coverage_mark": facts.marks.rows(),
        "coverage_note": facts.note_rows(),
        "coverage_validation": [
            (msgspec.json.encode(msgspec.structs.replace(validation, files=kept)).decode(),)
        ],
    }


def gap_rows(gaps: Iterable[Gap]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of gaps."""
    for one in gaps:
        yield (
            one.id,
            one.kind.value,
            one.source,
            one.certainty.value,
            one.start,
            one.end,
            msgspec.json.encode(one).decode(),
        )


def gap_event_rows(gaps: Iterable[Gap]) -> Iterator[tuple[int, str]]:
    """Yield which events gaps cite."""
    for one in gaps:
        for event in one.evidence:
            yield event, one.id
