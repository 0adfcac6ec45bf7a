"""Gaps of whole cases: whatever the order and the cut of the evidence; real logs; words on gaps; the commands."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.casework.command import workbench
from tests.casework.test_derive import case_of, files_of
from tests.coverage.authority import record
from workbench.casefile.reader import CaseReader
from workbench.casework.coverage import coverage_matrix
from workbench.casework.gaps import GapWord, decide_gap, gap_decisions, standing
from workbench.casework.new_case import new_case
from workbench.errors import UnknownReferenceError, WorkbenchError
from workbench.model.gap import GapKind
from workbench.sources.registry import READERS

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
FIELDS = {
    *(
        "id",
        "kind",
        "source",
        "scope",
        "start",
        "end",
        "certainty",
        "detected_by",
        "evidence",
        "effect",
        "request",
    ),
}
"""What scripts may rely on."""


def covered(case: Path) -> dict[str, Any]:
    """Gaps and coverage without the row numbers that differ from case to case."""
    with CaseReader.open(case) as reader:
        native = dict(reader._connection.execute("SELECT id, ifnull(native_id, start) FROM event").fetchall())
        gaps = []
        for gap in reader.coverage.gaps():
            plain = msgspec.to_builtins(gap)
            plain["evidence"] = [str(native[event]) for event in gap.evidence]
            gaps.append(plain)
        return {
            "gaps": gaps,
            "streams": msgspec.to_builtins(reader.coverage.streams()),
            "acts": msgspec.to_builtins(reader.coverage.acts()),
            "validation": msgspec.to_builtins(reader.coverage.validation()),
        }


@pytest.mark.parametrize("incident", ["harbourline", "tallowmere", "quillbank"])
def test_order_and_grouping_do_not_matter(incident: str, tmp_path: Path) -> None:
    """Also: bringing gaps up to date after each addition equals deriving them once."""
    files = files_of(incident)
    expected = covered(case_of(tmp_path / "whole.case", [files]))
    shuffled = random.Random(5).sample(files, len(files))
    cut = len(files) // 3
    groups = [shuffled[:cut], shuffled[cut : 2 * cut], shuffled[2 * cut :]]
    found = covered(case_of(tmp_path / "parts.case", groups))
    assert found == expected


def test_the_figures_of_real_logs(tmp_path: Path, datasets: Path) -> None:
    """Two logins, one region, no data events, hidden bodies, a rewritten account; and what was done to trails and grants."""
    case_of(tmp_path / "a.case", [[datasets / "invictus-aws"]])
    with CaseReader.open(tmp_path / "a.case") as reader:
        gaps = reader.coverage.gaps()
    rules = Counter(gap.rule for gap in gaps)
    assert rules == {
        "console-without-sign-in": 2,
        "one-region": 1,
        "data-events-absent": 1,
        "value-withheld": 5,
        "account-rewritten": 1,
        "account-without-log": 3,
        "logging-off": 5,
    }
    by_rule = {gap.rule: gap for gap in gaps}
    sessions = sorted(gap.scope.subject or "" for gap in gaps if gap.rule == "console-without-sign-in")
    assert [each.rpartition("/")[2] for each in sessions] == [
        "benjamin 2023-07-10T11:42:31Z",
        "bert-jan 2023-07-10T12:13:16Z",
    ]
    assert by_rule["one-region"].scope.beside == ("us-east-1",)
    assert "676 records" in by_rule["account-rewritten"].detected
    hidden = {gap.scope.actions[0]: gap.detected for gap in gaps if gap.rule == "value-withheld"}
    assert hidden["PutParameter"].startswith("42 records")
    assert "SendCommand" in hidden
    trails = [gap for gap in gaps if gap.rule == "logging-off" and "trail" in gap.scope.text]
    # The attack made these trails itself and another one went on recording: nothing is shown to be missing.
    assert {gap.certainty.value for gap in trails} == {"possible"}
    # StopLogging and one DeleteTrail failed: what did not happen is no gap.
    assert not any("ct-stop" in gap.scope.text or "aueolsaccp" in gap.scope.text for gap in gaps)


@pytest.fixture(scope="module")
def tallowmere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return case_of(tmp_path_factory.mktemp("gaps") / "a.case", [files_of("tallowmere")])


def test_a_word_on_a_gap_is_journalled_and_superseded(tmp_path: Path) -> None:
    case = case_of(tmp_path / "a.case", [files_of("harbourline")])
    with CaseReader.open(case) as reader:
        gap = next(each for each in reader.coverage.gaps() if each.kind is GapKind.NO_DATA_EVENTS)
    first = decide_gap(
        case, actor="R. Doe", gap=gap.id, word=GapWord.DISPUTED, reason="data events may be elsewhere"
    )
    second = decide_gap(
        case, actor="R. Doe", gap=gap.id[:9], word=GapWord.ACCEPTED, reason="the custodian has none"
    )
    with CaseReader.open(case) as reader:
        said = gap_decisions(reader)
        assert reader.coverage.gaps()  # they stay as they were found
    assert [each.superseded_by for each in said] == [second.seq, None]
    assert standing(said)[gap.id].word is GapWord.ACCEPTED
    assert first.rule == f"{gap.rule} {gap.version}"
    with pytest.raises(WorkbenchError):
        decide_gap(case, actor="R. Doe", gap=gap.id, word=GapWord.CLOSED, reason=" ")
    with pytest.raises(UnknownReferenceError):
        decide_gap(case, actor="R. Doe", gap="G-nothing", word=GapWord.CLOSED, reason="x")


def test_gaps_as_json_have_the_names_that_scripts_rely_on(tallowmere: Path) -> None:
    lines = workbench("gaps", tallowmere, "--json").lines
    assert len(lines) == 10
    for each in lines:
        assert each.keys() >= FIELDS
        for reference in each["evidence"][:2]:
            assert workbench("evidence", tallowmere, reference).status == 0
    only = workbench("gaps", tallowmere, "--json", "--kind", "logging_off").lines
    assert [each["sure_start"] for each in only] == ["2026-06-09T11:42:10Z"]


def test_a_letter_asks_for_what_closes_a_gap(tallowmere: Path) -> None:
    gap = workbench("gaps", tallowmere, "--json", "--kind", "logging_off").lines[0]["id"]
    done = workbench(
        "gaps", tallowmere, "--letter", gap, "--to", "Cloud team \x1b[2J", "--examiner", "R. Doe"
    )
    assert done.status == 0
    assert gap.encode() in done.out
    assert b"lookup-events" in done.out
    assert b"\x1b" not in done.out
    assert workbench("gaps", tallowmere, "--letter", "G-none").status == 2


def test_a_word_from_the_command_line(tmp_path: Path) -> None:
    case = case_of(tmp_path / "a.case", [files_of("harbourline")[:4]])
    gap = workbench("gaps", case, "--json").lines[0]["id"]
    assert workbench("gaps", case, "--close", gap).status == 2
    assert (
        workbench("gaps", case, "--close", gap, "--reason", "it came by mail", "--examiner", "R. Doe").status
        == 0
    )
    line = next(each for each in workbench("gaps", case, "--json").lines if each["id"] == gap)
    assert [each["decision"] for each in line["decisions"]] == ["closed"]
    assert b"[closed]" in workbench("gaps", case).out


def test_coverage_is_told_stretch_by_stretch(tallowmere: Path) -> None:
    lines = workbench("coverage", tallowmere, "--json").lines
    trail = next(each for each in lines if each["source"] == "aws.cloudtrail" and each["events"])
    assert sum(cell["events"] for cell in trail["cells"]) == trail["events"] == 697
    assert {"received", "off", "hole"} >= {cell["state"] for cell in trail["cells"]}
    starts = [cell["start"] for cell in trail["cells"]]
    assert starts == sorted(starts)
    drawn = workbench("coverage", tallowmere).out.decode()
    assert "×" in drawn
    assert "▒" in drawn


def test_coverage_of_a_period(tallowmere: Path) -> None:
    lines = workbench(
        "coverage", tallowmere, "--from", "2026-06-09T11:45", "--to", "2026-06-09T12:00", "--json"
    ).lines
    trail = next(each for each in lines if each["source"] == "aws.cloudtrail" and each["events"])
    assert [cell["state"] for cell in trail["cells"]][-1] == "off"
    assert workbench("coverage", tallowmere, "--from", "when it rained").status == 2


def test_digests_are_told_file_by_file(tallowmere: Path) -> None:
    lines = workbench("coverage", tallowmere, "--digests", "--json").lines
    assert [each["state"] for each in lines if "file" in each].count("missing") == 1
    assert {each["signature"] for each in lines if "digest" in each} == {
        "no public key on hand",
        "no signature on hand",
    }


def test_what_may_be_said_of_an_absence(tallowmere: Path) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:333344445555:secret:"
    never = workbench("coverage", tallowmere, "--absent", "read_secret", f"{secret}never/*", "--json")
    assert never.status == 1, "a gap lies in the way"
    assert never.object["absence"] == "qualified"
    kinds = {each["id"]: each["kind"] for each in workbench("gaps", tallowmere, "--json").lines}
    assert {kinds[gap] for gap in never.object["gaps"]} == {"missing_file", "logging_off"}
    assert "aws.cloudtrail" in never.object["sentence"]
    there = workbench("coverage", tallowmere, "--absent", "read_secret", f"{secret}claims/*", "--json")
    assert there.status == 1
    assert there.object["absence"] == "not statable"
    objects = workbench("coverage", tallowmere, "--absent", "read", "s3:object", "--json")
    assert objects.status == 1
    assert "neither shown nor ruled out" in objects.object["sentence"]
    assert workbench("coverage", tallowmere, "--absent", "steal", "x").status == 2


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.source)
def test_there_is_a_checklist_for_every_log(reader: Any) -> None:
    done = workbench("checklist", reader.source, "--json")
    assert done.status == 0
    (told,) = [line for line in done.lines if line["source"] == reader.source]
    assert told["ask"]


def test_the_checklist_of_a_case_and_of_what_is_not_known(tallowmere: Path) -> None:
    told = workbench("checklist", tallowmere).out.decode()
    assert "head-object" in told
    assert "Okta" in told
    assert "Vault" not in told
    assert workbench("checklist", "nothing.like.it").status == 2


def test_a_case_without_evidence_has_no_coverage(tmp_path: Path) -> None:
    new_case(tmp_path / "a.case", title="t", examiner="t")
    assert workbench("gaps", tmp_path / "a.case").status == 0
    assert workbench("coverage", tmp_path / "a.case").status == 0
    with CaseReader.open(tmp_path / "a.case") as reader:
        assert coverage_matrix(reader.coverage).rows == []


def test_times_at_the_ends_of_the_calendar(tmp_path: Path) -> None:
    """A log can hold any time that can be written; nothing that is counted from it may fall off the calendar."""
    records = []
    for number, time in enumerate(("0001-01-01T00:00:01Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z")):
        made = record(1, 10, number)
        made["eventTime"] = time
        records.append(made)
    (tmp_path / "in.json").write_text(json.dumps({"Records": records}))
    case = case_of(tmp_path / "a.case", [[tmp_path / "in.json"]])
    assert workbench("coverage", case).status == 0
    lines = workbench("coverage", case, "--json").lines
    assert sum(cell["events"] for cell in lines[0]["cells"]) == 3
    assert workbench("gaps", case).status == 0
    asked = workbench("coverage", case, "--absent", "read", "arn:aws:iam::111122223333:role/x", "--json")
    assert asked.object["absence"] == "qualified"
