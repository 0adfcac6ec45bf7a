"""The hot path: bytes of a native record to an event, with the costly parts remembered by their bytes.

An account repeats itself: of 5,000 records some 250 have a ``userIdentity`` of their own, and fewer than a
third a request and response not seen before.
"""

from __future__ import annotations

import json
import operator
import re

import msgspec

from workbench.model.event import Act, Event, Outcome, OutcomeStatus
from workbench.sources.addresses import ADDRESSES
from workbench.sources.aws_cloudtrail.identity import Who, particulars_of, who
from workbench.sources.aws_cloudtrail.moments import NATIVE_MOMENTS, PLACES
from workbench.sources.aws_cloudtrail.native import ABSENT, NativeRecord
from workbench.sources.aws_cloudtrail.outcome import SUCCESS, read_outcome
from workbench.sources.aws_cloudtrail.resources import Details, read_details
from workbench.sources.aws_cloudtrail.verbs import operation, read_act
from workbench.sources.interning import Remembered
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

_SEPARATOR = b"\0"
"""Between parts joined to one key: valid JSON holds no such byte."""

_WORDS: dict[bytes, bool | None] = {b"": None, b"null": None, b"true": True, b"false": False}
_QUOTE = ord('"')

_decode = msgspec.json.Decoder(NativeRecord).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_join = _SEPARATOR.join
_encode = msgspec.json.Encoder().encode


class _NotPlainError(Exception):
    """A part holds something that the slow path has to judge."""


class _Deed(msgspec.Struct, frozen=True, gc=False):
    """The operation with all that depends on it alone: what was done, and its resources, answer and oddities."""

    act: Act
    details: Details


def read_native(data: bytes) -> Event | None:
    """Read the bytes of one native management or data event.

    Returns:
        The event, or ``None`` for anything unusual: another type of event, another spelling, a repeated key,
        a key that may be written with escapes, a value of an unexpected type.
    """
    if len(data) > _LONGEST_RECORD or (b"\\" in data and b"\\u" in data):
        return None
    try:
        record = _decode(data)
        if _repeats_a_key(record, data):
            return None
        return _event(record)
    except (msgspec.MsgspecError, ValueError, RecursionError, _NotPlainError):
        return None


def _repeats_a_key(record: NativeRecord, data: bytes) -> bool:
    """Tell whether a key that decides what is shown may stand twice, in which case the record says two things.

    A parser keeps the last of two values. Written again in compact JSON, the known members are as long as the record unless
    one was dropped, or there are others: nothing that is read can stand in fewer bytes. Otherwise all members are measured;
    and at last the keys are searched by bytes: a value or a deeper key of the same name also counts, which costs no more than
    the slow path.
    """
    if len(_encode(record)) == len(data):
        return False
    members = _members(data)
    # Each member has two quotes, a colon, and a comma or, with the last, one of the braces; the other brace is left.
    if sum(map(len, members)) + sum(map(len, members.values())) + 4 * len(members) + 1 == len(data):
        return False
    keys = _KEYS(data)
    return len(keys) != len(set(keys))


def _event(record: NativeRecord) -> Event:
    kind = record.event_type
    if (
        kind not in _TYPES
        or record.addendum is not ABSENT
        or record.insight_details is not ABSENT
        or record.event_time[-1:] != "Z"
        or record.session_credential_from_console not in _CONSOLE_ANSWERS
    ):
        raise _NotPlainError
    if kind == _OF_SERVICE:
        deed = _DEEDS[_join((*_parts_of(record), record.service_event_details, record.additional_event_data))]
    elif record.service_event_details is ABSENT:
        deed = _DEEDS[_join(_parts_of(record))]
    else:
        raise _NotPlainError
    details = deed.details
    element = bytes(record.user_identity)
    if details.answer == "Success" and kind == "AwsConsoleSignIn":
        user = _read_who(
            element, from_console=record.session_credential_from_console == "true", signed_in=True
        )
    elif record.session_credential_from_console == "true":
        user = _CONSOLE_USERS[element]
    else:
        user = _USERS[element]
    time, odd = NATIVE_MOMENTS[record.event_time]
    if user.warnings or details.warnings:
        odd = tuple(dict.fromkeys((*odd, *user.warnings, *details.warnings)))
    address, agent = record.source_ip, record.user_agent
    outcome = SUCCESS
    if record.error_code is not ABSENT or record.error_message or details.answer or kind == _OF_SERVICE:
        outcome = _outcome(record, deed)
    particulars = user.particulars
    if details.particulars is not None:
        failed = outcome.status not in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN)
        particulars = particulars_of(user, details.particulars, failed=failed)
    return Event(
        time,
        deed.act,
        user.identity,
        user.kind,
        user.credential,
        ADDRESSES[address] if address else None,
        USER_AGENTS[agent] if agent else None,
        outcome,
        PLACES[record.recipient_account_id, record.aws_region],
        details.resources,
        record.event_id or None,
        record.request_id or None,
        record.shared_event_id or None,
        odd,
        particulars,
    )


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
    return _read_json(part.decode())


def _read_who(element: bytes, *, from_console: bool, signed_in: bool) -> Who:
    decoded = _decoded(element)
    if not isinstance(decoded, dict):
        raise _NotPlainError
    return who(decoded, from_console=from_console, signed_in=signed_in)


def _read_deed(key: bytes) -> _Deed:
    source, name, read_only, category, request, response, listed, *about = map(
        _decoded, key.split(_SEPARATOR)
    )
    if not (isinstance(source, str) and source.endswith(_DOMAINS) and isinstance(name, str) and name):
        raise _NotPlainError
    if not isinstance(read_only, bool | None) or not isinstance(category, str | None):
        raise _NotPlainError
    service, action = operation(source, name)
    details = read_details(service, action, request, response, listed, tuple(about))
    return _Deed(read_act(source, name, read_only, category or None, details.decrypts), details)


_DEEDS: Remembered[bytes, _Deed] = Remembered(_read_deed, entries=_PARTS, longest=_LONGEST_PART)
_USERS: Remembered[bytes, Who] = Remembered(
    lambda element: _read_who(element, from_console=False, signed_in=False),
    entries=_PARTS,
    longest=_LONGEST_PART,
)
_CONSOLE_USERS: Remembered[bytes, Who] = Remembered(
    lambda element: _read_who(element, from_console=True, signed_in=False),
    entries=_PARTS,
    longest=_LONGEST_PART,
)
