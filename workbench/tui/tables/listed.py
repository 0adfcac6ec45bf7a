"""What the rows of most tables have in common: they show a list, with times in one zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from workbench.tui.zones import Zone

T = TypeVar("T")


class ListedRows(Generic[T]):
    """The part of ``cell_table.Rows`` that lists share.

    Attributes:
        listed: What is listed, a row each.
    """

    def __init__(self, listed: Sequence[T], zone: Zone) -> None:
        self.listed = listed
        self._zone = zone

    def __len__(self) -> int:
        return len(self.listed)
