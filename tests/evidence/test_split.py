from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.contents import (
    compact,
    event,
    objects,
    records,
    rejects,
    spaces,
    split,
    values,
    written,
)
from workbench.evidence.json_lines import JsonLinesReader
from workbench.evidence.pieces import MEBIBYTE, Record, ShapeKind, SplitLimits
from workbench.evidence.record_arrays import AT_SIGHT, WITH_CARE
from workbench.evidence.split import Splitter

EVENTS = [event(number) for number in range(50)]
TEXTS = [compact(item) for item in EVENTS]


# --- real logs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "pattern", "count", "kind"),
    [
        ("invictus-aws", "*.json", 2900, ShapeKind.JSON_OBJECT),
        ("stratus-red-team", "*.json", 310, ShapeKind.JSON_ARRAY),
        ("otrf-aws", "*.json", 103, ShapeKind.JSON_LINES),
        ("panther-samples", "AWS.CloudTrail.jsonl", 243, ShapeKind.JSON_LINES),
        ("panther-samples", "*.jsonl", 832, ShapeKind.JSON_LINES),
    ],
)
@pytest.mark.parametrize("chunk", [None, 1000])
def test_real_logs_split_as_an_ordinary_parser_reads_them(
    datasets: Path, folder: str, pattern: str, count: int, kind: ShapeKind, chunk: int | None
) -> None:
    found = 0
    for path in sorted((datasets / folder).glob(pattern)):
        data = path.read_bytes()
        pieces, splitter = split(data, SplitLimits(window=4096) if chunk else None, chunk)
        assert splitter.shape.kind is kind
        assert not rejects(pieces)
        try:
            document = json.loads(data)
            expected = document["Records"] if isinstance(document, dict) else document
        except ValueError:
            expected = [json.loads(line) for line in data.splitlines() if line.strip()]
        assert [json.loads(piece.data) for piece in pieces] == expected
        found += len(pieces)
    assert found == count


# --- valid content -------------------------------------------------------------------------------------------------

WAYS = ("array", "Records", "hits", "items", "concatenated", "lines", "wrapped lines")


def lay_out(way: str, texts: list[bytes], gaps: list[bytes]) -> bytes:
    gap = itertools.cycle(gaps or [b""])

    def array() -> bytes:
        inner = b",".join(next(gap) + text + next(gap) for text in texts)
        return b"[" + (inner or next(gap)) + b"]"

    flat = [text.replace(b"\n", b" ").replace(b"\r", b" ") for text in texts]
    match way:
        case "array":
            return next(gap) + array() + next(gap)
        case "Records":
            return (
                b'{"a":{"Records":1},'
                + next(gap)
                + b'"Records"'
                + next(gap)
                + b":"
                + next(gap)
                + array()
                + b',"z":[1]}'
            )
        case "hits":
            return b'{"took":3,"hits":{"total":{"value":[{}]},"hits":' + array() + b"}" + next(gap) + b"}"
        case "items":
            return b'{"kind":"EventList","items":' + array() + b',"metadata":{"data":[]}}'
        case "concatenated":
            return b"\n".join(texts) + next(gap)
        case "lines":
            return b"\n".join(flat)
        case _:
            return b"\n".join(b'{"Records":[' + text + b"," + text + b"]}" for text in flat)


@settings(max_examples=300, deadline=None)
@given(
    st.data(),
    st.sampled_from(WAYS),
    st.lists(objects, min_size=2, max_size=6),
    st.lists(spaces, max_size=5),
    st.integers(1, 40),
)
def test_every_layout_gives_its_records_whatever_the_reads(
    data: st.DataObject, way: str, documents: list[dict], gaps: list[bytes], chunk: int
) -> None:
    texts = [data.draw(written(document)) for document in documents]
    content = lay_out(way, texts, gaps)
    pieces, splitter = split(content)
    assert not rejects(pieces)
    expected = [document for document in documents for _ in range(2 if way == "wrapped lines" else 1)]
    assert [json.loads(piece.data) for piece in pieces] == expected
    limits = SplitLimits(window=1)
    again, other = split(content, limits, chunk)
    assert (again, other.account, other.shape) == (pieces, splitter.account, splitter.shape)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.lists(values, max_size=8), st.lists(spaces, min_size=1, max_size=4))
def test_the_short_cuts_and_the_scanner_cut_alike(
    data: st.DataObject, elements: list, gaps: list[bytes]
) -> None:
    # An element that only the scanner accepts, put last, takes the short cut away from the slab it stands in.
    texts = [data.draw(written(element)) for element in elements]
    content = lay_out("array", [*texts, *TEXTS[:3]], gaps)
    broken = lay_out("array", [*texts, *TEXTS[:3], b'{"eventVersion":NaN}', TEXTS[3]], gaps)
    fast, _ = split(content)
    slow, _ = split(broken)
    assert [piece.data for piece in slow[:-2]] == [piece.data for piece in fast]
    assert [piece.offset for piece in slow[:-2]] == [piece.offset for piece in fast]


TOLD = st.sampled_from(
    [
        *("Records", "hits", "events", "data", "value", "kind", "logs"),
        *("actor", "Action", "p_log_type", "x", "y"),
    ]
)
INSIDE = st.sampled_from(
    [
        "1",
        '"a"',
        "[]",
        '[{"a":1}]',
        "[1]",
        '{"b":2}',
        '{"hits":[{"a":1}]}',
        '{"data":[]}',
        '"admin#reports#activity"',
    ]
)
MEMBERS = st.lists(st.tuples(TOLD, INSIDE), min_size=1, max_size=5)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(MEMBERS, min_size=2, max_size=6),
    st.sampled_from(["%s", " %s", "%s,", "%s x", "%s\r"]),
    st.booleans(),
)
def test_a_line_is_one_record_or_a_wrapper_whichever_way_is_taken(
    lines: list[list[tuple[str, str]]], form: str, escaped: bool
) -> None:
    texts = ["{" + ",".join(f'"{name}":{value}' for name, value in line) + "}" for line in lines]
    content = "\n".join([*texts[:-1], form % texts[-1], texts[0]]).encode()
    if escaped:
        content = content.replace(b'"data"', b'"d\\u0061ta"')
    short, splitter = split(content)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JsonLinesReader, "_is_record", lambda self, data: False)
        long, other = split(content)
    assert short == long
    assert (splitter.account, splitter.shape, splitter.warnings) == (
        other.account,
        other.shape,
        other.warnings,
    )


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_accounted_for_in_the_same_way_whatever_the_reads(content: bytes, chunk: int) -> None:
    pieces, _ = split(content)
    again, _ = split(content, SplitLimits(window=1), chunk)
    assert again == pieces


fragments = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b"\n", b'"', b" ", b'{"a":1,"b":2,"c":3}', b'{"a":1}', b'{"Records":[', b'"events":[',
     b'{"data":[{"a":1}]}', b"]}", b"x", b"\xef\xbb\xbf", b"NaN", b'{"actor":1,', b'"value":[1]', b"1", b"\x00", b"\xff",
     b"\r\n", b"a,b,c,d\n", b'1,"2\n",3,4\n', b'{"hits":{"hits":['
     ]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(
    st.lists(fragments, max_size=14).map(b"".join), st.integers(1, 30), st.integers(4, 60), st.integers(4, 60)
)
def test_hostile_content_is_cut_in_the_same_way_whatever_the_reads(
    content: bytes, chunk: int, longest: int, ahead: int
) -> None:
    limits = SplitLimits(max_record=longest, look_ahead=ahead)
    pieces, splitter = split(content, limits)
    again, other = split(
        content, SplitLimits(max_record=longest, look_ahead=ahead, window=1, sniff=MEBIBYTE), chunk
    )
    assert again == pieces
    assert other.account == splitter.account


# --- damage --------------------------------------------------------------------------------------------------------

LAID_OUT = {way: lay_out(way, TEXTS, [b""]) for way in ("array", "Records", "hits", "lines", "concatenated")}
LAID_OUT["pretty array"] = json.dumps(EVENTS, indent=2).encode()
LAID_OUT["pretty Records"] = json.dumps({"Records": EVENTS}, indent=1).encode()
LAID_OUT["pretty concatenated"] = b"\n".join(json.dumps(item, indent=2).encode() for item in EVENTS)


@settings(max_examples=1200, deadline=None)
@given(st.sampled_from(sorted(LAID_OUT)), st.data())
def test_one_wrong_byte_costs_the_record_it_touches_and_at_most_a_neighbour(
    way: str, data: st.DataObject
) -> None:
    content = LAID_OUT[way]
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.sampled_from(b'{}[]",:\\ \n0x\x00\xff') | st.integers(0, 255))
    damaged = content[:place] + bytes([byte]) + content[place + 1 :]
    whole, _ = split(content)
    assert len(whole) == 50
    pieces, _ = split(damaged)
    kept = {(piece.offset, piece.length) for piece in records(pieces)}
    # A bracket may have put the rest of an array into one element: that is a record, and nothing is lost.
    wide = [piece for piece in records(pieces) if piece.offset <= place < piece.offset + piece.length]
    lost = [
        piece
        for piece in whole
        if (piece.offset, piece.length) not in kept
        and not any(
            one.offset <= piece.offset and piece.offset + piece.length <= one.offset + one.length
            for one in wide
        )
    ]
    if place < whole[0].offset:
        # The wrapper's own head: its key may have become any other key, and then the object is one record.
        assert len(lost) <= 1 or way == "hits"
    else:
        assert len(lost) <= 2
    # Nothing that was no record has become one.
    for piece in records(pieces):
        touched = piece.offset <= place < piece.offset + piece.length or piece.path == "line"
        assert touched or (piece.offset, piece.length) in {(one.offset, one.length) for one in whole}


@pytest.mark.parametrize("way", sorted(LAID_OUT))
def test_content_that_was_cut_off_keeps_all_complete_records(way: str) -> None:
    content = LAID_OUT[way]
    whole, _ = split(content)
    for end in range(whole[3].offset, whole[6].offset, 37):
        pieces, _ = split(content[:end])
        complete = [piece for piece in whole if piece.offset + piece.length <= end]
        assert records(pieces)[: len(complete)] == complete
        begun = any(piece.offset < end < piece.offset + piece.length for piece in whole)
        assert bool(rejects(pieces)) == begun
        assert len(records(pieces)) == len(complete)


@pytest.mark.parametrize("way", ["array", "Records", "lines", "concatenated", "pretty array"])
def test_content_without_its_head_keeps_all_records_but_the_first(way: str) -> None:
    content = LAID_OUT[way]
    whole, _ = split(content)
    for start in range(whole[2].offset + 1, whole[3].offset, 11):
        pieces, _ = split(content[start:])
        found = [piece.data for piece in records(pieces)]
        assert found[-46:] == [piece.data for piece in whole[-46:]]


def test_a_broken_record_is_rejected_alone_and_the_reason_says_what_is_wrong() -> None:
    texts = [*TEXTS[:3], TEXTS[3].replace(b'"eventTime":', b'"eventTime"='), *TEXTS[4:6]]
    content = lay_out("Records", texts, [b""])
    pieces, splitter = split(content)
    assert [piece.data for piece in records(pieces)] == TEXTS[:3] + TEXTS[4:6]
    (rejected,) = rejects(pieces)
    assert rejected.reason == "not valid JSON: ':' expected after a key"
    assert content[rejected.offset : rejected.offset + rejected.length] == texts[3] + b","
    assert all(piece.path == "Records[]" for piece in records(pieces))
    assert splitter.shape.description == 'JSON object, records in "Records"'


def test_a_part_of_a_damaged_record_never_becomes_a_record() -> None:
    damaged = TEXTS[0].replace(b'"eventVersion":"1.08"', b'"eventVersion":tru')
    for content in (
        b"[" + damaged + b"]",
        damaged,
        b'{"Records":[' + damaged + b"]}",
        damaged + b"\n" + damaged,
    ):
        pieces, _ = split(content)
        assert not [piece for piece in records(pieces) if piece.path != "line"]


@pytest.mark.parametrize(
    "oddity",
    [b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":' + b"9" * 5000 + b"}", b'{"a":1,"a":2}', b'{"a":"\xff\xfe"}',
     b'{"a":"\\ud800"}', b'{"a":"\xed\xa0\x80"}', b'{"a":1e999}', b'{"a":"tab\there"}', b"{}", b'{"":{"":[]}}',
     b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"a":"' + b"\\u0041" * 1000 + b'"}']
)  # fmt: skip
@pytest.mark.parametrize("way", ["array", "Records", "lines", "concatenated", "hits"])
def test_odd_but_readable_records_stay_records(oddity: bytes, way: str) -> None:
    pieces, _ = split(lay_out(way, [*TEXTS[:2], oddity, *TEXTS[2:4]], [b" "]))
    assert [piece.data for piece in pieces] == [*TEXTS[:2], oddity, *TEXTS[2:4]]


def test_separators_too_many_or_too_few_are_noted_and_cost_nothing() -> None:
    pieces, splitter = split(b'[{"a":1},,{"a":2} {"a":3},]')
    assert [piece.data for piece in pieces] == [b'{"a":1}', b'{"a":2}', b'{"a":3}']
    assert splitter.warnings["comma without a value before it"] == 1
    assert splitter.warnings["comma missing between two values"] == 1


def test_a_broken_line_is_rejected_and_lines_around_it_stay() -> None:
    lines = [
        TEXTS[0],
        b'{"eventVersion":"1.08",',
        b"",
        b"  ",
        TEXTS[1] + b" \r",
        b"not json",
        b"3",
        b"[1, 2]",
        TEXTS[2],
    ]
    pieces, splitter = split(b"\n".join(lines))
    assert splitter.shape.kind is ShapeKind.JSON_LINES
    assert [piece.data for piece in records(pieces)] == [TEXTS[0], TEXTS[1], b"3", b"1", b"2", TEXTS[2]]
    assert [piece.reason for piece in rejects(pieces)] == [
        "cut off in the middle of a record",
        "not valid JSON: a JSON value expected",
    ]


def test_two_records_run_together_in_a_line_are_both_found() -> None:
    pieces, _ = split(TEXTS[0] + b"\n" + TEXTS[1][:60] + TEXTS[2] + b"\n" + TEXTS[3])
    assert [piece.data for piece in records(pieces)] == [TEXTS[0], TEXTS[2], TEXTS[3]]


# --- which arrays hold records ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "path", "count"),
    [
        ({"Records": [{"a": 1}, {"a": 2}]}, "Records[]", 2),
        ({"records": [{"a": 1}]}, "records[]", 1),
        ({"Events": [{"EventId": "1", "CloudTrailEvent": "{}"}]}, "Events[]", 1),
        ({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": "m"}]}, "logEvents[]", 1),
        ({"events": [{"message": "m"}], "searchedLogStreams": []}, "events[]", 1),
        ({"@odata.context": "c", "value": [{"id": "1"}]}, "value[]", 1),
        ({"entries": [{"id": 1}]}, "entries[]", 1),
        ({"Items": [{"id": 1}], "Count": 1}, "Items[]", 1),
        ({"kind": "EventList", "items": [{"auditID": "1"}]}, "items[]", 1),
        ({"kind": "admin#reports#activities", "items": [{"actor": {}}]}, "items[]", 1),
        ({"object": "list", "data": [{"id": 1}, {"id": 2}]}, "data[]", 2),
        ({"took": 1, "hits": {"total": 2, "hits": [{"_source": {}}, {"_source": {}}]}}, "hits.hits[]", 2),
        ({"Rec\u006frds": [1, "two", None]}, "Records[]", 3),
        # events that merely have an array
        ({"kind": "admin#reports#activity", "id": {"time": "t"}, "events": [{"name": "n"}]}, "", 1),
        ({"id": {"time": "t"}, "events": [{"name": "n"}], "actor": {"email": "e"}}, "", 1),
        ({"eventVersion": "1.08", "eventName": "n", "data": [{"a": 1}]}, "", 1),
        ({"logFiles": [{"s3Object": "o"}], "digestStartTime": "t"}, "", 1),
        ({"class_uid": 6003, "data": [{"a": 1}]}, "", 1),
        ({"metric": "m", "data": [1, 2, 3]}, "", 1),
        ({"metric": "m", "data": []}, "", 1),
        ({"resources": [{"ARN": "a"}], "eventID": "1"}, "", 1),
        ({"nested": {"Records": [{"a": 1}]}}, "", 1),
        ({"Records": {"a": 1}}, "", 1),
        ({"hits": [{"a": 1}]}, "", 1),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("lines", [False, True])
def test_wrappers_and_events_are_told_apart(
    document: dict, path: str, count: int, indent: int | None, lines: bool
) -> None:
    content = json.dumps(document, indent=indent).encode()
    if lines:
        content = content + b"\n" + content
    pieces, _ = split(content)
    assert [piece.path for piece in pieces] == [path] * count * (2 if lines else 1)
    again, _ = split(content, SplitLimits(window=1), 3)
    assert again == pieces


def test_the_key_that_tells_an_event_may_stand_after_the_array() -> None:
    pieces, _ = split(b'{"events":[{"name":"n"}],"actor":{}}')
    assert [piece.path for piece in pieces] == [""]
    # Beyond what is looked ahead, what was seen so far decides.
    pieces, _ = split(b'{"events":[{"name":"n"}],"actor":{}}', SplitLimits(look_ahead=20))
    assert [piece.path for piece in pieces] == ["events[]"]


@pytest.mark.parametrize("path", sorted(AT_SIGHT | WITH_CARE))
@pytest.mark.parametrize("between", [b"\n", b" ", b"\n \n"])
def test_every_array_of_records_is_looked_into_however_its_object_is_cut(
    path: tuple[str, ...], between: bytes
) -> None:
    wrapped: object = [{"note": 1}, {"note": 2}]
    for name in reversed(path):
        wrapped = {name: wrapped}
    pieces, _ = split(between.join([compact(wrapped)] * 5) + between)
    assert [json.loads(piece.data) for piece in pieces] == [{"note": 1}, {"note": 2}] * 5


def test_an_empty_wrapper_holds_no_record() -> None:
    pieces, splitter = split(b'{"Records":[]}')
    assert pieces == []
    assert splitter.account.structure == 14


def test_every_array_of_records_in_an_object_is_read() -> None:
    pieces, splitter = split(b'{"items":[{"a":1}],"Records":[{"a":2}],"Records":[{"a":3}],"x":9}')
    assert [(piece.path, piece.data) for piece in pieces] == [
        ("items[]", b'{"a":1}'),
        ("Records[]", b'{"a":2}'),
        ("Records[]", b'{"a":3}'),
    ]
    assert splitter.shape.arrays == ["items[]", "Records[]"]


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["array", "Records", "lines", "concatenated", "pretty array"])
@pytest.mark.parametrize("chunk", [None, 7, 1000])
def test_a_record_beyond_the_limit_is_rejected_with_its_size_and_the_option(
    way: str, chunk: int | None
) -> None:
    longest = max(map(len, TEXTS)) * 3
    giant = event(7, blob='"}]' * longest, deep=[[[["]"]]]] * 50)
    texts = [*TEXTS[:2], compact(giant), *TEXTS[2:4]]
    content = lay_out(way, texts, [b""])
    if way == "pretty array":
        content = json.dumps([EVENTS[0], EVENTS[1], giant, EVENTS[2], EVENTS[3]], indent=1).encode()
    pieces, _ = split(content, SplitLimits(max_record=longest, look_ahead=longest // 2, window=64), chunk)
    assert [json.loads(piece.data) for piece in records(pieces)] == EVENTS[:4]
    (rejected,) = rejects(pieces)
    assert re.fullmatch(
        rf"record of {rejected.length} bytes is longer than the limit of {longest}; --max-record lifts it",
        rejected.reason,
    )
    assert json.loads(content[rejected.offset : rejected.offset + rejected.length]) == giant


@pytest.mark.parametrize("size", [99, 100, 101, 102])
@pytest.mark.parametrize("chunk", [None, 1, 13])
def test_the_limit_is_exact(size: int, chunk: int | None) -> None:
    text = b'{"a":"' + b"x" * (size - 8) + b'"}'
    for content in (
        text,
        b"[" + text + b"]",
        text + b"\n" + text,
        b'{"Records":[' + text + b"," + text + b"]}",
    ):
        pieces, _ = split(content, SplitLimits(max_record=100, look_ahead=50, window=1), chunk)
        assert all((type(piece) is Record) == (size <= 100) for piece in pieces)


# --- other shapes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ShapeKind.EMPTY),
        (b" \n\t\n", ShapeKind.EMPTY),
        (b"\xef\xbb\xbf", ShapeKind.EMPTY),
        (b"\x7fELF\x02\x01\x01" + bytes(60), ShapeKind.BINARY),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", ShapeKind.BINARY),
        (
            b"Mar  4 05:06:07 host sshd[1]: Accepted\nMar  4 05:06:08 host sshd[1]: Closed\n",
            ShapeKind.TEXT_LINES,
        ),
        (b"[2026-03-04 05:06:07] INFO [x] started\n[2026-03-04 05:06:08] INFO done\n", ShapeKind.TEXT_LINES),
        (b'<134>vault: {"a":1,"b":2,"c":3}\n<134>vault: {"a":1,"b":2,"c":3}\n', ShapeKind.TEXT_LINES),
        (b'start\n{"a":1,"b":2,"c":3}\nstop\nmore\n{"a":1,"b":2,"c":3}\n', ShapeKind.TEXT_LINES),
        (b'{"a":1}', ShapeKind.JSON_OBJECT),
        (b'[{"a":1}]', ShapeKind.JSON_ARRAY),
        (b'{"a":1}\n{"a":1}', ShapeKind.JSON_LINES),
        (b'{\n"a":1}\n{"a":1}', ShapeKind.CONCATENATED_JSON),
        (b'{"a":1}{"a":1}', ShapeKind.CONCATENATED_JSON),
        (b"a,b,c,d\n1,2,3,4\n", ShapeKind.CSV),
        (b"one, two, three, four\nand five\n", ShapeKind.TEXT_LINES),
    ],
)
def test_the_shape_is_recognised(content: bytes, kind: ShapeKind) -> None:
    pieces, splitter = split(content)
    assert splitter.shape.kind is kind
    assert splitter.shape.description
    if kind is ShapeKind.EMPTY:
        assert not pieces
    if kind is ShapeKind.BINARY:
        assert [piece.reason for piece in pieces] == ["binary content, no reader"]
        assert pieces[0].length == len(content)
    if kind is ShapeKind.TEXT_LINES:
        assert [piece.data for piece in pieces] == [line for line in content.splitlines() if line]
        assert {piece.path for piece in pieces} == {"line"}


def test_the_shape_is_known_with_the_first_piece() -> None:
    splitter = Splitter([b'{"Records":[{"a":1},{"a":2}]}'])
    next(iter(splitter))
    assert splitter.shape.description == 'JSON object, records in "Records"'


def test_files_joined_with_their_byte_order_marks_are_read_on() -> None:
    one = b'\xef\xbb\xbf{"Records":[{"a":1}]}'
    for joint in (b"", b"\n", b"\r\n\r\n"):
        pieces, _ = split(one + joint + one + joint + one)
        assert [piece.data for piece in pieces] == [b'{"a":1}'] * 3


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=8), st.booleans())
def test_each_line_of_text_is_a_record(lines: list[bytes], windows: bool) -> None:
    end = b"\r\n" if windows else b"\n"
    content = b"plain text first" + end + end.join(lines)
    pieces, splitter = split(content)
    if splitter.shape.kind is ShapeKind.TEXT_LINES:
        expected = [line.removesuffix(b"\r") for line in content.split(b"\n")]
        assert [piece.data for piece in pieces] == [line for line in expected if line.strip(b" \t\r\v\f")]
