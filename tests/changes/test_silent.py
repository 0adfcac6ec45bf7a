"""Which acts may have changed something without saying so, and between which instants they lie."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.changes.chain import in_order, with_states
from workbench.changes.keys import resource_key
from workbench.changes.silent import (
    Instant,
    SilentUse,
    between,
    containers,
    in_line,
    is_of,
    may_alter,
    may_alter_field,
    rests_on,
)
from workbench.clock import SECOND
from workbench.model.change import Basis, Operation, Placed, ResourceKey, Shape, Statement
from workbench.model.event import Act, OutcomeStatus, Place, Resource, ResourceRole, Verb


def act(action: str, verb: Verb, category: str | None = None, service: str = "s", rule: str = "") -> Act:
    return Act(service, action, verb, rule, False, category)


@pytest.mark.parametrize(
    ("source", "one", "alters"),
    [
        ("gcp.audit", act("SetIamPolicy", Verb.DELEGATE, "activity"), True),
        ("gcp.audit", act("storage.objects.create", Verb.CREATE, "data_access"), False),
        ("gcp.audit", act("UpdateFunction", Verb.EXECUTE, "activity", rule="override: deploys code"), True),
        ("gcp.audit", act("CallFunction", Verb.EXECUTE, "activity", rule="override: runs code"), False),
        (
            "azure.activity",
            act("microsoft.storage/storageaccounts/write", Verb.UPDATE, "Administrative"),
            True,
        ),
        ("azure.activity", act("microsoft.x/y/action", Verb.UNCLASSIFIED, "Administrative"), True),
        ("okta.system", act("user.account.update_profile", Verb.UPDATE), True),
        ("okta.system", act("user.session.start", Verb.AUTHENTICATE), False),
        ("k8s.audit", act("update roles", Verb.DELEGATE), True),
        ("k8s.audit", act("get roles", Verb.READ), False),
        ("k8s.audit", act("get secrets", Verb.READ_SECRET), False),
        ("k8s.audit", act("update leases", Verb.UPDATE), False),
        ("k8s.audit", act("create serviceaccounts/token", Verb.ISSUE_CREDENTIAL), False),
        ("k8s.audit", act("create pods/exec", Verb.EXECUTE), False),
        ("k8s.audit", act("patch pods/ephemeralcontainers", Verb.EXECUTE), True),
        ("aws.cloudtrail", act("PutBucketPolicy", Verb.DELEGATE, "Management", "s3"), True),
        ("aws.cloudtrail", act("PutObject", Verb.CREATE, "Data", "s3"), False),
        ("aws.cloudtrail", act("PutObjectAcl", Verb.DELEGATE, "Data", "s3"), True),
        ("aws.cloudtrail", act("AssumeRole", Verb.ISSUE_CREDENTIAL, "Management", "sts"), False),
        ("aws.cloudtrail", act("Invoke", Verb.EXECUTE, "Data", "lambda"), False),
        ("aws.cloudtrail", act("NewThing", Verb.UNCLASSIFIED, "Management", "iam"), True),
        ("aws.s3access", act("REST.PUT.OBJECT", Verb.CREATE, "Data", "s3"), False),
        ("aws.s3access", act("REST.PUT.BUCKETPOLICY", Verb.DELEGATE, None, "s3"), True),
        ("github.audit", act("git.push", Verb.UPDATE), False),
        ("github.audit", act("repo.access", Verb.UPDATE), True),
        ("m365.ual", act("FileModified", Verb.UPDATE), False),
        ("m365.ual", act("Set-Mailbox", Verb.UPDATE), True),
    ],
)
def test_acts_that_can_alter_a_description(source: str, one: Act, alters: bool) -> None:
    assert may_alter(source, one) is alters


@pytest.mark.parametrize(
    ("source", "one", "field", "alters"),
    [
        ("k8s.audit", act("update pods/status", Verb.UPDATE), "/spec/nodeName", False),
        ("k8s.audit", act("update pods/status", Verb.UPDATE), "/status/conditions", True),
        ("k8s.audit", act("update roles", Verb.DELEGATE), "/rules", True),
        ("k8s.audit", act("update roles", Verb.DELEGATE), "", False),
        ("k8s.audit", act("deletecollection roles", Verb.DELETE), "", True),
        ("okta.system", act("system.api_token.create", Verb.ISSUE_CREDENTIAL), "members", False),
        (
            "entra.audit",
            act("Add service principal credentials", Verb.ISSUE_CREDENTIAL),
            "KeyDescription",
            True,
        ),
        (
            "gcp.audit",
            act("google.iam.admin.v1.CreateServiceAccount", Verb.CREATE),
            "bindings roles/owner",
            False,
        ),
        ("gcp.audit", act("SetIamPolicy", Verb.DELEGATE), "bindings roles/owner", True),
        ("gcp.audit", act("SetIamPolicy", Verb.DELEGATE), "", False),
    ],
)
def test_fields_that_an_act_can_alter(source: str, one: Act, field: str, alters: bool) -> None:
    assert may_alter_field(source, one, field) is alters


def test_what_is_done_to_an_object_is_not_done_to_its_bucket() -> None:
    place = Place("1", "eu-west-1")
    bucket = Resource("s3:bucket", "b", ResourceRole.TARGET)
    thing = Resource("s3:object", "b/key", ResourceRole.TARGET)
    key = resource_key("aws.s3access", bucket, place)
    assert key == resource_key("aws.cloudtrail", Resource("s3:bucket", "arn:aws:s3:::b"), place)
    put = act("REST.PUT.ACL", Verb.DELEGATE, None, "s3")
    assert is_of(key, key, put, [bucket])
    assert not is_of(key, key, put, [thing, bucket])


def test_a_collection_that_is_deleted_ends_its_members_and_no_others() -> None:
    role = ResourceKey("k8s.audit", "kubernetes:roles.rbac.authorization.k8s.io", "namespaces/a/roles/r")
    ends = act("deletecollection roles", Verb.DELETE)
    assert is_of(role._replace(name="namespaces/a/roles"), role, ends, [])
    assert not is_of(role._replace(name="namespaces/b/roles"), role, ends, [])
    assert not is_of(role._replace(name="namespaces/a/roles"), role, act("patch roles", Verb.UPDATE), [])
    assert is_of(role._replace(kind="kubernetes:roles"), role, ends, [])
    assert not is_of(role._replace(account="one"), role._replace(account="two"), ends, [])


def test_what_ends_ends_what_lies_in_it() -> None:
    role = ResourceKey("k8s.audit", "kubernetes:roles", "namespaces/a/roles/r")
    assert containers(role) == ["namespaces/a", "namespaces/a/roles"]
    assert containers(role._replace(name="clusterroles/r")) == ["clusterroles"]
    assert containers(role._replace(name="namespaces/a/roles")) == ["namespaces/a"]
    assert containers(ResourceKey("aws", "iam:role", "a/b")) == []
    group = "/subscriptions/s/resourcegroups/g"
    account = f"{group}/providers/microsoft.storage/storageaccounts/x"
    inner = ResourceKey("azure.activity", "k", f"{account}/blobservices/default")
    assert containers(inner) == [group, account]
    ends = act("microsoft.resources/subscriptions/resourcegroups/delete", Verb.DELETE)
    assert is_of(inner._replace(name=group), inner, ends, [])
    assert not is_of(inner._replace(name=group), inner, act("…/write", Verb.UPDATE), [])
    assert not is_of(inner._replace(name=f"{group}2"), inner, ends, [])


UPDATE = act("Update", Verb.UPDATE)
ticks = st.integers(0, 8).map(lambda half: half * SECOND // 2)
instants = st.builds(Instant, st.one_of(st.none(), ticks), st.booleans())


@given(
    st.lists(st.tuples(st.one_of(st.none(), ticks), st.booleans()), max_size=12),
    instants,
    st.one_of(st.none(), instants),
)
def test_acts_between_are_those_that_no_clock_puts_outside(
    times: list[tuple[int | None, bool]], start: Instant, end: Instant | None
) -> None:
    acts = [SilentUse(number, time, coarse, "s", UPDATE) for number, (time, coarse) in enumerate(times)]

    def span(one: SilentUse | Instant, other: SilentUse | Instant) -> tuple[int, int]:
        """When it was at the earliest and at the latest, as finely as both clocks tell."""
        assert one.time is not None
        low = one.time - one.time % SECOND if one.coarse or other.coarse else one.time
        return low, low + SECOND - 1 if one.coarse or other.coarse else low

    def surely_before(one: SilentUse | Instant, other: SilentUse | Instant) -> bool:
        if one.time is None or other.time is None:
            return False
        return span(one, other)[1] < span(other, one)[0]

    expected = {
        each.event
        for each in acts
        if not surely_before(each, start) and (end is None or not surely_before(end, each))
    }
    if start.time is not None and end is not None and end.time is not None and surely_before(end, start):
        return
    found = between(in_line(acts), start, end)
    assert {each.event for each in found} == expected
    assert len(found) == len(expected)


KEY = ResourceKey("aws", "iam:role", "r", "1")
done = st.tuples(
    st.sampled_from(["f", "g"]),
    st.sampled_from(list(Operation)),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(
        [OutcomeStatus.SUCCESS, OutcomeStatus.SUCCESS, OutcomeStatus.DENIED, OutcomeStatus.UNKNOWN]
    ),
    st.booleans(),
)


@given(st.lists(done, min_size=1, max_size=10))
def test_what_is_known_follows_from_nothing_older_than_what_it_rests_on(
    acts: list[tuple[str, Operation, str, OutcomeStatus, bool]],
) -> None:
    statements = []
    for number, (field, operation, value, outcome, empty) in enumerate(acts, 1):
        whole = operation in (Operation.CREATE, Operation.DELETE)
        member = operation in (Operation.ADD, Operation.REMOVE)
        after = None if whole or operation is Operation.CLEAR else json.dumps(value if member else [value])
        statement = Statement(
            KEY,
            "r",
            "" if whole else field,
            operation,
            Shape.JSON if whole else Shape.SET,
            after,
            None,
            empty and whole,
        )
        statements.append(Placed(number, 0, number * SECOND, True, outcome, f"m{number:03}", statement))
    ordered = in_order(statements)
    last = {each.event: at for at, each in enumerate(ordered)}
    states = {}
    for _, after_it in with_states(ordered):
        states = after_it()
    for field, known in states.items():
        if known.event is None or (known.basis is Basis.UNKNOWN and not known.members):
            continue
        base = rests_on(ordered, last[known.event], field)
        assert base <= known.event
        again = {}
        for _, after_it in with_states(each for each in ordered if each.event >= base):
            again = after_it()
        if known.basis is Basis.UNKNOWN:
            # Which of its members are known follows from the acts on each; what lies before the first says nothing.
            assert again[field].members == known.members
        else:
            assert again[field] == known
