"""Looking for what records state about changes in a process of its own, while this one derives sessions.

Both cores have work so. The process reads the case file through a connection of its own that cannot write, keeps what it
finds until it is asked, and stops looking when that becomes much. It says nothing of what goes wrong: what it did not look at,
for whatever reason, is looked at by the process that asks, which then meets the same error where it is told.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from workbench.casefile.changes.rows import Found
from workbench.casework.garbage import GARBAGE
from workbench.casework.ingest.processes import interrupts_held
from workbench.model.change import Statement
from workbench.model.event import OutcomeStatus

_ALONE = 50_000
"""Events up to which no process is started: its start takes as long as the look."""

_KEPT = 64 * 1024 * 1024
"""Bytes that the process keeps before it waits to be asked."""

Stretch = tuple[int, int]
"""The first and the last row number of events that are looked at together."""


@contextlib.contextmanager
def looking_ahead(case: Path, stretches: Sequence[Stretch]) -> Iterator[Iterator[list[Found]]]:
    """Have stretches of events looked at meanwhile by another process, if they are many; it ends with the context.

    Args:
        case: The case file.
        stretches: The stretches.

    Yields:
        What was found in each of the first stretches, in their order. Where it ends before they do, the others were not
        looked at.
    """
    if (os.cpu_count() or 1) < 2 or sum(high - low + 1 for low, high in stretches) <= _ALONE:
        yield iter(())
        return
    # Never a copy of this process: that would hold the lock of the case file, and its connection.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, case, stretches), daemon=True)
    try:
        with interrupts_held(), contextlib.suppress(OSError):
            process.start()
        theirs.close()
        yield _answers(ours)
    finally:
        ours.close()
        if process.pid is not None:
            process.terminate()
            process.join()


def _answers(connection: Connection) -> Iterator[list[Found]]:
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send_bytes(b"next")
            yield unpacked(connection.recv_bytes())


def _serve(connection: Connection, case: Path, stretches: Sequence[Stretch]) -> None:
    """Look at stretches until all are handed over, or nobody asks any more."""
    from workbench.casefile.changes.looker import ChangeLooker
    from workbench.casefile.connection import open_for_reading

    gc.set_threshold(GARBAGE)
    kept: collections.deque[bytes] = collections.deque()
    size = 0
    with connection, contextlib.suppress(Exception), contextlib.closing(open_for_reading(case)) as opened:
        looker = ChangeLooker(opened)
        waiting = iter(stretches)
        stretch = next(waiting, None)
        while stretch is not None or kept:
            if stretch is not None and (not kept or (size < _KEPT and not connection.poll())):
                found = packed(looker.statements(*stretch))
                kept.append(found)
                size += len(found)
                stretch = next(waiting, None)
            else:
                connection.recv_bytes()
                found = kept.popleft()
                size -= len(found)
                connection.send_bytes(found)


class _Packet(msgspec.Struct, array_like=True, gc=False):
    """What was found in a stretch. What many records state alike is there once.

    Attributes:
        statements: What records state.
        found: Event, first position, time, coarse, outcome, mark of each record, and which of the statements are its.
    """

    statements: list[list[Statement]]
    found: list[tuple[int, int, int | None, bool, OutcomeStatus, str, int]]


_DECODER = msgspec.msgpack.Decoder(_Packet)


def packed(found: Iterable[Found]) -> bytes:
    """Return what was found as bytes."""
    statements: list[list[Statement]] = []
    numbers: dict[int, int] = {}
    rows = []
    for event, first, time, coarse, outcome, mark, stated in found:
        number = numbers.get(id(stated))
        if number is None:
            number = numbers[id(stated)] = len(statements)
            statements.append(stated)  # kept, so that no other list gets its id meanwhile
        rows.append((event, first, time, coarse, outcome, mark, number))
    return msgspec.msgpack.encode((statements, rows))


def unpacked(data: bytes) -> list[Found]:
    """Return what was found, from bytes."""
    packet = _DECODER.decode(data)
    return [
        Found(event, first, time, coarse, outcome, mark, packet.statements[number])
        for event, first, time, coarse, outcome, mark, number in packet.found
    ]
