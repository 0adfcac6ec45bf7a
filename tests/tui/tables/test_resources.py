"""Rows of resources: names that are cut can still be told apart."""

from __future__ import annotations

from workbench.casefile.changes.reader import ChangedResource
from workbench.model.change import ResourceKey
from workbench.tui.tables.resources import ResourceRows
from workbench.tui.zones import UTC


def named(name: str) -> ChangedResource:
    title = f"arn:aws:iam::111122223333:role/{name}"
    return ChangedResource(
        "R-000000000000", ResourceKey("aws", "iam:role", name, "111122223333"), title, 1, 0, 0
    )


def test_names_that_are_cut_keep_their_end_and_their_cells() -> None:
    names = [
        f"stratus-red-team-{each}"
        for each in ("backdoor-r-role", "ec2-steal-credentials-role", "backdoor-f-lambda")
    ]
    names += [f"stratus-red-team-{'长' * 20}-{each}" for each in "ab"]
    for width in (60, 80, 100, 160):
        rows = ResourceRows([named(each) for each in names], UTC)
        shown = [rows.cells(row, width)[1] for row in range(len(names))]
        assert len({each.text for each in shown}) == len(names)
    rows = ResourceRows([named(each) for each in names], UTC)
    assert rows.cells(0, 80)[1].text.strip().endswith("backdoor-r-role")
