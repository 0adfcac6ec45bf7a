"""Contents that are odd or broken: what is said and shown of them, word for word where a person acts on it."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.adversarial.adding import AddOne
from tests.casework import oracle
from tests.casework.command import workbench
from tests.casework.logs import compact, lines, record, trail

ONE, TWO, THREE = (compact(record(number)) for number in (1, 2, 3))


def test_binary_file(add: AddOne) -> None:
    added = add(bytes(range(256)) * 20)
    assert (added.said.status, added.total["bytes"]["rejected"], added.total["records"]) == (0, 5120, 0)
    assert added.lines == [
        "kept, not all of it read: input.log: 1 byte ranges rejected: binary content, no reader (5,120 bytes at 0)"
    ]


def test_truncated_gzip(add: AddOne) -> None:
    whole = trail(map(record, range(400)))
    packed = gzip.compress(whole)
    added = add(packed[: len(packed) * 2 // 3])
    assert added.said.status == 0
    assert 200 < added.total["events"] < 400
    assert (
        "damaged, kept as far as it could be read and whole as delivered: input.log: the compressed data is cut off"
        in (added.lines)
    )
    contents = sorted(oracle.contents(added.case).values(), key=len)
    assert contents[0] == packed[: len(packed) * 2 // 3]
    assert whole.startswith(contents[1])


def test_broken_json_in_the_middle(add: AddOne) -> None:
    broken = TWO[:300]
    for content in (
        b'{"Records":[' + b",".join([ONE, broken, THREE]) + b"]}",
        b"\n".join([ONE, broken, THREE]),
        b"[" + b",\n".join([ONE, broken, THREE]) + b"]",
    ):
        added = add(content)
        assert added.said.status == 0
        assert added.total["rejected_ranges"] == 1
        numbers = {event["native_id"] for event in added.events}
        assert numbers >= {record(1)["eventID"]}
        (line,) = added.lines
        assert line.startswith("kept, not all of it read: input.log: 1 byte ranges rejected: ")
    # In lines a broken one costs only itself.
    added = add(b"\n".join([ONE, broken, THREE]))
    assert {event["native_id"] for event in added.events} == {record(1)["eventID"], record(3)["eventID"]}
    assert added.total["bytes"]["rejected"] == len(broken)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_nesting(add: AddOne, opening: bytes) -> None:
    depth = 10_000
    nested = opening * depth + b"1" + (b"]" if opening == b"[" else b"}") * depth
    deep = compact(record(5, requestParameters=...))[:-1] + b',"requestParameters":' + nested + b"}"
    added = add(deep + b"\n" + ONE + b"\n")
    assert (added.said.status, added.dispositions) == (0, {"primary": 1, "unrecognised": 1})
    (line,) = added.lines
    assert "1 records unrecognised: nested deeper than 500 levels" in line
    assert add(nested).total["bytes"]["structure"] < 3
    assert (
        add(opening * depth).total["bytes"]["rejected"] >= len(opening) * depth - 1
    )  # a first "[" is structure
    ref = f"{added.info['evidence'][0]['content_sha256'][:12]}:0"
    assert workbench("evidence", added.case, ref).out == deep


def test_invalid_utf8(add: AddOne) -> None:
    added = add(ONE.replace(b"aws-cli", b"aws\xff\xfe-cli") + b"\n" + TWO)
    assert added.dispositions == {"primary": 2}
    (event,) = (event for event in added.events if "invalid UTF-8" in str(event["warnings"]))
    assert event["user_agent"] == r"aws\xff\xfe-cli/2.15.0"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16(add: AddOne, encoding: str) -> None:
    text = "\ufeff" + trail([record(1, userAgent="Ärger 🦊"), record(2)]).decode()
    added = add(text.encode(encoding))
    assert (added.total["events"], added.info["evidence"][0]["encoding"]) == (2, encoding)
    event = next(event for event in added.events if event["native_id"] == record(1)["eventID"])
    assert event["user_agent"] == "Ärger 🦊"
    said = workbench("evidence", added.case, event["ref"])
    assert json.loads(said.out.decode(encoding)) == record(1, userAgent="Ärger 🦊")
    assert add(text.encode(encoding) + b"\n").total["bytes"]["rejected"] == 1  # half a character at the end


@pytest.mark.parametrize(
    "key", ["sourceIPAddress", "eventID", "userIdentity", "requestParameters", "userAgent", "awsRegion"]
)
def test_duplicate_keys(add: AddOne, key: str) -> None:
    """A key that stands twice makes a record say two things: never in silence."""
    name = f'"{key}":'.encode()
    other = b'{"type":"Root"}' if key == "userIdentity" else b'"203.0.113.9"'
    added = add(trail([record(8)]).replace(name, name + other + b"," + name, 1))
    (event,) = added.events
    assert f'duplicate key "{key}": last value used' in event["warnings"]
    assert f'duplicate key "{key}": last value used' in added.info["evidence"][0]["warnings"]


def test_numbers_beyond_machines(add: AddOne) -> None:
    digits = b"9" * 5_000
    for number, warning in (
        (digits, "integer of more than 4300 digits kept as text"),
        (b"-" + digits, "integer of more than 4300 digits kept as text"),
        (b"NaN", "NaN is not JSON, kept as text"),
        (b"-Infinity", "-Infinity is not JSON, kept as text"),
    ):
        content = (
            compact(record(5, requestParameters=...))[:-1] + b',"requestParameters":{"n":' + number + b"}}"
        )
        added = add(content)
        (event,) = added.events
        assert event["warnings"] == [warning]
        assert workbench("evidence", added.case, event["ref"]).out == content


@pytest.mark.parametrize(
    "time_text",
    [
        *("0000-00-00T00:00:00Z", "99999-01-01T00:00:00Z", "2023-02-30T00:00:00Z", "yesterday"),
        *("", None, ..., ["2023"], 1e300, {}),
    ],
)
def test_times_that_are_none(add: AddOne, time_text: object) -> None:
    added = add(lines([record(1), record(2, eventTime=time_text)]))
    assert (added.total["events"], added.total["undated"]) == (2, 1)
    dated, undated = added.events
    assert (undated["time"], undated["native_id"]) == (None, record(2)["eventID"])
    assert undated["warnings"]
    if isinstance(time_text, str) and time_text:
        assert undated["time_raw"] == time_text
    assert dated["native_id"] == record(1)["eventID"]
    assert b"no time" in workbench("events", added.case).out


@pytest.mark.parametrize(
    "time_text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"]
)
def test_absurd_times(add: AddOne, time_text: str) -> None:
    added = add(lines([record(2, eventTime=time_text)]))
    (event,) = added.events
    assert (event["time"], event["time_raw"]) == (time_text, time_text)
    assert event["warnings"]
    with oracle.opened(added.case) as connection:
        assert connection.execute("SELECT time FROM v_event").fetchone() == (time_text,)
