"""Every way we know to falsify a case file, as a script, with what the check must say of it — or must admit that it cannot.

Each attack is tried twice: with nothing but the file, and with the checkpoint that counsel holds and the keeper's public key.
``None`` stands for what cannot be detected. That it stays undetected is asserted, too: where a later version finds more, the
lists have to say so.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.adversarial import attacks_on_the_journal, attacks_on_the_rest
from tests.adversarial.attacks_on_the_journal import clock_back
from tests.adversarial.tampering import KEEPER, Forger, Kept
from workbench.casework.record import checkpoints
from workbench.casework.record.verify import Verification, verify
from workbench.errors import CaseFileError, WorkbenchError
from workbench.journal.check import Outside
from workbench.journal.note import Checkpoint

ATTACKS = [*attacks_on_the_journal.ATTACKS, *attacks_on_the_rest.ATTACKS]


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
            tuple(connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2"))
            for table, columns in (
                ("journal", "*"),
                ("block", "evidence_id, start, length, data"),
                ("delivered_file", "id, name, sha256, size, modified_at, state"),
                ("evidence", "id, file_id, content_sha256"),
                ("merged_entry", "*"),
            )
        )
    finally:
        connection.close()


def test_bits_that_flip(tmp_path, kept):
    flip_bits(kept, tmp_path / "a.case", 1, 40)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(2, 6))
def test_many_bits_that_flip(tmp_path, kept, seed):
    flip_bits(kept, tmp_path / "a.case", seed, 300)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short(tmp_path, kept, part):
    case = tmp_path / "a.case"
    whole = kept.case.read_bytes()
    case.write_bytes(whole[: int(len(whole) * part)])
    assert verify(case).failed
