"""The hot path: bytes of native records to events, with the costly parts remembered by their bytes.

An account repeats itself: of 5,000 records some 250 have a ``userIdentity`` of their own, and fewer than a
third a request and response not seen before. Records that were cut together are read together, column by column: a step
of the interpreter for each of them and each part would cost more than the parts.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import orjson

from workbench.evidence.pieces import Run
from workbench.model.event import Act, EventColumns, Outcome, OutcomeStatus
from workbench.sources.addresses import ADDRESSES
from workbench.sources.aws_cloudtrail.identity import Who, particulars_of, who
from workbench.sources.aws_cloudtrail.moments import NATIVE_MOMENTS, PLACES
from workbench.sources.aws_cloudtrail.native import ABSENT, NativeRecord
from workbench.sources.aws_cloudtrail.outcome import SUCCESS, read_outcome
from workbench.sources.aws_cloudtrail.resources import Details, read_details
from workbench.sources.aws_cloudtrail.verbs import operation, read_act
from workbench.sources.interning import Remembered
from workbench.sources.protocol import NO_EVENTS, PlainEvents
from workbench.sources.user_agents import USER_AGENTS

_LONGEST_RECORD = 32_768
_LONGEST_PART = 2_048
_PARTS = 4_096
"""Bytes of the longest parts that are remembered, and how many: the memories stay below some tens of
megabytes."""

_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")
"""``eventSource`` of every AWS service; S3 notifications and stream records have ``aws:s3`` and the like."""

_OF_SERVICE = "AwsServiceEvent"
_CONSOLE_ANSWERS = (None, "", "true", "false")
_TYPES = frozenset({"AwsApiCall", "AwsConsoleAction", "AwsConsoleSignIn", _OF_SERVICE})
"""Types of event that are read here; the others are rare and have parts of their own."""

_KEYS = re.compile(
    rb'"(?:awsRegion|e(?:rror(?:Code|Message)|vent(?:Time|Name|ID|Source|Type|Version))'
    rb"|re(?:adOnly|cipientAccountId|quest(?:Parameters|ID)|s(?:ponseElements|ources))"
    rb'|s(?:ourceIPAddress|haredEventID)|user(?:Agent|Identity))"[ \t\r\n]*+:'
).findall
"""Finds the keys that an event is made of, written so that a place without one is passed over after a byte or two."""

_ESCAPE = b"\\u"
"""What a key may be hidden behind."""

_SEPARATOR = b"\0"
"""Between parts joined to one key: valid JSON holds no such byte."""

_FROM_CONSOLE = _SEPARATOR + b"true"
"""Stands behind a ``userIdentity`` whose record says that the console presented its credential."""

_WORDS: dict[bytes, bool | None] = {b"": None, b"null": None, b"true": True, b"false": False}
_QUOTE = ord('"')

_decode = msgspec.json.Decoder(NativeRecord).decode
_decode_all = msgspec.json.Decoder(list[NativeRecord]).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_join = _SEPARATOR.join
_encode = msgspec.json.Encoder().encode


class _NotPlainError(Exception):
    """A part holds something that the slow path has to judge."""


class _Deed(msgspec.Struct, frozen=True, gc=False):
    """The operation with all that depends on it alone: what was done, and its resources, answer and oddities."""

    act: Act
    details: Details


_FAULTS = (msgspec.MsgspecError, ValueError, RecursionError, _NotPlainError)
"""What reading a record the short way may raise."""


class Natives(NamedTuple):
    """Decoded records.

    Attributes:
        lengths: Bytes of each.
        records: The records.
    """

    lengths: list[int]
    records: list[NativeRecord]


def decode_natives(array: bytes) -> Natives | None:
    """Decode a JSON array of native records, ``None`` if one of them is not native or says anything that is not read.

    Written again in compact JSON, native records are as long as they were unless a key stood twice, however it was spelt, or
    there are others, or white space: nothing that is read can stand in fewer bytes. So if all of them together are as long as the
    array, each of them is as long as it was.
    """
    try:
        records = _decode_all(array)
        lengths = list(map(len, map(_encode, records)))
    except _FAULTS:
        return None
    return Natives(lengths, records) if sum(lengths) + len(lengths) + 1 == len(array) else None


def read_natives(run: Run) -> PlainEvents:
    """Read those of some records that are native management and data events, a part of all records at a time.

    Left out is anything unusual: another type of event, another spelling, a repeated key, a key that may be written with
    escapes, a value of an unexpected type.

    Args:
        run: Records, each one complete JSON value.
    """
    natives = _natives(run)
    indexes = [index for index, native in enumerate(natives) if native is not None]
    return _events(indexes, [native for native in natives if native is not None])


def _natives(run: Run) -> Sequence[NativeRecord | None]:
    """Return records decoded; ``None`` stands for one that is not plainly native."""
    decoded = run.decoded if run.decoded is not None else decode_natives(run.as_array())
    if (
        not isinstance(decoded, Natives)
        or decoded.lengths != run.lengths
        or max(run.lengths) > _LONGEST_RECORD
    ):
        return list(map(_native, run.data))
    natives = decoded.records
    return (
        natives if all(map(_is_plain, natives)) else [each if _is_plain(each) else None for each in natives]
    )


def _native(data: bytes) -> NativeRecord | None:
    """Decode one record, ``None`` if it is not plainly native."""
    if len(data) > _LONGEST_RECORD:
        return None
    try:
        native = _decode(data)
        return native if _is_plain(native) and not _repeats_a_key(native, data) else None
    except _FAULTS:
        return None


def _is_plain(record: NativeRecord) -> bool:
    return (
        record.event_type in _TYPES
        and (record.service_event_details is ABSENT or record.event_type == _OF_SERVICE)
        and record.addendum is ABSENT
        and record.insight_details is ABSENT
        and record.event_time[-1:] == "Z"
        and record.session_credential_from_console in _CONSOLE_ANSWERS
    )


def _repeats_a_key(record: NativeRecord, data: bytes) -> bool:
    """Tell whether a key that decides what is shown may stand twice, in which case the record says two things.

    A parser keeps the last of two values. Either the record written again is as long as it was, see :func:`decode_natives`, or
    all members are measured; and at last the keys are searched by bytes: a value or a deeper key of the same name also counts,
    which costs no more than the slow path.
    """
    if len(_encode(record)) == len(data):
        return False
    members = _members(data)
    # Each member has two quotes, a colon, and a comma or, with the last, one of the braces; the other brace is left.
    if sum(map(len, members)) + sum(map(len, members.values())) + 4 * len(members) + 1 == len(data):
        return False
    keys = _KEYS(data)
    return _ESCAPE in data or len(keys) != len(set(keys))


def _events(indexes: Sequence[int], records: Sequence[NativeRecord]) -> PlainEvents:
    """Make the events of records; where a part of one is not plain, halve until only that record is left out."""
    if not records:
        return NO_EVENTS
    try:
        return PlainEvents(indexes, _columns(records))
    except _FAULTS:
        if len(records) == 1:
            return NO_EVENTS
    middle = len(records) // 2
    first = _events(indexes[:middle], records[:middle])
    second = _events(indexes[middle:], records[middle:])
    return first.followed_by(second)


def _columns(records: Sequence[NativeRecord]) -> EventColumns:
    taken = zip(*map(_taken_of, records), strict=True)
    (
        kinds,
        elements,
        times,
        addresses,
        agents,
        accounts,
        regions,
        answers,
        native_ids,
        request_ids,
        shared_ids,
    ) = taken
    deeds = _deeds(records, kinds)
    details = [deed.details for deed in deeds]
    users = _users(map(bytes, elements), kinds, answers, details)
    moments = list(map(NATIVE_MOMENTS.__getitem__, times))
    outcomes = [
        SUCCESS
        if record.error_code is ABSENT
        and not (record.error_message or deed.details.answer or record.event_type == _OF_SERVICE)
        else _outcome(record, deed)
        for record, deed in zip(records, deeds, strict=True)
    ]
    return (
        [time for time, _ in moments],
        [deed.act for deed in deeds],
        [user.identity for user in users],
        [user.kind for user in users],
        [user.credential for user in users],
        [ADDRESSES[address] if address else None for address in addresses],
        [USER_AGENTS[agent] if agent else None for agent in agents],
        outcomes,
        list(map(PLACES.__getitem__, zip(accounts, regions, strict=True))),
        [each.resources for each in details],
        [native_id or None for native_id in native_ids],
        [request_id or None for request_id in request_ids],
        [shared_id or None for shared_id in shared_ids],
        [
            tuple(dict.fromkeys((*odd, *user.warnings, *each.warnings)))
            if user.warnings or each.warnings
            else odd
            for (_, odd), user, each in zip(moments, users, details, strict=True)
        ],
        [
            user.particulars
            if each.particulars is None
            else particulars_of(user, each.particulars, failed=outcome.status not in _DONE)
            for user, each, outcome in zip(users, details, outcomes, strict=True)
        ],
    )


_DONE = (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)
"""Outcomes after which what was handed out can be used."""

_taken_of = operator.attrgetter(
    "event_type",
    "user_identity",
    "event_time",
    "source_ip",
    "user_agent",
    "recipient_account_id",
    "aws_region",
    "session_credential_from_console",
    "event_id",
    "request_id",
    "shared_event_id",
)


def _deeds(records: Sequence[NativeRecord], kinds: Sequence[str]) -> list[_Deed]:
    keys = list(map(_join, map(_parts_of, records)))
    for index in _places_of(_OF_SERVICE, kinds):
        record = records[index]
        keys[index] = _join((keys[index], record.service_event_details, record.additional_event_data))
    return list(map(_DEEDS.__getitem__, keys))


def _users(
    elements: Iterable[bytes], kinds: Sequence[str], answers: Sequence[str | None], details: Sequence[Details]
) -> list[Who]:
    keys = list(elements)
    for index in _places_of("true", answers):
        keys[index] += _FROM_CONSOLE
    users = list(map(_USERS.__getitem__, keys))
    for index in _places_of("AwsConsoleSignIn", kinds):
        if details[index].answer == "Success":
            users[index] = _read_user(keys[index], signed_in=True)
    return users


def _places_of(value: str, column: Sequence[str | None]) -> Iterator[int]:
    """Yield where a rare value stands."""
    index = -1
    for _ in range(column.count(value)):
        index = column.index(value, index + 1)
        yield index


_parts_of = operator.attrgetter(
    "event_source",
    "event_name",
    "read_only",
    "event_category",
    "request_parameters",
    "response_elements",
    "resources",
)
"""What a deed is read from, of an event that is not a service's own."""


def _outcome(record: NativeRecord, deed: _Deed) -> Outcome:
    code = _decoded(bytes(record.error_code))
    if code is not None and not isinstance(code, str):
        raise _NotPlainError
    return read_outcome(
        code,
        failed_message=bool(record.error_message),
        answer=deed.details.answer,
        has_result=True,
        name=deed.act.action if record.event_type == _OF_SERVICE else "",
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _NotPlainError
    return result


_read_json = json.JSONDecoder(object_pairs_hook=_unique).decode


def _decoded(part: bytes) -> object:
    if part in _WORDS:
        return _WORDS[part]
    if part[0] == _QUOTE and b"\\" not in part:
        return part[1:-1].decode()
    try:
        value: object = orjson.loads(part)
        if orjson.dumps(value) == part:  # so no key stood twice, and no number lost digits
            return value
    except orjson.JSONDecodeError:
        pass
    return _read_json(part.decode())


def _read_user(key: bytes, *, signed_in: bool = False) -> Who:
    decoded = _decoded(key.removesuffix(_FROM_CONSOLE))
    if not isinstance(decoded, dict):
        raise _NotPlainError
    return who(decoded, from_console=key.endswith(_FROM_CONSOLE), signed_in=signed_in)


def _read_deed(key: bytes) -> _Deed:
    source, name, read_only, category, request, response, listed, *about = map(
        _decoded, key.split(_SEPARATOR)
    )
    if not (isinstance(source, str) and source.endswith(_DOMAINS) and isinstance(name, str) and name):
        raise _NotPlainError
    if not isinstance(read_only, bool | None) or not isinstance(category, str | None):
        raise _NotPlainError
    if str in map(type, (request, response, listed, *about)):
        raise _NotPlainError  # exports write objects as texts
    service, action = operation(source, name)
    details = read_details(service, action, request, response, listed, tuple(about))
    return _Deed(read_act(source, name, read_only, category or None, details.decrypts), details)


_DEEDS: Remembered[bytes, _Deed] = Remembered(_read_deed, entries=_PARTS, longest=_LONGEST_PART)
_USERS: Remembered[bytes, Who] = Remembered(_read_user, entries=2 * _PARTS, longest=_LONGEST_PART)
