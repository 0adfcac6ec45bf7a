"""Opening a case file, which may be broken, foreign or hostile, for reading or for writing.

A case file is read through connections that cannot write, and before anything else runs its schema is compared with
the known one: no trigger or view of others is ever run. Settings follow https://sqlite.org/security.html and, for
durability, https://sqlite.org/pragma.html#pragma_synchronous (EXTRA: the directory entry of the journal is synced too).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

from workbench.casefile.schema import APPLICATION_ID, SCHEMA_VERSION, expected_shape, shape_of
from workbench.errors import (
    CaseFileBusyError,
    CaseFileError,
    ForeignSchemaError,
    NewerSchemaError,
    NotACaseFileError,
    OlderSchemaError,
    StorageError,
)
from workbench.text import visible

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process's short transaction before giving up."""

_CACHE_KIB = 64 * 1024
"""Page cache of the writer: larger than any transaction, so that none is written out, locking readers, before it commits."""

_PAGE_BYTES = 8192
"""Of a new case file. Inserting 300,000 events takes a tenth less time than with pages of 4096 bytes. Larger ones gain as much
again there; but by arithmetic they cost more beyond some millions of events, where a transaction touches most pages of the
tables that are in no order."""

sqlite3.register_adapter(bytes, bytes)
# Bytes are stored as they are. With no adapter for them the module looks for one, in vain, at every value: a tenth of the time of
# inserting an event goes there.

_READONLY_CODES = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN)


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ones that say what to do.

    Raises:
        CaseFileBusyError, StorageError, NotACaseFileError: In place of :class:`sqlite3.Error`.
    """
    name = visible(str(path))
    try:
        yield
    except UnicodeDecodeError as error:
        raise NotACaseFileError(
            f"{name} is damaged (it holds text that is none)", "work on a copy; ask for the original"
        ) from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        code = None if code is None else code & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise CaseFileBusyError(
                f"{name} is being written by another process", "try again in a moment"
            ) from error
        if code == sqlite3.SQLITE_FULL:
            raise StorageError(
                f"the disk of {name} is full", "free some space and repeat; what was acknowledged is safe"
            ) from error
        if code in _READONLY_CODES:
            raise StorageError(
                f"{name} cannot be written", "it is read-only: copy the case file to a writable disk first"
            ) from error
        if code == sqlite3.SQLITE_IOERR:
            raise StorageError(
                f"the disk of {name} failed ({error})", "copy the case file elsewhere and check the disk"
            ) from error
        if code == sqlite3.SQLITE_NOTADB:
            raise NotACaseFileError(
                f"{name} is not a case file", "make one with: workbench new PATH"
            ) from error
        # Text that is no UTF-8 is told by the module, without a code of SQLite's.
        if code == sqlite3.SQLITE_CORRUPT or "decode to UTF-8" in str(error):
            raise NotACaseFileError(
                f"{name} is damaged ({error})", "work on a copy; sqlite3's .recover command may save its rows"
            ) from error
        raise


def open_for_reading(path: Path, needed: Collection[str] | None = None) -> sqlite3.Connection:
    """Open a case file through a connection that cannot write.

    Args:
        path: The case file.
        needed: Names of the tables and views that will be read, for a check of a file that was altered: the rest of its schema
            may then be anything, for reading a table runs no trigger, and no view that is not named.

    Raises:
        NotACaseFileError: If it is missing, no SQLite file, or another application's.
        NewerSchemaError: If a newer workbench wrote it.
        OlderSchemaError: If an earlier one did.
        ForeignSchemaError: If it holds anything but the known tables, views and triggers, or what is needed is not as it must be.
    """
    if not path.is_file():
        raise NotACaseFileError(
            f"there is no case file {visible(str(path))}",
            f"make one with: workbench new {visible(str(path))}",
        )
    try:
        return _open(path, "ro", needed)
    except StorageError:
        # A process was killed in the middle of a transaction: its rollback journal lies beside the case file, and a
        # read-only connection may not play it back. Doing so restores what was last acknowledged, nothing else.
        real = Path(os.path.realpath(path))
        if not real.with_name(real.name + "-journal").exists():
            raise
        with contextlib.closing(_open(path, "rw", needed)):
            pass
        return _open(path, "ro", needed)


def open_for_writing(path: Path, *, bulk: bool = False) -> sqlite3.Connection:
    """Open a case file for the one process that writes; the caller holds the writer's lock.

    Args:
        path: The case file.
        bulk: Whether SQLite may trust that the numbers written refer to rows that exist. Looking each of them up again
            takes as long as writing the events; they come out of the same tables in the same transaction.

    Raises:
        CaseFileError: As :func:`open_for_reading`; :class:`StorageError` if the file or its folder is read-only.
    """
    with contextlib.closing(open_for_reading(path)):
        pass
    connection = _open(path, "rw")
    with storage_errors(path):
        if connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            raise CaseFileError(
                f"{visible(str(path))} is open in another journal mode", "close other programs that use it"
            )
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute("PRAGMA cache_spill = OFF")
        if bulk:
            connection.execute("PRAGMA foreign_keys = OFF")
    return connection


@contextlib.contextmanager
def create(path: Path) -> Iterator[sqlite3.Connection]:
    """Create a case file: the database is empty at first, and gets its name when the caller is done with it.

    Until then it has another name, so that a process killed meanwhile leaves no half of a case file; what it leaves is
    removed by the next one. The caller holds the writer's lock.

    Raises:
        CaseFileError: If the path exists already.
        StorageError: If it cannot be written.
    """
    if os.path.lexists(path):
        raise CaseFileError(
            f"{visible(str(path))} exists already",
            "choose another name, or add evidence to it with: workbench add",
        )
    unnamed = path.with_name(f"{path.name}.new")
    left_over = (unnamed, path.with_name(f"{unnamed.name}-journal"))
    try:
        for file in left_over:
            file.unlink(missing_ok=True)
        with storage_errors(path):
            connection = sqlite3.connect(unnamed, isolation_level=None, timeout=BUSY_TIMEOUT)
            try:
                connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
                yield connection
            finally:
                connection.close()
        unnamed.rename(path)
        _sync_folder(path.parent)
    except BaseException as error:
        for file in left_over:
            with contextlib.suppress(OSError):
                file.unlink()
        if isinstance(error, OSError):
            raise StorageError(
                f"{visible(str(path))} cannot be created ({error.strerror})", "choose a writable folder"
            ) from error
        raise


def _sync_folder(folder: Path) -> None:
    """Make a change of names in a folder durable, on file systems that can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, mode: str, needed: Collection[str] | None = None) -> sqlite3.Connection:
    with storage_errors(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=BUSY_TIMEOUT,
            check_same_thread=False,  # interrupt() and close() come from other threads; statements never do
        )
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("PRAGMA mmap_size = 0")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA foreign_keys = ON")
            if mode == "ro":
                connection.execute("PRAGMA query_only = ON")
            _check(connection, path, needed)
        except BaseException:
            connection.close()
            raise
    return connection


def _check(connection: sqlite3.Connection, path: Path, needed: Collection[str] | None) -> None:
    name = visible(str(path))
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise NotACaseFileError(f"{name} is not a case file", "it is empty or some other program's database")
    if version > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"{name} was written by a newer workbench (schema {version}, this one knows {SCHEMA_VERSION})",
            "open it with that version or a later one",
        )
    if version < SCHEMA_VERSION:
        raise OlderSchemaError(
            f"{name} was made by an earlier workbench (schema {version}, this one writes {SCHEMA_VERSION})",
            "open it with that version, or make a new case and add the evidence again",
        )
    found, expected = shape_of(connection), expected_shape()
    if needed is not None:
        # An index of others could be what a read of the table goes by.
        found, expected = (
            frozenset(each for each in shape if each[0] != "trigger" and each[2] in needed)
            for shape in (found, expected)
        )
    if found != expected:
        strange = sorted(f"{kind} {visible(label)}" for kind, label, _, _ in found - expected)
        missing = sorted(f"{kind} {label}" for kind, label, _, _ in expected - found)
        raise ForeignSchemaError(
            f"{name} does not have the schema of a case file "
            f"(not ours: {', '.join(strange[:3]) or 'nothing'}; missing: {', '.join(missing[:3]) or 'nothing'})",
            "it was altered by another program; do not trust it, ask for the original",
        )
