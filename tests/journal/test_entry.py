"""The bytes of a journal entry are what RFC 8785 says, computed here a second way."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workbench.clock import ClockReading
from workbench.journal.entry import Entry, EntryKind

KEYS = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.integers(1, 10**9),
    st.sampled_from(EntryKind),
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.text(alphabet='aé"\\\n', max_size=6),
)
def test_canonical_bytes(seq, kind, body, actor):
    """For keys in ASCII, canonical JSON is the sorted, compact JSON of the standard library."""
    clock = ClockReading(1_700_000_000_123_456, 7_000_001, "b", "+02:00")
    entry = Entry(seq=seq, clock=clock, actor=actor, kind=kind, body=body)
    value = {
        "actor": actor,
        "body": body,
        "clock": {"boot": "b", "monotonic": 7_000_001, "zone": "+02:00"},
        "form": 2,
        "kind": kind.value,
        "seq": seq,
        "time": "2023-11-14T22:13:20.123456Z",
    }
    assert (
        entry.canonical()
        == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


@pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800"])
def test_what_other_implementations_would_round_or_refuse_is_refused(value):
    clock = ClockReading(0, None, None, "+00:00")
    entry = Entry(seq=1, clock=clock, actor="a", kind=EntryKind.CASE_OPENED, body={"x": value})
    with pytest.raises(rfc8785.CanonicalizationError):
        entry.canonical()
