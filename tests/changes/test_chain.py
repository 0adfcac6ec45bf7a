"""What stood before follows from what was done earlier, and from nothing whose order or outcome is not known."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from workbench.changes.chain import MISSED, OUTCOME_UNKNOWN, TIED, chained, with_states
from workbench.clock import SECOND
from workbench.model.change import Basis, Change, Operation, Placed, ResourceKey, Shape, Statement
from workbench.model.event import OutcomeStatus

KEY = ResourceKey("aws", "iam:role", "r", "1")


def placed(
    event: int,
    time: int | None,
    operation: Operation,
    field: str = "f",
    after: object = None,
    *,
    before: object = None,
    outcome: OutcomeStatus = OutcomeStatus.SUCCESS,
    position: int = 0,
    empty: bool = False,
    shape: Shape = Shape.JSON,
    coarse: bool = True,
) -> Placed:
    statement = Statement(
        KEY,
        "r",
        field,
        operation,
        shape,
        None if after is None else json.dumps(after),
        None if before is None else json.dumps(before),
        empty,
    )
    return Placed(
        event, position, None if time is None else time * SECOND, coarse, outcome, f"m{event:04}", statement
    )


def only(changes: list[Change], event: int) -> Change:
    (found,) = [each for each in changes if each.event == event]
    return found


def test_before_is_what_the_last_success_set() -> None:
    changes = chained(
        [
            placed(1, 1, Operation.SET, after="a"),
            placed(2, 2, Operation.SET, after="b", outcome=OutcomeStatus.DENIED),
            placed(3, 3, Operation.SET, after="c"),
        ]
    )
    assert only(changes, 1).before_basis is Basis.UNKNOWN
    denied = only(changes, 2)
    assert denied.attempted
    assert denied.before_basis is Basis.UNKNOWN
    last = only(changes, 3)
    assert (last.before, last.before_basis, last.before_event) == ('"a"', Basis.RECONSTRUCTED, 1)


def test_what_may_have_succeeded_makes_what_follows_unknown() -> None:
    changes = chained(
        [
            placed(1, 1, Operation.SET, after="a"),
            placed(2, 2, Operation.SET, after="b", outcome=OutcomeStatus.UNKNOWN),
            placed(3, 3, Operation.SET, after="c"),
        ]
    )
    assert OUTCOME_UNKNOWN in only(changes, 2).caveats
    assert only(changes, 3).before_basis is Basis.UNKNOWN


def test_two_acts_in_one_second_have_no_order() -> None:
    changes = chained(
        [
            placed(1, 1, Operation.SET, after="a"),
            placed(2, 5, Operation.SET, after="b"),
            placed(3, 5, Operation.SET, after="c"),
            placed(4, 9, Operation.SET, after="d"),
        ]
    )
    assert only(changes, 2).caveats == only(changes, 3).caveats == (TIED,)
    assert only(changes, 4).before_basis is Basis.UNKNOWN


def test_what_two_acts_in_one_second_leave_is_unknown_and_names_both() -> None:
    for first, second in (("b", "c"), ("c", "b")):
        steps = [placed(1, 5, Operation.SET, after=first), placed(2, 5, Operation.SET, after=second)]
        for change, states in with_states(steps):
            assert change.before_basis is Basis.UNKNOWN
            assert states()["f"].basis is Basis.UNKNOWN
            assert states()["f"].tied == (1, 2)
    same = [placed(1, 5, Operation.SET, after="b"), placed(2, 5, Operation.SET, after="b")]
    assert [states()["f"].value for _, states in with_states(same)] == ['"b"', '"b"']


def test_a_whole_and_a_member_in_one_second_leave_it_open() -> None:
    changes = chained(
        [
            placed(1, 1, Operation.SET, after=["p"], shape=Shape.SET),
            placed(2, 1, Operation.SET, after=["p"], shape=Shape.SET),
            placed(3, 1, Operation.ADD, after="q", shape=Shape.SET),
            placed(4, 2, Operation.SET, after=["r"], shape=Shape.SET),
        ]
    )
    assert only(changes, 4).before_basis is Basis.UNKNOWN


def test_nothing_is_done_to_what_is_not_there() -> None:
    changes = chained(
        [
            placed(2, 5, Operation.ADD, "attached policies", "p", shape=Shape.SET),
            placed(9, 5, Operation.CREATE, "", empty=True),
            placed(1, 5, Operation.SET, "description", "x"),
        ]
    )
    added = only(changes, 2)
    assert (added.before, added.before_basis, added.before_event) == (None, Basis.RECONSTRUCTED, 9)
    # A field that may have a default is not known to be absent in a new resource.
    assert only(changes, 1).before_basis is Basis.UNKNOWN


def test_after_a_deletion_another_of_the_name_is_unknown() -> None:
    changes = chained(
        [
            placed(1, 1, Operation.SET, after="a"),
            placed(2, 2, Operation.DELETE, ""),
            placed(3, 3, Operation.SET, after="b"),
        ]
    )
    assert only(changes, 3).before_basis is Basis.UNKNOWN


def test_a_logged_before_that_the_case_contradicts_says_so() -> None:
    changes = chained(
        [placed(1, 1, Operation.SET, after="a"), placed(2, 2, Operation.SET, before="x", after="b")]
    )
    last = only(changes, 2)
    assert (last.before, last.before_basis, last.before_event) == ('"x"', Basis.LOGGED, None)
    assert last.caveats == (MISSED,)


def test_a_snapshot_is_a_basis_of_its_own() -> None:
    changes = chained([placed(-4, 1, Operation.OBSERVE, after="a"), placed(2, 2, Operation.SET, after="b")])
    last = only(changes, 2)
    assert (last.before, last.before_basis, last.before_event) == ('"a"', Basis.SNAPSHOT, -4)


acts = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["set", "add", "remove", "clear", "create", "delete"]),
        st.sampled_from(["attached policies", "g"]),
        st.sampled_from(["p", "q"]),
        st.sampled_from(
            [OutcomeStatus.SUCCESS, OutcomeStatus.SUCCESS, OutcomeStatus.DENIED, OutcomeStatus.UNKNOWN]
        ),
    ),
    max_size=14,
)


def made(listed: list[tuple[int, str, str, str, OutcomeStatus]]) -> list[Placed]:
    found = []
    for number, (time, word, field, value, outcome) in enumerate(listed, 1):
        operation = Operation(word)
        whole = operation in (Operation.CREATE, Operation.DELETE)
        after: object = None
        if operation is Operation.SET:
            after = [value]
        elif operation in (Operation.ADD, Operation.REMOVE):
            after = value
        found.append(
            placed(
                number,
                time,
                operation,
                "" if whole else field,
                after,
                outcome=outcome,
                empty=whole,
                shape=Shape.SET,
            )
        )
    return found


@given(acts, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    listed: list[tuple[int, str, str, str, OutcomeStatus]], rnd: random.Random
) -> None:
    statements = made(listed)
    expected = chained(statements)
    rnd.shuffle(statements)
    assert chained(statements) == expected


@given(acts)
def test_what_is_said_to_be_known_holds_in_every_possible_order(
    listed: list[tuple[int, str, str, str, OutcomeStatus]],
) -> None:
    """Play the acts in many orders that their times allow, an unknown outcome either way: what is known must hold in all."""
    statements = made(listed)
    known = {each.event: each for each in chained(statements)}
    rnd = random.Random(7)
    for _ in range(12):
        shuffled = sorted(statements, key=lambda each: (each.time, rnd.random()))
        if not possible(shuffled):
            continue
        for event, before in played(shuffled, rnd):
            change = known[event]
            if change.before_basis is Basis.RECONSTRUCTED:
                wanted = None if change.before is None else json.loads(change.before)
                assert before is ANY or before == (sorted(wanted) if isinstance(wanted, list) else wanted), (
                    change
                )


ANY = object()


def possible(ordered: list[Placed]) -> bool:
    """Nothing succeeds on a resource that the same run has deleted without making it again; none is made twice."""
    exists: bool | None = None
    for each in ordered:
        operation = each.statement.operation
        if each.outcome is not OutcomeStatus.SUCCESS:
            continue
        if operation is Operation.CREATE:
            if exists is True:
                return False
            exists = True
        else:
            if exists is False:
                return False
            exists = operation is not Operation.DELETE
    return True


def played(ordered: list[Placed], rnd: random.Random) -> list[tuple[int, object]]:
    """Return, for each act, what really stood at its place before it in this order; ANY where nothing says it."""
    fields: dict[str, object] = {}
    default: object = ANY
    found = []
    for each in ordered:
        statement = each.statement
        operation, field = statement.operation, statement.field
        state = fields.get(field, default)
        value = None if statement.after is None else json.loads(statement.after)
        if operation in (Operation.ADD, Operation.REMOVE):
            before: object = ANY
            if isinstance(state, dict):
                there = state.get(value, state.get("*"))
                before = ANY if there is None else (value if there else None)
        else:
            before = state
            if isinstance(state, dict):
                whole = state.get("*") is False
                before = sorted(one for one, there in state.items() if there and one != "*") if whole else ANY
        found.append((each.event, before))
        happened = each.outcome is OutcomeStatus.SUCCESS or (
            each.outcome is OutcomeStatus.UNKNOWN and rnd.random() < 0.5
        )
        if not happened:
            continue
        if operation is Operation.CREATE:
            fields, default = {"": True}, None
        elif operation is Operation.DELETE:
            fields, default = {}, ANY
        elif operation is Operation.CLEAR:
            fields[field] = None
        elif operation is Operation.SET:
            fields[field] = {"*": False, value[0]: True}
        else:
            members = dict(state) if isinstance(state, dict) else {} if state is ANY else {"*": False}
            members[value] = operation is Operation.ADD
            fields[field] = members
    return found


def test_states_grow_step_by_step() -> None:
    steps = [
        placed(1, 1, Operation.CREATE, "", empty=True),
        placed(2, 2, Operation.ADD, "attached policies", "p", shape=Shape.SET),
        placed(3, 3, Operation.ADD, "attached policies", "q", shape=Shape.SET),
        placed(4, 4, Operation.REMOVE, "attached policies", "p", shape=Shape.SET),
    ]
    states = [
        states()["attached policies"].value if "attached policies" in states() else None
        for _, states in with_states(steps)
    ]
    assert states == [None, '["p"]', '["p","q"]', '["q"]']
