"""Withdrawing evidence: a delivered file is excluded from all that is derived, with a reason. Nothing of it is deleted."""

from __future__ import annotations

from pathlib import Path

from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.clock import Clock
from workbench.errors import EvidenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.evidence import EvidenceItem


def withdraw(
    case: Path, name: str, reason: str, *, actor: str, back: bool = False, clock: Clock | None = None
) -> list[EvidenceItem]:
    """Exclude a delivered file from the derived layer, or take it back in; sessions and links are to be derived afterwards.

    Args:
        case: The case file.
        name: The name of the file, or of any content of it, or the start of a hash.
        reason: Why.
        actor: Who decides.
        back: Whether to take back in what was withdrawn.
        clock: Where the time of the entry comes from.

    Returns:
        The contents of the file.

    Raises:
        UnknownReferenceError: If no or several evidence files have that name.
        EvidenceError: If it is withdrawn already, or is not.
        WorkbenchError: If there is no reason.
        CaseFileError: If the case cannot be written.
    """
    if not reason.strip():
        raise WorkbenchError("withdrawing evidence needs a reason", "say why, in a sentence")
    with CaseReader.open(case) as reader:
        found = reader.find_evidence(name)
        contents = [each for each in reader.evidence() if each.delivered_sha256 == found.delivered_sha256]
    if found.withdrawn is not back:
        raise EvidenceError(f"{found.name} is {'withdrawn already' if found.withdrawn else 'not withdrawn'}")
    body: dict[str, Json] = {
        "name": found.name,
        "sha256": found.delivered_sha256,
        "contents": [each.content_sha256 for each in contents],
        "reason": reason.strip(),
    }
    kind = EntryKind.EVIDENCE_RESTORED if back else EntryKind.EVIDENCE_WITHDRAWN
    with write_case(case, actor, clock) as writer, writer.transaction():
        writer.act(kind, body)
        writer.settle_withdrawal([each.id for each in contents], withdrawn=not back)
    return contents
