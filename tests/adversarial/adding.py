"""Adding one thing to a new case, and holding what is said and shown about it to the rules that always hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.casework import oracle
from tests.casework.command import Said, workbench
from tests.casework.logs import write
from workbench.text import visible


class Added:
    """What became of one file or folder added to a new case."""

    def __init__(self, case: Path, said: Said) -> None:
        self.case = case
        self.said = said
        oracle.check(case)
        self.info: dict[str, Any] = workbench("info", case, "--json").object
        self.total: dict[str, Any] = self.info["total"]
        assert self.total["balances"]
        # Whatever was in the input, what is said about it is text, a line a fact.
        assert visible(said.err, keep_newlines=True) == said.err
        assert "Traceback" not in said.err

    @property
    def lines(self) -> list[str]:
        """What was said of the files: without the first line, which tells the sums, and what sessions add up to."""
        return [line for line in self.said.err.splitlines()[1:] if ", derived from " not in line]

    @property
    def dispositions(self) -> dict[str, int]:
        return {name: count for name, count in self.total["dispositions"].items() if count}

    @property
    def events(self) -> list[dict[str, Any]]:
        return workbench("events", self.case, "--json").lines


AddOne = Callable[..., Added]


def add_to_new_case(folder: Path, content: bytes | Path, *options: object) -> Added:
    """Add bytes (as ``input.log``) or a path to a new case in a folder."""
    case = folder / f"{len(list(folder.glob('*.case')))}.case"
    workbench("new", case, "--title", "Bad input")
    path = content if isinstance(content, Path) else write(folder / "input.log", content)
    return Added(case, workbench("add", case, path, *options))
