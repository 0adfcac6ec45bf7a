"""One entry of the journal and the exact bytes that stand for it.

The bytes are canonical JSON by RFC 8785 (JSON Canonicalization Scheme), so that any implementation in any language
computes the same hash. Instants are RFC 3339 text, never numbers, and every number is a small integer: RFC 8785
numbers are IEEE doubles and would round larger ones.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
import rfc8785

from workbench.clock import ClockReading, rfc3339

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
"""What an entry's body may hold; floating-point numbers are left out on purpose."""

FORM = 2
"""Version of the entry's form, written into every entry. Form 2 added ``clock``."""


class EntryKind(enum.StrEnum):
    """The acts that are journalled."""

    CASE_CREATED = "case.created"
    CASE_OPENED = "case.opened"
    EVIDENCE_ADDED = "evidence.added"
    EVIDENCE_LEFT_OUT = "evidence.left_out"
    EVIDENCE_EXTRACTED = "evidence.extracted"
    SECRET_REVEALED = "secret.revealed"
    IDENTITIES_MERGED = "identities.merged"
    IDENTITIES_KEPT_APART = "identities.kept_apart"
    IDENTITIES_UNDECIDED = "identities.undecided"
    KEY_INTRODUCED = "key.introduced"
    KEY_REPLACED = "key.replaced"
    CHECKPOINT_SIGNED = "checkpoint.signed"
    CHECKPOINT_HANDED_OUT = "checkpoint.handed_out"
    CHECKPOINT_COSIGNED = "checkpoint.cosigned"
    TIMESTAMP_RECEIVED = "timestamp.received"
    CLOCK_STEPPED_BACK = "clock.stepped_back"
    CLOCK_COMPARED = "clock.compared"
    JOURNAL_MERGED = "journal.merged"
    TAG_COMMITTED = "tag.committed"
    FINDING_COMMITTED = "finding.committed"
    NOTE_WRITTEN = "note.written"
    CUSTODY_RECORDED = "custody.recorded"
    CLAIM_REVIEWED = "claim.reviewed"
    CLAIM_RETRACTED = "claim.retracted"
    EVIDENCE_WITHDRAWN = "evidence.withdrawn"
    EVIDENCE_RESTORED = "evidence.restored"
    GAP_DISPUTED = "gap.disputed"
    GAP_ACCEPTED = "gap.accepted"
    GAP_CLOSED = "gap.closed"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An act of a person.

    Attributes:
        seq: Position in the journal, from 1 without holes.
        clock: When it was written, by the machine's clocks.
        actor: Who did it, as they named themselves; nothing checks it.
        kind: What kind of act.
        body: The details, different for each kind.
    """

    seq: int
    clock: ClockReading
    actor: str
    kind: EntryKind
    body: Mapping[str, Json]

    def canonical(self) -> bytes:
        """Return the canonical bytes: what is stored, and what a hash is taken over.

        Raises:
            rfc8785.CanonicalizationError: If the body holds an integer beyond 2**53 or a lone surrogate.
        """
        return rfc8785.dumps(
            {
                "actor": self.actor,
                "body": dict(self.body),
                "clock": {
                    "boot": self.clock.boot,
                    "monotonic": self.clock.monotonic,
                    "zone": self.clock.zone,
                },
                "form": FORM,
                "kind": self.kind.value,
                "seq": self.seq,
                "time": rfc3339(self.clock.wall, 6),
            }
        )
