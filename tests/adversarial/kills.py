"""Killing the workbench: as a process tree from outside, and between any two steps of its own code."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any


def processes_with(mark: str) -> list[int]:
    """Return the processes whose environment holds a mark, on Linux; such a mark is inherited by children."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                mark.encode() in (folder / "environ").read_bytes()
                and (folder / "stat").read_text().split(")")[1][1] != "Z"
            ):
                found.append(int(folder.name))
        except (OSError, IndexError):
            continue
    return found


def command_of(process: int) -> bytes:
    """Return the command of a process; nothing if it has ended meanwhile."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_until_gone(mark: str, seconds: float) -> list[int]:
    """Wait for all processes with a mark to end; return those that are still there."""
    deadline = time.monotonic() + seconds
    while (left := processes_with(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def steps_of(act: Callable[[], object]) -> int:
    """Count the calls and returns that this thread makes for an act."""
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(step)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def killed_at(number: int, act: Callable[[], object]) -> bool:
    """Do an act in a forked process that kills itself at its ``number``-th call or return; return whether it got so far."""
    left = number

    def step(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return _killed(lambda: sys.setprofile(step), act)


def killed_after(seconds: float, act: Callable[[], object]) -> bool:
    """Do an act in a forked process that a timer ends, whatever it is in the middle of; return whether it was ended.

    The timer's signal is left to the kernel, which ends the process at once: also inside SQLite, while it commits.
    """

    def set_timer() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    return _killed(set_timer, act)


def _killed(prepare: Callable[[], object], act: Callable[[], object]) -> bool:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            prepare()
            act()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
