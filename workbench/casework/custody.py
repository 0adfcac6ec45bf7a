"""Custody: who handed what to whom, when and how. Each step is an entry of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from workbench.casefile.reader import CaseReader
from workbench.casework.citing import of_evidence, standing
from workbench.casework.moments import written_time
from workbench.casework.tag import commit
from workbench.clock import Clock
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.claim import Kept
from workbench.model.note import HandOver
from workbench.text import printable


def record_custody(
    case: Path,
    what: str,
    *,
    giver: str,
    taker: str,
    at: str,
    how: str,
    actor: str,
    on: Iterable[str] = (),
    text: str = "",
    supersedes: str | None = None,
    clock: Clock | None = None,
) -> Kept[HandOver]:
    """Record one step of custody; it is durable when this returns.

    Args:
        case: The case file.
        what: The thing handed over.
        giver: Who handed it over.
        taker: Who received it.
        at: When.
        how: How.
        actor: Who records it.
        on: Names or hashes of the evidence of the case that it is.
        text: Anything else.
        supersedes: Id of the step that this one corrects.
        clock: Where the time of the entry comes from.

    Raises:
        WorkbenchError: If something is not said, or the time cannot be read.
        UnknownReferenceError: If evidence that it names is not in the case.
        CaseFileError: If the case cannot be written.
    """
    for name, said in (
        ("what", what),
        ("who handed it over", giver),
        ("who received it", taker),
        ("how", how),
    ):
        if not said.strip():
            raise WorkbenchError(
                f"it is not said {name}", "custody says who handed what to whom, when and how"
            )
    moment = written_time(at)
    if moment is None:
        raise WorkbenchError("it is not said when", "give a time")
    with CaseReader.open(case) as reader:
        before = None if supersedes is None else standing(reader, supersedes)
        if before is not None and not isinstance(before.body, HandOver):
            raise UnknownReferenceError(f"{supersedes} is no step of custody", "give its id, H-…")
        named = tuple(of_evidence(reader.find_evidence(each)) for each in on)
    step = HandOver(
        what=printable(what.strip()),
        giver=printable(giver.strip()),
        taker=printable(taker.strip()),
        at=moment,
        how=printable(how.strip()),
        on=named,
        text=printable(text.strip()),
    )
    body: dict[str, Json] = {
        "supersedes": None if before is None else before.origin.entry,
        "custody": msgspec.to_builtins(step),
    }
    place = commit(case, EntryKind.CUSTODY_RECORDED, body, actor, clock)
    with CaseReader.open(case) as reader:
        return reader.claims.committed(place, "custody")
