"""Everything that is known about one event, as lines: the event, where it comes from, the record itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench import clock
from workbench.evidence.encoding import to_utf8
from workbench.evidence.secrets import masked_value
from workbench.model.case import StoredEvent
from workbench.model.event import (
    AddressKind,
    EventTime,
    Identity,
    Issued,
    Particulars,
    Precision,
    Resource,
    StatedChange,
)
from workbench.model.evidence import EvidenceItem
from workbench.text import visible
from workbench.tui.glyphs import Glyphs
from workbench.tui.lines.document import BLANK, Line, Span, heading, line
from workbench.tui.lines.json import SHOWN, record_lines
from workbench.tui.places import HistoryPlace, Place
from workbench.tui.tables.events import OUTCOME_WORDS
from workbench.tui.zones import Zone

if TYPE_CHECKING:
    from workbench.casefile.reader import RawRecord

LABEL = 13
"""Width of the column of labels."""


@dataclasses.dataclass(frozen=True)
class ShownRecord:
    """A record as the details show it, laid out in the background.

    Attributes:
        lines: The record, laid out.
        size: Its size in bytes, as stored.
        cut: Whether only its beginning is laid out.
        secrets: Number of secrets that are masked in it, 0 after revealing.
        revealed: Whether secrets are shown.
        encoding: Encoding of the stored bytes.
        evidence: The file it comes from.
    """

    lines: tuple[Line, ...]
    size: int
    cut: bool
    secrets: int
    revealed: bool
    encoding: str
    evidence: EvidenceItem

    @classmethod
    def of(cls, raw: RawRecord) -> ShownRecord:
        """Lay a record out, its secrets masked. Takes some tenths of a second: not for the screen's thread."""
        return cls(
            lines=tuple(record_lines(raw.masked)),
            size=len(raw.data),
            cut=len(raw.masked) > SHOWN,
            secrets=raw.secrets,
            revealed=False,
            encoding=raw.encoding,
            evidence=raw.evidence,
        )

    def with_secrets(self, data: bytes) -> ShownRecord:
        """Lay the same record out again, from its stored bytes. Not for the screen's thread."""
        text = to_utf8(data, self.encoding)
        lines = tuple(record_lines(text))
        return dataclasses.replace(self, lines=lines, cut=len(text) > SHOWN, secrets=0, revealed=True)


def field(label: str, *spans: Span | tuple[str, str] | str, target: Place | None = None) -> Line:
    """Make a line with a label in front; its continuation stands under the value."""
    return line((f" {label:<{LABEL}}", "label"), *spans, indent=LABEL + 1, target=target)


def event_lines(
    stored: StoredEvent, record: ShownRecord | None, zone: Zone, marks: Glyphs, case_name: str
) -> list[Line]:
    """Return the details of an event.

    Args:
        stored: The event.
        record: Its record, ``None`` while it is being read.
        zone: Zone on show; UTC is always given too.
        marks: Signs to use.
        case_name: How a person would name the case file on a command line.
    """
    return [
        *_title(stored, marks),
        BLANK,
        *_facts(stored, zone, marks),
        BLANK,
        heading(" provenance"),
        *_provenance(stored, record),
        BLANK,
        *_record(stored, record, case_name),
    ]


def _title(stored: StoredEvent, marks: Glyphs) -> Iterator[Line]:
    act, outcome = stored.event.act, stored.event.outcome
    style = f"outcome-{outcome.status.value}"
    code = f" {visible(outcome.code)}" if outcome.code else ""
    yield line(
        " ",
        (visible(act.service) + " ", "muted"),
        (visible(act.action), "title"),
        (f"  {marks.outcome[outcome.status]} {OUTCOME_WORDS[outcome.status]}{code}", style),
        indent=3,
    )
    if act.tampers_logging:
        yield line((f" {marks.tampers} weakens or stops the recording of what happens", "warning"), indent=3)


def _facts(stored: StoredEvent, zone: Zone, marks: Glyphs) -> Iterator[Line]:
    event = stored.event
    none = (marks.dash, "muted")
    yield from _time(event.time, zone, marks, tied=stored.tied)
    yield field("verb", event.act.verb.value, (f"   rule {visible(event.act.verb_rule)}", "muted"))
    if event.act.category:
        yield field("category", visible(event.act.category))
    if event.identity is None:
        yield field("identity", none, ("  the record names none", "muted"))
    else:
        identity = event.identity
        yield field("identity", (visible(identity.name), "strong"))
        if identity.canonical != identity.name:
            yield field("", visible(identity.canonical))
        if identity.native_id:
            yield field("", visible(identity.native_id), ("   native id", "muted"))
        if identity.account:
            yield field("", visible(identity.account), ("   its account", "muted"))
    kind = event.kind
    yield field(
        "kind",
        f"{marks.identity[kind.kind]} {kind.kind.value}",
        (f"   because {visible(kind.reason)}", "muted"),
    )
    if event.credential:
        credential = event.credential
        yield field("credential", visible(credential.native_id), (f"   {visible(credential.type)}", "muted"))
    else:
        yield field("credential", none)
    more = event.particulars or Particulars()
    for number, key in enumerate(more.used):
        yield field(
            "" if number else "also used", visible(key.native_id), (f"   {visible(key.type)}", "muted")
        )
    for number, issued in enumerate(more.issued):
        yield field("" if number else "issued", *_issued(issued))
    if more.on_behalf_of:
        yield field("for or as", visible(more.on_behalf_of.name), *_canonical(more.on_behalf_of))
    if event.address:
        address = event.address
        parsed = f" = {address.ip}" if address.ip and address.ip != address.raw else ""
        word = "" if address.kind is AddressKind.IP else f"   {address.kind.value}, not an address"
        yield field("address", visible(address.raw + parsed), (word, "muted"))
    else:
        yield field("address", none)
    if event.user_agent:
        client = f"   client {visible(event.user_agent.client)}" if event.user_agent.client else ""
        yield field("user agent", visible(event.user_agent.raw), (client, "muted"))
    else:
        yield field("user agent", none)
    if more.device:
        yield field("device", visible(more.device))
    yield from _resources(event.resources, marks)
    for number, change in enumerate(more.changes):
        yield from _change(change, marks, first=number == 0)
    for number, withheld in enumerate(more.withheld):
        yield field("" if number else "withheld", (visible(withheld), "warning"))
    place = event.place
    yield field("account", visible(place.account) if place.account else none)
    if place.tenant:
        yield field("tenant", visible(place.tenant))
    yield field("region", visible(place.region) if place.region else none)
    for label, value in (
        ("event id", event.native_id),
        ("request id", event.request_id),
        ("shared id", event.shared_id),
        ("correlation", more.correlation_id),
    ):
        if value:
            yield field(label, visible(value))
    for number, twin in enumerate(stored.twins):
        yield field("" if number else "twins", str(twin), ("   same shared id", "muted"))
    if stored.session:
        yield field("session", stored.session, ("   s shows it, l what led to it", "muted"))
    if not stored.tags:
        yield field("tag", f"{marks.untagged} untagged")
    for number, tag in enumerate(stored.tags):
        yield field(
            "" if number else "tag",
            (f"{marks.tag[tag.grade]} {tag.grade.value}", "strong"),
            f"  {visible(tag.subject)}, level {tag.level}",
            (f"   {tag.id}", "muted"),
            target=HistoryPlace((tag.id,)),
        )
        if tag.rule:
            yield field("", (f"by the filter {visible(tag.rule)}", "muted"))
        if tag.override:
            yield field("", (f"OVERRIDE: {visible(tag.override)}", "warning"))
    for number, warning in enumerate(event.warnings):
        yield field("" if number else "warnings", (visible(warning), "warning"))


def _issued(issued: Issued) -> Iterator[tuple[str, str] | str]:
    yield visible(issued.credential.native_id)
    about = [visible(issued.credential.type)]
    if issued.to:
        about.append(f"to {visible(issued.to)}")
    if issued.expires is not None:
        about.append(f"until {clock.rfc3339(issued.expires)}")
    yield f"   {', '.join(about)}", "muted"


def _canonical(identity: Identity) -> Iterator[tuple[str, str]]:
    if identity.canonical != identity.name:
        yield f"   {visible(identity.canonical)}", "muted"


def _change(change: StatedChange, marks: Glyphs, *, first: bool) -> Iterator[Line]:
    """Show what the record says about one field: before and after, each only if it says so; secrets masked."""
    of = f"   of {visible(change.resource)}" if change.resource else ""
    yield field("changed" if first else "", (visible(change.field), "strong"), (of, "muted"))
    for label, value in (("before", change.before), ("after", change.after)):
        shown = masked_value(change.field, value)
        if shown is None:
            yield field("", (f"  {label:<7}", "muted"), (f"{marks.dash}  the record gives no value", "muted"))
        else:
            yield field("", (f"  {label:<7}", "muted"), visible(shown))


def _time(time: EventTime, zone: Zone, marks: Glyphs, *, tied: bool) -> Iterator[Line]:
    if time.micros is None:
        raw = f"the record says {visible(time.raw)}" if time.raw else "the record holds none"
        yield field("time", ("no time that can be read", "warning"), (f"   {raw}", "muted"))
    else:
        digits = time.precision.digits
        yield field(
            "time", (clock.rfc3339(time.micros, digits), "strong"), (f"   to the {_unit(time)}", "muted")
        )
        if zone.name != "UTC":
            there = f"{zone.text(time.micros, digits)} {zone.offset_text(time.micros)}"
            yield field("", there, (f"   {zone.name}", "muted"))
        if tied:
            span = "second" if time.precision is Precision.SECOND else "instant"
            yield field("", (f"{marks.tied} order inside this {span} is unknown", "muted"))
    from_field = f"from {visible(time.basis)}" if time.basis else "of unknown origin"
    yield field("", (f"{from_field}: {visible(time.raw)}" if time.raw else from_field, "muted"))


def _unit(time: EventTime) -> str:
    words = {
        "s": "second",
        "ms": "millisecond",
        "us": "microsecond",
        "100ns": "100 nanoseconds",
        "ns": "nanosecond",
    }
    return words.get(time.precision.value, "(unknown unit)")


def _resources(resources: tuple[Resource, ...], marks: Glyphs) -> Iterator[Line]:
    if not resources:
        yield field("resources", (marks.dash, "muted"))
    for number, resource in enumerate(resources):
        about = [resource.role.value]
        if resource.type:
            about.append(visible(resource.type))
        if resource.account:
            about.append(f"of {visible(resource.account)}")
        label = "" if number else "resource" if len(resources) == 1 else "resources"
        yield field(label, visible(resource.name), (f"   {', '.join(about)}", "muted"))


def _provenance(stored: StoredEvent, record: ShownRecord | None) -> Iterator[Line]:
    ref = stored.ref
    yield field("evidence", visible(stored.evidence_name))
    size = f" of {record.evidence.size:,}" if record else ""
    yield field(
        "bytes", f"{ref.offset:,} to {ref.offset + ref.length:,}{size}", (f"   {ref.length:,} bytes", "muted")
    )
    if stored.wrapper:
        yield field("path", visible(stored.wrapper), ("   from the file to the record", "muted"))
    yield field("reader", reader := f"{visible(stored.source)} {stored.reader_version}")
    if record and f"{reader} unverified" in record.evidence.sources:
        yield field(
            "", ("unverified: no real sample of this log was at hand when its reader was written", "warning")
        )
    yield field("disposition", stored.disposition.value)
    yield field("sha-256", ref.content_sha256, ("   of the content", "muted"))
    if record:
        item = record.evidence
        if item.delivered_sha256 != item.content_sha256:
            packed = (
                f"   of the file as delivered ({visible(item.container)})"
                if item.container
                else "   as delivered"
            )
            yield field("", item.delivered_sha256, (packed, "muted"))
        if item.acquisition.custodian:
            yield field("custodian", visible(item.acquisition.custodian))
    yield field("reference", (str(ref), "strong"))


def _record(stored: StoredEvent, record: ShownRecord | None, case_name: str) -> Iterator[Line]:
    if record is None:
        yield heading(" record")
        yield line(("  reading …", "muted"))
        return
    encoding = (
        "" if record.encoding.lower() in ("utf-8", "ascii") else f", stored as {visible(record.encoding)}"
    )
    yield line((" record", "heading"), (f"   {record.size:,} bytes{encoding}", "muted"))
    if record.revealed:
        yield line(
            (" Secrets are shown. That they were revealed stands in the journal.", "warning"), indent=1
        )
    elif record.secrets:
        many = "1 secret is masked" if record.secrets == 1 else f"{record.secrets:,} secrets are masked"
        yield line(
            (f" {many}. r reveals; who did so and when is written to the journal.", "warning"), indent=1
        )
    if record.cut:
        yield line(
            (f" The first {SHOWN:,} bytes of {record.size:,} follow. All of them: ", "warning"),
            (f"workbench evidence {visible(case_name)} {stored.ref.short}", "strong"),
            indent=1,
        )
    yield from record.lines
