"""The commands by which somebody would launder an override, a subject or a review, each on a real case and refused or printed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import Said, workbench
from tests.casework.logs import record, trail, write
from workbench.casework.demo import build_demo


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.case"
    build_demo(path)
    return path


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path / "demo.case"))


def read(case: Path) -> dict[str, Any]:
    query = "verb:read_secret kind:human outcome:success"
    found: dict[str, Any] = workbench("events", case, query, "--json").lines[0]
    return found


def tag(case: Path, *given: object, reason: str = "It was surely him again.", status: int = 0) -> Said:
    said = workbench("tag", case, *given, "--reason", reason)
    assert said.status == status, said.err
    return said


def tags(case: Path, *given: object) -> list[dict[str, Any]]:
    return workbench("tag", case, "--json", *given).lines


def test_an_override_is_not_lost_by_saying_it_again_taking_back_or_another_name(demo: Path) -> None:
    event = read(demo)
    ref, key = event["ref"], event["credential"]
    tag(demo, ref, "--as", "unproven")
    assert "blank" in tag(demo, ref, "--as", "attributed", "--override", "  ", status=1).err
    name = tag(demo, ref, "--as", "attributed", "--override", "The deadline is near.").out.decode().strip()
    said = tag(demo, ref, "--as", "attributed")
    assert "an override stays on it: “The deadline is near.”" in said.err
    (made,) = tags(demo)
    assert made["override"] == "The deadline is near."
    assert f"{name} version 2" in made["carried"]
    assert any("P2" in each for each in made["overrode"])
    assert not made["released"]
    workbench("tag", demo, "--reaffirm", name, "--reason", "It is as it was.")
    assert tags(demo)[0]["override"]
    workbench("tag", demo, "--retract", name, "--reason", "To begin anew.")
    assert tags(demo) == []
    tag(demo, ref, "--as", "attributed", "--subject", key)
    assert tags(demo)[0]["override"] == "The deadline is near."
    shown = workbench("tag", demo).out.decode()
    assert "OVERRIDE" in shown
    assert "carried     the override was given for" in shown


def test_what_was_unproven_and_taken_back_or_named_otherwise_is_not_attributed_in_one_step(
    demo: Path,
) -> None:
    event = read(demo)
    ref = event["ref"]
    name = tag(demo, ref, "--as", "unproven").out.decode().strip()
    assert "P2" in tag(demo, ref, "--as", "attributed", "--subject", event["credential"], status=1).err
    workbench("tag", demo, "--retract", name, "--reason", "It stands in the way.")
    assert "P2" in tag(demo, ref, "--as", "attributed", status=1).err
    stranger = next(
        each["ref"]
        for each in workbench("events", demo, "verb:read", "--json").lines
        if each["identity"] != event["identity"] and event["identity"] not in str(each["resources"])
    )
    said = tag(demo, ref, "--as", "attributed", "--cite", ref, "--cite", stranger, status=1)
    assert "P2" in said.err


def test_a_subject_is_kept_as_it_was_typed_and_what_it_is_taken_as_is_said(demo: Path) -> None:
    event = read(demo)
    canonical = event["identity"]
    typed = canonical.rpartition("/")[2].upper()
    said = tag(demo, event["ref"], "--as", "inferred", "--subject", typed, "--level", "account-holder")
    assert "taken as" not in said.err
    assert tags(demo)[0]["subject"] == typed
    said = tag(demo, event["ref"], "--as", "attributed", "--subject", typed, "--level", "credential")
    made = tags(demo)[-1]
    if made["subject"] != typed:
        assert made["typed"] == typed
        assert f"“{typed}” is taken as {canonical} (level credential only)" in said.err


def test_a_document_is_tied_to_its_subject_by_whoever_cites_it(demo: Path, tmp_path: Path) -> None:
    event = "55e01f21:10083"  # of a session whose opening is proven
    menu = tmp_path / "menu.txt"
    menu.write_text("Monday: soup. Tuesday: pasta.")
    assert workbench("add", demo, menu, "--kind", "document").status == 0
    given = (
        event,
        "--as",
        "attributed",
        "--level",
        "account-holder",
        "--subject",
        "Zoe Zebra",
        "--cite",
        event,
    )
    said = tag(demo, *given, "--cite", "menu.txt", status=1)
    assert "nothing ties what is cited, menu.txt, to Zoe Zebra" in said.err
    assert 'as "menu.txt: a sentence' in said.err
    assert "A2" in tag(demo, *given, "--shows", "menu.txt: it lists soup and pasta", status=1).err
    assert tag(demo, *given, "--shows", "menu.txt", status=2).err
    assert "is no document" in tag(demo, *given, "--shows", f"{event}: Zoe Zebra did it", status=2).err
    tag(demo, *given, "--shows", "menu.txt: Zoe Zebra signed for the soup", "--examiner", "R. Doe")
    shown = " ".join(workbench("tag", demo).out.decode().split())
    assert "by the document menu.txt, which, R. Doe says, shows: Zoe Zebra signed for the soup" in shown


def test_the_numbers_of_a_review_are_possible_and_errors_stand(demo: Path) -> None:
    query = "session:S-e7a40f395b33 credential:*"
    name = tag(demo, "--filter", query, "--as", "attributed", "--instead", "Nobody else").out.decode().strip()
    events = tags(demo)[0]["events"]
    assert events > 1

    def review(sampled: int, errors: int, who: str = "B. Second") -> Said:
        return workbench(
            "tag", demo, "--review", name, "--sampled", sampled, "--errors", errors, "--examiner", who
        )

    def lacking() -> list[str]:
        return [each["lacks"] for each in tags(demo)[0]["lacks"] if each["rule"] == "P5"]

    assert "cannot have been looked at" in review(events + 1, 0).err
    assert "cannot have been wrong" in review(1, 2).err
    assert review(events, 1).status == 0
    assert review(events, 0).status == 0
    assert any(f"B. Second found 1 of {events} wrong" in each for each in lacking())
    workbench("tag", demo, "--reaffirm", name, "--reason", "It is as it was.")
    assert review(events, 0).status == 0
    assert any(f"B. Second found 1 of {events} wrong" in each for each in lacking())
    tag(
        demo,
        "--supersede",
        name,
        "--as",
        "attributed",
        "--answers",
        "The one is another key of hers: see the issue record.",
    )
    assert review(events, 0).status == 0
    assert lacking() == []


@pytest.mark.parametrize("taken_back", [True, False])
@pytest.mark.parametrize("way", ["a fuller copy", "withdrawn"])
def test_another_copy_of_the_record_does_not_begin_anew(tmp_path: Path, way: str, taken_back: bool) -> None:
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    workbench("add", case, write(tmp_path / "a.json", trail([record(1, requestParameters=...)])))
    (before,) = workbench("events", case, "", "--json").lines
    name = tag(case, before["ref"], "--as", "unproven").out.decode().strip()
    if taken_back:
        assert workbench("tag", case, "--retract", name, "--reason", "It stands in the way.").status == 0
    workbench("add", case, write(tmp_path / "b.json", trail([record(1)])))
    if way == "withdrawn":
        sha = before["ref"][:12]
        assert workbench("evidence", case, sha, "--withdraw", "--reason", "It stands in the way.").status == 0
    (after,) = workbench("events", case, "", "--json").lines
    assert after["ref"] != before["ref"]
    for cites in ([], ["--cite", before["ref"]], ["--cite", before["ref"], "--cite", after["ref"]]):
        assert "P2" in tag(case, after["ref"], "--as", "attributed", *cites, status=1).err
