"""All versions of a tag, finding, note or step of custody, each as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from workbench.casefile.reader import CaseReader
from workbench.casework.finding import FindingState, finding_states
from workbench.casework.tag import State, states
from workbench.model.claim import Finding, Kept, Tag
from workbench.model.note import HandOver, Note

Version: TypeAlias = State | FindingState | Kept[Note] | Kept[HandOver]


def states_of(reader: CaseReader, name: str) -> Iterator[Version]:
    """Yield all versions of something, the first one first.

    Args:
        reader: The case.
        name: Its whole id.
    """
    for kept in reader.claims.history(name):
        if isinstance(kept.body, Tag):
            yield from states(reader, [kept])
        elif isinstance(kept.body, Finding):
            yield from finding_states(reader, [kept])
        else:
            yield kept
