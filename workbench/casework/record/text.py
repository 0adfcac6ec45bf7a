"""The record layer in words: checkpoints as they are printed, anchors, the unanchored tail, the outcome of a check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workbench.casework.record import outcome
from workbench.casework.record.verify import LAYERS, Verification
from workbench.clock import rfc3339, span_text, to_micros
from workbench.journal.note import Checkpoint
from workbench.journal.record import Finding, Record, StatedCheckpoint, Tail
from workbench.journal.words import to_words
from workbench.text import visible


def tail_text(tail: Tail, now: int) -> str:
    """Say what no checkpoint outside covers.

    Args:
        tail: The tail.
        now: The present instant, microseconds UTC.
    """
    entries = f"{tail.entries:,} {'entry' if tail.entries == 1 else 'entries'}"
    if tail.since is None:
        return f"unanchored: all {entries}; no checkpoint was given to anybody outside"
    passed = span_text(now - to_micros(dt.datetime.fromisoformat(tail.since)))
    return f"unanchored: {entries}, {passed} since the last outside anchor (it covers {tail.size:,})"


def spoken_lines(checkpoint: Checkpoint) -> Iterator[str]:
    """Yield a checkpoint as it is printed and read aloud: ``verify --against`` reads it back."""
    yield checkpoint.origin
    yield str(checkpoint.size)
    words = to_words(checkpoint.root)
    for start in range(0, len(words), 6):
        yield " ".join(words[start : start + 6])


def anchor_lines(record: Record) -> Iterator[str]:
    """Yield the checkpoints of a journal and what became of them, oldest first."""
    for stated in record.checkpoints:
        yield f"{stated.seq:>6}  {stated.time[:19]}Z  {stated.checkpoint.size:>6} entries  {anchor_text(stated)}"


def anchor_text(stated: StatedCheckpoint) -> str:
    """Say what an entry tells of its checkpoint."""
    body = stated.body
    key = "" if stated.key is None else f"{visible(stated.key.name)} ({stated.key.fingerprint[:16]})"
    if stated.kind == "checkpoint.signed":
        return f"signed with the key {key}"
    if stated.kind == "key.replaced":
        return f"signed with the key that is replaced and with the new one, {key}"
    if stated.kind == "checkpoint.cosigned":
        return f"cosigned by {key} at {visible(str(body.get('cosigned_at')))}"
    if stated.kind == "checkpoint.handed_out":
        how = f", {visible(str(body.get('how')))}" if body.get("how") else ""
        return f"given to {visible(str(body.get('to')))}{how} (as {visible(stated.actor)} says)"
    verdict, by = visible(str(body.get("verdict"))), visible(str(body.get("verified_by")))
    return f"timestamp of {visible(str(body.get('stamped_at')))}, {verdict}{f' by {by}' if by else ''}"


def verification_lines(found: Verification, case: Path, now: int) -> Iterator[str]:
    """Yield the outcome of a check for people."""
    yield f"{visible(str(case))}"
    for layer in LAYERS:
        failures = found.failures(layer)
        failed = "NOT TRUSTED" if _only_untrusted(found, layer) else f"FAILED ({failures})"
        state = failed if failures else _passed(found, layer)
        yield f"  {layer:<9} {state:<12} {_measured(found, layer)}".rstrip()
    shown, following = _by_cause(found.findings)
    for finding in shown:
        mark = "WRONG" if finding.failed else "note "
        mark = "WHOSE" if finding.code in outcome.UNTRUSTED_CODES else mark
        yield f"{mark}  {finding.layer}: {visible(finding.where)}: {visible(finding.what)}"
    if following:
        named = "; ".join(dict.fromkeys(visible(each.where) for each in following))
        yield f"WRONG  record: {len(following):,} contradictions that can follow from these (--json has each): {named}"
    if found.record is not None:
        yield tail_text(found.record.tail, now)
    yield "This check cannot show:"
    for line in found.cannot_show:
        yield f"  - {line}"
    against = f", held against {found.outside} from outside" if found.outside else ""
    yield f"{_outcome(found)}{against}"


def _outcome(found: Verification) -> str:
    """Say what a check came to, of no more than was compared."""
    if found.failed:
        return outcome.UNTRUSTED if _only_untrusted(found) else outcome.ALTERED
    if found.quick:
        return outcome.PAGES
    if found.rebuilt is None:
        return (
            "nothing contradicts evidence and record; events, sessions and links were not compared (--deep)"
        )
    if not found.whole:
        return outcome.IN_PART
    return outcome.WHOLE


_CAUSES = frozenset({"entry-altered", "entry-removed", "entry-order", "entry-malformed", "head-size"})
_FOLLOWING = frozenset(
    {"head-root", "checkpoint-root", "checkpoint-size", "claims-altered", "claims-unreadable"}
)


def _by_cause(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Part what is wrong from what one altered entry makes wrong as well: its tree, what signs that, what was taken from it."""
    if not any(each.code in _CAUSES for each in findings):
        return list(findings), []
    following = [each for each in findings if each.code in _FOLLOWING]
    if len(following) < 2:
        return list(findings), []
    return [each for each in findings if each.code not in _FOLLOWING], following


def _only_untrusted(found: Verification, layer: str | None = None) -> bool:
    """Whether what is wrong, in a layer or at all, is only whose word something is."""
    wrong = [each for each in found.findings if each.failed and layer in (None, each.layer)]
    return bool(wrong) and all(each.code in outcome.UNTRUSTED_CODES for each in wrong)


def _passed(found: Verification, layer: str) -> str:
    if found.quick and layer in ("evidence", "derived"):
        return "not checked"
    if layer == "derived" and found.rebuilt is None:
        return "not reached" if found.evidence is None else "not compared"
    if layer == "derived" and not found.whole:
        return "in part"
    missing = (layer == "evidence" and found.evidence is None) or (layer == "record" and found.record is None)
    return "not reached" if missing else "holds"


def _measured(found: Verification, layer: str) -> str:
    if layer == "evidence" and found.evidence is not None:
        done = found.evidence
        return f"{done.files:,} files, {done.contents:,} contents, {done.bytes:,} bytes hashed"
    if layer == "derived" and found.rebuilt is not None:
        return f"made anew: {found.rebuilt[1]:,} events compared, digest {found.rebuilt[0]}"
    if layer == "derived" and found.evidence is not None and not found.failures(layer):
        return "its sums add up; whether it follows from the evidence takes --deep"
    if layer == "record" and found.record is not None:
        return f"{found.record.tree.size:,} entries, root {found.record.tree.root().hex()}"
    return ""


def verification_objects(found: Verification, now: int) -> Iterator[dict[str, Any]]:
    """Yield the outcome of a check as JSON objects: the findings, then one with the sums."""
    for finding in found.findings:
        yield {
            "layer": finding.layer,
            "code": finding.code,
            "where": finding.where,
            "what": finding.what,
            "failed": finding.failed,
        }
    record, evidence = found.record, found.evidence
    yield {
        "failed": found.failed,
        "layers": {layer: found.failures(layer) for layer in LAYERS},
        "checked_at": rfc3339(now),
        "evidence_files": None if evidence is None else evidence.files,
        "evidence_bytes": None if evidence is None else evidence.bytes,
        "derived_compared": found.whole,
        "derived_digest": None if found.rebuilt is None else found.rebuilt[0],
        "entries": None if record is None else record.tree.size,
        "root": None if record is None else record.tree.root().hex(),
        "outside": found.outside,
        "unanchored_entries": None if record is None else record.tail.entries,
        "anchored_at": None if record is None else record.tail.since,
        "cannot_show": list(found.cannot_show),
    }
