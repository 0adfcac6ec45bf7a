"""`verify` says in words what of a tag, finding or note is shown otherwise than the journal has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adversarial.tampering import past_triggers
from tests.casework.command import workbench


@pytest.fixture
def note(case: Path) -> str:
    """The id of a note that was corrected once."""
    assert workbench("note", case, "Called them at nine.").status == 0
    (line,) = workbench("note", case, "--json").lines
    assert workbench("note", case, "Called them at ten.", "--supersede", line["id"]).status == 0
    return str(line["id"])


def said(case: Path) -> str:
    found = workbench("verify", case)
    assert found.status == 1
    return "\n".join(line for line in found.out.decode().splitlines() if "WRONG  record: note" in line)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE claim SET body = replace(body, 'nine', 'eight') WHERE version = 1",
            'its text is shown as "Called them at eight."; the journal says "Called them at nine."',
        ),
        ("UPDATE claim SET author = 'X' WHERE version = 1", 'its author is shown as "X"; the journal says "Tester"'),
        ("UPDATE claim SET superseded_by = NULL", "shown as standing; by the journal a later entry superseded"),
        ("DELETE FROM claim WHERE version = 2", "of its journal says this, the case file does not show it"),
        ("UPDATE claim SET version = 5 WHERE version = 2", "shown as version 5; by the journal it is version 2"),
    ],
)  # fmt: skip
def test_the_tables_were_altered(case: Path, note: str, statement: str, words: str) -> None:
    with past_triggers(case) as connection:
        connection.execute(statement)
    assert words in said(case)
    assert note in said(case)


def test_an_entry_was_altered(case: Path, note: str) -> None:
    """The entry is named first, what follows from it in one line; each of these says what it is."""
    with past_triggers(case) as connection:
        connection.execute(
            "UPDATE journal SET entry = CAST(replace(CAST(entry AS TEXT), 'at nine', 'at four') AS BLOB)"
        )
    found = workbench("verify", case)
    wrong = [line for line in found.out.decode().splitlines() if line.startswith("WRONG")]
    assert (found.status, len(wrong)) == (1, 2)
    assert wrong[0].startswith("WRONG  record: entry 3: not what was appended")
    assert "3 contradictions that can follow from these" in wrong[1]
    assert wrong[1].endswith(f"journal; note {note}")
    whats = [
        line["what"]
        for line in workbench("verify", case, "--json").lines
        if line.get("where") == f"note {note}"
    ]
    # Its versions stand in the order of their hashes, which the time of writing decides.
    line, text = sorted(whats, key=lambda each: each.startswith("its text"))
    assert text == 'its text is shown as "Called them at nine."; the journal says "Called them at four."'
    assert line.startswith(
        f"shown as a version of {note}; the journal does not have it follow that: there it is N-"
    )
