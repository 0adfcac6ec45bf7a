"""The check of a case file behind the screens, once it was opened: its pages and its record, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import enum
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from workbench.text import visible


class Sureness(enum.Enum):
    """How sure one can be of a case file."""

    CHECKING = "its pages and its record are being checked"
    SOUND = "its pages and its record are sound; nobody has checked the evidence"
    UNCHECKED = "the check could not be done"
    UNSOUND = "something is wrong with its pages or its record"
    KEPT = "the check of evidence and record found nothing; what is derived was not compared"
    VERIFIED = "the check of evidence and record found nothing, nor did making the derived layer anew and comparing it"
    ALTERED = "the check of evidence and record found something"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a check.

    Attributes:
        sureness: How sure one can be.
        wrong: What is wrong, or why there was no check; safe to show.
        entries: How many entries of the journal were there to be checked; ``None`` if there was no check.
    """

    sureness: Sureness
    wrong: tuple[str, ...] = ()
    entries: int | None = None


class Check(Protocol):
    """A check that was begun by whoever calls ``outcome``."""

    def outcome(self) -> Outcome:
        """Check; called once, in a thread of its own."""
        ...

    def stop(self) -> None:
        """End it, from any thread, without waiting."""
        ...


class QuickCheck:
    """Runs ``workbench verify --quick``, with low priority where the machine knows that."""

    def __init__(self, case: Path) -> None:
        nice = shutil.which("nice")
        low = [nice, "-n", "10"] if nice else []
        self._command = [
            *low,
            sys.executable,
            "-m",
            "workbench",
            "verify",
            "--quick",
            "--json",
            "--",
            str(case),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def outcome(self) -> Outcome:
        """Run it to its end."""
        with self._lock:
            if self._stopped:
                return Outcome(Sureness.UNCHECKED)
            try:
                self._process = process = subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
            except OSError as error:
                return Outcome(Sureness.UNCHECKED, (visible(str(error)),))
        out, said = process.communicate()
        try:
            *findings, sums = [json.loads(line) for line in out.splitlines()]
            wrong = tuple(visible(f"{one['where']}: {one['what']}") for one in findings if one["failed"])
            return Outcome(Sureness.UNSOUND if sums["failed"] else Sureness.SOUND, wrong, sums["entries"])
        except (ValueError, KeyError, TypeError):
            return Outcome(Sureness.UNCHECKED, (visible(said.decode(errors="replace").strip()),))

    def stop(self) -> None:
        """Kill the process; it only reads, so nothing is lost."""
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


def begin(check: Check, told: Callable[[Outcome], None]) -> None:
    """Begin a check; nobody waits for it, not even the end of the program.

    Args:
        check: The check.
        told: Called in the running loop with what came of it, if the loop still runs then.
    """
    loop = asyncio.get_running_loop()

    def work() -> None:
        outcome = check.outcome()
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(told, outcome)

    threading.Thread(target=work, name="check", daemon=True).start()
