"""Notes, tags and findings that were begun and not committed: kept on this machine, outside the case file.

A crash loses none of their text. One file a draft, for its author alone, in the folder for state of the XDG base directory
specification (https://specifications.freedesktop.org/basedir-spec/latest/).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Draft(msgspec.Struct, frozen=True):
    """A note as far as it was typed.

    Attributes:
        text: Its text.
        refers_to: The time it is about, as typed.
        on: What it is about, as typed.
    """

    text: str
    refers_to: str = ""
    on: str = ""


def state_folder() -> Path:
    """Return where drafts lie; the variable counts only if it is an absolute path."""
    given = Path(os.environ.get("XDG_STATE_HOME") or "")
    base = given if given.is_absolute() else Path.home() / ".local" / "state"
    return base / "incident-workbench" / "drafts"


KEEP = 0.5
"""Seconds between two looks at whether something was typed that is to be kept."""


class Drafts:
    """The drafts of one examiner on one case."""

    def __init__(self, case_id: str, examiner: str, folder: Path | None = None) -> None:
        self._folder = state_folder() if folder is None else folder
        self._of = f"{case_id}\0{examiner.casefold()}"
        # One thread: what was typed last is also written last.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drafts")

    def path(self, key: str) -> Path:
        """Return the file of a draft.

        Args:
            key: What it is about: of a note the id of the one that it corrects, empty for a new one; of a tag or a finding
                the word, and the reference or id of what it is about.
        """
        name = hashlib.sha256(f"{self._of}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{name[:32]}.json"

    async def kept(self, key: str) -> Draft | None:
        """Return the draft of a note, ``None`` if there is none that can be read."""
        return await self._run(lambda: self._read(key, Draft))

    async def kept_fields(self, key: str) -> dict[str, str]:
        """Return the fields of a dialog as they were left, by name; none if there is no draft that can be read."""
        return await self._run(lambda: self._read(key, dict[str, str])) or {}

    async def keep(self, key: str, draft: Draft | dict[str, str]) -> None:
        """Write a draft in place of the one before; it is on disk when this returns. Raises ``OSError``."""
        await self._run(lambda: self._write(self.path(key), msgspec.json.encode(draft)))

    async def drop(self, key: str) -> None:
        """Remove a draft, if there is one."""

        def remove() -> None:
            with contextlib.suppress(OSError):
                self.path(key).unlink()

        await self._run(remove)

    def _read(self, key: str, form: type[T]) -> T | None:
        try:
            return msgspec.json.decode(self.path(key).read_bytes(), type=form)
        except (OSError, ValueError):
            return None

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


class FieldsKeeper:
    """Keeps the fields of one dialog while they are filled in.

    Args:
        drafts: Where they are kept.
        key: What the dialog is about.
        fields: What stands in it at first; as long as nothing else does, there is nothing to keep.
    """

    def __init__(self, drafts: Drafts, key: str, fields: dict[str, str]) -> None:
        self._drafts = drafts
        self._key = key
        self._last = fields
        self._over = False

    async def keep(self, fields: dict[str, str]) -> None:
        """Keep what was typed since the last time; without any field the draft is dropped. Raises ``OSError``."""
        if self._over or fields == self._last:
            return
        before, self._last = self._last, fields
        try:
            await (self._drafts.keep(self._key, fields) if fields else self._drafts.drop(self._key))
        except OSError:
            self._last = before
            raise

    async def drop(self) -> None:
        """Remove the draft; nothing is kept any more."""
        self._over = True
        await self._drafts.drop(self._key)


def cannot_be_kept(error: OSError) -> str:
    """Say that a draft is lost if one leaves now."""
    return f"THE DRAFT CANNOT BE KEPT on this machine ({error.strerror}): commit it; Esc again loses it"
