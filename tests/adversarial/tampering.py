"""A case with a past, and the tools of somebody who can write its file and knows exactly how it is made."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import rfc8785
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.casework.command import ROOT
from tests.casework.logs import lines, record, trail, write
from workbench.casefile.case_writer import write_case
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.casework.note import write_note
from workbench.casework.record import checkpoints
from workbench.casework.record.keys import SigningKey
from workbench.casework.record.merge import merge
from workbench.casework.tag import TagWish, commit_tag, review
from workbench.clock import SECOND, ClockReading
from workbench.journal.entry import EntryKind
from workbench.journal.merkle import Frontier, leaf_hash
from workbench.journal.note import Checkpoint, PublicKey
from workbench.model.claim import Grade

Entries = list[dict[str, Any]]


class Ticking:
    """A clock that goes on a minute whenever it is read, and can be set."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000 * SECOND
        self.monotonic = 5_000 * SECOND

    def now(self) -> int:
        return self.wall

    def reading(self) -> ClockReading:
        self.wall += 60 * SECOND
        self.monotonic += 60 * SECOND
        return ClockReading(self.wall, self.monotonic, "boot-1", "+01:00")


def signing_key(name: str, seed: int) -> SigningKey:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return SigningKey(PublicKey(name, private.public_key().public_bytes_raw()), private)


KEEPER, REVIEWER, ATTACKER = (
    signing_key(name, seed) for seed, name in enumerate(("keeper", "reviewer", "attacker"), 1)
)


class Kept:
    """The case as it honestly came to be, and what others hold of it.

    Attributes:
        case: The file as it is now.
        before: A copy from before the first checkpoint.
        between: A copy from after the checkpoint that counsel holds.
        held: That checkpoint.
        clock: The clock of the machine.
    """

    def __init__(
        self, folder: Path, logs: Sequence[Path] = (ROOT / "sample_logs" / "evidence",), records: int = 40
    ) -> None:
        """Make the case.

        Args:
            folder: Where.
            logs: Evidence beside its own.
            records: How many records each of its own three files has.
        """
        self.clock = Ticking()
        self.case, self.before = folder / "kept.case", folder / "before.case"
        self.between, other = folder / "between.case", folder / "other.case"
        new_case(self.case, title="Kept", examiner="R. Doe", clock=self.clock)
        own = folder / "own"
        write(own / "plain.json", trail([record(number) for number in range(records)]))
        write(
            own / "packed.json.gz",
            trail([record(records + number) for number in range(records)]),
            packed=True,
        )
        write(
            own / "lines.jsonl",
            lines([record(2 * records + number) for number in range(records)]) + b"junk\n",
        )
        add_evidence(self.case, [own, *logs], actor="R. Doe", clock=self.clock)
        derive(self.case, actor="R. Doe", clock=self.clock)
        self._claim()
        self.say("before the checkpoint", 4)
        shutil.copy(self.case, self.before)
        self.held = checkpoints.sign(self.case, KEEPER, actor="R. Doe", clock=self.clock)
        checkpoints.hand_out(self.case, to="counsel", how="on paper", actor="R. Doe", clock=self.clock)
        cosigned = KEEPER.sign(REVIEWER.cosign(self.held, 1_700_001_000))
        checkpoints.receive_cosigned(
            self.case, cosigned.note, REVIEWER.public, actor="R. Doe", clock=self.clock
        )
        self.say("after the checkpoint", 3)
        shutil.copy(self.case, other)
        self.say("in the other copy", 2, other)
        merge(self.case, other, actor="R. Doe", clock=self.clock)
        shutil.copy(self.case, self.between)
        self.say("last", 3)

    def _claim(self) -> None:
        """Say something of the evidence: a tag that a second person reviewed, and a note."""
        with CaseReader.open(self.case) as reader:
            first = next(each for each in reader.evidence() if each.name.endswith("plain.json"))
            event = reader.events(next(reader.rows.events([first.id])))[0]
        wish = TagWish(
            references=(str(event.ref),), grade=Grade.ATTRIBUTED, reason="The record carries the key."
        )
        tag = commit_tag(self.case, wish, actor="R. Doe", clock=self.clock)
        review(self.case, tag.origin.id, approves=True, text="Read.", actor="A. Second", clock=self.clock)
        write_note(self.case, "Called the team.", actor="R. Doe", clock=self.clock)

    def say(self, text: str, times: int, case: Path | None = None) -> None:
        """Make entries, one writer each."""
        for number in range(times):
            with write_case(case or self.case, "R. Doe", self.clock) as writer, writer.transaction():
                writer.act(EntryKind.CLOCK_COMPARED, {"with": f"{text} {number}", "offset": "0 s"})


@contextlib.contextmanager
def past_triggers(case: Path) -> Iterator[sqlite3.Connection]:
    """Edit past the triggers, which stand again afterwards exactly as before."""
    with contextlib.closing(sqlite3.connect(case)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, text in triggers:
            connection.execute(text)
        connection.commit()


class Forger:
    """Somebody with a copy of the case file and with SQLite."""

    def __init__(self, case: Path, kept: Kept) -> None:
        self.case = case
        self.kept = kept

    def sql(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return past_triggers(self.case)

    def run(self, *statements: str) -> None:
        with self.sql() as connection:
            for statement in statements:
                assert connection.execute(statement).rowcount, f"{statement} changed nothing"

    def entries(self) -> Entries:
        with contextlib.closing(sqlite3.connect(self.case)) as connection:
            return [
                json.loads(row[0]) for row in connection.execute("SELECT entry FROM journal ORDER BY seq")
            ]

    def edit(self, seq: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Edit one entry and nothing else."""
        entry = self.entries()[seq - 1]
        change(entry)
        self.put(seq, rfc8785.dumps(entry))

    def put(self, seq: int, data: bytes) -> None:
        with self.sql() as connection:
            connection.execute("UPDATE journal SET entry = ? WHERE seq = ?", (data, seq))

    def rewrite(self, entries: Entries) -> None:
        """Make the whole journal anew of other entries: numbers, hashes and head all fit."""
        frontier = Frontier()
        moved = {old["seq"]: seq for seq, old in enumerate(entries, 1)}
        with self.sql() as connection:
            for table in ("journal", "journal_leaf", "journal_head"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute(
                f"DELETE FROM merged_entry WHERE merged_at NOT IN ({','.join(map(str, moved)) or 'NULL'})"
            )
            for old, new in sorted(moved.items()):
                connection.execute("UPDATE merged_entry SET merged_at = ? WHERE merged_at = ?", (-new, old))
            connection.execute("UPDATE merged_entry SET merged_at = -merged_at")
            for seq, entry in enumerate(entries, 1):
                data = rfc8785.dumps({**entry, "seq": seq})
                leaf = leaf_hash(data)
                frontier = frontier.appended(leaf)
                connection.execute("INSERT INTO journal VALUES (?, ?)", (seq, data))
                connection.execute("INSERT INTO journal_leaf VALUES (?, ?)", (seq, leaf))
            connection.execute(
                "INSERT INTO journal_head VALUES (1, ?, ?)", (frontier.size, frontier.to_bytes())
            )
            connection.execute("UPDATE projected SET through = ?", (frontier.size,))

    def rewrite_without_checkpoints(self, entries: Entries) -> None:
        """The same, and nothing that could contradict it is left inside."""
        self.rewrite([each for each in entries if not _bears_witness(each)])

    def resign(self, entries: Entries, key: SigningKey) -> None:
        """The same, and every checkpoint inside is signed anew over the new entries."""
        done: Entries = []
        places: list[int] = []
        for old in entries:
            entry = json.loads(json.dumps({**old, "seq": len(done) + 1}))
            body = entry["body"]
            if entry["kind"] == "key.introduced":
                body |= {"key": key.public.vkey, "fingerprint": key.public.fingerprint}
            elif entry["kind"] == "checkpoint.signed":
                size = Checkpoint.parse(body["checkpoint"]).size
                root = _root(done[:size])
                origin = self.kept.held.origin
                body |= {"checkpoint": key.sign(Checkpoint(origin, size, root)).note, "key": key.public.vkey}
            elif _bears_witness(entry):
                continue
            done.append(entry)
            places.append(old["seq"])
        self.rewrite([{**entry, "seq": place} for entry, place in zip(done, places, strict=True)])

    def first(self, kind: str) -> int:
        """Return the place of the first entry of a kind."""
        return next(entry["seq"] for entry in self.entries() if entry["kind"] == kind)

    def alter_block(self, name: str, *, hashes: bool = False, delivered: bool = False) -> tuple[str, str]:
        """Change one byte of a content; return its hash before and after.

        Args:
            name: The evidence file.
            hashes: Whether the hash kept beside the content is made to fit.
            delivered: Whether that of the delivered file is, too.
        """
        with self.sql() as connection:
            number, old, file_id = connection.execute(
                "SELECT e.id, e.content_sha256, f.id FROM evidence e JOIN delivered_file f ON f.id = e.file_id"
                " WHERE f.name LIKE ?", (f"%{name}",)
            ).fetchone()  # fmt: skip
            block, data = connection.execute(
                "SELECT id, data FROM block WHERE evidence_id = ? AND start = 0", (number,)
            ).fetchone()
            content = bytearray(zstandard.ZstdDecompressor().decompress(data, max_output_size=1 << 20))
            place = content.index(b"203.0.113") if b"203.0.113" in content else len(content) // 2
            content[place] ^= 1
            new = hashlib.sha256(content).hexdigest()
            connection.execute(
                "UPDATE block SET data = ? WHERE id = ?",
                (zstandard.ZstdCompressor().compress(bytes(content)), block),
            )
            if hashes:
                connection.execute("UPDATE evidence SET content_sha256 = ? WHERE id = ?", (new, number))
            if delivered:
                connection.execute("UPDATE delivered_file SET sha256 = ? WHERE id = ?", (new, file_id))
        return old, new


def _bears_witness(entry: dict[str, Any]) -> bool:
    return "checkpoint" in entry["body"]


def _root(entries: Entries) -> bytes:
    frontier = Frontier()
    for entry in entries:
        frontier = frontier.appended(leaf_hash(rfc8785.dumps(entry)))
    return frontier.root()
