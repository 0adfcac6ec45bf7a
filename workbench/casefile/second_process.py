"""A second process that does a part of long work on another core, while this one goes on with the rest.

It is started anew, not as a copy: a copy would share what this process holds of the case file, its locks first of all. It
opens the case file by itself, and only for reading. What it does could as well be done here: if it cannot be started or
ends early, for want of memory for example, it is.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

_WAIT = 0.1
"""Seconds between two looks at whether the work was cancelled, while nothing is left to do here."""

Tell = Callable[[int], None]
"""Told by the second process how much it has done, in whatever its work counts."""


class Answer:
    """What a second process will answer to one thing that it was asked.

    Attributes:
        done: How much of it the second process says that it has done.
    """

    def __init__(self) -> None:
        self.done = 0
        self._bytes: bytes | None = None
        self._ended = threading.Event()

    def wait(self, tick: Callable[[], None] = lambda: None) -> bytes | None:
        """Return the answer, ``None`` if there will be none: it is to be done here.

        Args:
            tick: Called again and again meanwhile; may raise to give up.
        """
        while not self._ended.wait(_WAIT):
            tick()
        return self._bytes

    def end(self, told: bytes | None) -> None:
        """Take the answer, or that there is none."""
        self._bytes = told
        self._ended.set()


_Asked = tuple[Answer, Callable[..., bytes], tuple[object, ...]]


class SecondProcess:
    """Does one thing after another; use :func:`second_process` to start it.

    A thread asks and listens, so that the process never waits for somebody to take its answer. What it is asked next waits
    here: it reads nothing while it works, and a full pipe would hold the thread up.
    """

    def __init__(self, connection: Connection | None, case: Path) -> None:
        self._connection = connection
        self._case = case
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._attend, name="second process", daemon=True)
        self._thread.start()

    def ask(self, function: Callable[..., bytes], *arguments: object) -> Answer:
        """Have it call a function, once it has done what it was asked before.

        Args:
            function: A function of a module; it is called with a :data:`Tell`, the path of the case file and the arguments.
            arguments: Values that can be pickled.
        """
        answer = Answer()
        self._asked.put((answer, function, arguments))
        return answer

    def end(self) -> None:
        """Answer nothing any more; the process has ended."""
        self._asked.put(None)
        self._thread.join()

    def _attend(self) -> None:
        while (asked := self._asked.get()) is not None:
            answer, function, arguments = asked
            told = None
            with contextlib.suppress(EOFError, OSError):
                told = self._answered(answer, function, arguments)
            if told is None:
                self._connection = None
            answer.end(told)

    def _answered(
        self, answer: Answer, function: Callable[..., bytes], arguments: tuple[object, ...]
    ) -> bytes | None:
        if self._connection is None:
            return None
        self._connection.send((function, (self._case, *arguments)))
        while isinstance(told := self._connection.recv(), int):
            answer.done = told
        found: bytes = told
        return found


@contextlib.contextmanager
def second_process(case: Path) -> Iterator[SecondProcess]:
    """Start a second process for a case file, and end it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = _started(context, theirs)
    theirs.close()
    second = SecondProcess(None if process is None else ours, case)
    try:
        yield second
    finally:
        if process is not None:
            process.terminate()
            process.join()
        second.end()
        ours.close()


def _started(context: SpawnContext, connection: Connection) -> multiprocessing.process.BaseProcess | None:
    process = context.Process(target=_serve, args=(connection,), daemon=True)
    try:
        with interrupts_held():
            process.start()
    except OSError:
        return None
    return process


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Let processes be started that Ctrl+C never reaches, not even while they start: they inherit the mask.

    The process that starts them decides what an interrupt means; one that comes meanwhile reaches it afterwards.
    """
    resource_tracker.ensure_running()  # its own start would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection) -> None:
    """Do what is asked until the other process closes the pipe, or something goes wrong.

    What went wrong is not told: the other process then does the same, and tells it if it goes wrong there, too.
    """
    gc.disable()
    tell: Callable[[Any], None] = connection.send
    with contextlib.suppress(Exception):
        while True:
            function, arguments = connection.recv()
            tell(function(tell, *arguments))
