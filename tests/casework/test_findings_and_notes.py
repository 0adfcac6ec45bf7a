"""Findings, documents, notes and custody by the command line."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import workbench
from workbench.casework.demo import build_demo
from workbench.casework.note import write_note
from workbench.clock import SECOND, FixedClock

NOON = 1_772_625_600 * SECOND  # 2026-03-04T12:00:00Z


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.case"
    build_demo(path)
    return path


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path / "demo.case"))


def events(case: Path, query: str) -> list[dict[str, Any]]:
    return workbench("events", case, query, "--json").lines


def finding(case: Path, *arguments: object, status: int = 0) -> str:
    said = workbench("finding", case, *arguments)
    assert said.status == status, said.err
    return said.out.decode().strip() if status == 0 else said.err


def read(case: Path) -> tuple[str, str]:
    event = events(case, "action:GetSecretValue kind:human outcome:success")[0]
    return event["ref"], event["resources"][0]["name"]


def test_a_document_is_kept_whole_and_cited_like_a_record(demo: Path, tmp_path: Path) -> None:
    ticket = tmp_path / "CHG-1.json"
    ticket.write_text('{"Records": [{"eventSource": "sts.amazonaws.com"}]}')
    photo = tmp_path / "screen.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    said = workbench("add", demo, ticket, photo, "--kind", "document", "--custodian", "Change board")
    assert said.status == 0
    count = len(events(demo, ""))
    listed = {each["name"]: each for each in workbench("info", demo, "--json").object["evidence"]}
    for path in (ticket, photo):
        item = listed[path.name]
        assert item["dispositions"]["document"] == 1
        assert item["bytes"]["balances"]
        assert item["bytes"]["records"] == path.stat().st_size
        assert item["events"] == 0
    assert "image/png" in listed["screen.png"]["shape"]
    assert len(events(demo, "")) == count
    assert workbench("evidence", demo, "--unread").out == b""
    ref = f"{listed['CHG-1.json']['content_sha256']}:0"
    short = f"{listed['CHG-1.json']['content_sha256'][:8]}:0"
    assert f"document CHG-1.json: cite it as {short}, or by its name" in said.err
    for named in (ref, short, short.partition(":")[0], "CHG-1.json"):
        assert workbench("evidence", demo, named).out == ticket.read_bytes()
    secret, name = read(demo)
    for cited in ("CHG-1.json", ref, short.partition(":")[0]):
        done = workbench(
            "tag", demo, secret, "--as", "inferred", "--cite", cited, "--reason", "The ticket says so."
        )
        assert done.status == 0, done.err
    made = workbench("tag", demo, "--json").lines[0]
    assert made["cites"][0]["kind"] == "document"
    assert made["cites"][0]["source"] == "document of Change board"
    assert workbench("add", demo, ticket, "--kind", "document").status == 0  # known already
    log = next(name for name, item in listed.items() if item["events"])
    assert (
        "is a log"
        in workbench("tag", demo, secret, "--as", "inferred", "--cite", log, "--reason", "a b c").err
    )
    found = finding(
        demo, "--effect", "E2", "--subject", "m.okafor", "--verb", "read_secret", "--object", name, "--cite", secret,
        "--act", "authorised", "--basis", "CHG-1.json",
    )  # fmt: skip
    assert workbench("finding", demo, "--json").object["id"] == found
    assert workbench("evidence", demo, "CHG-1.json", "--withdraw", "--reason", "Wrong ticket.").status == 0
    assert workbench("finding", demo, "--json").object["stale"]


def test_a_finding_says_what_its_level_allows(demo: Path) -> None:
    ref, name = read(demo)
    basic = ["--subject", "m.okafor", "--verb", "read_secret", "--object", name, "--cite", ref]
    assert "E2" in finding(demo, "--effect", "E4", *basic, "--impact", "disclosed", status=1)
    assert "E3: it needs" in finding(demo, "--effect", "E3", *basic, status=1)
    finding(demo, "--effect", "E2", *basic, "--from", "2026-05-12", "--text", "They exfiltrated it.")
    made = workbench("finding", demo, "--json").object
    assert made["statement"].startswith("Access to arn:")
    assert (made["access_observed"], made["impact_proven"]) == ("observed", "not proven")
    assert made["start"] == "2026-05-12T00:00:00Z"
    assert {each["rule"] for each in made["lacks"]} == {"B6", "E2", "P6"}
    shown = workbench("finding", demo).out.decode()
    assert "“They exfiltrated it.”" in shown
    assert "impact      not proven" in shown


def test_a_later_version_takes_over_what_is_not_given(demo: Path) -> None:
    ref, name = read(demo)
    first = finding(
        demo, "--effect", "E1", "--subject", "m.okafor", "--verb", "read_secret", "--object", name, "--cite", ref,
        "--from", "2026-05-12", "--to", "2026-05-12T23:30", "--text", "Her words.", "--likelihood", "likely",
    )  # fmt: skip
    before = workbench("finding", demo, "--json").object
    assert finding(demo, "--supersede", first, "--effect", "E2", "--confidence", "low") == first
    now = workbench("finding", demo, "--json").object
    assert (now["effect"], now["confidence"], now["version"]) == ("E2", "low", 2)
    same = ("subject", "verb", "objects", "start", "end", "authors_text", "likelihood", "authority", "cites")
    assert {each: now[each] for each in same} == {each: before[each] for each in same}
    finding(demo, "--supersede", first, "--to", "2026-05-12")
    assert workbench("finding", demo, "--json").object["end"] == "2026-05-12T23:59:59.999999Z"
    finding(demo, "--effect", "E2", "--subject", "m.okafor", status=2)


def test_a_period_is_said_as_it_was_written(demo: Path) -> None:
    ref, name = read(demo)
    finding(
        demo, "--effect", "E2", "--subject", "m.okafor", "--verb", "read_secret", "--object", name, "--cite", ref,
        "--from", "2026-05-12", "--to", "2026-05-12T23:30",
    )  # fmt: skip
    made = workbench("finding", demo, "--json").object
    assert made["statement"].endswith("between 2026-05-12 and 2026-05-12T23:30Z.")
    assert made["end"] == "2026-05-12T23:30:59.999999Z"


def test_what_can_be_said_instead_of_what_is_not_ruled_out(demo: Path) -> None:
    ref, name = read(demo)
    given = ("--subject", "m.okafor", "--verb", "read", "--object", name, "--cite", ref, "--to", "2026-05-12")
    said = finding(demo, "--effect", "EX", *given, "--coverage", "All of it.", status=1)
    assert "state it as EN with the gaps, or use the sentence as quoted" in said
    gap = workbench("gaps", demo, "--json").lines[0]["id"]
    finding(demo, "--effect", "EN", *given, "--gap", gap)
    made = workbench("finding", demo, "--json").object
    assert made["statement"] == (
        f"Whether any read of {name} by m.okafor happened until 2026-05-12 cannot be determined because of {gap}."
    )


def test_a_finding_can_rest_on_a_tag(demo: Path) -> None:
    ref, name = read(demo)
    tag = (
        workbench("tag", demo, ref, "--as", "attributed", "--reason", "It carries the key.")
        .out.decode()
        .strip()
    )
    finding(
        demo, "--effect", "E2", "--subject", "m.okafor", "--verb", "read", "--object", name, "--cite", tag
    )


SECRET = "arn:aws:secretsmanager:us-east-1:555566667777:secret:prod/db-hY3kLq"
READ, BOUND = "55e01f21:10083", "ff1ddcb6:48349"


def stated(case: Path, effect: str, who: str, verb: str, what: str, *more: object, status: int = 0) -> str:
    given = ("--effect", effect, "--subject", who, "--verb", verb, "--object", what)
    return finding(case, *given, *more, status=status)


@pytest.mark.parametrize(
    "who",
    ["DeployAdmin", "DeployAdmin/deploy", "arn:aws:iam::555566667777:role/DeployAdmin", "ASIAYCWS2TAA7LM3KVHW",
     "S-d8e01bb7c07e", "AROAYCWS2TAARBW3SDSXQ"],
)  # fmt: skip
def test_the_subject_is_called_as_the_record_calls_it(demo: Path, who: str) -> None:
    assert stated(demo, "E2", who, "read_secret", SECRET, "--cite", READ).startswith("F-")


def test_what_the_records_say_otherwise_is_refused_and_can_be_overridden(demo: Path) -> None:
    cited = ["--cite", READ]
    said = stated(demo, "E2", "m.okafor", "read_secret", SECRET, *cited, status=1)
    assert f"{READ} names DeployAdmin/deploy" in said
    # The last part of a role's session is chosen by whoever assumes it.
    stated(demo, "E2", "deploy", "read_secret", SECRET, *cited, status=1)
    said = stated(demo, "E2", "DeployAdmin", "delete", SECRET, *cited, status=1)
    assert f"{READ} is read_secret (GetSecretValue)" in said
    said = stated(demo, "E3", "m.okafor", "delete", "clusterrolebindings", "--cite", BOUND, status=1)
    assert "names system:serviceaccount:pay:runner" in said
    assert "delegate (create clusterrolebindings)" in said
    said = stated(demo, "E2", "DeployAdmin", "read_secret", "prod/db", *cited, status=1)
    assert f"no cited record names prod/db: they name {SECRET}" in said
    first = stated(demo, "E2", "DeployAdmin", "read_secret", SECRET, *cited)
    wrong = [*cited, "--from", "2026-05-13", "--to", "2026-05-14", "--supersede", first]
    said = stated(demo, "E2", "Dana Silva", "read_secret", SECRET, *wrong, status=1)
    assert "subject: " in said
    assert f"{READ} is of 2026-05-12T10:02:10Z" in said
    stated(demo, "E2", "Dana Silva", "read_secret", SECRET, *wrong, "--override", "Her own word.")
    made = workbench("finding", demo, "--json").object
    assert made["override"] == "Her own word."
    (lacking,) = [str(each) for each in made["lacks"] if each["rule"] == "override"]
    assert "names DeployAdmin/deploy" in lacking
    assert "2026-05-12T10:02:10Z" in lacking


def test_a_period_holds_the_whole_of_the_units_it_is_written_with(demo: Path) -> None:
    """As a filter does: the event is of 10:02:10 on the 12th, and ``TO 2026-05-12`` is to the end of that day."""
    given = ("E2", "DeployAdmin", "read_secret", SECRET, "--cite", READ)

    def is_in(query: str) -> bool:
        start = READ.split(":")[1]
        return any(f":{start}+" in each["ref"] for each in events(demo, f"{query} action:GetSecretValue"))

    wanted = {
        "2026-05-12": "2026-05-12T23:59:59.999999Z",
        "2026-05-12T10:02": "2026-05-12T10:02:59.999999Z",
        "2026-05-12T10:02:10": "2026-05-12T10:02:10.999999Z",
        "2026-05-12T10:02:10.000000Z": "2026-05-12T10:02:10Z",
        "2026-05-12T12:02:10.5+02:00": "2026-05-12T10:02:10.599999Z",
    }
    for end, last in wanted.items():
        name = stated(demo, *given, "--from", "2026-05-12", "--to", end)
        (made,) = [each for each in workbench("finding", demo, "--json").lines if each["id"] == name]
        assert (made["start"], made["end"]) == ("2026-05-12T00:00:00Z", last)
        said = end if "T" not in end or end.endswith(("Z", ":00")) else f"{end}Z"
        assert str(made["statement"]).endswith(f" between 2026-05-12 and {said}.")
        # What was committed can be given again and stays what it is.
        assert stated(demo, *given, "--from", "2026-05-12", "--to", last, "--supersede", name) == name
        assert is_in(f"time:[2026-05-12 TO {end}]")
    stated(demo, *given, "--to", "2026-05-12T10:01", status=1)
    assert not is_in("time:[* TO 2026-05-12T10:01]")
    assert "put the earlier time first" in stated(
        demo, *given, "--from", "2026-05-13", "--to", "2026-05-12", "--override", "No.", status=2
    )


def test_a_tag_that_a_document_carries_names_the_subject(demo: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.txt"
    roster.write_text("Dana Silva had the laptop.")
    assert workbench("add", demo, roster, "--kind", "document").status == 0

    def tagged(*more: object) -> str:
        given = (
            "tag", demo, READ, "--subject", "Dana Silva", "--reason", "The roster says so.", "--cite", READ,
        )  # fmt: skip
        made = workbench(*given, *more)
        assert made.status == 0, made.err
        return made.out.decode().strip()

    weak = tagged("--as", "inferred", "--level", "account-holder", "--cite", "roster.txt")
    stated(demo, "E2", "Dana Silva", "read_secret", SECRET, "--cite", weak, status=1)
    forced = tagged("--as", "attributed", "--level", "person", "--cite", "roster.txt", "--override", "Hurry.")
    stated(demo, "E2", "Dana Silva", "read_secret", SECRET, "--cite", forced, status=1)
    signed = tmp_path / "signed.txt"
    signed.write_text("Dana Silva had the laptop. Signed by HR.")
    assert workbench("add", demo, signed, "--kind", "document").status == 0
    sound = workbench(
        "tag", demo, READ, "--subject", "Dana Silva", "--as", "attributed", "--level", "account-holder", "--supersede",
        weak, "--cite", READ, "--shows", "signed.txt: HR signed that Dana Silva had the laptop.", "--reason",
        "The signed roster says so.",
    )  # fmt: skip
    assert sound.status == 0, sound.err
    stated(demo, "E2", "Dana Silva", "read_secret", SECRET, "--cite", READ, "--cite", weak)


def test_a_gap_makes_it_undeterminable_and_is_no_ruling_out(demo: Path) -> None:
    gap = workbench("gaps", demo, "--json").lines[0]["id"]
    bucket = "arn:aws:s3:::backups"
    assert stated(demo, "EN", "anyone", "read", bucket, "--gap", gap).startswith("F-")
    assert gap in workbench("finding", demo, "--json").object["statement"]
    stated(demo, "EN", "anyone", "read", bucket, "--cite", READ, status=1)
    said = stated(demo, "EX", "anyone", "read", bucket, "--gap", gap, status=1)
    assert "what was logged throughout" in said
    said = stated(demo, "EX", "anyone", "read", bucket, "--gap", gap, "--coverage", "all", status=1)
    assert "a period without gaps" in said
    assert "the logs allow this:" in said
    assert workbench("coverage", demo, "--absent", "read", bucket, "--json").object["sentence"] in said
    assert gap in said


def test_what_cannot_be_ruled_out_without_gaps_derived(demo: Path) -> None:
    ref, name = read(demo)
    said = finding(
        demo, "--effect", "EX", "--subject", "m.okafor", "--verb", "delete", "--object", name, "--cite", ref, "--coverage", "all",
        status=1,
    )  # fmt: skip
    assert "EX" in said


def test_findings_are_superseded_signed_and_taken_back(demo: Path) -> None:
    ref, name = read(demo)
    basic = ["--subject", "m.okafor", "--verb", "read", "--object", name, "--cite", ref]
    first = finding(demo, "--effect", "E2", *basic)
    assert finding(demo, "--effect", "E1", *basic, "--supersede", first) == first
    assert [each["effect"] for each in workbench("finding", demo, "--json").lines] == ["E1"]
    assert [each["effect"] for each in workbench("finding", demo, "--history", first, "--json").lines] == [
        "E2",
        "E1",
    ]
    assert workbench("finding", demo, "--review", first, "--examiner", "B").status == 0
    assert workbench("finding", demo, "--retract", first, "--reason", "Twice.").status == 0
    assert workbench("finding", demo, "--json").lines == []


def test_late_entries_say_so(demo: Path) -> None:
    def late(refers_to: str | None) -> str | None:
        write_note(demo, "Called the duty engineer.", actor="R", refers_to=refers_to, clock=FixedClock(NOON))
        value = workbench("note", demo, "--json").lines[-1]["late"]
        return None if value is None else str(value)

    assert late(None) is None
    assert late("2026-03-04T11:50") is None
    assert late("2026-03-04T11:45") is None
    assert late("2026-03-04T11:44") == "late entry, 16 min"
    assert late("2026-03-04T08:30") == "late entry, 3 h"
    assert late("2026-02-20") == "late entry, 12 d"
    assert late("2026-03-04T12:00") is None
    assert late("2026-03-04T12:01") == late("2026-03-05") == "refers to a time after it was written"
    assert "(refers to a time after it was written)" in workbench("note", demo).out.decode()


def test_notes_are_found_without_accents_and_with_them(case: Path) -> None:
    for text in ("They met at the café.", "Cafe\u0301 again.", "ＣＡＦＥ, full width.", "No tea."):
        assert workbench("note", case, text).status == 0
    for words in ("cafe", "café", "CAFE\u0301", "ｃａｆé"):
        assert len(workbench("note", case, "--search", words, "--json").lines) == 3


def test_notes_are_found_linked_corrected_and_kept(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ref, _ = read(demo)
    first = workbench("note", demo, f"# Deploy\n\nSee {ref} and 00000000:1.", "--on", "S-e7a40f395b33")
    assert first.status == 0
    name = first.out.decode().strip()
    monkeypatch.setattr(sys, "stdin", io.StringIO("Nothing else\nto say."))
    from click.testing import CliRunner

    from workbench.cli import main

    assert CliRunner().invoke(main, ["note", str(demo), "-"], input="From a pipe.\n").exit_code == 0
    one, two = workbench("note", demo, "--json").lines
    assert [each["kind"] for each in one["on"]] == ["session", "event"]
    assert two["text"] == "From a pipe."
    assert [each["id"] for each in workbench("note", demo, "--search", "DEPLOY see", "--json").lines] == [
        name
    ]
    assert workbench("note", demo, "--search", "deploy pipe", "--json").lines == []
    assert workbench("note", demo, "# Deploy\n\nNone.", "--supersede", name).out.decode().strip() == name
    assert len(workbench("note", demo, "--json").lines) == 2
    history = workbench("note", demo, "--history", name, "--json").lines
    assert [each["stands"] for each in history] == [False, True]
    assert workbench("note", demo, "   ").status == 2
    assert workbench("note", demo, "x", "--refers-to", "yesterday").status == 2
    assert workbench("note", demo, "x", "--on", "T-000000000000").status == 2


def test_a_correction_is_about_what_the_note_was_about(demo: Path) -> None:
    ref = workbench("events", demo, "verb:read_secret", "--json").lines[0]["ref"]
    first = workbench("note", demo, "They called.", "--refers-to", "2026-05-12T09:00", "--on", ref)
    workbench("note", demo, "They called twice.", "--supersede", first.out.decode().strip())
    (note,) = workbench("note", demo, "--json").lines
    assert (note["version"], note["refers_to"]) == (2, "2026-05-12T09:00:00Z")
    assert [each["ref"] for each in note["on"]] == [ref]
    assert note["late"]
    workbench("note", demo, "It was later.", "--supersede", note["id"], "--refers-to", "2026-05-12T10:00")
    (note,) = workbench("note", demo, "--json").lines
    assert note["refers_to"] == "2026-05-12T10:00:00Z"


def test_a_finding_that_goes_stale_is_announced(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "CHG-1.txt").write_text("The key is rotated on Tuesdays.", encoding="utf-8")
    workbench("add", demo, tmp_path / "CHG-1.txt", "--kind", "document")
    event = workbench("events", demo, "verb:read_secret", "--json").lines[0]
    made = workbench("finding", demo, "--effect", "E2", "--subject", event["identity"], "--verb", "read_secret",
                     "--object", event["resources"][0]["name"], "--cite", event["ref"], "--act", "authorised",
                     "--basis", "CHG-1.txt")  # fmt: skip
    assert made.status == 0, made.err
    name = made.out.decode().strip()
    assert workbench("finding", demo, "--stale").status == 0
    said = workbench("evidence", demo, "CHG-1.txt", "--withdraw", "--reason", "It was another change.")
    assert f"stale: {name} (E2 {event['identity']}):" in said.err
    stale = workbench("finding", demo, "--stale", "--json")
    assert (stale.status, [each["id"] for each in stale.lines]) == (1, [name])


def test_what_was_objected_to_says_that_it_is_blocked(demo: Path) -> None:
    ref = workbench("events", demo, "verb:read_secret", "--json").lines[0]["ref"]
    made = workbench("tag", demo, ref, "--as", "attributed", "--reason", "The record itself carries the key.")
    name = made.out.decode().strip()
    said = workbench(
        "tag", demo, "--review", name, "--dissent", "It was a test.", "--examiner", "Somebody Else"
    )
    assert said.status == 0, said.err
    shown = workbench("tag", demo).out.decode()
    assert "blocked     Somebody Else objects: It was a test." in shown
    assert "released" not in shown


def test_custody(demo: Path) -> None:
    step = [
        "disk 4711",
        "--from",
        "A. Admin",
        "--to",
        "R. Doe",
        "--at",
        "2026-03-05T09:30",
        "--how",
        "sealed bag",
    ]
    assert workbench("custody", demo, "disk 4711", "--from", "A. Admin").status == 2
    name = workbench("custody", demo, *step).out.decode().strip()
    made = workbench("custody", demo, "--json").object
    assert (made["id"], made["from"], made["to"], made["at"]) == (
        name,
        "A. Admin",
        "R. Doe",
        "2026-03-05T09:30:00Z",
    )
    assert (
        workbench("custody", demo, *step, "--supersede", name, "--on", "kube-apiserver-audit-a.log.gz").status
        == 0
    )
    assert (
        workbench("custody", demo, "--json").object["on"][0]["says"].endswith("kube-apiserver-audit-a.log.gz")
    )
    assert "A. Admin → R. Doe" in workbench("custody", demo).out.decode()
