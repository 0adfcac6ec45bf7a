"""Which gaps could hide a change between a known state and the next change of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.changes.between import Between, gaps_between
from workbench.model.gap import Certainty, Gap, GapKind, Scope


def gap(
    kind: GapKind = GapKind.LOGGING_OFF, start: int | None = 10, end: int | None = 20, **scope: object
) -> Gap:
    return Gap(
        id="G-000000000000", kind=kind, rule="r", version=1, source="aws.cloudtrail",
        scope=Scope(text="", **scope), start=start, end=end, certainty=Certainty.SHOWN,  # type: ignore[arg-type]
        detected="", effect="", request="",
    )  # fmt: skip


WHERE = Between(
    sources=frozenset({"aws.cloudtrail"}),
    accounts=frozenset({"1"}),
    regions=frozenset({"us-east-1"}),
    services=frozenset({"iam"}),
    actions=frozenset({"PutRolePolicy"}),
    categories=frozenset({"Management"}),
    start=0,
    end=30,
)


@pytest.mark.parametrize(
    ("one", "hides"),
    [
        (gap(), True),
        (gap(GapKind.NO_BODY), True),
        (gap(GapKind.MISSING_FILE), True),
        (gap(GapKind.CLOCK), False),
        (gap(GapKind.REDACTED), False),
        (gap(GapKind.MISSING_ISSUANCE), False),
        (gap(accounts=("1", "2")), True),
        (gap(accounts=("2",)), False),
        (gap(regions=("eu-west-1",)), False),
        (gap(beside=("us-east-1",)), False),
        (gap(beside=("eu-west-1",)), True),
        (gap(beside_services=("iam",)), False),
        (gap(GapKind.NO_DATA_EVENTS, categories=("Data",)), False),
        (gap(actions=("MailItemsAccessed",)), False),
        (gap(logs=("aws.vpcflow",), subject="fl-1"), False),
        (gap(logs=("aws.cloudtrail",)), True),
        (gap(logs=("aws.vpcflow", "aws.cloudtrail")), True),
        (gap(logs=("aws.cloudwatch",), subject="trail-records"), True),
        (gap(logs=("aws.cloudwatch",), subject="vpc-flow-logs"), False),
        (gap(start=30, end=None), False),
        (gap(start=None, end=0), False),
        (gap(start=None, end=None), True),
        (gap(start=5, end=5), True),
    ],
)
def test_only_gaps_of_the_same_part_of_the_log_hide_a_change(one: Gap, hides: bool) -> None:
    assert bool(gaps_between([one], WHERE)) is hides


def test_what_is_not_known_of_the_resource_excludes_nothing() -> None:
    unknown = Between(sources=WHERE.sources, start=0, end=30)
    narrow = [gap(accounts=("2",)), gap(regions=("x",)), gap(beside=("x",)), gap(categories=("Data",))]
    assert gaps_between(narrow, unknown) == narrow
    assert not gaps_between(narrow, Between(sources=frozenset({"okta.system"}), start=0, end=30))


edges = st.one_of(st.none(), st.integers(0, 40))


@given(edges, edges, st.integers(0, 40), st.integers(0, 40))
def test_a_gap_lies_between_iff_some_instant_between_is_in_it(
    low: int | None, high: int | None, start: int, end: int
) -> None:
    if low is not None and high is not None and low > high:
        low, high = high, low
    one = gap(start=low, end=high)
    where = Between(sources=WHERE.sources, start=start, end=end)
    halves = range(2 * start + 1, 2 * end)
    inside = any((low is None or 2 * low <= at) and (high is None or at <= 2 * high) for at in halves)
    assert bool(gaps_between([one], where)) is inside
