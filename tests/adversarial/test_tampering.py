"""Every way we know to falsify a case file, as a script, with what the check must say of it — or must admit that it cannot.

Each attack is tried twice: with nothing but the file, and with the checkpoint that counsel holds and the keeper's public key.
``None`` stands for what cannot be detected. That it stays undetected is asserted, too: where a later version finds more, this
list has to say so.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.adversarial.tampering import ATTACKER, KEEPER, Entries, Forger, Kept
from workbench.casefile.case_writer import write_case
from workbench.casework.new_case import new_case
from workbench.casework.record import checkpoints
from workbench.casework.record.verify import Verification, verify
from workbench.errors import CaseFileError, WorkbenchError
from workbench.journal.check import Outside
from workbench.journal.entry import EntryKind
from workbench.journal.note import Checkpoint


class Attack(NamedTuple):
    """An attack.

    Attributes:
        name: What is done.
        do: Does it.
        alone: Code of a finding that the file alone gives; ``None`` if it gives none.
        held: The same with a checkpoint and a key from outside.
        deep: Whether the derived layer is made anew.
        why: Why it cannot be detected, where it cannot.
    """

    name: str
    do: Callable[[Forger], object]
    alone: str | None
    held: str | None
    deep: bool = False
    why: str = ""


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


def replace_evidence(forger: Forger, **options: Any) -> None:
    """Alter evidence, its hashes, and the journal's word on it."""
    old, new = forger.alter_block("plain.json", hashes=True, delivered=True)
    entries = json.loads(json.dumps(forger.entries()).replace(old, new))
    forger.rewrite_without_checkpoints(entries)


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


def plain_sql(*statements: str) -> Callable[[Forger], None]:
    """Statements that leave the schema as they make it."""

    def do(forger: Forger) -> None:
        connection = sqlite3.connect(forger.case)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return do


def sql(*statements: str) -> Callable[[Forger], None]:
    return lambda forger: forger.run(*statements)


ANY_EVENT = "(SELECT e.id FROM event e JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id"
ANY_EVENT += " WHERE f.name LIKE '%plain.json' LIMIT 1)"
ANY_LINK = "(SELECT id FROM link WHERE strength = 'inferred' ORDER BY id LIMIT 1)"
AFTER = "it was written after the newest checkpoint that somebody else holds"
INSIDE = "nothing outside the file is held against it"

ATTACKS = [
    # Edits of the journal by somebody who knows SQL and no more.
    Attack("row edit: text", lambda f: f.edit(early(f), lambda e: e["body"].update(offset="9 s")), "entry-altered", "outside-root"),
    Attack("row edit: author", lambda f: f.edit(early(f), lambda e: e.update(actor="Somebody else")), "entry-altered", "outside-root"),
    Attack("row edit: time", lambda f: f.edit(early(f), lambda e: e.update(time="2020-01-01T00:00:00.000000Z")), "entry-altered",
           "outside-root"),
    Attack("row edit after the anchor", lambda f: f.edit(last(f), lambda e: e["body"].update(offset="9 s")), "entry-altered",
           "entry-altered"),
    Attack("delete in the middle", lambda f: f.run(f"DELETE FROM journal WHERE seq = {early(f)}"), "entry-removed", "outside-root"),
    Attack("delete the first", sql("DELETE FROM journal WHERE seq = 1"), "entry-removed", "entry-removed"),
    Attack("delete the last", lambda f: f.run(f"DELETE FROM journal WHERE seq = {last(f)}"), "head-size", "head-size"),
    Attack("delete the last and its hash", lambda f: f.run(f"DELETE FROM journal WHERE seq = {last(f)}",
           f"DELETE FROM journal_leaf WHERE seq = {last(f)}"), "head-size", "head-size"),
    Attack("truncate to half", lambda f: f.run(f"DELETE FROM journal WHERE seq > {last(f) // 2}"), "head-size", "head-size"),
    Attack("delete everything", sql("DELETE FROM journal"), "journal-empty", "journal-empty"),
    Attack("reorder: swap two", lambda f: f.run("UPDATE journal SET seq = -2 WHERE seq = 2", "UPDATE journal SET seq = 2 WHERE seq = 3",
           "UPDATE journal SET seq = 3 WHERE seq = -2"), "entry-order", "outside-root"),
    Attack("append past the workbench", lambda f: f.run(f"INSERT INTO journal SELECT seq + 1, entry FROM journal WHERE seq = {last(f)}"),
           "head-size", "head-size"),
    Attack("the same in another encoding", lambda f: f.put(2, json.dumps(f.entries()[1]).encode()), "entry-malformed", "outside-root"),
    Attack("a name twice in one entry", lambda f: f.put(2, b'{"actor":"x",' + json.dumps(f.entries()[1])[1:].encode()),
           "entry-malformed", "outside-root"),
    Attack("bytes that are no text", lambda f: f.put(2, b"\xff\xfe"), "entry-malformed", "outside-root"),
    Attack("a hash edited", sql("UPDATE journal_leaf SET hash = zeroblob(32) WHERE seq = 2"), "entry-altered", "entry-altered"),
    Attack("the head removed", sql("DELETE FROM journal_head"), "head-missing", "head-missing"),
    Attack("the head edited", sql("UPDATE journal_head SET peaks = zeroblob(length(peaks))"), "head-root", "head-root"),
    Attack("the case renamed", sql("UPDATE case_info SET value = 'another' WHERE key = 'case_id'"), "case-id", "case-id"),
    # Edits of the schema.
    Attack("trigger dropped", plain_sql("DROP TRIGGER journal_is_not_edited"), "schema", "schema"),
    Attack("trigger dropped, row edited", plain_sql("DROP TRIGGER journal_is_not_edited", "UPDATE journal SET entry = x'7b7d'"),
           "schema", "schema"),
    Attack("trigger replaced by a weaker one", plain_sql("DROP TRIGGER journal_is_not_edited", "CREATE TRIGGER journal_is_not_edited"
           " BEFORE UPDATE ON journal WHEN 0 BEGIN SELECT 1; END"), "schema", "schema"),
    Attack("trigger that works for the attacker", plain_sql("CREATE TRIGGER spy AFTER INSERT ON journal BEGIN"
           " DELETE FROM rejected_range; END"), "schema", "schema"),
    Attack("view that shadows", plain_sql("CREATE VIEW shadow AS SELECT 1"), "schema", "schema"),
    # The journal made anew, by somebody who has read how it is made.
    Attack("re-hash, checkpoints left in", lambda f: f.rewrite(changed(f.entries(), early(f), actor="Somebody else")),
           "checkpoint-root", "outside-root"),
    Attack("re-hash, checkpoints removed", lambda f: f.rewrite_without_checkpoints(changed(f.entries(), early(f), actor="X")),
           None, "outside-root", why=INSIDE),
    Attack("re-hash, signed with the attacker's key", lambda f: f.resign(changed(f.entries(), early(f), actor="X"), ATTACKER),
           None, "checkpoint-key", why=INSIDE),
    Attack("re-hash, signed with the keeper's stolen key", lambda f: f.resign(changed(f.entries(), early(f), actor="X"), KEEPER),
           None, "outside-root", why=INSIDE),
    Attack("truncate below the anchor", lambda f: truncate(f, f.kept.held.size - 1), None, "outside-size", why=INSIDE),
    Attack("truncate above the anchor", lambda f: truncate(f, last(f) - 2), None, None, why=AFTER),
    Attack("rewrite after the anchor", lambda f: f.rewrite(changed(f.entries(), last(f), body={"with": "x", "offset": "y"})),
           None, None, why=AFTER),
    Attack("forged author after the anchor", lambda f: f.rewrite(changed(f.entries(), last(f), actor="Somebody else")),
           None, None, why=AFTER),
    Attack("forged author before the anchor", lambda f: f.rewrite_without_checkpoints(changed(f.entries(), 2, actor="X")),
           None, "outside-root", why=INSIDE),
    Attack("splice before the anchor", lambda f: f.rewrite_without_checkpoints(forged(f.entries(), early(f))), None, "outside-root",
           why=INSIDE),
    Attack("splice after the anchor", lambda f: f.rewrite(forged(f.entries(), last(f))), None, None, why=AFTER),
    Attack("delete before the anchor, renumbered", lambda f: f.rewrite_without_checkpoints(without(f.entries(), early(f))), None,
           "outside-root", why=INSIDE),
    Attack("delete before the anchor, checkpoints left in", lambda f: f.rewrite(without(f.entries(), early(f))), "checkpoint-root",
           "outside-root"),
    Attack("delete after the anchor, renumbered", lambda f: f.rewrite(without(f.entries(), last(f) - 1)), None, None, why=AFTER),
    Attack("reorder before the anchor", lambda f: f.rewrite_without_checkpoints(swapped(f.entries(), early(f), early(f) - 1)), None,
           "outside-root", why=INSIDE),
    Attack("reorder after the anchor", lambda f: f.rewrite(swapped(f.entries(), last(f), last(f) - 2)), None, None, why=AFTER),
    Attack("signature broken", break_signature, "checkpoint-signature", "checkpoint-signature"),
    Attack("cosigned by the keeper", cosign_oneself, "checkpoint-reviewer", "checkpoint-reviewer"),
    # The file exchanged as a whole.
    Attack("replaced by another case of that title", another_case, None, "outside-origin", why=INSIDE),
    Attack("replaced by a new one with that id", same_id, None, "outside-size", why=INSIDE),
    Attack("an older copy", lambda f: shutil.copy(f.kept.before, f.case), None, "outside-size", why=INSIDE),
    Attack("an older copy, newer than the anchor", lambda f: shutil.copy(f.kept.between, f.case), None, None, why=AFTER),
    # Clocks.
    Attack("entry backdated", lambda f: f.rewrite(changed(f.entries(), last(f), time="2020-01-01T00:00:00.000000Z")), "clock-hidden",
           "clock-hidden"),
    Attack("entry backdated between its neighbours", leave_no_step, None, None, why=AFTER),
    Attack("clock set back a day, said so by the workbench", lambda f: clock_back(f, 86_400), None, None,
           why="the workbench itself says it, as a note"),
    Attack("clock set back two minutes, said so", lambda f: clock_back(f, 120), None, None, why="the workbench itself says it, as a note"),
    Attack("clock set back a day, the word on it removed", lambda f: clock_back(f, 86_400, hidden=True), "clock-hidden", "clock-hidden"),
    Attack("false entry, truly written", lambda f: f.kept.say("what never happened", 1, f.case), None, None,
           why="it was false when it was written: only originals and witnesses can tell"),
    # The journal of another copy that was taken over.
    Attack("merged: row edit", sql("UPDATE merged_entry SET entry = x'7b7d' WHERE seq = 2"), "merged-altered", "merged-altered"),
    Attack("merged: delete the last", sql("DELETE FROM merged_entry WHERE seq = (SELECT max(seq) FROM merged_entry)"), "merged-altered",
           "merged-altered"),
    Attack("merged: slipped in", sql("INSERT INTO merged_entry SELECT 2, seq, entry FROM merged_entry"), "merged-unknown",
           "merged-unknown"),
    # Evidence.
    Attack("evidence: one byte", lambda f: f.alter_block("plain.json"), "evidence-hash", "evidence-hash"),
    Attack("evidence: one byte, hash beside it", lambda f: f.alter_block("plain.json", hashes=True), "evidence-replaced",
           "evidence-replaced"),
    Attack("evidence: one byte, all hashes", lambda f: f.alter_block("plain.json", hashes=True, delivered=True), "evidence-unknown",
           "evidence-missing"),
    Attack("evidence: packed, hash beside it", lambda f: f.alter_block("packed.json.gz", hashes=True), "evidence-replaced",
           "evidence-replaced"),
    Attack("evidence: all hashes and the journal", replace_evidence, None, "outside-root", why=INSIDE),
    Attack("evidence: block cut", sql("UPDATE block SET data = substr(data, 1, 20) WHERE id = 1"), "evidence-block", "evidence-block"),
    Attack("evidence: block removed", sql("DELETE FROM block WHERE id = 1"), "evidence-hash", "evidence-hash"),
    Attack("evidence: block moved", sql("UPDATE block SET start = start + 1 WHERE id = 1"), "evidence-block", "evidence-block"),
    Attack("evidence: block that claims to be shorter", sql("UPDATE block SET length = length - 1 WHERE id = 1"), "evidence-block",
           "evidence-block"),
    Attack("evidence: file hidden", sql("UPDATE delivered_file SET state = 'arriving' WHERE id = 1"), "evidence-missing",
           "evidence-missing"),
    Attack("evidence: file removed", sql("DELETE FROM evidence WHERE file_id = 1", "DELETE FROM delivered_file WHERE id = 1"),
           "evidence-missing", "evidence-missing"),
    Attack("evidence: file slipped in", sql("INSERT INTO delivered_file SELECT 9999, 'new.json', hex(randomblob(32)), size, modified_at,"
           " damage, acquisition_id, added_at, state FROM delivered_file WHERE id = 1"), "evidence-unknown", "evidence-unknown"),
    # The derived layer.
    Attack("event: time", sql(f"UPDATE event SET time = time + 1000000 WHERE id = {ANY_EVENT}"), "derived-event", "derived-event", True),
    Attack("event: identity", sql(f"UPDATE event SET identity_id = (SELECT max(id) FROM identity) WHERE id = {ANY_EVENT}"),
           "derived-event", "derived-event", True),
    Attack("event: hidden as a duplicate", sql(f"UPDATE event SET disposition = 2 WHERE id = {ANY_EVENT}"), "derived-event",
           "derived-event", True),
    Attack("event: removed", sql(f"DELETE FROM event WHERE id = {ANY_EVENT}"), "derived-event", "derived-event", True),
    Attack("event: invented", lambda f: f.run("CREATE TEMP TABLE one AS SELECT * FROM event WHERE id = " + ANY_EVENT,
           "UPDATE one SET id = 99999, start = start + 1", "INSERT INTO event SELECT * FROM one"), "derived-event", "derived-event", True),
    Attack("event: outcome of every failure", sql("UPDATE outcome SET status = 'success', code = NULL WHERE status <> 'success'"),
           "derived-event", "derived-event", True),
    Attack("identity: renamed for every event", sql("UPDATE identity SET name = 'mallory', canonical = 'mallory' WHERE id = 1"),
           "derived-event", "derived-event", True),
    Attack("record that became no event: forgotten", sql("DELETE FROM other_record"), "derived-account", "derived-account", True),
    Attack("session: moved", sql("UPDATE session SET body = json_set(body, '$.start', 1)"), "derived-session", "derived-session", True),
    Attack("session: removed", sql("DELETE FROM session WHERE id = (SELECT min(id) FROM session)"), "derived-session",
           "derived-session", True),
    Attack("link: raised to proven", sql("UPDATE link SET strength = 'proven', body = json_set(body, '$.strength', 'proven')"
           " WHERE strength <> 'proven'"), "derived-link", "derived-link", True),
    Attack("credential: its uses", sql("UPDATE known_credential SET body = json_set(body, '$.events', 0)"), "derived-credential",
           "derived-credential", True),
    Attack("event, without making it anew", sql(f"UPDATE event SET time = time + 1000000 WHERE id = {ANY_EVENT}"), None, None,
           why="that takes --deep, and the check says so"),
]  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


def codes(found: Verification) -> set[str]:
    return {finding.code for finding in found.findings if finding.failed}


def checked(case: Path, kept: Kept, *, held: bool, deep: bool = False) -> Verification:
    outside = [Outside("counsel's", kept.held)] if held else []
    return verify(case, outside=outside, keys=[KEEPER.public] if held else [], deep=deep)


def test_there_are_enough_of_them():
    assert len(ATTACKS) >= 40
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    for attack in ATTACKS:
        assert bool(attack.why) == (attack.alone is None), f"say why, or do not: {attack.name}"


def test_the_case_itself_holds(kept):
    for held in (False, True):
        found = checked(kept.case, kept, held=held, deep=True)
        assert found.findings == ()
    assert found.rebuilt is not None
    assert found.rebuilt[1] > 400


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_attack(tmp_path, kept, attack):
    case = tmp_path / "tampered.case"
    shutil.copy(kept.case, case)
    attack.do(Forger(case, kept))
    tries = [(False, attack.alone), (True, attack.held)]
    for held, expected in tries[attack.deep :]:  # what is made anew is the same whatever is held against it
        found = checked(case, kept, held=held, deep=attack.deep)
        if expected is None:
            assert codes(found) == set()
            assert found.cannot_show
        else:
            assert expected in codes(found)
            assert found.failed


def test_a_clock_set_back_is_told(tmp_path, kept):
    """Not only what is wrong: that the clock was set back is said of an honest case, too, by both ways of noticing."""
    for seconds, shown_by in ((86_400, "wall"), (120, "monotonic")):
        case = tmp_path / f"{seconds}.case"
        shutil.copy(kept.case, case)
        forger = Forger(case, kept)
        clock_back(forger, seconds if shown_by == "wall" else 119)
        told = [entry for entry in forger.entries() if entry["kind"] == "clock.stepped_back"]
        assert len(told) == 1
        notes = {finding.code for finding in checked(case, kept, held=True).findings}
        assert notes == {"clock-back"}


def test_two_histories_cannot_both_hold(tmp_path, kept):
    """Who signs two histories, and gives each to somebody else, is found out as soon as the two compare."""
    case = tmp_path / "second.case"
    shutil.copy(kept.before, case)
    forger = Forger(case, kept)
    kept.say("the other history", 2, case)
    second = checkpoints.sign(case, KEEPER, actor="R. Doe", clock=kept.clock)
    assert codes(verify(case, outside=[Outside("b", second)])) == set()
    assert "outside-root" in codes(verify(kept.case, outside=[Outside("a", kept.held), Outside("b", second)]))
    assert codes(verify(case, outside=[Outside("a", kept.held), Outside("b", second)])) & {
        "outside-root",
        "outside-size",
    }
    assert forger.entries()


@pytest.mark.parametrize("change", ["size", "root", "origin"])
def test_a_checkpoint_that_was_altered(kept, change):
    held = kept.held
    altered = {
        "size": Checkpoint(held.origin, held.size - 1, held.root, held.signatures),
        "root": Checkpoint(held.origin, held.size, bytes(32), held.signatures),
        "origin": Checkpoint("incident-workbench/other", held.size, held.root, held.signatures),
    }[change]
    assert verify(kept.case, outside=[Outside("altered", altered)]).failed


def test_nothing_is_signed_or_appended_over_a_broken_journal(tmp_path, kept):
    case = tmp_path / "a.case"
    shutil.copy(kept.case, case)
    Forger(case, kept).edit(2, lambda entry: entry.update(actor="X"))
    with pytest.raises(WorkbenchError, match="entry 2"):
        checkpoints.sign(case, KEEPER, actor="R. Doe", clock=kept.clock)
    shutil.copy(kept.case, case)
    Forger(case, kept).run("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    with pytest.raises(CaseFileError, match="not as it was left"):
        kept.say("more", 1, case)


def flip_bits(kept: Kept, case: Path, seed: int, flips: int) -> None:
    """Flip single bits of the file: each is reported, or nothing of evidence and journal changed."""
    chance = random.Random(seed)
    whole = kept.case.read_bytes()
    before = _kept_bytes(kept.case)
    reported = 0
    for _ in range(flips):
        data = bytearray(whole)
        place = chance.randrange(len(data))
        data[place] ^= 1 << chance.randrange(8)
        case.write_bytes(data)
        try:
            failed = verify(case, outside=[Outside("counsel's", kept.held)]).failed
        except CaseFileError:
            failed = True
        reported += failed
        assert failed or _kept_bytes(case) == before, f"bit flip at {place} (seed {seed})"
    assert reported


def _kept_bytes(case: Path) -> tuple[Any, ...]:
    connection = sqlite3.connect(case)
    try:
        return tuple(
            tuple(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2"))
            for table in ("journal", "block", "delivered_file", "evidence", "merged_entry")
        )
    finally:
        connection.close()


def test_bits_that_flip(tmp_path, kept):
    flip_bits(kept, tmp_path / "a.case", 1, 40)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_bits_that_flip(tmp_path, kept, seed):
    flip_bits(kept, tmp_path / "a.case", seed, 300)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short(tmp_path, kept, part):
    case = tmp_path / "a.case"
    whole = kept.case.read_bytes()
    case.write_bytes(whole[: int(len(whole) * part)])
    assert verify(case).failed
