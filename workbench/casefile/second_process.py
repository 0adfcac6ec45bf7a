"""A second process that does a part of long work on another core, while this one goes on with the rest.

It is started anew, not as a copy: a copy would share what this process holds of the case file, its locks first of all. It
opens the case file by itself, and only for reading. What it does could as well be done here: if it cannot be started or
ends early, for want of memory for example, it is.
"""

from __future__ import annotations

import collections
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


class Answer:
    """What a second process will answer to one thing that it was asked."""

    def __init__(self, second: SecondProcess) -> None:
        self._second = second
        self._done = 0
        self._bytes: bytes | None = None

    @property
    def done(self) -> int:
        """How much of it the second process says that it has done."""
        self._second.listen(self, 0)
        return self._done

    def wait(self, tick: Callable[[], None] = lambda: None) -> bytes | None:
        """Return the answer, ``None`` if there will be none: it is to be done here.

        Args:
            tick: Called again and again meanwhile; may raise to give up.
        """
        while self._second.listen(self, _WAIT):
            tick()
        return self._bytes

    def take(self, told: int | bytes) -> bool:
        """Take what the second process told; return whether that is the answer."""
        if isinstance(told, int):
            self._done = told
            return False
        self._bytes = told
        return True


class SecondProcess:
    """Does one thing after another; use :func:`second_process` to start it."""

    def __init__(self, connection: Connection | None, case: Path) -> None:
        self._connection = connection
        self._case = case
        self._asked: collections.deque[tuple[Answer, Callable[..., bytes], tuple[object, ...]]] = (
            collections.deque()
        )

    def ask(self, function: Callable[..., bytes], *arguments: object) -> Answer:
        """Have it call a function, once it has done what it was asked before.

        Args:
            function: A function of a module; it is called with a :data:`Tell`, the path of the case file and the arguments.
            arguments: Values that can be pickled.
        """
        answer = Answer(self)
        self._asked.append((answer, function, arguments))
        if len(self._asked) == 1:
            self._send()
        return answer

    def listen(self, answer: Answer, seconds: float) -> bool:
        """Hear what it tells, for so long at most; return whether this answer is still to come."""
        try:
            while self._connection is not None and self._asked and self._connection.poll(seconds):
                heard = self._asked[0][0]
                if heard.take(self._connection.recv()):
                    self._asked.popleft()
                    self._send()
                    if heard is answer:
                        break
        except (EOFError, OSError):
            self._connection = None
        return self._connection is not None and any(each is answer for each, _, _ in self._asked)

    def _send(self) -> None:
        # What it is asked next waits here: it reads nothing while it works, and a full pipe would hold this process up.
        if self._asked and self._connection is not None:
            _, function, arguments = self._asked[0]
            try:
                self._connection.send((function, (self._case, *arguments)))
            except OSError:
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
