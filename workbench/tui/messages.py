"""What widgets tell their screen."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable

from textual.message import Message
from textual.widget import Widget

from workbench.errors import WorkbenchError
from workbench.model.case import StoredEvent
from workbench.tui.places import Place

Act = Callable[[str], Awaitable[None]]
"""Does something to what has this id."""

_USUAL = re.compile(r"added [\d,]+ files \(|[\d,]+ sessions \(")
"""How the lines begin that the command says when all was added and everything was derived from it."""


@dataclasses.dataclass
class CursorMoved(Message):
    """The cursor of the table stands on another row, or the event of its row has been loaded.

    Attributes:
        row: Row number from 0.
        micros: Time of the row, ``None`` if its event has none.
        event: The event, ``None`` as long as it is not loaded.
    """

    row: int
    micros: int | None
    event: StoredEvent | None

    def can_replace(self, message: Message) -> bool:
        """Only the newest place of the cursor matters."""
        return isinstance(message, CursorMoved)


@dataclasses.dataclass
class EventOpened(Message):
    """The person asked for the details of the event under the cursor."""


@dataclasses.dataclass
class RowMoved(Message):
    """The cursor of a table stands on another row, or other rows are shown.

    Attributes:
        table: The table.
        row: Row number from 0.
    """

    table: Widget
    row: int

    def can_replace(self, message: Message) -> bool:
        """Only the newest place of the cursor matters."""
        return isinstance(message, RowMoved) and message.table is self.table


@dataclasses.dataclass
class WindowMoved(Message):
    """Other rows of a table are in its window."""

    table: Widget

    def can_replace(self, message: Message) -> bool:
        """Only the newest window matters."""
        return isinstance(message, WindowMoved) and message.table is self.table


@dataclasses.dataclass
class RowOpened(Message):
    """The person asked for what a row of a table stands for."""

    table: Widget
    row: int


@dataclasses.dataclass
class RowTurned(Message):
    """The person asked to show or to hide what is under a row; ``opened`` is ``None`` for the other of the two."""

    table: Widget
    row: int
    opened: bool | None


@dataclasses.dataclass
class PlaceChosen(Message):
    """The person followed a link in a document."""

    place: Place


@dataclasses.dataclass
class TimeChosen(Message):
    """The person pointed at an instant; microseconds UTC."""

    micros: int


@dataclasses.dataclass
class RangeChosen(Message):
    """The person selected the stretch of time ``[low, high)``, microseconds UTC."""

    low: int
    high: int


@dataclasses.dataclass
class RangeCleared(Message):
    """The person gave up the selected stretch of time."""


@dataclasses.dataclass
class FilterSubmitted(Message):
    """The person entered a filter; its text has not been parsed."""

    text: str


@dataclasses.dataclass
class FilterLeft(Message):
    """The person left the filter box without entering anything."""


@dataclasses.dataclass
class ReadFailed(Message):
    """A background read failed; the error says what and what to do."""

    error: WorkbenchError


@dataclasses.dataclass
class AddingEnded(Message):
    """The command that adds evidence has ended.

    Attributes:
        status: Its exit status: 0 if all was added.
        said: What it said, line by line, safe to show.
        stopped: Whether the person stopped it.
    """

    status: int
    said: list[str]
    stopped: bool

    @property
    def incomplete(self) -> bool:
        """Whether something was not added, or not all of it read, other than by the person's wish."""
        return not self.stopped and (self.status != 0 or not all(map(_USUAL.match, self.said)))

    @property
    def text(self) -> str:
        """How it ended, in words."""
        if self.stopped:
            return "stopped; adding the same path again goes on with the rest"
        return "\n".join(self.said) or (
            "done" if self.status == 0 else f"adding ended with status {self.status}"
        )
