from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import pytest

from workbench.casefile.derived import ahead
from workbench.casefile.second_process import Answer, SecondProcess


class Second:
    """Answers at once with what it was given."""

    def __init__(self, told: bytes | None) -> None:
        self.told = told

    def ask(self, *_: object) -> Answer:
        answer = Answer()
        answer.end(self.told)
        return answer


def _made(_: sqlite3.Connection) -> Callable[[Sequence[int]], dict[int, int]]:
    """Say of even events that their key was made."""
    return lambda events: {event: event * 10 for event in events if event % 2 == 0}


@pytest.mark.parametrize("told", [None, {2: 20, 4: 40}, {2: 20, 4: 40, 6: 60}])
def test_what_was_not_expected_is_read_when_it_is_asked_for(
    told: dict[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "made_in", _made)
    second = Second(None if told is None else msgspec.msgpack.encode(told))
    expected = [2, 3, 4, 6] if told is not None and 6 in told else [2, 3, 4]
    with sqlite3.connect(":memory:") as connection:
        made = ahead.made_ahead(connection, cast(SecondProcess, second), expected)
        assert made([2, 3, 8, 9]) == {2: 20, 8: 80}
        assert made([]) == {}
