"""What the command line prints for people. Every text that comes from a log or a file name passes through visible()."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.casework.as_json import time_text
from workbench.clock import rfc3339
from workbench.model.case import Accounting, CaseSummary, StoredEvent
from workbench.model.event import OutcomeStatus
from workbench.model.evidence import AS_DELIVERED, ByteAccount, Disposition, EvidenceItem
from workbench.text import cut_middle, visible

if TYPE_CHECKING:
    # Reading a case must not wait for the readers of all sources.
    from workbench.casework.add_evidence import AddResult
    from workbench.casework.ingest.candidates import Skipped

_FILES_SHOWN = 60
"""Evidence files that ``info`` lists unless asked for all; it says how many it left out."""


def size_text(count: int) -> str:
    """Return a number of bytes for people: ``3.7 MB`` (powers of ten, as disks are sold)."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def period_text(first: int | None, last: int | None) -> str:
    """Return the period between the earliest and the latest event."""
    if first is None or last is None:
        return "no event has a time"
    return f"{rfc3339(first)} to {rfc3339(last)}"


def summary_lines(
    summary: CaseSummary, path: Path, derived: Iterable[str] = (), *, all_files: bool
) -> Iterator[str]:
    """Yield what ``info`` prints; ``derived`` are the lines about sessions and links."""
    info, total, journal = summary.info, summary.accounting, summary.journal
    yield f"{visible(info.title)}"
    yield f"  case file   {visible(str(path))}, {size_text(summary.file_size)}, schema {info.schema_version}, id {info.case_id}"
    yield f"  examiner    {visible(info.examiner)}, made {rfc3339(info.created_at)}"
    anchored = (
        ""
        if journal.anchored_at is None
        else f", the newest outside anchor is of {rfc3339(journal.anchored_at)}"
    )
    yield f"  journal     {journal.entries:,} entries, {journal.unanchored:,} unanchored{anchored}"
    yield f"  period      {period_text(total.first, total.last)}"
    yield ""
    if not summary.evidence:
        yield f"  No evidence yet. Add logs with: workbench add {visible(str(path))} FOLDER"
        return
    yield from _total_lines(total)
    sources = sorted({source for item in summary.evidence for source in item.sources})
    yield from textwrap.wrap(
        visible(", ".join(sources) or "no record was recognised"),
        100,
        initial_indent="  sources     ",
        subsequent_indent="              ",
    )
    whole = sum(item.size for item in summary.evidence if item.container == AS_DELIVERED)
    if whole:
        yield f"              {whole:,} of the rejected bytes are damaged containers, kept whole beside what was read of them"
    yield from derived
    yield ""
    yield from evidence_lines(summary.evidence, None if all_files else _FILES_SHOWN)


def _total_lines(total: Accounting) -> Iterator[str]:
    yield f"  events      {total.events:,} in the timeline" + (
        f", {total.undated:,} of them without a time" if total.undated else ""
    )
    if total.replicas:
        yield f"              {total.replicas:,} share the id of one act with a twin in the case; each stays an event"
    adds_up = total.records == sum(total.dispositions.values())
    yield f"  records     {total.records:,} = {_sum_text(total.dispositions)}  {_mark(adds_up)}"
    yield f"  bytes       {_bytes_text(total.bytes)}  {_mark(total.bytes.balances)}"
    if total.rejected_ranges:
        yield f"              {total.rejected_ranges:,} byte ranges could not be read; their bytes are kept, with the reason"
    if total.duplicate_events:
        yield f"              {total.duplicate_events:,} events of duplicate records are kept and not shown twice"


def _sum_text(dispositions: Mapping[Disposition, int]) -> str:
    parts = [f"{count:,} {disposition}" for disposition, count in dispositions.items() if count]
    return " + ".join(parts) or "0"


def _bytes_text(account: ByteAccount) -> str:
    return f"{account.size:,} = {account.records:,} records + {account.structure:,} structure + {account.rejected:,} rejected"


def _mark(adds_up: bool) -> str:
    return "(adds up)" if adds_up else "(DOES NOT ADD UP: the case file is damaged or altered)"


def evidence_lines(items: Iterable[EvidenceItem], shown: int | None = None) -> Iterator[str]:
    """Yield one line for each evidence file, with its warnings below it, and a heading."""
    items = list(items)
    yield f"  {'evidence':44} {'records':>9} {'events':>9} {'rejected':>9} {'bytes':>13}  content SHA-256"
    left_out = 0
    for number, item in enumerate(items):
        # A list that is cut short must not hide the files that something is wrong with.
        if shown is not None and number >= shown and not item.unread and item.container != AS_DELIVERED:
            left_out += 1
            continue
        yield from _item_lines(item)
    if left_out:
        yield f"  … and {left_out:,} more files without anything unread; --files lists all"


def _item_lines(item: EvidenceItem) -> Iterator[str]:
    name = cut_middle(visible(item.name), 44)
    balances = item.bytes.balances and item.records == sum(item.dispositions.values())
    numbers = f"{item.records:>9,} {item.events:>9,} {item.rejected_ranges:>9,} {item.size:>13,}"
    yield f"  {name:44} {numbers}  {item.content_sha256[:16]}{'' if balances else '  DOES NOT ADD UP'}"
    kept: dict[Disposition, int] = {
        key: value for key, value in item.dispositions.items() if value and key is not Disposition.PRIMARY
    }
    if kept:
        yield f"      of the records {_sum_text(kept)}"
    if item.sources:
        yield f"      read as {visible(', '.join(item.sources))}"
    if not item.records:
        yield f"      no records: {visible(item.shape)}"
    for each in item.unread[:5]:
        what = "rejected" if each.rejected else "unrecognised"
        first = f"{item.content_sha256[:8]}:{each.offset}+{each.length}"
        yield f"      ! {each.count:,} {what}: {visible(each.reason)}; the first is {first}"
    if len(item.unread) > 5:
        yield f"      ! and {len(item.unread) - 5:,} more reasons; --json lists all"
    if item.withdrawn:
        yield "      ! withdrawn: kept, and excluded from the timeline and from all that is derived"
    for warning in item.warnings:
        yield f"      ! {visible(warning)}"


def event_text(stored: StoredEvent) -> str:
    """Return one event as one line."""
    event = stored.event
    identity = event.identity.name if event.identity else "—"
    resource = event.resources[0].name if event.resources else "—"
    more = f" +{len(event.resources) - 1}" if len(event.resources) > 1 else ""
    failed = event.outcome.status is not OutcomeStatus.SUCCESS
    code = f" {event.outcome.code}" if event.outcome.code and failed else ""
    address = event.address.raw if event.address else "—"
    tie = "≈" if stored.tied else " "
    fields = (
        f"{time_text(event.time) or 'no time':20}{tie}",
        f"{event.kind.kind.value:9}",
        f"{cut_middle(visible(identity), 24):24}",
        f"{event.act.verb.value:16}",
        f"{cut_middle(visible(f'{event.act.service} {event.act.action}'), 40):40}",
        f"{cut_middle(visible(resource), 44)}{more}",
        f"{event.outcome.status.value}{visible(code)}",
        visible(address),
        stored.ref.short,
    )
    return "  ".join(fields)


def added_lines(result: AddResult) -> Iterator[str]:
    """Yield what ``add`` says when it is done."""
    pace = f", {result.events / result.seconds:,.0f} events/s" if result.events and result.seconds else ""
    yield (
        f"added {result.added:,} files ({result.contents:,} contents): {result.records:,} records, {result.events:,} events,"
        f" {result.rejected_ranges:,} rejected ranges in {result.seconds:.1f} s{pace}"
    )
    if result.snapshots:
        are = (
            "snapshot is no event: it says" if result.snapshots == 1 else "snapshots are no events: they say"
        )
        yield f"{result.snapshots:,} {are} how things stood, which `changes` and `resource` show as known before"
    for file in result.documents:
        yield f"document {visible(file.name)}: cite it as {file.reason}, or by its name"
    if result.undated:
        yield (
            f"{result.undated:,} of the events have no instant: the record holds no time, or one without a zone (--timezone)"
            " or without a year; `info` and warning:*time* tell which"
        )
    if result.duplicates:
        yield f"of the events {result.duplicates:,} stand in the case more than once; each shows once in the timeline"
    same = sum(file.name == file.reason for file in result.known)
    if same:
        yield f"in the case already, under the same names: {same:,} files"
    yield from _skipped_lines(
        "in the case already", tuple(file for file in result.known if file.name != file.reason), "as"
    )
    yield from _skipped_lines(
        "damaged, kept as far as it could be read and whole as delivered", result.damaged, ":"
    )
    yield from _skipped_lines("kept, not all of it read", result.unread, ":")
    yield from _skipped_lines("NOT ADDED", result.failed, ":")


def _skipped_lines(what: str, files: tuple[Skipped, ...], joint: str) -> Iterator[str]:
    for file in files[:20]:
        yield f"{what}: {visible(file.name)}{'' if joint == ':' else ' '}{joint} {visible(file.reason)}"
    if len(files) > 20:
        yield f"{what}: {len(files) - 20:,} more files (--json lists all)"


def added_object(result: AddResult) -> dict[str, Any]:
    """Return what ``add --json`` prints."""

    def listed(files: tuple[Skipped, ...]) -> list[dict[str, str]]:
        return [{"name": file.name, "reason": file.reason} for file in files]

    return {
        "added": result.added,
        "contents": result.contents,
        "records": result.records,
        "events": result.events,
        "undated": result.undated,
        "rejected_ranges": result.rejected_ranges,
        "duplicates": result.duplicates,
        "documents": [{"name": file.name, "ref": file.reason} for file in result.documents],
        "snapshots": result.snapshots,
        "known": listed(result.known),
        "damaged": listed(result.damaged),
        "unread": listed(result.unread),
        "failed": listed(result.failed),
        "seconds": round(result.seconds, 3),
    }


def details_text(body: dict[str, Any]) -> str:
    """Return what the body of an entry says, in short: its words and numbers, and how many there are of what is listed."""
    return ", ".join(_details(body))


def _details(body: dict[str, Any]) -> Iterator[str]:
    for key, value in body.items():
        if value in ({}, [], None, ""):
            continue
        if isinstance(value, dict):
            yield from _details(value)
        elif isinstance(value, list) and not all(isinstance(each, str) for each in value):
            yield f"{len(value):,} {key}"
        else:
            yield f"{key} {_shortened(' '.join(value) if isinstance(value, list) else value)}"


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:197]}…"
