"""Attacks on the journal, on the schema that guards it, on the file as a whole, and on the clock."""

from __future__ import annotations

import json
import shutil
from typing import Any

from tests.adversarial.attack import AFTER, INSIDE, Attack, plain_sql, sql
from tests.adversarial.tampering import ATTACKER, KEEPER, Entries, Forger
from workbench.casefile.case_writer import write_case
from workbench.casework.new_case import new_case
from workbench.journal.entry import EntryKind
from workbench.journal.note import Checkpoint


def changed(entries: Entries, seq: int, **changes: Any) -> Entries:
    return [{**each, **changes} if each["seq"] == seq else each for each in entries]


def without(entries: Entries, *seqs: int) -> Entries:
    return [each for each in entries if each["seq"] not in seqs]


def swapped(entries: Entries, one: int, other: int) -> Entries:
    order = list(entries)
    order[one - 1], order[other - 1] = order[other - 1], order[one - 1]
    times = [each["time"] for each in entries]
    return [
        {**each, "time": time, "clock": before["clock"]}
        for each, time, before in zip(order, times, entries, strict=True)
    ]


def forged(entries: Entries, at: int, **changes: Any) -> Entries:
    """Slip an entry in at a place, dated halfway between its neighbours."""
    before = entries[at - 2]
    clock = {**before["clock"], "monotonic": before["clock"]["monotonic"] + 1_000_000}
    time = before["time"][:17] + f"{int(before['time'][17:19]) + 1:02}" + before["time"][19:]
    new = {
        **before,
        "kind": "clock.compared",
        "body": {"with": "forged", "offset": "0 s"},
        "clock": clock,
        "time": time,
    }
    return [*entries[: at - 1], {**new, **changes, "seq": 10_000}, *entries[at - 1 :]]


def last(forger: Forger) -> int:
    return len(forger.entries())


def early(forger: Forger) -> int:
    """Return the place of an entry before the checkpoint that counsel holds."""
    return forger.kept.held.size - 3


def truncate(forger: Forger, size: int) -> None:
    forger.rewrite(forger.entries()[:size])


def another_case(forger: Forger, **options: Any) -> None:
    forger.case.unlink()
    new_case(forger.case, title="Kept", examiner="R. Doe", clock=forger.kept.clock)


def same_id(forger: Forger) -> None:
    case_id = forger.kept.held.origin.rpartition("/")[2]
    another_case(forger)
    entries = forger.entries()
    entries[0]["body"]["case_id"] = case_id
    forger.run(f"UPDATE case_info SET value = '{case_id}' WHERE key = 'case_id'")
    forger.rewrite(entries)


def clock_back(forger: Forger, seconds: int, *, hidden: bool = False, forge_monotonic: bool = False) -> None:
    """Set the clock back and go on working; then perhaps hide that."""
    clock = forger.kept.clock
    wall, monotonic = clock.wall, clock.monotonic
    clock.wall -= seconds * 1_000_000
    if forge_monotonic:
        clock.monotonic -= (seconds - 200) * 1_000_000
    try:
        with write_case(forger.case, "R. Doe", clock) as writer, writer.transaction():
            writer.act(EntryKind.CLOCK_COMPARED, {"with": "set back", "offset": "0 s"})
    finally:
        clock.wall, clock.monotonic = wall, monotonic
    if hidden:
        forger.rewrite([each for each in forger.entries() if each["kind"] != "clock.stepped_back"])


def leave_no_step(forger: Forger) -> None:
    """Backdate the last entry to just after the one before it, by both of its clocks."""
    entries = forger.entries()
    before = entries[-2]
    clock = {**before["clock"], "monotonic": before["clock"]["monotonic"] + 1000}
    entries[-1] |= {"clock": clock, "time": before["time"][:-4] + "999Z"}
    forger.rewrite(entries)


def break_signature(forger: Forger) -> None:
    entries = forger.entries()
    place = forger.first("checkpoint.signed")
    stated = Checkpoint.parse(entries[place - 1]["body"]["checkpoint"])
    signature = stated.signatures[0]
    broken = Checkpoint(
        stated.origin, stated.size, stated.root,
        (type(signature)(signature.name, signature.key_id, signature.data[:-1] + bytes([signature.data[-1] ^ 1])),),
    )  # fmt: skip
    entries[place - 1]["body"]["checkpoint"] = broken.note
    forger.rewrite(entries)


def cosign_oneself(forger: Forger) -> None:
    entries = forger.entries()
    place = forger.first("checkpoint.cosigned")
    cosigned = KEEPER.cosign(forger.kept.held, 1_700_001_000)
    entries[place - 1]["body"] |= {"checkpoint": cosigned.note, "key": KEEPER.public.vkey}
    forger.rewrite(entries)


ATTACKS = [
    # Edits of the journal by somebody who knows SQL and no more.
    Attack(
        "row edit: text",
        lambda f: f.edit(early(f), lambda e: e["body"].update(offset="9 s")),
        "entry-altered",
        "outside-root",
    ),
    Attack(
        "row edit: author",
        lambda f: f.edit(early(f), lambda e: e.update(actor="Somebody else")),
        "entry-altered",
        "outside-root",
    ),
    Attack(
        "row edit: time",
        lambda f: f.edit(early(f), lambda e: e.update(time="2020-01-01T00:00:00.000000Z")),
        "entry-altered",
        "outside-root",
    ),
    Attack(
        "row edit after the anchor",
        lambda f: f.edit(last(f), lambda e: e["body"].update(offset="9 s")),
        "entry-altered",
        "entry-altered",
    ),
    Attack(
        "delete in the middle",
        lambda f: f.run(f"DELETE FROM journal WHERE seq = {early(f)}"),
        "entry-removed",
        "outside-root",
    ),
    Attack("delete the first", sql("DELETE FROM journal WHERE seq = 1"), "entry-removed", "entry-removed"),
    Attack(
        "delete the last",
        lambda f: f.run(f"DELETE FROM journal WHERE seq = {last(f)}"),
        "head-size",
        "head-size",
    ),
    Attack(
        "delete the last and its hash",
        lambda f: f.run(
            f"DELETE FROM journal WHERE seq = {last(f)}", f"DELETE FROM journal_leaf WHERE seq = {last(f)}"
        ),
        "head-size",
        "head-size",
    ),
    Attack(
        "truncate to half",
        lambda f: f.run(f"DELETE FROM journal WHERE seq > {last(f) // 2}"),
        "head-size",
        "head-size",
    ),
    Attack("delete everything", sql("DELETE FROM journal"), "journal-empty", "journal-empty"),
    Attack(
        "reorder: swap two",
        lambda f: f.run(
            "UPDATE journal SET seq = -2 WHERE seq = 2",
            "UPDATE journal SET seq = 2 WHERE seq = 3",
            "UPDATE journal SET seq = 3 WHERE seq = -2",
        ),
        "entry-order",
        "outside-root",
    ),
    Attack(
        "append past the workbench",
        lambda f: f.run(f"INSERT INTO journal SELECT seq + 1, entry FROM journal WHERE seq = {last(f)}"),
        "head-size",
        "head-size",
    ),
    Attack(
        "the same in another encoding",
        lambda f: f.put(2, json.dumps(f.entries()[1]).encode()),
        "entry-malformed",
        "outside-root",
    ),
    Attack(
        "a name twice in one entry",
        lambda f: f.put(2, b'{"actor":"x",' + json.dumps(f.entries()[1])[1:].encode()),
        "entry-malformed",
        "outside-root",
    ),
    Attack("bytes that are no text", lambda f: f.put(2, b"\xff\xfe"), "entry-malformed", "outside-root"),
    Attack(
        "a hash edited",
        sql("UPDATE journal_leaf SET hash = zeroblob(32) WHERE seq = 2"),
        "entry-altered",
        "entry-altered",
    ),
    Attack("the head removed", sql("DELETE FROM journal_head"), "head-missing", "head-missing"),
    Attack(
        "the head edited",
        sql("UPDATE journal_head SET peaks = zeroblob(length(peaks))"),
        "head-root",
        "head-root",
    ),
    Attack(
        "the case renamed",
        sql("UPDATE case_info SET value = 'another' WHERE key = 'case_id'"),
        "case-id",
        "case-id",
    ),
    Attack(
        "delete a stretch",
        sql("DELETE FROM journal WHERE seq BETWEEN 2 AND 12"),
        "entry-removed",
        "entry-removed",
    ),
    Attack(
        "entries that make no sense",
        lambda f: f.rewrite(
            [
                *f.entries(),
                *(
                    {**f.entries()[-1], "kind": kind, "body": body}
                    for kind in (
                        "key.replaced",
                        "checkpoint.signed",
                        "journal.merged",
                        "evidence.added",
                        "case.created",
                    )
                    for body in (
                        {},
                        {"checkpoint": 1, "key": [], "files": 7, "root": "*", "size": "x", "case_id": None},
                    )
                ),
            ]
        ),
        "entry-malformed",
        "entry-malformed",
    ),
    # Edits of the schema.
    Attack("trigger dropped", plain_sql("DROP TRIGGER journal_is_not_edited"), "schema", "schema"),
    Attack(
        "trigger dropped, row edited",
        plain_sql("DROP TRIGGER journal_is_not_edited", "UPDATE journal SET entry = x'7b7d'"),
        "schema",
        "schema",
    ),
    Attack(
        "trigger replaced by a weaker one",
        plain_sql(
            "DROP TRIGGER journal_is_not_edited",
            "CREATE TRIGGER journal_is_not_edited BEFORE UPDATE ON journal WHEN 0 BEGIN SELECT 1; END",
        ),
        "schema",
        "schema",
    ),
    Attack(
        "trigger that works for the attacker",
        plain_sql("CREATE TRIGGER spy AFTER INSERT ON journal BEGIN DELETE FROM rejected_range; END"),
        "schema",
        "schema",
    ),
    Attack("view that shadows", plain_sql("CREATE VIEW shadow AS SELECT 1"), "schema", "schema"),
    # The journal made anew, by somebody who has read how it is made.
    Attack(
        "re-hash, checkpoints left in",
        lambda f: f.rewrite(changed(f.entries(), early(f), actor="Somebody else")),
        "checkpoint-root",
        "outside-root",
    ),
    Attack(
        "re-hash, checkpoints removed",
        lambda f: f.rewrite_without_checkpoints(changed(f.entries(), early(f), actor="X")),
        None,
        "outside-root",
        why=INSIDE,
    ),
    Attack(
        "re-hash, signed with the attacker's key",
        lambda f: f.resign(changed(f.entries(), early(f), actor="X"), ATTACKER),
        None,
        "checkpoint-key",
        why=INSIDE,
    ),
    Attack(
        "re-hash, signed with the keeper's stolen key",
        lambda f: f.resign(changed(f.entries(), early(f), actor="X"), KEEPER),
        None,
        "outside-root",
        why=INSIDE,
    ),
    Attack(
        "truncate below the anchor",
        lambda f: truncate(f, f.kept.held.size - 1),
        None,
        "outside-size",
        why=INSIDE,
    ),
    Attack("truncate above the anchor", lambda f: truncate(f, last(f) - 2), None, None, why=AFTER),
    Attack(
        "rewrite after the anchor",
        lambda f: f.rewrite(changed(f.entries(), last(f), body={"with": "x", "offset": "y"})),
        None,
        None,
        why=AFTER,
    ),
    Attack(
        "forged author after the anchor",
        lambda f: f.rewrite(changed(f.entries(), last(f), actor="Somebody else")),
        None,
        None,
        why=AFTER,
    ),
    Attack(
        "forged author before the anchor",
        lambda f: f.rewrite_without_checkpoints(changed(f.entries(), 2, actor="X")),
        None,
        "outside-root",
        why=INSIDE,
    ),
    Attack(
        "splice before the anchor",
        lambda f: f.rewrite_without_checkpoints(forged(f.entries(), early(f))),
        None,
        "outside-root",
        why=INSIDE,
    ),
    Attack(
        "splice after the anchor", lambda f: f.rewrite(forged(f.entries(), last(f))), None, None, why=AFTER
    ),
    Attack(
        "delete before the anchor, renumbered",
        lambda f: f.rewrite_without_checkpoints(without(f.entries(), early(f))),
        None,
        "outside-root",
        why=INSIDE,
    ),
    Attack(
        "delete before the anchor, checkpoints left in",
        lambda f: f.rewrite(without(f.entries(), early(f))),
        "checkpoint-root",
        "outside-root",
    ),
    Attack(
        "delete after the anchor, renumbered",
        lambda f: f.rewrite(without(f.entries(), last(f) - 1)),
        None,
        None,
        why=AFTER,
    ),
    Attack(
        "reorder before the anchor",
        lambda f: f.rewrite_without_checkpoints(swapped(f.entries(), early(f), early(f) - 1)),
        None,
        "outside-root",
        why=INSIDE,
    ),
    Attack(
        "reorder after the anchor",
        lambda f: f.rewrite(swapped(f.entries(), last(f), last(f) - 2)),
        None,
        None,
        why=AFTER,
    ),
    Attack("signature broken", break_signature, "checkpoint-signature", "checkpoint-signature"),
    Attack("cosigned by the keeper", cosign_oneself, "checkpoint-reviewer", "checkpoint-reviewer"),
    # The file exchanged as a whole.
    Attack("replaced by another case of that title", another_case, None, "outside-origin", why=INSIDE),
    Attack("replaced by a new one with that id", same_id, None, "outside-size", why=INSIDE),
    Attack("an older copy", lambda f: shutil.copy(f.kept.before, f.case), None, "outside-size", why=INSIDE),
    Attack(
        "an older copy, newer than the anchor",
        lambda f: shutil.copy(f.kept.between, f.case),
        None,
        None,
        why=AFTER,
    ),
    # Clocks.
    Attack(
        "entry backdated",
        lambda f: f.rewrite(changed(f.entries(), last(f), time="2020-01-01T00:00:00.000000Z")),
        "clock-hidden",
        "clock-hidden",
    ),
    Attack("entry backdated between its neighbours", leave_no_step, None, None, why=AFTER),
    Attack(
        "clock set back a day, said so by the workbench",
        lambda f: clock_back(f, 86_400),
        None,
        None,
        why="the workbench itself says it, as a note",
    ),
    Attack(
        "clock set back two minutes, said so",
        lambda f: clock_back(f, 120),
        None,
        None,
        why="the workbench itself says it, as a note",
    ),
    Attack(
        "clock set back a day, the word on it removed",
        lambda f: clock_back(f, 86_400, hidden=True),
        "clock-hidden",
        "clock-hidden",
    ),
    Attack(
        "false entry, truly written",
        lambda f: f.kept.say("what never happened", 1, f.case),
        None,
        None,
        why="it was false when it was written: only originals and witnesses can tell",
    ),
    # The journal of another copy that was taken over.
    Attack(
        "merged: row edit",
        sql("UPDATE merged_entry SET entry = x'7b7d' WHERE seq = 2"),
        "merged-altered",
        "merged-altered",
    ),
    Attack(
        "merged: delete the last",
        sql("DELETE FROM merged_entry WHERE seq = (SELECT max(seq) FROM merged_entry)"),
        "merged-altered",
        "merged-altered",
    ),
    Attack(
        "merged: slipped in",
        sql("INSERT INTO merged_entry SELECT 2, seq, entry FROM merged_entry"),
        "merged-unknown",
        "merged-unknown",
    ),
]
