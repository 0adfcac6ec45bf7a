"""The one writer of a case file: its lock, its transactions, and the journal entries of what a person does.

Every act goes through :meth:`CaseWriter.act`, which appends its entry, with its place in the Merkle tree, in the same
transaction as its effect, so that neither can stand without the other. The first act of a writer is preceded by an entry
that says who opened the case.
"""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import workbench
from workbench.casefile import connection as connections
from workbench.casefile.claims.projection import ClaimProjection
from workbench.casefile.derived.state import mark_unfinished
from workbench.casefile.events.particulars import resolve_stages
from workbench.casefile.evidence.duplicates import set_withdrawn
from workbench.casefile.evidence.tally import write_tally
from workbench.casefile.evidence.writer import EvidenceWriter
from workbench.casefile.journal_writer import JournalWriter
from workbench.casefile.lock import writer_lock
from workbench.clock import Clock, SystemClock
from workbench.errors import StorageError
from workbench.journal.entry import EntryKind, Json
from workbench.text import visible

if TYPE_CHECKING:
    from workbench.casefile.changes.writer import ChangePass
    from workbench.casefile.derived.writer import DerivedPass


class CaseWriter:
    """Writes to one case file on behalf of one person; use :func:`write_case` to make one."""

    def __init__(self, path: Path, connection: sqlite3.Connection, actor: str, clock: Clock) -> None:
        self.path = path
        self.actor = actor
        self.clock = clock
        self._connection = connection
        self._opened = self._opened_before = False
        self._journal = JournalWriter(connection, actor, clock)
        self._evidence: EvidenceWriter | None = None
        self.claims = ClaimProjection(connection)
        """Tags, findings and notes as tables; follows the journal by itself."""

    @property
    def evidence(self) -> EvidenceWriter:
        """What adds evidence; to be used inside :meth:`transaction` only.

        Made when it is first needed: it remembers what values there are, and a note or a tag should not wait for that.
        """
        if self._evidence is None:
            self._evidence = EvidenceWriter(self._connection)
        return self._evidence

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one transaction: on any exception nothing of it has happened.

        Raises:
            CaseFileBusyError, StorageError: If the file cannot be written now.
        """
        with connections.storage_errors(self.path):
            self.begin()
            try:
                yield
            except BaseException:
                self.roll_back()
                raise
            try:
                self.commit()
            except sqlite3.Error:
                self.roll_back()
                raise

    def begin(self) -> None:
        """Begin a transaction."""
        self._opened_before = self._opened
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make the transaction durable."""
        if self._evidence is not None:
            self._evidence.before_commit()
        self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Undo the transaction."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._opened = self._opened_before
        if self._evidence is not None:
            self._evidence.rolled_back()

    def act(self, kind: EntryKind, body: Mapping[str, Json]) -> int:
        """Append what the person did to the journal, within the open transaction, and return its place there.

        Raises:
            CaseFileError: If the journal is not as it was left: somebody wrote to it past the workbench.
        """
        place = self._append(kind, body)
        self.claims.follow()
        return place

    def _append(self, kind: EntryKind, body: Mapping[str, Json]) -> int:
        if not self._opened:
            self._opened = True
            self._journal.append(
                EntryKind.CASE_OPENED, {"application": f"incident-workbench {workbench.__version__}"}
            )
        return self._journal.append(kind, body)

    def merge(self, body: Mapping[str, Json], entries: Sequence[bytes]) -> int:
        """Append the entry that commits to another copy's journal, and keep that journal whole; return its place."""
        place = self._append(EntryKind.JOURNAL_MERGED, body)
        self._journal.take_over(place, entries)
        self.claims.follow()
        return place

    def create(self, case_id: str, title: str) -> None:
        """Append the first entry of a new case."""
        self._opened = True
        self._journal.append(
            EntryKind.CASE_CREATED,
            {
                "application": f"incident-workbench {workbench.__version__}",
                "case_id": case_id,
                "title": title,
            },
        )

    def derived_pass(self, *, anew: bool) -> DerivedPass | None:
        """Begin a pass over the case that brings its sessions and links up to date; ``None`` if they are.

        Args:
            anew: Whether to rebuild everything.
        """
        # Loaded when it is needed: it brings all rules of sessions and gaps along, and adding evidence starts without them.
        from workbench.casefile.derived.writer import DerivedPass

        with connections.storage_errors(self.path):
            begun = DerivedPass(self._connection, self.transaction, anew=anew)
        return begun if begun.needed else None

    def settle_withdrawal(self, evidence_ids: Iterable[int], *, withdrawn: bool) -> None:
        """Take contents out of the derived layer, or back into it, within the open transaction that journalled it.

        Sessions and links are marked as unfinished: they are to be derived next.
        """
        touched: set[int] = set()
        for evidence_id in evidence_ids:
            touched |= set_withdrawn(self._connection, evidence_id, withdrawn=withdrawn)
        touched |= resolve_stages(self._connection, touched)
        for evidence_id in sorted(touched):
            write_tally(self._connection, evidence_id)
        self.claims.place_events()
        mark_unfinished(self._connection)

    def change_pass(self, *, anew: bool) -> ChangePass | None:
        """Begin a pass over the case that brings its changes up to date; ``None`` if they are.

        Args:
            anew: Whether to rebuild everything.
        """
        # Loaded when it is needed: it asks the readers of logs, and most acts do not.
        from workbench.casefile.changes.writer import ChangePass

        with connections.storage_errors(self.path):
            begun = ChangePass(self._connection, self.transaction, anew=anew)
        return begun if begun.needed else None

    def kept_mappings(self) -> list[str]:
        """Return the texts of the mapping files with which evidence of the case was read."""
        rows = self._connection.execute(
            "SELECT DISTINCT json_extract(m.value, '$.text') FROM journal j,"
            " json_each(CAST(j.entry AS TEXT), '$.body.mappings') m"
            " WHERE instr(CAST(j.entry AS TEXT), '\"mappings\"')"
            " AND json_extract(CAST(j.entry AS TEXT), '$.kind') = 'evidence.added'"
        )
        return [row[0] for row in rows]


@contextlib.contextmanager
def write_case(
    path: Path, actor: str, clock: Clock | None = None, *, bulk: bool = False
) -> Iterator[CaseWriter]:
    """Open a case file as its one writer.

    Args:
        path: The case file.
        actor: Who writes, for the journal.
        clock: Where the journal's times come from; the machine's clock by default.
        bulk: Whether many events will be written; see :func:`workbench.casefile.connection.open_for_writing`.

    Raises:
        CaseFileError: If the file is none, newer, foreign, busy or read-only.
    """
    with writer_lock(path):
        connection = connections.open_for_writing(path, bulk=bulk)
        try:
            yield CaseWriter(path, connection, actor, clock or SystemClock())
        finally:
            connection.close()


def create_case(path: Path, *, title: str, examiner: str, clock: Clock | None = None) -> None:
    """Create a case file and write the first entry of its journal.

    Raises:
        CaseFileError: If the path exists already.
        StorageError: If it cannot be written.
    """
    from workbench.casefile.migrations import migrate  # imports sqlite-utils, which only a new case needs

    clock = clock or SystemClock()
    case_id = uuid.uuid4().hex
    created_at = clock.now()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{visible(str(path))} cannot be created ({error.strerror})", "choose a writable folder"
        ) from error
    with writer_lock(path), connections.create(path) as connection:
        migrate(connection)
        writer = CaseWriter(path, connection, examiner, clock)
        with writer.transaction():
            connection.executemany(
                "INSERT INTO case_info (key, value) VALUES (?, ?)",
                [
                    ("case_id", case_id),
                    ("title", title),
                    ("examiner", examiner),
                    ("created_at", str(created_at)),
                ],
            )
            writer.create(case_id, title)
