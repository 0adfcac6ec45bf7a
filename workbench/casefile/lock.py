"""One writer at a time, over processes: an operating-system lock beside the case file.

SQLite's own locks protect single transactions; this one protects a whole act such as adding a folder, and can say who
holds it. It is a file of its own because opening and closing the case file itself would drop SQLite's POSIX locks
(https://sqlite.org/howtocorrupt.html section 2.2).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import CaseFileBusyError, StorageError
from workbench.text import visible


@contextlib.contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Hold the right to write to a case file.

    Raises:
        CaseFileBusyError: If another process holds it; the message names its process number.
        StorageError: If the folder cannot be written.
    """
    # Whichever name a case file is opened by, its lock is the one beside the file itself.
    real = Path(os.path.realpath(path))
    lock_path = real.with_name(real.name + ".lock")
    descriptor = _acquire(lock_path, path)
    try:
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same and names nobody
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        # Removed while still held: a process that waits on the removed file notices and starts again.
        with contextlib.suppress(FileNotFoundError):
            lock_path.unlink()
        os.close(descriptor)


def _acquire(lock_path: Path, path: Path) -> int:
    name = visible(str(path))
    while True:
        try:
            descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"{name} cannot be written ({error.strerror})",
                "a case file must lie in a writable folder",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace") or "unknown"
            os.close(descriptor)
            raise CaseFileBusyError(
                f"{name} is being written by another workbench (process {visible(holder)})",
                "wait until it is done",
            ) from None
        with contextlib.suppress(FileNotFoundError):
            if lock_path.stat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        os.close(descriptor)
