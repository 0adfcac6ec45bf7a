"""Looking for what records state about changes in a second process, while this one derives sessions and then chains changes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from workbench.casefile.changes.looker import ChangeLooker
from workbench.casefile.changes.rows import Found
from workbench.casefile.connection import open_for_reading
from workbench.casefile.second_process import SecondProcess, Tell
from workbench.model.change import Statement
from workbench.model.event import OutcomeStatus

_ANSWER = 64 * 1024 * 1024
"""Bytes from which on an answer ends: so much lies in memory until it is asked for."""

Stretch = tuple[int, int]
"""The first and the last row number of events that are looked at together."""


def look_ahead(second: SecondProcess, stretches: Sequence[Stretch]) -> Iterator[list[Found]]:
    """Have stretches of events looked at from now on.

    Args:
        second: Looks at them, after what else it was asked.
        stretches: The stretches.

    Returns:
        What was found in each of the first stretches, in their order. Where it ends before they do, the others were not
        looked at.
    """
    first = second.ask(look_elsewhere, list(stretches))

    def found() -> Iterator[list[Found]]:
        answer, done = first, 0
        while (told := answer.wait()) is not None:
            packets = msgspec.msgpack.decode(told, type=list[bytes])
            done += len(packets)
            if more := done < len(stretches):
                answer = second.ask(look_elsewhere, list(stretches[done:]))
            yield from map(unpacked, packets)
            if not more:
                return

    return found()


def look_elsewhere(_: Tell, case: Path, stretches: Sequence[Stretch]) -> bytes:
    """Look in a second process at stretches, until what they hold becomes much; at one at least."""
    packets: list[bytes] = []
    size = 0
    with contextlib.closing(open_for_reading(case)) as connection:
        looker = ChangeLooker(connection)
        for stretch in stretches:
            packets.append(packed(looker.statements(*stretch)))
            size += len(packets[-1])
            if size >= _ANSWER:
                break
    return msgspec.msgpack.encode(packets)


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
