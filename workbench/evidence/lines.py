"""Lines: taking them off a window in bounded memory, and text in which each line is a record."""

from __future__ import annotations

from workbench.evidence.pieces import OVERSIZED, Pieces, Rejected, Run, SplitLimits, Tally
from workbench.evidence.window import Window

PATH = "line"


BATCH = 1 << 18
"""About how many bytes of lines are cut at once: few enough to stay in the processor's cache."""


def next_lines(window: Window, hold: int) -> list[bytes] | None:
    """Return some lines from the window's position on, without their line feeds; nothing is taken off.

    Args:
        window: The content.
        hold: Longest line to return.

    Returns:
        At least one line, all of them complete; or ``None`` if the next is longer than ``hold``.
    """
    while True:
        start = window.position
        limit = start + hold + 1
        cut = window.buffer.rfind(b"\n", start, min(limit, start + BATCH))
        if cut < 0:
            cut = window.buffer.find(b"\n", start, limit)
        if cut >= 0:
            return window.buffer[start:cut].split(b"\n")
        if window.available > hold:
            return None
        if window.ended:
            return [window.buffer[start:]]
        window.more()


def end_line(window: Window, tally: Tally) -> bool:
    """Take the line feed that ends a line as structure; return whether there was one."""
    if window.position < len(window.buffer):
        tally.structure += 1
        window.position += 1
        return True
    return False


def reject_line(window: Window, tally: Tally, reason: str) -> Pieces:
    """Reject up to the next line feed, holding nothing."""
    while True:
        cut = window.buffer.find(b"\n", window.position)
        size = (cut if cut >= 0 else len(window.buffer)) - window.position
        if size:
            yield Rejected(window.offset, size, reason)
            tally.rejected += size
            window.position += size
        if cut >= 0 or not window.more():
            return


class Batch:
    """Lines that became records or are blank, counted together: a step a line would cost more than the line.

    Attributes:
        run: The records, to be handed out once the batch is taken.
    """

    __slots__ = ("_data", "_offset", "_tally", "_window", "run")

    def __init__(self, window: Window, tally: Tally, path: str) -> None:
        self._window = window
        self._tally = tally
        self._offset = window.offset
        self._data: list[bytes] = []
        self.run = Run([], [], self._data, path)

    def add(self, line: bytes, data: bytes, lead: int) -> None:
        """Add a line whose ``data`` begins after ``lead`` bytes and is a record; the rest of it was checked."""
        run = self.run
        run.offsets.append(self._offset + lead)
        run.lengths.append(len(data))
        self._data.append(data)
        self._offset += len(line) + 1

    def blank(self, line: bytes) -> None:
        """Add a line of white space."""
        self._offset += len(line) + 1

    @property
    def moved(self) -> bool:
        """Whether any line was added."""
        return self._offset > self._window.offset

    def take(self) -> bool:
        """Move the window behind the batch and count it; return whether a line feed ended it."""
        window, tally = self._window, self._tally
        size = self._offset - window.offset
        fed = window.position + size <= len(window.buffer)
        if not fed:
            size -= 1  # the content ends without a line feed
        window.position += size
        record_bytes = sum(self.run.lengths)
        tally.records += record_bytes
        tally.structure += size - record_bytes
        return fed


def read_lines(window: Window, limits: SplitLimits, tally: Tally) -> Pieces:
    r"""Read text whose lines end in ``\n``, ``\r\n`` or the end of the content; blank lines are structure.

    Yields:
        Records and rejected ranges in order; a rejected range may come in several adjacent parts.
    """
    longest = limits.max_record
    going_on = True
    while going_on:
        lines = next_lines(window, longest + 1)
        batch = Batch(window, tally, PATH)
        too_long = lines is None
        for line in lines or ():
            data = line[:-1] if line.endswith(b"\r") else line
            if not data or data.isspace():
                batch.blank(line)
            elif len(data) > longest:
                too_long = True
                break
            else:
                batch.add(line, data, 0)
        if batch.moved:
            going_on = batch.take()
            if batch.run.data:
                yield batch.run
        if too_long:
            yield from reject_line(window, tally, OVERSIZED)
            going_on = end_line(window, tally)
