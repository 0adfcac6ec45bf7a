"""What may be said not to have happened in the demo case, under every name that people give a thing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.casework.command import Said, workbench
from workbench.casework.demo import build_demo
from workbench.model.gap import GapKind

SECRET = "arn:aws:secretsmanager:us-east-1:555566667777:secret:"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("absence") / "demo.case"
    build_demo(path)
    return path


def absent(case: Path, verb: str, target: str, *more: str) -> Said:
    return workbench("coverage", case, "--absent", verb, target, "--json", *more)


@pytest.mark.parametrize(
    "name",
    [
        SECRET + "prod/db",
        SECRET + "prod/db-hY3kLq",
        SECRET + "PROD/DB",
        SECRET + "prod/*",
        SECRET + "*",
        "prod/db",
        "db-hY3kLq",
    ],
)
def test_a_secret_is_found_under_every_name(demo: Path, name: str) -> None:
    asked = absent(demo, "read_secret", name)
    assert asked.status == 1
    assert asked.object["absence"] == "not statable"
    assert f"50 records of read_secret of {SECRET}prod/db-hY3kLq" in asked.object["sentence"]
    assert asked.object["lacking"] == []


def test_a_secret_that_no_record_names_is_still_absent(demo: Path) -> None:
    asked = absent(demo, "read_secret", SECRET + "prod/dx")
    assert asked.status == 0
    assert asked.object["absence"] == "qualified"


@pytest.mark.parametrize("verb", ["read", "update", "delete"])
@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:s3:::backups",
        "s3://backups",
        "s3://backups/a/key",
        "arn:aws:dynamodb:us-east-1:555566667777:table/t",
    ],
)
def test_what_a_thing_holds_is_recorded_by_data_events(demo: Path, verb: str, name: str) -> None:
    asked = absent(demo, verb, name)
    assert asked.status == 1
    assert asked.object["absence"] == "not statable"
    kinds = {each["id"]: each["kind"] for each in workbench("gaps", demo, "--json").lines}
    assert GapKind.NO_DATA_EVENTS.value in {kinds[gap] for gap in asked.object["gaps"]}


def test_a_type_counts_what_acts_upon_such_a_thing(demo: Path) -> None:
    """Not all that the log holds of the verb; what no record names is told of by service and verb, and says so."""
    secrets = absent(demo, "read", "kubernetes:secrets")
    assert secrets.object["absence"] == "not statable"
    assert "There is 1 record of read of kubernetes:secrets" in secrets.object["sentence"]
    nodes = absent(demo, "delete", "kubernetes:secrets")
    assert nodes.object["absence"] == "qualified"
    unknown = absent(demo, "read", "kubernetes:flywheels")
    assert unknown.object["absence"] == "not statable"
    assert "no record names a thing of the type kubernetes:flywheels" in unknown.object["sentence"]


@pytest.mark.parametrize(
    ("verb", "name", "kind"),
    [
        ("authenticate", "arn:aws:iam::222233334444:role/*", "iam:role"),
        ("read", "arn:aws:s3:::*", "s3:bucket"),
        ("read_secret", SECRET + "*", "secretsmanager:secret"),
        ("read", "arn:aws:logs:us-east-1:222233334444:log-group:*", "logs:log-group"),
    ],
)
def test_a_pattern_counts_the_records_that_name_such_a_thing(
    demo: Path, verb: str, name: str, kind: str
) -> None:
    """Counted anew from the events, by type alone: a role is no user, and a record that names nothing is not counted."""
    verbs = "verb:(read OR read_secret)" if verb == "read" else f"verb:{verb}"
    account = "222233334444" if "222233334444" in name else "*"
    events = workbench("events", demo, f"{verbs} AND account:{account}", "--json").lines
    naming = [
        each
        for each in events
        if any(
            one["type"] == kind
            and (not one["name"].startswith("arn:") or account in ("*", *one["name"].split(":")))
            for one in each["resources"]
        )
    ]
    said = absent(demo, verb, name).object["sentence"]
    if naming:
        assert f"There are {len(naming)} records of {verb} of " in said or (
            len(naming) == 1 and "There is 1 record" in said
        )
    else:
        assert "There " not in said


@pytest.mark.parametrize("target", ["arn:aws:ec2:us-east-1:222233334444:volume/*", "ec2:volume"])
def test_records_that_name_nothing_are_told_as_such(demo: Path, target: str) -> None:
    """DescribeVolumes names no volume: that one was read is neither shown nor ruled out."""
    asked = absent(demo, "read", target)
    assert asked.object["absence"] == "not statable"
    assert "There are" not in asked.object["sentence"]
    assert f"do not tell whether {target} was meant (to check, the first: " in asked.object["sentence"]


def test_no_sentence_is_about_a_type_that_no_log_names(demo: Path) -> None:
    asked = absent(demo, "update", "arn:aws:iam::555566667777:nonsense/*")
    assert asked.object["absence"] == "not statable"
    assert "no record names a thing of the type iam:nonsense" in asked.object["sentence"]


@pytest.mark.parametrize(
    ("target", "nearest"),
    [
        ("user", "iam:user"),
        ("s3 objects", "s3:object"),
        ("roles", "iam:role"),
        ("flywheel", ""),
        ("foo:bar", ""),
    ],
)
def test_what_is_neither_a_name_nor_a_type_is_refused(demo: Path, target: str, nearest: str) -> None:
    asked = absent(demo, "create", target)
    assert (asked.status, asked.out) == (2, b"")
    assert "neither a name as a log writes it nor a type" in asked.err
    assert "write SERVICE:TYPE" in asked.err
    assert nearest in asked.err


def test_hours_that_nothing_shows_are_named(demo: Path) -> None:
    """The trail ends at 11:57:08: of the time after it nothing shows what was recorded."""
    period = ("--from", "2026-05-12T09:00", "--to", "2026-05-12T14")
    asked = absent(demo, "read_secret", SECRET + "prod/dx", *period)
    assert asked.status == 1
    assert asked.object["absence"] == "qualified"
    assert "2026-05-12T11:58:00Z to 2026-05-12T14:59:59.999999Z" in asked.object["sentence"]
    (part,) = asked.object["sources"]
    assert part["not_shown"] == [{"start": "2026-05-12T11:58:00Z", "end": "2026-05-12T14:59:59.999999Z"}]


def test_any_bucket(demo: Path) -> None:
    assert absent(demo, "delete", "arn:aws:s3:::*").object["absence"] == "not statable"
    assert "trail-555566667777" in absent(demo, "read", "arn:aws:s3:::*").object["sentence"]


def test_a_gap_in_the_way_is_no_yes(demo: Path) -> None:
    asked = absent(demo, "delete", "arn:aws:iam::555566667777:role/nobody")
    assert asked.object["gaps"]
    assert asked.status == 1


@pytest.mark.parametrize(
    ("verb", "name", "said"),
    [
        (
            "read_secret",
            "namespaces/pay/secrets/db",
            "1 record of read_secret of namespaces/pay/secrets (the whole",
        ),
        ("delegate", "clusterrolebindings", "1 record of delegate of clusterrolebindings"),
        ("delegate", "clusterrolebindings/any", "1 record of delegate of clusterrolebindings (the whole"),
        ("read", "harbourline/ledger", "22 records of read of harbourline/ledger"),
    ],
)
def test_the_records_on_hand_say_which_log_it_is(demo: Path, verb: str, name: str, said: str) -> None:
    asked = absent(demo, verb, name)
    assert asked.status == 1
    assert said in asked.object["sentence"]
    assert asked.object["sources"]
    assert not any("a log that records such acts" in each for each in asked.object["lacking"])


@pytest.mark.parametrize(
    ("verb", "name", "source"),
    [
        ("read_secret", "namespaces/argo/secrets/db", "k8s.audit"),
        ("delete", "clusterrolebindings", "k8s.audit"),
        ("delete", "harbourline/ledger", "github.audit"),
        ("delete", "harbourline/other", "github.audit"),
    ],
)
def test_what_is_like_it_says_which_log_it_is(demo: Path, verb: str, name: str, source: str) -> None:
    asked = absent(demo, verb, name)
    assert [each["source"] for each in asked.object["sources"]] == [source]
    assert "no log is known" not in asked.object["sentence"]
    assert asked.object["absence"] == "qualified"


def test_times_are_read_as_queries_read_them(demo: Path) -> None:
    asked = absent(
        demo, "read_secret", SECRET + "prod/db", "--from", "2026-05-12T09:00", "--to", "2026-05-12T09"
    )
    assert "from 2026-05-12T09:00:00Z to 2026-05-12T09:59:59.999999Z" in asked.object["sentence"]
    assert workbench("coverage", demo, "--from", "2026-05-12T09:00").status == 0
    wrong = workbench("coverage", demo, "--from", "yesterday")
    assert wrong.status == 2
    assert "is not a time" in wrong.err


@pytest.mark.parametrize("option", [("--as-of", "2026-05-12T11:00Z"), ("--could-reach",)])
def test_no_other_resource_is_shown_for_one_that_is_not_there(demo: Path, option: tuple[str, ...]) -> None:
    asked = workbench("resource", demo, "deplooy", *option)
    assert asked.status == 1
    assert asked.out == b""
    assert "the nearest are R-f1690d6ed244 deploy" in asked.err
    assert workbench("resource", demo, "deploy").status == 0


def test_what_cannot_be_told_stands_under_its_own_heading(demo: Path) -> None:
    told = workbench("changes", demo, "--left-behind").out.decode()
    standing, untold = told.split("whether anything undid it cannot be told: 1")
    assert standing.startswith("nothing in the evidence undid: 1")
    assert "cannot be told" not in standing
    assert "clusterrolebindings" in untold
    assert [
        each["undoing_can_be_told"] for each in workbench("changes", demo, "--left-behind", "--json").lines
    ].count(False) == 1


def test_a_baseline_says_to_the_minute_what_it_rests_on(demo: Path) -> None:
    sessions = [each for each in workbench("sessions", demo, "--json").lines if each.get("start")]
    later = max(sessions, key=lambda each: each["start"])
    told = workbench("diff", demo, later["id"]).out.decode()
    assert "new against records from 2026-05-12 08:00 to 2026-05-12 " in told
    first = workbench("diff", demo, later["id"], "--json").lines[0]
    assert first["first"].startswith("2026-05-12T08:00:0")
    assert first["first"] < first["last"] < first["until"]


def test_what_was_said_of_gaps_is_told_wherever_they_are(demo: Path, tmp_path: Path) -> None:
    case = tmp_path / "demo.case"
    shutil.copy(demo, case)
    target = ("delete", "arn:aws:iam::555566667777:role/nobody")
    (first,) = absent(case, *target).object["gaps"]
    second = next(each["id"] for each in workbench("gaps", case, "--json").lines if each["id"] != first)
    more = ("--reason", "so", "--examiner", "Ada")
    assert workbench("gaps", case, "--dispute", first, *more).status == 0
    assert workbench("gaps", case, "--close", second, *more).status == 0
    told = workbench("coverage", case, "--absent", *target).out.decode()
    assert told.startswith("qualified. You may say:\n")
    assert f"in the way: {first} [disputed]" in told
    assert f"{first} [disputed]" in workbench("coverage", case).out.decode()
    everything = workbench("gaps", case, "--letter", "all", "--examiner", "Ada").out.decode()
    assert second not in everything
    (line,) = [each for each in everything.splitlines() if first in each]
    assert line.endswith("; that it is missing is disputed")
    both = workbench("gaps", case, "--letter", f"{first},{second}", "--examiner", "Ada").out.decode()
    assert first in both
    assert second in both
