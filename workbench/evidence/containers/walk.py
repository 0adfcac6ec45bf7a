"""The regular files of a folder, in an order that depends on their names alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from workbench.errors import EvidenceError
from workbench.text import visible


class Unreadable(msgspec.Struct, frozen=True):
    """Something in a folder that is not read, and why.

    Attributes:
        path: Where it lies.
        reason: Why it is not read.
    """

    path: Path
    reason: str


def walk(path: Path) -> Iterator[Path | Unreadable]:
    """Yield a file, or all regular files below a folder.

    Links are reported and not followed, since they may lead out of what was delivered; pipes, sockets and
    devices are reported and never opened. Within a folder the order is that of the bytes of the names. Only
    the names of the folders on the way to the present one are held in memory.

    Args:
        path: A file or folder; a link is followed here and nowhere else, since a person named it.

    Raises:
        EvidenceError: If nothing lies at ``path``.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise EvidenceError(
            f"cannot read {visible(str(path))}: {_reason(error)}", "give a file or a folder that exists"
        ) from error
    if stat.S_ISDIR(mode):
        yield from _walk_folder(path)
    else:
        yield path if stat.S_ISREG(mode) else Unreadable(path, _NOT_REGULAR)


_NOT_REGULAR = "not a regular file: it was not opened"
_FILE, _FOLDER, _LINK, _OTHER = range(4)


def _walk_folder(top: Path) -> Iterator[Path | Unreadable]:
    # Iterators of entries yet to come, from the top folder to the present one: no recursion, however deep.
    waiting = [_entries(top)]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
        elif isinstance(found, Unreadable):
            yield found
        else:
            path, kind = found
            if kind == _FILE:
                yield path
            elif kind == _FOLDER:
                waiting.append(_entries(path))
            elif kind == _LINK:
                yield Unreadable(path, "a symbolic link: it was not followed")
            else:
                yield Unreadable(path, _NOT_REGULAR)


def _entries(folder: Path) -> Iterator[tuple[Path, int] | Unreadable]:
    try:
        with os.scandir(folder) as entries:
            names = sorted((os.fsencode(entry.name), _kind(entry)) for entry in entries)
    except OSError as error:
        yield Unreadable(folder, _reason(error))
        return
    for name, kind in names:
        yield folder / os.fsdecode(name), kind


def _kind(entry: os.DirEntry[str]) -> int:
    try:
        if entry.is_symlink():
            return _LINK
        if entry.is_file(follow_symlinks=False):
            return _FILE
        return _FOLDER if entry.is_dir(follow_symlinks=False) else _OTHER
    except OSError:
        # It vanished or cannot be looked at: opening it as a file gives the reason.
        return _FILE


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
