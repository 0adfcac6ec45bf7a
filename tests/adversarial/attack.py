"""What an attack on a case file is: what is done, and what the check must say of it — or must admit that it cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from tests.adversarial.tampering import Forger

AFTER = "it was written after the newest checkpoint that somebody else holds"
INSIDE = "nothing outside the file is held against it"


class Attack(NamedTuple):
    """An attack.

    Attributes:
        name: What is done.
        do: Does it.
        alone: Code of a finding that the file alone gives; ``None`` if it gives none.
        held: The same with a checkpoint and a key from outside.
        deep: Whether the derived layer is made anew.
        why: Why it cannot be detected, where it cannot.
    """

    name: str
    do: Callable[[Forger], object]
    alone: str | None
    held: str | None
    deep: bool = False
    why: str = ""


def plain_sql(*statements: str) -> Callable[[Forger], None]:
    """Statements that leave the schema as they make it."""

    def do(forger: Forger) -> None:
        connection = sqlite3.connect(forger.case)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return do


def sql(*statements: str) -> Callable[[Forger], None]:
    return lambda forger: forger.run(*statements)
