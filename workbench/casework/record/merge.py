"""Two responders worked on copies of one case: the journal of one copy is taken over into the other, whole.

It stays a journal of its own, under its own root, and can be checked as before. Its tags, findings, notes, custody and
reviews show beside those of this journal; nothing else of it takes effect by itself. What contradicts this journal is
listed, both versions stand, and a person settles it by entries of their own.
"""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import Any

import msgspec

from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.casework.record.checkpoints import CheckpointError, sound_record
from workbench.casework.record.taken_over import taken_over
from workbench.clock import Clock
from workbench.journal.entry import Json
from workbench.journal.merge import Conflict, common_length, conflicts
from workbench.journal.record import Record
from workbench.text import visible


class Merged(msgspec.Struct, frozen=True):
    """What a merge did.

    Attributes:
        seq: Place of the entry that took the other journal over; ``None`` if there was nothing to take over.
        entries: How many entries the other journal has.
        common: How many of them are those of this one.
        conflicts: What a person has to settle.
        missing: Files that the other copy had added and this one has not: name and SHA-256.
        effects: What of it has an effect here and what has none, in lines.
    """

    seq: int | None
    entries: int
    common: int
    conflicts: tuple[Conflict, ...]
    missing: tuple[tuple[str, str], ...]
    effects: tuple[str, ...] = ()


def merge(case: Path, other: Path, *, actor: str, clock: Clock | None = None) -> Merged:
    """Take the journal of another copy of a case over into this one.

    Args:
        case: The case file that takes it over.
        other: The other copy; it is only read.
        actor: Who does it.
        clock: Where the time of the entry comes from.

    Raises:
        CheckpointError: If one of them contradicts itself, or they are not copies of one case.
        CaseFileError: If one cannot be read or the first cannot be written.
    """
    with write_case(case, actor, clock) as writer:
        mine, ours = _journal(case)
        theirs_record, theirs = _journal(other)
        if mine.case_id != theirs_record.case_id:
            raise CheckpointError(
                f"{visible(str(other))} is another case ({theirs_record.case_id})",
                "only copies of one case are merged",
            )
        common = common_length(ours, theirs)
        found = tuple(conflicts(ours, theirs))
        missing = tuple(
            (name, sha256)
            for sha256, name in _files(other).items()
            if sha256 in theirs_record.evidence and sha256 not in mine.evidence
        )
        root = theirs_record.tree.root()
        known = any(each.root == root and each.size == len(theirs) for each in mine.merged)
        if known or common == len(theirs):
            return Merged(None, len(theirs), common, found, missing)
        body: dict[str, Json] = {
            "case_id": theirs_record.case_id,
            "size": len(theirs),
            "root": base64.b64encode(root).decode(),
            "common": common,
            "conflicts": [dataclasses.asdict(each) for each in found],
            "missing_evidence": [{"name": name, "sha256": sha256} for name, sha256 in missing],
        }
        with writer.transaction():
            seq = writer.merge(body, theirs)
    with CaseReader.open(case) as reader:
        effects = tuple(taken_over(reader, theirs, common, [each.seq for each in mine.merged]))
    return Merged(seq, len(theirs), common, found, missing, effects)


def merge_object(merged: Merged) -> dict[str, Any]:
    """Return what a merge did as one JSON object."""
    return {
        "entry": merged.seq,
        "entries": merged.entries,
        "common": merged.common,
        "conflicts": [dataclasses.asdict(each) for each in merged.conflicts],
        "missing": [{"name": name, "sha256": sha256} for name, sha256 in merged.missing],
        "effects": list(merged.effects),
    }


def _journal(case: Path) -> tuple[Record, list[bytes]]:
    record = sound_record(case)
    with CaseReader.open(case) as reader:
        return record, list(reader.journal())


def _files(case: Path) -> dict[str, str]:
    with CaseReader.open(case) as reader:
        return {file.sha256: file.name for file in reader.rows.files()}
