"""A responder's word on a gap: disputed, accepted as a limit, or closed. An entry of the journal that a later one can supersede.

It lies over the derived layer and is never mixed into it: the gap stays as it was found.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import orjson

from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.clock import Clock
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.gap import Gap


class GapWord(enum.StrEnum):
    """What a responder says of a gap."""

    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    CLOSED = "closed"


_KINDS = {
    EntryKind.GAP_DISPUTED.value: GapWord.DISPUTED,
    EntryKind.GAP_ACCEPTED.value: GapWord.ACCEPTED,
    EntryKind.GAP_CLOSED.value: GapWord.CLOSED,
}
_ENTRIES = {word: EntryKind(kind) for kind, word in _KINDS.items()}


class GapDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A word on a gap as the journal holds it.

    Attributes:
        seq: Its place in the journal.
        time: When, RFC 3339.
        actor: Who.
        word: What.
        gap: Id of the gap.
        scope: What the gap was about when it was said.
        rule: The rule that had found it, with its version.
        certainty: How well it was shown then.
        reason: Why.
        superseded_by: Place of the later word on the same gap; ``None`` if this one stands.
    """

    seq: int
    time: str
    actor: str
    word: GapWord
    gap: str
    scope: str
    rule: str
    certainty: str
    reason: str
    superseded_by: int | None = None


def gap_decisions(reader: CaseReader) -> list[GapDecision]:
    """Return all words on gaps, oldest first, superseded ones included."""
    found: list[GapDecision] = []
    standing: dict[str, int] = {}
    for canonical in reader.journal():
        entry = orjson.loads(canonical)
        word = _KINDS.get(entry["kind"])
        if word is None:
            continue
        body = entry["body"]
        if body["gap"] in standing:
            place = standing[body["gap"]]
            found[place] = msgspec.structs.replace(found[place], superseded_by=entry["seq"])
        standing[body["gap"]] = len(found)
        found.append(
            GapDecision(
                seq=entry["seq"],
                time=entry["time"],
                actor=entry["actor"],
                word=word,
                gap=body["gap"],
                scope=body["scope"],
                rule=body["rule"],
                certainty=body["certainty"],
                reason=body["reason"],
            )
        )
    return found


def standing(decisions: Iterable[GapDecision]) -> dict[str, GapDecision]:
    """Return the word that stands, by gap."""
    return {each.gap: each for each in decisions if each.superseded_by is None}


def decide_gap(
    case: Path, *, actor: str, gap: str, word: GapWord, reason: str, clock: Clock | None = None
) -> GapDecision:
    """Say something of a gap, and journal it with what the responder saw.

    Args:
        case: The case file.
        actor: Who says it.
        gap: Id of the gap, or the start of it.
        word: What.
        reason: Why; of a closed gap: what closed it.
        clock: Where the time of the entry comes from.

    Raises:
        UnknownReferenceError: If it is no gap of the case.
        WorkbenchError: If there is no reason.
        CaseFileError: If the case cannot be written.
    """
    if not reason.strip():
        raise WorkbenchError("a word on a gap needs a reason", "say why, in a sentence")
    with CaseReader.open(case) as reader:
        found = find_gap(reader.coverage.gaps(), gap)
        before = standing(gap_decisions(reader)).get(found.id)
        refs = reader.derived.refs(found.evidence)
    body: dict[str, Json] = {
        "gap": found.id,
        "kind": found.kind.value,
        "source": found.source,
        "scope": found.scope.text,
        "rule": f"{found.rule} {found.version}",
        "certainty": found.certainty.value,
        "effect": found.effect,
        "evidence": [*(str(refs[event]) for event in found.evidence if event in refs), *found.records],
        "reason": reason.strip(),
        "supersedes": before.seq if before else None,
    }
    with write_case(case, actor, clock) as writer, writer.transaction():
        writer.act(_ENTRIES[word], body)
    with CaseReader.open(case) as reader:
        return gap_decisions(reader)[-1]


def find_gap(gaps: Sequence[Gap], wanted: str) -> Gap:
    """Return the gap of an id or of the start of one.

    Raises:
        UnknownReferenceError: If none or several fit.
    """
    found = [each for each in gaps if each.id.lower() == wanted.lower()] or [
        each for each in gaps if len(wanted) > 3 and each.id.lower().startswith(wanted.lower())
    ]
    if len(found) != 1:
        what = "no gap is" if not found else f"{len(found)} gaps are"
        raise UnknownReferenceError(
            f"{what} called {wanted!r}", "give the id (G-…) as `workbench gaps` shows it"
        )
    return found[0]
