"""What two entries' readings of a machine's clocks say about whether its wall clock was set in between.

A wall clock can be set by whoever keeps the machine; the clock that counts since the machine started cannot. Where both
readings are of one start of the machine, the wall clock must have gone on as far as the other did. Standard library alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from workbench.clock import SECOND, ClockReading, rfc3339, to_micros

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

TOLERANCE = SECOND
"""How far wall and monotonic clock may part without a word: an operating system that follows a time server corrects by
fractions of a second."""

DRIFT = 1_000
"""And how far with time: one part in a thousand. Kernels slew by at most half of that (adjtimex(2): 500 ppm)."""


class Moment(NamedTuple):
    """When an entry was written, by the clocks of its machine.

    Attributes:
        time: RFC 3339, as the entry has it.
        wall: The same in microseconds UTC.
        monotonic: Microseconds since the machine started, or ``None``.
        boot: Which start of the machine, or ``None``.
    """

    time: str
    wall: int
    monotonic: int | None
    boot: str | None

    @classmethod
    def of(cls, reading: ClockReading) -> Moment:
        """Take a reading as an entry would hold it."""
        return cls(rfc3339(reading.wall, 6), reading.wall, reading.monotonic, reading.boot)

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> Moment:
        """Read it from an entry.

        Raises:
            ValueError: If the entry does not say when it was written, in the one form there is.
        """
        time, clock = entry.get("time"), entry.get("clock")
        if not isinstance(time, str) or not _TIME.fullmatch(time) or not isinstance(clock, dict):
            raise ValueError("it does not say when it was written")
        monotonic, boot = clock.get("monotonic"), clock.get("boot")
        if not (monotonic is None or type(monotonic) is int) or not (boot is None or isinstance(boot, str)):
            raise ValueError("it does not say by which clock it was written")
        return cls(time, to_micros(dt.datetime.fromisoformat(time)), monotonic, boot)


class Step(NamedTuple):
    """A change of the wall clock between two entries.

    Attributes:
        before: Time of the earlier entry, RFC 3339.
        by: How far the clock was moved, microseconds: negative if it was set back.
        shown_by: ``wall``: the later entry has the earlier time. ``monotonic``: the clock nobody can set went on further.
    """

    before: str
    by: int
    shown_by: str


def step_between(earlier: Moment, later: Moment) -> Step | None:
    """Return how the wall clock was set between two entries, ``None`` if nothing shows that it was."""
    wall = later.wall - earlier.wall
    if None not in (earlier.monotonic, later.monotonic, earlier.boot) and earlier.boot == later.boot:
        passed = (later.monotonic or 0) - (earlier.monotonic or 0)
        by = wall - passed
        if passed >= 0 and abs(by) > TOLERANCE + passed // DRIFT:
            return Step(earlier.time, by, "monotonic")
    return Step(earlier.time, wall, "wall") if wall < 0 else None


def step_back(earlier: Moment, later: Moment) -> Step | None:
    """Return how far the wall clock was set back between two entries, ``None`` if nothing shows that it was."""
    step = step_between(earlier, later)
    return step if step is not None and step.by < 0 else None
