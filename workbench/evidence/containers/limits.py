"""What bounds the reading of containers, and how what went wrong is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from workbench.text import cut_middle, visible

MAX_LAYERS = 3
"""Compressions inside one another that are undone; what is compressed more often is kept as it is."""

_FREE_OUTPUT = 16 * 1024 * 1024
"""Bytes of output before which no ratio is looked at: small logs may compress very well."""

_MAX_REASONS = 50
"""Reasons told one by one; further ones are counted. An archive can hold a million oddities."""


class Limits(msgspec.Struct, frozen=True):
    """How much a delivered file may unpack to before reading stops and says so.

    Attributes:
        max_ratio: Decompressed bytes per compressed byte, looked at once more than 16 MiB have come out.
        max_content: Bytes of one content.
        max_members: Entries of one archive, folders and links included.
    """

    max_ratio: int = 200
    max_content: int = 64 * 1024**3
    max_members: int = 1_000_000


class Damage(msgspec.Struct, frozen=True):
    """Something about a file or a content that could not be read as it should be.

    Attributes:
        reason: What and where, one line that is safe to show.
    """

    reason: str


class BrokenStreamError(Exception):
    """A stream cannot be decoded any further; the text says why. It never leaves this package."""


class DamageLog:
    """Collects reasons while a stream is being read."""

    def __init__(self) -> None:
        self._reasons: list[str] = []
        self._more = 0

    def add(self, reason: str) -> None:
        """Take in a reason, once: one line, names in it already passed through :func:`shown`."""
        if reason in self._reasons:
            return
        if len(self._reasons) < _MAX_REASONS:
            self._reasons.append(reason)
        else:
            self._more += 1

    def extend(self, other: DamageLog) -> None:
        """Take in all reasons of another log."""
        for reason in other._reasons:
            self.add(reason)
        self._more += other._more

    @property
    def is_empty(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self._reasons

    def damage(self) -> Damage | None:
        """Return all reasons as one damage, or None if there are none."""
        if not self._reasons:
            return None
        more = [f"and {self._more:,} more"] if self._more else []
        return Damage("; ".join(self._reasons + more))


class StreamDamage:
    """Where the decoding of one stream reports to.

    Attributes:
        content: Reasons why the content is not whole.
        container: Reasons that concern the bytes around the content, such as garbage after its end.
    """

    def __init__(self, content: DamageLog, container: DamageLog) -> None:
        self.content = content
        self.container = container


class Meter:
    """Compares what came out of a delivered file with what was read of it.

    Every depth of compression is compared with the bytes of the delivered file itself, so that layers
    cannot multiply their ratios, and over the whole file, so that a million members cannot each use up
    the free output.

    Attributes:
        consumed: Bytes of the delivered file that were handed to a decoder so far.
    """

    def __init__(self, limits: Limits) -> None:
        self.consumed = 0
        self._max_ratio = limits.max_ratio
        self._produced = [0] * MAX_LAYERS

    def limited(self, pieces: Iterable[bytes], depth: int, damage: DamageLog) -> Iterator[bytes]:
        """Pass on the output of a decoder until it exceeds the ratio.

        Args:
            pieces: The output.
            depth: How many compressions lie outside this one.
            damage: Where to say why reading stopped.
        """
        for piece in pieces:
            yield piece
            total = self._produced[depth] = self._produced[depth] + len(piece)
            if total > _FREE_OUTPUT and total > self._max_ratio * self.consumed:
                damage.add(
                    f"stopped after {total:,} bytes had come out of {self.consumed:,}:"
                    f" more than {self._max_ratio} to 1 (--max-ratio raises this limit)"
                )
                return


def shown(name: str) -> str:
    """Return a member name as a reason may quote it: safe to show and not longer than a line."""
    return f'"{cut_middle(visible(name), 80)}"'


def only_first(entries: int) -> str:
    """Return the reason to give when an archive has more entries than may be read."""
    return f"only the first {entries:,} entries were read (--max-members raises this limit)"
