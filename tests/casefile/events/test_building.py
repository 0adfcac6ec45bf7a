"""The columns of a batch say of every event what the event says."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.casefile.build import READING
from tests.casefile.making_events import PLAIN, events
from workbench.casefile.events.batch import BatchColumns, storable
from workbench.casefile.events.building import BatchBuilder, raw_time_to_keep
from workbench.clock import rfc3339
from workbench.model.event import Event, EventTime, Identity, Precision


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


@given(st.lists(events, min_size=1, max_size=12), st.integers(0, 12))
def test_events_given_as_columns_are_the_same_as_one_by_one(given_events: list[Event], some: int) -> None:
    one_by_one, together = BatchBuilder(), BatchBuilder()
    for number, event in enumerate(given_events):
        one_by_one.add(event, number, 1, 0, READING)
    for number, event in enumerate(given_events[:some]):
        together.add(event, number, 1, 0, READING)
    rest = given_events[some:]
    if rest:
        columns = tuple(zip(*map(msgspec.structs.astuple, rest), strict=True))
        together.add_columns(columns, range(some, some + len(rest)), [1] * len(rest), READING)
    assert len(together) == len(given_events)
    assert shown(together.take()) == shown(one_by_one.take())


def shown(columns: BatchColumns) -> dict[str, object]:
    """Return columns in a form that can be compared."""
    fields = msgspec.structs.asdict(columns)
    return {**fields, "codes": {name: list(codes) for name, codes in columns.codes.items()}}


def test_what_a_part_comes_down_to_is_kept_with_the_part() -> None:
    """An object that is gone can leave its identity to another one."""
    for number in range(17_000):
        builder = BatchBuilder()
        name = f"identity {number}"
        builder.add(msgspec.structs.replace(PLAIN, identity=Identity(name, name)), 0, 1, 0, READING)
        assert builder.take().values["identity"] == [(name, name, None, None)]
