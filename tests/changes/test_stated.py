"""What readers took out of records, by source: deltas, sets in any order, whole objects; and what follows as exposure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.changes.chain import chained
from workbench.changes.difference import difference
from workbench.changes.exposure import exposures
from workbench.changes.stated import MADE, statements_of, states_by_itself
from workbench.model.change import Change, ExposureKind, Operation, Placed, Shape, Statement
from workbench.model.event import Act, OutcomeStatus, Place, Resource, ResourceRole, StatedChange, Verb


def text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def stated(
    source: str,
    act: Act,
    resource: Resource | None,
    *changes: tuple[str, Any, Any],
) -> list[Statement]:
    listed = [StatedChange(field, text(before), text(after)) for field, before, after in changes]
    return statements_of(source, act, () if resource is None else (resource,), Place("acc"), listed)


def changed(*steps: list[Statement]) -> list[Change]:
    return chained(
        Placed(event, position, event * 1_000_000, False, OutcomeStatus.SUCCESS, f"m{event}", each)
        for event, statements in enumerate(steps, 1)
        for position, each in enumerate(statements)
    )


def left(changes: list[Change]) -> list[tuple[ExposureKind, bool]]:
    found = exposures(changes, accounts=frozenset({"acc"}), tampering=frozenset())
    return [(each.kind, each.undone_by is not None) for each in found]


def test_deltas_of_google_cloud_add_and_remove_members() -> None:
    act = Act("cloudresourcemanager", "SetIamPolicy", Verb.DELEGATE, "t")
    project = Resource("cloudresourcemanager:project", "projects/p")
    granted = stated("gcp.audit", act, project, ("bindingDeltas/roles/owner", None, "user:x@evil.example"))
    taken = stated("gcp.audit", act, project, ("bindingDeltas/roles/owner", "user:x@evil.example", None))
    assert [(each.field, each.operation) for each in granted + taken] == [
        ("bindings roles/owner", Operation.ADD),
        ("bindings roles/owner", Operation.REMOVE),
    ]
    changes = changed(granted, taken)
    assert [line.sign for change in changes for line in difference(change)] == ["+", "-"]
    assert left(changes) == [(ExposureKind.GRANT, True)]
    assert left(changed(granted)) == [(ExposureKind.GRANT, False)]


def test_a_whole_policy_of_google_cloud_joins_its_deltas() -> None:
    act = Act("cloudresourcemanager", "SetIamPolicy", Verb.DELEGATE, "t")
    project = Resource("cloudresourcemanager:project", "projects/p")
    whole = stated(
        "gcp.audit",
        act,
        project,
        ("bindings", None, [{"role": "roles/owner", "members": ["user:b", "user:a"]}]),
    )
    more = stated("gcp.audit", act, project, ("bindingDeltas/roles/owner", None, "user:c"))
    first, second = changed(whole, more)
    assert first.after == '["user:a","user:b"]'
    assert (second.before, second.before_event) == (None, 1)


def test_sets_of_entra_have_no_order() -> None:
    act = Act("Core Directory", "Add service principal credentials", Verb.ISSUE_CREDENTIAL, "t")
    application = Resource("entra:ServicePrincipal", "sp")
    (statement,) = stated(
        "entra.audit", act, application, ("KeyDescription", ["k1", "k2"], ["k3", "k2", "k1"])
    )
    assert statement.shape is Shape.SET
    (change,) = changed([statement])
    assert [(line.sign, line.after) for line in difference(change)] == [(" ", "k1"), (" ", "k2"), ("+", "k3")]
    assert left([change]) == [(ExposureKind.CREDENTIAL, False)]


def test_bindings_of_kubernetes_with_and_without_bodies() -> None:
    collection = "clusterrolebindings.rbac.authorization.k8s.io"
    make = Act("kubernetes", "create clusterrolebindings", Verb.DELEGATE, "t")
    end = Act("kubernetes", "delete clusterrolebindings", Verb.DELETE, "t")
    named = Resource(f"kubernetes:{collection}", "clusterrolebindings/admins")
    body = ("/subjects", None, [{"kind": "Group", "name": "ops"}])
    changes = changed(stated("k8s.audit", make, named, body), stated("k8s.audit", end, named))
    assert [each.operation for each in changes] == [Operation.CREATE, Operation.SET, Operation.DELETE]
    assert left(changes) == [(ExposureKind.PERSISTENCE, True), (ExposureKind.GRANT, True)]
    nameless = Resource(f"kubernetes:{collection}", "clusterrolebindings")
    (change,) = changed(stated("k8s.audit", make, nameless))
    assert change.caveats == (MADE,)
    assert left([change]) == [(ExposureKind.PERSISTENCE, False)]


def test_heartbeats_are_no_changes() -> None:
    for action in ("update leases", "create events", "create serviceaccounts/token", "create tokenreviews"):
        act = Act("kubernetes", action, Verb.CREATE, "t")
        assert stated("k8s.audit", act, Resource("kubernetes:leases", "leases/x")) == []


def test_a_field_without_values_is_named_and_nothing_more() -> None:
    act = Act("okta", "user.account.update_profile", Verb.UPDATE, "t")
    (statement,) = stated("okta.system", act, Resource("okta:user", "u"), ("email", None, None))
    assert (statement.after, statement.before) == (None, None)
    assert statement.remark


@pytest.mark.parametrize(
    ("source", "joins", "leaves", "group", "member"),
    [
        ("okta.system", "group.user_membership.add", "group.user_membership.remove", "okta:usergroup", "okta:user"),
        (
            "gcp.audit", "google.admin.AdminService.addGroupMember", "google.admin.AdminService.removeGroupMember",
            "workspace:group_email", "workspace:user_email",
        ),
        ("workspace.activity", "ADD_GROUP_MEMBER", "REMOVE_GROUP_MEMBER", "workspace:group", "workspace:user"),
        ("github.audit", "team.add_member", "team.remove_member", "github:team", "github:user"),
        ("github.audit", "org.add_member", "org.remove_member", "github:organization", "github:user"),
    ],
)  # fmt: skip
def test_who_joins_and_leaves_a_group(source: str, joins: str, leaves: str, group: str, member: str) -> None:
    admins, jdoe = Resource(group, "admins"), Resource(member, "jdoe", ResourceRole.GRANTEE)
    acts = [Act("s", name, Verb.DELEGATE, "t") for name in (joins, leaves)]
    assert all(states_by_itself(source, act) for act in acts)
    steps = [statements_of(source, act, (jdoe, admins), Place("acc"), ()) for act in acts]
    into, out = changed(*steps)
    assert (into.resource.name, into.field, into.operation, into.member) == (
        "admins",
        "members",
        Operation.ADD,
        '"jdoe"',
    )
    assert (out.operation, out.before, out.before_event) == (Operation.REMOVE, '"jdoe"', 1)
    assert left([into, out]) == [(ExposureKind.GRANT, True)]
    assert statements_of(source, acts[0], (jdoe,), Place("acc"), ()) == []
    several = (jdoe, admins, Resource(group, "readers"))
    assert statements_of(source, acts[0], several, Place("acc"), ()) == []
