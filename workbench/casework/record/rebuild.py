"""The derived layer made again from the evidence in the case, and held against what the case file holds.

The evidence is read from the case file itself, with the parameters that the journal has for each file, into a scratch case
file; sessions and links are derived there. What was read by another version of a reader is not comparable, which is not
the same as altered.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import orjson

from workbench.casefile.case_writer import create_case, write_case
from workbench.casefile.derived.check import DeliveredFile, KeptContent
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import AddOptions, Progress, add_read
from workbench.casework.derive import derive
from workbench.casework.ingest.candidates import Candidate
from workbench.casework.ingest.messages import FileEnded, Message
from workbench.casework.ingest.processes import Packets
from workbench.casework.ingest.reading import (
    MappingText,
    ReadingOptions,
    Task,
    keep_document,
    keep_whole,
    read_content,
)
from workbench.casework.record.compare import Rebuilt, Told, compare
from workbench.casework.withdraw import withdraw
from workbench.evidence.containers import Limits
from workbench.evidence.pieces import SplitLimits
from workbench.model.evidence import AS_DELIVERED


def rebuild(case: Path, told: Told) -> Rebuilt:
    """Derive everything anew and compare.

    Args:
        case: The case file; it is only read.
        told: Told how far it has come.

    Raises:
        CaseFileError: If the case cannot be read, or there is no room for the scratch file.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder, CaseReader.open(case) as reader:
        scratch = Path(folder) / "rebuilt.case"
        make_anew(reader, scratch, told)
        with CaseReader.open(scratch) as rebuilt:
            return compare(reader, rebuilt, options_by_file(reader.journal()), told)


def make_anew(reader: CaseReader, scratch: Path, told: Told) -> None:
    """Derive everything anew from the evidence of a case, into a case file that is not there yet."""
    create_case(scratch, title="rebuilt", examiner="verify")
    _read_again(reader, scratch, told)
    derive(scratch, actor="verify", progress=lambda looked: told("deriving", looked.events, looked.total))


def _read_again(reader: CaseReader, scratch: Path, told: Told) -> None:
    chosen = options_by_file(reader.journal())
    total = sum(file.size for file in reader.rows.files())
    done = 0
    with write_case(scratch, "verify", bulk=True) as writer:
        for options, files in _runs(reader.rows.files(), chosen):
            found = [Candidate(Path(file.name), file.name, file.size, file.modified_at) for file in files]
            before = done

            def report(progress: Progress, before: int = before) -> None:
                told("reading again", before + progress.bytes_done, total)

            def read(
                tasks: Iterable[Task],
                files: Sequence[DeliveredFile] = files,
                options: ReadingOptions = options,
            ) -> Packets:
                for task in tasks:
                    yield from _messages(reader, task, files[task.number], options)

            add_read(writer, found, read, AddOptions(reading=options), report)
            done += sum(file.size for file in files)
    for name in sorted({item.delivered_sha256 for item in reader.evidence() if item.withdrawn}):
        withdraw(scratch, name, "withdrawn in the case", actor="verify")


def _runs(
    files: Iterable[DeliveredFile], chosen: Mapping[str, ReadingOptions]
) -> Iterator[tuple[ReadingOptions, list[DeliveredFile]]]:
    """Cut files into runs that were read with the same options."""
    run: list[DeliveredFile] = []
    options = ReadingOptions()
    for file in files:
        own = chosen.get(file.sha256, ReadingOptions())
        if run and own != options:
            yield options, run
            run = []
        options = own
        run.append(file)
    if run:
        yield options, run


def options_by_file(entries: Iterable[bytes]) -> dict[str, ReadingOptions]:
    """Return with which options each file was read, as the journal has it; entries that cannot be read say nothing."""
    chosen: dict[str, ReadingOptions] = {}
    for data in entries:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            entry = orjson.loads(data)
            if entry["kind"] == "evidence.added":
                options = _options_of(entry["body"])
                chosen |= {file["sha256"]: options for file in entry["body"]["files"]}
    return chosen


def _options_of(body: Mapping[str, Any]) -> ReadingOptions:
    limits: dict[str, int] = body.get("limits", {})

    def lifted(kind: type[msgspec.Struct]) -> dict[str, int]:
        return {name: limits[name] for name in kind.__struct_fields__ if name in limits}

    return ReadingOptions(
        containers=Limits(**lifted(Limits)),
        splitting=SplitLimits(**lifted(SplitLimits)),
        timezone=body.get("timezone"),
        source=body.get("source"),
        mappings=tuple(MappingText(each["name"], each["text"]) for each in body.get("mappings", [])),
        documents=body.get("kind") == "document",
    )


class _Kept:
    """A content as the case keeps it, to be read like one that was just delivered."""

    def __init__(self, reader: CaseReader, content: KeptContent) -> None:
        self.member = content.member
        self.container = content.container
        self.modified_at = content.modified_at
        self._reader = reader
        self._id = content.id

    def chunks(self) -> Iterator[bytes]:
        return self._reader.content(self._id)  # type: ignore[arg-type]


def _messages(reader: CaseReader, task: Task, file: DeliveredFile, options: ReadingOptions) -> Packets:
    """Yield what reading a delivered file would, from what the case keeps of it."""
    packet: list[tuple[int, Message]] = []
    name = PurePosixPath(file.name).name

    def emit(message: Message) -> None:
        packet.append((task.number, message))

    for content in reader.rows.contents(file.id):
        kept = _Kept(reader, content)
        if content.container == AS_DELIVERED:
            keep_whole(kept.chunks(), emit)
        elif options.documents:
            keep_document(kept.chunks(), name, content.modified_at, emit)
        else:
            read_content(kept, name, file.modified_at, options, emit)
        yield packet
        packet = []
    emit(FileEnded(file.sha256, file.size, file.damage))
    yield packet
