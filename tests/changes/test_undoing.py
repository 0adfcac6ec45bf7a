"""What was left behind is undone only where the order is known and nothing leaves it in force."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from workbench.changes.chain import chained
from workbench.changes.exposure import exposures
from workbench.changes.snapshots import DATED_BY_FILE
from workbench.clock import SECOND
from workbench.model.change import (
    Basis,
    Change,
    Exposure,
    Fate,
    Operation,
    Placed,
    ResourceKey,
    Shape,
    Statement,
)
from workbench.model.event import OutcomeStatus

ROLE = ResourceKey("aws", "iam:role", "r5", "111122223333")
BUCKET = ResourceKey("aws", "s3:bucket", "b2")
USER = ResourceKey("aws", "iam:user", "u9", "111122223333")
RENAMED = ResourceKey("aws", "iam:user", "svc", "111122223333")
KEY = json.dumps("AKIAIOSFODNN7EXAMPLE")
ADMIN = json.dumps("arn:aws:iam::aws:policy/AdministratorAccess")
STATUS = "access key AKIAIOSFODNN7EXAMPLE status"
OUTSIDE = {"AWS": "arn:aws:iam::444455556666:root"}
EC2 = {"Service": "ec2.amazonaws.com"}


def policy(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def step(
    event: int,
    second: int | None,
    field: str,
    operation: Operation,
    after: str | None,
    key: ResourceKey = ROLE,
) -> Placed:
    shape = Shape.POLICY if field.endswith("policy") else Shape.JSON
    time = None if second is None else second * SECOND
    statement = Statement(key, key.name, field, operation, shape, after)
    return Placed(event, 0, time, True, OutcomeStatus.SUCCESS, f"m{abs(event):03}", statement)


def left(steps: list[Placed], elsewhere: dict[str, list[Change]] | None = None) -> list[Exposure]:
    return exposures(
        chained(steps), accounts=frozenset({"111122223333"}), tampering=frozenset(), elsewhere=elsewhere
    )


@pytest.mark.parametrize("first", [1, 2])
def test_of_two_acts_in_one_second_none_is_said_to_have_undone_the_other(first: int) -> None:
    trusts = step(first, 960, "trust policy", Operation.SET, policy(OUTSIDE))
    other = step(3 - first, 960, "trust policy", Operation.SET, policy(EC2))
    (found,) = left([trusts, other])
    assert (found.fate, found.undone_by, found.remark_event) == (Fate.PERHAPS, None, 3 - first)
    assert "may have been undone" in (found.remark or "")
    assert "same second" in (found.remark or "")
    # What comes a second later is known to come later.
    (found,) = left([trusts, other, step(3, 961, "trust policy", Operation.SET, policy(EC2))])
    assert (found.fate, found.undone_by, found.remark) == (Fate.UNDONE, 3, None)


def test_a_trust_is_undone_though_a_service_that_is_no_outsider_stays_trusted() -> None:
    trusts = step(1, 0, "trust policy", Operation.SET, policy({**OUTSIDE, **EC2}))
    (found,) = left([trusts, step(2, 60, "trust policy", Operation.SET, policy(EC2))])
    assert (found.fate, found.undone_by) == (Fate.UNDONE, 2)
    (found,) = left([trusts, step(2, 60, "trust policy", Operation.SET, policy(OUTSIDE))])
    assert found.fate is Fate.STANDING


def test_what_has_no_time_may_have_come_before() -> None:
    (found,) = left(
        [
            step(1, 960, "trust policy", Operation.SET, policy(OUTSIDE)),
            step(2, None, "trust policy", Operation.SET, policy(EC2)),
        ]
    )
    assert (found.fate, found.remark_event) == (Fate.PERHAPS, 2)


def test_a_key_that_is_active_again_is_not_undone() -> None:
    steps = [
        step(1, 0, "access keys", Operation.ADD, KEY, USER),
        step(2, 60, STATUS, Operation.SET, '"Inactive"', USER),
        step(3, 90, STATUS, Operation.SET, '"Active"', USER),
    ]
    (found,) = left(steps[:2])
    assert (found.fate, found.undone_by, found.remark_event) == (Fate.INACTIVE, None, 2)
    assert "one call makes it active again" in (found.remark or "")
    (found,) = left([*steps[:2], step(3, 99, "access keys", Operation.REMOVE, KEY, USER)])
    assert (found.fate, found.undone_by) == (Fate.UNDONE, 3)
    (found,) = left(steps)
    assert (found.fate, found.remark_event) == (Fate.STANDING, 3)
    assert found.remark == "made inactive 1970-01-01T00:01:00Z, active again 1970-01-01T00:01:30Z"
    (found,) = left([*steps, step(4, 99, "access keys", Operation.REMOVE, KEY, USER)])
    assert (found.fate, found.undone_by) == (Fate.UNDONE, 4)
    (found,) = left([*steps[:2], step(3, 60, STATUS, Operation.SET, '"Active"', USER)])
    assert found.fate is Fate.PERHAPS


def test_a_key_is_known_by_its_id_and_not_by_the_name_of_its_user() -> None:
    made = step(1, 0, "access keys", Operation.ADD, KEY, USER)
    elsewhere = chained([step(2, 60, "access keys", Operation.REMOVE, KEY, RENAMED)])
    (found,) = left([made], {KEY: elsewhere})
    assert (found.fate, found.undone_by) == (Fate.UNDONE, 2)
    (found,) = left([made], {'"AKIAOTHER"': elsewhere})
    assert found.fate is Fate.STANDING


def test_what_hung_on_something_that_is_made_anew_is_gone_with_the_earlier_one() -> None:
    given = step(1, 0, "attached policies", Operation.ADD, ADMIN, USER)
    again = step(2, 60, "", Operation.CREATE, None, USER)
    (found, anew) = left([given, again])
    assert (found.fate, found.undone_by, found.remark_event) == (Fate.GONE, None, 2)
    assert (anew.what, anew.fate) == ("a new user", Fate.STANDING)
    (found, anew, second) = left([given, again, step(3, 90, "attached policies", Operation.ADD, ADMIN, USER)])
    assert (found.fate, second.fate) == (Fate.GONE, Fate.STANDING)
    # What is taken from the new one was not taken from the earlier one.
    (found, _) = left([given, again, step(3, 90, "attached policies", Operation.REMOVE, ADMIN, USER)])
    assert (found.fate, found.undone_by) == (Fate.GONE, None)
    # Made and given in one second: nothing can be given to what is not there.
    given = step(1, 60, "attached policies", Operation.ADD, ADMIN, USER)
    (_, found) = left([step(2, 60, "", Operation.CREATE, None, USER), given])
    assert found.fate is Fate.STANDING


def test_an_act_that_adds_to_an_object_does_not_make_it_anew() -> None:
    app = ResourceKey("entra.audit", "entra:ServicePrincipal", "sp", "t")
    steps = [
        step(1, 0, "KeyDescription", Operation.SET, '["k"]', app),
        step(2, 60, "", Operation.CREATE, None, app),
    ]
    assert [each.fate for each in left(steps)] == [Fate.STANDING]


def test_a_bucket_that_is_made_again_may_be_the_same_one() -> None:
    shared = step(1, 0, "bucket policy", Operation.SET, policy(OUTSIDE, "s3:GetObject", **READ), BUCKET)
    again = step(2, 60, "", Operation.CREATE, None, BUCKET)
    (found,) = left([shared, again])
    assert (found.fate, found.remark_event) == (Fate.PERHAPS, 2)
    *_, last = chained([shared, again, step(3, 90, "bucket policy", Operation.CLEAR, None, BUCKET)])
    assert last.before_basis is Basis.UNKNOWN


def test_a_snapshot_that_only_its_file_dates_never_shows_that_something_is_gone() -> None:
    trusts = step(1, 0, "trust policy", Operation.SET, policy(OUTSIDE))
    seen = step(-1, 60, "trust policy", Operation.OBSERVE, policy(EC2))
    seen = msgspec.structs.replace(
        seen, statement=msgspec.structs.replace(seen.statement, remark=DATED_BY_FILE)
    )
    (found,) = left([trusts, seen])
    assert (found.fate, found.undone_by, found.gone) == (Fate.PERHAPS, None, False)
    assert (found.remark or "").startswith(
        "may be gone: the snapshot of 1970-01-01T00:01:00Z (dated by its file)"
    )


@pytest.mark.parametrize("told", ['"[false]"', "[false]", '["false"]'])
def test_a_disabled_account_is_inactive_and_not_undone(told: str) -> None:
    app = ResourceKey("entra.audit", "entra:ServicePrincipal", "sp", "t")
    steps = [
        step(1, 0, "KeyDescription", Operation.SET, '["k"]', app),
        step(2, 60, "AccountEnabled", Operation.SET, told, app),
    ]
    (found,) = left(steps)
    assert (found.fate, found.undone_by, found.remark_event) == (Fate.INACTIVE, None, 2)
    (found,) = left([*steps, step(3, 90, "AccountEnabled", Operation.SET, "[true]", app)])
    assert found.fate is Fate.STANDING


READ = {"Resource": "arn:aws:s3:::b2/*"}


@pytest.mark.parametrize(
    ("replacement", "fate"),
    [
        (policy("*", "s3:GetObject", **READ), Fate.STANDING),
        (policy("*", "s3:Get*", Resource="*"), Fate.STANDING),
        (policy(OUTSIDE, "s3:*", **READ), Fate.STANDING),
        (
            policy("*", "s3:GetObject", **READ, Condition={"Bool": {"aws:SecureTransport": "true"}}),
            Fate.UNDONE,
        ),
        (policy("*", "s3:PutObject", **READ), Fate.UNDONE),
        (policy("*", "s3:GetObject", Resource="arn:aws:s3:::b2/public/*"), Fate.UNDONE),
        (policy({"AWS": "777788889999"}, "s3:GetObject", **READ), Fate.UNDONE),
        (policy({"Service": "ec2.amazonaws.com"}, "s3:GetObject", **READ), Fate.UNDONE),
    ],
)
def test_what_a_wider_grant_covers_still_stands(replacement: str, fate: Fate) -> None:
    found = left(
        [
            step(1, 0, "bucket policy", Operation.SET, policy(OUTSIDE, "s3:GetObject", **READ), BUCKET),
            step(2, 60, "bucket policy", Operation.SET, replacement, BUCKET),
        ]
    )[0]
    assert found.event == 1
    assert found.fate is fate
    assert ("now covered by allow" in (found.remark or "")) is (fate is Fate.STANDING)


def test_a_later_snapshot_without_it_shows_that_it_is_gone_and_names_no_act() -> None:
    steps = [
        step(1, 0, "trust policy", Operation.SET, policy(OUTSIDE)),
        step(-1, 60, "trust policy", Operation.OBSERVE, policy(EC2)),
    ]
    (found,) = left(steps)
    assert (found.fate, found.undone_by, found.remark_event) == (Fate.GONE, None, -1)
    assert "gone by the snapshot of 1970-01-01T00:01:00Z" in (found.remark or "")
    assert "by which act is not in the evidence" in (found.remark or "")
    has_it = step(-1, 60, "trust policy", Operation.OBSERVE, policy(OUTSIDE))
    (found,) = left([steps[0], has_it])
    assert (found.fate, found.remark) == (Fate.STANDING, None)
    (found,) = left([steps[0], step(2, 30, "trust policy", Operation.SET, policy(EC2)), has_it])
    assert found.fate is Fate.PERHAPS


@pytest.mark.parametrize(
    ("restored", "undone"),
    [
        ([{"readWriteType": "All", "includeManagementEvents": True}], True),
        ([{"fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}], True),
        ([{"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}], False),
        (
            [
                {
                    "fieldSelectors": [
                        {"field": "eventCategory", "equals": ["Management"]},
                        {"field": "readOnly", "equals": ["false"]},
                    ]
                }
            ],
            False,
        ),
    ],
)
def test_only_selectors_that_record_all_management_events_undo_their_narrowing(
    restored: object, undone: bool
) -> None:
    narrow = json.dumps([{"readWriteType": "ReadOnly", "includeManagementEvents": False}])
    trail = ResourceKey("aws", "cloudtrail:trail", "t", "111122223333")
    steps = [
        step(1, 0, "event selectors", Operation.SET, narrow, trail),
        step(2, 60, "event selectors", Operation.SET, json.dumps(restored), trail),
    ]
    found = exposures(chained(steps), accounts=frozenset(), tampering=frozenset({1}))
    assert [each.undone_by for each in found] == [2 if undone else None]
