"""Showing secrets that stand in records, and writing originals out: explicit acts, each with its journal entry."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.clock import Clock
from workbench.errors import EvidenceError
from workbench.journal.entry import EntryKind
from workbench.model.evidence import EvidenceItem
from workbench.model.references import PartialRef, RecordRef
from workbench.text import visible


def reveal(case: Path, reference: PartialRef | RecordRef, actor: str, clock: Clock | None = None) -> bytes:
    """Return the bytes of a record with its secrets in clear, after journalling that they were revealed.

    Raises:
        UnknownReferenceError: If the reference names nothing.
        CaseFileError: If the entry cannot be written; then nothing is revealed.
    """
    with CaseReader.open(case) as reader:
        record = reader.record(reference)
    with write_case(case, actor, clock) as writer, writer.transaction():
        writer.act(EntryKind.SECRET_REVEALED, {"ref": str(record.ref), "secrets": record.secrets})
    return record.data


class Extracted(msgspec.Struct, frozen=True):
    """A content that was written out."""

    item: EvidenceItem
    path: Path


def extract(case: Path, name: str, target: Path, actor: str, clock: Clock | None = None) -> Extracted:
    """Write the content of an evidence file out, byte for byte, after journalling it, and check its hash.

    Args:
        case: The case file.
        name: The evidence file's name, the end of it, or the start of its content's SHA-256.
        target: A file that does not exist yet, or a folder.
        actor: Who extracts.
        clock: Where the time of the entry comes from.

    Raises:
        UnknownReferenceError: If no or several evidence files have that name.
        EvidenceError: If the target exists or cannot be written, or the bytes no longer have their hash.
    """
    with CaseReader.open(case) as reader:
        item = reader.find_evidence(name)
        if target.is_dir():
            target = target / _file_name(item)
        with _new_file(target) as file:
            with write_case(case, actor, clock) as writer, writer.transaction():
                writer.act(
                    EntryKind.EVIDENCE_EXTRACTED,
                    {"content_sha256": item.content_sha256, "name": item.name, "size": item.size},
                )
            digest = hashlib.sha256()
            for chunk in reader.content(item.id):
                digest.update(chunk)
                file.write(chunk)
            if digest.hexdigest() != item.content_sha256:
                raise EvidenceError(
                    f"the bytes of {visible(item.name)} no longer have their SHA-256",
                    "the case file is damaged or was altered",
                )
    return Extracted(item, target)


@contextlib.contextmanager
def _new_file(target: Path) -> Iterator[BinaryIO]:
    """Make a file that is there, whole and durable, at the end, or not at all.

    Raises:
        EvidenceError: If there is one already or the disk refuses.
    """
    made = False
    try:
        with target.open("xb") as file:
            made = True
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        if made:
            target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise EvidenceError(
                f"{visible(str(target))} cannot be written ({error.strerror})",
                "choose a new file on a disk with room",
            ) from error
        raise


_LONGEST_NAME = 200
"""Bytes of a file name that every file system takes."""


def _file_name(item: EvidenceItem) -> str:
    """Return the name under which a content is written into a folder.

    It is the last part of its own name, made visible. What was unpacked loses the suffix that says it is packed.
    """
    name = visible(re.split(r"[/\\!]", item.name)[-1])
    if item.container.endswith(("gzip", "zstd")):
        name = re.sub(r"\.(gz|zst|zstd)\Z", "", name, flags=re.IGNORECASE)
    name = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return name if name.strip(". ") else item.content_sha256
