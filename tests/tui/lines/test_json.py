from __future__ import annotations

import json
import re

from hypothesis import example, given
from hypothesis import strategies as st

from workbench.text import visible, visible_bytes
from workbench.tui.lines.document import Line
from workbench.tui.lines.json import SHOWN, record_lines

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
objects = st.dictionaries(st.text(max_size=8), values, max_size=5) | st.lists(values, max_size=5)


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(span.text for span in line.spans) for line in lines)


def styles_of(lines: list[Line], style: str) -> list[str]:
    return [span.text for line in lines for span in line.spans if span.style == style]


@given(objects, st.sampled_from([None, 1, 2]))
def test_laying_out_changes_nothing_but_space(document: object, indent: int | None) -> None:
    """Oracle: the standard library reads the same document back from what is shown."""
    text = json.dumps(document, indent=indent)
    shown = text_of(record_lines(text.encode()))
    assert json.dumps(json.loads(shown)) == json.dumps(document)
    assert visible(shown, keep_newlines=True) == shown


def test_tokens_stand_as_the_record_has_them() -> None:
    record = b'{"a":1.0e5,"a":100000000000000000000000000,"b":"\\u001b[31m\\/","c":[],"d":{},"e":[true,null,NaN,-Infinity]}'
    lines = record_lines(record)
    shown = text_of(lines)
    for token in ("1.0e5", "100000000000000000000000000", r'"\u001b[31m\/"', "[]", "{}", "NaN", "-Infinity"):
        assert token in shown
    assert styles_of(lines, "key") == ['"a"', '"a"', '"b"', '"c"', '"d"', '"e"']
    assert styles_of(lines, "number") == ["1.0e5", "100000000000000000000000000", "NaN", "-Infinity"]
    assert styles_of(lines, "keyword") == ["true", "null"]


def test_nested_values_are_set_in() -> None:
    assert text_of(record_lines(b'{"a":{"b":[1,{"c":2}]},"d":3}')).splitlines() == [
        " {",
        '   "a": {',
        '     "b": [',
        "       1,",
        "       {",
        '         "c": 2',
        "       }",
        "     ]",
        "   },",
        '   "d": 3',
        " }",
    ]


@given(st.binary(max_size=200))
def test_any_bytes_are_shown_whole_and_safe(data: bytes) -> None:
    shown = text_of(record_lines(data))
    assert visible(shown, keep_newlines=True) == shown
    assert (
        re.sub(r"\s", "", shown) == re.sub(r"\s", "", visible_bytes(data, keep_newlines=True))
        or data.lstrip()[:1] in b"{["
    )


@given(st.text(alphabet=st.sampled_from('{}[]",:ab1 \n\\'), max_size=60))
@example('["\n"')
def test_broken_json_is_shown_as_the_text_it_is(text: str) -> None:
    # A line end inside quotes is part of the string, and shows as what it is.
    shown = text_of(record_lines(text.encode()))
    assert re.sub(r"[\s␊]", "", shown) == re.sub(r"\s", "", text)


def test_undecodable_bytes_are_shown_as_such() -> None:
    assert "<0xFF>" in text_of(record_lines(b'{"a":"\xff"}'))
    assert "plain ␛ text" in text_of(record_lines(b"plain \x1b text"))


def test_masked_secrets_stand_out() -> None:
    lines = record_lines('{"sessionToken":"‹masked, 12 characters›"}'.encode())
    assert styles_of(lines, "masked") == ["‹masked, 12 characters›"]


def test_deep_and_long_records_are_laid_out_in_time() -> None:
    assert record_lines(b"[" * 10_000 + b"]" * 10_000)
    big = json.dumps({"key": ["é" * 50] * 10_000}, ensure_ascii=False).encode()
    assert len(big) > SHOWN
    lines = record_lines(big)
    assert len(text_of(lines).encode()) < 2 * SHOWN
    assert styles_of(lines, "key") == ['"key"']
    one = b'{"a":"' + b"x" * (64 << 20) + b'"}'
    assert len(text_of(record_lines(one))) <= SHOWN + 8
