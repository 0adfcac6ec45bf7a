"""Every filter gives exactly the events that the reference semantics gives, in the order of the timeline."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casefile.build import store
from tests.casefile.making_events import PLAIN, START, TEXTS, events
from tests.casework.command import workbench
from tests.casework.logs import record, trail
from workbench.casefile.events import scan
from workbench.casefile.reader import CaseReader
from workbench.casework.new_case import new_case
from workbench.model.case import StoredEvent
from workbench.model.event import Address, AddressKind, OutcomeStatus
from workbench.search import fields, parse
from workbench.search.query import And, Not, Or, Pattern, Query, Term, TimeRange

FREE = (
    "service",
    "action",
    "identity",
    "credential",
    "address",
    "user_agent",
    "error",
    "resource",
    "account",
    "region",
)


def values(stored: StoredEvent, field: str) -> list[str | None]:
    """The texts of an event that a field compares."""
    event = stored.event
    identity, address, agent = event.identity, event.address, event.user_agent
    return {
        "source": [stored.source],
        "service": [event.act.service],
        "action": [event.act.action, f"{event.act.service}:{event.act.action}"],
        "verb": [event.act.verb.value],
        "category": [event.act.category],
        "tampers": ["true" if event.act.tampers_logging else "false"],
        "identity": [identity.canonical, identity.name, identity.native_id] if identity else [],
        "kind": [event.kind.kind.value],
        "credential": [event.credential.native_id] if event.credential else [],
        "address": [address.raw, address.ip] if address else [],
        "user_agent": [agent.raw, agent.client] if agent else [],
        "outcome": [event.outcome.status.value],
        "error": [None if event.outcome.status is OutcomeStatus.SUCCESS else event.outcome.code],
        "resource": [resource.name for resource in event.resources],
        "account": [event.place.account],
        "region": [event.place.region],
        "evidence": [stored.evidence_name],
        "request_id": [event.request_id],
        "event_id": [event.native_id],
        "disposition": [stored.disposition.value],
    }[field]


def holds(query: Query, stored: StoredEvent) -> bool:
    """The reference: an independent evaluation of a query on one event."""
    if isinstance(query, And):
        return all(holds(part, stored) for part in query.parts)
    if isinstance(query, Or):
        return any(holds(part, stored) for part in query.parts)
    if isinstance(query, Not):
        return not holds(query.part, stored)
    if isinstance(query, TimeRange):
        time = stored.event.time.micros
        return (
            time is not None
            and (query.low is None or time >= query.low)
            and (query.high is None or time < query.high)
        )
    if query.field is None:
        anywhere = Pattern.of(["", *query.pattern.parts, ""])
        return any(
            anywhere.matches(text) for name in FREE for text in values(stored, name) if text is not None
        )
    if query.field.name == "warning":
        anywhere = Pattern.of(["", *query.pattern.parts, ""])
        return bool(stored.event.warnings) and anywhere.matches("\n".join(stored.event.warnings))
    tails = query.field.name in ("identity", "resource", "evidence") and query.pattern.literal
    for text in values(stored, query.field.name):
        if text is None:
            continue
        if query.pattern.matches(text):
            return True
        if tails and any(Pattern(("", f"{joint}{query.pattern.literal}")).matches(text) for joint in "/:"):
            return True
    return False


def patterns(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Pattern]:
    cut = texts.flatmap(
        lambda text: st.tuples(st.just(text), st.integers(0, len(text)), st.integers(0, len(text)))
    )
    wild = cut.map(lambda item: Pattern.of([item[0][: min(item[1:])], item[0][max(item[1:]) :]]))
    return texts.map(lambda text: Pattern((text,))) | wild | st.just(Pattern(("", "")))


SAMPLES = {
    "service": st.sampled_from(["s3", "IAM"]),
    "action": st.sampled_from(["GetObject", "sts:AssumeRole"]),
    "identity": TEXTS | TEXTS.map(lambda name: f"user/{name}"),
    "credential": st.sampled_from(["AKIA1", "nothing"]),
    "address": st.sampled_from(["192.0.2.1", "2001:db8::1"]),
    "user_agent": TEXTS,
    "error": st.sampled_from(["AccessDenied"]),
    "resource": TEXTS,
    "account": st.sampled_from(["1", "3"]),
    "region": st.sampled_from(["us-east-1"]),
    "category": st.sampled_from(["data"]),
    "source": st.sampled_from(["test.source"]),
    "evidence": st.sampled_from(["1.jsonl"]),
    "verb": st.sampled_from(["read", "delegate"]),
    "outcome": st.sampled_from(["denied"]),
    "kind": st.sampled_from(["human", "service"]),
    "tampers": st.sampled_from(["true"]),
    "request_id": st.sampled_from(["0", "a"]),
    "disposition": st.sampled_from(["primary", "duplicate"]),
    "warning": st.sampled_from(["odd", "red", "acted\nodd"]),
}
terms = st.one_of(
    [
        patterns(texts).map(lambda pattern, name=name: Term(fields.find(name), pattern))
        for name, texts in SAMPLES.items()
    ]
    + [TEXTS.map(lambda text: Term(None, Pattern((text,))))]
)
instants = st.none() | st.integers(-1, 22).map(lambda second: START + second * 1_000_000)
ranges = st.builds(TimeRange, instants, instants)
queries = st.recursive(
    terms | ranges,
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts)))
    ),
    max_leaves=6,
)


def ids_of(reader: CaseReader, query: Query | None) -> list[int]:
    return [number for chunk in reader.scan(query, first=3) for number in chunk.ids]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(events, max_size=10), max_size=4), st.lists(queries, min_size=1, max_size=12))
def test_every_query_gives_what_the_reference_gives(files, asked):
    """Whatever the zones, exactly the events that fit come, in the order of the timeline."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_STEP", 7)
        path = Path(folder) / "a.case"
        new_case(path, title="T", examiner="E")
        for number, stored_events in enumerate(files):
            store(path, stored_events, f"{number}.jsonl")
        with CaseReader.open(path) as reader:
            everything = ids_of(reader, None)
            assert len(everything) == sum(map(len, files))
            rows = reader.events(everything)
            keys = [(row.event.time.micros is None, row.event.time.micros, row.id) for row in rows]
            assert keys == sorted(keys, key=lambda key: (key[0], key[1] or 0, key[2]))
            for query in asked:
                expected = [row.id for row in rows if holds(query, row)]
                assert ids_of(reader, query) == expected, query


def test_events_come_back_as_they_were_put_in(case):
    """Dictionary coding loses nothing."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.lists(events, min_size=1, max_size=10))
    def check(given_events):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.case"
            new_case(path, title="T", examiner="E")
            store(path, given_events)
            with CaseReader.open(path) as reader:
                rows = sorted(reader.events(ids_of(reader, None)), key=lambda row: row.ref.offset)
            for before, row in zip(given_events, rows, strict=True):
                after = row.event
                assert (after.act, after.identity, after.kind, after.credential) == (
                    before.act, before.identity, before.kind, before.credential,
                )  # fmt: skip
                assert (after.address, after.user_agent, after.outcome, after.place) == (
                    before.address, before.user_agent, before.outcome, before.place,
                )  # fmt: skip
                assert after.resources == before.resources
                assert after.warnings == before.warnings
                assert (after.request_id, after.shared_id) == (before.request_id, before.shared_id)
                assert after.time.micros == before.time.micros
                assert before.time.raw is None or after.time.raw == before.time.raw

    check()


def test_events_of_arriving_files_are_not_seen(case):
    """What is not acknowledged shows in no list and no sum."""
    sample = [PLAIN] * 5
    store(case, sample, "done.jsonl")
    store(case, sample, "half.jsonl", complete=False)
    with CaseReader.open(case) as reader:
        assert len(ids_of(reader, None)) == 5
        assert len(ids_of(reader, parse("evidence:*"))) == 5
        assert reader.summary().accounting.files == 1


def test_an_address_may_be_a_network(case):
    raws = ["192.0.2.1", "192.0.2.200", "198.51.100.1", "2001:db8::1", "AWS Internal", "255.090.254.5"]
    kinds = [
        (raw, AddressKind.IP if "." in raw[:6] or ":" in raw else AddressKind.INTERNAL) for raw in raws[:5]
    ]
    made = [Address(raw, kind, raw if kind is AddressKind.IP else None) for raw, kind in kinds]
    made.append(Address(raws[5], AddressKind.UNPARSED))
    store(case, [msgspec.structs.replace(PLAIN, address=address) for address in made])
    with CaseReader.open(case) as reader:
        for query, expected in {
            "address:192.0.2.0/24": raws[:2],
            "address:192.0.2.128/25": raws[1:2],
            "address:2001:db8::/32": raws[3:4],
            "address:0.0.0.0/0": raws[:3],
            "NOT address:192.0.2.0/24": raws[2:],
        }.items():
            rows = reader.events(ids_of(reader, parse(query)))
            assert [row.event.address.raw for row in rows] == expected, query


def test_raw_finds_what_no_field_holds_and_the_rest_is_said_to_be_nowhere(case, tmp_path):
    lines = [
        record(number, requestParameters={"policy": f'{{"AWS":"9999{number:08}"}}'}) for number in range(50)
    ]
    (tmp_path / "a.json").write_bytes(trail(lines))
    assert workbench("add", case, tmp_path / "a.json").status == 0
    with CaseReader.open(case) as reader:
        for text in (
            "raw:999900000007",
            "RAW:999900000007 AND service:s3",
            "raw:EU-WEST-1 AND raw:999900000007",
        ):
            assert len(ids_of(reader, parse(text))) == 1, text
        assert len(ids_of(reader, parse("NOT raw:999900000007"))) == 49
        assert not ids_of(reader, parse("raw:nonsense"))
        assert not ids_of(reader, parse("999900000007"))
        assert reader.nowhere(parse("action:Get?bject OR (or AND service:s3)")) == [
            "action:Get?bject",
            '"or"',
        ]
