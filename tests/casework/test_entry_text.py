"""Journal entries as they are printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import workbench.claims
from tests.casework.command import workbench as command
from tests.casework.logs import record, trail, write
from workbench.casework.entry_text import journal_lines
from workbench.claims.verdict import MEANINGS
from workbench.text import visible

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_each_rule_that_is_named_has_a_meaning() -> None:
    folder = Path(workbench.claims.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    named = set(re.findall(r'\b(?:Refusal|Lack)\(\s*"([A-Z][0-9])"', text))
    assert {"P1", "A3", "B1", "P6", "U1"} <= named
    assert named <= MEANINGS.keys()


def test_a_tag_has_a_line_a_field_and_its_codes_are_explained(case: Path, tmp_path: Path) -> None:
    assert command("add", case, write(tmp_path / "log.json", trail([record(1)]))).status == 0
    ref = command("events", case, "--json").lines[0]["ref"]
    why = "It was them without any doubt, as everybody who was there says and will say again. " * 3
    made = command(
        "tag", case, ref, "--as", "attributed", "--level", "person", "--subject", "A. Person", "--reason", why,
        "--override", "Counsel insists.", "--instead", f"A stolen key, which {ref[:14]}… does not show",
    )  # fmt: skip
    assert made.status == 0, made.err
    lines = command("journal", case).out.decode().splitlines()
    start = next(number for number, line in enumerate(lines) if line.endswith("  tag.committed"))
    told = lines[start + 1 :]
    assert max(map(len, told)) <= 110
    assert f"{'':7}{'grade':20} attributed" in told
    assert f"{'':7}{'level':20} person" in told
    assert f"{'':7}{'machine level':20} credential" in told
    text = " ".join(" ".join(told).split())
    assert why.strip() in text
    assert "A6 (a second reviewer has signed): a natural person is not named without" in text
    assert "A1 (a direct record of every event carries the identifier that binds it): " in text
    # What is short stays on its line.
    assert lines[0].endswith("title Test")


def test_the_lines_of_a_note_stay_lines(case: Path) -> None:
    assert command("note", case, "A1: first.\n\nSecond \u202e line.").status == 0
    lines = command("journal", case).out.decode().splitlines()
    assert lines[-2] == f"{'':7}{'text':20} A1: first."
    assert lines[-1] == f"{'':28}Second <U+202E> line."


@given(st.dictionaries(st.text(), VALUES, max_size=5), st.sampled_from(["tag.committed", "x"]))
def test_any_body_is_printed_and_obeys_nothing(body: dict[str, object], kind: str) -> None:
    entry = json.dumps({"seq": 1, "time": "t", "actor": "a", "kind": kind, "body": body}).encode()
    for line in journal_lines(entry):
        assert visible(line) == line


def test_what_is_no_entry_is_said() -> None:
    for data in (b"", b"{}", b"[1]", b"\xff", b'{"seq":1,"time":"","actor":"","kind":"","body":3}'):
        assert "these bytes are no entry" in next(iter(journal_lines(data)))
