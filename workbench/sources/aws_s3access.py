"""Amazon S3 server access logs: text lines, and the rows and JSON objects that exports make of them.

Fields and their order: Amazon S3 user guide, "Amazon S3 server access log format"; the JSON form: "Log format in
CloudWatch Logs". Delivery is best effort: a request that is not in the log may have happened all the same.
"""

from __future__ import annotations

import datetime as dt
import re

from workbench.clock import to_micros
from workbench.model.event import (
    Act,
    Credential,
    Event,
    EventTime,
    IdentityKind,
    Outcome,
    Precision,
    Resource,
    ResourceRole,
    Verb,
)
from workbench.sources import parts
from workbench.sources.aws_cloudtrail.access_keys import credential_of
from workbench.sources.aws_cloudtrail.arns import read_arn
from workbench.sources.aws_principals import Principal, principal, service_principal
from workbench.sources.document import Document
from workbench.sources.interning import Remembered
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

_LINE = re.compile(
    r"(\S+) (\S+) \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (\S+) (.{1,512}?) ([0-9A-Za-z]{1,64}|-) "
    r"((?:REST|SOAP|WEBSITE|BATCH|S3)\.[\w.]{1,64}) (\S+) ",
    re.ASCII,
)
_URI_END = re.compile(r'" (?=(?:\d{3}|-) )', re.ASCII)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_CLOCK = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", re.ASCII)
_OPERATION = re.compile(r"(?:REST|SOAP|WEBSITE|BATCH|S3)\.[\w.]+", re.ASCII)
_SIGNED_BY = re.compile(
    r"[?&](?:X-Amz-Credential|AWSAccessKeyId)=([A-Z0-9]{16,32})(?=%2[Ff]|[/&\s]|\Z)", re.ASCII
)

BAD_QUOTES = "a quoted field holds quotes: the fields around it may be the caller's own words"
"""Warning of a line in which a quoted field (Request-URI, Referer, User-Agent) cannot be told apart for certain."""

CUT_SHORT = "the line ends early"
"""Warning of a line that lacks some of the fields that every version of the log has."""

_OVERRIDES: dict[str, tuple[Verb, str]] = {
    "REST.COPY.OBJECT_GET": (Verb.READ, "override: reading half of a copy"),
    "REST.COPY.PART_GET": (Verb.READ, "override: reading half of a copy"),
    "REST.COPY.OBJECT": (Verb.CREATE, "override: writing half of a copy"),
    "REST.COPY.PART": (Verb.CREATE, "override: writing half of a copy"),
    "REST.POST.MULTI_OBJECT_DELETE": (Verb.DELETE, "override: deletes several objects"),
    "REST.POST.OBJECT": (Verb.CREATE, "override: writes an object"),
    "REST.POST.UPLOAD": (Verb.CREATE, "override: writes an object"),
    "REST.POST.UPLOADS": (Verb.CREATE, "override: begins to write an object"),
    "REST.POST.RESTORE": (Verb.UPDATE, "override: restores an object"),
    "REST.PUT.OBJECT": (Verb.CREATE, "override: writes an object"),
    "REST.PUT.PART": (Verb.CREATE, "override: writes an object"),
    "REST.PUT.BUCKET": (Verb.CREATE, "override: makes a bucket"),
    "REST.PUT.ACL": (Verb.DELEGATE, "override: grants"),
    "REST.PUT.BUCKETPOLICY": (Verb.DELEGATE, "override: grants"),
    "S3.CREATE.DELETEMARKER": (Verb.DELETE, "override: lifecycle rule hides an object"),
    "S3.EXPIRE.OBJECT": (Verb.DELETE, "override: lifecycle rule deletes an object"),
    "BATCH.DELETE.OBJECT": (Verb.DELETE, "override: one object of several deleted"),
}
"""Operations whose method does not tell what they do."""

_BY_METHOD = {
    "GET": Verb.READ,
    "HEAD": Verb.READ,
    "OPTIONS": Verb.OTHER,
    "PUT": Verb.UPDATE,
    "DELETE": Verb.DELETE,
}
_LIFECYCLE_REQUESTER = "AmazonS3"

_PATHS: dict[str, tuple[str, ...]] = {
    # Native name: names in Panther, in AWS's Athena table, in CloudWatch Logs.
    "bucket": ("bucket", "bucketname"),
    "remote_ip": ("remoteip",),
    "requester": ("requester",),
    "request_id": ("requestid",),
    "operation": ("operation",),
    "key": ("key", "keyname", "objectkey"),
    "uri": ("requesturi",),
    "status": ("httpstatus",),
    "error": ("errorcode",),
    "agent": ("useragent",),
    "version": ("versionid",),
    "auth": ("authenticationtype", "authtype"),
    "access_point": ("accesspointarn",),
    "region": ("sourceregion", "region"),
}
_AFTER_AGENT = (
    "version",
    "host_id",
    "signature",
    "cipher",
    "auth",
    "host",
    "tls",
    "access_point",
    "acl",
    "region",
)
_FEWEST_AFTER_AGENT = 1
"""Lines of the first versions of the log end with the version id."""

Entry = dict[str, str]
"""Fields of one request by native name; what the log writes as ``-`` is absent."""


class S3AccessReader(DocumentReader):
    """Reads S3 server access logs: one event a request.

    The log names the requester but not the credential, except where the request was signed in its query string
    (authentication type ``QueryString``): then the Request-URI holds the access key id. It has no id of its own for
    a record; several records can share a request id (both halves of a copy, the objects of a batch).
    """

    source = "aws.s3access"
    version = 1
    title = "Amazon S3 server access log"
    needs = (
        "the log objects of the target bucket for the period (delivery is best effort, up to a few hours late), "
        "with the logging configuration of each bucket"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"remoteip", "bucket", "bucketname"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a request."""
        fields = Document(document)
        if not fields.has("bucket", "bucketname"):
            return ""
        operation = fields.value("operation")
        if type(operation) is str and _OPERATION.fullmatch(operation):
            return "bucket, and an operation of S3's form"
        return "bucket and remote ip" if fields.has("remoteip") else ""

    def recognises_line(self, line: str) -> str:
        """Tell by what a line is a request."""
        return "bucket owner, bucket, [time] and an operation of S3's form" if _LINE.match(line) else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one request from a row or an object."""
        fields = Document(document)
        entry = {
            name: text
            for name, paths in _PATHS.items()
            if (text := fields.text(*paths)) is not None and text != "-"
        }
        raw = fields.value("time", "requestdatetime", "requesttime", "timestamp")
        time = _CLOCKS[raw.strip("[]")] if isinstance(raw, str) else None
        if time is None:
            # The user guide says of the time field: in UTC.
            time = read_moment(raw, "time", context, utc_by="AWS")
        return Reading(event=_event(entry, time, dict(fields.odd)))

    def read_line(self, line: str, context: Context) -> Reading:
        """Read one request from a line."""
        odd: dict[str, None] = {}
        head = _LINE.match(line)
        entry: Entry = {}
        time = EventTime(None, None, Precision.UNKNOWN, "time")
        if head is not None:
            names = ("bucket", "remote_ip", "requester", "request_id", "operation", "key")
            entry = _rest(line, head.end(), odd)
            entry.update(zip(names, head.group(2, 4, 5, 6, 7, 8), strict=True))
            time = _CLOCKS[head[3]] or EventTime(None, head[3], Precision.SECOND, "time")
        entry = {name: text for name, text in entry.items() if text != "-"}
        return Reading(event=_event(entry, time, odd))


def _rest(line: str, at: int, odd: dict[str, None]) -> Entry:
    """Read what follows the key: ``"Request-URI" status error sizes times "Referer" "User-Agent" …``.

    S3 does not escape quotes inside quotes. The Request-URI ends at the first quote before a status, the user agent
    at the last quote of the line: the fields after it never hold one.
    """
    entry: Entry = {}
    if line[at : at + 1] == '"':
        end = _URI_END.search(line, at + 1)
        if end is None:
            odd[CUT_SHORT] = None
            return entry
        entry["uri"] = line[at + 1 : end.start()]
        if '"' in entry["uri"]:
            odd[BAD_QUOTES] = None
        at = end.end()
    elif line.startswith("- ", at):
        at += 2
    plain = line[at:].split(" ", 6)
    if len(plain) < 7:
        odd[CUT_SHORT] = None
    entry.update(zip(("status", "error", "sent", "size", "total", "turnaround"), plain, strict=False))
    rest = plain[6] if len(plain) == 7 else ""
    last = rest.rfind('"')
    if last >= 0:
        quoted, tail = rest[:last], rest[last + 1 :]
        referer, between, agent = quoted.rpartition(' "')
        if between and referer.count('"') in (0, 2):
            entry["agent"] = agent
        elif quoted[:1] == '"' and quoted.count('"') == 1 and tail.startswith(" - "):
            tail = tail[3:]  # a Referer alone
        else:
            # Which part is the Referer and which the User-Agent is for the caller to say, not for us to guess.
            odd[BAD_QUOTES] = None
    else:
        tail = rest.removeprefix("- - ")
    after = tail.split()
    if len(after) < _FEWEST_AFTER_AGENT:
        odd[CUT_SHORT] = None
    entry.update(zip(_AFTER_AGENT, after, strict=False))
    return entry


def _clock(raw: str) -> EventTime | None:
    """Read a time as web servers log it, ``06/Feb/2019:00:00:38 +0000``; ``None`` if the text is of another form."""
    match = _CLOCK.fullmatch(raw)
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    try:
        offset = dt.timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        moment = dt.datetime(
            int(year),
            _MONTHS[month],
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=dt.timezone(offset),
        )
        micros = to_micros(moment)
    except (KeyError, ValueError):
        return EventTime(None, raw, Precision.SECOND, "time")
    return EventTime(micros, raw, Precision.SECOND, "time")


_CLOCKS: Remembered[str, EventTime | None] = Remembered(_clock)


def _event(entry: Entry, time: EventTime, odd: dict[str, None]) -> Event:
    operation = entry.get("operation", "")
    who, kind = _principal(entry.get("requester"))
    return Event(
        time=time,
        act=_ACTS[operation],
        identity=who,
        kind=kind,
        credential=_signed_by(entry),
        address=parts.address(entry.get("remote_ip")),
        user_agent=parts.user_agent(entry.get("agent")),
        outcome=_outcome(entry),
        place=parts.place(None, entry.get("region")),
        resources=_resources(entry, operation),
        request_id=entry.get("request_id"),
        warnings=parts.warnings_of(time, odd),
    )


def _act(operation: str) -> Act:
    if operation in _OVERRIDES:
        verb, rule = _OVERRIDES[operation]
    else:
        system, _, rest = operation.partition(".")
        method = rest.partition(".")[0]
        if system == "S3":
            verb = (
                Verb.UPDATE if method.startswith("TRANSITION") else _BY_METHOD.get(method, Verb.UNCLASSIFIED)
            )
            rule = "lifecycle rule"
        elif system in ("REST", "WEBSITE") and method in _BY_METHOD:
            verb, rule = _BY_METHOD[method], f"method {method}"
        else:
            verb, rule = Verb.UNCLASSIFIED, "no rule"
    return parts.act("s3", operation, verb, rule, "Data" if operation.endswith(("OBJECT", "PART")) else None)


_ACTS: Remembered[str, Act] = Remembered(_act)


def _principal(requester: str | None) -> Principal:
    """Tell who asked. A dash stands for a request that was not authenticated, or for a value S3 did not have."""
    if requester is None:
        return None, parts.kind(
            IdentityKind.UNDECIDED, "the record names no requester: anonymous or not known"
        )
    if requester.startswith("arn:"):
        return principal(requester)
    if requester.startswith("svc:") or requester == _LIFECYCLE_REQUESTER:
        return service_principal(requester, "requester is a service of AWS")
    who = parts.identity(requester)
    return who, parts.kind(IdentityKind.UNDECIDED, "canonical user id: names an account, not who in it")


def _signed_by(entry: Entry) -> Credential | None:
    """Return the key that signed a presigned request. Without such a signature anybody can write a key id there."""
    if entry.get("auth", "").casefold() != "querystring":
        return None
    found = _SIGNED_BY.search(entry.get("uri", ""))
    return credential_of(found[1]) if found else None


def _outcome(entry: Entry) -> Outcome:
    status = entry.get("status", "")
    number = int(status) if len(status) == 3 and status.isascii() and status.isdigit() else None
    return parts.http_outcome(number, entry.get("error"))


def _resources(entry: Entry, operation: str) -> tuple[Resource, ...]:
    """Return object, bucket and access point. Keys stand as logged, URL-encoded."""
    bucket, key = entry.get("bucket"), entry.get("key")
    role = ResourceRole.SOURCE if operation.endswith("_GET") else ResourceRole.TARGET
    found = []
    if bucket and key:
        found.append(Resource("s3:object", f"{bucket}/{key}", role))
    if bucket:
        found.append(Resource("s3:bucket", bucket, role))
    point = entry.get("access_point")
    if point:
        arn = read_arn(point)
        found.append(Resource("s3:accesspoint", point, role, arn.account if arn else None))
    return tuple(found)
