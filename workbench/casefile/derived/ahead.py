"""What a second process reads while this one derives sessions, so that it is there when it is asked for."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from workbench.casefile.connection import open_for_reading
from workbench.casefile.derived.state import shown_events
from workbench.casefile.derived.uses import made_in
from workbench.casefile.second_process import SecondProcess, Tell

_MADE = msgspec.msgpack.Decoder(dict[int, int])
_SHOWN = msgspec.msgpack.Decoder(tuple[int, int])


def made_ahead(
    connection: sqlite3.Connection, second: SecondProcess | None, expected: Sequence[int]
) -> Callable[[Sequence[int]], dict[int, int]]:
    """Return what :func:`made_in` does.

    Args:
        connection: Any.
        second: Reads the records meanwhile; without it they are read when they are asked for.
        expected: The events that will be asked for.
    """
    here = made_in(connection)
    if second is None:
        return here
    answer = second.ask(_made_elsewhere, expected)

    def made(events: Sequence[int]) -> dict[int, int]:
        told = answer.wait()
        if told is None:
            return here(events)
        known = _MADE.decode(told)
        missing = set(events).difference(expected)
        return {event: known[event] for event in events if event in known} | here(sorted(missing))

    return made


def shown_ahead(
    connection: sqlite3.Connection, second: SecondProcess | None, through: int
) -> Callable[[], tuple[int, int]]:
    """Return what gives the events up to a row number that are shown as :func:`shown_events` does, counted meanwhile."""
    answer = None if second is None else second.ask(_shown_elsewhere, through)

    def shown() -> tuple[int, int]:
        told = None if answer is None else answer.wait()
        return shown_events(connection, through) if told is None else _SHOWN.decode(told)

    return shown


def _made_elsewhere(_: Tell, case: Path, events: Sequence[int]) -> bytes:
    with contextlib.closing(open_for_reading(case)) as connection:
        return msgspec.msgpack.encode(made_in(connection)(events))


def _shown_elsewhere(_: Tell, case: Path, through: int) -> bytes:
    with contextlib.closing(open_for_reading(case)) as connection:
        return msgspec.msgpack.encode(shown_events(connection, through))
