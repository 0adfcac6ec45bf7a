"""Reading a journal: its entries one after the other, the tree over them, and what they say of checkpoints and anchors.

Whoever checks a case and whoever looks at its journal both read it here. Standard library alone.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.journal.canonical import parse
from workbench.journal.clocks import Moment, Step, step_between
from workbench.journal.merkle import MerkleTree, leaf_hash
from workbench.journal.note import Checkpoint, NoteError, PublicKey

FORMS = (2,)
"""Forms of entries that can be read."""

_WITH_CHECKPOINT = frozenset(
    {
        "checkpoint.signed",
        "checkpoint.cosigned",
        "checkpoint.handed_out",
        "timestamp.received",
        "key.replaced",
    }
)
_MEMBERS = frozenset({"actor", "body", "clock", "form", "kind", "seq", "time"})


def origin_of(case_id: str) -> str:
    """Return what the journal of a case is called in its checkpoints."""
    return f"incident-workbench/{case_id}"


@dataclass(frozen=True)
class Finding:
    """Something that a check found.

    Attributes:
        layer: ``file``, ``evidence``, ``derived`` or ``record``.
        code: Short and stable, for scripts.
        where: Place, for people.
        what: What is there.
        failed: Whether it is wrong; otherwise it is only worth knowing.
    """

    layer: str
    code: str
    where: str
    what: str
    failed: bool = True


@dataclass(frozen=True)
class StatedCheckpoint:
    """A checkpoint that an entry holds.

    Attributes:
        seq: Place of the entry.
        kind: Kind of the entry.
        checkpoint: The checkpoint.
        key: Key that the entry names as the signer's, if it names one.
        time: When the entry was written, RFC 3339.
        actor: Who wrote the entry.
        body: Body of the entry.
    """

    seq: int
    kind: str
    checkpoint: Checkpoint
    key: PublicKey | None
    time: str
    actor: str
    body: Mapping[str, Any]

    @property
    def outside(self) -> bool:
        """Whether the entry says that the checkpoint left the machine of the case."""
        if self.kind == "timestamp.received":
            return self.body.get("verdict") == "verified"
        return self.kind in ("checkpoint.handed_out", "checkpoint.cosigned")


@dataclass(frozen=True)
class Created:
    """What the first entry says of the case.

    Attributes:
        title: What it was called.
        actor: Who made it.
        time: When, RFC 3339.
    """

    title: str
    actor: str
    time: str


@dataclass(frozen=True)
class Added:
    """What an entry says of how a file came into the case.

    Attributes:
        acquisition: What people said of its acquisition; what they did not say is not in it.
        damage: What was damaged about it.
        time: When it was added, RFC 3339.
    """

    acquisition: Mapping[str, Any]
    damage: str | None
    time: str


@dataclass(frozen=True)
class MergedJournal:
    """The journal of a copy that was taken over.

    Attributes:
        seq: Place of the entry that commits to it.
        case_id: Id of the case.
        size: How many entries it had.
        root: Root of the tree over them.
    """

    seq: int
    case_id: str
    size: int
    root: bytes


@dataclass(frozen=True)
class Tail:
    """What no checkpoint outside covers: it could be rewritten without leaving a trace.

    Attributes:
        entries: How many entries.
        since: When the newest outside anchor was made, RFC 3339; ``None`` if there is none.
        size: How many entries that anchor covers.
    """

    entries: int
    since: str | None
    size: int


@dataclass
class Record:
    """A journal that was read.

    Attributes:
        tree: The tree over all entries.
        case_id: Id of the case, as its first entry says.
        checkpoints: Checkpoints that entries hold, oldest first.
        merged: Journals that were taken over.
        keys: Keys that were introduced, with the place where, newest last.
        steps: Changes of the wall clock: place of the later entry, how, and whether an entry says so.
        evidence: SHA-256 of every file that was added, as delivered, with those of the contents kept of it.
        described: Name, size and time of last change of each of those files, by its SHA-256.
        created: What the first entry says of the case; ``None`` if it cannot be read.
        added: How each file came into the case, by its SHA-256.
        members: SHA-256, name, container and time of last change of each content of a packed file, by the file's SHA-256.
        findings: What is wrong with entries.
    """

    tree: MerkleTree = field(default_factory=MerkleTree)
    case_id: str | None = None
    checkpoints: list[StatedCheckpoint] = field(default_factory=list)
    merged: list[MergedJournal] = field(default_factory=list)
    keys: list[tuple[int, PublicKey]] = field(default_factory=list)
    steps: list[tuple[int, Step, bool]] = field(default_factory=list)
    evidence: dict[str, tuple[str, ...]] = field(default_factory=dict)
    described: dict[str, tuple[str, int, str | None]] = field(default_factory=dict)
    created: Created | None = None
    added: dict[str, Added] = field(default_factory=dict)
    members: dict[str, list[tuple[str, str, str, str | None]]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def origin(self) -> str | None:
        """What the journal is called in its checkpoints."""
        return None if self.case_id is None else origin_of(self.case_id)

    @property
    def tail(self) -> Tail:
        """What no checkpoint outside covers, as far as the entries say."""
        return _tail(self.checkpoints, self.tree.size)

    def fail(self, code: str, where: str, what: str) -> None:
        """Note that something is wrong."""
        self.findings.append(Finding("record", code, where, what))


def _tail(checkpoints: Iterable[StatedCheckpoint], size: int) -> Tail:
    newest = max(
        (each for each in checkpoints if each.outside), key=lambda each: each.checkpoint.size, default=None
    )
    if newest is None:
        return Tail(size, None, 0)
    covered = min(newest.checkpoint.size, size)
    return Tail(size - covered, newest.time, covered)


def tail_of(entries: Iterable[bytes], size: int) -> Tail:
    """Return what no checkpoint outside covers, of those of a journal's entries that hold checkpoints.

    Args:
        entries: Those entries; one that cannot be read counts for nothing.
        size: How many entries the journal has.
    """
    record = Record()
    for data in entries:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            entry = parse(data)
            _check_members(entry)
            _take(record, entry["seq"], entry["kind"], entry)
    return _tail(record.checkpoints, size)


def read_record(entries: Iterable[bytes]) -> Record:
    """Read a journal from its first entry to its last."""
    record = Record()
    before: Moment | None = None
    seq = 0
    for data in entries:
        record.tree.append(leaf_hash(data))
        seq += 1
        where = f"entry {seq}"
        try:
            entry = parse(data)
            _check_members(entry)
            moment = Moment.of_entry(entry)
        except ValueError as error:
            record.fail("entry-malformed", where, str(error))
            before = None
            continue
        if entry["seq"] != seq:
            what = "one or more are missing before it" if entry["seq"] > seq else "it stands too late"
            record.fail("entry-order", where, f"it says that it is entry {entry['seq']}: {what}")
            seq = entry["seq"]
        kind = entry["kind"]
        step = None if before is None else step_between(before, moment)
        if step is not None:
            told = kind == "clock.stepped_back" and step.by < 0
            record.steps.append((seq, step, told))
        before = moment
        try:
            _take(record, seq, kind, entry)
        except (NoteError, ValueError, KeyError, TypeError, AttributeError) as error:
            record.fail("entry-malformed", where, f"the body of this {kind} cannot be read ({error})")
    return record


def _check_members(entry: dict[str, Any]) -> None:
    if entry.get("form") not in FORMS:
        raise ValueError("its form is not known here: a newer workbench wrote it")
    if entry.keys() != _MEMBERS or not isinstance(entry["kind"], str) or not isinstance(entry["body"], dict):
        raise ValueError("it has not the members of an entry")
    if not isinstance(entry["actor"], str):
        raise ValueError("it does not say who wrote it")
    if type(entry["seq"]) is not int or entry["seq"] < 1:
        raise ValueError("it does not say which entry it is")


def _take(record: Record, seq: int, kind: str, entry: dict[str, Any]) -> None:
    """Keep what an entry says that the check of a case needs."""
    body = entry["body"]
    if kind == "case.created":
        if seq != 1:
            raise ValueError("a case is created once, by its first entry")
        record.case_id = str(body["case_id"])
        record.created = Created(str(body.get("title", "")), entry["actor"], entry["time"])
    elif seq == 1:
        raise ValueError("the first entry of a journal says that the case was created")
    elif kind == "evidence.added":
        acquisition = body.get("acquisition", {})
        for file in body["files"]:
            record.added[file["sha256"]] = Added(acquisition, file.get("damage"), entry["time"])
            record.described[file["sha256"]] = (file["name"], file["size"], file.get("modified_at"))
            record.evidence[file["sha256"]] = tuple(file.get("contents", [file["sha256"]]))
            if "members" in file:
                record.members[file["sha256"]] = [
                    (sha256, each["name"], each["container"], each.get("modified_at"))
                    for sha256, each in zip(record.evidence[file["sha256"]], file["members"], strict=True)
                ]
    elif kind == "key.introduced":
        record.keys.append((seq, PublicKey.from_vkey(body["key"])))
    elif kind == "journal.merged":
        root = base64.b64decode(body["root"], validate=True)
        record.merged.append(MergedJournal(seq, str(body["case_id"]), int(body["size"]), root))
    elif kind in _WITH_CHECKPOINT:
        if kind == "key.replaced":
            record.keys.append((seq, PublicKey.from_vkey(body["key"])))
            PublicKey.from_vkey(body["replaces"])
        key = PublicKey.from_vkey(body["key"]) if "key" in body else None
        stated = StatedCheckpoint(
            seq, kind, Checkpoint.parse(body["checkpoint"]), key, entry["time"], entry["actor"], body
        )
        record.checkpoints.append(stated)
