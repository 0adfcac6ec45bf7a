"""Reading many files in several processes, their messages handed to the one process that writes.

Each reading process has a pipe of its own. It is handed a few files at a time and sends what it finds in packets of
bounded size through a short queue, so it can go on reading while the writer is busy, and stops when the writer falls
behind: memory stays bounded. If the writing process dies, the pipes close and the readers end by themselves.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import itertools
import multiprocessing
import os
import queue
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess

from workbench.casefile.events.batch import ContentBatch
from workbench.casefile.second_process import interrupts_held
from workbench.casework.ingest.messages import Message
from workbench.casework.ingest.reading import ReadingOptions, Task, read_file
from workbench.casework.memory import GARBAGE, keep_freed_memory
from workbench.errors import EvidenceError

Packet = list[tuple[int, Message]]
"""Messages with the numbers of the files they are about."""

Packets = Generator[Packet, None, None]
Read = Callable[[Iterable[Task]], Packets]
"""Has files read."""

_PACKET_BYTES = 2 * 1024 * 1024
"""Bytes of content after which a packet is sent."""

_PACKET_MESSAGES = 400
"""Messages after which a packet is sent."""

_FILES = 32
"""Files handed to a process at a time."""

_FILE_BYTES = 1024 * 1024
"""Bytes of files, as delivered, after which no more are handed to a process at that time: what is left is for whoever is done
first."""

_AHEAD = 2
"""Times that a process is handed files before it is done with the first of them, so that it never waits for more."""

_QUEUE = 2
"""Packets that a reading process may be ahead of the writer."""


def read_here(tasks: Iterable[Task], options: ReadingOptions) -> Packets:
    """Read files in a thread of this process; for few small ones, where starting other processes costs more."""
    packets: queue.Queue[Packet | BaseException | None] = queue.Queue(_QUEUE)

    def read_all() -> None:
        packer = _Packer(packets.put)
        try:
            for task in tasks:
                read_file(task, options, functools.partial(packer.add, task.number))
            packer.flush()
            packets.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again by the consumer
            packets.put(error)

    threading.Thread(target=read_all, daemon=True).start()
    while (packet := packets.get()) is not None:
        if isinstance(packet, BaseException):
            raise packet
        yield packet


@contextlib.contextmanager
def reading_processes(options: ReadingOptions, processes: int) -> Iterator[Read]:
    """Start processes that read files, and end them.

    Start them before the case file is locked and opened: where they begin as copies of this process they would hold
    its lock too.

    Args:
        options: How files are read.
        processes: How many processes.

    Yields:
        What has files read by them, once. It gives packets; the messages about one file come in order, those about
        different files in any order. It raises EvidenceError if a reading process died.
    """
    workers: dict[Connection, BaseProcess] = {}
    context = _context()
    try:
        with interrupts_held():
            for _ in range(processes):
                ours, theirs = context.Pipe()
                # A copy of this process has the near ends too: with them it would never notice that this one is gone.
                near = (ours, *workers) if context.get_start_method() == "fork" else ()
                workers[ours] = context.Process(target=_serve, args=(theirs, near, options), daemon=True)
                workers[ours].start()
                theirs.close()
        yield functools.partial(_read_all, list(workers))
    finally:
        for connection, worker in workers.items():
            connection.close()
            worker.terminate()
            worker.join()


def _context() -> ForkContext | SpawnContext:
    """Copy this process if that is safe, which saves each reading process half a second; else start new ones.

    A copy has only the thread that made it: what other threads hold locked would stay so for ever.
    """
    if sys.platform.startswith("linux") and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _read_all(workers: list[Connection], tasks: Iterable[Task]) -> Packets:
    waiting = iter(tasks)
    busy: Counter[Connection] = Counter()
    for worker in workers * _AHEAD:
        _hand_out(worker, waiting, busy)
    while busy:
        for ready in wait(list(busy)):
            assert isinstance(ready, Connection)
            with _deaths_told():
                packet = ready.recv()
            if packet is None:
                busy[ready] -= 1
                _hand_out(ready, waiting, busy)
                if not busy[ready]:
                    del busy[ready]
            else:
                yield packet


@contextlib.contextmanager
def _deaths_told() -> Iterator[None]:
    """Say so if the process at the other end of a pipe is gone, for want of memory for example."""
    try:
        yield
    except (EOFError, OSError) as error:
        raise EvidenceError(
            "a reading process died", "what was acknowledged is safe; add the files again"
        ) from error


def _hand_out(connection: Connection, waiting: Iterator[Task], busy: Counter[Connection]) -> None:
    tasks: list[Task] = []
    size = 0
    for task in itertools.islice(waiting, _FILES):
        tasks.append(task)
        size += task.size
        if size >= _FILE_BYTES:
            break
    if tasks:
        with _deaths_told():
            connection.send(tasks)
        busy[connection] += 1


def _serve(connection: Connection, near: tuple[Connection, ...], options: ReadingOptions) -> None:
    """Read files until the writing process closes the pipe.

    Args:
        connection: The pipe.
        near: Ends of pipes that belong to the writing process alone.
        options: How files are read.
    """
    for end in near:
        end.close()
    gc.set_threshold(GARBAGE)
    keep_freed_memory()
    packets: queue.Queue[Packet | None] = queue.Queue(_QUEUE)
    handed: queue.Queue[list[Task] | None] = queue.Queue()
    threading.Thread(target=_send, args=(connection, packets), daemon=True).start()
    threading.Thread(target=_receive, args=(connection, handed), daemon=True).start()
    packer = _Packer(packets.put)
    while (tasks := handed.get()) is not None:
        for task in tasks:
            read_file(task, options, functools.partial(packer.add, task.number))
        packer.flush()
        packets.put(None)


def _receive(connection: Connection, handed: queue.Queue[list[Task] | None]) -> None:
    """Take files at once, while others are read: the writer would wait for ever if it waited for a process that waits for it."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            handed.put(connection.recv())
    handed.put(None)


def _send(connection: Connection, packets: queue.Queue[Packet | None]) -> None:
    while True:
        try:
            connection.send(packets.get())
        except OSError:
            os._exit(0)  # the writer is gone; nobody waits for anything here


class _Packer:
    """Collects messages until a packet is worth sending."""

    def __init__(self, send: Callable[[Packet], None]) -> None:
        self._send = send
        self._packet: Packet = []
        self._size = 0

    def add(self, number: int, message: Message) -> None:
        self._packet.append((number, message))
        if isinstance(message, ContentBatch):
            self._size += message.size
        if self._size >= _PACKET_BYTES or len(self._packet) >= _PACKET_MESSAGES:
            self.flush()

    def flush(self) -> None:
        if self._packet:
            self._send(self._packet)
            self._packet, self._size = [], 0
