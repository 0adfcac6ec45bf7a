from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.contents import values, written
from workbench.evidence.decode import UndecodableError, duplicate_keys, loads, loads_told


@given(st.data(), values)
def test_plain_json_is_read_as_it_stands(data: st.DataObject, value: object) -> None:
    text = data.draw(written(value))
    assert loads(text) == (value, [])
    assert loads(b"\xef\xbb\xbf" + text) == (value, [])


@pytest.mark.parametrize(
    ("text", "value", "warning"),
    [
        (b'{"a":NaN}', {"a": "NaN"}, "NaN is not JSON, kept as text"),
        (b'{"a":-Infinity}', {"a": "-Infinity"}, "-Infinity is not JSON, kept as text"),
        (b'{"a":1e999}', {"a": "1e999"}, "number too large, kept as text"),
        (b"[" + b"7" * 5000 + b"]", ["7" * 5000], "integer of more than 4300 digits kept as text"),
        (b'{"a":"\xff\xfe"}', {"a": "\\xff\\xfe"}, "invalid UTF-8 shown as \\xNN"),
        (b'{"\xff":1}', {"\\xff": 1}, "invalid UTF-8 shown as \\xNN"),
        (b'{"a":"\\ud800x"}', {"a": "\\ud800x"}, "surrogate without its other half shown as \\uNNNN"),
        (b'{"a":"x\ty"}', {"a": "x\ty"}, "control character inside a string"),
        (b'{"a":NaN,"b":1,"b":2}', {"a": "NaN", "b": 2}, 'duplicate key "b": last value used'),
    ],
)
def test_what_json_does_not_allow_is_kept_as_text_with_a_warning(
    text: bytes, value: object, warning: str
) -> None:
    decoded, warnings = loads(text)
    assert decoded == value
    assert warning in warnings
    json.dumps(decoded, ensure_ascii=False).encode()  # everything can be stored as UTF-8


@pytest.mark.parametrize("digits", range(15, 40))
def test_integers_are_never_rounded(digits: int) -> None:
    number = int("9" * digits)
    assert loads(b'{"a":%d,"b":-%d}' % (number, number)) == ({"a": number, "b": -number}, [])


@pytest.mark.parametrize(
    "text", [b"", b" ", b"{", b'{"a"}', b"{'a':1}", b'{"a":1}x', b"tru", b'"\\q"', b"\xff", b"\x00"]
)
def test_what_is_no_json_is_refused_with_a_reason(text: bytes) -> None:
    with pytest.raises(UndecodableError) as caught:
        loads(text)
    assert "\n" not in caught.value.reason
    assert duplicate_keys(text) == []


@pytest.mark.parametrize("depth", [501, 1000, 1025, 100_000])
@pytest.mark.parametrize(("opener", "closer"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused_without_recursion(depth: int, opener: bytes, closer: bytes) -> None:
    for text in (opener * depth + b"1" + closer * depth, opener * depth):
        with pytest.raises(UndecodableError):
            loads(text)


def test_five_hundred_levels_are_read_also_leniently() -> None:
    assert loads(b"[" * 500 + b"]" * 500)[1] == []
    assert loads(b"[" * 500 + b"NaN" + b"]" * 500)[1] != []
    assert loads(b"[" + b"{}," * 5000 + b"{}]")[1] == []
    assert sys.getrecursionlimit() >= 1000


def test_duplicate_keys_are_found_at_any_depth() -> None:
    assert duplicate_keys(b'{"a":1,"b":{"c":1,"c":2,"\\u0063":3},"a":2}') == ["c", "a"]
    assert duplicate_keys(b'{"a":{"a":[{"a":1},{"a":1}]}}') == []


@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        value, _ = loads(data)
    except UndecodableError:
        return
    json.dumps(value, ensure_ascii=False).encode()


KEYS = st.sampled_from(["a", "b", 'a":', "a\\", "\u00e9", 'x\\":', " "])
SPACES = st.sampled_from(["", "", "", " ", "\n"])


@st.composite
def spelt(draw: st.DrawFn, depth: int = 3) -> str:
    """JSON text as some exporter might write it: any spacing, any escapes, keys given twice."""
    if depth and draw(st.booleans()):
        members = [
            draw(SPACES)
            + json.dumps(draw(KEYS), ensure_ascii=draw(st.booleans()))
            + draw(SPACES)
            + ":"
            + draw(SPACES)
            + draw(spelt(depth - 1))
            for _ in range(draw(st.integers(0, 4)))
        ]
        return "{" + ",".join(members) + draw(SPACES) + "}"
    if depth and draw(st.booleans()):
        return "[" + ",".join(draw(st.lists(spelt(depth - 1), max_size=3))) + "]"
    return draw(
        st.sampled_from(
            ["null", "1", "1.50", "1e400", "true", '"\\u003c"', '"\\":"', '"\\\\"', '"a\\": b"', '"/"']
        )
    )


@settings(max_examples=600)
@given(spelt())
def test_the_short_way_tells_the_same_as_the_long_way(text: str) -> None:
    data = text.encode()
    value, told = loads_told(data)
    slow, warnings = loads(data)
    keys = duplicate_keys(data)
    assert json.dumps(value) == json.dumps(slow)
    assert set(told) == {*warnings, *(f'duplicate key "{key}": last value used' for key in keys)}
