"""Adding evidence from the screens: the command line does it in a process of its own, its progress is read here."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from workbench.text import visible

SAID = 60
"""Last lines of the command's own words that are kept."""


class AddProgress(msgspec.Struct, frozen=True):
    """How far the work has come, as ``workbench add --progress json`` tells it line by line.

    Attributes:
        files_done: Files acknowledged.
        files_total: Files found so far.
        bytes_done: Bytes read.
        bytes_total: Bytes to read, 0 if not known.
        events: Events read.
        file: The file being read.
    """

    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    events: int = 0
    file: str = ""


def add_command(case: Path, values: Mapping[str, str]) -> list[str]:
    """Return the command that adds evidence.

    Args:
        case: The case file.
        values: ``path`` and, where given, ``custodian``, ``acquired_at``, ``acquired_by``, ``how``, ``note``, ``timezone``,
            ``mapping``.
    """
    command = [sys.executable, "-m", "workbench", "add", "--progress", "json"]
    options = ("examiner", "custodian", "acquired_at", "acquired_by", "how", "note", "timezone", "mapping")
    command += [f"--{name.replace('_', '-')}={values[name]}" for name in options if values.get(name)]
    return [*command, "--", str(case), values["path"]]


class AddProcess:
    """One run of the command; it can be stopped, and what it acknowledged stays."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self.cancelled = False

    async def run(self, told: Callable[[AddProgress], None]) -> tuple[int, list[str]]:
        """Run to the end.

        Args:
            told: Called with each step of progress.

        Returns:
            Exit status, and the lines that are no progress: what was done, and what went wrong if something did.
        """
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        stream = self._process.stderr
        said: list[str] = []
        if stream is not None:
            while line := await _line(stream):
                try:
                    progress = msgspec.convert(json.loads(line), AddProgress)
                except (ValueError, msgspec.ValidationError):
                    said.append(visible(line.decode(errors="replace").strip()))
                else:
                    told(progress)
        return await self._process.wait(), [line for line in said if line][-SAID:]

    def cancel(self) -> None:
        """Ask the process to stop after what it is writing, as Ctrl+C would."""
        self.cancelled = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)


async def _line(stream: asyncio.StreamReader) -> bytes:
    """Read a line; one that is longer than the stream's limit comes in pieces."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.readexactly(error.consumed)
