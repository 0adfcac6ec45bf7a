"""What two copies of a case say differently of one thing, once one journal was taken over into the other, until it is settled.

Several standing versions of one id contradict each other by being there. What else two journals say differently stands, pair by
pair, in the entry that took one of them over; an entry that settles a pair names both of its sides.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from workbench.journal.entry import EntryKind, Json
from workbench.journal.merge import settled_pairs
from workbench.model.claim import Rival, TakenOver, version_name

_JUDGES = {EntryKind.CLAIM_REVIEWED: "reviewed", EntryKind.CLAIM_RETRACTED: "taken back"}
"""Entries that are no versions of their own, and what they do to one."""


class _Side(NamedTuple):
    entry: str
    id: str
    kind: str
    actor: str
    body: dict[str, Any]


Pair = tuple[_Side, _Side]


class Merges(NamedTuple):
    """What the mergers of a case brought.

    Attributes:
        rivals: With what each standing version is in conflict, by the hash of its entry; those in none are left out.
        journals: The journals that were taken over, by the place of the entry that did so, the first one first.
    """

    rivals: dict[str, tuple[Rival, ...]]
    journals: dict[int, TakenOver]


def read_merges(connection: sqlite3.Connection) -> Merges:
    """Read what the mergers of a case brought: nothing, and quickly, where nobody merged anything."""
    if not _has_merged(connection):
        return Merges({}, {})
    return Merges(_rivals(connection), dict(_journals(connection)))


def _journals(connection: sqlite3.Connection) -> Iterator[tuple[int, TakenOver]]:
    for place, body in _mergers(connection):
        people = connection.execute(
            "SELECT DISTINCT json_extract(CAST(entry AS TEXT), '$.actor') FROM merged_entry"
            " WHERE merged_at = ? AND seq > ? ORDER BY seq",
            (place, body["common"]),
        ).fetchall()
        root = base64.b64decode(body["root"]).hex()
        yield place, TakenOver(people=tuple(row[0] for row in people), root=root, merged_at=place)


def _mergers(connection: sqlite3.Connection) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries that took journals over: place and body."""
    for row in connection.execute(
        "SELECT DISTINCT merged_at FROM merged_entry ORDER BY merged_at"
    ).fetchall():
        (merged,) = connection.execute("SELECT entry FROM journal WHERE seq = ?", row).fetchone()
        yield row[0], json.loads(merged)["body"]


def _rivals(connection: sqlite3.Connection) -> dict[str, tuple[Rival, ...]]:
    found: dict[str, dict[Rival, None]] = {}
    standing = _standing(connection)
    for versions in standing.values():
        for version in versions:
            for each in versions:
                if version is not each:
                    found.setdefault(version.entry, {})[_version(each, alone=False)] = None
    for ours, theirs in _open_pairs(connection):
        for one, other in ((ours, theirs), (theirs, ours)):
            for version in standing.get(one.id, ()):
                if one.id != other.id:
                    others = standing.get(other.id, [])
                    for each in others:
                        found.setdefault(version.entry, {})[_version(each, alone=len(others) == 1)] = None
                elif other.kind in _JUDGES:
                    found.setdefault(version.entry, {})[Rival(None, _judged(other))] = None
    return {entry: tuple(each) for entry, each in found.items()}


def settling(connection: sqlite3.Connection, entry: str, *, whole: bool) -> dict[str, Json]:
    """Return what an entry that takes the place of a version adds to its body, so that what contradicts it is settled.

    Args:
        connection: The case file.
        entry: The version, which stands.
        whole: Whether the other standing versions of its id go with it.

    Returns:
        ``also_supersedes``, the other versions, and ``settles``, the pairs of entries; each only if there are any.
    """
    if not whole or not _has_merged(connection):
        return {}
    (name,) = connection.execute("SELECT id FROM claim WHERE entry = ?", (entry,)).fetchone()
    added: dict[str, Json] = {}
    others: list[Json] = [each.entry for each in _standing(connection).get(name, []) if each.entry != entry]
    pairs: list[Json] = [
        [one.entry, other.entry] for one, other in _open_pairs(connection) if name in (one.id, other.id)
    ]
    if others:
        added["also_supersedes"] = others
    if pairs:
        added["settles"] = pairs
    return added


class _Standing(NamedTuple):
    entry: str
    id: str
    version: int
    author: str
    tag: str | None


def _standing(connection: sqlite3.Connection) -> dict[str, list[_Standing]]:
    found: dict[str, list[_Standing]] = {}
    for row in connection.execute(
        "SELECT entry, id, version, author, iif(kind = 'tag', json_extract(body, '$.grade') || ' to '"
        " || json_extract(body, '$.subject') || ', level ' || json_extract(body, '$.level'), NULL)"
        " FROM claim WHERE superseded_by IS NULL ORDER BY version, seq"
    ):
        one = _Standing(*row)
        found.setdefault(one.id, []).append(one)
    return found


def _version(one: _Standing, *, alone: bool) -> Rival:
    """Name a standing version: by its id if it is the only one of it, else by its own name."""
    name = one.id if alone else version_name(one.id, one.entry)
    said = [f"version {one.version}"] if not alone else []
    if one.tag is not None:
        said.append(one.tag)
    return Rival(name, ", ".join([*said, f"by {one.author}"]))


def _judged(side: _Side) -> str:
    body = side.body
    word = _JUDGES[EntryKind(side.kind)]
    if side.kind == EntryKind.CLAIM_REVIEWED:
        word = "signed" if body.get("approves") else "objected to"
    why = str(body.get("reason") or body.get("text") or "")
    return f"{word} by {side.actor}" + (f": {why}" if why else "")


def _has_merged(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM merged_entry LIMIT 1").fetchone() is not None


def _open_pairs(connection: sqlite3.Connection) -> list[Pair]:
    """Return the pairs of entries on claims that merging listed and nobody settled."""
    done = settled_pairs(
        row[0]
        for table in ("journal", "merged_entry")
        for row in connection.execute(
            f"SELECT entry FROM {table} WHERE instr(entry, CAST('\"settles\"' AS BLOB))"
        )
    )
    found: dict[frozenset[str], Pair] = {}
    for place, body in _mergers(connection):
        for listed in body["conflicts"]:
            ours = _side(connection, "SELECT entry FROM journal WHERE seq = ?", (listed["ours"],))
            theirs = _side(
                connection,
                "SELECT entry FROM merged_entry WHERE merged_at = ? AND seq = ?",
                (place, listed["theirs"]),
            )
            if ours is None or theirs is None:
                continue
            pair = frozenset((ours.entry, theirs.entry))
            if pair not in done:
                found.setdefault(pair, (ours, theirs))
    return list(found.values())


def _side(connection: sqlite3.Connection, query: str, place: tuple[int, ...]) -> _Side | None:
    """Return one side of a pair, ``None`` if it says nothing of a claim that is known."""
    row = connection.execute(query, place).fetchone()
    if row is None:
        return None
    told = json.loads(row[0])
    digest = hashlib.sha256(row[0]).hexdigest()
    about = told["body"].get("entry") if told["kind"] in _JUDGES else digest
    claim = connection.execute("SELECT id FROM claim WHERE entry = ?", (about,)).fetchone()
    return None if claim is None else _Side(digest, claim[0], told["kind"], told["actor"], told["body"])
