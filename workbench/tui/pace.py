"""How often work is repeated that takes long on a large case: never more than a fifth of the time."""

from __future__ import annotations

import time
from types import TracebackType

SHARE = 5
"""One part of work to four of rest."""


class Pace:
    """Times a piece of work, used as a context manager around it, and says when it may be done again.

    Args:
        rest: Seconds of rest at least, however short the work was.
    """

    def __init__(self, rest: float = 0.0) -> None:
        self._rest = rest
        self._running = 0
        self._begun = 0.0
        self._due_at = 0.0

    @property
    def due(self) -> bool:
        """Whether the work is not being done and has rested long enough."""
        return not self._running and time.monotonic() >= self._due_at

    def hurry(self) -> None:
        """Let the rest end now."""
        self._due_at = 0.0

    def __enter__(self) -> None:
        self._running += 1
        self._begun = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running -= 1
        ended = time.monotonic()
        self._due_at = ended + max(self._rest, (SHARE - 1) * (ended - self._begun))
