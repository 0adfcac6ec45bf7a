"""What only some events say: it comes back as it went in, can be asked for, and stages of one act make one event."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casefile.build import store
from tests.casefile.making_events import PLAIN, events
from workbench.casefile.case_writer import create_case
from workbench.casefile.reader import CaseReader
from workbench.model.event import Credential, Event, Identity, Issued, Particulars, StatedChange
from workbench.model.evidence import Disposition
from workbench.search import parse

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=12)
CREDENTIALS = st.builds(Credential, st.sampled_from(["okta session", "github token"]), TEXT)
PARTICULARS = st.builds(
    Particulars,
    used=st.lists(CREDENTIALS, max_size=3, unique=True).map(tuple),
    issued=st.lists(
        st.builds(Issued, CREDENTIALS, st.none() | TEXT, st.none() | st.integers(0, 2**50)), max_size=3
    ).map(tuple),
    changes=st.lists(
        st.builds(StatedChange, TEXT, st.none() | TEXT, st.none() | TEXT, st.none() | TEXT), max_size=3
    ).map(tuple),
    withheld=st.lists(TEXT, max_size=3).map(tuple),
    on_behalf_of=st.none() | st.builds(Identity, TEXT, TEXT, st.none() | TEXT, st.none() | TEXT),
    device=st.none() | TEXT,
    correlation_id=st.none() | TEXT | st.uuids().map(str),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(events, st.none() | PARTICULARS), min_size=1, max_size=12))
def test_particulars_come_back_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[Event, Particulars | None]]
) -> None:
    case = tmp_path_factory.mktemp("case") / "a.case"
    create_case(case, title="t", examiner="e")
    given_events = [
        msgspec.structs.replace(event, particulars=more, native_id=None, shared_id=None)
        for event, more in pairs
    ]
    store(case, given_events)
    with CaseReader.open(case) as reader:
        ids = sorted(number for chunk in reader.scan() for number in chunk.ids)
        found = [stored.event.particulars for stored in reader.events(ids)]
    empty = Particulars()
    assert [more or empty for more in found] == [event.particulars or empty for event in given_events]


def staged(template: Event, act: str, stage: int | None, native_id: str) -> Event:
    return msgspec.structs.replace(
        template, shared_id=act, native_id=native_id, particulars=Particulars(stage=stage)
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_highest_stage_is_the_act_whatever_the_order_of_files(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    case = tmp_path / "a.case"
    create_case(case, title="t", examiner="e")
    records = [
        [staged(PLAIN, "act-1", 0, "act-1/request"), staged(PLAIN, "act-2", 0, "act-2/request")],
        [staged(PLAIN, "act-1", 1, "act-1/response")],
        [staged(PLAIN, "act-3", None, "copy-a"), staged(PLAIN, "act-3", None, "copy-b")],
    ]
    for number in order:
        store(case, records[number], f"{number}.jsonl")
    with CaseReader.open(case) as reader:
        shown = {
            stored.event.native_id: stored for chunk in reader.scan() for stored in reader.events(chunk.ids)
        }
        # The request without an answer is all there is of its act; copies without stages stay two events.
        assert set(shown) == {"act-1/response", "act-2/request", "copy-a", "copy-b"}
        assert len(shown["act-1/response"].twins) == 1
        continued = [
            stored
            for chunk in reader.scan(parse("disposition:continuation"))
            for stored in reader.events(chunk.ids)
        ]
        assert [stored.event.native_id for stored in continued] == ["act-1/request"]
        summary = reader.summary()
    assert summary.accounting.dispositions[Disposition.CONTINUATION] == 1
    assert summary.accounting.balances


def test_what_stands_beside_the_event_can_be_asked_for(tmp_path: Path) -> None:
    case = tmp_path / "a.case"
    create_case(case, title="t", examiner="e")
    more = Particulars(
        used=(Credential("okta session", "102AbC"),),
        issued=(Issued(Credential("okta api token", "00Txyz")),),
        on_behalf_of=Identity("robot@acme.example", "robot"),
        device="d-77",
        correlation_id="5e4d2a3b-0000-4000-8000-000000000001",
    )
    store(case, [msgspec.structs.replace(PLAIN, native_id="one", particulars=more), PLAIN])
    with CaseReader.open(case) as reader:
        for text in (
            "credential:102abc",
            "session_key:102*",
            "issued:00T*",
            "behalf:robot",
            "device:D-77",
            "correlation:5e4d2a3b-0000-4000-8000-000000000001",
            "correlation:5e4d*",
        ):
            found = [number for chunk in reader.scan(parse(text)) for number in chunk.ids]
            assert len(found) == 1, text
        assert not [number for chunk in reader.scan(parse("issued:nothing")) for number in chunk.ids]
