"""A responder's word on two identities: one, or kept apart. An entry of the journal that a later one can supersede.

It lies over the derived layer and is never mixed into it: no session, link or strength changes by it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path

import msgspec
import orjson

from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.clock import Clock
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.journal.entry import EntryKind, Json
from workbench.model.session import KnownIdentity
from workbench.sessions.identities import unlike


class Word(enum.StrEnum):
    """What a responder decides."""

    MERGE = "merge"
    APART = "apart"
    UNDECIDED = "undecided"
    """Nothing is decided any more: what was is taken back."""


_ENTRIES = {
    Word.MERGE: EntryKind.IDENTITIES_MERGED,
    Word.APART: EntryKind.IDENTITIES_KEPT_APART,
    Word.UNDECIDED: EntryKind.IDENTITIES_UNDECIDED,
}
_KINDS = {kind.value: word for word, kind in _ENTRIES.items()}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as the journal holds it.

    Attributes:
        seq: Its place in the journal.
        time: When, RFC 3339.
        actor: Who.
        decision: What.
        one: Id of an identity.
        other: Id of the other.
        names: Their canonical names when it was made.
        reason: Why.
        superseded_by: Place of the later decision on the same two; ``None`` if this one stands.
        unlike: What the two are, if somebody made one of a role or workload and an account; else ``None``.
    """

    seq: int
    time: str
    actor: str
    decision: Word
    one: str
    other: str
    names: tuple[str, str]
    reason: str
    superseded_by: int | None = None
    unlike: str | None = None


def decisions(reader: CaseReader) -> list[Decision]:
    """Return all decisions on identities, oldest first, superseded ones included."""
    found: list[Decision] = []
    standing: dict[tuple[str, str], int] = {}
    for canonical in reader.journal():
        entry = orjson.loads(canonical)
        word = _KINDS.get(entry["kind"])
        if word is None:
            continue
        body = entry["body"]
        pair = (body["one"]["id"], body["other"]["id"])
        if pair in standing:
            place = standing[pair]
            found[place] = msgspec.structs.replace(found[place], superseded_by=entry["seq"])
        standing[pair] = len(found)
        found.append(
            Decision(
                seq=entry["seq"],
                time=entry["time"],
                actor=entry["actor"],
                decision=word,
                one=pair[0],
                other=pair[1],
                names=(body["one"]["canonical"], body["other"]["canonical"]),
                reason=body["reason"],
                unlike=body.get("unlike"),
            )
        )
    return found


def decide(
    case: Path,
    *,
    actor: str,
    one: str,
    other: str,
    decision: Word,
    reason: str,
    clock: Clock | None = None,
) -> Decision:
    """Decide that two identities are one, or that they are not, and journal it.

    Args:
        case: The case file.
        actor: Who decides.
        one: Id of an identity, or the start of it, or its canonical name, or its unique id.
        other: The same of the other.
        decision: Whether they are one, or nothing is decided any more.
        reason: Why; a decision without a reason convinces nobody a year later.
        clock: Where the time of the entry comes from.

    Raises:
        UnknownReferenceError: If one of them is not an identity of the case, or both are the same.
        WorkbenchError: If there is no reason, or nothing to take back.
        CaseFileError: If the case cannot be written.
    """
    if not reason.strip():
        raise WorkbenchError("a decision needs a reason", "say why, in a sentence")
    with CaseReader.open(case) as reader:
        identities = reader.derived.identities()
        pair = sorted((_find(identities, one), _find(identities, other)), key=lambda each: each.id)
        if pair[0].id == pair[1].id:
            raise UnknownReferenceError("these are one identity already", "name two different ones")
        match = next(
            (each for each in reader.derived.matches() if (each.one, each.other) == (pair[0].id, pair[1].id)),
            None,
        )
        before = [each for each in decisions(reader) if (each.one, each.other) == (pair[0].id, pair[1].id)]
    if decision is Word.UNDECIDED and (not before or before[-1].decision is Word.UNDECIDED):
        raise WorkbenchError("nothing is decided of these two", "--merge or --apart decides")
    body: dict[str, Json] = {
        "one": {"id": pair[0].id, "canonical": pair[0].canonical, "sources": list(pair[0].sources)},
        "other": {"id": pair[1].id, "canonical": pair[1].canonical, "sources": list(pair[1].sources)},
        "reason": reason.strip(),
        "proposed": None
        if match is None
        else {"score": match.score, "names": list(match.names), "reason": match.reason},
        "supersedes": before[-1].seq if before else None,
    }
    kinds = unlike(*pair) if decision is Word.MERGE else None
    if kinds is not None:
        body["unlike"] = kinds
    with write_case(case, actor, clock) as writer, writer.transaction():
        writer.act(_ENTRIES[decision], body)
    with CaseReader.open(case) as reader:
        return decisions(reader)[-1]


def merged_with(identity: str, decided: Iterable[Decision]) -> list[tuple[str, Decision]]:
    """Return the identities that a standing decision makes one with an identity, by id, each with the decision."""
    return [
        (each.other if each.one == identity else each.one, each)
        for each in decided
        if each.superseded_by is None and each.decision is Word.MERGE and identity in (each.one, each.other)
    ]


def _find(identities: list[KnownIdentity], wanted: str) -> KnownIdentity:
    exact = [each for each in identities if wanted in (each.id, each.canonical, each.unique_id)]
    found = exact or [each for each in identities if wanted.startswith("I-") and each.id.startswith(wanted)]
    if len(found) != 1:
        what = "no identity is" if not found else f"{len(found)} identities are"
        raise UnknownReferenceError(
            f"{what} called {wanted!r}", "give the id (I-…) as `workbench identities` shows it"
        )
    return found[0]
