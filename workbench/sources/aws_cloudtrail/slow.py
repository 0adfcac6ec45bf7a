"""The slow path: CloudTrail records as exports leave them, and the rarer kinds of event.

Keys in any case, nested values flattened into columns or written as text, times without a zone, missing
fields: what a record still holds is read, what it lacks is null and noted.
"""

from __future__ import annotations

import orjson

from workbench.clock import SECOND, rfc3339
from workbench.model.event import (
    Act,
    Event,
    EventTime,
    OutcomeStatus,
    Precision,
    Resource,
    ResourceRole,
    Verb,
)
from workbench.model.evidence import Disposition
from workbench.sources.addresses import ADDRESSES
from workbench.sources.aws_cloudtrail import warnings
from workbench.sources.aws_cloudtrail.athena import read_struct
from workbench.sources.aws_cloudtrail.digest_files import form_of
from workbench.sources.aws_cloudtrail.identity import NOBODY, Who, particulars_of, who
from workbench.sources.aws_cloudtrail.moments import NATIVE_MOMENTS, PLACES, Moment, read_moment
from workbench.sources.aws_cloudtrail.outcome import read_outcome
from workbench.sources.aws_cloudtrail.resources import Details, read_details
from workbench.sources.aws_cloudtrail.verbs import operation, read_act, service_of
from workbench.sources.paths import Fields
from workbench.sources.protocol import Reading
from workbench.sources.user_agents import USER_AGENTS

_EVENT_TYPES = frozenset(
    {
        "AwsApiCall",
        "AwsServiceEvent",
        "AwsConsoleAction",
        "AwsConsoleSignIn",
        "AwsVpceEvent",
        "AwsCloudTrailInsight",
    }
)
_WRAPPER_TIMES = ("@timestamp", "p_event_time", "time", "timestamp")
"""Fields beside the record that a collector fills, usually from ``eventTime``."""

_NESTED = frozenset(
    {"useridentity", "requestparameters", "responseelements", "additionaleventdata", "tlsdetails"}
)
"""Objects that exports flatten into columns."""

_PANTHER = "AWS.CloudTrail"
_BESIDE_SOURCE = ("eventName", "eventType", "userIdentity", "eventID")


def is_cloudtrail(document: dict[str, object]) -> str:
    """Tell by what a document is a CloudTrail event, a digest or what one is checked by; empty if it is none."""
    if document.get("p_log_type") == _PANTHER:
        return f"p_log_type is {_PANTHER}"
    mark, _ = form_of(document)
    if mark:
        return mark
    names = {key.lower(): key for key in reversed(document)}
    source = document[names["eventsource"]] if "eventsource" in names else None
    if isinstance(source, str) and service_of(source) != source.lower():
        beside = (name for name in _BESIDE_SOURCE if name.lower() in names)
        return next((f"eventSource names an AWS service, with {name}" for name in beside), "")
    kind = document[names["eventtype"]] if "eventtype" in names else None
    if source in (None, "") and isinstance(kind, str) and kind in _EVENT_TYPES:
        return f"eventType is {kind}"
    return ""


def read_any(document: dict[str, object]) -> Reading:
    """Read a CloudTrail document in any spelling."""
    _, form = form_of(document)
    if form:
        return Reading(disposition=Disposition.DIGEST, reason=form)
    fields = Fields(document)
    named = any(fields.get(name) not in (None, "") for name in ("eventName", "eventSource", "eventType"))
    if not named and fields.get("p_log_type") != _PANTHER:
        return Reading(
            disposition=Disposition.UNRECOGNISED, reason="neither eventName, eventSource nor eventType"
        )
    return Reading(event=_Record(fields).event())


def in_native_form(document: dict[str, object]) -> dict[str, object]:
    """Undo what an export did to a record's form, so that its content can be compared with another copy's.

    Flattened columns become objects again, struct text and JSON text are read, and a time without a zone is
    written as CloudTrail writes it. The case of keys stays.
    """
    fields = Fields(document)
    result: dict[str, object] = {}
    for key, value in document.items():
        parent = key.partition(".")[0]
        if parent != key and parent.lower() in _NESTED:
            result.setdefault(parent, fields.flattened(parent))
        elif key.lower() == "eventtime" and isinstance(value, str):
            result[key] = _native_time(value)
        else:
            result[key] = _decoded(value)
    return result


def _native_time(raw: str) -> str:
    time, _ = read_moment(raw, "eventTime")
    if time.micros is None or time.micros % SECOND:
        return raw
    return rfc3339(time.micros)


def _decoded(value: object) -> object:
    """Return a value, decoded if an export wrote it as JSON or struct text."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text in ("", "null"):
        return None
    if text[0] not in "{[":
        return value
    try:
        return orjson.loads(text)
    except ValueError:
        struct = read_struct(text)
        return value if struct is None else struct


class _Record:
    """One record, read field by field, with what was odd about them."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._odd: dict[str, None] = {}

    def event(self) -> Event:
        source, name, kind = self._text("eventSource"), self._text("eventName"), self._text("eventType")
        insight = self._value("insightDetails")
        if isinstance(insight, dict):
            return self._insight(Fields(insight))
        own = kind == "AwsServiceEvent"
        service, action = operation(source or "", name or "")
        details = read_details(
            service,
            action,
            self._value("requestParameters"),
            self._value("responseElements"),
            self._value("resources"),
            (
                self._value("serviceEventDetails"),
                self._value("additionalEventData") if own else None,
            ),
        )
        time, odd = self._moment()
        user = self._user(signed_in=details.answer == "Success" and kind == "AwsConsoleSignIn")
        act = read_act(
            source or "",
            name or "",
            self._flag("readOnly"),
            self._text("eventCategory") or ("NetworkActivity" if kind == "AwsVpceEvent" else None),
            details.decrypts,
        )
        if name is None:
            self._odd[warnings.NO_NAME] = None
        if source is None:
            self._odd[warnings.NO_SOURCE] = None
        return self._assembled(time, act, user, details, odd, event_name=name if own else None)

    def _assembled(
        self,
        time: EventTime,
        act: Act,
        user: Who,
        details: Details,
        odd: tuple[str, ...],
        *,
        event_name: str | None = None,
        has_result: bool = True,
    ) -> Event:
        address, agent = self._text("sourceIPAddress"), self._text("userAgent")
        outcome = read_outcome(
            self._text("errorCode"),
            failed_message=bool(self._text("errorMessage")),
            answer=details.answer,
            has_result=has_result and self._can_show_a_result(),
            name=event_name or "",
        )
        place = PLACES[self._text("recipientAccountId"), self._text("awsRegion")]
        resources = details.resources
        endpoint = self._text("vpcEndpointId") if act.category == "NetworkActivity" else None
        if endpoint:
            resources = (*resources, Resource("ec2:vpc-endpoint", endpoint, ResourceRole.SOURCE))
        native_id, request_id = self._text("eventID"), self._text("requestID")
        shared_id = self._text("sharedEventID")
        late = (warnings.ADDENDUM,) if self._value("addendum") is not None else ()
        return Event(
            time,
            act,
            user.identity,
            user.kind,
            user.credential,
            ADDRESSES[address] if address else None,
            USER_AGENTS[agent] if agent else None,
            outcome,
            place,
            resources,
            native_id,
            request_id,
            shared_id,
            tuple(dict.fromkeys((*odd, *user.warnings, *details.warnings, *late, *self._odd))),
            particulars_of(
                user,
                details.particulars,
                failed=outcome.status not in (OutcomeStatus.SUCCESS, OutcomeStatus.UNKNOWN),
            ),
        )

    def _can_show_a_result(self) -> bool:
        return self._fields.get("eventVersion") not in (None, "") or self._fields.has("responseElements")

    def _insight(self, insight: Fields) -> Event:
        """Read an insight: CloudTrail's remark on a rate of calls or errors, by nobody, without result."""
        subject, kind, about = (insight.get(key) for key in ("eventName", "insightType", "eventSource"))
        source = about if isinstance(about, str) else self._text("eventSource") or ""
        action = kind if isinstance(kind, str) and kind else "Insight"
        act = Act(service_of(source), action, Verb.OTHER, "insight event", False, "Insight")
        named = isinstance(subject, str) and subject
        resources = (Resource("cloudtrail:operation", str(subject)),) if named else ()
        time, odd = self._moment()
        return self._assembled(time, act, NOBODY, Details(resources), odd, has_result=False)

    def _user(self, *, signed_in: bool) -> Who:
        value = self._value("userIdentity")
        if value is None:
            value = self._fields.flattened("userIdentity") or None
        if isinstance(value, dict):
            from_console = self._flag("sessionCredentialFromConsole") is True
            return who(value, from_console=from_console, signed_in=signed_in)
        self._odd[warnings.NO_IDENTITY if value is None else warnings.BAD_IDENTITY] = None
        return NOBODY

    def _moment(self) -> Moment:
        panther = "Panther" if self._fields.any_with("p_") else ""
        raw = self._fields.get("eventTime")
        if isinstance(raw, str) and raw.endswith("Z"):
            return NATIVE_MOMENTS[raw]
        if raw not in (None, ""):
            return read_moment(raw, "eventTime", assumed_by=panther)
        for name in _WRAPPER_TIMES:
            raw = self._fields.get(name)
            if raw not in (None, ""):
                return read_moment(raw, f"{name} (wrapper)", assumed_by=panther)
        return EventTime(None, None, Precision.UNKNOWN, "eventTime"), (warnings.NO_TIME,)

    def _value(self, name: str) -> object:
        return _decoded(self._fields.get(name))

    def _text(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            self._odd[warnings.number_as_text(name)] = None
            return str(value)
        self._odd[warnings.unreadable(name)] = None
        return None

    def _flag(self, name: str) -> bool | None:
        value = self._fields.get(name)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, str) and value.lower() in ("true", "false", ""):
            return {"true": True, "false": False, "": None}[value.lower()]
        self._odd[warnings.unreadable(name)] = None
        return None
