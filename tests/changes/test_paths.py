"""A difference applied to the one value gives the other; equal values have none."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.changes.paths import applied, compared, pointer
from workbench.changes.policy import read_policy
from workbench.changes.values import canonical, members_of, set_text

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab/~", max_size=3)
)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=4)
    ),
    max_leaves=25,
)


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(documents, documents)
def test_applying_a_difference_gives_the_after_state(before: Any, after: Any) -> None:
    kept = json.dumps(before)
    edits = compared(before, after)
    assert same(applied(before, edits), after)
    assert json.dumps(before) == kept
    assert bool(edits) != same(before, after)


@given(st.lists(st.integers(0, 9)), st.data())
def test_lists_that_lose_gain_and_swap(before: list[int], data: st.DataObject) -> None:
    after = data.draw(st.permutations([*before, *data.draw(st.lists(st.integers(0, 9), max_size=4))]))
    assert applied(before, compared(before, after)) == after


@given(st.lists(documents), st.lists(documents))
def test_sets_by_members(before: list[Any], after: list[Any]) -> None:
    old, new = set(members_of(json.dumps(before))), set(members_of(json.dumps(after)))
    assert set_text(list((old - (old - new)) | (new - old))) == set_text(list(new))
    assert members_of(json.dumps(list(reversed(after)))) == sorted(new)


def test_true_is_not_one() -> None:
    assert compared({"a": True}, {"a": 1})
    assert canonical('{"b": 1, "a": 2}') == '{"a":2,"b":1}'


def test_pointers() -> None:
    (edit,) = compared({"a/b": {"c~d": 1}}, {"a/b": {"c~d": 2}})
    assert pointer(edit.path) == "/a~1b/c~0d"
    assert (edit.sign, edit.before, edit.after) == ("~", 1, 2)


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_policies_by_grants(before: list[str], after: list[str]) -> None:
    def policy(actions: list[str]) -> Any:
        text = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": [f"x:{one}" for one in actions], "Resource": "*"},
            }
        )
        found = read_policy(text)
        assert found is not None
        return found

    old, new = policy(before), policy(after)
    assert (old - (old - new)) | (new - old) == new
    assert len(new - old) == len(set(after) - set(before))
