"""Acts that two logs recorded independently under one request id: the only records that compare two clocks.

An OCSF or ECS document made of a CloudTrail record is no second record of the act: it repeats the time of the first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from workbench.sessions.facts import Copies

TWICE_RECORDED = (
    ("aws.cloudtrail", "aws.s3access"),
    ("aws.cloudtrail", "aws.bedrock"),
)
"""Pairs of logs that give one request the same id: Amazon S3, "Server access log format", and Amazon Bedrock, "Model
invocation logging", both of which name the request id that CloudTrail holds in ``requestID``."""

_READ = 50_000
_MOST = 500_000
"""Request ids of one log that are looked for in the other; the extremes of that many say enough of two clocks."""


def copies(connection: sqlite3.Connection) -> Iterator[Copies]:
    """Yield for each pair of logs in the case by how much the times differ that they give to the same requests."""
    readings: dict[str, list[int]] = {}
    for number, source in connection.execute("SELECT id, source FROM reading"):
        readings.setdefault(source, []).append(number)
    for source, other in TWICE_RECORDED:
        if source in readings and other in readings:
            found = _compared(connection, source, readings[source], other, readings[other])
            if found is not None:
                yield found


def _compared(
    connection: sqlite3.Connection, source: str, readings: list[int], other: str, other_readings: list[int]
) -> Copies | None:
    recorded: dict[Any, tuple[int, int] | None] = {}
    for event, time, request in _requests(connection, other_readings):
        if len(recorded) >= _MOST:
            break
        # An id that one log gives twice (a retried request) does not say which of the two the other log means.
        recorded[request] = None if request in recorded else (event, time)
    deltas: list[tuple[int, int, int]] = []
    for event, time, request in _requests(connection, readings):
        copy = recorded.pop(request, None)
        if copy is not None:
            deltas.append((copy[1] - time, event, copy[0]))
    if not deltas:
        return None
    low, high = min(deltas), max(deltas)
    return Copies(source, other, low[0], high[0], len(deltas), tuple(dict.fromkeys((*low[1:], *high[1:]))))


def _requests(connection: sqlite3.Connection, readings: list[int]) -> Iterator[tuple[int, int, Any]]:
    (last,) = connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()
    listed = ", ".join(map(str, readings))
    for low in range(0, last, _READ):
        yield from connection.execute(
            "SELECT id, time, request_id FROM event WHERE id > ? AND id <= ? AND disposition < 2"
            f" AND request_id IS NOT NULL AND time IS NOT NULL AND reading_id IN ({listed})",
            (low, min(low + _READ, last)),
        ).fetchall()
