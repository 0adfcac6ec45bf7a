"""Files that commands read and write beside the case file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from workbench.errors import StorageError, WorkbenchError
from workbench.text import visible

FILE = click.Path(path_type=Path, dir_okay=False)
"""A file, not a folder."""


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises:
        WorkbenchError: If it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise WorkbenchError(f"{visible(str(path))} cannot be read ({reason})", "check the path") from error


def write_new(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet, durably: it may be on a stick that is pulled out next.

    Raises:
        StorageError: If it exists or cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(
            f"{visible(str(path))} cannot be written ({error.strerror})",
            "choose a new name on a disk with room",
        ) from error
