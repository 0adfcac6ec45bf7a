"""What people said on copies of a case that were merged: the tables kept with every entry are those that a rebuild gives."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.casework.command import workbench
from tests.casework.logs import record, trail, write
from workbench.casefile.case_writer import write_case
from workbench.casefile.claims.check import check_claims
from workbench.casefile.reader import CaseReader
from workbench.casework.new_case import new_case
from workbench.casework.note import write_note
from workbench.casework.record.merge import merge
from workbench.casework.tag import retract
from workbench.journal.entry import EntryKind
from workbench.journal.record import read_record
from workbench.model.claim import version_name

ACTS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["note", "correct", "correct", "retag", "retract", "review", "merge", "merge"]),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=12,
)
"""Which of three copies, what is done there, to which of the claims that it knows."""


def tables(case: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(case)) as connection:
        return {
            table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
            for table in ("claim", "claim_review", "tagged_event", "withdrawn", "projected")
        }


def known(case: Path) -> list[str]:
    with closing(sqlite3.connect(case)) as connection:
        return [row[0] for row in connection.execute("SELECT entry FROM claim ORDER BY seq, entry")]


def act(case: Path, what: str, number: int, actor: str) -> None:
    claims = known(case)
    named = claims[number % len(claims)] if claims else None
    tag = {"grade": "inferred", "subject": f"s{number % 2}", "level": "session", "scope": {"places": {}}}
    with write_case(case, actor) as writer, writer.transaction():
        if what in ("note", "correct"):
            body: dict[str, Any] = {"supersedes": named if what == "correct" else None}
            writer.act(EntryKind.NOTE_WRITTEN, body | {"note": {"text": f"{actor} {number}"}})
        elif what in ("tag", "retag"):
            writer.act(
                EntryKind.TAG_COMMITTED, {"supersedes": named if what == "retag" else None, "tag": tag}
            )
        elif named is not None and what == "retract":
            writer.act(EntryKind.CLAIM_RETRACTED, {"id": "x", "entry": named, "reason": actor})
        elif named is not None and what == "review":
            writer.act(
                EntryKind.CLAIM_REVIEWED, {"id": "x", "entry": named, "approves": number % 2 == 0, "text": ""}
            )


@settings(max_examples=30)
@given(ACTS)
def test_any_order_of_saying_and_merging(acts: list[tuple[int, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "0.case")
        new_case(first, title="Test", examiner="Tester")
        act(first, "note", 0, "Tester")
        copies = [first, *(Path(shutil.copy(first, Path(folder, f"{number}.case"))) for number in (1, 2))]
        for copy, what, number in acts:
            if what == "merge":
                merge(copies[copy], copies[(copy + 1 + number % 2) % 3], actor="M")
            else:
                act(copies[copy], what, number, f"R{copy}")
        for case in copies:
            kept = tables(case)
            assert check_claims(case) == []
            with write_case(case, "Tester") as writer, writer.transaction():
                writer.claims.rebuild()
            assert tables(case) == kept


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(["correct", "correct", "retract", "merge"]), st.integers(0, 5)
        ),
        min_size=3,
        max_size=10,
    )
)
def test_several_standing_versions_are_marked_and_one_correction_takes_the_place_of_all(
    acts: list[tuple[int, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "0.case")
        new_case(first, title="Test", examiner="Tester")
        for text in ("One.", "Two."):
            write_note(first, text, actor="Tester")
        copies = [first, *(Path(shutil.copy(first, Path(folder, f"{number}.case"))) for number in (1, 2))]
        for copy, what, number in acts:
            case, actor = copies[copy], f"R{copy}"
            if what == "merge":
                merge(case, copies[(copy + 1 + number % 2) % 3], actor="M")
                continue
            with CaseReader.open(case) as reader:
                standing = [each.origin for each in reader.claims.notes()]
            if not standing:
                continue
            one = standing[number % len(standing)]
            name = version_name(one.id, one.entry)
            if what == "retract":
                retract(case, name, "Not so.", actor=actor)
                continue
            write_note(case, f"{actor} {number}", actor=actor, supersedes=name)
            with CaseReader.open(case) as reader:
                (left,) = [each for each in reader.claims.notes() if each.origin.id == one.id]
            assert left.origin.author == actor
            assert left.rivals == ()
        for case in copies:
            kept = tables(case)
            assert check_claims(case) == []
            with write_case(case, "Tester") as writer, writer.transaction():
                writer.claims.rebuild()
            assert tables(case) == kept
            with CaseReader.open(case) as reader:
                notes = reader.claims.notes()
            for note in notes:
                same = [each.origin for each in notes if each.origin.id == note.origin.id]
                others = {version_name(each.id, each.entry) for each in same} - {
                    version_name(note.origin.id, note.origin.entry)
                }
                assert {each.name for each in note.rivals if each.name} == others


def test_a_later_entry_supersedes_what_was_merged(case: Path, tmp_path: Path) -> None:
    """The order counts: a tag of the other copy, merged and then superseded here, does not stand."""
    other = Path(shutil.copy(case, tmp_path / "other.case"))
    act(other, "note", 1, "B")
    merge(case, other, actor="A")
    assert len(known(case)) == 1
    act(case, "correct", 0, "A")
    with CaseReader.open(case) as reader:
        (standing,) = reader.claims.notes()
    assert standing.body.text == "A 0"
    assert standing.origin.version == 2
    with write_case(case, "A") as writer, writer.transaction():
        writer.claims.rebuild()
    with CaseReader.open(case) as reader:
        (standing,) = reader.claims.notes()
    assert standing.body.text == "A 0"


def test_what_the_other_copy_withdrew_is_not_withdrawn_here(case: Path, tmp_path: Path) -> None:
    logs = write(tmp_path / "log.json", trail([record(1)]))
    assert workbench("add", case, logs).status == 0
    other = Path(shutil.copy(case, tmp_path / "other.case"))
    done = workbench("evidence", other, "log.json", "--withdraw", "--reason", "Not of this incident.")
    assert done.status == 0, done.err
    merge(case, other, actor="A")
    assert tables(case)["withdrawn"] == []
    assert check_claims(case) == []
    done = workbench("evidence", case, "log.json", "--withdraw", "--reason", "Not of this incident.")
    assert done.status == 0, done.err
    assert len(tables(case)["withdrawn"]) == 1


def test_a_merge_says_what_takes_effect_and_what_does_not(case: Path, tmp_path: Path) -> None:
    """The other copy retracts a note of this one, corrects another and adds a file."""
    act(case, "note", 1, "A")
    act(case, "note", 2, "A")
    other = Path(shutil.copy(case, tmp_path / "other.case"))
    third = Path(shutil.copy(case, tmp_path / "third.case"))
    act(other, "retract", 0, "B")
    act(other, "correct", 1, "B")
    assert workbench("add", other, write(tmp_path / "log.json", trail([record(1)]))).status == 0
    with CaseReader.open(case) as reader:
        first, second = (kept.origin for kept in reader.claims.notes())
    act(case, "note", 3, "A")
    said = workbench("merge", case, other)
    assert said.status == 1
    lines = said.out.decode().splitlines()
    assert "takes effect here: versions of notes: 1, retractions: 1" in lines
    assert f"there, by B, retracts {first.id} version 1, by A (entry {first.seq} here)" in lines[1]
    assert f"supersedes {second.id} version 1, by A (entry {second.seq} here)" in lines[2]
    assert "has no effect here until it is done here too: additions of evidence: 1" in lines
    # What came with another journal is not told of again.
    merge(third, other, actor="C")
    act(third, "note", 4, "C")
    assert "takes effect here: versions of notes: 1" in merge(case, third, actor="A").effects


@pytest.fixture
def parted(case: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A case with two events and a note, and a copy of it."""
    logs = write(tmp_path / "log.json", trail([record(1), record(12)]))
    assert workbench("add", case, logs).status == 0
    assert workbench("note", case, "They called back.", "--examiner", "A").status == 0
    return case, Path(shutil.copy(case, tmp_path / "other.case"))


def said(*arguments: object) -> str:
    done = workbench(*arguments)
    assert done.status == 0, done.err
    return done.out.decode().strip()


def tagged(case: Path, who: str, grade: str) -> str:
    ref = workbench("events", case, "--json").lines[0]["ref"]
    return said("tag", case, ref, "--as", grade, "--reason", "It carries the key.", "--examiner", who)


def conflicts(case: Path, command: str) -> dict[str, list[dict[str, str]]]:
    return {each["entry"]: each["conflicts"] for each in workbench(command, case, "--json").lines}


def test_tags_in_conflict_are_marked_until_one_is_superseded(parted: tuple[Path, Path]) -> None:
    case, other = parted
    mine, theirs = tagged(case, "A", "attributed"), tagged(other, "B", "inferred")
    assert list(conflicts(case, "tag").values()) == [[]]
    assert workbench("merge", case, other).status == 1
    listed = {each["id"]: each for each in workbench("tag", case, "--json").lines}
    (one,), (two,) = listed[mine]["conflicts"], listed[theirs]["conflicts"]
    assert (one["with"], two["with"]) == (theirs, mine)
    assert one["says"].startswith("inferred to ")
    assert one["says"].endswith("level credential, by B")
    shown = said("tag", case)
    assert f"CONFLICT    in conflict with {theirs} (inferred" in shown
    assert "settle by superseding one" in shown
    # That it is merged again, or said again, settles nothing.
    assert said("tag", case, "--reaffirm", mine, "--reason", "I say it again.") == mine
    assert all(conflicts(case, "tag").values())
    assert said("tag", case, "--supersede", mine, "--as", "inferred", "--reason", "B is right there.") == mine
    assert not any(conflicts(case, "tag").values())
    # It is settled where that is taken over, too, and opened again by no other merger.
    done = workbench("merge", other, case)
    assert done.status == 0, done.out
    assert not any(conflicts(other, "tag").values())
    said("note", other, "Something else.")
    merge(case, other, actor="A")
    assert not any(conflicts(case, "tag").values())
    assert check_claims(case) == []


def test_taking_back_one_of_two_tags_settles_it(parted: tuple[Path, Path]) -> None:
    case, other = parted
    tagged(case, "A", "attributed")
    theirs = tagged(other, "B", "inferred")
    merge(case, other, actor="A")
    said("tag", case, "--retract", theirs, "--reason", "B agrees now.")
    assert list(conflicts(case, "tag").values()) == [[]]


def test_two_corrections_of_one_note_are_in_conflict_until_one_takes_the_place_of_both(
    parted: tuple[Path, Path],
) -> None:
    case, other = parted
    (note,) = workbench("note", case, "--json").lines
    said("note", case, "They called at ten.", "--supersede", note["id"], "--examiner", "A")
    said("note", other, "They called at noon.", "--supersede", note["id"], "--examiner", "B")
    merge(case, other, actor="A")
    first, second = workbench("note", case, "--json").lines
    names = {each["entry"]: f"N-{each['entry'][:12]}" for each in (first, second)}
    assert [each["with"] for each in first["conflicts"]] == [names[second["entry"]]]
    assert second["conflicts"][0]["says"] == f"version 2, by {first['author']}"
    assert said("note", case).count("CONFLICT") == 2
    named = workbench("note", case, "--history", names[second["entry"]])
    assert named.out == workbench("note", case, "--history", note["id"]).out
    assert (
        said("note", case, "They called at noon, UTC.", "--supersede", names[second["entry"]]) == note["id"]
    )
    (now,) = workbench("note", case, "--json").lines
    assert (now["version"], now["supersedes"], now["conflicts"]) == (3, second["entry"], [])
    history = said("note", case, "--history", note["id"])
    assert all(text in history for text in ("called back.", "at ten.", "at noon.", "at noon, UTC."))
    assert check_claims(case) == []


def test_one_of_two_corrections_is_taken_back_by_its_name(parted: tuple[Path, Path]) -> None:
    case, other = parted
    (note,) = workbench("note", case, "--json").lines
    for copy, who in ((case, "A"), (other, "B")):
        said("note", copy, f"{who} was told so.", "--supersede", note["id"], "--examiner", who)
    merge(case, other, actor="A")
    entry = next(each["entry"] for each in workbench("note", case, "--json").lines if each["author"] == "B")
    third = Path(shutil.copy(case, case.with_name("third.case")))
    said("note", case, "--retract", f"N-{entry[:12]}", "--reason", "A knows better.")
    (left,) = workbench("note", case, "--json").lines
    assert (left["text"], left["conflicts"]) == ("A was told so.", [])
    said("note", third, "--retract", note["id"], "--reason", "Neither was told.")
    assert workbench("note", third, "--json").lines == []


def test_what_is_corrected_here_and_taken_back_there_is_in_conflict(parted: tuple[Path, Path]) -> None:
    case, other = parted
    (note,) = workbench("note", case, "--json").lines
    said("note", case, "They called at ten.", "--supersede", note["id"], "--examiner", "A")
    said("note", other, "--retract", note["id"], "--reason", "Nobody called.", "--examiner", "B")
    merge(case, other, actor="A")
    (standing,) = workbench("note", case, "--json").lines
    assert standing["conflicts"] == [{"with": None, "says": "taken back by B: Nobody called."}]
    said("note", case, "They did call, at ten.", "--supersede", note["id"])
    (standing,) = workbench("note", case, "--json").lines
    assert standing["conflicts"] == []


def test_what_came_with_another_journal_says_whose_entry_it_is(parted: tuple[Path, Path]) -> None:
    case, other = parted
    (note,) = workbench("note", case, "--json").lines
    own = said("note", case, "They called at ten.", "--examiner", "A")
    said("note", other, "They called at noon.", "--supersede", note["id"], "--examiner", "B")
    tag = tagged(other, "B", "inferred")
    merged = merge(case, other, actor="A")
    with CaseReader.open(case) as reader:
        root = next(each.root.hex() for each in read_record(reader.journal()).merged)
    theirs = f"of B's journal (root {root[:16]}, taken over by entry {merged.seq} here)"
    assert theirs in " ".join(said("note", case, "--history", note["id"]).split())
    shown = " ".join(said("tag", case, "--history", tag).split())
    assert shown.count(theirs) == 2
    assert "journal entry" not in shown
    by_id = {each["id"]: each for each in workbench("note", case, "--json").lines}
    assert by_id[own]["journal"] is None
    assert by_id[note["id"]]["journal"] == {"people": ["B"], "root": root, "merged_at": merged.seq}
    # In its own journal the same entry is one of its own, and there what came from here is not.
    assert workbench("tag", other, "--json").object["journal"] is None
    assert "journal entry" in said("tag", other)
