"""Events and sums as JSON, with the field names that scripts may rely on (the design, section 7)."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from workbench.clock import rfc3339
from workbench.evidence.secrets import masked_value
from workbench.model.case import CaseSummary, StoredEvent
from workbench.model.claim import weakest_grade
from workbench.model.event import EventTime, Issued, OutcomeStatus, Particulars, StatedChange
from workbench.model.evidence import ByteAccount, Disposition, EvidenceItem
from workbench.text import visible


def time_text(time: EventTime) -> str | None:
    """Return an instant as RFC 3339 UTC in the precision of its source."""
    return None if time.micros is None else rfc3339(time.micros, time.precision.digits)


def event_line(stored: StoredEvent) -> dict[str, Any]:
    """Return an event as one JSON object; what the record does not hold is null."""
    event = stored.event
    more = event.particulars or Particulars()
    grade = weakest_grade(tag.grade for tag in stored.tags)
    return {
        "ref": str(stored.ref),
        "time": time_text(event.time),
        "time_raw": event.time.raw,
        "precision": event.time.precision.value,
        "time_basis": event.time.basis,
        "source": stored.source,
        "service": event.act.service,
        "action": event.act.action,
        "category": event.act.category,
        "verb": event.act.verb.value,
        "verb_rule": event.act.verb_rule,
        "tampers_logging": event.act.tampers_logging,
        "identity": event.identity.canonical if event.identity else None,
        "identity_name": event.identity.name if event.identity else None,
        "identity_native_id": event.identity.native_id if event.identity else None,
        "identity_kind": event.kind.kind.value,
        "identity_reason": event.kind.reason,
        "credential": event.credential.native_id if event.credential else None,
        "credential_type": event.credential.type if event.credential else None,
        "session": stored.session,
        "address": event.address.raw if event.address else None,
        "address_kind": event.address.kind.value if event.address else None,
        "user_agent": event.user_agent.raw if event.user_agent else None,
        "outcome": event.outcome.status.value,
        "error": None if event.outcome.status is OutcomeStatus.SUCCESS else event.outcome.code,
        "outcome_code": event.outcome.code,
        "resources": [msgspec.to_builtins(resource) for resource in event.resources],
        "account": event.place.account,
        "region": event.place.region,
        "tenant": event.place.tenant,
        "keys_used": [msgspec.to_builtins(key) for key in more.used],
        "issued": [_issued(each) for each in more.issued],
        "on_behalf_of": more.on_behalf_of.canonical if more.on_behalf_of else None,
        "device": more.device,
        "correlation_id": more.correlation_id,
        "changes": [_change(change) for change in more.changes],
        "withheld": list(more.withheld),
        "native_id": event.native_id,
        "request_id": event.request_id,
        "shared_id": event.shared_id,
        "twins": [str(twin) for twin in stored.twins],
        "tag": None if grade is None else grade.value,
        "tags": [msgspec.to_builtins(tag) for tag in stored.tags],
        "disposition": stored.disposition.value,
        "evidence": stored.evidence_name,
        "reader": f"{stored.source} {stored.reader_version}",
        "wrapper": stored.wrapper,
        "warnings": list(event.warnings),
    }


def _issued(issued: Issued) -> dict[str, Any]:
    return {
        "credential": issued.credential.native_id,
        "credential_type": issued.credential.type,
        "to": issued.to,
        "expires": None if issued.expires is None else rfc3339(issued.expires),
    }


def _change(change: StatedChange) -> dict[str, Any]:
    """Return a change with the secrets in its values masked."""
    return {
        "resource": change.resource,
        "field": change.field,
        "before": masked_value(change.field, change.before),
        "after": masked_value(change.field, change.after),
    }


def _bytes(account: ByteAccount) -> dict[str, Any]:
    return {
        "size": account.size,
        "records": account.records,
        "structure": account.structure,
        "rejected": account.rejected,
        "balances": account.balances,
    }


def _dispositions(counts: dict[Disposition, int]) -> dict[str, int]:
    return {disposition.value: counts.get(disposition, 0) for disposition in Disposition}


def _evidence(item: EvidenceItem) -> dict[str, Any]:
    return {
        "name": item.name,
        "delivered_sha256": item.delivered_sha256,
        "delivered_size": item.delivered_size,
        "content_sha256": item.content_sha256,
        "container": item.container,
        "shape": item.shape,
        "encoding": item.encoding,
        "added_at": rfc3339(item.added_at, 6),
        "modified_at": None if item.modified_at is None else rfc3339(item.modified_at, 6),
        "acquisition": msgspec.to_builtins(item.acquisition),
        "bytes": _bytes(item.bytes),
        "records": item.records,
        "dispositions": _dispositions(item.dispositions),
        "events": item.events,
        "rejected_ranges": item.rejected_ranges,
        "unread": [msgspec.to_builtins(each) for each in item.unread],
        "sources": list(item.sources),
        "warnings": list(item.warnings),
        "withdrawn": item.withdrawn,
    }


def summary_object(summary: CaseSummary) -> dict[str, Any]:
    """Return what ``info --json`` prints: the accounting for each evidence file and in total."""
    info, total, journal = summary.info, summary.accounting, summary.journal
    return {
        "case_id": info.case_id,
        "title": info.title,
        "examiner": info.examiner,
        "created_at": rfc3339(info.created_at, 6),
        "schema_version": info.schema_version,
        "file_size": summary.file_size,
        "journal_entries": journal.entries,
        "unanchored_entries": journal.unanchored,
        "anchored_at": None if journal.anchored_at is None else rfc3339(journal.anchored_at),
        "total": {
            "files": total.files,
            "bytes": _bytes(total.bytes),
            "records": total.records,
            "dispositions": _dispositions(total.dispositions),
            "events": total.events,
            "duplicate_events": total.duplicate_events,
            "rejected_ranges": total.rejected_ranges,
            "replicas": total.replicas,
            "undated": total.undated,
            "first": None if total.first is None else rfc3339(total.first, 6),
            "last": None if total.last is None else rfc3339(total.last, 6),
            "balances": total.balances,
        },
        "evidence": [_evidence(item) for item in summary.evidence],
    }


def json_line(value: object) -> str:
    """Return JSON on one line in which every character that could act on a terminal or hide is escaped.

    The escapes are JSON's own, so a program reads back exactly the same text.
    """
    text = orjson.dumps(value).decode()
    return text if text.isascii() and "\x7f" not in text else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if visible(character) == character:
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[index]:02x}{units[index + 1]:02x}" for index in range(0, len(units), 2))
