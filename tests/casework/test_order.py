"""Promise 3: the order and the grouping in which files are added make no difference to what is read from them."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.casework import oracle
from tests.casework.command import ROOT, workbench
from tests.casework.logs import compact, lines, record, trail, write
from workbench.casework.add_evidence import AddOptions, add_evidence
from workbench.casework.new_case import new_case

SAMPLES = ROOT / "sample_logs" / "evidence"


def told(case: Path) -> tuple[Any, ...]:
    """Return all that must not depend on the order: contents, events with their dispositions, sums, and what is printed."""
    oracle.check(case)
    # The same content may come packed differently: which of the two is the copy is a matter of order, that one is is not.
    total = workbench("info", case, "--json").object["total"]
    printed = Counter()
    for line in workbench("events", case, "disposition:*", "--json").lines:
        line.pop("evidence")
        printed[repr(sorted(line.items()))] += 1
    return oracle.evidence_by_content(case), oracle.events(case), total, printed


def added(case: Path, groups: list[tuple[list[Path], int | None]]) -> Path:
    new_case(case, title="Order", examiner="Tester")
    for paths, processes in groups:
        add_evidence(case, paths, actor="Tester", options=AddOptions(processes=processes))
    return case


def some_grouping(
    files: list[Path], chance: random.Random, processes: bool
) -> list[tuple[list[Path], int | None]]:
    """Shuffle files and cut them into some calls; now and then a file comes twice, or with its whole folder."""
    files = chance.sample(files, len(files))
    cuts = sorted(chance.sample(range(len(files) + 1), chance.randrange(0, 6)))
    groups = [files[start:end] for start, end in zip([0, *cuts], [*cuts, len(files)], strict=True)]
    groups.insert(chance.randrange(len(groups) + 1), [chance.choice(files)])
    if chance.random() < 0.5:
        groups.insert(chance.randrange(len(groups) + 1), [chance.choice(files).parent])
    return [(group, chance.choice((None, 1, 2)) if processes else None) for group in groups if group]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    return told(added(tmp_path_factory.mktemp("samples") / "in-order.case", [([SAMPLES], None)]))


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(6, 60))]
)
def test_the_samples_in_any_order(tmp_path: Path, samples: tuple[Any, ...], seed: int) -> None:
    chance = random.Random(seed)
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    case = added(tmp_path / "a.case", some_grouping(files, chance, processes=seed % 3 == 2))
    assert told(case) == samples


def test_the_samples_one_by_one(tmp_path: Path, samples: tuple[Any, ...]) -> None:
    files = sorted((path for path in SAMPLES.rglob("*") if path.is_file()), reverse=True)
    assert told(added(tmp_path / "a.case", [([file], None) for file in files])) == samples


def hostile_files(folder: Path) -> list[Path]:
    """Make files in which copies differ in every way that decides a disposition."""
    number = 77
    base = record(number)
    shorter = record(number, userAgent=...)
    lowered = {key.lower(): value for key, value in base.items()}
    altered = record(number, sourceIPAddress="203.0.113.1")
    odd = compact(base).replace(b'"sourceIPAddress"', b'"sourceIPAddress":"203.0.113.2","sourceIPAddress"', 1)
    nameless = trail(record(each, eventID=...) for each in range(20))
    shared = [record(500 + each, sharedEventID=f"shared-{each // 2}") for each in range(4)]
    return [
        write(folder / "base.json", trail([base])),
        write(folder / "shorter.json", trail([shorter])),
        write(folder / "lowered.jsonl", compact(lowered) + b"\n"),
        write(folder / "altered.json", trail([altered, base])),
        write(folder / "altered-again.json", trail([altered, shorter, base])),
        write(folder / "odd.jsonl", odd + b"\n" + odd + b"\n"),
        write(
            folder / "wrapped.jsonl",
            compact({"_source": {"event": {"original": compact(base).decode()}}}) + b"\n",
        ),
        write(folder / "nameless.json", nameless),
        write(folder / "nameless.json.gz", nameless, packed=True),
        write(folder / "nameless-lines.jsonl", lines(record(each, eventID=...) for each in range(20))),
        write(folder / "twins.json", trail(shared[:1] + shared[2:])),
        write(folder / "twin.json", trail(shared[1:2])),
        write(
            folder / "big-numbers.json",
            trail([record(9, requestParameters={"p": '{"n":12345678901234567890123}'})]),
        ),
        write(
            folder / "other-numbers.json",
            trail([record(9, requestParameters={"p": '{"n":12345678901234567890124}'})]),
        ),
        write(folder / "same-id.json", trail([record(each, eventID="1") for each in range(30)])),
        write(folder / "empty-id.json", trail([record(each, eventID="") for each in range(5)])),
        write(folder / "empty.json", b""),
    ]


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(8, 150))]
)
def test_copies_that_differ_in_any_order(tmp_path: Path, seed: int) -> None:
    files = hostile_files(tmp_path / "logs")
    expected = told(added(tmp_path / "in-order.case", [(files, None)]))
    case = added(tmp_path / "a.case", some_grouping(files, random.Random(seed), processes=False))
    assert told(case) == expected


def test_what_becomes_of_copies(tmp_path: Path) -> None:
    """The fullest copy is primary, what says less is a duplicate, whatever says something else is a conflict."""
    files = {path.name: path for path in hostile_files(tmp_path / "logs")}

    def dispositions(*names: str) -> dict[str, int]:
        case = added(tmp_path / f"{'-'.join(names)}.case", [([files[name] for name in names], None)])
        found = workbench("info", case, "--json").object["total"]["dispositions"]
        return {name: count for name, count in found.items() if count}

    assert dispositions("base.json", "shorter.json") == {"primary": 1, "duplicate": 1}
    assert dispositions("base.json", "lowered.jsonl", "wrapped.jsonl") == {"primary": 1, "duplicate": 2}
    assert dispositions("altered.json") == {"primary": 1, "conflict": 1}
    assert dispositions("altered.json", "altered-again.json") == {"primary": 1, "conflict": 1, "duplicate": 3}
    assert dispositions("base.json", "odd.jsonl") == {"primary": 1, "conflict": 1, "duplicate": 1}
    assert dispositions("nameless.json") == {"primary": 20}
    assert dispositions("nameless.json", "nameless.json.gz") == {"primary": 20, "duplicate": 20}
    assert dispositions("nameless.json", "nameless-lines.jsonl") == {"primary": 40}
    assert dispositions("big-numbers.json", "other-numbers.json") == {"primary": 1, "conflict": 1}
    assert dispositions("same-id.json") == {"primary": 1, "conflict": 29}
    assert dispositions("empty-id.json") == {"primary": 5}
