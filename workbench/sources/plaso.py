"""Timelines of Plaso and Timesketch: what other tools have already read, with time, description and provenance.

Four forms: JSON lines of ``psort`` (``data_type``, ``parser``, ``timestamp``), Timesketch JSON lines and CSV (``message``,
``datetime``, ``timestamp_desc``), Plaso's dynamic CSV, and the older l2t CSV (``date,time,timezone,MACB,…``; 17 columns).
An entry says when something was, not who did what: its action is the meaning of its time, its verb ``other``. ``timestamp``
counts microseconds since 1970 (Plaso "Event data"); 0 stands for a time that was not set. A time that Plaso read from a
clock without a zone carries the zone that was set for Plaso, which the entry does not name.
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from workbench.clock import to_datetime
from workbench.model.event import Event, EventTime, IdentityKind, Precision, Resource, ResourceRole, Verb
from workbench.sources import parts
from workbench.sources.command_lines import COMMAND_LINES
from workbench.sources.document import Document
from workbench.sources.interning import remembered
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment, read_time, to_utc

_RULE = "a timeline entry tells when, not what was done"
_NOTHING = frozenset({"-", "", "N/A", "None"})
_DATE = re.compile(r"(\d\d)/(\d\d)/(\d{4})", re.ASCII)
_NOT_SET = ("Not a time", "Not set")
_UNDECIDED = parts.kind(
    IdentityKind.UNDECIDED, "a timeline entry names an account, not what stands behind it"
)
_LOCAL = "Plaso read a clock without a zone: is_local_time"


class PlasoReader(DocumentReader):
    """Reads entries of a Plaso or Timesketch timeline."""

    source = "plaso"
    version = 1
    title = "Plaso and Timesketch timelines"
    needs = "psort output as json_line (keeps most), Timesketch JSONL or CSV, or l2t CSV; and the zone that was set for Plaso"
    checked_against = "seven published entries of all four forms"
    hints = frozenset({"timestampdesc", "macb"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is an entry of a timeline."""
        fields = Document(document)
        if fields.has("MACB") and fields.has("date") and fields.has("sourcetype"):
            return "columns date, MACB and sourcetype (l2t CSV)"
        if not fields.has("timestamp_desc"):
            return ""
        moment = next((name for name in ("timestamp", "datetime", "date_time") if fields.has(name)), None)
        text = next((name for name in ("message", "data_type", "parser") if fields.has(name)), None)
        return f"timestamp_desc, with {moment} and {text}" if moment and text else ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one entry."""
        fields = Document(document)
        legacy = fields.has("MACB")
        time = _legacy_time(fields, context) if legacy else _time(fields, context)
        user, host = _given(fields, "username", "user"), _given(fields, "hostname", "host", "computer_name")
        described = _given(fields, "desc" if legacy else "message", "short")
        meaning = _given(fields, "type" if legacy else "timestamp_desc") or "time"
        local = fields.flag("date_time.is_local_time") is True
        event = Event(
            time=time,
            act=parts.act(
                _given(fields, "parser", "format", "source_short", "source") or "plaso",
                meaning,
                Verb.OTHER,
                _RULE,
                _given(fields, "data_type", "sourcetype", "source_long", "source"),
            ),
            identity=parts.identity(f"{user}@{host}" if host else user, user, None, host) if user else None,
            kind=_UNDECIDED,
            credential=None,
            address=None,
            user_agent=None,
            outcome=parts.http_outcome(None),
            place=parts.place(host),
            resources=_resources(fields, described, host),
            warnings=parts.warnings_of(time, (_LOCAL,) if local else (), fields.odd),
        )
        return Reading(event=event)


def _given(fields: Document, *paths: str) -> str | None:
    """Return the first value that is one: l2t CSV writes ``-`` for none."""
    for path in paths:
        value = fields.text(path)
        if value is not None and value.strip() not in _NOTHING:
            return value
    return None


def _time(fields: Document, context: Context) -> EventTime:
    """Read the time: the text with its zone and precision if there is one, else the count of microseconds."""
    count = fields.number("timestamp") if fields.has("timestamp") else None
    if count == 0 and (fields.text("timestamp_desc") in _NOT_SET):
        return EventTime(None, "0", Precision.UNKNOWN, "timestamp: not set")
    text = fields.value("datetime")
    if isinstance(text, str):
        time = read_moment(text, "datetime", context)
        if time.micros is not None or count is None:
            return time
    if count is None:
        return read_moment(fields.value("timestamp"), "timestamp", context)
    try:
        to_datetime(count)
    except OverflowError:
        return EventTime(None, str(count) if abs(count) < 10**40 else None, Precision.UNKNOWN, "timestamp")
    return EventTime(count, str(count), Precision.MICROSECOND, "timestamp, epoch microseconds (Plaso)")


def _legacy_time(fields: Document, context: Context) -> EventTime:
    """Read ``MM/DD/YYYY``, ``HH:MM:SS`` and the zone in a column of its own."""
    date, clock, zone = fields.text("date") or "", fields.text("time") or "", fields.text("timezone") or ""
    raw = f"{date} {clock} {zone}".strip() or None
    match = _DATE.fullmatch(date.strip())
    if match is None or raw is None:
        return EventTime(None, raw, Precision.UNKNOWN, "date, time, timezone")
    iso = f"{match[3]}-{match[1]}-{match[2]}T{clock.strip()}"
    basis = "date, time, timezone"
    named = zone.strip()
    if named.upper() in ("UTC", "Z", "GMT"):
        time = read_moment(iso + "Z", basis, context)
    elif named:
        time = _in_zone(iso, named, basis)
    else:
        time = read_moment(iso, basis, context)
    return EventTime(time.micros, raw, time.precision, time.basis)


def _in_zone(iso: str, zone: str, basis: str) -> EventTime:
    """Read a wall clock in the zone that the entry itself names; an abbreviation such as ``EST`` gives no instant."""
    wall = read_time(iso, basis, zone_assumed=True)
    if wall.micros is None or not _exists(zone):
        return EventTime(None, iso, wall.precision, f"{basis}, zone unknown")
    micros, how = to_utc(wall.micros, zone)
    return EventTime(micros, iso, wall.precision, f"{basis}: {how.replace(' (--timezone)', '')}")


@remembered(64)
def _exists(zone: str) -> bool:
    """Tell whether a name is that of a time zone with a place (``Europe/Berlin``): others are ambiguous."""
    try:
        return "/" in zone and ZoneInfo(zone).key == zone
    except (KeyError, ValueError, OSError):
        return False


def _resources(fields: Document, described: str | None, host: str | None) -> tuple[Resource, ...]:
    """Return what is described, and where it was read: the file inside the image, and the image or folder."""
    found = []
    if described:
        found.append(Resource("plaso:description", COMMAND_LINES[described], ResourceRole.TARGET, host))
    for path in ("display_name", "filename"):
        name = _given(fields, path)
        if name and not any(each.name == name for each in found):
            found.append(Resource("plaso:source file", name, ResourceRole.SOURCE, host))
    image = _given(fields, "pathspec.parent.parent.location", "pathspec.parent.location")
    if image:
        found.append(Resource("plaso:source image", image, ResourceRole.SOURCE, host))
    return tuple(found)
