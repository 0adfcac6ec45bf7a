"""What `workbench sources` prints: the logs that are known, and what a file would be read as."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from workbench.casework.as_json import time_text
from workbench.casework.explain_file import CONTENTS, RECORDS, ExplainedContent, Explanation, Sample, TakenBy
from workbench.model.event import Event, Particulars
from workbench.sources.protocol import SourceReader
from workbench.text import visible

_WIDTH = 100


def source_object(reader: SourceReader) -> dict[str, Any]:
    """Return what is known of a reader as a JSON object."""
    return {
        "source": reader.source,
        "version": reader.version,
        "title": reader.title,
        "needs": reader.needs,
        "verified": bool(reader.checked_against),
        "checked_against": reader.checked_against or None,
    }


def source_lines(readers: Sequence[SourceReader]) -> Iterator[str]:
    """Yield the list of sources."""
    for reader in readers:
        mark = "" if reader.checked_against else "   unverified"
        yield f"{visible(reader.source):22} {visible(reader.title)}{mark}"
        yield from _wrapped("needs ", reader.needs)
        if reader.checked_against:
            yield from _wrapped("checked against ", reader.checked_against)
    unverified = sum(not reader.checked_against for reader in readers)
    yield ""
    yield from textwrap.wrap(
        f"{len(readers)} sources, {unverified} of them unverified: no real sample of them was at hand when their reader was "
        "written, so links through their events are at most inferred. `workbench sources explain FILE` shows which reader "
        "would take a file, and why; a log that is not listed can be read by a mapping file (`workbench sources mapping`).",
        _WIDTH,
    )


def _wrapped(label: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        visible(label + text), _WIDTH, initial_indent=" " * 23, subsequent_indent=" " * 25
    )


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Yield what a file would be read as."""
    if not explanation.contents:
        yield "the archive holds no files"
    for content in explanation.contents:
        head = f"{visible(content.name)}: " if content.name else ""
        extent = "all" if content.whole else f"the first {RECORDS:,}; the others were not looked at"
        yield f"{head}{visible(content.shape)}; {content.records:,} records looked at, {extent}"
        if content.damage:
            yield f"  ! {visible(content.damage)}"
        for taken in content.readers:
            yield from _taken_lines(taken)
        for reason, count in content.others.items():
            yield f"  {count:,} × {visible(reason)}"
        for reason, count in content.rejected.items():
            yield f"  {count:,} × rejected: {visible(reason)}"
        if (
            content.records
            and not content.readers
            and not any("--source" in reason for reason in content.others)
        ):
            if all(reason.startswith("snapshot") for reason in content.others):
                yield "  no log: `add` keeps how things stood, which `changes` and `resource` show as known before"
                continue
            yield "  no reader takes a record of it: a mapping file can (`workbench sources mapping` explains how);"
            yield "  one that was given fits a record only if all under its [recognise] is in it"
    if explanation.more:
        yield f"… and more members, which were not looked at: only the first {CONTENTS} are"


def _taken_lines(taken: TakenBy) -> Iterator[str]:
    yield f"  {visible(taken.source)} takes {taken.events:,}: {visible(taken.mark)}"
    for number, sample in enumerate(taken.samples, 1):
        where = f" in {visible(sample.wrapper)}" if sample.wrapper else ""
        yield f"    event {number}, bytes {sample.offset:,}+{sample.length:,}{where}"
        for label, value in _facts(sample.event):
            yield f"      {label:14} {visible(value)}"


def _facts(event: Event) -> Iterator[tuple[str, str]]:
    more = event.particulars or Particulars()
    raw = "" if event.time.raw is None else f" {event.time.raw!r}"
    yield "time", f"{time_text(event.time) or 'none that can be read'}   from {event.time.basis}{raw}"
    yield "act", f"{event.act.service} {event.act.action}"
    yield "verb", f"{event.act.verb.value}   {event.act.verb_rule}"
    if event.identity:
        native = f", {event.identity.native_id}" if event.identity.native_id else ""
        yield "identity", f"{event.identity.name} ({event.identity.canonical}{native})"
    else:
        yield "identity", "the record names none"
    yield "kind", f"{event.kind.kind.value}   because {event.kind.reason}"
    if event.credential:
        yield "credential", f"{event.credential.type} {event.credential.native_id}"
    for key in more.used:
        yield "also used", f"{key.type} {key.native_id}"
    for issued in more.issued:
        yield "issued", f"{issued.credential.type} {issued.credential.native_id}"
    if more.on_behalf_of:
        yield "for or as", more.on_behalf_of.canonical
    if event.address:
        yield "address", f"{event.address.raw}   {event.address.kind.value}"
    if event.user_agent:
        yield "user agent", event.user_agent.raw
    for resource in event.resources[:5]:
        yield "resource", f"{resource.role.value} {resource.type or ''} {resource.name}"
    yield "outcome", f"{event.outcome.status.value} {event.outcome.code or ''}".rstrip()
    place = [text for text in (event.place.account, event.place.region, event.place.tenant) if text]
    if place:
        yield "account", ", ".join(place)
    for change in more.changes[:5]:
        yield "changed", change.field
    for warning in event.warnings:
        yield "warning", warning


def explanation_object(content: ExplainedContent) -> dict[str, Any]:
    """Return what a content would be read as, as a JSON object."""
    return {
        "name": content.name,
        "shape": content.shape,
        "records": content.records,
        "whole": content.whole,
        "readers": [
            {
                "source": taken.source,
                "mark": taken.mark,
                "events": taken.events,
                "samples": [_sample_object(sample) for sample in taken.samples],
            }
            for taken in content.readers
        ],
        "others": content.others,
        "rejected": content.rejected,
        "damage": content.damage,
    }


def _sample_object(sample: Sample) -> dict[str, Any]:
    return {
        "offset": sample.offset,
        "length": sample.length,
        "wrapper": sample.wrapper,
        "time": time_text(sample.event.time),
        "facts": [{"name": name, "value": value} for name, value in _facts(sample.event)],
    }
