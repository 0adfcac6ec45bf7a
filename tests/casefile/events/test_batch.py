"""Columns and short ids lose nothing."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from tests.casefile.build import one_by_one
from workbench.casefile.events.batch import (
    NativeIds,
    pack_native_id,
    pack_native_ids,
    storable,
    unpack_native_id,
)

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
    packed = pack_native_ids(texts)
    assert one_by_one(packed) == list(map(pack_native_id, texts))
    assert one_by_one(NativeIds.of(one_by_one(packed))) == one_by_one(packed)
    assert packed.some_lacking == (None in texts)


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
