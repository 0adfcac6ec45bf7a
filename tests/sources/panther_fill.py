"""The table of what each reader fills in of the published samples, one file of which holds one kind of log.

Written anew by::

    .venv/bin/python -m tests.sources.panther_fill

Read the difference before keeping it: a number that has fallen is a field that a reader no longer fills.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.sources.harvest import PANTHER
from workbench.evidence.decode import loads
from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event, OutcomeStatus, Particulars, Verb
from workbench.sources.protocol import Context
from workbench.sources.registry import Readers

TABLE = Path(__file__).with_name("panther_fill.txt")

_NONE = Particulars()

COLUMNS: dict[str, Callable[[Event], bool]] = {
    "events": lambda event: True,
    "time": lambda event: event.time.micros is not None,
    "action": lambda event: bool(event.act.action),
    "verb": lambda event: event.act.verb is not Verb.UNCLASSIFIED,
    "identity": lambda event: event.identity is not None,
    "cred": lambda event: event.credential is not None,
    "address": lambda event: event.address is not None,
    "agent": lambda event: event.user_agent is not None,
    "resources": lambda event: bool(event.resources),
    "outcome": lambda event: event.outcome.status is not OutcomeStatus.UNKNOWN,
    "native": lambda event: event.native_id is not None,
    "request": lambda event: event.request_id is not None,
    "used": lambda event: bool((event.particulars or _NONE).used),
    "issued": lambda event: bool((event.particulars or _NONE).issued),
    "changes": lambda event: bool((event.particulars or _NONE).changes),
}
"""Columns of the table: in how many events the field is filled; ``outcome`` where it is known, ``verb`` where it is
classified."""

_HEAD = """\
What the readers fill in of the published samples: events of each file and source, and in how many of them each field
is filled. Refresh: .venv/bin/python -m tests.sources.panther_fill

"""


class Outcome(NamedTuple):
    """What became of one line of a sample file.

    Attributes:
        file: Name of the file without suffix: the kind of log that its publisher says it is.
        line: Number of the line, from 1.
        source: Name of the reader, or why there is no event.
        event: The event.
    """

    file: str
    line: int
    source: str
    event: Event | None


def outcomes() -> Iterator[Outcome]:
    """Read every line of every sample file as adding evidence does."""
    readers = Readers()
    for path in sorted(PANTHER.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            for part in unwrap(loads(line.encode())[0]):
                claims = readers.claims(part.document)
                if len(claims) != 1:
                    rivals = ", ".join(claim.reader.source for claim in claims)
                    yield Outcome(
                        path.stem, number, f"several readers: {rivals}" if rivals else "no reader", None
                    )
                    continue
                reading = claims[0].reader.read(part.document, Context())
                source = (
                    claims[0].reader.source if reading.event else f"{reading.disposition}: {reading.reason}"
                )
                yield Outcome(path.stem, number, source, reading.event)


def table() -> str:
    """Return the table as text."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for outcome in outcomes():
        row = counts.setdefault((outcome.file, outcome.source), Counter())
        if outcome.event is not None:
            row.update(name for name, filled in COLUMNS.items() if filled(outcome.event))
    rows = [("file", "source", *COLUMNS)]
    rows += [(*key, *(str(row[name]) for name in COLUMNS)) for key, row in sorted(counts.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            text.ljust(width) if index < 2 else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    if not PANTHER.is_dir():
        sys.exit(f"{PANTHER} is not here (set WORKBENCH_DATASETS): the table stays as it is")
    TABLE.write_text(table(), encoding="utf-8")
