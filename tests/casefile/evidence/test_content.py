"""Original bytes come back by (evidence, offset, length), exactly."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.casefile.events.batch import Block
from workbench.casefile.evidence.content import BLOCK_SIZE, BlockMaker, ContentStore
from workbench.errors import EvidenceError


def database(blocks: list[Block]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE block (evidence_id, start, length, data)")
    connection.executemany(
        "INSERT INTO block VALUES (7, ?, ?, ?)", [(block.start, block.length, block.data) for block in blocks]
    )
    return connection


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=8), st.integers(1, 120_000)), max_size=8),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=6),
)
def test_any_range_of_any_content_in_any_chunks(pieces, ranges):
    chunks = [seed * count for seed, count in pieces]
    content = b"".join(chunks)
    ready: list[Block] = []
    maker = BlockMaker(ready.extend)
    assert list(maker.tee(chunks)) == chunks, "what passes through is unchanged"
    blocks = [*ready, *maker.finish()]
    assert maker.hexdigest() == hashlib.sha256(content).hexdigest()
    assert [block.start for block in blocks] == list(range(0, len(content), BLOCK_SIZE))
    store = ContentStore(database(blocks))
    assert b"".join(store.chunks(7)) == content
    for one, other in ranges:
        start, end = sorted((int(one * len(content)), int(other * len(content))))
        assert store.read(7, start, end - start) == content[start:end]


@pytest.mark.parametrize("damage", ["length", "data", "bomb", "missing"])
def test_a_damaged_block_is_an_error_and_never_other_bytes(damage):
    maker = BlockMaker(lambda blocks: None)
    list(maker.tee([b"x" * 1000]))
    (block,) = maker.finish()
    bomb = BlockMaker(lambda blocks: None)._compressor.compress(b"\0" * 50_000_000)
    altered = {
        "length": [Block(0, 999, block.data)],
        "data": [Block(0, 1000, block.data[:-3] + b"abc")],
        "bomb": [Block(0, 1000, bomb)],
        "missing": [],
    }[damage]
    with pytest.raises(EvidenceError):
        ContentStore(database(altered)).read(7, 0, 1000)
