"""Columns and short ids lose nothing."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from tests.casefile.build import READING
from tests.casefile.events import PLAIN, events
from workbench.casefile.batch import (
    BatchBuilder,
    pack_native_id,
    pack_native_ids,
    raw_time_to_keep,
    storable,
    unpack_native_id,
)
from workbench.clock import rfc3339
from workbench.model.event import EventTime, Precision

NEAR_IDS = st.one_of(
    st.uuids().map(str),
    st.uuids().map(lambda value: str(value).upper()),
    st.uuids().map(lambda value: value.hex),
    st.text(alphabet="0123456789abcdefABCDEF- ", min_size=30, max_size=38),
    st.text(max_size=40),
)


@given(st.none() | NEAR_IDS)
def test_a_native_id_comes_back_as_it_was(text):
    stored = pack_native_id(text)
    if text is not None and text.isascii():
        assert unpack_native_id(stored) == text
    assert stored is None or isinstance(stored, bytes) or unpack_native_id(stored) == stored


@given(
    st.lists(st.none() | NEAR_IDS)
    | st.lists(st.uuids().map(str))
    | st.lists(st.none() | st.uuids().map(lambda value: value.hex))
    | st.lists(st.text("0123456789abcdefAB- ", min_size=36, max_size=36))
    | st.lists(st.text("0123456789abcdefAB- ", min_size=32, max_size=32))
)
def test_the_native_ids_of_a_column_are_stored_like_each_alone(texts):
    assert pack_native_ids(texts) == list(map(pack_native_id, texts))


def test_uuids_are_stored_in_sixteen_bytes():
    value = uuid.UUID("0bdf2b9c-2cf9-40dd-a88b-0148e08e5a75")
    assert pack_native_id(str(value)) == value.bytes
    assert pack_native_id(value.hex) == b"\x01" + value.bytes
    assert pack_native_id(str(value).upper()) == str(value).upper()


@given(st.text())
def test_whatever_is_stored_is_text_that_sqlite_takes(text):
    storable(text).encode("utf-8")


def test_a_cut_value_says_so():
    assert "cut; 20,000 characters" in storable("x" * 20_000)


@given(
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999),
    st.sampled_from(Precision),
    st.text(max_size=30),
)
def test_a_time_text_is_dropped_only_if_it_can_be_written_again(micros, precision, other):
    for raw in (rfc3339(micros, precision.digits), other):
        kept = raw_time_to_keep(EventTime(micros, raw, precision, "eventTime"))
        assert (kept if kept is not None else rfc3339(micros, precision.digits)) == storable(raw)


@given(st.lists(events, max_size=20))
def test_every_code_leads_to_its_value(given_events):
    builder = BatchBuilder()
    for number, event in enumerate(given_events):
        builder.add(event, number, 1, 0, READING)
    columns = builder.take()
    assert len(columns) == len(given_events)
    assert len(builder) == 0
    for name, codes in columns.codes.items():
        assert all(0 <= code <= len(columns.values[name]) for code in codes), name
        assert len(set(columns.values[name])) == len(columns.values[name]), name
    identities = columns.codes["identity"] or [len(columns.values["identity"])] * len(given_events)
    for event, code in zip(given_events, identities, strict=True):
        if event.identity is None:
            assert code == 0
        else:
            assert columns.values["identity"][code - 1][0] == storable(event.identity.canonical)


def test_equal_values_that_are_different_objects_share_a_code():
    builder = BatchBuilder()
    for _ in range(3):
        copy = EventTime(PLAIN.time.micros, PLAIN.time.raw, PLAIN.time.precision, "".join(["event", "Time"]))
        builder.add(
            PLAIN.__class__(
                **{**{name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__}, "time": copy}
            ),
            0,
            1,
            0,
            READING,
        )
    assert len(builder.take().values["time_note"]) == 1
