"""What holds for every source reader, whatever the record: tried with all samples, with mutations of them and with junk."""

from __future__ import annotations

import copy
import functools
import re
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources import facts, harvest
from workbench.clock import rfc3339
from workbench.model.event import (
    AddressKind,
    Credential,
    Event,
    Identity,
    IdentityKind,
    Particulars,
    Resource,
    StatedChange,
)
from workbench.sources.document import fold
from workbench.sources.parts import NO_TIME
from workbench.sources.protocol import Context, Reading, SourceReader
from workbench.sources.registry import READERS, Readers

ALL = Readers()
DOCUMENTS = harvest.documents()
LINES = harvest.lines()
NAMES = sorted({key for sample in DOCUMENTS for key in sample})
CONTEXT = Context(timezone="Europe/Vienna", modified_at=1_700_000_000_000_000, name="some.log")
MOST_RESOURCES = 501

each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.source)

# --- what a reader is -------------------------------------------------------------------------------------------------


def test_no_two_readers_have_one_name() -> None:
    names = [reader.source for reader in READERS]
    assert len(set(names)) == len(names)
    assert len({reader.title for reader in READERS}) == len(READERS)


@each_reader
def test_a_reader_says_what_it_is(reader: SourceReader) -> None:
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9_]+)*", reader.source)
    assert reader.title
    assert reader.needs
    assert reader.title == reader.title.strip()
    assert reader.version >= 1
    assert isinstance(reader.checked_against, str)
    assert all(hint == fold(hint) for hint in reader.hints)
    assert isinstance(reader.hints, frozenset)
    assert reader.marks.keys() <= reader.hints
    assert all(value == fold(value) for values in reader.marks.values() for value in values)


@each_reader
def test_a_reader_is_for_documents_or_for_lines(reader: SourceReader) -> None:
    """Without hints a reader is never asked about a document; then it must know lines."""
    known = (
        any(map(reader.recognises, DOCUMENTS)) if reader.hints else any(map(reader.recognises_line, LINES))
    )
    assert known, "no test of the reader defines a sample at module level (see tests/sources/harvest.py)"


# --- samples, whole and mutated ---------------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["", "null", "-", "\x00", "\ud800", "a" * 5000, "2024-13-45T99:99:99Z", "{}", "[", '{"a":', "::1"]
    )
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn, samples: tuple[harvest.Document, ...]) -> harvest.Document:
    """A sample in which up to three values or keys are others, or gone."""
    document = copy.deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, 3))):
        node: object = document
        while True:
            if isinstance(node, dict) and node:
                key: str | int = draw(st.sampled_from(sorted(node)))
            elif isinstance(node, list) and node:
                key = draw(st.integers(0, len(node) - 1))
            else:
                break
            below = node[key]  # type: ignore[index]
            if isinstance(below, dict | list) and below and draw(st.booleans()):
                node = below
                continue
            what = draw(st.sampled_from(["value", "value", "gone", "spelling", "listed"]))
            if what == "value":
                node[key] = draw(json_values)  # type: ignore[index]
            elif what == "listed":
                node[key] = [below, below]  # type: ignore[index]
            elif isinstance(node, dict):
                del node[key]  # type: ignore[arg-type]
                if what == "spelling":
                    node[draw(st.sampled_from([str(key).lower(), str(key).upper(), f"{key}_"]))] = below
            break
    return document


@st.composite
def cut_up(draw: st.DrawFn, samples: tuple[str, ...]) -> str:
    """A line in which up to three stretches are others, or gone."""
    line = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(line)))
        until = draw(st.integers(at, min(len(line), at + 20)))
        line = (
            line[:at] + draw(st.text(max_size=8) | st.sampled_from(['"', " ", "=", "\x1b[2J"])) + line[until:]
        )
    return line


@st.composite
def junk(draw: st.DrawFn) -> harvest.Document:
    """A document of keys that readers look for, and nothing else that makes sense."""
    return draw(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=8))


many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@each_reader
@many
@given(data=st.data())
def test_no_mutation_of_a_sample_raises_or_gives_what_it_does_not_hold(
    reader: SourceReader, data: st.DataObject
) -> None:
    documents, lines = _known_to(reader)
    if documents:
        _try_document(reader, data.draw(mutated(documents)))
    if lines:
        _try_line(reader, data.draw(cut_up(lines)))


@many
@given(junk())
def test_no_junk_raises_or_gives_what_it_does_not_hold(document: harvest.Document) -> None:
    for reader in READERS:
        _try_document(reader, document)


@given(st.text(max_size=200))
def test_any_text_is_a_line(text: str) -> None:
    for reader in READERS:
        _try_line(reader, text)


@functools.cache
def _known_to(reader: SourceReader) -> tuple[tuple[harvest.Document, ...], tuple[str, ...]]:
    return tuple(filter(reader.recognises, DOCUMENTS)), tuple(filter(reader.recognises_line, LINES))


def _try_document(reader: SourceReader, document: harvest.Document) -> None:
    if reader.recognises(document):
        assert isinstance(reader.native(document), dict)
        before = repr(document)
        reading = reader.read(document, CONTEXT)
        assert repr(document) == before, "the reader changed the record"
        _check(reader, reading, document)


def _try_line(reader: SourceReader, line: str) -> None:
    if reader.recognises_line(line):
        _check(reader, reader.read_line(line, CONTEXT), line)


def test_samples_whole() -> None:
    for document in DOCUMENTS:
        for claim in ALL.claims(document):
            _check(claim.reader, claim.reader.read(document, CONTEXT), document)
    for line in LINES:
        for claim in ALL.claims_of_line(line):
            _check(claim.reader, claim.reader.read_line(line, CONTEXT), line)


def test_a_sample_is_known_to_one_reader_alone() -> None:
    for sample in (*DOCUMENTS, *LINES):
        found = ALL.claims_of_line(sample) if isinstance(sample, str) else ALL.claims(sample)
        assert len(found) == 1, [f"{claim.reader.source}: {claim.reason}" for claim in found]


def test_the_oracle_sees_an_invented_value() -> None:
    document = next(sample for sample in DOCUMENTS if "eventSource" in sample and "userIdentity" in sample)
    event = ALL.claims(document)[0].reader.read(document, CONTEXT).event
    assert event is not None
    assert not facts.invented(event, document, "aws.cloudtrail")
    for changed in (
        {"native_id": "11112222-aaaa-4bbb-8ccc-333344445555"},
        {"request_id": "nobody wrote this"},
        {"identity": Identity("arn:aws:iam::999900001111:user/mallory", "mallory")},
        {"credential": Credential("aws access key", "AKIANOTINTHERECORD00")},
        {"resources": (Resource("s3:bucket", "arn:aws:s3:::not-in-the-record"),)},
        {
            "particulars": Particulars(
                changes=(StatedChange("eventName", before='{"a":"not in the record"}'),)
            )
        },
    ):
        other = msgspec.structs.replace(event, **changed)
        assert facts.invented(other, document, "aws.cloudtrail"), changed


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated(DOCUMENTS) | junk())
def test_no_reader_that_a_hint_leads_to_is_left_out(document: harvest.Document) -> None:
    names = set(map(fold, document))
    asked = {reader.source for reader in READERS if reader.hints & names and reader.recognises(document)}
    assert {claim.reader.source for claim in ALL.claims(document)} == asked


def test_hints_lead_to_every_reader_that_knows_a_sample() -> None:
    for document in DOCUMENTS:
        direct = {reader.source for reader in READERS if reader.recognises(document)}
        assert {claim.reader.source for claim in ALL.claims(document)} == direct


@pytest.mark.parametrize(
    "line", ["x" * 1_000_000, "a b " * 250_000, '"' * 1_000_000, "=" * 1_000_000, "[" * 1_000_000]
)
def test_a_long_line_costs_little(line: str) -> None:
    heads = ("", *(sample[: len(sample) // 2] for sample in LINES[:40]))
    for reader in READERS:
        for head in heads:
            began = time.process_time()
            if reader.recognises_line(head + line):
                reader.read_line(head + line, CONTEXT)
            assert time.process_time() - began < 2, f"{reader.source}: {head!r}"


# --- what an event must be --------------------------------------------------------------------------------------------


def _check(reader: SourceReader, reading: Reading, record: harvest.Document | str) -> None:
    if reading.event is None:
        assert reading.disposition is not None
        assert reading.reason
        return
    event = reading.event
    _is_of_the_model(event)
    invented = facts.invented(event, record, reader.source)
    assert not invented, f"{reader.source} says what the record does not: {invented}"


def _is_of_the_model(event: Event) -> None:
    # The types hold: structures do not check them when they are made.
    assert msgspec.convert(msgspec.to_builtins(event), Event) == event
    if event.time.micros is None:
        assert any("time" in warning for warning in event.warnings), "an event without an instant says so"
    else:
        rfc3339(event.time.micros)
        assert event.time.raw is not None
        assert event.time.basis
    assert (NO_TIME in event.warnings) <= (event.time.raw is None)
    assert event.act.service or event.warnings, "an act without a service says why"
    assert event.act.verb_rule
    assert event.kind.reason
    assert event.kind.kind is not IdentityKind.HUMAN or event.kind.reason
    assert len(event.resources) <= MOST_RESOURCES
    assert all(resource.name for resource in event.resources)
    assert (event.address is None) or (event.address.kind is AddressKind.IP) == (event.address.ip is not None)
    assert event.identity is None or (event.identity.canonical and event.identity.name)
    for credential in (event.credential, *(event.particulars.used if event.particulars else ())):
        assert credential is None or (credential.type and credential.native_id)
    hash(event)
