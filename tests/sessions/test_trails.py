"""Trails add up: however events were dealt out, the runs are those of all of them together."""

from __future__ import annotations

import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import HOUR, SERVICE, Who, temporary, user
from workbench.model.event import Address, AddressKind, UserAgent
from workbench.sessions.trails import IDLE, Run, Trail, client_of, merged, runs_of, starts_of

sightings = st.lists(
    st.tuples(st.integers(0, 8 * HOUR), st.integers(1, 10**6), st.sampled_from(["read", "create"])),
    max_size=30,
    unique_by=lambda each: each[1],
)


def summary(runs: list[Run]) -> list[tuple[object, ...]]:
    return [msgspec.structs.astuple(run) for run in runs]


@given(sightings, st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_runs_of_parts_merge_into_the_runs_of_the_whole(
    all_of_them: list[tuple[int, int, str]], deal: list[int]
) -> None:
    parts: dict[int, list[tuple[int, int, str]]] = {}
    for one, part in zip(all_of_them, deal, strict=False):
        parts.setdefault(part, []).append(one)
    runs = [run for part in parts.values() for run in runs_of(sorted(part))]
    assert summary(merged(runs)) == summary(runs_of(sorted(all_of_them)))


@given(sightings)
def test_between_runs_is_silence_and_within_them_is_none(found: list[tuple[int, int, str]]) -> None:
    runs = runs_of(sorted(found))
    assert sum(run.events for run in runs) == len(found)
    for run, later in itertools.pairwise(runs):
        assert (later.first or 0) - (run.last or 0) > IDLE
    times = sorted(time for time, _, _ in found)
    for run in runs:
        inside = [time for time in times if (run.first or 0) <= time <= (run.last or 0)]
        assert all(later - time <= IDLE for time, later in itertools.pairwise(inside))


@given(sightings, st.integers(1, 5))
def test_events_without_a_time_stay_in_a_run_of_their_own_at_the_end(
    found: list[tuple[int, int, str]], undated: int
) -> None:
    nowhen = [Run(None, None, 1, row, row, {"read": 1}) for row in range(undated)]
    runs = merged([*nowhen, *runs_of(sorted(found))])
    assert [run.first is None for run in runs] == [False] * (len(runs) - 1) + [True]
    assert runs[-1].events == undated


@given(
    sightings,
    st.lists(st.integers(0, 3), min_size=30, max_size=30),
    st.integers(0, 2),
    st.integers(0, 8 * HOUR),
)
def test_stretches_start_where_merged_runs_do(
    all_of_them: list[tuple[int, int, str]], deal: list[int], undated: int, earlier: int
) -> None:
    parts: dict[int, list[tuple[int, int, str]]] = {}
    for (time, row, verb), part in zip(all_of_them, deal, strict=False):
        parts.setdefault(part, []).append((time - earlier, row, verb))
    runs = [run for part in parts.values() for run in runs_of(sorted(part))]
    runs += [Run(None, None, 1, row, row, {"read": 1}) for row in range(undated)]
    assert starts_of(runs) == [run.first for run in merged(runs)]


@given(sightings)
def test_merging_changes_no_run_that_it_was_given(found: list[tuple[int, int, str]]) -> None:
    runs = runs_of(sorted(found))
    before = summary(runs)
    merged([*runs, *runs])
    assert summary(runs) == before


def test_a_client_is_an_address_and_a_product_whatever_its_version() -> None:
    where = Address("198.51.100.7:4711", AddressKind.IP, "198.51.100.7")
    assert client_of(where, UserAgent("aws-cli/2.1", "aws-cli")) == ("198.51.100.7", "aws-cli")
    assert client_of(where, UserAgent("python-requests/2.31")) == client_of(
        where, UserAgent("python-requests/2.32")
    )
    assert client_of(where, UserAgent("curl/8")) != client_of(where, UserAgent("python-requests/2.32"))
    assert client_of(None, None) == (None, None)


def test_what_stands_in_place_of_a_masked_key_is_not_presented() -> None:
    who = Who(user("ops"), temporary("****************"), (temporary("1"),))
    trail = Trail(1, who.source, who.identity, who.kind, who.key, who.keys, who.address, who.agent, None, [])
    assert trail.presented == (temporary("1"),)


def test_only_a_service_with_a_principals_key_forwards() -> None:
    who = Who(
        user("ops"), temporary("1"), kind=SERVICE, address=Address("kms.amazonaws.com", AddressKind.SERVICE)
    )
    for each, expected in (
        (who, True),
        (who._replace(key=None), False),
        (Who(user("ops"), temporary("1")), False),
        (who.at("198.51.100.7"), False),
    ):
        trail = Trail(
            1, each.source, each.identity, each.kind, each.key, each.keys, each.address, each.agent, None, []
        )
        assert trail.forwarded is expected
