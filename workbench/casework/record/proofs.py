"""Proofs about single entries, as JSON that others check without the rest of the journal."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from workbench.errors import UnknownReferenceError
from workbench.journal.merkle import MerkleTree, leaf_hash
from workbench.journal.record import read_record


def inclusion_object(entries: Sequence[bytes], seq: int) -> dict[str, Any]:
    """Return an entry with the proof that it is in the journal of the present size and root.

    Raises:
        UnknownReferenceError: If there is no such entry.
    """
    if not 1 <= seq <= len(entries):
        raise UnknownReferenceError(f"there is no entry {seq}", f"the journal has {len(entries)}")
    record = read_record(entries)
    return {
        "origin": record.origin,
        "seq": seq,
        "entry": entries[seq - 1].decode(),
        "size": record.tree.size,
        "root": _base64(record.tree.root()),
        "inclusion": [_base64(each) for each in record.tree.inclusion_proof(seq - 1)],
    }


def consistency_object(entries: Sequence[bytes], first: int, second: int) -> dict[str, Any]:
    """Return the proof that the journal of one size is the beginning of that of another.

    Raises:
        UnknownReferenceError: If the journal never had these sizes in this order.
    """
    tree = MerkleTree(leaf_hash(entry) for entry in entries)
    if not 0 <= first <= second <= tree.size:
        raise UnknownReferenceError(
            f"the journal has {tree.size} entries", "give two sizes up to that, the smaller first"
        )
    return {
        "origin": read_record(entries).origin,
        "first": first,
        "first_root": _base64(tree.root(first)),
        "second": second,
        "second_root": _base64(tree.root(second)),
        "consistency": [_base64(each) for each in tree.consistency_proof(first, second)],
    }


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
