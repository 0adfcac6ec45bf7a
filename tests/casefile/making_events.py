"""Invented events for tests, by hypothesis: few distinct values, so that filters hit and miss."""

from __future__ import annotations

from hypothesis import strategies as st

from workbench.model.event import (
    Act,
    Address,
    AddressKind,
    Credential,
    Event,
    EventTime,
    Identity,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
    Place,
    Precision,
    Resource,
    ResourceRole,
    UserAgent,
    Verb,
)

START = 1_688_989_338_000_000
TEXTS = st.sampled_from(
    ["alice", "Bob", "ci/deploy", "50%_off", "a\\b", "Ünïcode", "x" * 40, "\x1b[31m", "*"]
)

times = st.builds(
    EventTime,
    micros=st.none() | st.integers(0, 20).map(lambda second: START + second * 1_000_000),
    raw=st.none() | st.just("odd"),
    precision=st.sampled_from(Precision),
    basis=st.just("eventTime"),
)
acts = st.builds(
    Act,
    service=st.sampled_from(["s3", "iam", "sts"]),
    action=st.sampled_from(["GetObject", "PutObject", "AssumeRole"]),
    verb=st.sampled_from(Verb),
    verb_rule=st.just("test"),
    tampers_logging=st.booleans(),
    category=st.none() | st.sampled_from(["Data", "Management"]),
)
identities = st.builds(
    Identity,
    canonical=TEXTS.map(lambda name: f"arn:aws:iam::1:user/{name}"),
    name=TEXTS,
    native_id=st.none() | st.just("AIDA1"),
    account=st.none() | st.just("1"),
)
resources = st.builds(
    Resource,
    type=st.none() | st.just("s3:object"),
    name=TEXTS.map(lambda name: f"arn:aws:s3:::bucket/{name}"),
    role=st.sampled_from(ResourceRole),
    account=st.none(),
)
NATIVE_IDS = (
    st.none()
    | st.uuids().map(str)
    | st.uuids().map(lambda value: value.hex)
    | st.text(min_size=1, max_size=5)
)
events = st.builds(
    Event,
    time=times,
    act=acts,
    identity=st.none() | identities,
    kind=st.builds(KindReason, st.sampled_from(IdentityKind), st.just("because")),
    credential=st.none()
    | st.builds(Credential, st.just("aws access key"), st.sampled_from(["AKIA1", "ASIA2", "akia1"])),
    address=st.none()
    | st.builds(
        Address, st.sampled_from(["192.0.2.1", "2001:db8::1", "AWS Internal"]), st.just(AddressKind.UNPARSED)
    ),
    user_agent=st.none() | st.builds(UserAgent, TEXTS, st.none() | st.just("Boto3")),
    outcome=st.builds(
        Outcome, st.sampled_from(OutcomeStatus), st.none() | st.sampled_from(["AccessDenied", "NoSuchKey"])
    ),
    place=st.builds(Place, st.none() | st.sampled_from(["1", "2"]), st.none() | st.just("us-east-1")),
    resources=st.lists(resources, max_size=3).map(tuple),
    native_id=st.none(),
    request_id=NATIVE_IDS,
    shared_id=st.none() | st.sampled_from(["twin-1", "twin-2"]),
    warnings=st.lists(st.sampled_from(["odd", "redacted"]), max_size=2, unique=True).map(tuple),
)

PLAIN = Event(
    time=EventTime(START, None, Precision.SECOND, "eventTime"),
    act=Act("s3", "GetObject", Verb.READ, "test"),
    identity=None,
    kind=KindReason(IdentityKind.UNDECIDED, "test"),
    credential=None,
    address=None,
    user_agent=None,
    outcome=Outcome(OutcomeStatus.SUCCESS),
    place=Place(),
)
"""An event that says next to nothing."""
