"""Which files are to be added, under which names, and which cannot even be looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from workbench.evidence.containers import Unreadable, walk
from workbench.text import printable


class Candidate(msgspec.Struct, frozen=True):
    """A file that is to be added.

    Attributes:
        path: Where it is.
        name: What it is called in the case: its path relative to the folder that was given.
        size: Its size in bytes.
        modified_at: When it was last modified, microseconds UTC.
    """

    path: Path
    name: str
    size: int
    modified_at: int | None


class Skipped(NamedTuple):
    """A file that was not added, and why."""

    name: str
    reason: str


_OWN = "it is the case itself: a case cannot be its own evidence"
"""Why the case file and its lock are left out. Reading the case file here would also be dangerous: closing a second handle on
it drops the locks that SQLite holds (https://sqlite.org/howtocorrupt.html section 2.2)."""


def candidates(paths: list[Path], case: Path) -> tuple[list[Candidate], list[Skipped]]:
    """List the files to add, named relative to what was given, and what cannot even be looked at."""
    found: list[Candidate] = []
    failed: list[Skipped] = []
    real = Path(os.path.realpath(case))
    own = [each.stat() for each in (real, real.with_name(real.name + ".lock")) if each.exists()]
    for given in paths:
        base = given if given.is_dir() else given.parent
        for path in walk(given):
            if isinstance(path, Unreadable):
                failed.append(Skipped(printable(str(path.path)), path.reason))
                continue
            name = printable(str(path.relative_to(base)))
            try:
                status = path.stat()
            except OSError as error:
                failed.append(Skipped(name, error.strerror or str(error)))
                continue
            if any(os.path.samestat(status, each) for each in own):
                failed.append(Skipped(name, _OWN))
                continue
            found.append(Candidate(path, name, status.st_size, status.st_mtime_ns // 1000))
    return found, failed
