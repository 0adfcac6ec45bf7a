"""Real logs, through the commands a responder types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.casework import oracle
from tests.casework.command import workbench

FIELDS = {
    *(
        "ref",
        "time",
        "time_raw",
        "precision",
        "source",
        "service",
        "action",
        "verb",
        "identity",
        "identity_kind",
    ),
    *(
        "identity_reason",
        "credential",
        "session",
        "address",
        "user_agent",
        "outcome",
        "error",
        "resources",
        "account",
    ),
    *("region", "request_id", "tag"),
}
"""What scripts may rely on."""


@pytest.fixture(scope="module")
def added(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what adds a set to a case of its own, once."""
    folder = tmp_path_factory.mktemp("real")
    made: dict[str, Path] = {}

    def add(name: str) -> Path:
        if name not in made:
            made[name] = folder / f"{name.replace('/', '-')}.case"
            assert workbench("new", made[name], "--title", name).status == 0
            said = workbench("add", made[name], datasets / name)
            assert said.status == 0, said.err
            oracle.check(made[name])
        return made[name]

    return add


def total(case: Path) -> dict[str, Any]:
    return workbench("info", case, "--json").object["total"]


def test_invictus(added: Callable[[str], Path]) -> None:
    case = added("invictus-aws")
    sums = total(case)
    assert sums["balances"]
    assert (sums["events"], sums["rejected_ranges"], sums["replicas"]) == (2_900, 0, 0)
    # The folder also holds a licence: its lines are evidence that no reader knows.
    unread = {
        item["name"]: item["dispositions"]["unrecognised"]
        for item in workbench("info", case, "--json").object["evidence"]
    }
    assert {name for name, count in unread.items() if count} == {"LICENSE"}
    assert {key: count for key, count in sums["dispositions"].items() if count} == {
        "primary": 2_900,
        "unrecognised": unread["LICENSE"],
    }
    assert sum(line["shared_id"] is not None for line in workbench("events", case, "--json").lines) == 36


def test_invictus_query(added: Callable[[str], Path]) -> None:
    case = added("invictus-aws")
    lines = workbench("events", case, "action:GetSecretValue", "--json").lines
    assert len(lines) == 60
    assert all(line["action"] == "GetSecretValue" and line["verb"] == "read_secret" for line in lines)
    assert all(line.keys() >= FIELDS for line in lines)
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert workbench("events", case, "action:GetSecretValue", "--count").out == b"60\n"


@pytest.mark.parametrize(
    ("name", "events"),
    [("stratus-red-team", 310), ("otrf-aws", 103), ("panther-samples/AWS.CloudTrail.jsonl", 243)],
)
def test_other_sets_lose_nothing(added: Callable[[str], Path], name: str, events: int) -> None:
    sums = total(added(name))
    assert sums["balances"]
    assert sums["rejected_ranges"] == 0
    assert sums["bytes"]["rejected"] == 0
    assert sums["dispositions"]["unrecognised"] == 0
    assert sums["records"] == sum(sums["dispositions"].values())
    assert sums["events"] + sums["duplicate_events"] == events


def test_every_record_is_found_again_in_its_file(added: Callable[[str], Path], datasets: Path) -> None:
    case = added("invictus-aws")
    files = {path.name: path.read_bytes() for path in (datasets / "invictus-aws").iterdir()}
    for line in workbench("events", case, "--json").lines[::97]:
        offset, length = (int(part) for part in line["ref"].partition(":")[2].split("+"))
        said = workbench("evidence", case, line["ref"], "--reveal")
        assert said.out == files[line["evidence"]][offset : offset + length]


def test_all_sources_are_kept_without_loss(datasets: Path, tmp_path: Path) -> None:
    """Logs of sources that no reader knows yet are evidence too: every byte is kept and every record counted."""
    case = tmp_path / "all.case"
    workbench("new", case, "--title", "All")
    said = workbench("add", case, datasets / "panther-samples")
    assert said.status == 0
    oracle.check(case)
    sums = total(case)
    assert sums["balances"]
    assert sums["files"] == len(list((datasets / "panther-samples").iterdir()))
    assert sums["rejected_ranges"] == 0
