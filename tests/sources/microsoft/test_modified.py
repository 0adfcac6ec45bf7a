from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.contents import values
from workbench.sources.microsoft.modified import (
    NO_OLD_KEYS,
    Modified,
    added_credentials,
    named_values,
    read_modified,
    stated,
    taken_out,
)


def description(key: str, name: str = "CI") -> str:
    return f"[KeyIdentifier={key},KeyType=Password,KeyUsage=Verify,DisplayName={name}]"


def change(old: list[str] | None, new: list[str]) -> Modified:
    (found,) = read_modified(
        [
            {
                "displayName": "KeyDescription",
                "oldValue": None if old is None else json.dumps([description(key) for key in old]),
                "newValue": json.dumps([description(key) for key in new]),
            }
        ]
    )
    return found


guids = st.uuids().map(str)


@given(st.lists(guids, unique=True, max_size=5), st.lists(guids, unique=True, max_size=5), st.randoms())
def test_new_keys_are_those_that_were_not_there_before_in_any_order(kept: list, added: list, random) -> None:
    new = [*kept, *added]
    random.shuffle(new)
    issued, doubts = added_credentials([change(kept, new)], "sp-1", adding=True)
    assert {each.credential.native_id for each in issued} == set(added) - set(kept)
    assert {each.to for each in issued} <= {"sp-1"}
    assert doubts == []


@given(st.lists(guids, unique=True, min_size=2, max_size=5))
def test_without_the_old_keys_nothing_is_claimed_of_several(keys: list) -> None:
    assert added_credentials([change(None, keys)], None, adding=True) == ([], [NO_OLD_KEYS])


def test_without_the_old_keys_one_key_is_new_only_if_one_was_added() -> None:
    only = ["11111111-2222-4333-8444-555555555555"]
    issued, _ = added_credentials([change(None, only)], None, adding=True)
    assert [each.credential.native_id for each in issued] == only
    assert added_credentials([change(None, only)], None, adding=False) == ([], [NO_OLD_KEYS])


def test_a_name_given_to_a_key_cannot_pose_as_another_key() -> None:
    victim = "99999999-9999-4999-8999-999999999999"
    own = "11111111-2222-4333-8444-555555555555"
    forged = Modified(
        "KeyDescription", [], [description(own, f"x],[KeyIdentifier={victim},KeyType=Password")]
    )
    issued, _ = added_credentials([forged], None, adding=True)
    assert [each.credential.native_id for each in issued] == [own]
    bare = Modified("KeyDescription", [], f"a name, [KeyIdentifier={victim},KeyType=Password]")
    assert added_credentials([bare], None, adding=True) == ([], [])


def test_a_foreign_subject_is_a_credential_that_was_added() -> None:
    def entry(subject: str) -> dict[str, object]:
        return {"Name": "n", "Issuer": "https://issuer.example", "Subject": subject, "Audiences": ["a"]}

    before = Modified(
        "FederatedIdentityCredentials", [entry("repo:o/r:ref:a")], [entry("repo:o/r:ref:a"), entry("s:b")]
    )
    issued, _ = added_credentials([before], None, adding=False)
    assert [(each.credential.type, each.credential.native_id) for each in issued] == [("jwt subject", "s:b")]


@pytest.mark.parametrize(
    ("written", "before"),
    [
        ('"\\"Reader\\""', '"Reader"'),
        ('"Reader"', '"Reader"'),
        ("Reader", '"Reader"'),
        ("false", "false"),
        ("12", "12"),
        ('"12"', '"12"'),
        ("007", '"007"'),
        ('"{\\"b\\":1,\\"a\\":[2]}"', '{"a":[2],"b":1}'),
        ("[]", "[]"),
        ('["x"]', '["x"]'),
        ("{broken", '"{broken"'),
        (["x"], '["x"]'),
        (None, None),
        ("", '""'),
        ('""', '""'),
    ],
)
def test_values_are_taken_out_of_their_texts(written: object, before: str | None) -> None:
    (found,) = stated(read_modified([{"displayName": "P", "oldValue": written, "newValue": '"new"'}]))
    assert (found.field, found.before, found.after) == ("P", before, '"new"')


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab1", min_size=1), st.lists, max_leaves=6
    )
)
def test_a_value_comes_back_from_one_text(value: object) -> None:
    assert taken_out(json.dumps(value)) == value


def test_what_describes_the_record_is_no_change() -> None:
    assert read_modified([{"displayName": "Included Updated Properties", "newValue": '"X"'}]) == []
    assert read_modified([{"Name": "TargetId.UserType", "NewValue": "Member"}]) == []
    assert read_modified([{"displayName": "P", "oldValue": None, "newValue": None}]) == []
    valued = {"Name": "P", "OldValue": "a", "NewValue": "b"}
    named = {"Name": "Included Updated Properties", "OldValue": "", "NewValue": "P, UsageLocation"}
    assert [change.name for change in read_modified([named, valued])] == ["P"]


@given(values)
def test_no_content_raises(value: object) -> None:
    found = read_modified([{"displayName": "KeyDescription", "oldValue": value, "newValue": value}])
    stated(found)
    added_credentials(found, None, adding=True)
    named_values([{"Name": "n", "Value": value}, {"any": value}])


def test_nesting_beyond_the_encoder_is_kept_as_text() -> None:
    (found,) = stated(
        read_modified([{"displayName": "P", "oldValue": "[" * 400 + "]" * 400, "newValue": "1"}])
    )
    assert found.before is not None
