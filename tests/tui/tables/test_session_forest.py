from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.casefile.derived.reader import SessionRow
from workbench.tui.tables.session_forest import RAILS, SERVICE_CALLS, Order, SessionForest, TreeRow

IDS = [f"S-{n:012x}" for n in range(12)]


@st.composite
def rows(draw: st.DrawFn) -> list[SessionRow]:
    """Sessions whose parents are anything: each other, themselves, sessions that are not there."""
    starts = st.none() | st.integers(0, 50)
    return [
        SessionRow(
            key,
            draw(st.none() | st.sampled_from([*IDS, "S-elsewhere"])),
            start := draw(starts),
            None if start is None else start + draw(st.integers(0, 9)),
            draw(st.integers(0, 5)),
            draw(st.sampled_from(["human", "nonhuman", "service", "undecided"])),
            "proven",
            draw(st.none() | st.sampled_from(["a", "b"])),
            draw(st.sampled_from([SERVICE_CALLS, "temporary key"])),
            None,
        )
        for key in draw(st.lists(st.sampled_from(IDS), unique=True))
    ]


def folds(tree: list[TreeRow]) -> set[str]:
    return {row.key for row in tree if row.fold is not None}


@given(rows(), st.sampled_from(Order))
def test_every_session_stands_in_the_tree_once(given_rows: list[SessionRow], order: Order) -> None:
    forest = SessionForest(given_rows)
    tree = forest.visible(order=order)
    alone = [row.session.id for row in tree if row.session is not None]
    folded = [one.id for row in tree if row.fold is not None for one in row.fold.members]
    assert sorted(alone + folded) == sorted(row.id for row in given_rows)
    unfolded = forest.visible(order=order, toggled=folds(tree))
    assert sorted(row.session.id for row in unfolded if row.session is not None) == sorted(alone + folded)
    for one in forest.rows:
        assert (forest.fold_of(one) is not None) == (one in folded)


@given(rows(), st.sampled_from(Order))
def test_what_stands_above_a_session_is_its_parent(given_rows: list[SessionRow], order: Order) -> None:
    forest = SessionForest(given_rows)
    path: list[TreeRow] = []
    for row in forest.visible(order=order, toggled=folds(forest.visible())):
        assert len(row.rails) == min(row.depth, RAILS)
        del path[row.depth :]
        assert len(path) == row.depth
        if row.session is not None:
            above = [one.session.id for one in path if one.session is not None]
            assert above == list(reversed(list(forest.path_to(row.session.id))))
        path.append(row)


@given(rows(), st.sets(st.sampled_from(IDS)))
def test_a_filter_keeps_what_passes_and_what_leads_to_it(
    given_rows: list[SessionRow], wanted: set[str]
) -> None:
    forest = SessionForest(given_rows)
    tree = forest.visible(keep=lambda row: row.id in wanted)
    tree = forest.visible(keep=lambda row: row.id in wanted, toggled=folds(tree))
    shown = {row.session.id for row in tree if row.session is not None}
    context = {row.session.id for row in tree if row.session is not None and row.context}
    passing = wanted & forest.rows.keys()
    needed = {up for one in passing for up in forest.path_to(one)}
    assert shown == passing | needed
    assert context == needed - passing


@given(rows())
def test_siblings_are_in_order(given_rows: list[SessionRow]) -> None:
    forest = SessionForest(given_rows)
    roots = [row for row in forest.visible(order=Order.EVENTS) if row.depth == 0]
    counts = [row.session.events if row.session else row.fold.events if row.fold else 0 for row in roots]
    assert counts == sorted(counts, reverse=True)
    starts = [row.start for row in forest.visible() if row.depth == 0]
    dated = [start for start in starts if start is not None]
    assert dated == sorted(dated)
    assert starts[: len(dated)] == dated


def test_a_chain_of_many_sessions_needs_no_recursion() -> None:
    count = 5_000
    made = [
        SessionRow(
            f"S-{n}", f"S-{n - 1}" if n else None, n, n, 1, "human", "proven", "a", "temporary key", None
        )
        for n in range(count)
    ]
    tree = SessionForest(made).visible()
    assert [row.depth for row in tree] == list(range(count))
    assert max(len(row.rails) for row in tree) == RAILS


def test_calls_of_a_service_are_one_row_until_unfolded() -> None:
    made = [
        SessionRow(f"S-{n}", None, n, n, 2, "service", "unproven", "a", SERVICE_CALLS, None)
        for n in range(25_000)
    ]
    forest = SessionForest(made)
    (row,) = forest.visible()
    assert row.fold is not None
    assert (row.fold.events, row.start, row.end, row.opened) == (50_000, 0, 24_999, False)
    assert forest.fold_of("S-7") == row.key
    assert len(forest.visible(toggled={row.key})) == 25_001
    (kept,) = forest.visible(keep=lambda one: one.id == "S-7")
    assert kept.fold is not None
    assert len(kept.fold.members) == 1
