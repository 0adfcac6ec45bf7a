"""Case files made straight from events, without logs: each event stands in a line of an invented content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from workbench.casefile.case_writer import write_case
from workbench.casefile.events.batch import ContentBatch, NativeId, NativeIds
from workbench.casefile.events.building import BatchBuilder
from workbench.casefile.evidence.content import BlockMaker
from workbench.casefile.evidence.writer import ContentFacts
from workbench.journal.entry import EntryKind
from workbench.model.event import Event
from workbench.model.evidence import Acquisition, ByteAccount

READING = ("test.source", 1, "[]")


def store(case: Path, events: Sequence[Event], name: str = "events.jsonl", *, complete: bool = True) -> None:
    """Put events into a case as one evidence file."""
    lines = [b'{"eventID":"%d-%s"}\n' % (number, name.encode()) for number in range(len(events))] or [
        name.encode() + b"\n"
    ]
    content = b"".join(lines)
    ready = []
    blocks = BlockMaker(ready.extend)
    for _ in blocks.tee([content]):
        pass
    builder = BatchBuilder()
    position = 0
    for event, line in zip(events, lines, strict=False):
        builder.add(event, position, len(line) - 1, 0, READING)
        position += len(line)
    facts = ContentFacts(
        content_sha256=blocks.hexdigest(),
        account=ByteAccount(len(content), position - len(events), len(content) - position + len(events), 0),
        shape="JSON lines",
        encoding="utf-8",
        columns=None,
        records=len(events),
        sources=("test.source 1",),
        warnings=(),
    )
    with write_case(case, "Tester") as writer, writer.transaction():
        store = writer.evidence
        file_id = store.begin_file(name, None, store.acquisition(Acquisition()))
        evidence_id = store.begin_content(file_id, "", "", None)
        store.add_batch(evidence_id, ContentBatch([*ready, *blocks.finish()], builder.take(), [], []))
        store.end_content(evidence_id, facts)
        if complete:
            digest = hashlib.sha256(content).hexdigest()
            store.complete_files([(file_id, digest, len(content), None)], added_at=0)
            writer.act(EntryKind.EVIDENCE_ADDED, {"files": [name]})


def one_by_one(ids: NativeIds) -> list[NativeId]:
    """Return the ids of a batch, each by itself as it is stored."""
    if not ids.size:
        return ids.each
    return [ids.joined[start : start + ids.size] for start in range(0, len(ids.joined), ids.size)]
