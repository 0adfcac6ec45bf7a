"""What the journal says of files that were added: hashes, acquisition, and what a person chose about their reading."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from workbench.casework.ingest.arriving import ArrivingFile
from workbench.casework.ingest.messages import ContentStarted, FileEnded
from workbench.casework.ingest.reading import ReadingOptions
from workbench.clock import stated_time
from workbench.journal.entry import Json
from workbench.model.evidence import Acquisition
from workbench.text import printable


class EndedFile(msgspec.Struct, frozen=True):
    """A file of which everything is written, to be acknowledged with the open transaction."""

    file: ArrivingFile
    file_id: int
    end: FileEnded


def evidence_added(
    ended: Sequence[EndedFile], acquisition: Acquisition, reading: ReadingOptions
) -> dict[str, Json]:
    """Return the body of the entry that acknowledges files."""
    said: dict[str, Json] = {
        key: value for key, value in msgspec.structs.asdict(acquisition).items() if value is not None
    }
    return {"acquisition": said, "files": [_file(item) for item in ended], **_chosen(reading)}


def _chosen(reading: ReadingOptions) -> dict[str, Json]:
    """Return what a person chose about the reading, for the journal: what is read of the evidence depends on it."""
    chosen: dict[str, Json] = {}
    if limits := _lifted(reading):
        chosen["limits"] = limits
    if reading.timezone is not None:
        chosen["timezone"] = reading.timezone
    if reading.documents:
        chosen["kind"] = "document"
    if reading.source is not None:
        chosen["source"] = reading.source
    if reading.mappings:
        chosen["mappings"] = [
            {
                "name": mapping.name,
                "sha256": hashlib.sha256(mapping.text.encode()).hexdigest(),
                "text": mapping.text,
            }
            for mapping in reading.mappings
        ]
    return chosen


def _lifted(reading: ReadingOptions) -> dict[str, Json]:
    """Return the limits that a person changed: what is read of the evidence depends on them."""
    return {
        name: value
        for limits in (reading.containers, reading.splitting)
        for name, value in msgspec.structs.asdict(limits).items()
        if value != getattr(type(limits)(), name)
    }


def _file(item: EndedFile) -> Json:
    entry: dict[str, Json] = {
        "name": item.file.candidate.name,
        "sha256": item.end.sha256,
        "size": item.end.size,
    }
    if item.file.candidate.modified_at is not None:
        # Some readers take the year of a time from it, so what is derived depends on it.
        entry["modified_at"] = stated_time(item.file.candidate.modified_at)
    if item.end.damage:
        entry["damage"] = item.end.damage
    # What was unpacked is kept instead of the file itself, so the journal must commit to it.
    if item.file.hashes != [item.end.sha256]:
        entry["contents"] = [*item.file.hashes]
    members = item.file.members[: len(item.file.hashes)]
    if any(each.member or each.container for each in members):
        entry["members"] = [_member(each) for each in members]
    return entry


def _member(started: ContentStarted) -> Json:
    """Return how a content of a packed file is called: its hash alone would let somebody give it another name."""
    member: dict[str, Json] = {"name": printable(started.member), "container": started.container}
    if started.modified_at is not None:
        member["modified_at"] = stated_time(started.modified_at)
    return member
