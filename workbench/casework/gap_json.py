"""Gaps, coverage and what may be said of absence as JSON, with names that scripts may rely on (the design, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.casework.gaps import GapDecision
from workbench.casework.session_json import instant
from workbench.coverage.checklists import ALWAYS, Checklist
from workbench.coverage.negative import Answer
from workbench.model.digest import Validation
from workbench.model.gap import CoverageRow, Gap
from workbench.model.references import RecordRef


def gap_object(
    gap: Gap, refs: Mapping[int, RecordRef], decisions: Iterable[GapDecision] = ()
) -> dict[str, Any]:
    """Return a gap as one JSON object, with what responders said of it."""
    return {
        "id": gap.id,
        "kind": gap.kind.value,
        "source": gap.source,
        "scope": gap.scope.text,
        "subject": gap.scope.subject,
        "accounts": list(gap.scope.accounts),
        "regions": list(gap.scope.regions),
        "regions_not_affected": list(gap.scope.beside),
        "categories": list(gap.scope.categories),
        "services": list(gap.scope.services),
        "services_not_affected": list(gap.scope.beside_services),
        "actions": list(gap.scope.actions),
        "logs": list(gap.scope.logs),
        "contents": list(gap.scope.contents),
        "start": instant(gap.start),
        "end": instant(gap.end),
        "sure_start": instant(gap.sure_start),
        "sure_end": instant(gap.sure_end),
        "certainty": gap.certainty.value,
        "detected_by": f"{gap.rule} {gap.version}",
        "detected": gap.detected,
        "evidence": [*(str(refs[event]) for event in gap.evidence if event in refs), *gap.records],
        "effect": gap.effect,
        "request": gap.request,
        "breaks": sorted(each.value for each in gap.breaks),
        "decisions": [
            {
                "seq": each.seq,
                "time": each.time,
                "actor": each.actor,
                "decision": each.word.value,
                "reason": each.reason,
                "superseded_by": each.superseded_by,
            }
            for each in decisions
            if each.gap == gap.id
        ],
    }


def coverage_object(row: CoverageRow) -> dict[str, Any]:
    """Return a part of a log over time as one JSON object."""
    return {
        "source": row.key.source,
        "account": row.key.account,
        "region": row.key.region,
        "tenant": row.key.tenant,
        "category": row.key.category,
        "expected": row.label,
        "events": row.events,
        "first": instant(row.first),
        "last": instant(row.last),
        "cells": [
            {
                "start": instant(cell.start),
                "end": instant(cell.end),
                "state": cell.state.value,
                "events": cell.events,
                "gaps": list(cell.gaps),
            }
            for cell in row.cells
        ],
    }


def validation_objects(validation: Validation) -> Iterable[dict[str, Any]]:
    """Yield what digests prove, an object for each digest and each log file that they list."""
    for digest in validation.digests:
        yield {
            "digest": digest.path,
            "ref": digest.reference,
            "account": digest.account,
            "region": digest.region,
            "trail": digest.trail,
            "start": instant(digest.start),
            "end": instant(digest.end),
            "signature": digest.signature.value,
            "signature_from": digest.by or None,
            "altered": digest.altered,
            "files": digest.files,
            "intact": digest.intact,
            "proves": digest.proves,
        }
    for file in validation.files:
        yield {
            "file": file.path,
            "state": file.state.value,
            "sha256": file.sha256,
            "found_sha256": file.found,
            "oldest": instant(file.oldest),
            "newest": instant(file.newest),
            "listed_by": file.digest,
        }


def answer_object(answer: Answer) -> dict[str, Any]:
    """Return what may be said of an absence as one JSON object."""
    return {
        "absence": answer.absence.value,
        "sentence": answer.sentence,
        "sources": [
            {
                "source": each.recorder.source,
                "category": each.recorder.category,
                "service": each.recorder.service,
                "account": each.recorder.account,
                "region": each.recorder.region,
                "why": each.recorder.why,
                "same_kind": each.same_kind,
                "in_period": each.in_period,
                "complete": each.complete,
                "not_shown": [{"start": instant(start), "end": instant(end)} for start, end in each.unshown],
            }
            for each in answer.proofs
        ],
        "gaps": [gap.id for gap in answer.gaps],
        "caveats": [gap.id for gap in answer.caveats],
        "lacking": list(answer.lacking),
    }


def checklist_object(source: str, title: str, needs: str, told: Checklist | None) -> dict[str, Any]:
    """Return what to collect of a log as one JSON object."""
    return {
        "source": source,
        "title": title,
        "ask": list(told.ask) if told else [needs],
        "commands": list(told.commands) if told else [],
        "lost": list(told.lost) if told else [],
        "always": list(ALWAYS),
    }
