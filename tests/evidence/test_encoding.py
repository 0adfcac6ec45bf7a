from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import compact, event, records, rejects, split
from workbench.evidence.encoding import Utf16
from workbench.evidence.pieces import SplitLimits

EVENTS = [event(number) for number in range(5)]
DOCUMENT = compact({"Records": EVENTS}).decode()
ENCODINGS = [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b"")]


@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
@pytest.mark.parametrize("chunk", [None, 1, 3, 100])
@pytest.mark.parametrize(
    "text", [DOCUMENT, "\n".join(compact(one).decode() for one in EVENTS), '[{"a":1}]\n']
)
def test_records_of_utf_16_stand_where_they_are_stored(
    encoding: str, mark: bytes, chunk: int | None, text: str
) -> None:
    plain, _ = split(text.encode())
    pieces, splitter = split(mark + text.encode(encoding), SplitLimits(window=16), chunk)
    assert [piece.data for piece in pieces] == [piece.data for piece in plain]
    assert splitter.shape.encoding == encoding


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_utf_8_mark_is_structure(mark: bytes) -> None:
    pieces, splitter = split(mark + DOCUMENT.encode())
    assert [piece.data for piece in pieces] == [compact(one) for one in EVENTS]
    assert splitter.shape.encoding == ("utf-8-sig" if mark else "utf-8")


def test_an_odd_byte_at_the_end_is_rejected() -> None:
    pieces, _ = split(b"\xff\xfe" + DOCUMENT.encode("utf-16-le") + b"x")
    assert len(records(pieces)) == 5
    assert [(piece.length, piece.reason) for piece in rejects(pieces)] == [
        (1, "odd byte at the end of UTF-16 content")
    ]


@given(st.lists(st.integers(0, 0xFFFF), max_size=40), st.integers(1, 20), st.integers(1, 20))
def test_any_units_map_back_to_where_they_were(units: list[int], chunk: int, read: int) -> None:
    stored = b"".join(unit.to_bytes(2, "little") for unit in units)
    utf16 = Utf16((stored[start : start + chunk] for start in range(0, len(stored), chunk)), "utf-16-le", 0)
    text = b"".join(utf16.chunks())
    assert text == stored.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")
    places = [
        place for place in range(0, len(text) + 1, read) if place == len(text) or text[place] & 0xC0 != 0x80
    ]
    for place in places:
        before = text[:place].decode("utf-8", "surrogatepass")
        assert utf16.stored(place) == len(before.encode("utf-16-le", "surrogatepass"))


@given(st.binary(max_size=120), st.integers(1, 20), st.sampled_from([b"\xff\xfe", b"\xfe\xff"]))
def test_any_bytes_after_a_mark_are_accounted_for(content: bytes, chunk: int, mark: bytes) -> None:
    content = mark + b'[\x00{\x00"\x00' + content
    pieces, _ = split(content)
    again, _ = split(content, SplitLimits(window=1), chunk)
    assert again == pieces


def test_a_rejected_range_that_comes_in_parts_is_mapped_as_one() -> None:
    text = '[{"a":"' + "\u00e9" * 500 + '"},{"b":1}]'
    content = b"\xff\xfe" + text.encode("utf-16-le")
    pieces, _ = split(content, SplitLimits(max_record=100, look_ahead=100, window=1), 10)
    assert [piece.data for piece in records(pieces)] == [b'{"b":1}']
    (rejected,) = rejects(pieces)
    assert content[rejected.offset : rejected.offset + rejected.length].decode("utf-16-le") == text[1:-9]
    assert rejected.reason.startswith(f"record of {rejected.length} bytes")
