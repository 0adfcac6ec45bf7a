from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.contents import values, written
from workbench.evidence.json_scan import Outcome, ValueScanner


def scan(data: bytes, ended: bool = True) -> tuple[Outcome, int]:
    scanner = ValueScanner()
    return scanner.advance(data, 0, len(data), ended), scanner.at


def is_json(data: bytes) -> bool:
    """The standard library as oracle, in its lenient mode: control characters and NaN pass."""
    try:
        json.loads(data.decode("utf-8", "surrogateescape"), strict=False, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


@given(st.data(), values)
def test_any_value_is_found_whole_however_it_is_written(data: st.DataObject, value: object) -> None:
    text = data.draw(written(value))
    assert scan(text) == (Outcome.DONE, len(text))


@given(st.data(), values, st.integers(1, 5))
def test_a_value_that_comes_in_parts_ends_in_the_same_place(
    data: st.DataObject, value: object, step: int
) -> None:
    text = data.draw(written(value)) + b" "
    scanner = ValueScanner()
    for end in range(0, len(text), step):
        outcome = scanner.advance(text, 0, end, False)
        if outcome is not Outcome.MORE:
            break
    else:
        outcome = scanner.advance(text, 0, len(text), True)
    assert (outcome, scanner.at) == (Outcome.DONE, len(text) - 1)


alphabet = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b":", b'"', b'"a"', b"\\", b'\\"', b"\\u00e9", b"1", b"-", b".5", b"e3", b"0",
     b"true", b"null", b"NaN", b"-Infinity", b" ", b"\n", b"\t", b"\xff", b"x", b'"k":', b"tru"]
)  # fmt: skip


@settings(max_examples=1500)
@given(st.lists(alphabet, min_size=1, max_size=12).map(b"".join))
def test_what_is_accepted_is_what_the_standard_library_accepts(data: bytes) -> None:
    data = data.lstrip(b" \t\n\r")
    if not data:
        return
    outcome, size = scan(data)
    whole = outcome is Outcome.DONE and not data[size:].strip(b" \t\n\r")
    assert whole == is_json(data)


@settings(max_examples=500)
@given(st.data(), values, st.binary(min_size=1, max_size=1))
def test_damage_is_seen_where_the_standard_library_sees_it(
    data: st.DataObject, value: object, byte: bytes
) -> None:
    text = data.draw(written(value))
    place = data.draw(st.integers(0, len(text) - 1))
    text = (text[:place] + byte + text[place + 1 :]).lstrip(b" \t\n\r")
    if not text:
        return
    outcome, size = scan(text)
    whole = outcome is Outcome.DONE and not text[size:].strip(b" \t\n\r")
    assert whole == is_json(text)


@pytest.mark.parametrize("depth", [10_000, 300_000])
def test_nesting_costs_no_recursion(depth: int) -> None:
    text = b'[{"a":' * depth + b"1" + b"}]" * depth
    assert scan(text) == (Outcome.DONE, len(text))
    assert scan(text[:-1])[0] is Outcome.CUT
    assert scan(b"[" * depth + b"}")[0] is Outcome.BAD


def test_a_megabyte_in_one_token_takes_linear_time() -> None:
    for text in (
        b'"' + b"\\\\" * 1_000_000 + b'"',
        b"[" + b"1" * 1_000_000 + b"]",
        b"[" + b" " * 1_000_000 + b"]",
    ):
        assert scan(text) == (Outcome.DONE, len(text))
    for text in (b'"' + b"\\\\" * 1_000_000, b'["' + b"a" * 1_000_000, b"{" + b'"a":1,' * 200_000):
        assert scan(text)[0] is Outcome.CUT
