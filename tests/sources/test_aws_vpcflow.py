from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import records, split
from workbench.evidence.csv_rows import row_values
from workbench.evidence.pieces import ShapeKind
from workbench.model.event import Event, OutcomeStatus, Verb
from workbench.model.evidence import Disposition
from workbench.sources.aws_vpcflow import VpcFlowReader
from workbench.sources.protocol import Context

READER = VpcFlowReader()
LINE = (
    "2 111122223333 eni-0a1b2c3d 192.0.2.9 198.51.100.7 49152 443 6 20 4249 1688989338 1688989398 ACCEPT OK"
)
HEADER = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
ROW: dict[str, object] = dict(zip(HEADER.split(), LINE.split(), strict=True))


def read(line: str) -> Event:
    assert READER.recognises_line(line)
    event = READER.read_line(line, Context()).event
    assert event is not None
    return event


def read_row(row: dict[str, object]) -> Event:
    assert READER.recognises(row)
    event = READER.read(row, Context()).event
    assert event is not None
    return event


def test_a_flow_is_context_and_names_nobody() -> None:
    event = read(LINE)
    assert (event.time.micros, event.time.raw) == (1_688_989_338_000_000, "1688989338")
    assert (event.act.verb, event.act.category, event.act.action) == (Verb.OTHER, "context", "ACCEPT")
    assert (event.identity, event.credential, event.user_agent) == (None, None, None)
    assert event.address is not None
    assert event.address.ip == "192.0.2.9"
    assert event.place.account == "111122223333"
    assert [(thing.type, thing.name) for thing in event.resources] == [
        ("ec2:network-interface", "eni-0a1b2c3d"),
        ("network:endpoint", "198.51.100.7:443"),
    ]


@pytest.mark.parametrize(
    ("action", "status"), [("ACCEPT", OutcomeStatus.UNKNOWN), ("REJECT", OutcomeStatus.DENIED)]
)
def test_only_a_refusal_is_an_outcome(action: str, status: OutcomeStatus) -> None:
    outcome = read(LINE.replace("ACCEPT", action)).outcome
    assert (outcome.status, outcome.code) == (status, action)


def test_a_window_without_data_and_one_that_was_skipped() -> None:
    empty = "2 unknown eni-0a1b2c3d - - - - - - - 1688989338 1688989398 - {}"
    nothing = read(empty.format("NODATA"))
    assert (nothing.address, nothing.particulars, nothing.place.account) == (None, None, None)
    skipped = read(empty.format("SKIPDATA"))
    assert skipped.particulars is not None
    assert skipped.particulars.withheld == ("log-status: SKIPDATA",)


@pytest.mark.parametrize(
    "line", ["", HEADER, "3 " + LINE[2:], LINE + " x", LINE.replace("443", "x"), "2 " * 14]
)
def test_other_lines_are_left_alone(line: str) -> None:
    assert READER.recognises_line(line) == ""


@given(st.permutations(HEADER.split()), st.booleans())
def test_a_file_with_a_header_in_any_order_reads_like_the_default_line(order: list[str], crlf: bool) -> None:
    end = "\r\n" if crlf else "\n"
    row = " ".join(str(ROW[name]) for name in order)
    content = (" ".join(order) + end + row + end).encode()
    pieces, splitter = split(content)
    assert splitter.shape.kind is ShapeKind.CSV
    assert splitter.shape.description == "CSV, 14 columns, space-separated"
    document: dict[str, object] = dict(row_values(records(pieces)[0].data, splitter.shape))
    assert read_row(document) == read(LINE)


def test_a_custom_format() -> None:
    content = (
        b"pkt-srcaddr srcaddr dstaddr dstport start vpc-id instance-id region\n"
        b"203.0.113.5 10.0.0.1 2001:db8::7 443 1688989338 vpc-1 i-0a1b eu-west-1\n"
        b"pkt-srcaddr srcaddr dstaddr dstport start vpc-id instance-id region\n"
    )
    pieces, splitter = split(content)
    first, again = (dict(row_values(piece.data, splitter.shape)) for piece in records(pieces))
    event = read_row({**first})
    assert event.address is not None
    assert event.address.ip == "203.0.113.5"
    assert [thing.name for thing in event.resources] == ["i-0a1b", "[2001:db8::7]:443"]
    assert event.place.region == "eu-west-1"
    reading = READER.read({**again}, Context())
    assert (reading.disposition, reading.reason) == (Disposition.UNRECOGNISED, "a header line among the rows")


@pytest.mark.parametrize(
    "content",
    [
        b"the start of a text\nwith an end there\n",
        b"start end action\n1 2 3 4\n",
        b"start start end\n1 2 3\n",
        b"version\n2\n",
        b"start end\n",
    ],
)
def test_text_is_no_flow_log(content: bytes) -> None:
    _, splitter = split(content)
    assert splitter.shape.kind is ShapeKind.TEXT_LINES


def test_exports() -> None:
    values = ROW
    panther: dict[str, object] = {
        "version": 2,
        "accountId": values["account-id"],
        "interfaceId": values["interface-id"],
        "srcAddr": values["srcaddr"],
        "dstAddr": values["dstaddr"],
        "dstPort": 443,
        "start": "2023-07-10 11:42:18.000000000",
        "action": "ACCEPT",
        "status": "OK",
        "p_log_type": "AWS.VPCFlow",
    }
    native = read(LINE)
    row = read_row(panther)
    assert row.time.micros == native.time.micros
    assert row.time.basis == "start, no zone: UTC assumed (Panther)"
    assert (row.address, row.resources, row.act, row.outcome) == (
        native.address,
        native.resources,
        native.act,
        native.outcome,
    )
    assert read_row({"timestamp": 1688989338000, "message": LINE, "eventId": "1"}) == native


@given(st.text(max_size=200) | st.just(LINE))
def test_no_line_raises(text: str) -> None:
    READER.recognises_line(text)
    READER.read_line(text, Context())
