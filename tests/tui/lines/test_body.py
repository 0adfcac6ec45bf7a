"""The body of a journal entry as lines: readable where it is ours, whole and safe where it is anybody's."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.text import visible
from workbench.tui.lines.body import LISTED, LONGEST, body_lines

SHA = "9c8ee1f1fd975ae20371dc83779704ea5cca41e8b7d196021b3324483044d2c4"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def told(body: dict[str, Any], events: dict[str, int] | None = None) -> list[str]:
    return ["".join(span.text for span in line.spans) for line in body_lines(body, events or {})]


def test_a_file_is_a_line() -> None:
    files = [
        {
            "name": "eks/a.log.gz",
            "sha256": SHA,
            "size": 27_052,
            "contents": ["7c"],
            "members": [{"name": ""}],
        },
        {"name": "b.zip", "sha256": "ab" * 32, "size": 1, "contents": ["1", "2"]},
    ]
    assert told({"files": files}, {SHA: 1_234}) == [
        " files        2",
        "              eks/a.log.gz   27,052 bytes   SHA-256 9c8ee1f1fd97…   1,234 events",
        "              b.zip   1 bytes   SHA-256 abababababab…   2 contents",
    ]


def test_nothing_else_is_shown_as_code() -> None:
    body = {
        "supersedes": None,
        "acquisition": {"custodian": "ACME", "how": "aws s3 sync\nand by hand"},
        "tag": {
            "cites": [{"kind": "event", "ref": "r"}, {"kind": "link", "seen": [1, 2]}],
            "reaffirms": False,
        },
    }
    assert [line.strip() for line in told(body)] == [
        "supersedes   none",
        "acquisition  custodian: ACME",
        "how: aws s3 sync",
        "and by hand",
        "tag          cites.1.kind: event",
        "cites.1.ref: r",
        "cites.2.kind: link",
        "cites.2.seen: 1, 2",
        "reaffirms: no",
    ]


def test_what_is_left_out_is_said() -> None:
    files = [{"name": f"{number}", "sha256": SHA} for number in range(LISTED + 5)]
    shown = told({"files": files, "places": "x" * (LONGEST + 1)})
    assert any("and 5 more" in line for line in shown)
    assert f"({LONGEST + 1:,} characters;" in shown[-1]


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=4) | JSON.map(lambda value: {"files": value}))
def test_any_shape_is_told_whole_and_safely(body: dict[str, Any]) -> None:
    lines = told(body)
    text = "\n".join(lines)
    assert all(line == visible(line) for line in lines)

    def check(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            for inner in value:
                check(inner)
        elif isinstance(value, str):
            for part in value.split("\n"):
                assert visible(part) in text
        elif isinstance(value, int) and not isinstance(value, bool):
            assert f"{value:,}" in text

    if not _has_files(body):
        check(body)


def _has_files(body: dict[str, Any]) -> bool:
    return bool(re.search("sha256", repr(body)))
