"""What of a journal that was taken over has an effect here, and what has none, in words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from workbench.casefile.reader import CaseReader
from workbench.journal.entry import EntryKind
from workbench.text import visible

_TAKES_EFFECT = {
    EntryKind.TAG_COMMITTED: "versions of tags",
    EntryKind.FINDING_COMMITTED: "versions of findings",
    EntryKind.NOTE_WRITTEN: "versions of notes",
    EntryKind.CUSTODY_RECORDED: "steps of custody",
    EntryKind.CLAIM_REVIEWED: "reviews",
    EntryKind.CLAIM_RETRACTED: "retractions",
}

_DOES_NOT = {
    EntryKind.GAP_ACCEPTED: "accepted gaps",
    EntryKind.GAP_DISPUTED: "disputed gaps",
    EntryKind.GAP_CLOSED: "closed gaps",
    EntryKind.IDENTITIES_MERGED: "identities merged",
    EntryKind.IDENTITIES_KEPT_APART: "identities kept apart",
    EntryKind.IDENTITIES_UNDECIDED: "identities undecided again",
    EntryKind.EVIDENCE_ADDED: "additions of evidence",
    EntryKind.EVIDENCE_WITHDRAWN: "withdrawals of evidence",
    EntryKind.EVIDENCE_RESTORED: "evidence taken back in",
}


def taken_over(
    reader: CaseReader, entries: Sequence[bytes], common: int, before: Iterable[int]
) -> Iterator[str]:
    """Yield in words what the entries do here that are neither common nor known of earlier mergers.

    Args:
        reader: The case that took them over.
        entries: The whole journal that was taken over.
        common: How many of its entries are those of this journal.
        before: Places of the entries that took other journals over before.
    """
    known = {data for place in before for data in reader.merged_journal(place)}
    told = [(data, orjson.loads(data)) for data in entries[common:] if data not in known]
    kinds = Counter(entry["kind"] for _, entry in told)
    yield f"takes effect here: {_counted(kinds, _TAKES_EFFECT)}"
    here = {hashlib.sha256(data).hexdigest() for data in reader.journal()}
    for data, entry in told:
        yield from _supersedes(reader, hashlib.sha256(data).hexdigest(), entry, here)
    yield f"has no effect here until it is done here too: {_counted(kinds, _DOES_NOT)}"


def _counted(kinds: Mapping[str, int], names: Mapping[EntryKind, str]) -> str:
    return ", ".join(f"{name}: {kinds[kind]:,}" for kind, name in names.items() if kind in kinds) or "nothing"


def _supersedes(reader: CaseReader, digest: str, entry: Mapping[str, Any], here: set[str]) -> Iterator[str]:
    """Say which version of this journal an entry of the other one superseded or took back."""
    body = entry["body"]
    retracts = entry["kind"] == EntryKind.CLAIM_RETRACTED
    does = "retracts" if retracts else "supersedes"
    for named in (body.get("entry" if retracts else "supersedes"), *body.get("also_supersedes", ())):
        before = reader.claims.version(named) if isinstance(named, str) and named in here else None
        if before is not None and before.superseded_by == digest:
            yield (
                f"entry {entry['seq']} there, by {visible(entry['actor'])}, {does} {before.id} version {before.version},"
                f" by {visible(before.author)} (entry {before.seq} here)"
            )
