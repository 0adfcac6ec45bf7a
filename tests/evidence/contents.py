"""Ways to cut contents in tests, and random documents."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import strategies as st

from workbench.evidence.pieces import Record, Rejected, SplitLimits
from workbench.evidence.split import Splitter

SMALL = SplitLimits(window=1)


def split(data: bytes, limits: SplitLimits | None = None, chunk: int | None = None) -> tuple[list, Splitter]:
    splitter = Splitter(chunks(data, chunk), limits or SplitLimits())
    pieces: list[Record | Rejected] = []
    for run in splitter.runs():
        if isinstance(run, Rejected):
            pieces.append(run)
            continue
        assert run.array in (b"", b"[" + b",".join(run.data) + b"]")
        pieces += run.records()
    check(data, pieces, splitter)
    return pieces, splitter


def chunks(data: bytes, size: int | None) -> Iterator[bytes]:
    if size is None:
        yield data
        return
    for start in range(0, len(data), size):
        yield data[start : start + size]


def check(data: bytes, pieces: list, splitter: Splitter) -> None:
    """Each byte belongs to exactly one range, and the account says so."""
    cursor = records = rejected = 0
    for piece in pieces:
        assert piece.offset >= cursor
        assert piece.length > 0
        cursor = piece.offset + piece.length
        if isinstance(piece, Record):
            records += piece.length
            stored = data[piece.offset : cursor]
            if splitter.shape.encoding.startswith("utf-16"):
                text = stored.decode(splitter.shape.encoding, "surrogatepass")
                assert piece.data == text.encode("utf-8", "surrogatepass")
            else:
                assert piece.data == stored
        else:
            rejected += piece.length
    assert cursor <= len(data)
    account = splitter.account
    assert account.balances
    assert (account.size, account.records, account.rejected) == (len(data), records, rejected)


def records(pieces: list) -> list[Record]:
    return [piece for piece in pieces if isinstance(piece, Record)]


def rejects(pieces: list) -> list[Rejected]:
    return [piece for piece in pieces if isinstance(piece, Rejected)]


def event(number: int, **more: object) -> dict[str, object]:
    """A record with nested objects and arrays, brackets and quotes in strings, like a CloudTrail event."""
    return {
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "arn": f'a"b{{c}}[{number}]\\', "n": [1, 2, [3, {"x": None}]]},
        "eventTime": f"2026-03-04T05:06:{number % 60:02d}Z",
        "eventName": "Get\u00e9\U0001f600",
        "resources": [
            {"ARN": "x", "accountId": "1", "type": "t"},
            {"ARN": "y", "accountId": "2", "type": "t"},
        ],
        "eventID": f"{number:08d}",
        **more,
    }


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


spaces = st.text(" \t\r\n", max_size=3).map(str.encode)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=6), values, max_size=5)


@st.composite
def written(draw: st.DrawFn, value: object) -> bytes:
    """The value as JSON with white space wherever JSON allows it."""
    if isinstance(value, dict):
        members = [
            draw(spaces)
            + json.dumps(key).encode()
            + draw(spaces)
            + b":"
            + draw(spaces)
            + draw(written(member))
            + draw(spaces)
            for key, member in value.items()
        ]
        return b"{" + (b",".join(members) or draw(spaces)) + b"}"
    if isinstance(value, list):
        elements = [draw(spaces) + draw(written(element)) + draw(spaces) for element in value]
        return b"[" + (b",".join(elements) or draw(spaces)) + b"]"
    return json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
