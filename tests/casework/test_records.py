"""Records read together and one by one: the same events of the same places, whatever lies between them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.aws_cloudtrail.records import ROLE, record, written
from workbench.casefile.events.batch import Values
from workbench.casework.ingest.records import EventSink, RecordReader
from workbench.evidence.pieces import Rejected, Run, SplitLimits, decode_nothing
from workbench.evidence.split import Splitter
from workbench.model.event import Event
from workbench.sources.protocol import Context
from workbench.sources.registry import Readers

READERS = Readers()
OTHERS = (
    b'{"type":"request","time":"2024-05-01T10:00:00Z","auth":{"client_token":"x"},"request":{"id":"1","operation":"read"}}',
    b'{"what":"nobody knows"}',
    b'{"eventSource":"s3.amazonaws.com","eventName":',
    b"[1,2]",
    b"7",
)


class Kept(EventSink):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[Any, ...]] = []

    def add(self, event: Event, start: int, length: int, part: int, reading: Values) -> None:
        self.taken.append((event, start, length, part, reading))


def read(content: bytes, *, together: bool) -> tuple[Any, ...]:
    """Read all records of a content."""
    kept = Kept()
    reader = RecordReader(kept, READERS, Context())
    splitter = Splitter([content], SplitLimits(window=1 << 12), reader.decode if together else decode_nothing)
    for run in splitter.runs():
        if isinstance(run, Rejected):
            continue
        if together:
            reader.read(run, splitter.shape)
        else:
            for each in run.records():
                reader.read_carefully(each, splitter.shape)
    return kept.taken, reader.take_others(), reader.warnings, reader.sources, reader.records


entries = st.one_of(
    written([record(), record(userIdentity=ROLE), record(eventType="Odd")]), st.sampled_from(OTHERS)
)


@given(st.lists(entries, min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_lines(lines: list[bytes]) -> None:
    content = b"\n".join(lines)
    assert read(content, together=True) == read(content, together=False)


@given(st.lists(entries, min_size=1, max_size=12), st.data())
@settings(max_examples=150, deadline=None)
def test_an_array_even_if_it_is_cut_or_damaged(elements: list[bytes], data: st.DataObject) -> None:
    content = b'{"Records":[' + b",".join(elements) + b"]}"
    at = data.draw(st.integers(0, len(content)))
    content = content[:at] + data.draw(st.sampled_from([b"", b"}", b'"', b"{", b"]", b","])) + content[at:]
    assert read(content, together=True) == read(content, together=False)


plain_entries = st.builds(
    lambda number, nested: json.dumps(
        record(eventID=str(number), requestParameters=nested), separators=(",", ":"), ensure_ascii=False
    ).encode(),
    st.integers(0, 10**6),
    st.recursive(
        st.none() | st.text(alphabet='a,{}[]"\\é\n', max_size=9),
        lambda inner: st.lists(st.dictionaries(st.sampled_from(["eventVersion", "a"]), inner), max_size=3),
        max_leaves=6,
    ).map(lambda value: {"value": value}),
)


@given(st.lists(plain_entries, min_size=2, max_size=12), st.none() | entries, st.data())
@settings(max_examples=150, deadline=None)
def test_an_array_decoded_as_it_is_cut(plain: list[bytes], odd: bytes | None, data: st.DataObject) -> None:
    """Where each record stands is told from how long it is when it is written again."""
    elements = list(plain)
    if odd is not None:
        elements.insert(data.draw(st.integers(0, len(plain))), odd)
    content = b'{"Records":[' + b",".join(elements) + b"]}"
    assert read(content, together=True) == read(content, together=False)
    reader = RecordReader(Kept(), READERS, Context())
    runs = [run for run in Splitter([content], decode=reader.decode).runs() if isinstance(run, Run)]
    assert [each for run in runs for each in run.data] == elements or odd is not None
    # Where the slab ends is guessed at what looks like the beginning of a record.
    if odd is None and not any(b'{"eventVersion"' in each[1:] for each in plain):
        assert runs[0].decoded is not None


def test_most_plain_records_are_read_together() -> None:
    lines = [json.dumps(record(eventID=str(number)), separators=(",", ":")).encode() for number in range(50)]
    lines[20] = OTHERS[1]
    kept, others, *_ = read(b"\n".join(lines), together=True)
    assert [event.native_id for event, *_ in kept] == [str(number) for number in range(50) if number != 20]
    assert len(others) == 1
