from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.clock import SECOND, rfc3339
from workbench.model.event import (
    AddressKind,
    Event,
    IdentityKind,
    OutcomeStatus,
    Precision,
    ResourceRole,
    Verb,
)
from workbench.model.evidence import Disposition
from workbench.sources.mapping import MappedReader, read_mapping
from workbench.sources.mapping.guide import EXAMPLE
from workbench.sources.mapping.patterns import LONGEST_LINE
from workbench.sources.mapping.reader import MANY_RESOURCES
from workbench.sources.protocol import Context
from workbench.sources.registry import Readers

VPN = read_mapping(EXAMPLE)
RECORD: dict[str, object] = {
    "product": "vpn",
    "event": "policy.set",
    "ts": "2024-07-10 12:00:00.5",
    "user": {"id": "u-1", "name": "ann"},
    "mfa": True,
    "session": {"key_id": "k-9"},
    "peer": "192.0.2.1:443",
    "client": "acme-client/2",
    "result": "ok",
    "policy": {"id": ["p-1", "p-2"]},
    "site": "vie-3",
    "id": 77,
}

GATE = """
[mapping]
name = "gate"
version = 3
title = "Gate"
[recognise]
line = [
  '(?P<when>[A-Z][a-z]{2} [ \\d]\\d [^ ]+) (?P<host>[^ ]+) gate(?:\\[\\d+\\])?: ',
  'who=(?P<who>[^ ]+)',
  'did=(?P<did>\\w+)',
]
[time]
path = "when"
format = "rfc3164"
zone = "Europe/Berlin"
[act]
service = "host"
action = "did"
verb = { is = "read" }
[identity]
name = "who"
[[used]]
id = "who"
type = "gate pass"
[[issued]]
id = "did"
type = "gate pass"
to = "who"
"""


def read(reader: MappedReader, document: dict[str, object], context: Context = Context()) -> Event:  # noqa: B008
    assert reader.recognises(document)
    event = reader.read(document, context).event
    assert event is not None
    return event


def test_a_record_field_by_field() -> None:
    event = read(VPN, RECORD)
    assert event.time.micros is not None
    assert rfc3339(event.time.micros, 1) == "2024-07-10T10:00:00.5Z"
    assert event.time.basis == "ts, no zone: Europe/Vienna (mapping acme-vpn)"
    assert (event.act.service, event.act.action, event.act.verb) == ("vpn", "policy.set", Verb.UPDATE)
    assert event.act.verb_rule == "mapping acme-vpn: act.verb"
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.name) == ("u-1", "ann")
    assert event.kind.kind is IdentityKind.HUMAN
    assert event.kind.reason == "mapping acme-vpn: mfa is true where a person confirmed the sign-in"
    assert event.credential is not None
    assert (event.credential.type, event.credential.native_id) == ("acme vpn session", "k-9")
    assert event.address is not None
    assert (event.address.kind, event.address.ip) == (AddressKind.IP, "192.0.2.1")
    assert event.user_agent is not None
    assert event.user_agent.raw == "acme-client/2"
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.SUCCESS, "ok")
    assert [(thing.type, thing.name, thing.role) for thing in event.resources] == [
        ("vpn:policy", "p-1", ResourceRole.TARGET),
        ("vpn:policy", "p-2", ResourceRole.TARGET),
    ]
    assert (event.place.account, event.native_id, event.request_id) == ("vie-3", "77", None)


def test_what_a_table_does_not_hold_is_unknown() -> None:
    odd = RECORD | {"event": "logout", "mfa": False, "result": "maybe"}
    event = read(VPN, odd)
    assert event.act.verb is Verb.AUTHENTICATE
    assert event.kind.kind is IdentityKind.UNDECIDED
    assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.UNKNOWN, "maybe")


def test_only_records_that_fit_are_taken() -> None:
    assert "user.name" in VPN.recognises(RECORD)
    assert not VPN.recognises(RECORD | {"product": "wiki"})
    assert not VPN.recognises(RECORD | {"event": "ping"})
    assert not VPN.recognises({key: value for key, value in RECORD.items() if key != "user"})
    assert not VPN.recognises({})
    assert not VPN.recognises_line("ann did something")


def test_spellings_say_the_same() -> None:
    flattened = {key: value for key, value in RECORD.items() if key not in ("user", "session")}
    flattened |= {"user.id": "u-1", "user.name": "ann", "session.key_id": "k-9"}
    assert read(VPN, flattened) == read(VPN, RECORD)
    assert read(VPN, {key.upper(): value for key, value in RECORD.items()}) == read(VPN, RECORD)


def test_a_hint_stands_at_the_top_of_every_record() -> None:
    assert VPN.hints == {"user", "user.name"}
    assert read_mapping(GATE).hints == frozenset()


def test_resources_have_an_end() -> None:
    event = read(VPN, RECORD | {"policy": {"id": [f"p-{number}" for number in range(900)]}})
    assert len(event.resources) == 500
    assert MANY_RESOURCES in event.warnings


LINE = "Jul 10 12:00:00 fw1 gate[77]: in a hurry, who=bob ; did=open ok"


def test_a_line_field_by_field() -> None:
    reader = read_mapping(GATE)
    assert reader.recognises_line(LINE) == "mapping gate: the line fits"
    event = reader.read_line(LINE, Context(modified_at=1_720_800_000 * SECOND)).event
    assert event is not None
    assert event.time.micros == 1_720_605_600 * SECOND
    assert "2024 from the file's date" in event.time.basis
    assert "Europe/Berlin (mapping gate)" in event.time.basis
    assert (event.act.service, event.act.action, event.act.verb) == ("fw1", "open", Verb.READ)
    assert event.identity is not None
    assert event.identity.name == "bob"
    assert event.particulars is not None
    assert [key.native_id for key in event.particulars.used] == ["bob"]
    assert [(each.credential.native_id, each.to) for each in event.particulars.issued] == [("open", "bob")]


@pytest.mark.parametrize(
    "line", ["x" + LINE, LINE.replace("who=bob", ""), "did=a who=b", "", LINE + "x" * LONGEST_LINE]
)
def test_lines_that_do_not_fit(line: str) -> None:
    reader = read_mapping(GATE)
    assert not reader.recognises_line(line)
    assert reader.read_line(line, Context()).disposition is Disposition.UNRECOGNISED


def with_time(form: str, zone: str | None = None) -> MappedReader:
    text = EXAMPLE.replace('format = "auto"', f"format = '{form}'")
    return read_mapping(text.replace('zone = "Europe/Vienna"', f'zone = "{zone}"' if zone else ""))


@pytest.mark.parametrize(
    ("form", "zone", "raw", "expected", "precision"),
    [
        ("epoch seconds", None, 1_700_000_000, 1_700_000_000_000_000, Precision.SECOND),
        ("epoch seconds", None, "1700000000.25", 1_700_000_000_250_000, Precision.MILLISECOND),
        ("epoch milliseconds", None, "1700000000123", 1_700_000_000_123_000, Precision.MILLISECOND),
        ("epoch nanoseconds", None, 1_700_000_000_123_456_789, 1_700_000_000_123_456, Precision.NANOSECOND),
        ("epoch seconds", None, "soon", None, Precision.UNKNOWN),
        ("epoch seconds", None, -(10**19), None, Precision.SECOND),
        ("%d.%m.%Y %H:%M:%S", "UTC", "14.11.2023 22:13:20", 1_700_000_000_000_000, Precision.SECOND),
        ("%d.%m.%Y %H:%M:%S", None, "14.11.2023 22:13:20", None, Precision.SECOND),
        ("%d/%b/%Y:%H:%M:%S %z", None, "14/Nov/2023:23:13:20 +0100", 1_700_000_000_000_000, Precision.SECOND),
        (
            "%Y-%m-%d %H:%M:%S.%f",
            "America/New_York",
            "2023-11-14 17:13:20.5",
            1_700_000_000_500_000,
            Precision.MILLISECOND,
        ),
        ("%Y-%m-%d %H:%M:%S", "UTC", "not a time", None, Precision.SECOND),
        ("%Y-%m-%d %H:%M:%S", "Asia/Tokyo", "0001-01-01 00:00:00", None, Precision.SECOND),
    ],
)
def test_formats_of_time(
    form: str, zone: str | None, raw: object, expected: int | None, precision: Precision
) -> None:
    time = read(with_time(form, zone), RECORD | {"ts": raw}).time
    assert (time.micros, time.raw, time.precision) == (expected, str(raw), precision)
    if expected is not None and zone is not None:
        assert time.basis == f"ts, no zone: {zone} (mapping acme-vpn)"


def test_the_command_lines_zone_helps_where_the_mapping_has_none() -> None:
    time = read(
        with_time("%Y-%m-%d %H:%M:%S"),
        RECORD | {"ts": "2023-11-14 23:13:20"},
        Context(timezone="Europe/Berlin"),
    ).time
    assert time.micros == 1_700_000_000_000_000
    assert time.basis == "ts, no zone: Europe/Berlin (--timezone)"


def test_a_mapping_stands_beside_the_readers_of_the_workbench() -> None:
    gate = read_mapping(GATE)
    readers = Readers([VPN, gate])
    assert [claim.reader for claim in readers.claims(RECORD)] == [VPN]
    assert readers.all[-2:] == (VPN, gate)
    # A line that is also syslog is known to two: the responder decides.
    assert {claim.reader.source for claim in readers.claims_of_line(LINE)} == {"mapping.gate", "linux.syslog"}
    chosen = Readers([VPN, gate], chosen="mapping.gate")
    assert [claim.reader for claim in chosen.claims_of_line(LINE)] == [gate]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "name", "key_id", "0"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*RECORD, "user.name", "USER"]), values),
    st.sampled_from(["auto", "epoch seconds", "%Y %m"]),
)
def test_no_record_raises(changed: dict[str, object], form: str) -> None:
    document = RECORD | changed
    reader = with_time(form)
    reader.recognises(document)
    event = reader.read(document, Context()).event
    assert event is not None
    msgspec.json.encode(event.time)
