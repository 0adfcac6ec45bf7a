"""The sample incident against its ground truth, which was written from the story and not by reading the files."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import ROOT, workbench

SAMPLES = ROOT / "sample_logs"
Line = dict[str, Any]


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return json.loads((SAMPLES / "truth.json").read_text())


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("truth") / "samples.case"
    assert workbench("new", path, "--title", "Samples").status == 0
    assert workbench("add", path, SAMPLES / "evidence").status == 0
    return path


@pytest.fixture(scope="module")
def info(case: Path) -> dict[str, Any]:
    return workbench("info", case, "--json").object


@pytest.fixture(scope="module")
def lines(case: Path) -> list[Line]:
    return workbench("events", case, "disposition:*", "--json").lines


@pytest.fixture(scope="module")
def by_id(lines: list[Line]) -> dict[str, Line]:
    """The primary events; every event of the samples has an id, and each id one primary."""
    primary = [line for line in lines if line["disposition"] == "primary"]
    found = {line["native_id"]: line for line in primary}
    assert len(found) == len(primary)
    return found


def test_totals(info: dict[str, Any], truth: dict[str, Any]) -> None:
    total, expected = info["total"], truth["totals"]
    assert len({item["delivered_sha256"] for item in info["evidence"]}) == expected["files"]
    assert total["files"] == len(info["evidence"]) == expected["contents"]
    assert total["records"] == expected["records"] + expected["digest_files"]
    assert total["rejected_ranges"] == expected["damaged_records"]
    assert total["dispositions"] == {
        "primary": expected["distinct_events"],
        "duplicate": expected["repeats"] - expected["altered_repeats"],
        "conflict": expected["altered_repeats"],
        "digest": expected["digest_files"],
        "continuation": 0,
        "unrecognised": 0,
        "snapshot": 0,
    }
    assert total["balances"]
    assert total["events"] == expected["distinct_events"] + expected["altered_repeats"]
    assert [total["first"][:19] + "Z", total["last"][:19] + "Z"] == [
        expected["first_time"],
        expected["last_time"],
    ]
    assert total["undated"] == 0


def test_every_file_holds_the_records_it_should(
    info: dict[str, Any], lines: list[Line], truth: dict[str, Any]
) -> None:
    read: dict[str, list[str]] = {item["name"]: [] for item in info["evidence"]}
    for line in sorted(lines, key=lambda line: int(re.split(r"[:+#]", line["ref"])[1])):
        read[line["evidence"]].append(line["native_id"])
    assert read == {name: facts["event_ids"] for name, facts in truth["files"].items()}
    rejected = {item["name"]: item["rejected_ranges"] for item in info["evidence"] if item["rejected_ranges"]}
    assert rejected == {
        name: len(facts["damaged"]) for name, facts in truth["files"].items() if "damaged" in facts
    }


def test_repeats_and_the_altered_one(lines: list[Line], truth: dict[str, Any]) -> None:
    copies = Counter(line["native_id"] for line in lines)
    assert {number: count for number, count in copies.items() if count > 1} == truth["repeated"]
    (expected,) = truth["conflicts"]
    (conflict,) = (line for line in lines if line["disposition"] == "conflict")
    (primary,) = (
        line
        for line in lines
        if line["native_id"] == expected["event_id"] and line["disposition"] == "primary"
    )
    # Which copy is the true one is not for a reader to say: both are shown.
    assert conflict["native_id"] == expected["event_id"]
    assert {conflict["address"], primary["address"]} == {expected["original"], expected["altered"]}
    altered = conflict if conflict["address"] == expected["altered"] else primary
    assert altered["evidence"] == expected["altered_in"]


def test_twins_name_each_other(by_id: dict[str, Line], truth: dict[str, Any], info: dict[str, Any]) -> None:
    expected = {
        number: set(twin["event_ids"]) - {number} for twin in truth["twins"] for number in twin["event_ids"]
    }
    id_of = {line["ref"]: number for number, line in by_id.items()}
    found = {number: {id_of[ref] for ref in line["twins"]} for number, line in by_id.items() if line["twins"]}
    assert found == expected
    assert info["total"]["replicas"] == len(expected)


def test_counts(by_id: dict[str, Line], truth: dict[str, Any]) -> None:
    # A version that AWS writes behind the name of a Lambda operation is no part of the operation's name.
    operations: Counter[str] = Counter()
    for name, count in truth["by_event_name"].items():
        operations[re.sub(r"20\d{6}(v\d+)?$", "", name)] += count
    insights = operations.pop("")
    found = Counter(line["action"] for line in by_id.values() if line["category"] != "Insight")
    assert found == operations
    assert sum(line["category"] == "Insight" for line in by_id.values()) == insights
    for field, key in (("account", "by_account"), ("region", "by_region")):
        assert Counter(line[field] for line in by_id.values()) == truth[key]
    # The Athena table has no column for the category: what no copy of an event says is null and not guessed.
    silent = {number for number, line in by_id.items() if line["category"] is None}
    told = {
        number
        for name, file in truth["files"].items()
        if file["form"] != "athena-csv"
        for number in file["event_ids"]
    }
    assert silent == by_id.keys() - told
    assert Counter(line["category"] for line in by_id.values() if line["category"]) <= Counter(
        truth["by_category"]
    )


def test_key_events(by_id: dict[str, Line], truth: dict[str, Any]) -> None:
    wrong = {}
    for name, expected in truth["key_events"].items():
        line = by_id[expected["event_id"]]
        action = expected["action"] and re.sub(r"20\d{6}(v\d+)?$", "", expected["action"])
        wanted = {
            "action": action,
            "verb": expected["verb"],
            "outcome": expected["outcome"],
            "identity_kind": expected["identity_kind"],
            "tampers_logging": expected.get("tampers_logging"),
        }
        for field, value in wanted.items():
            if value is not None and line[field] != value:
                wrong[f"{name}.{field}"] = (line[field], value)
    assert wrong == {}


def test_the_chain_is_in_the_case_in_its_order(by_id: dict[str, Line], truth: dict[str, Any]) -> None:
    times = [by_id[step["event_id"]]["time"] for step in truth["attack_chain"]]
    assert times == sorted(times)


def test_what_no_file_shows_is_not_there(by_id: dict[str, Line], truth: dict[str, Any]) -> None:
    gaps = truth["gaps"]
    absent = gaps["trail_off"]["events_in_no_file"] + gaps["missing_file"]["events_in_no_file"]
    assert absent
    assert not by_id.keys() & set(absent)
