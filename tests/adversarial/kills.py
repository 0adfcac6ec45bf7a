"""Killing the workbench: as a process tree from outside, and between any two steps of its own code."""

from __future__ import annotations

import os
import signal
import sys
import threading
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


def killed_at(number: int, act: Callable[[], object], *, every_thread: bool = False) -> bool:
    """Do an act in a forked process that kills itself at its ``number``-th call or return; return whether it got so far."""
    child = os.fork()
    if child == 0:
        try:
            _countdown(number, every_thread)
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _countdown(number: int, every_thread: bool) -> None:
    left = number

    def step(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if every_thread:
        threading.setprofile(step)
    sys.setprofile(step)
