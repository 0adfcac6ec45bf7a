"""Adding evidence: files and folders become kept bytes and events, a file at a time, each acknowledged or not at all."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from workbench.casefile.case_writer import CaseWriter, write_case
from workbench.casefile.connection import storage_errors
from workbench.casefile.events.batch import ContentBatch
from workbench.casework.ingest.added_entry import EndedFile, evidence_added
from workbench.casework.ingest.arriving import ArrivingFile
from workbench.casework.ingest.candidates import Candidate, Skipped, candidates
from workbench.casework.ingest.messages import (
    ContentEnded,
    ContentStarted,
    FileEnded,
    FileFailed,
    FileKnown,
    Message,
)
from workbench.casework.ingest.processes import Packet, Read, read_here, reading_processes
from workbench.casework.ingest.reading import ReadingOptions, Task, check_mappings, readers_of
from workbench.casework.memory import garbage_rarely
from workbench.clock import Clock
from workbench.errors import CancelledError, EvidenceError
from workbench.journal.entry import EntryKind, Json
from workbench.model.evidence import Acquisition
from workbench.text import printable, visible

_SMALL = 4 * 1024 * 1024
"""Bytes of files up to which no other process is started."""

_TRANSACTION_BYTES = 24 * 1024 * 1024
"""Bytes of content after which a transaction is committed. Half of it costs a twentieth of the time of writing more: ids lie
anywhere in their table, and each commit writes its pages anew."""

_TRANSACTION_SECONDS = 0.5
"""Seconds after which a transaction is committed, so that what is read is acknowledged soon where the machine is slow."""


class Progress(msgspec.Struct, frozen=True):
    """How far adding has come.

    Attributes:
        files_done: Files acknowledged, skipped or failed.
        files_total: Files to look at.
        bytes_done: Bytes of the files done, as delivered.
        bytes_total: Bytes of all files, as delivered.
        events: Events read so far.
        file: The file that was finished last.
    """

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    events: int
    file: str


class AddResult(msgspec.Struct, frozen=True):
    """What adding did.

    Attributes:
        added: Files acknowledged.
        contents: Contents of those files (members of archives count each).
        records: Records in them.
        events: Events in them.
        undated: Events in them whose time gives no instant: there is none, or it names no zone.
        rejected_ranges: Byte ranges in them that could not be read.
        duplicates: Events in them that copies of stand in the case; shown once.
        known: Files that were in the case already, with the name under which they are.
        failed: Files that could not be read.
        damaged: Files that were added although their container was damaged.
        unread: Files that were added of which some bytes or records could not be read, with the first reason.
        seconds: How long it took.
        documents: Documents among what was added, each with the reference by which it is cited.
        snapshots: Records among them that say how things stood.
    """

    added: int
    contents: int
    records: int
    events: int
    undated: int
    rejected_ranges: int
    duplicates: int
    known: tuple[Skipped, ...]
    failed: tuple[Skipped, ...]
    damaged: tuple[Skipped, ...]
    unread: tuple[Skipped, ...]
    seconds: float
    documents: tuple[Skipped, ...] = ()
    snapshots: int = 0


class AddOptions(msgspec.Struct, frozen=True):
    """How evidence is added.

    Attributes:
        acquisition: What the responders say about its acquisition.
        reading: Limits of reading.
        processes: Reading processes; ``None`` for one less than two or more by the machine's cores.
    """

    acquisition: Acquisition = Acquisition()
    reading: ReadingOptions = ReadingOptions()
    processes: int | None = None


def add_evidence(
    case: Path,
    paths: list[Path],
    *,
    actor: str,
    options: AddOptions | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
) -> AddResult:
    """Add files and folders to a case.

    Args:
        case: The case file.
        paths: Files and folders.
        actor: Who adds them, for the journal.
        options: How.
        progress: Called after every file and at least once a transaction.
        cancelled: Asked now and then; once it says yes, what is not yet acknowledged is left out.
        clock: Where the times of journal entries come from.

    Raises:
        EvidenceError: If a path or the chosen source does not exist.
        MappingError: If a mapping file cannot be used.
        CancelledError: If it was cancelled; what was acknowledged stays.
        CaseFileError: If the case file cannot be written.
    """
    options = options or AddOptions()
    readers_of(options.reading)  # a mapping that cannot be read is told before anything is written
    for path in paths:
        if not os.path.lexists(path):
            raise EvidenceError(f"there is no file or folder {visible(str(path))}", "check the path")
    started = time.monotonic()
    found, failed = candidates(paths, case)
    with (
        _reading(found, options) as read,
        write_case(case, actor, clock, bulk=True) as writer,
        garbage_rarely(),
    ):
        if options.reading.mappings:
            check_mappings(writer.kept_mappings(), options.reading)
        return _Adding(writer, options, progress, cancelled).run(found, failed, read, started)


def add_read(
    writer: CaseWriter,
    found: Sequence[Candidate],
    read: Read,
    options: AddOptions,
    progress: Callable[[Progress], None],
) -> AddResult:
    """Add files that something else reads, such as what another case keeps of them."""
    return _Adding(writer, options, progress, lambda: False).run(found, [], read, time.monotonic())


def _reading(found: Sequence[Candidate], options: AddOptions) -> contextlib.AbstractContextManager[Read]:
    """Return what has files read: here if they are few and small, else by other processes."""
    if options.processes is None and sum(candidate.size for candidate in found) <= _SMALL:
        return contextlib.nullcontext(functools.partial(read_here, options=options.reading))
    processes = options.processes or max(2, (os.cpu_count() or 2) - 1)
    return reading_processes(options.reading, max(1, min(processes, len(found))))


class _Adding:
    """One run of adding evidence: takes messages, writes them, acknowledges files with every transaction."""

    def __init__(
        self,
        writer: CaseWriter,
        options: AddOptions,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._writer = writer
        self._store = writer.evidence
        self._options = options
        self._report = progress
        self._cancelled = cancelled
        self._arriving: dict[int, ArrivingFile] = {}
        self._ended: list[EndedFile] = []
        self._ended_names: dict[str, str] = {}
        self._added: list[ArrivingFile] = []
        self._known: list[Skipped] = []
        self._failed: list[Skipped] = []
        self._damaged: list[Skipped] = []
        self._progress = Progress(0, 0, 0, 0, 0, "")
        self._acquisition_id = 0
        self._transaction_bytes = 0
        self._transaction_began = 0.0

    def run(self, found: Sequence[Candidate], failed: list[Skipped], read: Read, started: float) -> AddResult:
        self._failed = failed
        total = sum(candidate.size for candidate in found)
        self._progress = Progress(0, len(found), 0, total, 0, "")
        self._report(self._progress)
        with self._writer.transaction():
            for left_over in self._store.arriving():
                self._store.discard_file(left_over)
            self._acquisition_id = self._store.acquisition(self._options.acquisition)
            hashes = self._store.complete_hashes()
        tasks = (
            self._task(number, candidate, hashes.get(candidate.size, frozenset()))
            for number, candidate in enumerate(found)
        )
        with contextlib.closing(read(tasks)) as packets, storage_errors(self._writer.path):
            self._write(packets)
        return self._result(time.monotonic() - started)

    def _task(self, number: int, candidate: Candidate, known: frozenset[str]) -> Task:
        self._arriving[number] = ArrivingFile(candidate)
        return Task(number, candidate.path, candidate.modified_at, known, candidate.size)

    def _write(self, packets: Iterable[Packet]) -> None:
        self._begin()
        try:
            for packet in packets:
                for number, message in packet:
                    self._take(number, message)
                waited = time.monotonic() - self._transaction_began
                if self._transaction_bytes >= _TRANSACTION_BYTES or waited >= _TRANSACTION_SECONDS:
                    self._commit()
                    self._begin()
                if self._cancelled():
                    self._stop()
            if self._failed:
                not_added: list[Json] = [{"name": name, "reason": reason} for name, reason in self._failed]
                self._writer.act(EntryKind.EVIDENCE_LEFT_OUT, {"files": not_added})
            self._commit()
        except BaseException:
            self._writer.roll_back()
            raise

    def _begin(self) -> None:
        self._writer.begin()
        self._transaction_bytes, self._transaction_began = 0, time.monotonic()

    def _commit(self) -> None:
        """Acknowledge the files that have ended, with their entry in the journal, and end the transaction."""
        ended, self._ended, self._ended_names = self._ended, [], {}
        if ended:
            self._writer.act(
                EntryKind.EVIDENCE_ADDED,
                evidence_added(ended, self._options.acquisition, self._options.reading),
            )
            # At once, for looking for duplicates can take long: the check compares the two times.
            self._store.complete_files(
                [(file.file_id, file.end.sha256, file.end.size, file.end.damage) for file in ended],
                self._writer.clock.now(),
            )
        self._writer.commit()
        self._added += [file.file for file in ended]
        self._damaged += [
            Skipped(file.file.candidate.name, file.end.damage) for file in ended if file.end.damage
        ]
        self._report(self._progress)

    def _stop(self) -> None:
        """Keep what is acknowledged, take out what is half written, and say so."""
        for file in list(self._arriving.values()):  # a reading thread may be handed further files meanwhile
            if file.file_id is not None:
                self._store.discard_file(file.file_id)
        self._commit()
        self._begin()
        raise CancelledError(
            f"stopped; {len(self._added):,} of {self._progress.files_total:,} files are in the case",
            "run the same command again to add the rest",
        )

    def _take(self, number: int, message: Message) -> None:
        file = self._arriving[number]
        if isinstance(message, ContentStarted):
            if file.file_id is None:
                file.file_id = self._store.begin_file(
                    file.candidate.name, file.candidate.modified_at, self._acquisition_id
                )
            file.evidence_id = self._store.begin_content(
                file.file_id, printable(message.member), message.container, message.modified_at
            )
            file.contents += 1
            file.members[len(file.hashes) :] = [message]  # one that was begun and never ended is none
        elif isinstance(message, ContentBatch):
            assert file.evidence_id is not None
            self._store.add_batch(file.evidence_id, message)
            self._transaction_bytes += message.size
            file.count(message)
            self._advance(events=len(message.events))
        elif isinstance(message, ContentEnded):
            assert file.evidence_id is not None
            self._store.end_content(file.evidence_id, message.facts)
            file.records += message.facts.records
            file.hashes.append(message.facts.content_sha256)
        else:
            del self._arriving[number]
            self._end(file, message)
            self._advance(file=file.candidate)

    def _end(self, file: ArrivingFile, message: FileEnded | FileKnown | FileFailed) -> None:
        name = file.candidate.name
        known_as: str | None = None
        if isinstance(message, FileFailed):
            self._failed.append(Skipped(name, message.reason))
        else:
            known_as = self._name_of(message.sha256)
        if known_as is not None:
            self._known.append(Skipped(name, known_as))
        elif isinstance(message, FileEnded):
            file_id = file.file_id
            if file_id is None:  # an archive without members is evidence too
                file_id = self._store.begin_file(name, file.candidate.modified_at, self._acquisition_id)
            self._ended.append(EndedFile(file, file_id, message))
            self._ended_names[message.sha256] = name
            return
        if file.file_id is not None:
            self._store.discard_file(file.file_id)

    def _name_of(self, sha256: str) -> str | None:
        return self._ended_names.get(sha256) or self._store.name_of(sha256)

    def _advance(self, events: int = 0, file: Candidate | None = None) -> None:
        old = self._progress
        self._progress = Progress(
            old.files_done + (file is not None),
            old.files_total,
            old.bytes_done + (file.size if file else 0),
            old.bytes_total,
            old.events + events,
            file.name if file else old.file,
        )

    def _result(self, seconds: float) -> AddResult:
        return AddResult(
            added=len(self._added),
            contents=sum(file.contents for file in self._added),
            records=sum(file.records for file in self._added),
            events=sum(file.events for file in self._added),
            undated=sum(file.undated for file in self._added),
            rejected_ranges=sum(file.rejected_ranges for file in self._added),
            duplicates=self._store.duplicates_among([file.file_id for file in self._added if file.file_id]),
            known=tuple(self._known),
            failed=tuple(self._failed),
            damaged=tuple(self._damaged),
            unread=tuple(
                Skipped(file.candidate.name, file.unread_text) for file in self._added if file.unread_text
            ),
            seconds=seconds,
            documents=tuple(
                Skipped(file.candidate.name, f"{sha256[:8]}:0")
                for file in self._added
                for sha256 in file.hashes
                if self._options.reading.documents
            ),
            snapshots=sum(file.snapshots for file in self._added),
        )
