"""Amazon VPC flow logs, and those of transit gateways: context, not acts of an identity.

Fields: Amazon VPC user guide, "Flow log records". A record tells of the packets of one flow over a network interface
during up to ten minutes. It names no principal; it can show that an address was reached, and how much was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from workbench.evidence.flow_log_fields import FLOW_LOG_FIELDS
from workbench.model.event import (
    Act,
    Event,
    EventTime,
    IdentityKind,
    Outcome,
    OutcomeStatus,
    Particulars,
    Resource,
    ResourceRole,
    Verb,
)
from workbench.model.evidence import Disposition
from workbench.sources import parts
from workbench.sources.document import Document
from workbench.sources.interning import Remembered, remembered
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

_DEFAULT = [
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
]
_LINE = re.compile(
    r"2 (?:\d{12}|unknown) [\w-]{1,64} (?:[0-9A-Fa-f.:]{2,45} ){2}(?:\d{1,5} ){2}\d{1,3} \d{1,20} \d{1,20} "
    r"\d{9,10} \d{9,10} (?:ACCEPT|REJECT) OK"
    r"|2 (?:\d{12}|unknown) [\w-]{1,64} (?:- ){7}\d{9,10} \d{9,10} - (?:NODATA|SKIPDATA)",
    re.ASCII,
)
_ABSENT = frozenset({"-", "unknown", ""})

_SKIPPED = Particulars(withheld=("log-status: SKIPDATA",))
"""Of a record that stands for flows which were not recorded."""

_HEADER = "a header line among the rows"
_NOBODY = parts.kind(IdentityKind.UNDECIDED, "a flow record names no principal")
_THINGS = {
    "interface-id": "ec2:network-interface",
    "tgw-attachment-id": "ec2:transit-gateway-attachment",
    "instance-id": "ec2:instance",
}
_READ = (
    *("account-id", "tgw-src-vpc-account-id", "srcaddr", "dstaddr", "dstport", "start", "end", "action"),
    *("log-status", "pkt-srcaddr", "pkt-dstaddr", "region", *_THINGS),
)
_MOST_BITS = 128
"""Bits of the largest integer that is written out: no field holds a larger one."""


class VpcFlowReader(DocumentReader):
    """Reads flow-log records: default lines without a header, rows under a header, and the rows of exports."""

    source = "aws.vpcflow"
    version = 1
    title = "Amazon VPC flow logs"
    needs = "the log objects or streams for the period, with each flow log's format if its files have no header line"
    hints = frozenset({"srcaddr", "interfaceid", "tgwid", "message"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a flow record, or a log event whose message is one."""
        fields = Document(document)
        if fields.has("srcaddr") and fields.has("dstaddr"):
            beside = ("interface-id", "log-status", "start", "end", "account-id", "flow-direction", "tgw-id")
            found = next((name for name in beside if fields.has(name)), "")
            return f"srcaddr and dstaddr, with {found}" if found else ""
        if fields.has("interface-id", "tgw-id") and fields.has("log-status", "start", "end"):
            return "an interface or gateway id, with the log status or the capture window"
        message = fields.value("message")
        if type(message) is str and _LINE.fullmatch(message.strip()):
            return "message is a flow record of the default format"
        return ""

    def recognises_line(self, line: str) -> str:
        """Tell by what a line is a flow record of the default format."""
        return "fourteen fields of the default format, version 2" if _LINE.fullmatch(line.rstrip()) else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one row."""
        if FLOW_LOG_FIELDS.issuperset(document):
            return _read(document, context)
        fields = Document(document)
        message = fields.value("message")
        if type(message) is str and not fields.has("srcaddr", "interface-id", "tgw-id"):
            return self.read_line(message, context)
        row = {name: found for name in _READ if (found := fields.value(name)) is not None}
        if (status := fields.value("status")) is not None:
            row.setdefault("log-status", status)
        return _read(row, context, utc_by=parts.utc_by(document, row.get("start") or row.get("end")))

    def read_line(self, line: str, context: Context) -> Reading:
        """Read one line of the default format."""
        return _read(dict(zip(_DEFAULT, line.split(), strict=False)), context)


def _read(row: Mapping[str, object], context: Context, *, utc_by: str = "") -> Reading:
    if row.get("start") == "start" or row.get("srcaddr") == "srcaddr" or row.get("end") == "end":
        return Reading(disposition=Disposition.UNRECOGNISED, reason=_HEADER)
    odd: dict[str, None] = {}
    values = {name: text for name in _READ if (text := _text(name, row.get(name), odd)) is not None}
    get = values.get
    time = _time(row, context, utc_by)
    action, status = get("action"), get("log-status")
    account = get("account-id") or get("tgw-src-vpc-account-id")
    event = Event(
        time=time,
        act=_act(action or status or ""),
        identity=None,
        kind=_NOBODY,
        credential=None,
        # Behind a gateway the packet's own source is the original one.
        address=parts.address(get("pkt-srcaddr") or get("srcaddr")),
        user_agent=None,
        outcome=_outcome(action),
        place=parts.place(account, get("region")),
        resources=_resources(values, account),
        warnings=parts.warnings_of(time, odd) if odd or time.micros is None else (),
        particulars=_SKIPPED if status == "SKIPDATA" else None,
    )
    return Reading(event=event)


def _text(name: str, value: object, odd: dict[str, None]) -> str | None:
    if type(value) is str:
        return None if value in _ABSENT else value
    if value is None:
        return None
    if type(value) is int and value.bit_length() < _MOST_BITS:
        return str(value)
    odd[f"{name} is not a text"] = None
    return None


def _time(row: Mapping[str, object], context: Context, utc_by: str) -> EventTime:
    """Return when the first packet was received: Unix seconds; Panther writes them as text in UTC."""
    start = row.get("start")
    if type(start) is str and start.isdecimal():
        return _STARTS[start]
    name = "start" if start not in (None, "", "-") else "end"
    return read_moment(row.get(name), name, context, utc_by=utc_by)


_STARTS: Remembered[str, EventTime] = Remembered(lambda raw: read_moment(raw, "start", Context()))
"""The flows of one window share their seconds."""


@remembered(64)
def _act(action: str) -> Act:
    return parts.act("vpc", action, Verb.OTHER, "context: a network flow", "context")


@remembered(64)
def _outcome(action: str | None) -> Outcome:
    """Say what the security groups and network lists decided.

    That they let packets pass (ACCEPT) does not say that anybody answered: such an outcome stays unknown.
    """
    return parts.outcome(OutcomeStatus.DENIED if action == "REJECT" else OutcomeStatus.UNKNOWN, action)


def _resources(values: Mapping[str, str], account: str | None) -> tuple[Resource, ...]:
    found = [
        Resource(kind, values[name], ResourceRole.TARGET, account)
        for name, kind in _THINGS.items()
        if name in values
    ]
    address, port = values.get("pkt-dstaddr") or values.get("dstaddr"), values.get("dstport")
    if address is not None:
        host = f"[{address}]" if ":" in address and port else address
        found.append(Resource("network:endpoint", f"{host}:{port}" if port else host, ResourceRole.TARGET))
    return tuple(found)
