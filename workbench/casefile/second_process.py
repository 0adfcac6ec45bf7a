"""A second process that does a part of long work on another core, while this one goes on with the rest.

It is started anew, not as a copy: a copy would share what this process holds of the case file, its locks first of all. It
opens the case file by itself, and only for reading. What it does could as well be done here: if it cannot be started or
ends early, for want of memory for example, it is.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import signal
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


class SecondProcess:
    """Does one thing after another; use :func:`second_process` to start it."""

    def __init__(self, connection: Connection | None, case: Path) -> None:
        self._connection = connection
        self._case = case
        self._done = 0
        self._answer: bytes | None = None

    def ask(self, function: Callable[..., bytes], *arguments: object) -> None:
        """Have it call a function, of which it must have told the answer to the one before.

        Args:
            function: A function of a module; it is called with a :data:`Tell`, the path of the case file and the arguments.
            arguments: Values that can be pickled.
        """
        self._done, self._answer = 0, None
        if self._connection is not None:
            with self._deaths():
                self._connection.send((function, (self._case, *arguments)))

    @property
    def done(self) -> int:
        """How much of what it was asked it says that it has done."""
        self._listen(0)
        return self._done

    def answer(self, tick: Callable[[], None] = lambda: None) -> bytes | None:
        """Return its answer, ``None`` if there will be none: it is to be done here.

        Args:
            tick: Called again and again meanwhile; may raise to give up.
        """
        while self._answer is None and self._connection is not None:
            self._listen(_WAIT)
            tick()
        return self._answer

    def _listen(self, seconds: float) -> None:
        with self._deaths():
            while self._answer is None and self._connection is not None and self._connection.poll(seconds):
                told = self._connection.recv()
                if isinstance(told, int):
                    self._done = told
                else:
                    self._answer = told

    @contextlib.contextmanager
    def _deaths(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            self._connection = None


@contextlib.contextmanager
def second_process(case: Path) -> Iterator[SecondProcess]:
    """Start a second process for a case file, and end it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    try:
        process = _started(context, theirs)
        theirs.close()
        try:
            yield SecondProcess(None if process is None else ours, case)
        finally:
            if process is not None:
                process.terminate()
                process.join()
    finally:
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
