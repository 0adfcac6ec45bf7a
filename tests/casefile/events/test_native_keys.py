"""Events with an id in common are found, in whatever order they come and go."""

from __future__ import annotations

import sqlite3
import uuid
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.casefile.build import one_by_one
from workbench.casefile import parameters
from workbench.casefile.events import native_keys
from workbench.casefile.events.batch import NativeIds, pack_native_id, pack_native_ids
from workbench.casefile.events.native_keys import (
    add_native_keys,
    events_with_native_id,
    native_key,
    remove_native_keys,
    shared_keys,
)
from workbench.casefile.schema import SCRIPTS, script

IDS = st.one_of(
    st.none(),
    st.integers(0, 5).map(lambda number: str(uuid.UUID(int=number))),
    st.integers(0, 5).map(lambda number: uuid.UUID(int=number).hex),
    st.integers(0, 5).map(str),
    st.just(""),
)


def empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for name in SCRIPTS:
        connection.executescript(script(name))
    return connection


def add(connection: sqlite3.Connection, evidence_id: int, first: int, ids: list[str | None]) -> None:
    packed = [pack_native_id(each) for each in ids]
    connection.executemany(
        "INSERT INTO event (id, evidence_id, start, length, part, disposition, time_note_id, act_id, kind_id, outcome_id,"
        " place_id, reading_id, native_id) VALUES (?, ?, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, ?)",
        [(first + place, evidence_id, each) for place, each in enumerate(packed)],
    )
    add_native_keys(connection, evidence_id, first, NativeIds.of(packed))


@pytest.mark.parametrize("collide", [False, True])
@given(st.lists(st.tuples(st.integers(1, 4), st.lists(IDS, max_size=5), st.booleans()), max_size=10))
@settings(max_examples=100)
def test_what_is_shared_is_found_whatever_comes_and_goes(
    collide: bool, steps: list[tuple[int, list[str | None], bool]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "_TOGETHER", 2)  # as where a batch has more events than one statement takes
        if collide:  # different ids have one number
            patch.setattr(native_keys, "native_key", lambda native_id: len(native_id) % 2)
            patch.setattr(
                native_keys,
                "native_keys",
                lambda ids: [None if each is None else len(each) % 2 for each in one_by_one(ids)],
            )
        connection = empty()
        held: dict[int, tuple[int, bytes | str]] = {}
        following = 1
        for evidence_id, ids, removed in steps:
            if removed:
                remove_native_keys(connection, evidence_id)
                connection.execute("DELETE FROM event WHERE evidence_id = ?", (evidence_id,))
                held = {event: at for event, at in held.items() if at[0] != evidence_id}
            else:
                add(connection, evidence_id, following, ids)
                for event, each in enumerate(ids, following):
                    if each is not None:
                        held[event] = (evidence_id, pack_native_id(each))
                following += len(ids)
        events: dict[bytes | str, list[int]] = defaultdict(list)
        for event, (_, native_id) in held.items():
            events[native_id].append(event)
        for native_id, numbers in events.items():
            assert sorted(events_with_native_id(connection, native_id)) == numbers
            if len(numbers) > 1:
                for evidence_id in {held[number][0] for number in numbers}:
                    assert native_keys.native_key(native_id) in set(shared_keys(connection, [evidence_id]))
        assert events_with_native_id(connection, "nobody's") == []
        connection.close()


@given(st.lists(st.one_of(st.uuids().map(str), IDS), max_size=20))
def test_the_numbers_of_many_are_those_of_each(ids: list[str | None]) -> None:
    each_key = [None if each is None else native_key(pack_native_id(each)) for each in ids]
    assert native_keys.native_keys(pack_native_ids(ids)) == each_key


def test_uuids_that_differ_little_have_different_numbers() -> None:
    count = 1000
    by_number = {native_key(uuid.UUID(int=number).bytes) for number in range(count)}
    by_time = {native_key(uuid.uuid1(node=1).bytes) for _ in range(count)}
    assert (len(by_number), len(by_time)) == (count, count)


@given(st.lists(st.uuids(), min_size=1, max_size=5), st.booleans())
def test_ids_of_one_form_are_numbered_as_each_is_by_itself(ids: list[uuid.UUID], dashed: bool) -> None:
    texts = [str(each) if dashed else each.hex for each in ids]
    packed = pack_native_ids(texts)
    assert packed.size == (16 if dashed else 17)
    assert native_keys.native_keys(packed) == [native_key(pack_native_id(each)) for each in texts]


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_whatever_an_altered_case_file_holds_has_a_number(stored: bytes | str) -> None:
    assert native_keys.native_keys(NativeIds.of([stored])) == [native_key(stored)]
