"""The resources that sets of the dictionary stand for, many sets in one read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from workbench.model.event import Resource, ResourceRole


def read_resource_sets(
    connection: sqlite3.Connection, numbers: Iterable[int]
) -> dict[int, tuple[Resource, ...]]:
    """Return the resources of sets, by the numbers of the sets."""
    members = {
        number: [int(each) for each in listed.split()]
        for number, listed in connection.execute(
            "SELECT s.id, s.members FROM json_each(?) k CROSS JOIN resource_set s ON s.id = k.value",
            (json.dumps(sorted(numbers)),),
        )
    }
    known = {
        row[0]: Resource(row[1], row[2], ResourceRole(row[3]), row[4])
        for row in connection.execute(
            "SELECT r.id, r.type, r.name, r.role, r.account FROM json_each(?) k CROSS JOIN resource r ON r.id = k.value",
            (json.dumps(sorted({one for listed in members.values() for one in listed})),),
        )
    }
    return {number: tuple(known[one] for one in listed) for number, listed in members.items()}


class ResourceSets:
    """Sets that were read, kept up to a limit.

    Args:
        connection: Any.
        most: How many are kept.
    """

    def __init__(self, connection: sqlite3.Connection, most: int) -> None:
        self._connection = connection
        self._most = most
        self._sets: dict[int, tuple[Resource, ...]] = {}

    def load(self, numbers: set[int]) -> None:
        """Read sets that are not kept yet; until the next call all of ``numbers`` can be asked for."""
        # A set less the keys of a dictionary would go through all of these each time.
        missing = {each for each in numbers if each not in self._sets}
        if not missing:
            return
        if len(self._sets) > self._most:
            self._sets.clear()
            missing = numbers
        self._sets.update(read_resource_sets(self._connection, missing))

    def __getitem__(self, number: int) -> tuple[Resource, ...]:
        return self._sets[number]
